//! What to do about a problem: steps a Windows administrator can type, the likeliest and cheapest first.

use super::{About, Problem};
use crate::clock::comparison::Clocks;
use crate::host::{self, DNS_PORT, KMS_PORT};
use crate::observation::{Reason, Stage};
use crate::verdict::Status;
use crate::walk::kms::{Discovered, Host, Lookup, Walk};
use std::net::SocketAddr;

/// How to see how far off a clock is.
const COMPARE: &str =
    "`w32tm /stripchart /computer:DC /samples:3 /dataonly` with a domain controller, or on Linux `chronyc tracking`";

/// How many hosts or nameservers of one kind get a step of their own.
const NAMED: usize = 3;

pub(super) fn next_steps(problem: &Problem<'_>, walk: &Walk, status: Status) -> Vec<String> {
    let mut steps = match problem.about {
        _ if problem.reason == Reason::LocalError => {
            vec!["The fault is on the machine that measures: the detail of the failing stage says what it is".into()]
        }
        About::Lookup(lookup) => for_srv(problem.reason, lookup),
        About::Host(host) => match problem.stage {
            Stage::Clock => for_clock(host),
            Stage::Host if problem.reason == Reason::Idle => for_idle_host(&host.name().to_string()),
            Stage::Host => for_host_license(&host.name().to_string()),
            Stage::Count => for_count(&host.name().to_string()),
            stage => KmsHost::new(host, walk).steps(stage, problem.reason),
        },
        About::Walk => match &walk.discovered {
            Some(discovered) if problem.stage == Stage::Srv => for_discovered(problem.reason, discovered),
            _ => for_own_clock(),
        },
    };
    if status == Status::Blocked {
        steps.push("Then, on a client: `slmgr /ato`".into());
    }
    steps
}

fn for_srv(reason: Reason, lookup: &Lookup) -> Vec<String> {
    let name = lookup.domain.srv_name();
    let ask = format!("Ask the nameserver yourself: `{}`", nslookup(&name, lookup.nameserver));
    let server = lookup.nameserver.ip();
    match reason {
        Reason::Nxdomain | Reason::NoRecords => vec![
            ask,
            "On the KMS host, publish the record again: `slmgr /sdns`, then `Restart-Service sppsvc`; event 12294 says \
             that it worked, 12293 why not"
                .into(),
            "Where there is a KMS host without a record, name it on clients meanwhile: `slmgr /skms HOST:1688`".into(),
            "Where there is no KMS host at all, clients need a MAK: `slmgr /ipk KEY`".into(),
        ],
        Reason::NoService => vec![
            ask,
            format!("The record at {name} declares KMS absent by its target \".\": delete it if that is wrong"),
        ],
        Reason::InvalidAnswer => vec![ask, format!("Correct the record at {name}: it needs a host name and a port")],
        Reason::ServerFailure => {
            vec![ask, format!("On {server}: check that the zone is loaded and that its forwarders answer")]
        }
        _ => {
            let port = lookup.nameserver.port();
            vec![ask, format!("Check that {server} runs its DNS service, and that UDP and TCP {port} are open to it")]
        }
    }
}

/// The command that asks one nameserver for SRV records.
fn nslookup(name: &str, nameserver: SocketAddr) -> String {
    let port = match nameserver.port() {
        DNS_PORT => String::new(),
        port => format!(" -port={port}"),
    };
    format!("nslookup -type=srv{port} {name} {}", nameserver.ip())
}

/// A KMS host, as far as steps depend on it.
struct KmsHost<'a> {
    /// Name or address, without the port.
    host: &'a host::Host,
    port: u16,
    /// Found by DNS, as against named in the configuration or on clients.
    is_discovered: bool,
}

impl<'a> KmsHost<'a> {
    fn new(target: &'a Host, walk: &Walk) -> Self {
        Self { host: target.name(), port: target.host.port, is_discovered: walk.discovered.is_some() }
    }

    fn steps(&self, stage: Stage, reason: Reason) -> Vec<String> {
        match stage {
            Stage::Address => self.for_address(reason),
            Stage::Tcp => self.for_tcp(reason),
            _ => self.for_rpc(reason),
        }
    }

    fn for_address(&self, reason: Reason) -> Vec<String> {
        let host = self.host;
        let ask = format!("Look the name up yourself: `nslookup {host}`");
        match reason {
            Reason::Nxdomain | Reason::NoRecords => {
                vec![ask, format!("Add the address record of {host} to its zone"), self.retired()]
            }
            _ => vec![ask, format!("Check that the nameservers run, and answer for the zone of {host}")],
        }
    }

    fn for_tcp(&self, reason: Reason) -> Vec<String> {
        let Self { host, port, .. } = self;
        let test = format!("From a client: `Test-NetConnection {host} -Port {port}`");
        match reason {
            // Where its firewall is on, Windows lets a closed port time out. A refusal comes from a host without a
            // firewall, or from something in between; a closed firewall is not its cause.
            Reason::Refused => vec![
                self.service(),
                format!("On {host}: `Get-NetTCPConnection -State Listen -LocalPort {port}` shows whether it listens"),
                test,
                self.retired(),
            ],
            Reason::TimedOut => vec![
                self.firewall(),
                self.service(),
                format!("Open TCP {port} from this network to {host} in the firewalls between"),
                test,
                self.retired(),
            ],
            _ => vec![
                format!("Check the route from this network to {host}: `tracert {host}`"),
                format!("Check that no firewall between prohibits TCP {port} to {host}"),
                test,
                self.retired(),
            ],
        }
    }

    fn for_rpc(&self, reason: Reason) -> Vec<String> {
        let Self { host, port, .. } = self;
        let role = format!("Check that {host} is a KMS host: `slmgr /dlv` there shows its key, count and port");
        let restart = format!("On {host}, restart the service: `Restart-Service sppsvc`");
        match reason {
            Reason::NotRpc => vec![
                format!(
                    "On {host}, see what listens: `Get-Process -Id (Get-NetTCPConnection -LocalPort \
                     {port}).OwningProcess`"
                ),
                self.port_elsewhere(),
                "Check that no proxy or load balancer answers in its place".into(),
            ],
            Reason::NotKms => vec![role, self.port_elsewhere()],
            Reason::Rejected => vec![restart, role],
            _ => vec![
                format!("Check that no firewall that inspects traffic cuts RPC to {host} on port {port}"),
                restart,
                role,
            ],
        }
    }

    fn service(&self) -> String {
        let host = self.host;
        format!("On {host}: `slmgr /dlv` shows whether it still is a KMS host; where it is, `Restart-Service sppsvc`")
    }

    /// The rule that Windows brings along is for the usual port alone.
    fn firewall(&self) -> String {
        let Self { host, port, .. } = self;
        if *port == KMS_PORT {
            return format!("On {host}, open its firewall: `Enable-NetFirewallRule -Name SPPSVC-In-TCP`");
        }
        format!(
            "On {host}, open its firewall: `New-NetFirewallRule -DisplayName KMS -Direction Inbound -Protocol TCP \
             -LocalPort {port} -Action Allow`"
        )
    }

    fn port_elsewhere(&self) -> String {
        let host = self.host;
        if self.is_discovered {
            format!("Compare the port in the SRV record with the one {host} listens on, and correct the record")
        } else {
            format!("Compare the port that is configured with the one {host} listens on")
        }
    }

    fn retired(&self) -> String {
        let host = self.host;
        if self.is_discovered {
            return format!("Where {host} is retired, delete its SRV record");
        }
        format!(
            "Where {host} is retired, name another on clients, `slmgr /skms HOST:1688`, or let DNS decide, `slmgr \
             /ckms`"
        )
    }
}

fn for_clock(target: &Host) -> Vec<String> {
    let host = &target.name().to_string();
    match target.clock.map(|comparison| comparison.clocks) {
        Some(Clocks::HostAndTrueTime) => for_host_clock(host),
        Some(Clocks::HostAndOurs) => {
            let mut steps = vec![
                format!("Find out which of the two is wrong: on {host} and on this machine, {COMPARE}"),
                "Name time servers under `clock.ntp`, so that true time is known here".into(),
            ];
            steps.extend(for_host_clock(host));
            steps
        }
        Some(Clocks::OursAndTrueTime) | None => for_own_clock(),
    }
}

/// In the order of what is cheap.
fn for_host_license(host: &str) -> Vec<String> {
    vec![
        format!("On {host}: `slmgr /dlv` shows the state of its KMS host key (channel VOLUME_KMS)"),
        format!("On {host}, activate it again: `slmgr /ato`, or by phone `slui 4`"),
        format!(
            "Where its key was replaced or used up, install the KMS host key again: `slmgr /ipk KEY`, then `slmgr \
             /ato`; a key is good for six hosts, and ten activations on each"
        ),
    ]
}

fn for_idle_host(host: &str) -> Vec<String> {
    vec![
        "On a client: `slmgr /dlv` shows the KMS host it asks; `slmgr /ato` makes it ask now".into(),
        format!(
            "On {host}: `Get-WinEvent -LogName 'Key Management Service' -MaxEvents 5` shows the last requests (event \
             12290)"
        ),
        format!("Where clients ask another host on purpose, stop {host} from publishing itself: `slmgr /cdns` there"),
    ]
}

fn for_count(host: &str) -> Vec<String> {
    vec![
        format!("On {host}: `slmgr /dlv` shows the current count; it is of different clients of the last 30 days"),
        "Where clients were cloned from one image without `sysprep /generalize`, they share a client machine ID and \
         count as one: compare it in `slmgr /dlv`, and on clones run `slmgr /rearm`"
            .into(),
        "Below 25 Windows clients, or 5 servers, KMS does not activate: use a MAK (`slmgr /ipk KEY`) or activation by \
         Active Directory there"
            .into(),
    ]
}

fn for_host_clock(host: &str) -> Vec<String> {
    vec![
        format!("On {host}: `w32tm /query /status` shows its time source; then `w32tm /resync /rediscover`"),
        format!(
            "Where the source is `Local CMOS Clock` or `Free-running System Clock`: `w32tm /config \
             /syncfromflags:domhier /update`, and restart `w32time` on {host}"
        ),
        format!("Where {host} is a virtual machine, see that its hypervisor has the right time"),
    ]
}

fn for_own_clock() -> Vec<String> {
    vec![
        format!("See how far this machine's clock is off: {COMPARE}"),
        "Set it: `w32tm /resync /rediscover`, or on Linux `chronyc makestep`".into(),
        "On clients: `w32tm /query /source` shows their time source; all must have the same time as the KMS host"
            .into(),
    ]
}

fn for_discovered(reason: Reason, discovered: &Discovered) -> Vec<String> {
    match reason {
        Reason::UnexpectedHost => {
            let step = |host| {
                format!(
                    "Find out who runs {host}. Where it is no KMS host of yours, delete its SRV record, and there stop \
                     it from publishing: `slmgr /cdns`; where it is, add it to `expected_hosts`"
                )
            };
            discovered.unexpected.iter().take(NAMED).map(step).collect()
        }
        Reason::MissingHost => {
            let step = |host| {
                format!(
                    "On {host}, publish its record again: `slmgr /sdns`, then `Restart-Service sppsvc`; see event 12293"
                )
            };
            discovered.missing.iter().take(NAMED).map(step).collect()
        }
        _ => {
            let step = |pair: &crate::walk::kms::Disagreement| {
                let name = pair.domain.srv_name();
                let [one, other] = [pair.one, pair.other].map(|nameserver| nslookup(&name, nameserver));
                format!(
                    "Compare `{one}` with `{other}`; where they serve one zone, replicate it from the domain \
                     controller that is right: `repadmin /syncall /AdeP`"
                )
            };
            discovered.disagreements.iter().take(NAMED).map(step).collect()
        }
    }
}
