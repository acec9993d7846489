//! What DNS leads to and is not probed, and what to do about it.

use crate::host::{DnsName, HostPort};
use crate::observation::Stage;
use crate::probe::{address::MAX_ADDRESSES, srv::MAX_RECORDS};
use crate::walk::kms::LeftOut;
use std::net::SocketAddr;

/// The first of it, as a clause of a sentence.
pub(super) fn clause(stage: Stage, left_out: &LeftOut) -> String {
    let [at_srv, at_address] = left_out.counts();
    let and_more = |count: usize| match count.saturating_sub(1) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match (stage, left_out.ports.as_slice(), left_out.addresses.as_slice()) {
        (Stage::Srv, [first, ..], _) => {
            format!("DNS leads to {first}{}, which `allowed_ports` leaves out", and_more(at_srv))
        }
        (Stage::Srv, [], _) => {
            let first = left_out.records.first();
            let clause = |(domain, nameserver, count): &(DnsName, SocketAddr, usize)| {
                format!("nameserver {nameserver} lists {count} hosts more for {} than are probed", domain.srv_name())
            };
            first.map(clause).unwrap_or_default()
        }
        (_, _, [(host, address), ..]) => {
            format!("{host} leads to {address}{}, which `allowed_networks` leaves out", and_more(at_address))
        }
        (_, _, []) => {
            let first = left_out.more_addresses.first();
            first.map(|(host, count)| format!("{host} has {count} addresses more than are probed")).unwrap_or_default()
        }
    }
}

/// What to do, first things first.
pub(super) fn steps(stage: Stage, left_out: &LeftOut) -> Vec<String> {
    let allow = |host: &HostPort, line: &str| {
        vec![
            format!("Find out whether {host} is a KMS host of yours. Where it is none, delete its records"),
            format!("Where it is, allow it under `kms` of the path: `{line}`"),
        ]
    };
    match (stage, left_out.ports.first(), left_out.addresses.first()) {
        (Stage::Srv, Some(host), _) => allow(host, &left_out.lines.ports),
        (Stage::Srv, None, _) => {
            vec![format!(
                "Delete records of hosts that are gone: {MAX_RECORDS} of an answer are probed, as clients prefer them"
            )]
        }
        (_, _, Some((host, _))) => allow(host, &left_out.lines.address),
        (_, _, None) => {
            vec![format!("Delete addresses that are not the host's any more: {MAX_ADDRESSES} of a host are probed")]
        }
    }
}
