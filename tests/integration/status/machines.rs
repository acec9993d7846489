//! Machines listed: over HTTP a page at a time, and at a terminal.

use jiff::SignedDuration;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::support::daemon::Daemon;
use crate::support::program::run;
use crate::support::reports::{CLIENT, Client, lines, minutes_ago, now};
use crate::support::status::{Kept, text};

const DAY: i64 = 1440;

/// Machines of every kind: their names say which.
fn fleet() -> Vec<Client> {
    let office = "Office 21, Office21ProPlus2021VL_KMS_Client_AE edition";
    vec![
        Client { minutes: 20 * DAY, kms_host: "KMS02.corp.example".to_owned(), ..Client::new("soon") },
        Client { minutes: 60 * DAY, ..Client::new("later") },
        Client { license_status: 5, minutes: 0, ..Client::new("notified") },
        Client { reported_at: minutes_ago(40 * DAY), minutes: 30 * DAY, ..Client::new("ended") },
        Client { reported_at: minutes_ago(9 * DAY), ..Client::new("silent") },
        Client::new("good.corp.example"),
        Client { product: office.to_owned(), sku: CLIENT, ..Client::new("with_office") },
    ]
}

fn kept() -> Kept {
    let paths = "paths: [{name: corp, kms: {hosts: [\"kms01.corp.example\"], nameservers: [\"127.0.0.1:1\"]}}, \
                 {name: branch, kms: {hosts: [\"kms02.corp.example\"], nameservers: [\"127.0.0.1:1\"]}}]\n\
                 clock: {ntp: [], host_clocks: off}\n";
    let kept = Kept::new().with_paths(paths);
    let printed = kept.import_text("fleet.ndjson", lines(&fleet()));
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""));
    kept
}

/// The names in the answer to a query, and how many there are in all.
fn list(daemon: &Daemon<'_>, query: &str) -> (Vec<String>, u64) {
    let response = daemon.get(&format!("/api/v1/machines{query}"));
    assert_eq!((response.status, response.content_type.as_str()), (200, "application/json"), "{}", response.body);
    let json: Value = serde_json::from_str(&response.body).expect("it is JSON");
    let machines = json["machines"].as_array().expect("there is a list of machines");
    let names = machines.iter().map(|machine| text(&machine["machine"]).to_owned()).collect();
    (names, json["total"].as_u64().expect("there is a total"))
}

#[test]
fn machines_are_filtered_sorted_and_paged() {
    let kept = kept();
    let daemon = kept.serve();
    let all = ["ended", "notified", "soon", "later", "silent", "good.corp.example", "with_office"];
    let cases: [(&str, &[&str]); 22] = [
        // Those that are lost, then the first to end.
        ("", &all),
        ("?sort=name", &["ended", "good.corp.example", "later", "notified", "silent", "soon", "with_office"]),
        ("?sort=reported&limit=2", &["ended", "silent"]),
        ("?sort=overdue&limit=2", &["soon", "later"]),
        ("?limit=2", &["ended", "notified"]),
        ("?limit=2&offset=2", &["soon", "later"]),
        ("?limit=2&offset=6", &["with_office"]),
        ("?offset=7", &[]),
        ("?name=OO", &["soon", "good.corp.example"]),
        ("?name=h_o", &["with_office"]),
        ("?name=%25", &[]),
        ("?product=office", &["with_office"]),
        ("?channel=volume_kmsclient&status=5", &["notified"]),
        ("?channel=RETAIL", &[]),
        ("?status=1&name=ed", &["ended"]),
        ("?path=branch", &["soon"]),
        ("?path=corp&within=90", &["later"]),
        ("?within=30d", &["soon"]),
        ("?lost=true", &["ended", "notified"]),
        ("?stale=true&sort=name", &["ended", "silent"]),
        ("?overdue=true&stale=false", &["soon", "later"]),
        ("?at_risk=true", &["ended", "notified", "soon", "later"]),
    ];
    for (query, expected) in cases {
        let (names, total) = list(&daemon, query);
        assert_eq!(names, *expected, "{query}");
        let is_page = query.contains("limit") || query.contains("offset");
        assert_eq!(total, if is_page { all.len() } else { expected.len() } as u64, "{query}");
    }
}

#[test]
fn what_is_no_parameter_is_reported_and_nothing_is_listed() {
    let kept = kept();
    let daemon = kept.serve();
    let cases = [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", ""),
        ("offset=-1", ""),
        ("limit=all", ""),
        ("sort=size", ""),
        ("status=7", "status"),
        ("status=licensed", ""),
        ("within=soon", "within"),
        ("within=-1", "within"),
        ("path=nowhere", "path"),
        ("lost=maybe", ""),
        ("nmae=ws", "nmae"),
    ];
    for (query, shown) in cases {
        let response = daemon.get(&format!("/api/v1/machines?{query}"));
        assert_eq!(response.status, 400, "{query}: {}", response.body);
        let json: Value = serde_json::from_str(&response.body).unwrap_or_else(|error| panic!("{error}: {query}"));
        assert!(text(&json["error"]).contains(shown) && !text(&json["error"]).is_empty(), "{query}: {json}");
        assert!(json["machines"].is_null(), "{query}: {json}");
    }
}

#[test]
fn the_command_lists_what_the_daemon_lists() {
    let kept = kept();
    let daemon = kept.serve();
    let response = daemon.get("/api/v1/machines");
    let mut json: Value = serde_json::from_str(&response.body).expect("it is JSON");
    let mut machines = Value::from(kept.machines(&[]));
    // Time passes between the two.
    for list in [&mut json["machines"], &mut machines] {
        for machine in list.as_array_mut().expect("a list of machines") {
            for license in machine["licenses"].as_array_mut().expect("a list of licenses") {
                for key in ["grace_remaining_seconds", "renewal_overdue_seconds"] {
                    license[key] = license[key].is_null().into();
                }
            }
        }
    }
    assert_eq!(machines, json["machines"]);

    let names = |arguments: &[&str]| {
        let machines = kept.machines(arguments);
        machines.iter().map(|machine| text(&machine["machine"]).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&["--at-risk"]), ["ended", "notified", "soon", "later"]);
    assert_eq!(names(&["--path", "branch"]), ["soon"]);
    assert_eq!(names(&["--limit", "3", "--path", "corp"]), ["ended", "notified", "later"]);
    assert_eq!(names(&["--limit", "0"]), [""; 0]);
    assert_eq!(names(&["--name", "GOOD"]), ["good.corp.example"]);
    let mut command = kept.command("machines");
    command.args(["--path", "nowhere"]);
    let printed = run(command);
    assert!(matches!(printed.exit_code, Some(1..)) && printed.stderr.contains("`nowhere`"), "{printed:?}");
}

#[test]
fn a_person_reads_the_totals_and_then_a_line_to_each_machine() {
    let kept = kept();
    let mut command = kept.command("machines");
    command.args(["--at-risk", "--limit", "3"]);
    let printed = run(command);
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""));
    let lines: Vec<_> = printed.stdout.lines().collect();
    let first = (now() + SignedDuration::from_mins(20 * DAY)).strftime("%Y-%m-%d").to_string();
    assert!(lines[0].starts_with("7 machines, 1 expiring within 30 days, 2 lost"), "{}", printed.stdout);
    assert!(lines[0].contains(&format!("the next to lose activation is soon on {first}")), "{}", printed.stdout);
    assert!(lines.iter().any(|line| line.trim_start().starts_with("path branch: 1 machine")), "{}", printed.stdout);
    for (sign, name, words) in [('✗', "ended", "lost"), ('✗', "notified", "notification"), ('!', "soon", "153 days")]
    {
        let line = lines.iter().find(|line| line.trim_start().starts_with(&format!("{sign} {name}")));
        assert!(line.is_some_and(|line| line.contains(words)), "{name}: {}", printed.stdout);
    }
    assert!(printed.stdout.contains("no report since "), "{}", printed.stdout);
    assert!(printed.stdout.contains("1 machine not shown"), "{}", printed.stdout);
    assert!(!printed.stdout.contains('\u{1b}'), "colour is for terminals");
    assert!(lines.iter().all(|line| line.trim_end() == *line), "{}", printed.stdout);

    let mut command = kept.command("machines");
    command.args(["--at-risk", "--limit", "3", "--lang", "ja"]);
    let told = run(command).stdout;
    assert!(told.starts_with("7 台、30 日以内に期限が切れる 1 台、ライセンス認証切れ 2 台"), "{told}");
    assert!(told.contains("  経路 branch: 1 台") && told.contains("1 台を省略しました"), "{told}");
    let head = told.lines().find(|line| line.contains("コンピューター")).expect("there is a head");
    assert_eq!(
        head.split_whitespace().collect::<Vec<_>>().join(" "),
        "コンピューター 状態 残り時間 更新の遅れ KMS ホスト 理由"
    );
}

#[test]
fn what_the_filters_of_the_command_mean_is_what_those_of_the_daemon_mean() {
    let kept = kept();
    let names = |arguments: &[&str]| {
        let machines = kept.machines(arguments);
        machines.iter().map(|machine| text(&machine["machine"]).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&["--within", "30d"]), ["soon"]);
    assert_eq!(names(&["--within", "90", "--path", "corp"]), ["later"]);
    assert_eq!(names(&["--lost"]), ["ended", "notified"]);
    assert_eq!(names(&["--stale", "--sort", "name"]), ["ended", "silent"]);
    assert_eq!(names(&["--overdue", "--sort", "overdue"])[0], "soon");
    assert_eq!(names(&["--product", "OFFICE"]), ["with_office"]);
}

#[test]
fn a_sheet_has_a_row_to_each_license() {
    let kept = kept();
    let mut command = kept.command("machines");
    command.args(["--output", "csv", "--lost"]);
    let printed = run(command);
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""));
    let mut reader = csv::Reader::from_reader(printed.stdout.as_bytes());
    let heads = reader.headers().expect("there is a head").clone();
    let rows: Vec<_> = reader.records().map(|row| row.expect("it is a row")).collect();
    let cell = |row: usize, head: &str| rows[row].get(heads.iter().position(|it| it == head).expect("it is there"));
    assert_eq!((rows.len(), cell(0, "machine"), cell(1, "machine")), (2, Some("ended"), Some("notified")));
    assert_eq!((cell(1, "license_status"), cell(1, "grace_remaining_seconds")), (Some("5"), Some("0")));
    assert_eq!(cell(0, "partial_product_key"), Some("VDYBN"));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let kept = kept();
    for language in ["en", "ja"] {
        for columns in [40, 64, 80, 120] {
            for arguments in [&["machines"][..], &["machines", "good"], &["changes", "--since", "90d"], &["check"]] {
                let mut command = kept.command(arguments[0]);
                command.args(&arguments[1..]).args(["--lang", language]).env("COLUMNS", columns.to_string());
                let printed = run(command);
                assert!(!printed.stdout.is_empty(), "{arguments:?}: {printed:?}");
                let wide = printed.stdout.lines().find(|line| UnicodeWidthStr::width(*line) > columns);
                assert_eq!(wide, None, "{arguments:?} {language} {columns}:\n{}", printed.stdout);
            }
        }
    }
}
