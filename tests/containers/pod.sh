# Sourced by image.sh: runs the image in the pod that deploy/kubernetes describes, as podman plays it, with its volumes, its
# user and what it may do. Left out is what this podman cannot do without a network that others reach: ports, and probes
# by their names. What only a cluster does, such as the NetworkPolicy, is not shown.

cat >"$work/containers.conf" <<'CONF'
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
infra_image = "localhost/pause"
CONF
export CONTAINERS_CONF=$work/containers.conf

install -D /usr/bin/catatonit "$work/pause/usr/bin/catatonit"
make_image pause "$work/pause" --entrypoint '["/usr/bin/catatonit", "-P"]'
podman_here tag localhost/gracewatch registry.corp.example/gracewatch:0.1.0

/usr/bin/python3 - deploy/kubernetes/manifests/gracewatch.yaml >"$work/pod.yaml" <<'PYTHON'
import sys

import yaml

documents = [document for document in yaml.safe_load_all(open(sys.argv[1])) if document]
pod = next(one for one in documents if one["kind"] == "Deployment")["spec"]["template"]["spec"]
for key in ("ports", "startupProbe", "readinessProbe", "livenessProbe"):
    del pod["containers"][0][key]
for volume in pod["volumes"]:
    if "secret" in volume:
        # The default, which this podman wants to be explicit.
        volume["secret"]["optional"] = False
yaml.safe_dump_all(documents, sys.stdout)
PYTHON
podman_here kube play --network none "$work/pod.yaml" >"$work/log" 2>&1 || fail "$(cat "$work/log")"

container=$(podman_here ps --filter name=gracewatch-pod --filter ancestor=registry.corp.example/gracewatch:0.1.0 --quiet)
pid=$(podman_here inspect --format '{{.State.Pid}}' "$container")
await in_its_network curl --fail --silent http://127.0.0.1:10688/-/ready
is_confined
[ -s "$(podman_here volume inspect --format '{{.Mountpoint}}' gracewatch)/gracewatch.db" ]
for mount in /etc/gracewatch /run/secrets/gracewatch /var/lib/gracewatch; do
  grep --quiet " $mount " "/proc/$pid/mounts"
done
