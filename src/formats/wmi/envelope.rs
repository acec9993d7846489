//! What a collector sends: all products of a machine and its service in one object, with the machine's name and the
//! time.

use super::machine::Wrong;
use super::{Around, fields_of, machine, object_of_text, product, service};
use crate::formats::Reading;
use crate::formats::fields::member;
use crate::license::{MachineName, Report, Source, WINDOWS};
use serde_json::{Map, Value};

/// True where the object wraps products or the service.
pub(super) fn is_envelope(object: &Map<String, Value>) -> bool {
    member(object, "products").is_some() || matches!(member(object, "service"), Some(Value::Object(_)))
}

/// Reads an envelope into one report. It is complete where the envelope says so, lists its products, and nothing in
/// these was passed over.
pub(super) fn read(object: &Map<String, Value>, around: &Around, place: &str, reading: &mut Reading<'_>) {
    let own = fields_of(object, place);
    let mut content = Content { report: Report::new(Source::Wmi), wrong: None };
    content.named(machine::name(&own));
    content.report.reported_at = machine::reported_at(&own, reading);
    if let Some(value) = member(object, "service") {
        read_service(value, &mut content, &format!("{place}, service"), reading);
    }
    let passed_over = reading.skipped().count;
    let is_list = match member(object, "products") {
        Some(value) => read_products(value, &mut content, place, reading),
        None => false,
    };
    let Content { mut report, wrong } = content;
    let says_complete = matches!(member(object, "complete"), Some(Value::Bool(true)));
    report.is_complete = says_complete && is_list && reading.skipped().count == passed_over;
    let name = match (report.machine.take(), wrong) {
        (None, Some(wrong)) => Err(wrong),
        (machine, _) => Ok(machine),
    };
    around.complete_and_hand_over(report, name, place, reading);
}

/// What is known of an envelope so far.
struct Content {
    report: Report,
    /// The first name of its machine that is none.
    wrong: Option<Wrong>,
}

impl Content {
    /// Takes in whose something in it is, where that is not known yet.
    fn named(&mut self, name: Result<Option<MachineName>, Wrong>) {
        match name {
            Ok(name) => self.report.machine = self.report.machine.take().or(name),
            Err(wrong) => self.wrong = self.wrong.take().or(Some(wrong)),
        }
    }
}

fn read_service(value: &Value, content: &mut Content, place: &str, reading: &mut Reading<'_>) {
    with_object(value, place, reading, |object, reading| {
        let fields = fields_of(object, place);
        let name = machine::name(&fields);
        if let Err(wrong) = &name
            && !wrong.is_address()
        {
            wrong.skip(place, reading);
        } else {
            service::read(&fields, &mut content.report, reading);
        }
        content.named(name);
    });
}

/// Reads the products. False where there is no list of them: null may be an empty one as well as a query that failed.
fn read_products(value: &Value, content: &mut Content, place: &str, reading: &mut Reading<'_>) -> bool {
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
            let name = machine::name(&fields);
            match (&content.report.machine, &name) {
                (Some(named), Ok(Some(machine))) if !is_same(named, machine) => {
                    return reading.skip(&place, "a product of another machine", machine.as_str());
                }
                (_, Err(wrong)) if !wrong.is_address() => wrong.skip(&place, reading),
                _ => {}
            }
            let is_wrong = name.as_ref().is_err_and(|wrong| !wrong.is_address());
            content.named(name);
            if is_wrong {
                return;
            }
            let report = &mut content.report;
            let of = if found.license.application == Some(WINDOWS) { &mut report.kms_host } else { &mut others };
            service::complete(of, found.kms_host);
            report.licenses.push(found.license);
        });
    }
    service::complete(&mut content.report.kms_host, others);
    true
}

/// True where both names can be of one machine.
fn is_same(one: &MachineName, other: &MachineName) -> bool {
    one.short() == other.short()
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
