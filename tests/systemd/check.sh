#!/usr/bin/env bash
# Whether systemd takes the files in deploy/systemd: the unit as it stands, and user and directories in a root of their own.
# Argument: the program that the unit is to start.
set -euo pipefail
cd "$(dirname "$0")/../.."

program=$(realpath "$1")
files=deploy/systemd
root=$(mktemp --directory)
trap 'rm -rf "$root"' EXIT

# The least exposure is 0.0; a service that is reached over a network cannot have it.
systemd-analyze security --offline=true --threshold=15 --no-pager "$files/gracewatch.service" | tail -n 1

# All that it may do beyond the least, and why: it reaches others by network, asks which interfaces have a link, and
# notifies systemd over a socket, it uses the system's libraries and roots, ProtectClock= lets clocks be read, and its group shares
# the inbox.
may=$(systemd-analyze security --offline=true --no-pager --json=short "$files/gracewatch.service" | python3 -c '
import json, sys
print(*sorted(check["json_field"] for check in json.load(sys.stdin) if check.get("exposure")), sep="\n")')
diff - <(printf '%s\n' "$may") <<'LIST'
DeviceAllow
IPAddressDeny
PrivateMounts
PrivateNetwork
RestrictAddressFamilies_AF_INET_INET6
RestrictAddressFamilies_AF_NETLINK
RestrictAddressFamilies_AF_UNIX
RootDirectoryOrRootImage
UMask
LIST

# The program is not installed here.
sed "s|^ExecStart=/usr/bin/gracewatch |ExecStart=$program |" "$files/gracewatch.service" >"$root/gracewatch.service"
grep --quiet "^ExecStart=$program " "$root/gracewatch.service"
complaints=$(systemd-analyze verify --man=no "$root/gracewatch.service" 2>&1 | grep --fixed-strings gracewatch || true)
[ -z "$complaints" ] || { printf '%s\n' "$complaints" >&2; exit 1; }

mkdir -p "$root/etc" "$root/var/lib/gracewatch"
systemd-sysusers --root="$root" "$PWD/$files/sysusers.d/gracewatch.conf" >/dev/null
grep --quiet '^gracewatch:.*:/var/lib/gracewatch:' "$root/etc/passwd"
systemd-tmpfiles --root="$root" --create "$PWD/$files/tmpfiles.d/gracewatch.conf"
[ "$(stat --format=%a "$root/var/lib/gracewatch/inbox")" = 2770 ]
