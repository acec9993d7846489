//! Lines in the event log of Windows, each with the id of its subject. One thread hands them over: that is a call to
//! another process.

use super::subjects;
use std::io::{self, Write};
use std::sync::mpsc::{self, SyncSender};
use std::thread::Builder;
use std::time::Duration;
use tracing::dispatcher::{self, Dispatch};
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, error, info, warn};
use tracing_layer_win_eventlog::EventLogLayer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

/// The name under which lines are there.
const SOURCE: &str = "Gracewatch";

/// How many lines may wait. Whoever logs more waits for room, as on stderr.
const QUEUE: usize = 1024;

/// How long the last lines are waited for.
const LIMIT: Duration = Duration::from_secs(1);

/// The event log.
#[derive(Clone)]
pub(super) struct EventLog(SyncSender<Item>);

enum Item {
    Line(Level, u32, String),
    /// Answers once all before it is written.
    Flush(SyncSender<()>),
}

impl EventLog {
    /// Opens it, and begins to write what comes.
    pub(super) fn start() -> io::Result<Self> {
        let layer = EventLogLayer::new(SOURCE).map_err(|error| io::Error::other(error.to_string()))?;
        // What others log is not for it.
        let own = Targets::new().with_target(module_path!(), LevelFilter::INFO);
        let event_log = Dispatch::new(tracing_subscriber::registry().with(own).with(layer));
        let (sender, items) = mpsc::sync_channel(QUEUE);
        let write = move || dispatcher::with_default(&event_log, || items.into_iter().for_each(Item::write));
        Builder::new().name("event log".to_owned()).spawn(write)?;
        Ok(Self(sender))
    }

    /// Waits until what was logged is written.
    pub(super) fn flush(&self) {
        let (sender, done) = mpsc::sync_channel(1);
        if self.0.send(Item::Flush(sender)).is_ok() {
            let _ = done.recv_timeout(LIMIT);
        }
    }

    fn entry(&self, level: Level, id: u32) -> Entry<'_> {
        Entry { event_log: self, level, id, text: Vec::new() }
    }
}

impl Item {
    fn write(self) {
        match self {
            Self::Line(Level::ERROR, id, text) => error!(id, "{text}"),
            Self::Line(Level::WARN, id, text) => warn!(id, "{text}"),
            Self::Line(_, id, text) => info!(id, "{text}"),
            // Whoever asked may have given up.
            Self::Flush(done) => drop(done.try_send(())),
        }
    }
}

impl<'a> MakeWriter<'a> for EventLog {
    type Writer = Entry<'a>;

    fn make_writer(&'a self) -> Entry<'a> {
        self.entry(Level::INFO, subjects::id(""))
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Entry<'a> {
        self.entry(*metadata.level(), subjects::id(metadata.target()))
    }
}

/// A line that is being written.
pub(super) struct Entry<'a> {
    event_log: &'a EventLog,
    level: Level,
    id: u32,
    text: Vec<u8>,
}

impl Write for Entry<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.text).trim_end().to_owned();
        // Where the thread is gone, nothing can be done.
        let _ = self.event_log.0.send(Item::Line(self.level, self.id, text));
    }
}
