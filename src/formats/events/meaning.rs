//! What the events mean: each becomes the report of one license. That a host answered a client does not prove that the
//! client took the answer, so a host's record shows only the client's state at the request.

use super::event::Kind;
use super::kms_info::{ClientState, HostRecord, Request, Response, is_failure};
use super::pairs::{Attempt, Schedule};
use crate::codes::Code;
use crate::host::{Host, HostPort, KMS_PORT};
use crate::license::{
    Application, Channel, KmsCounts, KmsHost, License, LicenseStatus, MachineName, Remaining, Report, Source,
    VOLUME_VALIDITY, WINDOWS,
};
use jiff::Timestamp;
use uuid::Uuid;

/// Only clients of Windows need a host that counts so many: servers and Office need 5.
const WINDOWS_CLIENT_COUNT: u32 = 25;

/// The flag by which a host's answer says that it does not count enough clients.
const NOT_ENOUGH_COUNT: u32 = 0x0400_0000;

/// What Windows shows for that.
const COUNT_TOO_LOW: u32 = 0xC004_F038;

/// What one event reports of one license, in less memory than its report. Of two at the same moment the greater is
/// taken for the newer, so that the order in which they are read does not matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    /// A host, if it is named, has a record of a client.
    HostRecord(HostRecord, Option<MachineName>),
    /// A client asked.
    Request(Request),
    /// A client that asked has an answer.
    Response(Response, Request),
    /// A client failed to activate.
    Attempt(Attempt),
    /// The scheduler of a client knows its own status.
    Schedule(Schedule),
}

impl Fact {
    /// The kind of event it is from.
    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::HostRecord(..) => Kind::HostRecord,
            Self::Request(_) => Kind::Request,
            Self::Response(..) => Kind::Response,
            Self::Attempt(_) => Kind::Attempt,
            Self::Schedule(_) => Kind::Schedule,
        }
    }

    /// The license it is about.
    pub(super) const fn sku(&self) -> Uuid {
        match self {
            Self::HostRecord(HostRecord { state, .. }, _)
            | Self::Request(Request { state, .. })
            | Self::Response(_, Request { state, .. }) => state.sku,
            Self::Attempt(attempt) => attempt.sku,
            Self::Schedule(schedule) => schedule.sku,
        }
    }

    /// The report of it, for this machine at this time.
    pub(super) fn report(self, machine: Option<MachineName>, reported_at: Option<Timestamp>) -> Report {
        let source = if self.kind() == Kind::HostRecord { Source::HostEvents } else { Source::ClientEvents };
        let (license, client_machine_id) = match self {
            Self::HostRecord(record, host) => {
                let host = host.and_then(|host| HostPort::parse(host.as_str(), KMS_PORT).ok());
                let code = record.state.code;
                (asked(&record.state, host, failure(code)), record.state.client_machine_id)
            }
            Self::Request(request) => {
                let code = request.state.code;
                (asked(&request.state, request.server, failure(code)), request.state.client_machine_id)
            }
            Self::Response(response, request) => {
                let id = request.state.client_machine_id;
                (answered(&response, request), id)
            }
            Self::Attempt(attempt) => (attempted(&attempt), None),
            Self::Schedule(schedule) => (scheduled(schedule, reported_at), None),
        };
        Report { machine, reported_at, client_machine_id, licenses: vec![license], ..Report::new(source) }
    }
}

impl Response {
    /// True where it activated the client. An HRESULT may be no failure and still have something to remark.
    fn activates(&self) -> bool {
        self.is_activated && !is_failure(self.code)
    }

    /// How many clients the host counts, which only an answer contains.
    pub(super) fn reported_count(&self) -> Option<u32> {
        self.count.filter(|_| !is_failure(self.code))
    }
}

/// The report of a KMS host by its events: records of its clients, and what happened to itself. The last is from then.
pub(super) fn host_report(host: Option<MachineName>, reported_at: Option<Timestamp>, kms_host: KmsHost) -> Report {
    Report { machine: host, reported_at, kms_host: Some(kms_host), ..Report::new(Source::HostEvents) }
}

/// Of what a host counts the clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counted {
    Application(Application),
    /// Of the application of this license, which events do not name.
    Sku(Uuid),
}

impl Counted {
    /// Of what a client asked for.
    pub(super) fn of(state: &ClientState) -> Self {
        if state.required_count == Some(WINDOWS_CLIENT_COUNT) {
            Self::Application(Application::Windows)
        } else {
            Self::Sku(state.sku)
        }
    }
}

/// The report of how many clients a host counts, as its answer to one of them has it.
pub(super) fn count_report(host: MachineName, counted: Counted, reported_at: Timestamp, count: u32) -> Report {
    let kms_host = match counted {
        Counted::Application(application) => {
            KmsHost::counting(application, KmsCounts { current: Some(count), ..KmsCounts::default() })
        }
        Counted::Sku(sku) => KmsHost { counted_for: Some((sku, count)), ..KmsHost::default() },
    };
    Report {
        machine: Some(host),
        reported_at: Some(reported_at),
        kms_host: Some(kms_host),
        ..Report::new(Source::ClientEvents)
    }
}

/// The name of a host as that of a machine; `None` where it is an address.
pub(super) fn machine_of(host: &HostPort) -> Option<MachineName> {
    match &host.host {
        Host::Name(name) => name.as_str().parse().ok(),
        Host::Address(_) => None,
    }
}

/// The license of a client that asks a host. Only those do that are activated by KMS.
fn asked(state: &ClientState, host: Option<HostPort>, last_error: Option<Code>) -> License {
    let is_windows_client = state.required_count == Some(WINDOWS_CLIENT_COUNT);
    let is_lost = state.status.is_some_and(LicenseStatus::is_lost);
    // What is licensed by KMS has an end, so nothing left means that nothing is reported.
    let is_endless = state.status == Some(LicenseStatus::Licensed) && state.minutes == Some(0);
    License {
        sku: Some(state.sku),
        application: is_windows_client.then_some(WINDOWS),
        channel: Channel::new("VOLUME_KMSCLIENT"),
        status: state.status,
        remaining: state.minutes.filter(|_| !is_lost && !is_endless).map(Remaining::Minutes),
        last_error,
        discovered_host: host,
        required_count: state.required_count,
        ..License::default()
    }
}

/// The license of a client that asked and has the answer.
fn answered(response: &Response, request: Request) -> License {
    let is_too_few = response.flags & NOT_ENOUGH_COUNT != 0;
    let last_error = match failure(response.code) {
        None if !response.is_activated && is_too_few => Some(Code(COUNT_TOO_LOW)),
        error => error,
    };
    let (status, remaining) = if response.activates() {
        (Some(LicenseStatus::Licensed), Some(Remaining::Minutes(VOLUME_VALIDITY)))
    } else {
        // Its status at the request is in that event.
        (None, None)
    };
    License {
        status,
        remaining,
        activated_by_domain: status.map(|_| false),
        activation_interval: response.activation_interval,
        renewal_interval: response.renewal_interval,
        ..asked(&request.state, request.server, last_error)
    }
}

fn attempted(attempt: &Attempt) -> License {
    License {
        sku: Some(attempt.sku),
        application: attempt.application,
        last_error: failure(attempt.code),
        ..License::default()
    }
}

fn scheduled(schedule: Schedule, time: Option<Timestamp>) -> License {
    License {
        sku: Some(schedule.sku),
        application: schedule.application,
        remaining: schedule.remaining(time).unwrap_or_default(),
        evaluation_end: schedule.evaluation_end(),
        status: schedule.status,
        reason_code: schedule.reason.map(Code),
        channel: schedule.channel,
        partial_product_key: schedule.partial_product_key,
        ..License::default()
    }
}

fn failure(code: u32) -> Option<Code> {
    is_failure(code).then_some(Code(code))
}
