#!/usr/bin/env bash
# The integration tests, with the program for Windows under Wine in place of the one for Linux. Those that are not run are
# in tests/windows/elsewhere.txt, each with its reason.
#
# usage: tests/windows/integration.sh PROGRAM TOOLS [OPTION...]
#
# PROGRAM is gracewatch.exe, TOOLS the folder of tests/windows/toolchain.sh. OPTIONs are the tests'.
set -euo pipefail
cd "$(dirname "$0")/../.."

program=$(realpath "$1")
tools=$(realpath "$2")
shift 2
if [ -z "${GRACEWATCH_WITHIN-}" ]; then
  # What Wine starts ends with these namespaces, and what is put in the program's place is seen in them alone.
  tests=$(cargo test --locked --all-features --test integration --no-run --message-format json |
    sed -n 's/.*"executable":"\([^"]*\/integration-[^"]*\)".*/\1/p')
  GRACEWATCH_WITHIN=$tests exec unshare --net --mount --pid --fork --mount-proc --kill-child "$0" "$program" "$tools" "$@"
fi
tests=$GRACEWATCH_WITHIN
unset GRACEWATCH_WITHIN
ip link set lo up

work=$(mktemp -d "$tools/integration.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp target/debug/gracewatch "$work/linux"
# Wine's server opens the sockets, so that each network has one, with a prefix of its own.
cat >"$work/gracewatch" <<WRAPPER
#!/bin/sh
# The server may be the one for Linux.
[ "\$GRACEWATCH_SERVER_ON" != linux ] || [ "\$1" != serve ] || exec "$work/linux" "\$@"
network=\$(readlink /proc/self/ns/net)
export LC_CTYPE=C.UTF-8 WINEPREFIX="$work/\$network" WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
unset DISPLAY
[ -e "\$WINEPREFIX/ready" ] || flock --close "$work/lock" "$work/prepare"
exec /usr/lib/wine/wine64 "$program" "\$@"
WRAPPER
cat >"$work/prepare" <<'PREPARE'
#!/bin/sh
[ ! -e "$WINEPREFIX/ready" ] || exit 0
cp --archive --link "$(dirname "$0")/../prefix" "$WINEPREFIX"
for registry in "$WINEPREFIX"/*.reg; do
  cp "$registry" "$registry.own" && mv "$registry.own" "$registry"
done
# What Wine starts with the first program keeps that one's output open.
/usr/lib/wine/wineserver64 --persistent=60 >/dev/null 2>&1
/usr/lib/wine/wine64 cmd /c exit </dev/null >/dev/null 2>&1
touch "$WINEPREFIX/ready"
PREPARE
chmod +x "$work/gracewatch" "$work/prepare"
mount --bind "$work/gracewatch" target/debug/gracewatch

skipped=()
while read -r name reason; do
  [[ -z $name || $name = "#" ]] || skipped+=(--skip "$name")
done <tests/windows/elsewhere.txt
export GRACEWATCH_UNDER_WINE=yes
# An agent of Windows reports to a server on Linux, with TLS and a token.
GRACEWATCH_SERVER_ON=linux "$tests" --include-ignored "$@" agent::
"$tests" --include-ignored "${skipped[@]}" --skip agent:: "$@"
