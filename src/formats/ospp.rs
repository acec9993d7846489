//! The text of `cscript ospp.vbs /dstatus` and `/dstatusall`: blocks between rules, one for each license of Office.
//!
//! The phrases are those of published output; the script prints them in English everywhere. It names neither the
//! machine nor the time.

#[cfg(test)]
mod tests;

use super::folding::fold;
use super::lines::{Entries, Entry, Part, Phrase, phrase_of};
use super::outputs::{Kind, Output as Printed, Outputs};
use super::slmgr::field::{OFFICE, OFFICE_2010};
use super::slmgr::is_without_meaning;
use super::slmgr::product::{channel, error, figure, host, interval, settle_remaining};
use super::tool::{Claim, Tool};
use super::values::product_name;
use super::{FormatError, Nothing, Reading, Unowned, figures};
use crate::license::{License, LicenseStatus, PartialProductKey, Remaining, Report, Source};

pub(super) const TOOL: Tool = Tool { claim, read };

/// The most licenses that are kept of one machine.
const MAX_LICENSES: usize = 1000;

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// The start or the end of what one machine printed.
    Start,
    /// A rule, between blocks.
    Rule,
    Sku,
    Name,
    Description,
    Status,
    ErrorCode,
    Remaining,
    PartialKey,
    ClientMachineId,
    ConfiguredHost,
    DiscoveredHost,
    ActivationInterval,
    RenewalInterval,
    /// The start of an attempt to activate what follows.
    Attempt,
    /// Its end, where it went well.
    Activated,
    /// There is no product key.
    NoKey,
    /// The start of what another script printed.
    Foreign,
    /// Known, and nothing to keep.
    Known,
}

use Field as F;

/// Every phrase. Those after "tolerance" are known from output and have no source here.
const PHRASES: &[&[Phrase<Field>]] = &[&[
    ("---Processing--", F::Start),
    ("---Exiting--", F::Start),
    ("----------", F::Rule),
    ("PRODUCT ID:", F::Known),
    ("SKU ID:", F::Sku),
    ("LICENSE NAME:", F::Name),
    ("LICENSE DESCRIPTION:", F::Description),
    ("BETA EXPIRATION:", F::Known),
    ("LICENSE STATUS:", F::Status),
    ("ERROR CODE:", F::ErrorCode),
    ("REMAINING GRACE:", F::Remaining),
    ("Last 5 characters of installed product key:", F::PartialKey),
    ("KMS machine name from DNS:", F::DiscoveredHost),
    ("KMS machine registry override defined:", F::ConfiguredHost),
    ("Activation Interval:", F::ActivationInterval),
    ("Renewal Interval:", F::RenewalInterval),
    ("KMS host caching:", F::Known),
    ("Activation Type Configuration:", F::Known),
    ("DNS auto-discovery: KMS name not available", F::Known),
    // Tolerance
    ("ERROR DESCRIPTION:", F::Known),
    ("Client Machine ID (CMID):", F::ClientMachineId),
    ("Processing...", F::Known),
    ("Successfully applied setting.", F::Known),
    ("NOTICE: A KB article has been detected for activation failure:", F::Known),
    ("FOR MORE INFORMATION PLEASE VISIT:", F::Known),
    // Quotes around a line are lost, and this begins like one.
    ("No installed product keys detected>", F::NoKey),
    ("<No installed product keys detected>", F::NoKey),
    ("Installed product key detected - attempting to activate", F::Attempt),
    ("<Product activation successful>", F::Activated),
    ("Software licensing service version:", F::Foreign),
    ("Name:", F::Foreign),
]];

/// What a line is to this format.
fn claim(line: &str) -> Claim {
    match PHRASES.iter().find_map(|phrases| phrase_of(line, phrases)) {
        None | Some((F::Foreign | F::Rule, _)) => Claim::No,
        Some((F::Status, rest)) if !rest.trim_start().starts_with("---") && !rest.trim().is_empty() => Claim::No,
        // An empty property of WMI is written so, but for the blank.
        Some((F::Status, rest)) if rest.trim().is_empty() && !line.to_ascii_uppercase().contains("LICENSE STATUS") => {
            Claim::No
        }
        Some((F::ErrorCode, _)) => Claim::Shared,
        Some((F::Start, _)) if fold(line).starts_with("---processing") => Claim::First,
        Some(_) => Claim::Own,
    }
}

/// Reads what one machine printed, once or several times.
///
/// # Errors
/// [`FormatError::Stopped`] alone: what is not understood is counted.
fn read(part: &Part<'_>, outputs: &mut Outputs, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let mut output = Output {
        reading,
        outputs,
        report: Report::new(Source::Ospp),
        block: Block::default(),
        line: 0,
        is_foreign: false,
        head: None,
        printed_head: None,
    };
    for entry in Entries::of(part, PHRASES) {
        output.reading.check()?;
        output.take(&entry);
    }
    output.finish();
    Ok(())
}

/// What one machine printed, as far as it is read.
struct Output<'o, 'r, 'a> {
    reading: &'r mut Reading<'a>,
    outputs: &'o mut Outputs,
    report: Report,
    block: Block,
    /// On which line it begins.
    line: usize,
    /// True while another script speaks.
    is_foreign: bool,
    /// The last line that is not known, up to the next that says something.
    head: Option<String>,
    /// That right before the output.
    printed_head: Option<String>,
}

/// One license as far as it is read.
#[derive(Default)]
struct Block {
    license: License,
    number: usize,
    has_begun: bool,
    /// True where it is what was tried to be activated.
    is_attempt: bool,
    /// The line right before it, where it is not known.
    head: Option<String>,
    /// The lines that were read of it, each once.
    seen: Vec<Field>,
    /// True where one came twice: two outputs are mixed.
    is_mixed: bool,
    /// Where an end is reported, believed or not.
    end_line: Option<usize>,
}

impl Output<'_, '_, '_> {
    fn take(&mut self, entry: &Entry<'_, Field>) {
        if self.line == 0 {
            self.line = entry.number;
        }
        let Some(field) = entry.what else {
            if is_without_meaning(entry.first) {
                self.reading.noise(1);
            } else {
                self.reading.skip_unknown(format_args!("line {}", entry.number), entry.first);
                self.head = Some(entry.first.to_owned());
            }
            return;
        };
        let is_frame = matches!(field, Field::Start | Field::Rule);
        if is_frame {
            self.reading.noise(1);
        } else {
            self.reading.understood(1);
        }
        let head = if is_frame { None } else { self.head.take() };
        match field {
            Field::Start if !self.block.has_begun && self.report == Report::new(Source::Ospp) => {}
            Field::Start => self.finish(),
            Field::Rule => self.finish_block(),
            Field::Foreign => {
                self.finish_block();
                entry.skip(self.reading, "this is of another script");
            }
            Field::NoKey => {
                self.finish_block();
                self.reading.explain(Nothing::NoKey);
            }
            Field::Attempt => {
                self.finish_block();
                (self.block.is_attempt, self.block.head) = (true, head);
            }
            Field::Activated => {
                if self.block.is_attempt {
                    let Block { license, number, .. } = std::mem::take(&mut self.block);
                    self.reading.explain(Nothing::Attempt);
                    self.outputs.activated(license, number, self.reading);
                }
            }
            Field::Known => return,
            Field::ClientMachineId => {
                let id = figure(entry, self.reading, figures::guid);
                self.report.client_machine_id = id.or(self.report.client_machine_id);
            }
            _ => {
                // Where a rule got lost, the next license shows by what this one has already.
                if self.block.has(field) {
                    self.finish_block();
                }
                if self.is_foreign && !matches!(field, Field::Sku | Field::Name) {
                    return entry.skip(self.reading, "no license is named before this");
                }
                if !self.block.has_begun {
                    self.block.head = self.block.head.take().or(head);
                }
                self.block.take(entry, field, self.reading);
            }
        }
        self.is_foreign = match field {
            Field::Foreign => true,
            Field::ClientMachineId => self.is_foreign,
            _ => false,
        };
    }

    fn finish_block(&mut self) {
        let mut block = std::mem::take(&mut self.block);
        let (number, head) = (block.number, block.head.take());
        if let Some(license) = block.finish(self.reading) {
            let is_full = self.report.licenses.len() == MAX_LICENSES;
            if !is_full && self.report.licenses.iter().any(|other| is_same(other, &license)) {
                self.hand_over();
                self.line = number;
            }
            if self.report.licenses.is_empty() {
                self.printed_head = head;
            }
            if self.report.licenses.len() < MAX_LICENSES {
                self.report.licenses.push(license);
            } else {
                self.reading.skip("a machine", "it has too many licenses", license.product.as_deref().unwrap_or(""));
            }
        }
    }

    /// Hands the report over, unless it says nothing.
    fn finish(&mut self) {
        self.finish_block();
        self.hand_over();
    }

    fn hand_over(&mut self) {
        let report = std::mem::replace(&mut self.report, Report::new(Source::Ospp));
        let printed =
            Printed { report, line: self.line, kind: Kind::Run, identity: None, head: self.printed_head.take() };
        self.line = 0;
        if !printed.report.licenses.is_empty() {
            self.outputs.take(printed, self.reading);
        }
    }
}

impl Block {
    /// True where the license has this already, so that it begins another.
    fn has(&self, field: Field) -> bool {
        match field {
            Field::Sku => self.license.sku.is_some() || self.license.product.is_some(),
            Field::Name => self.license.product.is_some() || self.license.status.is_some(),
            _ => false,
        }
    }

    fn take(&mut self, entry: &Entry<'_, Field>, field: Field, reading: &mut Reading<'_>) {
        if !self.has_begun {
            (self.has_begun, self.number) = (true, entry.number);
        }
        if self.seen.contains(&field) {
            self.is_mixed = true;
        } else {
            self.seen.push(field);
        }
        let license = &mut self.license;
        match field {
            Field::Sku => license.sku = figure(entry, reading, figures::guid),
            Field::Name => license.product = entry.is_closed.then(|| product_name(&entry.prose())).flatten(),
            Field::Description => license.channel = channel(entry),
            Field::Status => license.status = figure(entry, reading, |text, _| status(text)),
            Field::ErrorCode if self.is_attempt => license.last_error = error(entry, reading),
            Field::ErrorCode => license.reason_code = error(entry, reading),
            Field::Remaining => {
                self.end_line = Some(entry.number);
                license.remaining = figure(entry, reading, figures::minutes_and_days).map(Remaining::Minutes);
            }
            Field::PartialKey => {
                license.partial_product_key = figure(entry, reading, |text, _| PartialProductKey::new(text));
            }
            Field::ConfiguredHost => license.configured_host = host(entry, reading),
            Field::DiscoveredHost => license.discovered_host = host(entry, reading),
            Field::ActivationInterval => license.activation_interval = interval(entry, reading),
            Field::RenewalInterval => license.renewal_interval = interval(entry, reading),
            _ => {}
        }
    }

    /// The license, unless it is one of the many that `/dstatusall` lists and the machine does not use.
    fn finish(self, reading: &mut Reading<'_>) -> Option<License> {
        let Self { mut license, number, has_begun, is_attempt, is_mixed, end_line, .. } = self;
        let has_key = license.partial_product_key.is_some();
        let is_unused = !has_key && license.status == Some(LicenseStatus::Unlicensed);
        if is_unused {
            reading.noise(1);
        }
        if !has_begun || is_unused || (is_attempt && license.last_error.is_none()) {
            return None;
        }
        let place = format!("line {number}");
        if is_mixed {
            reading.lose(place, Unowned::Mixed.clause(), "");
            reading.refuse(FormatError::Unowned { line: number, why: Unowned::Mixed, words: String::new() });
            return None;
        }
        if license.product.is_none() && license.sku.is_none() {
            reading.lose(place, "no license is named before this", "");
            return None;
        }
        let product = license.product.as_deref().unwrap_or_default();
        if !has_key && license.status.is_none() && license.remaining.is_none() {
            reading.skip(place, "the status of this license is not reported", product);
            return None;
        }
        let folded = fold(product);
        license.application = match folded.as_str() {
            _ if folded.starts_with("office14") => Some(OFFICE_2010),
            _ if folded.starts_with("office") => Some(OFFICE),
            _ => None,
        };
        // The key is after the grace that remains, and so shows that none was cut off.
        let place = format!("line {}", end_line.unwrap_or(number));
        settle_remaining(&mut license, has_key && end_line.is_none(), place, reading);
        Some(license)
    }
}

/// True for one license that comes twice, as where the output of two runs is filtered.
fn is_same(one: &License, other: &License) -> bool {
    one.product.is_some()
        && one.product == other.product
        && one.sku == other.sku
        && one.partial_product_key == other.partial_product_key
}

/// The status between dashes.
fn status(text: &str) -> Option<LicenseStatus> {
    let text = text.trim();
    let word = text.strip_prefix("---")?.strip_suffix("---")?;
    let word: String = fold(word).replace(['_', '-'], "");
    match word.as_str() {
        "unlicensed" => Some(LicenseStatus::Unlicensed),
        "licensed" => Some(LicenseStatus::Licensed),
        "oobgrace" => Some(LicenseStatus::OobGrace),
        "ootgrace" => Some(LicenseStatus::OotGrace),
        "nongenuinegrace" => Some(LicenseStatus::NonGenuineGrace),
        "notification" | "notifications" => Some(LicenseStatus::Notification),
        "extendedgrace" => Some(LicenseStatus::ExtendedGrace),
        _ => None,
    }
}
