### What is answered over HTTP where there is nothing else to answer.

parameters = { $error }; the parameters are { $known }
only-parameter = the only parameter is `{ $name }`
language-parameter = `lang`: the languages are { $known }
parameter-status = `status={ $value }`: a status is 0 to 6
parameter-path = `path={ $value }`: no path has this name; the paths are { $known }
parameter-within = `within={ $value }`: days are needed, such as 30
parameter-limit = `limit={ $value }`: not from 1 to { $most }
code-not-text = the code is not text
two-lengths = the request has both Content-Length and Transfer-Encoding

## Later

store-not-read = the store is unavailable; it is retried every few seconds
fleet-not-aggregated = the fleet has not been aggregated yet
first-round = the first round is not complete
hosts-not-known = no nameserver answers for { $name }, so the KMS hosts of path { $path } are not known
page-dropped = the page was dropped before it was read, to make room for newer ones
request-too-slow = the request took too long
too-many-answers = too many answers are waiting to be read; try again later
past-busy = too many read what changed at once; try again in some seconds
too-many-sheets = { $most } sheets are being read already; try again later
too-many-reports = too many reports arrive at once; send this again later
too-many-passwords = too many passwords are being verified
too-many-requests = too many requests; the limit is `rate_limit` in the web configuration
too-many-guesses = too many requests with unknown tokens; try again later
own-fault = an internal error of gracewatch; see its log

## Who asks

password-needed = a user and a password are needed
password-wrong = the user or the password is wrong
token-needed = a bearer token is needed
token-unknown = the token is not known
token-only-enrols = the token `{ $token }` enrols machines and reports for none
token-only-reports = the token `{ $token }` reports and enrols no machine

## Machines that enrol

enrol-body = a body of JSON is needed with `machine` and `token` alone, of 4 KiB at most
enrol-token = the token must be a new one: `gracewatch_` and 32 random bytes in Base64 for addresses, without padding
enrol-denied = the token `{ $token }` may not enrol { $machine }
enrol-taken = { $machine } is enrolled with another token; where it was set up anew, run `gracewatch token revoke --enrol-again { $machine }` on the server
enrol-revoked = { $machine } was shut out on the server
enrol-full = too many machines are enrolled; remove some by `gracewatch token revoke --enrol-again` on the server

## Bodies

body-coding = the body must be sent as it is, or compressed by gzip
body-too-long = the body is longer than { $most } MiB
body-too-long-inflated = the body is longer than { $most } MiB inflated
body-inflates-too-much = the body is more than { $times } times as long inflated
body-too-slow = the body took too long
body-broke-off = the body broke off
body-no-gzip = the body is not gzip, or is cut off

## Reloading

reload-done = The configuration is reloaded.
reload-refused = The running configuration stays.
reload-stopping = gracewatch is stopping.
reload-failed = reading it failed: { $why }
reload-hangs = its files take more than { $seconds } s to read; check the share they are on
reload-listen = the address to listen on cannot change from { $running } to { $wanted } while running; restart instead
reload-store = the store under `status` cannot change while running; restart instead
reload-never = Reloading over HTTP is turned off by web.allow_reload; send SIGHUP instead.
reload-loopback = Only this machine itself may reload, unless web.allow_reload permits more.
reload-users = Only users of web.config_file and this machine itself may reload.
reload-other-site = A page of another site may not reload.
machine-not-meant = `{ $name }`: no machine has this name
machine-not-meant-near = `{ $name }`: no machine has this name; the nearest is `{ $near }`
parameter-since = `since={ $value }`: { $fault }
path-unknown = `{ $name }`: no path has this name
path-unknown-near = `{ $name }`: no path has this name; the nearest is `{ $near }`
