//! The configuration: YAML becomes raw values, raw values become a checked [`Config`], once. The rest of the
//! program sees only what is checked.

pub mod agent;
mod check;
mod cloud_kms;
mod duration;
mod error;
mod inbox;
mod interpolate;
mod microsoft;
mod probe_targets;
mod proxy_choice;
mod raw;
pub mod store_url;
pub mod system;
mod system_proxy;
#[cfg(test)]
mod tests;
pub mod tokens;
pub mod web_file;

pub use agent::Agent;
pub use check::leave_out_prefix;
pub use error::ConfigError;
pub use inbox::Inbox;
pub use probe_targets::{ProbeTarget, ProbeTargets};
pub use proxy_choice::ProxyChoice;
pub use system::System;

use crate::catalogue::{Message, message};
use crate::clock::host_clock::{HostClock, Protocol};
use crate::config::tokens::Tokens;
use crate::host::{HostPort, own_name};
use crate::online::endpoint::Endpoint;
use crate::online::trust;
use crate::path::{Allowed, Discovery, Kind, Kms, Path, Resolution};
use jiff::SignedDuration;
use rustls::pki_types::CertificateDer;
use std::io::Read as _;
use std::net::{Ipv6Addr, SocketAddr};
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};
use store_url::StoreUrl;

/// The port on which the daemon serves HTTP by default.
pub const DEFAULT_PORT: u16 = 10688;

/// A commented configuration with every key there is.
pub const EXAMPLE: &str = include_str!("../deploy/gracewatch.yaml");

/// The longest configuration that is read, in bytes.
const MAX_LENGTH: u64 = 1024 * 1024;

/// What an instance is called whose store is a file, unless it has a name.
const OF_FILE: &str = "local";

/// The name of the path that is made of the machine's own domains.
const DEFAULT_PATH: &str = "default";

/// A checked configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// How often, how long and how much at once is probed.
    pub probe: Probe,
    /// How soon verdicts change.
    pub verdict: Damping,
    /// The paths that are watched; their names differ.
    pub paths: Vec<Path>,
    /// Whom to ask for the time.
    pub clock: Clock,
    /// The activation status of machines; `None` where it is not kept.
    pub status: Option<Status>,
    /// How HTTP is served.
    pub web: Web,
    /// Whom an agent on this machine reports to; `None` where that is not configured.
    pub agent: Option<Agent>,
    /// What is logged, and how.
    pub log: Log,
    /// What this instance is called among those that share a store; `None` for the name of this machine.
    pub site: Option<Arc<str>>,
    /// The settings of this machine that it goes by.
    pub system: System,
    /// True where the paths are the domains of this machine.
    pub follows_domains: bool,
}

/// How often, how long and how much at once is probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// From one probe of a target to the next: a second to a day, and not less than `timeout`.
    pub interval: Duration,
    /// The longest time each stage may take: 10 ms to a minute.
    pub timeout: Duration,
    /// How many jobs run at once: 1 to 4096.
    pub concurrency: usize,
}

impl Default for Probe {
    fn default() -> Self {
        Self { interval: Duration::from_mins(1), timeout: Duration::from_secs(5), concurrency: 256 }
    }
}

/// How soon the verdict on a path changes, so that what fails now and then does not make it flap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damping {
    /// How many rounds in a row have to fail before a verdict worsens: 1 to 10, where 1 is at once.
    pub failing_rounds: u32,
    /// For how long a verdict that worsened stays at the least: none to an hour.
    pub hold: Duration,
    /// From when on a target that fails now and then degrades its path.
    pub intermittent: Intermittent,
}

/// How often a target has to fail to be intermittent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intermittent {
    /// In so many of its last rounds: 1 to `of`.
    pub failures: u32,
    /// Of so many: 2 to 32.
    pub of: u32,
}

impl Default for Intermittent {
    fn default() -> Self {
        Self { failures: 3, of: 6 }
    }
}

impl Damping {
    /// Verdicts are shown as they are.
    pub const NONE: Self =
        Self { failing_rounds: 1, hold: Duration::ZERO, intermittent: Intermittent { failures: 3, of: 6 } };

    /// One round that fails is tolerated.
    pub const FAILING_ROUNDS: u32 = 2;

    /// The longest hold.
    pub const MAX_HOLD: Duration = Duration::from_hours(1);

    /// How verdicts change by default, where a round takes `interval`.
    pub fn usual(interval: Duration) -> Self {
        let hold = interval.saturating_mul(2).min(Self::MAX_HOLD);
        Self { failing_rounds: Self::FAILING_ROUNDS, hold, intermittent: Intermittent::default() }
    }
}

/// Whom to ask for the time, and how far off a clock may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// NTP servers; where there are none, true time is not known.
    pub ntp: Vec<HostPort>,
    /// The ways in which KMS hosts are asked for theirs, in the order in which they are tried; none where they are not.
    pub host_clocks: Arc<[HostClock]>,
    /// From where on a clock is reported: a second to the four hours that Windows tolerates.
    pub warn: Duration,
    /// Who resolves their names.
    pub resolution: Resolution,
}

impl Clock {
    /// The ways in which KMS hosts are asked for their time by default: those that any Windows may have open
    /// and that leave no trace in its event log.
    pub const AUTO: [HostClock; 2] = [HostClock::usual(Protocol::Smb2), HostClock::usual(Protocol::HttpDate)];

    /// From where on a clock is reported by default.
    pub const WARN: Duration = Duration::from_hours(1);
}

/// The activation status of machines: where reports come from, and where they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Where reports are kept.
    pub store: StoreUrl,
    /// The folder whose files are imported; none where there is no such folder.
    pub inbox: Option<Arc<Inbox>>,
    /// A file with the machines that are expected, or a folder of such files; `None` where any may report.
    pub inventory: Option<Arc<FilePath>>,
    /// Who may send reports over HTTP; nobody where there are no tokens.
    pub tokens: Tokens,
    /// A machine without reports for this long is stale: an hour to a year.
    pub stale_after: Duration,
    /// A machine without reports for this long is forgotten: longer than `stale_after`, up to ten years.
    pub forget_after: Duration,
    /// How long changes of status and daily figures are kept: a day to ten years.
    pub history: Duration,
    /// How many licenses, those most at risk, have series of their own: up to 1000.
    pub at_risk: usize,
    /// How many licenses all machines may have together: a thousand to twenty million.
    pub licenses: usize,
}

impl Status {
    /// A KMS client is reported every 7 days, by its host or by itself.
    pub const STALE_AFTER: Duration = Duration::from_hours(8 * 24);

    /// More than two years of 180 days, and of a trend of a year.
    pub const FORGET_AFTER: Duration = Duration::from_hours(400 * 24);

    /// A year, and some days to compare it with.
    pub const HISTORY: Duration = Duration::from_hours(400 * 24);

    /// When a machine is stale, as the store takes it.
    pub fn stale_after(&self) -> SignedDuration {
        // A year at the most.
        SignedDuration::try_from(self.stale_after).unwrap_or(SignedDuration::MAX)
    }

    /// As many as fit on a screen twice.
    pub const AT_RISK: usize = 50;
}

/// How HTTP is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// How many connections are open at once: 8 to 65536.
    pub connections: usize,
    /// Who may have the configuration read again.
    pub allow_reload: AllowReload,
    /// A file with TLS, client certificates, users and a limit of requests; `None` where all of that is off.
    pub config_file: Option<PathBuf>,
    /// What may be probed over HTTP.
    pub probe_targets: ProbeTargets,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            connections: 512,
            allow_reload: AllowReload::default(),
            config_file: None,
            probe_targets: ProbeTargets::default(),
        }
    }
}

/// Who may have the configuration read again over HTTP. A signal always does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AllowReload {
    /// Whoever is on this machine.
    #[default]
    Loopback,
    /// Whoever is a proven user, from anywhere, and whoever is on this machine.
    Authenticated,
    /// Nobody.
    Never,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Log {
    /// For people or for machines.
    pub format: LogFormat,
    /// The least severe events that are logged.
    pub level: LogLevel,
    /// Files with the same lines; `None` where none are written.
    pub files: Option<LogFiles>,
}

/// Files of the log, one a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFiles {
    pub folder: PathBuf,
    /// How many are kept: 1 to 1000.
    pub keep: usize,
}

impl LogFiles {
    /// Two weeks.
    pub const KEEP: usize = 14;
}

/// The shape of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// How severe an event must be to be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogLevel {
    /// Only what stops the program from doing its work.
    Error,
    /// And what is broken.
    Warn,
    /// And what changed.
    #[default]
    Info,
    /// And how it works.
    Debug,
    /// And everything else.
    Trace,
}

impl Config {
    /// The configuration in `file`, or the built-in one where there is none.
    ///
    /// # Errors
    /// [`ConfigError`] where the file cannot be read or is not a valid configuration.
    pub fn load(file: Option<&FilePath>) -> Result<Self, ConfigError> {
        let system = System::read();
        match file {
            None => Ok(Self::built_in(&system)),
            Some(file) => {
                let origin = file.display().to_string();
                let text = read(file).map_err(|message| ConfigError::new(&origin, None, message))?;
                Self::parse(&text, &origin, &system, &|name| env::var(name).ok())
            }
        }
    }

    /// The same for a command that takes no reports: the file of tokens is not read, which may not be there yet, or not
    /// be for whoever runs the command.
    ///
    /// # Errors
    /// [`ConfigError`] where the file cannot be read or is not a valid configuration.
    pub fn load_without_tokens(file: Option<&FilePath>) -> Result<Self, ConfigError> {
        let system = System::read();
        let Some(file) = file else { return Ok(Self::built_in(&system)) };
        let origin = file.display().to_string();
        let text = read(file).map_err(|message| ConfigError::new(&origin, None, message))?;
        let variable = |name: &str| env::var(name).ok();
        Self::parse_with(&text, &check::Check::new(&origin, &system, &variable).without_tokens(), &origin)
    }

    /// Reads and checks a configuration. `origin` names it in errors, `variable` looks up environment variables.
    ///
    /// # Errors
    /// [`ConfigError`] with the line and column of the first fault.
    pub fn parse(
        text: &[u8],
        origin: &str,
        system: &System,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        Self::parse_with(text, &check::Check::new(origin, system, variable), origin)
    }

    fn parse_with(text: &[u8], check: &check::Check<'_>, origin: &str) -> Result<Self, ConfigError> {
        let raw = raw::parse(text).map_err(|fault| fault.into_error(origin))?;
        check.config(raw).map_err(|fault| check.discreet_fault(fault).into_error(origin))
    }

    /// True for a file without any key, which stands for the configuration that is built in.
    pub fn is_empty(file: &FilePath) -> bool {
        read(file).is_ok_and(|text| {
            String::from_utf8_lossy(&text).lines().map(|line| line.trim_start_matches('\u{feff}').trim()).all(|line| {
                line.is_empty() || line.starts_with('#') || matches!(line, "---" | "..." | "{}" | "null" | "~")
            })
        })
    }

    /// The file of tokens that the configuration in `file` names, and how that is written there, which may be shown;
    /// none where it names none. Nothing else is checked, since a file of tokens that is yet to be made is a fault.
    ///
    /// # Errors
    /// [`ConfigError`] where the file cannot be read or is not a configuration.
    pub fn tokens_file(file: &FilePath) -> Result<Option<(PathBuf, String)>, ConfigError> {
        let origin = file.display().to_string();
        let text = read(file).map_err(|message| ConfigError::new(&origin, None, message))?;
        let raw = raw::parse(&text).map_err(|fault| fault.into_error(&origin))?;
        let system = System::default();
        let variable = |name: &str| env::var(name).ok();
        let check = check::Check::new(&origin, &system, &variable);
        check.tokens_file(&raw).map_err(|fault| check.discreet_fault(fault).into_error(&origin))
    }

    /// What is used without a file: the domains of this machine, if it has any.
    pub fn built_in(system: &System) -> Self {
        let probe = Probe::default();
        Self {
            listen: (Ipv6Addr::UNSPECIFIED, DEFAULT_PORT).into(),
            probe,
            verdict: Damping::usual(probe.interval),
            paths: system_paths(system),
            clock: Clock {
                ntp: Vec::new(),
                host_clocks: Clock::AUTO.into(),
                warn: Clock::WARN,
                resolution: system.resolution(),
            },
            status: None,
            web: Web::default(),
            agent: None,
            log: Log::default(),
            site: None,
            system: system.clone(),
            follows_domains: true,
        }
    }

    /// What this instance is called among those that share a store. A file is its own, also where a container has another
    /// name each time it starts.
    pub fn instance(&self) -> String {
        let is_of_file = self.status.as_ref().is_some_and(|status| matches!(status.store, StoreUrl::Sqlite(_)));
        match &self.site {
            Some(site) => site.to_string(),
            None if is_of_file => OF_FILE.to_owned(),
            None => own_name(),
        }
    }

    /// The same on a machine whose settings are these now. What is configured stays.
    #[must_use]
    pub fn following(&self, system: &System) -> Self {
        let mut config = Self { system: system.clone(), ..self.clone() };
        config.clock.resolution = system.resolution();
        if config.follows_domains {
            config.paths = system_paths(system);
            return config;
        }
        for path in &mut config.paths {
            let nameservers = std::mem::take(&mut path.resolution.nameservers);
            let resolution =
                if path.resolution.hosts_file { system.resolution() } else { system.resolution_by(nameservers) };
            path.resolution = resolution.within(path.kind.domains());
            if let Kind::Kms(kms) = &mut path.kind {
                kms.allowed.set_beside(&path.resolution);
            }
        }
        config
    }
}

/// The path of the machine's own domains; none where it has no domain.
fn system_paths(system: &System) -> Vec<Path> {
    if system.domains.is_empty() {
        return Vec::new();
    }
    let discovery = Discovery::Domains { domains: system.domains.clone(), search: true, expected_hosts: Vec::new() };
    let resolution = system.resolution();
    let kind = Kind::Kms(Kms { discovery, reads_clocks: true, allowed: Allowed::usual(&resolution) });
    vec![Path { name: Arc::from(DEFAULT_PATH), kind, resolution }]
}

/// Reads a time limit as `probe.timeout` takes it: 10 ms to a minute.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn parse_timeout(text: &str) -> Result<Duration, Message> {
    check::timeout(text)
}

/// Reads the roots that are trusted beside the system's and Microsoft's, in PEM.
///
/// # Errors
/// A clause that says what is wrong with the file.
pub fn read_roots(file: &FilePath) -> Result<Vec<CertificateDer<'static>>, Message> {
    Ok(trust::read_roots(&read(file)?)?)
}

/// Reads a file of tokens.
///
/// # Errors
/// A clause that says what is wrong with the file.
pub fn read_tokens_file(file: &FilePath) -> Result<String, Message> {
    String::from_utf8(read(file)?).map_err(|_| message!("file-not-utf8"))
}

/// The endpoint that a URL names, with what is known of it where it is one of Microsoft's.
///
/// # Errors
/// A clause that says what is wrong with the URL.
pub fn known_endpoint(url: &str) -> Result<Endpoint, Message> {
    Ok(microsoft::endpoint(url)?)
}

/// A JSON Schema of the configuration, for editors.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(raw::Raw).to_value()
}

/// Reads a file of the configuration, of bounded length.
fn read(file: &FilePath) -> Result<Vec<u8>, Message> {
    read_bounded(file, MAX_LENGTH)
}

/// Reads a file of up to `most` bytes. What is not a file, such as a pipe, is refused: it may never end.
///
/// # Errors
/// A clause that says what is wrong with the file.
pub fn read_bounded(file: &FilePath, most: u64) -> Result<Vec<u8>, Message> {
    let unreadable = |error: std::io::Error| {
        // The number that the system gives it is of no use.
        message!("file-unreadable", error = error.to_string().split(" (os error").next().unwrap_or_default())
    };
    let check = |metadata: &fs::Metadata| match metadata.len() {
        _ if !metadata.is_file() => Err(message!("file-not-a-file")),
        length if length > most => Err(message!("file-too-long", length = length, most = most)),
        _ => Ok(()),
    };
    // To open a device may already do something.
    check(&fs::metadata(file).map_err(unreadable)?)?;
    let mut options = fs::File::options();
    // What takes its place meanwhile is not waited for.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, nix::libc::O_NONBLOCK);
    let file = options.read(true).open(file).map_err(unreadable)?;
    check(&file.metadata().map_err(unreadable)?)?;
    let mut bytes = Vec::new();
    // Some have more than they say, and others grow.
    file.take(most + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let length = bytes.len();
    if length as u64 > most { Err(message!("file-too-long", length = length, most = most)) } else { Ok(bytes) }
}
