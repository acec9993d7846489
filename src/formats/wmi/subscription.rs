//! What the PowerShell module `OSLicense` has beside WMI: its own words, and subscriptions.

use crate::formats::Reading;
use crate::formats::fields::Fields;
use crate::formats::values::{self, words};
use crate::license::{License, LicenseStatus};

/// What the status of a subscription is called by number, in `SubscriptionStatusValue`.
const ACTIVE: u32 = 1;
const EXPIRED: u32 = 110;
const NOT_INSTALLED: u32 = 120;

/// True for what `Get-SubscriptionLicenseInfo` gives.
pub(super) fn is_subscription(fields: &Fields<'_>) -> bool {
    fields.has("SubscriptionStatusValue")
}

/// Reads a subscription; `None` where there is none. One that is expired is lost. One that is not active says nothing of
/// the edition below it, which has a license of its own.
pub(super) fn read(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<License> {
    let value = fields.read("SubscriptionStatusValue", reading, values::number)?;
    let status = match value {
        NOT_INSTALLED => return None,
        ACTIVE => Some(LicenseStatus::Licensed),
        EXPIRED => Some(LicenseStatus::Unlicensed),
        _ => None,
    };
    let product = fields.text("SubscriptionEdition").and_then(words)?;
    let end = fields.read("SubscriptionExpiry", reading, values::moment::of_subscription);
    Some(License { product: Some(product), status, evaluation_end: end, ..License::default() })
}
