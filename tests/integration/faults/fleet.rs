//! Fleets: what machines report, in the words of a row.

use super::kms_world;
use super::table::split;
use crate::support::reports::{CLIENT, Client, kms_host, minutes_ago, now};

/// The status of a license that is in force, and of one that is not.
const LICENSED: u8 = 1;
const UNLICENSED: u8 = 5;

/// More days than after which a report is stale.
const STALE_MINUTES: i64 = 9 * 24 * 60;

/// What is reported in a row, a report to a line. `name` gives the whole name of a host.
///
/// Hosts are separated by `;`, and what is said of one by `,`: `serves counts 10, servers; right counts 40, unlicensed`.
pub fn reports(cell: &str, name: impl Fn(&str) -> String) -> String {
    let lines = split(cell, ';').into_iter().flat_map(|said| {
        let facts = split(said, ',');
        let (host, count) = facts[0].split_once(" counts ").unwrap_or_else(|| panic!("{:?}: no count", facts[0]));
        let host = name(kms_world::host(host).word);
        let count = count.parse().unwrap_or_else(|error| panic!("{count:?} is no count: {error}"));
        let (mut license_status, mut reported_at) = (LICENSED, now());
        let mut reports = Vec::new();
        for fact in &facts[1..] {
            // Each counts once, for what the host must count to activate it.
            let client = |kind: &str| Client { kms_host: host.clone(), ..Client::new(&format!("{kind}.{host}")) };
            match *fact {
                "unlicensed" => license_status = UNLICENSED,
                "stale" => reported_at = minutes_ago(STALE_MINUTES),
                "servers" => reports.push(client("server").text()),
                "desktops" => {
                    reports.push(Client { sku: CLIENT, required_count: 25, ..client("desktop") }.text());
                }
                fact => panic!("{fact:?} is none of unlicensed, stale, servers, desktops"),
            }
        }
        reports.push(kms_host(&host, reported_at, license_status, count));
        reports
    });
    lines.map(|line| line + "\n").collect()
}
