//! Whole reports of machines, as files in `tests/golden` that a person can read: one for each language.
//!
//! Where they change on purpose, `GRACEWATCH_WRITE_GOLDEN=1` writes them again.

use super::{list, story};
use crate::console::{changes, columns};
use crate::knowledge::Language;
use crate::report::changes::ChangesReport;
use crate::report::machine::MachineReport;
use crate::report::machines::{MachinesReport, RunwayReport};
use crate::text::Words;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn license(status: u8, left: u64, overdue: Option<u64>, code: Option<&str>) -> Value {
    json!({
        "product": "Windows(R), Enterprise edition", "sku": null, "channel": "VOLUME_KMSCLIENT",
        "partial_product_key": "J464C", "addon": false, "license_status": status, "reason_code": code,
        "last_error": null, "permanent": false, "grace_remaining_seconds": left,
        "expires_at": (left > 0).then_some("2026-12-20T04:10:00Z"),
        "last_renewed_at": overdue.map(|_| "2026-06-23T04:10:00Z"), "renewal_overdue_seconds": overdue,
        "kms_host": "kms01.corp.example:1688", "reported_at": "2026-11-30T04:10:00Z", "source": "wmi",
    })
}

fn machine(name: &str, stale: bool, licenses: &[Value]) -> Value {
    json!({
        "machine": name, "reported_at": "2026-11-30T04:10:00Z", "stale": stale, "path": "corp", "source": "wmi",
        "remaining_windows_rearms": 2, "licenses": licenses,
    })
}

fn runway(machines: u64) -> Value {
    json!({
        "machines": machines, "stale": 1, "lost": 1, "renewal_overdue": 1,
        "expiring": {"1d": 0, "7d": 0, "30d": 1, "90d": 1},
        "first_expiry": "2026-12-20T04:10:00Z", "first_machine": "ws0311.corp.example",
    })
}

fn change(machine: &str) -> Value {
    json!({
        "kind": "license", "at": "2026-11-29T04:10:00Z", "machine": machine,
        "product": "Windows(R), Enterprise edition", "from_status": 1, "to_status": 5, "reason_code": "0xC004F00F",
    })
}

fn read<T: serde::de::DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

/// A list at a wide and at a narrow terminal, one machine, and what changed.
fn reports(words: Words) -> String {
    let lost = || license(5, 0, None, Some("0xC004F00F"));
    let page: MachinesReport<'static> = read(json!({"total": 5, "offset": 0, "machines": [
        machine("ws0417.corp.example", false, &[lost()]),
        machine("ws0311.corp.example", false, &[license(1, 20 * 86_400, Some(160 * 86_400), None)]),
        machine("srv07.corp.example", true, &[license(1, 170 * 86_400, Some(0), None)]),
        machine("new01.corp.example", false, &[]),
    ]}));
    let totals: RunwayReport<'static> = read(json!({
        "as_of": "2026-11-30T04:10:00Z", "fleet": runway(5), "paths": {"corp": runway(4)}, "products": {}, "channels": {},
    }));
    let mut one = machine("ws0417.corp.example", false, &[lost()]);
    one.as_object_mut().unwrap().extend(read::<serde_json::Map<String, Value>>(json!({
        "as_of": "2026-11-30T10:10:00Z",
        "path_status": {"name": "corp", "verdict": "blocked", "summary": "Path corp is blocked at tcp: kms01 refuses."},
        "kms_hosts": [{
            "host": "kms01.corp.example:1688", "address": "192.0.2.10", "works": false, "stage": "tcp",
            "reason": "refused",
        }],
        "codes": [{"code": "0xC004F00F", "meaning": "The hardware of the machine changed."}],
        "history": [change("ws0417.corp.example")],
        "next_steps": ["On kms01: `Restart-Service sppsvc`"],
    })));
    let one: MachineReport<'static> = read(one);
    let changed: ChangesReport<'static> = read(json!({
        "since": "2026-11-29T00:00:00Z", "as_of": "2026-11-30T10:10:00Z", "more": false, "changes": [
            {"kind": "verdict", "at": "2026-11-30T03:00:00Z", "path": "corp", "verdict": "blocked", "stage": "tcp",
             "reason": "refused"},
            change("ws0417.corp.example"),
            {"kind": "silent", "at": "2026-11-29T02:00:00Z", "machine": "srv07.corp.example",
             "reported_at": "2026-11-21T02:00:00Z"},
            {"kind": "gone", "at": "2026-11-29T01:00:00Z", "machine": "old.corp.example"},
            {"kind": "appeared", "at": "2026-11-29T00:30:00Z", "machine": "new01.corp.example"},
            {"kind": "verdict", "at": "2026-11-29T00:20:00Z", "path": "corp", "from_verdict": "blocked", "verdict": "ok",
             "stage": null, "reason": null},
        ],
    }));
    let mut text = String::new();
    for width in [100, 60] {
        let listed = list::report(words, Some(&totals), &page, None, width).unwrap();
        let plain = anstream::adapter::strip_str(&listed).to_string();
        assert!(plain.lines().all(|line| columns(line) <= width), "{plain}");
        text.push_str(&plain);
        text.push('\n');
    }
    text.push_str(&story::report(words, &one, 100).unwrap());
    text.push('\n');
    changes::lines(words, &mut text, &changed.changes, true, 100).unwrap();
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn reports_are_as_they_are_kept() {
    for language in Language::ALL {
        let text = reports((*language).into());
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/machines.{}.txt", language.tag()));
        if std::env::var_os("GRACEWATCH_WRITE_GOLDEN").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let kept = fs::read_to_string(&file).unwrap_or_default();
        assert!(text == kept, "{} differs:\n{text}", file.display());
    }
}
