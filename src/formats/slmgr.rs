//! The text of `slmgr /dlv`, `/dli` and `/xpr`, in English and Japanese, as `cscript` prints it or as it was copied
//! from a window.
//!
//! It names neither the machine nor the time: the trusted time it prints is in the format of some country, as are the
//! days on which something ends, and 5 July is not to be taken for 7 May. Minutes are the same everywhere.

mod phrases;
pub(super) mod product;
#[cfg(test)]
mod tests;

use super::figures::Count;
use super::lines::{Entries, Entry, fold};
use super::outputs::{Output as Printed, Outputs, name_in_heading};
use super::{FormatError, Reading, figures, text};
use crate::license::{Application, Channel, KmsCounts, KmsHost, LicenseStatus, Report, Source, WINDOWS};
use phrases::{End, Field, PHRASES};
use product::Product;

/// The most licenses that are kept of one machine.
const MAX_LICENSES: usize = 1000;

/// True for the output of `slmgr`, by a line that only it prints.
pub(super) fn recognizes(text: &str) -> bool {
    let start = text.get(..text.floor_char_boundary(text::START)).unwrap_or_default();
    let is_structured = start.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[', '<']);
    let mut has_name = false;
    !is_structured
        && Entries::new(start, PHRASES).any(|entry| match entry.what {
            Some(Field::Name | Field::Description) => {
                has_name = true;
                false
            }
            Some(Field::Expiry(LicenseStatus::Unlicensed, _)) | None => false,
            Some(Field::Status) => has_name && phrases::status(entry.rest_of_line()).is_some(),
            // WMI's own name for it, as `Format-List` shows it.
            Some(Field::PartialKey) => has_name && !entry.first.starts_with("PartialProductKey"),
            Some(
                Field::ServiceVersion
                | Field::StatusIs(_)
                | Field::NotInUse
                | Field::Remaining
                | Field::Expiry(..)
                | Field::ClientMachineId
                | Field::WindowsRearms
                | Field::IsKmsHost,
            ) => true,
            Some(_) => false,
        })
}

/// Reads what one or several machines printed: one report for each.
///
/// # Errors
/// [`FormatError::Stopped`] alone: what is not understood is counted.
pub(super) fn read(text: &str, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let mut output = Output::new(reading);
    for mut entry in Entries::new(text, PHRASES) {
        output.reading.check()?;
        if entry.what.is_none() {
            entry.recognize(phrases::by_what_is_not_translated);
        }
        output.take(&entry);
    }
    output.finish();
    output.outputs.finish(output.reading);
    Ok(())
}

/// True for a text that is not recognized and looks like the output all the same, by what is the same in every
/// language: channels, the application ID of Windows, and the heading of `/xpr`.
pub(super) fn is_in_another_language(text: &str) -> bool {
    let start = text.get(..text.floor_char_boundary(text::START)).unwrap_or_default();
    start.lines().any(|line| {
        let is_channel = |channel: Channel| {
            let word = channel.as_str();
            word == "RETAIL"
                || ["VOLUME_", "OEM_", "TIMEBASED_", "VIRTUAL_MACHINE_"].iter().any(|it| word.starts_with(it))
        };
        let value = line.split_once([':', '\u{ff1a}']).map(|(_, value)| value.trim());
        Channel::from_description(line).is_some_and(is_channel)
            || value.and_then(|value| figures::guid(value, true)) == Some(WINDOWS)
            || (line.starts_with("Windows(R)") && line.trim_end().ends_with("edition:"))
    })
}

/// What one machine printed, as far as it is read.
struct Output<'r, 'a> {
    reading: &'r mut Reading<'a>,
    report: Report,
    product: Option<Product>,
    /// What the host with the key of that product counts.
    counts: Option<KmsCounts>,
    /// True where it is that of `/xpr`, of which each product is a report.
    is_expiry: bool,
    /// The outputs before it.
    outputs: Outputs,
    /// On which line it begins.
    line: usize,
    has_banner: bool,
    /// The last line that is not known, which names the product where `/xpr` follows.
    unknown: Option<(usize, String)>,
}

impl<'r, 'a> Output<'r, 'a> {
    fn new(reading: &'r mut Reading<'a>) -> Self {
        Self {
            reading,
            report: Report::new(Source::Slmgr),
            product: None,
            counts: None,
            is_expiry: false,
            outputs: Outputs::default(),
            line: 0,
            has_banner: false,
            unknown: None,
        }
    }

    fn take(&mut self, entry: &Entry<'_, Field>) {
        if self.line == 0 {
            self.line = entry.number;
        }
        let heading = name_in_heading(entry.rest_of_line()).filter(|_| entry.what == Some(Field::Heading));
        if let Some(name) = heading {
            self.finish();
            return self.outputs.heading(name);
        }
        let Some(field) = entry.what.filter(|field| *field != Field::Heading) else {
            self.skip_unknown();
            self.unknown = Some((entry.number, entry.prose()));
            if let Some(product) = &mut self.product {
                product.may_be_cut = !entry.is_closed;
            }
            return;
        };
        // Some lines mean nothing unless they are whole.
        if field == Field::Expiry(LicenseStatus::Unlicensed, End::None) && !entry.rest_of_line().is_empty() {
            return entry.skip(self.reading, "this is not known");
        }
        if !matches!(field, Field::Expiry(..)) {
            self.skip_unknown();
        }
        match field {
            Field::Banner => {
                self.finish();
                (self.line, self.has_banner) = (entry.number, true);
            }
            Field::ServiceVersion => {
                if self.has_content() {
                    self.finish();
                    self.line = entry.number;
                }
                self.report.service_version = self.figure(entry, figures::version);
            }
            Field::Expiry(status, end) => self.expiry(entry, status, end),
            Field::Foreign => self.finish_product(),
            Field::Name => {
                if self.is_expiry {
                    self.finish();
                    self.line = entry.number;
                }
                self.finish_product();
                self.product = Some(Product::new(entry));
            }
            Field::Known => {}
            _ => self.machine_field(entry, field),
        }
    }

    /// What is said of the machine; anything else is of its product.
    fn machine_field(&mut self, entry: &Entry<'_, Field>, field: Field) {
        match field {
            Field::ClientMachineId => {
                self.report.client_machine_id = self.figure(entry, figures::guid).or(self.report.client_machine_id);
            }
            Field::WindowsRearms => {
                let rearms = self.figure(entry, figures::count).and_then(Count::number);
                self.report.remaining_windows_rearms = rearms.or(self.report.remaining_windows_rearms);
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
        set(self.report.kms_host.get_or_insert_default());
    }

    /// What a KMS host counts is below the product whose key it has, and of its application.
    fn count(&mut self, set: impl FnOnce(&mut KmsCounts)) {
        self.host(|_| ());
        set(self.counts.get_or_insert_default());
    }

    /// Gives what was counted to an application. Without a product, it is what `slmgr` shows by itself: Windows.
    fn finish_counts(&mut self, application: Option<Application>) {
        let Some(counts) = self.counts.take() else { return };
        match application {
            Some(application) => self.host(|host| {
                let known = host.counts.entry(application).or_default();
                *known = known.or_more(counts);
            }),
            None => self.reading.skip("a KMS host", "what it counts is of an application that is not known", ""),
        }
    }

    /// A line of `/xpr`, whose product stands on the line before.
    fn expiry(&mut self, entry: &Entry<'_, Field>, status: LicenseStatus, end: End) {
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
        self.is_expiry = true;
        self.product = Some(Product::of_expiry(name, entry.number, status, end));
    }

    fn skip_unknown(&mut self) {
        if let Some((number, line)) = self.unknown.take().filter(|(_, line)| !is_without_meaning(line)) {
            self.reading.skip_unknown(format_args!("line {number}"), &line);
        }
    }

    fn finish_product(&mut self) {
        let Some(product) = self.product.take() else { return self.finish_counts(Some(Application::Windows)) };
        self.finish_counts(product.application());
        if let Some(license) = product.finish(self.reading) {
            if self.report.licenses.len() < MAX_LICENSES {
                self.report.licenses.push(license);
            } else {
                self.reading.skip("a machine", "it has too many licenses", license.product.as_deref().unwrap_or(""));
            }
        }
    }

    /// True where something was printed that this is the report of.
    fn has_content(&self) -> bool {
        self.product.is_some() || self.report != Report::new(Source::Slmgr)
    }

    /// Hands the report over, unless it says nothing.
    fn finish(&mut self) {
        self.skip_unknown();
        self.finish_product();
        let report = std::mem::replace(&mut self.report, Report::new(Source::Slmgr));
        let printed = Printed { report, line: self.line, has_banner: self.has_banner, is_expiry: self.is_expiry };
        (self.line, self.has_banner, self.is_expiry) = (0, false, false);
        if !printed.report.licenses.is_empty() || printed.report.kms_host.is_some() {
            self.outputs.take(printed, self.reading);
        }
    }
}

/// Names that are in what programs print around the output.
const AROUND: [&str; 6] = ["slmgr", "ospp.vbs", "cscript", "psexe", "markrussinovich", "sysinternals"];

/// True for rules, and for the command line that printed all this.
pub(super) fn is_without_meaning(line: &str) -> bool {
    let line = fold(line);
    !line.contains(char::is_alphanumeric) || AROUND.iter().any(|word| line.contains(word))
}
