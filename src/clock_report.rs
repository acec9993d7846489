//! What every clock says right now, and the true time that the time servers agree on.

use crate::clock::agreement::agree;
use crate::clock::comparison::{ClockState, Clocks, Comparison};
use crate::clock::{Measurement, Moment, Offset};
use crate::config::Clock;
use crate::findings::ClockFindings;
use crate::host::{Address, Host, HostPort};
use crate::observation::{Observation, Reason, detail};
use crate::probe::host_clock::HostClockAnswer;
use crate::probe::ntp::{MAX_DISTANCE, NtpAnswer, Server, impossible};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

#[cfg(test)]
mod tests;

/// The label of time servers, beside those of the protocols in which hosts give their time.
const NTP: &str = "ntp";

/// The least distance that is granted to a time server, half of MINDISP (RFC 5905, section A.5.5.2): servers that claim
/// to be surer than that would call one another liars for a few microseconds.
const LEAST_BOUND: f64 = 0.0025;

/// All clocks there are to read, at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClockReport {
    /// The moment for which offsets are given; `None` where nothing was read yet.
    pub as_of: Option<Moment>,
    /// How many time servers are configured; some of them may not have been asked yet.
    pub configured: usize,
    /// True time. `None` where the servers have no majority, none answers or there is none.
    pub reference: Option<Reference>,
    /// The time servers, each address on its own.
    pub servers: Vec<ClockSource>,
    /// The KMS hosts that are asked for their time.
    pub hosts: BTreeMap<Address, HostTime>,
}

/// True time, as most time servers agree on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// True time minus ours.
    pub offset: Offset,
    /// Our clock against true time.
    pub comparison: Comparison,
    /// The servers that agree, each name once.
    pub truechimers: Vec<String>,
    /// How many servers gave a time.
    pub answered: usize,
    /// A server by whose word our clock is right, where most say that it is not: it may be most that are wrong.
    pub supporter: Option<String>,
    /// How the latest of them answered.
    pub observation: Observation,
}

impl Reference {
    /// The server whose word alone this is.
    pub fn alone(&self) -> Option<&str> {
        let [only] = self.truechimers.as_slice() else { return None };
        (self.answered == 1).then_some(only)
    }
}

/// The clock of a KMS host.
#[derive(Debug, Clone, PartialEq)]
pub struct HostTime {
    /// How it was read.
    pub clock: ClockSource,
    /// How it compares with true time, or with ours where that is not known. `None` where it cannot be read.
    pub comparison: Option<Comparison>,
}

/// One clock that is read.
#[derive(Debug, Clone, PartialEq)]
pub struct ClockSource {
    /// A time server as it is configured, or a KMS host and the port at which its clock is read.
    pub source: String,
    /// The address asked. `None` where there is none.
    pub address: Option<IpAddr>,
    /// `ntp`, or the protocol. `None` for a host whose clock cannot be read.
    pub kind: Option<&'static str>,
    /// Whether it gave its time, and why not; for time servers also whether the time is true.
    pub observation: Observation,
    /// Its clock minus ours, where it gave its time.
    pub offset: Option<Offset>,
}

impl ClockReport {
    /// The report of what was found so far, as of `now`. `names` are those by which the hosts are known, and `known` is
    /// true time, where no time server is asked for it.
    pub fn new(
        findings: &ClockFindings,
        names: &HashMap<Address, Host>,
        config: &Clock,
        known: Option<&Reference>,
        now: Moment,
    ) -> Self {
        let (configured, warn) = (config.ntp.len(), config.warn);
        let servers = findings.time_servers.iter().flat_map(|(source, answer)| time_servers(source, answer, now));
        let mut servers: Vec<_> = servers.collect();
        let reference = reference(findings, warn, now).or_else(|| known.cloned());
        if let Some(reference) = &reference {
            for server in &mut servers {
                expose(server, reference);
            }
        }
        let hosts = hosts(findings, names, reference.as_ref(), warn, now);
        Self { as_of: Some(now), configured, reference, servers, hosts }
    }

    /// How the clock of the host at `address` compares, and when it was read. `None` where it could not be.
    pub fn comparison(&self, address: impl Into<Address>) -> Option<(Comparison, &Observation)> {
        let host = self.hosts.get(&address.into())?;
        Some((host.comparison?, &host.clock.observation))
    }

    /// True time minus ours, as of a later moment; `None` where it is not known, or a server contradicts the others in
    /// favour of our clock. Its bound is wider where our clock was set meanwhile.
    pub fn true_time(&self, now: Moment) -> Option<Offset> {
        let offset = self.reference.as_ref().filter(|known| known.supporter.is_none())?.offset;
        Some(Measurement { offset, taken: self.as_of? }.at(now))
    }

    /// Every clock, the time servers first.
    pub fn all(&self) -> impl Iterator<Item = &ClockSource> {
        self.servers.iter().chain(self.hosts.values().map(|host| &host.clock))
    }

    /// A time server that says a day on which no clock can be right.
    pub fn impossible(&self) -> Option<&ClockSource> {
        let id = impossible(SystemTime::UNIX_EPOCH).id();
        self.servers.iter().find(|server| server.observation.detail.id() == id)
    }

    /// Why true time is not known, where it is not.
    pub fn ignorance(&self) -> Ignorance {
        let offsets = self.servers.iter().filter_map(|server| server.offset);
        let (offsets, sure) = (offsets.clone().count(), offsets.filter(|offset| offset.bound < MAX_DISTANCE).count());
        match (self.configured, self.servers.len(), offsets, sure) {
            (0, ..) => Ignorance::NotConfigured,
            (_, 0, ..) => Ignorance::NotAsked,
            (.., 0, _) => Ignorance::Unanswered,
            (.., 0) => Ignorance::NotCertain,
            _ => Ignorance::NotAgreed,
        }
    }
}

/// Why true time is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignorance {
    /// There is no time server.
    NotConfigured,
    /// None was asked yet.
    NotAsked,
    /// None gives the time.
    Unanswered,
    /// What they gave last is no longer certain enough.
    NotCertain,
    /// They do not agree.
    NotAgreed,
}

/// What a time server says, on each of its addresses.
fn time_servers(source: &HostPort, answer: &NtpAnswer, now: Moment) -> Vec<ClockSource> {
    let shown = |server: Option<&Server>| ClockSource {
        source: source.to_string(),
        address: server.map(|server| server.address.ip()),
        kind: Some(NTP),
        observation: server.map_or(&answer.observation, |server| &server.observation).clone(),
        offset: server.and_then(|server| server.measurement).map(|measurement| measurement.at(now)),
    };
    if answer.servers.is_empty() {
        return vec![shown(None)];
    }
    // An IPv6 address that this machine has no route to is no fault of a server that answers on another.
    let answers = answer.servers.iter().any(|server| server.measurement.is_some());
    let is_excused =
        |server: &&Server| answers && server.address.is_ipv6() && server.observation.reason == Some(Reason::NoRoute);
    answer.servers.iter().filter(|server| !is_excused(server)).map(|server| shown(Some(server))).collect()
}

/// What most time servers agree on. A server has one voice, however many addresses it has: the same clock is behind
/// them all, or several are that must first agree among themselves.
fn reference(findings: &ClockFindings, warn: Duration, now: Moment) -> Option<Reference> {
    let mut voices = Vec::new();
    let mut known = BTreeSet::new();
    for (source, answer) in &findings.time_servers {
        let measured = answer.servers.iter().filter_map(|server| Some((server.address, server.measurement?.at(now))));
        // Whoever is very unsure, such as after the machine slept, would agree with everyone.
        let is_sure = |offset: &Offset| offset.bound < MAX_DISTANCE;
        let sure: Vec<_> = measured.filter(|(_, offset)| is_sure(offset)).collect();
        // A server with two names has one vote.
        if sure.iter().any(|(address, _)| known.contains(address)) {
            continue;
        }
        if let Some(offset) = agree(&sure.iter().map(|(_, offset)| granted(*offset)).collect::<Vec<_>>()) {
            known.extend(sure.iter().map(|(address, _)| *address));
            voices.push((source, &answer.observation, granted(offset)));
        }
    }
    let offset = agree(&voices.iter().map(|(.., offset)| *offset).collect::<Vec<_>>())?;
    let latest = voices.iter().map(|(_, observation, _)| *observation).max_by_key(|known| known.observed_at)?;
    let (agreeing, others) = voices.iter().partition::<Vec<&_>, _>(|(.., voice)| voice.overlaps(offset));
    let ours = |truth: Offset| Comparison::new(Clocks::OursAndTrueTime, truth.reversed(), warn);
    let is_right = |truth| ours(truth).state == ClockState::Right;
    let supporter = others.iter().find(|(.., voice)| is_right(*voice) && !is_right(offset));
    let supporter = supporter.map(|(source, ..)| source.to_string());
    Some(Reference {
        offset,
        comparison: ours(offset),
        supporter,
        truechimers: agreeing.iter().map(|(source, ..)| source.to_string()).collect(),
        answered: voices.len(),
        observation: latest.clone(),
    })
}

/// What a time server says, no surer than is believed.
fn granted(offset: Offset) -> Offset {
    Offset { bound: offset.bound.max(LEAST_BOUND), ..offset }
}

/// A server that says otherwise than most fails for that.
fn expose(server: &mut ClockSource, reference: &Reference) {
    if server.offset.is_some_and(|offset| !granted(offset).overlaps(reference.offset)) {
        server.observation.reason = Some(Reason::Falseticker);
        server.observation.detail = detail!("falseticker");
    }
}

/// The clocks of the KMS hosts.
fn hosts(
    findings: &ClockFindings,
    names: &HashMap<Address, Host>,
    reference: Option<&Reference>,
    warn: Duration,
    now: Moment,
) -> BTreeMap<Address, HostTime> {
    // Nothing is to be held against a clock of ours that cannot be right.
    let is_ours_possible = now.impossible(Offset { seconds: 0.0, bound: 0.0 }).is_none();
    let clock = |(address, answer): (&Address, &HostClockAnswer)| {
        let host = names.get(address).cloned().unwrap_or(Host::Address(*address));
        let offset = answer.measurement.map(|measurement| measurement.at(now));
        let comparison = offset.and_then(|offset| match reference {
            Some(reference) => {
                Some(Comparison::new(Clocks::HostAndTrueTime, offset.relative_to(reference.offset), warn))
            }
            None => is_ours_possible.then(|| Comparison::new(Clocks::HostAndOurs, offset, warn)),
        });
        let mut observation = answer.observation.clone();
        if let Some(comparison) = comparison {
            observation.detail = comparison.detail(&host.to_string());
        }
        let source = match answer.source {
            Some(way) => HostPort { host, port: way.port }.to_string(),
            None => host.to_string(),
        };
        let kind = answer.source.map(|way| way.protocol.as_str());
        (
            *address,
            HostTime {
                clock: ClockSource { source, address: Some(address.ip()), kind, observation, offset },
                comparison,
            },
        )
    };
    findings.host_clocks.iter().map(clock).collect()
}
