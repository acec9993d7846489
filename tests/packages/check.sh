#!/usr/bin/env bash
# Whether both packages are well made, and what becomes of machines that install them, or follow docs/install/linux.md by hand.
# Arguments: the program to put into them, built without features, and the folder of the Debian that they are installed
# on, which is made where it is not there.
set -euo pipefail
cd "$(dirname "$0")/../.."

program=$(realpath "$1")
debian=$(realpath --canonicalize-missing "$2")
work=$PWD/target/packages
here=tests/packages
. "$here/machine.sh"
. "$here/service.sh"

python3 "$here/without_features.py" "$program"
for script in deploy/packages/debian/postrm deploy/packages/rpm/*.sh; do
  sh -n "$script"
done

# They take the program from where a release build would put it.
rm -rf "$work/release" "$work/debian" "$work/generate-rpm"
mkdir -p "$work/release"
strip --output-file "$work/release/gracewatch" "$program"
deploy/packages/generate.sh "$program" "$work/release"
make_debian "$debian"

. "$here/deb.sh"
. "$here/rpm.sh"
. "$here/by_hand.sh"
