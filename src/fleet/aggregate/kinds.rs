//! The products, the channels and the kinds of licenses that are listed, and the rest of each as one. Where there is no
//! room for all, the places are divided among the organisations: whoever reports for one could make up any number.

use super::super::worst;
use super::super::{Count, Runway};
use super::Set;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

/// How many products, channels and kinds of licenses are listed.
const MAX_KINDS: usize = 100;

/// What the rest is called.
const OTHER: &str = "other";

/// The product, the channel and the status of a license.
pub(super) type Kind<'a> = (&'a str, &'a str, Option<u8>);

/// Those that are listed: of each organisation in turn the one with the most licenses of its machines.
pub(super) fn chosen<'a, T: Ord + Hash + Copy>(
    counts: &HashMap<(Kind<'a>, &'a str), u64>,
    what: impl Fn(Kind<'a>) -> T,
) -> HashSet<T> {
    let mut sums: HashMap<(T, &str), u64> = HashMap::new();
    for ((kind, organisation), licenses) in counts {
        *sums.entry((what(*kind), *organisation)).or_default() += licenses;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_unstable_by_key(|((what, organisation), licenses)| (Reverse(*licenses), *what, *organisation));
    let mut chosen = HashSet::new();
    for ((what, _), _) in worst::in_turn(sums, |((_, organisation), _)| ((), *organisation)) {
        if chosen.len() == MAX_KINDS {
            break;
        }
        chosen.insert(what);
    }
    chosen
}

/// The sets that are chosen, those with the most machines first, and the others as one.
pub(super) fn largest(sets: HashMap<&str, Set<'_>>, chosen: &HashSet<&str>) -> Vec<(String, Runway)> {
    let (sets, rest): (Vec<_>, Vec<_>) = sets.into_iter().partition(|(name, _)| chosen.contains(name));
    let mut sets: Vec<_> = sets.into_iter().map(|(name, set)| (name.to_owned(), set.finish())).collect();
    sets.sort_by(|(one, mine), (two, theirs)| theirs.machines.cmp(&mine.machines).then_with(|| one.cmp(two)));
    if !rest.is_empty() {
        let mut other = Runway::default();
        for (_, set) in rest {
            other.add(&set.finish());
        }
        sets.push((OTHER.to_owned(), other));
    }
    sets
}

/// The kinds that are chosen, those with the most licenses first, and the others by their status alone.
pub(super) fn largest_counts<'a>(counts: &HashMap<(Kind<'a>, &'a str), u64>) -> Vec<Count> {
    let chosen = chosen(counts, |kind| kind);
    let (mut listed, mut others) = (HashMap::<Kind<'_>, u64>::new(), BTreeMap::<_, u64>::new());
    for ((kind, _), licenses) in counts {
        let sum =
            if chosen.contains(kind) { listed.entry(*kind).or_default() } else { others.entry(kind.2).or_default() };
        *sum += licenses;
    }
    let count = |((product, channel, license_status), licenses): (Kind<'_>, u64)| Count {
        product: product.to_owned(),
        channel: channel.to_owned(),
        license_status,
        licenses,
    };
    let mut listed: Vec<_> = listed.into_iter().map(count).collect();
    listed.sort_by(|one, two| two.licenses.cmp(&one.licenses).then_with(|| one.kind().cmp(&two.kind())));
    listed.extend(others.into_iter().map(|(status, licenses)| count(((OTHER, OTHER, status), licenses))));
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_strangers_push_out_none() {
        let names: Vec<_> = (0..150).map(|number| format!("Windows E{number}")).collect();
        let mut counts: HashMap<_, _> =
            names.iter().map(|name| (((name.as_str(), "KMS", Some(5)), "evil.example"), 40)).collect();
        let own = ["Windows Server", "Windows Pro", "Office"];
        counts.extend(own.map(|name| (((name, "KMS", Some(1)), "corp.example"), 1)));
        let listed = largest_counts(&counts);
        assert_eq!(listed.len(), 101);
        assert_eq!(own.map(|name| listed.iter().any(|count| count.product == name)), [true; 3]);
        assert_eq!(listed.iter().map(|count| count.licenses).sum::<u64>(), 6003);
        let sets = names.iter().map(String::as_str).chain(own).map(|name| (name, Set::default())).collect();
        let sets = largest(sets, &chosen(&counts, |(product, ..)| product));
        assert_eq!(own.map(|name| sets.iter().any(|(listed, _)| listed == name)), [true; 3]);
    }
}
