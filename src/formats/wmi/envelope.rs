//! What a collector sends: all products of a machine and its service in one object, with the machine's name and the
//! time.

use super::machine::Wrong;
use super::{Around, fields_of, machine, object_of_text, product, service, view};
use crate::formats::Reading;
use crate::formats::object::{Object, Value};
use crate::license::{KmsHost, MachineName, Report, Source};

/// The most licenses that are kept of one machine.
const MAX_LICENSES: usize = 1000;

/// True where the object wraps products or the service.
pub(in crate::formats) fn is_envelope(object: &Object<'_>) -> bool {
    object.get("products").is_some() || object.get("service").is_some_and(Value::is_object)
}

/// Reads an envelope into one report. It is complete where the envelope says so, lists its products, and nothing in
/// these was skipped.
pub(super) fn read(object: &Object<'_>, around: &Around, place: &str, reading: &mut Reading<'_>) {
    let own = fields_of(object, place);
    let mut content = Content { report: Report::new(Source::Wmi), wrong: None };
    content.named(machine::name(&own));
    content.report.reported_at = machine::reported_at(&own, reading);
    content.report.view = view::read(object);
    content.report.agent = view::agent(object);
    if let Some(value) = object.get("service") {
        read_service(value, &mut content, &format!("{place}, service"), reading);
    }
    let passed_over = reading.skipped().count;
    let is_list = match object.get("products") {
        Some(value) => read_products(value, &mut content, place, reading),
        None => false,
    };
    let Content { mut report, wrong } = content;
    let says_complete = object.get("complete").and_then(Value::flag) == Some(true);
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

fn read_service(value: Value<'_>, content: &mut Content, place: &str, reading: &mut Reading<'_>) {
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
fn read_products(value: Value<'_>, content: &mut Content, place: &str, reading: &mut Reading<'_>) -> bool {
    if value.is_null() {
        return false;
    }
    let (mut hosts, mut number) = (None, 0);
    let mut each = |value: Value<'_>| {
        number += 1;
        read_product(value, content, &mut hosts, &format!("{place}, product {number}"), reading);
    };
    // PowerShell 5.1 writes a list in an object so.
    let in_object = value.object().and_then(|object| object.get("value"));
    if !value.each(&mut each) && !in_object.is_some_and(|list| list.each(&mut each)) {
        each(value);
    }
    service::complete(&mut content.report.kms_host, hosts);
    true
}

fn read_product(
    value: Value<'_>,
    content: &mut Content,
    hosts: &mut Option<KmsHost>,
    place: &str,
    reading: &mut Reading<'_>,
) {
    if reading.check().is_err() {
        return;
    }
    with_object(value, place, reading, |object, reading| {
        let fields = fields_of(object, place);
        if !product::is_product(&fields) {
            reading.skip(place, "no product, with the members", &fields.names());
            return;
        }
        let Some(found) = product::read(&fields, reading) else { return };
        let name = machine::name(&fields);
        match (&content.report.machine, &name) {
            (Some(named), Ok(Some(machine))) if !is_same(named, machine) => {
                return reading.skip(place, "a product of another machine", machine.as_str());
            }
            (_, Err(wrong)) if !wrong.is_address() => wrong.skip(place, reading),
            _ => {}
        }
        let is_wrong = name.as_ref().is_err_and(|wrong| !wrong.is_address());
        content.named(name);
        if is_wrong {
            return;
        }
        let report = &mut content.report;
        if report.licenses.len() >= MAX_LICENSES {
            return reading.skip(place, "the machine has too many licenses", &fields.names());
        }
        service::add(hosts, found.kms_host);
        report.licenses.push(found.license);
    });
}

/// True where both names can be of one machine.
fn is_same(one: &MachineName, other: &MachineName) -> bool {
    one.short() == other.short()
}

/// Hands over an object, be it one or the text of one. What is neither is skipped.
fn with_object(
    value: Value<'_>,
    place: &str,
    reading: &mut Reading<'_>,
    read: impl FnOnce(&Object<'_>, &mut Reading<'_>),
) {
    if let Some(object) = value.object() {
        read(&object, reading);
    } else if let Some(text) = value.text() {
        match object_of_text(&text) {
            Some(object) => read(&object, reading),
            None => reading.skip(place, "no object", &text),
        }
    } else if !value.is_null() {
        reading.skip(place, "no object", value.written());
    }
}
