### What the command line says beside its reports.

## While it works

looking-up = looking up { $target }
probing = probing: { $done } of { $planned }
aggregating = aggregating the machines that report

## Errors

nothing-to-check = this machine has no DNS domain, so there is nothing to check; name one: gracewatch check corp.example
options-for-urls = `{ $target }`: --proxy and --ca-file are for URLs, such as https://{ $target }
machines-not-known = machines are not known: { $error }
no-such-path = `{ $path }`: no path has this name
no-store = no store is configured, so no reports of machines are kept; name one in the configuration: status: { "{" }store: sqlite:{ PLACE("/var/lib/gracewatch/gracewatch.db") }{ "}" }
no-store-and-no-daemon = no store is configured, and no daemon answers on this machine; name a daemon with --server, or a store under `status` in the configuration
cannot-be-read = it cannot be read: { $error }
machine-assumed = it names no machine; { $machine } is assumed, from the name of the file (see --machine)
not-understood = not understood (the first of { $count }): { $quote } (understood { $understood }, noise { $noise })
name-config = name the configuration with --config or GRACEWATCH_CONFIG
name-config-to-check = name the file to check as an argument, or with --config or GRACEWATCH_CONFIG
no-tokens-file = { $config } names no file of tokens; add `tokens_file: { PLACE("/etc/gracewatch/tokens") }` under `status`
no-random-numbers = this machine provides no random numbers
no-such-token = { $file } has no token of this name; `gracewatch token list` shows them
machine-not-enrolled = { $machine } is not enrolled; `gracewatch token list --machines` shows which machines are

## Results

config-ok = { $paths ->
    [one] { $file }: ok, { $paths } path
   *[other] { $file }: ok, { $paths } paths
}
token-added = This token is shown only once. It is accepted as soon as the daemon has reloaded its configuration.
tokens-revoked = { $count ->
    [one] { $count } token removed. It is rejected as soon as the daemon has reloaded its configuration.
   *[other] { $count } tokens removed. They are rejected as soon as the daemon has reloaded its configuration.
}
machine-revoked = shut out { $at }
machine-shut-out = { $machine } is shut out: its own token is rejected from now on, and it cannot enrol.
machine-enrols-again = { $machine } can enrol once more. Its token until now is rejected.
store-copied = { $store } is copied to { $file }
import-total = { $count ->
    [one] { $count } file: { $stored } stored, { $unchanged } unchanged, { $outdated } outdated, { $faulty } with faults
   *[other] { $count } files: { $stored } stored, { $unchanged } unchanged, { $outdated } outdated, { $faulty } with faults
}
config-used = the configuration is { $file }
config-empty = { $file } has no settings: the DNS domains of this machine are monitored
store-not-there = the store { $store } does not exist yet: no machine has reported

## Machines and daemons

no-such-machine = `{ $name }`: no machine has this name; `gracewatch machines --name TEXT` searches
no-such-machine-but = `{ $name }`: this name does not identify one machine; did you mean { $names }?
no-daemon = no daemon answers on { $address }; name one with --server
daemon-not-asked = what listens on { $address } cannot be asked; if it is Gracewatch, name it with --server https://{ $address }, and with --ca-file and --user if it needs them
server-url = --server: an address such as https://gracewatch.corp.example:10688 is needed
server-credentials = --server: a user and a password do not belong in the address; use --user
server-query = --server: no query and no fragment belong in the address; a token belongs in --token-file
server-unencrypted = anyone on the network can read the password or the token that { $server } is sent; use https://
server-unreachable = { $server } cannot be reached: { $error }
server-timed-out = it does not answer in time
server-denied = { $server } accepts only known users; use --user or --client-cert
server-refused = { $server }: { $error }
server-refused-with-names = { $server }: { $error }; did you mean { $names }?
server-unknown = { $server }: no Gracewatch daemon answers there, or an older one: { $error }
server-not-json = the answer cannot be read
server-password = Password of { $user }:{ " " }
server-password-in-sight = --user: a password does not belong on the command line; use --password-file or GRACEWATCH_PASSWORD
server-no-password = --user { $user }: the password is missing; use --password-file or GRACEWATCH_PASSWORD
