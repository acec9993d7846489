"""Whether THIRD-PARTY lists every crate that shows in the packaged program, each under a license that deny.toml allows.

Arguments: the program, and the file.
"""

import re
import sys
import tomllib

program, file = sys.argv[1:]


def allowed(expression, licenses):
    """Whether a license expression of SPDX can be met; `/` is an older way of writing OR."""
    words = re.findall(r"[()]|[^\s()/]+|/", expression.replace(" WITH ", "-with-"))
    terms = {"OR": "or", "/": "or", "AND": "and", "(": "(", ")": ")"}
    return eval(" ".join(terms.get(word, repr(word in licenses)) for word in words), {"__builtins__": {}})


with open(file, encoding="utf-8") as text:
    text = text.read()
listing = text.partition("\n==== text ")[0]
crates = dict(re.findall(r"^(\S+ \S+): (.+)$", listing, re.M))
with open(program, "rb") as program:
    # Where a panic says that it happened.
    seen = set(re.findall(rb"/registry/src/[^/]+/([\w-]+)-(\d[\w.+-]*)/", program.read()))
    seen = {f"{name.decode()} {version.decode()}" for name, version in seen}
with open("deny.toml", "rb") as deny:
    licenses = tomllib.load(deny)["licenses"]["allow"]

complaints = [f"{crate} is linked and not listed" for crate in seen - crates.keys()]
complaints += [f"{crate}: {license} is not allowed" for crate, license in crates.items() if not allowed(license, licenses)]
# RUSTSEC-2023-0071: the packages do without what brings it.
complaints += [f"{crate} is linked" for crate in crates if crate.split()[0] in ("rsa", "sspi")]
digests = set(re.findall(r": text (\w+)$", listing, re.M))
complaints += [f"text {digest} is missing" for digest in digests - set(re.findall(r"^==== text (\w+)$", text, re.M))]
if complaints or not seen:
    sys.exit("\n".join(sorted(complaints)) or "no crate shows in the program")
print(f"third parties: {len(crates)} crates, {len(digests)} texts, {len(seen)} of them seen in the program")
