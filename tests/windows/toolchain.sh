#!/usr/bin/env bash
# Makes what builds the program for Windows and runs it here, and keeps it for all clones: a compiler with the sources
# of its standard library, mingw, Wine, and a clean prefix for it. Nothing is done again that is there.
#
# usage: tests/windows/toolchain.sh FOLDER
#
# Afterwards `tests/windows/cargo` builds and `tests/windows/wine` runs, and both take FOLDER from $WINDOWS_TOOLS.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
tools=$(cd "$1" && pwd)
cd "$tools"

# One at a time: clones share the folder.
exec 9>lock
flock 9

is_installed() { [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Debian's compiler is the one whose sources and library come in packages. They are unpacked, not installed, since they
# conflict with any other Rust.
compiler=(rustc-web rust-web-src libstd-rust-web-dev)

updated=
update() {
  if [ -z "$updated" ]; then
    apt-get update --quiet
    updated=yes
  fi
}

candidate() { apt-cache policy "$1" | sed -n 's/^  Candidate: //p'; }

# Values of a field in what a package's newest version depends on.
depends() { apt-cache show "$1=$2" | sed -n 's/^Depends: //p' | tr ',' '\n' | sed 's/^ *//; s/ .*//'; }

if [ ! -e rust/complete ]; then
  update
  version=$(candidate rustc-web)
  [ -n "$version" ] && [ "$version" != "(none)" ] || { echo "no rustc-web among Debian's packages" >&2; exit 1; }
  library=$(depends libstd-rust-web-dev "$version" | grep '^libstd-rust-web-[0-9]')
  llvm=$(depends "$library" "$version" | grep '^libllvm')
  rm -rf rust rust.unpacking
  mkdir -p rust.unpacking/packages
  (
    cd rust.unpacking/packages
    apt-get download --quiet "${compiler[@]/%/=$version}" "$library=$version" "$llvm"
    for package in *.deb; do dpkg --extract "$package" ..; done
  )
  rm -r rust.unpacking/packages
  # What runs the compiler is not what runs anything else here.
  cat >rust.unpacking/rustc <<'WRAPPER'
#!/bin/sh
root=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu exec "$root/usr/bin/rustc" "$@"
WRAPPER
  chmod +x rust.unpacking/rustc
  # The standard library is all that is built of the sources.
  find rust.unpacking/usr/src/rustc-* -mindepth 1 -maxdepth 1 ! -name library -exec rm -r {} +
  mv rust.unpacking rust
  rust/rustc --version
  touch rust/complete
fi

packages=(gcc-mingw-w64-x86-64-posix mingw-w64-x86-64-dev wine64)
missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" -eq 0 ] || { echo "as root: apt-get install ${missing[*]}" >&2; exit 1; }
  update
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install --quiet --yes --no-install-recommends \
    "${missing[@]}"
fi

if [ ! -e bcryptprimitives.dll ] || [ "$here/bcryptprimitives.c" -nt bcryptprimitives.dll ]; then
  x86_64-w64-mingw32-gcc-posix -shared -Os -s -o bcryptprimitives.new "$here/bcryptprimitives.c" -ladvapi32
  mv bcryptprimitives.new bcryptprimitives.dll
  rm -rf prefix
fi

# A prefix that nothing ran in: tests copy it.
if [ ! -e prefix/complete ]; then
  rm -rf prefix prefix.making
  export WINEPREFIX=$tools/prefix.making WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
  unset DISPLAY
  /usr/lib/wine/wine64 wineboot --init >/dev/null 2>&1
  /usr/lib/wine/wine64 reg add 'HKCU\Software\Wine' /v Version /d win10 /f >/dev/null 2>&1
  /usr/lib/wine/wineserver64 --wait
  cp bcryptprimitives.dll prefix.making/drive_c/windows/system32/
  touch prefix.making/complete
  mv prefix.making prefix
fi
