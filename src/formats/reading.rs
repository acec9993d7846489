//! What every reader of a format is given: where its reports go, and where it reports what it skipped.

use super::unnamed::MAX_HELD;
use crate::catalogue::{Message, message};
use crate::license::Report;
use crate::words::quoted;
use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

/// Takes the reports out of one input, and keeps count of what was not understood in it.
pub struct Reading<'a> {
    take: &'a mut dyn FnMut(Report),
    reports: u64,
    skipped: Skipped,
    /// True while the first of what was skipped is a line that may not matter.
    is_first_unknown: bool,
    /// True once nobody waits for the reports any more.
    stop: Option<&'a AtomicBool>,
    /// Reports that name no machine, where they are held.
    held: Option<Vec<Report>>,
    /// The first event that is not read.
    unread_event: Option<u64>,
}

/// What was skipped in one input: how much, and the first of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Skipped {
    /// How many lines, objects or values.
    pub count: u64,
    /// Where the first is, why it was skipped, and what it says.
    pub first: Option<String>,
}

/// Why nothing more can be read from an input. What was read before stays read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormatError {
    /// There is nothing in it.
    Empty,
    /// It is not text at all.
    NotText(&'static str),
    /// It is text, but nothing this program reads.
    Unknown,
    /// It is the text of slmgr in a language in which its phrases are not known.
    OtherLanguage,
    /// It begins as a known format and then goes wrong, or ends in the middle.
    Malformed {
        /// Where, such as `line 12`.
        place: String,
        /// What is wrong there.
        detail: String,
    },
    /// It is a page of HTML without a table that is read.
    Html,
    /// Nobody waits for its reports any more.
    Stopped,
}

/// How the detail of an input begins that ends in the middle, whatever its format.
const CUT_OFF: &str = "it ends in the middle";

impl FormatError {
    /// What to say of it.
    pub fn message(&self) -> Message {
        match self {
            Self::Empty => message!("input-empty"),
            Self::NotText(detail) => message!("input-not-text", detail = *detail),
            Self::Unknown => message!("input-unknown"),
            Self::OtherLanguage => message!("input-other-language"),
            Self::Malformed { place, detail } => {
                let (kind, number) = place.split_once(' ').unwrap_or(("other", place));
                message!("input-malformed", kind = kind, number = number, place = place, error = detail)
            }
            Self::Html => message!("input-html"),
            Self::Stopped => message!("input-stopped"),
        }
    }

    /// True where what was read is the beginning of something longer.
    pub fn is_cut_off(&self) -> bool {
        matches!(self, Self::Malformed { detail, .. } if detail.starts_with(CUT_OFF))
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(formatter)
    }
}

impl Error for FormatError {}

impl<'a> Reading<'a> {
    /// A reading whose reports go to `take`.
    pub fn new(take: &'a mut dyn FnMut(Report)) -> Self {
        Self { take, reports: 0, skipped: Skipped::default(), is_first_unknown: false, stop: None, held: None, unread_event: None }
    }

    /// A reading that ends with [`FormatError::Stopped`] soon after `stop` has become true. From then on it hands
    /// nothing over.
    pub fn stoppable(take: &'a mut dyn FnMut(Report), stop: &'a AtomicBool) -> Self {
        Self { stop: Some(stop), ..Self::new(take) }
    }

    /// Asks whether to go on, which every reader does at each line, row, element or object.
    ///
    /// # Errors
    /// [`FormatError::Stopped`] where nobody waits for the reports any more.
    pub fn check(&self) -> Result<(), FormatError> {
        let is_stopped = self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        if is_stopped { Err(FormatError::Stopped) } else { Ok(()) }
    }

    /// Hands a report over.
    pub fn report(&mut self, report: Report) {
        if self.check().is_err() {
            return;
        }
        match self.held.as_mut().filter(|_| report.machine.is_none()) {
            Some(held) if held.len() < MAX_HELD => held.push(report),
            Some(_) => self.skip("a machine", "it has too many licenses", ""),
            None => {
                self.reports += 1;
                (self.take)(report);
            }
        }
    }

    /// Reads with `read`, and gives back all reports in place of handing them over.
    pub(super) fn holding_all<T>(&mut self, read: impl FnOnce(&mut Reading<'_>) -> T) -> (T, Vec<Report>) {
        let mut held = Vec::new();
        let mut take = |report| held.push(report);
        let mut inner = Reading {
            take: &mut take,
            reports: 0,
            skipped: std::mem::take(&mut self.skipped),
            is_first_unknown: self.is_first_unknown,
            stop: self.stop,
            held: None,
            unread_event: self.unread_event,
        };
        let outcome = read(&mut inner);
        let Reading { skipped, is_first_unknown, unread_event, .. } = inner;
        (self.skipped, self.is_first_unknown, self.unread_event) = (skipped, is_first_unknown, unread_event);
        (outcome, held)
    }

    /// Reads with `read`, and gives back the reports that name no machine in place of handing them over.
    pub(super) fn holding_nameless<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> (T, Vec<Report>) {
        let outer = self.held.replace(Vec::new());
        let outcome = read(self);
        (outcome, std::mem::replace(&mut self.held, outer).unwrap_or_default())
    }

    /// Notes an event that is not read.
    pub(super) fn explain_unread_event(&mut self, id: u64) {
        self.unread_event.get_or_insert(id);
    }

    /// Counts what is skipped: where it is, why, and what it says. Whole product keys in it are cut.
    pub fn skip(&mut self, place: impl fmt::Display, why: &str, text: &str) {
        self.skipped.count += 1;
        if self.skipped.first.is_none() || std::mem::take(&mut self.is_first_unknown) {
            self.skipped.first = Some(noted(place, why, text));
        }
    }

    /// Counts an unknown line, which may not matter: it is reported only where nothing else is skipped.
    pub(super) fn skip_unknown(&mut self, place: impl fmt::Display, text: &str) {
        self.skipped.count += 1;
        if self.skipped.first.is_none() {
            self.skipped.first = Some(noted(place, "this is not known", text));
            self.is_first_unknown = true;
        }
    }

    /// How many reports were handed over so far.
    pub const fn reports(&self) -> u64 {
        self.reports
    }

    pub const fn skipped(&self) -> &Skipped {
        &self.skipped
    }
}

fn noted(place: impl fmt::Display, why: &str, text: &str) -> String {
    format!("{place}: {why}: {}", quoted(text))
}
