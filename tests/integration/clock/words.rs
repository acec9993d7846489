//! Clocks in the report for a person.

use super::way;
use crate::servers::chrony::Chrony;
use crate::servers::directory::TemporaryDirectory;
use crate::servers::nginx::Nginx;
use crate::servers::port;
use crate::servers::smbd::Smbd;
use crate::support::config;
use crate::support::listener;
use crate::support::program::run_with;

/// What `check` prints of the clocks of this configuration: a line to each, its words apart, and the sentence after.
fn clocks(configuration: &str) -> (Vec<Vec<String>>, String) {
    let directory = TemporaryDirectory::new("check");
    let file = directory.write("gracewatch.yaml", configuration);
    let printed = run_with(&["check", "--all", "--config", file.to_str().expect("the path is text")]);
    assert_eq!(printed.stderr, "");
    assert!(printed.stdout.lines().all(|line| line.trim_end() == line), "nothing trails a line: {}", printed.stdout);
    let (_, clocks) = printed
        .stdout
        .split_once("\nClocks, compared with this machine's:\n")
        .unwrap_or_else(|| panic!("no clocks: {}", printed.stdout));
    let (lines, sentence) = clocks.trim_end().rsplit_once('\n').unwrap_or_else(|| panic!("no sentence: {clocks}"));
    // Columns are two blanks apart at the least; a mark and a kind have one between them.
    let columns = |line: &str| {
        let (mark, rest) = line.trim_start().split_once(' ').expect("a mark comes first");
        let rest = rest.split("  ").map(str::trim).filter(|column| !column.is_empty());
        std::iter::once(mark).chain(rest).map(str::to_owned).collect()
    };
    (lines.lines().map(columns).collect(), sentence.trim().to_owned())
}

/// Insists on a line: mark, kind, source, how its offset begins, and its words.
fn assert_line(line: &[String], [mark, kind, source, offset, words]: [&str; 5]) {
    let [given_mark, given_kind, given_source, given_offset, given_words] = line else { panic!("{line:?}") };
    assert_eq!([given_mark, given_kind, given_source, given_words], [mark, kind, source, words], "{line:?}");
    let (seconds, bound) = given_offset.split_once(" ± ").unwrap_or_else(|| panic!("no bound: {line:?}"));
    assert!(seconds.starts_with(offset), "{line:?}");
    let (number, unit) = bound.split_once(' ').unwrap_or_else(|| panic!("no unit: {line:?}"));
    assert!(matches!(unit, "µs" | "ms"), "{line:?}");
    assert!(number.parse::<f64>().is_ok_and(|bound| bound > 0.0 && bound < 1000.0), "{line:?}");
}

#[test]
#[ignore = "needs chrony, samba, libfaketime"]
fn every_clock_has_a_line_with_its_offset_bound_and_words() {
    let host = listener::accepting_binds();
    let (lying, right, another) = (Chrony::faked("+14700s"), Chrony::right(), Chrony::right());
    let smb = Smbd::faked("-10800s");
    let servers = [&lying, &right, &another].map(Chrony::address);
    let silent = port::refusing();
    let all = [servers.as_slice(), &[silent]].concat();
    let clock = config::clock(&all, &[way("smb2", smb.address())]);
    let (lines, sentence) = clocks(&(config::hosts(&[host.address()]) + &clock));
    assert_eq!(lines.len(), 5, "{lines:?}");
    let line = |source: &str| {
        let mut with = lines.iter().filter(|line| line[2] == source);
        with.next().unwrap_or_else(|| panic!("no {source} in {lines:?}"))
    };
    let [liar, right, another] = servers.map(|server| server.to_string());
    assert_line(line(&liar), ["✗", "ntp", &liar, "+4 h 5 min", "a falseticker: most servers disagree"]);
    for server in [right, another] {
        assert_line(line(&server), ["✓", "ntp", &server, "", "stratum 8"]);
        assert!(matches!(line(&server)[3].split(' ').nth(1), Some("µs" | "ms")), "{lines:?}");
    }
    let refused = line(&silent.to_string());
    assert_eq!([&refused[0], &refused[1]], ["✗", "ntp"]);
    assert_eq!(refused[3], "nothing listens on the time server's port");
    let smb = smb.address().to_string();
    assert_line(&lines[4], ["!", "smb2", &smb, "-3 h", "127.0.0.1 is 3 h behind true time"]);
    assert!(sentence.starts_with("This machine's clock is at most "), "{sentence}");
    assert!(sentence.ends_with(" ms off true time: 2 of 3 time servers agree."), "{sentence}");
}

#[test]
#[ignore = "needs chrony, nginx, libfaketime"]
fn a_host_that_blocks_a_path_is_marked_so_and_one_servers_word_is_reported_as_such() {
    let host = listener::accepting_binds();
    let (time, http) = (Chrony::right(), Nginx::faked("+14700s"));
    let clock = config::clock(&[time.address()], &[way("http_date", http.address())]);
    let (lines, sentence) = clocks(&(config::hosts(&[host.address()]) + &clock));
    let http = http.address().to_string();
    assert_line(&lines[1], ["✗", "http_date", &http, "+4 h 5 min", "127.0.0.1 is 4 h 5 min ahead of true time"]);
    assert!(sentence.ends_with(&format!(", according to {} alone.", time.address())), "{sentence}");
}

#[test]
#[ignore = "needs chrony, libfaketime"]
fn that_true_time_is_unknown_is_said_plainly() {
    let host = listener::accepting_binds();
    let (wrong, right) = (Chrony::faked("+14700s"), Chrony::right());
    let servers = [&wrong, &right].map(Chrony::address);
    let (lines, sentence) = clocks(&(config::hosts(&[host.address()]) + &config::ntp(&servers)));
    assert_eq!(lines.iter().map(|line| line[0].as_str()).collect::<Vec<_>>(), ["✓", "✓"]);
    assert_eq!(sentence, "True time is unknown: there is no time that most of the time servers agree on.");
}

#[test]
fn a_host_whose_clock_cannot_be_read_is_unknown_and_it_is_shown_why() {
    let host = listener::accepting_binds();
    let smb = way("smb2", port::refusing());
    let (lines, sentence) =
        clocks(&(config::hosts(&[host.address()]) + &config::clock(&[], std::slice::from_ref(&smb))));
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(line[..3], ["?", "unknown", "127.0.0.1"]);
    assert!(line[3].starts_with(&format!("{smb}: ")), "{line:?}");
    assert_eq!(sentence, "True time is unknown: no time server is configured.");
}
