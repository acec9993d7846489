# What holds of the service on a machine, however it came there, and what it makes of a machine's days. Sourced.

# The configuration, as an administrator writes it, and a token: both are secrets.
configuration='paths: [{name: branch, kms: {hosts: ["127.0.0.1:1688"]}}]
clock: {host_clocks: off}
status:
  store: sqlite:/var/lib/gracewatch/gracewatch.db
  inbox: /var/lib/gracewatch/inbox
  tokens_file: /etc/gracewatch/tokens'
token=0123456789abcdef
samples=src/formats/samples

# It is up, as a user that may do nothing, and only its group looks into its folders.
runs() {
  equal "$(inside systemctl is-enabled gracewatch)" enabled
  equal "$(inside systemctl is-active gracewatch)" active
  contains "$(ask /-/healthy)" healthy
  contains "$(ask /metrics)" "gracewatch_build_info{"
  local process
  process=$(main_process)
  equal "$(inside stat --format=%U "/proc/$process")" gracewatch
  contains "$(inside cat "/proc/$process/status")" "CapEff:	0000000000000000"
  equal "$(inside stat --format='%a %U %G' /etc/gracewatch)" "750 root gracewatch"
  equal "$(inside stat --format='%a %U %G' /var/lib/gracewatch)" "750 gracewatch gracewatch"
  equal "$(inside stat --format='%a %U %G' /var/lib/gracewatch/inbox)" "2770 gracewatch gracewatch"
  inside_as gracewatch gracewatch cat /etc/gracewatch/gracewatch.yaml >/dev/null
  refused inside_as nobody nogroup cat /etc/gracewatch/gracewatch.yaml
  refused inside_as gracewatch gracewatch tee --append /etc/gracewatch/gracewatch.yaml
  refused inside_as nobody nogroup ls /var/lib/gracewatch
}

# A reload takes up the configuration; one that is wrong leaves it in force. Neither starts another process.
reloads() {
  local before
  before=$(main_process)
  inside install -m 640 -g gracewatch /dev/null /etc/gracewatch/tokens
  inside tee /etc/gracewatch/tokens >/dev/null <<<"floor2 $token ws*"
  inside tee /etc/gracewatch/gracewatch.yaml >/dev/null <<<"$configuration"
  inside systemctl reload gracewatch
  eventually shows 'gracewatch_path_up{path="branch"} 0'
  inside tee /etc/gracewatch/gracewatch.yaml >/dev/null <<<"paths: nothing"
  inside systemctl reload gracewatch
  eventually shows 'gracewatch_config_last_reload_successful 0'
  contains "$(ask /metrics)" 'gracewatch_path_up{path="branch"} 0'
  inside tee /etc/gracewatch/gracewatch.yaml >/dev/null <<<"$configuration"
  inside systemctl reload gracewatch
  eventually shows 'gracewatch_config_last_reload_successful 1'
  equal "$(main_process)" "$before"
}

# Reports come in by HTTP, and by a file that somebody of the group leaves in the inbox.
takes_reports() {
  ask /api/v1/status --header "Authorization: Bearer $token" --data-binary "@$samples/wmi-envelope.json" >/dev/null
  inside_as nobody gracewatch tee /var/lib/gracewatch/inbox/ws0500.txt >/dev/null <"$samples/en-dlv-kmsclient.txt"
  eventually knows_both
}

knows_both() {
  local machines
  machines=$(ask /api/v1/machines) && [[ $machines == *ws0417* && $machines == *ws0500* ]]
}

# It keeps a watchdog of two seconds quiet, and is started again once it hangs.
lives() {
  inside mkdir -p /run/systemd/system/gracewatch.service.d
  inside tee /run/systemd/system/gracewatch.service.d/impatient.conf >/dev/null <<'E'
[Service]
WatchdogSec=2s
RestartSec=0
E
  inside systemctl daemon-reload
  inside systemctl restart gracewatch
  local first hung
  first=$(property WatchdogTimestampMonotonic)
  eventually said_so_after $((first + 4000000))
  equal "$(property NRestarts)" 0
  hung=$(main_process)
  inside sh -c "kill -STOP $hung"
  eventually has_been_replaced "$hung"
  contains "$(inside journalctl --unit gracewatch --output cat)" "Watchdog timeout"
  inside rm -r /run/systemd/system/gracewatch.service.d
  inside systemctl daemon-reload
  inside systemctl restart gracewatch
}

said_so_after() { [ "$(property WatchdogTimestampMonotonic)" -gt "$1" ]; }
has_been_replaced() {
  [ "$(property NRestarts)" = 1 ] && [ "$(property ActiveState)" = active ] && [ "$(main_process)" != "$1" ]
}

# Installing another version over it restarts it, and takes nothing away. The alerts bridge five minutes; a restart is
# over before two scrapes are missed.
survives() { # COMMAND...
  local before stopped started
  before=$(main_process)
  "$@"
  runs
  [ "$(main_process)" != "$before" ] || fail "the old version runs on"
  stopped=$(property InactiveEnterTimestampMonotonic) started=$(property ActiveEnterTimestampMonotonic)
  [ "$started" -gt "$stopped" ] && [ $((started - stopped)) -lt 30000000 ] || fail "away from $stopped to $started"
  equal "$(inside cat /etc/gracewatch/gracewatch.yaml)" "$configuration"
  knows_both || fail "the machines are forgotten"
  eventually shows 'gracewatch_path_up{path="branch"} 0'
}

# What a removal leaves: what the administrator wrote, and the store.
is_gone_but_for_its_data() {
  refused ask /-/healthy
  equal "$(property ActiveState)" inactive
  equal "$(inside find /usr -name '*gracewatch*')" ""
  inside test -s /var/lib/gracewatch/gracewatch.db
  inside test -s /etc/gracewatch/tokens
}

main_process() { property MainPID; }
property() { inside systemctl show --property "$1" --value gracewatch; }
shows() { grep --quiet --line-regexp --fixed-strings "$1" <<<"$(ask /metrics)"; }
inside_as() { # USER GROUP COMMAND...
  inside setpriv --reuid="$1" --regid="$2" --clear-groups "${@:3}"
}

equal() { [ "$1" = "$2" ] || fail "found: $1" "rather than: $2"; }
contains() { [[ $1 == *"$2"* ]] || fail "not found: $2" "in: $1"; }
refused() { ! "$@" </dev/null >/dev/null 2>&1 || fail "this works, and should not: $*"; }
