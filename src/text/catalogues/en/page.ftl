### The pages of the daemon.

## Around every page

page-skip = Skip to the content
page-navigation = Pages
page-tab = { $tab ->
    [overview] Overview
    [machines] Machines
    [runway] Runway
    [kms-hosts] KMS hosts
    [changes] Changes
    [explain] Explain a code
   *[about] About
}
page-as-of = As of
page-not-refreshed = This page cannot be refreshed. What it shows may be old.
page-demo = Demo: break something
page-find = Find
page-nothing-known = nothing is known

## Where a page cannot be shown

page-fault = { $status ->
    [400] This request is not understood
    [404] There is no such page
    [503] Not available now
   *[other] This cannot be shown
}
page-near = Perhaps one of these is meant:
page-unknown = `{ $address }`: no page has this address
page-parameter-unknown = `{ $name }`: this page takes { $known }
page-format = `format={ $value }`: the only format is csv
page-filters = The filters are name, product, channel, status (0 to 6), path, within (days), lost, overdue, at_risk, unlisted and stale (true or false). The filter missing goes with name alone. The list takes sort (expiry, name, reported, overdue), offset, limit (1 to 1000) and format=csv.

## The first page

page-headline = { $state ->
    [nothing] Nothing is monitored yet
    [measuring] The first round is under way
    [ok] { $count ->
        [one] The path to activation works
       *[other] All { $count } paths to activation work
    }
    [degraded] Activation works, with problems on { $bad } of { $count } paths
    [blocked] Activation is blocked on { $bad } of { $count } paths
   *[unknown] { $bad } of { $count } paths cannot be judged
}
page-measuring = Verdicts follow within a minute or two.
page-losses = { page-lost }{ page-soon }
page-lost = { $lost ->
    [0] { "" }
    [one] { $lost } machine has lost activation.{ " " }
   *[other] { $lost } machines have lost activation.{ " " }
}
page-soon = { $soon ->
    [0] { "" }
    [one] { $soon } machine loses it within 7 days.
   *[other] { $soon } machines lose it within 7 days.
}
page-now = Do this first
page-all-steps = All steps
page-step-lost = Open a machine that lost activation. Its page shows the code that it reports, and what to do.
page-lost-machines = Machines that lost activation
page-step-soon = Find out why { $machine } does not renew: it is the next to lose activation.
page-this-machine = Show the machine
page-unconfigured = This machine has no DNS domain, so there is nothing to monitor. Name what to monitor in a file, and start gracewatch with --config and its name:
page-unconfigured-demo = A company to look at, without any configuration:
page-paths = Paths to activation
page-since = since
page-depend = { $count ->
    [one] { $count } machine depends on it
   *[other] { $count } machines depend on it
}
page-strip = { $span ->
    [day] last 24 hours
   *[month] last 30 days
}
page-strip-share = { $share } of { $known }
page-more-paths = { $count ->
    [one] Show { $count } more path
   *[other] Show { $count } more paths
}
page-fleet = Machines
page-tile = { $figure ->
    [known] known
    [lost] lost activation
    [soon] lose it within 7 days
    [late] renew late
    [silent] silent
    [missing] never reported
    [unlisted] not in the inventory
    [losing] lose it within 180 days
    [later] lose it later
   *[without-end] without a known end
}
page-to-runway = Runway
page-changed = Changed since yesterday
page-all-changes = All changes
page-nothing-changed = Nothing changed.
page-more-changes = { $count ->
    [one] { $count } more change
   *[other] { $count } more changes
}
page-look-up = Look up
page-find-machine = Find a machine by its name, or a part of it
page-explain-code = Explain an error code, an event, or the text of an error
page-explain = Explain

## Machines

page-sheet = Sheet for Excel (CSV)
page-filter = { $filter ->
    [name] Name
    [product] Product
    [channel] Channel
    [status] Status
    [path] Path
    [within] Loses it within days
    [only] Only machines that
    [lost] lost activation
    [overdue] renew late
    [stale] are silent
    [unlisted] are not in the inventory
   *[at_risk] are at risk
}
page-all-machines = Clear the filters
page-no-machines = No machine is like this.
page-previous = Previous
page-next = Next
page-column = { $column ->
    [machine] Machine
    [state] State
    [left] Time left
    [late] Late by
    [host] KMS host
    [path] Path
    [reported] Last report
    [reason] Reason
    [endpoint] Endpoint
    [target] Target
    [address] Address
    [stage] Stage
    [time] Time
    [detail] What was seen
    [from] Since (UTC)
    [verdict] Verdict
    [length] For
    [day] Day
    [machines] Machines
    [sum] In all by then
    [already] Already lost
    [what] Machine or path
    [change] Change
    [count] Count
    [required] Needs
    [requests] Requests
    [own-license] Own license
    [application] Application
    [clock] Clock
    [last] Last
    [longest] Longest
    [course] Over time
    [limit] Limit
    [used] Used
   *[most] At most
}

## One machine

page-known = What is known
page-licenses = Licenses
page-fact = { $fact ->
    [path] Path
    [received] Last news
    [complete] Last complete report
    [rearms] Rearms left
    [client-machine-id] Client machine ID
    [service] Licensing service
    [kms-host] KMS host
    [left] Time left
    [loses] End
    [renewed] Last renewed
    [due] Next renewal
    [late] Late by
    [last-error] Last error
    [uses] KMS host
    [activation] Activation
    [key] Key ends in
    [sku] SKU
    [reported] Reported
    [addon] Add-on
    [version] Version
    [commit] Commit
    [tasks] Tasks
    [store] Store
    [uptime] Up for
    [loaded] Configuration loaded
    [certificate] Certificate ends
   *[inbox] Inbox
}

## One path

page-chain = The path, as a client takes it
page-stage = { $stage ->
    [srv] DNS (SRV)
    [address] Address
    [tcp] TCP
    [proxy] Proxy
    [tls] TLS
    [http] HTTP
    [rpc] RPC
    [clock] Clock
    [host] Host license
    [count] Client count
   *[client] Client
}
page-passing = { $passing } of { $all } pass
page-not-seen = not seen
page-pending = Failing now: { $status }. It becomes the verdict after { $of } rounds in a row; { $rounds } failed so far.
page-held = It passes again. The verdict stays until { $moment } UTC at least.
page-troubles = What else is wrong
page-more-troubles = { $count ->
    [one] There is { $count } more problem.
   *[other] There are { $count } more problems.
}
page-matrix = Endpoints and proxies
page-targets = Targets
page-more-rows = { $count ->
    [one] Show { $count } more row
   *[other] Show { $count } more rows
}
page-timing = How long probes took
page-timing-left-out = { $count ->
    [one] { $count } more target is not kept.
   *[other] { $count } more targets are not kept.
}
page-history = Verdicts of the last 30 days

## Runway

page-runway-what = How many machines lose activation on each of the next 180 days, if nothing is renewed from now on.
page-runway-days = Machines that lose activation, by day and path
page-runway-none = No machine loses activation within 180 days.
page-no-path = on no path
page-other-paths = other paths

## KMS hosts

page-hosts-what = The KMS hosts that paths lead to, and those that report of themselves.
page-no-hosts = No path leads to a KMS host, and none has reported.
page-host = { $state ->
    [serves] serves
    [activates-none] activates no client
    [silent] silent
    [publishing-off] does not publish itself in DNS
   *[not-probed] not probed
}
page-host-failed-start = { $code ->
    [none] could not start on { $day }
   *[other] could not start on { $day } ({ $code })
}
page-host-unpublished = { $code ->
    [none] could not publish its record in { $domain } on { $day }
   *[other] could not publish its record in { $domain } on { $day } ({ $code })
}
page-host-note = { $note ->
    [asked] last asked { $moment }
   *[reported] last report { $moment }
}
page-application = { $application ->
    [windows] Windows
    [office] Office
    [office2010] Office 2010
   *[other] { $application }
}
page-requests-failed = { $failed } failed
page-clock-off = { $direction ->
    [behind] { $span } behind
   *[ahead] { $span } ahead
}
page-more-hosts = { $count ->
    [one] { $count } more host is not listed.
   *[other] { $count } more hosts are not listed.
}

## Changes, codes, and the program

page-changes-span = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
page-usual-codes = Often seen:
page-limits = Limits and their use
page-configuration = Configuration in force
page-clocks = Clocks
page-programs = For programs
page-tasks = { $tasks } on { $threads } threads
page-store-down = { $store } is unavailable
page-reload-refused = { $moment }; the last reload was refused
page-inbox = { $healthy ->
    [yes] processed; { $count } waiting
   *[no] cannot be processed; { $count } waiting
}
