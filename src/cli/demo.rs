//! `gracewatch demo`: says where to look, and runs until it is stopped.

use super::{CommandResult, DAEMON_SHUTDOWN, DemoArguments, block_on_for, print};
use crate::config::{Log, LogLevel};
use crate::demo::{Demo, Fault};
use crate::logging::Logging;
use crate::text::{Words, say};
use std::process::ExitCode;

pub(super) fn run(DemoArguments { listen, faults }: DemoArguments, words: Words) -> CommandResult {
    // What the daemon says of its paths is on its pages.
    let logging = Logging::start(&Log { level: LogLevel::Warn, ..Log::default() })?;
    let running = async {
        let demo = Demo::start(listen, faults.into_iter().collect()).await?;
        print(&introduction(&demo, words))?;
        demo.run(logging).await?;
        Ok(ExitCode::SUCCESS)
    };
    block_on_for(running, DAEMON_SHUTDOWN)
}

fn introduction(demo: &Demo, words: Words) -> String {
    let taken = demo.in_use.map(|in_use| say!(words, "demo-taken", address = in_use.to_string()) + "\n");
    let url = format!("http://{}/", demo.address);
    taken.unwrap_or_default()
        + &say!(words, "demo-open", url = url.as_str())
        + "\n"
        + &say!(words, "demo-faults", known = Fault::names(), url = url.as_str())
        + "\n"
        + &say!(words, "demo-stop")
        + "\n"
}
