//! One `SoftwareLicensingService`, or `OfficeSoftwareProtectionService`: what holds for the machine, and what both
//! classes say of a KMS host.

use crate::formats::Reading;
use crate::formats::fields::Fields;
use crate::formats::values;
use crate::host::KMS_PORT;
use crate::license::{KmsHost, Report};

/// An object with one of these properties is the service.
const MARKS: [&str; 7] = [
    "ClientMachineID",
    "RemainingWindowsReArmCount",
    "KeyManagementServiceListeningPort",
    "KeyManagementServiceDnsPublishing",
    "KeyManagementServiceLowPriority",
    "KeyManagementServiceHostCaching",
    "PolicyCacheRefreshRequired",
];

/// Requests by the status of the client, in the order of the numbers of these. None are counted of the last status.
const REQUESTS: [&str; 6] = [
    "KeyManagementServiceUnlicensedRequests",
    "KeyManagementServiceLicensedRequests",
    "KeyManagementServiceOOBGraceRequests",
    "KeyManagementServiceOOTGraceRequests",
    "KeyManagementServiceNonGenuineGraceRequests",
    "KeyManagementServiceNotificationRequests",
];

/// True where the object is the service.
pub(super) fn is_service(fields: &Fields<'_>) -> bool {
    MARKS.iter().any(|mark| fields.has(mark)) || class_of(fields).is_some_and(ends_in_service)
}

/// Takes what the service says into the report of its machine.
pub(super) fn read(fields: &Fields<'_>, report: &mut Report, reading: &mut Reading<'_>) {
    // Office has a service of its own on old systems, with a version of its own.
    let is_office = class_of(fields).is_some_and(|class| class.to_ascii_lowercase().starts_with("office"));
    if !is_office {
        report.client_machine_id = fields.read("ClientMachineID", reading, values::guid);
        report.remaining_windows_rearms = fields.read("RemainingWindowsReArmCount", reading, values::number);
        report.service_version = fields.text("Version").and_then(values::words);
    }
    report.kms_host = host_of(fields, reading);
}

/// What a product or the service says of the machine as a KMS host; `None` where it is none.
pub(super) fn host_of(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<KmsHost> {
    if fields.read("IsKeyManagementServiceMachine", reading, values::flag) != Some(true) {
        return None;
    }
    let mut host = KmsHost {
        current_count: fields.read("KeyManagementServiceCurrentCount", reading, values::number),
        required_count: fields.read("RequiredClientCount", reading, values::positive),
        listening_port: None,
        publishes_dns: fields.read("KeyManagementServiceDnsPublishing", reading, values::flag),
        last_request_at: None,
        requests: fields.read("KeyManagementServiceTotalRequests", reading, values::number),
        failed_requests: fields.read("KeyManagementServiceFailedRequests", reading, values::number),
        requests_by_status: [None; 7],
    };
    if fields.text("KeyManagementServiceListeningPort") == Some("0") {
        host.listening_port = Some(KMS_PORT);
    } else {
        host.listening_port = fields.read("KeyManagementServiceListeningPort", reading, values::port);
    }
    for (count, name) in host.requests_by_status.iter_mut().zip(REQUESTS) {
        *count = fields.read(name, reading, values::number);
    }
    Some(host)
}

/// Adds to what is known of a host what another object says of it: what is known already stays.
pub(super) fn complete(known: &mut Option<KmsHost>, other: Option<KmsHost>) {
    let Some(other) = other else { return };
    let host = known.get_or_insert_default();
    host.current_count = host.current_count.or(other.current_count);
    host.required_count = host.required_count.or(other.required_count);
    host.listening_port = host.listening_port.or(other.listening_port);
    host.publishes_dns = host.publishes_dns.or(other.publishes_dns);
    host.requests = host.requests.or(other.requests);
    host.failed_requests = host.failed_requests.or(other.failed_requests);
    for (count, other) in host.requests_by_status.iter_mut().zip(other.requests_by_status) {
        *count = count.or(other);
    }
}

/// The name of the class, where there is one.
fn class_of<'a>(fields: &'a Fields<'_>) -> Option<&'a str> {
    ["__CLASS", "ClassName", "CimClass"].into_iter().find_map(|name| fields.text(name))
}

fn ends_in_service(class: &str) -> bool {
    let class = class.rsplit([':', '/', '\\']).next().unwrap_or(class);
    ["SoftwareLicensingService", "OfficeSoftwareProtectionService"].iter().any(|name| class.eq_ignore_ascii_case(name))
}
