//! `PostgreSQL`: a store that is not a file, and that can go away and come back.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::directory::TemporaryDirectory;
use super::place::Place;
use super::process::Process;
use super::program;
use super::server::Server;

/// The server does not run as root. Its package has a user for it.
const USER: &str = "postgres";

/// Who owns the databases, without a password.
const ROLE: &str = "gracewatch";

/// How long it may take to end once it is asked to.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running `postgres` with one database.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
    place: Place,
}

impl Postgres {
    /// Runs on 127.0.0.1 with an empty database.
    pub fn new() -> Self {
        Self::start_at(&Place::loopback())
    }

    /// The same, anywhere.
    pub fn start_at(place: &Place) -> Self {
        let server = Server::start(
            "postgres",
            place,
            |directory, address| {
                let data = initialise(directory);
                // Nothing but the port is its own to choose, and its sockets are kept beside its data.
                let settings = format!(
                    "listen_addresses = '{}'\nport = {}\nunix_socket_directories = '{}'\nfsync = off\n",
                    address.ip(),
                    address.port(),
                    data.parent().expect("it is in a directory").display()
                );
                fs::write(data.join("postgresql.auto.conf"), settings).expect("the settings can be written");
                command(place, &data)
            },
            |address| is_up(place, address),
        );
        Self { server, place: place.clone() }
    }

    /// The URL of its database.
    pub fn url(&self) -> String {
        format!("postgres://{ROLE}:unchecked@{}/postgres", self.server.address)
    }

    /// Runs SQL and returns the result, one row a line.
    pub fn query(&self, sql: &str) -> String {
        self.query_in("postgres", sql)
    }

    /// The same in another database.
    pub fn query_in(&self, database: &str, sql: &str) -> String {
        let mut psql = psql(&self.place, self.server.address);
        let output = psql.args(["--dbname", database, "-c", sql]).output().expect("psql can be run");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Ends it as an administrator does, with all connections.
    pub fn stop(&mut self) {
        self.server.process.signal("INT");
        let status = self.server.process.wait(PATIENCE);
        assert!(status.is_some(), "{}", self.server.process.report("does not end"));
    }

    /// Ends it as a power failure does. It keeps what it acknowledged.
    pub fn crash(&mut self) {
        self.server.process.signal("QUIT");
        let status = self.server.process.wait(PATIENCE);
        assert!(status.is_some(), "{}", self.server.process.report("does not end"));
    }

    /// Runs it again, with its data and its port.
    pub fn start_again(&mut self) {
        let directory = self.server.directory.path();
        self.server.process = Process::start("postgres", command(&self.place, &data(directory)), directory);
        let address = self.server.address;
        let is_ready = self.server.process.wait_until_ready(|| is_up(&self.place, address));
        is_ready.unwrap_or_else(|error| panic!("{error:?}"));
    }
}

/// Where the data is, below a server's directory.
fn data(directory: &Path) -> PathBuf {
    directory.join("own/data")
}

/// Makes a new database, and says where it is.
fn initialise(directory: &TemporaryDirectory) -> PathBuf {
    let own = directory.subdirectory("own");
    fs::set_permissions(&own, Permissions::from_mode(0o777)).expect("a directory of ours can be shared");
    let data = data(directory.path());
    let output = Place::loopback()
        .server_command_as(USER, &debian("initdb"))
        .args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--username", ROLE, "--pgdata"])
        .arg(&data)
        .current_dir("/")
        .output()
        .expect("initdb can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // It is the server's, and we write its settings.
    data
}

fn command(place: &Place, data: &Path) -> Command {
    let mut command = place.server_command_as(USER, &debian("postgres"));
    command.arg("-D").arg(data).current_dir("/");
    command
}

fn is_up(place: &Place, address: SocketAddr) -> bool {
    psql(place, address).args(["-c", "SELECT 1"]).output().is_ok_and(|output| output.status.success())
}

fn psql(place: &Place, address: SocketAddr) -> Command {
    let mut command = place.command(&debian("psql"));
    command.args(["--no-psqlrc", "--tuples-only", "--no-align", "--dbname=postgres", "--username", ROLE]);
    command.arg(format!("--host={}", address.ip())).arg(format!("--port={}", address.port()));
    command
}

/// A program of the newest version that is installed. Debian keeps each in a directory of its own.
fn debian(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> = versions
        .filter_map(|version| {
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin").join(name))).filter(|(_, path)| path.is_file())
        })
        .collect();
    found.sort();
    found.pop().map_or_else(|| program::find(name, "postgresql"), |(_, path)| path)
}
