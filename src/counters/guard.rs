//! What is counted of access: handshakes of TLS, passwords, and requests beyond a limit.

use prometheus::{IntCounter, IntCounterVec, Opts, Registry};

/// How a handshake of TLS ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshake {
    /// Both sides agree.
    Ok,
    /// It took too long.
    TimedOut,
    /// The client spoke something else, such as plain HTTP.
    NotTls,
    /// The client went away.
    Closed,
    /// No version, cipher suite or curve is known to both.
    NothingInCommon,
    /// The client has to show a certificate, and did not.
    NoCertificate,
    /// The certificate of the client is not valid yet, or not any more.
    OutOfDate,
    /// Nobody who is trusted vouches for the certificate of the client, or not for clients.
    Untrusted,
    /// The certificate of the client has none of the allowed names.
    NameNotAllowed,
    /// The client refused, as it does where it does not trust the certificate of the listener.
    RefusedByClient,
    Other,
}

impl Handshake {
    const ALL: [Self; 11] = [
        Self::Ok,
        Self::TimedOut,
        Self::NotTls,
        Self::Closed,
        Self::NothingInCommon,
        Self::NoCertificate,
        Self::OutOfDate,
        Self::Untrusted,
        Self::NameNotAllowed,
        Self::RefusedByClient,
        Self::Other,
    ];

    /// The value of the label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::TimedOut => "timed_out",
            Self::NotTls => "not_tls",
            Self::Closed => "closed",
            Self::NothingInCommon => "nothing_in_common",
            Self::NoCertificate => "no_certificate",
            Self::OutOfDate => "out_of_date",
            Self::Untrusted => "untrusted",
            Self::NameNotAllowed => "name_not_allowed",
            Self::RefusedByClient => "refused_by_client",
            Self::Other => "other",
        }
    }
}

/// What became of a password that came with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// It is that of the user.
    Accepted,
    /// It is not, or there is no such user.
    Rejected,
    /// Too many are verified already.
    Busy,
}

impl Login {
    const ALL: [Self; 3] = [Self::Accepted, Self::Rejected, Self::Busy];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Busy => "busy",
        }
    }
}

/// What is counted of access.
#[derive(Debug, Clone)]
pub struct GuardCounters {
    handshakes: IntCounterVec,
    logins: IntCounterVec,
    rate_limited: IntCounter,
}

impl GuardCounters {
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let handshakes =
            Opts::new("gracewatch_tls_handshakes_total", "Handshakes of TLS with clients, by their result.");
        let logins = Opts::new("gracewatch_logins_total", "Passwords that came with requests, by their result.");
        let counters = Self {
            handshakes: IntCounterVec::new(handshakes, &["result"])?,
            logins: IntCounterVec::new(logins, &["result"])?,
            rate_limited: IntCounter::new(
                "gracewatch_http_rate_limited_total",
                "Requests that were refused because the limit of requests was reached.",
            )?,
        };
        // An increase shows from the first one on only where there was a zero before.
        for result in Handshake::ALL {
            counters.handshakes.with_label_values(&[result.as_str()]);
        }
        for result in Login::ALL {
            counters.logins.with_label_values(&[result.as_str()]);
        }
        registry.register(Box::new(counters.handshakes.clone()))?;
        registry.register(Box::new(counters.logins.clone()))?;
        registry.register(Box::new(counters.rate_limited.clone()))?;
        Ok(counters)
    }

    pub fn count_handshake(&self, result: Handshake) {
        self.handshakes.with_label_values(&[result.as_str()]).inc();
    }

    /// Counts a password.
    pub fn count_login(&self, result: Login) {
        self.logins.with_label_values(&[result.as_str()]).inc();
    }

    /// Counts a request beyond the limit.
    pub fn count_rate_limited(&self) {
        self.rate_limited.inc();
    }
}
