//! What the PowerShell module `OSLicense` has beside WMI: its own words, and subscriptions.

use crate::formats::Reading;
use crate::formats::fields::Fields;
use crate::formats::values::{self, Parsed, words};
use crate::license::{License, LicenseStatus};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

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
    let end = fields.read("SubscriptionExpiry", reading, expiry);
    Some(License { product: Some(product), status, evaluation_end: end, ..License::default() })
}

/// The end of a subscription as the service gives it, which is in UTC: `2026-04-13 09:26:53:000`.
pub(in crate::formats) fn expiry(text: &str) -> Parsed<Timestamp> {
    let Some((moment, milliseconds)) = text.rsplit_once(':').filter(|(moment, _)| moment.matches(':').count() == 2)
    else {
        return values::moment::exact_or_utc(text);
    };
    let is_number = milliseconds.bytes().all(|byte| byte.is_ascii_digit());
    let moment: DateTime = moment.parse().map_err(|_| "this is no date that means the same everywhere")?;
    match Offset::UTC.to_timestamp(moment) {
        Ok(moment) if is_number && (2000..=2200).contains(&Offset::UTC.to_datetime(moment).year()) => Ok(Some(moment)),
        _ => Ok(None),
    }
}
