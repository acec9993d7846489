//! Whose each part of a text is, by the names around it.
//!
//! A name in a command or a prompt is of what is printed up to the next prompt. A heading is of what is below it, and a
//! label or a bare name of what is below it too, unless the first output of the text is above the first name and the
//! last name below the last output: then each name is of what is above it. Where both may be, it is of nobody.

use super::division::{Item, Name, Place, Whose};
use crate::formats::outputs::{Doubt, Owner};
use crate::words::quoted;

/// The owner of each item, in their order.
pub(super) fn find(items: &[Item<'_>]) -> Vec<Owner> {
    let order = Order::of(items);
    let session = session(items);
    let mut owners = forwards(items, order, session.as_ref());
    backwards(items, order, &mut owners);
    owners
}

/// On which side of what they are about labels and bare names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Before,
    Behind,
    /// It cannot be known.
    Either,
}

impl Order {
    /// By the first and the last of all outputs and names.
    fn of(items: &[Item<'_>]) -> Self {
        #[derive(PartialEq, Eq)]
        enum Sign {
            Name,
            Output,
        }
        let mut signs: Vec<Sign> = Vec::new();
        let mut has_heading = false;
        for item in items {
            let sign = match item {
                Item::Part { .. } => Sign::Output,
                Item::Name(Name { place: Place::Beside | Place::Doubtful, .. }) => Sign::Name,
                Item::Name(Name { place: Place::Heading | Place::Command, .. }) => {
                    has_heading = true;
                    continue;
                }
                _ => continue,
            };
            if signs.last() != Some(&sign) {
                signs.push(sign);
            }
        }
        match (signs.first(), signs.last()) {
            (Some(Sign::Output), Some(Sign::Name)) if !has_heading => Self::Behind,
            (Some(Sign::Output), Some(Sign::Output)) if signs.len() > 1 && !has_heading => Self::Either,
            _ => Self::Before,
        }
    }
}

/// The one machine of a session that printed its own name.
fn session(items: &[Item<'_>]) -> Option<Name> {
    let mut names = items.iter().filter_map(|item| match item {
        Item::Name(name) if name.place == Place::Session => Some(name),
        _ => None,
    });
    let first = names.next()?;
    names.all(|name| name.text.eq_ignore_ascii_case(&first.text)).then(|| first.clone())
}

/// What the last heading says.
#[derive(Debug, Clone)]
struct Headed {
    owner: Owner,
    /// True once an output was below it.
    is_used: bool,
    /// True where a prompt is right below it, so that it is of all prompts up to the next heading.
    is_of_prompts: bool,
    /// True where a program printed it that ran another on that machine, and ended before the next prompt.
    ends_at_prompt: bool,
}

fn forwards(items: &[Item<'_>], order: Order, session: Option<&Name>) -> Vec<Owner> {
    let here = session.map_or(Owner::Input, |name| Owner::Machine(name.text.clone(), name.line));
    let mut headed: Option<Headed> = None;
    let mut prompted: Option<Owner> = None;
    // The machine whose agent reports, also for others.
    let mut agent: Option<Headed> = None;
    let mut owners = Vec::with_capacity(items.len());
    for item in items {
        let heading = |owner, ends_at_prompt| Headed { owner, is_used: false, is_of_prompts: false, ends_at_prompt };
        match item {
            Item::Prompt(whose) => {
                match &mut headed {
                    Some(known) if known.ends_at_prompt => headed = None,
                    Some(known) if known.is_of_prompts => {}
                    Some(known) if known.is_used => {
                        known.owner = Owner::Doubtful(Doubt::Session, name_of(&known.owner));
                    }
                    Some(known) => known.is_of_prompts = true,
                    None => {}
                }
                prompted = match whose {
                    Whose::Here => None,
                    Whose::Machine(name) => Some(Owner::Machine(name.clone(), 0)),
                    Whose::Unclear(command) => Some(Owner::Doubtful(Doubt::Command, command.clone())),
                };
            }
            Item::Name(name) => match name.place {
                Place::End => (headed, prompted) = (agent.clone(), None),
                Place::Behind => {}
                // Where all are the same it holds for the whole text.
                Place::Session if session.is_some() => {}
                Place::Beside | Place::Doubtful if order == Order::Behind => {}
                place => {
                    let owner = match place {
                        Place::Doubtful => Owner::Doubtful(Doubt::Word, name.text.clone()),
                        Place::Beside if order == Order::Either => Owner::Doubtful(Doubt::Between, name.text.clone()),
                        _ => Owner::Machine(name.text.clone(), name.line),
                    };
                    headed = Some(heading(owner, place == Place::Command));
                    if place == Place::Session {
                        agent.clone_from(&headed);
                    }
                    prompted = None;
                }
            },
            Item::Part { .. } | Item::Other(_) | Item::Banner | Item::Section => {}
        }
        let owner = match (&prompted, &mut headed) {
            (Some(owner), _) => owner.clone(),
            (None, Some(known)) => {
                known.is_used |= matches!(item, Item::Part { .. });
                known.owner.clone()
            }
            // Of whom the first is, where a name may be of what is above it or below.
            (None, None) if order == Order::Either => Owner::Doubtful(Doubt::Between, Box::default()),
            (None, None) => here.clone(),
        };
        owners.push(owner);
    }
    owners
}

fn name_of(owner: &Owner) -> Box<str> {
    match owner {
        Owner::Machine(name, _) | Owner::Doubtful(_, name) => quoted(name).into(),
        Owner::Input => Box::default(),
    }
}

/// Names that are behind what they are about.
fn backwards(items: &[Item<'_>], order: Order, owners: &mut [Owner]) {
    let mut behind: Option<Owner> = None;
    for (item, owner) in items.iter().zip(owners).rev() {
        match item {
            Item::Name(name) => {
                let is_behind = match name.place {
                    Place::Behind => true,
                    Place::Beside | Place::Doubtful => order == Order::Behind,
                    _ => false,
                };
                behind = is_behind.then(|| match name.place {
                    Place::Doubtful => Owner::Doubtful(Doubt::Word, name.text.clone()),
                    _ => Owner::Machine(name.text.clone(), name.line),
                });
            }
            Item::Prompt(_) => behind = None,
            Item::Section => {}
            Item::Part { .. } | Item::Other(_) | Item::Banner => {
                if let (Some(behind), Owner::Input | Owner::Doubtful(Doubt::Command, _)) = (&behind, &*owner) {
                    *owner = behind.clone();
                }
            }
        }
    }
}
