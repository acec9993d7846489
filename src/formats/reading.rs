//! What every reader of a format is given: where its reports go, and where it reports what it skipped.

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
    /// How many reports named their machine so far, be they held back or not.
    named: u64,
    counts: Counts,
    skipped: Skipped,
    /// How bad the worst is of what was skipped.
    worst: Severity,
    replaced: Replaced,
    /// Why nothing comes of a part of the input.
    nothing: Option<Nothing>,
    /// Why a part of the input is refused, the first of all.
    refusal: Option<FormatError>,
    /// Where the part is that is read as a document of its own.
    part: Option<String>,
    /// Reports that are held back until it is known whose they are.
    held: Option<Vec<Report>>,
    /// True once nobody waits for the reports any more.
    stop: Option<&'a AtomicBool>,
    /// Reports that name no machine, where these alone are held back.
    nameless: Option<Vec<Report>>,
}

/// How much of one input was understood, and how much does not matter: lines, objects, rows or events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub understood: u64,
    /// Banners, prompts, headings, blank forms, events of other kinds.
    pub noise: u64,
}

/// What was skipped in one input: how much, and the first of the worst.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Skipped {
    /// How many lines, objects or values.
    pub count: u64,
    /// Where the first is, why it was skipped, and what it says.
    pub first: Option<String>,
}

/// Outputs that do not count, since a later one of the same machine is in the same input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replaced {
    pub count: u64,
    /// The line on which the first of them begins.
    pub first: usize,
}

/// How bad it is that something is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Severity {
    /// Nothing is.
    #[default]
    None,
    /// A line that may not matter.
    Line,
    /// A value, an object or a row.
    Value,
    /// All that is said of a machine.
    Output,
}

/// Why nothing comes of an input that was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    /// Office has no product key.
    NoKey,
    /// The attempt to activate went well, which is no status.
    Attempt,
    /// Its events are of the licensing service, and this is the first, which is not read.
    Event(u64),
}

/// Why it is not known whose an output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unowned {
    /// It cannot be of the same machine as those before it, and there are no names.
    NoNames,
    /// It cannot be of the machine whose name is above it and above others.
    SameName,
    /// What is above it is no name of a machine.
    NoName,
    /// The word above it may be the name of a machine, or something else.
    Word,
    /// Names are above and below it.
    Between,
    /// The name above it is of an earlier output, and a command is in between.
    Session,
    /// The command above it is about a machine in a variable, or about several.
    Command,
    /// Two outputs are mixed in it.
    Mixed,
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
    /// It has a table whose columns are cut or run together, which begins on this line.
    CutTable { line: usize },
    /// Its lines have a time or a machine before them, and this one has none.
    Prefixed { line: usize },
    /// It is a page of HTML without a table that is read.
    Html,
    /// It is not known whose a part of it is. All others were read.
    Unowned {
        /// The line on which that begins.
        line: usize,
        why: Unowned,
        /// What is said in place of a name.
        words: String,
    },
    /// Nobody waits for its reports any more.
    Stopped,
}

/// How many reports without a machine are held at once. No machine has so many licenses in use.
const MAX_HELD: usize = 1000;

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
            Self::CutTable { line } => message!("input-cut-table", line = *line),
            Self::Prefixed { line } => message!("input-prefixed", line = *line),
            Self::Html => message!("input-html"),
            Self::Unowned { line, why, words } => {
                message!("input-unowned", line = *line, why = why.as_str(), words = quoted(words))
            }
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

impl Unowned {
    /// The word for this in the catalogues.
    const fn as_str(self) -> &'static str {
        match self {
            Self::NoNames => "no-names",
            Self::SameName => "same-name",
            Self::NoName => "no-name",
            Self::Word => "word",
            Self::Between => "between",
            Self::Session => "session",
            Self::Command => "command",
            Self::Mixed => "mixed",
        }
    }

    /// What to say of it in the log.
    pub(super) const fn clause(self) -> &'static str {
        match self {
            Self::NoNames => "several machines and no names; one file for each machine, or a heading before each",
            Self::SameName => "another machine than that of the outputs above, and the same name",
            Self::NoName => "this is no name of a machine",
            Self::Word => "the line above may be the name of a machine, or not",
            Self::Between => "there are names above and below, and it may be of either",
            Self::Session => "the name above is of an earlier output",
            Self::Command => "the command above does not name its machine",
            Self::Mixed => "two outputs are mixed in this one",
        }
    }
}

impl Nothing {
    /// What to say of it.
    pub fn message(self) -> Message {
        match self {
            Self::NoKey => message!("input-no-key"),
            Self::Attempt => message!("input-attempt"),
            Self::Event(id) => message!("input-unread-event", id = id.to_string()),
        }
    }
}

impl<'a> Reading<'a> {
    /// A reading whose reports go to `take`.
    pub fn new(take: &'a mut dyn FnMut(Report)) -> Self {
        Self {
            take,
            reports: 0,
            named: 0,
            counts: Counts::default(),
            skipped: Skipped::default(),
            worst: Severity::None,
            replaced: Replaced::default(),
            nothing: None,
            refusal: None,
            part: None,
            held: None,
            nameless: None,
            stop: None,
        }
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
        self.named += u64::from(report.machine.is_some());
        if let Some(nameless) = self.nameless.as_mut().filter(|_| report.machine.is_none()) {
            if nameless.len() < MAX_HELD {
                nameless.push(report);
            } else {
                self.lose("a machine", "it has too many licenses", "");
            }
            return;
        }
        if let Some(held) = &mut self.held {
            held.push(report);
        } else {
            self.reports += 1;
            (self.take)(report);
        }
    }

    /// Reads with `read`, and gives back all reports in place of handing them over.
    pub(super) fn holding<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> (T, Vec<Report>) {
        let (held, nameless) = (self.held.replace(Vec::new()), self.nameless.take());
        let outcome = read(self);
        self.nameless = nameless;
        (outcome, std::mem::replace(&mut self.held, held).unwrap_or_default())
    }

    /// Reads with `read`, and gives back the reports that name no machine in place of handing them over.
    pub(super) fn holding_nameless<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> (T, Vec<Report>) {
        let outer = self.nameless.replace(Vec::new());
        let outcome = read(self);
        (outcome, std::mem::replace(&mut self.nameless, outer).unwrap_or_default())
    }

    /// Reads a document at this place within another. Its reports are held back, and returned.
    pub(super) fn within(
        &mut self,
        place: &str,
        read: impl FnOnce(&mut Self) -> Result<(), FormatError>,
    ) -> (Vec<Report>, Result<(), FormatError>) {
        let part = self.part.replace(place.to_owned());
        let (result, reports) = self.holding(read);
        self.part = part;
        (reports, result)
    }

    /// How many reports named their machine so far.
    pub(super) const fn named(&self) -> u64 {
        self.named
    }

    /// How many reports that name none are held back.
    pub(super) fn nameless(&self) -> usize {
        self.nameless.as_ref().map_or(0, Vec::len)
    }

    /// Counts what is understood: lines, objects, rows or events.
    pub(super) const fn understood(&mut self, count: u64) {
        self.counts.understood += count;
    }

    /// Counts what does not matter: a banner, a prompt, a blank form, an event of another kind.
    pub(super) const fn noise(&mut self, count: u64) {
        self.counts.noise += count;
    }

    /// Counts what is skipped: where it is, why, and what it says. Whole product keys in it are cut.
    pub fn skip(&mut self, place: impl fmt::Display, why: &str, text: &str) {
        self.count(Severity::Value, place, why, text);
    }

    /// Counts an unknown line, which may not matter: it is reported only where nothing else is skipped.
    pub(super) fn skip_unknown(&mut self, place: impl fmt::Display, text: &str) {
        self.count(Severity::Line, place, "this is not known", text);
    }

    /// Counts an output that is lost, with all that it says of a machine.
    pub(super) fn lose(&mut self, place: impl fmt::Display, why: &str, text: &str) {
        self.count(Severity::Output, place, why, text);
    }

    fn count(&mut self, severity: Severity, place: impl fmt::Display, why: &str, text: &str) {
        self.skipped.count += 1;
        if severity > self.worst {
            self.worst = severity;
            let within = self.part.as_ref().map(|part| format!("{part}, ")).unwrap_or_default();
            self.skipped.first = Some(format!("{within}{place}: {why}: {}", quoted(text)));
        }
    }

    /// Counts an output on this line that does not count, since a later one is of the same machine.
    pub(super) fn replace(&mut self, line: usize) {
        self.replaced.count += 1;
        let is_first = self.replaced.count == 1 || line < self.replaced.first;
        self.replaced.first = if is_first { line } else { self.replaced.first };
    }

    /// Says why nothing comes of a part of the input. Of several reasons the first counts.
    pub(super) fn explain(&mut self, nothing: Nothing) {
        self.nothing.get_or_insert(nothing);
    }

    /// Refuses a part of the input, and with it that all of the input is taken. What else is in it is read.
    pub(super) fn refuse(&mut self, why: FormatError) {
        self.refusal.get_or_insert(why);
    }

    /// How the input ends: as it was read, unless a part of it is refused.
    ///
    /// # Errors
    /// The first that went wrong.
    pub(super) fn conclude(&mut self, read: Result<(), FormatError>) -> Result<(), FormatError> {
        read.and_then(|()| self.check()).and_then(|()| self.refusal.take().map_or(Ok(()), Err))
    }

    /// How many reports were handed over so far.
    pub const fn reports(&self) -> u64 {
        self.reports
    }

    pub const fn counts(&self) -> Counts {
        self.counts
    }

    pub const fn skipped(&self) -> &Skipped {
        &self.skipped
    }

    pub const fn replaced(&self) -> Replaced {
        self.replaced
    }

    /// Why nothing came of it, where nothing did.
    pub const fn nothing(&self) -> Option<Nothing> {
        if self.reports == 0 { self.nothing } else { None }
    }
}
