//! What SKUs are called, since other machines report what that is. Pure.
//!
//! Who may send reports of one domain decides nothing about the machines of another. A name holds for the machines of
//! the domain in which it is reported, and of several the one that most machines there report. It follows from what
//! machines report now, and is kept nowhere: it is forgotten together with them.

use super::sku::SkuName;
use super::terms::Terms;
use crate::license::MachineName;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// What machines of one domain report of one SKU, and how many do.
type OfSku<'a> = HashMap<*const Terms, (&'a Terms, u64)>;

/// What machines report of the SKUs that are asked for, by their domains.
pub(super) struct Reports<'a> {
    skus: HashSet<Uuid>,
    of_domains: HashMap<&'a str, HashMap<Uuid, OfSku<'a>>>,
}

impl<'a> Reports<'a> {
    /// No report so far, of these SKUs.
    pub(super) fn of(skus: HashSet<Uuid>) -> Self {
        Self { skus, of_domains: HashMap::new() }
    }

    /// Counts what a machine reports of one license. A machine has one of each SKU.
    pub(super) fn count(&mut self, machine: &'a MachineName, terms: &'a Arc<Terms>) {
        let license = &terms.reported.license;
        let Some(sku) = license.sku.filter(|sku| license.product.is_some() && self.skus.contains(sku)) else { return };
        let of_sku = self.of_domains.entry(machine.domain()).or_default().entry(sku).or_default();
        of_sku.entry(Arc::as_ptr(terms)).or_insert((terms, 0)).1 += 1;
    }

    /// What the SKUs are called in each domain.
    pub(super) fn names(self) -> SkuNames {
        let of_domain = self.of_domains.into_iter().map(|(domain, reports)| {
            let names = reports.iter().map(|(sku, reports)| (*sku, Arc::new(of_most(reports))));
            (domain.to_owned(), names.collect())
        });
        SkuNames(of_domain.collect())
    }
}

/// What SKUs are called, by domain.
#[derive(Debug, Default)]
pub(super) struct SkuNames(HashMap<String, HashMap<Uuid, Arc<SkuName>>>);

impl SkuNames {
    /// What a SKU is called in the domain of a machine, where that is reported.
    pub(super) fn get(&self, machine: &MachineName, sku: Uuid) -> Option<&Arc<SkuName>> {
        self.0.get(machine.domain())?.get(&sku)
    }
}

/// What most machines report. Each field is decided on its own: reports in several languages name one product
/// differently, and its channel alike.
fn of_most(reports: &OfSku<'_>) -> SkuName {
    let of = || reports.values().map(|(terms, machines)| (&terms.reported.license, *machines));
    SkuName {
        product: most(of().map(|(license, machines)| (license.product.as_ref(), machines))),
        channel: most(of().map(|(license, machines)| (license.channel.as_ref(), machines))),
        application: most(of().map(|(license, machines)| (license.application.as_ref(), machines))),
        is_addon: most(of().map(|(license, machines)| (license.is_addon.as_ref(), machines))),
    }
}

/// What most machines report of those that report anything; of what equally many do the least, so that programs that
/// share a store agree.
fn most<'a, T: Ord + Clone + 'a>(reports: impl Iterator<Item = (Option<&'a T>, u64)>) -> Option<T> {
    let mut counts: BTreeMap<&T, u64> = BTreeMap::new();
    for (reported, machines) in reports {
        if let Some(reported) = reported {
            *counts.entry(reported).or_default() += machines;
        }
    }
    // Of equal ones the last is taken, which is the least here.
    counts.into_iter().rev().max_by_key(|(_, machines)| *machines).map(|(reported, _)| reported.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_most_report_is_taken_and_of_equals_the_least() {
        let of = |reports: &[(Option<&'static str>, u64)]| {
            let reports: Vec<_> = reports.iter().map(|(text, machines)| (text.as_ref(), *machines)).collect();
            most(reports.into_iter())
        };
        assert_eq!(of(&[(Some("b"), 2), (Some("a"), 1)]), Some("b"));
        assert_eq!(of(&[(Some("b"), 1), (Some("a"), 1), (Some("c"), 1)]), Some("a"));
        assert_eq!(of(&[(Some("b"), 1), (Some("a"), 1), (Some("b"), 1), (None, 9)]), Some("b"));
        assert_eq!(of(&[(None, 9)]), None);
    }
}
