//! The Windows error codes a client shows where a stage fails.

use crate::observation::{Reason, Stage};
use serde::{Serialize, Serializer};
use std::fmt;

/// A Windows error code, written `0xC004F074`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u32);

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

/// What a client shows, and what it writes to its event 12288 where that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prediction {
    /// What `slmgr /ato` shows.
    pub code: Option<Code>,
    /// What event 12288 carries, where it is another code.
    pub inner_code: Option<Code>,
}

/// No KMS host could be contacted: what a client shows for most of what can go wrong after discovery.
const NO_HOST: u32 = 0xC004_F074;

/// Predicts the codes of a client that fails at `stage` for `reason`. Empty where no source tells.
pub const fn predict(stage: Stage, reason: Reason) -> Prediction {
    use Reason as R;
    use Stage as S;
    let (code, inner_code) = match (stage, reason) {
        (S::Srv, R::Nxdomain) => (0x8007_232B, None),
        (S::Srv, R::NoRecords) => (0x8007_251D, None),
        (S::Srv, R::ServerFailure) => (0x8007_232A, None),
        (S::Srv, R::TimedOut | R::Refused | R::Unreachable) => (0x8007_05B4, None),
        (S::Address, R::Nxdomain | R::NoRecords) => (NO_HOST, Some(Code(0x8007_2AF9))),
        (S::Tcp, R::Refused | R::TimedOut | R::Unreachable | R::NoRoute)
        | (S::Rpc, R::NotRpc | R::Closed | R::TimedOut) => (NO_HOST, Some(Code(0x8007_06BA))),
        (S::Rpc, R::NotKms) => (NO_HOST, Some(Code(0x8007_06B5))),
        (S::Clock, R::Skewed) => (NO_HOST, Some(Code(0xC004_F06C))),
        (S::Address | S::Rpc, R::ServerFailure | R::TimedOut | R::Refused | R::Unreachable | R::Rejected) => {
            (NO_HOST, None)
        }
        _ => return Prediction { code: None, inner_code: None },
    };
    Prediction { code: Some(Code(code)), inner_code }
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
        ];
        for (stage, reason, code, inner_code) in table {
            let prediction = predict(stage, reason);
            assert_eq!(prediction.code.map(|code| code.to_string()).as_deref(), Some(code), "{stage} {reason}");
            assert_eq!(prediction.inner_code.map(|c| c.to_string()).as_deref(), inner_code, "{stage} {reason}");
        }
    }

    #[test]
    fn what_no_source_tells_is_not_guessed() {
        assert_eq!(predict(Stage::Srv, Reason::NoService), Prediction::default());
        assert_eq!(predict(Stage::Tcp, Reason::LocalError), Prediction::default());
    }
}
