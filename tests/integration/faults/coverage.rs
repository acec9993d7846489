//! What the matrix covers: every stage and every reason that `docs/metrics.md` says a walk can end with, on each of the
//! two ways, so that a new one has to come with a row.

use std::collections::{BTreeMap, BTreeSet};

use gracewatch::observation::{Reason, Stage};

use super::table::Row;
use super::{fleets, kms, online, over_time, this_machine};

/// What a walk ends with.
type End = (Stage, Reason);

const KMS: [Stage; 8] =
    [Stage::Srv, Stage::Address, Stage::Tcp, Stage::Rpc, Stage::Clock, Stage::Host, Stage::Count, Stage::Client];

const ONLINE: [Stage; 7] =
    [Stage::Address, Stage::Tcp, Stage::Proxy, Stage::Tls, Stage::Http, Stage::Clock, Stage::Client];

/// The stages at which machines can fail that pass from here.
const ELSEWHERE: [(&[Stage], &[Stage]); 2] = [
    (&KMS, &[Stage::Srv, Stage::Address, Stage::Tcp, Stage::Rpc, Stage::Clock, Stage::Host, Stage::Count]),
    (&ONLINE, &[Stage::Address, Stage::Tcp, Stage::Proxy, Stage::Tls, Stage::Http]),
];

/// What it has in another table.
const BESIDE_THE_TABLE: [(&[Stage], End); 20] = [
    (&KMS, (Stage::Srv, Reason::UnexpectedHost)),
    (&KMS, (Stage::Srv, Reason::MissingHost)),
    (&KMS, (Stage::Srv, Reason::Inconsistent)),
    (&KMS, (Stage::Srv, Reason::LeftOut)),
    (&KMS, (Stage::Address, Reason::LeftOut)),
    (&ONLINE, (Stage::Tcp, Reason::ProxyRefused)),
    // At each stage that is probed.
    (&KMS, (Stage::Srv, Reason::Intermittent)),
    (&KMS, (Stage::Address, Reason::Intermittent)),
    (&KMS, (Stage::Tcp, Reason::Intermittent)),
    (&KMS, (Stage::Rpc, Reason::Intermittent)),
    (&ONLINE, (Stage::Address, Reason::Intermittent)),
    (&ONLINE, (Stage::Tcp, Reason::Intermittent)),
    (&ONLINE, (Stage::Proxy, Reason::Intermittent)),
    (&ONLINE, (Stage::Tls, Reason::Intermittent)),
    (&ONLINE, (Stage::Http, Reason::Intermittent)),
    // At each stage that begins with a socket.
    (&KMS, (Stage::Srv, Reason::LocalError)),
    (&KMS, (Stage::Address, Reason::LocalError)),
    (&KMS, (Stage::Tcp, Reason::LocalError)),
    (&ONLINE, (Stage::Address, Reason::LocalError)),
    (&ONLINE, (Stage::Tcp, Reason::LocalError)),
];

/// What no row of a way has, and why.
const MISSING: [(&[Stage], End, &str); 8] = [
    (&KMS, (Stage::Host, Reason::CannotStart), "it is beside the stage at which the host does not answer"),
    (&KMS, (Stage::Srv, Reason::Unreachable), "whether a nameserver that is unreachable says so is up to sockets"),
    (&KMS, (Stage::Address, Reason::Unreachable), "the same"),
    (&ONLINE, (Stage::Address, Reason::Unreachable), "the same"),
    (&ONLINE, (Stage::Http, Reason::Rejected), "what servers end TLS for after the handshake is that certificate"),
    (&ONLINE, (Stage::Clock, Reason::Skewed), "nobody's clock is compared with an endpoint's"),
    (&ONLINE, (Stage::Clock, Reason::Drifted), "the same"),
    (&ONLINE, (Stage::Client, Reason::NotVolume), "it is reported where there is no such path"),
];

/// The reasons by which no path is judged.
const NEVER_OF_A_PATH: [(Reason, &str); 6] = [
    (Reason::Unsynchronized, "a time server fails for it, and no path"),
    (Reason::RateLimited, "the same"),
    (Reason::Denied, "the same"),
    (Reason::TooDistant, "the same"),
    (Reason::Falseticker, "the same"),
    (Reason::CannotStart, "it is beside how the host fails, in the column `also` of fleets"),
];

/// The rows of each way.
fn ways() -> [(&'static [Stage], Vec<Row>); 2] {
    let kms = [kms::rows(), fleets::kms_rows(), over_time::kms_rows(), this_machine::kms_rows()];
    let online = [online::rows(), fleets::online_rows(), over_time::online_rows(), this_machine::online_rows()];
    [(&KMS, kms.concat()), (&ONLINE, online.concat())]
}

/// What the table of stages says that a walk can end with.
fn documented() -> Vec<End> {
    let document = include_str!("../../../docs/metrics.md");
    let rows = document.lines().filter_map(|line| {
        let [_, stage, _, reasons, _] = line.split('|').collect::<Vec<_>>()[..] else { return None };
        let stage = Stage::ALL.into_iter().find(|known| stage.trim() == format!("`{known}`"))?;
        // What is between two backticks is every second part.
        let words: BTreeSet<&str> = reasons.split('`').skip(1).step_by(2).collect();
        Some(
            Reason::ALL
                .into_iter()
                .filter(move |known| words.contains(known.as_str()))
                .map(move |known| (stage, known)),
        )
    });
    rows.flatten().collect()
}

/// The ends of the walks in a table; none of those that must be `ok`.
fn ends(rows: &[Row]) -> BTreeSet<End> {
    let end = |row: &Row| {
        let [status, stage, reason, ..] = row.verdict().split(' ').collect::<Vec<_>>()[..] else { return None };
        if (status, stage, reason) == ("ok", "-", "-") {
            return None;
        }
        assert!(["degraded", "blocked", "unknown"].contains(&status), "{row}: {status:?} is no status");
        let stage = Stage::ALL.into_iter().find(|known| known.as_str() == stage);
        let reason = Reason::ALL.into_iter().find(|known| known.as_str() == reason);
        Some(stage.zip(reason).unwrap_or_else(|| panic!("{row}: {:?} has no such stage or reason", row.verdict())))
    };
    rows.iter().filter_map(end).collect()
}

#[test]
fn every_end_of_a_walk_is_in_the_matrix() {
    let documented = documented();
    assert!(documented.len() > 50, "the table is not found: {documented:?}");
    for (way, rows) in ways() {
        let beside = BESIDE_THE_TABLE.iter().filter(|(of, _)| *of == way).map(|(_, end)| *end);
        let elsewhere = ELSEWHERE.iter().filter(|(of, _)| *of == way).flat_map(|(_, stages)| *stages);
        let elsewhere = elsewhere.map(|stage| (*stage, Reason::Elsewhere));
        let walked = documented.iter().copied().filter(|(stage, _)| way.contains(stage));
        let possible: BTreeSet<End> = walked.chain(beside).chain(elsewhere).collect();
        let excused: BTreeSet<End> = MISSING.iter().filter(|(of, ..)| *of == way).map(|(_, end, _)| *end).collect();
        let ends = ends(&rows);
        let missing: Vec<_> = possible.difference(&ends).filter(|end| !excused.contains(end)).collect();
        assert!(missing.is_empty(), "no row ends so: {missing:?}");
        let needless: Vec<_> = excused.intersection(&ends).collect();
        assert!(needless.is_empty(), "excused, and there all the same: {needless:?}");
    }
}

#[test]
fn every_reason_is_in_the_matrix() {
    let there: BTreeSet<Reason> = ways().iter().flat_map(|(_, rows)| ends(rows)).map(|(_, reason)| reason).collect();
    let never: BTreeSet<Reason> = NEVER_OF_A_PATH.iter().map(|(reason, _)| *reason).collect();
    assert_eq!(there.intersection(&never).next(), None);
    let missing: Vec<_> =
        Reason::ALL.into_iter().filter(|reason| !there.contains(reason) && !never.contains(reason)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn no_row_is_there_twice() {
    for rows in [
        kms::rows(),
        online::rows(),
        fleets::kms_rows(),
        fleets::online_rows(),
        over_time::rows(),
        this_machine::rows(),
    ] {
        let mut seen = BTreeMap::new();
        for row in &rows {
            let before = seen.insert(row.injected(), row);
            assert!(
                before.is_none(),
                "{row} is there before, as {}",
                before.map(ToString::to_string).unwrap_or_default()
            );
        }
    }
}
