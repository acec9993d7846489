//! The protocols in which a host shows the time, and where it is asked.

use std::fmt;

/// A protocol in which a host shows the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// `SystemTime` in the answer to an SMB2 NEGOTIATE.
    Smb2,
    /// The `Date` of any HTTP answer.
    HttpDate,
    /// `currentTime` of a domain controller's rootDSE.
    Ldap,
    /// `stime` and `susec` in the error of a KDC.
    Kerberos,
}

impl Protocol {
    /// Every protocol there is.
    pub const ALL: [Self; 4] = [Self::Smb2, Self::HttpDate, Self::Ldap, Self::Kerberos];

    /// The word for it in the configuration and in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Smb2 => "smb2",
            Self::HttpDate => "http_date",
            Self::Ldap => "ldap",
            Self::Kerberos => "kerberos",
        }
    }

    /// The TCP port it is usually found at. That of HTTP is the one Windows listens on by itself, for `WinRM`.
    pub const fn port(self) -> u16 {
        match self {
            Self::Smb2 => 445,
            Self::HttpDate => 5985,
            Self::Ldap => 389,
            Self::Kerberos => 88,
        }
    }
}

/// A protocol, and the port of a host at which it is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostClock {
    pub protocol: Protocol,
    /// The TCP port.
    pub port: u16,
}

impl HostClock {
    /// A protocol at its usual port.
    pub const fn usual(protocol: Protocol) -> Self {
        Self { protocol, port: protocol.port() }
    }
}

impl fmt::Display for HostClock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.protocol.as_str())?;
        if self.port == self.protocol.port() { Ok(()) } else { write!(formatter, ":{}", self.port) }
    }
}
