//! Blocks to objects, and whose each is.

use super::Property;
use super::blocks::Block;
use super::labels::{self, begins_event, is_mark_of_event};
use crate::formats::Reading;
use crate::formats::events::{self, Events};
use crate::formats::fields::Fields;
use crate::formats::machine_names::is_of_question;
use crate::formats::wmi::{self, Around};
use std::borrow::Cow;
use std::collections::HashSet;

/// What is said of objects that cannot be divided.
const RUN_TOGETHER: &str = "objects run together here, with no blank line between them";

/// Why an event is skipped whose labels are not known.
const UNREAD: &str = "the labels of this event are in a language that is not read; export it as XML or JSON";

/// The objects of one text.
#[derive(Default)]
pub(super) struct Objects {
    events: Events,
    /// The machine that was named by itself, for what follows.
    around: Around,
    /// True once an object named its machine.
    has_named: bool,
}

impl Objects {
    /// Reads a block: one object, or several in a row that have the same properties.
    pub(super) fn block(&mut self, block: Block<'_>, reading: &mut Reading<'_>) {
        let Block { properties, data, others, is_too_long, .. } = block;
        let computer = properties.iter().find(|property| labels::property_of(property.name) == "Computer");
        let computer = computer.map_or("", |property| property.value.as_str());
        // Labels in a language that is not known, of which one names the machine.
        let is_unread = computer.is_empty() && properties.iter().any(|property| events::is_provider(&property.value));
        for (number, line) in data {
            if is_unread {
                reading.lose(format_args!("line {number}"), UNREAD, line);
                continue;
            }
            self.events.data(line, computer, &format!("line {number}"), reading);
            self.has_named |= !computer.is_empty();
            reading.understood(1);
        }
        for (number, line) in others {
            if !begins_event(line.trim()) {
                reading.skip_unknown(format_args!("line {number}"), line);
            }
        }
        let Some(first) = properties.first() else { return };
        let place = format_args!("line {}", first.line);
        if is_too_long {
            return reading.lose(place, "objects have more than 300 properties", first.name);
        }
        match divided(&properties) {
            Some(objects) => objects.into_iter().for_each(|object| self.object(object, reading)),
            None => reading.lose(place, RUN_TOGETHER, first.name),
        }
    }

    fn object(&mut self, properties: &[Property<'_>], reading: &mut Reading<'_>) {
        let Some(first) = properties.first() else { return };
        let place = format!("line {}", first.line);
        if is_event(properties) {
            return self.event(properties, place, reading);
        }
        let mut fields = Fields::new(place);
        for Property { name, value, .. } in properties {
            fields.push(*name, unbroken(value).replace('\n', " "));
        }
        // What a program found out of another machine.
        if properties.iter().filter(|property| is_of_question(property.name)).count() > 1 {
            return reading.skip_unknown(fields.place(), &fields.names());
        }
        let fields = fields.renamed();
        let machine = wmi::machine_of(&fields);
        self.has_named |= machine.is_some();
        if wmi::read_fields(&fields, &self.around, reading) {
            return reading.understood(1);
        }
        match machine {
            // What names a machine and is no license is about what follows.
            Some(machine) => {
                self.around = Around::of(machine);
                reading.understood(1);
            }
            None => reading.skip_unknown(fields.place(), &fields.names()),
        }
    }

    fn event(&mut self, properties: &[Property<'_>], place: String, reading: &mut Reading<'_>) {
        let mut fields = Fields::new(place);
        for Property { name, value, .. } in properties {
            let label = labels::property_of(name);
            fields.push(label, value.as_str());
        }
        // The XML below a text says the same, and when it was.
        let is_read = fields.text("EventXml").is_some_and(|xml| self.events.xml(xml, fields.place(), reading));
        if !is_read {
            self.events.fields(&fields, self.around.machine(), reading);
        }
        reading.understood(1);
        self.has_named |= Events::names_machine(&fields);
    }

    /// Reports what is left to report. True where an object named its machine.
    pub(super) fn finish(self, reading: &mut Reading<'_>) -> bool {
        self.events.finish(reading);
        self.has_named
    }
}

/// A value that was broken into lines. The channel at the end of a description is one word, wherever that was.
fn unbroken(value: &str) -> Cow<'_, str> {
    let channel = value.rsplit_once(',').filter(|(_, last)| last.contains('\n'));
    match channel.and_then(|(start, last)| Some((start, last.trim().strip_suffix("channel")?))) {
        Some((start, words)) => {
            Cow::Owned(format!("{start}, {} channel", words.split_whitespace().collect::<String>()))
        }
        None => Cow::Borrowed(value),
    }
}

/// True for an event. That of `Get-WinEvent` has an ID under a name that much else has.
fn is_event(properties: &[Property<'_>]) -> bool {
    let has = |name: &str| properties.iter().any(|property| property.name.eq_ignore_ascii_case(name));
    properties.iter().any(|property| is_mark_of_event(property.name))
        || has("Id") && has("Message") && !has("LicenseStatus")
}

/// The objects in a row of properties: each begins with the first of them, and all have the same. `None` where they
/// cannot be told apart.
fn divided<'p, 't>(properties: &'p [Property<'t>]) -> Option<Vec<&'p [Property<'t>]>> {
    if !has_twice(properties) {
        return Some(vec![properties]);
    }
    let (first, last) = (properties.first()?, properties.last()?);
    // The name of a machine that was asked for, and is added by remoting once more.
    let without_last = properties.split_last().map_or(properties, |(_, rest)| rest);
    if last.name == first.name && last.value == first.value && !has_twice(without_last) {
        return Some(vec![without_last]);
    }
    let starts = properties.iter().enumerate().filter(|(_, property)| property.name == first.name);
    let starts: Vec<usize> = starts.map(|(at, _)| at).chain([properties.len()]).collect();
    let objects: Option<Vec<_>> = starts.windows(2).map(|ends| properties.get(*ends.first()?..*ends.last()?)).collect();
    let objects = objects?;
    let pattern = *objects.first()?;
    let is_alike = |object: &[Property<'_>]| object.iter().map(|it| it.name).eq(pattern.iter().map(|it| it.name));
    (!has_twice(pattern) && objects.iter().all(|object| is_alike(object))).then_some(objects)
}

/// True where a property comes twice.
fn has_twice(properties: &[Property<'_>]) -> bool {
    let mut names = HashSet::new();
    properties.iter().any(|property| !names.insert(property.name.to_ascii_lowercase()))
}
