"""Checks the pages that MkDocs made: none fetches anything from others, and each link within leads somewhere.

Usage: check.py FOLDER
"""

import html.parser
import pathlib
import re
import sys
import urllib.parse

# What a browser fetches by itself.
FETCHED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}


class Page(html.parser.HTMLParser):
    """The anchors of a page, what it fetches, and what it links to."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.fetched, self.linked = {""}, [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if "id" in attrs:
            self.anchors.add(attrs["id"])
        if tag in FETCHED and attrs.get(FETCHED[tag]) and attrs.get("rel") not in ("canonical", "alternate"):
            self.fetched.append(attrs[FETCHED[tag]])
        if tag == "a" and attrs.get("href"):
            self.linked.append(attrs["href"])


def is_foreign(url):
    return bool(urllib.parse.urlsplit(url).netloc)


def style_complaints(site):
    for file in site.rglob("*.css"):
        for url in re.findall(r"""(?:url\(|@import )\s*["']?([^"')]+)""", file.read_text()):
            if is_foreign(url):
                yield f"{file} fetches {url}"


def main():
    site = pathlib.Path(sys.argv[1])
    pages = {file: Page(file.read_text()) for file in site.rglob("*.html")}
    complaints = list(style_complaints(site))
    for file, page in pages.items():
        complaints += [f"{file} fetches {url}" for url in page.fetched if is_foreign(url)]
        # Of a page that is shown in place of one that is not there, nobody knows where it is.
        if file.name == "404.html":
            continue
        for url in [*page.linked, *page.fetched]:
            parts = urllib.parse.urlsplit(url)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else file
            target = target / "index.html" if target.is_dir() else target
            known = {page_file.resolve(): other for page_file, other in pages.items()}
            if not target.exists():
                complaints.append(f"{file}: {url} leads nowhere")
            elif target.resolve() in known and parts.fragment not in known[target.resolve()].anchors:
                complaints.append(f"{file}: {url} leads to no such section")
    print("\n".join(complaints), file=sys.stderr)
    print(f"{len(pages)} pages, {len(complaints)} complaints")
    return 1 if complaints or len(pages) < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
