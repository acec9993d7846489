#!/bin/sh
# Makes images/demo.png, the picture of the first page: of the demo, on the day a port is closed. It needs chromium and curl.
#
# usage: docs/picture.sh [PROGRAM]    the release build by default
set -eu
cd "$(dirname "$0")/.."
program=${1:-target/release/gracewatch}
[ -x "$program" ] || cargo build --locked --release
work=$(mktemp -d)
"$program" demo --listen 127.0.0.1:0 --fault closed-port >"$work/output" &
demo=$!
trap 'kill "$demo" 2>/dev/null || true; wait "$demo" 2>/dev/null || true; rm -rf "$work"' EXIT

# Waits until a text is on a page, a minute at the most.
wait_for() {
  for _ in $(seq 120); do
    url=$(sed -n 's|^Open \(http://[^ ]*/\) .*|\1|p' "$work/output")
    if [ -n "$url" ] && curl --silent --fail "${url}$1" | grep --quiet "$2"; then
      return
    fi
    sleep 0.5
  done
  echo "$2 is not on the page /$1" >&2
  exit 1
}
wait_for 'metrics' '^gracewatch_path_machines{path="tokyo"} 3'
wait_for '?lang=en' 'blocked at tcp: refused'

chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" \
  --window-size=1200,1020 --virtual-time-budget=2000 --screenshot="$work/demo.png" "${url}?lang=en" 2>/dev/null
mv "$work/demo.png" docs/images/demo.png
