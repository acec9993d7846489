//! The machines that report, and the licenses on them: what is known of each, and what follows from it for the day on
//! which it ends. Pure: no I/O and no clock of its own.
//!
//! A report is what one source says of one machine at one moment. Whatever it does not say is `None`, which is not
//! known, and never zero.

mod application;
mod channel;
mod host_name;
mod kms_host;
mod machine_name;
pub mod product_key;
mod renewal;
mod sku;
mod status;
mod view;

pub use application::Application;
pub use channel::{Channel, ChannelKind};
pub use host_name::parse_kms_host;
pub use kms_host::{FailedStart, HostKey, KmsCounts, KmsHost, MAX_HOST_KEYS, MAX_PUBLICATIONS, Publication, Published};
pub use machine_name::{MachineName, MachineNameError};
pub use product_key::PartialProductKey;
pub use sku::ClientSku;
pub use status::LicenseStatus;
pub use view::{MAX_SEEN, Network, Seen, View};

use crate::codes::Code;
use crate::host::HostPort;
use jiff::Timestamp;
use std::ops::RangeInclusive;
use uuid::{Uuid, uuid};

/// The application ID of Windows.
pub const WINDOWS: Uuid = uuid!("55c92734-d682-4d71-983e-d6ec3f16059f");

/// How long an activation by KMS or Active Directory holds, in minutes: 180 days.
pub const VOLUME_VALIDITY: u32 = 259_200;

/// How long a KMS client waits between renewals by default, in minutes: 7 days.
pub const RENEWAL_INTERVAL: u32 = 10_080;

/// How long a KMS client waits before it tries again, in minutes.
pub const RETRY_INTERVAL: u32 = 120;

/// The shortest and the longest interval between attempts or renewals that can be set, in minutes.
pub const INTERVALS: RangeInclusive<u32> = 15..=43_200;

/// The most minutes that are believed of a license that is not activated by volume: ten years.
pub const MAX_MINUTES: u32 = 10 * 366 * 24 * 60;

/// What one source says of one machine at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whom it is about; `None` where the source does not say.
    pub machine: Option<MachineName>,
    /// When this held, by the clock of the machine; `None` where the source does not say.
    pub reported_at: Option<Timestamp>,
    /// Where it comes from.
    pub source: Source,
    /// True where every licensed product of the machine is listed, so that one that is missing is gone.
    pub is_complete: bool,
    /// The ID by which a KMS host counts the machine (CMID).
    pub client_machine_id: Option<Uuid>,
    /// How often the grace periods of Windows can still be reset.
    pub remaining_windows_rearms: Option<u32>,
    /// The version of the licensing service, such as `10.0.17763.2028`.
    pub service_version: Option<String>,
    /// What is known of the machine as a KMS host; `None` where it is none, or nothing is said.
    pub kms_host: Option<KmsHost>,
    pub licenses: Vec<License>,
    /// What the machine sees of its own path.
    pub view: Option<View>,
    /// The agent that reports.
    pub agent: Option<Uuid>,
}

impl Report {
    /// A report that says nothing yet.
    pub const fn new(source: Source) -> Self {
        Self {
            machine: None,
            reported_at: None,
            source,
            is_complete: false,
            client_machine_id: None,
            remaining_windows_rearms: None,
            service_version: None,
            kms_host: None,
            licenses: Vec::new(),
            view: None,
            agent: None,
        }
    }
}

/// Where a report comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The WMI classes of the licensing service, by PowerShell.
    Wmi,
    /// The text of `slmgr`.
    Slmgr,
    /// The text of `ospp.vbs`.
    Ospp,
    ClientEvents,
    /// The events of a KMS host about its clients. A client that is missing there has not asked.
    HostEvents,
    /// The Volume Activation Management Tool.
    Vamt,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 6] = [Self::Wmi, Self::Slmgr, Self::Ospp, Self::ClientEvents, Self::HostEvents, Self::Vamt];

    /// The word for this source in metrics, JSON and the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wmi => "wmi",
            Self::Slmgr => "slmgr",
            Self::Ospp => "ospp",
            Self::ClientEvents => "client_events",
            Self::HostEvents => "host_events",
            Self::Vamt => "vamt",
        }
    }

    /// The source with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == word)
    }
}

/// One licensed product on a machine, as far as a source reports it. The names are those of WMI's
/// `SoftwareLicensingProduct` in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct License {
    /// The SKU, which `slmgr` calls activation ID.
    pub sku: Option<Uuid>,
    /// What it is a license of: [`WINDOWS`], or an Office.
    pub application: Option<Uuid>,
    /// The product with its edition, such as `Windows(R), ServerStandard edition`.
    pub product: Option<String>,
    /// How it is activated.
    pub channel: Option<Channel>,
    /// The last five characters of the key.
    pub partial_product_key: Option<PartialProductKey>,
    /// True for what comes beside a product, such as extended security updates, and does not end it.
    pub is_addon: Option<bool>,
    /// Its state.
    pub status: Option<LicenseStatus>,
    /// Why, as Windows puts it.
    pub reason_code: Option<Code>,
    /// How long it holds.
    pub remaining: Option<Remaining>,
    /// When an evaluation ends, whatever the minutes say.
    pub evaluation_end: Option<Timestamp>,
    /// What the last attempt to activate ended with, where it failed.
    pub last_error: Option<Code>,
    /// The KMS host set by hand.
    pub configured_host: Option<HostPort>,
    /// The KMS host found in DNS, or that was asked last.
    pub discovered_host: Option<HostPort>,
    /// True where Active Directory activated it, and no KMS host.
    pub activated_by_domain: Option<bool>,
    /// Minutes between attempts while not activated.
    pub activation_interval: Option<u32>,
    /// Minutes between renewals while activated.
    pub renewal_interval: Option<u32>,
    /// How many clients a KMS host must count before it activates this one: 25 for Windows clients, 5 for servers and
    /// Office.
    pub required_count: Option<u32>,
    /// How often the grace period of this product can still be reset.
    pub remaining_sku_rearms: Option<u32>,
    /// The same for the application.
    pub remaining_app_rearms: Option<u32>,
}

impl License {
    /// The KMS host it uses: the one set by hand, else the one found. What Active Directory activated uses none,
    /// whatever was set or found before.
    pub fn kms_host(&self) -> Option<&HostPort> {
        let host = self.configured_host.as_ref().or(self.discovered_host.as_ref());
        host.filter(|_| self.activated_by_domain != Some(true))
    }
}

/// How long a license holds, as of its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Remaining {
    /// Without end.
    Permanent,
    /// So many minutes: up to [`VOLUME_VALIDITY`] for one by volume, up to [`MAX_MINUTES`] for any.
    Minutes(u32),
}
