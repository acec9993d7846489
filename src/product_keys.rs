//! What is wrong with a product key as a person typed it, and whether it ends like one of the keys that Microsoft
//! publishes for everyone. Pure: nothing is read, kept or sent here.
//!
//! Only the form is judged. Whether a key was ever issued, Microsoft alone knows. Of what was typed nothing is shown
//! but the last five characters of a key whose form is right, and single characters that no key has.

mod alphabet;
pub mod edition;
mod fault;
mod generic;
mod other;
#[cfg(test)]
mod tests;
mod typed;

pub use alphabet::ALPHABET;
pub use fault::Fault;
pub use generic::{Generic, GenericKind, generic, generics};
pub use typed::Change;

use crate::license::PartialProductKey;
use typed::Typed;

/// How many characters a key has.
pub const LENGTH: usize = 25;

/// How many characters are in a group, and how many groups there are.
pub const GROUP: usize = 5;

/// The most characters that are named of those that no key has. What has more of them is something else, perhaps a
/// password, and to name them would give it away.
const MAX_NAMED: usize = 5;

/// The most groups whose lengths are reported.
const MAX_GROUPS_TOLD: usize = 7;

/// What there is to say of a key as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analysis {
    /// What is wrong with its form, in the order in which to look at it; nothing where the form is right.
    pub faults: Vec<Fault>,
    /// What was taken differently from how it was typed, each once.
    pub changes: Vec<Change>,
    /// Its last five characters; `None` where the form is wrong.
    pub last_five: Option<PartialProductKey>,
    /// True where an N is in it, `None` where the form is wrong. Keys since Windows 8 have one.
    pub has_n: Option<bool>,
    /// The published keys that end in the same five characters.
    pub generic: Vec<&'static Generic>,
}

impl Analysis {
    /// True where nothing is wrong with the form. That proves of no key that it is valid.
    pub fn is_well_formed(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Looks at a key as it was typed: one line, with or without dashes, in whatever case, and with a label before it.
pub fn analyze(text: &str) -> Analysis {
    let typed = Typed::new(text);
    let faults = faults(&typed);
    let is_well_formed = faults.is_empty();
    let last_five =
        typed.groups.last().filter(|_| is_well_formed || matches!(*faults, [Fault::OnlyFive])).and_then(|group| {
            let last: String = group.iter().collect();
            PartialProductKey::new(&last)
        });
    Analysis {
        generic: last_five.iter().flat_map(|five| generic(*five)).collect(),
        last_five: last_five.filter(|_| is_well_formed),
        has_n: is_well_formed.then(|| typed.characters().any(|character| character == 'N')),
        changes: typed.changes,
        faults,
    }
}

fn faults(typed: &Typed) -> Vec<Fault> {
    if typed.keys > 1 {
        return vec![Fault::SeveralKeys { count: typed.keys }];
    }
    if let Some(other) = other::recognize(&typed.groups) {
        return vec![other];
    }
    let characters = typed.characters().count();
    let mut faults = Vec::new();
    if characters != LENGTH {
        faults.push(Fault::Length { characters });
    }
    faults.extend(grouping(typed));
    faults.extend(impossible(typed));
    let count = typed.characters().filter(|character| *character == 'N').count();
    if count > 1 {
        faults.push(Fault::SeveralN { count });
    }
    faults
}

/// What is wrong with how it was grouped. What was not grouped at all has no fault of this kind.
fn grouping(typed: &Typed) -> Vec<Fault> {
    let groups = typed.groups.len();
    if groups < 2 {
        return Vec::new();
    }
    let mut faults = Vec::new();
    if groups != GROUP {
        faults.push(Fault::Groups { groups });
    }
    if groups <= MAX_GROUPS_TOLD {
        let lengths = typed.groups.iter().map(Vec::len).zip(1..);
        faults.extend(
            lengths
                .filter(|(characters, _)| *characters != GROUP)
                .map(|(characters, group)| Fault::GroupLength { group, characters }),
        );
    }
    faults
}

/// The characters that no key has, each where it is.
fn impossible(typed: &Typed) -> Vec<Fault> {
    let is_grouped = typed.groups.len() > 1;
    let mut faults = Vec::new();
    for (characters, group) in typed.groups.iter().zip(1..) {
        for (&character, position) in characters.iter().zip(1..) {
            if !alphabet::is_possible(character) {
                let group = is_grouped.then_some(group);
                let similar = alphabet::similar(character);
                faults.push(Fault::Impossible { group, position, character, similar });
            }
        }
    }
    if faults.len() > MAX_NAMED { vec![Fault::NoKey { impossible: faults.len() }] } else { faults }
}
