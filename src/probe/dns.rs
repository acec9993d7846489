//! Asking one nameserver for the records at a name, and at whatever that name is an alias of.
//!
//! Nothing is kept: answers live for their TTL with whoever asked.

mod edns;
mod exchange;

use super::{own_network, system};
use crate::host::DnsName;
use crate::observation::{Failure, Reason, Value, detail};
use crate::words::quoted;
pub use edns::{MAX_REMEMBERED, remembered};
use exchange::{NoAnswer, Questions, exchange};
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::{DNSClass, Name, RData, Record, RecordType};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The longest time an answer is kept, however large its TTL.
pub const MAX_TTL: Duration = Duration::from_hours(24);

/// The most aliases that are asked for one after the other.
const MAX_ALIASES: usize = 8;

/// The records of one type at one name.
#[derive(Debug)]
pub struct Answer {
    /// What the records say; at least one.
    pub records: Vec<RData>,
    /// How long they may be kept: the least TTL of them and of the aliases that lead there, and [`MAX_TTL`] at most.
    pub ttl: Duration,
}

/// Asks `nameserver` for the records of `record_type` at `name`, following CNAMEs, for `timeout` at most. Letters beyond
/// ASCII are sent as they are, which is how Windows has them within a domain, and then as the Internet has them.
///
/// # Errors
/// A [`Failure`] with the reason the lookup has none, or failed.
pub async fn look_up(
    nameserver: SocketAddr,
    name: &DnsName,
    record_type: RecordType,
    timeout: Duration,
) -> Result<Answer, Failure> {
    if let Some(known) = without_asking(name, record_type) {
        return known;
    }
    let deadline = Instant::now() + timeout;
    let answer = look_up_exactly(nameserver, name.to_name(), record_type, timeout).await;
    let has_answered = |reason| matches!(reason, Reason::Nxdomain | Reason::NoRecords | Reason::ServerFailure);
    match (&answer, name.international()) {
        (Err(failure), Some(other)) if has_answered(failure.reason) => {
            let left = deadline.saturating_duration_since(Instant::now());
            look_up_exactly(nameserver, other.to_name(), record_type, left).await.or(answer)
        }
        _ => answer,
    }
}

async fn look_up_exactly(
    nameserver: SocketAddr,
    mut name: Name,
    record_type: RecordType,
    timeout: Duration,
) -> Result<Answer, Failure> {
    let asked = name.clone();
    let deadline = Instant::now() + timeout;
    let mut ttl = MAX_TTL;
    for _ in 0..=MAX_ALIASES {
        let questions = Questions::new(&name, record_type).map_err(|error| unusable(&error))?;
        let left = deadline.saturating_duration_since(Instant::now());
        let message = exchange(nameserver, &questions, left).await.map_err(|error| no_answer(error, nameserver))?;
        if !matches!(message.response_code, ResponseCode::NoError | ResponseCode::NXDomain) {
            return Err(server_failure(nameserver, message.response_code));
        }
        let target = follow(&name, &message, &mut ttl);
        let (records, ttls): (Vec<_>, Vec<_>) =
            at(&target, record_type, &message).map(|record| (record.data.clone(), record.ttl)).unzip();
        if !records.is_empty() {
            let ttl = ttls.into_iter().map(duration).fold(ttl, Duration::min);
            return Ok(Answer { records, ttl });
        }
        if message.response_code == ResponseCode::NXDomain {
            let failure = Failure::new(Reason::Nxdomain, detail!("nameserver-no-name", server = nameserver));
            return Err(Failure { alias_of: alias(&asked, &target), ..failure });
        }
        if target == name {
            let failure = Failure::new(Reason::NoRecords, detail!("nameserver-no-records", server = nameserver));
            return Err(Failure { alias_of: alias(&asked, &target), ..failure });
        }
        // The alias leads to where the nameserver did not look by itself.
        name = target;
    }
    Err(Failure::new(Reason::ServerFailure, detail!("too-many-aliases", count = MAX_ALIASES)))
}

/// What a name is an alias of, where it is one.
fn alias(asked: &Name, target: &Name) -> Option<Arc<str>> {
    (asked != target).then(|| quoted(DnsName::from(target).as_str()).into())
}

/// The name at the end of the aliases that a message holds, and the least TTL on the way there.
fn follow(name: &Name, message: &Message, ttl: &mut Duration) -> Name {
    let mut name = name.clone();
    // As many steps as there are records: aliases may lead in a circle.
    for _ in &message.answers {
        let alias = at(&name, RecordType::CNAME, message).find_map(|record| match &record.data {
            RData::CNAME(target) => Some((target.0.clone(), record.ttl)),
            _ => None,
        });
        let Some((target, alias_ttl)) = alias else { break };
        name = target;
        *ttl = (*ttl).min(duration(alias_ttl));
    }
    name
}

/// A TTL; one with the highest bit set is taken for zero (RFC 2181, section 8).
fn duration(ttl: u32) -> Duration {
    Duration::from_secs(i32::try_from(ttl).unwrap_or_default().unsigned_abs().into())
}

fn at<'a>(name: &'a Name, record_type: RecordType, message: &'a Message) -> impl Iterator<Item = &'a Record> {
    let answers = message.answers.iter();
    answers.filter(move |record| {
        record.record_type() == record_type && record.dns_class == DNSClass::IN && record.name == *name
    })
}

/// What is known of names that no nameserver is asked about (RFC 6761, section 6.3). All others are asked about: there
/// are domains of Active Directory below `invalid` and `onion` as well.
fn without_asking(name: &DnsName, record_type: RecordType) -> Option<Result<Answer, Failure>> {
    if name.as_str().rsplit('.').next() != Some("localhost") {
        return None;
    }
    let address = match record_type {
        RecordType::A => RData::A(Ipv4Addr::LOCALHOST.into()),
        RecordType::AAAA => RData::AAAA(Ipv6Addr::LOCALHOST.into()),
        _ => return Some(Err(Failure::new(Reason::NoRecords, detail!("name-of-this-machine")))),
    };
    Some(Ok(Answer { records: vec![address], ttl: MAX_TTL }))
}

/// Whether the name is the top of a zone, as the name of a domain is and the name of a host is not.
pub async fn is_zone(nameserver: SocketAddr, name: &DnsName, timeout: Duration) -> bool {
    look_up(nameserver, name, RecordType::SOA, timeout).await.is_ok()
}

/// The failure of a nameserver that did not answer in time.
pub fn timed_out(nameserver: SocketAddr) -> Failure {
    let timed_out = || Failure::new(Reason::TimedOut, detail!("nameserver-silent", server = nameserver));
    own_fault(nameserver).unwrap_or_else(timed_out)
}

/// Why this machine itself cannot reach a nameserver, where it is that.
fn own_fault(nameserver: SocketAddr) -> Option<Failure> {
    let fault = own_network::fault(nameserver)?;
    Some(Failure::new(fault.reason, detail!("nameserver-fault", server = nameserver, why = fault.detail)))
}

fn no_answer(error: NoAnswer, nameserver: SocketAddr) -> Failure {
    match error {
        NoAnswer::TimedOut => timed_out(nameserver),
        NoAnswer::Malformed(error) => {
            let error = Value::quoted(&error);
            Failure::new(Reason::ServerFailure, detail!("nameserver-malformed", server = nameserver, error = error))
        }
        NoAnswer::Io(error) => io_failure(&error, nameserver),
        NoAnswer::CutOff => Failure::new(Reason::Truncated, detail!("nameserver-cut-off", server = nameserver)),
        NoAnswer::CutOffWithoutEdns => {
            Failure::new(Reason::Truncated, detail!("nameserver-cut-off-without-edns", server = nameserver))
        }
    }
}

fn server_failure(nameserver: SocketAddr, code: ResponseCode) -> Failure {
    let word = match code {
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        ResponseCode::FormErr => "FORMERR".to_owned(),
        other => format!("RCODE {}", u16::from(other)),
    };
    Failure::new(Reason::ServerFailure, detail!("nameserver-answers", server = nameserver, code = word))
}

/// The failure of a name that cannot be asked for.
pub fn unusable(error: &impl ToString) -> Failure {
    Failure::new(Reason::LocalError, detail!("name-not-askable", error = Value::quoted(&error.to_string())))
}

fn io_failure(error: &io::Error, nameserver: SocketAddr) -> Failure {
    let reason = match error.kind() {
        io::ErrorKind::TimedOut => return timed_out(nameserver),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => Reason::Refused,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => match own_fault(nameserver) {
            Some(fault) => return fault,
            None => Reason::Unreachable,
        },
        // Only a connection ends, over which an answer is asked for that is too long for a datagram.
        io::ErrorKind::UnexpectedEof => Reason::ServerFailure,
        _ => Reason::LocalError,
    };
    Failure::new(reason, detail!("nameserver-fault", server = nameserver, why = system::fault(error)))
}

#[cfg(test)]
mod tests;
