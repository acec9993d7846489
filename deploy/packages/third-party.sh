#!/bin/sh
# Prints which crates are linked into the program, each with its license and the texts of that. A text that several have
# is printed once. Arguments: those that the program is built with, such as --features proxy-auth.
set -eu
cd "$(dirname "$0")/../.."

registry=${CARGO_HOME:-$HOME/.cargo}/registry/src
# Crates that only work at build time, such as procedural macros, are not linked.
crates=$(cargo tree --locked --edges normal,no-proc-macro --prefix none --no-dedupe --format '{p}|{l}' "$@" |
  grep -v '^gracewatch v' | sort -u)
texts=$(mktemp -d)
trap 'rm -rf "$texts"' EXIT

echo "Gracewatch is linked with these crates. Below each are the texts that it comes with, which follow the list."
echo
echo "$crates" | while IFS='|' read -r crate license; do
  name=${crate%% *} version=${crate#* v}
  version=${version%% *}
  echo "$name $version: $license"
  find "$registry"/*/"$name-$version" -type f ! -name '*.rs' \( -iname 'license*' -o -iname 'licence*' \
    -o -iname 'copying*' -o -iname 'copyright*' -o -iname 'unlicense*' -o -iname 'notice*' -o -ipath '*/licenses/*' \) |
    sort >"$texts/files"
  # Of one that comes without a text, ours is the same where it offers the license that we have.
  case $license in
    *Apache-2.0*) [ -s "$texts/files" ] || echo "$PWD/LICENSE" >"$texts/files" ;;
  esac
  # Then the crate has to be looked at, and where its text is has to be added here.
  [ -s "$texts/files" ] || { echo "$name $version comes without the text of its license" >&2; exit 1; }
  while read -r file; do
    digest=$(sha256sum <"$file" | cut -c 1-12)
    shown=${file#"$registry"/*/"$name-$version"/}
    echo "  ${shown#"$PWD/"}: text $digest"
    cp "$file" "$texts/$digest"
  done <"$texts/files"
done
rm "$texts/files"
for text in "$texts"/*; do
  printf '\n==== text %s\n\n' "${text##*/}"
  cat "$text"
  echo
done
