//! Every sample of every format, through `gracewatch import` and out of `gracewatch machines` again.

use std::fs;
use std::fs::File;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde_json::Value;

use crate::support::status::{Kept, samples, text, text_of};

/// What a record of a KMS host's event log says, whatever wraps it.
const RECORD: &[&str] =
    &["ws0417.corp.example 2026-11-24T09:00:07Z host_events", "  - 1 +249120 kms01.corp.example:1688"];

/// The products of four machines, as WMI lists them, in a file that does not say when that was.
const PRODUCTS: &[&str] = &[
    "eval01.corp.example file wmi",
    "  Y7XRX 1 +12841 -",
    "kms01.corp.example file wmi",
    "  PYWKV 1 permanent -",
    "pc0033 file wmi",
    "  3RT6X 1 permanent -",
    "ws0417.corp.example file wmi",
    "  6MWKP 5 - kms02.corp.example:1688",
    "  J464C 1 +253564 kms01.corp.example:1688",
    "  QRTVW 1 permanent - addon",
];

/// For each sample what is known after it: machines, when they reported and through what, and their licenses, with the
/// end of the key, the status, the minutes from the report to the end, and the KMS host.
const EXPECTED: &[(&str, &[&str])] = &[
    (
        "collector.json",
        &[
            "ws0417.corp.example 2026-11-24T18:00:00Z wmi",
            "  2YT43 1 +253564 kms01.corp.example:1688",
            "  6F7TH 1 +253576 kms01.corp.example:1688",
        ],
    ),
    ("en-dli-2008r2-kmshost.txt", &["en-dli-2008r2-kmshost file slmgr", "  PYWKV 1 permanent -"]),
    (
        "en-dli-win7-kmsclient.txt",
        &["en-dli-win7-kmsclient file slmgr", "  DVQ7P 1 +243720 emeronb10-rc3.sppvltest.net:1688"],
    ),
    ("en-dlv-adba.txt", &["en-dlv-adba file slmgr", "  2YT43 1 +259199 -"]),
    ("en-dlv-all.txt", &["en-dlv-all file slmgr", "  2YT43 1 +200000 -", "  OFF16 5 - -"]),
    ("en-dlv-avma.txt", &["en-dlv-avma file slmgr", "  AVMA5 1 +9860 -"]),
    ("en-dlv-evaluation.txt", &["en-dlv-evaluation file slmgr", "  EVAL5 1 +244799 -"]),
    (
        "en-dlv-graces.txt",
        &[
            "ws0001 file slmgr",
            "  2YT43 2 +7200 -",
            "ws0002 file slmgr",
            "  2YT43 3 +43199 -",
            "ws0003 file slmgr",
            "  2YT43 6 +1440 -",
            "ws0004 file slmgr",
            "  2YT43 4 +20160 -",
        ],
    ),
    ("en-dlv-kmsclient.txt", &["en-dlv-kmsclient file slmgr", "  VDYBN 1 +253440 kms01.corp.example:1689"]),
    ("en-dlv-kmshost.txt", &["en-dlv-kmshost file slmgr", "  H0ST5 1 permanent -"]),
    ("en-dlv-mak.txt", &["en-dlv-mak file slmgr", "  MAK55 1 permanent -"]),
    ("en-dlv-ws2019-kmsclient-notification.txt", &["en-dlv-ws2019-kmsclient-notification file slmgr", "  J464C 5 - -"]),
    // The days in it are in no format that means the same everywhere, so they are not believed.
    (
        "en-xpr-fleet.txt",
        &[
            "ws0001 file slmgr",
            "  - 2 - -",
            "ws0002 file slmgr",
            "  - 5 - -",
            "ws0003 file slmgr",
            "  - 1 - -",
            "ws0004 file slmgr",
            "  - 0 - -",
            "ws0005 file slmgr",
            "  - 1 - -",
        ],
    ),
    ("en-xpr-permanent.txt", &["en-xpr-permanent file slmgr", "  - 1 permanent -"]),
    ("en-xpr-volume.txt", &["en-xpr-volume file slmgr", "  - 1 - -"]),
    (
        "events-client-wevtutil.xml",
        &[
            "ws0417.corp.example 2026-11-24T09:00:10Z client_events",
            "  - 1 +250680 192.0.2.10:1688",
            "  - 2 +41700 kms01.corp.example:1688",
            "  ABCD9 1 +259199 kms01.corp.example:1688",
        ],
    ),
    ("events-elasticsearch.ndjson", RECORD),
    ("events-evtx-dump.ndjson", RECORD),
    ("events-fluent-bit-winevtlog.ndjson", RECORD),
    ("events-fluent-bit.ndjson", RECORD),
    ("events-get-eventlog.json", RECORD),
    ("events-get-winevent-5.json", RECORD),
    ("events-get-winevent-7.json", RECORD),
    (
        "events-host-viewer.xml",
        &[
            "srv-db2 2026-11-24T08:30:00Z host_events",
            "  - 2 +41760 kms01.corp.example:1688",
            "ws0417 2026-11-24T09:00:07Z host_events",
            "  - 1 +249120 kms01.corp.example:1688",
        ],
    ),
    (
        "events-host-wevtutil.xml",
        &[
            "srv-db2 2026-11-24T08:30:00Z host_events",
            "  - 5 - kms01.corp.example:1688",
            "ws0417.corp.example 2026-11-24T09:00:07Z host_events",
            "  - 1 +249120 kms01.corp.example:1688",
            "  - 3 +40320 kms01.corp.example:1688",
        ],
    ),
    // Local time without its zone: the client's own, which is UTC, counts.
    (
        "events-nxlog.ndjson",
        &["ws0417.corp.example 2026-11-24T09:00:00Z host_events", "  - 1 +249120 kms01.corp.example:1688"],
    ),
    ("events-select-object.json", RECORD),
    ("events-winlogbeat-6.ndjson", RECORD),
    ("events-winlogbeat-flat.ndjson", RECORD),
    ("events-winlogbeat.ndjson", RECORD),
    ("ja-dli-ws-mak-licensed.txt", &["ja-dli-ws-mak-licensed file slmgr", "  XXXXX 1 permanent -"]),
    ("ja-dlv-kmsclient.txt", &["ja-dlv-kmsclient file slmgr", "  VDYBN 1 +253440 kms01.corp.example:1689"]),
    ("ja-xpr.txt", &["ws0001 file slmgr", "  - 1 permanent -", "ws0002 file slmgr", "  - 5 - -"]),
    (
        "ospp-dstatus-kmsclients.txt",
        &[
            "ospp-dstatus-kmsclients file ospp",
            "  MAK14 1 permanent -",
            "  RHGTX 1 +249090 kms01.corp.example:1689",
            "  WFG99 5 - kms02.corp.example:1688",
        ],
    ),
    ("ospp-dstatus-office2019-oobgrace.txt", &["ospp-dstatus-office2019-oobgrace file ospp", "  8MBCX 2 +7195 -"]),
    (
        "ospp-dstatusall.txt",
        &["ws0001 file ospp", "  STD15 6 +2880 -", "  STD16 4 - -", "ws0002 file ospp", "  STD15 3 +43199 -"],
    ),
    (
        "vamt-active-product.csv",
        &[
            "pc0033.corp.example 2026-11-24T18:01:00Z vamt",
            "  3RT6X 1 - -",
            "pc0034.corp.example 2026-11-24T18:02:00Z vamt",
            "  T83GX 5 - -",
            "ws0417.corp.example 2026-11-24T18:00:00Z vamt",
            "  J464C 1 +253084 kms01.corp.example:1688",
        ],
    ),
    ("vamt-console.csv", &["pc0036 file vamt", "  UUUU5 5 - -", "ws0417.corp.example file vamt", "  J464C 1 - -"]),
    ("vamt.cilx", &["ws0417.corp.example file vamt", "  - 5 - kms01.corp.example:1688", "  J464C 1 +253084 -"]),
    (
        "wmi-envelope.json",
        &[
            "ws0417.corp.example 2026-11-24T18:00:00Z wmi",
            "  6MWKP 5 - kms02.corp.example:1688",
            "  J464C 1 +253564 kms01.corp.example:1688",
            "  QRTVW 1 permanent - addon",
        ],
    ),
    ("wmi-product.json", &["ws0417.corp.example file wmi", "  J464C 1 +253564 kms01.corp.example:1688"]),
    ("wmi-products.csv", PRODUCTS),
    ("wmi-products.json", PRODUCTS),
    // The service of a KMS host without its license: what it counts is known, and no license that may be lost.
    ("wmi-service.json", &[]),
];

#[test]
fn every_sample_gives_the_figures_that_are_in_it() {
    let names: Vec<_> = fs::read_dir(samples()).expect("the samples are there").flatten().collect();
    let known: Vec<_> = EXPECTED.iter().map(|(name, _)| *name).collect();
    for name in names.iter().map(|entry| entry.file_name().into_string().expect("the names are text")) {
        // Of the others the tests of formats know the figures; here nothing is stored without a word.
        if !known.contains(&name.as_str()) {
            let kept = Kept::new();
            let file = kept.directory().write(&name, fs::read(samples().join(&name)).expect("the sample is there"));
            let printed = kept.import(&[text_of(&file)]);
            let is_stored = printed.stdout.contains(" stored") && !printed.stdout.contains(": 0 stored");
            assert!(is_stored || (printed.exit_code == Some(1) && !printed.stderr.is_empty()), "{name}: {printed:?}");
        }
    }
    for (name, expected) in EXPECTED {
        let kept = Kept::new();
        let file = kept.directory().write(name, fs::read(samples().join(name)).expect("the sample is there"));
        let modified = SystemTime::now() - Duration::from_hours(1);
        File::options().append(true).open(&file).and_then(|file| file.set_modified(modified)).expect("it is ours");
        let printed = kept.import(&[text_of(&file)]);
        assert_eq!(printed.exit_code, Some(0), "{name}: {printed:?}");
        let modified = Timestamp::try_from(modified).expect("a time of now").as_second();
        assert_eq!(shown(&kept.machines(&[]), modified), *expected, "{name}");
    }
}

/// Machines and their licenses in the words of [`EXPECTED`], sorted.
fn shown(machines: &[Value], modified: i64) -> Vec<String> {
    let mut blocks: Vec<_> = machines.iter().map(|machine| block(machine, modified)).collect();
    blocks.sort();
    blocks.concat()
}

fn block(machine: &Value, modified: i64) -> Vec<String> {
    let [name, reported_at, source] = ["machine", "reported_at", "source"].map(|key| text(&machine[key]));
    let reported_at = if seconds(&machine["reported_at"]) == modified { "file" } else { reported_at };
    let licenses = machine["licenses"].as_array().expect("there is a list of licenses");
    let mut lines: Vec<_> = licenses.iter().map(license).collect();
    lines.sort();
    lines.insert(0, format!("{name} {reported_at} {source}"));
    lines
}

fn license(license: &Value) -> String {
    let word = |key: &str| license[key].as_str().unwrap_or("-");
    let end = match (license["permanent"] == true, license["expires_at"].is_null()) {
        (true, true) => "permanent".to_owned(),
        (false, true) => "-".to_owned(),
        // An event has the minutes of its own second, and a later one may add to what is known of the license.
        (false, false) => {
            let minutes = (seconds(&license["expires_at"]) - seconds(&license["reported_at"])).div_euclid(60);
            let later = seconds(&license["expires_at"]) - seconds(&license["reported_at"]) - minutes * 60;
            format!("+{}", if later == 59 { minutes + 1 } else { minutes })
        }
        (true, false) => "permanent with an end".to_owned(),
    };
    let addon = if license["addon"] == true { " addon" } else { "" };
    format!("  {} {} {end} {}{addon}", word("partial_product_key"), license["license_status"], word("kms_host"))
}

fn seconds(moment: &Value) -> i64 {
    text(moment).parse::<Timestamp>().unwrap_or_else(|error| panic!("{error}: {moment}")).as_second()
}
