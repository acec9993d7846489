//! The machine's hosts file, which precedes DNS for the machine's own programs.
//!
//! It is read again where it has changed, away from the tasks that probe. What cannot be read of it is skipped: a
//! word that is not a name costs that word, and a line without an address that line.

use crate::host::DnsName;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, Read};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

/// How much of the file is read, in bytes. What lies beyond is left out.
const MAX_LENGTH: u64 = 8 << 20;

/// The addresses of a host in this machine's hosts file; none where it has no line, or there is no file. A file that
/// was looked at within `fresh` is not looked at again.
///
/// # Errors
/// Where this machine had no descriptor or memory to read it for the first time, so that nothing is known of it.
pub(super) async fn addresses(name: &DnsName, fresh: Duration) -> io::Result<BTreeSet<IpAddr>> {
    static SYSTEM: LazyLock<HostsFile> = LazyLock::new(|| HostsFile::at(system_path()));
    Ok(SYSTEM.names(fresh).await?.get(name).cloned().unwrap_or_default())
}

type Names = HashMap<DnsName, BTreeSet<IpAddr>>;

/// A hosts file, and what was in it when it was last looked at.
#[derive(Debug)]
struct HostsFile {
    path: PathBuf,
    known: Mutex<Option<Known>>,
}

/// What is known of the file.
#[derive(Debug, Clone)]
struct Known {
    looked_at: Instant,
    /// None where there is no file.
    version: Option<Version>,
    names: Arc<Names>,
}

/// By what a file is known to have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    modified: Option<SystemTime>,
    length: u64,
}

impl HostsFile {
    fn at(path: PathBuf) -> Self {
        Self { path, known: Mutex::default() }
    }

    async fn names(&self, fresh: Duration) -> io::Result<Arc<Names>> {
        // Whoever comes while it is read waits for that, and does not read it as well.
        let mut known = self.known.lock().await;
        let now = Instant::now();
        if let Some(known) = known.as_ref().filter(|known| now < known.looked_at + fresh) {
            return Ok(Arc::clone(&known.names));
        }
        let (path, before) = (self.path.clone(), known.clone());
        let names = match spawn_blocking(move || look(&path, before.as_ref())).await {
            Ok(read) => {
                let (version, names) = read?;
                known.insert(Known { looked_at: now, version, names })
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Arc::clone(&names.names))
    }
}

/// Reads the file where it is another than before.
fn look(path: &Path, before: Option<&Known>) -> io::Result<(Option<Version>, Arc<Names>)> {
    let read = || -> io::Result<(Version, Arc<Names>)> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let version = Version { modified: metadata.modified().ok(), length: metadata.len() };
        if let Some(before) = before.filter(|before| before.version == Some(version)) {
            return Ok((version, Arc::clone(&before.names)));
        }
        let mut text = Vec::new();
        file.by_ref().take(MAX_LENGTH).read_to_end(&mut text)?;
        Ok((version, Arc::new(parse(&text))))
    };
    match (read(), before) {
        (Ok((version, names)), _) => Ok((Some(version), names)),
        // One that cannot be read now, as where there are no descriptors left, counts as it was.
        (Err(error), Some(before)) if error.kind() != io::ErrorKind::NotFound => {
            Ok((before.version, Arc::clone(&before.names)))
        }
        // What is in it is not known, and DNS may differ.
        (Err(error), None) if is_for_want_of_resources(&error) => Err(error),
        // Without a file, every name is looked up in DNS.
        (Err(_), _) => Ok((None, Arc::default())),
    }
}

#[cfg(unix)]
fn is_for_want_of_resources(error: &io::Error) -> bool {
    use nix::libc::{EMFILE, ENFILE, ENOMEM};
    error.raw_os_error().is_some_and(|code| [EMFILE, ENFILE, ENOMEM].contains(&code))
}

#[cfg(not(unix))]
const fn is_for_want_of_resources(_: &io::Error) -> bool {
    false
}

/// The names in a hosts file: an address to a line, names behind it, and comments from `#` on.
fn parse(text: &[u8]) -> Names {
    let mut names = Names::new();
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.split(|byte| *byte == b'#').next().unwrap_or_default();
        let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let mut words = words.map(|word| str::from_utf8(word).ok());
        let Some(address) = words.next().flatten().and_then(|word| word.parse::<IpAddr>().ok()) else { continue };
        for name in words.flatten().filter_map(|word| word.parse::<DnsName>().ok()) {
            names.entry(name).or_default().insert(address.to_canonical());
        }
    }
    names
}

#[cfg(not(windows))]
fn system_path() -> PathBuf {
    "/etc/hosts".into()
}

#[cfg(windows)]
fn system_path() -> PathBuf {
    let root = std::env::var_os("SystemRoot").map_or_else(|| r"C:\Windows".into(), PathBuf::from);
    root.join(r"System32\drivers\etc\hosts")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::process;

    fn listed(names: &Names, name: &str) -> Vec<String> {
        let addresses = names.get(&name.parse().unwrap());
        addresses.into_iter().flatten().map(ToString::to_string).collect()
    }

    #[test]
    fn a_byte_that_is_no_text_costs_its_word_alone() {
        let names = parse(
            b"# 192.0.2.9 kms09\r\n192.0.2.1\tKMS01.corp.example. kms01 # first\r\n192.0.2.2 caf\xe9 kms02\n\
              192.0.\xff kms03\n::ffff:192.0.2.4 kms01\nno-address kms05\n192.0.2.6 a..b kms06",
        );
        assert_eq!(listed(&names, "kms01.corp.example"), ["192.0.2.1"]);
        assert_eq!(listed(&names, "kms01"), ["192.0.2.1", "192.0.2.4"]);
        assert_eq!(listed(&names, "kms02"), ["192.0.2.2"]);
        assert_eq!(listed(&names, "kms06"), ["192.0.2.6"]);
        for name in ["kms03", "kms05", "kms09", "first"] {
            assert_eq!(listed(&names, name), [""; 0], "{name}");
        }
    }

    #[tokio::test]
    async fn a_file_is_read_again_once_it_has_changed() {
        let path = std::env::temp_dir().join(format!("gracewatch-hosts-{}", process::id()));
        let file = HostsFile::at(path.clone());
        assert!(file.names(Duration::ZERO).await.unwrap().is_empty());
        fs::write(&path, "192.0.2.1 kms01\n").unwrap();
        assert!(file.names(Duration::from_hours(1)).await.unwrap().is_empty(), "it was looked at just now");
        let first = file.names(Duration::ZERO).await.unwrap();
        assert_eq!(listed(&first, "kms01"), ["192.0.2.1"]);
        assert!(Arc::ptr_eq(&first, &file.names(Duration::ZERO).await.unwrap()), "the same file is not read twice");
        fs::write(&path, "192.0.2.1 kms01 kms02\n").unwrap();
        assert_eq!(listed(&file.names(Duration::ZERO).await.unwrap(), "kms02"), ["192.0.2.1"]);
        fs::remove_file(&path).unwrap();
        assert!(file.names(Duration::ZERO).await.unwrap().is_empty());
    }
}
