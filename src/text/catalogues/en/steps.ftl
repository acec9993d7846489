### Steps: what to do, with commands in backquotes. No sentence has more than 25 words, a command counting as one.

## After the path is fixed

step-activate = Then, on a client: `slmgr /ato`
step-by-phone = While this is not fixed, activate a MAK or retail key by phone: `slui 4`, or without a desktop `slmgr /dti` and `slmgr /atp CONFIRMATION-ID`
step-by-proxy = Where machines cannot reach the Internet, activate them with VAMT from a machine that can: select them, `Activate`, `Proxy activate`

## Why a path cannot be judged

step-local-fault = The fault is on the machine that measures, and not on the path: the detail of the failing stage shows what it is
step-local-descriptors = Where it is out of file descriptors: raise `LimitNOFILE=` of its service, or lower `probe.concurrency`
step-local-permission = Where it lacks a route, a permission, a nameserver or memory: give it that, and run `gracewatch check` there
step-restart-monitor = Restart it: `systemctl restart gracewatch`
step-report-monitor = Report what its log has on the failure: `journalctl --unit gracewatch --priority err`

## What DNS answers

step-ask-nameserver = Ask the nameserver yourself: `{ $command }`
step-publish-record = On the KMS host, publish the record again: `slmgr /sdns`, then `Restart-Service sppsvc`. Event 12294 shows that it worked, 12293 why not
step-name-host = Where there is a KMS host without a record, name it on clients meanwhile: `slmgr /skms { $host }:1688`
step-no-kms-host = Where there is no KMS host at all, clients need a MAK: `slmgr /ipk KEY`
step-delete-absence = The record at { $name } declares KMS absent by its target ".": delete it if that is wrong
step-correct-record = Correct the record at { $name }: it needs a host name and a port
step-open-dns-tcp = Open TCP { $port } to { $server }: its answer is too long for UDP
step-check-zone = On { $server }: check that the zone is loaded and that its forwarders answer
step-check-dns-service = Check that { $server } runs its DNS service, and that UDP and TCP { $port } are open to it
step-unexpected-host = Find the owner of { $host }. Where it is none of your KMS hosts, delete its SRV record; where it is, add it to `expected_hosts`
step-unexpected-again = Where the record comes back, have its owner stop the host from publishing itself
step-missing-host = On { $host }, publish its record again: `slmgr /sdns`, then `Restart-Service sppsvc`; see event 12293
step-allow-publishing = In the zone { $domain }, give the computer account of { $host } write permission on `_vlmcs._tcp`, and allow secure dynamic updates
step-record-by-hand = Or keep the record by hand: `Add-DnsServerResourceRecord -Srv -ZoneName { $domain } -Name _vlmcs._tcp -DomainName { $host } -Priority 0 -Weight 0 -Port 1688`
step-turn-on-publishing = On { $host }, turn publishing on: `slmgr /sdns`, then `Restart-Service sppsvc`. Event 12294 shows that it worked
step-see-lack = See why { $server } lacks { $names }: `{ $command }`. Where it only caches, clear its cache: `Clear-DnsServerCache`
step-compare-nameservers = Compare `{ $one }` with `{ $two }`. Where they serve one zone, replicate it from the domain controller that is right: `repadmin /syncall /AdeP`
step-whose-host = Find out whether { $host } is a KMS host of yours. Where it is none, delete its records
step-allow-host = Where it is, allow it under `kms` of the path: `{ $line }`
step-delete-records = Delete records of hosts that are gone: { $most } of an answer are probed, as clients prefer them
step-delete-addresses = Delete addresses that are not the host's any more: { $most } of a host are probed

## KMS hosts

step-look-up = Look the name up yourself: `nslookup { $host }`
step-correct-alias = Correct the alias (CNAME) of { $host }, or delete it: `nslookup -type=cname { $host }` shows that it leads to { $alias }
step-remove-address = Remove { $address } from the address records of { $host }, or open TCP { $port } to it
step-see-up = See whether { $host } is up: log on to it, or look at it in its hypervisor
step-test-elsewhere = From a second network: `Test-NetConnection { $host } -Port { $port }`. Where that succeeds, a firewall between drops what comes from here
step-same-for-others = Do the same for { $names }
step-add-address = Add the address record of { $host } to its zone
step-check-nameservers = Check that the nameservers run, and answer for the zone of { $host }
step-test-port = From a client, see whether it connects: `Test-NetConnection { $host } -Port { $port }`
step-restart-kms = On { $host }: `slmgr /dlv` shows whether it still is a KMS host; where it is, `Restart-Service sppsvc`
step-see-listening = On { $host }: `Get-NetTCPConnection -State Listen -LocalPort { $port }` shows whether it listens
step-open-firewall = On { $host }, open its firewall: `Enable-NetFirewallRule -Name SPPSVC-In-TCP`
step-open-firewall-port = On { $host }, open its firewall: `New-NetFirewallRule -DisplayName KMS -Direction Inbound -Protocol TCP -LocalPort { $port } -Action Allow`
step-open-between = Open TCP { $port } from this network to { $host } in the firewalls between
step-check-route = Check the route from this network to { $host }: `tracert { $host }`
step-check-prohibition = Check that no firewall between prohibits TCP { $port } to { $host }
step-see-listener = On { $host }, see what listens: `Get-Process -Id (Get-NetTCPConnection -LocalPort { $port }).OwningProcess`
step-no-stand-in = Check that no proxy or load balancer answers in its place
step-check-role = Check that { $host } is a KMS host: `slmgr /dlv` there shows its key, count and port
step-restart-service = On { $host }, restart the service: `Restart-Service sppsvc`
step-check-inspection = Check that no firewall that inspects traffic cuts RPC to { $host } on port { $port }
step-compare-port = { $found ->
    [dns] Compare the port in the SRV record with the one { $host } listens on, and correct the record
   *[configured] Compare the port that is configured with the one { $host } listens on
}
step-retired = { $found ->
    [dns] Where { $host } is retired, delete its SRV record
   *[configured] Where { $host } is retired, name another on clients, `slmgr /skms HOST:1688`, or let DNS decide, `slmgr /ckms`
}
step-see-host-key = { $application ->
    [windows] On { $host }: `slmgr /dlv` shows the state of its KMS host key (channel VOLUME_KMS)
   *[other] On { $host }: `slmgr /dlv all` shows the state of its KMS host key for Office, and its activation ID
}
step-activate-host = { $application ->
    [windows] On { $host }, activate it again: `slmgr /ato`, or by phone `slui 4`
   *[other] On { $host }, activate that key again: `slmgr /ato ACTIVATION-ID`
}
step-install-host-key = Where its key was replaced or used up, install the KMS host key again: `slmgr /ipk KEY`, then `slmgr /ato`. A key is good for six hosts, and ten activations on each
step-see-asked-host = On a client: `slmgr /dlv` shows the KMS host it asks; `slmgr /ato` makes it ask now
step-see-requests = On { $host }: `Get-WinEvent -LogName 'Key Management Service' -MaxEvents 5` shows the last requests (event 12290)
step-stop-publishing = Where clients ask another host on purpose, stop { $host } from publishing itself: `slmgr /cdns` there
step-see-start-events = On { $host }, see why in events 12291 and 12292: `wevtutil qe "Key Management Service" /c:20 /rd:true /f:text`
step-see-count = { $application ->
    [windows] On { $host }: `slmgr /dlv` shows the current count: different clients in the last 30 days
   *[other] On { $host }: `slmgr /dlv all` shows the current count below the KMS host key of Office: different clients in the last 30 days
}
step-cloned = Clients cloned from one image without `sysprep /generalize` share a client machine ID and count as one. Compare it in `slmgr /dlv`, and on clones run `slmgr /rearm`
step-too-few = Below 25 Windows clients, or 5 servers or machines with Office, KMS does not activate. Use a MAK (`slmgr /ipk KEY`) or activation by Active Directory there

## Clocks

step-which-clock = Find out which of the two is wrong: on { $host } and on this machine, { step-compare-clock }
step-compare-clock = `w32tm /stripchart /computer:DC /samples:3 /dataonly` with a domain controller, or on Linux `chronyc tracking`
step-see-own-clock = See how far this machine's clock is off: { step-compare-clock }
step-set-own-clock = Set this machine's clock: `w32tm /resync /rediscover`, or on Linux `chronyc makestep`
step-see-client-source = On clients: `w32tm /query /source` shows their time source; all must have the same time as the KMS host
step-see-client-clock = On clients: `w32tm /query /status`; to a wrong clock, a valid certificate seems invalid
step-name-time-servers = Name time servers under `clock.ntp`, so that true time is known here
step-who-is-right = Find out who is right, { $server } or the other time servers: compare them with a clock of another origin
step-name-right-servers = Name time servers under `clock.ntp` that are right, three or more of different origin
step-set-if-wrong = Only where { $server } is wrong, set this machine's clock: `w32tm /resync /rediscover`, or `chronyc makestep`
step-see-time-source = On { $host }: `w32tm /query /status` shows its time source; then `w32tm /resync /rediscover`
step-set-time-source = Where the source is `Local CMOS Clock` or `Free-running System Clock`: `w32tm /config /syncfromflags:domhier /update`, and restart `w32time` on { $host }
step-hypervisor = Where { $host } is a virtual machine, see that its hypervisor has the right time
step-same-on-host = Where the clock of the KMS host is wrong, do the same there

## What fails now and then

step-several-nameservers = Where several nameservers share { $server }, ask each of them on its own
step-nameserver-load = On { $server }: check its load, and whether it limits the rate of queries
step-lost-packets = Look for lost packets between this network and { $host }: `pathping { $host }`
step-overloaded = On { $host }: see whether it is overloaded, and whether `sppsvc` restarts
step-balancer = Where a load balancer answers for { $host }: test each of its members, and take out the dead one
step-test-again = From a client, several times: `1..10 | ForEach-Object { "{" } Test-NetConnection { $host } -Port { $port } { "}" }` shows how often it fails

## Endpoints and proxies

step-correct-proxy-name = Correct the name of the proxy, or add { $host } to its zone
step-resolve-internet = Let the nameservers resolve names of the Internet: check their forwarders and root hints
step-resolve-by-proxy = Where only the proxy resolves names of the Internet, set that proxy: `netsh winhttp set proxy PROXY:PORT`
step-open-to-endpoint = Open TCP { $port } from this network to { $host } in the firewall
step-set-proxy = Where the Internet is reached only through a proxy, see which one activation uses: `netsh winhttp show proxy`. `netsh winhttp set proxy PROXY:PORT` sets it
step-show-proxy = On a client: `netsh winhttp show proxy` shows the proxy that activation uses, which is the machine's and not the user's
step-renewal = See that whoever answers for { $host } renews the certificate in time
step-invalid-certificate = The certificate itself is not valid: find out who answers for { $host }
step-invalid-if-clock-right = Where the clock is right, the certificate is not: find out who answers for { $host }
step-exempt = { $proxy ->
    [none] On the firewall or proxy that inspects TLS: exempt { $host } from inspection
   *[other] On { $proxy } and any other hop that inspects TLS: exempt { $host } from inspection
}
step-exempt-others = Exempt the other endpoints of activation with it
step-send-intermediate = Have whoever runs { $host } send the intermediate certificate along with its own; Windows fetches it by itself where it can
step-see-chain = See what it sends: `certutil -urlfetch -verify FILE.cer` on a copy of the certificate
step-replace-certificate = Have the certificate replaced by one with SHA-256 and an RSA key of 2048 bits or more. Whoever inspects TLS issues it anew
step-test-by-windows = On a Windows client: `curl.exe -sv https://{ $host }/` shows whether Windows gets through
step-allow-ciphers = Allow TLS 1.3, or ECDHE with AES-GCM, on { $host } or what answers in its place
step-fetch-roots = On a client: `certutil -generateSSTFromWU roots.sst` fetches the roots of Microsoft; an old list of roots lacks the newest
step-name-authority = Where the issuer is one of your own and meant to be there, name it under `ca_file`
step-who-answers = Find out who answers for { $host }: `nslookup { $host }`
step-enable-tls = On an old client: enable TLS 1.2 in WinHTTP by `DefaultSecureProtocols` (0x800), and install the update that reads it
step-tls-firewall = Look for a firewall that cuts TLS to { $host } by its name or its category
step-block-page = On { $host }: allow CONNECT to { $endpoint }. A block page names the rule or the category that stops it
step-portal = Log this network in at its portal, or exempt the machine from it
step-filter = Where a filter answers in place of { $host }: allow it there
step-let-through = On the proxy in between: let { $host } through without credentials
step-try-later = Try again later: { $host }, or a device in front of it, answers that it cannot serve now
step-ask-proxy-owner = Where only this network sees it, ask who runs the proxy
step-why-rejected = Find out why { $host } ends the connection: it may demand a certificate of its clients
step-hop = Look for a hop that answers in place of { $host }
step-http-firewall = Look for a firewall or proxy that lets connections to { $host } through, but not the HTTP on them
step-proxy-service = See that the proxy service runs on { $host } and listens on port { $port }
step-compare-proxy = Compare { $proxy } with what the network team gives out. { step-show-proxy }
step-open-to-proxy = Open TCP { $port } from this network to the proxy { $host } in the firewalls between
step-allow-connect = On { $host }: allow CONNECT to { $endpoint }, and to the other endpoints of activation on 443 and 80
step-proxy-log = The log of { $host } names the rule that denies it
step-proxy-connects = On { $proxy }: look up { $host } and connect to port { $port }
step-open-from-proxy = Open TCP { $port } from { $proxy } to the Internet
step-proxy-by-name = Name the proxy as its certificate does, in place of { $host }, or give it a certificate for { $host }
step-proxy-authority = Where the authority of the proxy { $host } is one of your own, name it under `ca_file`
step-proxy-certificate = Renew the certificate of the proxy { $host }
step-own-clock-right = See that the clock of this machine is right
step-compare-proxy-kind = Compare { $proxy } with what the network team gives out: host, port, and whether it is HTTP or SOCKS
step-proxy-overloaded = See whether the proxy on { $host } is overloaded, and what its log shows
step-no-login = On { $host }: let { $endpoint } and the other endpoints of activation through without credentials
step-bypass = Where that is not possible, have clients bypass the proxy for these hosts: `netsh winhttp set proxy PROXY:PORT bypass-list="*.microsoft.com;*.live.com;*.digicert.com;*.windowsupdate.com"`, and open TCP 443 and 80 to them
step-correct-password = Correct the user name and password of the proxy in the configuration here
step-beyond-login = Fix what lies beyond the login as well. With the credentials given here: { $seen }
step-only-login = The login is the only obstacle: with the credentials given here, { $endpoint } can be reached

## Machines

step-from-there = These machines may be elsewhere in the network. Run `gracewatch check` there: it shows what they see
step-ask-there = On { $machine }: `nslookup -type=srv _vlmcs._tcp{ $of_domain }` shows what its own nameservers answer
step-compare-nameservers-there = On { $machine }: `ipconfig /all` shows its nameservers and domain; compare them with those asked here
step-see-host-there = On { $machine }: `slmgr /dlv` shows the KMS host it asks; a name that was set by hand is removed with `slmgr /ckms`
step-test-there = On { $machine }: `Test-NetConnection { $host } -Port { $port }`
step-open-from-there = Open TCP 1688 from the networks of these machines to the KMS host, in the firewalls between and on the host
step-activate-there = Then, on { $machine }: `slmgr /ato`
step-clock-there = On { $machine }: `w32tm /query /status` shows whether its clock is right; then `w32tm /resync`
step-inspecting-proxy-there = On { $machine }: `netsh winhttp show proxy` shows the proxy that activation uses there, which may inspect TLS
step-proxy-there = On { $machine }: `netsh winhttp show proxy` shows the proxy that activation uses there
step-endpoint-there = On { $machine }: `Test-NetConnection activation.sls.microsoft.com -Port 443`
step-try-there = On { $machine }: `slmgr /ato` tries again, and shows the code if it fails
step-events-there = On { $machine }: `Get-WinEvent -FilterHashtable @{ "{" }LogName='Application'; Id=12288,12289,8198{ "}" } -MaxEvents 5` shows the last attempts. `gracewatch explain CODE` shows what a code means
step-service-there = On { $machine }: `Restart-Service sppsvc`, and see that its scheduled tasks under `SoftwareProtectionPlatform` are enabled
step-explain = See what { $code } means: `gracewatch explain { $code }`; { $machine } reports it
step-rearm-clones = On { $machine } and the others, all but one for each ID: `slmgr /rearm`, and restart. `slmgr /dlv` shows the new client machine ID (CMID)
step-generalize = Before the next image is taken of a machine: `sysprep /generalize`
step-phone-there = On { $machine }: activate by phone, `slui 4`, or `slmgr /dti` for the installation ID and `slmgr /atp CONFIRMATION-ID` for the answer
step-make-kms-client = Where they should be KMS clients: `slmgr /ipk KEY` with the key that Microsoft publishes for their edition, then `slmgr /ato`
step-right-key = On { $machine }: `slmgr /ipk KEY` with the key that Microsoft publishes for the edition that is installed, then `slmgr /ato`
step-change-edition = Where it should be { $edition } in place of { $product }, on a server: `dism /online /get-targeteditions`, then `dism /online /set-edition:EDITION /productkey:KEY /accepteula`. On a client: `changepk.exe /productkey KEY`
step-rearm-evaluation = On { $machine }, to gain time: where `slmgr /dlv` shows a remaining Windows rearm count, run `slmgr /rearm` and restart
step-full-server = Convert a server to a full edition: `dism /online /get-targeteditions`, then `dism /online /set-edition:EDITION /productkey:KEY /accepteula`. A domain controller cannot be converted: move its roles to another server first
step-full-client = An evaluation of a client edition cannot be converted: save the data, and install a full edition
