//! JSON as PowerShell writes it and as collectors send it: one object, lists of objects at any depth, what wraps a
//! list, or objects one behind the other. Only one object is held at a time.

mod elements;
mod outline;
mod tools;

use super::events::{self, Events};
use super::fields::Fields;
use super::object::{Object, TOO_MANY_MEMBERS, Value};
use super::unnamed::{self, Doubt};
use super::wmi::{self, Around};
use super::{FormatError, Reading, names, parts};
use elements::{Elements, TOO_MANY_WRAPPERS};
use serde::de::{DeserializeSeed, IgnoredAny};
use serde_json::{Deserializer, Error};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::{Write, from_fn};

/// True for a text that is to be read as JSON: a prompt, a title and a path may begin with a bracket too.
pub(super) fn recognizes(text: &str) -> bool {
    let text = text.trim_start();
    if let Some(inner) = text.strip_prefix('{') {
        return inner.trim_start().is_empty() || inner.trim_start().starts_with(['"', '}']);
    }
    if text.starts_with('"') {
        // One text, with the ends of its lines escaped: the first line of a table in quotes has a comma.
        let text = text.trim_end();
        return text.len() > 1 && text.ends_with('"') && !text.contains('\n') && text.contains("\\n");
    }
    let Some(inner) = text.strip_prefix('[') else { return false };
    let inner = inner.trim_start();
    match inner.chars().next() {
        None | Some('{' | '[' | '"' | ']') => true,
        // A list of numbers or flags goes on with a comma, or nothing is behind it on its line.
        Some(_) => {
            let value = inner.split([',', ']', '\n']).next().unwrap_or_default().trim_end();
            let is_value = matches!(value, "true" | "false" | "null") || value.parse::<f64>().is_ok();
            let rest = inner.get(value.len()..).unwrap_or_default().trim_start();
            let is_alone = |rest: &str| rest.lines().next().unwrap_or_default().trim().is_empty();
            is_value && (rest.starts_with(',') || rest.strip_prefix(']').is_some_and(is_alone))
        }
    }
}

/// Reads every object in the text.
///
/// # Errors
/// [`FormatError::Empty`] where there is nothing, [`FormatError::Unknown`] where nothing is of a kind that is known,
/// and [`FormatError::Malformed`] where the text goes wrong or ends in the middle.
pub(super) fn read(text: &str, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let (outcome, nameless) = reading.holding_nameless(|reading| read_objects(text, reading));
    let (doubt, outcome) = match outcome {
        Ok(doubt) => (doubt, Ok(())),
        Err((_, FormatError::Stopped)) => return Err(FormatError::Stopped),
        Err((Doubt::None, error @ FormatError::Malformed { .. })) => (Doubt::Broken, Err(error)),
        Err((doubt, error)) => (doubt, Err(error)),
    };
    unnamed::hand_over(nameless, doubt, "the objects", reading, &mut |report, reading| reading.report(report));
    outcome
}

/// Reads every object. Says what speaks against one machine where none is named.
///
/// # Errors
/// The same beside the error.
fn read_objects(text: &str, reading: &mut Reading<'_>) -> Result<Doubt, (Doubt, FormatError)> {
    let mut objects = Objects {
        seen: 0,
        understood: 0,
        events: Events::new(),
        around: Around::default(),
        lines: String::new(),
        wrappers: text.contains("\"reports\"").then(VecDeque::new),
        opened: 0,
        lists: 0,
        list: 0,
        nameless_in: None,
        doubt: Doubt::None,
    };
    let outcome = read_all(text, &mut objects, reading);
    let outcome = outcome.and_then(|()| objects.end_lines(reading));
    let Objects { seen, understood, events, doubt, .. } = objects;
    reading.understood(understood);
    let doubt = if events.has_named() { Doubt::BesideNamed } else { doubt };
    events.finish(reading);
    match (outcome, seen, understood) {
        (Err(error), ..) => Err((doubt, error)),
        (_, 0, _) => Err((doubt, FormatError::Empty)),
        (_, _, 0) => Err((doubt, FormatError::Unknown)),
        _ => Ok(doubt),
    }
}

fn read_all<'t>(text: &'t str, objects: &mut Objects<'t>, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let mut rest = text;
    let mut is_by_lines = false;
    loop {
        reading.check()?;
        rest = rest.trim_start_matches(|char: char| char.is_whitespace() || char == ',');
        if rest.is_empty() {
            return Ok(());
        }
        // Where each line is an object, it is read alone: one that is cut says nothing of the next, and would be read
        // on through all that follow, for each of them again. The end of the line is only looked for at its start.
        let (line, after) = if is_by_lines { rest.split_once('\n').unwrap_or((rest, "")) } else { (rest, "") };
        let is_line = is_by_lines && rest.starts_with('{') && (after.is_empty() || after.starts_with('{'));
        let part = if is_line { line } else { rest };
        if let Some(wrappers) = &mut objects.wrappers {
            *wrappers = outline::wrappers(part);
            objects.opened = 0;
        }
        objects.begin_list();
        let mut deserializer = Deserializer::from_str(part);
        match (Elements { objects, reading }).deserialize(&mut deserializer) {
            Ok(()) => {
                let read = deserializer.into_iter::<IgnoredAny>().byte_offset();
                let (value, after) = rest.split_at_checked(read).unwrap_or((rest, ""));
                is_by_lines = !value.contains('\n') && after.trim_start_matches('\r').starts_with('\n');
                rest = after;
            }
            Err(error) if is_line && !after.is_empty() => {
                // Only the first of these is reported, so that only its place is looked for.
                reading.skip(from_fn(|to| to.write_str(&place_of(text, rest, &error))), clause(&error), line);
                rest = after;
            }
            Err(error) => {
                reading.check()?;
                let detail = clause(&error).to_owned();
                return Err(FormatError::Malformed { place: place_of(text, rest, &error), detail });
            }
        }
    }
}

/// Where in the text an error is that was found in its last part.
fn place_of(text: &str, rest: &str, error: &Error) -> String {
    let before = text.get(..text.len() - rest.len()).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + error.line();
    let shift = if error.line() > 1 { 0 } else { before.len() - before.rfind('\n').map_or(0, |at| at + 1) };
    format!("line {line}, column {}", shift + error.column())
}

/// What is wrong, as a clause.
fn clause(error: &Error) -> &'static str {
    if error.is_eof() {
        "it ends in the middle"
    } else {
        let error = error.to_string();
        let known = [
            ("recursion limit exceeded", "objects stand in one another too deeply"),
            (TOO_MANY_MEMBERS, TOO_MANY_MEMBERS),
            (TOO_MANY_WRAPPERS, TOO_MANY_WRAPPERS),
        ];
        known.into_iter().find(|(start, _)| error.starts_with(start)).map_or("this is no JSON", |(_, clause)| clause)
    }
}

/// Takes each object to the reader of its kind, and counts.
struct Objects<'t> {
    seen: u64,
    understood: u64,
    /// Several events report one license, and only the newest counts.
    events: Events,
    /// What the wrappers say in which the reader is.
    around: Around,
    /// The strings since the last object or list, each of which may be a line of what a tool printed.
    lines: String,
    /// What each wrapper of this value says that was not come to yet, in their order; `None` where the text has none.
    wrappers: Option<VecDeque<Object<'t>>>,
    /// How many of this value were come to.
    opened: usize,
    /// How many lists there were so far. What is by itself is one too.
    lists: u64,
    /// The one that the reader is in.
    list: u64,
    /// The one with reports that name no machine.
    nameless_in: Option<u64>,
    /// What speaks against one machine where none is named.
    doubt: Doubt,
}

impl Objects<'_> {
    /// Reads an object, or those that a tool has put into it.
    fn object(&mut self, object: &Object<'_>, reading: &mut Reading<'_>) {
        if tools::is_gone(object) {
            self.next();
            self.understood += 1;
            return;
        }
        let Some(inner) = tools::inner(object) else { return self.single(object, reading) };
        let outer = (self.around.clone(), self.begin_list());
        self.around = tools::around(object, &outer.0, reading);
        if !inner.each(|value| self.of_value(value, reading)) {
            self.of_value(inner, reading);
        }
        (self.around, self.list) = outer;
    }

    /// Begins with what is in one list and in no other. Returns the one around it, which goes on behind it.
    const fn begin_list(&mut self) -> u64 {
        self.lists += 1;
        std::mem::replace(&mut self.list, self.lists)
    }

    /// Notes whether what was read since then names its machine. What does not is of one machine only within one list.
    fn note(&mut self, list: u64, (named, nameless): (u64, usize), reading: &Reading<'_>) {
        if reading.nameless() > nameless && self.nameless_in.replace(list).is_some_and(|known| known != list) {
            self.doubt = if self.doubt == Doubt::None { Doubt::Apart } else { self.doubt };
        }
        if reading.named() > named {
            self.doubt = Doubt::BesideNamed;
        }
    }

    fn of_value(&mut self, value: Value<'_>, reading: &mut Reading<'_>) {
        if reading.check().is_ok()
            && let Some(object) = value.object()
        {
            self.single(&object, reading);
        }
    }

    /// Reads an object. This is where its kind is decided.
    fn single(&mut self, object: &Object<'_>, reading: &mut Reading<'_>) {
        // Each of them has one value for each property.
        match tools::products(object, &mut |product| self.single(product, reading)) {
            None => {}
            Some(Ok(0)) => {
                self.next();
                self.understood += 1;
                return reading.noise(1);
            }
            Some(Ok(_)) => return,
            Some(Err(why)) => {
                let place = self.next();
                self.understood += 1;
                return reading.lose(place, why, &Fields::of_object(object, String::new()).names());
            }
        }
        let place = self.next();
        let before = (reading.named(), reading.nameless());
        if events::is_event(object) {
            self.events.object(object, self.around.machine(), &place, reading);
            self.understood += 1;
        } else if let Some(lines) = lines_of(object) {
            // Where nobody waits any more, the reader of the list ends.
            let _ = self.printed(&lines, &place, reading);
        } else if wmi::read_object(object, &self.around, &place, reading) {
            self.understood += 1;
            // All of a machine is in an envelope.
            let list = if wmi::is_envelope(object) { self.begin_list() } else { self.list };
            self.note(self.list, before, reading);
            self.list = list;
        } else if let Some(lines) = tools::printed(object) {
            let outer = self.around.clone();
            self.around = outer.within(object, reading);
            let _ = self.printed(&lines, &place, reading);
            self.around = outer;
        } else {
            let names = Fields::of_object(object, String::new()).names();
            reading.skip(place, "an object of no known kind, with the members", &names);
        }
    }

    /// Reads what is not an object. PowerShell turns objects into texts where they are nested too deeply, and what a
    /// program prints into a text for each line.
    fn text(&mut self, text: &str, reading: &mut Reading<'_>) {
        if let Some(object) = wmi::object_of_text(text) {
            self.object(&object, reading);
        } else {
            self.lines.push_str(text);
            self.lines.push('\n');
        }
    }

    fn no_object(&mut self, text: &str, reading: &mut Reading<'_>) {
        let place = self.next();
        reading.skip(place, "no object", text);
    }

    /// Reads the lines that came one behind the other, at the end of the list that they are in.
    ///
    /// # Errors
    /// [`FormatError::Stopped`] alone.
    fn end_lines(&mut self, reading: &mut Reading<'_>) -> Result<(), FormatError> {
        let lines = std::mem::take(&mut self.lines);
        if lines.is_empty() {
            return Ok(());
        }
        if !parts::recognizes(&lines) {
            lines.lines().for_each(|line| self.no_object(line, reading));
            return Ok(());
        }
        let place = self.next();
        self.printed(&lines, &place, reading)
    }

    /// Reads what a tool printed.
    fn printed(&mut self, lines: &str, place: &str, reading: &mut Reading<'_>) -> Result<(), FormatError> {
        let before = (reading.named(), reading.nameless());
        let (reports, result) = reading.within(place, |reading| parts::read(lines, reading));
        match result {
            Ok(()) => self.understood += 1,
            Err(FormatError::Stopped) => return Err(FormatError::Stopped),
            Err(_) => reading.skip(place, "no object", lines),
        }
        for report in reports {
            self.around.hand_over(report, place, reading);
        }
        let list = self.begin_list();
        self.note(self.list, before, reading);
        self.list = list;
        Ok(())
    }

    fn next(&mut self) -> String {
        self.seen += 1;
        format!("element {}", self.seen)
    }
}

/// The lines that a tool printed, where an object has them as members: each with its label for a name, one of which is
/// no property of WMI.
fn lines_of(object: &Object<'_>) -> Option<String> {
    let is_of_tool = |name: &str| name.contains(' ') && names::known(name).is_none() && parts::is_sure_label(name);
    if !object.iter().any(|(name, _)| is_of_tool(name)) {
        return None;
    }
    let mut lines = String::new();
    // A label is printed once, and the first of an output before all others.
    let mut members: Vec<(&str, Cow<'_, str>)> =
        object.iter().filter_map(|(name, value)| Some((name, value.text()?))).collect();
    members.sort_by_key(|(name, _)| !parts::is_first_label(name));
    for (name, text) in members {
        if text.contains('\n') {
            return None;
        }
        // A string takes whatever is written.
        let _ = writeln!(lines, "{name}: {text}");
    }
    parts::recognizes(&lines).then_some(lines)
}

#[cfg(test)]
mod tests;
