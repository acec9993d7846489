//! What time a KMS host has: read off what it answers to anyone, over a protocol it speaks besides.
//!
//! One question over one connection, which is closed at once. Nobody logs on.

use super::limit::within;
use super::tcp;
use crate::clock::host_clock::{HostClock, Protocol};
use crate::clock::{Measurement, Moment};
use crate::host::Address;
use crate::observation::{Detail, Failure, Observation, Reason, Stage, detail};
use crate::wire::{NoTime, http_date, kerberos, ldap, smb2};
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A host is asked once in this time, however short the interval.
const GENTLE: Duration = Duration::from_mins(1);

/// A host that shows no time is left alone for longer; its last answer is good as long.
const REST: Duration = Duration::from_mins(10);

/// The longest one way may take. Later answers are of little use, and a firewall that drops is common on these ports.
const PATIENCE: Duration = Duration::from_secs(2);

/// By how much a slot of the timetable may come early, so that one minute does not become two.
const SLACK: Duration = Duration::from_secs(1);

/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 16_384;

/// What answers usually stay below, in bytes.
const USUAL_ANSWER: usize = 4096;

fn request(protocol: Protocol, host: SocketAddr) -> Vec<u8> {
    match protocol {
        Protocol::Smb2 => smb2::request(),
        Protocol::HttpDate => http_date::request(&host.to_string()),
        Protocol::Ldap => ldap::request(),
        Protocol::Kerberos => kerberos::request(nonce()),
    }
}

fn decode(protocol: Protocol, answer: &[u8]) -> Result<SystemTime, NoTime> {
    match protocol {
        Protocol::Smb2 => smb2::decode(answer),
        Protocol::HttpDate => http_date::decode(answer),
        Protocol::Ldap => ldap::decode(answer),
        Protocol::Kerberos => kerberos::decode(answer),
    }
}

/// How old the time may be that it shows.
const fn resolution(protocol: Protocol) -> Duration {
    match protocol {
        Protocol::Smb2 => smb2::RESOLUTION,
        Protocol::HttpDate => http_date::RESOLUTION,
        Protocol::Ldap => ldap::RESOLUTION,
        Protocol::Kerberos => kerberos::RESOLUTION,
    }
}

/// A number that is not likely to have been sent before.
fn nonce() -> u32 {
    let [one, two, three, ..] = RandomState::new().hash_one(()).to_ne_bytes();
    // Positive also where it is taken for a signed number.
    u32::from_be_bytes([0, one, two, three])
}

/// What a host showed of its clock.
#[derive(Debug, Clone)]
pub struct HostClockAnswer {
    /// Whether the clock could be read, and why not.
    pub observation: Observation,
    /// The way in which it was read. `None` where it could not be.
    pub source: Option<HostClock>,
    /// The host's clock against ours, where it could be read.
    pub measurement: Option<Measurement>,
}

impl HostClockAnswer {
    /// How long the host is to be left alone.
    pub fn time_to_live(&self) -> Duration {
        let rest = if self.measurement.is_some() { GENTLE } else { REST };
        rest.saturating_sub(self.observation.duration + SLACK)
    }

    /// True while it counts for more than that the host did not answer again.
    fn is_good_at(&self, now: Moment) -> bool {
        self.measurement.is_some_and(|measurement| measurement.age(now) < REST)
    }
}

/// Reads the clock of the host at `address`, in the first way that works: that which worked `before`, then the others
/// in their order. Each takes `timeout` at most, and two seconds. Where none works, what the host showed before is good
/// for ten minutes: an answer is lost more easily than a clock is set.
pub async fn read(
    address: Address,
    ways: &[HostClock],
    timeout: Duration,
    before: Option<HostClockAnswer>,
) -> HostClockAnswer {
    let begun = Instant::now();
    let worked = before.as_ref().and_then(|before| before.source);
    let known = ways.iter().filter(|way| Some(**way) == worked);
    let others = ways.iter().filter(|way| Some(**way) != worked);
    let mut failures: Vec<(HostClock, Failure)> = Vec::new();
    for way in known.chain(others) {
        match ask(*way, address, timeout).await {
            Ok(measurement) => {
                let observation = Observation::new(Stage::Clock, Ok(Detail::NONE), begun.elapsed());
                return HostClockAnswer { observation, source: Some(*way), measurement: Some(measurement) };
            }
            Err(failure) => failures.push((*way, failure)),
        }
    }
    if let Some(before) = before.filter(|before| before.is_good_at(Moment::now())) {
        return before;
    }
    let reason = failures.first().map_or(Reason::LocalError, |(_, failure)| failure.reason);
    let tried =
        failures.into_iter().map(|(way, failure)| detail!("clock-way", way = way.to_string(), why = failure.detail));
    let failure = Failure::new(reason, Detail::joined(tried));
    let observation = Observation::failed(Stage::Clock, failure, begun.elapsed());
    HostClockAnswer { observation, source: None, measurement: None }
}

async fn ask(way: HostClock, address: Address, timeout: Duration) -> Result<Measurement, Failure> {
    let begun = Instant::now();
    let timeout = timeout.min(PATIENCE);
    let host = address.at(way.port);
    let (connected, stream) = tcp::connect(host, timeout).await;
    match (connected.reason, stream) {
        (Some(reason), _) => Err(Failure::new(reason, connected.detail)),
        (None, Some(mut stream)) => {
            exchange(way.protocol, host, &mut stream, timeout.saturating_sub(begun.elapsed())).await
        }
        (None, None) => Err(Failure::new(Reason::LocalError, detail!("no-connection"))),
    }
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    protocol: Protocol,
    host: SocketAddr,
    stream: &mut S,
    timeout: Duration,
) -> Result<Measurement, Failure> {
    let request = request(protocol, host);
    let sent = Moment::now();
    let asked = async {
        stream.write_all(&request).await.map_err(|error| tcp::interruption(&error, tcp::Awaited::Time))?;
        receive(protocol, stream).await
    };
    let shown = within(timeout, asked, || Failure::new(Reason::TimedOut, detail!("no-answer-in-time"))).await?;
    Ok(Measurement::between(sent, shown, resolution(protocol), Moment::now()))
}

/// Reads until there is enough to read the time, or to know that there is none.
async fn receive<S: AsyncRead + Unpin>(protocol: Protocol, stream: &mut S) -> Result<SystemTime, Failure> {
    // Room for all of any usual answer: a connection closed on unread bytes is a reset to the host.
    let mut received = Vec::with_capacity(USUAL_ANSWER);
    loop {
        let left = u64::try_from(MAX_ANSWER - received.len()).unwrap_or_default();
        let read = stream.take(left).read_buf(&mut received).await;
        let read = read.map_err(|error| tcp::interruption(&error, tcp::Awaited::Time))?;
        match decode(protocol, &received) {
            Ok(reading) => return Ok(reading),
            Err(NoTime::Incomplete) if read > 0 => {}
            Err(NoTime::Incomplete) if left == 0 => {
                return Err(Failure::new(Reason::InvalidAnswer, detail!("clock-answer-endless")));
            }
            Err(NoTime::Incomplete) => {
                return Err(Failure::new(Reason::Closed, detail!("clock-closed")));
            }
            Err(NoTime::Refused(detail)) => return Err(Failure::new(Reason::Rejected, detail)),
            Err(error) => return Err(Failure::new(Reason::InvalidAnswer, error.detail())),
        }
    }
}

#[cfg(test)]
mod tests;
