//! What people take for a product key and is none. To count its characters would not help them.

use super::fault::Fault;
use super::{GROUP, LENGTH, alphabet};

/// The lengths of the groups of a GUID.
const GUID: [usize; 5] = [8, 4, 4, 4, 12];

/// What this is, where it is nothing that was meant for a whole key.
pub(super) fn recognize(groups: &[Vec<char>]) -> Option<Fault> {
    match groups {
        [] => Some(Fault::Empty),
        [only] if only.len() == GROUP && only.iter().all(|each| alphabet::is_possible(*each)) => Some(Fault::OnlyFive),
        [.., _] if is_masked(groups) => Some(Fault::Masked),
        _ if is_product_id(groups) => Some(Fault::ProductId),
        _ if groups.iter().map(Vec::len).eq(GUID) && groups.iter().flatten().all(char::is_ascii_hexdigit) => {
            Some(Fault::Guid)
        }
        _ => None,
    }
}

/// True for a key of which a tool shows the last group alone, with X in place of the others.
fn is_masked(groups: &[Vec<char>]) -> bool {
    let mut characters = groups.iter().flatten();
    let hidden = characters.by_ref().take(LENGTH - GROUP).filter(|character| **character == 'X').count();
    hidden == LENGTH - GROUP && characters.count() == GROUP
}

/// True for `55041-00140-01587-AA123`, `55041-OEM-0158715-62033` and `55041-001-0158715-62033`.
fn is_product_id(groups: &[Vec<char>]) -> bool {
    let [first, second, third, fourth] = groups else { return false };
    let digits = |group: &[char]| group.iter().all(char::is_ascii_digit);
    if first.len() != GROUP || !digits(first) || !digits(third) {
        return false;
    }
    match (second.len(), third.len(), fourth.as_slice()) {
        (5, 5, ['A'..='Z', 'A'..='Z', rest @ ..]) => digits(second) && rest.len() == 3 && digits(rest),
        (3, 7, last) => (digits(second) || second.iter().eq(&['O', 'E', 'M'])) && last.len() == 5 && digits(last),
        _ => false,
    }
}
