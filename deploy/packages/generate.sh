#!/bin/sh
# Writes what packages have beside the program and nobody wrote: manual pages, completions of shells, and the licenses of
# what is linked. Arguments: the program, which has to run here; the folder; and what the program was built with, such as
# --features proxy-auth.
set -eu

program=$(realpath "$1")
folder=$(realpath "$2")
shift 2
cd "$(dirname "$0")/../.."

rm -rf "$folder/man" "$folder/completions"
mkdir -p "$folder/man" "$folder/completions"
"$program" man --directory "$folder/man"
gzip -9n "$folder"/man/*
"$program" completions bash >"$folder/completions/gracewatch.bash"
"$program" completions zsh >"$folder/completions/_gracewatch"
"$program" completions fish >"$folder/completions/gracewatch.fish"
deploy/packages/third-party.sh "$@" >"$folder/THIRD-PARTY"
