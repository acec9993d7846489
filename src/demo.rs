//! `gracewatch demo`: a company on loopback, in one process, that the daemon probes as it would any other. Nothing leaves
//! this machine, and nothing is left on it.
//!
//! The servers are real as far as a probe sees them, and do nothing else: the KMS hosts answer RPC binds and refuse each
//! request, so that they cannot activate anything. The daemon is that of `serve`, with a configuration file like any
//! other, real probes, and a store; machines report to it over HTTP. Faults are switched on and off while it runs.

mod certificates;
mod company;
mod configuration;
mod endpoint;
mod fault;
mod host_clock;
mod kms_host;
mod machines;
mod nameserver;
mod proxy;
mod sender;
mod serving;
mod time_server;

pub use fault::Fault;

use crate::config::web_file::{Stamps, WebFile};
use crate::config::{ConfigError, DEFAULT_PORT};
use crate::daemon::{self, Around, DaemonError, Source};
use crate::logging::Logging;
use crate::secret::Secret;
use crate::web;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use company::Company;
use fault::Switchboard;
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use sender::Sender;
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::warn;

/// The name of the token by which the machines report, and how long that is, in bytes.
const TOKEN: &str = "demo";
const TOKEN_LENGTH: usize = 24;

/// How the name of the folder begins, and the file of the configuration in it.
const FOLDER: &str = "gracewatch-demo-";
const CONFIGURATION: &str = "gracewatch.yaml";

/// Why the demo cannot begin, or ended.
#[derive(Debug, Error)]
pub enum DemoError {
    /// A server of the company cannot be started.
    #[error("a server of the demo cannot start on loopback: {0}")]
    Company(#[source] io::Error),
    /// Its folder for temporary files cannot be written.
    #[error("the demo cannot write to the folder for temporary files: {0}")]
    Folder(#[source] io::Error),
    /// Its own configuration is wrong, which is a fault of this program.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The daemon cannot begin, or ended.
    #[error(transparent)]
    Daemon(#[from] DaemonError),
}

/// A demo that is about to run.
pub struct Demo {
    company: Company,
    /// Gone with this value, and all that is in it.
    folder: TempDir,
    token: Secret,
    socket: TcpListener,
    /// Where HTTP is served.
    pub address: SocketAddr,
    /// The usual address, where that is taken and this is another.
    pub in_use: Option<SocketAddr>,
    on: BTreeSet<Fault>,
}

impl Demo {
    /// Starts the servers of the company, with these faults, and listens there: without an address on the usual port of
    /// loopback, or where that is taken on another.
    ///
    /// # Errors
    /// [`DemoError`] where something that is needed cannot be had.
    pub async fn start(listen: Option<SocketAddr>, on: BTreeSet<Fault>) -> Result<Self, DemoError> {
        let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT));
        let open = |address| web::listen(address).map_err(|error| DaemonError::Listen(address, error));
        let (socket, in_use) = match (open(listen.unwrap_or(usual)), listen) {
            (Err(DaemonError::Listen(_, error)), None) if error.kind() == io::ErrorKind::AddrInUse => {
                (open((Ipv4Addr::LOCALHOST, 0).into())?, Some(usual))
            }
            (opened, _) => (opened?, None),
        };
        let address = socket.local_addr().map_err(DemoError::Company)?;
        let company = Company::start().await.map_err(DemoError::Company)?;
        company.break_and_fix(&on).await.map_err(DemoError::Company)?;
        remove_left_over(&company);
        let prefix = format!("{FOLDER}{}-", company.number());
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir().map_err(DemoError::Folder)?;
        let token = token()?;
        write_files(&company, folder.path(), &token).map_err(DemoError::Folder)?;
        Ok(Self { company, folder, token, socket, address, in_use, on })
    }

    /// Runs the daemon over the company until a signal says to stop.
    ///
    /// # Errors
    /// [`DemoError`] where the daemon cannot begin, or a part of it fails for good.
    pub async fn run(self, logging: Logging) -> Result<(), DemoError> {
        let Self { company, folder, token, socket, address, on, .. } = self;
        let file = folder.path().join(CONFIGURATION);
        let source = Source { file: Some(file), listen: Some(address), web_config_file: None };
        let config = source.load()?;
        let board = Arc::new(Switchboard::new(on));
        let sender = Sender::new(reached_at(address), token, company.kms_ports()).map_err(DemoError::Company)?;
        let mut beside = JoinSet::new();
        beside.spawn(follow(company, board.follow(), sender));
        let around = Around { listener: socket, demo: Some(board) };
        let web = (WebFile::default(), Stamps::default());
        let ended = Box::pin(daemon::run_within(around, source, config, web, logging)).await;
        beside.shutdown().await;
        // What cannot be removed is in the folder for temporary files.
        let _ = folder.close();
        Ok(ended?)
    }
}

/// Removes the folders of demos that were killed. Whose demo runs, by the number of its network, keeps its own.
fn remove_left_over(company: &Company) {
    let number = |name: &str| name.strip_prefix(FOLDER)?.split_once('-')?.0.parse().ok();
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let is_gone = entry.file_name().to_str().and_then(number).is_some_and(|number| company.is_gone(number));
        if is_folder && is_gone {
            // One that is another user's stays.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Breaks and fixes the company as the faults are switched, and has the machines report.
async fn follow(company: Company, mut faults: watch::Receiver<BTreeSet<Fault>>, mut sender: Sender) {
    loop {
        let on = faults.borrow_and_update().clone();
        if let Err(error) = company.break_and_fix(&on).await {
            warn!("a fault of the demo cannot be switched: {error}");
        }
        sender.report(&on).await;
        if faults.changed().await.is_err() {
            return;
        }
    }
}

/// Where a daemon on this machine is reached that listens there.
fn reached_at(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// A token that nobody else knows.
fn token() -> Result<Secret, DemoError> {
    let mut bytes = [0; TOKEN_LENGTH];
    SystemRandom::new().fill(&mut bytes).map_err(|_| DaemonError::Random)?;
    Ok(Secret::new(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
}

/// Writes the configuration and the files that it names.
fn write_files(company: &Company, folder: &Path, token: &Secret) -> io::Result<()> {
    let tokens = format!("{TOKEN} {} *\n", token.reveal());
    let configuration = configuration::text(company, folder);
    let inventory = machines::inventory(Timestamp::now());
    for (name, text) in [
        (configuration::ROOTS, &company.root),
        (configuration::TOKENS, &tokens),
        (configuration::INVENTORY, &inventory),
        (CONFIGURATION, &configuration),
    ] {
        let mut options = OpenOptions::new();
        // A token that others can read is refused.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.write(true).create_new(true).open(folder.join(name))?.write_all(text.as_bytes())?;
    }
    Ok(())
}
