//! How far is this machine's clock from a time server's? One SNTP exchange (RFC 4330, RFC 5905) over UDP.

use super::address;
use crate::clock::Sample;
use crate::observation::{Failure, Observation, Reason, Stage};
use crate::path::{HostPort, Resolution};
use sntpc::{KissOfDeathCode as Kiss, NtpContext, NtpResult, NtpTimestampGenerator, NtpUdpSocket};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant, SystemTime};
use tokio::net::UdpSocket;

/// The UDP port of time servers.
pub const NTP_PORT: u16 = 123;

/// What one time server said.
#[derive(Debug, Clone)]
pub struct NtpAnswer {
    /// Whether it answered, and why not.
    pub observation: Observation,
    /// The offset measured; `None` where the server could not be asked or gave no usable time.
    pub sample: Option<Sample>,
}

/// Asks a time server once. Looking up its name and asking it take `timeout` at most, each.
pub async fn measure(source: &HostPort, resolution: &Resolution, timeout: Duration) -> NtpAnswer {
    let begun = Instant::now();
    let found = address::look_up(&source.host, resolution, timeout).await;
    let answer = match found.observation.reason {
        Some(reason) => Err(Failure::new(reason, found.observation.detail)),
        None => ask_in_turn(&found.addresses, source.port, timeout).await,
    };
    let (outcome, sample) = match answer {
        Ok(result) => (Ok(format!("stratum {}", result.stratum)), Some(sample(&result))),
        Err(failure) => (Err(failure), None),
    };
    NtpAnswer { observation: Observation::new(Stage::Clock, outcome, begun.elapsed()), sample }
}

/// Asks one address of a server after the other until one gives the time.
async fn ask_in_turn(addresses: &BTreeSet<IpAddr>, port: u16, timeout: Duration) -> Result<NtpResult, Failure> {
    let count = u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
    let mut first = None;
    for address in addresses {
        let asked = tokio::time::timeout(timeout / count, ask(SocketAddr::new(*address, port))).await;
        match asked.unwrap_or_else(|_| Err(Failure::new(Reason::TimedOut, "no answer from the time server"))) {
            Ok(result) => return Ok(result),
            Err(failure) => _ = first.get_or_insert(failure),
        }
    }
    Err(first.unwrap_or_else(|| Failure::new(Reason::NoRecords, "the time server has no address")))
}

async fn ask(server: SocketAddr) -> Result<NtpResult, Failure> {
    let any: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let local = |error: std::io::Error| Failure::new(Reason::LocalError, error.to_string());
    let socket = UdpSocket::bind(any).await.map_err(local)?;
    // A connected socket hears no one but the server, and hears of it when the port is closed.
    socket.connect(server).await.map_err(|_| Failure::new(Reason::NoRoute, "no route to the time server"))?;
    let context = NtpContext::new(SystemClock::default());
    sntpc::get_time(server, &Connected { socket, server }, context).await.map_err(failure)
}

/// The offset, and the bound within which it holds: half the way there and back, for the way may be lopsided, and
/// the server's own distance from its reference (RFC 5905, section 11.2: half the root delay, plus the dispersion).
fn sample(result: &NtpResult) -> Sample {
    /// NTP short format: 16 bits of seconds, 16 bits of fraction (RFC 5905, section 6).
    fn short(value: u32) -> f64 {
        f64::from(value) / 65536.0
    }
    let seconds = |microseconds: u64| Duration::from_micros(microseconds).as_secs_f64();
    let distance = seconds(result.offset.unsigned_abs());
    Sample {
        offset: if result.offset < 0 { -distance } else { distance },
        error: seconds(result.roundtrip) / 2.0 + short(result.root_delay) / 2.0 + short(result.root_dispersion),
    }
}

fn failure(error: sntpc::Error) -> Failure {
    use sntpc::Error as E;
    match error {
        // Without a code, or with one of these, stratum 0 says only that the server has no time to give.
        E::UnsynchronizedClock | E::KissOfDeath(Kiss::Experimental([0, 0, 0, 0]) | Kiss::Init | Kiss::Step) => {
            Failure::new(Reason::Unsynchronized, "the time server is not synchronized itself")
        }
        E::KissOfDeath(code) => {
            // The code is four bytes of somebody else's choice.
            let code = code.as_str().escape_default();
            Failure::new(Reason::InvalidAnswer, format!("the time server asks to be left alone ({code})"))
        }
        E::Network => Failure::new(Reason::Refused, "nothing listens on the time server's port"),
        other => Failure::new(Reason::InvalidAnswer, format!("not a usable answer: {other:?}")),
    }
}

struct Connected {
    socket: UdpSocket,
    server: SocketAddr,
}

impl NtpUdpSocket for Connected {
    async fn send_to(&self, bytes: &[u8], _: SocketAddr) -> sntpc::Result<usize> {
        self.socket.send(bytes).await.map_err(|_| sntpc::Error::Network)
    }

    async fn recv_from(&self, bytes: &mut [u8]) -> sntpc::Result<(usize, SocketAddr)> {
        let length = self.socket.recv(bytes).await.map_err(|_| sntpc::Error::Network)?;
        Ok((length, self.server))
    }
}

/// The system's clock for sntpc. Its own does not stand a clock set before 1970.
#[derive(Debug, Clone, Copy, Default)]
struct SystemClock(Duration);

impl NtpTimestampGenerator for SystemClock {
    fn init(&mut self) {
        self.0 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    }

    fn timestamp_sec(&self) -> u64 {
        self.0.as_secs()
    }

    fn timestamp_subsec_micros(&self) -> u32 {
        self.0.subsec_micros()
    }
}
