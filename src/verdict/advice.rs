//! What to do about a problem: steps a Windows administrator can type, the likeliest and cheapest first.

use super::{About, Problem, Status};
use crate::observation::{Reason, Stage};
use crate::walk::Walk;

/// Starts the renewal that follows a repair, on a client.
const RENEW: &str = "Then, on a client: `slmgr /ato`";

pub(super) fn next_steps(problem: &Problem<'_>, status: Status) -> Vec<String> {
    let mut steps = match problem.about {
        About::Target(target) => {
            let address = target.address.map(|address| address.to_string()).unwrap_or_default();
            for_target(problem.stage, problem.reason, &target.target, &address)
        }
        About::Walk(walk) => for_walk(problem.reason, walk),
    };
    if status == Status::Blocked {
        steps.push(RENEW.into());
    }
    steps
}

fn for_target(stage: Stage, reason: Reason, target: &str, address: &str) -> Vec<String> {
    match stage {
        Stage::Srv => for_srv(reason, target, address),
        Stage::Address => for_address(reason, target),
        Stage::Tcp => for_tcp(reason, target),
        Stage::Rpc => for_rpc(reason, target),
        Stage::Clock => for_clock(),
    }
}

fn for_srv(reason: Reason, name: &str, nameserver: &str) -> Vec<String> {
    let server = nameserver.rsplit_once(':').map_or(nameserver, |(host, _)| host).trim_matches(['[', ']']);
    let ask = format!("Ask the nameserver yourself: `nslookup -type=srv {name} {server}`");
    match reason {
        Reason::Nxdomain | Reason::NoRecords => vec![
            ask,
            "On the KMS host, publish the record again: `slmgr /sdns`, then `net stop sppsvc && net start sppsvc`; \
             event 12294 says that it worked, 12293 why not"
                .into(),
            "Where there is a KMS host without a record, name it on clients meanwhile: `slmgr /skms HOST:1688`".into(),
            "Where there is no KMS host at all, clients need a MAK: `slmgr /ipk KEY`".into(),
        ],
        Reason::NoService => vec![
            ask,
            format!(
                "Somebody declared KMS absent. Delete the record at {name} whose target is \".\", if that is wrong"
            ),
        ],
        Reason::ServerFailure => {
            vec![ask, format!("On {server}: check that the zone is loaded and that its forwarders answer")]
        }
        Reason::LocalError => local_error(),
        _ => vec![
            ask,
            format!("Check that UDP and TCP port 53 to {server} are open from here, and that its DNS service runs"),
        ],
    }
}

fn for_address(reason: Reason, target: &str) -> Vec<String> {
    let (host, _) = split(target);
    match reason {
        Reason::LocalError => local_error(),
        Reason::Nxdomain | Reason::NoRecords => vec![
            format!("Look the name up yourself: `nslookup {host}`"),
            format!("Add the address record of {host}, or delete the SRV record that names it if the host is gone"),
        ],
        _ => vec![
            format!("Look the name up yourself: `nslookup {host}`"),
            "Check that the nameservers answer for the zone of the host".into(),
        ],
    }
}

fn for_tcp(reason: Reason, target: &str) -> Vec<String> {
    let (host, port) = split(target);
    let test = format!("From a client: `Test-NetConnection {host} -Port {port}`");
    let service = format!(
        "On {host}: `slmgr /dlv` shows whether it still is a KMS host; `Get-Service sppsvc`, and `net start sppsvc` where \
         it is stopped"
    );
    let rule = format!("On {host}, open its firewall: `Enable-NetFirewallRule -Name SPPSVC-In-TCP`");
    let stale = format!("Where {host} is retired, delete its SRV record");
    match reason {
        Reason::Refused => vec![service, rule, test, stale],
        Reason::TimedOut => vec![
            format!("Open TCP {port} from this network to {host} in the firewalls between"),
            rule,
            format!("Check that {host} is running"),
            test,
        ],
        Reason::Unreachable | Reason::NoRoute => {
            vec![format!("Check the route from this network to {host}: `tracert {host}`"), test, stale]
        }
        _ => local_error(),
    }
}

fn for_rpc(reason: Reason, target: &str) -> Vec<String> {
    let (host, port) = split(target);
    let registry = format!(
        "Check the port in the SRV record against the one the host listens on: `slmgr /dlv` on {host}, `slmgr /sprt \
         {port}` to change it"
    );
    let role = format!("Check that {host} is a KMS host: `slmgr /dlv` there shows its count and key");
    match reason {
        Reason::NotRpc => vec![
            format!(
                "Something else than KMS listens on port {port} of {host}: `Get-NetTCPConnection -LocalPort {port}` there"
            ),
            registry,
            "Check that no proxy or load balancer answers in its place".into(),
        ],
        Reason::NotKms => vec![role, registry],
        Reason::LocalError => local_error(),
        Reason::Rejected => vec![format!("Restart the service on {host}: `net stop sppsvc && net start sppsvc`"), role],
        _ => vec![
            format!("Check that no firewall that inspects traffic cuts RPC to {host} on port {port}"),
            format!("Restart the service on {host}: `net stop sppsvc && net start sppsvc`"),
            role,
        ],
    }
}

fn for_clock() -> Vec<String> {
    vec![
        "Compare this machine's clock with another: `w32tm /stripchart /computer:SERVER /samples:3`".into(),
        "Set it: `w32tm /resync /rediscover`, or on Linux `chronyc makestep`".into(),
        "On clients: `w32tm /query /source` shows whom they follow; all must follow the same time as the KMS host"
            .into(),
    ]
}

fn for_walk(reason: Reason, walk: &Walk) -> Vec<String> {
    let Some(discovered) = walk.discovered.as_ref().filter(|_| reason != Reason::Drifted) else {
        return for_clock();
    };
    match reason {
        Reason::UnexpectedHost => discovered
            .unexpected
            .iter()
            .take(3)
            .map(|host| {
                format!(
                    "Find out who runs {host}. Where it is no KMS host of yours, uninstall its KMS key with `slmgr /upk` \
                     there and delete its SRV record; where it is, add it to `expected_hosts`"
                )
            })
            .collect(),
        Reason::MissingHost => discovered
            .missing
            .iter()
            .take(3)
            .map(|host| {
                format!("On {host}, publish its record again: `slmgr /sdns`, then `net stop sppsvc && net start sppsvc`")
            })
            .collect(),
        _ => discovered
            .disagreements
            .iter()
            .take(3)
            .map(|pair| {
                let name = pair.domain.srv_name();
                format!(
                    "Compare `nslookup -type=srv {name} {}` with the same at {}, then let the zone replicate: `repadmin \
                     /syncall`",
                    pair.one.ip(),
                    pair.other.ip(),
                )
            })
            .collect(),
    }
}

fn local_error() -> Vec<String> {
    vec!["The fault is on the machine that measures: read the detail of the failing stage above".into()]
}

/// The host and the port of a target, for commands that take them apart.
fn split(target: &str) -> (&str, &str) {
    let (host, port) = target.rsplit_once(':').unwrap_or((target, "1688"));
    (host.trim_matches(['[', ']']), port)
}
