"""Checks the alert rules against what they depend on: the metrics, the runbooks, their tests, and Alertmanager's example.

Every rule has a test that fires it and one that keeps it quiet, a section in the runbooks, a summary and a description.
Every metric, reason and recorded series that a rule asks for exists, and everything recorded is asked for. Commands in
texts do what the texts say.

Usage: check.py, in the root of the project.
"""

import pathlib
import re
import sys

import yaml

RULES = pathlib.Path("deploy/prometheus")
RUNBOOKS = pathlib.Path("docs/alerts.md")
TESTS = pathlib.Path("tests/prometheus")
ALERTMANAGER = pathlib.Path("deploy/alertmanager/alertmanager.yml")
METRICS = pathlib.Path("docs/metrics.md")

SEVERITIES = {"warning", "critical"}
ANNOTATIONS = {"summary", "description", "runbook_url"}
WORDS = re.compile(r"gracewatch_path_verdict_info|gracewatch:path_(verdict|unknown)_info:bridged")


def groups(name):
    return yaml.safe_load((RULES / name).read_text())["groups"]


def rules(name):
    return [rule for group in groups(name) for rule in group["rules"]]


def check_form(alert, headings):
    """Yields what is wrong with one rule by itself."""
    name, severity = alert["alert"], alert["labels"].get("severity")
    if not name.startswith("Gracewatch"):
        yield f"{name} does not begin with Gracewatch, by which Alertmanager knows it"
    if severity not in SEVERITIES:
        yield f"{name} has no severity that is known: {severity}"
    if "for" not in alert:
        yield f"{name} has no `for`: what lasts a moment would fire it"
    if set(alert["annotations"]) != ANNOTATIONS:
        yield f"{name} has the annotations {sorted(alert['annotations'])}"
        return
    if "$value" in alert["annotations"]["description"]:
        yield f"{name} has figures in its description; they belong into the summary"
    if "http://HOST" in alert["annotations"]["description"]:
        yield f"{name} has a link that leads nowhere, in place of {{{{ $labels.instance }}}}"
    if not re.sub(r"\{\{.*?\}\}", "", alert["annotations"]["summary"]).strip().endswith("."):
        yield f"{name} has a summary that is no sentence: it does not end with a full stop"
    if WORDS.search(alert["expr"]):
        yield f"{name} asks for the words of a verdict in its expression, where other words are another alert"
    anchor = alert["annotations"]["runbook_url"].partition("docs/alerts.md#")[2]
    if anchor != name.lower():
        yield f"{name} leads to the runbook {anchor}"
    if name not in headings:
        yield f"{name} has no section in {RUNBOOKS}"


def check_names(metrics):
    """Yields what rules ask for and nothing has, and what is recorded and nobody asks for."""
    recorded = [rule["record"] for name in ("thresholds.yml", "recording.yml") for rule in rules(name)]
    yield from (f"{name} is recorded twice" for name in set(recorded) if recorded.count(name) > 1)
    texts = [rule["expr"] for name in ("recording.yml", "alerts.yml") for rule in rules(name)]
    texts += [alert["annotations"][which] for alert in rules("alerts.yml") for which in ("summary", "description")]
    asked = {name for text in texts for name in re.findall(r"\bgracewatch[:_][a-z0-9_:]+", text)}
    for name in sorted(asked):
        if ":" in name and name not in recorded:
            yield f"{name} is asked for and not recorded"
        if ":" not in name and f"`{name}`" not in metrics:
            yield f"{name} is asked for and not in {METRICS}"
    yield from (f"{name} is recorded and not asked for" for name in sorted(set(recorded) - asked))
    matched = [words for text in texts for words in re.findall(r'reason!?=~?"([^"]+)"', text)]
    reasons = {word for words in matched for word in words.split("|")}
    yield from (f"the reason {reason} is not in {METRICS}" for reason in sorted(reasons) if f"`{reason}`" not in metrics)


def check_commands(texts):
    """Yields commands that name a configuration. Every command finds that of the service by itself."""
    for where, text in texts:
        words = " ".join(text.split())
        for command in re.findall(r"gracewatch (?:check|machines|import)\b[^`|;#]{0,20}", words):
            if "--config" in command:
                yield f"{where} has `{command.strip()}` with a configuration, which it finds by itself"


def check_tests(alerts):
    """Yields the rules that no test fires, or none keeps quiet, and tests of rules that are not there."""
    known = {(alert["alert"], alert["labels"]["severity"]) for alert in alerts}
    fired, kept_quiet = set(), set()
    files = ("thresholds.yml", "recording.yml", "alerts.yml")
    every_group = [group["name"] for name in files for group in groups(name)]
    for path in sorted(TESTS.glob("*.yml")):
        file = yaml.safe_load(path.read_text())
        if file["group_eval_order"] != every_group:
            yield f"{path} does not evaluate the groups {every_group} in this order"
        for test in file["tests"]:
            expected = {}
            for case in test.get("alert_rule_test", []):
                severities = expected.setdefault(case["alertname"], set())
                severities.update(one["exp_labels"]["severity"] for one in case["exp_alerts"])
            for name, severities in expected.items():
                if not any(known_name == name for known_name, _ in known):
                    yield f"{path} tests {name}, which is not there"
                fired.update((name, severity) for severity in severities)
                # Where all are asked for at once, none is tested by itself.
                if len(expected) == 1:
                    kept_quiet.update((name, severity) for severity in SEVERITIES - severities)
    yield from (f"no test fires {name} as {severity}" for name, severity in sorted(known - fired))
    yield from (f"no test keeps {name} quiet as {severity}" for name, severity in sorted(known - kept_quiet))


def check_alertmanager(names):
    """Yields the names of alerts in its configuration that fit none."""
    for rule in yaml.safe_load(ALERTMANAGER.read_text())["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            words = re.fullmatch(r'alertname=~?"([^"]+)"', matcher)
            for word in words.group(1).split("|") if words else []:
                if not any(re.fullmatch(word, name) for name in names):
                    yield f"{ALERTMANAGER} has {word}, which fits no alert"


def main():
    alerts = rules("alerts.yml")
    names = {alert["alert"] for alert in alerts}
    headings = re.findall(r"^## (Gracewatch\w+)$", RUNBOOKS.read_text(), re.MULTILINE)
    wrong = [complaint for alert in alerts for complaint in check_form(alert, headings)]
    wrong += [f"{RUNBOOKS} has {heading} twice" for heading in set(headings) if headings.count(heading) > 1]
    wrong += [f"{RUNBOOKS} has {heading}, which is no alert" for heading in headings if heading not in names]
    wrong += check_names(METRICS.read_text())
    wrong += check_commands([(alert["alert"], alert["annotations"]["description"]) for alert in alerts])
    wrong += check_commands([(RUNBOOKS, RUNBOOKS.read_text())])
    wrong += check_tests(alerts)
    wrong += check_alertmanager(names)
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    print(f"{len(alerts)} alert rules, {len(wrong)} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
