//! The text of `slmgr /dlv`, `/dli`, `/xpr` and `/ato`, in the languages of [`phrases`], as `cscript` prints it or as it
//! was copied from a window. In any other language what is the same in all of them is read, and the status is unknown.
//!
//! It names neither the machine nor the time: the trusted time it prints is in the format of some country, as are the
//! days on which something ends, and 5 July is not to be taken for 7 May. Minutes are the same everywhere.

pub(super) mod field;
mod languages;
mod phrases;
pub(super) mod product;
mod subscription;
#[cfg(test)]
mod tests;
mod untranslated;

use super::figures::Count;
use super::folding::fold;
use super::lines::{Entries, Entry, Part};
use super::outputs::{Kind, Output as Printed, Outputs};
use super::tool::Tool;
use super::{FormatError, Nothing, Reading, Unowned, figures};
use crate::license::{Application, HostKey, KmsCounts, KmsHost, License, LicenseStatus, Report, Source, WINDOWS};
use field::{End, Field};
use phrases::PHRASES;
use product::Product;
use uuid::Uuid;

pub(super) const TOOL: Tool = Tool { claim: phrases::claim, read };

/// The most licenses that are kept of one machine.
const MAX_LICENSES: usize = 1000;

/// Reads what one machine printed, once or several times.
///
/// # Errors
/// [`FormatError::Stopped`] alone: what is not understood is counted.
fn read(part: &Part<'_>, outputs: &mut Outputs, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let mut output = Output::new(outputs, reading);
    for mut entry in Entries::of(part, PHRASES) {
        output.reading.check()?;
        if entry.what.is_none() {
            let is_foreign = output.is_foreign;
            entry.recognize(|phrase, value| untranslated::field(phrase, value, is_foreign));
        }
        output.take(&entry);
    }
    output.finish();
    let (is_empty, is_foreign) = (output.printed == 0, output.is_foreign);
    let is_foreign = is_foreign && !untranslated::has_english(part.text);
    if is_empty && (is_foreign || untranslated::is_in_another_language(part.text)) {
        reading.refuse(FormatError::OtherLanguage);
    }
    Ok(())
}

/// True for a text that is not recognized and looks like the output all the same.
pub(super) fn is_in_another_language(text: &str) -> bool {
    untranslated::is_in_another_language(text)
}

/// What one run printed, as far as it is read.
struct Output<'o, 'r, 'a> {
    reading: &'r mut Reading<'a>,
    outputs: &'o mut Outputs,
    report: Report,
    identity: Option<String>,
    product: Option<Product>,
    /// What the host with the key of that product counts.
    counts: Option<KmsCounts>,
    /// What is said of the machine since the product began.
    facts: Facts,
    /// [`Kind::Expiry`] where it is that of `/xpr`, of which each product is a report.
    kind: Kind,
    /// True where it lists products that the machine does not use.
    is_list: bool,
    /// On which line it begins.
    line: usize,
    /// The last line that is not known, which names the product where `/xpr` follows.
    unknown: Option<(usize, String)>,
    /// True where the phrases are those of a language that is not known.
    is_foreign: bool,
    /// How many outputs were handed over.
    printed: usize,
    /// The last line that is not known and was passed, up to the next that is known.
    head: Option<String>,
    /// That right before the product, and right before the output.
    product_head: Option<String>,
    printed_head: Option<String>,
}

/// What is said of the machine.
#[derive(Default)]
struct Facts {
    client_machine_id: Option<Uuid>,
    rearms: Option<u32>,
    kms_host: Option<KmsHost>,
    installation_id: Option<String>,
}

impl<'o, 'r, 'a> Output<'o, 'r, 'a> {
    fn new(outputs: &'o mut Outputs, reading: &'r mut Reading<'a>) -> Self {
        Self {
            reading,
            outputs,
            report: Report::new(Source::Slmgr),
            identity: None,
            product: None,
            counts: None,
            facts: Facts::default(),
            kind: Kind::Run,
            is_list: false,
            line: 0,
            unknown: None,
            is_foreign: false,
            printed: 0,
            head: None,
            product_head: None,
            printed_head: None,
        }
    }

    fn take(&mut self, entry: &Entry<'_, Field>) {
        if self.line == 0 {
            self.line = entry.number;
        }
        let Some(field) = entry.what else {
            self.skip_unknown();
            let prose = entry.prose();
            if untranslated::attempt(&prose).is_some() {
                return self.attempt(entry);
            }
            if let Some((name, status, end)) = phrases::glued(&prose) {
                self.unknown = Some((entry.number, name.to_owned()));
                let head = self.head.take();
                return self.expiry(entry, status, end, head);
            }
            self.unknown = Some((entry.number, prose));
            if let Some(product) = &mut self.product {
                product.may_be_cut = !entry.is_closed;
            }
            return;
        };
        // Some lines mean nothing unless they are whole.
        if field == Field::Expiry(LicenseStatus::Unlicensed, End::None) && !entry.rest_of_line().is_empty() {
            return entry.skip(self.reading, "this is not known");
        }
        if !matches!(field, Field::Expiry(..) | Field::UnclearExpiry) {
            self.skip_unknown();
        }
        self.reading.understood(1);
        let head = self.head.take();
        self.head = entry.heading_behind().map(ToOwned::to_owned);
        match field {
            Field::ServiceVersion => {
                if self.has_content() {
                    self.finish();
                    self.line = entry.number;
                }
                self.printed_head = head;
                self.report.service_version = self.figure(entry, figures::version);
            }
            Field::Expiry(status, end) => self.expiry(entry, status, end, head),
            Field::UnclearExpiry => {
                self.skip_unknown();
                entry.skip(self.reading, "these words are used of two states");
            }
            Field::Foreign => self.finish_product(),
            Field::Name | Field::ForeignName => {
                if self.kind == Kind::Expiry {
                    self.finish();
                    self.line = entry.number;
                }
                self.finish_product();
                self.is_foreign |= field == Field::ForeignName;
                self.product = Some(Product::new(entry));
                self.product_head = head;
            }
            Field::Activating => self.attempt(entry),
            Field::Activated => {
                if let Some(product) = self.product.take_if(|product| product.is_attempt()) {
                    self.reading.explain(Nothing::Attempt);
                    let line = product.number();
                    self.outputs.activated(product.into_license(), line, self.reading);
                }
            }
            Field::Known => {}
            Field::ForeignDescription => {
                self.is_foreign = true;
                self.machine_field(entry, Field::Description);
            }
            _ => self.machine_field(entry, field),
        }
    }

    /// What is said of the machine; anything else is of its product.
    fn machine_field(&mut self, entry: &Entry<'_, Field>, field: Field) {
        match field {
            Field::ClientMachineId => {
                self.facts.client_machine_id = self.figure(entry, figures::guid).or(self.facts.client_machine_id);
            }
            Field::InstallationId => {
                let digits: String = entry.prose().chars().filter(char::is_ascii_digit).collect();
                // Where it was made anonymous it is all zeros.
                let is_one = digits.len() >= 54 && !digits.bytes().all(|digit| digit == b'0');
                self.facts.installation_id = (is_one && entry.is_closed).then_some(digits);
            }
            Field::WindowsRearms => {
                let rearms = self.figure(entry, figures::count).and_then(Count::number);
                self.facts.rearms = rearms.or(self.facts.rearms);
            }
            Field::IsKmsHost => self.host(|_| ()),
            Field::PublishesDns(publishes) => self.host(|host| host.publishes_dns = Some(publishes)),
            Field::CurrentCount => {
                let count = self.figure(entry, figures::count).and_then(Count::number);
                self.count(|counts| counts.current = count);
            }
            Field::ListeningPort => {
                let port = |text: &str, is_closed| {
                    figures::count(text, is_closed)?
                        .number()
                        .and_then(|port| u16::try_from(port).ok())
                        .filter(|port| *port != 0)
                };
                let port = self.figure(entry, port);
                self.host(|host| host.listening_port = port);
            }
            Field::Requests => {
                let count = self.figure(entry, figures::count).and_then(Count::number);
                self.count(|counts| counts.requests = count);
            }
            Field::FailedRequests => {
                let count = self.figure(entry, figures::count).and_then(Count::number);
                self.count(|counts| counts.failed_requests = count);
            }
            Field::RequestsBy(status) => {
                let count = self.figure(entry, figures::count).and_then(Count::number);
                self.count(|counts| {
                    if let Some(slot) = counts.requests_by_status.get_mut(usize::from(status.number())) {
                        *slot = count;
                    }
                });
            }
            _ => match &mut self.product {
                Some(product) => product.take(entry, field, self.reading),
                None => entry.skip(self.reading, "no product is named before this"),
            },
        }
    }

    /// A figure, or a value counted as skipped where it is none.
    fn figure<T>(&mut self, entry: &Entry<'_, Field>, parse: impl Fn(&str, bool) -> Option<T>) -> Option<T> {
        product::figure(entry, self.reading, parse)
    }

    fn host(&mut self, set: impl FnOnce(&mut KmsHost)) {
        set(self.facts.kms_host.get_or_insert_default());
    }

    /// What a KMS host counts is below the product whose key it has.
    fn count(&mut self, set: impl FnOnce(&mut KmsCounts)) {
        self.host(|_| ());
        set(self.counts.get_or_insert_default());
    }

    /// Gives what was counted to a key. Without a product, it is what `slmgr` shows by itself: Windows.
    fn finish_counts(&mut self, key: Option<HostKey>) {
        let Some(counts) = self.counts.take() else { return };
        match key {
            Some(key) => self.host(|host| {
                let known = host.counts.entry(key).or_default();
                *known = known.or_more(counts);
            }),
            None => self.reading.skip("a KMS host", "what it counts is of an application that is not known", ""),
        }
    }

    /// A line of `/xpr`, whose product is on the line before.
    fn expiry(&mut self, entry: &Entry<'_, Field>, status: LicenseStatus, end: End, head: Option<String>) {
        let heading = self.unknown.take();
        let Some(name) = heading.as_ref().and_then(|(_, line)| line.strip_suffix([':', '\u{ff1a}'])) else {
            self.unknown = heading;
            self.skip_unknown();
            return entry.skip(self.reading, "no product is named before this");
        };
        if self.has_content() {
            self.finish();
            self.line = entry.number;
        }
        self.printed_head = head;
        self.kind = Kind::Expiry;
        self.product = Some(Product::of_expiry(name, entry.number, status, end));
    }

    /// The start of an attempt to activate, whose end is on the next line.
    fn attempt(&mut self, entry: &Entry<'_, Field>) {
        let Some((name, sku)) = untranslated::attempt(entry.first) else {
            return entry.skip(self.reading, "this is not what belongs here");
        };
        self.finish();
        self.line = entry.number;
        self.printed_head = self.head.take();
        self.product = Some(Product::of_attempt(name, sku, entry.number));
    }

    fn skip_unknown(&mut self) {
        if let Some((number, line)) = self.unknown.take() {
            if is_without_meaning(&line) {
                self.reading.noise(1);
            } else {
                self.reading.skip_unknown(format_args!("line {number}"), &line);
                self.head = Some(line);
            }
        }
    }

    /// Adds the product that was read to the report, or begins another where it cannot be of the same run.
    fn finish_product(&mut self) {
        let product = self.product.take();
        self.finish_counts(product.as_ref().map_or(Some(Application::Windows.into()), Product::host_key));
        let facts = std::mem::take(&mut self.facts);
        let head = self.product_head.take();
        let Some(product) = product else { return self.add(facts) };
        let number = product.number();
        if product.is_mixed() {
            let line = number;
            self.reading.lose(format_args!("line {line}"), Unowned::Mixed.clause(), "");
            self.reading.refuse(FormatError::Unowned { line, why: Unowned::Mixed, words: String::new() });
            return;
        }
        let mut product = product;
        let step_up = product.take_step_up();
        let Some(license) = product.finish(self.is_foreign, self.reading) else {
            self.is_list = true;
            return self.add(facts);
        };
        let is_full = self.report.licenses.len() == MAX_LICENSES;
        let is_list = self.is_list;
        if !is_full && self.report.licenses.iter().any(|other| is_of_another_run(other, &license, is_list)) {
            self.hand_over();
            self.line = number;
        }
        if self.report.licenses.is_empty() {
            self.printed_head = self.printed_head.take().or(head);
        }
        for license in [Some(license), step_up].into_iter().flatten() {
            if self.report.licenses.len() < MAX_LICENSES {
                self.report.licenses.push(license);
            } else {
                self.reading.skip("a machine", "it has too many licenses", license.product.as_deref().unwrap_or(""));
            }
        }
        self.add(facts);
    }

    fn add(&mut self, facts: Facts) {
        let Facts { client_machine_id, rearms, kms_host, installation_id } = facts;
        let report = &mut self.report;
        report.client_machine_id = client_machine_id.or(report.client_machine_id);
        report.remaining_windows_rearms = rearms.or(report.remaining_windows_rearms);
        if let Some(kms_host) = kms_host {
            report.kms_host.get_or_insert_default().add(kms_host);
        }
        self.identity = self.identity.take().or(installation_id);
    }

    /// True where something was printed that this is the report of.
    fn has_content(&self) -> bool {
        let Facts { client_machine_id, rearms, kms_host, .. } = &self.facts;
        self.product.is_some()
            || self.report != Report::new(Source::Slmgr)
            || client_machine_id.is_some()
            || rearms.is_some()
            || kms_host.is_some()
    }

    /// Hands the report over, unless it says nothing.
    fn finish(&mut self) {
        self.skip_unknown();
        self.finish_product();
        self.hand_over();
    }

    fn hand_over(&mut self) {
        let report = std::mem::replace(&mut self.report, Report::new(Source::Slmgr));
        let printed = Printed {
            report,
            line: self.line,
            kind: self.kind,
            identity: self.identity.take(),
            head: self.printed_head.take(),
        };
        (self.line, self.kind, self.is_list) = (0, Kind::Run, false);
        if !printed.report.licenses.is_empty() || printed.report.kms_host.is_some() {
            self.printed += 1;
            self.outputs.take(printed, self.reading);
        }
    }
}

pub(super) use phrases::status;

/// True where two products cannot be of one run: one that comes twice, or two editions of Windows, each with a key,
/// where not all products are listed.
fn is_of_another_run(one: &License, other: &License, is_list: bool) -> bool {
    let is_edition = |license: &License| {
        let name = license.product.as_deref().map(fold).unwrap_or_default();
        license.application == Some(WINDOWS)
            && license.partial_product_key.is_some()
            && !["add-on", "addon", "esu"].iter().any(|word| name.contains(word))
    };
    let is_same = one.product.is_some()
        && one.product == other.product
        && one.sku == other.sku
        && one.partial_product_key == other.partial_product_key;
    is_same || (!is_list && is_edition(one) && is_edition(other))
}

/// Names that are in what programs print around the output.
const AROUND: [&str; 6] = ["slmgr", "ospp.vbs", "cscript", "psexe", "markrussinovich", "sysinternals"];

/// True for rules, and for the command line that printed all this.
pub(super) fn is_without_meaning(line: &str) -> bool {
    let line = fold(line);
    !line.contains(char::is_alphanumeric) || AROUND.iter().any(|word| line.contains(word))
}
