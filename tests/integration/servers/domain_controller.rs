//! Samba as an Active Directory domain controller, whose directory says what time it is before anyone logs in.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::directory::TemporaryDirectory;
use super::netns::Namespace;
use super::place::Place;
use super::server::Server;
use super::{ask, faketime, hexadecimal, program};

/// A running `samba`, of which only LDAP (389, TCP and UDP) and Kerberos (88, TCP and UDP) are switched on, in a
/// network namespace of its own, for its ports are always these.
///
/// Its domain is made again each time, which takes three or four seconds.
#[derive(Debug)]
pub struct DomainController {
    // Dropped in this order: the server first, then the network it holds.
    server: Server,
    namespace: Namespace,
}

impl DomainController {
    /// Its domain's name in Kerberos. In DNS it is the same in lower case.
    pub const REALM: &str = "GRACEWATCH.EXAMPLE";

    /// Runs on the namespace's own 127.0.0.1 with this machine's clock.
    pub fn right() -> Self {
        Self::start(None)
    }

    /// Runs on the namespace's own 127.0.0.1 with a clock shifted by `offset`, such as `+14700s`.
    pub fn faked(offset: &str) -> Self {
        Self::start(Some(offset))
    }

    fn start(offset: Option<&str>) -> Self {
        let samba = program::find("samba", "samba");
        let namespace = Namespace::new();
        let place = Place::within(&namespace, SocketAddr::from(([127, 0, 0, 1], 389)));
        let server = Server::start(
            "dc",
            &place,
            |directory, address| {
                let configuration = directory.write("smb.conf", configuration(directory, address));
                provision(&configuration);
                let mut command = place.server_command(&samba);
                // All in one process, so that nothing of it outlives that.
                command.args(["-F", "--no-process-group", "-M", "single", "--debug-stdout", "-s"]).arg(configuration);
                if let Some(offset) = offset {
                    faketime::shift(&mut command, offset);
                    // Otherwise its modules call past the library that shifts the clock, and it does not start.
                    command.env("LDB_MODULES_DISABLE_DEEPBIND", "1");
                }
                command
            },
            |address| ask_for_current_time(&place, address).is_some(),
        );
        Self { server, namespace }
    }

    /// Where LDAP answers, over TCP and UDP, for programs run by [`DomainController::command`].
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Where Kerberos answers, over TCP and UDP, for the same.
    pub fn kerberos_address(&self) -> SocketAddr {
        SocketAddr::new(self.server.address.ip(), 88)
    }

    /// A command that runs in the server's network.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        self.namespace.command(program)
    }

    /// The server's network.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }
}

/// Asks over TCP, as anybody, for the root's `currentTime` and returns the answer if that is in it.
pub fn ask_for_current_time(place: &Place, address: SocketAddr) -> Option<Vec<u8>> {
    let question = hexadecimal::decode(
        // A SearchRequest (RFC 4511, section 4.5.1) for the base object "" alone,
        "3032 020101 632d 0400 0a0100 0a0100 020100 020100 010100
        870b 6f626a656374436c617373
        300d 040b 63757272656e7454696d65",
        // where `objectClass` is present, which it always is, and only that one attribute.
    );
    let answer = ask::exchange_over_tcp(place, address, &question)?;
    answer.windows(11).any(|bytes| bytes == b"currentTime").then_some(answer)
}

/// Makes the domain, with no users of ours and no DNS.
fn provision(configuration: &Path) {
    // What it needs is in packages of their own, which a plain `samba` leaves out.
    for (file, package) in [
        ("/usr/share/samba/setup/provision.ldif", "samba-ad-provision"),
        (&format!("/usr/lib/{}-linux-gnu/samba/ldb/samba_dsdb.so", std::env::consts::ARCH), "samba-dsdb-modules"),
        (&format!("/usr/lib/{}-linux-gnu/samba/vfs/acl_xattr.so", std::env::consts::ARCH), "samba-vfs-modules"),
    ] {
        program::file(file, package);
    }
    let mut command = Command::new(program::find("samba-tool", "samba-common-bin"));
    command.args(["domain", "provision", "--quiet", "-s"]).arg(configuration);
    command.args(["--realm", DomainController::REALM, "--domain", "GRACEWATCH", "--server-role", "dc"]);
    command.args(["--dns-backend", "NONE", "--host-name", "dc", "--host-ip", "127.0.0.1"]);
    let output = command.output().expect("samba-tool can be run");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "samba-tool makes no domain: {complaint}");
}

/// The whole of `smb.conf`: every directory Samba writes to is below the server's own.
fn configuration(directory: &TemporaryDirectory, address: SocketAddr) -> String {
    let (ip, realm) = (address.ip(), DomainController::REALM);
    let mut text = format!(
        "[global]\n\
         workgroup = GRACEWATCH\n\
         realm = {realm}\n\
         netbios name = DC\n\
         server role = active directory domain controller\n\
         server services = ldap, cldap, kdc\n\
         interfaces = {ip}\n\
         bind interfaces only = yes\n\
         tls enabled = no\n\
         log level = 1\n\
         logging = file\n",
    );
    let state = directory.subdirectory("state");
    writeln!(text, "state directory = {}", state.display()).expect("text can be written to a string");
    for (parameter, name) in [
        ("cache directory", "cache"),
        ("lock directory", "lock"),
        ("pid directory", "pid"),
        ("private dir", "private"),
        ("ncalrpc dir", "ncalrpc"),
        ("binddns dir", "dns"),
    ] {
        writeln!(text, "{parameter} = {}", directory.subdirectory(name).display())
            .expect("text can be written to a string");
    }
    // Without these two shares there is no domain, though nobody serves them here.
    let (shared, domain) = (state.join("sysvol"), realm.to_lowercase());
    let shared = shared.display();
    write!(text, "[sysvol]\npath = {shared}\n[netlogon]\npath = {shared}/{domain}/scripts\n")
        .expect("text can be written to a string");
    text
}
