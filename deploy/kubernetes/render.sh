#!/usr/bin/env bash
# Writes the plain manifests: what the chart renders with the values it has by itself, a path as an example, and for a
# cluster that has the Prometheus operator. Needs Helm.
# Argument: the folder to write to; manifests/ unless given.
set -euo pipefail
cd "$(dirname "$0")"
command -v helm >/dev/null || { echo "Helm is not in PATH" >&2; exit 1; }
folder=$(realpath "${1:-manifests}")

settings=(--set "config.paths[0].name=corp,config.paths[0].kms.domain=corp.example" --api-versions monitoring.coreos.com/v1)

render() {
  local file=$1 templates=()
  for template in "${@:3}"; do
    templates+=(--show-only "templates/$template.yaml")
  done
  {
    printf '# %s\n# Written by deploy/kubernetes/render.sh from the chart: to change it, change that.\n' "$2"
    # Versions of Helm differ in blank lines. It reports on stderr that it follows links.
    helm template gracewatch chart "${settings[@]}" "${templates[@]}" 2> >(grep --invert-match 'symbolic link' >&2) |
      sed 's/[[:space:]]*$//' | cat --squeeze-blank
  } >"$folder/$file"
}

render gracewatch.yaml "The daemon: what it runs as, its configuration, with a path as an example, and its store." \
  serviceaccount configmap secret persistentvolumeclaim deployment service networkpolicy
render monitoring.yaml "What the Prometheus operator takes: where to scrape, and the rules." servicemonitor prometheusrule
render dashboards.yaml "Dashboards, as Grafana's sidecar takes them." dashboards
