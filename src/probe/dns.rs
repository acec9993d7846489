//! One question to one nameserver, over UDP and, where the answer is truncated, over TCP.

use crate::host::DnsName;
use crate::observation::{Failure, Reason};
use hickory_resolver::config::{NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::{Hosts, Resolver};
use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// The longest time an answer is kept, however large its TTL.
pub const MAX_TTL: Duration = Duration::from_hours(24);

/// Asks `nameserver` for the records of `record_type` at `name`, following CNAMEs.
///
/// # Errors
/// A [`Failure`] with the reason the lookup has none, or failed.
pub async fn look_up(
    nameserver: SocketAddr,
    name: &str,
    record_type: RecordType,
    timeout: Duration,
) -> Result<Lookup, Failure> {
    let mut name = Name::from_utf8(name).map_err(|error| Failure::new(Reason::LocalError, error.to_string()))?;
    // Without the final dot the resolver would try search domains of its own.
    name.set_fqdn(true);

    let mut server = NameServerConfig::udp_and_tcp(nameserver.ip());
    for connection in &mut server.connections {
        connection.port = nameserver.port();
    }
    let mut options = ResolverOpts::default();
    options.timeout = timeout;
    // Answers are kept for their TTL by the scheduler, not here.
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;

    let config = ResolverConfig::from_name_servers(vec![server]);
    let resolver = Resolver::builder_with_config(config, TokioRuntimeProvider::default())
        .with_options(options)
        .build()
        .map_err(|error| Failure::new(Reason::LocalError, error.to_string()))?;
    match tokio::time::timeout(timeout, resolver.lookup(name, record_type)).await {
        Ok(answer) => answer.map_err(|error| failure(&error, nameserver)),
        Err(_) => Err(timed_out(nameserver)),
    }
}

/// The addresses of a host in this machine's hosts file; none where it has no line, or there is no file.
pub fn in_hosts_file(name: &DnsName) -> BTreeSet<IpAddr> {
    let (Ok(hosts), Ok(name)) = (Hosts::from_system(), Name::from_utf8(name.as_str())) else { return BTreeSet::new() };
    let families = [RecordType::A, RecordType::AAAA].into_iter();
    let found = families.filter_map(|family| hosts.lookup_static_host(&Query::query(name.clone(), family)));
    found
        .flat_map(|lookup| lookup.answers().iter().filter_map(|record| record.data.ip_addr()).collect::<Vec<_>>())
        .collect()
}

/// How long the answer may be kept: the least TTL of its records, and [`MAX_TTL`] at most.
pub fn time_to_live(lookup: &Lookup) -> Duration {
    let seconds = lookup.answers().iter().map(|record| record.ttl).min().unwrap_or(0);
    Duration::from_secs(seconds.into()).min(MAX_TTL)
}

/// Whether the name is the top of a zone, as the name of a domain is and the name of a host is not.
pub async fn is_zone(nameserver: SocketAddr, name: &DnsName, timeout: Duration) -> bool {
    let name = name.as_str();
    look_up(nameserver, name, RecordType::SOA, timeout)
        .await
        .is_ok_and(|lookup| lookup.answers().iter().any(|record| record.record_type() == RecordType::SOA))
}

/// The failure of a nameserver that did not answer in time.
pub fn timed_out(nameserver: SocketAddr) -> Failure {
    Failure::new(Reason::TimedOut, format!("no answer from nameserver {nameserver}"))
}

fn failure(error: &NetError, nameserver: SocketAddr) -> Failure {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => {
                Failure::new(Reason::Nxdomain, format!("{nameserver} says there is no such name"))
            }
            ResponseCode::NoError => {
                Failure::new(Reason::NoRecords, format!("{nameserver} has no such records at the name"))
            }
            code => server_failure(nameserver, code),
        },
        NetError::Dns(DnsError::ResponseCode(code)) => server_failure(nameserver, *code),
        NetError::Timeout => timed_out(nameserver),
        NetError::Io(error) => io_failure(error, nameserver),
        NetError::NoConnections | NetError::Busy => {
            Failure::new(Reason::Unreachable, format!("nameserver {nameserver} takes no connection"))
        }
        other => Failure::new(Reason::ServerFailure, format!("nameserver {nameserver}: {other}")),
    }
}

fn server_failure(nameserver: SocketAddr, code: ResponseCode) -> Failure {
    let word = match code {
        ResponseCode::ServFail => "SERVFAIL",
        ResponseCode::Refused => "REFUSED",
        ResponseCode::NotImp => "NOTIMP",
        ResponseCode::FormErr => "FORMERR",
        _ => return Failure::new(Reason::ServerFailure, format!("nameserver {nameserver} answered: {code}")),
    };
    Failure::new(Reason::ServerFailure, format!("nameserver {nameserver} answered {word}"))
}

fn io_failure(error: &io::Error, nameserver: SocketAddr) -> Failure {
    let reason = match error.kind() {
        io::ErrorKind::TimedOut => return timed_out(nameserver),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => Reason::Refused,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Reason::Unreachable,
        _ => Reason::LocalError,
    };
    Failure::new(reason, format!("nameserver {nameserver}: {error}"))
}
