//! Machines listed, a page at a time. Pure.

use super::aggregate::dependent_of;
use super::dependencies::{Dependencies, Reaching};
use super::known::{KnownLicense, KnownMachine};
use super::moment::Moment;
use super::outlook::Outlook;
use super::record::{LicenseRecord, Record};
use super::terms::Terms;
use super::{AT_RISK_DAYS, Fleet, Inventory};
use crate::codes::Code;
use crate::license::{LicenseStatus, MachineName};
use jiff::Timestamp;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;

/// Which machines to list. What is `None` or false restricts nothing.
///
/// What is asked of licenses (product, channel, status) is asked of one and the same license, and then what is lost,
/// ends or is overdue is asked of such licenses alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineQuery {
    /// The moment for which to list.
    pub moment: Moment,
    /// A part of the name, in any case.
    pub name: Option<String>,
    /// A part of the name of a product, in any case.
    pub product: Option<String>,
    /// A channel, in any case.
    pub channel: Option<String>,
    pub license_status: Option<LicenseStatus>,
    /// Only those on the path of this name.
    pub path: Option<String>,
    /// Only those that have not reported for too long, or only the others.
    pub stale: Option<bool>,
    /// Only those with a license that is lost.
    pub lost: bool,
    /// Only those with a license that is lost, ends within [`AT_RISK_DAYS`], or should have been renewed.
    pub at_risk: bool,
    /// Only those that are not lost, with a license that ends within so many days.
    pub expiring_within_days: Option<u32>,
    /// Only those with a license that should have been renewed.
    pub overdue: bool,
    /// Only those that last reported at this moment or later.
    pub reported_since: Option<Timestamp>,
    /// Only those that are not in this inventory.
    pub unlisted_in: Option<Arc<Inventory>>,
    /// Only those that report this code, as the reason of a status or the outcome of an attempt.
    pub reported_code: Option<Code>,
    /// In which order.
    pub sort: MachineSort,
    /// How many to skip.
    pub offset: u64,
    /// How many to list.
    pub limit: u64,
}

/// The order of machines. Those that are equal in it are in the order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MachineSort {
    /// Those that are lost, then the first to end; those without an end are last.
    #[default]
    Expiry,
    Name,
    ReportedAt,
    /// Those whose renewal is overdue for the longest first.
    Overdue,
}

/// Machines, and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MachinePage {
    /// Those on this page.
    pub machines: Vec<Machine>,
    /// How many there are on all pages.
    pub total: u64,
}

/// A machine with all of its licenses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    pub machine: KnownMachine,
    /// True where it has not reported for too long.
    pub stale: bool,
    /// The first path it is on; `None` where it is on none.
    pub path: Option<Arc<str>>,
    /// Its licenses, also those that were not asked for. Where a license does not say what it is called, its SKU does.
    pub licenses: Vec<KnownLicense>,
}

/// A machine that is listed, after its place and its number in the order of names.
type Found<'a> = (Place, usize, &'a MachineName, &'a Record);

/// A place in the order of machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// True where the machine comes after all the others.
    is_last: bool,
    key: i64,
}

impl MachineQuery {
    /// All machines: the first hundred of those that are lost or end first.
    pub const fn new(moment: Moment) -> Self {
        Self {
            moment,
            name: None,
            product: None,
            channel: None,
            license_status: None,
            path: None,
            stale: None,
            lost: false,
            at_risk: false,
            expiring_within_days: None,
            overdue: false,
            reported_since: None,
            unlisted_in: None,
            reported_code: None,
            sort: MachineSort::Expiry,
            offset: 0,
            limit: 100,
        }
    }
}

impl Fleet {
    /// Lists machines.
    pub fn page(&self, query: &MachineQuery, dependencies: &Dependencies) -> MachinePage {
        let filter = Filter::new(self, query, dependencies);
        let believed = self.believed(query.moment);
        let mut found = self.found(&filter, &believed);
        let total = found.len();
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX).min(total);
        let end = offset.saturating_add(usize::try_from(query.limit).unwrap_or(usize::MAX)).min(total);
        // They come by name. What is not on the page need not be in order.
        if query.sort != MachineSort::Name {
            if end < total {
                found.select_nth_unstable_by(end, order);
                found.truncate(end);
            }
            if offset > 0 && offset < end {
                found.select_nth_unstable_by(offset, order);
            }
            if let Some(page) = found.get_mut(offset..) {
                page.sort_unstable_by(order);
            }
        }
        let listed = found.get(offset..end).unwrap_or_default().iter();
        let machines = listed.map(|(_, _, name, record)| Self::machine(name, record, &filter)).collect();
        MachinePage { machines, total: total as u64 }
    }

    /// As [`Self::page`], but nothing beside the machine of this very name where that is asked for: it is found at once.
    pub fn page_of(&self, name: &str, query: &MachineQuery, dependencies: &Dependencies) -> MachinePage {
        let named = name.parse().ok().and_then(|name: MachineName| self.machines.get_key_value(&name));
        if let Some((name, record)) = named {
            let filter = Filter::new(self, query, dependencies);
            let believed = record.believed(query.moment);
            let record = believed.as_ref().unwrap_or(record);
            if filter.place(name, record).is_some() {
                return MachinePage { machines: vec![Self::machine(name, record, &filter)], total: 1 };
            }
        }
        self.page(query, dependencies)
    }

    /// The names of all machines that are asked for, in order, whichever page is.
    pub fn order(&self, query: &MachineQuery, dependencies: &Dependencies) -> Vec<MachineName> {
        let filter = Filter::new(self, query, dependencies);
        let believed = self.believed(query.moment);
        let mut found = self.found(&filter, &believed);
        if query.sort != MachineSort::Name {
            found.sort_unstable_by(order);
        }
        found.into_iter().map(|(_, _, name, _)| name.clone()).collect()
    }

    /// The machines with these names, as they are now. One that is gone is left out.
    pub fn named(&self, names: &[MachineName], query: &MachineQuery, dependencies: &Dependencies) -> Vec<Machine> {
        let filter = Filter::new(self, query, dependencies);
        let known = names.iter().filter_map(|name| self.machines.get_key_value(name));
        let machine = |(name, record): (&MachineName, &Record)| {
            let believed = record.believed(query.moment);
            Self::machine(name, believed.as_ref().unwrap_or(record), &filter)
        };
        known.map(machine).collect()
    }

    /// So many of the machines that are asked for, in the order of their names, from the first after a name on.
    pub fn after(
        &self,
        name: Option<&MachineName>,
        most: usize,
        query: &MachineQuery,
        dependencies: &Dependencies,
    ) -> Vec<Machine> {
        let filter = Filter::new(self, query, dependencies);
        let from = name.map_or(Bound::Unbounded, Bound::Excluded);
        let left = self.machines.range::<MachineName, _>((from, Bound::Unbounded));
        let machine = |(name, record): (&MachineName, &Record)| {
            let believed = record.believed(query.moment);
            let record = believed.as_ref().unwrap_or(record);
            filter.place(name, record).map(|_| Self::machine(name, record, &filter))
        };
        left.filter_map(machine).take(most).collect()
    }

    /// All machines that are asked for, in the order of their names.
    fn found<'a>(&'a self, filter: &Filter<'_>, believed: &'a HashMap<&'a MachineName, Record>) -> Vec<Found<'a>> {
        let numbered = self.machines.iter().enumerate();
        let numbered = numbered.map(|(number, (name, it))| (number, name, believed.get(name).unwrap_or(it)));
        numbered.filter_map(|(number, name, it)| Some((filter.place(name, it)?, number, name, it))).collect()
    }

    fn machine(name: &MachineName, record: &Record, filter: &Filter<'_>) -> Machine {
        Machine {
            machine: record.machine(name),
            stale: filter.query.moment.is_stale(record.reported_at),
            path: filter.reaching.first_path(&filter.on(name, record)).cloned(),
            licenses: record.licenses.iter().map(LicenseRecord::shown).collect(),
        }
    }
}

/// The order of machines that are found.
fn order(one: &Found<'_>, two: &Found<'_>) -> Ordering {
    (one.0, one.1).cmp(&(two.0, two.1))
}

/// True for a license of which a code is reported.
fn reports(license: &LicenseRecord, code: Code) -> bool {
    license.reason_code == Some(code) || license.last_error == Some(code)
}

/// A query, made ready to be asked of many machines.
struct Filter<'a> {
    query: &'a MachineQuery,
    name: Option<String>,
    /// The terms with the product and the channel that are asked for, by where they are; `None` where all are.
    terms: Option<HashSet<*const Terms>>,
    reaching: Reaching<'a>,
    /// The set of the path that is asked for.
    set: Option<usize>,
    /// True where a path leads to Microsoft beside those to KMS hosts.
    has_other_path: bool,
    /// The machines that are asked for, where only those are that are not expected.
    unlisted: Option<HashSet<&'a MachineName>>,
}

impl<'a> Filter<'a> {
    fn new(fleet: &'a Fleet, query: &'a MachineQuery, dependencies: &'a Dependencies) -> Self {
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        let (product, channel) = (lower(&query.product), lower(&query.channel));
        let is_asked_for = |terms: &&Arc<Terms>| {
            product.as_ref().is_none_or(|part| terms.product.to_lowercase().contains(part.as_str()))
                && channel.as_ref().is_none_or(|word| terms.channel.to_lowercase() == *word)
        };
        let asks_for_terms = product.is_some() || channel.is_some();
        Self {
            query,
            name: lower(&query.name),
            terms: asks_for_terms.then(|| fleet.terms().filter(is_asked_for).map(Arc::as_ptr).collect()),
            reaching: dependencies.reaching(fleet.kms_hosts()),
            set: query.path.as_deref().and_then(|path| dependencies.set_of(path)),
            has_other_path: !dependencies.is_kms_only(),
            unlisted: query.unlisted_in.as_ref().map(|inventory| fleet.unlisted(inventory)),
        }
    }

    /// The place of a machine; `None` where it is not asked for.
    fn place(&self, name: &MachineName, record: &Record) -> Option<Place> {
        let (query, moment) = (self.query, self.query.moment);
        // A KMS host of which no license is known is none of the machines that may lose activation.
        if record.licenses.is_empty() && record.is_kms_host() {
            return None;
        }
        let is_named = self.name.as_ref().is_none_or(|part| name.as_str().contains(part.as_str()));
        let is_stale = moment.is_stale(record.reported_at);
        let asks_license = self.terms.is_some() || query.license_status.is_some();
        let asked = || record.licenses.iter().filter(|license| !asks_license || self.asks_for(license));
        if !is_named
            || self.unlisted.as_ref().is_some_and(|unlisted| !unlisted.contains(name))
            || query.stale.is_some_and(|stale| stale != is_stale)
            || query.reported_since.is_some_and(|since| record.reported_at < since.as_second())
            || asks_license && asked().next().is_none()
            || query.path.is_some() && !self.is_on_path(name, record)
            || query.reported_code.is_some_and(|code| !record.licenses.iter().any(|license| reports(license, code)))
        {
            return None;
        }
        let own = asked().filter(|license| !license.terms.is_addon);
        let outlook = Outlook::of(own.map(|license| &license.validity), moment);
        let is_overdue = outlook.overdue_since.is_some();
        if query.lost && !outlook.is_lost
            || query.overdue && !is_overdue
            || query.at_risk && !(outlook.is_lost || is_overdue || outlook.ends_within(AT_RISK_DAYS, moment))
            || query
                .expiring_within_days
                .is_some_and(|days| outlook.is_lost || !outlook.ends_within(days.into(), moment))
        {
            return None;
        }
        let by_end = |end: Option<i64>| Place { is_last: end.is_none(), key: end.unwrap_or_default() };
        Some(match query.sort {
            // What is lost comes first, among these the first to end of what is not.
            MachineSort::Expiry if outlook.is_lost => {
                Place { is_last: false, key: outlook.first_end.map_or(-1, |end| end.saturating_add(i64::MIN)) }
            }
            MachineSort::Expiry => by_end(outlook.first_end),
            MachineSort::Name => by_end(Some(0)),
            MachineSort::ReportedAt => by_end(Some(record.reported_at)),
            MachineSort::Overdue => by_end(outlook.overdue_since),
        })
    }

    /// True for a license that is asked for.
    fn asks_for(&self, license: &LicenseRecord) -> bool {
        let has_status = |status| license.status() == Some(status) && !license.terms.is_addon;
        self.terms.as_ref().is_none_or(|terms| terms.contains(&Arc::as_ptr(&license.terms)))
            && self.query.license_status.is_none_or(has_status)
    }

    /// True for a machine on the path that is asked for.
    fn is_on_path(&self, name: &MachineName, record: &Record) -> bool {
        self.set.is_some_and(|set| {
            let dependents = record.licenses.iter().map(dependent_of);
            self.reaching.all_on(name.as_str(), dependents, self.is_wrong(record)).any(|on| on == set)
        })
    }

    /// True for a machine with something wrong that no path can help.
    fn is_wrong(&self, record: &Record) -> bool {
        record.is_beyond_help(self.query.moment, self.has_other_path)
    }

    /// The numbers of the sets on whose paths a machine is.
    fn on(&self, name: &MachineName, record: &Record) -> Vec<usize> {
        self.reaching.on(name.as_str(), record.licenses.iter().map(dependent_of), self.is_wrong(record))
    }
}
