//! Which labels name the machine of an output. Programs that ask another machine print its name after the same labels, so
//! that one counts only right before an output, or right behind it: never over a prompt, nor over the start of a section.

use super::division::{Item, Name, Place};
use super::heading::{Heading, heading};
use crate::formats::lines::Part;
use crate::formats::machine_names::{is_of_computer, is_of_question};
use std::collections::HashSet;

/// What comes of a label.
enum Fate {
    Name,
    /// It may be the machine of the output below, or one that was asked.
    Doubtful,
    /// It is of what is around it, and of no output.
    Gone,
}

/// What the next output is behind.
#[derive(Debug, PartialEq, Eq)]
enum Before {
    Output,
    Prompt,
    Nothing,
}

/// Decides what comes of each label.
pub(super) fn settle(items: &mut Vec<Item<'_>>) {
    let are_labels_of_servers_names = are_distinct(items);
    let mut is_after_prompt = false;
    let mut is_cut_off = false;
    // Whether a name of the machine itself is right before.
    let mut is_named = false;
    let mut fates = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let mut fate = Fate::Name;
        match item {
            Item::Prompt(_) => (is_after_prompt, is_cut_off, is_named) = (true, true, false),
            Item::Section => (is_cut_off, is_named) = (true, false),
            Item::Part { .. } => (is_cut_off, is_named) = (false, false),
            Item::Name(Name { place: place @ (Place::Label | Place::Server), .. }) => {
                let is_server = *place == Place::Server;
                let (next, between) = behind(items, at);
                fate = match next {
                    Before::Output => match between {
                        Between::Question => Fate::Gone,
                        _ if is_server && is_named => Fate::Gone,
                        Between::Nothing if is_server && !are_labels_of_servers_names => Fate::Doubtful,
                        Between::Lines if is_server => Fate::Doubtful,
                        Between::Nothing | Between::Lines | Between::Computer => Fate::Name,
                        Between::Apart => Fate::Doubtful,
                    },
                    Before::Prompt | Before::Nothing if is_cut_off || between == Between::Question => Fate::Gone,
                    _ if is_server && is_named => Fate::Gone,
                    _ if is_server => Fate::Doubtful,
                    _ => Fate::Name,
                };
                // A section without a prompt before it, or what a command printed.
                if next == Before::Prompt && is_after_prompt {
                    fate = Fate::Gone;
                }
                is_named |= !is_server && matches!(fate, Fate::Name);
            }
            _ => {}
        }
        fates.push(fate);
    }
    let mut fates = fates.into_iter();
    items.retain_mut(|item| {
        let fate = fates.next().unwrap_or(Fate::Name);
        let Item::Name(name) = item else { return true };
        if matches!(name.place, Place::Label | Place::Server) {
            name.place = if matches!(fate, Fate::Doubtful) { Place::Doubtful } else { Place::Beside };
        }
        !matches!(fate, Fate::Gone)
    });
}

/// What is between a label and the next output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Between {
    Nothing,
    /// Lines that nobody knows, none of which is blank.
    Lines,
    /// What a computer says of itself.
    Computer,
    /// What a program prints that asks another machine.
    Question,
    /// Lines that nobody knows, and blank ones.
    Apart,
}

/// What is behind a label, up to the next output, prompt or section.
fn behind(items: &[Item<'_>], at: usize) -> (Before, Between) {
    let mut between = Between::Nothing;
    // Whether a blank line is at the end of them.
    let mut is_apart = false;
    for item in items.iter().skip(at + 1) {
        match item {
            Item::Other(part) => {
                between = between.and(part);
                let end = part.text.get(part.text.trim_end().len()..).unwrap_or_default();
                is_apart = end.matches('\n').count() > 1;
            }
            Item::Part { .. } => {
                let between = if between == Between::Lines && is_apart { Between::Apart } else { between };
                return (Before::Output, between);
            }
            Item::Prompt(_) | Item::Section => return (Before::Prompt, between),
            Item::Name(Name { place: Place::Server, .. }) | Item::Banner => {}
            // Another name is of what follows it.
            Item::Name(_) => return (Before::Output, between),
        }
    }
    (Before::Nothing, between)
}

impl Between {
    fn and(self, part: &Part<'_>) -> Self {
        let mut between = self;
        for line in part.lines() {
            let label = line.text.split_once([':', '=']).map_or("", |(label, _)| label);
            let is_known = matches!(
                heading(line.text),
                Some(Heading::Label(_) | Heading::Server(_) | Heading::Here(_) | Heading::Noise | Heading::Ruled(_))
            );
            between = match between {
                Self::Question => return Self::Question,
                _ if is_of_question(label) => return Self::Question,
                Self::Computer => Self::Computer,
                _ if is_of_computer(label) => Self::Computer,
                _ if is_known => between,
                Self::Apart => Self::Apart,
                _ if line.follows_blank => Self::Apart,
                _ => Self::Lines,
            };
        }
        between
    }
}

/// True where the labels of servers name several, each right before an output: then each is the machine of that.
fn are_distinct(items: &[Item<'_>]) -> bool {
    let names = items.iter().enumerate().filter_map(|(at, item)| match item {
        Item::Name(name) if name.place == Place::Server && behind(items, at) == (Before::Output, Between::Nothing) => {
            Some(name.text.to_ascii_lowercase())
        }
        _ => None,
    });
    names.collect::<HashSet<_>>().len() > 1
}
