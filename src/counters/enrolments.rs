//! What is counted of machines that enrol.

use super::UNKNOWN_TOKEN;
use prometheus::{IntCounterVec, Opts, Registry};

/// The counters of requests to enrol.
#[derive(Debug)]
pub struct EnrolmentCounters {
    requests: IntCounterVec,
}

impl EnrolmentCounters {
    /// Counters at zero, which `registry` shows.
    ///
    /// # Errors
    /// Never for the names given here; the library checks them.
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let requests = Opts::new(
            "gracewatch_enrolments_total",
            "Requests of machines to enrol, by the name of their token and what became of them.",
        );
        let requests = IntCounterVec::new(requests, &["token", "result"])?;
        // An increase shows from the first on only where there was a zero before.
        for result in ["unauthorized", "throttled"] {
            requests.with_label_values(&[UNKNOWN_TOKEN, result]);
        }
        registry.register(Box::new(requests.clone()))?;
        Ok(Self { requests })
    }

    /// Counts a request by the name of its token: the file of tokens bounds how many there are.
    pub fn count(&self, token: &str, result: &str) {
        self.requests.with_label_values(&[token, result]).inc();
    }
}
