//! Machines with few threads, small stacks and few descriptors: the program works, or says what it lacks. It never
//! panics, hangs or blames somebody else.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use crate::servers::directory::TemporaryDirectory;
use crate::servers::knot::Knot;
use crate::servers::program;
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::listener;
use crate::support::post::Sender;
use crate::support::program::{Printed, run};
use crate::support::reports::Client;
use crate::support::status::{Kept, TOKEN, text_of};

/// The program under a limit, as prlimit takes it.
fn limited(limit: &str) -> Command {
    let mut command = Command::new(program::find("prlimit", "util-linux"));
    command.arg(limit).arg(env!("CARGO_BIN_EXE_gracewatch")).env_remove("GRACEWATCH_CONFIG");
    command
}

/// A user of this number that is nobody's: how many threads they have is counted over all their processes.
const NOBODY: &str = "61893";

/// The program as a user without privileges, who may have so many threads.
fn as_nobody(threads: u32, copy: &str) -> Command {
    let mut command = Command::new(program::find("setpriv", "util-linux"));
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    command.arg(program::find("prlimit", "util-linux")).arg(format!("--nproc={threads}"));
    command.arg(copy).env_remove("GRACEWATCH_CONFIG");
    command
}

/// Runs a command that must not panic or overflow.
fn outcome(command: Command, what: &str) -> Printed {
    let printed = run(command);
    for word in ["panicked", "overflow"] {
        assert!(!printed.stderr.contains(word), "{what}: {printed:?}");
    }
    assert!(printed.exit_code.is_some(), "{what}: {printed:?}");
    printed
}

#[test]
#[ignore = "needs root"]
fn with_few_threads_it_works_or_says_so() {
    let host = listener::accepting_binds();
    let target = host.address().to_string();
    let directory = TemporaryDirectory::new("threads");
    // Where whoever it is may run it.
    let copy = directory.path().join("gracewatch");
    fs::copy(env!("CARGO_BIN_EXE_gracewatch"), &copy).expect("the program can be copied");
    let copy = text_of(&copy);
    let mut works = Vec::new();
    for threads in 1..=12 {
        let mut command = as_nobody(threads, copy);
        command.args(["check", "--output", "json", &target]);
        let printed = outcome(command, &format!("check with {threads}"));
        let is_shown = printed.stderr.contains("the system does not provide enough threads")
            && printed.stderr.contains("ulimit -u");
        match printed.exit_code {
            Some(0) => works.push(threads),
            Some(3) => assert!(is_shown && works.is_empty(), "{threads}: {printed:?}"),
            _ => panic!("{threads}: {printed:?}"),
        }
    }
    assert!(!works.contains(&1) && works.contains(&12), "{works:?}");
    let least = works[0];
    let configuration = config::hosts(&[target]);
    for threads in [1, least - 1] {
        let mut command = as_nobody(threads, copy);
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(directory.write("few.yaml", &configuration));
        let printed = outcome(command, &format!("serve with {threads}"));
        assert_eq!(printed.exit_code, Some(1), "{printed:?}");
        assert!(printed.stderr.contains("the system does not provide enough threads"), "{printed:?}");
    }
    let daemon = Daemon::start_with(as_nobody(least, copy), &configuration);
    daemon.wait_until_ready();
    assert_eq!(daemon.report()["paths"][0]["verdict"], "ok");
}

#[test]
fn the_stack_of_the_main_thread_may_be_small() {
    let host = listener::accepting_binds();
    let target = host.address().to_string();
    let kept = Kept::new().with_paths(&config::hosts(&[target.as_str()]));
    for kilobytes in [32, 64, 256] {
        let limit = format!("--stack={}", kilobytes * 1024);
        let mut command = limited(&limit);
        command.args(["check", &target]);
        assert_eq!(outcome(command, &limit).exit_code, Some(0));
        let mut command = limited(&limit);
        let report = kept.directory().write("ws01.json", Client::new("ws01").text());
        let file = kept.directory().write("gracewatch.yaml", kept.configuration());
        command.arg("import").arg(report).arg("--config").arg(file);
        assert_eq!(outcome(command, &limit).exit_code, Some(0));
    }
    let daemon = Daemon::start_with(limited("--stack=65536"), &kept.configuration());
    daemon.wait_until_ready();
    assert_eq!(daemon.report()["paths"][0]["verdict"], "ok");
}

#[test]
#[ignore = "needs knot"]
fn with_few_descriptors_nobody_is_blamed() {
    let host = listener::accepting_binds();
    let mut records = String::new();
    for number in 1..=20 {
        let port = host.address().port();
        writeln!(records, "_vlmcs._tcp SRV 0 0 {port} kms{number:02}\nkms{number:02} A 127.0.0.1")
            .expect("a string takes it");
    }
    let dns = Knot::start("corp.example", &records);
    let kept = Kept::new().with_paths(&config::discovered(&[dns.address()]));
    let file = kept.directory().write("gracewatch.yaml", kept.configuration());
    let report = kept.directory().write("ws01.json", Client::new("ws01").text());
    // Below, the system cannot load it.
    for count in 4..=24 {
        let limit = format!("--nofile={count}:{count}");
        let mut command = limited(&limit);
        command.args(["check", "--output", "json", "--config"]).arg(&file);
        let printed = outcome(command, &limit);
        let is_out_of_files = |text: &str| text.to_lowercase().contains("too many open files");
        let is_shown = printed.stderr.contains("ulimit -n") || is_out_of_files(&printed.stderr);
        match printed.exit_code {
            Some(0 | 1) => assert!(!printed.stdout.contains("\"blocked\""), "{limit}: {printed:?}"),
            Some(3) => assert!(is_shown || is_out_of_files(&printed.stdout), "{limit}: {printed:?}"),
            _ => panic!("{limit}: {printed:?}"),
        }
        let mut command = limited(&limit);
        command.arg("import").arg(&report).arg("--config").arg(&file);
        let printed = outcome(command, &limit);
        assert!(printed.exit_code == Some(0) || !printed.stderr.is_empty(), "{limit}: {printed:?}");
    }
    for count in [4, 8, 9] {
        let mut command = limited(&format!("--nofile={count}:{count}"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(&file);
        let printed = outcome(command, "serve");
        assert_eq!(printed.exit_code, Some(1), "{count}: {printed:?}");
        assert!(printed.stderr.contains("oo many open files"), "{count}: {printed:?}");
    }
}

/// Beyond `ulimit -f` the system ends a program that writes, unless that says otherwise.
#[test]
#[ignore = "needs util-linux"]
fn what_may_not_be_written_is_an_error_of_the_store() {
    let kept = Kept::new();
    let daemon = Daemon::start_with(limited("--fsize=1048576"), &kept.configuration());
    let sender = Sender::with_token(daemon.address(), TOKEN);
    let fleet = |round: usize| {
        let clients = (0..1000).map(|number| Client::new(&format!("ws{round:02}{number:04}")).text());
        clients.collect::<Vec<_>>().join("\n")
    };
    let answers: Vec<_> = (0..20).map(|round| sender.send(fleet(round)).status).collect();
    assert!(answers.contains(&202) && answers.contains(&503), "{answers:?}");
    daemon.scrape_until("the store is not reported broken", |scrape| {
        scrape.value("gracewatch_store_up", &[]) == Some(0.0)
            && scrape.sum("gracewatch_store_failures_total", &[]) > 0.0
    });
}
