//! The licenses of one machine, and those that one more report lists.

use super::{StatusChange, take};
use crate::fleet::known::{KnownLicense, Received};
use crate::license::{License, LicenseStatus, Remaining, Source, WINDOWS};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// By how much an end may move without a renewal: minutes are whole, and clocks are set.
const JITTER: SignedDuration = SignedDuration::from_mins(10);

/// Adds the licenses of a report to those known. `complete_at` is when every license was last listed, before this
/// report. False where some were left out, since there would be more than `most`.
pub(super) fn merge_all(
    known: &mut BTreeMap<String, KnownLicense>,
    received: &Received,
    complete_at: Option<Timestamp>,
    most: usize,
) -> (Vec<StatusChange>, bool) {
    let mut is_whole = true;
    let at = received.reported_at;
    let mut changes = Vec::new();
    let mut listed = BTreeSet::new();
    for reported in &received.report.licenses {
        let (id, predecessors) = identify(known, reported);
        let Some(mut license) = base(known, &id, &predecessors) else {
            // Gone by what a newer report says: it listed every license, or another edition of Windows is in use.
            let is_gone = complete_at.is_some_and(|complete_at| complete_at > at)
                || (is_windows_main(reported)
                    && known.values().any(|other| is_in_use(other) && other.reported_at > at));
            if !is_gone && known.len() >= most {
                is_whole = false;
            } else if !is_gone {
                listed.insert(id.clone());
                known.insert(id, fresh(reported, received));
            }
            continue;
        };
        let before = license.license.status;
        absorb(&mut license, reported, at, received.report.source);
        if let (Some(from), Some(to)) = (before, license.license.status)
            && from != to
        {
            let product = license.license.product.clone();
            let reason_code = license.license.reason_code;
            changes.push(StatusChange { at, license_id: id.clone(), product, from, to, reason_code });
        }
        listed.insert(id.clone());
        known.insert(id, license);
    }
    // A machine has one edition of Windows in use.
    if listed.iter().any(|id| known.get(id).is_some_and(|license| is_in_use(license) && license.reported_at <= at)) {
        known.retain(|id, other| listed.contains(id) || other.reported_at > at || !is_windows_main(&other.license));
    }
    if received.report.is_complete {
        known.retain(|id, other| listed.contains(id) || other.reported_at >= at);
    }
    (changes, is_whole)
}

/// What identifies a license on its machine, and those known so far under other names that are the same.
fn identify(known: &BTreeMap<String, KnownLicense>, reported: &License) -> (String, Vec<String>) {
    let is_same = |other: &License| is_same_product(other, reported) || are_one_main(other, reported);
    if let Some(sku) = reported.sku {
        let nameless = known.iter().filter(|(_, other)| other.license.sku.is_none() && is_same(&other.license));
        return (sku.to_string(), nameless.map(|(id, _)| id.clone()).collect());
    }
    let by_product = known.iter().find(|(_, other)| is_same_product(&other.license, reported));
    let main = || known.iter().filter(|(_, other)| are_one_main(&other.license, reported));
    if let Some((id, _)) = by_product.or_else(|| main().max_by_key(|(_, other)| other.reported_at)) {
        return (id.clone(), Vec::new());
    }
    let id = match (&reported.product, reported.application) {
        (Some(product), _) => format!("name:{}", product.to_lowercase()),
        (None, Some(application)) if application != WINDOWS => format!("application:{application}"),
        (None, _) => "windows".to_owned(),
    };
    (id, Vec::new())
}

/// What is known under `id`, with what is known of the same under other names, which is taken out.
fn base(known: &mut BTreeMap<String, KnownLicense>, id: &str, predecessors: &[String]) -> Option<KnownLicense> {
    let mut license = known.remove(id);
    for predecessor in predecessors {
        let Some(other) = known.remove(predecessor) else { continue };
        license = Some(match license {
            None => other,
            Some(license) => unite(license, other),
        });
    }
    license
}

/// Two that turned out to be one: the newer one, with what only the older one says.
fn unite(one: KnownLicense, two: KnownLicense) -> KnownLicense {
    let (mut newer, older) = if one.reported_at >= two.reported_at { (one, two) } else { (two, one) };
    absorb(&mut newer, &older.license, older.status_at.unwrap_or(older.reported_at), older.source);
    newer
}

fn is_same_product(one: &License, two: &License) -> bool {
    match (&one.product, &two.product) {
        (Some(one), Some(two)) => one.to_lowercase() == two.to_lowercase(),
        _ => false,
    }
}

/// True for two editions of Windows that may be one under two names. Two that Windows itself names, each with its edition,
/// are two: a machine that a subscription steps up to another edition has both.
fn are_one_main(one: &License, two: &License) -> bool {
    let edition = |license: &License| {
        let name = license.product.as_deref()?.to_lowercase();
        (name.starts_with("windows(r)") && name.ends_with(" edition")).then_some(name)
    };
    let are_two = edition(one).zip(edition(two)).is_some_and(|(one, two)| one != two);
    is_windows_main(one) && is_windows_main(two) && !are_two
}

/// True for the edition of Windows itself, as opposed to what is beside it.
fn is_windows_main(license: &License) -> bool {
    if license.is_addon == Some(true) {
        return false;
    }
    match (license.application, &license.product) {
        (Some(application), _) => application == WINDOWS,
        (None, Some(product)) => product.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("windows")),
        (None, None) => license.sku.is_none(),
    }
}

/// True for an edition of Windows that is more than installed: it has a key, or a status that says so.
fn is_in_use(license: &KnownLicense) -> bool {
    let license = &license.license;
    is_windows_main(license)
        && (license.partial_product_key.is_some()
            || license.status.is_some_and(|status| status != LicenseStatus::Unlicensed))
}

/// A license that was not known before.
fn fresh(reported: &License, received: &Received) -> KnownLicense {
    let at = received.reported_at;
    let has_status = reported.status.is_some() || reported.remaining.is_some();
    KnownLicense {
        license: reported.clone(),
        status_at: has_status.then_some(at),
        status_source: has_status.then_some(received.report.source),
        last_error_at: reported.last_error.map(|_| at),
        reported_at: at,
        source: received.report.source,
    }
}

/// Adds what a report of this moment says to what is known of a license.
fn absorb(known: &mut KnownLicense, reported: &License, at: Timestamp, source: Source) {
    let is_newer = at >= known.reported_at;
    let was = known.clone();
    let license = &mut known.license;
    take(&mut license.sku, reported.sku.as_ref(), is_newer);
    take(&mut license.application, reported.application.as_ref(), is_newer);
    take(&mut license.product, reported.product.as_ref(), is_newer);
    take(&mut license.channel, reported.channel.as_ref(), is_newer);
    take(&mut license.partial_product_key, reported.partial_product_key.as_ref(), is_newer);
    take(&mut license.is_addon, reported.is_addon.as_ref(), is_newer);
    take(&mut license.evaluation_end, reported.evaluation_end.as_ref(), is_newer);
    take(&mut license.activated_by_domain, reported.activated_by_domain.as_ref(), is_newer);
    take(&mut license.activation_interval, reported.activation_interval.as_ref(), is_newer);
    take(&mut license.renewal_interval, reported.renewal_interval.as_ref(), is_newer);
    take(&mut license.required_count, reported.required_count.as_ref(), is_newer);
    take(&mut license.remaining_sku_rearms, reported.remaining_sku_rearms.as_ref(), is_newer);
    take(&mut license.remaining_app_rearms, reported.remaining_app_rearms.as_ref(), is_newer);
    // A host that was set by hand and is not any more is reported of by naming the other one alone.
    if reported.kms_host().is_some() && (is_newer || license.kms_host().is_none()) {
        license.configured_host.clone_from(&reported.configured_host);
        license.discovered_host.clone_from(&reported.discovered_host);
    }
    absorb_status(known, reported, at, source);
    absorb_error(known, &was, reported, at);
    if is_newer {
        known.reported_at = at;
        known.source = source;
    }
}

/// Takes the status with its reason and the time left, which belong together.
fn absorb_status(known: &mut KnownLicense, reported: &License, at: Timestamp, source: Source) {
    let is_newer = at >= known.reported_at;
    let is_newer_status = known.status_at.is_none_or(|status_at| at >= status_at);
    // What is older than the last report of this license may still be newer than its minutes, where that report
    // reported none. It is not believed where the two do not agree on the status.
    let agrees = reported.status.is_none() || known.license.status.is_none() || reported.status == known.license.status;
    if !is_newer_status || !(is_newer || agrees) {
        return;
    }
    let end = known.expires_at();
    let license = &mut known.license;
    match (reported.status, reported.remaining) {
        (None, None) => {
            take(&mut license.reason_code, reported.reason_code.as_ref(), is_newer);
            return;
        }
        // Its status has not changed, and what was counting down still does, unless it should have ended by now.
        (Some(_), None) if agrees && known.status_at.is_some() => {
            license.status = reported.status;
            take(&mut license.reason_code, reported.reason_code.as_ref(), is_newer);
            let has_ended = end.is_some_and(|end| end <= at);
            if !has_ended {
                return;
            }
            license.remaining = None;
        }
        // Minutes say that something is left, so what was lost is not, whatever it is now.
        (None, Some(remaining)) => {
            if remaining != Remaining::Minutes(0) && license.status.is_some_and(LicenseStatus::is_lost) {
                license.status = None;
                license.reason_code = None;
            }
            license.remaining = Some(remaining);
        }
        (status, remaining) => {
            license.status = status;
            license.reason_code = reported.reason_code;
            license.remaining = remaining;
        }
    }
    known.status_at = Some(at);
    known.status_source = Some(source);
}

/// Takes a failed attempt, or forgets the last one where the license was activated or renewed after it.
fn absorb_error(known: &mut KnownLicense, was: &KnownLicense, reported: &License, at: Timestamp) {
    let is_licensed = known.license.status == Some(LicenseStatus::Licensed);
    if let Some(error) = reported.last_error {
        let is_newer = at >= was.reported_at || was.last_error_at.is_some_and(|error_at| at >= error_at);
        let was_activated_later = known.last_renewed_at().is_some_and(|renewed| renewed > at)
            || (known.license.remaining == Some(Remaining::Permanent) && known.status_at > Some(at));
        let is_overtaken = is_licensed && was_activated_later;
        if is_newer || (was.last_error_at.is_none() && !is_overtaken) {
            known.license.last_error = Some(error);
            known.last_error_at = Some(at);
        }
        return;
    }
    if known.status_at == was.status_at || !is_licensed || was.last_error_at.is_some_and(|error_at| error_at > at) {
        return;
    }
    // It may be reported that it is licensed after that of the attempt, and have been so before.
    if known.last_renewed_at().zip(was.last_error_at).is_some_and(|(renewed, error_at)| renewed <= error_at) {
        return;
    }
    let has_moved = match (was.expires_at(), known.expires_at()) {
        (Some(before), Some(after)) => after.duration_since(before) > JITTER,
        (Some(_), None) => known.license.remaining == Some(Remaining::Permanent),
        (None, _) => false,
    };
    if has_moved || was.license.status != Some(LicenseStatus::Licensed) {
        known.license.last_error = None;
        known.last_error_at = None;
    }
}
