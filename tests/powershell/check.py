"""Checks PowerShell without PowerShell: the script of deploy/windows, and what the documentation has.

By a grammar, and by a list of what the oldest version has: syntax, cmdlets and their parameters, variables that nothing
sets or nothing reads. What a script does on Windows is not shown by this.

Usage: check.py FILE..., each a script or a Markdown file with blocks of powershell.
"""

import re
import sys

import tree_sitter_powershell
from tree_sitter import Language, Parser

COMMON = "ErrorAction ErrorVariable Verbose WarningAction"

# What Windows PowerShell 3.0 has, as far as it is used. Parameters by their whole names: short ones may change meaning.
CMDLETS = {
    "ConvertTo-Json": "InputObject Depth Compress",
    "ForEach-Object": "",
    "Get-CimClass": "ClassName",
    "Get-CimInstance": "ClassName Query Filter OperationTimeoutSec ComputerName CimSession",
    "Get-Content": "LiteralPath TotalCount",
    "Invoke-RestMethod": "Method Uri Headers Body ContentType TimeoutSec MaximumRedirection",
    "Join-Path": "",
    "Move-Item": "LiteralPath Destination Force",
    "New-Object": "",
    "Out-File": "FilePath Encoding",
    "Select-Object": "Property",
    "Set-StrictMode": "Version",
    "Where-Object": "",
}

# What needs more than that is for the documentation alone, which says so.
CMDLETS_OF_ADMINISTRATORS = {
    "Copy-Item": "Path Destination ToSession",
    "Export-Csv": "Path NoTypeInformation Encoding",
    "Get-ADComputer": "Filter",
    "Get-Acl": "Path",
    "Get-NetFirewallRule": "DisplayName",
    "Get-WinEvent": "ProviderName MaxEvents",
    "Invoke-Command": "Session ScriptBlock",
    "Invoke-Sqlcmd": "ServerInstance Database Query",
    "New-CimSession": "ComputerName SessionOption",
    "New-CimSessionOption": "Protocol",
    "New-PSSession": "ComputerName",
    "New-ScheduledTaskAction": "Execute Argument",
    "New-ScheduledTaskTrigger": "Daily At RandomDelay",
    "Register-ScheduledTask": "TaskName Action Trigger User",
    "Remove-PSSession": "Session",
    "Select-Object": "Property ExcludeProperty",
}

PROGRAMS = {"cscript", "gracewatch", "msiexec", "netsh"}

AUTOMATIC = set(
    "_ args env executioncontext false input lastexitcode null psboundparameters pscmdlet psscriptroot true".split()
)

# Set for what PowerShell itself does.
PREFERENCES = {"erroractionpreference"}


def main(files):
    language = Language(tree_sitter_powershell.language())
    count, faults = 0, []
    for file in files:
        with open(file, "rb") as opened:
            content = opened.read()
        if file.endswith(".md"):
            blocks = list(blocks_of(content.decode()))
        else:
            blocks = [(1, content.decode("ascii"))]
        names = set()
        for first_line, text in blocks:
            count += 1
            check = Check(language, text, names, is_script=not file.endswith(".md"))
            faults += [f"{file}:{first_line + line}: {fault}" for line, fault in check.faults()]
    for fault in faults:
        print(fault)
    print(f"{count} pieces of PowerShell, {len(faults)} faults")
    return 1 if faults or count == 0 else 0


def blocks_of(markdown):
    """The blocks of powershell with the number of the first line of each."""
    for found in re.finditer(r"^```powershell\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL):
        yield markdown[: found.start(1)].count("\n") + 1, found.group(1)


class Check:
    """The check of one piece. The names of variables that earlier pieces of the same text set are known to it."""

    def __init__(self, language, text, names, is_script):
        self.text, self.names, self.is_script = text.encode(), names, is_script
        self.root = Parser(language).parse(self.text).root_node
        self.cmdlets = dict(CMDLETS) if is_script else {**CMDLETS, **CMDLETS_OF_ADMINISTRATORS}
        self.functions = {self.written(node).lower() for node in self.all("function_name")}

    def faults(self):
        for check in (self.syntax, self.operators, self.commands, self.variables):
            for node, fault in check():
                yield node.start_point[0], fault

    def nodes(self):
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.children

    def all(self, kind):
        return [node for node in self.nodes() if node.type == kind]

    def written(self, node):
        return self.text[node.start_byte : node.end_byte].decode()

    def syntax(self):
        for node in self.nodes():
            if node.type == "ERROR" or node.is_missing:
                yield node, f"this cannot be parsed: {self.written(node)[:60]!r}"

    def operators(self):
        for node in self.nodes():
            if node.type in ("&&", "||", "?.", "?[", "??=") or node.type == "pipeline_chain_tail":
                yield node, f"only PowerShell 7 has {self.written(node)[:20]!r}"

    def commands(self):
        for node in self.all("command"):
            name = node.child_by_field_name("command_name") or node.children[0]
            if name.type != "command_name":
                continue
            word = self.written(name)
            if word.lower() in self.functions or word in PROGRAMS or word.startswith((".\\", "C:\\")):
                continue
            if word not in self.cmdlets:
                yield name, f"{word} is no function here, and not on the list of cmdlets"
                continue
            known = f"{self.cmdlets[word]} {COMMON}".split()
            for elements in node.children:
                for element in elements.children:
                    if element.type == "command_parameter" and self.written(element).strip("-:") not in known:
                        yield element, f"{word} has no parameter {self.written(element)} that is on the list"

    def variables(self):
        """Names that are read and nowhere set. Whether they are set in time is not checked."""
        named = {}
        for node in self.all("variable"):
            name = re.sub(r"^[$@]\{?|\}$", "", self.written(node)).lower()
            scope, colon, rest = name.partition(":")
            name = scope if scope == "env" or not colon else rest
            named.setdefault(name, []).append(node)
        for name, nodes in named.items():
            if any(self.sets(node) for node in nodes):
                self.names.add(name)
            if name not in self.names | AUTOMATIC:
                yield nodes[0], f"${name} is nowhere set"
            is_read = any(not self.sets(node) for node in nodes)
            if self.is_script and not is_read and name not in PREFERENCES:
                yield nodes[0], f"${name} is nowhere read"

    def sets(self, node):
        if node.parent.type in ("script_parameter", "foreach_statement"):
            return True
        inner = node
        while inner.parent and inner.parent.type != "left_assignment_expression":
            # The whole left side is the variable, with a type before it at most.
            if inner.parent.start_byte != node.start_byte and inner.parent.type != "cast_expression":
                return False
            if inner.parent.end_byte != node.end_byte:
                return False
            inner = inner.parent
        return inner.parent is not None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
