//! What to do about what nameservers answer, and what DNS lists.

use crate::host::{DNS_PORT, DnsName};
use crate::observation::Reason;
use crate::text::NAMED;
use crate::verdict::subject::Nameserver;
use crate::walk::kms::Disagreement;
use std::net::SocketAddr;

/// A lookup of SRV records that failed.
pub(super) fn lookup(reason: Reason, asked: &Nameserver) -> Vec<String> {
    let name = asked.domain.srv_name();
    let ask = format!("Ask the nameserver yourself: `{}`", nslookup(&name, asked.nameserver));
    let (server, port) = (asked.nameserver.ip(), asked.nameserver.port());
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
        _ => vec![ask, format!("Check that {server} runs its DNS service, and that UDP and TCP {port} are open to it")],
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

/// Hosts in DNS that are not expected.
pub(super) fn unexpected(hosts: &[DnsName]) -> Vec<String> {
    let step = |host| {
        format!(
            "Find out who runs {host}. Where it is no KMS host of yours, delete its SRV record, and there stop it from \
             publishing: `slmgr /cdns`; where it is, add it to `expected_hosts`"
        )
    };
    hosts.iter().take(NAMED).map(step).collect()
}

/// Expected hosts that are not in DNS.
pub(super) fn missing(hosts: &[DnsName]) -> Vec<String> {
    let step = |host| {
        format!("On {host}, publish its record again: `slmgr /sdns`, then `Restart-Service sppsvc`; see event 12293")
    };
    hosts.iter().take(NAMED).map(step).collect()
}

/// Nameservers that answer differently.
pub(super) fn disagreements(pairs: &[Disagreement]) -> Vec<String> {
    let step = |pair: &Disagreement| {
        let name = pair.domain.srv_name();
        let [one, other] = [pair.one, pair.other].map(|nameserver| nslookup(&name, nameserver));
        format!(
            "Compare `{one}` with `{other}`; where they serve one zone, replicate it from the domain controller that is \
             right: `repadmin /syncall /AdeP`"
        )
    };
    pairs.iter().take(NAMED).map(step).collect()
}
