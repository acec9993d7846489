### The reports of `check` and `machines`, and the lines for Nagios.

## Sentences side by side

two-sentences = { $one } { $two }

## check

status-word = { $status ->
    [ok] ok
    [degraded] degraded
    [blocked] blocked
   *[unknown] unknown
}
path-title = { $path }: { $status }
path-title-at = { $path }: { $status } at { $stage }: { $reason }
path-fine = { $title }. { $summary } ({ $checks })
checks-passed = { $count ->
    [one] { $count } check passed
   *[other] { $count } checks passed
}
checks-passed-and-hidden = { $checks }; use --all to show them
paths-counted = { $count ->
    [one] { $count } path: { $counts }
   *[other] { $count } paths: { $counts }
}
paths-ok = { $count } { $status }
paths-of-status = { $more ->
    [0] { $count } { $status } ({ $names })
   *[other] { $count } { $status } ({ $names } and { $more } more)
}
list-separator = { ", " }
first-steps-title = What to do first:
besides-title = { $contributes ->
    [yes] Another fault blocks the path, at { $stage }: { $problem }.
   *[no] Another problem, at { $stage }: { $problem }.
}
machines-listed = { $more ->
    [0] Machines: { $names }
   *[other] Machines: { $names } and { $more } more
}
more-problems = { $count ->
    [one] There is { $count } more problem: see `--output json`.
   *[other] There are { $count } more problems: see `--output json`.
}
name-and-more = { $name } and { $more } more
clock-not-read = not read
via-proxy = via { $proxy }
not-probed = not probed
past-login = { $cell }, after login
ends-on = { $cell }, ends { $day }
proxy-ends-on = { $cell }, proxy ends { $day }

## Clocks

clocks-title = Clocks, compared with this machine's:
clock-kind-unknown = unknown
true-time-unknown = { $why ->
    [not_configured] True time is unknown: no time server is configured.
    [not_asked] True time is unknown: no time server has been asked yet.
    [not_told] True time is unknown: no time server gives it.
    [not_certain] True time is unknown: the last answers of the time servers are too old to be exact enough.
   *[not_agreed] True time is unknown: there is no time that most of the time servers agree on.
}
time-server-impossible = True time is unknown: { $server } { $said }. Correct its clock, or remove it from `clock.ntp`.
own-clock-summary = { $kind ->
    [alone] { own-clock-offset }, according to { $server } alone.
    [supported] { own-clock-offset }: { $agreeing } of { $heard } time servers agree, and { $server } agrees with this machine.
   *[agreed] { own-clock-offset }: { $agreeing } of { $heard } time servers agree.
}
own-clock-offset = { $relation ->
    [ahead] This machine's clock is { $span } ahead of true time
    [behind] This machine's clock is { $span } behind true time
   *[near] This machine's clock is at most { $span } off true time
}

## machines

machines-counted = { $count ->
    [one] { $count } machine
   *[other] { $count } machines
}
fleet-summary = { $machines }{ fleet-expiring }{ fleet-lost }{ fleet-overdue }{ fleet-stale }{ fleet-next }
fleet-expiring = { $expiring ->
    [0] { "" }
   *[other] , { $expiring } expiring within { $days ->
        [one] { $days } day
       *[other] { $days } days
    }
}
fleet-lost = { $lost ->
    [0] { "" }
   *[other] , { $lost } lost
}
fleet-overdue = { $overdue ->
    [0] { "" }
   *[other] , { $overdue } overdue
}
fleet-stale = { $stale ->
    [0] { "" }
   *[other] , { $stale } stale
}
fleet-next = { $machine ->
    [none] { "" }
   *[other] , the next to lose activation is { $machine } on { $day }
}
path-fleet = path { $path }: { $summary }
no-license = no license
unknown-product = unknown
license-never-ends = never
license-none-left = none
license-lost = lost
license-end-unknown = not known
machines-not-shown = { $machines } not shown; see --limit, --within, --lost, --path and --name
column = { $column ->
    [machine] machine
    [state] state
    [left] time left
    [late] late by
    [host] KMS host
   *[reason] reason
}
stale-since = no report since { $day }
license-ended = ended { $day }

## One machine

machine-reported = { $stale ->
    [yes] Last report { $moment } UTC, { $ago } ago, from { $source }. That is too long ago.
   *[no] Last report { $moment } UTC, { $ago } ago, from { $source }.
}
machine-on-path = Depends on path { $path }.
machine-on-no-path = Depends on no monitored path.
machine-rearms = { $count ->
    [one] Windows can be rearmed { $count } more time.
   *[other] Windows can be rearmed { $count } more times.
}
machine-is-kms-host = This is a KMS host for { $application }: it counts { $clients } clients and needs { $required }.
license-title = { $product } ({ $channel })
license-state = State: { $state }. Time left: { $left }.
license-until = Loses activation on { $day } unless it renews.
license-renewed = { $late ->
    [no] Last renewed on { $day }.
   *[other] Last renewed on { $day }; late by { $late }.
}
license-last-error = The last attempt failed with { $code }.
license-key = The key ends in { $key }.
license-by-domain = Activated by Active Directory: it depends on its domain, and on no KMS host.
license-kms-host = KMS host: { $host }.
license-addon = An add-on: the activation of the product does not depend on it.
kms-host-serves = KMS host { $host } serves.
kms-host-fails = KMS host { $host } fails at { $stage }: { $reason }.
codes-title = What the codes mean:
history-title = What changed:
history-empty = No changes of its licenses are recorded.

## changes

changes-title = { $count ->
    [0] Nothing changed since { $since } UTC.
    [one] { $count } change since { $since } UTC, the latest first:
   *[other] { $count } changes since { $since } UTC, the latest first:
}
changes-verdicts-since = Verdicts are known since { $since } UTC only.
changes-without-verdicts = Changes of verdicts are not listed: no daemon was asked, and the store has none.
changes-more = Older changes are not listed; use a shorter --since.
change-license = { $product }: { $from } → { $to }
change-silent = silent; last report { $day } UTC
change-silent-many = silent
change-appeared = first report
change-gone = removed or renamed
change-path = path { $path }
change-path-of = path { $path } of { $instance }
change-from = { $before } → { $since }
change-verdict = { $status }
change-verdict-at = { $status } at { $stage }: { $reason }
