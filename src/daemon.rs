//! `gracewatch serve`: everything that runs for as long as the process does.

mod reload;
mod settings;

use crate::catalogue::Message;
use crate::config::web_file::{Stamps, WebFile};
use crate::config::{Config, ConfigError, System, Web};
use crate::counters::Counters;
use crate::descriptors;
use crate::intake::service::{Access, Service};
use crate::intake::settings::Settings;
use crate::logging::Logging;
use crate::metrics::Metrics;
use crate::monitor::Monitors;
use crate::signal::{Signal, Signals};
use crate::state::{Reload, State};
use crate::supervision::Supervisor;
use crate::web::pages::DemoBar;
use crate::web::{self, Guard, InForce, Loaded, PageSources, ReloadRequest, Sources};
use reload::{PendingReload, Read, Reader, Refused};
use settings::SettingsWatch;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinError, JoinHandle};
use tracing::{error, info, warn};

/// How long requests under way may take once the daemon is asked to stop.
const GRACE: Duration = Duration::from_millis(500);

/// Where the configuration comes from, at the start and at each reload.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file; none for the built-in configuration.
    pub file: Option<PathBuf>,
    /// An address that takes precedence over the one in the file.
    pub listen: Option<SocketAddr>,
    /// A web configuration that takes precedence over the one in the file.
    pub web_config_file: Option<PathBuf>,
}

impl Source {
    /// Reads the configuration.
    ///
    /// # Errors
    /// [`ConfigError`] where it cannot be read or is not valid.
    pub fn load(&self) -> Result<Config, ConfigError> {
        let mut config = Config::load(self.file.as_deref())?;
        config.listen = self.listen.unwrap_or(config.listen);
        config.web.config_file = self.web_config_file.clone().or(config.web.config_file);
        Ok(config)
    }

    /// Reads the web configuration that a configuration names; one without anything where it names none.
    pub fn load_web(&self, config: &Config) -> Loaded {
        config.web.config_file.as_deref().map_or_else(|| (Ok(WebFile::default()), Stamps::default()), WebFile::load)
    }
}

/// Why the daemon ended, or could not begin.
#[derive(Debug, Error)]
pub enum DaemonError {
    /// The address to listen on cannot be had.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, #[source] io::Error),
    /// Signals cannot be caught.
    #[error("cannot catch signals: {0}")]
    Signals(#[source] io::Error),
    /// The HTTP server ended, which it never should.
    #[error("the HTTP server ended unexpectedly")]
    Web,
    /// A task ended that never should.
    #[error("a task ended unexpectedly: {0}")]
    Task(#[from] JoinError),
    /// The part that keeps the status of machines ended, which it never should.
    #[error("the service that keeps the status of machines ended unexpectedly")]
    Service,
    /// The system has no random numbers.
    #[error("the system provides no random numbers")]
    Random,
    /// The metrics cannot be set up.
    #[error("the metrics cannot be set up: {0}")]
    Metrics(#[from] prometheus::Error),
}

/// What a daemon is given that is a part of something else.
#[derive(Debug)]
pub struct Around {
    /// Where HTTP is served, in place of the address of the configuration.
    pub listener: TcpListener,
    /// The faults that can be switched on its pages.
    pub demo: Option<Arc<dyn DemoBar>>,
}

/// Runs until a signal says to stop.
///
/// # Errors
/// [`DaemonError`] where it cannot begin, or a part of it fails for good.
pub async fn run(source: Source, config: Config, web: (WebFile, Stamps), logging: Logging) -> Result<(), DaemonError> {
    let listener = web::listen(config.listen).map_err(|error| DaemonError::Listen(config.listen, error))?;
    // It is large, and there is one.
    Box::pin(run_within(Around { listener, demo: None }, source, config, web, logging)).await
}

/// The same within something else.
///
/// # Errors
/// [`DaemonError`] where it cannot begin, or a part of it fails for good.
pub async fn run_within(
    Around { listener, demo }: Around,
    source: Source,
    mut config: Config,
    (web_file, stamps): (WebFile, Stamps),
    logging: Logging,
) -> Result<(), DaemonError> {
    let mut signals = Signals::listen().map_err(DaemonError::Signals)?;
    let address = listener.local_addr().unwrap_or(config.listen);

    let state = Arc::new(State::new());
    let counters = Arc::new(Counters::new()?);
    let limit = descriptors::raise_limit();
    fit_descriptors(&mut config, limit);
    counters.http().set_most_connections(config.web.connections);
    let metrics = Arc::new(Metrics::new(Arc::clone(&state), Arc::clone(&counters))?);
    let (ask_to_reload, mut reloads) = mpsc::channel::<ReloadRequest>(1);
    let (stop, stopped) = oneshot::channel::<()>();
    let config = Arc::new(config);
    let (settings, service) = service_of(&config, &state, &counters)?.unzip();
    let [status, access] = [(); 2].map(|()| service.as_ref().map(Service::access));
    let in_force = Arc::new(InForce::new(Arc::clone(&state), config.web.config_file.clone(), web_file, stamps));
    let guard = Guard::new(Arc::clone(&in_force), counters.guard().clone()).map_err(|_| DaemonError::Random)?;
    let (web, web_settings) = watch::channel(config.web.clone());
    let (configured, known_config) = watch::channel(Arc::clone(&config));
    let sources = Sources {
        state: Arc::clone(&state),
        metrics,
        status,
        settings: web_settings,
        config: known_config,
        counters: Arc::clone(&counters),
        reload: ask_to_reload,
        guard: Arc::new(guard),
        pages: PageSources::new(demo),
    };
    let mut server = tokio::spawn(web::serve(listener, sources, async {
        // The sender going away says to stop as well.
        let _ = stopped.await;
    }));

    let listening = listening(&in_force, address);
    info!(version = env!("CARGO_PKG_VERSION"), "{listening}");
    welcome(&config);
    let mut supervisor = Supervisor::new();
    supervisor.is_ready(&listening);
    let mut service = tokio::spawn(run_if_any(service));
    let monitors = Monitors::start(Arc::clone(&config), Arc::clone(&state), Arc::clone(&counters));
    let mut daemon = Daemon {
        source,
        config,
        in_force: Arc::clone(&in_force),
        settings,
        web,
        configured,
        logging,
        state,
        counters,
        monitors,
        limit,
    };
    let (mut reload, mut reader) = (PendingReload::default(), Reader::default());
    let mut watch = pin!(in_force.watch());
    let mut settings_watch = SettingsWatch::default();
    loop {
        tokio::select! {
            () = daemon.monitors.supervise() => {}
            signal = signals.next() => match signal {
                Signal::Stop => break,
                // The outcome is in the log and in the metrics; a signal has no reply.
                Signal::Reload => reload.ask(None),
            },
            Some(reply) = reloads.recv(), if reload.takes_more() => reload.ask(Some(reply)),
            () = reload.is_due(), if !reader.is_reading() => {
                supervisor.is_reloading();
                reload.begin();
                reader.begin(daemon.source.clone(), Arc::clone(&daemon.config));
            }
            read = reader.done() => {
                reload.done(&daemon.take(read).await);
                supervisor.is_ready(&listening);
            }
            system = settings_watch.changed(&daemon.config.system, daemon.config.probe.interval) => {
                daemon.follow(&system).await;
            }
            () = supervisor.beat() => {}
            () = &mut watch => {}
            ended = &mut service => {
                ended?;
                return Err(DaemonError::Service);
            }
            ended = &mut server => {
                ended?;
                return Err(DaemonError::Web);
            }
        }
    }

    info!("stopping");
    supervisor.is_stopping();
    drop((daemon, stop));
    finish(server, service, access).await;
    Ok(())
}

/// Where it listens, in words.
fn listening(in_force: &InForce, address: SocketAddr) -> String {
    let scheme = if in_force.get().tls.is_some() { "https" } else { "http" };
    format!("listening on {scheme}://{address}")
}

/// The service that keeps the status of machines, and where its settings go; `None` where none is kept.
fn service_of(
    config: &Arc<Config>,
    state: &Arc<State>,
    counters: &Arc<Counters>,
) -> prometheus::Result<Option<(watch::Sender<Settings>, Service)>> {
    let Some(settings) = Settings::new(config) else { return Ok(None) };
    let (sender, settings) = watch::channel(settings);
    let service = Service::new(settings, Arc::clone(state), Arc::clone(counters))?;
    Ok(Some((sender, service)))
}

/// Lets what is under way finish. What does not in time is cut off with the process.
async fn finish<S, T>(server: JoinHandle<S>, service: JoinHandle<T>, access: Option<Access>) {
    let _ = tokio::time::timeout(GRACE, server).await;
    // Requests under way were waiting for it.
    service.abort();
    let _ = tokio::time::timeout(GRACE, service).await;
    if let Some(access) = access {
        access.close().await;
    }
}

/// Runs the service where there is one; waits without end where there is none.
async fn run_if_any(service: Option<Service>) {
    match service {
        Some(service) => service.run().await,
        None => pending().await,
    }
}

/// What a reload of the configuration touches.
struct Daemon {
    source: Source,
    config: Arc<Config>,
    in_force: Arc<InForce>,
    /// Where the settings of the service go; none where no status is kept.
    settings: Option<watch::Sender<Settings>>,
    /// Where the settings of the HTTP server go, and all settings.
    web: watch::Sender<Web>,
    configured: watch::Sender<Arc<Config>>,
    logging: Logging,
    state: Arc<State>,
    counters: Arc<Counters>,
    monitors: Monitors,
    /// How many file descriptors this process may have.
    limit: Option<u64>,
}

impl Daemon {
    /// Goes by other settings of this machine from now on.
    async fn follow(&mut self, system: &System) {
        info!("the resolver settings of this machine have changed, and are used from now on");
        let config = self.config.following(system);
        if config.follows_domains {
            welcome(&config);
        } else {
            log_faults(system);
        }
        self.config = Arc::new(config);
        self.configured.send_replace(Arc::clone(&self.config));
        self.monitors.reconfigure(Arc::clone(&self.config)).await;
    }

    /// Swaps the configuration, whole or not at all.
    async fn take(&mut self, read: Result<Read, Refused>) -> Result<(), Message> {
        match read {
            Ok((mut config, web_file, stamps)) => {
                self.logging.apply(&config.log);
                info!("the configuration is reloaded");
                fit_descriptors(&mut config, self.limit);
                welcome(&config);
                self.in_force.replace(config.web.config_file.clone(), web_file, stamps);
                self.counters.http().set_most_connections(config.web.connections);
                self.web.send_replace(config.web.clone());
                self.config = Arc::new(config);
                self.configured.send_replace(Arc::clone(&self.config));
                if let (Some(sender), Some(settings)) = (&self.settings, Settings::new(&self.config)) {
                    sender.send_replace(settings);
                }
                self.monitors.reconfigure(Arc::clone(&self.config)).await;
                self.state.update(|known| known.reload = Reload { successful: true, succeeded_at: SystemTime::now() });
                Ok(())
            }
            Err(Refused { reason, web }) => {
                error!("the configuration is refused, the running one stays: {reason}");
                if let Some((file, stamps)) = web {
                    self.in_force.keep(file.as_deref(), stamps);
                }
                self.state.update(|known| known.reload.successful = false);
                Err(reason)
            }
        }
    }
}

/// Logs what of the settings of this machine is skipped.
fn log_faults(system: &System) {
    for fault in &system.faults {
        warn!("{fault}");
    }
}

/// Lowers how many probes may run and connections may be open at once to what there are descriptors for.
fn fit_descriptors(config: &mut Config, limit: Option<u64>) {
    for lowered in descriptors::fit(&mut config.probe.concurrency, Some(&mut config.web.connections), limit) {
        warn!("{lowered}");
    }
}

/// Says what is watched, and how to name something where nothing is.
fn welcome(config: &Config) {
    log_faults(&config.system);
    if config.paths.is_empty() {
        warn!(
            "this machine has no DNS domain, so there is nothing to watch; name one in a file given by --config: \
             paths: [{{name: corp, kms: {{domain: corp.example}}}}]"
        );
    }
    for path in &config.paths {
        info!(path = path.name.as_ref(), "watching {}", path.kind);
    }
    if config.clock.ntp.is_empty() {
        info!("no NTP server is configured, so true time is unknown; name some: clock: {{ntp: [ntp1.corp.example]}}");
    }
}
