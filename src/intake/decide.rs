//! What a batch of reports comes to, given the fleet: which machines they are about, what is known of these then, and
//! what became of each report. Pure.

use super::share::{Share, Shares};
use crate::catalogue::{Message, message};
use crate::config::tokens::Grant;
use crate::fleet::changes::{Changes, MachineChange};
use crate::fleet::identity::{self, Ambiguous, Called, Resolved};
use crate::fleet::known::{Known, Received};
use crate::fleet::merge::{self, MAX_LICENSES, Merged, Outcome};
use crate::fleet::moment::AHEAD;
use crate::fleet::{Fleet, MAX_MACHINES, SeenBy, Usage};
use crate::license::{Application, License, MachineName, Report, product_key};
use crate::store::bound::OF_MACHINE;
use crate::words::quoted;
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// A report, and what its sender may speak for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The report.
    pub received: Received,
    /// What its sender may speak for; everything where there is no such limit. The name by which a machine is known may
    /// be another than the one it reports under.
    pub grant: Option<Arc<Grant>>,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Something in it was not known before.
    Stored {
        /// The machine it is about, by the name it is known by.
        machine: MachineName,
        /// True where a machine or a license appeared or went, or a status changed.
        changed: bool,
    },
    /// It is known already: most likely it was sent again.
    Unchanged,
    /// All that is in it is known better by now.
    Outdated,
    /// It is rejected, or not accepted whole: why.
    Rejected(Message),
}

/// What a batch comes to.
#[derive(Debug)]
pub struct Decision {
    /// What becomes of each report once the changes are on disk.
    pub taken: Vec<Taken>,
    pub changes: Changes,
    /// What agents report beside licenses, of the reports that are taken.
    pub(crate) seen: Vec<SeenBy>,
    /// The reports that may be about any of too many machines.
    pub(crate) ambiguous: Ambiguous,
}

impl Submission {
    /// The report by the time that is believed, where that is so much from what the clock showed when it came in.
    #[must_use]
    pub fn corrected(mut self, by: SignedDuration) -> Self {
        let Received { reported_at, received_at, .. } = &mut self.received;
        let received = received_at.checked_add(by).unwrap_or(*received_at);
        // What does not say when it held did when it came in.
        if *reported_at == *received_at || *reported_at > received + AHEAD {
            *reported_at = received;
        }
        *received_at = received;
        self
    }

    /// The report without a moment to come, which would outlive every later report: one after `latest` is taken for
    /// that at which it came in.
    #[must_use]
    pub fn dated_until(mut self, latest: Timestamp) -> Self {
        let Received { reported_at, received_at, .. } = &mut self.received;
        if *reported_at > latest.max(*received_at) + AHEAD {
            *reported_at = *received_at;
        }
        self
    }

    /// How its machine is called.
    fn called(&self) -> Called<'_> {
        let Received { machine, report, .. } = &self.received;
        Called { name: machine, id: report.client_machine_id, has_short_name: self.speaks_for_short_name() }
    }

    /// True where its sender may speak for the short name of its machine as well, as for the name itself.
    fn speaks_for_short_name(&self) -> bool {
        let machine = &self.received.machine;
        // To ask a token with many patterns costs something.
        !machine.is_qualified() || self.grant.as_ref().is_none_or(|grant| grant.covers_name(machine.short()))
    }

    /// The report as it may be kept: in whole seconds, with texts of bounded length and no whole product key in them,
    /// whoever read it.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        let Received { reported_at, received_at, report, .. } = &mut self.received;
        *reported_at = whole(*reported_at);
        *received_at = whole(*received_at);
        let Report { service_version, kms_host, licenses, .. } = report;
        bound(service_version);
        if let Some(kms_host) = kms_host {
            // A moment that is still to come is none at which anyone asked.
            let asked_at = kms_host.last_request_at.filter(|at| *at <= *received_at + AHEAD);
            kms_host.last_request_at = asked_at.map(whole);
            // Neither is one at which anything failed.
            let is_past = |at: Timestamp| at <= *received_at + AHEAD;
            kms_host.failed_start = kms_host.failed_start.filter(|failed| is_past(failed.at));
            kms_host.publications.retain(|_, publication| is_past(publication.at));
            if let Some(failed) = &mut kms_host.failed_start {
                failed.at = whole(failed.at);
            }
            kms_host.publications.values_mut().for_each(|publication| publication.at = whole(publication.at));
        }
        for license in licenses {
            bound(&mut license.product);
            license.evaluation_end = license.evaluation_end.map(whole);
        }
        self
    }
}

fn bound(text: &mut Option<String>) {
    *text = text.as_deref().map(|text| quoted(&product_key::cut(text))).filter(|text| !text.is_empty());
}

fn whole(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

/// Decides what becomes of a batch of bounded reports. Those of one machine are taken in the order in which they held.
pub fn decide(fleet: &Fleet, batch: &[Submission]) -> Decision {
    decide_within(MAX_MACHINES, fleet, batch)
}

/// The same where so many machines are known at the most.
fn decide_within(most: usize, fleet: &Fleet, batch: &[Submission]) -> Decision {
    let shares = Shares::new(fleet, most);
    let granted = granted(most, fleet, &shares, batch);
    let Granted { mut taken, reports, resolved: Resolved { names, renamed, ambiguous } } = granted;
    let mut machines = known_before(fleet, &names, &renamed);
    let seen = seen(&reports, &names);
    taken.extend(merge_all(fleet, &shares, &reports, names, &mut machines));
    let history_dropped = machines.values_mut().map(bound_history).sum();
    let mut changes = Changes { renamed, history_dropped, ..Changes::default() };
    // One that only has another name is written as well, so that everyone reads it under that.
    let renamed: BTreeSet<_> = changes.renamed.values().collect();
    let is_changed = |change: &MachineChange| change.after != change.before || renamed.contains(&change.name);
    let written = machines.into_values().filter(is_changed).collect();
    changes.machines = written;
    let is_taken = |place: &usize| !matches!(taken.get(place), Some(Taken::Rejected(_)) | None);
    let seen = seen.into_iter().filter(|(place, _)| is_taken(place)).map(|(_, seen)| seen).collect();
    Decision { taken: taken.into_values().collect(), changes, seen, ambiguous }
}

/// What agents report beside licenses, by the places of the reports, in the order in which they held.
fn seen(reports: &[(usize, &Submission)], names: &[MachineName]) -> Vec<(usize, SeenBy)> {
    let mut seen: Vec<_> = reports
        .iter()
        .zip(names)
        .filter_map(|((place, submission), machine)| {
            let Received { reported_at, report: Report { view, agent, .. }, .. } = &submission.received;
            let is_some = view.is_some() || agent.is_some();
            let seen = SeenBy { machine: machine.clone(), at: *reported_at, view: view.clone(), agent: *agent };
            is_some.then_some((*place, seen))
        })
        .collect();
    seen.sort_by_key(|(_, seen)| seen.at);
    seen
}

/// The reports of a batch whose senders may speak for the machines they are about.
struct Granted<'a> {
    /// What became of the others, by their places in the batch.
    taken: BTreeMap<usize, Taken>,
    /// These, with their places.
    reports: Vec<(usize, &'a Submission)>,
    /// The machines they are about.
    resolved: Resolved,
}

/// Finds the machines of a batch, and leaves out reports whose sender may not speak for the machine by the name it is
/// known by, or was known by so far, and those that would make more than `most` machines known.
fn granted<'a>(most: usize, fleet: &Fleet, shares: &Shares<'_>, batch: &'a [Submission]) -> Granted<'a> {
    let shorts: BTreeSet<&str> = batch.iter().map(|submission| submission.received.machine.short()).collect();
    let mut taken = BTreeMap::new();
    loop {
        let reports: Vec<_> = batch.iter().enumerate().filter(|(place, _)| !taken.contains_key(place)).collect();
        let names: Vec<_> = reports.iter().map(|(_, it)| it.called()).collect();
        let stored = names.iter().filter_map(|called| fleet.called(called.name));
        let stored = shorts.iter().flat_map(|short| fleet.namesakes(short)).chain(stored);
        let resolved = identity::resolve(stored, &names);
        let before = taken.len();
        let mut added = HashSet::new();
        for ((place, submission), name) in reports.iter().zip(&resolved.names) {
            let mut formerly = resolved.renamed.iter().filter(|(_, to)| *to == name).map(|(from, _)| from).peekable();
            let is_new = formerly.peek().is_none() && fleet.revision(name).is_none();
            let denied = submission.grant.as_ref().and_then(|grant| {
                let name = std::iter::once(name).chain(formerly).find(|name| !grant.covers(name))?;
                Some(message!("report-denied", token = &*grant.name, machine = name.as_str()))
            });
            let denied = denied.or_else(|| {
                if !is_new || added.contains(name) {
                    return None;
                }
                if fleet.len() + added.len() >= most {
                    return Some(message!("report-of-too-many-machines", most = most, machine = name.as_str()));
                }
                let more = Share { machines: added.len() + 1, ..Share::default() };
                let denied = beyond_share(shares, submission, name, more);
                if denied.is_none() {
                    added.insert(name);
                }
                denied
            });
            taken.extend(denied.map(|reason| (*place, Taken::Rejected(reason))));
        }
        // Without those, others may be about other machines.
        if taken.len() == before {
            return Granted { taken, reports, resolved };
        }
    }
}

/// What is known of the machines with these names, before anything changes.
fn known_before(
    fleet: &Fleet,
    names: &[MachineName],
    renamed: &BTreeMap<MachineName, MachineName>,
) -> BTreeMap<MachineName, MachineChange> {
    let former: BTreeMap<_, _> = renamed.iter().map(|(from, to)| (to, from)).collect();
    let distinct: BTreeSet<_> = names.iter().collect();
    let change = |name: &MachineName| {
        let mut known = fleet.known(former.get(name).copied().unwrap_or(name));
        if let Some(machine) = &mut known.machine {
            machine.name = name.clone();
        }
        let is_new = known.machine.is_none();
        (name.clone(), MachineChange { before: known.clone(), is_new, ..MachineChange::anew(name.clone(), known) })
    };
    distinct.into_iter().map(change).collect()
}

/// Adds every report to what is known of its machine, as far as there is room. Says what became of each, by its place
/// in the batch.
fn merge_all(
    fleet: &Fleet,
    shares: &Shares<'_>,
    reports: &[(usize, &Submission)],
    names: Vec<MachineName>,
    machines: &mut BTreeMap<MachineName, MachineChange>,
) -> BTreeMap<usize, Taken> {
    let mut in_order: Vec<_> = reports.iter().zip(names).collect();
    in_order.sort_by_key(|((_, submission), _)| submission.received.reported_at);
    let (mut taken, mut usage) = (BTreeMap::new(), fleet.usage());
    let applications = applications(fleet, &in_order);
    for ((place, submission), name) in in_order {
        let Some(change) = machines.get_mut(&name) else { continue };
        let before = change.after.licenses.len();
        let room = usage.licenses_limit.saturating_sub(usage.licenses);
        let most = MAX_LICENSES.min(before + room);
        let received = with_application(&submission.received, applications.get(place).copied());
        let Merged { mut known, changes, outcome } = merge::merge(&change.after, &name, &received, most);
        let bytes = new_terms(fleet, usage, &change.after, &known);
        let is_new = change.after.machine.is_none();
        let refused = if usage.terms_bytes + bytes > usage.terms_limit_bytes && bytes > 0 {
            let limit = usage.terms_limit_bytes / 1024 / 1024;
            Some(message!("report-of-too-many-terms", mebibytes = limit, machine = name.as_str()))
        } else if outcome == Outcome::TooMany && most < MAX_LICENSES && is_new {
            Some(too_many_licenses(usage, &name))
        } else if known.licenses.len() > before || bytes > 0 {
            let all = fleet.usage();
            let licenses = (usage.licenses + known.licenses.len()).saturating_sub(before + all.licenses);
            let more = Share { machines: 0, licenses, terms_bytes: usage.terms_bytes + bytes - all.terms_bytes };
            beyond_share(shares, submission, &name, more)
        } else {
            None
        };
        if let Some(refused) = refused {
            taken.insert(*place, Taken::Rejected(refused));
            continue;
        }
        usage.licenses = (usage.licenses + known.licenses.len()).saturating_sub(before);
        usage.terms_bytes += bytes;
        if let Some(machine) = &mut known.machine {
            machine.has_short_name = machine.has_short_name || submission.speaks_for_short_name();
        }
        change.history.extend(changes);
        change.after = known;
        let outcome = match outcome {
            Outcome::Stored { changed } => Taken::Stored { machine: name, changed },
            Outcome::Unchanged => Taken::Unchanged,
            Outcome::Outdated => Taken::Outdated,
            Outcome::TooMany if most < MAX_LICENSES => Taken::Rejected(too_many_licenses(usage, &name)),
            Outcome::TooMany => Taken::Rejected(message!("report-of-too-many-licenses", most = MAX_LICENSES)),
        };
        taken.insert(*place, outcome);
    }
    // What none is known of any more after all is none that changes.
    machines.retain(|_, change| change.after.machine.is_some());
    taken
}

/// Why a token may not add so much, where it may not.
fn beyond_share(shares: &Shares<'_>, submission: &Submission, machine: &MachineName, more: Share) -> Option<Message> {
    let grant = submission.grant.as_ref().filter(|grant| !shares.have_room(Some(grant), more))?;
    Some(message!("report-beyond-share", token = &*grant.name, machine = machine.as_str()))
}

/// A report with what a host counts for a SKU as what it counts of the application that is; without, where nobody knows.
fn with_application(received: &Received, application: Option<Application>) -> Cow<'_, Received> {
    let counted_for = received.report.kms_host.as_ref().and_then(|host| host.counted_for);
    let Some((_, count)) = counted_for else { return Cow::Borrowed(received) };
    let mut received = received.clone();
    if let Some(host) = &mut received.report.kms_host {
        host.counted_for = None;
        if let Some(application) = application {
            host.counts.entry(application.into()).or_default().current = Some(count);
        }
    }
    Cow::Owned(received)
}

/// The applications of the SKUs for which hosts count clients, by the places of these reports: what machines of the
/// domain of the host report, or else all those of it do that are in the same batch.
fn applications(fleet: &Fleet, reports: &[(&(usize, &Submission), MachineName)]) -> HashMap<usize, Application> {
    let counted = reports.iter().filter_map(|((place, submission), name)| {
        let (sku, _) = submission.received.report.kms_host.as_ref()?.counted_for?;
        Some((*place, (name, License { sku: Some(sku), ..License::default() })))
    });
    let (places, licenses): (Vec<_>, Vec<_>) = counted.unzip();
    if places.is_empty() {
        return HashMap::new();
    }
    let mut batch: HashMap<_, BTreeSet<_>> = HashMap::new();
    for ((_, submission), name) in reports {
        for license in &submission.received.report.licenses {
            batch.entry((name.domain(), license.sku)).or_default().extend(Application::of(license));
        }
    }
    let in_batch = |name: &MachineName, sku| {
        let reported = batch.get(&(name.domain(), sku)).filter(|reported| reported.len() == 1);
        reported.and_then(BTreeSet::first).copied()
    };
    let known = places.into_iter().zip(&licenses).zip(fleet.complete(&licenses));
    let known = known.filter_map(|((place, (name, license)), complete)| {
        Some((place, Application::of(&complete).or_else(|| in_batch(name, license.sku))?))
    });
    known.collect()
}

fn too_many_licenses(usage: Usage, machine: &MachineName) -> Message {
    message!("report-of-too-many-licenses-in-all", most = usage.licenses_limit, machine = machine.as_str())
}

/// How much more memory the terms of what is known after a report take than of what was before. Nothing, as long as
/// there is plenty of room for all: then that need not be found out.
fn new_terms(fleet: &Fleet, usage: Usage, before: &Known, after: &Known) -> usize {
    if usage.terms_bytes < usage.terms_limit_bytes / 2 {
        return 0;
    }
    let changed = after.licenses.iter().filter(|(id, known)| before.licenses.get(*id) != Some(known));
    fleet.terms_bytes_of(changed.map(|(id, known)| (id.as_str(), known)))
}

/// Leaves out the oldest changes of status where there are more than are kept of a machine. Says how many.
fn bound_history(change: &mut MachineChange) -> u64 {
    let too_many = change.history.len().saturating_sub(OF_MACHINE);
    change.history.drain(..too_many).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tokens::Tokens;
    use crate::license::{KmsHost, LicenseStatus, Source};
    use uuid::Uuid;

    fn submitted(machine: &str, products: usize) -> Submission {
        let license = |number| License {
            product: Some(format!("Product {number}")),
            status: Some(LicenseStatus::Licensed),
            ..License::default()
        };
        let report = Report { licenses: (0..products).map(license).collect(), ..Report::new(Source::Vamt) };
        let noon = "2026-12-03T12:00:00Z".parse().unwrap();
        let received = Received { machine: machine.parse().unwrap(), reported_at: noon, received_at: noon, report };
        Submission { received, grant: None }
    }

    fn at(moment: &str, mut submission: Submission) -> Submission {
        let moment = moment.parse().unwrap();
        (submission.received.reported_at, submission.received.received_at) = (moment, moment);
        submission
    }

    fn take(fleet: &mut Fleet, batch: &[Submission]) -> Vec<Taken> {
        let decision = decide(fleet, batch);
        fleet.apply(decision.changes, 1);
        decision.taken
    }

    #[test]
    fn a_sender_speaks_for_a_machine_by_the_name_it_is_known_by() {
        let mut fleet = Fleet::default();
        let tokens =
            Tokens::parse("floor2 0123456789abcdef ws2* srv1 *.floor2.example\nall 0123456789abcdefg *").unwrap();
        let by =
            |token: &str, machine: &str| Submission { grant: tokens.grant(token).cloned(), ..submitted(machine, 1) };
        take(&mut fleet, &[by("0123456789abcdefg", "filesrv"), by("0123456789abcdefg", "srv1.floor3.example")]);

        // The one is the short name of a machine elsewhere. The other is no name that one elsewhere gets.
        let (other, own) = (by("0123456789abcdef", "filesrv.floor2.example"), by("0123456789abcdef", "ws22"));
        let taken = take(&mut fleet, &[by("0123456789abcdef", "srv1"), other, own]);
        let reason = message!("report-denied", token = "floor2", machine = "srv1.floor3.example");
        assert_eq!(taken[0], Taken::Rejected(reason));
        let names: Vec<_> = taken.iter().filter_map(stored).collect();
        assert_eq!(names, ["filesrv.floor2.example", "ws22"]);
        assert_eq!(fleet.len(), 4);
    }

    fn stored(taken: &Taken) -> Option<&str> {
        match taken {
            Taken::Stored { machine, .. } => Some(machine.as_str()),
            _ => None,
        }
    }

    #[test]
    fn who_speaks_for_one_domain_takes_over_no_machine_without_one() {
        let tokens = Tokens::parse("other 0123456789abcdef *.evil.example\nall 0123456789abcdefg *").unwrap();
        let by = |token: &str, machine: &str, products| Submission {
            grant: tokens.grant(token).cloned(),
            ..submitted(machine, products)
        };
        let (evil, all) = ("0123456789abcdef", "0123456789abcdefg");
        let mut fleet = Fleet::default();
        // The name is claimed before the machine is known.
        let taken = take(&mut fleet, &[by(evil, "srv9.evil.example", 1)]);
        assert_eq!(taken.iter().filter_map(stored).collect::<Vec<_>>(), ["srv9.evil.example"]);
        let taken = take(&mut fleet, &[by(all, "srv9", 2), by(evil, "srv9.evil.example", 3)]);
        assert_eq!(taken.iter().filter_map(stored).collect::<Vec<_>>(), ["srv9", "srv9.evil.example"]);
        let licenses = |fleet: &Fleet, name: &str| fleet.known(&name.parse().unwrap()).licenses.len();
        assert_eq!(["srv9", "srv9.evil.example"].map(|name| licenses(&fleet, name)), [2, 3]);

        // Once somebody who may speak for both reports its full name, it gets that.
        let taken = take(&mut fleet, &[by(all, "srv9.corp.example", 3), by(all, "srv9", 4)]);
        assert_eq!(taken.iter().filter_map(stored).collect::<Vec<_>>(), ["srv9.corp.example"; 2]);
        assert_eq!((licenses(&fleet, "srv9.corp.example"), licenses(&fleet, "srv9"), fleet.len()), (4, 0, 2));
    }

    #[test]
    fn a_moment_to_come_is_taken_for_now_and_outlives_no_later_report() {
        let now = "2026-12-03T12:00:00Z".parse().unwrap();
        let dated = |reported: &str, latest| {
            let mut submission = submitted("ws1", 1);
            submission.received.reported_at = reported.parse().unwrap();
            submission.dated_until(latest).received.reported_at.to_string()
        };
        for (reported, taken) in [
            ("2026-12-03T12:05:00Z", "2026-12-03T12:05:00Z"),
            ("2026-12-03T12:05:01Z", "2026-12-03T12:00:00Z"),
            ("2999-01-01T00:00:00Z", "2026-12-03T12:00:00Z"),
        ] {
            assert_eq!(dated(reported, now), taken);
        }
        // The clock has just jumped back by a year: the machine may know better.
        let before = "2027-12-03T12:00:00Z".parse().unwrap();
        assert_eq!(dated("2027-12-03T12:00:00Z", before), "2027-12-03T12:00:00Z");
        assert_eq!(dated("2027-12-03T12:06:00Z", before), "2026-12-03T12:00:00Z");

        // It did not, for the clock was right.
        let mut fleet = Fleet::default();
        let mut ahead = submitted("ws1", 1);
        ahead.received.reported_at = before;
        take(&mut fleet, &[ahead]);
        assert!(matches!(take(&mut fleet, &[submitted("ws1", 2)])[..], [Taken::Stored { .. }]));
        let known = fleet.known(&"ws1".parse().unwrap());
        assert_eq!(known.machine.map(|machine| machine.reported_at), Some(now));
    }

    #[test]
    fn a_machine_that_only_has_another_name_stays_known() {
        let mut fleet = Fleet::default();
        take(&mut fleet, &[submitted("ws1", 1)]);
        let before = fleet.known(&"ws1".parse().unwrap());
        let mut late = submitted("ws1.corp.example", 1);
        late.received.reported_at = "2026-12-01T12:00:00Z".parse().unwrap();
        assert_eq!(take(&mut fleet, &[late]), [Taken::Outdated]);
        let known = fleet.known(&"ws1.corp.example".parse().unwrap());
        assert_eq!((fleet.len(), known.licenses), (1, before.licenses));
    }

    #[test]
    fn there_are_no_machines_without_end_and_known_ones_go_on() {
        let mut fleet = Fleet::default();
        let mut take = |batch: &[Submission]| {
            let Decision { taken, changes, .. } = decide_within(3, &fleet, batch);
            fleet.apply(changes, 1);
            (taken, fleet.len())
        };
        take(&[submitted("a", 1)]);
        let beyond = submitted("d", 1);
        let batch = [submitted("b", 1), submitted("c", 1), submitted("c", 2), beyond.clone(), submitted("a", 2)];
        let (taken, count) = take(&batch);
        let reason = "3 machines are known, the most that are kept; d is not among them";
        assert!(matches!(&taken[3], Taken::Rejected(message) if message.to_string() == reason), "{taken:?}");
        let stored = taken.iter().filter(|taken| matches!(taken, Taken::Stored { .. })).count();
        assert_eq!((stored, count), (4, 3), "{taken:?}");
        // That a machine is called otherwise makes it no other.
        let (taken, count) = take(&[submitted("b.corp.example", 3), beyond]);
        assert!(matches!(taken[..], [Taken::Stored { .. }, Taken::Rejected(_)]), "{taken:?}");
        assert_eq!(count, 3);
    }

    /// What is counted for a SKU is of the application that machines of the domain of the host report it to be of.
    #[test]
    fn a_count_for_a_sku_is_of_the_application_that_the_domain_of_the_host_says() {
        const SKU: Uuid = Uuid::from_u128(7);
        let of = |machine: &str, application: Application| {
            let mut submission = submitted(machine, 1);
            let license = &mut submission.received.report.licenses[0];
            (license.sku, license.application) = (Some(SKU), Some(application.id()));
            submission
        };
        let host = |hour: u8| {
            let mut host = at(&format!("2026-12-03T{hour}:00:00Z"), submitted("kms1.corp.example", 0));
            host.received.report.kms_host =
                Some(KmsHost { counted_for: Some((SKU, hour.into())), ..KmsHost::default() });
            host
        };
        let counted = |fleet: &Fleet| {
            let known = fleet.known(&"kms1.corp.example".parse().unwrap());
            let counts = known.machine.and_then(|machine| machine.kms_host).unwrap_or_default().counts;
            counts.into_iter().map(|(key, counts)| (key.application, counts.current)).collect::<Vec<_>>()
        };
        let mut fleet = Fleet::default();
        take(&mut fleet, &[host(13), of("x.evil.example", Application::Windows)]);
        assert_eq!(counted(&fleet), [], "nobody of its domain says");
        let office = of("ws1.corp.example", Application::Office);
        take(&mut fleet, &[host(14), office, of("y.evil.example", Application::Windows)]);
        assert_eq!(counted(&fleet), [(Application::Office, Some(14))], "the same batch says");
        take(&mut fleet, &[of("ws2.corp.example", Application::Office), of("ws3.corp.example", Application::Windows)]);
        take(&mut fleet, &[host(15)]);
        assert_eq!(counted(&fleet), [(Application::Office, Some(15))], "most machines say");
    }

    /// Whoever makes up SKUs, machine after machine, makes the next report cost no more than the first.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_batch_costs_does_not_grow_with_what_is_known() {
        use nix::time::{ClockId, clock_gettime};
        use std::time::Duration;
        let mut fleet = Fleet::default();
        let now = || Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap());
        let mut times = Vec::new();
        for round in 0..24_u128 {
            let batch: Vec<_> = (0..10)
                .map(|number| {
                    let mut submission = submitted(&format!("m{round}-{number}"), 100);
                    for (place, license) in (0..).zip(&mut submission.received.report.licenses) {
                        let sku = Uuid::from_u128(round * 100_000 + number * 1000 + place);
                        license.sku = Some(sku);
                        license.product = Some(format!("Product {sku}"));
                    }
                    submission
                })
                .collect();
            let begun = now();
            take(&mut fleet, &batch);
            times.push(now().saturating_sub(begun));
        }
        let shortest = |times: &[Duration]| times.iter().min().copied().unwrap_or_default();
        let (first, last) = (shortest(&times[..4]), shortest(&times[20..]));
        assert!(last < 3 * first, "{first:?}, then {last:?}: {times:?}");
    }

    /// The places of those that are rejected, and the first reason.
    fn rejected(taken: &[Taken]) -> (Vec<usize>, Option<String>) {
        let rejected = taken.iter().enumerate().filter_map(|(place, taken)| match taken {
            Taken::Rejected(reason) => Some((place, reason.to_string())),
            _ => None,
        });
        let (places, reasons): (Vec<_>, Vec<_>) = rejected.unzip();
        (places, reasons.into_iter().next())
    }

    #[test]
    fn there_are_no_licenses_without_end_in_all_and_known_ones_go_on() {
        let mut fleet = Fleet::default();
        fleet.set_most_licenses(5);
        let taken = take(&mut fleet, &[submitted("a", 2), submitted("b", 2), submitted("c", 2), submitted("a", 2)]);
        let reason =
            "5 licenses are known, the most that are kept (status.licenses); those of c that are new are not added";
        assert_eq!(rejected(&taken), (vec![2], Some(reason.to_owned())));
        assert_eq!((fleet.len(), fleet.usage().licenses), (2, 4));
        // Of a machine that is known, those go on that are.
        let again = at("2026-12-03T13:00:00Z", submitted("a", 4));
        assert_eq!(rejected(&take(&mut fleet, &[again])).0, [0]);
        let known = fleet.known(&"a".parse().unwrap());
        assert_eq!((known.licenses.len(), fleet.usage().licenses), (3, 5));
        assert!(known.licenses.values().all(|it| it.reported_at == known.machine.as_ref().unwrap().reported_at));
        // Those that are gone make room.
        let mut complete = at("2026-12-03T14:00:00Z", submitted("a", 1));
        complete.received.report.is_complete = true;
        take(&mut fleet, &[complete]);
        assert_eq!(rejected(&take(&mut fleet, &[submitted("c", 2)])).0, [0; 0]);
        fleet.remove(&"c".parse().unwrap());
        assert_eq!(fleet.usage().licenses, 3);
    }

    #[test]
    fn what_licenses_are_called_has_an_end_and_what_is_shared_goes_on() {
        let mut fleet = Fleet::default();
        // So much that some hundred names fill it.
        fleet.set_most_licenses(1000);
        let named = |number: usize, hour: i64| {
            let mut submission = submitted(&format!("m{number}"), 10);
            submission.received.reported_at += SignedDuration::from_hours(hour);
            submission.received.received_at = submission.received.reported_at;
            for (place, license) in submission.received.report.licenses.iter_mut().enumerate() {
                license.product = Some(format!("Product {number} {place}"));
            }
            submission
        };
        let taken: Vec<_> = (0..90).flat_map(|number| take(&mut fleet, &[named(number, 0)])).collect();
        let (refused, reason) = rejected(&taken);
        let (first, reason) = (refused[0], reason.unwrap());
        assert!(reason.contains("the products, keys and hosts that are known fill 0 MiB"), "{reason}");
        let usage = fleet.usage();
        assert!(usage.terms_bytes <= usage.terms_limit_bytes, "{usage:?}");
        // Machines that are known report on, and so do others with the same.
        assert_eq!(rejected(&take(&mut fleet, &[named(0, 1)])).0, [0; 0]);
        let mut same = named(0, 1);
        same.received.machine = "other".parse().unwrap();
        assert_eq!(rejected(&take(&mut fleet, &[same])).0, [0; 0]);
        assert_eq!(rejected(&take(&mut fleet, &[named(first, 1)])).0, [0]);
    }

    #[test]
    fn one_token_leaves_room_for_the_machines_of_others() {
        let tokens = Tokens::parse("evil 0123456789abcdef *.evil.example\nall abcdef0123456789 *").unwrap();
        let by = |token: &str, machine: &str, products| Submission {
            grant: tokens.grant(token).cloned(),
            ..submitted(machine, products)
        };
        let evil = |number: usize, products| by("0123456789abcdef", &format!("m{number}.evil.example"), products);
        let mut fleet = Fleet::default();
        let mut take = |batch: &[Submission]| {
            let Decision { taken, changes, .. } = decide_within(8, &fleet, batch);
            fleet.apply(changes, 1);
            (rejected(&taken), fleet.len())
        };
        let batch: Vec<_> = (0..8).map(|number| evil(number, 1)).collect();
        let ((places, reason), count) = take(&batch);
        let expected = "the machines of token evil have three quarters of all that is kept; \
                        nothing more of m6.evil.example is added";
        assert_eq!((places, reason.as_deref(), count), (vec![6, 7], Some(expected), 6));
        // One after the other, it has no more either, and those that are known go on.
        assert_eq!(take(&[evil(6, 1)]).0.0, [0]);
        assert_eq!(take(&[evil(1, 2)]).0.0, [0; 0]);
        assert_eq!(take(&[by("abcdef0123456789", "a.corp.example", 1), submitted("b", 1)]), ((vec![], None), 8));

        let mut fleet = Fleet::default();
        fleet.set_most_licenses(8);
        let mut take = |batch: &[Submission]| {
            let decision = decide(&fleet, batch);
            fleet.apply(decision.changes, 1);
            rejected(&decision.taken).0
        };
        assert_eq!(take(&[evil(1, 4), evil(2, 2), evil(3, 1)]), [2]);
        assert_eq!(take(&[evil(1, 5)]), [0]);
        assert_eq!(take(&[by("abcdef0123456789", "a.corp.example", 2)]), [0; 0]);
    }

    #[test]
    fn one_machine_has_no_licenses_without_end() {
        let taken = take(&mut Fleet::default(), &[submitted("a", 201), submitted("b", 200)]);
        assert_eq!(taken[0], Taken::Rejected(message!("report-of-too-many-licenses", most = MAX_LICENSES)));
        assert!(matches!(taken[1], Taken::Stored { .. }), "{taken:?}");
    }
}
