"""Whether the manual page names every command and option that --help names, and no other.

Arguments: the program, and the page.
"""

import re
import subprocess
import sys

program, page = sys.argv[1:]


def help_of(*command):
    return subprocess.run([program, *command, "--help"], check=True, capture_output=True, text=True).stdout


def commands_in(text):
    listed = text.partition("\nCommands:\n")[2].partition("\n\n")[0]
    return [line.split()[0] for line in listed.splitlines() if line.split()[0] != "help"]


def options_in(text):
    return set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", text, re.MULTILINE))


with open(page, encoding="utf-8") as file:
    source = file.read().replace("\\-", "-")
sections = dict(re.findall(r"^\.SH ([A-Z ]+)\n(.*?)(?=^\.SH |\Z)", source, re.S | re.M))
invocations = {}
for invocation in sections["SYNOPSIS"].split("\n.br\n"):
    name = re.match(r"\.B gracewatch (.+)\n?", invocation)[1]
    invocations[name] = set(re.findall(r"--[a-z-]+", invocation))

expected = {}
for command in commands_in(help_of()):
    text = help_of(command)
    for name in [f"{command} {sub}" for sub in commands_in(text)] or [command]:
        expected[name] = options_in(help_of(*name.split())) - {"--help"}

wrong = [f"{name}: the page has {sorted(invocations.get(name, []))}, the program {sorted(expected.get(name, []))}"
         for name in sorted(invocations.keys() | expected.keys()) if invocations.get(name) != expected.get(name)]
wrong += [f"{name}: not described" for name in expected if f".B {name}\n" not in sections["COMMANDS"]]
wrong += [f"{option}: not described" for option in options_in(help_of()) if option not in sections["OPTIONS"]]
if not expected or wrong:
    sys.exit("\n".join(wrong) or "the program has no commands")
