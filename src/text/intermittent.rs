//! What fails now and then: how often, and what to do about it.

use super::names;
use crate::observation::{Reason, Stage};
use crate::verdict::subject::{Intermittent, Unsteady};

/// What fails now and then, as a clause.
pub(super) fn clause(intermittent: &Intermittent) -> String {
    let Intermittent { target, stage, reason, failures, of } = intermittent;
    let figures = format!("{failures} of the last {of} rounds at {stage} ({reason})");
    match target {
        Unsteady::Nameserver(asked) => {
            format!("nameserver {} fails now and then on {}: {figures}", asked.nameserver, asked.domain.srv_name())
        }
        Unsteady::Host(host) => format!("{} fails now and then: {figures}", names::host(host)),
        Unsteady::Endpoints(endpoints) if endpoints.only().is_some() => {
            format!("{} fails now and then: {figures}", names::endpoints_through(endpoints))
        }
        Unsteady::Endpoints(endpoints) => {
            format!("{} fail now and then, {} in {figures}", names::endpoints_through(endpoints), endpoints.endpoint())
        }
    }
}

/// What to do, the likeliest and cheapest first.
pub(super) fn steps(intermittent: &Intermittent) -> Vec<String> {
    match &intermittent.target {
        Unsteady::Nameserver(asked) => {
            let server = asked.nameserver.ip();
            vec![
                format!("Where {server} stands for several nameservers, ask each of them on its own"),
                format!("On {server}: check its load, and whether it limits the rate of questions"),
                format!("Look for lost packets between this network and {server}: `pathping {server}`"),
            ]
        }
        Unsteady::Host(host) => {
            let (name, port) = (&host.host.host, host.host.port);
            let mut steps = shared_by_all(&name.to_string(), port, intermittent);
            steps.push(format!("On {name}: see whether it is overloaded, and whether `sppsvc` restarts"));
            steps
        }
        Unsteady::Endpoints(endpoints) => {
            let hop = endpoints.first_hop();
            shared_by_all(&hop.host.to_string(), hop.port, intermittent)
        }
    }
}

/// A load balancer with a dead member, and a link that loses packets.
fn shared_by_all(host: &str, port: u16, intermittent: &Intermittent) -> Vec<String> {
    let balancer =
        format!("Where a load balancer answers for {host}: test each of its members, and take out the dead one");
    let again = format!(
        "From a client, several times: `1..10 | ForEach-Object {{ Test-NetConnection {host} -Port {port} }}` shows how \
         often it fails"
    );
    let link = format!("Look for lost packets between this network and {host}: `pathping {host}`");
    match (intermittent.stage, intermittent.reason) {
        (Stage::Tcp, Reason::TimedOut | Reason::Unreachable) => vec![again, link, balancer],
        _ => vec![balancer, again, link],
    }
}
