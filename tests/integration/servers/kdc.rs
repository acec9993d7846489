//! MIT Kerberos: a key distribution center, which says what time it has in every refusal.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use super::directory::TemporaryDirectory;
use super::place::Place;
use super::server::Server;
use super::{ask, faketime, hexadecimal, program};

/// The files of a server's directory that others read.
const CLIENT_CONFIGURATION: &str = "krb5.conf";
const KEYTAB: &str = "keytab";

/// A running `krb5kdc`.
///
/// A question it has had before, to the byte, gets the answer it got then, old time and all: a client's nonce differs
/// each time.
#[derive(Debug)]
pub struct Kdc {
    server: Server,
}

impl Kdc {
    /// Its only realm.
    pub const REALM: &str = "GRACEWATCH.EXAMPLE";

    /// The service it has a key for, if it knows anybody: a web server or proxy on this machine.
    pub const SERVICE: &str = "HTTP/localhost";

    /// Runs on 127.0.0.1 with this machine's clock.
    pub fn right() -> Self {
        Self::start_at(&Place::loopback(), None)
    }

    /// Runs on 127.0.0.1 with a clock shifted by `offset`, such as `+14700s`.
    pub fn faked(offset: &str) -> Self {
        Self::start_at(&Place::loopback(), Some(offset))
    }

    /// Runs on 127.0.0.1 and knows one user, and [`Self::SERVICE`].
    pub fn with_user(user: &str, password: &str) -> Self {
        Self::start(&Place::loopback(), None, Some((user, password)))
    }

    /// The same with a clock shifted by `offset`.
    pub fn with_user_faked(user: &str, password: &str, offset: &str) -> Self {
        Self::start(&Place::loopback(), Some(offset), Some((user, password)))
    }

    /// Knows nobody, anywhere, with a clock that may be shifted.
    pub fn start_at(place: &Place, offset: Option<&str>) -> Self {
        Self::start(place, offset, None)
    }

    fn start(place: &Place, offset: Option<&str>, account: Option<(&str, &str)>) -> Self {
        let krb5kdc = program::find("krb5kdc", "krb5-kdc");
        let server = Server::start(
            "kdc",
            place,
            |directory, address| {
                let configuration = Configuration::write(directory, address);
                configuration.create_database();
                if let Some((user, password)) = account {
                    configuration.administer(&format!("add_principal -pw {password} {user}"));
                    configuration.administer(&format!("add_principal -randkey {}", Self::SERVICE));
                    let keytab = directory.path().join(KEYTAB);
                    configuration.administer(&format!("ktadd -k {} {}", keytab.display(), Self::SERVICE));
                    // The service runs as somebody else.
                    fs::set_permissions(keytab, Permissions::from_mode(0o644)).expect("a file of ours can be shared");
                }
                let mut command = place.server_command(&krb5kdc);
                command.arg("-n").arg("-P").arg(directory.path().join("pid"));
                configuration.apply(&mut command);
                if let Some(offset) = offset {
                    faketime::shift(&mut command, offset);
                }
                command
            },
            |address| ask_for_ticket(place, address).is_some(),
        );
        Self { server }
    }

    /// Where it answers, over UDP and TCP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// What clients and services that go by this server are given as `KRB5_CONFIG`.
    pub fn client_configuration(&self) -> PathBuf {
        self.server.directory.path().join(CLIENT_CONFIGURATION)
    }

    /// The key of [`Self::SERVICE`], if it knows anybody.
    pub fn keytab(&self) -> PathBuf {
        self.server.directory.path().join(KEYTAB)
    }
}

/// Asks over TCP for a ticket for `nobody` and returns the refusal: a KRB-ERROR without the length before it.
pub fn ask_for_ticket(place: &Place, address: SocketAddr) -> Option<Vec<u8>> {
    let question = hexadecimal::decode(
        // The length of what follows (RFC 4120, section 7.2.2), then an AS-REQ (5.4.1) of version 5 without
        // pre-authentication,
        "00000094 6a8191 30818e a103020105 a20302010a a48181 307f
        a007 03050000000000
        a113 3011 a003020101 a10a 3008 1b06 6e6f626f6479
        a214 1b12 4752414345574154 43482e4558414d504c45
        a327 3025 a003020102 a11e 301c 1b06 6b7262746774 1b12 4752414345574154 43482e4558414d504c45
        a511 180f 32303337303931333032343830355a
        a706 020472656164
        a805 3003020112",
        // from `nobody` in the realm for the realm's `krbtgt`, until 2037, with a nonce, encrypted with AES-256.
    );
    let mut answer = ask::exchange_over_tcp(place, address, &question)?;
    // KRB-ERROR is application 30 (5.9.1).
    (answer.get(4) == Some(&0x7e)).then(|| answer.split_off(4))
}

/// The files that keep a KDC from looking at those in /etc.
struct Configuration {
    client: PathBuf,
    server: PathBuf,
}

impl Configuration {
    fn write(directory: &TemporaryDirectory, address: SocketAddr) -> Self {
        let (path, realm) = (directory.path().display(), Kdc::REALM);
        let client = format!(
            "[libdefaults]\n  \
               default_realm = {realm}\n  \
               dns_lookup_kdc = false\n  \
               dns_canonicalize_hostname = false\n\
             [realms]\n  \
               {realm} = {{\n    \
                 kdc = {address}\n  \
               }}\n"
        );
        let server = format!(
            "[kdcdefaults]\n  \
               kdc_listen = {address}\n  \
               kdc_tcp_listen = {address}\n\
             [realms]\n  \
               {realm} = {{\n    \
                 database_name = {path}/principal\n    \
                 key_stash_file = {path}/stash\n  \
               }}\n\
             [logging]\n  \
               kdc = STDERR\n"
        );
        Self { client: directory.write(CLIENT_CONFIGURATION, client), server: directory.write("kdc.conf", server) }
    }

    /// Makes `command` read these files and no others.
    fn apply(&self, command: &mut Command) {
        command.env("KRB5_CONFIG", &self.client).env("KRB5_KDC_PROFILE", &self.server);
    }

    /// Makes the database, protected by a password nobody needs again: the key is kept beside it.
    fn create_database(&self) {
        let mut command = Command::new(program::find("kdb5_util", "krb5-kdc"));
        command.args(["create", "-s", "-P", "not a secret"]);
        self.run(command);
    }

    /// Runs one of the commands of kadmin(1) on the database.
    fn administer(&self, query: &str) {
        let mut command = Command::new(program::find("kadmin.local", "krb5-admin-server"));
        // As arguments: a query after `-q` may fail, and the program still ends well.
        command.args(query.split(' '));
        self.run(command);
    }

    fn run(&self, mut command: Command) {
        self.apply(&mut command);
        let output = command.output().expect("Kerberos's tools can be run");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?} fails: {complaint}");
    }
}
