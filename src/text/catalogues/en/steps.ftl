### Steps: what to do, with commands in backquotes. No sentence has more than 25 words, a command counting as one.

## After the path is fixed

step-activate = Once this is fixed, on clients that lost activation: `slmgr /ato`. The others renew by themselves
step-by-phone = Until this is fixed, activate a MAK or retail key by phone: `slui 4`. Without a desktop: `slmgr /dti` shows the ID to read out, `slmgr /atp CONFIRMATION-ID` enters the answer
step-by-proxy = Or activate MAK and retail machines with VAMT, on a machine that this fault does not hit: select them, `Activate`, `Proxy activate`

## Why a path cannot be judged

step-local-fault = Look at the machine that measures, not at the path: the detail of the failing stage shows what it lacks
step-local-descriptors = If it has run out of file descriptors: raise `LimitNOFILE=` of its service, or lower `probe.concurrency`
step-local-permission = If it lacks a route, a permission, a nameserver or memory: provide it, then run `gracewatch check` there
step-restart-monitor = Restart it: `systemctl restart gracewatch`
step-report-monitor = Report what its log says about the failure: `journalctl --unit gracewatch --priority err`

## What DNS answers

step-ask-nameserver = Ask the nameserver yourself: `{ $command }`
step-publish-record = On the KMS host, publish the record again: `slmgr /sdns`, then `Restart-Service sppsvc`. Event 12294 confirms it; event 12293 says why it failed
step-name-host = If there is a KMS host without a record, name it on clients in the meantime: `slmgr /skms { $host }:1688`
step-no-kms-host = If there is no KMS host at all, clients need a MAK: `slmgr /ipk KEY`
step-delete-absence = The record at { $name } has the target ".", which says that there is no KMS host: delete it if that is wrong
step-correct-record = Correct the record at { $name }: it needs a host name and a port
step-correct-port = Correct the SRV record of { $target } at { $name }: its port is 0, and a KMS host listens on 1688
step-delete-contradiction = Delete the record at { $name } whose target is ".": it declares KMS absent, and others name hosts
step-add-domain = Correct the SRV record of { $target } at { $name }: it has to name the host with its domain
step-name-for-address = Correct the SRV record at { $name }: it has to name the host that has { $target }
step-open-dns-tcp = Open TCP { $port } to { $server }: its answer is too long for UDP
step-check-zone = On { $server }: check that the zone is loaded and that its forwarders answer
step-check-dns-service = Check that { $server } runs its DNS service, and that UDP and TCP { $port } are open to it
step-unexpected-host = Find the owner of { $host }. If it is not one of your KMS hosts, delete its SRV record; if it is, add it to `expected_hosts`
step-unexpected-again = If the record comes back, have its owner stop the host from publishing itself: `slmgr /cdns` there
step-missing-host = On { $host }, publish its record again: `slmgr /sdns`, then `Restart-Service sppsvc`. If that fails, event 12293 says why
step-allow-publishing = In the zone { $domain }, give the computer account of { $host } write permission on `_vlmcs._tcp`, and allow secure dynamic updates
step-record-by-hand = Or keep the record by hand: `Add-DnsServerResourceRecord -Srv -ZoneName { $domain } -Name _vlmcs._tcp -DomainName { $host } -Priority 0 -Weight 0 -Port 1688`
step-turn-on-publishing = On { $host }, turn publishing on: `slmgr /sdns`, then `Restart-Service sppsvc`. Event 12294 shows that it worked
step-see-lack = Find out why { $server } lacks { $names }: `{ $command }`. If it is only a cache, clear it: `Clear-DnsServerCache`
step-compare-nameservers = Compare `{ $one }` with `{ $two }`. If they serve the same zone, replicate it from the domain controller that has the right records: `repadmin /syncall /AdeP`
step-whose-host = Find out whether { $host } is one of your KMS hosts. If not, delete its records
step-allow-host = If it is, allow it under `kms` of the path: `{ $line }`
step-delete-records = Delete the records of hosts that are gone: at most { $most } of an answer are probed, those that clients prefer
step-delete-addresses = Delete addresses that the host no longer has: at most { $most } of each host are probed

## KMS hosts

step-look-up = Look the name up yourself: `nslookup { $host }`
step-correct-alias = Give { $host } an address record in place of its alias (CNAME): `nslookup -type=cname { $host }` shows that it leads to { $alias }
step-or-add-address = Or, if the alias is meant, add the address record of { $host } to its zone
step-remove-address = Remove { $address } from the address records of { $host }, or open TCP { $port } to it
step-see-up = Check whether { $host } is up: log on to it, or look at it in its hypervisor
step-test-elsewhere = From a second network: `Test-NetConnection { $host } -Port { $port }`. If that succeeds, suspect a firewall between here and there
step-same-for-others = Do the same for { $names }
step-add-address = Add the address record of { $host } to its zone
step-check-nameservers = Check that the nameservers run, and answer for the zone of { $host }
step-test-port = From a client, test the connection: `Test-NetConnection { $host } -Port { $port }`
step-restart-kms = If nothing listens there: `slmgr /dlv` shows whether { $host } is still a KMS host. If it is, restart the service: `Restart-Service sppsvc`
step-see-listening = On { $host }, check whether it listens: `Get-NetTCPConnection -State Listen -LocalPort { $port }`
step-open-firewall = On { $host }, if its firewall blocks the port, open it: `Enable-NetFirewallRule -Name SPPSVC-In-TCP`
step-open-firewall-port = On { $host }, if its firewall blocks the port, open it: `New-NetFirewallRule -DisplayName KMS -Direction Inbound -Protocol TCP -LocalPort { $port } -Action Allow`
step-open-between = Open TCP { $port } from this network to { $host } in the firewalls in between
step-check-route = Check the route from this network to { $host }: `tracert { $host }`
step-check-prohibition = Check that no firewall in between blocks TCP { $port } to { $host }
step-see-listener = On { $host }, find out which program listens: `Get-Process -Id (Get-NetTCPConnection -LocalPort { $port }).OwningProcess`
step-no-stand-in = Check that no proxy or load balancer answers in its place
step-check-role = Check that { $host } is a KMS host: `slmgr /dlv` there shows its key, count and port
step-restart-service = On { $host }, restart the service: `Restart-Service sppsvc`
step-check-inspection = Check that no firewall that inspects traffic breaks RPC to { $host } on port { $port }
step-compare-port = { $found ->
    [dns] Compare the port in the SRV record with the port that { $host } listens on, and correct the record
   *[configured] Compare the configured port with the port that { $host } listens on
}
step-retired = { $found ->
    [dns] If { $host } is retired, delete the SRV record that names it, and no other
   *[configured] { $other ->
        [none] If { $host } is retired, let clients find another by DNS: `slmgr /ckms`
       *[known] If { $host } is retired, have clients use another: `slmgr /skms { $other }`, or the one in DNS: `slmgr /ckms`
    }
}
step-see-host-key = { $application ->
    [windows] On { $host }: `slmgr /dlv` shows the state of its KMS host key (channel VOLUME_KMS)
   *[other] On { $host }: `slmgr /dlv all` shows the state of its KMS host key for Office, and its activation ID
}
step-activate-host = { $application ->
    [windows] On { $host }, activate it again: `slmgr /ato`, or by phone `slui 4`
   *[other] On { $host }, activate that key again: `slmgr /ato ACTIVATION-ID`
}
step-install-host-key = If its key was replaced or used up, install the KMS host key again: `slmgr /ipk KEY`, then `slmgr /ato`. A key is good for six hosts, ten activations each
step-see-asked-host = On a client: `slmgr /dlv` shows which KMS host it asks, and `slmgr /ato` makes it ask now
step-see-requests = On { $host }, look at the last requests (event 12290): `Get-WinEvent -LogName 'Key Management Service' -MaxEvents 5`
step-stop-publishing = If clients ask another host on purpose, stop { $host } from publishing itself: `slmgr /cdns` there
step-see-start-events = On { $host }, find the cause in events 12291 and 12292: `wevtutil qe "Key Management Service" /c:20 /rd:true /f:text`
step-see-count = { $application ->
    [windows] On { $host }: `slmgr /dlv` shows the current count, of different clients in the last 30 days
   *[other] On { $host }: `slmgr /dlv all` shows the current count below the KMS host key of Office, of different clients in the last 30 days
}
step-cloned = Clients cloned from one image without `sysprep /generalize` share a client machine ID and count as one. Compare the IDs in `slmgr /dlv`, and run `slmgr /rearm` on the clones
step-too-few = With fewer than 25 Windows clients, or 5 servers or machines with Office, KMS activates none. Use a MAK (`slmgr /ipk KEY`) or Active Directory-based activation

## Clocks

step-which-clock = Find out which of the two is wrong: on { $host } and on this machine, { step-compare-clock }
step-compare-clock = `w32tm /stripchart /computer:DC /samples:3 /dataonly` with a domain controller, or on Linux `chronyc tracking`
step-see-own-clock = See how far this machine's clock is off: { step-compare-clock }
step-set-own-clock = Set this machine's clock: `w32tm /resync /rediscover`, or on Linux `chronyc makestep`
step-see-client-source = On clients: `w32tm /query /source` shows where they get the time; they need the same time as the KMS host
step-see-client-clock = On clients, check the clock: `w32tm /query /status`. With a wrong clock, a valid certificate seems invalid
step-name-time-servers = Name time servers under `clock.ntp`, so that the true time is known here
step-who-is-right = Find out which is right, { $server } or the other time servers: compare them with an independent clock
step-name-right-servers = Under `clock.ntp`, name three or more time servers that are right and independent of each other
step-set-if-wrong = Only if { $server } is wrong, set this machine's clock: `w32tm /resync /rediscover`, or `chronyc makestep`
step-see-time-source = On { $host }: `w32tm /query /status` shows its time source; then `w32tm /resync /rediscover`
step-set-time-source = If the source is `Local CMOS Clock` or `Free-running System Clock`: `w32tm /config /syncfromflags:domhier /update`, then `Restart-Service w32time` on { $host }. A PDC emulator needs a time server of its own instead
step-hypervisor = If { $host } is a virtual machine, check that its hypervisor has the right time
step-same-on-host = If the clock of the KMS host is wrong, do the same there

## What fails now and then

step-several-nameservers = If several nameservers share { $server }, ask each of them separately
step-nameserver-load = On { $server }: check its load, and whether it limits the rate of queries
step-lost-packets = Look for lost packets between this network and { $host }: `pathping { $host }`
step-overloaded = On { $host }: check whether it is overloaded, and whether `sppsvc` keeps restarting
step-balancer = If a load balancer answers for { $host }: test each of its members, and remove the dead one
step-test-again = From a client, several times: `1..10 | ForEach-Object { "{" } Test-NetConnection { $host } -Port { $port } { "}" }` shows how often it fails

## Endpoints and proxies

step-correct-proxy-name = Correct the name of the proxy, or add { $host } to its zone
step-resolve-internet = Have the nameservers resolve Internet names: check their forwarders and root hints
step-resolve-by-proxy = If only the proxy resolves Internet names, set that proxy: `netsh winhttp set proxy { $proxy }`
step-open-to-endpoint = Open TCP { $port } from this network to { $host } in the firewall
step-set-proxy = If the Internet is reached only through a proxy, check which one activation uses: `netsh winhttp show proxy`. To set it: `netsh winhttp set proxy { $proxy }`
step-show-proxy = On a client: `netsh winhttp show proxy` shows the proxy that activation uses: the machine's, not the user's
step-renewal = Make sure that whoever runs { $host } renews the certificate in time
step-invalid-certificate = The certificate itself is not valid: find out who answers for { $host }
step-invalid-if-clock-right = If the clock is right, the certificate is wrong: find out who answers for { $host }
step-exempt = { $proxy ->
    [none] On the firewall or proxy that inspects TLS: exempt { $host } from inspection
   *[other] On { $proxy } and any other device that inspects TLS: exempt { $host } from inspection
}
step-exempt-others = Exempt the other activation endpoints as well
step-send-intermediate = Have whoever runs { $host } send the intermediate certificate along with its own; Windows fetches it by itself where it can
step-see-chain = Check what it sends: `certutil -urlfetch -verify FILE.cer` on a copy of the certificate
step-replace-certificate = Have the certificate replaced by one with SHA-256 and an RSA key of 2048 bits or more. If a device that inspects TLS issued it, reissue it there
step-test-by-windows = On a Windows client: `{ windows-curl }` shows whether Windows gets through; it uses the TLS of Windows
step-allow-ciphers = Allow TLS 1.3, or ECDHE with AES-GCM, on { $host } or whatever answers in its place
step-fetch-roots = On a client: `certutil -generateSSTFromWU roots.sst` fetches Microsoft's current roots; an old list lacks the newest
step-name-authority = If the issuer is your own CA and is meant to be there, add it to `ca_file`
step-who-answers = Find out who answers for { $host }: `nslookup { $host }`
step-enable-tls = On an old client: enable TLS 1.2 in WinHTTP with `DefaultSecureProtocols` (0x800), and install the update that supports it
step-tls-firewall = Look for a firewall that blocks TLS to { $host } by its name or its category
step-block-page = On { $host }: allow CONNECT to { $endpoint }. A block page names the rule or the category that stops it
step-portal = Log in at the portal of this network, or exempt this machine from it
step-filter = If a filter answers in place of { $host }: allow { $host } there
step-let-through = On the proxy in between: allow { $host } without credentials
step-try-later = Try again later: { $host }, or a device in front of it, answers that it cannot serve now
step-ask-proxy-owner = If only this network is affected, ask the owner of the proxy
step-why-rejected = Find out why { $host } closes the connection
step-no-client-certificate = On { $host }, or whatever answers in its place: allow activation without a client certificate
step-test-signature = On a Windows client: `{ windows-curl }` shows whether Windows accepts the certificate
windows-curl = { $proxy ->
    [none] curl.exe -sv https://{ $host }/
   *[other] curl.exe -sv -x { $proxy } https://{ $host }/
}
step-common-signature = If the CA is your own: issue the certificate again, with an RSA, P-256 or P-384 key and SHA-256 or better
step-hop = Look for a device that answers in place of { $host }
step-http-firewall = Look for a firewall or proxy that allows connections to { $host } but blocks HTTP on them
step-proxy-service = Check that the proxy service runs on { $host } and listens on port { $port }
step-compare-proxy = Compare { $proxy } with what the network team specifies. { step-show-proxy }
step-open-to-proxy = Open TCP { $port } from this network to the proxy { $host } in the firewalls in between
step-allow-connect = On { $host }: allow CONNECT to { $endpoint }, and to the other activation endpoints on 443 and 80
step-proxy-log = Look in the log of { $host } for the rule that denies it
step-proxy-connects = On { $proxy }: look up { $host } and connect to port { $port }
step-open-from-proxy = Open TCP { $port } from { $proxy } to the Internet
step-proxy-by-name = Configure the proxy by the name in its certificate, not as { $host }, or give it a certificate for { $host }
step-proxy-authority = If the CA of the proxy { $host } is your own, add it to `ca_file`
step-proxy-certificate = Renew the certificate of the proxy { $host }
step-own-clock-right = Check that the clock of this machine is right
step-compare-proxy-kind = Compare { $proxy } with what the network team specifies: host, port, and whether it is HTTP or SOCKS
step-proxy-overloaded = Check whether the proxy on { $host } is overloaded, and what its log shows
step-no-login = On { $host }: allow { $endpoint } and the other activation endpoints without credentials
step-bypass = If that is not possible, have clients bypass the proxy for these hosts: `netsh winhttp set proxy { $proxy } bypass-list="*.microsoft.com;*.live.com;*.digicert.com;*.windowsupdate.com"`, and open TCP 443 and 80 to them. This replaces what `netsh winhttp show proxy` shows
step-correct-password = Correct the user name and password of the proxy in the configuration here
step-beyond-login = Fix what fails after the login as well. With the credentials configured here: { $seen }
step-only-login = Only the login is in the way: with the credentials configured here, { $endpoint } can be reached

## Machines

step-from-there = These machines may be elsewhere in the network. Run `gracewatch check` there to see what they see
step-ask-there = On { $machine }: `nslookup -type=srv _vlmcs._tcp{ $of_domain }` shows what its own nameservers answer
step-compare-nameservers-there = On { $machine }: `ipconfig /all` shows its nameservers and domain; compare them with those asked here
step-see-host-there = On { $machine }: `slmgr /dlv` shows which KMS host it asks; `slmgr /ckms` removes a name that was set by hand
step-test-there = On { $machine }: `Test-NetConnection { $host } -Port { $port }`
step-open-from-there = Open TCP 1688 from the networks of these machines to the KMS host, in the firewalls in between and on the host
step-activate-there = Then, on { $machine }: `slmgr /ato`
step-clock-there = On { $machine }: `w32tm /query /status` shows whether its clock is right; then `w32tm /resync`
step-inspecting-proxy-there = On { $machine }: `netsh winhttp show proxy` shows the proxy that activation uses there, which may inspect TLS
step-proxy-there = On { $machine }: `netsh winhttp show proxy` shows the proxy that activation uses there
step-endpoint-there = On { $machine }: `Test-NetConnection activation.sls.microsoft.com -Port 443`
step-find-silent = Find out whether { $machine } is on and reaches the network: it has not reported since { $day }. If it is retired, remove its account and its collector
step-try-there = On { $machine }: `slmgr /ato` tries again, and shows the code if it fails
step-events-there = On { $machine }: `Get-WinEvent -FilterHashtable @{ "{" }LogName='Application'; Id=12288,12289,8198{ "}" } -MaxEvents 5` shows the last attempts. `gracewatch explain CODE` shows what a code means
step-service-there = On { $machine }: `Restart-Service sppsvc`, and check that its scheduled tasks under `SoftwareProtectionPlatform` are enabled
step-explain = For causes and all steps of { $code }, which { $machine } reports: `gracewatch explain { $code }`
step-rearm-clones = On { $machine } and all others but one of each ID: `slmgr /rearm`, and restart. `slmgr /dlv` shows the new client machine ID (CMID)
step-generalize = Before you take the next image of a machine: `sysprep /generalize`
step-phone-there = On { $machine }: activate by phone, `slui 4`, or `slmgr /dti` for the installation ID and `slmgr /atp CONFIRMATION-ID` for the answer
step-make-kms-client = If they should be KMS clients: `slmgr /ipk KEY` with the key that Microsoft publishes for their edition, then `slmgr /ato`
step-right-key = On { $machine }: `slmgr /ipk KEY` with the key that Microsoft publishes for the edition that is installed, then `slmgr /ato`
step-change-edition = If it should be { $edition } in place of { $product }, on a server: `dism /online /get-targeteditions`, then `dism /online /set-edition:EDITION /productkey:KEY /accepteula`. On a client: `changepk.exe /productkey KEY`
step-rearm-evaluation = On { $machine }, to gain time: if `slmgr /dlv` shows a remaining Windows rearm count, run `slmgr /rearm` and restart
step-full-server = Convert a server to a full edition: `dism /online /get-targeteditions`, then `dism /online /set-edition:EDITION /productkey:KEY /accepteula`. A domain controller cannot be converted: move its roles to another one, and demote it first
step-full-client = An evaluation of a client edition cannot be converted: save the data, and install a full edition
