//! One `SoftwareLicensingService`, or `OfficeSoftwareProtectionService`: what holds for the machine, and what both
//! classes say of a KMS host.

use crate::formats::Reading;
use crate::formats::fields::Fields;
use crate::formats::values;
use crate::host::KMS_PORT;
use crate::license::{Application, HostKey, KmsCounts, KmsHost, Report};

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
    // What the service of Windows counts is of Windows. That of Office may be of either Office.
    report.kms_host = host_of(fields, (!is_office).then_some(Application::Windows.into()), reading);
}

/// What a product or the service says of the machine as a KMS host, with what it counts by this key; `None` where it is
/// none.
pub(super) fn host_of(fields: &Fields<'_>, key: Option<HostKey>, reading: &mut Reading<'_>) -> Option<KmsHost> {
    if fields.read("IsKeyManagementServiceMachine", reading, values::flag) != Some(true) {
        return None;
    }
    let mut counts = KmsCounts {
        current: fields.read("KeyManagementServiceCurrentCount", reading, values::number),
        required: fields.read("RequiredClientCount", reading, values::positive),
        requests: fields.read("KeyManagementServiceTotalRequests", reading, values::number),
        failed_requests: fields.read("KeyManagementServiceFailedRequests", reading, values::number),
        requests_by_status: [None; 7],
    };
    for (count, name) in counts.requests_by_status.iter_mut().zip(REQUESTS) {
        *count = fields.read(name, reading, values::number);
    }
    let listening_port = if fields.text("KeyManagementServiceListeningPort") == Some("0") {
        Some(KMS_PORT)
    } else {
        fields.read("KeyManagementServiceListeningPort", reading, values::port)
    };
    let publishes_dns = fields.read("KeyManagementServiceDnsPublishing", reading, values::flag);
    let counts = key.filter(|_| counts != KmsCounts::default()).map(|key| (key, counts));
    Some(KmsHost { listening_port, publishes_dns, counts: counts.into_iter().collect(), ..KmsHost::default() })
}

/// Adds to what is known of a host by its products what another says of it.
pub(super) fn add(known: &mut Option<KmsHost>, product: Option<KmsHost>) {
    if let Some(product) = product {
        known.get_or_insert_default().add(product);
    }
}

/// Adds what products say of a host to what the service does: the service speaks for the machine, and each product for
/// what is counted by its key.
pub(super) fn complete(service: &mut Option<KmsHost>, products: Option<KmsHost>) {
    let Some(products) = products else { return };
    let host = service.get_or_insert_default();
    host.listening_port = host.listening_port.or(products.listening_port);
    host.publishes_dns = host.publishes_dns.or(products.publishes_dns);
    if !products.counts.is_empty() {
        host.counts = products.counts;
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
