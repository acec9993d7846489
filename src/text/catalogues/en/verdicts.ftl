### Verdicts: what is broken, and whom it hurts. A summary has at most 25 words, with three hosts named.
### Every message is on one line, or a choice with one line to each variant.

## Names, spans of time and codes

names = { $count ->
    [1] { $one }
    [2] { $one } and { $two }
    [3] { $one }, { $two } and { $three }
   *[other] { $one }, { $two }, { $three } and { $more } more
}
through-proxy = { $names } through { $proxy }
sentence = { $statement }.
evidence = { $statement }: { $detail }
one-of-them = one of them
span = { $unit ->
    [ms] { $count } ms
    [s] { $count } s
    [min] { $count } min
    [h] { $count } h
    [day] { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
   *[year] { $count ->
        [one] { $count } year
       *[other] { $count } years
    }
}
code-with-meaning = { $code } ({ $meaning })
code-meaning = { $code ->
    [x8004FE33] the proxy requires credentials
    [x80070005] access denied
    [x8007007B] no KMS host name
    [x80070490] the key was not accepted
    [x800704CF] network unreachable
    [x800705B4] DNS timed out
    [x800706B5] not the KMS service
    [x800706BA] the RPC server is unavailable
    [x8007232A] the DNS server failed
    [x8007232B] no such DNS name
    [x8007251D] no such DNS record
    [x8007267C] no DNS server set
    [x80072AF9] host name not found
    [x80072EE2] no answer in time
    [x80072EE7] name not resolved
    [x80072EFD] no connection
    [x80072EFE] connection dropped
    [x80072EFF] connection reset
    [x80072F0C] a client certificate is required
    [x80072F78] invalid answer
    [x80072F8F] TLS failed
    [x803F7001] no license found
    [xC004B100] Microsoft refused activation
    [xC004C001] the key is unknown
    [xC004C003] the key is blocked
    [xC004C008] key used too often
    [xC004C020] MAK used up
    [xC004C060] the key is blocked
    [xC004E015] licensing failed
    [xC004F00F] the hardware changed
    [xC004F012] no license data
    [xC004F014] no key installed
    [xC004F015] key for another product
    [xC004F017] no license installed
    [xC004F034] no license found
    [xC004F035] no qualifying edition
    [xC004F038] the KMS count is low
    [xC004F039] KMS is not enabled
    [xC004F041] KMS host not activated
    [xC004F042] KMS host too old
    [xC004F050] the key is invalid
    [xC004F051] the key is blocked
    [xC004F056] KMS activation failed
    [xC004F057] no OEM BIOS marker
    [xC004F064] grace period over
    [xC004F065] running in grace
    [xC004F069] no such product key
    [xC004F06B] KMS host is virtual
    [xC004F06C] clocks differ too much
    [xC004F074] no usable KMS host
    [xC004F200] not genuine
    [xC004F211] the hardware changed
    [xC004F212] key of another edition
    [xC004F213] no product key found
    [xC004FC03] network fault
   *[other] { "" }
}
license-status = { $status ->
    [unlicensed] unlicensed
    [licensed] licensed
    [oob_grace] initial grace
    [oot_grace] out-of-tolerance grace
    [non_genuine_grace] non-genuine grace
    [notification] notification
    [extended_grace] extended grace
   *[unknown] unknown
}
client-codes = { $inner ->
    [none] Clients show { $code }.
   *[other] Clients show { $code }, with { $inner } in event 12288 of the Application log.
}

## How much of a path works

works-kms = { $expected ->
    [1] Path { $path } works: its KMS host answers{ not-measured }
    [2] Path { $path } works: both KMS targets answer{ not-measured }
   *[other] Path { $path } works: all { $expected } KMS targets answer{ not-measured }
}
works-online = { $proxies ->
    [1] Path { $path } works: { endpoints-answer }{ not-measured }
   *[other] Path { $path } works: { endpoints-answer } over { $proxy_names }{ not-measured }
}
endpoints-answer = { $endpoints ->
    [1] { $endpoint } answers
    [2] both endpoints answer
   *[other] all { $endpoints } endpoints answer
}
not-measured = { $unmeasured ->
    [0] { "" }
   *[other] ; { targets-not-measured }
}
works-though = { $statement }, but { $clocks }
clocks-unread = { $count ->
    [one] the clock of { $names } could not be read
   *[other] the clocks of { $names } could not be read
}
begins = { $clause }
others-fail = { $more ->
    [0] { $problem }; { $name } fails as well
   *[other] { $problem }; { $name } and { $more } more fail as well
}
targets-not-measured = { $unmeasured ->
    [one] { $unmeasured } target could not be measured from this machine
   *[other] { $unmeasured } targets could not be measured from this machine
}
degraded = { $coverage ->
    [hosts] Path { $path } works through { $working } of { $all } KMS targets, but { $problem }
    [targets] Path { $path } works through { $working } of { $all } targets, but { $problem }
    [activation] Path { $path } works, and activation is not lost, but { $problem }
    [unexpected] Path { $path } works only through hosts that are not expected: { $problem }
   *[whole] Path { $path } works, but { $problem }
}
blocked = { $whom ->
    [mak] Path { $path } is blocked for MAK and retail keys at { $stage }: { $problem }
    [digital] Path { $path } is blocked for digital and subscription licenses at { $stage }: { $problem }
   *[all] Path { $path } is blocked at { $stage }: { $problem }
}
kept = { $status ->
    [ok] Path { $path } works, as it did before gracewatch was restarted
    [degraded] Path { $path } works, but not without a fault at { $stage } ({ $reason }), as before gracewatch was restarted
    [blocked] Path { $path } is blocked at { $stage } ({ $reason }), as before gracewatch was restarted
   *[unknown] Path { $path } cannot be judged, as before gracewatch was restarted
}
unknown = { $cause ->
    [not_measured] Path { $path } cannot be judged yet: nothing on it has been measured
    [monitor_failed] Path { $path } cannot be judged: the part of this program that monitors it failed
    [left_out] Path { $path } cannot be judged: { $problem }
    [no_common_cipher] Path { $path } cannot be judged: { $problem } accepts no cipher suite that this program can offer. Windows offers more and may get through
    [unsupported_signature] Path { $path } cannot be judged: this program cannot verify how the certificate of { $problem } is signed. Windows may be able to
   *[local_error] Path { $path } cannot be judged: this machine could not { local-part }
}
local-part = { $stage ->
    [srv] ask a nameserver
    [address] ask a nameserver
    [tcp] connect
    [proxy] speak to the proxy
    [tls] speak TLS
    [http] speak HTTP
    [rpc] speak RPC
    [clock] read the clock
   *[other] do its part
}
in-parentheses = { $statement } ({ $detail })

## Who depends on a path

dependents = { $lost ->
    [none] { $machines ->
        [one] { $machines } machine depends on path { $path }.
       *[other] { $machines } machines depend on path { $path }.
    }
    [all] { $machines ->
        [one] { $machines } machine depends on path { $path } and has already lost activation.
       *[other] { $machines } machines depend on path { $path } and have already lost activation.
    }
   *[some] { $machines } machines depend on path { $path }; { $lost_machines ->
        [one] { $lost_machines } has already lost activation.
       *[other] { $lost_machines } have already lost activation.
    }
}
lose-within-week = { $machines ->
    [one] Unless it renews, { $names } loses activation within 7 days, on { $day }.
   *[other] Within 7 days, { $machines } of them lose activation unless they renew: { $names }; the first on { $day }.
}
next-loss = { $machine ->
    [none] The next one loses activation on { $day }.
   *[other] The next, { $machine }, loses activation on { $day }.
}

## KMS hosts

nameservers = { $count ->
    [one] nameserver { $names }
   *[other] nameservers { $names }
}
nameserver-problem = { $reason ->
    [nxdomain] { $count ->
        [one] { nameservers } has no name { $name }
       *[other] { nameservers } have no name { $name }
    }
    [no_records] { $count ->
        [one] { nameservers } has no SRV record at { $name }
       *[other] { nameservers } have no SRV record at { $name }
    }
    [no_service] the record at { $name } says that there is no KMS host (target ".")
    [invalid_answer] the SRV record at { $name } is invalid
    [server_failure] { $count ->
        [one] { nameservers } fails on { $name }
       *[other] { nameservers } fail on { $name }
    }
    [timed_out] { $count ->
        [one] { nameservers } does not answer
       *[other] { nameservers } do not answer
    }
    [truncated] { $count ->
        [one] { nameservers } cuts off its UDP answer, and TCP fails
       *[other] { nameservers } cut off UDP answers, and TCP fails
    }
   *[other] { nameservers } cannot be asked for { $name }
}
host-problem = { $stage ->
    [address] { $reason ->
        [nxdomain] { $count ->
            [one] the host name in { $names } does not exist
           *[other] the host names in { $names } do not exist
        }
        [no_records] { $count ->
            [one] the host name in { $names } has no address
           *[other] the host names in { $names } have no address
        }
       *[other] { $count ->
            [one] the address of { $names } cannot be looked up
           *[other] the addresses of { $names } cannot be looked up
        }
    }
    [tcp] { $reason ->
        [refused] { $count ->
            [one] { $names } refuses connections
           *[other] { $names } refuse connections
        }
        [timed_out] { $count ->
            [one] { $names } does not answer connection attempts
           *[other] { $names } do not answer connection attempts
        }
        [unreachable] { $count ->
            [one] { $names } is unreachable
           *[other] { $names } are unreachable
        }
       *[other] { host-fails }
    }
    [rpc] { $reason ->
        [not_rpc] what listens at { $names } does not speak RPC
        [not_kms] the RPC server at { $names } does not serve KMS
        [rejected] the RPC server at { $names } refuses the bind
        [closed] { $count ->
            [one] { $names } closes the connection instead of answering
           *[other] { $names } close the connection instead of answering
        }
        [timed_out] { $count ->
            [one] { $names } accepts the connection and does not answer
           *[other] { $names } accept the connection and do not answer
        }
       *[other] { host-fails }
    }
   *[other] { host-fails }
}
host-partly = { $reason ->
    [refused] { $host } serves at { $good } and refuses connections at { $bad }
    [timed_out] { $host } serves at { $good } and does not answer at { $bad }
   *[other] { $host } serves at { $good } and fails at { $bad } ({ $stage } { $reason })
}
host-at-port = { $reason ->
    [refused] { $count ->
        [one] { $names } refuses connections; the usual port is 1688
       *[other] { $names } refuse connections; the usual port is 1688
    }
   *[timed_out] { $count ->
        [one] { $names } does not answer; the usual port is 1688
       *[other] { $names } do not answer; the usual port is 1688
    }
}
host-alias = { $reason ->
    [nxdomain] { $host } is an alias of { $alias }, which does not exist
   *[other] { $host } is an alias of { $alias }, which has no address
}
host-lacks-domain = an SRV record names { $host } without its domain, and no such host is found
host-fails = { $count ->
    [one] { $names } fails at { $stage } ({ $reason })
   *[other] { $names } fail at { $stage } ({ $reason })
}
own-clock-name = this machine's clock
true-time-name = true time
clock-offset = { $relation ->
    [ahead] { $one } is { $span } ahead of { $two }
    [behind] { $one } is { $span } behind { $two }
   *[near] { $one } is at most { $span } off { $two }
}
clock-problem = { $kind ->
    [unjudged] { $offset }, and no time server says which is right
    [skewed] { $offset }, and Windows tolerates four hours
    [own] { $offset }; the KMS hosts' are right
   *[tolerated] { $offset }
}
though-supported = { $statement }, though { $server } agrees with it
by-one-server = { $statement } (by { $server } alone)
host-license-problem = the KMS host license of { $host } itself for { $application } is in the state { $status }
host-key-problem = one of the KMS host keys of { $host } for { $application } has lapsed: the license { $product } is in the state { $status }
status-with-code = { $status } ({ $code }{ with-meaning })
with-meaning = { $meaning ->
    [none] { "" }
   *[other] , { $meaning }
}
client-count-problem = { $standing ->
    [low] { host-counts }, barely more than the { $most } that are needed
    [too_low_for_some] { host-counts }: enough for servers, while Windows clients need { $most }
    [too_low] { host-counts }, and { $least } are needed
   *[enough] { host-counts }, and { $most } are needed
}
host-counts = { $current ->
    [one] { $host } counts { $current } client for { $application }
   *[other] { $host } counts { $current } clients for { $application }
}
several-hosts = { $kind ->
    [clock] the clocks of { $names } are off
    [license] the KMS host licenses of { $names } have lapsed
    [start] the Key Management Service of { $names } could not start
    [low] { $names } count barely enough clients
    [too_low] { $names } count too few clients
   *[idle] no client asks { $names }
}
failed-start-problem = { $code ->
    [none] the Key Management Service of { $host } could not start on { $day }
   *[other] the Key Management Service of { $host } could not start on { $day } ({ $code })
}
unpublished-problem = { $kind ->
    [off] { $host } is not to publish its record in { $domain }: publishing is turned off
    [failed] { $host } could not publish its record in { $domain } on { $day }
   *[code] { $host } could not publish its record in { $domain } on { $day } ({ $code })
}
idle-host-problem = no client has asked { $host } since { $day }, and clients renew every 7 days
unexpected-hosts = { $expected ->
    [serve] DNS offers { $names }, which you do not expect; your expected hosts all answer
   *[other] DNS offers { $names }, which you do not expect
}
missing-hosts = { $count ->
    [one] DNS does not list { $names }, which is expected
   *[other] DNS does not list { $names }, which are expected
}
disagreement = nameservers { $one } and { $two } give { $name } other priorities or weights
nameserver-lacks = nameserver { $server } lacks { $names }
both-lack = { $one }, and { $two }
others-lack = { $more ->
    [one] { $one }, and { $more } other nameserver lacks some
   *[other] { $one }, and { $more } other nameservers lack some
}
record-flaw = { $fault ->
    [address] an SRV record at { $name } names the address { $target }{ and-more } and no host
    [no_domain] an SRV record at { $name } names { $target }{ and-more }, which lacks its domain
    [no_service] a record at { $name } declares KMS absent (target "."), beside others that name hosts
   *[no_port] an SRV record at { $name } leads to port 0 of { $target }{ and-more }
}
left-out = { $kind ->
    [ports] DNS leads to { $host }{ and-more }, which `allowed_ports` leaves out
    [records] nameserver { $server } lists { $count } more hosts for { $host } than are probed
    [addresses] { $host } leads to { $address }{ and-more }, which `allowed_networks` leaves out
   *[more_addresses] { $host } has { $count } more addresses than are probed
}
and-more = { $more ->
    [0] { "" }
   *[other] { " " }and { $more } more
}
intermittent-problem = { $count ->
    [one] { $names } fails in { $failures } of { $of } rounds ({ $stage } { $reason })
   *[other] { $names } fail in { $failures } of { $of } rounds ({ $stage } { $reason })
}
perhaps-dead-backend = { $statement }: perhaps a dead backend

## Endpoints and proxies

proxy = proxy { $proxy }
for-role = { $role ->
    [vital] { $statement } (no other replaces it)
    [revocation] { $statement } (revocation lists are fetched there)
   *[validation] { $statement } (validation is done there)
}
lookup-problem = { $reason ->
    [nxdomain] { $count ->
        [one] the host name in { $names } does not exist
       *[other] the host names in { $names } do not exist
    }
    [no_records] { $count ->
        [one] the host name in { $names } has no address
       *[other] the host names in { $names } have no address
    }
   *[other] the address of { $names } cannot be looked up
}
out-of-reach = { $count ->
    [one] { $names } is unreachable through every proxy that reaches the other endpoints ({ $failures })
   *[other] { $names } are unreachable through every proxy ({ $failures })
}
connection-problem = { $reason ->
    [refused] { $count ->
        [one] { $names } refuses connections
       *[other] { $names } refuse connections
    }
    [timed_out] no connection to { $names } is answered
    [unreachable] { $count ->
        [one] { $names } is unreachable
       *[other] { $names } are unreachable
    }
   *[other] connecting to { $names } fails
}
passage-problem = { $reason ->
    [auth_required] proxy { $proxy } requires credentials ({ $demands }), and Windows sends none when it activates
    [auth_rejected] proxy { $proxy } rejects the credentials configured here, and Windows sends none when it activates
    [forbidden_by_proxy] proxy { $proxy } forbids connections to { $names }
    [proxy_bad_gateway] proxy { $proxy } cannot reach { $names }
    [proxy_not_a_proxy] what answers at { $proxy } is not such a proxy
    [captive_portal] proxy { $proxy } answers CONNECT with a page instead of a tunnel to { $names }
    [timed_out] proxy { $proxy } accepts the connection and does not answer for { $names }
    [closed] proxy { $proxy } closes the connection instead of answering
   *[other] proxy { $proxy } does not open a connection to { $names }
}
proxy-certificate-problem = { $reason ->
    [expiring] the certificate of proxy { $proxy } expires on { $day }
   *[other] the certificate of proxy { $proxy } is not valid
}
certificate-problem = { $reason ->
    [expiring] a certificate of { $names } expires on { $day }
    [not_yet_valid] { $judge ->
        [true_time] by true time the certificate of { $names } is not valid yet
        [own_clock] { $offset }, so the certificate of { $names } seems invalid
       *[clock] the certificate of { $names } is not valid yet
    }
   *[expired] { $judge ->
        [true_time] by true time the certificate of { $names } has expired
        [own_clock] { $offset }, so the certificate of { $names } seems invalid
       *[clock] the certificate of { $names } has expired
    }
}
tls-problem = { $reason ->
    [intercepted] TLS to { $names } is intercepted
    [untrusted] the certificate of { $names } is not trusted
    [name_mismatch] the certificate of { $names } is for another name
    [tls_version] { $names } and this machine have no TLS version or cipher in common
    [reset_in_handshake] the TLS handshake with { $names } is reset
    [timed_out] the TLS handshake with { $names } does not end
    [not_tls] what answers at { $names } does not speak TLS
    [incomplete_chain] { $names } does not send its intermediate certificate
    [weak_signature] a certificate of { $names } is signed with SHA-1, which Windows no longer trusts
    [weak_key] a certificate of { $names } has an RSA key under 2048 bits
    [certificate_required] { $names } requires a client certificate, and Windows has none for activation
   *[other] the TLS handshake with { $names } fails
}
http-problem = { $reason ->
    [captive_portal] something else answers in place of { $names }
    [timed_out] no complete answer comes from { $names }
    [not_http] what answers at { $names } does not speak HTTP
    [auth_required] a proxy that is not configured requires credentials in front of { $names }
    [certificate_required] { $names } requires a client certificate, and Windows has none for activation
   *[other] { $names } cannot be asked
}

## Machines

machines-report = { $urgency ->
    [lost] { $names } lost activation with { codes-reported }
    [week] { $count ->
        [one] { $names } expires soon with { codes-reported }
       *[other] { $names } expire soon with { codes-reported }
    }
   *[later] { $count ->
        [one] { $names } reports { codes-reported }
       *[other] { $names } report { codes-reported }
    }
}
codes-reported = { $codes ->
    [0] no code
    [1] { $code }
   *[other] { $code } or others
}
machines-elsewhere = { $kind ->
    [clock_unread] { machines-report }; the host's clock is unreadable
    [clock_right] { machines-report }, while the KMS host's clock is right
    [host] { machines-report }, while { $stage } is fine here
    [not_walked] { machines-report }; { $stage } is not part of the path from here
   *[passes] { machines-report }, though { $stage } passes from here
}
machines-cut-off = { $network ->
    [unknown] { machines-cut-off-there }{ machines-cut-off-here }
   *[known] { machines-cut-off-there } in { $networks }{ machines-cut-off-here }
}
machines-cut-off-there = { $count ->
    [one] { $names } fails at { $stage } by its own check
   *[other] { $names } fail at { $stage } by their own check
}
machines-cut-off-here = { $passes ->
    [passes] , though { $stage } passes from here
   *[not_walked] ; { $stage } is not part of the path from here
}
machines-of-host = { machines-report } of the KMS host
machines-not-activated = { $urgency ->
    [lost] { $count ->
        [one] { $names } lost activation, and reports { codes-reported }
       *[other] { $names } lost activation, and report { codes-reported }
    }
    [week] { $count ->
        [one] { $names } loses activation within 7 days, and reports { codes-reported }
       *[other] { $names } lose activation within 7 days, and report { codes-reported }
    }
   *[later] { $count ->
        [one] { $names } is not activated or renewed, and reports { codes-reported }
       *[other] { $names } are not activated or renewed, and report { codes-reported }
    }
}
shared-ids-problem = { $ids ->
    [one] { $names } share one client machine ID and count as one client
   *[other] { $names } share { $ids } client machine IDs, and each ID counts once
}
not-volume-problem = { $count ->
    [one] { $names } has an unactivated MAK or retail key, which no KMS host can activate
   *[other] { $names } have an unactivated MAK or retail key, which no KMS host can activate
}
wrong-key-problem = { $count ->
    [one] { $names } has the published key of another edition, { $edition } ({ $last_five })
   *[other] { $names } have the published key of another edition, { $edition } ({ $last_five })
}
evaluations-problem = { $count ->
    [one] { $day ->
        [none] the evaluation on { $names } is over; Windows then shuts down every hour
       *[other] the evaluation on { $names } ends or ended on { $day }; Windows then shuts down every hour
    }
   *[other] { $day ->
        [none] the evaluations on { $names } end or are over; Windows then shuts down every hour
       *[other] the evaluations on { $names } end, first on { $day }; Windows then shuts down every hour
    }
}
