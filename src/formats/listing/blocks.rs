//! Lines to properties, and properties to blocks: what is between blank lines.

use super::{MAX_PROPERTIES, Property, data, labels, property};
use crate::formats::events;

/// How wide a line is at least that a console broke, in bytes. One that is narrower has ended.
const BROKEN: usize = 60;

/// What stands between blank lines.
#[derive(Debug, Default)]
pub(super) struct Block<'t> {
    pub(super) properties: Vec<Property<'t>>,
    /// Data of events that stand alone.
    pub(super) data: Vec<(usize, &'t str)>,
    /// Lines that are no properties and belong to none.
    pub(super) others: Vec<(usize, &'t str)>,
    /// True where it has more properties than any objects.
    pub(super) is_too_long: bool,
    /// True once it has a property that only events have.
    is_event: bool,
}

/// The blocks of lines.
pub(super) struct Blocks<'t, L> {
    lines: L,
    /// More blank lines than these end a block.
    spacing: usize,
    /// The number of the last line that was not blank, and how wide it was.
    last: usize,
    width: usize,
    /// The first line of the next block.
    pending: Option<(usize, &'t str)>,
}

/// How many blank lines are behind every property.
pub(super) fn spacing<'t>(lines: impl Iterator<Item = (usize, &'t str)>) -> usize {
    let (mut last, mut properties, mut fewest) = (None, 0_usize, usize::MAX);
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        fewest = last.map_or(fewest, |last| fewest.min(number.saturating_sub(last + 1)));
        last = property(line).map(|_| number);
        properties += usize::from(last.is_some());
    }
    if properties > 2 && fewest < usize::MAX { fewest } else { 0 }
}

impl<'t, L: Iterator<Item = (usize, &'t str)>> Blocks<'t, L> {
    pub(super) fn new(lines: L, spacing: usize) -> Self {
        Self { lines, spacing, last: 0, width: 0, pending: None }
    }

    /// The next block that has anything in it.
    pub(super) fn next_block(&mut self) -> Option<Block<'t>> {
        let mut block = Block::default();
        loop {
            let next = self.pending.take().or_else(|| self.lines.find(|(_, line)| !line.trim().is_empty()));
            let Some((number, line)) = next else {
                return (!block.is_empty()).then_some(block);
            };
            let has_gap = number > self.last + 1 + self.spacing;
            let begins = labels::begins_event(line.trim()) || (has_gap && !block.goes_on(line));
            if begins && !block.is_empty() {
                self.pending = Some((number, line));
                return Some(block);
            }
            block.line(number, line, self.width);
            (self.last, self.width) = (number, line.trim_end().len());
        }
    }
}

impl<'t> Block<'t> {
    fn is_empty(&self) -> bool {
        self.properties.is_empty() && self.others.is_empty() && self.data.is_empty()
    }

    /// True within the text of an event or its XML, which has lines of any kind.
    fn is_in_text(&self) -> bool {
        self.properties.last().is_some_and(|last| labels::is_of_text(last.name, self.is_event))
    }

    /// True where a text goes on behind a blank line, or an event behind a label whose value was taken out.
    fn goes_on(&self, line: &str) -> bool {
        match property(line) {
            Some((name, _)) if labels::is_known(name) => self.lacks_value() && !self.has(name),
            _ => self.is_in_text(),
        }
    }

    /// True for an event as the event viewer copies it, of which the last label has nothing behind it.
    fn lacks_value(&self) -> bool {
        let begins = self.properties.first().is_some_and(|first| labels::is_log(first.name));
        begins && self.properties.last().is_some_and(|last| last.value.is_empty())
    }

    fn has(&self, name: &str) -> bool {
        self.properties.iter().any(|property| property.name == name)
    }

    fn line(&mut self, number: usize, line: &'t str, width_before: usize) {
        let is_in_text = self.is_in_text();
        let is_indented = line.starts_with(char::is_whitespace);
        if let (false, Some(data)) = (is_in_text, data(line)) {
            return self.data.push((number, data));
        }
        let is_property = |name: &str| labels::is_known(name) || !(is_in_text || is_indented && self.is_aligned(line));
        if let Some((name, value)) = property(line).filter(|(name, _)| is_property(name)) {
            self.is_event |= labels::is_mark_of_event(name);
            self.is_too_long |= self.properties.len() == MAX_PROPERTIES;
            if !self.is_too_long {
                let mut text = String::new();
                events::append(&mut text, value);
                self.properties.push(Property { line: number, name, value: text });
            }
            return;
        }
        match self.properties.last_mut() {
            Some(last) if is_in_text || is_indented || width_before >= BROKEN => {
                let between = if last.value.is_empty() { "" } else { "\n" };
                events::append(&mut last.value, between);
                events::append(&mut last.value, line.trim());
            }
            _ => self.others.push((number, line)),
        }
    }

    /// True for a line as far in as values are, which belongs to the value before it.
    fn is_aligned(&self, line: &str) -> bool {
        let indentation = line.len() - line.trim_start().len();
        self.properties.last().is_some_and(|last| indentation > last.name.len())
    }
}
