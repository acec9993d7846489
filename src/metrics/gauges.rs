//! The gauges, and how they are read off the state.

use super::catalogue::{self, Gauge};
use super::lines::Lines;
use super::text::{self, Kind};
use crate::clock::comparison::Clocks;
use crate::clock_report::ClockReport;
use crate::observation::{Reason, Stage};
use crate::probe::dns;
use crate::state::{PathReport, Snapshot};
use crate::verdict::Status;
use crate::walk::kms::{self, Discovered};
use crate::walk::{Walk, Walked, online};
use crate::words::quoted;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// The gauges of one moment, by name, as lines of the page.
#[derive(Default)]
pub(super) struct Gauges {
    families: BTreeMap<&'static str, Family>,
    /// Room in which the labels of a line are made.
    labels: String,
}

#[derive(Default)]
struct Family {
    help: &'static str,
    lines: Lines,
}

impl Gauges {
    pub(super) fn set<const N: usize>(&mut self, gauge: &'static Gauge<N>, values: [&str; N], value: f64) {
        self.labels.clear();
        text::labels(&mut self.labels, gauge.labels.into_iter().zip(values));
        let family =
            self.families.entry(gauge.name).or_insert_with(|| Family { help: gauge.help, ..Family::default() });
        family.lines.push(gauge.name, &self.labels, value);
    }

    /// Adds all families to the page.
    pub(super) fn write(self, page: &mut String) {
        for (name, family) in self.families {
            // By convention, and by what `promtool check metrics` insists on, counters alone are called totals.
            let kind = if name.ends_with("_total") { Kind::Counter } else { Kind::Gauge };
            text::family(page, name, family.help, kind);
            family.lines.write(page);
        }
    }

    /// What concerns the process itself.
    pub(super) fn process(&mut self, snapshot: &Snapshot) {
        self.set(&catalogue::BUILD_INFO, [env!("CARGO_PKG_VERSION")], 1.0);
        self.set(&catalogue::RELOAD_SUCCESSFUL, [], truth(snapshot.reload.successful));
        self.set(&catalogue::RELOAD_SUCCESS_TIME, [], seconds(snapshot.reload.succeeded_at));
        self.set(&catalogue::WITHOUT_EDNS, [], figure(dns::remembered() as u64));
        self.set(&catalogue::WITHOUT_EDNS_LIMIT, [], figure(dns::MAX_REMEMBERED as u64));
        if let Some(web) = &snapshot.web_config {
            self.set(&catalogue::WEB_RELOAD_SUCCESSFUL, [], truth(web.reload.successful));
            self.set(&catalogue::WEB_RELOAD_SUCCESS_TIME, [], seconds(web.reload.succeeded_at));
            self.set(&catalogue::WEB_CONFIG_UP, [], truth(web.is_readable));
            if let Some(ends) = web.certificate_ends {
                self.set(&catalogue::WEB_CERTIFICATE_EXPIRY, [], seconds(ends));
            }
        }
        if let Some(inventory) = &snapshot.inventory {
            self.set(&catalogue::INVENTORY_UP, [], truth(inventory.fault.is_none()));
            if let Some(read_at) = inventory.read_at {
                self.set(&catalogue::INVENTORY_TIME, [], seconds(read_at));
            }
        }
        if let Some(is_healthy) = snapshot.inbox_is_healthy {
            self.set(&catalogue::INBOX_UP, [], truth(is_healthy));
            self.set(&catalogue::INBOX_WAITING, [], figure(snapshot.inbox_waiting as u64));
        }
    }

    /// What concerns the clocks.
    pub(super) fn clocks(&mut self, clocks: &ClockReport) {
        self.clock_sources(clocks);
        if let Some(reference) = &clocks.reference {
            self.set(&catalogue::CLOCK_REFERENCE, [], reference.offset.seconds);
            self.set(&catalogue::CLOCK_REFERENCE_ERROR, [], reference.offset.bound);
        }
    }

    /// What each clock shows that is read.
    pub(super) fn clock_sources(&mut self, clocks: &ClockReport) {
        for clock in clocks.all() {
            let (Some(kind), Some(offset)) = (clock.kind, clock.offset) else { continue };
            let address = clock.address.map(|address| address.to_string()).unwrap_or_default();
            self.set(&catalogue::CLOCK_OFFSET, [&clock.source, kind, &address], offset.seconds);
            self.set(&catalogue::CLOCK_ERROR, [&clock.source, kind, &address], offset.bound);
        }
        // A host whose clock cannot be read is no failure; a time server that fails is.
        for server in &clocks.servers {
            let address = server.address.map(|address| address.to_string()).unwrap_or_default();
            let labels = [&server.source, server.kind.unwrap_or_default(), &address];
            self.set(&catalogue::CLOCK_SOURCE_UP, labels, truth(server.observation.is_ok()));
            if let Some(reason) = server.observation.reason {
                let [source, kind, address] = labels;
                self.set(&catalogue::CLOCK_SOURCE_FAILURE, [source, kind, address, reason.as_str()], 1.0);
            }
        }
    }

    /// What concerns one path.
    pub(super) fn path(&mut self, path: &PathReport) {
        let (name, verdict) = (path.name.as_ref(), &path.verdict);
        // What is not known is neither up nor down.
        let judged = match verdict.status {
            Status::Ok => Some((true, false)),
            Status::Degraded => Some((true, true)),
            Status::Blocked => Some((false, false)),
            Status::Unknown => None,
        };
        self.set(&catalogue::PATH_UNKNOWN, [name], truth(judged.is_none()));
        if let Some((is_up, is_degraded)) = judged {
            self.set(&catalogue::PATH_UP, [name], truth(is_up));
            self.set(&catalogue::PATH_DEGRADED, [name], truth(is_degraded));
        }
        if verdict.status == Status::Blocked {
            let stage = verdict.stage.map(Stage::as_str).unwrap_or_default();
            let reason = verdict.reason.map(Reason::as_str).unwrap_or_default();
            let code = verdict.code.map(|code| code.to_string()).unwrap_or_default();
            self.set(&catalogue::PATH_BLOCKED, [name, stage, reason, &code], 1.0);
        }
        // Machines that are lost, that soon will be and that are late are problems of their own, for the same reason.
        let mut machines = BTreeMap::new();
        for problem in verdict.problems.iter() {
            let labels = [name, problem.stage.as_str(), problem.reason.as_str()];
            self.set(&catalogue::PATH_PROBLEM, labels, 1.0);
            if let Some(concerned) = problem.machines {
                *machines.entry(labels).or_insert(0) += concerned;
            }
        }
        for (labels, concerned) in machines {
            self.set(&catalogue::PATH_PROBLEM_MACHINES, labels, figure(concerned));
        }
        let failing_rounds = path.pending.map_or(0, |pending| pending.failing_rounds);
        self.set(&catalogue::PATH_SINCE, [name], seconds(path.since));
        self.set(&catalogue::PATH_JUDGED, [name], seconds(path.judged_at));
        self.set(&catalogue::PATH_FAILING_ROUNDS, [name], failing_rounds.into());
        self.set(&catalogue::PATH_HELD, [name], truth(path.held_until.is_some()));
        self.walk(name, &path.walk);
    }

    /// What was seen on a path, whatever that comes to.
    pub(super) fn walk(&mut self, name: &str, walk: &Walk) {
        match walk {
            Walk::Kms(walk) => {
                for target in &walk.targets {
                    let walked = target.walked();
                    let address = walked.address.as_deref().unwrap_or_default();
                    self.stages(name, &walked, address);
                    if let kms::Target::Host(host) = &**target {
                        self.host_clock(name, host, &walked.target, address);
                    }
                }
                if let Some(discovered) = &walk.discovered {
                    self.discovered(name, discovered);
                }
            }
            Walk::Online(walk) => {
                for target in &walk.targets {
                    // An endpoint has ever new addresses, and each would leave series behind.
                    self.stages(name, &target.walked(), "");
                    self.online(name, target);
                }
            }
        }
    }

    fn stages(&mut self, path: &str, target: &Walked<'_>, address: &str) {
        for observation in target.stages {
            let labels = [path, &target.target, address, observation.stage.as_str()];
            self.set(&catalogue::STAGE_UP, labels, truth(observation.is_ok()));
            self.set(&catalogue::STAGE_DURATION, labels, observation.duration.as_secs_f64());
            if let Some(reason) = observation.reason {
                let [path, target, address, stage] = labels;
                self.set(&catalogue::STAGE_FAILURE, [path, target, address, stage, reason.as_str()], 1.0);
            }
        }
    }

    fn host_clock(&mut self, path: &str, host: &kms::Host, target: &str, address: &str) {
        if let Some(clock) = host.clock.filter(|clock| clock.clocks == Clocks::HostAndTrueTime) {
            let labels = [path, target, address];
            self.set(&catalogue::HOST_CLOCK_OFFSET, labels, clock.offset.seconds);
            self.set(&catalogue::HOST_CLOCK_ERROR, labels, clock.offset.bound);
        }
    }

    /// What an endpoint showed of itself, over one proxy.
    fn online(&mut self, path: &str, target: &online::Target) {
        let name = &*target.name;
        let endpoint = target.endpoint();
        let labels = [path, name, &endpoint.to_string(), &target.target.proxy, endpoint.role.as_str()];
        self.set(&catalogue::TARGET_INFO, labels, 1.0);
        self.set(&catalogue::PROXY_DEMANDS_LOGIN, [path, name], truth(!target.answer.demanded.is_empty()));
        if let Some(answer) = &target.answer.http {
            self.set(&catalogue::HTTP_STATUS, [path, name], answer.status.into());
            self.set(&catalogue::HTTP_FIRST_BYTE, [path, name], answer.first_byte.as_secs_f64());
        }
        let Some(session) = &target.answer.tls else { return };
        self.set(&catalogue::TLS_VERSION, [path, name, session.version], 1.0);
        self.set(&catalogue::TLS_CIPHER, [path, name, &session.cipher], 1.0);
        self.set(&catalogue::EARLIEST_EXPIRY, [path, name], seconds(session.ends));
        // Whoever is not believed may show another certificate each time, and each would leave a series behind.
        let Some(session) = target.believed() else { return };
        self.set(&catalogue::LAST_CHAIN_EXPIRY, [path, name], seconds(session.ends));
        if let Some(own) = session.certificates.first() {
            let labels = [path, name, &own.sha256, &own.subject, &own.issuer, &quoted(&own.names.join(","))];
            self.set(&catalogue::LAST_CHAIN, labels, 1.0);
        }
    }

    fn discovered(&mut self, path: &str, discovered: &Discovered) {
        for (nameserver, count) in &discovered.counts {
            let count = u32::try_from(*count).unwrap_or(u32::MAX);
            self.set(&catalogue::SRV_RECORDS, [path, &nameserver.to_string()], count.into());
        }
        for record in &discovered.records {
            let [port, priority, weight] = [record.port, record.priority, record.weight].map(|n| n.to_string());
            let expected = if discovered.is_expected(&record.host) { "true" } else { "false" };
            self.set(
                &catalogue::SRV_TARGET,
                [path, &record.host.to_string(), &port, &priority, &weight, expected],
                1.0,
            );
        }
        for (stage, count) in [Stage::Srv, Stage::Address].into_iter().zip(discovered.left_out.counts()) {
            self.set(&catalogue::LEFT_OUT, [path, stage.as_str()], figure(count as u64));
        }
        self.set(&catalogue::SRV_CONSISTENT, [path], truth(discovered.disagreements.is_empty()));
    }
}

/// A moment in seconds since 1970.
fn seconds(moment: SystemTime) -> f64 {
    moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
pub(super) const fn figure(count: u64) -> f64 {
    count as f64
}

pub(super) fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}
