//! `web.config_file`: TLS, client certificates, users and a limit of requests on the daemon's listener.

mod parity;
mod prometheus;
mod reading_again;
mod tls;
mod users;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::servers::certificates::{Authority, Certificate, Validity};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::port;
use crate::support::config::{self, EACH_SECOND};
use crate::support::curl::Curl;
use crate::support::daemon::Daemon;
use crate::support::program::gracewatch;

/// `secret`, hashed at the least cost there is.
const HASH: &str = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

/// A web configuration in a directory of its own, and a daemon that uses it.
struct Guarded {
    // Dropped before the files it reads.
    daemon: Daemon<'static>,
    files: TemporaryDirectory,
}

impl Guarded {
    /// Starts it with this text in `web.yaml`, after `prepare` put other files beside it.
    fn start(web: &str, prepare: impl FnOnce(&TemporaryDirectory)) -> Self {
        Self::start_with(web, prepare, |_, _| ())
    }

    /// The same, by a command that is adjusted to the directory.
    fn start_with(
        web: &str,
        prepare: impl FnOnce(&TemporaryDirectory),
        adjust: impl FnOnce(&TemporaryDirectory, &mut Command),
    ) -> Self {
        let files = TemporaryDirectory::new("web");
        prepare(&files);
        let web = files.write("web.yaml", web);
        let mut command = gracewatch();
        adjust(&files, &mut command);
        Self { daemon: Daemon::start_with(command, &configuration(&web)), files }
    }

    /// Starts it with TLS and a certificate for 127.0.0.1; `more` are further lines under `tls_server_config`.
    fn with_tls(authority: &Authority, more: &str) -> Self {
        let certificate = authority.issue(&["127.0.0.1"], Validity::Good);
        Self::start(&format!("{TLS}{more}"), |files| exchange(files, &certificate))
    }

    /// A request by curl of a path.
    fn curl(&self, scheme: &str, path: &str) -> Curl {
        Curl::new(&format!("{scheme}://{}{path}", self.daemon.address()))
    }
}

/// The lines with which TLS is configured, where [`exchange`] puts the certificate.
const TLS: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

/// Puts a certificate, and its key, where a web configuration names them.
fn exchange(files: &TemporaryDirectory, certificate: &Certificate) {
    copy(&certificate.chain, &files.path().join("server.crt"));
    copy(&certificate.key, &files.path().join("server.key"));
}

fn copy(from: &Path, to: &Path) {
    // As whoever renews certificates does it: renamed, and never seen in part.
    let new: PathBuf = to.with_extension("new");
    std::fs::copy(from, &new).expect("it can be copied");
    std::fs::rename(&new, to).expect("it can be renamed");
}

fn configuration(web: &Path) -> String {
    let paths = config::hosts(&[port::refusing()]);
    format!("{paths}{EACH_SECOND}web: {{config_file: {}}}\n", web.display())
}
