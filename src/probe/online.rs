//! The walk to an online endpoint, directly or through a proxy: look up, connect, be let through, shake hands, be
//! answered. One connection, one request; no redirect is followed, and nothing is sent that activates anything.

pub mod certificate;
mod connection;
pub mod http;
mod interruption;
mod proxy;
pub mod tls;

use super::address::{self, Denials};
use super::limit::within;
use super::tcp;
use crate::host::Host;
use crate::observation::{Detail, Failure, Observation, Reason, Stage, detail};
use crate::online::endpoint::Scheme;
use crate::online::proxy::{Credentials, Protocol, Proxy};
use crate::online::trust::Trust;
use crate::online::{Route, Target};
use crate::path::Resolution;
use connection::{Connection, Received};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// What was found on the path to an endpoint.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OnlineAnswer {
    /// The stages that were probed, in order.
    pub stages: Vec<Observation>,
    /// The address that took the connection: the proxy's, where there is one.
    pub address: Option<SocketAddr>,
    /// The authentication schemes that the proxy demands one of; empty where it demands none.
    pub demanded: Vec<String>,
    /// What TLS was agreed on with the proxy, where it is spoken to in that way.
    pub proxy_tls: Option<tls::Session>,
    /// What TLS was agreed on with the endpoint.
    pub tls: Option<tls::Session>,
    /// What the endpoint answered.
    pub http: Option<http::Answer>,
}

/// Walks to the endpoint of a target. Each stage takes `timeout` at most.
pub async fn walk(target: &Target, trust: &Trust, resolution: &Resolution, timeout: Duration) -> OnlineAnswer {
    let mut walk = Walk { target, trust, resolution, timeout, answer: OnlineAnswer::default() };
    // The walk is over where a stage fails, and what it found is in the answer.
    let _ = walk.run().await;
    let credentials = target.route.proxy().and_then(|proxy| proxy.credentials.as_ref());
    if let Some(credentials) = credentials {
        walk.answer.mask(credentials);
    }
    walk.answer
}

impl OnlineAnswer {
    /// Takes the password out of whatever was answered: who is given it may repeat it.
    fn mask(&mut self, credentials: &Credentials) {
        for observation in &mut self.stages {
            observation.detail = observation.detail.map_texts(&|text| credentials.mask(text));
        }
        let location = self.http.iter_mut().filter_map(|answer| answer.location.as_mut());
        for text in self.demanded.iter_mut().chain(location) {
            *text = credentials.mask(text).unwrap_or_else(|| std::mem::take(text));
        }
    }
}

/// A walk under way.
struct Walk<'a> {
    target: &'a Target,
    trust: &'a Trust,
    resolution: &'a Resolution,
    timeout: Duration,
    answer: OnlineAnswer,
}

impl Walk<'_> {
    /// Takes one stage after the other; `None` where one failed.
    async fn run(&mut self) -> Option<()> {
        let endpoint = &self.target.endpoint;
        let (first, endpoint_address) = self.look_up().await?;
        let stream = self.connect(&first).await?;
        let (mut connection, forwarded) = match self.target.route.proxy() {
            Some(proxy) => self.pass(proxy, endpoint_address, stream).await?,
            None => (connection::connection(stream), None),
        };
        if endpoint.scheme == Scheme::Https {
            connection = self.shake_hands(connection).await?;
        }
        self.ask(connection, forwarded).await
    }

    fn record(&mut self, stage: Stage, outcome: Result<Detail, Failure>, duration: Duration) {
        self.answer.stages.push(Observation::new(stage, outcome, duration));
    }

    /// Notes a failure, which ends the walk.
    fn fail<T>(&mut self, stage: Stage, failure: Failure, begun: Instant) -> Option<T> {
        self.record(stage, Err(failure), begun.elapsed());
        None
    }

    /// The addresses of whoever is connected to first, and the endpoint's own where a proxy is given that.
    async fn look_up(&mut self) -> Option<(Vec<SocketAddr>, Option<IpAddr>)> {
        let begun = Instant::now();
        let (endpoint, proxy) = (&self.target.endpoint.host, self.target.route.proxy());
        let first = proxy.map_or(endpoint, |proxy| &proxy.host);
        let mut hosts = vec![&first.host];
        if proxy.is_some_and(|proxy| proxy.protocol == Protocol::Socks5) {
            hosts.push(&endpoint.host);
        }
        let mut found = Vec::new();
        let mut found_at = Vec::new();
        for host in hosts {
            // What was looked up before counts against the limit.
            let left = self.timeout.saturating_sub(begun.elapsed());
            let answer = address::look_up(host, self.resolution, Denials::Final, left).await;
            let detail = detail!("of-host", host = host.to_string(), seen = answer.observation.detail);
            if let Some(reason) = answer.observation.reason {
                let is_beyond_proxy = proxy.is_some() && !found.is_empty();
                let alias_of = answer.observation.alias_of;
                let failure = Failure { is_beyond_proxy, alias_of, ..Failure::new(reason, detail) };
                return self.fail(Stage::Address, failure, begun);
            }
            // An address given as such is not looked up.
            found_at.extend(matches!(host, Host::Name(_)).then_some(detail));
            found.push(answer.addresses);
        }
        if !found_at.is_empty() {
            self.record(Stage::Address, Ok(Detail::joined(found_at)), begun.elapsed());
        }
        let mut found = found.into_iter();
        let addresses = found.next().unwrap_or_default();
        let sockets = addresses.into_iter().map(|address| address.at(first.port)).collect();
        Some((sockets, found.next().and_then(|addresses| addresses.first().map(|address| address.ip()))))
    }

    /// Connects to the first of the addresses that takes a connection. Each is given its share of the time.
    async fn connect(&mut self, addresses: &[SocketAddr]) -> Option<TcpStream> {
        let begun = Instant::now();
        let proxy = self.target.route.proxy();
        let mut failure: Option<Failure> = None;
        for (number, address) in addresses.iter().enumerate() {
            let others = u32::try_from(addresses.len() - number).unwrap_or(u32::MAX);
            let share = self.timeout.saturating_sub(begun.elapsed()) / others;
            let (observation, stream) = tcp::connect(*address, share).await;
            if let Some(stream) = stream {
                self.answer.address = Some(*address);
                let detail = match self.target.route {
                    Route::DirectBySystem => detail!("connected-without-proxy"),
                    _ => detail!("connected"),
                };
                self.record(Stage::Tcp, Ok(detail), begun.elapsed());
                return Some(stream);
            }
            let reason = match observation.reason.unwrap_or(Reason::LocalError) {
                Reason::Refused if proxy.is_some() => Reason::ProxyRefused,
                other => other,
            };
            // That this machine has no IPv6 says less than what another address has to say.
            if failure.as_ref().is_none_or(|known| known.reason.is_local()) {
                self.answer.address = Some(*address);
                failure = Some(Failure::new(reason, observation.detail));
            }
        }
        let failure = failure.unwrap_or_else(|| Failure::new(Reason::NoRecords, detail!("name-without-address")));
        self.fail(Stage::Tcp, failure, begun)
    }

    /// Has a proxy let us through.
    async fn pass(
        &mut self,
        proxy: &Proxy,
        endpoint_address: Option<IpAddr>,
        stream: TcpStream,
    ) -> Option<(Connection, Option<Received>)> {
        let begun = Instant::now();
        let hop = proxy::Hop {
            proxy,
            address: self.answer.address?,
            endpoint: &self.target.endpoint,
            endpoint_address,
            trust: self.trust,
            deadline: (begun + self.timeout).into(),
        };
        let passage = hop.pass(stream).await;
        self.answer.demanded = passage.seen.demanded;
        self.answer.proxy_tls = passage.seen.tls;
        match passage.outcome {
            Ok(proxy::Opened { connection, forwarded, detail }) => {
                // What is forwarded is the request itself, and the time it takes is the endpoint's.
                let passed = forwarded.as_ref().map(|received| received.sent.saturating_duration_since(begun));
                self.record(Stage::Proxy, Ok(detail), passed.unwrap_or_else(|| begun.elapsed()));
                Some((connection, forwarded))
            }
            Err(failure) => self.fail(Stage::Proxy, failure, begun),
        }
    }

    async fn shake_hands(&mut self, connection: Connection) -> Option<Connection> {
        let begun = Instant::now();
        let endpoint = &self.target.endpoint;
        let shaking = tls::handshake(connection, &endpoint.host.host, self.trust, Some(endpoint));
        let silent = || Failure::new(Reason::TimedOut, detail!("no-handshake-in-time"));
        match within(self.timeout, shaking, silent).await {
            Ok(tls::Handshake { session, judged, connection }) => {
                self.answer.tls = Some(session);
                let passed = judged.is_ok();
                self.record(Stage::Tls, judged, begun.elapsed());
                passed.then_some(connection)
            }
            Err(failure) => self.fail(Stage::Tls, failure, begun),
        }
    }

    /// Asks the endpoint, unless a proxy has asked it already.
    async fn ask(&mut self, mut connection: Connection, forwarded: Option<Received>) -> Option<()> {
        let begun = forwarded.as_ref().map_or_else(Instant::now, |received| received.sent);
        let endpoint = &self.target.endpoint;
        let asked = async {
            match forwarded {
                Some(received) => Ok(received),
                None => http::ask(&mut connection, endpoint).await,
            }
        };
        let silent = || Failure::new(Reason::TimedOut, detail!("http-no-whole-answer"));
        let demands_certificate = self.answer.tls.as_ref().is_some_and(|session| session.demands_certificate);
        match within(self.timeout, asked, silent).await {
            Ok(received) => {
                self.answer.http = Some(http::Answer::new(&received));
                let is_forwarded = self.target.route.proxy().is_some_and(|proxy| proxy.protocol.is_http());
                let patience = self.timeout.saturating_sub(begun.elapsed());
                let asked = http::Asked { endpoint, is_forwarded, demands_certificate, patience };
                let judged = asked.judge(&mut connection, &received.head).await;
                self.record(Stage::Http, judged, begun.elapsed());
                Some(())
            }
            Err(failure) => self.fail(Stage::Http, tls::refused_later(failure, demands_certificate), begun),
        }
    }
}
