//! One product on one machine, as the columns of the table and of the console name it.

use crate::formats::Reading;
use crate::formats::fields::Fields;
use crate::formats::values::{self, Parsed, moment, squeezed};
use crate::host::{HostPort, KMS_PORT};
use crate::license::{Channel, License, LicenseStatus, MachineName, Report, Source};
use jiff::Timestamp;

/// The names under which each value is, without spaces and in lower case. Whole keys are under `KeyValue` and
/// `ProductKey`, which are not read.
pub(super) const MACHINE: [&str; 6] =
    ["fullyqualifieddomainname", "computername", "machinename", "hostname", "computer", "machine"];
pub(super) const PRODUCT: [&str; 2] = ["productname", "product"];
pub(super) const STATUS: [&str; 1] = ["licensestatus"];
pub(super) const KEY_TYPE: [&str; 2] = ["productkeytype", "keytype"];
pub(super) const PARTIAL_KEY: [&str; 3] = ["partialproductkey", "last5characters", "last5charactersofproductkey"];
pub(super) const GRACE_END: [&str; 3] = ["graceexpirationdate", "graceperiodexpirationdate", "graceexpiration"];
const DESCRIPTION: [&str; 2] = ["productdescription", "description"];
const REASON: [&str; 1] = ["licensestatusreason"];
const UPDATED: [&str; 1] = ["licensestatuslastupdated"];
const SKU: [&str; 3] = ["sku", "skuid", "activationid"];
const APPLICATION: [&str; 1] = ["applicationid"];
const CLIENT_MACHINE: [&str; 2] = ["cmid", "clientmachineid"];
const KMS_HOST: [&str; 1] = ["kmshost"];
const KMS_HOST_PORT: [&str; 1] = ["kmsport"];
const LAST_ERROR: [&str; 1] = ["lasterrorcode"];

/// Reads a product. `around` is the machine it is under, where the product itself names none. One without a machine
/// is skipped: an export is about many, and nothing else shows whose it is.
pub(super) fn read(fields: &Fields<'_>, around: Option<&MachineName>, reading: &mut Reading<'_>) {
    let mut columns = Columns { fields, reading };
    let Some(machine) = columns.machine(around) else { return };
    if columns.is_unused() {
        return;
    }
    let mut report = Report::new(Source::Vamt);
    report.machine = Some(machine);
    report.reported_at = columns.value(&UPDATED, moment::exact_or_utc);
    report.client_machine_id = columns.value(&CLIENT_MACHINE, values::guid);
    let license = columns.license(report.reported_at);
    if license != License::default() {
        report.licenses.push(license);
        columns.reading.report(report);
    }
}

/// Values by the names of their columns.
struct Columns<'f, 't, 'r, 'a> {
    fields: &'f Fields<'t>,
    reading: &'r mut Reading<'a>,
}

impl<'f> Columns<'f, '_, '_, '_> {
    fn text(&self, names: &[&str]) -> Option<&'f str> {
        let text = names.iter().find_map(|name| self.fields.text(name))?;
        // So tools for SQL write what is not set.
        Some(text).filter(|text| !text.eq_ignore_ascii_case("NULL"))
    }

    fn value<T>(&mut self, names: &[&str], parse: impl FnOnce(&str) -> Parsed<T>) -> Option<T> {
        let text = self.text(names)?;
        parse(text).unwrap_or_else(|why| {
            let name = names.iter().find(|name| self.fields.has(name)).copied().unwrap_or_default();
            self.reading.skip(self.fields.place(), why, &format!("{name}: {text}"));
            None
        })
    }

    /// Whose the product is.
    fn machine(&mut self, around: Option<&MachineName>) -> Option<MachineName> {
        let wrong = self.reading.skipped().count;
        let mut found = self.value(&MACHINE, values::machine);
        // One that is named, and wrongly, is not taken for another.
        if self.reading.skipped().count > wrong {
            return None;
        }
        found = found.or_else(|| around.cloned());
        // The console may call the machine by its name alone, beside the name of the product.
        if found.is_none() && PRODUCT.iter().any(|name| self.fields.has(name)) {
            found = self.value(&["name"], values::machine);
        }
        if found.is_none() && self.reading.skipped().count == wrong {
            let why = "a product without the name of its machine, with the columns";
            self.reading.skip(self.fields.place(), why, &self.fields.names());
        }
        found
    }

    /// True for a product that is not in use: without a key and not licensed.
    fn is_unused(&self) -> bool {
        let status = self.text(&STATUS).map(values::status);
        self.text(&PARTIAL_KEY).is_none() && status == Some(Ok(Some(LicenseStatus::Unlicensed)))
    }

    fn license(&mut self, reported_at: Option<Timestamp>) -> License {
        let status = self.value(&STATUS, values::status);
        let channel = self.channel();
        let grace_end = self.value(&GRACE_END, moment::exact_or_utc);
        let minutes = grace_end.zip(reported_at).and_then(|(end, now)| minutes_between(now, end));
        let remaining = minutes.and_then(|minutes| {
            let remaining = values::remaining(minutes, status, channel.as_ref());
            remaining.unwrap_or_else(|why| {
                self.reading.skip(self.fields.place(), why, &format!("until the grace expiration: {minutes}"));
                None
            })
        });
        License {
            sku: self.value(&SKU, values::guid),
            application: self.value(&APPLICATION, values::guid),
            product: self.text(&PRODUCT).and_then(values::words),
            partial_product_key: self.value(&PARTIAL_KEY, values::partial_key),
            status,
            reason_code: self.value(&REASON, values::code),
            remaining,
            last_error: self.value(&LAST_ERROR, values::code),
            configured_host: self.kms_host(),
            channel,
            ..License::default()
        }
    }

    /// The channel, as the description has it, else from the type of the key.
    fn channel(&self) -> Option<Channel> {
        let described = self.text(&DESCRIPTION).and_then(Channel::from_description);
        described.or_else(|| channel_of_key_type(self.text(&KEY_TYPE)?))
    }

    fn kms_host(&mut self) -> Option<HostPort> {
        self.text(&KMS_HOST)?;
        let wrong = self.reading.skipped().count;
        let port = self.value(&KMS_HOST_PORT, values::port).unwrap_or(KMS_PORT);
        let is_right = self.reading.skipped().count == wrong;
        self.value(&KMS_HOST, |text| values::host(text, port)).filter(|_| is_right)
    }
}

/// Whole minutes from one moment to a later one. None where nothing is left: whether that is no end or one that is past
/// is not reported.
fn minutes_between(from: Timestamp, to: Timestamp) -> Option<u32> {
    let minutes = (to.as_second() - from.as_second()) / 60;
    // What is more than can be believed stays so.
    (minutes > 0).then(|| u32::try_from(minutes).unwrap_or(u32::MAX))
}

/// The channel of a type of product keys, in words. What the numbers of the types mean is not public.
fn channel_of_key_type(text: &str) -> Option<Channel> {
    let word = match squeezed(text).as_str() {
        "mak" | "volumemak" => "VOLUME_MAK",
        "kmsclient" | "gvlk" | "kmsclientgvlk" | "volumegvlk" => "VOLUME_KMSCLIENT",
        "csvlk" | "kmshost" | "kmshostcsvlk" | "volumecsvlk" => "VOLUME_KMS",
        "retail" => "RETAIL",
        "evaluation" | "eval" => "TIMEBASED_EVAL",
        word if word.starts_with("oem") => "OEM",
        _ => return None,
    };
    Channel::new(word)
}
