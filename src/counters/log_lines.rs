//! Lines that are left out of the log, since there were too many of their kind. Where they are is all over the program, so
//! that there is one place in which they are counted.

use prometheus::{IntCounterVec, Opts};
use std::sync::LazyLock;

/// What a line is about that may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// A stage of a target that fails, or passes again.
    Stage,
    /// The clock of a KMS host.
    HostClock,
    /// A request of somebody who may not make it.
    DeniedRequest,
    /// A request that fails.
    FailedRequest,
    /// A request that is rejected for what it asks.
    RejectedRequest,
    /// Reports that were processed.
    Reports,
    /// A connection that cannot be accepted.
    Connection,
    /// A name that too many machines share.
    SharedName,
    /// A store that is slow.
    Store,
}

impl LineKind {
    const ALL: [Self; 9] = [
        Self::Stage,
        Self::HostClock,
        Self::DeniedRequest,
        Self::FailedRequest,
        Self::RejectedRequest,
        Self::Reports,
        Self::Connection,
        Self::SharedName,
        Self::Store,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::HostClock => "host_clock",
            Self::DeniedRequest => "denied_request",
            Self::FailedRequest => "failed_request",
            Self::RejectedRequest => "rejected_request",
            Self::Reports => "reports",
            Self::Connection => "connection",
            Self::SharedName => "shared_name",
            Self::Store => "store",
        }
    }

    /// Counts a line of this kind that is left out.
    pub fn count_left_out(self) {
        if let Some(left_out) = &*LEFT_OUT {
            left_out.with_label_values(&[self.as_str()]).inc();
        }
    }
}

/// `None` for a name that the library does not take, as it does.
static LEFT_OUT: LazyLock<Option<IntCounterVec>> = LazyLock::new(|| {
    let left_out = Opts::new(
        "gracewatch_log_lines_suppressed_total",
        "Lines that were left out of the log, since there were too many of their kind.",
    );
    let left_out = IntCounterVec::new(left_out, &["kind"]).ok()?;
    // An increase shows from the first one on only where there was a zero before.
    for kind in LineKind::ALL {
        left_out.with_label_values(&[kind.as_str()]);
    }
    Some(left_out)
});

/// What shows them.
pub(super) fn left_out() -> Option<IntCounterVec> {
    LEFT_OUT.clone()
}
