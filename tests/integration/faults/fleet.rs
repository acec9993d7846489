//! Fleets: what machines report, in the words of a row, as their collectors and their event logs have it.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::kms_world;
use super::table::split;
use crate::support::reports::{
    CLIENT, Client, FULL, OFFICE, SERVER, WINDOWS, add_office_key, host_event, kms_host_json, minutes_ago, now,
};

/// The status of a license that is in force, and of those that are not.
const UNLICENSED: u8 = 0;
const LICENSED: u8 = 1;
const FIRST_GRACE: u8 = 2;
const OUT_OF_TOLERANCE: u8 = 3;
const NOTIFICATION: u8 = 5;

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// More days than after which a report is stale.
const STALE_MINUTES: i64 = 9 * DAY;

/// The published keys of Windows Server 2022 Standard and of Windows 10 Professional, and one that nobody published.
const SERVER_KEY: &str = "VMK7H";
const DESKTOP_KEY: &str = "T83GX";
const OWN_KEY: &str = "ABCD9";

/// What is reported in a row, as the files that are imported.
#[derive(Debug, Default)]
pub struct Fleet {
    /// What collectors send, a report to a line.
    reports: String,
    /// What is in event logs.
    events: String,
}

/// Where the machines of a row are.
pub struct Site<'a> {
    /// The domain that they are in.
    pub domain: String,
    /// The host that clients use unless another is named, where there is one.
    pub host: Option<&'static str>,
    /// Gives the whole name of a host.
    pub name: &'a dyn Fn(&str) -> String,
}

/// A machine that is no KMS host.
#[derive(Clone, Debug)]
struct Machine {
    sku: &'static str,
    application: &'static str,
    product: &'static str,
    channel: &'static str,
    key: &'static str,
    status: u8,
    minutes: i64,
    evaluation_days: Option<i64>,
    kms_host: Option<String>,
    /// The host it asks, which it may not know any more.
    asks: Option<String>,
    required_count: Option<u32>,
    reason: Option<u32>,
    attempts: Vec<Attempt>,
    has_shared_id: bool,
    minutes_ago: i64,
}

/// What a machine wrote to its event log when it tried to be activated.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    event: Event,
    minutes_ago: i64,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    /// 12288: the host was asked, and this is what came of it.
    Asked(u32),
    /// 12288 and 12289: the host was asked, and activated it.
    Renewed,
    /// The same, and it said that it counts so many clients, which are too few.
    Answered(u32),
    /// 8198: Windows tried by itself, and this is what came of it.
    Tried(u32),
}

impl Fleet {
    /// Reads a cell. Groups of machines are separated by `;`, and what is said of one by `,`:
    /// `serves counts 10, unlicensed; 2 clients, notified, says 0xC004F050`.
    pub fn read(cell: &str, site: &Site<'_>) -> Self {
        let mut fleet = Self::default();
        for (group, said) in split(cell, ';').into_iter().enumerate() {
            let facts = split(said, ',');
            if let Some((host, count)) = facts[0].split_once(" counts ") {
                let count = count.parse().unwrap_or_else(|error| panic!("{count:?} is no count: {error}"));
                fleet.add_host(&(site.name)(kms_world::host(host).word), count, &facts[1..]);
            } else {
                let (machines, kind) = facts[0].split_once(' ').unwrap_or_else(|| panic!("{said:?}: no number"));
                let machines: u32 =
                    machines.parse().unwrap_or_else(|error| panic!("{machines:?} is no number: {error}"));
                let machine =
                    facts[1..].iter().fold(Machine::new(kind, site), |machine, fact| machine.with(fact, site));
                (0..machines).for_each(|number| fleet.add_machine(group, number, &machine, site));
            }
        }
        fleet
    }

    /// The files, by their names, without those that are empty.
    pub fn files(self) -> impl Iterator<Item = (&'static str, String)> {
        let events = if self.events.is_empty() { self.events } else { format!("<Events>{}</Events>", self.events) };
        [("reports.json", self.reports), ("events.xml", events)].into_iter().filter(|(_, text)| !text.is_empty())
    }

    /// What collectors send.
    pub fn reports(self) -> String {
        assert_eq!(self.events, "", "events are not among reports");
        self.reports
    }

    fn add_host(&mut self, host: &str, count: u32, facts: &[&str]) {
        let (mut license_status, mut reported_at) = (LICENSED, now());
        let (mut office, mut publishes) = (None, true);
        let domain = host.split_once('.').map_or("", |(_, domain)| domain);
        for fact in facts {
            // Each counts once, for what the host must count to activate it.
            let of_host = |client: Client| Client { kms_host: host.to_owned(), ..client };
            let client = |kind: &str| of_host(Client::new(&format!("{kind}.{host}")));
            match *fact {
                "unlicensed" => license_status = NOTIFICATION,
                "stale" => reported_at = minutes_ago(STALE_MINUTES),
                "servers" => self.add_report(&client("server").text()),
                "desktops" => {
                    self.add_report(&of_host(Client::windows(&format!("desktop.{host}"))).text());
                }
                "not publishing" => publishes = false,
                fact => {
                    if let Some(count) = fact.strip_prefix("office ").and_then(|count| count.parse().ok()) {
                        office = Some(count);
                        continue;
                    }
                    let ago = |what: &str| fact.strip_prefix(what)?.strip_suffix(" ago").and_then(minutes);
                    let own = |number, data: &[&str], ago: Option<i64>| {
                        Some(host_event(number, host, minutes_ago(ago?), data))
                    };
                    let event = ago("asked ").map(|ago| request_event(host, minutes_ago(ago)));
                    let event = event.or_else(|| own(12291, &["0xC004F00F"], ago("could not start ")));
                    let event = event.or_else(|| own(12293, &["0x80072338", domain], ago("could not publish ")));
                    let event = event.or_else(|| own(12294, &[domain], ago("published ")));
                    self.events.push_str(&event.unwrap_or_else(|| panic!("{fact:?} is nothing that a host may be")));
                }
            }
        }
        let mut report = kms_host_json(host, reported_at, license_status, count);
        report["service"]["KeyManagementServiceDnsPublishing"] = json!(publishes);
        if let Some(count) = office {
            add_office_key(&mut report, count);
        }
        self.add_report(&report.to_string());
    }

    fn add_machine(&mut self, group: usize, number: u32, machine: &Machine, site: &Site<'_>) {
        let name = format!("m{group}-{number}.{}", site.domain);
        let number = if machine.has_shared_id { 0 } else { number + 1 };
        // Machines in other domains have others.
        let place = site.domain.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let id = format!("{place:08x}-0000-4000-8000-{group:04x}{number:08x}");
        self.add_report(&machine.report(&name, &id).to_string());
        for attempt in &machine.attempts {
            self.events.push_str(&machine.events(&name, &id, *attempt));
        }
    }

    fn add_report(&mut self, report: &str) {
        self.reports.push_str(report);
        self.reports.push('\n');
    }
}

impl Machine {
    /// A healthy one.
    fn new(kind: &str, site: &Site<'_>) -> Self {
        let client = Self {
            sku: SERVER,
            application: WINDOWS,
            product: "Windows(R), ServerStandard edition",
            channel: "VOLUME_KMSCLIENT",
            key: SERVER_KEY,
            status: LICENSED,
            minutes: FULL - DAY,
            evaluation_days: None,
            kms_host: site.host.map(|host| (site.name)(host)),
            asks: site.host.map(|host| (site.name)(host)),
            required_count: Some(5),
            reason: None,
            attempts: Vec::new(),
            has_shared_id: false,
            minutes_ago: 0,
        };
        let other = Self { key: OWN_KEY, minutes: 0, kms_host: None, required_count: None, ..client.clone() };
        match kind {
            "clients" => client,
            "desktops" => Self {
                sku: CLIENT,
                product: "Windows(R), Professional edition",
                key: DESKTOP_KEY,
                required_count: Some(25),
                ..client
            },
            "offices" => Self {
                sku: "fbdb3e18-a8ef-4fb3-9183-dffd60bd0984",
                application: OFFICE,
                product: "Office 21, Office21ProPlus2021VL_KMS_Client_AE edition",
                key: OWN_KEY,
                ..client
            },
            "MAK" => Self { channel: "VOLUME_MAK", ..other },
            "retail" => Self { channel: "RETAIL", ..other },
            "OEM" => Self { channel: "OEM_DM", ..other },
            "virtual" => Self { channel: "VIRTUAL_MACHINE_ACTIVATION", ..other },
            "evaluations" => Self {
                product: "Windows(R), ServerStandardEval edition",
                channel: "TIMEBASED_EVAL",
                minutes: 100 * DAY,
                evaluation_days: Some(100),
                ..other
            },
            kind => panic!("{kind:?} is none of clients, desktops, MAK, retail, OEM, virtual, evaluations"),
        }
    }

    /// The same, with this said of it.
    fn with(mut self, fact: &str, site: &Site<'_>) -> Self {
        match fact {
            "new" => Self { status: FIRST_GRACE, minutes: 20 * DAY, kms_host: None, ..self },
            "out of tolerance" => Self { status: OUT_OF_TOLERANCE, minutes: 20 * DAY, ..self },
            "notified" | "over" => Self { status: NOTIFICATION, minutes: 0, evaluation_days: None, ..self },
            "unlicensed" => Self { status: UNLICENSED, minutes: 0, ..self },
            // As it was two days ago, with one day left.
            "ended" => Self { minutes: DAY, minutes_ago: 2 * DAY, ..self },
            "overdue" => Self { minutes: FULL - 12 * DAY, ..self },
            "stale" => Self { minutes_ago: STALE_MINUTES, ..self },
            "one ID" => Self { has_shared_id: true, ..self },
            "of no host" => Self { kms_host: None, ..self },
            "then renewed" => {
                self.attempts.push(Attempt { event: Event::Renewed, minutes_ago: HOUR / 2 });
                self
            }
            _ => self.with_value(fact, site),
        }
    }

    fn with_value(mut self, fact: &str, site: &Site<'_>) -> Self {
        let code = |text: &str| u32::from_str_radix(text.strip_prefix("0x")?, 16).ok();
        let number = |text: &str| code(text).unwrap_or_else(|| panic!("{fact:?}: {text:?} is no code"));
        let attempt = |text: &str, event: fn(u32) -> Event| {
            let (text, ago) = text.strip_suffix(" ago").and_then(|text| text.rsplit_once(' ')).unwrap_or((text, "1h"));
            let minutes_ago = minutes(ago).unwrap_or_else(|| panic!("{fact:?}: {ago:?} is no time such as 2d"));
            Attempt { event: event(number(text)), minutes_ago: minutes_ago + self.minutes_ago }
        };
        match fact.split_once(' ') {
            Some(("says", text)) => self.reason = Some(number(text)),
            Some(("asked", text)) => {
                let attempt = attempt(text, Event::Asked);
                self.attempts.push(attempt);
            }
            Some(("tried", text)) => {
                let attempt = attempt(text, Event::Tried);
                self.attempts.push(attempt);
            }
            Some(("answered", text)) => {
                let count = text.parse().unwrap_or_else(|error| panic!("{fact:?}: {text:?} is no count: {error}"));
                self.attempts.push(Attempt { event: Event::Answered(count), minutes_ago: HOUR });
            }
            Some(("key", key)) => {
                self.key = [SERVER_KEY, "63DFG", "J464C", "T83GX", OWN_KEY]
                    .into_iter()
                    .find(|known| *known == key)
                    .unwrap_or_else(|| panic!("{key:?} is no key that is known here"));
            }
            Some(("of", host)) => {
                let is_whole = host.contains('.');
                let host = if is_whole { host.to_owned() } else { (site.name)(kms_world::host(host).word) };
                (self.kms_host, self.asks) = (Some(host.clone()), Some(host));
            }
            Some(("ends", text)) => {
                let minutes = text.strip_prefix("in ").and_then(minutes);
                self.minutes = minutes.unwrap_or_else(|| panic!("{fact:?} is no end such as: ends in 10d"));
                self.evaluation_days = self.evaluation_days.map(|_| self.minutes / DAY);
            }
            _ => panic!("nothing is known of {fact:?}"),
        }
        self
    }

    /// What a collector sends.
    fn report(&self, name: &str, id: &str) -> Value {
        let reported_at = minutes_ago(self.minutes_ago);
        let mut product = json!({
            "ID": self.sku,
            "ApplicationID": self.application,
            "Name": self.product,
            "Description": format!("Windows(R) Operating System, {} channel", self.channel),
            "PartialProductKey": self.key,
            "LicenseStatus": self.status,
            "GracePeriodRemaining": self.minutes,
            "LicenseStatusReason": self.reason.unwrap_or_default(),
        });
        let facts: &mut Map<String, Value> = product.as_object_mut().expect("it is an object");
        if let Some(host) = &self.kms_host {
            facts.insert("DiscoveredKeyManagementServiceMachineName".to_owned(), json!(host));
            facts.insert("DiscoveredKeyManagementServiceMachinePort".to_owned(), json!(1688));
        }
        if let Some(count) = self.required_count {
            facts.insert("RequiredClientCount".to_owned(), json!(count));
            facts.insert("VLActivationInterval".to_owned(), json!(120));
            facts.insert("VLRenewalInterval".to_owned(), json!(10_080));
        }
        if let Some(days) = self.evaluation_days {
            let end = minutes_ago(-days * DAY);
            facts.insert("EvaluationEndDate".to_owned(), json!(end.to_string()));
        }
        json!({
            "machine": name,
            "reported_at": reported_at.to_string(),
            "complete": true,
            "service": {"Version": "10.0.20348.1", "ClientMachineID": id},
            "products": [product],
        })
    }

    /// What it wrote to its event log.
    fn events(&self, name: &str, id: &str, attempt: Attempt) -> String {
        let at = minutes_ago(attempt.minutes_ago);
        let request = |code: u32| {
            let host = self.asks.as_deref().expect("there is a host to ask");
            // At that time more was left.
            let minutes = if self.minutes == 0 { 0 } else { self.minutes + attempt.minutes_ago - self.minutes_ago };
            let (status, sku, count) = (self.status, self.sku, self.required_count.unwrap_or(5));
            let time = at.strftime("%Y/%m/%d %H:%M");
            format!("0x{code:X}, 0x0, {host}:1688, {id}, {time}, 1, {status}, {minutes}, {sku}, {count}")
        };
        let request_data = |code| format!("<Data>{}</Data>", request(code));
        let answer = |said: &str| format!("<Data>0x0, {said}, 120, 10080, {}</Data>", at.strftime("%Y/%m/%d %H:%M"));
        let application = |number, data: &str| event(number, "Application", name, at, data);
        match attempt.event {
            Event::Asked(code) => application(12288, &request_data(code)),
            Event::Renewed => application(12288, &request_data(0)) + &application(12289, &answer("0x0, 1, 0, 50")),
            Event::Answered(count) => {
                application(12288, &request_data(0))
                    + &application(12289, &answer(&format!("0x4000000, 0, 0, {count}")))
            }
            Event::Tried(code) => {
                let of = format!("AppId={WINDOWS};SkuId={}", self.sku);
                application(
                    8198,
                    &format!("<Data>hr=0x{code:08X}</Data><Data>Action=AutoActivate;{of};Trigger=TimerEvent</Data>"),
                )
            }
        }
    }
}

/// What a KMS host wrote to its event log when a client asked it: 12290.
fn request_event(host: &str, at: Timestamp) -> String {
    let time = at.strftime("%Y/%m/%d %H:%M");
    let id = "00000000-0000-4000-9000-000000000001";
    let fields = ["", "0x0", "5", &format!("asks.{host}"), id, &time.to_string(), "0", "1", "249120", SERVER];
    let data = fields.map(|field| format!("<Data>{field}</Data>")).concat();
    event(12290, "Key Management Service", host, at, &data)
}

/// An event as `wevtutil` writes it.
fn event(number: u16, channel: &str, computer: &str, at: Timestamp, data: &str) -> String {
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider \
         Name='Microsoft-Windows-Security-SPP' Guid='{{E23B33B0-C8C9-472C-A5F9-F2BDFEA0F156}}' \
         EventSourceName='Software Protection Platform Service'/><EventID Qualifiers='49152'>{number}</EventID>\
         <Version>0</Version><Level>0</Level><TimeCreated SystemTime='{}'/><EventRecordID>1</EventRecordID>\
         <Channel>{channel}</Channel><Computer>{computer}</Computer><Security/></System><EventData>{data}</EventData>\
         </Event>",
        at.strftime("%Y-%m-%dT%H:%M:%S.5000000Z"),
    )
}

/// A time such as `9d` or `1h`, in minutes.
fn minutes(text: &str) -> Option<i64> {
    let read = |(unit, minutes)| Some(text.strip_suffix(unit)?.parse::<i64>().ok()? * minutes);
    [("d", DAY), ("h", HOUR)].into_iter().find_map(read)
}
