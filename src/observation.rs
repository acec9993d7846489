//! What a probe saw: one stage of a walk, at one moment, and why it failed if it did.

mod detail;

pub(crate) use detail::detail;
pub use detail::{Detail, Value, Variable};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// One step a Windows client takes. The order of the variants is the order of a walk, whether it leads to a KMS host or
/// to an online endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Asking DNS for `_vlmcs._tcp.<domain>`.
    Srv,
    /// Asking DNS for the addresses of whatever is connected to: a KMS host, an endpoint, or the proxy before it.
    Address,
    /// Connecting to it.
    Tcp,
    /// Being let through by a proxy to an endpoint.
    Proxy,
    /// Agreeing with an endpoint on TLS, and believing who it says it is.
    Tls,
    /// Being answered by an endpoint over HTTP.
    Http,
    /// Binding to the KMS interface over RPC.
    Rpc,
    /// Agreeing with a KMS host on the time within four hours; online, having a clock by which certificates are valid.
    Clock,
    /// Being activated by a KMS host that is licensed itself.
    Host,
    /// Being activated by a KMS host that counts enough clients.
    Count,
    /// Taking what the path offers: the client's own key, edition, license files and services.
    Client,
}

impl Stage {
    /// Every stage there is, in the order of a walk.
    pub const ALL: [Self; 11] = [
        Self::Srv,
        Self::Address,
        Self::Tcp,
        Self::Proxy,
        Self::Tls,
        Self::Http,
        Self::Rpc,
        Self::Clock,
        Self::Host,
        Self::Count,
        Self::Client,
    ];

    /// The stage that a word stands for.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == word)
    }

    /// The word for this stage in labels, JSON and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Srv => "srv",
            Self::Address => "address",
            Self::Tcp => "tcp",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Http => "http",
            Self::Rpc => "rpc",
            Self::Clock => "clock",
            Self::Host => "host",
            Self::Count => "count",
            Self::Client => "client",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// Why a stage failed, or what is wrong with a path that still works. A closed list: it becomes a metric label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The name does not exist in DNS.
    Nxdomain,
    /// The name exists and has no records of the type asked for.
    NoRecords,
    /// The SRV record names the root `.`: the service is declared absent (RFC 2782).
    NoService,
    /// The server answered with an error of its own: a nameserver with SERVFAIL or REFUSED, an endpoint with 503.
    ServerFailure,
    /// No answer came within `probe.timeout`.
    TimedOut,
    /// The nameserver cuts its answer off over UDP, as it is too long, and does not answer over TCP.
    Truncated,
    /// The connection was refused, or reset while it was being made.
    Refused,
    /// A router or the host reported that it cannot be reached.
    Unreachable,
    /// This machine itself has no route to the address, commonly because it has no IPv6: nothing was measured.
    NoRoute,
    /// The server closed the connection where its answer was due.
    Closed,
    /// What answered does not speak RPC.
    NotRpc,
    /// An RPC server answered that it does not serve the KMS interface.
    NotKms,
    /// A server refused: an RPC server the bind as a whole, an endpoint the TLS handshake, another to give its time.
    Rejected,
    /// The proxy requires credentials.
    AuthRequired,
    /// The proxy does not take the credentials it was given.
    AuthRejected,
    /// The proxy does not let anyone through to the endpoint.
    ForbiddenByProxy,
    /// The proxy cannot reach the endpoint.
    ProxyBadGateway,
    /// Nothing listens where the proxy should.
    ProxyRefused,
    /// What answers in place of the proxy is none.
    ProxyNotAProxy,
    /// What answers does not speak TLS.
    NotTls,
    /// What answers does not speak HTTP.
    NotHttp,
    /// No version that both sides speak: neither TLS 1.2 nor 1.3.
    TlsVersion,
    /// The server accepts no cipher suite that this program offers. Windows offers more, so nothing was measured.
    NoCommonCipher,
    /// The server demands a certificate of its client, and Windows has none to give when it activates.
    CertificateRequired,
    /// The connection was reset in the middle of the TLS handshake.
    ResetInHandshake,
    /// The chain of certificates ends at an issuer that is not among the expected ones.
    Intercepted,
    /// The chain of certificates ends at nobody who is trusted.
    Untrusted,
    /// An intermediate certificate is missing: the issuer of the last one was not sent, and is not trusted.
    IncompleteChain,
    /// A certificate of the chain is signed with SHA-1.
    WeakSignature,
    /// A certificate of the chain has an RSA key of less than 2048 bits.
    WeakKey,
    /// A certificate of the chain is signed in a way that this program cannot verify. Windows can, as a rule, so nothing
    /// was measured.
    UnsupportedSignature,
    /// A certificate is no longer valid.
    Expired,
    /// A certificate is not valid yet.
    NotYetValid,
    /// A certificate ends within 30 days: still valid, and to be renewed.
    Expiring,
    /// The certificate is for another name.
    NameMismatch,
    /// Something on the path answers in place of the endpoint, with a redirect or a page that the endpoint never gives.
    CaptivePortal,
    /// A time server reports that its own clock is not synchronized.
    Unsynchronized,
    /// An answer that is malformed, not meant for us, or of no use.
    InvalidAnswer,
    /// A time server asks to be asked less often.
    RateLimited,
    /// A time server asks not to be asked at all.
    Denied,
    /// A time server is too far from its own reference to be believed.
    TooDistant,
    /// A time server contradicts most of the others.
    Falseticker,
    /// Clocks differ by more than the four hours Windows tolerates.
    Skewed,
    /// Clocks differ by more than `clock.clock_warn`, an hour by default: still tolerated, and no longer normal.
    Drifted,
    /// This machine's own clock is wrong, which is no fault of the KMS hosts: theirs are known.
    OwnClock,
    /// The license of the KMS host itself has lapsed.
    Unlicensed,
    /// The KMS host counts fewer clients than it must to activate any, or some.
    TooLow,
    /// The KMS host counts hardly more clients than it must.
    Low,
    /// Machines report a failure at a stage that passes from here: they are elsewhere in the network.
    Elsewhere,
    /// The path works, and machines on it are not activated or renewed all the same.
    NotActivated,
    /// Machines whose key no KMS host activates, where there is no other path.
    NotVolume,
    /// Machines with a published key of another edition than the one installed.
    WrongKey,
    /// An evaluation ends soon, or is over.
    EvaluationEnding,
    /// Machines share an ID by which KMS hosts count them, so that they count as one.
    DuplicateIds,
    /// No client has asked the KMS host for longer than clients wait between renewals.
    Idle,
    /// A KMS host that does not answer could not start, by its own events.
    CannotStart,
    /// A KMS host could not publish itself in DNS, by its own events.
    PublishingFailed,
    /// A KMS host that DNS does not name is not to publish itself there.
    PublishingOff,
    /// DNS names a KMS host that is not among the expected ones.
    UnexpectedHost,
    /// An expected KMS host is not in DNS.
    MissingHost,
    /// The nameservers do not give the same answer.
    Inconsistent,
    /// DNS leads to what is not probed: a port or a network that is not allowed, or more than is taken.
    LeftOut,
    /// It fails now and then, never often enough in a row to count as failing.
    Intermittent,
    /// This machine could not do its part, for want of file descriptors, permission, a link or a nameserver.
    LocalError,
}

impl Reason {
    /// Every reason there is.
    pub const ALL: [Self; 64] = [
        Self::Nxdomain,
        Self::NoRecords,
        Self::NoService,
        Self::ServerFailure,
        Self::TimedOut,
        Self::Truncated,
        Self::Refused,
        Self::Unreachable,
        Self::NoRoute,
        Self::Closed,
        Self::NotRpc,
        Self::NotKms,
        Self::Rejected,
        Self::AuthRequired,
        Self::AuthRejected,
        Self::ForbiddenByProxy,
        Self::ProxyBadGateway,
        Self::ProxyRefused,
        Self::ProxyNotAProxy,
        Self::NotTls,
        Self::NotHttp,
        Self::TlsVersion,
        Self::NoCommonCipher,
        Self::CertificateRequired,
        Self::ResetInHandshake,
        Self::Intercepted,
        Self::Untrusted,
        Self::IncompleteChain,
        Self::WeakSignature,
        Self::WeakKey,
        Self::UnsupportedSignature,
        Self::Expired,
        Self::NotYetValid,
        Self::Expiring,
        Self::NameMismatch,
        Self::CaptivePortal,
        Self::Unsynchronized,
        Self::InvalidAnswer,
        Self::RateLimited,
        Self::Denied,
        Self::TooDistant,
        Self::Falseticker,
        Self::Skewed,
        Self::Drifted,
        Self::OwnClock,
        Self::Unlicensed,
        Self::TooLow,
        Self::Low,
        Self::Elsewhere,
        Self::NotActivated,
        Self::NotVolume,
        Self::WrongKey,
        Self::EvaluationEnding,
        Self::DuplicateIds,
        Self::Idle,
        Self::CannotStart,
        Self::PublishingFailed,
        Self::PublishingOff,
        Self::UnexpectedHost,
        Self::MissingHost,
        Self::Inconsistent,
        Self::LeftOut,
        Self::Intermittent,
        Self::LocalError,
    ];

    /// True for a fault of this machine or a limit of this program, with which nothing was measured.
    pub const fn is_local(self) -> bool {
        matches!(self, Self::LocalError | Self::NoRoute) || self.is_limit()
    }

    /// True for a limit of this program that Windows does not have.
    pub const fn is_limit(self) -> bool {
        matches!(self, Self::NoCommonCipher | Self::UnsupportedSignature)
    }

    /// The word for this reason in labels, JSON and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nxdomain => "nxdomain",
            Self::NoRecords => "no_records",
            Self::NoService => "no_service",
            Self::ServerFailure => "server_failure",
            Self::TimedOut => "timed_out",
            Self::Truncated => "truncated",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::NoRoute => "no_route",
            Self::Closed => "closed",
            Self::NotRpc => "not_rpc",
            Self::NotKms => "not_kms",
            Self::Rejected => "rejected",
            Self::AuthRequired => "auth_required",
            Self::AuthRejected => "auth_rejected",
            Self::ForbiddenByProxy => "forbidden_by_proxy",
            Self::ProxyBadGateway => "proxy_bad_gateway",
            Self::ProxyRefused => "proxy_refused",
            Self::ProxyNotAProxy => "proxy_not_a_proxy",
            Self::NotTls => "not_tls",
            Self::NotHttp => "not_http",
            Self::TlsVersion => "tls_version",
            Self::NoCommonCipher => "no_common_cipher",
            Self::CertificateRequired => "certificate_required",
            Self::ResetInHandshake => "reset_in_handshake",
            Self::Intercepted => "intercepted",
            Self::Untrusted => "untrusted",
            Self::IncompleteChain => "incomplete_chain",
            Self::WeakSignature => "weak_signature",
            Self::WeakKey => "weak_key",
            Self::UnsupportedSignature => "unsupported_signature",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Expiring => "expiring",
            Self::NameMismatch => "name_mismatch",
            Self::CaptivePortal => "captive_portal",
            Self::Unsynchronized => "unsynchronized",
            Self::InvalidAnswer => "invalid_answer",
            Self::RateLimited => "rate_limited",
            Self::Denied => "denied",
            Self::TooDistant => "too_distant",
            Self::Falseticker => "falseticker",
            Self::Skewed => "skewed",
            Self::Drifted => "drifted",
            Self::OwnClock => "own_clock",
            Self::Unlicensed => "unlicensed",
            Self::TooLow => "too_low",
            Self::Low => "low",
            Self::Elsewhere => "elsewhere",
            Self::NotActivated => "not_activated",
            Self::NotVolume => "not_volume",
            Self::WrongKey => "wrong_key",
            Self::EvaluationEnding => "evaluation_ending",
            Self::DuplicateIds => "duplicate_ids",
            Self::Idle => "idle",
            Self::CannotStart => "cannot_start",
            Self::PublishingFailed => "publishing_failed",
            Self::PublishingOff => "publishing_off",
            Self::UnexpectedHost => "unexpected_host",
            Self::MissingHost => "missing_host",
            Self::Inconsistent => "inconsistent",
            Self::LeftOut => "left_out",
            Self::Intermittent => "intermittent",
            Self::LocalError => "local_error",
        }
    }

    /// The reason that a word stands for.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::of(&word).ok_or_else(|| D::Error::custom("no reason is written so"))
    }
}

/// A stage that failed: the reason, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The reason, from the closed list.
    pub reason: Reason,
    pub detail: Detail,
    /// True where it is not the proxy that is connected to, but what lies beyond it: through SOCKS5, the endpoint whose
    /// name is looked up here.
    pub is_beyond_proxy: bool,
    /// The name that the one looked up is an alias of, where it is that which leads nowhere.
    pub alias_of: Option<Arc<str>>,
}

impl Failure {
    /// A failure for `reason`, of which `detail` was seen.
    pub fn new(reason: Reason, detail: impl Into<Detail>) -> Self {
        Self { reason, detail: detail.into(), is_beyond_proxy: false, alias_of: None }
    }
}

/// The outcome of one stage at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The step that was taken.
    pub stage: Stage,
    /// Why it failed; `None` where it passed.
    pub reason: Option<Reason>,
    /// How long it took.
    pub duration: Duration,
    /// What was seen; may be nothing.
    pub detail: Detail,
    /// When it was over.
    pub observed_at: SystemTime,
    /// True for a failure beyond the proxy that is connected to.
    pub is_beyond_proxy: bool,
    /// The name that the one looked up is an alias of, where it is that which leads nowhere.
    pub alias_of: Option<Arc<str>>,
}

impl Observation {
    /// An observation made just now, which took `duration`.
    pub fn new(stage: Stage, outcome: Result<impl Into<Detail>, Failure>, duration: Duration) -> Self {
        let (reason, detail, is_beyond_proxy, alias_of) = match outcome {
            Ok(detail) => (None, detail.into(), false, None),
            Err(failure) => (Some(failure.reason), failure.detail, failure.is_beyond_proxy, failure.alias_of),
        };
        Self { stage, reason, duration, detail, observed_at: SystemTime::now(), is_beyond_proxy, alias_of }
    }

    /// An observation of a stage that failed just now, after `duration`.
    pub fn failed(stage: Stage, failure: Failure, duration: Duration) -> Self {
        Self::new(stage, Err::<Detail, _>(failure), duration)
    }

    /// True where the stage passed.
    pub fn is_ok(&self) -> bool {
        self.reason.is_none()
    }

    /// True where the two give the same verdict: both passed alike, or failed for the same and showed the same.
    /// What hosts report of themselves is shown in words, whether it passes or fails.
    pub fn weighs_alike(&self, other: &Self) -> bool {
        let is_worded = !self.is_ok() || matches!(self.stage, Stage::Host | Stage::Count);
        (self.stage, self.reason) == (other.stage, other.reason) && (!is_worded || self.detail == other.detail)
    }

    /// The same of all stages of two targets.
    pub fn all_weigh_alike(some: &[Self], others: &[Self]) -> bool {
        some.len() == others.len() && some.iter().zip(others).all(|(one, other)| one.weighs_alike(other))
    }

    /// True for a failure of this machine itself: nothing was measured.
    pub fn is_local(&self) -> bool {
        self.reason.is_some_and(Reason::is_local)
    }

    /// `ok`, or the reason.
    pub fn result(&self) -> &'static str {
        self.reason.map_or("ok", Reason::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_reason_is_listed_once_and_is_a_label() {
        let words: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(words.len(), Reason::ALL.len());
        assert!(words.iter().all(|word| word.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase())));
    }

    #[test]
    fn the_documentation_lists_every_reason() {
        for reason in Reason::ALL {
            assert!(include_str!("../docs/metrics.md").contains(&format!("`{reason}`")), "{reason}");
        }
    }

    #[test]
    fn stages_are_ordered_as_they_are_probed() {
        assert!(Stage::Srv < Stage::Address && Stage::Address < Stage::Tcp);
        assert!(Stage::Tcp < Stage::Rpc && Stage::Rpc < Stage::Clock);
        assert!(Stage::Tcp < Stage::Proxy && Stage::Proxy < Stage::Tls && Stage::Tls < Stage::Http);
        assert!(Stage::Http < Stage::Clock);
    }
}
