//! Objects of the licensing service's WMI classes, as PowerShell writes them in JSON and CSV:
//! `SoftwareLicensingProduct` and `SoftwareLicensingService`, those of Office of the same kind, and what a collector
//! wraps around them.

mod around;
mod csv;
mod envelope;
mod machine;
mod product;
mod service;
mod shell_text;
mod subscription;
mod view;

pub(super) use around::Around;
pub(super) use csv::{read_csv, recognizes_csv};
pub(super) use envelope::is_envelope;
pub(super) use shell_text::object_of_text;

use super::Reading;
use super::fields::Fields;
use super::object::{Object, Value};
use crate::license::{MachineName, Report, Source};

/// Reads one object, of which each kind gives one report at most. False where it is of no kind that is known, which the
/// caller counts. What it does not say of its machine and its time is taken from what is around it.
pub(super) fn read_object(object: &Object<'_>, around: &Around, place: &str, reading: &mut Reading<'_>) -> bool {
    if is_envelope(object) {
        envelope::read(object, around, place, reading);
        return true;
    }
    read_fields(&fields_of(object, place), around, reading)
}

/// Reads a product, a subscription or the service. False where it is none of these.
pub(super) fn read_fields(fields: &Fields<'_>, around: &Around, reading: &mut Reading<'_>) -> bool {
    let mut report = Report::new(Source::Wmi);
    if product::is_product(fields) {
        let Some(found) = product::read(fields, reading) else { return true };
        if service::is_service(fields) {
            // `Get-OSLicenseInfo` has both in one object.
            service::read(fields, &mut report, reading);
        }
        report.licenses.push(found.license);
        report.kms_host = found.kms_host.or(report.kms_host);
    } else if subscription::is_subscription(fields) {
        let Some(license) = subscription::read(fields, reading) else { return true };
        report.licenses.push(license);
    } else if service::is_service(fields) {
        service::read(fields, &mut report, reading);
    } else {
        return false;
    }
    report.reported_at = machine::reported_at(fields, reading);
    around.complete_and_hand_over(report, machine::name(fields), fields.place(), reading);
    true
}

/// The machine that the properties name.
pub(super) fn machine_of(fields: &Fields<'_>) -> Option<MachineName> {
    machine::name(fields).ok().flatten()
}

/// The properties of an object, and those of CIM beside them that are of use.
fn fields_of<'a>(object: &'a Object<'a>, place: &str) -> Fields<'a> {
    let mut fields = Fields::of_object(object, place.to_owned());
    if let Some(system) = object.get("CimSystemProperties").and_then(Value::object) {
        for name in ["ServerName", "ClassName"] {
            if let Some(text) = system.get(name).and_then(Value::text) {
                fields.push(name, text);
            }
        }
    }
    fields.renamed()
}

#[cfg(test)]
mod tests;
