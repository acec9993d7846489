//! What is counted of HTTP: connections, and requests by route and status.
//!
//! Labels come from closed lists: the routes there are, the bounds, the time limits. None is what a client wrote.

use prometheus::{HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry};
use std::time::Duration;

/// Upper bounds of the buckets of an answer's duration, in seconds: from a page out of memory to the longest time
/// limit.
const BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0, 60.0];

/// Why a connection is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// There are as many as there may be.
    All,
    /// There are as many from its address as there may be.
    Address,
}

impl Bound {
    const ALL: [Self; 2] = [Self::All, Self::Address];

    /// As it is in the metric.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Address => "address",
        }
    }
}

/// What took longer than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLimit {
    /// A handshake, before the first request.
    Handshake,
    /// The head of a request.
    Head,
    /// The body of a request.
    Body,
    /// The work on a request.
    Handler,
    /// An answer, which its reader does not read.
    Answer,
    /// A pause between two requests.
    Idle,
}

impl TimeLimit {
    const ALL: [Self; 6] = [Self::Handshake, Self::Head, Self::Body, Self::Handler, Self::Answer, Self::Idle];

    /// As it is in the metric.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Head => "head",
            Self::Body => "body",
            Self::Handler => "handler",
            Self::Answer => "answer",
            Self::Idle => "idle",
        }
    }
}

/// What is counted of HTTP. A clone counts in the same place.
#[derive(Debug, Clone)]
pub struct HttpCounters {
    connections: IntGauge,
    most_connections: IntGauge,
    accepted: IntCounter,
    displaced: IntCounter,
    rejected: IntCounterVec,
    accept_failures: IntCounter,
    answers: IntGauge,
    most_answers: IntGauge,
    answers_rejected: IntCounter,
    pages: IntGauge,
    most_pages: IntGauge,
    pages_dropped: IntCounter,
    probes: IntGauge,
    most_probes: IntGauge,
    probes_rejected: IntCounter,
    past_rejected: IntCounter,
    timeouts: IntCounterVec,
    requests: IntCounterVec,
    durations: HistogramVec,
}

impl HttpCounters {
    /// Counters at zero, shown by `registry`.
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let durations = HistogramOpts::new(
            "gracewatch_http_request_duration_seconds",
            "How long a request took until its answer began, by route.",
        );
        let rejected = Opts::new(
            "gracewatch_http_connections_rejected_total",
            "Connections that were rejected, by the bound that was reached.",
        );
        let timeouts =
            Opts::new("gracewatch_http_timeouts_total", "Requests and connections ended by a time limit, by its kind.");
        let requests = Opts::new("gracewatch_http_requests_total", "Requests answered, by route and status.");
        let counters = Self {
            connections: IntGauge::new("gracewatch_http_connections", "Connections that are open now.")?,
            most_connections: IntGauge::new(
                "gracewatch_http_connections_limit",
                "Connections that may be open at once.",
            )?,
            accepted: IntCounter::new("gracewatch_http_connections_accepted_total", "Connections that were accepted.")?,
            displaced: IntCounter::new(
                "gracewatch_http_connections_displaced_total",
                "Idle connections that were closed to make room for new ones.",
            )?,
            rejected: IntCounterVec::new(rejected, &["bound"])?,
            accept_failures: IntCounter::new(
                "gracewatch_http_accept_failures_total",
                "Times that a connection could not be accepted, for a reason of this machine.",
            )?,
            answers: IntGauge::new(
                "gracewatch_http_answers_bytes",
                "Bytes of long answers that are not read yet, without those to scrapes.",
            )?,
            most_answers: IntGauge::new("gracewatch_http_answers_limit_bytes", "How many of these there may be.")?,
            answers_rejected: IntCounter::new(
                "gracewatch_http_answers_rejected_total",
                "Requests answered 503 since there was no room for their answers.",
            )?,
            pages: IntGauge::new(
                "gracewatch_http_pages_bytes",
                "Bytes of pages of metrics that are not read yet; each counts once, however many read it.",
            )?,
            most_pages: IntGauge::new("gracewatch_http_pages_limit_bytes", "How many of these there may be.")?,
            pages_dropped: IntCounter::new(
                "gracewatch_http_pages_dropped_total",
                "Pages of metrics dropped before they were read, since newer ones needed their room.",
            )?,
            probes: IntGauge::new("gracewatch_http_probes", "Probes on request that run now.")?,
            most_probes: IntGauge::new("gracewatch_http_probes_limit", "Probes on request that may run at once.")?,
            probes_rejected: IntCounter::new(
                "gracewatch_http_probes_rejected_total",
                "Probes on request that were rejected, since as many ran as may.",
            )?,

            past_rejected: IntCounter::new(
                "gracewatch_http_history_rejected_total",
                "Requests for what changed that were rejected, since others read it for too long.",
            )?,
            timeouts: IntCounterVec::new(timeouts, &["kind"])?,
            requests: IntCounterVec::new(requests, &["route", "status"])?,
            durations: HistogramVec::new(durations.buckets(BOUNDS.to_vec()), &["route"])?,
        };
        // An increase shows from the first on only where there was a zero before.
        for bound in Bound::ALL {
            counters.rejected.with_label_values(&[bound.as_str()]);
        }
        for limit in TimeLimit::ALL {
            counters.timeouts.with_label_values(&[limit.as_str()]);
        }
        registry.register(Box::new(counters.connections.clone()))?;
        registry.register(Box::new(counters.most_connections.clone()))?;
        registry.register(Box::new(counters.accepted.clone()))?;
        registry.register(Box::new(counters.displaced.clone()))?;
        registry.register(Box::new(counters.rejected.clone()))?;
        registry.register(Box::new(counters.accept_failures.clone()))?;
        registry.register(Box::new(counters.answers.clone()))?;
        registry.register(Box::new(counters.most_answers.clone()))?;
        registry.register(Box::new(counters.answers_rejected.clone()))?;
        registry.register(Box::new(counters.pages.clone()))?;
        registry.register(Box::new(counters.most_pages.clone()))?;
        registry.register(Box::new(counters.pages_dropped.clone()))?;
        registry.register(Box::new(counters.probes.clone()))?;
        registry.register(Box::new(counters.most_probes.clone()))?;
        registry.register(Box::new(counters.probes_rejected.clone()))?;
        registry.register(Box::new(counters.past_rejected.clone()))?;
        registry.register(Box::new(counters.timeouts.clone()))?;
        registry.register(Box::new(counters.requests.clone()))?;
        registry.register(Box::new(counters.durations.clone()))?;
        Ok(counters)
    }

    /// Shows how many connections may be open at once.
    pub fn set_most_connections(&self, most: usize) {
        self.most_connections.set(i64::try_from(most).unwrap_or(i64::MAX));
    }

    /// Counts a connection that is accepted, and is open from now on.
    pub fn opened(&self) {
        self.accepted.inc();
        self.connections.inc();
    }

    /// Counts a connection that is open no more.
    pub fn closed(&self) {
        self.connections.dec();
    }

    /// Counts a connection that is closed for another to have its place.
    pub fn displaced(&self) {
        self.displaced.inc();
    }

    /// Counts a connection that is rejected.
    pub fn rejected(&self, bound: Bound) {
        self.rejected.with_label_values(&[bound.as_str()]).inc();
    }

    /// Counts a failure to accept a connection.
    pub fn accept_failed(&self) {
        self.accept_failures.inc();
    }

    /// Shows how many bytes of long answers there may be at once.
    pub fn set_most_answers(&self, bytes: u64) {
        self.most_answers.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Counts a long answer of so many bytes, which waits to be read from now on.
    pub fn answer_held(&self, bytes: usize) {
        self.answers.add(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Counts one that is read, or dropped.
    pub fn answer_gone(&self, bytes: usize) {
        self.answers.sub(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Counts one for which there was no room.
    pub fn answer_rejected(&self) {
        self.answers_rejected.inc();
    }

    /// Shows how many bytes of pages of metrics there may be at once.
    pub fn set_most_pages(&self, bytes: usize) {
        self.most_pages.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Counts so many more bytes of a page of metrics, which waits to be read.
    pub fn page_grew(&self, bytes: usize) {
        self.pages.add(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Counts those that are read, or dropped.
    pub fn page_shrank(&self, bytes: usize) {
        self.pages.sub(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Counts a page that is dropped before it is read.
    pub fn page_dropped(&self) {
        self.pages_dropped.inc();
    }

    /// Shows how many probes on request may run at once.
    pub fn set_most_probes(&self, most: usize) {
        self.most_probes.set(i64::try_from(most).unwrap_or(i64::MAX));
    }

    /// Counts a probe on request that runs from now on.
    pub fn probe_began(&self) {
        self.probes.inc();
    }

    /// Counts one that runs no more.
    pub fn probe_ended(&self) {
        self.probes.dec();
    }

    /// Counts one that was rejected.
    pub fn probe_rejected(&self) {
        self.probes_rejected.inc();
    }

    /// Counts a request for what changed that was rejected, since others read it.
    pub fn past_rejected(&self) {
        self.past_rejected.inc();
    }

    /// Counts what took longer than it may.
    pub fn timed_out(&self, limit: TimeLimit) {
        self.timeouts.with_label_values(&[limit.as_str()]).inc();
    }

    /// Counts a request that is answered. `route` is one of those there are.
    pub fn answered(&self, route: &str, status: u16, duration: Duration) {
        self.requests.with_label_values(&[route, &status.to_string()]).inc();
        self.durations.with_label_values(&[route]).observe(duration.as_secs_f64());
    }
}
