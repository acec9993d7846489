#!/usr/bin/env bash
# Makes the MSI and the zip for Windows, on Linux, with Debian's gcc-mingw-w64-x86-64-posix, msitools, python3, wixl and
# zip.
#
# usage: build.sh PROGRAM FOLDER THIRD-PARTY [VERSION]
#
# PROGRAM is gracewatch.exe; THIRD-PARTY the licenses of what is linked, as third-party.sh writes them. Sign what comes of
# it with osslsigncode or signtool: first the program, then the MSI.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
program=$(realpath "$1")
folder=$(realpath "$2")
third_party=$(realpath "$3")
version=${4:-$(sed -n 's/^version = "\([0-9.]*\).*/\1/p' "$root/Cargo.toml" | head -1)}
name=gracewatch-$version-x64
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Files for people have the ends of lines that every editor there knows.
cp "$program" "$work/gracewatch.exe"
sed 's/$/\r/' "$root/deploy/windows/gracewatch.yaml" >"$work/server.yaml"
sed 's/$/\r/' "$here/agent.yaml" >"$work/agent.yaml"
sed 's/$/\r/' "$root/LICENSE" >"$work/LICENSE.txt"
sed 's/$/\r/' "$third_party" >"$work/THIRD-PARTY.txt"
x86_64-w64-mingw32-gcc-posix -shared -Os -s -Wall -Wextra -Werror -o "$work/setup.dll" "$here/setup.c" -lmsi \
  -ladvapi32

# A version has one product code: the same version is not installed twice.
code=$(python3 -c 'import sys, uuid; print(str(uuid.uuid5(uuid.NAMESPACE_OID, sys.argv[1])).upper())' "gracewatch $version")

# wixl leaves out what it does not know, says so, and succeeds.
cd "$work"
wixl --arch x64 --define "Version=$version" --define "ProductCode=$code" --output made.msi "$here/gracewatch.wxs" \
  2>wixl.txt || true
if [ -s wixl.txt ]; then
  cat wixl.txt >&2
  exit 1
fi
# The kinds of actions: a check at once; a property; what SYSTEM does once all is decided, in setup.dll or by a program of
# Windows, whatever that ends with; and the same when an installation is undone, or done. 8192 keeps a secret from logs.
actions() {
  awk -F '\t' '
    BEGIN {
      kinds["check"] = 1
      kinds["set"] = 51; kinds["set-hidden"] = 51 + 8192
      kinds["do"] = 1 + 1024 + 2048; kinds["do-hidden"] = 1 + 1024 + 2048 + 8192
      kinds["run"] = 34 + 64 + 1024 + 2048
      kinds["undo"] = kinds["run"] + 256; kinds["commit"] = kinds["run"] + 512
    }
    /^#/ || !NF { next }
    NF != 6 || !($3 in kinds) { print "actions.tsv:" NR ": this is no action" > "/dev/stderr"; exit 1 }
    {
      print "INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES " \
        "(\047" $2 "\047, " kinds[$3] ", \047" $4 "\047, \047" $5 "\047)"
      print "INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES " \
        "(\047" $2 "\047, \047" $6 "\047, " $1 ")"
    }' "$here/actions.tsv"
}
actions >actions.sql
statements=()
while IFS= read -r line; do
  case $line in '' | --*) ;; *) statements+=(-q "$line") ;; esac
done < <(cat "$here/tables.sql" actions.sql)
# A program that has a version is taken for newer than any without, and so the tables have it as well.
x86_64-w64-mingw32-windres -J coff -O rc gracewatch.exe resources.txt 2>windres.txt || : >resources.txt
file_version=$(sed -n 's/^ FILEVERSION //p' resources.txt | tr -d ' \r' | tr , .)
if [ -n "$file_version" ]; then
  statements+=(
    -q "UPDATE \`File\` SET \`Version\` = '$file_version', \`Language\` = '1033' WHERE \`File\` = 'gracewatch.exe'"
    -q "DELETE FROM \`MsiFileHash\` WHERE \`File_\` = 'gracewatch.exe'"
  )
fi
msibuild made.msi "${statements[@]}" 2>msibuild.txt || true
if [ -s msibuild.txt ]; then
  cat msibuild.txt >&2
  exit 1
fi
mkdir -p "$folder"
mv made.msi "$folder/$name.msi"

# The zip has no installer in it, and what the installer would put into ProgramData.
rm -rf zip
mkdir "zip" "zip/$name"
cp gracewatch.exe LICENSE.txt THIRD-PARTY.txt "zip/$name/"
cp server.yaml "zip/$name/gracewatch.yaml"
cp "$root"/deploy/windows/*.ps1 "zip/$name/"
rm -f "$folder/$name.zip"
(cd zip && zip --quiet --recurse-paths -X "$folder/$name.zip" "$name")
