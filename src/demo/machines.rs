//! What the machines of the company report: the same at each start, but for the time.
//!
//! Of 412 machines most renewed within the last seven days. A few have not been on for a while: they are late, one loses
//! activation soon and one has lost it. Some are new. The directory has five more that never reported, and does not have
//! two of those that do. Reports are as a collector sends them, a JSON object to a line.

use super::company::{BERLIN, KMS01, KMS02, TOKYO};
use super::fault::Fault;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How long a KMS client is activated, in minutes, and for how long it does without renewing.
const FULL: i64 = 180 * DAY;
const RENEWAL: i64 = 7 * DAY;
const DAY: i64 = 24 * HOUR;
const HOUR: i64 = 60;

/// What reports have for "not known here", as WMI does.
const NONE: u32 = u32::MAX;

/// The status of a license.
const LICENSED: u8 = 1;
const FIRST_GRACE: u8 = 2;
const NOTIFICATION: u8 = 5;

/// Why a machine lost activation whose key is blocked.
const KEY_BLOCKED: u32 = 0xC004_C003;

/// Why one is activated, and why one is not yet.
const ACTIVATED: u32 = 0x4004_F401;
const NOT_YET: u32 = 0x4004_F00C;

/// The applications.
const WINDOWS: &str = "55c92734-d682-4d71-983e-d6ec3f16059f";
const OFFICE: &str = "0ff1ce15-a989-479d-af46-f275c6370663";

/// A product: its SKU, application, name, description, the end of its key, and how many clients a KMS host has to count.
struct Product {
    sku: &'static str,
    application: &'static str,
    name: &'static str,
    channel: &'static str,
    key: &'static str,
    clients: u32,
}

const ENTERPRISE: Product = Product {
    sku: "73111121-5638-40f6-bc11-f1d7b0d64300",
    application: WINDOWS,
    name: "Windows(R), Enterprise edition",
    channel: "VOLUME_KMSCLIENT",
    key: "2YT43",
    clients: 25,
};
const PROFESSIONAL_OEM: Product = Product {
    sku: "4de7cb65-cdf1-4de9-8ae8-e3cce27b9f2c",
    application: WINDOWS,
    name: "Windows(R), Professional edition",
    channel: "OEM_DM",
    key: "8HV2C",
    clients: 0,
};
const PROFESSIONAL_MAK: Product = Product { channel: "VOLUME_MAK", key: "9QV4T", ..PROFESSIONAL_OEM };
const STANDARD: Product = Product {
    sku: "9bd77860-9b31-4b7b-96ad-2564017315bf",
    application: WINDOWS,
    name: "Windows(R), ServerStandard edition",
    channel: "VOLUME_KMSCLIENT",
    key: "VDYBN",
    clients: 5,
};
const DATACENTER: Product = Product {
    sku: "ef6cfc9f-8c5d-44ac-9aad-de6a2ea0ae03",
    application: WINDOWS,
    name: "Windows(R), ServerDatacenter edition",
    channel: "VOLUME_KMSCLIENT",
    key: "6VM33",
    clients: 5,
};
const EVALUATION: Product = Product {
    sku: "b3ca044e-a358-4d68-9883-aaa2941aca99",
    application: WINDOWS,
    name: "Windows(R), ServerStandardEval edition",
    channel: "TIMEBASED_EVAL",
    key: "37CYR",
    clients: 0,
};
const OFFICE_2021: Product = Product {
    sku: "fbdb3e18-a8ef-4fb3-9183-dffd60bd0984",
    application: OFFICE,
    name: "Office 21, Office21ProPlus2021VL_KMS_Client_AE edition",
    channel: "VOLUME_KMSCLIENT",
    key: "6F7TH",
    clients: 5,
};

/// The state of a license of a machine.
#[derive(Clone, Copy)]
struct State {
    status: u8,
    reason: u32,
    /// Minutes left at the time of the report; none without an end.
    left: i64,
}

/// A machine.
struct Machine {
    name: String,
    kms_host: &'static str,
    /// How many minutes ago it reported.
    reported: i64,
    products: Vec<(&'static Product, State)>,
}

/// What everyone reports at the start, the KMS hosts among them.
pub(super) fn everyone(on: &BTreeSet<Fault>, kms_ports: [u16; 2], now: Timestamp) -> String {
    let numbered = (1..).zip(clients(on));
    let lines: String = numbered.map(|(number, machine)| machine.report(number, kms_ports, now)).collect();
    lines + &kms_host(KMS01, 50, kms_ports, now) + &second_host(on, kms_ports, now)
}

/// The machines that never reported, with the days since they last logged on.
const NEVER_REPORTED: [(&str, i64); 5] = [
    ("ws0441.corp.example", 1),
    ("ws0442.corp.example", 3),
    ("srv39.corp.example", 2),
    ("nb0111.berlin.example", 5),
    ("nb0112.berlin.example", 190),
];

/// Those that are not in the directory.
const UNLISTED: [&str; 2] = ["ws0439.corp.example", "ws0440.corp.example"];

/// The computers of the directory, as `Get-ADComputer | Export-Csv` writes them.
pub(super) fn inventory(now: Timestamp) -> String {
    let line = |name: &str, days: i64| {
        let is_server = ["srv", "ber", "kms"].iter().any(|start| name.starts_with(start));
        let system = if is_server { "Windows Server 2022 Standard" } else { "Windows 11 Enterprise" };
        let short = name.split('.').next().unwrap_or_default().to_uppercase();
        let logon = (now - SignedDuration::from_hours(days * 24)).strftime("%Y-%m-%d %H:%M:%S").to_string();
        format!("\"{name}\",\"True\",\"{logon}\",\"{short}\",\"{system}\"\n")
    };
    let clients = clients(&BTreeSet::new());
    let reporting = clients.iter().map(|machine| (machine.name.as_str(), machine.reported / DAY));
    let hosts = [(KMS01, 0), (KMS02, 0)];
    let listed = reporting.chain(hosts).filter(|(name, _)| !UNLISTED.contains(name)).chain(NEVER_REPORTED);
    let head = "\"DNSHostName\",\"Enabled\",\"LastLogonDate\",\"Name\",\"OperatingSystem\"\n";
    head.to_owned() + &listed.map(|(name, days)| line(name, days)).collect::<String>()
}

/// What those report that a fault is about.
pub(super) fn concerned(fault: Fault, on: &BTreeSet<Fault>, kms_ports: [u16; 2], now: Timestamp) -> String {
    match fault {
        Fault::LowCount => second_host(on, kms_ports, now),
        Fault::SharedKey => {
            let numbered = (1..).zip(clients(on));
            let sharing = numbered.filter(|(_, machine)| machine.shares_key());
            sharing.map(|(number, machine)| Machine { reported: 0, ..machine }.report(number, kms_ports, now)).collect()
        }
        _ => String::new(),
    }
}

/// All but the KMS hosts, in the order in which they are numbered.
fn clients(on: &BTreeSet<Fault>) -> Vec<Machine> {
    let tokyo = (201..=440).map(workstation);
    let servers = (1..=38).map(|number| server(format!("srv{number:02}.{TOKYO}"), number, KMS01));
    let berlin = (1..=110).map(|number| notebook(number, on));
    let berlin_servers = (1..=22).map(|number| server(format!("ber{number:02}.{BERLIN}"), number, KMS02));
    tokyo.chain(servers).chain(berlin).chain(berlin_servers).collect()
}

/// A workstation in Tokyo: Windows and Office by KMS, every sixteenth Windows with a key of its maker.
fn workstation(number: i64) -> Machine {
    let (windows, office) = (renewed(number * 37), renewed(number * 53));
    let (reported, products) = match number {
        // Switched off for two weeks, and renewed long before.
        417 => (14 * DAY, vec![(&ENTERPRISE, late(18)), (&OFFICE_2021, late(23))]),
        231 => (11 * DAY, vec![(&ENTERPRISE, late(152))]),
        305 => (9 * DAY + 3 * HOUR, vec![(&ENTERPRISE, late(158)), (&OFFICE_2021, office)]),
        // New, and yet to find a KMS host.
        436..=440 => (number - 430, vec![(&ENTERPRISE, new(number))]),
        _ if number % 16 == 0 => (hours_ago(number), vec![(&PROFESSIONAL_OEM, PERMANENT), (&OFFICE_2021, office)]),
        _ if number % 3 == 0 => (hours_ago(number), vec![(&ENTERPRISE, windows)]),
        _ => (hours_ago(number), vec![(&ENTERPRISE, windows), (&OFFICE_2021, office)]),
    };
    let kms_host = if number % 4 == 0 { KMS02 } else { KMS01 };
    Machine { name: format!("ws{number:04}.{TOKYO}"), kms_host, reported, products }
}

/// A notebook in Berlin: Windows and Office by KMS, and the last 24 with a MAK.
fn notebook(number: i64, on: &BTreeSet<Fault>) -> Machine {
    let (windows, office) = (renewed(number * 41), renewed(number * 59));
    let (reported, products) = match number {
        // In a drawer.
        42 => (21 * DAY, vec![(&ENTERPRISE, late(9)), (&OFFICE_2021, late(12))]),
        13 => (10 * DAY, vec![(&ENTERPRISE, late(149))]),
        77 => (12 * DAY, vec![(&ENTERPRISE, late(163)), (&OFFICE_2021, late(161))]),
        87.. => (hours_ago(number), vec![(&PROFESSIONAL_MAK, mak(on))]),
        _ if number % 2 == 0 => (hours_ago(number), vec![(&ENTERPRISE, windows)]),
        _ => (hours_ago(number), vec![(&ENTERPRISE, windows), (&OFFICE_2021, office)]),
    };
    Machine { name: format!("nb{number:04}.{BERLIN}"), kms_host: KMS02, reported, products }
}

/// A server: every fourth is a larger edition, and one in Berlin is an evaluation.
fn server(name: String, number: i64, kms_host: &'static str) -> Machine {
    let state = renewed(number * 97);
    let product = if number == 22 && kms_host == KMS02 {
        (&EVALUATION, State { left: 121 * DAY, ..state })
    } else if number % 4 == 0 {
        (&DATACENTER, state)
    } else {
        (&STANDARD, state)
    };
    Machine { name, kms_host, reported: hours_ago(number), products: vec![product] }
}

const PERMANENT: State = State { status: LICENSED, reason: ACTIVATED, left: 0 };

/// Renewed at some time within the last renewal interval.
const fn renewed(spread: i64) -> State {
    State { left: FULL - (spread * 31) % (RENEWAL - HOUR), ..PERMANENT }
}

/// Renewed so long ago that so many days were left at the time of the report.
const fn late(days: i64) -> State {
    State { left: days * DAY + 7 * HOUR, ..PERMANENT }
}

/// In its first grace period.
const fn new(number: i64) -> State {
    State { status: FIRST_GRACE, reason: NOT_YET, left: (number - 412) * DAY }
}

/// With a key that many share.
fn mak(on: &BTreeSet<Fault>) -> State {
    if on.contains(&Fault::SharedKey) {
        State { status: NOTIFICATION, reason: KEY_BLOCKED, left: 0 }
    } else {
        PERMANENT
    }
}

/// How many minutes ago a machine reported that is on: within two days.
const fn hours_ago(number: i64) -> i64 {
    (number * 17) % (44 * HOUR) + 2
}

impl Machine {
    /// True where its key is the one that many share.
    fn shares_key(&self) -> bool {
        self.products.iter().any(|(product, _)| product.channel == PROFESSIONAL_MAK.channel)
    }

    fn report(&self, number: u32, [first, second]: [u16; 2], now: Timestamp) -> String {
        let port = if self.kms_host == KMS01 { first } else { second };
        let products: Vec<_> =
            self.products.iter().map(|(product, state)| product.report(*state, self.kms_host, port)).collect();
        let service = json!({
            "Version": "10.0.22621.4391",
            // An ID of its own, as each machine has by which KMS hosts count it.
            "ClientMachineID": format!("7c9e6679-7425-40de-944b-{number:012x}"),
            "RemainingWindowsReArmCount": 1001,
            "IsKeyManagementServiceMachine": 0,
        });
        line(&self.name, self.reported, now, &products, &service)
    }
}

impl Product {
    fn report(&self, state: State, kms_host: &str, port: u16) -> Value {
        let is_client = self.channel == "VOLUME_KMSCLIENT";
        json!({
            "ID": self.sku,
            "ApplicationID": self.application,
            "Name": self.name,
            "Description": format!("{}, {} channel", self.system(), self.channel),
            "PartialProductKey": self.key,
            "LicenseStatus": state.status,
            "LicenseStatusReason": state.reason,
            "LicenseIsAddon": false,
            "GracePeriodRemaining": state.left,
            "DiscoveredKeyManagementServiceMachineName": if is_client { kms_host } else { "" },
            "DiscoveredKeyManagementServiceMachinePort": if is_client { port } else { 0 },
            "RequiredClientCount": if is_client { self.clients } else { NONE },
            "VLActivationInterval": 120,
            "VLRenewalInterval": RENEWAL,
            "IsKeyManagementServiceMachine": 0,
        })
    }

    /// What it belongs to, as descriptions begin.
    fn system(&self) -> &'static str {
        if self.application == OFFICE { "Office 21" } else { "Windows(R) Operating System" }
    }
}

fn second_host(on: &BTreeSet<Fault>, kms_ports: [u16; 2], now: Timestamp) -> String {
    kms_host(KMS02, if on.contains(&Fault::LowCount) { 3 } else { 50 }, kms_ports, now)
}

/// What a KMS host reports of itself, just now.
fn kms_host(name: &str, count: u32, [first, second]: [u16; 2], now: Timestamp) -> String {
    let service = json!({
        "Version": "10.0.20348.2849",
        "IsKeyManagementServiceMachine": 1,
        "KeyManagementServiceCurrentCount": count,
        "KeyManagementServiceListeningPort": if name == KMS01 { first } else { second },
        "KeyManagementServiceDnsPublishing": true,
        "KeyManagementServiceTotalRequests": 18_264,
        "KeyManagementServiceFailedRequests": 12,
        "KeyManagementServiceLicensedRequests": 18_011,
        "KeyManagementServiceUnlicensedRequests": 0,
        "KeyManagementServiceOOBGraceRequests": 241,
        "KeyManagementServiceOOTGraceRequests": 0,
        "KeyManagementServiceNonGenuineGraceRequests": 0,
        "KeyManagementServiceNotificationRequests": 0,
    });
    let product = json!({
        "ID": "8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66",
        "ApplicationID": WINDOWS,
        "Name": "Windows(R), ServerDatacenter edition",
        "Description": "Windows(R) Operating System, VOLUME_KMS_WS22 channel",
        "PartialProductKey": "H9ST5",
        "LicenseStatus": LICENSED,
        "GracePeriodRemaining": 0,
    });
    line(name, 0, now, &[product], &service)
}

fn line(name: &str, minutes_ago: i64, now: Timestamp, products: &[Value], service: &Value) -> String {
    let reported_at = now - SignedDuration::from_mins(minutes_ago);
    let report = json!({
        "machine": name,
        "reported_at": reported_at.to_string(),
        "complete": true,
        "products": products,
        "service": service,
    });
    report.to_string() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-12-03T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn there_are_412_machines_and_they_are_the_same_at_each_start() {
        let all = everyone(&BTreeSet::new(), [1688, 1688], now());
        let names: BTreeSet<String> = all
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["machine"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!((names.len(), all.lines().count()), (412, 412));
        assert!(names.contains("ws0417.corp.example") && names.contains("nb0042.berlin.example"));
        assert_eq!(all, everyone(&BTreeSet::new(), [1688, 1688], now()));
    }

    #[test]
    fn the_directory_has_five_that_never_reported_and_not_two_that_do() {
        let inventory = inventory(now());
        assert_eq!(inventory.lines().count(), 1 + 412 - UNLISTED.len() + NEVER_REPORTED.len());
        let reports = everyone(&BTreeSet::new(), [1688, 1688], now());
        assert!(NEVER_REPORTED.iter().all(|(name, _)| inventory.contains(name) && !reports.contains(name)));
        assert!(UNLISTED.iter().all(|name| !inventory.contains(name) && reports.contains(name)));
    }

    #[test]
    fn a_fault_concerns_some_machines_and_the_same_again_once_it_is_over() {
        let reports = |fault, on: &BTreeSet<Fault>| concerned(fault, on, [1688, 1688], now());
        let (on, off) = (BTreeSet::from(Fault::ALL), BTreeSet::new());
        for (fault, count) in [(Fault::LowCount, 1), (Fault::SharedKey, 24), (Fault::ClosedPort, 0)] {
            let [broken, fixed] = [&on, &off].map(|on| reports(fault, on));
            assert_eq!((broken.lines().count(), fixed.lines().count()), (count, count), "{fault:?}");
            assert_eq!(broken == fixed, count == 0, "{fault:?}");
        }
    }
}
