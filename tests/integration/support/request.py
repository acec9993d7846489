"""Sends one HTTP request and prints the status, the content type and the body, each on a line of its own."""

import sys
import urllib.error
import urllib.request

method, url = sys.argv[1:]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    answer = opener.open(urllib.request.Request(url, method=method), timeout=5)
except urllib.error.HTTPError as error:
    answer = error
print(answer.status, answer.headers.get("content-type", ""), answer.read().decode(), sep="\n", end="")
