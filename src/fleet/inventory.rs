//! The machines that are expected, against those that report. Pure.
//!
//! Names with and without a domain are one machine by the rule of [`identity`](super::identity): a short name stands for
//! the one machine with a domain that has it, whether that reports or is expected; where several have it, it is a machine
//! of its own.

use super::Fleet;
use super::moment::Moment;
use crate::formats::inventory::Account;
use crate::license::MachineName;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The machines that are expected, in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inventory {
    machines: Box<[Expected]>,
}

/// A machine that is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub name: MachineName,
    /// When it last logged on, as the inventory has it.
    pub last_logon: Option<Box<str>>,
    /// Many have the same.
    pub operating_system: Option<Arc<str>>,
}

/// How the machines that are expected compare with those that report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expectations {
    pub expected: u64,
    /// Those that are expected and never reported.
    pub missing: u64,
    /// Those that are expected and have not reported for too long.
    pub silent: u64,
    /// Those that report and are not expected.
    pub unlisted: u64,
}

impl Inventory {
    /// The machines of these accounts, each once.
    pub fn new(accounts: impl IntoIterator<Item = Account>) -> Self {
        let mut systems: HashSet<Arc<str>> = HashSet::new();
        let mut shared = |text: String| {
            let known = systems.get(text.as_str()).map(Arc::clone);
            known.unwrap_or_else(|| {
                let system = Arc::<str>::from(text);
                systems.insert(Arc::clone(&system));
                system
            })
        };
        let expected = accounts.into_iter().map(|Account { name, last_logon, operating_system }| Expected {
            name,
            last_logon: last_logon.map(String::into_boxed_str),
            operating_system: operating_system.map(&mut shared),
        });
        let mut machines: Vec<_> = expected.collect();
        machines.sort_by(|one, other| one.name.cmp(&other.name));
        machines.dedup_by(|one, other| one.name == other.name);
        let meanings = Meanings::new(machines.iter().map(|machine| &machine.name));
        let are_others: Vec<bool> =
            machines.iter().map(|machine| meanings.of(&machine.name) != machine.name.as_str()).collect();
        drop(meanings);
        let mut are_others = are_others.into_iter();
        machines.retain(|_| !are_others.next().unwrap_or_default());
        Self { machines: machines.into_boxed_slice() }
    }

    /// How many machines are expected.
    pub fn len(&self) -> usize {
        self.machines.len()
    }

    /// True where none is.
    pub fn is_empty(&self) -> bool {
        self.machines.is_empty()
    }

    /// The machine of this name, or the only one that has it as its short name.
    pub fn find(&self, name: &str) -> Option<&Expected> {
        let name = name.trim().trim_end_matches('.').to_lowercase();
        let place = self.machines.binary_search_by(|known| known.name.as_str().cmp(&name));
        let shortly = || {
            let mut named = self.machines.iter().filter(|known| known.name.short() == name);
            named.next().filter(|_| named.next().is_none())
        };
        place.ok().and_then(|place| self.machines.get(place)).or_else(shortly)
    }

    fn names(&self) -> impl Iterator<Item = &MachineName> {
        self.machines.iter().map(|machine| &machine.name)
    }
}

/// What short names stand for.
struct Meanings<'a> {
    /// The name with a domain, by the short one; `None` where several have it.
    full: HashMap<&'a str, Option<&'a str>>,
}

impl<'a> Meanings<'a> {
    /// What short names stand for among these.
    fn new(names: impl Iterator<Item = &'a MachineName>) -> Self {
        let mut full: HashMap<&str, Option<&str>> = HashMap::new();
        for name in names.filter(|name| name.is_qualified()) {
            let known = full.entry(name.short()).or_insert(Some(name.as_str()));
            *known = known.filter(|known| *known == name.as_str());
        }
        Self { full }
    }

    /// The name of the machine that is meant.
    fn of(&self, name: &'a MachineName) -> &'a str {
        let full = if name.is_qualified() { None } else { self.full.get(name.as_str()).copied().flatten() };
        full.unwrap_or(name.as_str())
    }
}

/// What a machine of the fleet is, as far as it is compared.
#[derive(Clone, Copy)]
struct Seen {
    is_stale: bool,
    /// False for a KMS host of which no license is known: no list shows it.
    is_listed: bool,
}

impl Fleet {
    fn meanings<'a>(&'a self, inventory: &'a Inventory) -> Meanings<'a> {
        // Whoever may not speak for the short name of a machine takes no other one's place.
        let own = self.machines.iter().filter(|(_, record)| record.has_short_name).map(|(name, _)| name);
        Meanings::new(own.chain(inventory.names()))
    }

    /// Compares the machines that are expected with those that report.
    pub fn expectations(&self, inventory: &Inventory, moment: Moment) -> Expectations {
        let meanings = self.meanings(inventory);
        let mut seen: HashMap<&str, Seen> = HashMap::with_capacity(self.machines.len());
        for (name, record) in &self.machines {
            let is_listed = !record.licenses.is_empty() || !record.is_kms_host();
            let new = Seen { is_stale: moment.is_stale(record.reported_at), is_listed };
            let known = seen.entry(meanings.of(name)).or_insert(new);
            *known = Seen { is_stale: known.is_stale && new.is_stale, is_listed: known.is_listed || new.is_listed };
        }
        let mut counted = Expectations { expected: inventory.len() as u64, ..Expectations::default() };
        for name in inventory.names() {
            match seen.remove(meanings.of(name)) {
                None => counted.missing += 1,
                Some(machine) => counted.silent += u64::from(machine.is_stale),
            }
        }
        counted.unlisted = seen.values().filter(|machine| machine.is_listed).count() as u64;
        counted
    }

    /// The machines that are expected and never reported, in the order of their names.
    pub fn missing<'a>(&'a self, inventory: &'a Inventory) -> Vec<&'a Expected> {
        let meanings = self.meanings(inventory);
        let seen: HashSet<&str> = self.machines.keys().map(|name| meanings.of(name)).collect();
        inventory.machines.iter().filter(|machine| !seen.contains(meanings.of(&machine.name))).collect()
    }

    /// The names of the machines that report and are not expected.
    pub(super) fn unlisted<'a>(&'a self, inventory: &Inventory) -> HashSet<&'a MachineName> {
        let meanings = self.meanings(inventory);
        let expected: HashSet<&str> = inventory.names().map(|name| meanings.of(name)).collect();
        self.machines.keys().filter(|name| !expected.contains(meanings.of(name))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::known::KnownMachine;
    use crate::license::Source;
    use jiff::{SignedDuration, Timestamp};
    use std::collections::BTreeMap;
    use std::time::Instant;

    fn moment() -> Moment {
        Moment { now: Timestamp::from_second(1_800_000_000).unwrap(), stale_after: SignedDuration::from_hours(24) }
    }

    fn inventory(names: impl IntoIterator<Item = String>) -> Inventory {
        let account = |name: String| Account { name: name.parse().unwrap(), last_logon: None, operating_system: None };
        Inventory::new(names.into_iter().map(account))
    }

    fn words(text: &str) -> impl Iterator<Item = String> {
        text.split_whitespace().map(str::to_owned)
    }

    /// Machines that report; one whose name ends in `!` was reported by somebody who may not speak for its short name, one
    /// that ends in `?` long ago.
    fn fleet(names: impl IntoIterator<Item = String>) -> Fleet {
        let mut fleet = Fleet::default();
        for name in names {
            let now = moment().now;
            let reported_at = if name.ends_with('?') { now - SignedDuration::from_hours(25) } else { now };
            let machine = KnownMachine {
                name: name.trim_end_matches(['!', '?']).parse().unwrap(),
                reported_at,
                received_at: reported_at,
                source: Source::Slmgr,
                complete_at: None,
                client_machine_id: None,
                remaining_windows_rearms: None,
                service_version: None,
                kms_host: None,
                kms_host_reported_at: None,
                counted_at: BTreeMap::new(),
                requests_known_at: None,
                requests_grew_at: None,
                has_short_name: !name.ends_with('!'),
            };
            fleet.put(&machine, [], 0);
        }
        fleet
    }

    #[test]
    fn names_with_and_without_a_domain_are_one_machine_by_the_rule_of_the_fleet() {
        // Those that are expected, those that report, those that are missing, and those that are not listed.
        let cases = [
            ("a.x b.x", "a.x", "b.x", ""),
            ("a.x", "", "a.x", ""),
            ("", "a.x", "", "a.x"),
            ("a", "a.x", "", ""),
            ("a.x", "a", "", ""),
            ("A.X a a.x", "a", "", ""),
            // Several have the short name, which is a machine of its own then.
            ("a", "a.x a.y", "a", "a.x a.y"),
            ("a.x a.y", "a", "a.x a.y", "a"),
            ("a.x a", "a.y", "a.x", "a.y"),
            // Whoever reported these may not speak for `a`.
            ("a", "a.evil!", "a", "a.evil"),
            ("a", "a.evil! a.x", "", "a.evil"),
            ("a.evil", "a.evil!", "", ""),
        ];
        for (expected, reporting, missing, unlisted) in cases {
            let (inventory, fleet) = (inventory(words(expected)), fleet(words(reporting)));
            let found = fleet.missing(&inventory).iter().map(|machine| machine.name.to_string()).collect::<Vec<_>>();
            let mut others: Vec<_> = fleet.unlisted(&inventory).iter().map(ToString::to_string).collect();
            others.sort();
            assert_eq!(
                (found.join(" ").as_str(), others.join(" ").as_str()),
                (missing, unlisted),
                "{expected}/{reporting}"
            );
            let counts = fleet.expectations(&inventory, moment());
            assert_eq!((counts.missing, counts.unlisted), (found.len() as u64, others.len() as u64), "{expected}");
        }
    }

    #[test]
    fn a_machine_is_found_by_its_name_or_the_short_one_that_no_other_has() {
        let inventory = inventory(words("a.x b.x b.y c"));
        let found = |name: &str| inventory.find(name).map(|machine| machine.name.to_string());
        assert_eq!(
            ["A.x", "a", "b", "b.y.", "c", "d", ""].map(found).map(Option::unwrap_or_default),
            ["a.x", "a.x", "", "b.y", "c", "", ""]
        );
    }

    #[test]
    fn what_is_expected_and_has_not_reported_for_too_long_is_silent() {
        let (inventory, fleet) = (inventory(words("a.x b.x c.x d.x")), fleet(words("a.x b? c.x? e.x?")));
        let counts = fleet.expectations(&inventory, moment());
        assert_eq!(counts, Expectations { expected: 4, missing: 1, silent: 2, unlisted: 1 });
    }

    #[test]
    fn many_names_take_no_time() {
        let (name, many) = (|number: usize| format!("ws{number:06}.corp.example"), 20_000);
        let (inventory, fleet) = (inventory((0..many).map(name)), fleet((many / 2..many + many / 2).map(name)));
        let begun = Instant::now();
        let (counts, half) = (fleet.expectations(&inventory, moment()), many as u64 / 2);
        assert_eq!(counts, Expectations { expected: 2 * half, missing: half, silent: 0, unlisted: half });
        assert_eq!(fleet.missing(&inventory).len(), many / 2);
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }
}
