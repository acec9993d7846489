### Why commands fail, and what becomes of what they are given.

other-error = { $error }
nothing-to-explain = nothing to explain: name a code, such as 0xC004F074, or give a text on stdin
stdin-cut-off = stdin: only the first { $most } MiB are read
reporters-not-known = which machines report it is not known: { $error }
file-unwritable = { $file } cannot be written: { $error }
tokens-in-use = another program changes the tokens; if none does, remove { $file } and try again
stopping = gracewatch is stopping

## Reports that are imported

reports-stored = { $stored } stored, { $unchanged } unchanged, { $outdated } outdated
reports-refused = { $stored }, { $refused } refused
reports-not-understood = { $stored }, { $skipped } not understood
outputs-replaced = { $count ->
    [one] the output on line { $first } does not count: a later one of the same machine is below it
   *[other] { $count } outputs do not count, the first on line { $first }: a later one of the same machine is below each
}
report-rejected = report { $number }: { $reason }
more-reports-rejected = { $count } more reports are rejected
report-of-nobody = it names no machine
report-denied = the token `{ $token }` may not report for { $machine }
report-of-too-many-machines = { $most } machines are known, the most that are kept; { $machine } is not among them
report-of-too-many-licenses-in-all = { $most } licenses are known, the most that are kept (status.licenses); those of { $machine } that are new are not added
report-of-too-many-terms = the products, keys and hosts that are known fill { $mebibytes } MiB, the most that is kept; those of { $machine } are not added
report-beyond-share = the machines of token { $token } have three quarters of all that is kept; nothing more of { $machine } is added
report-of-too-many-licenses = more than { $most } licenses on one machine are not kept
input-empty = it is empty
input-not-text = it is no text{ $detail }
input-unknown = it is in no format that is known here: WMI as JSON, CSV or a list, the text of slmgr or ospp.vbs, events as XML, JSON, CSV or text, or an export of VAMT
input-other-language = it seems to be the text of slmgr in a language that is not read. Either send the numbers of WMI as JSON or CSV, or run a copy of slmgr.vbs outside System32, which prints English: `copy %SystemRoot%\System32\slmgr.vbs %TEMP%`, then `cscript //nologo %TEMP%\slmgr.vbs /dlv`
input-unowned = line { $line }: { $why ->
    [no-names] the machines of this output and of one above differ, and no names are given; use one file for each machine, or write `Computer: NAME` above each output
    [same-name] this output has the same name above it as one of another machine; write `Computer: NAME` above each output
    [no-name] `{ $words }` is above this output and is no name of a machine; write `Computer: NAME` there
    [word] `{ $words }` above this output may be the name of a machine or not; write `Computer: NAME` there
    [between] names of machines are above and below this output, and either may be its own; write `Computer: NAME` above each output
    [session] a command is between this output and the name above it; write `Computer: NAME` above each output
    [mixed] two outputs are mixed from there on, and it cannot be known which line is of which; write each to its own file
   *[command] the command above this output does not name one machine: { $words }; write `Computer: NAME` above each output
}
input-prefixed = line { $line } has no time or machine before it, and other lines do; write the output without what is before each line
input-no-key = Office has no product key on this machine, so there is no license to report
input-attempt = it shows an activation that succeeded, and no status; `slmgr /dlv` or `ospp.vbs /dstatus` shows that
input-nothing = no report is in it: all of it is banners, prompts, unused products or events of other kinds
input-malformed = { $kind ->
    [line] line { $number }: { $error }
    [event] event { $number }: { $error }
   *[other] { $place }: { $error }
}
input-stopped = reading was interrupted
input-cut-table = line { $line }: the columns of this table are cut or run together; use a list, CSV or JSON: Format-List, ConvertTo-Csv, ConvertTo-Json, or wmic with /format:list
input-html = it is a page of HTML without a table of licenses: use ConvertTo-Json or ConvertTo-Csv in place of ConvertTo-Html
input-unread-event = event { $id } is not read; events 12288, 12289, 12290 to 12294, 8198 and 8230 are
input-not-a-file = it is not a file
input-too-long = it is longer than { $most } MiB; split it
input-not-understood = nothing in it is understood

## The store

store-unavailable = the store { $store } cannot be reached: { $error }
store-full = the store { $store } is full: no space is left on its disk
store-read-only = the store { $store } cannot be written: { $error }
store-busy = the store { $store } is in use by another program, which did not release it in time
store-newer = the store { $store } was last used by a newer gracewatch: update this one
store-replaced = the store { $store } was deleted or replaced while it was in use: it is opened again
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
daemon-random = the system provides no random numbers
daemon-metrics = the metrics cannot be set up: { $error }
too-few-threads = the system does not provide enough threads ({ $error }); raise the process limit: `ulimit -u` in a shell, TasksMax= in a unit, the pids limit of a container
too-few-descriptors = the system does not provide enough file descriptors ({ $error }); raise the limit: `ulimit -n` in a shell, LimitNOFILE= in a unit
no-runtime = the runtime cannot start: { $error }
descriptors-lowered = { $key } is lowered from { $wanted } to { $allowed }: this process may have { $limit } file descriptors, a probe needs up to { $each } and a connection one; raise the hard limit (LimitNOFILE= in a unit, ulimit -Hn in a shell), or lower { $key }
days-needed = days are needed, such as 7d
span-needed = a span such as 1d or 12h, or a day, is needed
