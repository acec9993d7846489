//! One `SoftwareLicensingProduct`, or `OfficeSoftwareProtectionProduct`: a license.

use super::service::host_of;
use crate::codes::Code;
use crate::formats::Reading;
use crate::formats::fields::Fields;
use crate::formats::slmgr;
use crate::formats::values::{self, moment};
use crate::host::{HostPort, KMS_PORT};
use crate::license::{Channel, ClientSku, HostKey, KmsHost, License, LicenseStatus};

/// An object with one of these properties is a product. A name or an ID alone says nothing of its activation.
const MARKS: [&str; 5] =
    ["LicenseStatus", "LicenseStatusReason", "GracePeriodRemaining", "PartialProductKey", "EvaluationEndDate"];

/// Why a product is not licensed for which no key is installed.
const NO_KEY: Code = Code(0xC004_F014);

/// A product that is in use.
pub(super) struct Product {
    pub(super) license: License,
    pub(super) kms_host: Option<KmsHost>,
}

/// True where the object is a product.
pub(super) fn is_product(fields: &Fields<'_>) -> bool {
    MARKS.iter().any(|mark| fields.has(mark))
}

/// Reads a product; `None` for one that is not in use, or of which nothing could be read.
pub(super) fn read(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Product> {
    if is_unused(fields) {
        return None;
    }
    let status = status(fields, reading);
    let channel = channel(fields);
    let minutes = if fields.text("GracePeriodRemaining").is_some_and(|text| text.eq_ignore_ascii_case("Unlimited")) {
        Some(0)
    } else {
        fields.read("GracePeriodRemaining", reading, values::number)
    };
    let remaining = minutes.and_then(|minutes| {
        let remaining = values::remaining(minutes, status, channel.as_ref());
        remaining.unwrap_or_else(|why| {
            reading.skip(fields.place(), why, &format!("GracePeriodRemaining: {minutes}"));
            None
        })
    });
    let by_domain = activated_by_domain(fields);
    let license = License {
        sku: fields.read("ID", reading, values::guid),
        application: fields.read("ApplicationID", reading, values::guid),
        product: fields.text("Name").and_then(values::words),
        channel,
        partial_product_key: fields.read("PartialProductKey", reading, values::partial_key),
        is_addon: fields.read("LicenseIsAddon", reading, values::flag),
        status,
        reason_code: fields.read("LicenseStatusReason", reading, values::code),
        remaining,
        evaluation_end: fields.read("EvaluationEndDate", reading, moment::exact),
        last_error: None,
        configured_host: host(fields, reading, "KeyManagementServiceMachine", "KeyManagementServicePort")
            .filter(|_| by_domain != Some(true)),
        discovered_host: host(
            fields,
            reading,
            "DiscoveredKeyManagementServiceMachineName",
            "DiscoveredKeyManagementServiceMachinePort",
        )
        .filter(|_| by_domain != Some(true)),
        activated_by_domain: by_domain,
        activation_interval: fields.read("VLActivationInterval", reading, values::interval),
        renewal_interval: fields.read("VLRenewalInterval", reading, values::interval),
        required_count: fields.read("RequiredClientCount", reading, values::positive),
        remaining_sku_rearms: fields.read("RemainingSkuReArmCount", reading, values::number),
        remaining_app_rearms: fields.read("RemainingAppReArmCount", reading, values::number),
    };
    let kms_host = host_of(fields, HostKey::of(&license), reading);
    (license != License::default()).then_some(Product { license, kms_host })
}

/// True for one of the hundreds of products that could be installed and are not: without a key, and not licensed or not
/// said to be. Where the query left the column of the key out, only the reason shows it: a machine that has lost its
/// license looks the same otherwise.
fn is_unused(fields: &Fields<'_>) -> bool {
    let status = fields.text("LicenseStatus").map(values::status);
    let is_unlicensed = status == Some(Ok(Some(LicenseStatus::Unlicensed)));
    if fields.has("PartialProductKey") {
        fields.text("PartialProductKey").is_none() && (is_unlicensed || status.is_none())
    } else {
        let reason = fields.text("LicenseStatusReason").map(values::code);
        is_unlicensed && reason == Some(Ok(Some(NO_KEY)))
    }
}

/// The status. The module `OSLicense` writes it in the language of the machine: a word that is not known says nothing.
fn status(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<LicenseStatus> {
    if !fields.is_of_module() {
        return fields.read("LicenseStatus", reading, values::status);
    }
    let text = fields.text("LicenseStatus")?;
    let status = slmgr::status(text).or_else(|| values::status(text).ok().flatten());
    if status.is_none() {
        reading.skip_unknown(fields.place(), &format!("LicenseStatus: {text}"));
    }
    status
}

/// True where Active Directory activated it: such a client needs its domain, and no KMS host. False where the object says
/// that something else did, or has nothing in the properties that would say so.
fn activated_by_domain(fields: &Fields<'_>) -> Option<bool> {
    const OBJECT: [&str; 2] = ["ADActivationObjectName", "ADActivationObjectDN"];
    let is_set = |name: &&str| fields.text(name).is_some_and(|text| !text.eq_ignore_ascii_case("N/A"));
    // By Active Directory, a KMS host, or tokens.
    match fields.text("VLActivationType") {
        Some("1") => Some(true),
        _ if OBJECT.iter().any(is_set) => Some(true),
        Some("2" | "3") => Some(false),
        _ => OBJECT.iter().any(|name| fields.has(name)).then_some(false),
    }
}

/// The channel, as the description has it, else as the key has it, else as the name of the edition ends, else as the SKU
/// says.
fn channel(fields: &Fields<'_>) -> Option<Channel> {
    let described = fields.text("Description").and_then(Channel::from_description);
    let of_key = || fields.text("ProductKeyChannel").and_then(Channel::from_key_channel);
    let of_edition = || fields.text("Name").and_then(channel_of_edition).and_then(Channel::new);
    let sku = || values::guid(fields.text("ID")?).ok().flatten().and_then(ClientSku::of);
    let of_sku = || sku().and_then(|_| Channel::new("VOLUME_KMSCLIENT"));
    described.or_else(of_key).or_else(of_edition).or_else(of_sku)
}

/// The channel that the edition of Office ends in: `Office16StandardVL_KMS_Client edition`. That of Windows has none.
fn channel_of_edition(name: &str) -> Option<&'static str> {
    let (_, edition) = name.rsplit_once(", ")?;
    let edition = edition.strip_suffix(" edition")?;
    let edition = edition.strip_suffix("_AE").unwrap_or(edition);
    let ends = |end: &str| edition.len() > end.len() && edition.ends_with(end);
    if !edition.starts_with("Office") {
        None
    } else if ends("VL_KMS_Client") {
        Some("VOLUME_KMSCLIENT")
    } else if ends("VL_MAK") {
        Some("VOLUME_MAK")
    } else {
        None
    }
}

/// The host in these properties. A port of 0 is the usual one; with one that is wrong the host is not believed either.
fn host(fields: &Fields<'_>, reading: &mut Reading<'_>, name: &str, port: &str) -> Option<HostPort> {
    fields.text(name)?;
    let wrong = reading.skipped().count;
    let port = fields.read(port, reading, values::port).unwrap_or(KMS_PORT);
    let is_right = reading.skipped().count == wrong;
    fields.read(name, reading, |text| values::host(text, port)).filter(|_| is_right)
}
