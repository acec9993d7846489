//! nginx: a web server that wants to know who asks, as `WinRM` does, and says what time it is in the same breath.

use std::net::SocketAddr;

use super::directory::TemporaryDirectory;
use super::place::Place;
use super::server::Server;
use super::{ask, faketime, program};

/// The shortest question there is.
pub const QUESTION: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// A running `nginx` that answers 401 at every URL. Its `Date` goes in whole seconds.
#[derive(Debug)]
pub struct Nginx {
    server: Server,
}

impl Nginx {
    /// Runs on 127.0.0.1 with this machine's clock.
    pub fn right() -> Self {
        Self::start_at(&Place::loopback(), None)
    }

    /// Runs on 127.0.0.1 with a clock shifted by `offset`, such as `+14700s`.
    pub fn faked(offset: &str) -> Self {
        Self::start_at(&Place::loopback(), Some(offset))
    }

    /// Either, anywhere.
    pub fn start_at(place: &Place, offset: Option<&str>) -> Self {
        let nginx = program::find("nginx", "nginx");
        let server = Server::start(
            "nginx",
            place,
            |directory, address| {
                let configuration = directory.write("nginx.conf", configuration(directory, address));
                let mut command = place.server_command(&nginx);
                command.args(["-e", "stderr", "-c"]).arg(configuration);
                if let Some(offset) = offset {
                    faketime::shift(&mut command, offset);
                }
                command
            },
            |address| {
                ask::exchange_over_tcp(place, address, QUESTION)
                    .is_some_and(|answer| answer.starts_with(b"HTTP/1.1 401 "))
            },
        );
        Self { server }
    }

    /// Where it answers, over TCP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }
}

/// The whole of `nginx.conf`: one process, and every file it makes in the server's own directory.
fn configuration(directory: &TemporaryDirectory, address: SocketAddr) -> String {
    let path = directory.path().display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("  {kind}_temp_path {path}/{kind};\n"))
        .concat();
    format!(
        "daemon off;\n\
         master_process off;\n\
         pid {path}/pid;\n\
         events {{}}\n\
         http {{\n\
           access_log off;\n\
         {temporary}\
           server {{\n\
             listen {address};\n\
             add_header WWW-Authenticate Negotiate always;\n\
             return 401;\n\
           }}\n\
         }}\n"
    )
}
