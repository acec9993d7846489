//! The Windows error codes a client shows where a stage fails.

use crate::observation::{Reason, Stage};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;

/// A Windows error code, written `0xC004F074`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u32);

impl Code {
    /// True for what is an error, by the first bit of an HRESULT; other codes inform.
    pub const fn is_failure(self) -> bool {
        self.0 >= 0x8000_0000
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{:08X}", self.0)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix("0x").and_then(|digits| u32::from_str_radix(digits, 16).ok());
        digits.map(Self).ok_or_else(|| D::Error::custom("a code is written 0xC004F074"))
    }
}

/// What a client shows, and what it writes to its event 12288 where that differs. Online there is no such event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prediction {
    /// What `slmgr /ato` shows.
    pub code: Option<Code>,
    /// What event 12288 carries, where it is another code.
    pub inner_code: Option<Code>,
}

/// No KMS host could be contacted: what a client shows for most of what can go wrong after discovery.
const NO_HOST: u32 = 0xC004_F074;

/// The proxy demands credentials, which activation does not give.
const PROXY_DEMANDS_CREDENTIALS: u32 = 0x8004_FE33;

/// No answer in time: `ERROR_WINHTTP_TIMEOUT`.
const TIMEOUT: u32 = 0x8007_2EE2;

/// The connection was dropped: `ERROR_WINHTTP_CONNECTION_ERROR`.
const DROPPED: u32 = 0x8007_2EFE;

/// TLS failed, for whatever cause: `ERROR_WINHTTP_SECURE_FAILURE`.
const SECURE_FAILURE: u32 = 0x8007_2F8F;

/// The server demands a certificate of the client: `ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED`.
const CLIENT_CERTIFICATE_NEEDED: u32 = 0x8007_2F0C;

/// The answer is no HTTP, or a portal's page: `ERROR_WINHTTP_INVALID_SERVER_RESPONSE`.
const INVALID_RESPONSE: u32 = 0x8007_2F78;

/// Predicts the code of a client that fails online at `stage` for `reason`. Empty where no source says.
pub const fn predict_online(stage: Stage, reason: Reason) -> Prediction {
    use Reason as R;
    use Stage as S;
    let code = match (stage, reason) {
        // Nothing was measured.
        (_, reason) if reason.is_local() => return Prediction { code: None, inner_code: None },
        // WINHTTP_NAME_NOT_RESOLVED
        (S::Address, _) => 0x8007_2EE7,
        // WINHTTP_CANNOT_CONNECT, be it to the endpoint or to the proxy
        (S::Tcp, _) => 0x8007_2EFD,
        (S::Proxy | S::Http, R::AuthRequired | R::AuthRejected) => PROXY_DEMANDS_CREDENTIALS,
        (S::Proxy | S::Tls | S::Http, R::TimedOut) => TIMEOUT,
        (S::Proxy | S::Tls | S::Http, R::Closed | R::ResetInHandshake) => DROPPED,
        (
            S::Tls,
            R::Intercepted
            | R::Untrusted
            | R::IncompleteChain
            | R::WeakSignature
            | R::WeakKey
            | R::Expired
            | R::NotYetValid
            | R::NameMismatch
            | R::TlsVersion
            | R::NotTls
            | R::Rejected,
        ) => SECURE_FAILURE,
        (S::Tls | S::Http, R::CertificateRequired) => CLIENT_CERTIFICATE_NEEDED,
        (S::Proxy | S::Http, R::CaptivePortal | R::NotHttp) => INVALID_RESPONSE,
        _ => return Prediction { code: None, inner_code: None },
    };
    Prediction { code: Some(Code(code)), inner_code: None }
}

/// Predicts the codes of a client that fails on the path to a KMS host, at `stage` for `reason`. Empty where no source
/// says.
pub const fn predict_kms(stage: Stage, reason: Reason) -> Prediction {
    use Reason as R;
    use Stage as S;
    let (code, inner_code) = match (stage, reason) {
        (S::Srv, R::Nxdomain) => (0x8007_232B, None),
        (S::Srv, R::NoRecords) => (0x8007_251D, None),
        (S::Srv, R::ServerFailure) => (0x8007_232A, None),
        (S::Srv, R::TimedOut | R::Truncated | R::Refused | R::Unreachable) => (0x8007_05B4, None),
        (S::Address, R::Nxdomain | R::NoRecords) => (NO_HOST, Some(Code(0x8007_2AF9))),
        (S::Tcp, R::Refused | R::TimedOut | R::Unreachable) | (S::Rpc, R::NotRpc | R::Closed | R::TimedOut) => {
            (NO_HOST, Some(Code(0x8007_06BA)))
        }
        (S::Rpc, R::NotKms) => (NO_HOST, Some(Code(0x8007_06B5))),
        (S::Clock, R::Skewed) => (NO_HOST, Some(Code(0xC004_F06C))),
        (S::Host, R::Unlicensed) => (0xC004_F041, None),
        (S::Count, R::TooLow) => (0xC004_F038, None),
        (
            S::Address | S::Rpc,
            R::ServerFailure | R::TimedOut | R::Truncated | R::Refused | R::Unreachable | R::Rejected,
        ) => (NO_HOST, None),
        _ => return Prediction { code: None, inner_code: None },
    };
    Prediction { code: Some(Code(code)), inner_code }
}

/// The stages on the path to a KMS host whose failure shows this code, or leaves it in event 12288.
pub fn kms_stages(code: Code) -> BTreeSet<Stage> {
    stages(code, predict_kms)
}

/// The stages on the path to an online endpoint whose failure shows this code.
pub fn online_stages(code: Code) -> BTreeSet<Stage> {
    stages(code, predict_online)
}

fn stages(code: Code, predict: fn(Stage, Reason) -> Prediction) -> BTreeSet<Stage> {
    let shows = |prediction: Prediction| prediction.code == Some(code) || prediction.inner_code == Some(code);
    let is_shown = |stage: &Stage| Reason::ALL.iter().any(|reason| shows(predict(*stage, *reason)));
    Stage::ALL.into_iter().filter(is_shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_predicted_as_documented() {
        use Reason as R;
        use Stage as S;
        let table = [
            (S::Srv, R::Nxdomain, "0x8007232B", None),
            (S::Srv, R::NoRecords, "0x8007251D", None),
            (S::Srv, R::ServerFailure, "0x8007232A", None),
            (S::Srv, R::TimedOut, "0x800705B4", None),
            (S::Address, R::Nxdomain, "0xC004F074", Some("0x80072AF9")),
            (S::Address, R::NoRecords, "0xC004F074", Some("0x80072AF9")),
            (S::Tcp, R::Refused, "0xC004F074", Some("0x800706BA")),
            (S::Tcp, R::TimedOut, "0xC004F074", Some("0x800706BA")),
            (S::Tcp, R::Unreachable, "0xC004F074", Some("0x800706BA")),
            (S::Rpc, R::NotRpc, "0xC004F074", Some("0x800706BA")),
            (S::Rpc, R::Closed, "0xC004F074", Some("0x800706BA")),
            (S::Rpc, R::TimedOut, "0xC004F074", Some("0x800706BA")),
            (S::Rpc, R::NotKms, "0xC004F074", Some("0x800706B5")),
            (S::Clock, R::Skewed, "0xC004F074", Some("0xC004F06C")),
            (S::Host, R::Unlicensed, "0xC004F041", None),
            (S::Count, R::TooLow, "0xC004F038", None),
        ];
        for (stage, reason, code, inner_code) in table {
            let prediction = predict_kms(stage, reason);
            assert_eq!(prediction.code.map(|code| code.to_string()).as_deref(), Some(code), "{stage} {reason}");
            assert_eq!(prediction.inner_code.map(|c| c.to_string()).as_deref(), inner_code, "{stage} {reason}");
        }
    }

    #[test]
    fn what_no_source_says_is_not_guessed() {
        assert_eq!(predict_kms(Stage::Srv, Reason::NoService), Prediction::default());
        for reason in [Reason::LocalError, Reason::NoRoute, Reason::NoCommonCipher, Reason::UnsupportedSignature] {
            assert_eq!(predict_kms(Stage::Tcp, reason), Prediction::default());
            assert_eq!(predict_online(Stage::Tcp, reason), Prediction::default());
        }
        assert_eq!(predict_online(Stage::Proxy, Reason::ForbiddenByProxy), Prediction::default());
    }

    #[test]
    fn codes_are_predicted_online_as_documented() {
        use Reason as R;
        use Stage as S;
        let table = [
            (S::Address, R::Nxdomain, "0x80072EE7"),
            (S::Address, R::TimedOut, "0x80072EE7"),
            (S::Tcp, R::Refused, "0x80072EFD"),
            (S::Tcp, R::ProxyRefused, "0x80072EFD"),
            (S::Tcp, R::TimedOut, "0x80072EFD"),
            (S::Proxy, R::AuthRequired, "0x8004FE33"),
            (S::Proxy, R::AuthRejected, "0x8004FE33"),
            (S::Tls, R::Intercepted, "0x80072F8F"),
            (S::Tls, R::Untrusted, "0x80072F8F"),
            (S::Tls, R::Expired, "0x80072F8F"),
            (S::Tls, R::NotYetValid, "0x80072F8F"),
            (S::Tls, R::ResetInHandshake, "0x80072EFE"),
            (S::Tls, R::CertificateRequired, "0x80072F0C"),
            (S::Http, R::CertificateRequired, "0x80072F0C"),
            (S::Http, R::TimedOut, "0x80072EE2"),
            (S::Http, R::CaptivePortal, "0x80072F78"),
        ];
        for (stage, reason, code) in table {
            let prediction = predict_online(stage, reason);
            assert_eq!(prediction.code.map(|code| code.to_string()).as_deref(), Some(code), "{stage} {reason}");
            assert_eq!(prediction.inner_code, None, "{stage} {reason}");
        }
    }
}
