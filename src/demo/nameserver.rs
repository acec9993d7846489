//! The nameserver of the company: it is the authority for its domains, and knows nothing of any other.

use hickory_server::Server;
use hickory_server::proto::ProtoError;
use hickory_server::proto::rr::rdata::{A, NS, SOA, SRV};
use hickory_server::proto::rr::{LowerName, Name, RData, Record, RecordType, RrKey};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneHandler, ZoneType};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use tokio::net::UdpSocket;

/// How long answers may be kept, in seconds: each round asks again.
const TTL: u32 = 0;

/// The numbers of a zone that is never transferred, in seconds.
const SERIAL: u32 = 1;
const REFRESH: i32 = 3600;

/// Where clients look for KMS hosts in a domain.
const SERVICE: &str = "_vlmcs._tcp";

/// A running nameserver. It ends with this value.
pub(super) struct Nameserver {
    address: SocketAddr,
    zones: Vec<Zone>,
    _server: Server<Catalog>,
}

struct Zone {
    domain: &'static str,
    records: Arc<InMemoryZoneHandler>,
}

impl Nameserver {
    /// A nameserver for these domains, on a port that the system chooses.
    pub(super) async fn start(address: Ipv4Addr, domains: &[&'static str]) -> io::Result<Self> {
        let (mut catalog, mut zones) = (Catalog::new(), Vec::new());
        for domain in domains {
            let origin = name(domain)?;
            let records = Arc::new(InMemoryZoneHandler::empty(origin.clone(), ZoneType::Primary, AxfrPolicy::Deny));
            let server = name(&format!("ns.{domain}"))?;
            let mail = name(&format!("hostmaster.{domain}"))?;
            let begin = SOA::new(server.clone(), mail, SERIAL, REFRESH, REFRESH, REFRESH, TTL);
            put(&records, origin.clone(), RData::SOA(begin)).await;
            put(&records, origin.clone(), RData::NS(NS(server.clone()))).await;
            put(&records, server, RData::A(A(address))).await;
            let handler: Arc<dyn ZoneHandler> = Arc::<InMemoryZoneHandler>::clone(&records);
            catalog.upsert(LowerName::new(&origin), vec![handler]);
            zones.push(Zone { domain, records });
        }
        let socket = UdpSocket::bind((address, 0)).await?;
        let address = socket.local_addr()?;
        let mut server = Server::new(catalog);
        server.register_socket(socket);
        Ok(Self { address, zones, _server: server })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Has a host of one of the domains at this address, and nowhere else.
    pub(super) async fn set_address(&self, host: &str, address: Ipv4Addr) -> io::Result<()> {
        self.replace(host, host, RecordType::A, vec![RData::A(A(address))]).await
    }

    /// Has a domain name these KMS hosts with their ports, and no others.
    pub(super) async fn set_kms_hosts(&self, domain: &str, hosts: &[(&str, u16)]) -> io::Result<()> {
        let record = |(host, port): &(&str, u16)| Ok(RData::SRV(SRV::new(0, 0, *port, name(host)?)));
        let records: io::Result<Vec<_>> = hosts.iter().map(record).collect();
        self.replace(domain, &format!("{SERVICE}.{domain}"), RecordType::SRV, records?).await
    }

    /// Puts records in place of those of a name, in the zone in which `within` is.
    async fn replace(&self, within: &str, at: &str, kind: RecordType, records: Vec<RData>) -> io::Result<()> {
        let Some(zone) = self.zones.iter().find(|zone| within.ends_with(zone.domain)) else { return Ok(()) };
        let at = name(at)?;
        zone.records.records_mut().await.remove(&RrKey::new(LowerName::new(&at), kind));
        for record in records {
            put(&zone.records, at.clone(), record).await;
        }
        Ok(())
    }
}

async fn put(zone: &InMemoryZoneHandler, name: Name, record: RData) {
    zone.upsert(Record::from_rdata(name, TTL, record), SERIAL).await;
}

/// A name in full.
fn name(text: &str) -> io::Result<Name> {
    Name::from_str(&format!("{text}.")).map_err(|error: ProtoError| io::Error::other(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Reason;
    use crate::probe::SrvLookup;
    use crate::probe::srv::look_up;
    use std::time::Duration;

    #[tokio::test]
    async fn records_are_those_of_the_moment() {
        let server = Nameserver::start(Ipv4Addr::LOCALHOST, &["corp.example", "berlin.example"]).await.unwrap();
        let ask = async |domain: &str| {
            let lookup = SrvLookup { domain: domain.parse().unwrap(), nameserver: server.address() };
            let answer = look_up(&lookup, Duration::from_secs(5)).await;
            let targets: Vec<_> = answer.records.iter().map(|record| record.target().to_string()).collect();
            (answer.observation.reason, targets)
        };
        assert_eq!(ask("corp.example").await, (Some(Reason::Nxdomain), Vec::new()));
        let kms01 = ("kms01.corp.example", 1688);
        server.set_kms_hosts("corp.example", &[kms01, ("kms02.corp.example", 40000)]).await.unwrap();
        server.set_kms_hosts("berlin.example", &[kms01]).await.unwrap();
        let both = vec!["kms01.corp.example:1688".to_owned(), "kms02.corp.example:40000".to_owned()];
        assert_eq!(ask("corp.example").await, (None, both.clone()));
        assert_eq!(ask("berlin.example").await, (None, vec![both[0].clone()]));
        server.set_kms_hosts("corp.example", &[]).await.unwrap();
        assert_eq!(ask("corp.example").await, (Some(Reason::Nxdomain), Vec::new()));
        assert_eq!(ask("elsewhere.example").await.0, Some(Reason::ServerFailure));
    }
}
