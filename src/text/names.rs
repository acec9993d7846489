//! Names in sentences: the first of them, and how many more there are.

use super::{NAMED, Words, say};
use crate::host;
use crate::verdict::Problem;
use crate::verdict::subject::{Endpoints, Extent, Host};
use std::collections::BTreeSet;
use std::fmt::Display;

/// All of these, one after the other.
pub(crate) fn joined<T: Display>(words: Words, all: impl IntoIterator<Item = T>) -> String {
    let all: Vec<_> = all.into_iter().map(|one| one.to_string()).collect();
    all.join(&say!(words, "list-separator"))
}

/// A few names, and how many more there are of `count` in all.
pub(super) fn listed<T: Display>(words: Words, names: impl IntoIterator<Item = T>, count: usize) -> String {
    let mut first = names.into_iter().take(NAMED).map(|name| name.to_string());
    let [one, two, three] = [(); NAMED].map(|()| first.next().unwrap_or_default());
    let more = count.saturating_sub(NAMED);
    say!(words, "names", count = count, one = one, two = two, three = three, more = more)
}

/// KMS hosts, `more` of which are not among these: each by name, or the only one with its addresses. An address that is
/// the name is shown once.
pub(super) fn hosts(words: Words, hosts: &[&Host], more: usize) -> (String, usize) {
    let mut seen = BTreeSet::new();
    let names: Vec<_> = hosts.iter().map(|host| &host.host).filter(|name| seen.insert(*name)).collect();
    let count = names.len() + more;
    let name = match names.as_slice() {
        [only] if more == 0 => {
            let is_another =
                |host: &&&Host| host.address.map(|ip| host::Host::Address(ip.into())).as_ref() != Some(&only.host);
            let addresses = hosts.iter().filter(is_another).filter_map(|host| host.address);
            let addresses = joined(words, addresses.take(NAMED));
            if addresses.is_empty() { only.to_string() } else { format!("{only} ({addresses})") }
        }
        names => listed(words, names, count),
    };
    (name, count)
}

/// The endpoints of a problem.
pub(super) fn endpoints(words: Words, of: &Endpoints) -> String {
    listed(words, of.endpoints.iter(), of.endpoints.len())
}

/// The same, with the proxy they are seen through.
pub(super) fn endpoints_through(words: Words, of: &Endpoints) -> String {
    let names = endpoints(words, of);
    match of.proxy() {
        Some(proxy) if of.extent != Extent::Any => {
            say!(words, "through-proxy", names = names, proxy = proxy.to_string())
        }
        _ => names,
    }
}

pub(super) fn machines(words: Words, problem: &Problem) -> String {
    let count = problem.machines.unwrap_or_default();
    if problem.names.is_empty() {
        return say!(words, "machines-counted", count = count);
    }
    listed(words, problem.names.iter(), usize::try_from(count).unwrap_or(usize::MAX).max(problem.names.len()))
}
