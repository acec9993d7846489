//! Log lines on stderr: for people, or as JSON for machines. Format and level can change while the program runs.

use crate::config::{Log, LogFormat, LogLevel};
use std::io::{IsTerminal, stderr};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry, fmt};

type Writer = Box<dyn Layer<Registry> + Send + Sync>;

/// Changes how logging is done.
#[derive(Clone)]
pub struct Logging(Handle<Writer, Registry>);

impl Logging {
    /// Begins to log.
    ///
    /// # Errors
    /// Where the process logs already.
    pub fn start(log: Log) -> Result<Self, TryInitError> {
        let (layer, handle) = reload::Layer::new(writer(log));
        tracing_subscriber::registry().with(layer).try_init()?;
        Ok(Self(handle))
    }

    /// Takes up other settings.
    pub fn apply(&self, log: Log) {
        // It fails only where the subscriber is gone, and then nothing is logged anyway.
        let _ = self.0.reload(writer(log));
    }
}

fn writer(log: Log) -> Writer {
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
    let colour = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let layer = fmt::layer().with_writer(stderr).with_target(false).with_ansi(colour);
    match log.format {
        LogFormat::Text => filter.and_then(layer).boxed(),
        LogFormat::Json => filter.and_then(layer.json().flatten_event(true)).boxed(),
    }
}
