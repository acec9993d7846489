//! The event log of KMS hosts, as large as a fleet makes it, and what follows from it by the rules of KMS alone.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};

use super::reports::{CLIENT, FULL, SERVER, now};

/// The SKU of Office LTSC 2021.
const OFFICE: &str = "fbdb3e18-a8ef-4fb3-9183-dffd60bd0984";

/// Minutes between two renewals, and in a day.
const RENEWAL: i64 = 10_080;
const DAY: i64 = 1440;

/// The last event of any client is at least so long ago, so that no moment is near one at which something changes.
const MARGIN: i64 = 300;

/// A license of a client, as it was when its host last had a request of it.
#[derive(Debug, Clone, Copy)]
struct Last {
    at: Timestamp,
    status: i64,
    minutes: i64,
}

/// One fleet and all events of it.
#[derive(Debug)]
pub struct EventLog {
    random: Random,
    /// As of when.
    now: Timestamp,
    events: Vec<String>,
    licenses: BTreeMap<(String, &'static str), Last>,
    asked: BTreeMap<String, Timestamp>,
    /// The host that each client uses.
    hosts: BTreeMap<String, String>,
}

/// What must be reported of a set of machines.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expected {
    pub machines: u64,
    pub lost: u64,
    pub renewal_overdue: u64,
    pub stale: u64,
    /// Within 1, 7, 30 and 90 days.
    pub expiring: [u64; 4],
    pub first_expiry: Option<Timestamp>,
}

/// Numbers that look random and are the same each time (xorshift64*).
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % limit
    }

    fn days(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.below(u64::try_from(to - from).expect("a range"))).expect("it is small")
    }
}

impl EventLog {
    /// So many clients in `corp.example`: of five, one uses the last host and the others the first.
    pub fn of(clients: u64, hosts: [&str; 2]) -> Self {
        let mut log = Self {
            random: Random(1688),
            now: now(),
            events: Vec::new(),
            licenses: BTreeMap::new(),
            asked: BTreeMap::new(),
            hosts: BTreeMap::new(),
        };
        for number in 0..clients {
            let host = hosts[usize::from(number % 5 == 4)];
            log.client(number, host);
        }
        // In no order at all: exports are sorted in either direction, and put together from several.
        for index in (1..log.events.len()).rev() {
            let other = log.random.below(index as u64 + 1);
            log.events.swap(index, usize::try_from(other).expect("it is an index"));
        }
        log
    }

    /// As `wevtutil qe /f:xml` writes it: events without a root.
    pub fn xml(&self) -> String {
        self.events.concat()
    }

    /// When a host was last asked.
    pub fn last_request(&self, host: &str) -> Option<Timestamp> {
        self.asked.get(host).copied()
    }

    /// What must be reported of all machines, or of those that use one host.
    pub fn expected(&self, host: Option<&str>) -> Expected {
        let mut expected = Expected::default();
        for (machine, used) in &self.hosts {
            if host.is_some_and(|host| host != used) {
                continue;
            }
            let of_machine = self.licenses.iter().filter(|((name, _), _)| name == machine).map(|(_, last)| *last);
            expected.add(&of_machine.collect::<Vec<_>>(), self.now);
        }
        expected
    }

    /// One client: most are well, some fail, some are gone.
    fn client(&mut self, number: u64, host: &str) {
        let name = format!("ws{number:04}.corp.example");
        self.hosts.insert(name.clone(), host.to_owned());
        let sku = if self.random.below(4) == 0 { SERVER } else { CLIENT };
        let last_day = match number % 25 {
            // Not reported for a while, and for so long that it has expired.
            1..=3 => self.random.days(9, 172),
            4 => self.random.days(180, 200),
            _ => self.random.days(0, 6),
        };
        let is_notified = number % 25 == 5;
        self.license(&name, number, host, sku, last_day, is_notified);
        if number.is_multiple_of(3) {
            let office_day = self.random_day_near(last_day);
            self.license(&name, number, host, OFFICE, office_day, false);
        }
    }

    /// Office asks on its own, but on a machine that is gone it does not ask either.
    fn random_day_near(&mut self, day: i64) -> i64 {
        if day <= 6 { self.random.days(0, 6) } else { day }
    }

    /// Several weeks of events about one license, of which the last is `day` days old.
    fn license(&mut self, name: &str, number: u64, host: &str, sku: &'static str, day: i64, is_notified: bool) {
        let weeks = 2 + self.random.days(0, 6);
        for week in (0..weeks).rev() {
            let is_first = week == weeks - 1;
            let minute = day * DAY + MARGIN + week * RENEWAL;
            let at = self.now - SignedDuration::from_mins(minute);
            let (status, minutes) = match (is_first, week == 0 && is_notified) {
                (_, true) => (5, 0),
                // Before it was activated for the first time.
                (true, _) => (2, 43_200),
                (false, _) => (1, FULL - RENEWAL),
            };
            self.event(name, number, host, sku, at, status, minutes);
            self.licenses.insert((name.to_owned(), sku), Last { at, status, minutes });
        }
    }

    #[expect(clippy::too_many_arguments, reason = "these are the fields of one event")]
    fn event(&mut self, name: &str, number: u64, host: &str, sku: &str, at: Timestamp, status: i64, minutes: i64) {
        let shown = match self.random.below(4) {
            0 => name.to_uppercase(),
            1 => name.split('.').next().unwrap_or_default().to_uppercase(),
            2 => format!("W{}", &name[1..]),
            _ => name.to_owned(),
        };
        let required = if sku == CLIENT { 25 } else { 5 };
        let time = at.strftime("%Y/%m/%d %H:%M");
        let mut event = String::new();
        write!(
            event,
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider \
             Name='Microsoft-Windows-Security-SPP' Guid='{{E23B33B0-C8C9-472C-A5F9-F2BDFEA0F156}}' \
             EventSourceName='Software Protection Platform Service'/><EventID Qualifiers='16384'>12290</EventID>\
             <Version>0</Version><Level>0</Level><TimeCreated SystemTime='{}'/><EventRecordID>{}</EventRecordID>\
             <Channel>Key Management Service</Channel><Computer>{host}</Computer><Security/></System><EventData>\
             <Data></Data><Data>0x0</Data><Data>{required}</Data><Data>{shown}</Data>\
             <Data>00000000-0000-4000-8000-{number:012x}</Data><Data>{time}</Data><Data>0</Data><Data>{status}</Data>\
             <Data>{minutes}</Data><Data>{sku}</Data></EventData></Event>\r\n",
            at.strftime("%Y-%m-%dT%H:%M:%S.1234567Z"),
            self.events.len(),
        )
        .expect("a string takes it");
        self.events.push(event);
        let asked = self.asked.entry(host.to_owned()).or_insert(at);
        *asked = (*asked).max(at);
    }
}

impl Expected {
    fn add(&mut self, licenses: &[Last], now: Timestamp) {
        let minutes = SignedDuration::from_mins;
        let end = |last: &Last| last.at + minutes(last.minutes);
        let is_lost = |last: &Last| last.status == 5 || end(last) <= now;
        // A host without requests for longer than an interval, and the two hours in which a client tries again.
        let is_overdue = |last: &Last| last.status == 1 && !is_lost(last) && last.at + minutes(RENEWAL + 120) <= now;
        let first = licenses.iter().filter(|last| !is_lost(last)).map(end).min();
        let reported = licenses.iter().map(|last| last.at).max();
        self.machines += 1;
        let has_lost = licenses.iter().any(is_lost);
        self.lost += u64::from(has_lost);
        self.renewal_overdue += u64::from(licenses.iter().any(is_overdue));
        self.stale += u64::from(reported.is_some_and(|reported| reported < now - minutes(8 * DAY)));
        for (count, days) in self.expiring.iter_mut().zip([1, 7, 30, 90]) {
            let is_within = first.is_some_and(|first| first <= now + minutes(days * DAY));
            *count += u64::from(is_within && !has_lost);
        }
        self.first_expiry = self.first_expiry.into_iter().chain(first).min();
    }
}
