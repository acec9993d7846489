#!/usr/bin/env bash
# Whether the MSI and the zip are well made, and what becomes of a Windows that installs, upgrades and removes the program,
# under Wine. What only a real Windows can show is listed in docs/install/windows.md.
#
# usage: tests/windows/msi.sh PROGRAM PREFIX
#
# PROGRAM is gracewatch.exe, PREFIX a clean one of Wine's, which is copied.
set -euo pipefail
cd "$(dirname "$0")/../.."

program=$(realpath "$1")
clean=$(realpath "$2")
# Wine's server opens the sockets: all of it runs in a network of its own.
if [ -z "${GRACEWATCH_TEST_NETWORK-}" ]; then
  GRACEWATCH_TEST_NETWORK=own exec unshare --net "$0" "$program" "$clean"
fi
ip link set lo up

work=$(mktemp -d /tmp/msi-XXXXXX)
export WINEPREFIX=$work/prefix WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
unset DISPLAY
wine=/usr/lib/wine/wine64
installed="$WINEPREFIX/drive_c/Program Files/Gracewatch"
data=$WINEPREFIX/drive_c/ProgramData/Gracewatch
started=
clean_up() {
  exec 8>&-
  [ -z "$started" ] || /usr/lib/wine/wineserver64 -k || true
  rm -rf "$work"
}
trap clean_up EXIT

fail() {
  printf 'msi: %s\n' "$*" >&2
  [ ! -e "$work/log" ] || tr -d '\0' <"$work/log" | tail -n 40 >&2
  exit 1
}
equal() { [ "$1" = "$2" ] || fail "expected <$2>, found <$1>"; }
contains() { [[ $1 == *"$2"* ]] || fail "expected <$2> in <$1>"; }
exists() { [ -e "$1" ] || fail "there is no $1"; }
gone() { [ ! -e "$1" ] || fail "there still is $1: $(ls -R "$1")"; }
table() { msiinfo export "$1" "$2" | tr -d '\r'; }

# -- The packages ------------------------------------------------------------------------------------------------------

# The program has its version and its manifest, also as a tool of others reads them.
resources=$(x86_64-w64-mingw32-windres -J coff -O rc "$program")
contains "$resources" "FILEVERSION $(sed -n 's/^version = "\([0-9]*\)\.\([0-9]*\)\.\([0-9]*\).*/\1, \2, \3, 0/p' Cargo.toml | head -1)"
contains "$resources" 'VALUE "ProductName", "Gracewatch"'
grep --quiet longPathAware "$program" || fail "the program has no manifest"

# Three versions, which the last bytes tell apart.
packages=$work/packages
x86_64-w64-mingw32-strip -o "$work/stripped.exe" "$program"
deploy/packages/third-party.sh --target x86_64-pc-windows-gnu >"$work/THIRD-PARTY" || fail "a crate has no license"
for version in 1.0.0 1.1.0 1.2.0; do
  mkdir -p "$work/$version"
  cp "$work/stripped.exe" "$work/$version/gracewatch.exe"
  printf '%s' "$version" >>"$work/$version/gracewatch.exe"
  deploy/packages/windows/build.sh "$work/$version/gracewatch.exe" "$packages" "$work/THIRD-PARTY" "$version" ||
    fail "the packages cannot be made"
done
msi() { printf '%s' "$packages/gracewatch-$1-x64.msi"; }

first=$(msi 1.0.0)
properties=$(table "$first" Property)
contains "$properties" "MsiHiddenProperties	TOKEN;WriteToken"
contains "$properties" "ProductVersion	1.0.0"
contains "$properties" "ALLUSERS	1"
for name in MODE SERVER TOKEN LISTEN CONFIG PURGE; do
  contains "$(sed -n 's/^SecureCustomProperties\t/;/p' <<<"$properties");" ";$name;"
done
contains "$(msiinfo suminfo "$first")" "Template: x64;1033"
# Every component is one of 64-bit Windows (256), and the configuration permanent (16) and never overwritten (128).
while IFS=$'\t' read -r component _ _ attributes _; do
  [ $((attributes & 256)) -ne 0 ] || fail "$component is for 32-bit Windows"
  [[ $component != *Configuration ]] || equal $((attributes & 144)) 144
done < <(table "$first" Component | tail -n +4)
# Wine's log does not have this message, which Windows shows.
contains "$(table "$first" LaunchCondition)" "A newer version of Gracewatch is installed."
contains "$(table "$first" ServiceInstall)" 'NT SERVICE\gracewatch'
# What could show the token in a log hides what it is given (8192).
while IFS=$'\t' read -r action type _ target _; do
  if [[ $action == *WriteToken || $target == *TOKEN* ]]; then
    [ $((type & 8192)) -ne 0 ] || fail "$action shows the token in logs"
  fi
done < <(table "$first" CustomAction | tail -n +4)
# The SID that the folder is opened to is that of the service's account.
sid=$(python3 -c 'import hashlib, struct
digest = hashlib.sha1("GRACEWATCH".encode("utf-16le")).digest()
print("S-1-5-80-" + "-".join(map(str, struct.unpack("<5I", digest))))')
grep --quiet "\"$sid\"" deploy/packages/windows/setup.c || fail "setup.c has another SID than $sid"
[ "$(table "$first" Property | grep ProductCode)" != "$(table "$(msi 1.1.0)" Property | grep ProductCode)" ] ||
  fail "two versions have one product code"
[ "$(table "$first" Property | grep UpgradeCode)" = "$(table "$(msi 1.1.0)" Property | grep UpgradeCode)" ] ||
  fail "two versions have two upgrade codes"
files=$(python3 -m zipfile --list "$packages/gracewatch-1.0.0-x64.zip")
for file in gracewatch.exe gracewatch.yaml LICENSE.txt THIRD-PARTY.txt .ps1; do
  contains "$files" "$file"
done

# What is made can be signed, as docs/install/windows.md shows; the signed one is installed.
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/certificate.pem" -days 1 -subj /CN=test \
  -addext extendedKeyUsage=codeSigning 2>/dev/null
osslsigncode sign -certs "$work/certificate.pem" -key "$work/key.pem" -n Gracewatch -in "$first" -out "$work/signed.msi" \
  >/dev/null || fail "the MSI cannot be signed"
osslsigncode verify -CAfile "$work/certificate.pem" -in "$work/signed.msi" >/dev/null 2>&1 ||
  fail "the signature of the MSI is not valid"
mv "$work/signed.msi" "$first"

# -- A machine ---------------------------------------------------------------------------------------------------------

cp --archive --link "$clean" "$WINEPREFIX"
# Wine would write into a registry with several links, and so into the clean one.
cp --archive --remove-destination "$clean"/*.reg "$WINEPREFIX"
started=yes
/usr/lib/wine/wineserver64 >/dev/null 2>&1
# A Windows without processes shuts down: one waits for as long as there are tests.
mkfifo "$work/fifo"
timeout 600 "$wine" cmd <"$work/fifo" >/dev/null 2>&1 &
exec 8>"$work/fifo"

msiexec() { timeout 120 "$wine" msiexec "$@" /qn '/l*v' "Z:${work//\//\\}\\log" >/dev/null 2>&1; }
install() {
  local package
  package=$(msi "$1")
  shift
  msiexec /i "Z:${package//\//\\}" "$@"
}
uninstall() {
  local package
  package=$(msi "$1")
  shift
  msiexec /x "Z:${package//\//\\}" "$@"
}
# Nothing where there is no such key.
registry() {
  local values
  values=$("$wine" reg query "$1" 2>/dev/null) || return 0
  printf '%s' "${values//$'\r'/}"
}
ask() { curl --silent --show-error --fail --max-time 10 --retry 20 --retry-delay 1 --retry-connrefused "http://$1"; }
eventually() {
  local until=$((SECONDS + 60))
  until "$@"; do
    [ $SECONDS -lt $until ] || fail "never: $*"
    sleep 0.2
  done
}
runs() {
  cmp --silent "$installed/gracewatch.exe" "$work/$1/gracewatch.exe" || fail "the program is not that of $1"
  contains "$(ask "$2/metrics")" "gracewatch_build_info{"
}
knows() { [[ $(ask "$1/api/v1/machines") == *ws0500* ]]; }
service() { registry 'HKLM\SYSTEM\CurrentControlSet\Services\gracewatch'; }

# What cannot be right is refused, with a word about it, and nothing is installed.
refuses() {
  local words=$1 status=0
  shift
  install 1.0.0 "$@" || status=$?
  [ $status -ne 0 ] || fail "installed with $*"
  contains "$(tr -d '\0' <"$work/log")" "$words"
  gone "$installed"
}
refuses "MODE must be" MODE=client
refuses "MODE=agent needs SERVER" MODE=agent
refuses "SERVER must be" 'SERVER=https://a.example b'
refuses "LISTEN must be" LISTEN=10688
refuses "LISTEN must be" LISTEN=127.0.0.1:70000
refuses "CONFIG must be" CONFIG=gracewatch.yaml
refuses "TOKEN must be" TOKEN=short

# A server as it is without any property but a token.
token=0123456789abcdefghijklmn
install 1.0.0 TOKEN=$token || fail "installation failed"
runs 1.0.0 127.0.0.1:10688
equal "$(cat "$data/token")" $token
contains "$(service)" 'service run --config "C:\ProgramData\Gracewatch\gracewatch.yaml"'
contains "$(registry 'HKLM\SOFTWARE\Gracewatch')" "http://localhost:10688/"
contains "$(registry 'HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\Gracewatch')" EventCreate.exe
page=$(find "$WINEPREFIX/drive_c/users" "$WINEPREFIX/drive_c/ProgramData" -name Gracewatch.url)
contains "$(cat "$page")" "URL=http://localhost:10688/"
# What the user writes, and what machines report.
printf '# Written by hand.\r\n' >>"$data/gracewatch.yaml"
cp "$data/gracewatch.yaml" "$work/by_hand.yaml"
eventually test -e "$data/gracewatch.db"
exists "$data/inbox"
cp src/formats/samples/en-dlv-kmsclient.txt "$data/inbox/ws0500.txt"
eventually knows 127.0.0.1:10688

# An upgrade keeps both, and takes another address.
install 1.1.0 LISTEN=127.0.0.1:9001 || fail "the upgrade failed"
runs 1.1.0 127.0.0.1:9001
knows 127.0.0.1:9001 || fail "the upgrade lost the store"
cmp "$data/gracewatch.yaml" "$work/by_hand.yaml"
equal "$(cat "$data/token")" $token
contains "$(cat "$page")" "URL=http://127.0.0.1:9001/"

# The next one keeps the address as well.
install 1.2.0 || fail "the second upgrade failed"
runs 1.2.0 127.0.0.1:9001
cmp "$data/gracewatch.yaml" "$work/by_hand.yaml"

# There is no way back, and what is there stays.
status=0
install 1.1.0 || status=$?
[ $status -ne 0 ] || fail "the downgrade was not refused"
runs 1.2.0 127.0.0.1:9001

# What goes is what was installed.
uninstall 1.2.0 || fail "uninstallation failed"
gone "$installed"
gone "$page"
equal "$(service)" ""
equal "$(registry 'HKLM\SOFTWARE\Gracewatch')" ""
cmp "$data/gracewatch.yaml" "$work/by_hand.yaml"
exists "$data/gracewatch.db"
exists "$data/token"

# An agent knows its server, has no page, and lets nobody in; what it begins with is left alone where there is something.
install 1.2.0 MODE=agent SERVER=https://gracewatch.corp.example:10688 || fail "the agent was not installed"
contains "$(service)" 'service run --agent --config "C:\ProgramData\Gracewatch\gracewatch.yaml" --server https://gracewatch.corp.example:10688'
gone "$page"
cmp "$data/gracewatch.yaml" "$work/by_hand.yaml"
uninstall 1.2.0 || fail "uninstallation of the agent failed"

# Installed again it goes on; with PURGE=1 nothing is left.
install 1.2.0 'LISTEN=[::1]:9002' || fail "the second installation failed"
runs 1.2.0 '[::1]:9002'
knows '[::1]:9002' || fail "uninstallation lost the store"
uninstall 1.2.0 PURGE=1 || fail "the purge failed"
gone "$installed"
gone "$data"
equal "$(service)" ""

echo "the MSI installs, upgrades, refuses and removes as it should"
