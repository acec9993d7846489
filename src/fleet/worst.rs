//! The worst of many machines, up to a bound. Pure.
//!
//! Who may report machines of one organisation could report any number that are worse than all others, or have the first
//! names. Where there is no room for all, the places are divided among the organisations.

use std::collections::HashMap;

/// A machine, after when it loses activation, in seconds since 1970.
type Machine<S> = (i64, S);

/// The end of a name that machines of one organisation have in common, about: the last two labels of the domain. Who
/// is given a domain makes up domains in it.
pub(super) fn organisation(name: &str) -> &str {
    let domain = name.split_once('.').map_or("", |(_, domain)| domain);
    let mut dots = domain.rmatch_indices('.');
    dots.nth(1).and_then(|(at, _)| domain.get(at + 1..)).unwrap_or(domain)
}

/// Adds a machine to the worst of them, which are in order, where it is among them.
pub(super) fn add<S: AsRef<str> + Ord>(worst: &mut Vec<Machine<S>>, machine: Machine<S>, most: usize) {
    let Err(place) = worst.binary_search(&machine) else { return };
    if worst.len() < most {
        return worst.insert(place, machine);
    }
    let own = organisation(machine.1.as_ref());
    // Mostly there is one organisation.
    if place == worst.len() && worst.iter().all(|(_, name)| organisation(name.as_ref()) == own) {
        return;
    }
    worst.insert(place, machine);
    let last = last_of_most(worst);
    worst.remove(last);
}

/// The place of the last machine of the organisation that has the most of these.
fn last_of_most<S: AsRef<str>>(worst: &[Machine<S>]) -> usize {
    let organisations: Vec<_> = worst.iter().map(|(_, name)| organisation(name.as_ref())).collect();
    let count = |place: &usize| {
        let own = organisations.get(*place);
        organisations.iter().filter(|other| Some(*other) == own).count()
    };
    // Of equal ones the last is taken.
    (0..worst.len()).max_by_key(count).unwrap_or_default()
}

/// An order in which each organisation has as many of the first, however many these are. What is of the first part comes
/// before the rest; in a part, those of one organisation keep their order. `of` is the part and the organisation of each.
pub(super) fn in_turn<'a, T, P: Ord + Copy>(all: Vec<T>, of: impl Fn(&T) -> (P, &'a str)) -> Vec<T> {
    let mut turns: HashMap<&str, (Option<P>, usize)> = HashMap::new();
    let mut placed: Vec<_> = all
        .into_iter()
        .map(|each| {
            let (part, organisation) = of(&each);
            let (last, turn) = turns.entry(organisation).or_default();
            *turn = if *last == Some(part) { *turn + 1 } else { 0 };
            *last = Some(part);
            ((part, *turn), each)
        })
        .collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, each)| each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::LOST;

    fn of(machines: impl IntoIterator<Item = (i64, String)>) -> Vec<String> {
        let mut worst = Vec::new();
        machines.into_iter().for_each(|machine| add(&mut worst, machine, 10));
        worst.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn an_organisation_is_the_end_of_a_domain() {
        let expected = [
            ("ws1.corp.example", "corp.example"),
            ("ws1.tokyo.corp.example", "corp.example"),
            ("ws1.corp", "corp"),
            ("ws1", ""),
        ];
        for (name, end) in expected {
            assert_eq!(organisation(name), end);
        }
    }

    #[test]
    fn the_worst_of_one_organisation_are_kept_in_order() {
        let machines = (0..40).rev().map(|number| (number % 20, format!("ws{number:02}.corp.example")));
        let expected = [0, 20, 1, 21, 2, 22, 3, 23, 4, 24].map(|number| format!("ws{number:02}.corp.example"));
        assert_eq!(of(machines), expected);
    }

    #[test]
    fn organisations_take_turns_behind_what_comes_first() {
        let names = (0..1000).map(|number| format!("a{number}.evil.example"));
        let names: Vec<_> = names.chain((0..30).map(|number| format!("kms{number}.corp.example"))).collect();
        let all = [("led.corp.example", 0)].into_iter().chain(names.iter().map(|name| (name.as_str(), 1))).collect();
        let turns = in_turn(all, |(name, part)| (*part, organisation(name)));
        let own = |(name, _): &&(&str, u8)| name.ends_with("corp.example");
        assert_eq!((turns.len(), turns[0]), (1031, ("led.corp.example", 0)));
        assert_eq!(turns[..100].iter().filter(own).count(), 31);
        assert_eq!([turns[1], turns[2]].map(|(name, _)| name), ["a0.evil.example", "kms0.corp.example"]);
    }

    #[test]
    fn strangers_push_out_nobody_in_whatever_order_they_come() {
        let strangers = || (0..3000).map(|number| (LOST, format!("a{number:04}.x{number}.evil.example")));
        let own = || (0..7).map(|number| (number, format!("ws{number}.corp.example")));
        for names in [of(strangers().chain(own())), of(own().chain(strangers()))] {
            assert_eq!(names.iter().filter(|name| name.ends_with("corp.example")).count(), 5, "{names:?}");
            assert_eq!((names[0].as_str(), names[5].as_str()), ("a0000.x0.evil.example", "ws0.corp.example"));
        }
        // Where there is room, all are named.
        let few = of(own().take(2).chain(strangers()));
        assert_eq!(few.iter().filter(|name| name.ends_with("corp.example")).count(), 2);
    }
}
