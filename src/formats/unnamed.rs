//! Reports that name no machine, in one text: they are of one machine, or of nobody.

use super::lines::Part;
use super::outputs::{Outputs, are_same_but_for_figures};
use super::{FormatError, Reading};
use crate::license::{License, LicenseStatus, Report, Source, WINDOWS};
use std::collections::HashMap;
use uuid::Uuid;

/// Why reports are skipped of which it is not known whose they are.
const SEVERAL: &str = "several machines and no names; name each, or write one file for each";
const TWICE: &str = "one product twice, with other figures, and nothing shows whether of one machine";
const BESIDE_NAMED: &str = "it names no machine, and others in this text do";
const APART: &str = "no machine is named, and the text has several lists, which may be of several machines; name each, or \
                     write one file for each";
const BROKEN: &str = "no machine is named, and the text goes wrong, so that it may be put together of several";

/// What is known of a text that speaks against one machine, wherever its reports name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Nothing.
    None,
    /// Something in it names its machine: what does not is of nobody.
    BesideNamed,
    /// The reports are of several lists or outputs.
    Apart,
    /// The text goes wrong somewhere: its start and its end may be of two.
    Broken,
}

impl Doubt {
    pub(super) const fn beside(has_named: bool) -> Self {
        if has_named { Self::BesideNamed } else { Self::None }
    }

    /// Why reports that name no machine are skipped.
    fn conflict(self, reports: &[Report]) -> Option<&'static str> {
        match self {
            Self::BesideNamed => Some(BESIDE_NAMED),
            // One of them is of one machine.
            _ if reports.len() < 2 => None,
            Self::None => conflict(reports),
            Self::Apart => Some(APART),
            Self::Broken => Some(BROKEN),
        }
    }
}

/// Hands over the reports that name no machine where they can be of one.
pub(super) fn hand_over(
    held: Vec<Report>,
    doubt: Doubt,
    place: &str,
    reading: &mut Reading<'_>,
    take: &mut dyn FnMut(Report, &mut Reading<'_>),
) {
    let conflict = doubt.conflict(&held);
    for report in held {
        match conflict {
            None => take(report, reading),
            Some(why) => {
                let product = report.licenses.into_iter().find_map(|license| license.product).unwrap_or_default();
                reading.lose(place, why, &product);
            }
        }
    }
}

/// Reads the lines of a part with `read`, which says whether one names a machine. What names none is of the machine that
/// the part is of.
///
/// # Errors
/// [`FormatError::Stopped`] alone.
pub(super) fn read_part(
    part: &Part<'_>,
    outputs: &mut Outputs,
    reading: &mut Reading<'_>,
    read: impl FnOnce(NumberedLines<'_>, &mut Reading<'_>) -> bool,
) -> Result<(), FormatError> {
    let lines = NumberedLines { lines: part.text.lines(), next: part.line };
    let (has_named, nameless) = reading.holding_nameless(|reading| read(lines, reading));
    let place = format!("line {}", part.line);
    hand_over(nameless, Doubt::beside(has_named), &place, reading, &mut |report, reading| {
        outputs.record(report, part.line, reading);
    });
    reading.check()
}

/// Lines with their numbers in the whole text, without the marks of a mail that quotes them.
#[derive(Clone)]
pub(super) struct NumberedLines<'t> {
    lines: std::str::Lines<'t>,
    next: usize,
}

impl<'t> Iterator for NumberedLines<'t> {
    type Item = (usize, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.lines.next()?;
        let number = self.next;
        self.next += 1;
        let unquoted = line.strip_prefix('>').map(|line| line.strip_prefix(' ').unwrap_or(line));
        Some((number, unquoted.unwrap_or(line)))
    }
}

/// What speaks against one machine.
fn conflict(reports: &[Report]) -> Option<&'static str> {
    let mut ids = reports.iter().filter_map(|report| report.client_machine_id);
    let first = ids.next();
    if ids.any(|id| Some(id) != first) {
        return Some(SEVERAL);
    }
    // Events of one license report other things of it, each at its time.
    let licenses = || {
        let reports = reports.iter().filter(|report| report.source == Source::Wmi);
        reports.flat_map(|report| report.licenses.iter().map(|license| (report.reported_at, license)))
    };
    let mut known: HashMap<(Option<Uuid>, Option<String>), _> = HashMap::new();
    let mut windows: Option<&License> = None;
    for (at, license) in licenses() {
        let key = (license.sku, license.product.as_ref().filter(|_| license.sku.is_none()).map(|it| it.to_lowercase()));
        if let Some((known_at, known)) = known.insert(key, (at, license))
            && known != license
            && (known_at == at || !are_same_but_for_figures(known, license))
        {
            return Some(TWICE);
        }
        if is_windows_in_use(license) {
            let is_other = |other: &License| other.sku != license.sku || other.product != license.product;
            if windows.replace(license).is_some_and(is_other) {
                return Some(SEVERAL);
            }
        }
    }
    None
}

/// True for the edition of Windows that a machine uses, of which it has one.
fn is_windows_in_use(license: &License) -> bool {
    let named = license.product.as_deref().and_then(|name| name.get(..7));
    let is_windows = license.application == Some(WINDOWS) || named.is_some_and(|it| it.eq_ignore_ascii_case("windows"));
    let is_lost = license.status.is_none_or(|status| status == LicenseStatus::Unlicensed);
    let is_addon = license.is_addon.unwrap_or_else(|| {
        // Extended security updates, where the query left the flag out.
        license.product.as_deref().is_some_and(|name| name.to_lowercase().contains("add-on") || name.contains("-ESU-"))
    });
    is_windows && !is_addon && (license.partial_product_key.is_some() || !is_lost)
}
