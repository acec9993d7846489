//! Divides a text into what tools printed and what is around it.

use super::heading::{Heading, document_after, heading, is_rule};
use super::prompt::{Prompt, Target, prompt, prompt as prompt_of};
use super::tools::TOOLS;
use crate::formats::lines::{Line, Lines, Part};
use crate::formats::machine_names::{is_label, is_name, name_among};
use crate::formats::tool::{Claim, Tool};
use crate::formats::{FormatError, Reading};
use std::iter::Peekable;

/// The most items that a text is divided into.
const MAX_ITEMS: usize = 200_000;

/// How far in a name by itself may be that is a heading, in columns.
const MAX_INDENTATION: usize = 8;

/// How far a line that a console broke may be from its width: an indentation that got lost, and a wide character that did
/// not fit.
const LOST: usize = 5;

/// How wide a window is at least that is as wide as its widest line, in columns.
const MIN_WINDOW: usize = 100;

/// How much of a command is kept for a quote, in characters.
const MAX_QUOTE: usize = 100;

/// What a text is divided into.
pub(super) enum Item<'t> {
    /// What a tool printed.
    Part {
        part: Part<'t>,
        tool: &'static Tool,
    },
    /// Lines that no tool claims.
    Other(Part<'t>),
    /// What the script host says of itself, before the output of a script.
    Banner,
    /// The beginning of a section of an agent.
    Section,
    Prompt(Whose),
    Name(Name),
}

/// Whom the output after a prompt is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    /// The machine where the prompt is.
    Here,
    Machine(Box<str>),
    /// It is not in the command, of which this is a quote.
    Unclear(Box<str>),
}

/// The name of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) text: Box<str>,
    pub(super) line: usize,
    pub(super) place: Place,
}

/// Where a name is, beside what is about its machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Printed by a program that runs others on that machine, before what it prints.
    Command,
    /// The same, behind what it printed.
    Behind,
    /// The machine of the whole session.
    Session,
    /// A heading before it.
    Heading,
    /// A word, or a label, before or behind it.
    Beside,
    /// A label, as long as it is not known whether it is right before an output, and one that may be of a server.
    Label,
    Server,
    /// What may be a name before it, or something else.
    Doubtful,
    /// The end of what another name is about.
    End,
}

/// Divides a text. Prompts, headings and banners are counted as noise.
///
/// # Errors
/// [`FormatError::Stopped`], and [`FormatError::Malformed`] where it has too many parts.
pub(super) fn divide<'t>(whole: &Part<'t>, reading: &mut Reading<'_>) -> Result<Vec<Item<'t>>, FormatError> {
    let mut division = Division {
        whole: *whole,
        items: Vec::new(),
        open: None,
        since: vec![None; TOOLS.len()],
        label: None,
        awaits_name: false,
        width_before: 0,
        is_below_rule: false,
        word_before: None,
        is_of_agent: false,
        last_name: None,
    };
    let mut lines = whole.lines().peekable();
    while let Some(line) = lines.next() {
        reading.check()?;
        let at = line.number;
        division.take(line, &mut lines, reading);
        if division.items.len() > MAX_ITEMS {
            let detail = "the text has more than 200,000 parts".to_owned();
            return Err(FormatError::Malformed { place: format!("line {at}"), detail });
        }
    }
    division.settle_label();
    division.close(whole.start + whole.text.len());
    Ok(division.items)
}

/// Where a line begins: its number, and its first byte.
#[derive(Debug, Clone, Copy)]
struct Mark {
    line: usize,
    start: usize,
}

/// A name after a label that a tool claims too, of which it shows later whose it is.
struct Label {
    mark: Mark,
    name: Name,
    claims: Vec<Claim>,
    /// The tool of the part that was open before it.
    open: Option<usize>,
}

impl Label {
    fn is_of(&self, tool: Option<usize>) -> bool {
        tool.and_then(|tool| self.claims.get(tool)).is_some_and(|claim| match claim {
            Claim::No => false,
            Claim::Shared => true,
            // It prints such a label too, but never first.
            Claim::Own | Claim::First => self.open == tool,
        })
    }
}

struct Division<'t> {
    whole: Part<'t>,
    items: Vec<Item<'t>>,
    /// The part that is open, with the number of its tool.
    open: Option<(Mark, Option<usize>)>,
    /// For each tool, where the first line is that may be of it, since the last that is surely of one.
    since: Vec<Option<Mark>>,
    /// A name after a label, in a line that may be of a tool.
    label: Option<Label>,
    /// True after a command that prints the name of the machine.
    awaits_name: bool,
    /// How wide the line before was, in columns.
    width_before: usize,
    /// True where the line before is a rule.
    is_below_rule: bool,
    /// The line before, where it is a word that names nothing.
    word_before: Option<&'t str>,
    /// True in the section in which an agent says on which machine it runs.
    is_of_agent: bool,
    /// The name that was found last.
    last_name: Option<Box<str>>,
}

impl<'t> Division<'t> {
    fn take(&mut self, line: Line<'t>, lines: &mut Peekable<Lines<'t>>, reading: &mut Reading<'_>) {
        let mark = Mark { line: line.number, start: line.start };
        let width_before = std::mem::replace(&mut self.width_before, line.width);
        let is_below_rule = std::mem::replace(&mut self.is_below_rule, is_rule(line.text)) && !line.follows_blank;
        let word_before = self.word_before.take().filter(|_| !line.follows_blank);
        if let Some((name, place)) = boxed(&line, is_below_rule, lines) {
            self.boundary(mark);
            reading.noise(1);
            return self.name(Name { text: name.into(), line: mark.line, place });
        }
        let mut claims = self.claims(&line, lines);
        let mut said = heading(line.text);
        let is_asked = matches!(said, Some(Heading::Label(_) | Heading::Server(_)))
            && lines.peek().is_some_and(|next| next.text.starts_with("Address"));
        if is_asked {
            // What nslookup prints first is a server that was asked, and then the machine that was asked for.
            claims.fill(Claim::No);
            said = None;
        }
        let label = match said {
            Some(Heading::Label(name)) if self.is_of_agent => Some((name, Place::Session)),
            Some(Heading::Label(name)) => Some((name, Place::Label)),
            Some(Heading::Server(name)) => Some((name, Place::Server)),
            Some(Heading::Here(name)) => Some((name, Place::Session)),
            _ => None,
        };
        let is_sure = |tool: usize| claims.get(tool).is_some_and(|claim| claim.is_sure()) && label.is_none();
        let open = self.tool().filter(|tool| is_sure(*tool));
        if let Some(claimant) = open.or_else(|| (0..TOOLS.len()).find(|tool| is_sure(*tool))) {
            return self.claimed(claimant, mark);
        }
        if claims.iter().any(|claim| *claim != Claim::No) {
            for (since, claim) in self.since.iter_mut().zip(&claims) {
                if *claim != Claim::No {
                    since.get_or_insert(mark);
                }
            }
            if let Some((name, place)) = label {
                self.settle_label();
                let name = Name { text: name.into(), line: mark.line, place };
                self.label = Some(Label { mark, name, claims, open: self.tool() });
            }
            return self.goes_on(mark);
        }
        let is_first_answer = std::mem::take(&mut self.awaits_name);
        if let Some(prompt) = prompt(line.text) {
            self.boundary(mark);
            reading.noise(1);
            return self.prompt(&prompt, &line, lines, reading);
        }
        let (name, place) = match said {
            None | Some(Heading::Title(_)) => {
                let is_far_in = line.width > line.text.len() + MAX_INDENTATION;
                let is_rest = is_far_in || self.breaks_at(width_before, &line);
                match self.another_name(line.text).filter(|_| !is_rest && begins_output(lines, self.tool().is_none())) {
                    Some(name) => (name, Place::Doubtful),
                    None => return self.goes_on(mark),
                }
            }
            Some(Heading::Noise) => return self.goes_on(mark),
            Some(Heading::Bare(name)) if is_first_answer => (name, Place::Session),
            // The rest of a value that a list broke is as far in as values are.
            Some(Heading::Bare(_)) if line.width > line.text.len() + MAX_INDENTATION => return self.goes_on(mark),
            Some(Heading::Bare(name)) => {
                self.word_before = Some(name);
                // Below another word it may be the only value of a table, whose column that is.
                let is_value = word_before.is_some_and(|word| !is_label(word) && !word.eq_ignore_ascii_case("name"));
                let is_sure = is_name(name);
                // Behind a line that may be of a tool, it may be the rest of that.
                let is_behind_other = self.tool().is_none() && self.since.iter().all(Option::is_none);
                let may_begin = is_sure || line.follows_blank || is_behind_other;
                // A line may be as long as a console is wide by chance: above an output, a name is no rest of it.
                let is_rest = !is_sure && self.breaks_at(width_before, &line);
                if !may_begin || is_rest || !begins_output(lines, self.tool().is_none()) {
                    return self.goes_on(mark);
                }
                (name, if is_sure && !is_value { Place::Beside } else { Place::Doubtful })
            }
            Some(Heading::Label(name)) => (name, label.map_or(Place::Label, |(_, place)| place)),
            Some(Heading::Server(name)) => (name, Place::Server),
            Some(Heading::Here(name)) => (name, Place::Session),
            Some(Heading::Before(name)) => (name, Place::Command),
            Some(Heading::After(name)) => (name, Place::Behind),
            Some(Heading::Ruled(name) | Heading::Announced(name)) => (name, Place::Heading),
            Some(Heading::End) => ("", Place::End),
            Some(Heading::Section) => {
                self.boundary(mark);
                self.items.push(Item::Section);
                self.is_of_agent = line.text.starts_with("<<<check_mk");
                return reading.noise(1);
            }
            Some(Heading::Banner) => {
                self.boundary(mark);
                reading.noise(1);
                return self.items.push(Item::Banner);
            }
        };
        self.boundary(mark);
        reading.noise(1);
        self.name(Name { text: name.into(), line: mark.line, place });
        if let Some(start) = document_after(line.text).and_then(|before| self.place_in(&line, before)) {
            self.open = Some((Mark { line: mark.line, start }, None));
            skip_document(&line, lines);
        }
    }

    fn name(&mut self, name: Name) {
        self.last_name = Some(name.text.clone());
        self.items.push(Item::Name(name));
    }

    /// The name in a sentence below an output, unless it is the name of that: what follows may be of that machine. What
    /// is behind a label is about something else.
    fn another_name(&self, line: &'t str) -> Option<&'t str> {
        let has_label =
            line.split_once([':', '=']).is_some_and(|(_, value)| !value.trim_matches(['=', ' ']).is_empty());
        if has_label {
            return None;
        }
        let is_output = |item: &Item<'_>| matches!(item, Item::Part { .. });
        let is_below_output = self.tool().is_some() || self.items.last().is_some_and(is_output);
        let name = name_among(line).filter(|_| is_below_output)?;
        let is_known = self.last_name.as_ref().is_some_and(|last| last.eq_ignore_ascii_case(name));
        (!is_known).then_some(name)
    }

    /// Where in the text it is what is so many bytes behind the start of a line without blanks and quotes around it.
    fn place_in(&self, line: &Line<'_>, before: usize) -> Option<usize> {
        let rest = self.whole.text.get(line.start.checked_sub(self.whole.start)?..)?;
        Some(line.start + rest.find(line.text)? + before)
    }

    /// Which tools print such a line.
    fn claims(&self, line: &Line<'t>, lines: &mut Peekable<Lines<'t>>) -> Vec<Claim> {
        let claims = claims(line.text);
        match lines.peek().filter(|next| self.breaks_at(line.width, next)) {
            // A label may be broken too.
            Some(next) if claims.iter().all(|claim| *claim == Claim::No) => {
                self::claims(&[line.text, next.text].concat())
            }
            _ => claims,
        }
    }

    /// True where a console that is as wide as the text broke the line before, of such a width, so that this is its rest.
    fn breaks_at(&self, width: usize, line: &Line<'_>) -> bool {
        let columns = self.whole.columns;
        // Consoles are so wide, and two more where a mail quotes them.
        let is_usual = columns.is_multiple_of(20) || columns.saturating_sub(2).is_multiple_of(20);
        !line.follows_blank && is_usual && width + LOST >= columns
    }

    /// The tool of the part that is open.
    fn tool(&self) -> Option<usize> {
        self.open.and_then(|(_, tool)| tool)
    }

    /// A line that is surely of a tool: its part goes on, or begins with the first line that may be of it.
    fn claimed(&mut self, tool: usize, mark: Mark) {
        self.awaits_name = false;
        let begin = self.since.get(tool).copied().flatten().unwrap_or(mark);
        // A name that is not of this tool's own output is that of a machine, and what follows it another output.
        let label = self.label.take().filter(|label| !label.is_of(Some(tool)));
        if let Some(label) = label {
            self.close(label.mark.start.min(begin.start));
            self.name(label.name);
            if label.mark.start < begin.start {
                self.open = Some((label.mark, None));
                self.close(begin.start);
            }
            self.open = Some((begin, Some(tool)));
        } else if self.tool() != Some(tool) {
            self.close(begin.start);
            self.open = Some((begin, Some(tool)));
        }
        self.since.fill(None);
    }

    /// A line that is surely of none: it goes on with what is open.
    fn goes_on(&mut self, mark: Mark) {
        self.open.get_or_insert((mark, None));
    }

    /// The end of what is open, before this line.
    fn boundary(&mut self, mark: Mark) {
        self.settle_label();
        self.close(mark.start);
        self.since.fill(None);
    }

    /// A name after a label that is of no tool's output after all.
    fn settle_label(&mut self) {
        if let Some(label) = self.label.take().filter(|label| !label.is_of(self.tool())) {
            self.close(label.mark.start);
            self.name(label.name);
            self.open = Some((label.mark, None));
        }
    }

    fn close(&mut self, end: usize) {
        let Some((begin, tool)) = self.open.take() else { return };
        if begin.start >= end {
            return;
        }
        let part = self.whole.part(begin.line, begin.start, end);
        self.items.push(match tool.and_then(|tool| TOOLS.get(tool)) {
            Some(tool) => Item::Part { part, tool },
            None => Item::Other(part),
        });
    }

    fn prompt(
        &mut self,
        prompt: &Prompt<'t>,
        line: &Line<'t>,
        lines: &mut Peekable<Lines<'t>>,
        reading: &mut Reading<'_>,
    ) {
        let quote = |text: &str| text.chars().take(MAX_QUOTE).collect::<String>().into_boxed_str();
        let mut whose = whose(prompt, quote);
        // A console breaks what is wider than it, and a name with it.
        let is_usual = matches!(line.width, 80 | 100 | 120 | 160);
        // Of a window of any width it is the widest line, and what could be a name is none of its rest.
        if is_usual || (line.width >= MIN_WINDOW && line.width == self.whole.columns) {
            let is_rest = |next: &&Line<'_>| {
                !next.follows_blank && begins_nothing(next.text) && (is_usual || heading(next.text).is_none())
            };
            let rest = lines.peek().filter(is_rest).map(|next| next.text);
            if let Some(rest) = rest {
                lines.next();
                reading.noise(1);
                let command = [line.text, rest].concat();
                if let Some(prompt) = prompt_of(&command) {
                    whose = self::whose(&prompt, quote);
                }
            }
        }
        self.awaits_name = prompt.asks_for_name();
        // Of prompts with nothing between them the last one counts.
        match self.items.last_mut() {
            Some(Item::Prompt(last)) => *last = whose,
            _ => self.items.push(Item::Prompt(whose)),
        }
    }
}

fn whose(prompt: &Prompt<'_>, quote: impl Fn(&str) -> Box<str>) -> Whose {
    match prompt.target() {
        Target::Here => Whose::Here,
        Target::Machine(name) => Whose::Machine(name.into()),
        Target::Unclear(command) => Whose::Unclear(quote(command)),
    }
}

/// Goes past the lines of a document that begins at the end of this one, up to the bracket that ends it at the start of a
/// line: a tool may claim what is printed in it.
fn skip_document(line: &Line<'_>, lines: &mut Peekable<Lines<'_>>) {
    let end = match line.text.chars().last() {
        Some('{') => "}",
        Some('[') => "]",
        _ => return,
    };
    let ends = |line: &Line<'_>| line.width == line.text.len() && line.text.trim_end_matches(',') == end;
    // The next document is another.
    let mut ahead = lines.clone().take_while(|line| !line.text.contains(" => "));
    if let Some(count) = ahead.position(|line| ends(&line)) {
        lines.by_ref().take(count + 1).for_each(drop);
    }
}

/// The name in a box of rules, or on a line that is underlined, before an output.
fn boxed<'t>(line: &Line<'t>, is_below_rule: bool, lines: &Peekable<Lines<'t>>) -> Option<(&'t str, Place)> {
    let mut ahead = lines.clone();
    let is_underlined = ahead.next().is_some_and(|next| is_rule(next.text) && !next.follows_blank);
    let said = heading(line.text).filter(|_| is_underlined)?;
    match said {
        Heading::Label(name) | Heading::Server(name) | Heading::Here(name) if is_below_rule => {
            Some((name, Place::Heading))
        }
        // The name of a column is underlined too.
        Heading::Bare(name) if is_label(name) => None,
        Heading::Bare(name) if is_name(name) && (is_below_rule || begins_output(&mut ahead, true)) => {
            Some((name, Place::Heading))
        }
        Heading::Bare(name) if is_below_rule => Some((name, Place::Doubtful)),
        _ => None,
    }
}

/// What a line is to each tool.
fn claims(line: &str) -> Vec<Claim> {
    TOOLS.iter().map(|tool| (tool.claim)(line)).collect()
}

/// True where the next line begins an output, or is printed before one. Where nothing is open, any line of a tool does.
fn begins_output(lines: &mut Peekable<Lines<'_>>, is_any: bool) -> bool {
    lines.peek().is_some_and(|next| {
        let begins = |claim| matches!(claim, Claim::First | Claim::Shared) || (is_any && claim == Claim::Own);
        TOOLS.iter().any(|tool| begins((tool.claim)(next.text)))
            || prompt(next.text).is_some()
            || matches!(heading(next.text), Some(Heading::Banner))
    })
}

/// True for a line that begins nothing that is known.
fn begins_nothing(line: &str) -> bool {
    let is_claimed = TOOLS.iter().any(|tool| (tool.claim)(line) != Claim::No);
    !is_claimed && prompt(line).is_none() && matches!(heading(line), None | Some(Heading::Bare(_)))
}
