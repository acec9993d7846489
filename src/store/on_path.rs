//! Which machines depend on a path, in SQL: the same that [`Claim::covers`] says of one machine.

use super::standing::{ADDON, CHANNEL};
use super::statement::literal;
use crate::fleet::dependents::{Claim, Need, Seekers, UNKNOWN_CHANNEL, Zone};
use crate::license::{ChannelKind, LicenseStatus, Mark};

/// The condition for a machine `m` to depend on a path. `place` keeps a value and tells the placeholder for it.
pub(super) fn covers(claim: &Claim, place: &mut impl FnMut(String) -> String) -> String {
    let licensed = LicenseStatus::Licensed.number();
    match claim {
        Claim::Kms { hosts, seekers } => {
            let hosts: Vec<_> = hosts.iter().map(|host| place(host.clone())).collect();
            let uses = match hosts.as_slice() {
                [] => NEVER.to_owned(),
                hosts => has_license(&format!("l.kms_host_name IN ({})", hosts.join(", "))),
            };
            let knows_host = has_license("l.kms_host_name IS NOT NULL");
            let seeks = has_license(&format!(
                "{ADDON} = 0 AND COALESCE(l.license_status, -1) <> {licensed} AND {}",
                is_of(&[ChannelKind::KmsClient])
            ));
            let seekers = match seekers {
                Seekers::All => "1 = 1".to_owned(),
                Seekers::Within(zones) => any(zones.iter().map(|zone| within_zone(zone, place))),
            };
            format!("({uses} OR ({seekers} AND NOT {knows_host} AND {seeks}))")
        }
        Claim::Online => has_license(&format!(
            "{ADDON} = 0 AND ((l.license_status <> {licensed} AND {}) OR (l.expires_at IS NOT NULL AND {}))",
            is_of(&Need::ONLINE),
            is_of(&Need::SUBSCRIBED)
        )),
    }
}

const NEVER: &str = "1 = 0";

/// That a machine `m` has a license which fulfils a condition. Asked of each machine, it is a look at its few licenses;
/// as a list of machines it would be one of the whole fleet.
fn has_license(condition: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM license AS l LEFT JOIN sku AS s ON s.sku = l.sku WHERE l.machine = m.name AND {condition})"
    )
}

/// That a license has a channel of one of these kinds.
fn is_of(kinds: &[ChannelKind]) -> String {
    let flag = |kind: ChannelKind| u8::from(kinds.contains(&kind));
    let marks = ChannelKind::MARKS.map(|(mark, kind)| {
        let pattern = match mark {
            Mark::Start(mark) => format!("{}%", literal(mark)),
            Mark::Part(mark) => format!("%{}%", literal(mark)),
        };
        format!(r"WHEN UPPER({CHANNEL}) LIKE '{pattern}' ESCAPE '\' THEN {}", flag(kind))
    });
    let (marks, other) = (marks.join(" "), flag(ChannelKind::Other));
    format!("CASE WHEN {CHANNEL} = '{UNKNOWN_CHANNEL}' THEN 0 {marks} ELSE {other} END = 1")
}

fn within_zone(zone: &Zone, place: &mut impl FnMut(String) -> String) -> String {
    let mut within = |domain: &str| format!(r"m.name LIKE {} ESCAPE '\'", place(format!("%.{}", literal(domain))));
    let inside = within(&zone.domain);
    let without = any(zone.without.iter().map(|domain| within(domain)));
    format!("({inside} AND NOT {without})")
}

fn any(conditions: impl Iterator<Item = String>) -> String {
    let conditions: Vec<_> = conditions.collect();
    if conditions.is_empty() { NEVER.to_owned() } else { format!("({})", conditions.join(" OR ")) }
}
