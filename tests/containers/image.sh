#!/usr/bin/env bash
# Builds the image of deploy/container by buildah, and runs it by podman as docs/install/container.md shows: as nobody, with a root that is
# read-only, in a network of its own. The registries its base images come from are not asked: both are made here of what
# this system has. Cargo in the one that builds is a stand-in, which hands over the program that is built already, and one
# crate that it is linked with. The same image then runs in the pod of deploy/kubernetes.
# Arguments: hadolint, and that program, beside which Cargo has written what it was built from.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."

# Mounts end with this script. A second hierarchy of control groups beside the first is more than crun takes.
if [ -z "${OWN_MOUNTS:-}" ]; then
  OWN_MOUNTS=yes exec unshare --mount tests/containers/image.sh "$@"
fi
! mountpoint --quiet /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified

hadolint=$1
sources=$(realpath "$2").d
work=$(mktemp --directory)
# Copied often, and as small as the one that is shipped.
program=$work/gracewatch
strip --strip-debug -o "$program" "$2"
server=
clean_up() {
  [ -z "$server" ] || kill "$server" || true
  podman_here pod rm --all --force --time 0 >/dev/null 2>&1 || true
  podman_here rm --all --force --time 0 >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'echo "$0: failed at lines $LINENO ${BASH_LINENO[*]}" >&2' ERR

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

buildah_here() { buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" "$@"; }

podman_here() {
  podman --storage-driver vfs --root "$work/storage" --runroot "$work/run" --cgroup-manager cgroupfs \
    --events-backend none "$@"
}

# Puts programs into a root, with the libraries they are linked with.
put_programs() {
  local root=$1 file
  shift
  for file in "$@" $(ldd "$@" | grep --only-matching '/[^ ]*[^ :]' | sort --unique); do
    [ -e "$root$file" ] || install -D "$file" "$root$file"
  done
}

# Makes an image of a root, with further options of its configuration.
make_image() {
  local name=$1 root=$2 container
  shift 2
  container=$(buildah_here from scratch)
  buildah_here copy --quiet "$container" "$root" / >/dev/null
  buildah_here config "$@" "$container"
  buildah_here commit --quiet --rm "$container" "localhost/$name" >/dev/null
}

# What distroless/cc has of what matters here: the C library, the user and the trusted roots. One root is ours.
make_base() {
  local root=$work/base
  put_programs "$root" "$program"
  rm "$root$program"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/root.pem" 2>/dev/null
  install -D -m 644 "$work/root.pem" "$root/etc/ssl/certs/ca-certificates.crt"
  mkdir -p "$root/var/lib" "$root/tmp"
  echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' >"$root/etc/passwd"
  make_image base "$root"
}

make_toolchain() {
  local root=$work/toolchain
  put_programs "$root" /bin/sh /usr/bin/{install,cat,cp,cut,dirname,find,grep,mktemp,rm,sha256sum,sort}
  mkdir -p "$root/tmp"
  install "$program" "$root/gracewatch"
  # What an earlier build left would pass for what is built now.
  cat >"$root/usr/bin/cargo" <<'CARGO'
#!/bin/sh
case "$*" in
"build --locked --release --features ")
  [ ! -e target ] || exit 1
  install -D /gracewatch target/release/gracewatch
  ;;
"tree --locked --edges normal,no-proc-macro "*" --features ") echo 'stand-in v1.0.0|MIT' ;;
*) exit 1 ;;
esac
CARGO
  chmod +x "$root/usr/bin/cargo"
  mkdir -p "$root/cargo/registry/src/index/stand-in-1.0.0"
  echo 'The text of its license.' >"$root/cargo/registry/src/index/stand-in-1.0.0/LICENSE"
  make_image toolchain "$root" --env CARGO_HOME=/cargo
}

build() {
  buildah_here build --isolation chroot --pull-never --format docker \
    --build-arg BUILD_IMAGE=localhost/toolchain --build-arg BASE_IMAGE=localhost/base \
    --file deploy/container/Dockerfile "$@" . >"$work/log" 2>&1 || fail "$(cat "$work/log")"
}

# Whether the real Cargo finds in the stage that builds all that it takes.
check_sources() {
  local container root file
  build --target build --tag localhost/build
  container=$(buildah_here from --pull-never localhost/build)
  root=$(buildah_here mount "$container")/build
  cargo fetch --locked --offline --target "$(rustc -vV | sed -n 's/^host: //p')" --manifest-path "$root/Cargo.toml"
  for file in $(sed 's/^.*: //' "$sources"); do
    file=${file#"$(pwd -P)/"}
    [ -f "$root/$file" ] || fail "the program is built from $file, which the image is not"
  done
  # Least of all the configurations that are edited, which may hold passwords.
  for file in README.md docs deploy/compose deploy/systemd; do
    [ ! -e "$root/$file" ] || fail ".dockerignore lets pass $file, which nobody needs"
  done
}

# Whether the image is the program, its licenses and its base alone.
check_content() {
  local container root
  container=$(buildah_here from --pull-never localhost/gracewatch)
  root=$(buildah_here mount "$container")
  diff <(cd "$work/base" && find . ! -type d | sort) <(cd "$root" && find . ! -type d | sort) >"$work/added" || true
  [ "$(sed -n 's/^> //p' "$work/added" | xargs)" = "./usr/bin/gracewatch ./usr/share/doc/gracewatch/LICENSE \
./usr/share/doc/gracewatch/THIRD-PARTY ./usr/share/gracewatch/empty.yaml" ] || fail "the image holds:" "$(cat "$work/added")"
  cmp LICENSE "$root/usr/share/doc/gracewatch/LICENSE"
  for line in 'stand-in 1.0.0: MIT' 'The text of its license.'; do
    grep --quiet --line-regexp "$line" "$root/usr/share/doc/gracewatch/THIRD-PARTY" || fail "THIRD-PARTY lacks: $line"
  done
  [ "$(stat --format '%u:%g %a' "$root/var/lib/gracewatch")" = "65532:65532 750" ]
  [ "$(stat --format '%u:%g %a' "$root/var/lib/gracewatch/inbox")" = "65532:65532 2770" ]
  # Nothing makes anyone else of whoever runs it, and nobody but root could change the program.
  [ -z "$(find "$root" -perm /6000 ! -type d)" ] || fail "something in the image is setuid"
  [ "$(stat --format '%u:%g %a' "$root/usr/bin/gracewatch")" = "0:0 755" ]
}

# Runs the image with nothing it could do without. The limits are ones that may be set everywhere; systemd, by which
# podman asks for health, may not be there.
run() {
  podman_here run --cgroups disabled --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 --no-healthcheck --pull never \
    --read-only --read-only-tmpfs=false --cap-drop ALL --security-opt no-new-privileges --network none "$@"
}

in_container() { podman_here exec gracewatch "$@"; }
in_its_network() { nsenter --target "$pid" --net "$@"; }

# Whether it is nobody, can become nobody else, and finds a root that is read-only.
is_confined() {
  grep --quiet --perl-regexp '^Uid:\t65532\t65532\t65532\t65532$' "/proc/$pid/status"
  grep --quiet --perl-regexp '^CapEff:\t0+$' "/proc/$pid/status"
  grep --quiet --perl-regexp '^NoNewPrivs:\t1$' "/proc/$pid/status"
  grep --quiet --perl-regexp '^\S+ / \S+ ro[, ]' "/proc/$pid/mounts"
}

# Waits until a command succeeds.
await() {
  local deadline=$((SECONDS + 20))
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "in vain: $*" "$(podman_here logs gracewatch 2>&1)"
  done
}

echo "Dockerfile: $("$hadolint" --version)"
"$hadolint" deploy/container/Dockerfile

make_base
make_toolchain
check_sources
build --tag localhost/gracewatch
check_content

install -m 755 --directory "$work/etc"
cat >"$work/etc/gracewatch.yaml" <<'YAML'
paths: [{name: local, kms: {hosts: ["127.0.0.1:1688"]}}]
clock: {host_clocks: off}
status:
  store: sqlite:/var/lib/gracewatch/gracewatch.db
  inbox: /var/lib/gracewatch/inbox
YAML
run --detach --name gracewatch --volume "$work/etc:/etc/gracewatch:ro" --volume gracewatch:/var/lib/gracewatch \
  --env GRACEWATCH_CONFIG=/etc/gracewatch/gracewatch.yaml localhost/gracewatch >/dev/null
pid=$(podman_here inspect --format '{{.State.Pid}}' gracewatch)

shows() { in_its_network curl --fail --silent http://127.0.0.1:10688/metrics | grep "^$1$" >/dev/null; }
await in_its_network curl --fail --silent http://127.0.0.1:10688/-/ready
await shows 'gracewatch_inbox_up 1'

is_confined
in_container /usr/bin/gracewatch machines | grep '^0 machines' >/dev/null
[ -s "$(podman_here volume inspect --format '{{.Mountpoint}}' gracewatch)/gracewatch.db" ]

# What the image says how to ask for its health is right, and reports where there is none.
[ "$(podman_here image inspect --format '{{.User}}' localhost/gracewatch)" = 65532:65532 ]
words='{{range .HealthCheck.Test}}{{println .}}{{end}}'
mapfile -t health < <(podman_here image inspect --format "$words" localhost/gracewatch | sed '1d;/^$/d')
in_container "${health[@]}" >/dev/null
if run --rm --entrypoint "${health[0]}" localhost/gracewatch "${health[@]:1}" >/dev/null; then
  fail "where nothing runs, it is in good health"
fi

# Endpoints are believed by the roots of the image.
nsenter --target "$pid" --net openssl s_server -quiet -www -accept 127.0.0.1:8443 -key "$work/key.pem" \
  -cert "$work/root.pem" >/dev/null 2>&1 &
server=$!
await in_its_network curl --silent --cacert "$work/root.pem" https://localhost:8443
in_container /usr/bin/gracewatch check https://localhost:8443 >"$work/log" || fail "$(cat "$work/log")"

# What is to be rolled out is checked with secrets where the pod has them.
install -m 755 --directory "$work/secrets"
echo secret >"$work/secrets/proxy"
cat >"$work/next.yaml" <<'YAML'
paths: [{name: online, online: {endpoints: microsoft, proxies: [
  {url: "http://proxy.corp.example:3128", username: probe, password: "${file:/run/secrets/gracewatch/proxy}"}]}}]
YAML
check_next() {
  run --rm --volume "$work/next.yaml:/gracewatch.yaml:ro" --volume "$work/secrets:/run/secrets/gracewatch:ro" \
    localhost/gracewatch config check /gracewatch.yaml >"$work/log" 2>&1
}
check_next || fail "$(cat "$work/log")"
rm "$work/secrets/proxy"
! check_next || fail "a secret that is not there is not missed"
grep --quiet /run/secrets/gracewatch/proxy "$work/log"

# A file that is put in the place of another is read, and one that is wrong is not taken.
shows 'gracewatch_config_last_reload_successful 1'
sed '$a nonsense: 1' "$work/etc/gracewatch.yaml" >"$work/new.yaml"
mv "$work/new.yaml" "$work/etc/gracewatch.yaml"
podman_here kill --signal HUP gracewatch >/dev/null
await shows 'gracewatch_config_last_reload_successful 0'

podman_here stop --time 10 gracewatch >/dev/null
[ "$(podman_here inspect --format '{{.State.ExitCode}}' gracewatch)" = 0 ]
podman_here logs gracewatch 2>&1 | grep ' stopping$' >/dev/null
podman_here rm --volumes gracewatch >/dev/null
podman_here volume rm gracewatch >/dev/null
. tests/containers/pod.sh
echo "the image runs: $(podman_here image inspect --format '{{.User}}' localhost/gracewatch)"
