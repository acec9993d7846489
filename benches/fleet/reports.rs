//! The reports of a fleet, as the collector for Windows sends them.

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::io::Write as _;

/// What the machines have: the SKU, the name, the description, the key's end and the clients a host must count.
const WINDOWS: [[&str; 4]; 3] = [
    ["73111121-5638-40f6-bc11-f1d7b0d64300", "Windows(R), Enterprise edition", "2YT43", "25"],
    ["2de67392-b7a7-462a-b1ca-108dd189f588", "Windows(R), Professional edition", "T83GX", "25"],
    ["de32eafd-aaee-4662-9444-c1befb41bde2", "Windows(R), ServerStandard edition", "J464C", "5"],
];
const OFFICE: [[&str; 4]; 2] = [
    ["85dd8b5f-eaa4-4af3-a628-cce9e77c9a03", "Office 19, Office19ProPlus2019VL_KMS_Client_AE edition", "6MWKP", "5"],
    ["fbdb3e18-a8ef-4fb3-9183-dffd60bd0984", "Office 21, Office21ProPlus2021VL_KMS_Client_AE edition", "6F7TH", "5"],
];

const WINDOWS_ID: &str = "55c92734-d682-4d71-983e-d6ec3f16059f";
const OFFICE_ID: &str = "0ff1ce15-a989-479d-af46-f275c6370663";

/// The requests that a product and the service count where they are a KMS host, which none of these is.
const REQUESTS: [&str; 7] = ["Total", "Failed", "Unlicensed", "Licensed", "OOBGrace", "OOTGrace", "NonGenuineGrace"];

/// A fleet that reports once a day.
pub(crate) struct Fleet {
    machines: usize,
    first_day: Timestamp,
}

impl Fleet {
    /// A fleet of so many machines. Its third day is today.
    pub(crate) fn new(machines: usize) -> Self {
        Self { machines, first_day: Timestamp::now() - SignedDuration::from_hours(48) }
    }

    /// The names of the machines in the order in which they report, which is not that of their names.
    pub(crate) fn names(&self) -> Vec<String> {
        self.numbers().map(name_of).collect()
    }

    /// What all of them report on a day, counted from 0.
    pub(crate) fn reports(&self, day: usize) -> Vec<String> {
        let reported_at = self.first_day + SignedDuration::from_hours(24) * i32::try_from(day).expect("a few days");
        self.numbers().map(|number| report(number, day, reported_at).to_string()).collect()
    }

    fn numbers(&self) -> impl Iterator<Item = usize> {
        // A prime that divides no number of machines one would choose.
        let machines = self.machines;
        (0..machines).map(move |place| place * 7_368_787 % machines)
    }
}

/// A list of reports, as a body.
pub(crate) fn list(reports: &[String]) -> Vec<u8> {
    format!("[{}]", reports.join(",")).into_bytes()
}

/// A body compressed as senders do it.
pub(crate) fn compressed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("memory can be written to")
}

fn name_of(number: usize) -> String {
    format!("ws{number:06}.corp.example")
}

fn report(number: usize, day: usize, reported_at: Timestamp) -> Value {
    let mut service = json!({
        "Version": "10.0.19041.4474",
        "ClientMachineID": format!("{number:08x}-5638-40f6-bc11-f1d7b0d64300"),
        "RemainingWindowsReArmCount": 1001,
        "KeyManagementServiceListeningPort": 0,
        "KeyManagementServiceDnsPublishing": true,
    });
    add_requests(&mut service, 0);
    json!({
        "machine": name_of(number),
        "reported_at": reported_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "complete": true,
        "products": [
            product(number, day, WINDOWS_ID, WINDOWS[number % WINDOWS.len()]),
            product(number / 2, day, OFFICE_ID, OFFICE[number % OFFICE.len()]),
        ],
        "service": service,
    })
}

/// A product that is renewed every seventh day. One in a hundred has lost its activation, and one has not renewed for
/// long.
fn product(number: usize, day: usize, application: &str, [sku, name, key, required]: [&str; 4]) -> Value {
    let since_renewal = (number + day) % 7 + if number % 100 == 1 { 100 + number % 80 } else { 0 };
    let is_lost = number % 100 == 2;
    let minutes = if is_lost { 0 } else { 259_200 - 1440 * since_renewal - number % 1440 };
    let required: u32 = required.parse().expect("a number");
    let mut product = json!({
        "ID": sku,
        "ApplicationID": application,
        "Name": name,
        "Description": "Operating System or Office, VOLUME_KMSCLIENT channel",
        "LicenseFamily": name.split(' ').nth(1),
        "LicenseIsAddon": false,
        "PartialProductKey": key,
        "ProductKeyChannel": "Volume:GVLK",
        "LicenseStatus": if is_lost { 5 } else { 1 },
        "LicenseStatusReason": if is_lost { 3_221_549_058_u32 } else { 1_074_066_433 },
        "GracePeriodRemaining": minutes,
        "EvaluationEndDate": null,
        "TrustedTime": "2026-12-03T04:01:00Z",
        "VLActivationInterval": 120,
        "VLRenewalInterval": 10080,
        "RemainingSkuReArmCount": 1001,
        "RemainingAppReArmCount": 1000,
        "KeyManagementServiceMachine": null,
        "KeyManagementServicePort": 0,
        "DiscoveredKeyManagementServiceMachineName": format!("kms{:02}.corp.example", number % 4 + 1),
        "DiscoveredKeyManagementServiceMachinePort": 1688,
    });
    add_requests(&mut product, required);
    product
}

fn add_requests(object: &mut Value, required: u32) {
    object["IsKeyManagementServiceMachine"] = json!(0);
    object["RequiredClientCount"] = json!(required);
    object["KeyManagementServiceCurrentCount"] = json!(u32::MAX);
    for kind in REQUESTS {
        object[format!("KeyManagementService{kind}Requests")] = json!(u32::MAX);
    }
    object["KeyManagementServiceNotificationRequests"] = json!(u32::MAX);
}
