//! The company: its servers on loopback, and what each fault does to them.

use super::certificates::Authority;
use super::fault::Fault;
use super::nameserver::Nameserver;
use super::{endpoint, host_clock, kms_host, proxy, serving, time_server};
use crate::host::KMS_PORT;
use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The domains of the company, one to an office.
pub(super) const TOKYO: &str = "corp.example";
pub(super) const BERLIN: &str = "berlin.example";

/// The KMS hosts. Both serve Tokyo, the second serves Berlin as well; the third is one that nobody knows.
pub(super) const KMS01: &str = "kms01.corp.example";
pub(super) const KMS02: &str = "kms02.corp.example";
const ROGUE: &str = "kms-test.corp.example";

/// The proxy.
pub(super) const PROXY: &str = "proxy.corp.example";

/// The endpoints of online activation, and what each is for.
pub(super) const ENDPOINTS: [(&str, &str); 3] =
    [("activation.example", "activation"), ("licensing.example", "licensing"), ("validation.example", "validation")];
const ENDPOINT_NAMES: [&str; 3] = [ENDPOINTS[0].0, ENDPOINTS[1].0, ENDPOINTS[2].0];

/// Who signs the certificates of the endpoints, and who those of the proxy.
pub(super) const ISSUER: &str = "Gracewatch Demo";
const INTERCEPTOR: &str = "Corp Example Web Security";

/// The networks that everything may be in, of which each demo takes one to itself: its port of this number is taken while
/// it runs. On Linux and Windows all of 127.0.0.0/8 is this machine.
const NETWORKS: RangeInclusive<u8> = 88..=119;
const TAKEN: (Host, u16) = ((0, 1), 16_880);

/// The last two numbers of an address.
type Host = (u8, u8);

const NAMESERVER: Host = (0, 53);
const TIME_SERVERS: [Host; 3] = [(0, 121), (0, 122), (0, 123)];
const FIRST: Host = (1, 1);
const SECOND: Host = (1, 2);
/// Where the first KMS host is while its clock is wrong. The clock of a host is read once a minute alone, and that of a
/// host at another address at once.
const FIRST_BEHIND: Host = (1, 3);
const STRANGER: Host = (1, 66);
const PROXY_ADDRESS: Host = (2, 1);
const ENDPOINT_ADDRESS: Host = (3, 1);

/// How far behind the skewed clock is: more than the four hours that Windows tolerates.
const BEHIND: Duration = Duration::from_hours(5);

/// How often one port is looked for that is free at several addresses.
const ATTEMPTS: usize = 10;

/// A network that no other demo is in, for as long as this is kept.
struct Network {
    number: u8,
    _taken: TcpListener,
}

impl Network {
    async fn take() -> io::Result<Self> {
        let mut failed = io::ErrorKind::AddrInUse.into();
        for number in NETWORKS {
            let ((third, fourth), port) = TAKEN;
            match TcpListener::bind((Ipv4Addr::new(127, number, third, fourth), port)).await {
                Ok(taken) => return Ok(Self { number, _taken: taken }),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    /// True where no demo is in this network.
    fn is_free(number: u8) -> bool {
        let ((third, fourth), port) = TAKEN;
        std::net::TcpListener::bind((Ipv4Addr::new(127, number, third, fourth), port)).is_ok()
    }

    const fn at(&self, (third, fourth): Host) -> Ipv4Addr {
        Ipv4Addr::new(127, self.number, third, fourth)
    }
}

/// The running servers. They end with this value.
pub(super) struct Company {
    network: Network,
    nameserver: Nameserver,
    hosts: Hosts,
    /// Where the proxy listens, and how it behaves.
    pub(super) proxy: SocketAddr,
    proxy_behaviour: watch::Sender<proxy::Behaviour>,
    /// Where the time servers listen.
    pub(super) time_servers: Vec<SocketAddr>,
    /// On which port the KMS hosts show their clocks.
    pub(super) clock_port: u16,
    /// The certificate that vouches for the endpoints, as PEM.
    pub(super) root: String,
    _servers: JoinSet<()>,
}

/// How the KMS hosts behave, and on which ports they listen.
struct Hosts {
    first: watch::Sender<kms_host::Behaviour>,
    second: watch::Sender<kms_host::Behaviour>,
    /// Nothing is ever wrong with it but that it is there. Whoever follows its behaviour ends with this.
    _rogue: watch::Sender<kms_host::Behaviour>,
    ports: [u16; 3],
}

/// A host without a fault.
const IN_ORDER: kms_host::Behaviour = kms_host::Behaviour { is_open: true, drops_every_second: false };

impl Company {
    /// Starts all servers, in order.
    pub(super) async fn start() -> io::Result<Self> {
        let (network, mut servers) = (Network::take().await?, JoinSet::new());
        let hosts = Hosts::start(&network, &mut servers).await?;
        let clock_port = start_clocks(&network, &mut servers).await?;
        let mut time_servers = Vec::new();
        for address in TIME_SERVERS {
            let socket = UdpSocket::bind((network.at(address), 0)).await?;
            time_servers.push(socket.local_addr()?);
            servers.spawn(time_server::run(socket));
        }
        let (genuine, own) =
            (Authority::new(ISSUER, "Gracewatch Demo Root")?, Authority::new(INTERCEPTOR, INTERCEPTOR)?);
        let mut ends = Vec::new();
        for authority in [&genuine, &own] {
            let listener = TcpListener::bind((network.at(ENDPOINT_ADDRESS), 0)).await?;
            ends.push(listener.local_addr()?);
            servers.spawn(endpoint::run(listener, authority.server(&ENDPOINT_NAMES)?));
        }
        let [endpoint, interceptor] = ends[..] else { return Err(io::ErrorKind::Other.into()) };
        let listener = serving::listen(network.at(PROXY_ADDRESS), proxy::PORT).await?;
        let proxy = listener.local_addr()?;
        let proxy_behaviour = watch::Sender::new(proxy::Behaviour::default());
        let ends = proxy::Ends { endpoint, interceptor };
        servers.spawn(proxy::run(listener, proxy_behaviour.subscribe(), ends, &ENDPOINT_NAMES));
        let nameserver = Nameserver::start(network.at(NAMESERVER), &[TOKYO, BERLIN]).await?;
        for (host, address) in [(KMS02, SECOND), (ROGUE, STRANGER), (PROXY, PROXY_ADDRESS)] {
            nameserver.set_address(host, network.at(address)).await?;
        }
        let root = genuine.pem();
        let company = Self {
            network,
            nameserver,
            hosts,
            proxy,
            proxy_behaviour,
            time_servers,
            clock_port,
            root,
            _servers: servers,
        };
        company.nameserver.set_kms_hosts(BERLIN, &[(KMS02, company.hosts.ports[1])]).await?;
        company.break_and_fix(&BTreeSet::new()).await?;
        Ok(company)
    }

    /// The number of the network that it has to itself.
    pub(super) const fn number(&self) -> u8 {
        self.network.number
    }

    /// True where the company that had this network is no more.
    pub(super) fn is_gone(&self, number: u8) -> bool {
        number == self.network.number || NETWORKS.contains(&number) && Network::is_free(number)
    }

    /// Where all of it is.
    pub(super) fn network(&self) -> String {
        format!("{}/16", self.network.at((0, 0)))
    }

    pub(super) const fn nameserver(&self) -> SocketAddr {
        self.nameserver.address()
    }

    /// The port of each of the two KMS hosts that everybody knows.
    pub(super) const fn kms_ports(&self) -> [u16; 2] {
        let [first, second, _] = self.hosts.ports;
        [first, second]
    }

    /// Has these faults, and no others, wherever servers have a part in them.
    pub(super) async fn break_and_fix(&self, on: &BTreeSet<Fault>) -> io::Result<()> {
        let is_on = |fault| on.contains(&fault);
        let first = kms_host::Behaviour { drops_every_second: is_on(Fault::HalfLoadBalancer), ..IN_ORDER };
        let second = kms_host::Behaviour { is_open: !is_on(Fault::ClosedPort), ..IN_ORDER };
        set(&self.hosts.first, first);
        set(&self.hosts.second, second);
        let behaviour =
            proxy::Behaviour { asks: is_on(Fault::ProxyLogin), intercepts: is_on(Fault::InterceptingProxy) };
        set(&self.proxy_behaviour, behaviour);
        let address = if is_on(Fault::SkewedClock) { FIRST_BEHIND } else { FIRST };
        self.nameserver.set_address(KMS01, self.network.at(address)).await?;
        let [first, second, rogue] = self.hosts.ports;
        let mut records = vec![(KMS01, first), (KMS02, second), (ROGUE, rogue)];
        if !is_on(Fault::RogueHost) {
            records.pop();
        }
        if is_on(Fault::LostSrvRecord) {
            records.clear();
        }
        self.nameserver.set_kms_hosts(TOKYO, &records).await
    }
}

fn set<T: PartialEq>(behaviour: &watch::Sender<T>, new: T) {
    behaviour.send_if_modified(|known| {
        let is_other = *known != new;
        *known = new;
        is_other
    });
}

impl Hosts {
    async fn start(network: &Network, servers: &mut JoinSet<()>) -> io::Result<Self> {
        let [first, second, rogue] = [IN_ORDER; 3].map(watch::Sender::new);
        let mut ports = [0; 3];
        for ((port, address), behaviour) in
            ports.iter_mut().zip([FIRST, SECOND, STRANGER]).zip([&first, &second, &rogue])
        {
            let listener = serving::listen(network.at(address), KMS_PORT).await?;
            *port = listener.local_addr()?.port();
            if address == FIRST {
                // It is the same host, whose record leads there.
                let behind = TcpListener::bind((network.at(FIRST_BEHIND), *port)).await?;
                servers.spawn(kms_host::run(behind, behaviour.subscribe()));
            }
            servers.spawn(kms_host::run(listener, behaviour.subscribe()));
        }
        Ok(Self { first, second, _rogue: rogue, ports })
    }
}

/// Shows the clock of each KMS host, on one port of them all, which is the same in the configuration.
async fn start_clocks(network: &Network, servers: &mut JoinSet<()>) -> io::Result<u16> {
    let mut port = host_clock::PORT;
    for _ in 0..ATTEMPTS {
        let mut listeners = Vec::new();
        for address in [FIRST, SECOND, STRANGER, FIRST_BEHIND] {
            let Ok(listener) = TcpListener::bind((network.at(address), port)).await else { break };
            listeners.push((listener, if address == FIRST_BEHIND { BEHIND } else { Duration::ZERO }));
        }
        if listeners.len() == 4 {
            for (listener, behind) in listeners {
                servers.spawn(host_clock::run(listener, behind));
            }
            return Ok(port);
        }
        port = TcpListener::bind((network.at(FIRST), 0)).await?.local_addr()?.port();
    }
    Err(io::ErrorKind::AddrInUse.into())
}
