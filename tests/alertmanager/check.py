"""Checks the example of an Alertmanager by running it: which alerts silence which, who gets which, how messages read.

Nothing is sent: the addresses of its receivers are replaced by one of this machine where nobody listens.

Usage: check.py, in the root of the project.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

import yaml

EXAMPLE = pathlib.Path("deploy/alertmanager")
HERE = pathlib.Path("tests/alertmanager")
NOBODY = "127.0.0.1:9"


def alert(name, severity="warning", **labels):
    return {"alertname": name, "severity": severity, "job": "gracewatch", "instance": "gw1:10688", **labels}


DOWN = alert("GracewatchDown", "critical")
TICKET = alert("GracewatchPathBlocked", path="corp")
PAGE = alert("GracewatchPathBlocked", "critical", path="corp")
DEGRADED = alert("GracewatchPathDegraded", path="corp")
INTERMITTENT = alert("GracewatchTargetIntermittent", path="corp", stage="tcp", reason="intermittent")
UNKNOWN = alert("GracewatchPathUnknown", path="corp")
OVERDUE = alert("GracewatchRenewalOverdue", path="corp")
FALLING = alert("GracewatchGraceExpires1Day", "critical", path="corp", within="1d")
FALLING_ANYWHERE = alert("GracewatchGraceExpires1Day", "critical", within="1d")
CLOCK = alert("GracewatchKmsHostClock", "critical", path="corp")
UNEXPECTED = alert("GracewatchUnexpectedKmsHost", path="corp")
PROXY = alert("GracewatchProxyAsksForCredentials", proxy="http://proxy:3128")
NO_HOST = alert("GracewatchNoKmsHostInDns", path="corp")
DISAGREE = alert("GracewatchNameserversDisagree", path="corp")
TARGET = {"path": "corp", "target": "kms01.corp.example:1688", "address": "192.0.2.10"}
OTHER_TARGET = {**TARGET, "target": "kms02.corp.example:1688", "address": "192.0.2.11"}

# An instance whose alerts come last.
LAST = {"instance": "last:10688"}

# What fires, and what of it is silenced.
CASES = {
    "down silences the rest of its instance": ([DOWN, PAGE, FALLING_ANYWHERE], [PAGE, FALLING_ANYWHERE]),
    "down silences no other instance": ([DOWN, {**PAGE, "instance": "gw2:10688"}], []),
    "down silences nothing else": ([DOWN, {**alert("NodeDown"), "job": "node"}], []),
    "a page is no ticket as well": ([PAGE, TICKET], [TICKET]),
    "blocked silences degraded": ([TICKET, DEGRADED], [DEGRADED]),
    "blocked silences what fails now and then": ([TICKET, INTERMITTENT], [INTERMITTENT]),
    "unknown silences nothing that was known before": ([UNKNOWN, TICKET], []),
    "blocked silences not that the path is unknown since": ([PAGE, UNKNOWN], []),
    "blocked silences what becomes of its machines": ([PAGE, OVERDUE, FALLING], [OVERDUE, FALLING]),
    "a ticket silences no page": ([TICKET, OVERDUE, FALLING], [OVERDUE]),
    "blocked silences no other path": ([PAGE, {**DEGRADED, "path": "branch"}], []),
    "blocked silences no machine that is on no path": ([PAGE, FALLING_ANYWHERE], []),
    "blocked silences why, which it says itself": ([TICKET, NO_HOST], [NO_HOST]),
    "blocked silences why on no other path": ([TICKET, {**NO_HOST, "path": "branch"}], []),
    "blocked silences no host that nobody expects": ([PAGE, UNEXPECTED], []),
    "a page silences the page for its cause": ([PAGE, CLOCK], [CLOCK]),
    "a ticket silences no page for its cause": ([TICKET, CLOCK], []),
    "no host in DNS silences that nameservers differ": ([NO_HOST, DISAGREE], [DISAGREE]),
    "a clock silences the same clock alone": (
        [
            alert("GracewatchKmsHostClock", "critical", **TARGET),
            alert("GracewatchKmsHostClock", **TARGET),
            alert("GracewatchKmsHostClock", **OTHER_TARGET),
        ],
        [alert("GracewatchKmsHostClock", **TARGET)],
    ),
}

# Who gets what.
ROUTES = [(PAGE, "page"), (DOWN, "page"), (TICKET, "ticket"), (alert("GracewatchInboxFailing"), "ticket")]
ROUTES += [(OVERDUE, "ticket"), (FALLING, "page")]

# Alerts that are one message, and those that are not.
TOGETHER = [
    (OVERDUE, alert("GracewatchLicenseLost")),
    (OVERDUE, alert("GracewatchMachinesNotActivated", path="branch")),
    (FALLING, alert("GracewatchLicenseLost", "critical")),
    (TICKET, {**TICKET, "path": "branch"}),
    (PAGE, {**PAGE, "path": "branch"}),
    (DEGRADED, INTERMITTENT),
    (PROXY, alert("GracewatchTlsIntercepted", proxy="http://proxy:3128")),
]
APART = [(PROXY, {**PROXY, "proxy": "http://proxy2:3128"}), (PROXY, alert("GracewatchInboxFailing")), (TICKET, OVERDUE), (DEGRADED, {**DEGRADED, "path": "branch"}), (FALLING, OVERDUE)]

# The templates, and whether they are HTML.
TEMPLATES = {"subject": "text", "text": "text", "mail": "html", "chat": "text"}


def configuration(directory):
    """The example, with nobody to send to."""
    text = (EXAMPLE / "alertmanager.yml").read_text()
    text = re.sub(r"https://[^\s/]+", f"http://{NOBODY}", text)
    config = yaml.safe_load(text)
    config["global"]["smtp_smarthost"] = NOBODY
    config["templates"] = [str((EXAMPLE / "templates/*.tmpl").resolve())]
    path = pathlib.Path(directory) / "alertmanager.yml"
    path.write_text(yaml.safe_dump(config))
    return path


class Alertmanager:
    """A running Alertmanager with the example."""

    def __init__(self, directory):
        command = ["prometheus-alertmanager", f"--config.file={configuration(directory)}"]
        command += [f"--storage.path={directory}", "--web.listen-address=127.0.0.1:0", "--cluster.listen-address="]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        seen = []
        for line in self.process.stderr:
            seen.append(line)
            address = re.search(r'msg="Listening on" address=(127\.0\.0\.1:\d+)', line)
            if address:
                self.address = address.group(1)
                return
        raise RuntimeError("Alertmanager does not start:\n" + "".join(seen))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.stderr.close()
        self.process.wait()

    def ask(self, alerts=None):
        """The alerts it knows, or where some are given, nothing but that it takes them."""
        body = None if alerts is None else json.dumps([{"labels": labels} for labels in alerts]).encode()
        kind = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://{self.address}/api/v2/alerts", body, kind)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response) if body is None else None

    def groups(self, count):
        """Which alerts are one message each, once there are so many."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with urllib.request.urlopen(f"http://{self.address}/api/v2/alerts/groups", timeout=30) as response:
                groups = [[one["labels"] for one in group["alerts"]] for group in json.load(response)]
            if sum(map(len, groups)) == count:
                return groups
            time.sleep(0.05)
        raise RuntimeError("Alertmanager groups nothing")

    def settled(self):
        """The alerts it was given before. Which of them silence others it works out in the order in which they came, so
        that it is done with them once it is done with two that came after."""
        self.ask([{**DOWN, **LAST}, {**PAGE, **LAST}])
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            known = self.ask()
            last = [one for one in known if one["labels"]["instance"] == LAST["instance"]]
            if any(one["status"]["inhibitedBy"] for one in last):
                return [one for one in known if one not in last]
            time.sleep(0.05)
        raise RuntimeError("Alertmanager silences nothing")


def in_order(alerts):
    return sorted(sorted(labels.items()) for labels in alerts)


def check_inhibition():
    """Yields where others are silenced than should be."""
    for title, (firing, silenced) in CASES.items():
        with tempfile.TemporaryDirectory() as directory, Alertmanager(directory) as alertmanager:
            alertmanager.ask(firing)
            known = alertmanager.settled()
        if len(known) != len(firing):
            yield f"{title}: of {len(firing)} alerts {len(known)} are known"
        found = [one["labels"] for one in known if one["status"]["inhibitedBy"]]
        if in_order(found) != in_order(silenced):
            yield f"{title}: silenced are {found}"


def check_routes():
    """Yields where others get an alert than should."""
    for labels, receiver in ROUTES:
        command = ["amtool", "config", "routes", "test", f"--config.file={EXAMPLE / 'alertmanager.yml'}"]
        command += [f"{name}={value}" for name, value in labels.items()]
        found = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if found.stdout.strip() != receiver:
            yield f"{labels} goes to {found.stdout.strip()}"


def check_groups():
    """Yields what is not one message, and should be, or the other way round."""
    for pair, is_one in [(pair, True) for pair in TOGETHER] + [(pair, False) for pair in APART]:
        with tempfile.TemporaryDirectory() as directory, Alertmanager(directory) as alertmanager:
            alertmanager.ask(pair)
            groups = alertmanager.groups(len(pair))
        if is_one != any(all(labels in group for labels in pair) for group in groups):
            yield f"{pair} {'are not' if is_one else 'are'} one message: {groups}"


def check_templates():
    """Yields the messages that read otherwise than they should."""
    for data in sorted(HERE.glob("*.json")):
        for name, kind in TEMPLATES.items():
            command = ["amtool", "template", "render", f"--template.glob={EXAMPLE / 'templates/*.tmpl'}"]
            command += [f'--template.text={{{{ template "gracewatch.{name}" . }}}}', f"--template.type={kind}"]
            command += [f"--template.data={data}"]
            found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            expected = data.with_suffix(f".{name}")
            if not expected.exists() or found != expected.read_text():
                yield f"{expected} is not what is rendered:\n{found}"


def main():
    wrong = [*check_inhibition(), *check_routes(), *check_groups(), *check_templates()]
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    print(f"{len(CASES)} cases of silence, {len(ROUTES)} routes, {len(wrong)} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
