//! What may go wrong with a report: a closed list, each with a word for the log and an exit code of its own.

use crate::catalogue::{Message, message};
use crate::words::plain;
use std::fmt;
use std::io;

/// The longest detail that is kept of what others say, in characters.
const LONGEST: usize = 300;

/// What went wrong. The first that is listed here of several is what a run ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The licensing service is stopped or disabled.
    ServiceStopped,
    /// Whoever runs the agent may not read the licensing classes.
    AccessDenied,
    /// WMI is broken, or does not answer.
    LicensingUnreadable,
    /// A file that was named cannot be read.
    FileUnreadable,
    /// The disk is full, so that nothing can wait there.
    DiskFull,
    /// The folder of what waits cannot be used.
    FolderUnusable,
    /// Another agent uses the folder.
    AlreadyRunning,
    /// There is no token where one should be.
    NoToken,
    /// The server does not know the token: it was revoked, or is another's.
    TokenRejected,
    /// The enrolment token does not let this machine enrol.
    NotEnrolled,
    /// This machine is enrolled with another token than the one that is kept here.
    AlreadyEnrolled,
    /// This machine was shut out on the server.
    MachineRevoked,
    /// The token may not report for this machine.
    NotAllowed,
    /// Somebody on the way to the server shows a certificate of their own, or its authority is not trusted here.
    Intercepted,
    /// The server's certificate is not valid: it ended, or has not begun.
    CertificateInvalid,
    /// What answers is no Gracewatch.
    NotGracewatch,
    /// The server takes other reports, and not this one, which is kept aside.
    ContentRefused,
    /// Nobody answers.
    ServerUnreachable,
    /// The server answers that it cannot take anything now.
    ServerUnavailable,
    /// Reports that were never sent had to make room for newer ones.
    ReportsDropped,
    /// The event log cannot be read.
    EventsUnreadable,
    /// Another machine reports by the same name.
    NameShared,
}

impl Outcome {
    /// Every outcome, the one that counts most first.
    pub const ALL: [Self; 22] = [
        Self::ServiceStopped,
        Self::AccessDenied,
        Self::LicensingUnreadable,
        Self::FileUnreadable,
        Self::DiskFull,
        Self::FolderUnusable,
        Self::AlreadyRunning,
        Self::NoToken,
        Self::TokenRejected,
        Self::NotEnrolled,
        Self::AlreadyEnrolled,
        Self::MachineRevoked,
        Self::NotAllowed,
        Self::Intercepted,
        Self::CertificateInvalid,
        Self::NotGracewatch,
        Self::ContentRefused,
        Self::ServerUnreachable,
        Self::ServerUnavailable,
        Self::ReportsDropped,
        Self::EventsUnreadable,
        Self::NameShared,
    ];

    /// The word for it in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServiceStopped => "service_stopped",
            Self::AccessDenied => "access_denied",
            Self::LicensingUnreadable => "licensing_unreadable",
            Self::FileUnreadable => "file_unreadable",
            Self::DiskFull => "disk_full",
            Self::FolderUnusable => "folder_unusable",
            Self::AlreadyRunning => "already_running",
            Self::NoToken => "no_token",
            Self::TokenRejected => "token_rejected",
            Self::NotEnrolled => "not_enrolled",
            Self::AlreadyEnrolled => "already_enrolled",
            Self::MachineRevoked => "machine_revoked",
            Self::NotAllowed => "not_allowed",
            Self::Intercepted => "intercepted",
            Self::CertificateInvalid => "certificate_invalid",
            Self::NotGracewatch => "not_gracewatch",
            Self::ContentRefused => "content_refused",
            Self::ServerUnreachable => "server_unreachable",
            Self::ServerUnavailable => "server_unavailable",
            Self::ReportsDropped => "reports_dropped",
            Self::EventsUnreadable => "events_unreadable",
            Self::NameShared => "name_shared",
        }
    }

    /// What a run ends with for it. The numbers below 10 are those that every command has.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::ServiceStopped => 10,
            Self::AccessDenied => 11,
            Self::LicensingUnreadable => 12,
            Self::FileUnreadable => 13,
            Self::EventsUnreadable => 14,
            Self::DiskFull => 20,
            Self::FolderUnusable => 21,
            Self::AlreadyRunning => 22,
            Self::ReportsDropped => 23,
            Self::NoToken => 30,
            Self::TokenRejected => 31,
            Self::NotAllowed => 32,
            Self::Intercepted => 33,
            Self::CertificateInvalid => 34,
            Self::NotGracewatch => 35,
            Self::ContentRefused => 36,
            Self::NameShared => 37,
            Self::NotEnrolled => 38,
            Self::AlreadyEnrolled => 39,
            Self::MachineRevoked => 42,
            Self::ServerUnreachable => 40,
            Self::ServerUnavailable => 41,
        }
    }

    /// True where it may be over in a moment, so that trying again is worth it.
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::ServerUnreachable | Self::ServerUnavailable)
    }
}

/// Something that went wrong, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub outcome: Outcome,
    /// What the system, the server or a library says.
    pub detail: String,
}

impl Trouble {
    /// What others say is kept on one line.
    pub fn new(outcome: Outcome, detail: impl fmt::Display) -> Self {
        let detail = detail.to_string();
        let detail = detail.split(" (os error").next().unwrap_or_default();
        Self { outcome, detail: detail.chars().map(plain).take(LONGEST).collect() }
    }

    /// What is wrong with the folder or a file in it.
    pub(super) fn of_folder(error: &io::Error) -> Self {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        let is_full = matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge);
        Self::new(if is_full { Outcome::DiskFull } else { Outcome::FolderUnusable }, error)
    }

    /// What to say of it.
    pub fn message(&self) -> Message {
        message!("agent-trouble", kind = self.outcome.as_str(), detail = self.detail.as_str())
    }
}

/// In English, for the log.
impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_outcome_has_a_word_and_an_exit_code_of_its_own_and_its_order() {
        let codes: BTreeSet<_> = Outcome::ALL.iter().map(|outcome| outcome.exit_code()).collect();
        let words: BTreeSet<_> = Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
        assert_eq!((codes.len(), words.len()), (Outcome::ALL.len(), Outcome::ALL.len()));
        assert!(codes.iter().all(|code| (10..128).contains(code)));
        assert!(Outcome::ALL.is_sorted());
        for outcome in Outcome::ALL {
            let said = Trouble::new(outcome, "why").to_string();
            assert!(said.contains("why"), "{said}");
        }
    }
}
