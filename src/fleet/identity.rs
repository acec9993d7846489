//! Which machine a report is about: names with a domain and names without, which some sources shorten. Pure.
//!
//! What a batch costs grows with the batch alone: of the machines in the store no more are looked at than
//! [`MAX_NAMESAKES`] for each short name in it.

use crate::license::MachineName;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// How many machines may share a short name so that it may stand for one of them. Where more do, a report without a
/// domain is that of a machine of its own.
pub(crate) const MAX_NAMESAKES: usize = 1000;

/// A machine, or a report, as it is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Called<'a> {
    pub(crate) name: &'a MachineName,
    /// The ID by which KMS hosts count it.
    pub(crate) id: Option<Uuid>,
    /// True where somebody reported it who may speak for its short name as well. Otherwise that stands for another
    /// machine: who may name machines in one domain alone takes over none without one.
    pub(crate) has_short_name: bool,
}

/// The machines known by one short name, and those of one batch of reports.
#[derive(Debug, Default)]
struct Namesakes {
    /// The names with a domain that the short one may stand for.
    qualified: BTreeSet<MachineName>,
    stored: BTreeSet<MachineName>,
    /// The short name, while it is that of a machine in the store.
    stored_short: Option<MachineName>,
    /// Which name with a domain has each ID by which KMS hosts count machines.
    by_id: HashMap<Uuid, Holder>,
    /// The IDs of the machine with the short name.
    ids_of_short: BTreeSet<Uuid>,
    /// The one name with a domain that has any of these.
    of_ids: Option<MachineName>,
    /// True where more machines share the name than are looked at.
    are_too_many: bool,
}

/// Whose an ID is.
#[derive(Debug, PartialEq, Eq)]
enum Holder {
    One(MachineName),
    /// Copies of one disk have one ID.
    Several,
}

/// What the names in a batch come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// For each report, in order, the name of its machine.
    pub(crate) names: Vec<MachineName>,
    /// Machines known by their short name so far, and the name they have from now on.
    pub(crate) renamed: BTreeMap<MachineName, MachineName>,
    /// The reports that may be about any of too many machines.
    pub(crate) ambiguous: Ambiguous,
}

/// Reports under a short name that more machines share than it may stand for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Ambiguous {
    /// One of these names; `None` where there is none.
    pub(crate) name: Option<MachineName>,
    pub(crate) reports: u64,
}

/// Finds the machines of a batch, given those in the store with a name of it, and those that a short name in it may be
/// for: of each one more than [`MAX_NAMESAKES`] is enough.
///
/// A short name stands for the one machine with a domain that has it, where somebody reported that machine who may
/// speak for both names. Where several have it, the ID by which KMS hosts count the machine says which it is; where
/// that does not either, it stays a machine of its own. Two names with different domains are two machines.
pub(crate) fn resolve<'a>(stored: impl IntoIterator<Item = Called<'a>>, batch: &[Called<'_>]) -> Resolved {
    let mut namesakes: BTreeMap<&str, Namesakes> = BTreeMap::new();
    for called in stored {
        let known = namesakes.entry(called.name.short()).or_default();
        known.stored.insert(called.name.clone());
        known.note(called);
    }
    for known in namesakes.values_mut() {
        known.are_too_many = known.qualified.len() + usize::from(known.stored_short.is_some()) > MAX_NAMESAKES;
    }
    for called in batch {
        namesakes.entry(called.name.short()).or_default().note(*called);
    }
    for known in namesakes.values_mut() {
        known.find_by_ids();
    }
    let mut resolved = Resolved::default();
    for Called { name, id, .. } in batch {
        let Some(known) = namesakes.get_mut(name.short()) else { continue };
        if known.are_too_many && !name.is_qualified() {
            resolved.ambiguous.name.get_or_insert_with(|| (*name).clone());
            resolved.ambiguous.reports += 1;
        }
        let name = known.name_for(name, *id);
        if let Some(short) = known.renamed_to(&name) {
            known.stored_short = None;
            known.stored.insert(name.clone());
            resolved.renamed.insert(short, name.clone());
        }
        resolved.names.push(name);
    }
    resolved
}

impl Namesakes {
    fn note(&mut self, Called { name, id, has_short_name }: Called<'_>) {
        if !name.is_qualified() {
            self.ids_of_short.extend(id);
            if self.stored.contains(name) {
                self.stored_short = Some(name.clone());
            }
            return;
        }
        if !has_short_name {
            return;
        }
        self.qualified.insert(name.clone());
        if let Some(id) = id {
            let holder = self.by_id.entry(id).or_insert_with(|| Holder::One(name.clone()));
            if *holder != Holder::One(name.clone()) {
                *holder = Holder::Several;
            }
        }
    }

    /// Finds the one name with a domain that has an ID of the short name.
    fn find_by_ids(&mut self) {
        let mut found: Option<&MachineName> = None;
        for id in &self.ids_of_short {
            match self.by_id.get(id) {
                None => {}
                Some(Holder::One(name)) if found.is_none_or(|found| found == name) => found = Some(name),
                Some(_) => return,
            }
        }
        self.of_ids = found.cloned();
    }

    /// The name of the machine that reports under this one.
    fn name_for(&self, name: &MachineName, id: Option<Uuid>) -> MachineName {
        if name.is_qualified() || self.are_too_many {
            return name.clone();
        }
        let of_id = id.and_then(|id| match self.by_id.get(&id)? {
            Holder::One(name) => Some(name),
            Holder::Several => None,
        });
        self.only().or(of_id).unwrap_or(name).clone()
    }

    /// The name with a domain, where there is only one.
    fn only(&self) -> Option<&MachineName> {
        self.qualified.first().filter(|_| self.qualified.len() == 1)
    }

    /// The short name in the store that is the machine of this name, which is not in it.
    fn renamed_to(&self, name: &MachineName) -> Option<MachineName> {
        if self.are_too_many || !name.is_qualified() || self.stored.contains(name) {
            return None;
        }
        let is_the_one = self.only() == Some(name) || self.of_ids.as_ref() == Some(name);
        self.stored_short.clone().filter(|_| is_the_one)
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

    fn plain(name: &MachineName) -> Called<'_> {
        Called { name, id: None, has_short_name: true }
    }

    /// A name that the short one may stand for; one that ends with `!` is another.
    fn called((name, is_other, id): &(MachineName, bool, Option<Uuid>)) -> Called<'_> {
        Called { name, id: *id, has_short_name: !is_other }
    }

    /// The names of the machines of a batch, and what is renamed, as `short>qualified`.
    fn of(known: &[(&str, Option<Uuid>)], batch: &[(&str, Option<Uuid>)]) -> (Vec<String>, Vec<String>) {
        let read = |(text, id): &(&str, Option<Uuid>)| (name(text.trim_end_matches('!')), text.ends_with('!'), *id);
        let (known, batch): (Vec<_>, Vec<_>) = (known.iter().map(read).collect(), batch.iter().map(read).collect());
        let resolved = resolve(known.iter().map(called), &batch.iter().map(called).collect::<Vec<_>>());
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
            // Whoever reports these may not speak for `a`.
            ("a.evil!", "a", "a", ""),
            ("", "a.evil! a", "a.evil a", ""),
            ("a", "a.evil!", "a.evil", ""),
            ("a", "a.evil! a.x", "a.evil a.x", "a>a.x"),
            ("a.evil! a.x", "a", "a.x", ""),
            // Somebody else does who may.
            ("a a.evil!", "a.evil a", "a.evil a.evil", ""),
        ];
        for (known, batch, names, renamed) in expected {
            let plain = |names: &'static str| names.split_whitespace().map(|name| (name, None)).collect::<Vec<_>>();
            let (found, found_renamed) = of(&plain(known), &plain(batch));
            assert_eq!((found.join(" ").as_str(), found_renamed.join(" ").as_str()), (names, renamed), "{batch}");
        }
    }

    #[test]
    fn where_several_share_a_short_name_the_id_shows_which_it_is() {
        let known = [("a.x", Some(ONE)), ("a.y", Some(TWO))];
        assert_eq!(of(&known, &[("a", Some(TWO))]).0, ["a.y"]);
        assert_eq!(of(&known, &[("a", Some(Uuid::from_u128(3)))]).0, ["a"]);
        assert_eq!(of(&known, &[("a", None)]).0, ["a"]);
        // Copies of one disk have one ID.
        let copies = [("a.x", Some(ONE)), ("a.y", Some(ONE))];
        assert_eq!(of(&copies, &[("a", Some(ONE))]).0, ["a"]);
        // The ID of a machine is no secret.
        assert_eq!(of(&[("a.evil!", Some(ONE)), ("a.x", Some(TWO))], &[("a", Some(ONE))]).0, ["a.x"]);
    }

    #[test]
    fn the_id_shows_as_well_which_of_several_a_short_name_becomes() {
        let (names, renamed) = of(&[("a", Some(TWO))], &[("a.x", Some(ONE)), ("a.y", Some(TWO))]);
        assert_eq!((names, renamed), (vec!["a.x".into(), "a.y".into()], vec!["a>a.y".into()]));
    }

    #[test]
    fn a_name_that_too_many_share_is_that_of_a_machine_of_its_own() {
        let all: Vec<_> = (0..=MAX_NAMESAKES).map(|number| format!("a.x{number}")).collect();
        let known: Vec<_> = all.iter().map(|name| (name.as_str(), Some(ONE))).collect();
        assert_eq!(of(&known[..1], &[("a", Some(ONE))]).0, ["a.x0"]);
        let known: Vec<_> = all.iter().zip(1..).map(|(name, id)| (name.as_str(), Some(Uuid::from_u128(id)))).collect();
        assert_eq!(of(&known[..MAX_NAMESAKES], &[("a", Some(TWO))]).0, ["a.x1"]);
        assert_eq!(of(&known, &[("a", Some(TWO)), ("a.y", None)]).0, ["a", "a.y"]);
        let stored: Vec<_> = all.iter().map(|text| name(text)).collect();
        let (short, other) = (name("a"), name("b"));
        let batch = [&short, &other, &stored[0], &short].map(plain);
        let ambiguous = |stored: &[MachineName]| resolve(stored.iter().map(plain), &batch).ambiguous;
        assert_eq!(ambiguous(&stored), Ambiguous { name: Some(short.clone()), reports: 2 });
        assert_eq!(ambiguous(&stored[1..]), Ambiguous::default());
    }

    #[test]
    fn a_batch_of_namesakes_takes_no_time() {
        let many = 20_000;
        let names: Vec<_> = (0..many).map(|number| name(&format!("a.x{number}"))).collect();
        let id = |number: usize| Some(Uuid::from_u128(number as u128));
        let (short, begun) = (name("a"), std::time::Instant::now());
        let called = |name, id| Called { name, id, has_short_name: true };
        let reports = |number| [called(&names[number], id(number)), called(&short, id(number))];
        let batch: Vec<_> = (0..many).flat_map(reports).collect();
        let resolved = resolve([called(&short, id(many))], &batch);
        assert_eq!((resolved.names[many].clone(), resolved.renamed.len()), (names[many / 2].clone(), 0));
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }

    #[test]
    fn two_domains_are_two_machines_whatever_their_ids() {
        assert_eq!(of(&[("a.x", Some(ONE))], &[("a.y", Some(ONE))]), (vec!["a.y".to_owned()], vec![]));
    }
}
