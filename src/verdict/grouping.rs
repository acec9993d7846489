//! Things in groups, in the order in which the groups begin.

use std::collections::BTreeMap;

/// What belongs together, by a key.
#[derive(Debug)]
pub(super) struct Grouping<K, T> {
    /// Each group with its key.
    pub(super) groups: Vec<(K, Vec<T>)>,
    /// Where the group of a key is.
    places: BTreeMap<K, usize>,
}

impl<K: Ord + Clone, T> Default for Grouping<K, T> {
    fn default() -> Self {
        Self { groups: Vec::new(), places: BTreeMap::new() }
    }
}

impl<K: Ord + Clone, T> Extend<(K, T)> for Grouping<K, T> {
    fn extend<I: IntoIterator<Item = (K, T)>>(&mut self, members: I) {
        for (key, member) in members {
            let place = *self.places.entry(key).or_insert_with_key(|key| {
                self.groups.push((key.clone(), Vec::new()));
                self.groups.len() - 1
            });
            if let Some((_, group)) = self.groups.get_mut(place) {
                group.push(member);
            }
        }
    }
}
