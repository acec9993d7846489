# A machine to install packages on: a Debian of its own with systemd as its first process, and no network but loopback.
# Sourced. What is done to it is gone once it is shut down.

# Makes the Debian that machines begin with, unless it is there.
make_debian() { # FOLDER
  [ ! -e "$1" ] || return 0
  local suite
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  rm -rf "$1.unfinished"
  mmdebstrap --quiet --variant=essential --include=rpm,systemd "$suite" "$1.unfinished"
  mv "$1.unfinished" "$1"
}

# Starts a machine, and waits until it is up.
boot() { # DEBIAN [OPTION of systemd-nspawn...]
  local debian=$1 unit=()
  shift
  # Without systemd outside there is nobody to make a unit of it.
  [ -d /run/systemd/system ] || unit=(--keep-unit)
  systemd-nspawn --quiet --directory="$debian" --volatile=overlay --boot --private-network --register=no "${unit[@]}" \
    --console=pipe "$@" </dev/null >"$work/machine.log" 2>&1 &
  machine=$!
  trap leave EXIT
  eventually is_up
}

is_up() {
  first_process=$(pgrep --parent "$machine") && [ "$(inside systemctl is-system-running 2>/dev/null)" = running ]
}

# Does not leave a machine behind, and shows what was going on where something failed.
leave() {
  if [ $? -ne 0 ] && [ -n "${machine:-}" ]; then
    tail --lines 20 "$work/machine.log" >&2
    inside journalctl --unit gracewatch --lines 20 --no-pager >&2 || true
  fi
  shut_down
}

shut_down() {
  [ -n "${machine:-}" ] || return 0
  kill "$machine" 2>/dev/null || true
  wait "$machine" || true
  machine=
}

# Runs a command on the machine.
inside() {
  nsenter --target "$first_process" --all \
    env --ignore-environment PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"
}

# Asks the service on the machine by HTTP.
ask() { # PATH [OPTION of curl...]
  local path=$1
  shift
  nsenter --target "$first_process" --net \
    curl --silent --show-error --fail --max-time 10 "$@" "http://localhost:10688$path"
}

# Waits until a command succeeds, for a minute.
eventually() {
  local end=$((SECONDS + 60))
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || fail "not within a minute: $*"
    sleep 0.1
  done
}

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}
