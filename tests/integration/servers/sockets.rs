//! Whether a process itself holds a port, so that a stranger's answer is never taken for its own.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// Whether a process has a socket open on the port, TCP or UDP, in whichever network namespace it lives.
pub fn holds_port(process_id: u32, port: u16) -> bool {
    let process = Path::new("/proc").join(process_id.to_string());
    let held = inodes_held(&process);
    // A process has its own view of the network here: that of its namespace.
    ["tcp", "tcp6", "udp", "udp6"].iter().any(|protocol| {
        let table = fs::read_to_string(process.join("net").join(protocol)).unwrap_or_default();
        table.lines().skip(1).filter_map(read_row).any(|row| row.port == port && held.contains(row.inode))
    })
}

/// One line of such a table: what of it matters here.
struct Row<'a> {
    port: u16,
    inode: &'a str,
}

/// Reads the local port, which is hexadecimal after a colon, and the inode (proc(5), under /proc/net/tcp).
fn read_row(line: &str) -> Option<Row<'_>> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let (_, port) = fields.get(1)?.split_once(':')?;
    Some(Row { port: u16::from_str_radix(port, 16).ok()?, inode: fields.get(9)? })
}

/// The inode numbers of a process's open sockets, whose links read `socket:[12345]`.
fn inodes_held(process: &Path) -> HashSet<String> {
    // Whatever cannot be read belongs to a process that is just ending.
    let Ok(entries) = fs::read_dir(process.join("fd")) else {
        return HashSet::new();
    };
    entries
        .flatten()
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect()
}
