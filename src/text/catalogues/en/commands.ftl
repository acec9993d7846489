### Why commands fail, and what becomes of what they are given.

other-error = { $error }
nothing-to-explain = nothing to explain: name a code, such as 0xC004F074, or give a text on stdin
stdin-cut-off = stdin: only the first { $most } MiB are looked at
reporters-not-known = which machines report it is not known: { $error }
file-unwritable = { $file } cannot be written: { $error }
tokens-in-use = another program changes the tokens; if none does, remove { $file } and try again
stopping = gracewatch is stopping

## Reports that are imported

reports-stored = { $stored } stored, { $unchanged } unchanged, { $outdated } outdated
reports-refused = { $stored }, { $refused } refused
reports-not-understood = { $stored }, { $skipped } not understood
report-rejected = report { $number }: { $reason }
more-reports-rejected = { $count } more reports are rejected
report-of-nobody = it names no machine
report-denied = the token `{ $token }` does not speak for { $machine }
report-of-too-many-machines = { $most } machines are known, the most that are kept; { $machine } is not among them
report-of-too-many-licenses-in-all = { $most } licenses are known, the most that are kept (status.licenses); those of { $machine } that are new are not added
report-of-too-many-terms = the products, keys and hosts that are known fill { $mebibytes } MiB, the most that is kept; those of { $machine } are others
report-beyond-share = the machines of token { $token } have three quarters of all that is kept; nothing more of { $machine } is added
report-of-too-many-licenses = more than { $most } licenses on one machine are not kept
input-empty = it is empty
input-not-text = it is no text{ $detail }
input-unknown = it is in no format that is known here: WMI as JSON or CSV, the text of slmgr or ospp.vbs, events as XML or JSON, or an export of VAMT
input-other-language = it seems to be the text of slmgr in another language: slmgr is read in English and Japanese only; WMI as JSON can be read in any language
input-malformed = { $kind ->
    [line] line { $number }: { $error }
    [event] event { $number }: { $error }
   *[other] { $place }: { $error }
}
input-stopped = the reading was stopped
input-not-a-file = it is not a file
input-too-long = it is longer than { $most } MiB; split it
input-not-understood = nothing in it is understood

## The store

store-unavailable = the store { $store } cannot be reached: { $error }
store-full = the store { $store } is full: no space is left on its disk
store-read-only = the store { $store } cannot be written: { $error }
store-busy = the store { $store } is in use by another program, which did not let go of it in time
store-newer = the store { $store } was last used by a newer gracewatch: update this one
store-replaced = the store { $store } was deleted or replaced while it was in use: its file is opened anew
store-damaged = the store { $store } is damaged: { $error }
store-not-a-store = { $store } is not a Gracewatch database, or is damaged: { $error }
store-failed = the store { $store } failed: { $error }
backup-by-server = { $store } is copied by pg_dump: pg_dump --format=custom --file={ $file } URL; nothing was written
backup-no-store = there is no store at { $store }
backup-exists = { $file } exists already, and is not overwritten: name another file, or remove it first
backup-name = { $file } cannot be the copy: { $error }
backup-unwritable = the copy { $file } cannot be written: { $error }

## The daemon, and what it needs of this machine

daemon-listen = cannot listen on { $address }: { $error }
daemon-signals = cannot catch signals: { $error }
daemon-web = the HTTP server ended unexpectedly
daemon-task = a task ended unexpectedly: { $error }
daemon-service = the service that keeps the status of machines ended unexpectedly
daemon-random = the system has no random numbers
daemon-metrics = the metrics cannot be set up: { $error }
too-few-threads = the system gives too few threads ({ $error }); raise the limit of processes: `ulimit -u` in a shell, TasksMax= in a unit, the limit of pids of a container
too-few-descriptors = the system gives too few file descriptors ({ $error }); raise their limit: `ulimit -n` in a shell, LimitNOFILE= in a unit
no-runtime = the runtime cannot begin: { $error }
descriptors-lowered = { $key } is lowered from { $wanted } to { $allowed }: this process may have { $limit } file descriptors, a probe needs up to { $each } and a connection one; raise the hard limit (LimitNOFILE= in a unit, ulimit -Hn in a shell), or lower { $key }
days-needed = days are needed, such as 7d
span-needed = a span such as 1d or 12h, or a day, is needed
