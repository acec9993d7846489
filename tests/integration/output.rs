//! The reports of `check` for a person and for Nagios, and their exit codes.

use std::net::SocketAddr;
use std::process::Command;

use crate::servers::directory::TemporaryDirectory;
use crate::servers::knot::Knot;
use crate::servers::port;
use crate::support::listener;
use crate::support::program::{Printed, run, run_with};

/// DNS with a host that works and one that refuses.
fn one_of_two(up: SocketAddr, down: SocketAddr) -> Knot {
    let records = format!(
        "_vlmcs._tcp SRV 0 0 {} kms1\n_vlmcs._tcp SRV 10 0 {} kms2\nkms1 A 127.0.0.1\nkms2 A 127.0.0.1",
        up.port(),
        down.port()
    );
    Knot::start("corp.example", &records)
}

/// Runs the program by a line of shell, in which `"$0" "$@"` stands for it.
fn run_in_shell(line: &str, arguments: &[&str]) -> Printed {
    let mut command = Command::new("sh");
    command.args(["-c", line, env!("CARGO_BIN_EXE_gracewatch")]).args(arguments).env_remove("GRACEWATCH_CONFIG");
    run(command)
}

fn nagios(arguments: &[&str]) -> Printed {
    run_with(&[&["check", "--output", "nagios"], arguments].concat())
}

/// The status line, and its performance data as pairs.
fn status_line(printed: &Printed) -> (String, Vec<(String, String)>) {
    let line = printed.stdout.lines().next().expect("there is a line");
    let (status, data) = line.split_once(" | ").unwrap_or_else(|| panic!("no performance data: {line}"));
    assert!(!data.contains('|'), "{line}");
    // Labels are quoted, and these have no blank in them.
    let data = data.split(' ').map(|item| {
        let (label, value) = item.split_once('=').unwrap_or_else(|| panic!("not label=value: {item}"));
        (label.trim_matches('\'').to_owned(), value.to_owned())
    });
    (status.to_owned(), data.collect())
}

#[test]
fn nagios_gets_ok_and_0() {
    let host = listener::accepting_binds();
    let target = host.address().to_string();
    let printed = nagios(&[&target]);
    assert_eq!(printed.exit_code, Some(0));
    let (status, data) = status_line(&printed);
    assert!(status.starts_with("GRACEWATCH OK - "), "{status}");
    assert_eq!(data[0], (format!("{target}_targets_ok"), "1;;;0;1".to_owned()));
    let seconds = data[1].1.split_once("s;").and_then(|(seconds, _)| seconds.parse::<f64>().ok());
    assert!(seconds.is_some_and(|seconds| (0.0..5.0).contains(&seconds)), "{data:?}");
    assert_eq!(printed.stdout.lines().count(), 1, "nothing is to be done: {}", printed.stdout);
}

#[test]
fn nagios_gets_unknown_and_3_on_stdout() {
    let printed = nagios(&["--config", "/nonexistent/gracewatch.yaml"]);
    assert_eq!(printed.exit_code, Some(3));
    let said = printed.stdout.starts_with("GRACEWATCH UNKNOWN - /nonexistent/gracewatch.yaml: cannot be read");
    assert!(said && printed.stdout.lines().count() == 1, "{}", printed.stdout);
}

/// How few descriptors let the program start and not connect is up to its runtime.
#[test]
fn what_this_machine_cannot_measure_is_unknown_and_3() {
    let target = port::refusing().to_string();
    let checked = |output: &str| {
        let arguments = ["check", &target, "--output", output];
        let limited = |limit| run_in_shell(&format!("ulimit -n {limit} && exec \"$0\" \"$@\""), &arguments);
        let could_not_connect = |printed: &Printed| printed.stdout.contains("this machine could not connect (too many");
        (6..64).map(limited).find(could_not_connect).expect("there is a limit at which it starts and cannot connect")
    };
    let nagios = checked("nagios");
    assert_eq!(nagios.exit_code, Some(3));
    let (status, data) = status_line(&nagios);
    assert!(status.starts_with("GRACEWATCH UNKNOWN - Path ") && !status.contains("0xC004"), "{status}");
    assert_eq!(data[0].1, "0;;;0;1");
    let text = checked("text");
    assert_eq!(text.exit_code, Some(3));
    assert!(text.stdout.contains(": unknown at tcp: local_error\n"), "{}", text.stdout);
}

#[test]
#[ignore = "needs knot"]
fn nagios_gets_warning_and_1() {
    let host = listener::accepting_binds();
    let dns = one_of_two(host.address(), port::refusing());
    let printed = nagios(&["corp.example", "--nameserver", &dns.address().to_string()]);
    assert_eq!(printed.exit_code, Some(1));
    let (status, data) = status_line(&printed);
    assert!(status.starts_with("GRACEWATCH WARNING - "), "{status}");
    assert!(status.contains("kms2.corp.example"), "{status}");
    assert_eq!(data[0], ("corp.example_targets_ok".to_owned(), "1;;;0;2".to_owned()));
}

#[test]
fn nagios_gets_critical_and_2() {
    let printed = nagios(&[&port::refusing().to_string()]);
    assert_eq!(printed.exit_code, Some(2));
    let (status, data) = status_line(&printed);
    assert!(status.starts_with("GRACEWATCH CRITICAL - "), "{status}");
    assert!(status.contains("0xC004F074"), "{status}");
    assert_eq!(data[0].1, "0;;;0;1");
    assert!(printed.stdout.lines().count() > 1, "what to do follows: {}", printed.stdout);
}

#[test]
fn nagios_gets_every_path_that_is_wrong_on_one_line() {
    let host = listener::accepting_binds();
    let targets = [port::refusing(), host.address(), port::refusing()].map(|address| address.to_string());
    let printed = nagios(&[&targets[0], &targets[1], &targets[2]]);
    assert_eq!(printed.exit_code, Some(2));
    let (status, data) = status_line(&printed);
    assert!(status.contains(&targets[0]) && status.contains(&targets[2]), "{status}");
    assert!(!status.contains(&targets[1]), "what works is not shown: {status}");
    let counted: Vec<_> = data.iter().filter(|(label, _)| label.ends_with("_targets_ok")).collect();
    assert_eq!(counted.len(), 3, "{data:?}");
}

#[test]
#[ignore = "needs knot"]
fn the_report_for_a_person_is_a_verdict_steps_and_what_was_seen() {
    let host = listener::accepting_binds();
    let down = port::refusing();
    let dns = one_of_two(host.address(), down);
    let printed = run_with(&["check", "corp.example", "--all", "--nameserver", &dns.address().to_string()]);
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(1), ""));
    let text = &printed.stdout;
    assert!(!text.contains('\u{1b}'), "no terminal, no escape codes: {text:?}");
    assert!(text.lines().all(|line| line.trim_end() == line), "nothing trails a line: {text:?}");
    assert!(text.starts_with("corp.example: degraded at tcp: refused\n"), "{text}");

    // A line for each stage: mark, stage, time, target, and what was seen.
    let (up, down) = (host.address().port(), down.port());
    let expected = [
        ("✓", "srv", "_vlmcs._tcp.corp.example".to_owned()),
        ("✓", "address", format!("kms1.corp.example:{up}")),
        ("✓", "tcp", format!("kms1.corp.example:{up}")),
        ("✓", "rpc", format!("kms1.corp.example:{up}")),
        ("✓", "address", format!("kms2.corp.example:{down}")),
        ("✗", "tcp", format!("kms2.corp.example:{down}")),
    ];
    let walk: Vec<Vec<&str>> = text
        .lines()
        .take_while(|line| !line.starts_with("Clocks"))
        .map(|line| line.split_ascii_whitespace().collect())
        .filter(|words: &Vec<&str>| matches!(words.first(), Some(&("✓" | "✗" | "!"))))
        .collect();
    assert_eq!(walk.len(), expected.len(), "{text}");
    for (words, (mark, stage, target)) in walk.iter().zip(&expected) {
        assert_eq!((words[0], words[1], words[4]), (*mark, *stage, target.as_str()), "{text}");
        let milliseconds: f64 = words[2].parse().expect("a time is a number");
        assert!(milliseconds >= 0.0 && words[3] == "ms", "{text}");
    }

    let verdict = text.find("Path corp.example works through 1 of 2 KMS targets");
    let steps = text.find("What to do first:\n  1. ");
    assert!(verdict.is_some() && verdict < steps, "the verdict comes before the steps: {text}");
    let rows = text.find("  ✓ srv ");
    let clocks = text.find("\nClocks, compared with this machine's:\n");
    assert!(steps < rows && rows < clocks, "what was seen comes after that, and the clocks last: {text}");

    // Unless all is asked for, what is as it should be is counted.
    let printed = run_with(&["check", "corp.example", "--nameserver", &dns.address().to_string()]);
    let signs: Vec<&str> = printed.stdout.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    let signs: Vec<&str> = signs.into_iter().filter(|line| line.starts_with(['✓', '✗', '!'])).collect();
    assert!(
        matches!(signs.as_slice(), [failed, counted] if failed.starts_with("✗ tcp") && counted.starts_with("✓ 5 checks passed")),
        "{}",
        printed.stdout
    );
    assert!(!printed.stdout.contains("Clocks"), "no clock matters: {}", printed.stdout);
}

#[test]
fn nothing_is_to_be_done_where_all_is_well() {
    let host = listener::accepting_binds();
    let target = host.address().to_string();
    let printed = run_with(&["check", &target]);
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""));
    assert!(printed.stdout.starts_with(&format!("{target}: ok\n")), "{}", printed.stdout);
    // No green tick stands for the clock, which nobody could read here, and the sentence says so.
    assert!(printed.stdout.contains("its KMS host answers, but the clock of 127.0.0.1 could not be read."));
    assert!(
        printed.stdout.contains("\n  ? clock ") && printed.stdout.contains("✓ 2 checks passed"),
        "{}",
        printed.stdout
    );
    assert!(!printed.stdout.contains("What to do"), "{}", printed.stdout);
}

#[test]
fn the_worst_path_comes_first_and_the_last_line_counts_them_all() {
    let host = listener::accepting_binds();
    let [good, bad] = [host.address(), port::refusing()].map(|address| address.to_string());
    let printed = run_with(&["check", &good, &bad]);
    assert_eq!(printed.exit_code, Some(2));
    let lines: Vec<&str> = printed.stdout.lines().collect();
    assert_eq!(lines[0], format!("{bad}: blocked at tcp: refused"), "{}", printed.stdout);
    assert!(lines.contains(&&*format!("{good}: ok")), "{}", printed.stdout);
    assert_eq!(lines.last(), Some(&&*format!("2 paths: 1 ok, 1 blocked ({bad})")), "{}", printed.stdout);
    let printed = run_with(&["check", &good, &bad, "--lang", "ja"]);
    let last = printed.stdout.lines().last().unwrap_or_default().to_owned();
    assert_eq!(last, format!("経路 2 件: 正常 1 件、停止 1 件 ({bad})"));
}

#[test]
fn nagios_has_a_block_to_each_problem_with_the_name_of_its_path() {
    let [one, two] = [port::refusing(), port::refusing()].map(|address| address.to_string());
    let printed = nagios(&[&one, &two]);
    let (status, _) = status_line(&printed);
    assert!(status.starts_with(&format!("GRACEWATCH CRITICAL - 2 paths: 2 blocked ({one}, {two}). Path ")), "{status}");
    for path in [&one, &two] {
        let block = printed.stdout.lines().skip_while(|line| *line != format!("{path}: blocked at tcp: refused"));
        let block: Vec<_> = block.take(3).collect();
        assert!(block[1].starts_with(&format!("Path {path} is blocked")), "{}", printed.stdout);
        assert!(block[2].starts_with("  1. "), "{}", printed.stdout);
    }
}

#[test]
fn the_report_for_a_person_comes_with_the_exit_code_of_a_blocked_path() {
    let printed = run_with(&["check", &port::refusing().to_string()]);
    assert_eq!(printed.exit_code, Some(2));
    assert!(
        printed.stdout.contains("Clients show 0xC004F074 (no usable KMS host), with 0x800706BA "),
        "{}",
        printed.stdout
    );
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_and_one_nobody_reads_is_none() {
    let target = port::refusing().to_string();
    for output in ["text", "json", "nagios"] {
        let arguments = ["check", &target, "--output", output];
        let full = run_in_shell("exec \"$0\" \"$@\" > /dev/full", &arguments);
        assert_eq!(full.exit_code, Some(3), "{output}: {}", full.stderr);
        assert!(full.stderr.starts_with("gracewatch: No space left on device"), "{output}: {}", full.stderr);
        // The reader is gone before anything is written.
        let unread = run_in_shell("{ sleep 0.2; \"$0\" \"$@\"; } | true", &arguments);
        assert_eq!(unread.stderr, "", "{output}");
    }
}

#[test]
#[ignore = "needs knot"]
fn the_name_of_a_path_is_meant_before_that_of_a_domain() {
    let host = listener::accepting_binds();
    let dns = one_of_two(host.address(), port::refusing());
    let directory = TemporaryDirectory::new("output");
    let paths = format!(
        "paths:\n- {{name: corp.example, kms: {{hosts: [\"{}\"]}}}}\n- {{name: other, kms: {{hosts: [\"{}\"]}}}}\n",
        host.address(),
        port::refusing()
    );
    let file = directory.write("gracewatch.yaml", paths);
    let checked = |arguments: &[&str]| {
        let printed = run_with(&[&["check", "--config", file.to_str().expect("text")], arguments].concat());
        (printed.exit_code, printed.stdout.lines().count())
    };
    assert_eq!(checked(&["corp.example"]), (Some(0), 5), "the path has one host, which works");
    let nameserver = dns.address().to_string();
    assert_eq!(checked(&["corp.example", "--nameserver", &nameserver]), (Some(0), 5));
}
