//! The machines that depend on the paths of a world: 500 that a KMS host renews, and 40 with a subscription.

use serde_json::{Value, json};

use crate::faults::fleet::{Fleet, Site};
use crate::support::reports::{self, Client, FULL};

/// Where the machines of the KMS host renew.
pub const KMS_HOST: &str = "kms01.corp.example";

/// A day in minutes, in which machines count.
pub const DAY: i64 = 1440;

/// One of the 500 with so many minutes left.
pub fn client(number: u32, minutes: i64) -> Client {
    Client { minutes, kms_host: KMS_HOST.to_owned(), ..Client::new(&format!("ws{number:04}.corp.example")) }
}

/// One that was renewed a while ago, as each is every 7 days.
pub fn renewed(number: u32) -> Client {
    client(number, FULL - i64::from(number % 3) * DAY)
}

/// The reports of all, and of the KMS host on itself: nothing is wrong with any of them. The first of the 500 falls in
/// 178 days, and of the 40 in 60.
pub fn healthy() -> String {
    let clients: Vec<_> = (0..500).map(renewed).collect();
    let host = reports::kms_host(KMS_HOST, reports::now(), 1, 50) + "\n";
    reports::lines(&clients) + &host + &(0..40).map(subscriber).collect::<String>()
}

fn subscriber(number: u32) -> String {
    let machine = Client { minutes: 60 * DAY, ..Client::new(&format!("nb{number:04}.corp.example")) };
    let mut report = machine.json();
    let license = &mut report["products"][0];
    license["Description"] = json!("Windows(R) Operating System, TIMEBASED_SUB channel");
    license["DiscoveredKeyManagementServiceMachineName"] = Value::Null;
    report.to_string() + "\n"
}

/// What the machines of a site report and have in their event logs, in the words of the fault matrix. `serves` is this
/// KMS host, and they are in a domain of its name.
pub fn site(machines: &str, host: &str) -> Vec<String> {
    let site = Site { domain: host.to_owned(), host: Some("serves"), name: &|_| host.to_owned() };
    Fleet::read(machines, &site).files().map(|(_, text)| text).collect()
}
