### What was seen at a stage, in a few words, as rows of reports show it. The words of others are in quotation marks.
### Every message is on one line, or a choice with one line to each variant.

details-joined = { $one }; { $two }

## This machine: what its own system or network lacks

system-descriptors = too many open files
system-memory = this machine is out of memory
system-route-discards = a route of this machine discards what is sent there
system-buffers = this machine has no network buffers left
system-permission = this machine does not permit it
system-no-address = this machine has no free port, or no longer the address, to connect from
system-network-down = the network of this machine is down
system-error = the system of this machine reports "{ $error }"
own-no-link = interface { $interface } of this machine has no link
own-no-route = no route to { $address } from this machine
own-pause = this program was stopped, or had no processor time, while it waited
own-firewall = a firewall on this machine forbids the connection
hosts-file-unread = the hosts file cannot be read: { $why }
no-trust = the trusted roots for TLS on this path are not known

## Connections

connected = connected
connected-without-proxy = connected, as the system names no proxy for this host
no-answer-within = no answer within { $span }
no-answer-in-time = no answer in time
connection-refused = connection refused
connection-reset = connection reset
connection-reset-early = connection reset while connecting
connection-given-up = the system gave up connecting
connection-timed-out = the connection timed out
connection-prohibited = administratively prohibited
host-unreachable = host unreachable
network-unreachable = network unreachable
no-connection = no connection
reset-before = { $awaited ->
    [bind] connection reset before answering the bind
    [time] connection reset before reporting the time
   *[answer] connection reset before an answer
}
unreachable-before = { $awaited ->
    [bind] the host became unreachable before answering the bind
    [time] the host became unreachable before reporting the time
   *[answer] the host became unreachable before an answer
}
closed-without-answer = closed without an answer
closed-within-answer = closed within its answer
closed-after = { $count ->
    [one] closed { $count } byte into its answer
   *[other] closed { $count } bytes into its answer
}

## srv, address: nameservers and names

hosts-found = { $count ->
    [one] { $count } host
   *[other] { $count } hosts
}
hosts-found-of-more = { $count } hosts, of which { $more } are left out
no-srv-record = the answer has no SRV record
no-service = the target of the record is ".": it says that there is no KMS host
unusable-record = the record leads to "{ $target }" port { $port }, which no client can connect to
addresses-found = { $count ->
    [one] { $count } address
   *[other] { $count } addresses
}
addresses-found-of-more = { $count } addresses, of which { $more } are left out
addresses-completed = { $found } of { $name }
addresses-missed = { $found }, and maybe more: { $why }
no-address-record = the answer has no address
name-without-address = the name has no address
of-host = { $host }: { $seen }
no-nameserver = this machine has no nameserver configured
nameserver-silent = no answer from nameserver { $server }
nameserver-fault = nameserver { $server }: { $why }
nameserver-no-name = { $server } reports that there is no such name
nameserver-no-records = { $server } has no such records at the name
nameserver-answers = nameserver { $server } answers { $code }
nameserver-malformed = nameserver { $server } sends no valid answer: "{ $error }"
nameserver-cut-off = the answer of nameserver { $server } is too long for UDP, and TCP gives none
nameserver-cut-off-without-edns = the answer of nameserver { $server } is longer than the 512 bytes that clients without EDNS take, and TCP gives none
too-many-aliases = more than { $count } aliases lead from one to the next
name-of-this-machine = the name is that of this machine itself
name-not-askable = DNS cannot be asked for the name: "{ $error }"

## rpc

kms-served-ndr32 = KMS interface served (NDR32)
kms-served-ndr64 = KMS interface served (NDR64)
kms-served-features = KMS interface served (feature negotiation)
bind-silent = no answer to the bind within { $span }
bind-closed = closed without an answer to the bind
bind-refused = the bind was refused: { $why }
bind-overload = the bind was rejected: local limit exceeded
nak-reason = { $code ->
    [0] reason not specified
    [1] temporary congestion
    [2] local limit exceeded
    [4] protocol version not supported
    [8] authentication type not recognized
    [9] invalid checksum
   *[other] reason { $code }
}
no-kms-interface = an RPC server without the KMS interface ({ $answer })
context-accepted = accepted
context-negotiated = features negotiated
context-rejected = { $reason ->
    [1] { $by } rejection, abstract syntax not supported
    [2] { $by } rejection, transfer syntaxes not supported
    [3] { $by } rejection, local limit exceeded
   *[other] { $by } rejection, reason { $reason }
}
not-rpc = not an RPC answer, { $why }: "{ $received }"
rpc-version = it does not begin with RPC version 5
rpc-packet = PDU type { $kind } does not answer a bind
rpc-call = the call it answers is not ours
rpc-fragment = it is a part of a fragmented answer
rpc-length = it announces a length of { $bytes } bytes
rpc-short = the message ends early
rpc-trailing = { $bytes } bytes trail after its last field
rpc-contexts = it answers { $count } contexts where 3 were offered

## clock

stratum = stratum { $stratum }
falseticker = a falseticker: most servers disagree
time-impossible = reports { $day }, which cannot be: this program was built on { $released }
time-server-silent = no answer from the time server
time-server-not-asked = no time was left to ask it
time-server-no-address = the time server has no address
time-server-no-route = no route to the time server
time-server-closed = nothing listens on the time server's port
time-server-unreachable = the time server is unreachable
time-server-unsynchronized = the time server is not synchronized itself
time-server-rate = the time server asks for fewer requests (RATE)
time-server-denies = the time server refuses to serve this machine (DENY or RSTR), and is not asked again until a reload or restart
time-server-code = the time server gives no time but a code ("{ $code }")
time-server-too-distant = the time server, or our measurement of it, is unsure by 16 s or more
time-server-kept = { $why }; this is what it reported before
ntp-backward = an answer that contradicts itself: its reference time is later than its own
ntp-origin = an answer that does not match the request
ntp-mode = not the answer of a time server
ntp-version = an answer in another version of NTP
ntp-short = an answer too short for NTP
ntp-no-time = an answer without the time
ntp-unusable = not a usable answer
clock-way = { $way }: { $why }
clock-answer-endless = an answer without an end
clock-closed = closed without reporting the time
answer-ends-early = the answer ends early
time-out-of-range = the reported time is out of range
time-not-utc = the time is not written as a time in UTC
not-smb = it does not speak SMB
not-smb2 = it does not speak SMB2
smb1-alone = it speaks SMB 1 only
smb2-short = the SMB2 answer ends early
smb2-other-answer = it is no answer to an SMB2 NEGOTIATE
smb2-status = the server answers with SMB2 status { $status }
smb2-no-time = the SMB2 answer leaves the time out
not-ldap = it does not speak LDAP
ldap-result = the server answers with LDAP result { $code }
ldap-no-time = the directory has no currentTime: it is no domain controller's
not-kerberos = it does not speak Kerberos
http-date-malformed = the Date of the HTTP answer is not a date from 1970 to 9999
http-date-missing = the HTTP answer has no Date
http-date-cached = a cache in between answers in place of the host

## host and count, as KMS hosts and their clients report

host-licensed = { $host } is licensed itself for { $application }
host-unlicensed-code = the KMS host license of { $host } itself for { $application } is in the state { $status } ({ $code })

## tls

tls-agreed = { $version }, issued by { $issuer }, valid until { $day }
no-handshake-in-time = no handshake in time
reset-in-handshake = the connection was reset during the handshake
closed-in-handshake = closed during the handshake
tls-too-old = the server speaks neither TLS 1.2 nor TLS 1.3
tls-nothing-common = nothing that both sides speak: "{ $error }"
not-tls = what answers does not speak TLS
tls-broken = TLS fails: "{ $error }"
tls-alert = the server ends TLS with the alert { $alert }
tls-alert-number = the server ends TLS with the alert number { $number }
certificate-name-impossible = no certificate can be issued for the name { $name }
certificate-unreadable = a certificate of the chain cannot be read
certificate-missing = the server shows no certificate
chain-elsewhere = the certificate chain ends at "{ $issuer }", not at { $expected }
chain-untrusted = the certificate chain ends at "{ $issuer }", which is not trusted here
chain-self-signed = "{ $issuer }" is self-signed and not trusted here
chain-unreadable = the certificate chain cannot be read: "{ $error }"
chain-bad-signature = a signature in the certificate chain is wrong
chain-signature-kind = a signature in the certificate chain is of a kind that is not accepted here
chain-purpose = the certificate is not for a server
chain-extension = the certificate chain has a critical extension that is not known here
chain-revoked = a certificate of the chain is revoked
chain-invalid = the certificate chain is not valid: "{ $error }"
certificate-ended = the certificate of { $name } ended on { $day }
certificate-not-yet = the certificate of { $name } is not valid before { $day }
certificate-ended-unknown = a certificate that the chain is built on has ended
certificate-not-yet-unknown = a certificate that the chain is built on is not valid yet
certificate-other-name = the certificate is for { $other }, not for { $name }
certificate-other-names = the certificate is for { $other } and { $more } more, not for { $name }
certificate-sha1 = the certificate of { $subject } is signed with SHA-1
certificate-weak-key = the RSA key of { $subject } has { $bits } bits

## http

http-answer = { $answer }
http-redirect = { $answer }, to { $location }
http-strange-redirect = { $answer }, to { $location }, where the endpoint never redirects
http-strange-page = { $answer }, with a page, where the endpoint never shows one
http-wants-certificate = { $answer }, on a page about the certificate that no client sent
http-unknown-proxy = { $answer }, from a proxy that is not configured
http-network-login = { $answer }, from the network itself
http-unavailable = the endpoint answers { $answer }
http-no-whole-answer = no complete answer in time
not-http = it does not speak HTTP
not-http-but = it does not speak HTTP: "{ $received }"
http-head-malformed = the head of the answer is malformed
http-head-fields = the answer has more than 128 header fields
http-head-long = the head of the answer is longer than 64 KiB
http-interim-endless = interim answers without end
http-refusal-long = the page with its refusal is longer than 256 KiB
http-chunk-malformed = a chunk of the answer has no length

## proxy

proxy-silent = no answer from the proxy in time
proxy-tls = TLS with the proxy: { $why }
proxy-again = connecting again to log in: { $why }
proxy-forwards = forwards the request
proxy-forwards-login = forwards the request, with { $scheme } credentials
proxy-tunnels = opens a tunnel
proxy-tunnels-login = opens a tunnel, with { $scheme } credentials
proxy-tunnels-password = opens a tunnel, with username and password
proxy-answers = the proxy answers { $answer }
proxy-answers-why = the proxy answers { $answer } ({ $error })
proxy-redirects = the proxy answers { $answer }, to { $location }
proxy-offers-nothing = the proxy answers { $answer } and offers no authentication scheme
proxy-takes = the proxy answers { $answer } and accepts { $schemes }
proxy-takes-others = { $demand }, but the credentials are for { $scheme }
proxy-takes-unbuilt = { $demand }, but the credentials are for { $scheme }; a build with `--features proxy-auth` logs in by Negotiate and NTLM
proxy-rejects-login = the proxy answers { $answer } to the credentials it was given
proxy-closes-login = the proxy closes the connection during the login
proxy-login-endless = the login does not finish
proxy-scheme-unbuilt = this build does not support { $scheme }
proxy-challenge-malformed = the proxy's challenge for { $scheme } is not base64
socks-version = it does not speak SOCKS5: its answer begins with { $version }, not with 5
socks-method = it chose authentication method { $method }, which was not offered
socks-address-kind = its answer has an address of kind { $kind }, which does not exist
socks-no-password = the proxy requires authentication, but not by username and password
socks-demands-password = the proxy requires a username and password
socks-rejects-password = the proxy does not accept this username and password
socks-password-long = this username or password is too long for SOCKS
socks-name-long = the endpoint's name is too long for SOCKS
socks-reply = { $code ->
    [1] the proxy answers with reply { $code }: general failure
    [2] the proxy answers with reply { $code }: not allowed by its rules
    [3] the proxy answers with reply { $code }: network unreachable
    [4] the proxy answers with reply { $code }: host unreachable
    [5] the proxy answers with reply { $code }: connection refused
    [6] the proxy answers with reply { $code }: TTL expired
    [7] the proxy answers with reply { $code }: command not supported
    [8] the proxy answers with reply { $code }: address type not supported
   *[other] the proxy answers with reply { $code }: unassigned
}
login-demanded = the proxy requires a login: { $why }
login-refused = the proxy does not accept the login
login-no-realm = Kerberos needs the realm of { $user }: write the user as user@REALM
login-kdc-malformed = { $kdc } is not the address of a KDC: write host:port
login-no-kdc = no KDC is known for { $realm }: name one, here or in krb5.conf
login-kdc-unreachable = the KDC { $kdc } cannot be reached: { $why }
login-kdc-tcp = only TCP is supported
login-kdc-silent = the KDC { $kdc } does not answer in time
login-kdc-invalid = the KDC { $kdc } gives no valid answer: { $why }
login-kdc-foreign = it is not Kerberos, or too long
login-no-user = the KDC knows no user { $user }
login-wrong-password = the password of { $user } is wrong
login-expired-password = the password of { $user } has expired
login-locked = the account of { $user } is locked, disabled or may not log in now
login-no-service = the KDC knows no service { $service }: register the proxy under the name that is configured here
login-wrong-realm = the KDC does not serve the realm { $realm }
login-skewed = the clocks of this machine and of the KDC differ by more than it allows
login-no-key = the KDC has no AES key for { $user } or the proxy
login-kdc-refuses = the KDC refuses with Kerberos error { $code }
login-fails = the login fails: "{ $error }"
login-unreadable = the login fails: a message cannot be read
