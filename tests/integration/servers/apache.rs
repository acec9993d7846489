//! Apache: an HTTP proxy that checks what Windows networks log in with, Kerberos tickets and NTLM passwords, for real.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;

use super::directory::TemporaryDirectory;
use super::kdc::Kdc;
use super::place::Place;
use super::server::Server;
use super::{ask, program};

/// What gets a client through.
#[derive(Clone, Copy, Debug)]
pub enum Credentials<'a> {
    /// A ticket of this server's for [`Kdc::SERVICE`]. The proxy has to be called `localhost`.
    Kerberos(&'a Kdc),
    /// The password of a user of the domain `GRACEWATCH`, in NTLM or in Negotiate around it. A client's first NTLM
    /// message has to be of 40 bytes at least; shorter ones, which leave out the version, are not answered.
    Ntlm { user: &'a str, password: &'a str },
}

/// A running `apache2`: a forward proxy for whoever has the credentials. Others get 407 with Negotiate, and of
/// NTLM too where that is what it checks.
#[derive(Debug)]
pub struct Apache {
    server: Server,
}

impl Apache {
    /// Runs on 127.0.0.1.
    pub fn checking(credentials: Credentials<'_>) -> Self {
        Self::start_at(&Place::loopback(), credentials)
    }

    /// The same, anywhere.
    pub fn start_at(place: &Place, credentials: Credentials<'_>) -> Self {
        let apache = program::find("apache2", "apache2-bin");
        let server = Server::start(
            "apache",
            place,
            |directory, address| {
                let configuration = directory.write("apache.conf", configuration(directory, address, credentials));
                let mut command = place.server_command_as("www-data", &apache);
                // One process, in the foreground.
                command.args(["-X", "-f"]).arg(configuration);
                match credentials {
                    Credentials::Kerberos(kdc) => {
                        // Without a memory of tickets seen, as that would be a file all proxies share.
                        command.env("KRB5_CONFIG", kdc.client_configuration()).env("KRB5RCACHENAME", "none:");
                    }
                    Credentials::Ntlm { user, password } => {
                        let users = directory.write("users", format!("GRACEWATCH:{user}:{password}\n"));
                        command.env("NTLM_USER_FILE", users);
                    }
                }
                command
            },
            |address| {
                ask::exchange_over_tcp(place, address, b"CONNECT localhost:1 HTTP/1.0\r\n\r\n")
                    .is_some_and(|answer| answer.starts_with(b"HTTP/1.1 407 "))
            },
        );
        Self { server }
    }

    /// Where it answers, over TCP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }
}

/// The whole configuration: as few modules as a proxy needs, and a directory of its own for what it writes.
fn configuration(directory: &TemporaryDirectory, address: SocketAddr, credentials: Credentials<'_>) -> String {
    let own = directory.subdirectory("own");
    fs::set_permissions(&own, Permissions::from_mode(0o777)).expect("a directory of ours can be shared");
    let own = own.display();
    program::file("/usr/lib/apache2/modules/mod_auth_gssapi.so", "libapache2-mod-auth-gssapi");
    let modules: String =
        ["mpm_event", "authn_core", "authz_core", "authz_user", "auth_gssapi", "proxy", "proxy_http", "proxy_connect"]
            .map(|module| format!("LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so\n"))
            .concat();
    let checks = match credentials {
        Credentials::Kerberos(kdc) => {
            format!("GssapiAllowedMech krb5\nGssapiCredStore keytab:{}\n", kdc.keytab().display())
        }
        Credentials::Ntlm { .. } => {
            program::file("/etc/gss/mech.d/mech.ntlmssp.conf", "gss-ntlmssp");
            // NTLM takes two requests, and it is the connection that says they belong together.
            "GssapiAllowedMech ntlmssp\nGssapiConnectionBound On\n".to_owned()
        }
    };
    format!(
        "{modules}\
         Listen {address}\n\
         ServerName proxy.example\n\
         DefaultRuntimeDir {own}\n\
         PidFile {own}/pid\n\
         ErrorLog {own}/errors\n\
         ProxyRequests On\n\
         AllowCONNECT 1-65535\n\
         <Proxy *>\n\
         AuthType GSSAPI\n\
         AuthName Gracewatch\n\
         {checks}\
         Require valid-user\n\
         </Proxy>\n"
    )
}
