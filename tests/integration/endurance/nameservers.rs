//! Two nameservers whose answers for a domain change while they run.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

use crate::servers::scripted_udp::ScriptedUdp;

/// What a nameserver says of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// The hosts there are.
    Hosts,
    NoSuchName,
    NoRecords,
    ServerFailure,
    /// It is not asked to answer for the domain, as it says.
    Refuses,
    Silent,
    /// One host more than there should be, which serves all the same.
    More,
    /// All hosts but the first.
    Fewer,
    /// Only the host that should not be there.
    Others,
    /// The hosts there are, whose names do not exist.
    HostNamesMissing,
}

/// A domain: its hosts, of which the last is not to be listed.
#[derive(Debug)]
struct Domain {
    hosts: Vec<SocketAddrV4>,
    answers: [Answers; 2],
}

/// Both nameservers.
#[derive(Debug)]
pub struct Nameservers {
    domains: Arc<Mutex<HashMap<String, Domain>>>,
    servers: [ScriptedUdp; 2],
}

impl Nameservers {
    pub fn start() -> Self {
        let domains = Arc::<Mutex<HashMap<String, Domain>>>::default();
        let servers = [0, 1].map(|which| {
            let domains = Arc::clone(&domains);
            ScriptedUdp::start(move |question| {
                let domains = domains.lock().unwrap_or_else(PoisonError::into_inner);
                answer(question, &domains, which).into_iter().collect()
            })
        });
        Self { domains, servers }
    }

    pub fn addresses(&self) -> [SocketAddr; 2] {
        [0, 1].map(|which| self.servers[which].address())
    }

    /// Answers for a domain with these hosts, of which the last is not to be listed.
    pub fn add(&self, domain: &str, hosts: Vec<SocketAddrV4>) {
        let domain_of = Domain { hosts, answers: [Answers::Hosts; 2] };
        self.domains.lock().unwrap_or_else(PoisonError::into_inner).insert(domain.to_owned(), domain_of);
    }

    /// Says this of a domain from now on.
    pub fn say(&self, domain: &str, answers: [Answers; 2]) {
        let mut domains = self.domains.lock().unwrap_or_else(PoisonError::into_inner);
        domains.get_mut(domain).expect("the domain was added").answers = answers;
    }
}

/// The name of a host in a domain.
pub fn host_name(number: usize, domain: &str) -> String {
    format!("kms{number}.{domain}")
}

fn answer(question: &[u8], domains: &HashMap<String, Domain>, which: usize) -> Option<Vec<u8>> {
    let mut message = Message::from_vec(question).ok()?.into_response();
    let query = message.queries.first()?.clone();
    let name = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
    let asked = match name.strip_prefix("_vlmcs._tcp.") {
        Some(domain) => Some((domain, None)),
        None => name.split_once('.').map(|(host, domain)| (domain, host.strip_prefix("kms"))),
    };
    let Some((domain_name, host)) = asked else { return respond(message, ResponseCode::NXDomain) };
    let Some(domain) = domains.get(domain_name) else { return respond(message, ResponseCode::NXDomain) };
    match domain.answers[which] {
        Answers::Silent => return None,
        Answers::NoSuchName => return respond(message, ResponseCode::NXDomain),
        Answers::ServerFailure => return respond(message, ResponseCode::ServFail),
        Answers::Refuses => return respond(message, ResponseCode::Refused),
        Answers::HostNamesMissing if host.is_some() => return respond(message, ResponseCode::NXDomain),
        Answers::NoRecords => return respond(message, ResponseCode::NoError),
        _ => {}
    }
    let record = |data| Record::from_rdata(query.name().clone(), 0, data);
    match (query.query_type(), host) {
        (RecordType::SRV, None) => {
            for number in listed(domain, domain.answers[which]) {
                let target = Name::from_str(&format!("{}.", host_name(number, domain_name))).expect("it is a name");
                message.add_answer(record(RData::SRV(SRV::new(0, 0, domain.hosts[number].port(), target))));
            }
        }
        (RecordType::A, Some(host)) => {
            let ip = host.parse().ok().and_then(|number: usize| domain.hosts.get(number)).map(SocketAddrV4::ip);
            let Some(ip) = ip else { return respond(message, ResponseCode::NXDomain) };
            message.add_answer(record(RData::A(Ipv4Addr::into(*ip))));
        }
        _ => {}
    }
    respond(message, ResponseCode::NoError)
}

/// The numbers of the hosts that are listed.
fn listed(domain: &Domain, answers: Answers) -> std::ops::Range<usize> {
    let all = domain.hosts.len();
    match answers {
        Answers::More => 0..all,
        Answers::Fewer => 1..all - 1,
        Answers::Others => all - 1..all,
        _ => 0..all - 1,
    }
}

fn respond(mut message: Message, code: ResponseCode) -> Option<Vec<u8>> {
    message.metadata.response_code = code;
    message.to_vec().ok()
}
