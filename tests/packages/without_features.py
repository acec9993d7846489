"""Whether a program built without features says what it cannot do with a proxy that demands Negotiate or NTLM, and that
another build can.

Argument: the program.
"""

import json
import socket
import subprocess
import sys
import tempfile
import threading

[program] = sys.argv[1:]
REFUSAL = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n"

listener = socket.create_server(("127.0.0.1", 0))


def refuse():
    while True:
        client, _ = listener.accept()
        client.recv(4096)
        client.sendall(REFUSAL)
        client.close()


threading.Thread(target=refuse, daemon=True).start()


def run(command, more):
    proxy = f'{{url: "http://127.0.0.1:{listener.getsockname()[1]}"{more}}}'
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(f'paths: [{{name: p, online: {{endpoints: ["http://127.0.0.1:9"], proxies: [{proxy}]}}}}]\n')
        file.write("clock: {ntp: [], host_clocks: off}\n")
        file.flush()
        command = [argument.replace("FILE", file.name) for argument in command]
        return subprocess.run([program, *command], capture_output=True, text=True)


def expect(text, *words):
    missing = [word for word in words if word not in text]
    if missing:
        sys.exit(f"missing {missing} in: {text}")


for more, hint in [("", ""), (", username: user, password: secret", "--features proxy-auth")]:
    checked = run(["check", "--config", "FILE", "--output", "json"], more)
    path = json.loads(checked.stdout)["paths"][0]
    expect(f"{path['verdict']} {path['stage']} {path['reason']}", "blocked proxy auth_required")
    expect(path["summary"], "requires credentials (Negotiate, NTLM)")
    expect(json.dumps(path["targets"]), hint)
refused = run(["config", "check", "FILE"], ", username: user, password: secret, auth: negotiate")
expect(refused.stderr, "this build does not support Negotiate", "--features proxy-auth")
print("without features: says so")
