### What is wrong with a configuration. Each follows the place where it is, and mostly what is written there.

config-fault-at = { $place }: { $fault }
config-fault-of = `{ $value }`: { $fault }

## YAML

config-yaml = { config-yaml-kind }: { $error }
config-yaml-kind = { $kind ->
    [escape] a backslash in double quotes begins an escape; put paths of Windows in single quotes
    [tab] a tab is used here; YAML is indented by spaces
    [indentation] the indentation is wrong here; what belongs together begins in one column
    [quote] a quotation mark is missing, or something follows the last one
    [bracket] a bracket is missing, or does not match the one that is open
    [colon] a `:` is wrong here; put quotation marks around a value that contains one
   *[other] this is not valid YAML
}
config-path-escape = a backslash became another character here; put paths of Windows in single quotes
config-not-utf8 = this is not UTF-8; save the file as UTF-8
config-documents = another document begins here; a configuration is a single document
config-misplaced = this does not belong here
config-key-missing = the key `{ $key }` is missing
config-key-twice = the key `{ $key }` is here twice
config-this-key-twice = this key is here twice
config-unknown-what = { $what ->
    [key] unknown key
    [preset] unknown preset
    [version] unknown version
    [suite] unknown cipher suite
    [curve] unknown curve
    [type] unknown type
   *[value] unknown value
}
config-unknown-near = { config-unknown-what }; did you mean `{ $name }`?
config-unknown = { config-unknown-what }; known here: { $known }
config-whole-number = expected a whole number
config-boolean = expected `true` or `false`
config-string = expected a string
config-list = expected a list
config-keys-and-values = expected keys and values
config-expected = { $expected ->
    [one-or-many] a string or a list of strings
    [proxies] `direct`, `system`, a URL, the keys of a proxy, or a list of these
    [proxy] `direct`, `system`, a URL, or the keys of a proxy
    [endpoints] the name of a preset or a list of endpoints
    [endpoint] a URL, `host:port`, or the keys of an endpoint
   *[other] { $expected }
}
config-found = { $found ->
    [map] map
    [sequence] sequence
    [string] string
    [integer] integer
    [boolean] boolean
   *[other] { $found }
}
config-shape = expected { config-expected }, found { config-found }

## Files and references

file-unreadable = cannot be read: { $error }
file-not-a-file = is not a file
file-too-long = is too long: { $length } bytes, where { $most } are allowed
file-not-utf8 = is not UTF-8
reference-file = the file in `${ "{" }{ $reference }{ "}" }` { $fault }
reference-not-closed = a `${ "{" }` here has no closing brace (a plain `${ "{" }` is written `$${ "{" }`)
reference-to-nothing = a `${ "{" }...{ "}" }` here names no variable and no file (a plain `${ "{" }` is written `$${ "{" }`)
reference-to-no-variable = the environment has no variable `{ $name }`
setting-skipped = { $place }: `{ $entry }` is skipped: { $fault }
setting-unknown = no such setting
config-secret = what a `${ "{" }...{ "}" }` stands for does not belong here
config-credentials = a user name and a password do not belong here

## Values

config-range = not from { $least } to { $most }
config-range-reversed = the range ends before it begins
config-duration = not a duration such as `90s`, `5m` or `1h 30m`
config-interval-short = the interval ({ $interval }) is shorter than the timeout ({ $timeout })
config-few-rounds = fewer rounds than `failures`, which is { $failures } unless given
config-listen = not an address and port such as `[::]:10688`, `127.0.0.1:10688` or `:10688`, with a port up to 65535
config-listed-twice = listed twice
config-nothing-listed = nothing is listed; leave `{ $key }` out for the default
config-no-file = no file is named
config-no-folder = no folder is named

## Paths

config-no-path = no path is listed; leave `paths` out to watch the machine's own domains
config-path-name = a path needs a name
config-site-name = a site needs a name
config-path-name-long = a name has up to { $most } characters on one line
config-path-twice = another path has this name
config-path-of-both = `kms` and `online` in one path; make it two
config-path-of-neither = a path needs one of the keys `kms` and `online`, and what belongs under it
config-domain-and-hosts = `domain` and `hosts` in one path; hosts beside those in DNS are a path of their own
config-domain-or-hosts = one of the keys `domain` and `hosts` is needed
config-no-domain = no domain is listed
config-domain-long = too long for a name such as { $prefix }.<domain>
config-no-host = no host is listed
config-many-hosts = { $count } hosts, where a path takes { $most }
config-cloud = neither a list of hosts, such as `[kms01]`, nor the name of a cloud, which are { $known }
config-address = an address, where a name belongs
config-full-name = not a full name, as DNS lists it, such as `kms01.corp.example`
config-expected-hosts = `expected_hosts` goes with `domain`, not with `hosts`
config-with-domain = `{ $key }` goes with `domain`, not with `hosts`, which are always probed
config-network = not a network such as `10.0.0.0/8` or `2001:db8::/32`
config-nameserver = not the address of a nameserver, such as `192.0.2.53` or `[2001:db8::53]:5353`
config-no-nameserver = no nameserver is listed; leave `nameservers` out to ask the system's
config-no-protocol = no protocol is listed; `off` leaves the hosts' clocks alone

## Online paths

config-no-endpoint = no endpoint is listed
config-many-targets = { $count } endpoints over proxies, where a path takes { $most }
config-no-proxy = no proxy is listed; `direct` uses none
config-proxy-twice = listed twice; other credentials do not make it another proxy
config-username-and-password = `username` and `password` go together
config-auth-alone = `auth` chooses how `username` and `password` are sent; name these as well
config-auth-socks = SOCKS takes username and password as they are; leave `auth` out
config-auth-not-built = this build does not support { $scheme }, nor do the packages and the image; build with `--features proxy-auth`, or leave the credentials out: Gracewatch reports that the proxy requires them in any case
config-kdc = `kdc` goes with `auth: negotiate`
config-kdc-on-windows = on Windows, `auth: negotiate` with a `user@REALM` needs a `kdc`
config-issuer = an issuer needs a name, or a part of one
config-no-issuer = no issuer is listed; leave `expected_issuers` out if any trusted one will do
config-no-tls = TLS cannot be set up: { $error }
proxy-of-environment = the proxy in the environment variable `{ $name }`: { $fault }
proxy-of-winhttp = the WinHTTP proxy of this machine: { $fault }
proxy-settings-cut-off = the message ends early

## Names, endpoints, proxies, certificates

name-missing = a name is missing
name-empty-label = a label of the name is empty: a dot leads, or two stand side by side
name-long-label = a label of the name has { $length } bytes, and DNS takes 63
name-long = the name has { $length } bytes, and DNS takes 253
name-character = a name has no { $found }, unless it is written { $escape }
name-escape = a `\` in a name is followed by three digits up to 255, or by a sign that stands for itself
name-number = neither an address nor a name: no name is made of numbers alone
name-zone = this machine has no network interface of the name behind the `%`
port-malformed = not a port: a port is a number from 1 to 65535
machine-name-empty = the name of the machine is empty
machine-name-too-long = the name of the machine is longer than 253 bytes
machine-name-address = an address is not a machine name
machine-name-characters = this is not a machine name: use only letters, digits, `-`, `_` and `.`
endpoint-malformed = not an endpoint such as `https://activation.example`, `http://crl.example/list.crl` or `host:443`
endpoint-scheme = an endpoint uses `https://` or `http://`
endpoint-pattern = an endpoint is one host: name each, without an asterisk
endpoint-credentials = an endpoint takes no user name and no password
proxy-malformed = not a proxy such as `http://proxy.corp.example:3128` or `socks5://gateway.corp.example`, nor `direct` or `system`
proxy-without-scheme = a proxy needs a scheme: write `http://`, `https://`, `socks5://` or `socks5h://` before it
proxy-unencoded = in a URL, `\ / # ? @` in a user name or password are written `%5C %2F %23 %3F %40`; or name them by `username` and `password`
proxy-scheme = a proxy uses `http://`, `https://`, `socks5://` or `socks5h://`
proxy-without-port = an HTTP proxy needs a port, such as `:3128` or `:8080`
proxy-path = a proxy has no path and no query
proxy-credentials = the user name or the password in the URL is not UTF-8 after percent-decoding
proxy-length = SOCKS takes user names and passwords of 1 to 255 bytes
pem-broken = contains broken PEM
pem-nothing = contains no certificate in PEM
pem-no-certificate-at = contains something other than a certificate at place { $place }
pem-unreadable = contains a certificate that cannot be read
pem-encrypted-key = contains an encrypted key; store it without a passphrase
pem-no-key = contains no private key in PEM

## The store, the inbox and the tokens

store-scheme = a store is `sqlite:` and the path of a file, or `postgres://host/database`
store-no-path = the path of a file is missing after `sqlite:`
store-not-only-path = after `sqlite:` comes the path of a file and nothing else
store-url = this is not a database URL such as `postgres://user:password@host:5432/database`: { $fault }
store-no-slashes = `//` is missing
store-option = an option in it is not known, or has no such value
store-url-fault = { $error }
store-unencoded = in a URL, `/ # ? @` in a user name or password are written `%2F %23 %3F %40`
config-forgotten-early = a machine would be forgotten before it is stale; make `forget_after` longer than `stale_after`
config-inbox-not-apart = { $file ->
    [configuration] the configuration is in this folder, and would be taken for a report; use a folder of its own
    [store] the store is in this folder, and would be taken for a report; use a folder of its own
    [tokens] the tokens are in this folder, and would be taken for a report; use a folder of its own
    [inventory] the inventory is in this folder, and would be taken for a report; use a folder of its own
   *[web] the web configuration is in this folder, and would be taken for a report; use a folder of its own
}
tokens-open = others can read or write it; close it by `chmod 640 { $file }`
tokens-line = line { $number }: { $fault }
tokens-too-many = it has more than { $most } tokens; use a pattern to let one token cover many machines
token-words = a name, a token and patterns of machines are needed
token-name = it does not begin with a name of up to { $most } letters, digits, `-`, `_` and `.`
token-no-patterns = patterns of machines are missing, such as `*.corp.example`, or `*` for all
token-is-pattern = a pattern is where the token should be; the order is name, token, patterns
token-short = the token is shorter than { $least } characters
token-digest = `{ $prefix }` needs 64 hexadecimal digits after it
token-other-digest = the token looks like an unsupported kind of digest; write `{ $prefix }` and its SHA-256
token-pattern = word { $place } is not a name pattern: use only letters, digits, `-`, `_`, `.`, `*` and `?`
token-many-patterns = it has more than { $most } patterns; use `*` and `?` to cover many machines with one
token-same-name = line { $line } has this name as well
token-same-token = line { $line } has this token as well

## The web configuration

web-header = a header cannot contain a control character
web-user-with-colon = a user with a colon in the name cannot log in: the colon ends the name
web-no-burst = `burst` is 0, so every request is refused
web-nanoseconds = a number without a unit is taken as nanoseconds
web-duration = a duration is needed, such as `1s`, `500ms` or `1m30s`
web-tls-off = no certificate is named, so TLS is off
web-key-missing = one of the keys `{ $one }` and `{ $other }` is missing
web-chain-expired = a certificate of the chain has expired
web-key-of-another = the key is not that of the certificate
web-certificate-unreadable = the certificate cannot be read
web-key-unusable = the key cannot be used; RSA from 2048 bits, P-256, P-384 and Ed25519 are supported
web-no-suite = none of these cipher suites is supported here
web-no-curve = none of these curves is supported here
web-no-version = no version is left from `min_version` to `max_version`; TLS12 and TLS13 are supported here
web-old-version = only TLS 1.2 and TLS 1.3 are supported here; older versions are refused
web-left-out = { $what ->
    [curve] this curve is not supported here, and is left out
   *[suite] this cipher suite is not supported here, and is left out
}
web-ca-unused = a CA is named for clients, but `client_auth_type` asks them for no certificate
web-sans-unused = `client_auth_type` asks clients for no certificate, so this list has no effect
web-no-ca = contains no certificate of a CA, so no client certificate is accepted
web-system-ca = `client_ca_file` is not set, so client certificates of every CA that this system trusts are accepted
web-no-san = no name is listed, so no client certificate is accepted
web-hash-needed = a bcrypt hash is needed, as `htpasswd -nBC 10 USER` makes it
web-hash-short = the hash is too short; { web-hash-needed }
web-hash-version = the hash is of an unknown version; { web-hash-needed }
web-hash-without-cost = the hash has no cost; { web-hash-needed }
web-hash-cost = the cost of the hash is { $cost }, where 4 to 31 are allowed
web-hash-malformed = the hash is malformed, and no password matches it; make a new one
web-hash-slow = a hash of cost { $cost } keeps a processor busy for seconds at each login; a cost of 10 to 12 is usual
config-srv-prefix = leave out the prefix `{ $prefix }.`, and write `{ $domain }`
config-key-belongs = this key belongs under { $owners }; indent it by two spaces more
config-quoted = `{ $text }`
config-either = { $one } or { $other }
config-nothing-indented = nothing is indented under this key; indent what belongs to it by two spaces
file-no-certificates = contains no certificate in PEM
file-no-key = contains no private key in PEM
