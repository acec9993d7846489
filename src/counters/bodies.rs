//! What is counted of requests that bring reports: who sent them, what became of them, and how near they are to what
//! may be received and processed at once.

use prometheus::{IntCounterVec, IntGaugeVec, Opts, Registry};

/// What stands for the name of a token that is not known, or not there. No name has parentheses.
pub const UNKNOWN_TOKEN: &str = "(unknown)";

/// What is bounded over all senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyBound {
    /// Bytes of bodies as they are sent.
    Received,
    /// Bytes of bodies once they are inflated.
    Inflated,
    /// Bodies that are processed.
    Processed,
}

impl BodyBound {
    pub const ALL: [Self; 3] = [Self::Received, Self::Inflated, Self::Processed];

    /// Its name in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Inflated => "inflated",
            Self::Processed => "processed",
        }
    }

    /// True where it is of bytes, and not of bodies.
    const fn is_of_bytes(self) -> bool {
        !matches!(self, Self::Processed)
    }
}

/// The counters of requests and their bodies.
#[derive(Debug)]
pub struct BodyCounters {
    requests: IntCounterVec,
    bytes: IntGaugeVec,
    bytes_limit: IntGaugeVec,
    bodies: IntGaugeVec,
    bodies_limit: IntGaugeVec,
    waited: IntCounterVec,
    rejected: IntCounterVec,
}

impl BodyCounters {
    /// Counters at zero, which `registry` shows.
    ///
    /// # Errors
    /// Never for the names given here; the library checks them.
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let counter = |name, help, labels: &[&str]| IntCounterVec::new(Opts::new(name, help), labels);
        let gauge = |name, help| IntGaugeVec::new(Opts::new(name, help), &["stage"]);
        let counters = Self {
            requests: counter(
                "gracewatch_token_requests_total",
                "Requests that bring reports, by the name of their token and what became of them.",
                &["token", "result"],
            )?,
            bytes: gauge(
                "gracewatch_bodies_bytes",
                "Bytes of bodies that are held in memory, as received or inflated.",
            )?,
            bytes_limit: gauge("gracewatch_bodies_limit_bytes", "How many bytes of bodies are held at the most.")?,
            bodies: gauge("gracewatch_bodies", "Bodies that are processed now.")?,
            bodies_limit: gauge("gracewatch_bodies_limit", "How many bodies are processed at once at the most.")?,
            waited: counter(
                "gracewatch_bodies_waited_total",
                "Bodies that had to wait, by the bound they waited for.",
                &["stage"],
            )?,
            rejected: counter(
                "gracewatch_bodies_rejected_total",
                "Bodies that were rejected after they waited too long, by the bound they waited for.",
                &["stage"],
            )?,
        };
        // An increase shows from the first on only where there was a zero before.
        for bound in BodyBound::ALL {
            counters.waited.with_label_values(&[bound.as_str()]);
            counters.rejected.with_label_values(&[bound.as_str()]);
            counters.hold(bound, 0);
        }
        for result in ["unauthorized", "throttled"] {
            counters.requests.with_label_values(&[UNKNOWN_TOKEN, result]);
        }
        registry.register(Box::new(counters.requests.clone()))?;
        registry.register(Box::new(counters.waited.clone()))?;
        registry.register(Box::new(counters.rejected.clone()))?;
        for gauge in [&counters.bytes, &counters.bytes_limit, &counters.bodies, &counters.bodies_limit] {
            registry.register(Box::new(gauge.clone()))?;
        }
        Ok(counters)
    }

    /// Counts a request by the name of its token: the file of tokens bounds how many there are.
    pub fn count_request(&self, token: &str, result: &str) {
        self.requests.with_label_values(&[token, result]).inc();
    }

    /// Counts a body that had to wait.
    pub fn count_waited(&self, bound: BodyBound) {
        self.waited.with_label_values(&[bound.as_str()]).inc();
    }

    /// Counts a body that waited too long.
    pub fn count_rejected(&self, bound: BodyBound) {
        self.rejected.with_label_values(&[bound.as_str()]).inc();
    }

    /// Adds to what is held of a bound; what is less than nothing is taken away.
    pub fn hold(&self, bound: BodyBound, count: i64) {
        let gauge = if bound.is_of_bytes() { &self.bytes } else { &self.bodies };
        gauge.with_label_values(&[bound.as_str()]).add(count);
    }

    /// Shows how much there may be.
    pub fn set_limit(&self, bound: BodyBound, limit: i64) {
        let gauge = if bound.is_of_bytes() { &self.bytes_limit } else { &self.bodies_limit };
        gauge.with_label_values(&[bound.as_str()]).set(limit);
    }
}
