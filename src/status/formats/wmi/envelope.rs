//! What a collector sends: all products of a machine and its service in one object, with the machine's name and the
//! time.

use super::{fields_of, machine, object_of_text, product, service};
use crate::license::{MachineName, Report, Source, WINDOWS};
use crate::status::formats::Reading;
use crate::status::formats::fields::member;
use serde_json::{Map, Value};
use std::net::IpAddr;

/// True where the object wraps products or the service.
pub(super) fn is_envelope(object: &Map<String, Value>) -> bool {
    member(object, "products").is_some() || matches!(member(object, "service"), Some(Value::Object(_)))
}

/// Reads an envelope into one report. It is complete where the envelope says so, lists its products, and nothing in
/// these was passed over.
pub(super) fn read(object: &Map<String, Value>, place: &str, reading: &mut Reading<'_>) {
    let own = fields_of(object, place);
    let mut report = Report::new(Source::Wmi);
    report.machine = machine::name(&own, reading);
    report.reported_at = machine::reported_at(&own, reading);
    if let Some(value) = member(object, "service") {
        read_service(value, &mut report, &format!("{place}, service"), reading);
    }
    let passed_over = reading.skipped().count;
    let is_list = match member(object, "products") {
        Some(value) => read_products(value, &mut report, place, reading),
        None => false,
    };
    let says_complete = matches!(member(object, "complete"), Some(Value::Bool(true)));
    report.is_complete = says_complete && is_list && reading.skipped().count == passed_over;
    reading.report(report);
}

fn read_service(value: &Value, report: &mut Report, place: &str, reading: &mut Reading<'_>) {
    with_object(value, place, reading, |object, reading| {
        let fields = fields_of(object, place);
        service::read(&fields, report, reading);
        report.machine = report.machine.take().or_else(|| machine::name(&fields, reading));
    });
}

/// Reads the products. False where there is no list of them: null may be an empty one as well as a query that failed.
fn read_products(value: &Value, report: &mut Report, place: &str, reading: &mut Reading<'_>) -> bool {
    let products = match value {
        Value::Array(products) => products.as_slice(),
        Value::Null => return false,
        // PowerShell 5.1 writes a list in an object so.
        Value::Object(object) => match member(object, "value") {
            Some(Value::Array(products)) => products.as_slice(),
            _ => std::slice::from_ref(value),
        },
        _ => std::slice::from_ref(value),
    };
    // Of several products that are KMS hosts the one of Windows speaks for the machine, after the service.
    let mut others = None;
    for (index, value) in products.iter().enumerate() {
        let place = format!("{place}, product {}", index + 1);
        with_object(value, &place, reading, |object, reading| {
            let fields = fields_of(object, &place);
            if !product::is_product(&fields) {
                reading.skip(&place, "no product, with the members", &fields.names());
                return;
            }
            let Some(found) = product::read(&fields, reading) else { return };
            let machine = machine::name(&fields, reading);
            if let (Some(named), Some(machine)) = (&report.machine, &machine)
                && !is_same(named, machine)
            {
                reading.skip(&place, "a product of another machine", machine.as_str());
                return;
            }
            report.machine = report.machine.take().or(machine);
            let of = if found.license.application == Some(WINDOWS) { &mut report.kms_host } else { &mut others };
            service::complete(of, found.kms_host);
            report.licenses.push(found.license);
        });
    }
    service::complete(&mut report.kms_host, others);
    true
}

/// True where both names can be of one machine. An address is how someone came to it, and no name.
fn is_same(one: &MachineName, other: &MachineName) -> bool {
    let is_address = |name: &MachineName| name.as_str().parse::<IpAddr>().is_ok();
    is_address(one) || is_address(other) || one.short() == other.short()
}

/// Hands over an object, be it one or the text of one. What is neither is passed over.
fn with_object(
    value: &Value,
    place: &str,
    reading: &mut Reading<'_>,
    read: impl FnOnce(&Map<String, Value>, &mut Reading<'_>),
) {
    match value {
        Value::Object(object) => read(object, reading),
        Value::Null => {}
        Value::String(text) => match object_of_text(text) {
            Some(object) => read(&object, reading),
            None => reading.skip(place, "no object", text),
        },
        other => reading.skip(place, "no object", &other.to_string()),
    }
}
