"""Checks deploy/kubernetes: by Helm, kubectl, promtool and Gracewatch, and by the schemas of several Kubernetes.

The chart with several values, what its schema refuses, that rules and dashboards are those that are shipped, that
Prometheus knows Gracewatch by the names that the rules want, and that the plain manifests are what the chart renders.
There is no cluster: what one does with the manifests is not shown by this.

Usage: kubernetes.py GRACEWATCH, in the root of the project, with helm, kubectl and promtool in PATH.
"""

import copy
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib

import kubernetes_validate
import yaml
from cloudcoil.models.prometheus_operator.v1 import PrometheusRule, ServiceMonitor

HERE = pathlib.Path("deploy/kubernetes")
CHART = HERE / "chart"
VALUES = pathlib.Path("tests/containers/values")
DOCUMENT = pathlib.Path("docs/install/kubernetes.md")
IMAGE_DOCUMENT = pathlib.Path("docs/install/container.md")
RULES = pathlib.Path("deploy/prometheus")
DASHBOARDS = pathlib.Path("dashboards")

# A certificate and its key, and where the pod has those of a Secret.
CERTIFICATES = pathlib.Path("src/config/web_file/rejected")
TLS_FOLDER = "/run/secrets/gracewatch-tls"

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")

# Where the rules say that the runbooks are.
RUNBOOKS = "https://git.corp.example/gracewatch/blob/main"

# The oldest that the chart takes, the newest there is a schema of, and one between.
VERSIONS = ("1.25", "1.31", "1.37")

# The path that the plain manifests have as an example: by itself the chart has none.
A_PATH = ("--set", "config.paths[0].name=corp,config.paths[0].kms.domain=corp.example")

OPERATOR = {"ServiceMonitor": ServiceMonitor, "PrometheusRule": PrometheusRule}

# How Helm learns that a cluster has that operator.
WITH_OPERATOR = ("--api-versions", "monitoring.coreos.com/v1")

# kubectl keeps what it applied beside the object, in at most so many bytes.
APPLIED = 262_144

# By the version of the chart, and by the digest in the least of the values.
IMAGES = [
    "registry.corp.example/gracewatch:0.1.0",
    "registry.corp.example/gracewatch@sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
]

# What OpenShift gives a pod in numbers of its own.
OPENSHIFT = ("runAsUser", "runAsGroup", "fsGroup")

# What must be refused by the schema, and what the complaint names.
REFUSED = {
    "nonsense=1": "nonsense",
    "image.repo=x": "repo",
    "service.port=http": "port",
    "tls.secret=1": "secret",
    "tls.scheme=HTTPS": "scheme",
    "service.port=70000": "port",
    "service.type=ExternalName": "type",
    "config.paths=corp": "paths",
    "config.listen=:80": "listen",
    "persistence.size=much": "size",
    "networkPolicy.egress[0].port=53": "protocol",
    "monitoring.rules.runbooks=git": "runbooks",
    "image.pullPolicy=Sometimes": "pullPolicy",
    "image.digest=sha256:1": "digest",
    "service.externalTrafficPolicy=local": "externalTrafficPolicy",
    "podSecurityContext.runAsUser=0": "runAsUser",
    "podSecurityContext.runAsNonRoot=false": "runAsNonRoot",
}


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)


def must_run(*command, **options):
    done = run(*command, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(word) for word in command)}:\n{done.stdout}{done.stderr}")
    return done.stdout


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


def rendered(chart, *arguments):
    """What a chart renders for a cluster that has the Prometheus operator."""
    template = ("helm", "template", "gracewatch", chart, "--namespace", "gracewatch")
    return documents(must_run(*template, *WITH_OPERATOR, *arguments))


def kinds(objects):
    return sorted({one["kind"] for one in objects})


def of_kind(objects, kind):
    return [one for one in objects if one["kind"] == kind]


def unknown(given, understood, place):
    """Yields what a model did not take from what it was given."""
    if isinstance(given, dict):
        for key, value in given.items():
            if not isinstance(understood, dict) or key not in understood:
                yield f"{place}.{key} is unknown"
            else:
                yield from unknown(value, understood[key], f"{place}.{key}")
    elif isinstance(given, list):
        for number, value in enumerate(given):
            yield from unknown(value, understood[number], f"{place}[{number}]")


def schema_complaints(one):
    """Yields what is wrong with an object by the schema of its kind."""
    name = f"{one['kind']} {one['metadata']['name']}"
    if one["kind"] in OPERATOR:
        try:
            model = OPERATOR[one["kind"]].model_validate(one)
        except ValueError as error:
            yield f"{name}: {error}"
            return
        yield from unknown(one, model.model_dump(by_alias=True, exclude_unset=True, mode="json"), name)
        return
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(one, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{name}, Kubernetes {version}: {error.message}"


def parts_complaints(objects):
    """Yields where objects do not fit together, and where the pod may do more than it needs."""
    deployment, service = of_kind(objects, "Deployment")[0], of_kind(objects, "Service")[0]
    pod = deployment["spec"]["template"]
    container = pod["spec"]["containers"][0]
    labels = pod["metadata"]["labels"].items()
    selectors = [deployment["spec"]["selector"]["matchLabels"], service["spec"]["selector"]]
    selectors += [policy["spec"]["podSelector"]["matchLabels"] for policy in of_kind(objects, "NetworkPolicy")]
    if not all(selector.items() <= labels for selector in selectors):
        yield "a selector does not fit the pod"
    for monitor in of_kind(objects, "ServiceMonitor"):
        if not monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items():
            yield "the ServiceMonitor does not fit the Service"
    if [port["name"] for port in container["ports"]] != ["http"] or service["spec"]["ports"][0]["targetPort"] != "http":
        yield "the Service leads to another port than the pod has"
    probes = {name: container[name]["httpGet"] for name in PROBES}
    if {(probe["path"], probe["port"]) for probe in probes.values()} != {("/-/healthy", "http"), ("/-/ready", "http")}:
        yield f"the probes are {probes}"
    # Without TLS there is no scheme at all.
    scheme = "HTTPS" if TLS_FOLDER in json.dumps(container["volumeMounts"]) else None
    schemes = {probe.get("scheme") for probe in probes.values()}
    for monitor in of_kind(objects, "ServiceMonitor"):
        schemes.add(monitor["spec"]["endpoints"][0].get("scheme", "").upper() or None)
    if schemes != {scheme}:
        yield f"the probes and Prometheus speak {schemes}, and not {scheme}"
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    if mounted != {volume["name"] for volume in pod["spec"]["volumes"]}:
        yield "volumes and mounts differ"
    locked = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    if container["securityContext"] != locked:
        yield f"the container may {container['securityContext']}"
    context = pod["spec"]["securityContext"]
    if not context["runAsNonRoot"] or context["seccompProfile"] != {"type": "RuntimeDefault"}:
        yield f"the pod may {context}"
    shared = [key for key in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace") if pod["spec"].get(key)]
    shared += [volume["name"] for volume in pod["spec"]["volumes"] if "hostPath" in volume]
    if shared or len(pod["spec"]["containers"]) > 1 or pod["spec"].get("initContainers"):
        yield f"the pod shares with the host, or holds more than the program: {shared}"
    roles = [one["kind"] for one in objects if one["kind"].endswith(("Role", "RoleBinding"))]
    if roles:
        yield f"it is given rights in the cluster: {roles}"
    account = of_kind(objects, "ServiceAccount")[0]
    if pod["spec"]["automountServiceAccountToken"] or account["automountServiceAccountToken"]:
        yield "the pod is given a token"
    if deployment["spec"]["strategy"] != {"type": "Recreate"}:
        yield "two pods could be at one store"
    for one in objects:
        size = len(json.dumps(one))
        if size > APPLIED:
            yield f"{one['metadata']['name']} is too large for kubectl apply: {size} bytes"


def config_complaints(objects, gracewatch, folder):
    """Yields what Gracewatch itself says of the configuration, with the secrets where they would be."""
    secrets = {"database": "secret"}
    for secret in of_kind(objects, "Secret"):
        secrets.update(secret.get("stringData", {}))
    for name, content in secrets.items():
        (folder / name).write_text(content.replace(TLS_FOLDER, str(folder)))
        # As it is mounted.
        (folder / name).chmod(0o440)
    for name in ("crt", "key"):
        shutil.copy(CERTIFICATES / f"server.{name}", folder / f"tls.{name}")
    maps = [one["data"] for one in of_kind(objects, "ConfigMap")]
    config = next(data["gracewatch.yaml"] for data in maps if "gracewatch.yaml" in data)
    file = folder / "gracewatch.yaml"
    file.write_text(config.replace("/run/secrets/gracewatch", str(folder)))
    done = run(gracewatch, "config", "check", file, env={"PROXY_PASSWORD": "secret"})
    if done.returncode != 0:
        yield done.stderr


def shipped_complaints(objects, runbooks, folder):
    """Yields where rules and dashboards are not those that are shipped."""
    rules = {rule["metadata"]["name"].rpartition("-")[2]: rule["spec"] for rule in of_kind(objects, "PrometheusRule")}
    for name in ("thresholds", "recording", "alerts"):
        text = (RULES / f"{name}.yml").read_text()
        if rules[name] != yaml.safe_load(text.replace(RUNBOOKS, runbooks)):
            yield f"the rules of {name} are not those in {RULES}"
    file = folder / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [group for spec in rules.values() for group in spec["groups"]]}))
    must_run("promtool", "check", "rules", file)
    found = {}
    for one in of_kind(objects, "ConfigMap"):
        found.update({name: text for name, text in one["data"].items() if name.endswith(".json")})
    expected = {f"gracewatch-{path.name}": json.loads(path.read_text()) for path in DASHBOARDS.glob("*.json")}
    if {name: json.loads(text) for name, text in found.items()} != expected:
        yield f"the dashboards {sorted(found)} are not those in {DASHBOARDS}"


def names_complaints(monitor, service, folder):
    """Yields where Prometheus would not know Gracewatch by the names that its rules want."""
    name, port = service["metadata"]["name"], service["spec"]["ports"][0]["port"]
    # As the operator writes it: what it adds by itself is there already when these are looked at.
    words = {"sourceLabels": "source_labels", "targetLabel": "target_label"}
    relabelings = monitor["spec"]["endpoints"][0]["relabelings"]
    labels = {
        "__meta_kubernetes_namespace": "monitoring",
        "__meta_kubernetes_service_name": name,
        "namespace": "monitoring",
        "service": name,
        "job": "another",
        "instance": "192.0.2.7:10688",
        "pod": f"{name}-5d8f",
        "container": "gracewatch",
        "endpoint": "http",
    }
    job = {
        "job_name": "operator",
        "static_configs": [{"targets": ["192.0.2.7:10688"], "labels": labels}],
        "relabel_configs": [{words.get(key, key): value for key, value in one.items()} for one in relabelings],
    }
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump({"scrape_configs": [job]}))
    # It waits that long for more to be discovered.
    targets = json.loads(must_run("promtool", "check", "service-discovery", "--timeout", "2s", file, "operator"))
    found = {label: value for label, value in targets[0]["labels"].items() if not label.startswith("__")}
    instance = f"{name}.monitoring.svc:{port}"
    wanted = {"job": "gracewatch", "instance": instance, "namespace": "monitoring", "service": name}
    if found != wanted:
        yield f"Prometheus gives it the labels {found}"


def all_complaints(objects, gracewatch, runbooks):
    """Yields all that is wrong with what was rendered."""
    for one in objects:
        yield from schema_complaints(one)
    yield from parts_complaints(objects)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        yield from config_complaints(objects, gracewatch, folder)
        if of_kind(objects, "PrometheusRule"):
            yield from shipped_complaints(objects, runbooks, folder)
        for monitor in of_kind(objects, "ServiceMonitor"):
            yield from names_complaints(monitor, of_kind(objects, "Service")[0], folder)


def version_complaints():
    """Yields where another version is named than there is."""
    version = tomllib.loads(pathlib.Path("Cargo.toml").read_text())["package"]["version"]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    image = yaml.safe_load((HERE / "manifests/kustomization.yaml").read_text())["images"][0]
    documented = re.findall(r'(?:gracewatch:|tag: ")([\d.]+)', DOCUMENT.read_text())
    named = {chart["version"], chart["appVersion"], image["newTag"], *documented}
    for file in (IMAGE_DOCUMENT, "deploy/container/Dockerfile", "deploy/compose/compose.yaml"):
        tags = re.findall(r"(?:--tag |image: |/gracewatch )gracewatch(\S*)", pathlib.Path(file).read_text())
        if not tags:
            yield f"{file} names no image"
        named.update(tag.removeprefix(":") for tag in tags)
    if named != {version}:
        yield f"the version is {version}, and {sorted(named)} are named"


def operator_complaints():
    """Yields where the chart does not do without the Prometheus operator, whose objects fail where there is none."""
    template = ("helm", "template", "gracewatch", CHART, *A_PATH)
    without, with_it = documents(must_run(*template)), documents(must_run(*template, *WITH_OPERATOR))
    if set(kinds(with_it)) - set(kinds(without)) != OPERATOR.keys():
        yield f"without the operator there are {kinds(without)}, with it {kinds(with_it)}"


def settings_complaints():
    """Yields what settings do otherwise than they say."""
    done = run("helm", "template", "gracewatch", CHART)
    if done.returncode == 0 or "config.paths names no path to watch" not in done.stderr:
        yield f"that no path is named is not said: {done.stderr[-300:]}"
    maps = [one["data"] for one in of_kind(rendered(CHART, *A_PATH), "ConfigMap")]
    config = next(data["gracewatch.yaml"] for data in maps if "gracewatch.yaml" in data)
    if "clock" in yaml.safe_load(config):
        yield "everybody is given time servers that nobody has"
    left_out = ",".join(f"podSecurityContext.{key}=null" for key in OPENSHIFT)
    deployment = of_kind(rendered(CHART, *A_PATH, "--set", left_out), "Deployment")[0]
    context = deployment["spec"]["template"]["spec"]["securityContext"]
    if not context["runAsNonRoot"] or any(key in context for key in OPENSHIFT):
        yield f"OpenShift cannot choose who the pod runs as: {context}"
    # The kubelet has no certificate to show.
    deployment = of_kind(rendered(CHART, *A_PATH, "--set", "tls.enabled=true,tls.clientCertificates=true"), "Deployment")[0]
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    if any(set(container[name]) & {"httpGet", "tcpSocket"} != {"tcpSocket"} for name in PROBES):
        yield f"the kubelet cannot connect without a certificate: {[container[name] for name in PROBES]}"
    # A rule without `from` would let in everybody.
    nobody = rendered(CHART, *A_PATH, "--set-json", "networkPolicy.from=[]")
    policy = of_kind(nobody, "NetworkPolicy")[0]["spec"]
    if policy["ingress"] or "Ingress" not in policy["policyTypes"]:
        yield f"where nobody is named, the NetworkPolicy lets in {policy['ingress']}"


def document_complaints(gracewatch, folder):
    """Yields what is wrong with the values that are documented, and with how their configuration is checked."""
    values, commands = re.search(r"```yaml\n(.*?)```\n\n<!--.*?```sh\n(.*?)helm install", DOCUMENT.read_text(), re.DOTALL).groups()
    (folder / "values.yaml").write_text(values)
    rendering = rendered(CHART, "--values", folder / "values.yaml")
    yield from all_complaints(rendering, gracewatch, RUNBOOKS)
    for one in rendering:
        if one["kind"] in OPERATOR and "release" not in one["metadata"]["labels"]:
            yield f"{one['kind']} {one['metadata']['name']} has not the label of {DOCUMENT}"
    # Where the program and the chart are called as they are there.
    (folder / "deploy").symlink_to(pathlib.Path("deploy").resolve())
    path = f"{pathlib.Path(gracewatch).resolve().parent}:{os.environ['PATH']}"
    done = run("bash", "-euo", "pipefail", "-c", commands, cwd=folder, env={**os.environ, "PATH": path})
    if "gracewatch.yaml: ok, 1 path" not in done.stdout:
        yield f"{DOCUMENT} has the configuration checked in vain: {done.stdout}{done.stderr}"


def chart_complaints(gracewatch):
    must_run("helm", "lint", "--strict", CHART)
    default = rendered(CHART, *A_PATH)
    yield from all_complaints(default, gracewatch, RUNBOOKS)
    everything, least = VALUES / "everything.yaml", VALUES / "least.yaml"
    for values in (everything, least):
        must_run("helm", "lint", "--strict", CHART, "--values", values)
    runbooks = yaml.safe_load(everything.read_text())["monitoring"]["rules"]["runbooks"]
    yield from all_complaints(rendered(CHART, "--values", everything), gracewatch, runbooks)
    least = rendered(CHART, "--values", least)
    yield from all_complaints(least, gracewatch, None)
    pods = [of_kind(objects, "Deployment")[0]["spec"]["template"]["spec"] for objects in (default, least)]
    images = [pod["containers"][0]["image"] for pod in pods]
    if images != IMAGES:
        yield f"the images are {images}"
    if sorted(one["kind"] for one in least) != ["ConfigMap", "Deployment", "Service", "ServiceAccount"]:
        yield f"the least is {sorted(one['kind'] for one in least)}"
    notes = must_run("helm", "install", "gracewatch", CHART, "--values", everything, "--dry-run=client")
    said = ("Gracewatch watches 2 paths from here.", "UDP 53, TCP 1688-1690, nothing else", "no Prometheus operator")
    yield from (f"the notes do not say: {words}" for words in said if words not in notes)
    for setting, named in REFUSED.items():
        done = run("helm", "template", "gracewatch", CHART, "--set", setting)
        if done.returncode == 0 or "values don't meet" not in done.stderr or named not in done.stderr:
            yield f"{setting} is not refused as it should be: {done.stderr[-300:]}"
    # What links lead to is in a package.
    with tempfile.TemporaryDirectory() as folder:
        must_run("helm", "package", CHART, "--destination", folder)
        package = next(pathlib.Path(folder).glob("*.tgz"))
        if rendered(package, *A_PATH) != default:
            yield "the package renders something else than the chart"
        with tarfile.open(package) as archive:
            if not all(member.isfile() for member in archive):
                yield "the package has links"


def manifests_complaints():
    with tempfile.TemporaryDirectory() as folder:
        must_run(HERE / "render.sh", folder)
        for fresh in pathlib.Path(folder).iterdir():
            if fresh.read_text() != (HERE / "manifests" / fresh.name).read_text():
                yield f"{fresh.name} is not what the chart renders: run {HERE}/render.sh"
    built = documents(must_run("kubectl", "kustomize", HERE / "manifests"))
    for one in built:
        yield from schema_complaints(one)
        if one["kind"] != "Namespace" and one["metadata"].get("namespace") != "gracewatch":
            yield f"{one['kind']} {one['metadata']['name']} is in no namespace"
    chart = {(one["kind"], one["metadata"]["name"]) for one in rendered(CHART, *A_PATH)} | {("Namespace", "gracewatch")}
    if {(one["kind"], one["metadata"]["name"]) for one in built} != chart:
        yield "the manifests and the chart have other objects"


def blind_spots():
    """Yields which faults put into what is right are not found."""
    objects = {one["kind"]: one for one in rendered(CHART, *A_PATH)}
    places = {
        "Deployment": lambda one: one["spec"]["template"]["spec"]["containers"][0],
        "NetworkPolicy": lambda one: one["spec"]["egress"][0],
        "ServiceMonitor": lambda one: one["spec"]["endpoints"][0],
        "PrometheusRule": lambda one: one["spec"]["groups"][0]["rules"][0],
    }
    for kind, place in places.items():
        one = copy.deepcopy(objects[kind])
        place(one)["nonsense"] = "x"
        if not any("nonsense" in complaint for complaint in schema_complaints(one)):
            yield f"an unknown key in a {kind} is not found"


def main():
    with tempfile.TemporaryDirectory() as folder:
        complaints = list(document_complaints(sys.argv[1], pathlib.Path(folder)))
    complaints += [*version_complaints(), *operator_complaints(), *settings_complaints()]
    complaints += [*chart_complaints(sys.argv[1]), *manifests_complaints(), *blind_spots()]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    print(f"chart and manifests, for Kubernetes {', '.join(VERSIONS)}: {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
