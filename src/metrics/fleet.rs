//! The gauges of machines and their licenses, read off what the fleet adds up to.

use super::catalogue;
use super::gauges::{Gauges, figure, truth};
use crate::fleet::{Aggregate, ApplicationStatus, Expectations, KmsHostStatus, MAX_MACHINES, Runway, Usage, WITHIN};
use crate::license::{Application, LicenseStatus};
use jiff::Timestamp;

/// How many KMS hosts have series of their own; those that come first.
const HOSTS: usize = 100;

impl Gauges {
    /// What concerns the fleet.
    pub(super) fn fleet(&mut self, fleet: &Aggregate) {
        self.set(&catalogue::FLEET_TIME, [], seconds(fleet.added_up_at));
        self.whole(&fleet.totals);
        self.usage(&fleet.usage);
        if let Some(Expectations { expected, missing, unlisted, .. }) = fleet.expectations {
            self.set(&catalogue::MACHINES_EXPECTED, [], figure(expected));
            self.set(&catalogue::MACHINES_MISSING, [], figure(missing));
            self.set(&catalogue::MACHINES_UNLISTED, [], figure(unlisted));
        }
        for (path, runway) in &fleet.paths {
            self.path_runway(path, runway);
        }
        for count in &fleet.counts {
            let status = count.license_status.map(|status| status.to_string()).unwrap_or_default();
            self.set(&catalogue::MACHINES, [&count.product, &count.channel, &status], figure(count.licenses));
        }
        for risk in &fleet.at_risk {
            let labels = [risk.machine.as_str(), risk.product.as_str(), risk.channel.as_str()];
            if let Some(seconds) = risk.grace_remaining_seconds {
                self.set(&catalogue::GRACE_REMAINING, labels, figure(seconds));
            }
            if let Some(seconds) = risk.renewal_overdue_seconds {
                self.set(&catalogue::RENEWAL_OVERDUE, labels, figure(seconds));
            }
        }
        for host in fleet.kms_hosts.iter().take(HOSTS) {
            self.kms_host(host);
        }
        let left_out = fleet.kms_hosts.len().saturating_sub(HOSTS) as u64;
        self.set(&catalogue::HOSTS_LEFT_OUT, [], figure(fleet.kms_hosts_left_out + left_out));
    }

    fn whole(&mut self, whole: &Runway) {
        self.set(&catalogue::MACHINES_KNOWN, [], figure(whole.machines));
        self.set(&catalogue::MACHINES_LIMIT, [], figure(MAX_MACHINES as u64));
        self.set(&catalogue::MACHINES_LOST, [], figure(whole.lost));
        self.set(&catalogue::MACHINES_STALE, [], figure(whole.stale));
        self.set(&catalogue::MACHINES_OVERDUE, [], figure(whole.renewal_overdue));
        for ((within, _), count) in WITHIN.iter().zip(whole.expiring) {
            self.set(&catalogue::MACHINES_EXPIRING, [within], figure(count));
        }
        if let Some(first) = whole.first_expiry {
            self.set(&catalogue::FIRST_EXPIRY, [], seconds(first));
        }
    }

    fn usage(&mut self, usage: &Usage) {
        let Usage { licenses, licenses_limit, terms_bytes, terms_limit_bytes } = *usage;
        self.set(&catalogue::LICENSES_KNOWN, [], figure(licenses as u64));
        self.set(&catalogue::LICENSES_LIMIT, [], figure(licenses_limit as u64));
        self.set(&catalogue::TERMS_BYTES, [], figure(terms_bytes as u64));
        self.set(&catalogue::TERMS_LIMIT_BYTES, [], figure(terms_limit_bytes as u64));
    }

    fn path_runway(&mut self, path: &str, runway: &Runway) {
        self.set(&catalogue::PATH_MACHINES, [path], figure(runway.machines));
        self.set(&catalogue::PATH_LOST, [path], figure(runway.lost));
        self.set(&catalogue::PATH_OVERDUE, [path], figure(runway.renewal_overdue));
        for ((within, _), count) in WITHIN.iter().zip(runway.expiring) {
            self.set(&catalogue::PATH_EXPIRING, [path, within], figure(count));
        }
        if let Some(first) = runway.first_expiry {
            self.set(&catalogue::PATH_FIRST_EXPIRY, [path], seconds(first));
        }
    }

    fn kms_host(&mut self, host: &KmsHostStatus) {
        let (name, facts) = (host.machine.as_str(), &host.facts);
        let machine = [name];
        self.set(&catalogue::HOST_REPORTED, machine, seconds(host.reported_at));
        if let Some(last) = facts.last_request_at {
            self.set(&catalogue::HOST_LAST_REQUEST, machine, seconds(last));
        }
        if let Some(since) = host.idle_since {
            self.set(&catalogue::HOST_IDLE_SINCE, machine, seconds(since));
        }
        for (application, status) in &host.applications {
            self.kms_host_application(host, *application, status);
        }
    }

    fn kms_host_application(&mut self, host: &KmsHostStatus, application: Application, status: &ApplicationStatus) {
        let labels = [host.machine.as_str(), application.as_str()];
        // Where another application was counted since, when the host last reported does not say how old this is.
        let is_known_late = status.stale && !host.stale;
        let counts = status.counts.filter(|_| !is_known_late).unwrap_or_default();
        if let Some(count) = counts.current {
            self.set(&catalogue::HOST_COUNT, labels, count.into());
        }
        if let Some((_, most)) = status.required(application) {
            self.set(&catalogue::HOST_REQUIRED, labels, most.into());
        }
        if let Some(status) = status.own_license {
            self.set(&catalogue::HOST_LICENSE, labels, truth(status == LicenseStatus::Licensed));
        }
        let by_status = LicenseStatus::ALL.iter().zip(counts.requests_by_status);
        let results = by_status.map(|(status, count)| (status.label(), count));
        for (result, count) in results.chain([("failed", counts.failed_requests)]) {
            if let Some(count) = count {
                let [machine, application] = labels;
                self.set(&catalogue::HOST_REQUESTS, [machine, application, result], count.into());
            }
        }
    }
}

/// A moment in seconds since 1970.
#[expect(clippy::cast_precision_loss, reason = "seconds far below 2^53")]
fn seconds(moment: Timestamp) -> f64 {
    moment.as_second() as f64
}
