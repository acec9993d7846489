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
DOCUMENT = pathlib.Path("docs/install/container.md")
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
            if options != ["ro,z"]:
                raise ValueError(f"{mount} could be written to, or not be read where there is SELinux")
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
    # A mount of a single file does not follow an editor that puts a new one in its place.
    yield from (f"{name}: {file} is no folder" for file in files.values() if not file.is_dir())
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


def config_complaints(service, gracewatch):
    """Yields what Gracewatch says of its configuration, and where that is the example which it is built with."""
    inside = pathlib.PurePosixPath(service["environment"]["GRACEWATCH_CONFIG"])
    config = mounts(service)[0][str(inside.parent)] / inside.name
    yield subprocess.run([gracewatch, "config", "check", config], capture_output=True, text=True, check=False).stderr
    if config.parent != FILE.parent.resolve() / "gracewatch":
        yield f"{config} is edited, and it may be read by others"
    settings = yaml.safe_load(config.read_text())
    if settings.keys() != {"status"}:
        yield f"before it is changed, it watches what nobody has: {settings}"


def document_complaints(text):
    """Yields the commands in the head of the file that the documentation has otherwise."""
    commands = re.findall(r"^#   (\S.*)$", text, re.MULTILINE)
    if not commands:
        yield "the head of the file does not say how to start it"
    yield from (f"{DOCUMENT} does not say {command}" for command in commands if command not in DOCUMENT.read_text())


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
    complaints += config_complaints(ours, sys.argv[1])
    complaints += document_complaints(text)
    if not specification_complaint(plain.replace("healthcheck:", "healthchecks:")):
        complaints.append("an unknown key is not found")
    complaints = [complaint for complaint in complaints if complaint]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    print(f"{len(services)} services, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
