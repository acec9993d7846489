//! `GET /probe`: one target, probed once on request, as `blackbox_exporter` does it.
//!
//! Whoever asks chooses what this machine connects to. So only what the configuration lets through is probed, what names
//! lead to is checked after they were looked up, and no more is probed at once than there are permits. A request that is
//! given up ends its probe.

mod target;

use super::Sources;
use super::client::Peer;
use super::language::{self, in_language};
use super::openapi;
use super::rejected::Rejected;
use crate::catalogue::{Message, message};
use crate::check::Round;
use crate::clock::comparison::{ClockState, Clocks, Comparison};
use crate::clock_report::ClockReport;
use crate::config::{Clock, Config, Probe};
use crate::console::{self, Layout};
use crate::counters::HttpCounters;
use crate::metrics::{self, CONTENT_TYPE};
use crate::report::Report;
use crate::state::Snapshot;
use crate::text::Words;
use crate::verdict::Status;
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use target::{Module, Named, Trusts};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

/// How many probes run at once, and how many jobs of one.
const AT_ONCE: usize = 64;
const JOBS: usize = 8;

/// How many of them run at once for one address. One that is silent takes as long as may be.
const SHARE: usize = AT_ONCE / 4;

/// Where Prometheus says how long it waits for an answer, in seconds, and how much of that is left for the way.
const SCRAPE_TIMEOUT: &str = "x-prometheus-scrape-timeout-seconds";
const MARGIN: Duration = Duration::from_millis(500);

/// The longest and the shortest time that a probe has. A request is ended a little later.
const LONGEST: Duration = Duration::from_secs(50);
const SHORTEST: Duration = Duration::from_millis(100);

/// How many time limits of a stage a probe has: as many as one walk takes.
const LIMITS: u32 = 5;

/// Into how many parts its time is divided: one stage may take one of them, so that one that is silent is shown as that.
const PARTS: u32 = 3;

/// How long a target with a host that shows nobody its clock is not asked for that again, and how many are remembered.
const REST: Duration = Duration::from_mins(10);
const MAX_RESTING: usize = 1024;

/// What all probes on request share.
#[derive(Debug)]
pub(super) struct Probes {
    permits: Semaphore,
    /// For whom they run, without this machine itself, which may have all of them.
    origins: Mutex<HashMap<IpAddr, usize>>,
    trusts: Trusts,
    /// Since when the clocks of targets are left alone.
    resting: Mutex<HashMap<String, Instant>>,
    counters: HttpCounters,
}

/// A probe under way, as it is counted.
struct Running<'a> {
    probes: &'a Probes,
    origin: Option<IpAddr>,
    _permit: SemaphorePermit<'a>,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.probes.counters.probe_ended();
        if let Some(origin) = self.origin {
            self.probes.leave(origin);
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Parameters {
    target: String,
    module: Option<Module>,
    /// The proxy that leads to a URL.
    proxy: Option<String>,
    /// Answers with the report for a person, and the metrics after it.
    debug: bool,
    lang: Option<String>,
}

/// What a request asks for, or what is wrong with that.
pub(super) type Asked = Result<Query<Parameters>, QueryRejection>;

impl Probes {
    pub(super) fn new(counters: HttpCounters) -> Self {
        counters.set_most_probes(AT_ONCE);
        Self {
            permits: Semaphore::new(AT_ONCE),
            origins: Mutex::default(),
            trusts: Trusts::default(),
            resting: Mutex::default(),
            counters,
        }
    }

    /// Whether the clocks of the hosts of a target are read.
    fn reads_clocks(&self, target: &str) -> bool {
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.get(target).is_none_or(|since| since.elapsed() >= REST)
    }

    /// Leaves the clocks of a target alone from now on: to wait for them again would take seconds.
    fn rest(&self, target: &str) {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.retain(|_, since| since.elapsed() < REST);
        if resting.len() < MAX_RESTING {
            resting.insert(target.to_owned(), Instant::now());
        }
    }

    /// Begins a probe for whoever is at the other end.
    fn begin(&self, peer: Option<Peer>) -> Result<Running<'_>, Rejected> {
        let rejected = |most: usize| {
            self.counters.probe_rejected();
            Rejected::unavailable(message!("probes-too-many", most = most))
        };
        let permit = self.permits.try_acquire().map_err(|_| rejected(AT_ONCE))?;
        let origin = peer.filter(|peer| !peer.is_loopback()).map(Peer::origin);
        if let Some(origin) = origin {
            let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
            let running = origins.entry(origin).or_default();
            if *running >= SHARE {
                return Err(rejected(SHARE));
            }
            *running += 1;
        }
        self.counters.probe_began();
        Ok(Running { probes: self, origin, _permit: permit })
    }

    /// One fewer runs for an address.
    fn leave(&self, origin: IpAddr) {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = origins.get_mut(&origin) {
            *running -= 1;
            if *running == 0 {
                origins.remove(&origin);
            }
        }
    }
}

pub(super) async fn get(
    State(sources): State<Sources>,
    probes: Arc<Probes>,
    peer: Option<Extension<Peer>>,
    parameters: Asked,
    headers: HeaderMap,
) -> Response {
    let peer = peer.map(|Extension(peer)| peer);
    probe(&sources, &probes, peer, parameters, &headers).await.unwrap_or_else(Rejected::into_response)
}

async fn probe(
    sources: &Sources,
    probes: &Probes,
    peer: Option<Peer>,
    parameters: Asked,
    headers: &HeaderMap,
) -> Result<Response, Rejected> {
    let Query(parameters) = parameters.map_err(|rejection| openapi::bad_query("/probe", &rejection))?;
    let language = language::language(&language::Asked::of(parameters.lang), headers).map_err(Rejected::bad_request)?;
    let config = Arc::clone(&sources.config.borrow());
    let named = Named::new(&parameters.target, parameters.module, parameters.proxy.as_deref());
    let named = named.map_err(Rejected::bad_request)?;
    let targets = &config.web.probe_targets;
    if let Some(refused) = named.hosts().find(|host| !targets.admit(*host)) {
        let (host, line) = (refused.host.to_string(), targets.line_with(refused));
        return Err(Rejected(StatusCode::FORBIDDEN, message!("probe-not-allowed", host = host, line = line)));
    }
    let whole = time_limit(headers, &config.probe).map_err(Rejected::bad_request)?;
    let running = probes.begin(peer)?;
    let begun = Instant::now();
    let reads_clocks = probes.reads_clocks(&parameters.target);
    let (round, is_complete) = round(&config, &named, whole, (probes, reads_clocks), sources).await?;
    let duration = begun.elapsed();
    let snapshot = round.state().snapshot();
    if snapshot.clocks.hosts.values().any(|host| host.comparison.is_none()) {
        probes.rest(&parameters.target);
    }
    drop((round, running));
    let known = sources.state.known().clocks;
    let has_succeeded = is_complete && has_succeeded(&snapshot, &known, &config.clock);
    let page = metrics::of_round(&snapshot, has_succeeded, duration);
    if !parameters.debug {
        return Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], page).into_response());
    }
    let words = Words::from(language);
    let report = if is_complete { report(&snapshot, words) } else { message!("probe-not-complete").in_words(words) };
    let text = format!("{}\n\n{page}", report.trim_end());
    Ok(in_language(text.into_response(), language))
}

/// Probes everything of a target, within `whole`. False where that was not enough.
async fn round(
    config: &Config,
    named: &Named,
    whole: Duration,
    (probes, reads_clocks): (&Probes, bool),
    sources: &Sources,
) -> Result<(Round, bool), Rejected> {
    let deadline = Instant::now() + whole;
    let timeout = config.probe.timeout.min(whole / PARTS);
    let before = timeout / 2;
    let (paths, ntp) = match named {
        Named::Clock(server) => {
            named.assert_addresses(config, before).await?;
            (Vec::new(), vec![server.clone()])
        }
        _ => (vec![named.path(config, &probes.trusts, before).await?], Vec::new()),
    };
    let probe = Probe { timeout, concurrency: JOBS.min(config.probe.concurrency), ..config.probe };
    let resolution = named.resolution(config);
    let host_clocks = if reads_clocks { Arc::clone(&config.clock.host_clocks) } else { [].into() };
    let clock = Clock { ntp, host_clocks, resolution, ..config.clock.clone() };
    let once = Config { probe, paths, clock, ..Config::built_in(&config.system) };
    let reference = sources.state.known().clocks.reference.clone().filter(|known| known.supporter.is_none());
    let reference = reference.filter(|_| !matches!(named, Named::Clock(_)));
    let own_fault = |_| Rejected(StatusCode::INTERNAL_SERVER_ERROR, message!("own-fault"));
    let mut round = Round::begin(once, reference).map_err(own_fault)?;
    let is_complete = timeout_at(deadline, round.done(|_, _| ())).await.is_ok();
    Ok((round, is_complete))
}

/// How long a probe may take: as long as Prometheus waits, less the way, and no longer than the configuration has it.
fn time_limit(headers: &HeaderMap, probe: &Probe) -> Result<Duration, Message> {
    let longest = probe.timeout.saturating_mul(LIMITS).min(LONGEST);
    let Some(value) = headers.get(SCRAPE_TIMEOUT) else { return Ok(longest) };
    let seconds = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    let waits = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let waits = waits.filter(|waits| !waits.is_zero()).ok_or_else(|| message!("probe-timeout"))?;
    Ok(waits.saturating_sub(MARGIN).max(SHORTEST).min(longest))
}

/// Whether clients get through, or a time server gives the time.
fn has_succeeded(snapshot: &Snapshot, known: &ClockReport, clock: &Clock) -> bool {
    match snapshot.paths.first() {
        Some(path) => matches!(path.verdict.status, Status::Ok | Status::Degraded),
        None => snapshot.clocks.servers.iter().any(|server| {
            let true_time = known.reference.as_ref().map(|reference| reference.offset);
            let offset = server.offset.map(|offset| true_time.map_or(offset, |truth| offset.relative_to(truth)));
            let is_right = offset.map(|offset| Comparison::new(Clocks::HostAndTrueTime, offset, clock.warn).state);
            server.observation.is_ok() && is_right == Some(ClockState::Right)
        }),
    }
}

/// The report of `check`, without colours.
fn report(snapshot: &Snapshot, words: Words) -> String {
    let layout = Layout { width: usize::MAX, is_whole: true };
    let text = console::checked(words, &Report::new(snapshot, words), layout).unwrap_or_default();
    anstream::adapter::strip_str(&text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_has_as_long_as_prometheus_waits_and_no_longer_than_is_configured() {
        let limit = |value: &str| {
            let headers = HeaderMap::from_iter([(SCRAPE_TIMEOUT.parse().unwrap(), value.parse().unwrap())]);
            time_limit(&headers, &Probe::default()).map(|limit| limit.as_millis())
        };
        assert_eq!(limit("10"), Ok(9500));
        assert_eq!(limit("10.25"), Ok(9750));
        assert_eq!(limit("0.5"), Ok(100));
        assert_eq!(limit("120"), Ok(25_000), "five stages of 5 s");
        assert_eq!(time_limit(&HeaderMap::new(), &Probe::default()), Ok(Duration::from_secs(25)));
        for wrong in ["", "x", "-1", "0", "NaN", "inf"] {
            assert!(limit(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_more_is_probed_at_once_than_there_are_permits() {
        let probes = Probes::new(crate::counters::Counters::new().unwrap().http().clone());
        let here = Some(Peer("[::1]:1".parse().unwrap()));
        let running: Vec<_> = (0..AT_ONCE).map(|_| probes.begin(here).ok().unwrap()).collect();
        assert_eq!(probes.begin(here).err().unwrap().0, StatusCode::SERVICE_UNAVAILABLE);
        drop(running);
        assert!(probes.begin(None).is_ok());
    }

    #[test]
    fn one_address_leaves_probes_to_others() {
        let probes = Probes::new(crate::counters::Counters::new().unwrap().http().clone());
        let peer = |address: &str| Some(Peer(address.parse().unwrap()));
        let (one, other) = (peer("[2001:db8::1]:1"), peer("192.0.2.1:1"));
        let running: Vec<_> = (0..SHARE).map(|_| probes.begin(one).ok().unwrap()).collect();
        let refused = probes.begin(peer("[2001:db8::2]:1")).err().unwrap();
        assert_eq!(refused.0, StatusCode::SERVICE_UNAVAILABLE, "one network of IPv6 is one address");
        assert!(probes.begin(other).is_ok() && probes.begin(peer("127.0.0.1:1")).is_ok());
        drop(running);
        assert!(probes.begin(one).is_ok() && probes.origins.lock().unwrap().is_empty());
    }
}
