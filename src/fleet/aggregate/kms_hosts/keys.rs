//! The keys of a KMS host: what is known of each, and what the host counts for an application by all of them.
//!
//! Windows counts the clients of an application, and shows that count at each key for it. So the count that was reported
//! last is the true one, whichever key it was reported of. Requests are counted by each key, and add up.

use super::super::super::KeyStatus;
use super::super::super::moment::Moment;
use super::super::super::record::{LicenseRecord, Record};
use crate::license::{Application, HostKey, KmsCounts, KmsHost};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What is kept of the keys for an application.
pub(super) fn of<T>(application: Application, all: &BTreeMap<HostKey, T>) -> impl Iterator<Item = (&HostKey, &T)> {
    all.iter().filter(move |(key, _)| key.application == application)
}

/// The key of a license; `None` for one that is none of a KMS host.
pub(super) fn of_license(license: &LicenseRecord) -> Option<HostKey> {
    let application = license.terms.counted_as.map_or(Application::Windows, |(of, _)| of);
    license.is_of_kms_host().then_some(HostKey { application, sku: license.terms.reported.license.sku })
}

/// What a host counts for an application by all of its keys; `None` where nothing is known of any.
pub(super) fn together(
    application: Application,
    facts: &KmsHost,
    counted_at: &BTreeMap<HostKey, Timestamp>,
) -> Option<KmsCounts> {
    let all: Vec<_> = of(application, &facts.counts).collect();
    // What was said last; the most, where that was of several at once.
    let last = |figure: fn(&KmsCounts) -> Option<u32>| {
        let said = all.iter().filter_map(|(key, counts)| Some((counted_at.get(*key), figure(counts)?)));
        said.max().map(|(_, figure)| figure)
    };
    // What was counted by a key that is not known may be counted by one that is.
    let sum = |figure: &dyn Fn(&KmsCounts) -> Option<u32>| {
        let add = |is_named: bool| {
            let those = all.iter().filter(|(key, _)| key.sku.is_some() == is_named);
            those.filter_map(|(_, counts)| figure(counts)).reduce(u32::saturating_add)
        };
        add(true).or_else(|| add(false))
    };
    (!all.is_empty()).then(|| KmsCounts {
        current: last(|counts| counts.current),
        required: last(|counts| counts.required),
        requests: sum(&|counts| counts.requests),
        failed_requests: sum(&|counts| counts.failed_requests),
        requests_by_status: std::array::from_fn(|status| {
            sum(&|counts| counts.requests_by_status.get(status).copied().flatten())
        }),
    })
}

/// What is known of each key. Where a license is known and what is counted is not said of which key it is, it is of that
/// license, if it is the only one for the application.
pub(super) fn all(
    record: &Record,
    facts: &KmsHost,
    counted_at: &BTreeMap<HostKey, Timestamp>,
    moment: Moment,
) -> BTreeMap<HostKey, KeyStatus> {
    let mut keys: BTreeMap<HostKey, KeyStatus> = BTreeMap::new();
    let mut licenses: Vec<_> = record.licenses.iter().filter_map(|own| Some((of_license(own)?, own))).collect();
    // What is reported later takes the place of what was before.
    licenses.sort_by_key(|(_, license)| license.reported_at);
    for (key, license) in licenses {
        let is_current = !moment.is_stale(license.reported_at);
        let is_counted = [key, key.application.into()].iter().any(|key| facts.counts.contains_key(key));
        if !is_current && !is_counted {
            continue;
        }
        let known = license.shown().license;
        let (product, partial_product_key) = (known.product, known.partial_product_key);
        let (license, reason) = (known.status.filter(|_| is_current), known.reason_code.filter(|_| is_current));
        keys.insert(key, KeyStatus { product, partial_product_key, license, reason, ..KeyStatus::default() });
    }
    for (key, counts) in &facts.counts {
        let mut named = keys.keys().filter(|known| known.application == key.application);
        let only = named.next().copied().filter(|_| named.next().is_none());
        let place = if key.sku.is_none() { only.unwrap_or(*key) } else { *key };
        let at = counted_at.get(key).copied();
        let status = keys.entry(place).or_default();
        (status.counts, status.counted_at) = (Some(*counts), at);
        status.stale = at.is_some_and(|at| moment.is_stale(at.as_second()));
    }
    keys
}
