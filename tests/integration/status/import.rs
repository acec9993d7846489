//! `gracewatch import`: what it takes, in which order, and of whom it takes it to be.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, chown};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::program::{run, run_reading};
use crate::support::reports::{Client, lines, minutes_ago, now};
use crate::support::status::{Kept, sample, text, text_of};

/// What was reported of the only license of the only machine there is.
fn only(kept: &Kept) -> Value {
    let machines = kept.machines(&[]);
    let [machine] = machines.as_slice() else { panic!("not one machine: {machines:#?}") };
    let licenses = machine["licenses"].as_array().expect("there is a list of licenses");
    let [license] = licenses.as_slice() else { panic!("not one license: {machine:#}") };
    license.clone()
}

#[test]
fn a_text_on_stdin_needs_the_name_of_its_machine() {
    let kept = Kept::new();
    let slmgr = || File::open(sample("en-dlv-kmsclient.txt")).expect("the sample is there");
    let mut command = kept.command("import");
    command.arg("-");
    let printed = run_reading(command, slmgr());
    assert_eq!(printed.exit_code, Some(1), "{printed:?}");
    assert!(printed.stderr.contains("it names no machine"), "{printed:?}");
    assert_eq!(kept.names(), [""; 0]);

    let mut command = kept.command("import");
    command.args(["--machine", "WS0417.corp.example", "-"]);
    let printed = run_reading(command, slmgr());
    assert_eq!((printed.exit_code, printed.stdout.as_str()), (Some(0), "-: 1 stored, 0 unchanged, 0 outdated\n"));
    assert_eq!(kept.names(), ["ws0417.corp.example"]);
}

#[test]
fn a_file_is_of_the_machine_it_names_else_of_the_one_given_else_of_the_one_it_is_named_after() {
    let kept = Kept::new();
    let slmgr = fs::read_to_string(sample("en-dlv-kmsclient.txt")).expect("the sample is there");

    let printed = kept.import_text("WS01.corp.example.txt", &slmgr);
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    assert!(printed.stderr.contains("ws01.corp.example is assumed, from the name of the file (see --machine)"));

    let file = kept.directory().write("WS02.txt", &slmgr);
    let printed = kept.import(&["--machine", "ws03", text_of(&file)]);
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""));

    // What names its machine is believed before all else.
    let file = kept.directory().write("ws05.json", Client::new("ws04").text());
    let printed = kept.import(&["--machine", "ws06", text_of(&file)]);
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""));

    let printed = kept.import_text("status of monday.txt", &slmgr);
    assert_eq!(printed.exit_code, Some(1), "{printed:?}");
    assert!(printed.stderr.contains("it names no machine"), "{printed:?}");

    let mut names = kept.names();
    names.sort();
    assert_eq!(names, ["ws01.corp.example", "ws03", "ws04"]);
}

#[test]
fn a_bad_file_does_not_keep_the_others() {
    let kept = Kept::new();
    let file = |name: &str, text: &str| text_of(&kept.directory().write(name, text)).to_owned();
    let files = [
        file("ws01.json", &Client::new("ws01").text()),
        file("letter.txt", "Dear all,\nplease activate your machines.\n"),
        kept.directory().path().join("nowhere.json").display().to_string(),
        "/dev/null".to_owned(),
        file("ws02.json", &Client::new("ws02").text()),
    ];
    let printed = kept.import(&files.each_ref().map(String::as_str));
    assert_eq!(printed.exit_code, Some(1), "{printed:?}");
    for (file, reason) in [(&files[1], ""), (&files[2], "it cannot be read: "), (&files[3], "it is not a file")] {
        let line = format!("gracewatch: {file}: {reason}");
        assert!(printed.stderr.lines().any(|shown| shown.starts_with(&line)), "{line}: {printed:?}");
    }
    let mut names = kept.names();
    names.sort();
    assert_eq!(names, ["ws01", "ws02"]);
}

#[test]
fn without_a_store_the_commands_that_need_one_say_so() {
    let kept = Kept::new();
    let file = kept.directory().write("none.yaml", "paths: [{name: corp, kms: {hosts: [\"127.0.0.1:1\"]}}]\n");
    let report = kept.directory().write("ws01.json", Client::new("ws01").text());
    for arguments in [["import", text_of(&report)], ["machines", "--at-risk"]] {
        let mut command = crate::support::program::gracewatch();
        command.args(arguments).args(["--config", text_of(&file)]);
        let printed = run(command);
        assert!(matches!(printed.exit_code, Some(1..)), "{printed:?}");
        assert!(printed.stderr.contains("status"), "{arguments:?}: {printed:?}");
        assert_eq!(printed.stdout, "");
    }
}

#[test]
fn to_import_a_file_again_changes_nothing() {
    let kept = Kept::new();
    let fleet: Vec<_> = (0..2500).map(|number| Client::new(&format!("ws{number:04}"))).collect();
    let text = lines(&fleet);
    let stdout = |text: &str| {
        let printed = kept.import_text("fleet.ndjson", text);
        assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""));
        printed.stdout.rsplit(": ").next().expect("there is a line").to_owned()
    };
    assert_eq!(stdout(&text), "2500 stored, 0 unchanged, 0 outdated\n");
    assert_eq!(stdout(&text), "0 stored, 2500 unchanged, 0 outdated\n");
    assert_eq!(kept.machines(&[]).len(), 2500);
}

#[test]
fn an_older_report_that_comes_later_does_not_take_the_place_of_a_newer_one() {
    let kept = Kept::new();
    let newer = Client { reported_at: minutes_ago(60), minutes: 200_000, ..Client::new("ws01") };
    let older = Client { reported_at: minutes_ago(120), minutes: 100_000, license_status: 5, ..newer.clone() };
    let import = |client: &Client| kept.import_text("report.json", client.text()).stdout;
    assert!(import(&newer).ends_with("1 stored, 0 unchanged, 0 outdated\n"));
    assert!(import(&older).ends_with("0 stored, 0 unchanged, 1 outdated\n"));
    let license = only(&kept);
    assert_eq!(license["license_status"], 1);
    let end = newer.reported_at + SignedDuration::from_mins(200_000);
    assert_eq!(text(&license["expires_at"]), end.to_string());
}

#[test]
fn a_report_from_the_future_is_taken_for_now() {
    let kept = Kept::new();
    let ahead = Client { reported_at: now() + SignedDuration::from_hours(24 * 400), ..Client::new("ws01") };
    let before = now();
    assert_eq!(kept.import_text("ahead.json", ahead.text()).exit_code, Some(0));
    let reported_at: Timestamp = text(&only(&kept)["reported_at"]).parse().expect("a moment");
    assert!(reported_at >= before && reported_at <= now(), "{reported_at}");

    // Nor does it outlive what is reported later.
    let later = Client { license_status: 5, minutes: 0, ..Client::new("ws01") };
    assert_eq!(kept.import_text("later.json", later.text()).exit_code, Some(0));
    assert_eq!(only(&kept)["license_status"], 5);
}

#[test]
fn a_machine_is_one_whatever_its_name_is_written_like() {
    let kept = Kept::new();
    // Told once: a second may pass meanwhile.
    let times: Vec<_> = (55..60).rev().map(minutes_ago).collect();
    for (time, name) in times.iter().zip(["ws01", "WS01.corp.example", "ws01", "Ws01.CORP.Example.", "WS01"]) {
        let client = Client { reported_at: *time, ..Client::new(name) };
        assert_eq!(kept.import_text("report.json", client.text()).exit_code, Some(0), "{name}");
    }
    assert_eq!(kept.names(), ["ws01.corp.example"]);
    assert_eq!(text(&only(&kept)["reported_at"]), times[4].to_string());
}

/// Who tries a command as root before the service first starts does not lock it out of its store.
#[test]
#[ignore = "needs root"]
fn a_store_that_root_creates_belongs_to_whom_its_folder_belongs() {
    const SOMEBODY: u32 = 4242;
    let kept = Kept::new();
    let folder = kept.directory().path().join("store");
    chown(&folder, Some(SOMEBODY), Some(SOMEBODY)).expect("root gives it away");
    assert_eq!(kept.import_text("ws01.json", Client::new("ws01").text()).exit_code, Some(0));

    let files = fs::read_dir(&folder).expect("the folder is there").map(|file| file.expect("it can be read").path());
    let owners: Vec<_> =
        files.map(|file| (file.metadata().map(|known| (known.uid(), known.gid())).ok(), file)).collect();
    assert!(!owners.is_empty(), "there is no store");
    for (owner, file) in owners {
        assert_eq!(owner, Some((SOMEBODY, SOMEBODY)), "{}", file.display());
    }
}

#[test]
fn a_folder_is_imported_whole_and_one_line_counts_it_all() {
    let kept = Kept::new();
    let folder = kept.directory().subdirectory("reports");
    for name in ["ws1", "ws2"] {
        kept.directory().write(&format!("reports/{name}.json"), Client::new(name).text());
    }
    kept.directory().write("reports/.hidden", "nothing");
    let printed = kept.import(&[text_of(&folder)]);
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{printed:?}");
    let lines: Vec<_> = printed.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{printed:?}");
    assert_eq!(lines[2], "2 files: 2 stored, 0 unchanged, 0 outdated, 0 with faults");
    kept.directory().write("reports/ws3.json", "{");
    let printed = kept.import(&[text_of(&folder)]);
    assert_eq!(printed.exit_code, Some(1));
    let last = printed.stdout.lines().last();
    assert_eq!(last, Some("3 files: 0 stored, 2 unchanged, 0 outdated, 1 with faults"), "{printed:?}");
}

#[test]
fn tokens_that_are_not_there_stop_the_daemon_alone() {
    let kept = Kept::new();
    fs::remove_file(kept.directory().path().join("tokens")).expect("it was there");
    let report = kept.directory().write("ws1.json", Client::new("ws1").text());
    assert_eq!(kept.import(&[text_of(&report)]).exit_code, Some(0));
    assert_eq!(kept.names(), ["ws1"]);
    assert_eq!(run(kept.command("check")).exit_code, Some(2));
    let served = run(kept.command("serve"));
    assert!(served.exit_code == Some(1) && served.stderr.contains("tokens"), "{served:?}");
}
