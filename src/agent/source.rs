//! Where an agent knows of its machine from: files, or Windows itself.

use super::body::{Body, MAX_LENGTH};
use super::memory::Memory;
use super::rows::{self, Row, Rows};
use super::trouble::{Outcome, Trouble};
use super::view::{self, Needs};
use crate::config::Config;
use crate::host::own_name;
use crate::intake::input::{self, InputError};
use crate::license::MachineName;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Where an agent knows of its machine from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Files in any format that is imported, or rows of WMI that were recorded.
    Files(Vec<PathBuf>),
    /// The WMI classes and the event logs of this machine, which has to be a Windows.
    Windows,
}

/// What was read at one time.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) bodies: Vec<Body>,
    /// What the machine is called by whoever named it, or by what was read of it; of several the first.
    pub(super) machine: Option<MachineName>,
    pub(super) troubles: Vec<Trouble>,
    /// How far events were read, which counts once these bodies are kept.
    pub(super) events_until: Vec<(&'static str, Timestamp)>,
}

impl Collected {
    fn call(&mut self, machine: Option<&MachineName>) {
        self.machine = self.machine.take().or_else(|| machine.cloned());
    }
}

impl Source {
    /// Reads what is there now. What cannot be read leaves the others as they are.
    pub(super) async fn collect(&self, named: Option<&MachineName>, memory: &Memory, config: &Config) -> Collected {
        let now = Timestamp::now();
        let mut collected = Collected { machine: named.cloned(), ..Collected::default() };
        match self {
            Self::Files(files) => {
                for file in files {
                    let (text, written_at) = match read(file) {
                        Ok(read) => read,
                        Err(trouble) => {
                            collected.troubles.push(trouble);
                            continue;
                        }
                    };
                    if let Some(recorded) = rows::recorded(&text) {
                        let machine = named.cloned().or_else(|| rows::machine(&recorded));
                        collected.call(machine.as_ref());
                        add_rows(&recorded, (machine, now), true, memory, config, &mut collected).await;
                    } else {
                        let by_name = || input::machine_by_name(file).or_else(own_machine);
                        let machine = named.cloned().or_else(by_name);
                        collected.call(machine.as_ref());
                        collected.bodies.extend(machine.map(|machine| Body::text(text, &machine, written_at)));
                    }
                }
            }
            Self::Windows => of_windows(named, now, memory, config, &mut collected).await,
        }
        collected
    }
}

/// Adds the report that rows make up, with what the machine sees of its own path.
async fn add_rows(
    rows: &Rows,
    (machine, now): (Option<MachineName>, Timestamp),
    is_complete: bool,
    memory: &Memory,
    config: &Config,
    collected: &mut Collected,
) {
    let report = machine.or_else(own_machine).and_then(|machine| {
        let report = rows::report(rows, &machine, now, is_complete)?;
        Some((machine, report))
    });
    let Some((machine, mut report)) = report else {
        if collected.troubles.is_empty() {
            collected
                .troubles
                .push(Trouble::new(Outcome::LicensingUnreadable, "there is no product in use and no service"));
        }
        return;
    };
    let mut needs = Needs::default();
    needs.read(&text(&report), &machine);
    if let Some(view) = view::of(needs, config).await {
        report.insert("view".to_owned(), view::json(&view));
    }
    let agent = json!({"id": memory.identity(rows::hardware(rows)).to_string(), "version": env!("CARGO_PKG_VERSION")});
    report.insert("agent".to_owned(), agent);
    collected.bodies.push(Body::report(text(&report), now));
}

fn text(report: &Row) -> Vec<u8> {
    Value::Object(report.clone()).to_string().into_bytes()
}

fn own_machine() -> Option<MachineName> {
    own_name().parse().ok()
}

fn read(file: &Path) -> Result<(Vec<u8>, Timestamp), Trouble> {
    let unreadable =
        |detail: String| Trouble::new(Outcome::FileUnreadable, format_args!("{}: {detail}", file.display()));
    let (text, written_at) = input::read_file(file).map_err(|error| match error {
        InputError::Refused(why) => unreadable(why.to_string()),
        InputError::Unreadable(error) => unreadable(error.to_string()),
    })?;
    if text.len() > MAX_LENGTH {
        return Err(unreadable(format!("it is longer than {} MiB; split it", MAX_LENGTH / 1024 / 1024)));
    }
    Ok((text, written_at))
}

#[cfg(windows)]
async fn of_windows(
    named: Option<&MachineName>,
    now: Timestamp,
    memory: &Memory,
    config: &Config,
    collected: &mut Collected,
) {
    use super::{events, wmi};
    let (rows, troubles) = wmi::read().await;
    let is_complete = troubles.is_empty();
    collected.troubles.extend(troubles);
    let machine = named.cloned().or_else(|| rows::machine(&rows));
    // Where WMI says nothing, the system's own word lacks the domain: nobody enrols by that.
    collected.call(machine.as_ref());
    let machine = machine.or_else(own_machine);
    add_rows(&rows, (machine.clone(), now), is_complete, memory, config, collected).await;
    let Some(machine) = machine else { return };
    let program = events::program();
    for log in events::LOGS {
        let (program, since) = (program.clone(), memory.events_until(log.0));
        let read = tokio::task::spawn_blocking(move || events::read(&program, log, since, now)).await;
        // A panic of the reader is a fault of this program.
        match read.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())) {
            Ok(events) => {
                collected.bodies.extend(events.xml.map(|xml| Body::text(xml, &machine, now)));
                collected.events_until.extend(events.until.map(|until| (log.0, until)));
            }
            Err(trouble) => collected.troubles.push(trouble),
        }
    }
}

/// Other systems have nothing of this; the command line says so before.
#[cfg(not(windows))]
#[expect(clippy::unused_async, reason = "Windows is waited for")]
async fn of_windows(_: Option<&MachineName>, _: Timestamp, _: &Memory, _: &Config, collected: &mut Collected) {
    collected.troubles.push(Trouble::new(Outcome::LicensingUnreadable, "this is not Windows"));
}
