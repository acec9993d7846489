#!/usr/bin/python3
"""The program for Windows, run under Wine: what only there is different.

usage: tests/windows/check.py GRACEWATCH.EXE TOOLS [NAME...]

TOOLS is the folder of tests/windows/toolchain.sh; NAMEs are of single checks. Everything runs in network and mount
namespaces of its own, where a nameserver knows corp.example. What cannot be seen under Wine is in docs/install/windows.md.
"""
import atexit
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
PORT = 10688
DATA = r"C:\ProgramData\Gracewatch"
EVENT_TYPES = {1: "error", 2: "warning", 4: "information"}
SLMGR = """Name: Windows(R), ServerStandard edition
Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel
Partial Product Key: J464C
License Status: Licensed
Volume activation expiration: 259140 minute(s) (180 day(s))
KMS machine name from DNS: kms01.corp.example:1688
"""


def within_namespaces():
    """Starts this again where nothing reaches others and /etc/resolv.conf may be another."""
    if os.environ.get("GRACEWATCH_WITHIN") == "yes":
        return
    environment = {**os.environ, "GRACEWATCH_WITHIN": "yes"}
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", sys.executable]
    sys.exit(subprocess.run(command + sys.argv, env=environment, check=False).returncode)


class Wine:
    """A prefix of its own, and what runs in it."""

    def __init__(self, tools, folder, program):
        self.prefix = folder / "prefix"
        subprocess.run(["cp", "--archive", "--link", tools / "prefix", self.prefix], check=True)
        # What Wine writes in place would be written to the clean one as well.
        for registry in self.prefix.glob("*.reg"):
            text = registry.read_bytes()
            registry.unlink()
            registry.write_bytes(text)
        self.drive = self.prefix / "drive_c"
        self.data = self.drive / "ProgramData" / "Gracewatch"
        self.program = self.drive / "Program Files" / "Gracewatch" / "gracewatch.exe"
        self.program.parent.mkdir(parents=True)
        shutil.copy(program, self.program)
        names = ("GRACEWATCH_CONFIG", "GRACEWATCH_SERVER", "DISPLAY", "LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR")
        self.environment = {name: value for name, value in os.environ.items() if name not in names}
        self.environment |= {"WINEPREFIX": str(self.prefix), "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}
        # What Wine itself starts with the first program keeps that one's output open. So does each service, and of what
        # one logs in the event log nothing can be read again: Wine prints it there.
        self.log = folder / "log"
        debug = {"WINEDEBUG": "-all,fixme+advapi,err+eventlog,warn+eventlog,trace+eventlog"}
        with self.log.open("wb") as log:
            nobody = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": log}
            self.start("cmd", "/c", "exit", environment=debug, **nobody).wait(timeout=120)
        # Wine ends, and stops its services, once no program is left.
        self.kept = self.start("cmd", "/c", "pause", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def start(self, *command, environment=None, **options):
        command = ["/usr/lib/wine/wine64", *map(str, command)]
        options = {"stderr": subprocess.DEVNULL, **options}
        return subprocess.Popen(command, env={**self.environment, **(environment or {})}, **options)

    def run(self, *command, status=0, limit=60, **options):
        """What a program prints, of which the exit code is this."""
        process = self.start(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        output = output.decode()
        if status is not None and process.returncode != status:
            raise AssertionError(f"{command} ended with {process.returncode}, not {status}:\n{output}")
        return output

    def gracewatch(self, *arguments, **options):
        return self.run(self.program, *arguments, **options)

    def register(self, key, name, value, kind="REG_SZ"):
        self.run("reg", "add", key, "/v", name, "/t", kind, "/d", value, "/f")

    def logged(self):
        """What was written to the event log: the type and the id of each entry, and its text."""
        entry = r"ReportEventW \(\w+,0x(\w+),0x\w+,0x(\w+),.*\n\w+:\w+:eventlog:ReportEventW L\"(.*)\"\n"
        found = re.findall(entry, self.log.read_text())
        return [(EVENT_TYPES[int(kind, 16)], int(identity, 16), text) for kind, identity, text in found]

    def end(self):
        self.kept.stdin.close()
        subprocess.run(["/usr/lib/wine/wineserver64", "--kill"], env=self.environment, check=False, timeout=20)


def get(path, port=PORT):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


def eventually(what, condition, limit=20.0):
    """Waits until a condition holds, and returns what it gives."""
    end = time.monotonic() + limit
    while True:
        error = None
        try:
            found = condition()
            if found:
                return found
        except (OSError, urllib.error.URLError) as failed:
            error = failed
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {limit} s; {error}")
        time.sleep(0.05)


def samples(name, port=PORT):
    """The samples of a metric, by their labels."""
    lines = [line for line in get("/metrics", port).splitlines() if re.match(name + r"[{ ]", line)]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def has(text, *parts):
    for part in parts:
        assert part in text, f"{part!r} is not in:\n{text}"


@contextlib.contextmanager
def serving(wine, *arguments):
    """A daemon, which is stopped as by Ctrl-C, and has to end by itself and well."""
    process = wine.start(wine.program, "serve", *arguments, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        eventually("the daemon serves", lambda: get("/-/healthy"))
        yield process
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        _, log = process.communicate(timeout=10)
        assert process.returncode == 0, f"{process.returncode}: {log.decode()}"
        assert time.monotonic() - begun < 1, "it takes long to stop"
        has(log.decode(), "stopping")
    finally:
        process.kill()


# The checks, in the order in which they run.


def version(wine):
    """It starts, and says what it is."""
    has(wine.gracewatch("--version"), "gracewatch ")


def language(wine):
    """Texts are in the language that is asked for, in UTF-8."""
    japanese = wine.gracewatch("explain", "0xC004F074", "--lang", "ja")
    assert re.search("[ぁ-ん]", japanese), japanese
    assert not re.search("[ぁ-ん]", wine.gracewatch("explain", "0xC004F074"))
    by_system = wine.gracewatch("explain", "0xC004F074", environment={"LC_ALL": "ja_JP.UTF-8"})
    assert re.search("[ぁ-ん]", by_system), by_system


def hints(wine):
    """Examples and hints name places that there are on Windows."""
    example = wine.gracewatch("config", "example")
    has(example, rf"store: sqlite:{DATA}\gracewatch.db", rf"inbox: {DATA}\inbox")
    assert not re.search(r"/etc/|/var/|SIGHUP|chmod", example), example
    (wine.drive / "example.yaml").write_text(example)
    has(wine.gracewatch("config", "check", r"C:\example.yaml"), r"C:\example.yaml")
    (wine.drive / "bare.yaml").write_text("log: {level: info}\n")
    has(wine.gracewatch("backup", "--config", r"C:\bare.yaml", r"C:\b.db", status=None), rf"sqlite:{DATA}\gracewatch.db")


def paths(wine):
    """Paths have drives and backslashes, in YAML as well."""
    (wine.drive / "secret.txt").write_text("corp.example\r\n")
    (wine.drive / "roots").mkdir(exist_ok=True)
    for store in (r"sqlite:C:\roots\a.db", r"'sqlite:C:\roots\b.db'", "sqlite:C:/roots/c.db", "sqlite:///C:/roots/d.db"):
        config = f"paths:\n- name: corp\n  kms: {{domain: '${{file:C:\\secret.txt}}'}}\nstatus:\n  store: {store}\n"
        (wine.drive / "paths.yaml").write_text(config)
        has(wine.gracewatch("config", "check", r"C:\paths.yaml"), "1")
        (wine.drive / "report.txt").write_text(SLMGR)
        wine.gracewatch("import", "--config", r"C:\paths.yaml", "--machine", "ws0417.corp.example", r"C:\report.txt")
        has(wine.gracewatch("machines", "--config", r"C:\paths.yaml"), "ws0417.corp.example")
    assert sorted(file.name for file in (wine.drive / "roots").glob("*.db")) == ["a.db", "b.db", "c.db", "d.db"]
    for wrong in (r'"sqlite:C:\ProgramData\Gracewatch\gracewatch.db"', r'"sqlite:C:\temp\new.db"'):
        (wine.drive / "wrong.yaml").write_text(f"status:\n  store: {wrong}\n")
        has(wine.gracewatch("config", "check", r"C:\wrong.yaml", status=1), "wrong.yaml:2:", "single quotes")


def patterns(wine):
    """A pattern stands for files, since no shell expands it."""
    (wine.drive / "reports").mkdir()
    for machine in ("ws0001", "ws0002"):
        (wine.drive / "reports" / f"{machine}.txt").write_text(SLMGR)
    (wine.drive / "reports" / "other.csv").write_text("nothing\n")
    (wine.drive / "patterns.yaml").write_text("status: {store: sqlite:C:/patterns.db}\n")
    output = wine.gracewatch("import", "--config", r"C:\patterns.yaml", r"C:\reports\ws*.TXT")
    has(output, r"C:\reports\ws0001.txt", r"C:\reports\ws0002.txt")
    assert "other" not in output, output
    has(wine.gracewatch("import", "--config", r"C:\patterns.yaml", r"C:\reports\x*.txt", status=1), r"x*.txt")


def domains(wine):
    """The machine's own domain and its search list are watched where nothing is configured, by its own nameserver."""
    key = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
    wine.register(key, "Domain", "corp.example")
    wine.register(key, "SearchList", "lab.example")
    output = wine.gracewatch("check", "--output", "json", status=2)
    checked = json.loads(output[output.index("{"):])
    [path] = checked["paths"]
    targets = {target["target"] for target in path["targets"]}
    assert "kms01.corp.example:1688" in targets, targets
    assert (path["verdict"], path["stage"]) == ("blocked", "tcp"), path
    text = wine.gracewatch("check", "--all", status=2)
    has(text, "corp.example", "lab.example", "192.0.2.53")


def proxy(wine):
    """The proxy of the machine is the one that WinHTTP has."""
    key = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections"
    name, without = b"192.0.2.10:3128", b"<local>"
    numbers = [24, 0, 3, len(name)]
    settings = b"".join(number.to_bytes(4, "little") for number in numbers) + name
    settings += len(without).to_bytes(4, "little") + without
    wine.register(key, "WinHttpSettings", settings.hex(), kind="REG_BINARY")
    config = "paths:\n- name: online\n  online: {endpoints: ['http://web.corp.example/'], proxies: [system]}\n"
    (wine.drive / "proxy.yaml").write_text(config)
    output = wine.gracewatch("check", "--config", r"C:\proxy.yaml", "--output", "json", status=2)
    has(output, "192.0.2.10:3128")


def serve(wine):
    """It serves, imports what is put into the inbox, logs to files, and stops by Ctrl-C."""
    (wine.drive / "inbox").mkdir()
    config = (
        "paths:\n- name: corp\n  kms: {domain: corp.example}\nprobe: {interval: 1s, timeout: 1s}\n"
        "clock: {ntp: [ntp1.corp.example]}\n"
        "status:\n  store: sqlite:C:\\serve.db\n  inbox: C:\\inbox\nlog: {folder: 'C:\\log', keep: 3}\n"
    )
    (wine.drive / "serve.yaml").write_text(config)
    with serving(wine, "--config", r"C:\serve.yaml"):
        (wine.drive / "inbox" / "ws0001.txt").write_text(SLMGR)
        eventually("a file is imported", lambda: "ws0001" in get("/api/v1/machines"))
        eventually("it is moved", lambda: list((wine.drive / "inbox" / "done").glob("*/*ws0001.txt")))
        eventually("a round", lambda: samples("gracewatch_path_up") == {'gracewatch_path_up{path="corp"}': 0.0})
        assert 'reason="local_error"' not in get("/metrics")
        assert samples("gracewatch_inbox_up") == {"gracewatch_inbox_up": 1.0}
        has(get("/machines"), "ws0001")
        machines = ("machines", "--server", f"http://127.0.0.1:{PORT}")
        eventually("the fleet is aggregated", lambda: "ws0001" in wine.gracewatch(*machines, status=None))
    [log] = (wine.drive / "log").glob("gracewatch.*.log")
    has(log.read_text(), "listening on", "stopping")


def service(wine):
    """The service: installed, started, scraped, reloaded, stopped, removed, with what it needs and no more."""
    has(wine.gracewatch("service", "status", status=1), "not installed")
    has(wine.gracewatch("service", "install"), rf"{DATA}\gracewatch.yaml")
    beginning = (wine.data / "gracewatch.yaml").read_text()
    has(beginning, rf"store: sqlite:{DATA}\gracewatch.db")
    shown = wine.run("reg", "query", r"HKLM\SYSTEM\CurrentControlSet\Services\gracewatch", "/s")
    has(shown, r"NT SERVICE\gracewatch", "service run --config", r"0x2")
    events = wine.run("reg", "query", r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\Gracewatch", "/s")
    has(events, "EventCreate.exe", "TypesSupported")
    has(wine.gracewatch("service", "install"), "installed")
    has(wine.gracewatch("service", "reload", status=1), "does not run")
    has(wine.gracewatch("service", "start"), "runs")
    has(wine.gracewatch("service", "status"), "process")
    has(wine.gracewatch("service", "start"), "runs")
    eventually("the service is scraped", lambda: samples("gracewatch_build_info"))
    assert (wine.data / "gracewatch.db").exists()
    eventually("its inbox is there", lambda: samples("gracewatch_inbox_up") == {"gracewatch_inbox_up": 1.0})

    successes = "gracewatch_config_last_reload_success_timestamp_seconds"
    before = samples(successes)
    (wine.data / "gracewatch.yaml").write_text(beginning + "paths: [{name: own, kms: {domain: corp.example}}]\n")
    wine.gracewatch("service", "reload")
    eventually("the service has reloaded", lambda: samples(successes) != before)
    eventually("the new path", lambda: 'gracewatch_path_up{path="own"}' in samples("gracewatch_path_up"))
    (wine.data / "gracewatch.yaml").write_text("listen: nonsense\n")
    wine.gracewatch("service", "reload")
    refused = "gracewatch_config_last_reload_successful"
    eventually("a bad configuration is refused", lambda: samples(refused) == {refused: 0.0})

    def stop():
        begun = time.monotonic()
        has(wine.gracewatch("service", "stop"), "stopped")
        return time.monotonic() - begun

    # The second command finds it stopped.
    took, without = stop(), stop()
    assert took < 1 + without, f"it takes {took} s to stop, of which the command takes {without} s"
    has(wine.gracewatch("service", "status", status=1), "code 0")
    # It cannot start by this configuration, which `start` waits for.
    has(wine.gracewatch("service", "start", status=1), "code 1")
    (wine.data / "gracewatch.yaml").write_text(beginning)
    wine.gracewatch("service", "start")
    has(wine.gracewatch("service", "uninstall"), "removed", DATA)
    has(wine.gracewatch("service", "status", status=1), "not installed")
    assert (wine.data / "gracewatch.yaml").read_text() == beginning
    assert (wine.data / "gracewatch.db").exists()

    # The ids are those of docs/install/windows-service.md.
    logged = wine.logged()
    for kind, identity, begins in (
        ("information", 100, "listening on http"),
        ("information", 100, "stopping"),
        ("information", 100, "the configuration is reloaded"),
        ("error", 100, "the configuration is refused"),
        ("error", 100, "the service ends: "),
        ("information", 400, "the store is "),
    ):
        known = [entry for entry in logged if entry[:2] == (kind, identity) and entry[2].startswith(begins)]
        assert known, f"{(kind, identity, begins)} is not in {logged}"


def licensing(wine):
    """The agent reads the licensing classes by WMI. Wine has the first alone, and of that no product in use."""
    output = wine.gracewatch("agent", "--show", status=12)
    has(output, "SoftwareLicensingService: 0x80041002")
    assert "SoftwareLicensingProduct" not in output, output


def service_by_hand(wine):
    """What the service manager starts says so where a person does."""
    has(wine.gracewatch("service", "run", status=1), "gracewatch serve")


CHECKS = [version, language, hints, paths, patterns, domains, proxy, serve, service, service_by_hand, licensing]


def network():
    """An address, and a nameserver there that knows corp.example."""
    for command in (
        "ip link set lo up",
        "ip link add company type veth peer name others",
        "ip address add 192.0.2.53/24 dev company",
        "ip address add 192.0.2.10/24 dev company",
        "ip link set company up",
        "ip link set others up",
    ):
        subprocess.run(command.split(), check=True)
    resolv = pathlib.Path(tempfile.mkstemp()[1])
    resolv.write_text("nameserver 192.0.2.53\n")
    subprocess.run(["mount", "--bind", resolv, "/etc/resolv.conf"], check=True)
    resolv.unlink()
    dns = subprocess.Popen(
        [
            *("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root"),
            *("--listen-address=192.0.2.53", "--bind-interfaces", "--local=/example/", "--pid-file="),
            "--srv-host=_vlmcs._tcp.corp.example,kms01.corp.example,1688",
            "--host-record=kms01.corp.example,192.0.2.10",
            "--host-record=ntp1.corp.example,192.0.2.10",
        ],
        stderr=subprocess.DEVNULL,
    )
    atexit.register(dns.kill)


def main():
    within_namespaces()
    program, tools, *names = sys.argv[1:]
    unknown = set(names) - {check.__name__ for check in CHECKS}
    assert not unknown, f"there are no such checks: {unknown}"
    network()
    failed = []
    with tempfile.TemporaryDirectory(dir=tools) as folder:
        wine = Wine(pathlib.Path(tools).resolve(), pathlib.Path(folder), program)
        try:
            for check in CHECKS:
                if names and check.__name__ not in names:
                    continue
                begun = time.monotonic()
                try:
                    check(wine)
                    outcome = "ok"
                except (AssertionError, subprocess.TimeoutExpired, OSError, ValueError) as error:
                    outcome = f"FAILED: {type(error).__name__}: {error}"
                    failed.append(check.__name__)
                print(f"{check.__name__} ({time.monotonic() - begun:.1f} s): {outcome}", flush=True)
        finally:
            wine.end()
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
