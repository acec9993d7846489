//! Which machine a report is about: names with a domain and names without, which some sources shorten. Pure.

use crate::license::MachineName;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The machines known by one short name, and those of one batch of reports.
#[derive(Debug, Default)]
struct Namesakes {
    /// The names with a domain.
    qualified: BTreeSet<MachineName>,
    /// The names in the store.
    stored: BTreeSet<MachineName>,
    /// The IDs by which KMS hosts count them.
    ids: BTreeMap<MachineName, BTreeSet<Uuid>>,
}

/// What the names in a batch come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// For each report, in order, the name of its machine.
    pub(crate) names: Vec<MachineName>,
    /// Machines known by their short name so far, and the name they have from now on.
    pub(crate) renamed: BTreeMap<MachineName, MachineName>,
}

/// Finds the machines of a batch, given those in the store that share a short name with any of them.
///
/// A short name stands for the one machine with a domain that has it. Where several have it, the ID by which KMS hosts
/// count the machine says which it is; where that does not either, it stays a machine of its own. Two names with
/// different domains are two machines.
pub(crate) fn resolve<'a>(
    stored: impl IntoIterator<Item = (&'a MachineName, Option<Uuid>)>,
    batch: &[(&MachineName, Option<Uuid>)],
) -> Resolved {
    let mut namesakes: BTreeMap<&str, Namesakes> = BTreeMap::new();
    for (name, id) in stored {
        let known = namesakes.entry(name.short()).or_default();
        known.stored.insert(name.clone());
        known.note(name, id);
    }
    for (name, id) in batch {
        namesakes.entry(name.short()).or_default().note(name, *id);
    }
    let mut resolved = Resolved::default();
    for (name, id) in batch {
        let Some(known) = namesakes.get_mut(name.short()) else { continue };
        let name = known.name_for(name, *id);
        if let Some(short) = known.renamed_to(&name) {
            known.stored.remove(&short);
            known.stored.insert(name.clone());
            resolved.renamed.insert(short, name.clone());
        }
        resolved.names.push(name);
    }
    resolved
}

impl Namesakes {
    fn note(&mut self, name: &MachineName, id: Option<Uuid>) {
        if name.is_qualified() {
            self.qualified.insert(name.clone());
        }
        self.ids.entry(name.clone()).or_default().extend(id);
    }

    /// The name of the machine that reports under this one.
    fn name_for(&self, name: &MachineName, id: Option<Uuid>) -> MachineName {
        if name.is_qualified() {
            return name.clone();
        }
        let mut of_id = self.qualified.iter().filter(|other| id.is_some_and(|id| self.has_id(other, id)));
        let mut all = self.qualified.iter();
        match (all.next(), all.next(), of_id.next(), of_id.next()) {
            (Some(only), None, _, _) | (_, _, Some(only), None) => only.clone(),
            _ => name.clone(),
        }
    }

    /// The short name in the store that is the machine of this name, which is not in it.
    fn renamed_to(&self, name: &MachineName) -> Option<MachineName> {
        if !name.is_qualified() || self.stored.contains(name) {
            return None;
        }
        let short = self.stored.iter().find(|stored| !stored.is_qualified())?;
        let is_only = self.qualified.len() == 1;
        let ids = self.ids.get(short);
        let mut of_id =
            self.qualified.iter().filter(|other| ids.is_some_and(|ids| ids.iter().any(|id| self.has_id(other, *id))));
        let is_by_id = of_id.next() == Some(name) && of_id.next().is_none();
        (is_only || is_by_id).then(|| short.clone())
    }

    fn has_id(&self, name: &MachineName, id: Uuid) -> bool {
        self.ids.get(name).is_some_and(|ids| ids.contains(&id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Uuid = Uuid::from_u128(1);
    const TWO: Uuid = Uuid::from_u128(2);

    fn name(text: &str) -> MachineName {
        text.parse().unwrap()
    }

    /// The names of the machines of a batch, and what is renamed, as `short>qualified`.
    fn of(known: &[(&str, Option<Uuid>)], batch: &[(&str, Option<Uuid>)]) -> (Vec<String>, Vec<String>) {
        let known: Vec<_> = known.iter().map(|(text, id)| (name(text), *id)).collect();
        let known: Vec<_> = known.iter().map(|(name, id)| (name, *id)).collect();
        let names: Vec<_> = batch.iter().map(|(text, id)| (name(text), *id)).collect();
        let batch: Vec<_> = names.iter().map(|(name, id)| (name, *id)).collect();
        let resolved = resolve(known, &batch);
        let renamed = resolved.renamed.iter().map(|(short, name)| format!("{short}>{name}"));
        (resolved.names.iter().map(ToString::to_string).collect(), renamed.collect())
    }

    #[test]
    fn names_with_and_without_a_domain_are_one_machine_where_only_one_has_the_domain() {
        // Those known, those in the batch, what those are, and what is renamed.
        let expected = [
            ("", "a", "a", ""),
            ("", "a A.x", "a.x a.x", ""),
            ("", "a.x a", "a.x a.x", ""),
            ("a.x", "a", "a.x", ""),
            ("a", "a.x", "a.x", "a>a.x"),
            ("a", "a a.x b", "a.x a.x b", "a>a.x"),
            ("a", "a.x a.y a", "a.x a.y a", ""),
            ("a.x a.y", "a a.z", "a a.z", ""),
        ];
        for (known, batch, names, renamed) in expected {
            let plain = |names: &'static str| names.split_whitespace().map(|name| (name, None)).collect::<Vec<_>>();
            let (found, found_renamed) = of(&plain(known), &plain(batch));
            assert_eq!((found.join(" ").as_str(), found_renamed.join(" ").as_str()), (names, renamed), "{batch}");
        }
    }

    #[test]
    fn where_several_share_a_short_name_the_id_tells_which_it_is() {
        let known = [("a.x", Some(ONE)), ("a.y", Some(TWO))];
        assert_eq!(of(&known, &[("a", Some(TWO))]).0, ["a.y"]);
        assert_eq!(of(&known, &[("a", Some(Uuid::from_u128(3)))]).0, ["a"]);
        assert_eq!(of(&known, &[("a", None)]).0, ["a"]);
        // Copies of one disk have one ID.
        let copies = [("a.x", Some(ONE)), ("a.y", Some(ONE))];
        assert_eq!(of(&copies, &[("a", Some(ONE))]).0, ["a"]);
    }

    #[test]
    fn the_id_tells_as_well_which_of_several_a_short_name_becomes() {
        let (names, renamed) = of(&[("a", Some(TWO))], &[("a.x", Some(ONE)), ("a.y", Some(TWO))]);
        assert_eq!((names, renamed), (vec!["a.x".into(), "a.y".into()], vec!["a>a.y".into()]));
    }

    #[test]
    fn two_domains_are_two_machines_whatever_their_ids() {
        assert_eq!(of(&[("a.x", Some(ONE))], &[("a.y", Some(ONE))]), (vec!["a.y".to_owned()], vec![]));
    }
}
