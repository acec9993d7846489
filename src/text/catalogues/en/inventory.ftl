### The machines that are expected.

inventory-of-file = `{ $file }`: { $fault }
inventory-no-files = the folder has no files
inventory-many-files = the folder has more than { $most } files
inventory-too-long = the files have more than { $most } MiB; export only the columns that are read
inventory-too-many = more than { $most } machines are listed
inventory-hangs = the file has not answered for { $seconds } s
inventory-not-configured = no inventory is configured; name one: status: { "{" }inventory: { PLACE("/etc/gracewatch/inventory.csv") }{ "}" }
inventory-not-read = the inventory could not be read: { $fault }
inventory-being-read = the inventory has not been read yet
machine-never-reported = `{ $name }` is in the inventory, and never reported
inventory-stays = the inventory could not be read, so the one before counts: { $fault }
parameter-alone = `{ $name }` goes with `name`, `offset`, `limit` and `lang` alone

expected-summary = { $expected } expected{ expected-missing }{ expected-silent }{ expected-unlisted }
expected-missing = { $missing ->
    [0] , all of which report
   *[other] , { $missing } never reported (--missing)
}
expected-silent = { $silent ->
    [0] { "" }
   *[other] , { $silent } silent for too long (--stale)
}
expected-unlisted = { $unlisted ->
    [0] { "" }
   *[other] ; { $unlisted } not in the inventory (--unlisted)
}
expected-column = { $column ->
    [machine] machine
    [logon] last logon
   *[system] operating system
}
expected-not-shown = { $machines } not shown; see --limit and --name

page-views = Lists of machines
page-view = { $view ->
    [all] All machines
    [missing] Never reported ({ $count })
   *[unlisted] Not in the inventory ({ $count })
}
page-missing = Machines that never reported
page-missing-what = These machines are in the inventory, and no report of them ever came. Collect their state, or remove their accounts from the directory.
page-missing-column = { $column ->
    [machine] Machine
    [logon] Last logon
   *[system] Operating system
}
