"""Checks deploy/compose: by the Compose Specification, and against what it mounts and the image that it builds.

There is no registry to take the images of others from, so what they make of this is not shown.

Usage: compose.py GRACEWATCH, in the root of the project.
"""

import pathlib
import re
import subprocess
import sys
import urllib.parse

import compose_spec
import yaml

FILE = pathlib.Path("deploy/compose/compose.yaml")
DOCKERFILE = pathlib.Path("deploy/container/Dockerfile")

# What each service keeps, by the images of those that are not ours.
STATE = {
    "gracewatch": "/var/lib/gracewatch",
    "prometheus": "/prometheus",
    "alertmanager": "/alertmanager",
    "grafana": "/var/lib/grafana",
}

CONFINED = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}


def specification_complaint(text):
    """What the specification has against a file, if anything."""
    try:
        compose_spec.PyCompose.from_yaml(text).validate()
    except ValueError as error:
        return str(error)
    return None


def mounts(service):
    """The mounts of files, as where they are here and where there, and the volumes."""
    files, volumes = {}, {}
    for mount in service["volumes"]:
        source, target, *options = mount.split(":")
        if source.startswith("."):
            files[target] = (FILE.parent / source).resolve()
            if options != ["ro"]:
                raise ValueError(f"{mount} could be written to")
        else:
            volumes[target] = source
    return files, volumes


def service_complaints(name, service, declared):
    if not re.fullmatch(r".+:v?\d+(\.\d+)+", service["image"]):
        yield f"{name}: the image {service['image']} has no version"
    if not CONFINED.items() <= service.items():
        yield f"{name} may do more than it needs"
    if any(not port.startswith("127.0.0.1:") for port in service["ports"]):
        yield f"{name} is open to others: {service['ports']}"
    health = service["healthcheck"]["test"]
    if health[0] != "CMD" or not health[-1].endswith(("/-/ready", "/api/health")):
        yield f"{name} is not asked whether it is ready"
    files, volumes = mounts(service)
    yield from (f"{name}: {file} is not there" for file in files.values() if not file.exists())
    if volumes != {STATE[name]: name} or name not in declared:
        yield f"{name} keeps {volumes}"


def reached(services):
    """Where each service is reached by others, as host:port."""
    for name, service in services.items():
        port = service["ports"][0].rpartition(":")[2]
        networks = service["networks"]
        aliases = networks["monitoring"]["aliases"] if isinstance(networks, dict) else []
        yield from (f"{host}:{port}" for host in [name, *aliases])


def address_complaints(services):
    """Yields the addresses in the mounted files that lead to no service."""
    known = set(reached(services))
    prometheus = yaml.safe_load((mounts(services["prometheus"])[0]["/etc/prometheus"] / "prometheus.yml").read_text())
    jobs = {job["job_name"]: job for job in prometheus["scrape_configs"]}
    static = jobs["gracewatch"]["static_configs"] + prometheus["alerting"]["alertmanagers"][0]["static_configs"]
    asked = {target for one in static for target in one["targets"]}
    provisioning = mounts(services["grafana"])[0]["/etc/grafana/provisioning"]
    for file in provisioning.glob("datasources/*.yml"):
        sources = yaml.safe_load(file.read_text())["datasources"]
        asked.update(urllib.parse.urlsplit(source["url"]).netloc for source in sources)
    if len(asked) < 3:
        yield f"only {sorted(asked)} are asked for"
    yield from (f"{address} is asked for and is none of {sorted(known)}" for address in sorted(asked - known))


def grafana_complaints(service):
    """Yields where Grafana would not find the dashboards."""
    files = mounts(service)[0]
    for file in files["/etc/grafana/provisioning"].glob("dashboards/*.yml"):
        for provider in yaml.safe_load(file.read_text())["providers"]:
            folder = files.get(provider["options"]["path"])
            if not folder or not list(folder.glob("*.json")):
                yield f"{file} names {provider['options']['path']}, where there is no dashboard"


def image_complaints(service):
    """Yields where the service and the image that is built for it do not fit together."""
    text = DOCKERFILE.read_text()
    build = service["build"]
    if (FILE.parent / build["context"] / build["dockerfile"]).resolve() != DOCKERFILE.resolve():
        yield "another Dockerfile is built"
    words = re.search(r"HEALTHCHECK.+?CMD \[(.+?)\]", text, re.DOTALL).group(1)
    if [word for word in re.findall(r'"(.+?)"', words)][:-1] != service["healthcheck"]["test"][1:-1]:
        yield "the image is asked for its health in another way"


def main():
    text = FILE.read_text()
    compose = yaml.safe_load(text)
    services = compose["services"]
    # The models know no anchors; as others read them, they are merged.
    plain = yaml.safe_dump(compose)
    complaints = [specification_complaint(plain)]
    for name, service in services.items():
        complaints += service_complaints(name, service, compose["volumes"])
    complaints += address_complaints(services)
    complaints += grafana_complaints(services["grafana"])
    ours = services["gracewatch"]
    complaints += image_complaints(ours)
    config = mounts(ours)[0][ours["environment"]["GRACEWATCH_CONFIG"]]
    checked = subprocess.run([sys.argv[1], "config", "check", config], capture_output=True, text=True, check=False)
    complaints.append(checked.stderr)
    if not specification_complaint(plain.replace("healthcheck:", "healthchecks:")):
        complaints.append("an unknown key is not found")
    complaints = [complaint for complaint in complaints if complaint]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    print(f"{len(services)} services, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
