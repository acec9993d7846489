//! What DNS leads to and is not probed, and what to do about it.

use super::{Words, say};
use crate::host::HostPort;
use crate::observation::Stage;
use crate::probe::{address::MAX_ADDRESSES, srv::MAX_RECORDS};
use crate::walk::kms::LeftOut;

/// The first of it, as a clause of a sentence.
pub(super) fn clause(words: Words, stage: Stage, left_out: &LeftOut) -> String {
    let [at_srv, at_address] = left_out.counts();
    let first = if stage == Stage::Srv { at_srv_first(left_out) } else { at_address_first(left_out) };
    let Some((kind, host, place, count)) = first else { return String::new() };
    let more = if stage == Stage::Srv { at_srv } else { at_address }.saturating_sub(1);
    say!(
        words,
        "left-out",
        kind = kind,
        host = host,
        address = place.clone(),
        server = place,
        count = count,
        more = more
    )
}

/// A kind of what is left out, its host or name, where that was found or leads, and how many there are.
type First = (&'static str, String, String, usize);

fn at_srv_first(left_out: &LeftOut) -> Option<First> {
    let port = left_out.ports.first().map(|host| ("ports", host.to_string(), String::new(), 0));
    let records = left_out.records.first();
    port.or_else(|| {
        records.map(|(domain, nameserver, count)| ("records", domain.srv_name(), nameserver.to_string(), *count))
    })
}

fn at_address_first(left_out: &LeftOut) -> Option<First> {
    let address = left_out.addresses.first();
    let address = address.map(|(host, address)| ("addresses", host.to_string(), address.to_string(), 0));
    let more = left_out.more_addresses.first();
    address.or_else(|| more.map(|(host, count)| ("more_addresses", host.to_string(), String::new(), *count)))
}

/// What to do, first things first.
pub(super) fn steps(words: Words, stage: Stage, left_out: &LeftOut) -> Vec<String> {
    let allow = |host: &HostPort, line: &str| {
        let whose = say!(words, "step-whose-host", host = host.to_string());
        vec![whose, say!(words, "step-allow-host", line = line.to_owned())]
    };
    match (stage, left_out.ports.first(), left_out.addresses.first()) {
        (Stage::Srv, Some(host), _) => allow(host, &left_out.lines.ports),
        (Stage::Srv, None, _) => vec![say!(words, "step-delete-records", most = MAX_RECORDS)],
        (_, _, Some((host, _))) => allow(host, &left_out.lines.address),
        (_, _, None) => vec![say!(words, "step-delete-addresses", most = MAX_ADDRESSES)],
    }
}
