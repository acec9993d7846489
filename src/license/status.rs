//! The status of a license.

/// The status of a license, as WMI numbers it in `LicenseStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum LicenseStatus {
    /// Not licensed.
    Unlicensed = 0,
    Licensed = 1,
    /// In the first grace period, after installation.
    OobGrace = 2,
    /// In the grace period after a lapsed lease or changed hardware.
    OotGrace = 3,
    /// In the grace period of what was found not to be genuine.
    NonGenuineGrace = 4,
    /// Every grace period is over: Windows asks for activation without end.
    Notification = 5,
    /// In an extended grace period.
    ExtendedGrace = 6,
}

impl LicenseStatus {
    /// Every status, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Unlicensed,
        Self::Licensed,
        Self::OobGrace,
        Self::OotGrace,
        Self::NonGenuineGrace,
        Self::Notification,
        Self::ExtendedGrace,
    ];

    /// The status with this number.
    pub fn from_number(number: i64) -> Option<Self> {
        usize::try_from(number).ok().and_then(|number| Self::ALL.get(number).copied())
    }

    /// The number of this status.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// True where activation is lost: nothing is left that could expire.
    pub const fn is_lost(self) -> bool {
        matches!(self, Self::Unlicensed | Self::Notification)
    }

    /// The word for this status in labels.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unlicensed => "unlicensed",
            Self::Licensed => "licensed",
            Self::OobGrace => "oob_grace",
            Self::OotGrace => "oot_grace",
            Self::NonGenuineGrace => "non_genuine_grace",
            Self::Notification => "notification",
            Self::ExtendedGrace => "extended_grace",
        }
    }

    /// This status in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unlicensed => "unlicensed",
            Self::Licensed => "licensed",
            Self::OobGrace => "initial grace",
            Self::OotGrace => "out-of-tolerance grace",
            Self::NonGenuineGrace => "non-genuine grace",
            Self::Notification => "notification",
            Self::ExtendedGrace => "extended grace",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_found_by_its_number_and_by_no_other() {
        for status in LicenseStatus::ALL {
            assert_eq!(LicenseStatus::from_number(status.number().into()), Some(status));
        }
        assert_eq!([-1, 7, i64::MAX].map(LicenseStatus::from_number), [None; 3]);
    }
}
