//! How far is this machine's clock from a time server's? SNTP (RFC 4330, RFC 5905) over UDP.
//!
//! Every address of a server is asked a few times in a row and the surest answer is kept, which is the one that took
//! the least. A server that asks to be left alone is.

mod socket;
mod timestamps;

use super::address::{self, Denials};
use super::limit::within;
use crate::clock::{Measurement, Moment, Offset, released};
use crate::host::HostPort;
use crate::observation::{Detail, Failure, Observation, Reason, Stage, detail};
use crate::path::Resolution;
use crate::words::day;
use sntpc::{KissOfDeathCode as Kiss, NtpContext, NtpResult};
use socket::Socket;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};
use tokio::task::JoinSet;

/// What a server answers that refuses for good.
const DENIED: sntpc::Error = sntpc::Error::KissOfDeath(Kiss::Deny);

/// How often each address is asked in one round, at the most.
const SAMPLES: u32 = 4;

/// The most addresses of one name that are asked.
const MAX_ADDRESSES: usize = 16;

/// The steps of our own clock: nanoseconds on Linux, no more than a microsecond elsewhere.
const PRECISION: f64 = if cfg!(target_os = "linux") { 1e-9 } else { 1e-6 };

/// From one round to the next, however short the interval (RFC 4330, section 10: never less than 15 s), less the second
/// by which slots of the timetable come early.
const LEAST_POLL: Duration = Duration::from_secs(14);

/// How long a server is left alone after it first asked to be asked less often. Doubled each further time, up to the
/// longest, and halved each time it does not.
const FIRST_REST: Duration = Duration::from_mins(2);
const LONGEST_REST: Duration = Duration::from_mins(64);

/// How many kisses make the longest back-off.
const MOST_KISSES: u32 = 6;

/// For how long the last answer of a server is good while it only asks to be left alone.
const KEPT: Duration = Duration::from_hours(1);

/// The greatest distance of a server from its reference, and of our measurement from the server, in seconds (MAXDISP in
/// RFC 5905, section A.5.1.1).
pub const MAX_DISTANCE: f64 = 16.0;

/// A server that asks not to be asked again is not, until the configuration is read again.
const FOR_EVER: Duration = Duration::from_hours(87600);

/// What a time server reports, on all its addresses.
#[derive(Debug, Clone)]
pub struct NtpAnswer {
    /// Whether it gave the time on any of them, and why not.
    pub observation: Observation,
    /// What each address reports; empty where the name has none.
    pub servers: Vec<Server>,
    /// The addresses that asked not to be asked again.
    pub denied: BTreeSet<SocketAddr>,
    /// How often it has asked to be asked less often, and was not yet forgiven for it. Once it has, it is asked once in
    /// a round for good.
    pub rate_kisses: u32,
}

/// What one address of a time server reports.
#[derive(Debug, Clone)]
pub struct Server {
    pub address: SocketAddr,
    /// Whether it gave the time, and why not.
    pub observation: Observation,
    /// Its clock against ours.
    pub measurement: Option<Measurement>,
}

impl NtpAnswer {
    /// How long the server is to be left alone: as long as it asks for.
    pub fn time_to_live(&self) -> Duration {
        let denied = |server: &Server| self.denied.contains(&server.address);
        match self.rate_kisses.checked_sub(1) {
            _ if !self.servers.is_empty() && self.servers.iter().all(denied) => FOR_EVER,
            None => LEAST_POLL,
            Some(further) => FIRST_REST.saturating_mul(2_u32.saturating_pow(further)).min(LONGEST_REST),
        }
    }

    /// True where the server was asked, and is to be left alone until its time comes.
    pub fn backs_off(&self) -> bool {
        !self.servers.is_empty()
    }

    /// Forgets that the server asked not to be asked again.
    pub fn forget_denials(&mut self) {
        let Self { servers, denied, .. } = self;
        servers.retain(|server| !denied.contains(&server.address));
        denied.clear();
    }
}

/// Asks a time server. Looking up its name and asking it take `timeout` at most, each. `before` is its answer of the
/// last time: what it asked for then is heeded.
pub async fn measure(
    source: &HostPort,
    resolution: &Resolution,
    timeout: Duration,
    before: Option<&NtpAnswer>,
) -> NtpAnswer {
    let begun = Instant::now();
    let rate_kisses = before.map_or(0, |before| before.rate_kisses);
    let mut denied = before.map(|before| before.denied.clone()).unwrap_or_default();
    let found = address::look_up(&source.host, resolution, Denials::Final, timeout).await;
    if let Some(reason) = found.observation.reason {
        let failure = Failure::new(reason, found.observation.detail);
        let observation = Observation::failed(Stage::Clock, failure, begun.elapsed());
        return NtpAnswer { observation, servers: Vec::new(), denied, rate_kisses };
    }
    let mut servers = Vec::new();
    let mut asked = JoinSet::new();
    for address in found.addresses.iter().take(MAX_ADDRESSES) {
        let address = address.at(source.port);
        if denied.contains(&address) {
            let observation = Observation::failed(Stage::Clock, failure(DENIED), Duration::ZERO);
            servers.push(Server { address, observation, measurement: None });
            continue;
        }
        let known = before.and_then(|before| before.servers.iter().find(|server| server.address == address)).cloned();
        let samples = if rate_kisses == 0 { SAMPLES } else { 1 };
        asked.spawn(ask(address, samples, timeout, known));
    }
    let mut kissed = false;
    for (server, rate_kiss) in asked.join_all().await {
        servers.push(server);
        kissed |= rate_kiss;
    }
    servers.sort_by_key(|server| server.address);
    let refusing = servers.iter().filter(|server| server.observation.reason == Some(Reason::Denied));
    denied.extend(refusing.map(|server| server.address));
    let outcome = match servers.iter().find(|server| server.measurement.is_some()).or(servers.first()) {
        Some(best) => match best.observation.reason {
            None => Ok(best.observation.detail.clone()),
            Some(reason) => Err(Failure::new(reason, best.observation.detail.clone())),
        },
        None => Err(Failure::new(Reason::NoRecords, detail!("time-server-no-address"))),
    };
    let observation = Observation::new(Stage::Clock, outcome, begun.elapsed());
    let rate_kisses = if kissed { (rate_kisses + 1).min(MOST_KISSES) } else { forgiven(rate_kisses) };
    NtpAnswer { observation, servers, denied, rate_kisses }
}

/// One good answer.
#[derive(Debug, Clone, Copy)]
struct Reading {
    measurement: Measurement,
    stratum: u8,
}

/// How many kisses are left after a round without one. The first is remembered: it was our asking several times in a
/// row that brought it.
fn forgiven(rate_kisses: u32) -> u32 {
    rate_kisses.saturating_sub(1).max(rate_kisses.min(1))
}

/// Asks one address until it has answered `samples` times, the time is up, or it does not want to. Says too whether it
/// asks to be asked less often; its answer of `before` is good until it may be asked again.
async fn ask(address: SocketAddr, samples: u32, timeout: Duration, before: Option<Server>) -> (Server, bool) {
    let begun = Instant::now();
    let mut readings: Vec<Reading> = Vec::new();
    let mut failure = None;
    for left in (1..=samples).rev() {
        // A lost packet costs a share of the time only: half while nothing was received, for the path may be a long
        // one.
        let share = if readings.is_empty() { left.min(2) } else { left };
        let patience = timeout.saturating_sub(begun.elapsed()) / share;
        let silent = || Failure::new(Reason::TimedOut, detail!("time-server-silent"));
        match within(patience, exchange(address), silent).await {
            Ok(reading) => readings.push(reading),
            Err(failed) => {
                let may_be_chance = matches!(failed.reason, Reason::TimedOut | Reason::InvalidAnswer);
                failure = Some(failed);
                if !readings.is_empty() || !may_be_chance {
                    break;
                }
            }
        }
    }
    let is_for = |reason| failure.as_ref().is_some_and(|failure| failure.reason == reason);
    let (kissed, denied) = (is_for(Reason::RateLimited), is_for(Reason::Denied));
    let kept = before
        .filter(|before| kissed && before.measurement.is_some_and(|measurement| measurement.age(Moment::now()) < KEPT));
    let (outcome, measurement) = match (best(&readings), failure, kept) {
        (Some(best), ..) if !denied => (Ok(detail!("stratum", stratum = best.stratum)), Some(best.measurement)),
        (None, Some(failure), Some(before)) => {
            let detail = detail!("time-server-kept", why = failure.detail);
            return (Server { observation: Observation { detail, ..before.observation }, ..before }, kissed);
        }
        (_, failure, _) => {
            (Err(failure.unwrap_or_else(|| Failure::new(Reason::TimedOut, detail!("time-server-not-asked")))), None)
        }
    };
    let observation = Observation::new(Stage::Clock, outcome, begun.elapsed());
    (Server { address, observation, measurement }, kissed)
}

/// The reading with the least bound. Where another contradicts it, one of the two is wrong, and the bound must reach
/// over both.
fn best(readings: &[Reading]) -> Option<Reading> {
    let bound = |reading: &Reading| reading.measurement.offset.bound;
    let Reading { measurement, stratum } = *readings.iter().min_by(|a, b| bound(a).total_cmp(&bound(b)))?;
    let others = readings.iter().map(|reading| reading.measurement.offset);
    let contradicting = others.filter(|other| !other.overlaps(measurement.offset));
    let offset = contradicting.fold(measurement.offset, Offset::reaching_over);
    Some(Reading { measurement: Measurement { offset, ..measurement }, stratum })
}

/// One question and one answer, over a socket of its own: an answer that comes late or twice finds it closed.
async fn exchange(server: SocketAddr) -> Result<Reading, Failure> {
    let socket = Socket::connect(server).await?;
    let sent = Moment::now();
    let answer = sntpc::get_time(server, &socket, NtpContext::new(socket.clock())).await;
    let result = answer.map_err(|error| socket.failure().unwrap_or_else(|| failure(error)))?;
    let times = socket.times().ok_or_else(|| failure(sntpc::Error::InvalidTimestamp))?;
    let offset = sent.in_era(offset(times, &result));
    if offset.bound >= MAX_DISTANCE {
        return Err(failure(sntpc::Error::ExcessiveRootDistance));
    }
    if let Some(said) = sent.impossible(offset) {
        return Err(Failure::new(Reason::InvalidAnswer, impossible(said)));
    }
    Ok(Reading { measurement: Measurement::since(sent, offset, Moment::now()), stratum: result.stratum })
}

/// That a server says a day on which no clock can be right.
pub fn impossible(said: SystemTime) -> Detail {
    detail!("time-impossible", day = day(said), released = day(released()))
}

/// The offset, and the bound within which it holds (RFC 5905, section 11.2): half the time there and back, for the path
/// may be lopsided; the server's own distance from its reference, half the root delay and the root dispersion; and the
/// precision of both clocks.
fn offset((offset, delay): (f64, f64), result: &NtpResult) -> Offset {
    /// NTP short format: 16 bits of seconds, 16 bits of fraction (RFC 5905, section 6).
    fn short(value: u32) -> f64 {
        f64::from(value) / 65536.0
    }
    let root_distance = short(result.root_delay) / 2.0 + short(result.root_dispersion);
    Offset { seconds: offset, bound: delay / 2.0 + root_distance + f64::from(result.precision).exp2() + PRECISION }
}

fn failure(error: sntpc::Error) -> Failure {
    use sntpc::Error as E;
    let (reason, detail) = match error {
        // Without a code, or with one of these, stratum 0 says only that the server has no time to give.
        E::UnsynchronizedClock
        | E::IncorrectStratumHeaders
        | E::KissOfDeath(Kiss::Experimental([0, 0, 0, 0]) | Kiss::Init | Kiss::Step) => {
            (Reason::Unsynchronized, detail!("time-server-unsynchronized"))
        }
        E::KissOfDeath(Kiss::Rate) => (Reason::RateLimited, detail!("time-server-rate")),
        E::KissOfDeath(Kiss::Deny | Kiss::Rstr) => (Reason::Denied, detail!("time-server-denies")),
        E::KissOfDeath(code) => {
            // The code is four bytes of somebody else's choice.
            let code = code.as_str().escape_default().to_string();
            (Reason::InvalidAnswer, detail!("time-server-code", code = code))
        }
        E::ExcessiveRootDistance => (Reason::TooDistant, detail!("time-server-too-distant")),
        E::BackwardReferenceTimestamp => (Reason::InvalidAnswer, detail!("ntp-backward")),
        E::IncorrectOriginTimestamp => (Reason::InvalidAnswer, detail!("ntp-origin")),
        E::IncorrectMode => (Reason::InvalidAnswer, detail!("ntp-mode")),
        E::IncorrectResponseVersion => (Reason::InvalidAnswer, detail!("ntp-version")),
        E::IncorrectPayload => (Reason::InvalidAnswer, detail!("ntp-short")),
        E::InvalidTimestamp => (Reason::InvalidAnswer, detail!("ntp-no-time")),
        _ => (Reason::InvalidAnswer, detail!("ntp-unusable")),
    };
    Failure::new(reason, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(reasons: &[Option<Reason>], rate_kisses: u32) -> NtpAnswer {
        let server = |(number, reason): (u8, &Option<Reason>)| {
            let outcome = reason.map_or(Ok(String::new()), |reason| Err(Failure::new(reason, "")));
            let observation = Observation::new(Stage::Clock, outcome, Duration::ZERO);
            Server { address: ([192, 0, 2, number], 123).into(), observation, measurement: None }
        };
        let servers: Vec<_> = (1..).zip(reasons).map(server).collect();
        let observation = Observation::new(Stage::Clock, Ok(String::new()), Duration::ZERO);
        let refusing = servers.iter().filter(|server| server.observation.reason == Some(Reason::Denied));
        let denied = refusing.map(|server| server.address).collect();
        NtpAnswer { observation, servers, denied, rate_kisses }
    }

    #[test]
    fn the_surest_reading_is_kept_unless_another_contradicts_it() {
        let taken = Moment::now();
        let reading = |seconds, bound| Reading {
            measurement: Measurement { offset: Offset { seconds, bound }, taken },
            stratum: 2,
        };
        let kept = |readings: &[Reading]| best(readings).map(|kept| kept.measurement.offset);
        assert_eq!(kept(&[]), None);
        let agreeing = [reading(1.5, 1.0), reading(1.0, 0.25), reading(0.5, 0.5)];
        assert_eq!(kept(&agreeing), Some(Offset { seconds: 1.0, bound: 0.25 }));
        let contradicting = [reading(1.0, 0.25), reading(3.0, 0.5)];
        assert_eq!(kept(&contradicting), Some(Offset { seconds: 1.0, bound: 2.5 }));
    }

    #[test]
    fn a_server_rests_longer_each_time_it_asks_for_it() {
        let backs_off =
            [0, 1, 2, 3, MOST_KISSES, u32::MAX].map(|kisses| answer(&[None], kisses).time_to_live().as_secs());
        assert_eq!(backs_off, [14, 120, 240, 480, 3_840, 3_840]);
        assert_eq!([0, 1, 2, 6].map(forgiven), [0, 1, 1, 5]);
    }

    #[test]
    fn a_server_is_given_up_once_all_its_addresses_ask_for_it() {
        let denied = Some(Reason::Denied);
        assert_eq!(answer(&[denied, denied], 0).time_to_live(), FOR_EVER);
        assert_eq!(answer(&[denied, None], 0).time_to_live(), LEAST_POLL);
        assert_eq!(answer(&[], 0).time_to_live(), LEAST_POLL);
        let mut refusing = answer(&[denied, denied], 1);
        refusing.forget_denials();
        assert!(!refusing.backs_off(), "whoever reloads means to ask again, whatever else the server asked for");
    }

    /// A root delay of 2^-3 s, a root dispersion of 2^-4 s and a precision of 2^-5 s.
    #[test]
    fn the_bound_is_the_root_distance_of_the_specification() {
        let result = NtpResult::new(0, 0, 0, 0, 2, -5, 0, 1 << 13, 1 << 12, [0; 4], 0, 0, 0);
        let offset = offset((-2.0, 0.5), &result);
        assert!((offset.seconds + 2.0).abs() < 1e-9, "{offset:?}");
        assert!((offset.bound - (0.25 + 0.0625 + 0.0625 + 0.03125)).abs() < 1e-5, "{offset:?}");
    }
}
