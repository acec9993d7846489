//! What the lines of `slmgr` may say, whatever language says it.

use crate::license::LicenseStatus;
use uuid::{Uuid, uuid};

/// The application ID of Office since 2013.
pub(in crate::formats) const OFFICE: Uuid = uuid!("0ff1ce15-a989-479d-af46-f275c6370663");

/// The application ID of Office 2010.
pub(in crate::formats) const OFFICE_2010: Uuid = uuid!("59a52881-a989-479d-af46-f275c6370663");

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// The version of the licensing service: the start of `/dlv`.
    ServiceVersion,
    /// The start of a product.
    Name,
    /// The same, after a phrase of a language that is not known.
    ForeignName,
    Description,
    /// The same, after a phrase of a language that is not known.
    ForeignDescription,
    ActivationId,
    ApplicationId,
    KeyChannel,
    InstallationId,
    PartialKey,
    NotInUse,
    Status,
    /// The status, as a whole line.
    StatusIs(LicenseStatus),
    Reason,
    /// Minutes until the status ends.
    Remaining,
    /// What `/xpr` says under the name of a product: the status, and whether it holds without end.
    Expiry(LicenseStatus, End),
    /// What `/xpr` says of two statuses in the same words.
    UnclearExpiry,
    /// The start of an attempt to activate, with the product and its ID.
    Activating,
    /// Its end, where it went well.
    Activated,
    /// Its end, where it failed.
    LastError,
    /// A subscription beside the product: the edition that it gives, its status, its end, and what kind it is.
    SubscriptionEdition,
    SubscriptionStatus,
    SubscriptionExpiry,
    SubscriptionType,
    WindowsRearms,
    SkuRearms,
    AppRearms,
    ClientMachineId,
    /// The object in Active Directory that activated it.
    ByDomain,
    ConfiguredHost,
    DiscoveredHost,
    ActivationInterval,
    RenewalInterval,
    IsKmsHost,
    CurrentCount,
    ListeningPort,
    PublishesDns(bool),
    Requests,
    FailedRequests,
    RequestsBy(LicenseStatus),
    /// The start of what another script printed.
    Foreign,
    /// Known, and nothing to keep: dates in the format of some country, and what no one asks for.
    Known,
}

/// When what `/xpr` says ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Never,
    /// On a day in the format of some country, which is not believed.
    SomeDay,
    /// It has no end, or has ended, and the line has no more to say.
    None,
}
