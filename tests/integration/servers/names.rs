//! What host names mean to a server that leaves them to the system: it sees an `/etc/hosts` of its own.

use std::path::Path;
use std::process::Command;

use super::directory::TemporaryDirectory;
use super::place::Place;
use super::program;

/// A command like [`Place::server_command`]'s for a program that knows `localhost` and these names, each with its
/// address, and no others.
///
/// Names it does not know it asks this machine for, where no name server listens, so that no question leaves it.
pub fn server_command(
    place: &Place,
    program: &Path,
    directory: &TemporaryDirectory,
    hosts: &[(&str, &str)],
) -> Command {
    let resolver = directory.write("resolv.conf", "nameserver 127.0.0.1\n");
    let hosts = directory.write("hosts", hosts_file(hosts));
    let mut command = place.server_command(&program::find("unshare", "util-linux"));
    command.arg("--mount").arg(program::find("sh", "dash"));
    let script = r#""$0" --bind "$1" /etc/hosts && "$0" --bind "$2" /etc/resolv.conf && shift 2 && exec "$@""#;
    command.args(["-c", script]).arg(program::find("mount", "mount"));
    command.arg(hosts).arg(resolver).arg(program);
    command
}

/// The text of an `/etc/hosts`.
pub fn hosts_file(hosts: &[(&str, &str)]) -> String {
    let lines = hosts.iter().map(|(name, address)| format!("{address} {name}\n"));
    ["127.0.0.1 localhost\n".to_owned()].into_iter().chain(lines).collect()
}
