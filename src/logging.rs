//! Log lines on stderr, or in the event log where Windows runs the program as a service, and in files if wanted: for
//! people, or as JSON for machines. Where they go beside that, their format and level can change while the program runs.

#[cfg(windows)]
mod event_log;
#[cfg(any(windows, test))]
mod subjects;

use crate::config::{Log, LogFiles, LogFormat, LogLevel};
use std::io::{IsTerminal, stderr};
use tracing::level_filters::LevelFilter;
use tracing::warn;
use tracing_appender::rolling::{InitError, RollingFileAppender, Rotation};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry, fmt};

type Writer = Box<dyn Layer<Registry> + Send + Sync>;

/// How the files are called: `gracewatch.2026-11-30.log`.
const PREFIX: &str = env!("CARGO_CRATE_NAME");
const SUFFIX: &str = "log";

/// Changes how logging is done.
#[derive(Clone)]
pub struct Logging {
    handle: Handle<Writer, Registry>,
    place: Place,
}

/// Where lines always go.
#[derive(Clone)]
enum Place {
    Stderr,
    #[cfg(windows)]
    EventLog(event_log::EventLog),
}

impl Logging {
    /// Begins to log on stderr.
    ///
    /// # Errors
    /// Where the process logs already.
    pub fn start(log: &Log) -> Result<Self, TryInitError> {
        Self::start_in(Place::Stderr, log)
    }

    /// Begins to log in the event log of Windows; on stderr where that cannot be had.
    ///
    /// # Errors
    /// Where the process logs already.
    #[cfg(windows)]
    pub fn start_in_event_log(log: &Log) -> Result<Self, TryInitError> {
        match event_log::EventLog::start() {
            Ok(event_log) => Self::start_in(Place::EventLog(event_log), log),
            Err(error) => {
                let logging = Self::start(log)?;
                warn!("the event log cannot be opened: {error}");
                Ok(logging)
            }
        }
    }

    fn start_in(place: Place, log: &Log) -> Result<Self, TryInitError> {
        let (writer, fault) = writer(log, &place);
        let (layer, handle) = reload::Layer::new(writer);
        tracing_subscriber::registry().with(layer).try_init()?;
        warn_of(log, fault);
        Ok(Self { handle, place })
    }

    /// Takes up other settings.
    pub fn apply(&self, log: &Log) {
        let (writer, fault) = writer(log, &self.place);
        // It fails only where the subscriber is gone, and then nothing is logged anyway.
        let _ = self.handle.reload(writer);
        warn_of(log, fault);
    }

    /// Waits until what was logged is where it belongs.
    pub fn flush(&self) {
        match &self.place {
            Place::Stderr => {}
            #[cfg(windows)]
            Place::EventLog(event_log) => event_log.flush(),
        }
    }
}

/// Says that there are no files where there should be.
fn warn_of(log: &Log, fault: Option<InitError>) {
    if let (Some(files), Some(error)) = (&log.files, fault) {
        warn!(folder = %files.folder.display(), "no log files can be written: {error}");
    }
}

/// What writes lines, and why there are no files where there should be.
fn writer(log: &Log, place: &Place) -> (Writer, Option<InitError>) {
    let level = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    // Libraries say what they think of single answers and lines; only what stops them concerns who reads this log.
    // The outcome of a login is in the observation it is part of.
    let filter = Targets::new()
        .with_default(LevelFilter::ERROR)
        .with_target("sspi", LevelFilter::OFF)
        .with_target(env!("CARGO_CRATE_NAME"), level);
    let first = match place {
        Place::Stderr => {
            let colour = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            lines(log.format, stderr, colour)
        }
        // Each entry there has its time and its level.
        #[cfg(windows)]
        Place::EventLog(event_log) => {
            let layer = fmt::layer().with_writer(event_log.clone()).with_target(false).with_ansi(false);
            let layer = layer.without_time().with_level(false);
            match log.format {
                LogFormat::Text => layer.boxed(),
                LogFormat::Json => layer.json().flatten_event(true).boxed(),
            }
        }
    };
    let (files, fault) = match log.files.as_ref().map(appender) {
        Some(Ok(appender)) => (Some(lines(log.format, appender, false)), None),
        Some(Err(fault)) => (None, Some(fault)),
        None => (None, None),
    };
    let writer = filter.and_then(first);
    // A layer that is not there would keep the others from every line.
    let writer = match files {
        Some(files) => writer.and_then(files).boxed(),
        None => writer.boxed(),
    };
    (writer, fault)
}

/// What appends to the file of the day, and deletes the oldest.
fn appender(files: &LogFiles) -> Result<RollingFileAppender, InitError> {
    RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(PREFIX)
        .filename_suffix(SUFFIX)
        .max_log_files(files.keep)
        .build(&files.folder)
}

/// A line to each event.
fn lines<W>(format: LogFormat, writer: W, colour: bool) -> Writer
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = fmt::layer().with_writer(writer).with_target(false).with_ansi(colour);
    match format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;
    use tracing::{debug, info};

    fn log(folder: PathBuf) -> Log {
        Log { files: Some(LogFiles { folder, keep: 2 }), ..Log::default() }
    }

    #[test]
    fn lines_are_in_the_file_of_the_day_and_old_files_are_deleted() {
        let folder = tempfile::tempdir().unwrap();
        for day in ["2026-01-01", "2026-01-02", "2026-01-03"] {
            fs::write(folder.path().join(format!("gracewatch.{day}.log")), "old\n").unwrap();
        }
        fs::write(folder.path().join("other.txt"), "").unwrap();
        let (writer, fault) = writer(&log(folder.path().to_owned()), &Place::Stderr);
        assert!(fault.is_none(), "{fault:?}");
        tracing::subscriber::with_default(tracing_subscriber::registry().with(writer), || {
            info!(path = "corp", "watching");
            debug!("not at this level");
        });
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        let logs: Vec<_> = names.iter().filter(|path| path.extension().is_some_and(|end| end == "log")).collect();
        assert_eq!((names.len(), logs.len()), (3, 2), "{names:?}");
        let text: String = logs.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        assert!(text.contains("INFO watching path=\"corp\"\n") && !text.contains("not at this level"), "{text}");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_reported_and_does_no_harm() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (_, fault) = writer(&log(file.path().join("log")), &Place::Stderr);
        assert!(fault.is_some());
    }
}
