//! The machine's hosts file, which precedes DNS for the machine's own programs.
//!
//! It is read again where it has changed, away from the tasks that probe. What cannot be read of it is skipped: a
//! word that is not a name costs that word, and a line without an address that line.

use crate::config::system::hosts_file;
use crate::config::system::plain_text::{lines, plain, words};
use crate::host::{Address, DnsName};
use crate::path::FileVersion;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
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
pub(super) async fn addresses(name: &DnsName, fresh: Duration) -> io::Result<BTreeSet<Address>> {
    static SYSTEM: LazyLock<HostsFile> = LazyLock::new(|| HostsFile::at(hosts_file()));
    Ok(SYSTEM.names(fresh).await?.get(name).cloned().unwrap_or_default())
}

type Names = HashMap<DnsName, BTreeSet<Address>>;

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
    version: Option<FileVersion>,
    names: Arc<Names>,
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
fn look(path: &Path, before: Option<&Known>) -> io::Result<(Option<FileVersion>, Arc<Names>)> {
    let read = || -> io::Result<(FileVersion, Arc<Names>)> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let version = FileVersion::new(&metadata);
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
    for line in lines(&plain(text)) {
        let mut words = words(line, b"#");
        let address = words.next().and_then(|word| str::from_utf8(word).ok()?.parse::<Address>().ok());
        let Some(address) = address else { continue };
        for name in words.filter_map(|word| DnsName::from_bytes(word).ok()) {
            names.entry(name).or_default().insert(address);
        }
    }
    names
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
    fn the_good_lines_are_used_in_any_encoding() {
        let text =
            "# \u{30db}\u{30b9}\u{30c8}\r\n192.0.2.1 kms01\r192.0.2.2 b\u{fc}cher.example\r\nfe80::1%7 kms03\r\n";
        let utf_16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let with = |mark: &[u8], text: &[u8]| [mark, text].concat();
        for file in [
            text.as_bytes().to_vec(),
            with(b"\xef\xbb\xbf", text.as_bytes()),
            with(b"\xff\xfe", &utf_16(u16::to_le_bytes)),
            with(b"\xfe\xff", &utf_16(u16::to_be_bytes)),
        ] {
            let names = parse(&file);
            assert_eq!(listed(&names, "kms01"), ["192.0.2.1"], "{file:x?}");
            assert_eq!(listed(&names, "b\u{fc}cher.example"), ["192.0.2.2"], "{file:x?}");
            assert_eq!(listed(&names, "kms03"), ["fe80::1%7"], "{file:x?}");
        }
        // Shift_JIS, whose second bytes may be backslashes, and what a crash left.
        let names = parse(
            b"# \x83\x7a\x83\x58\x83\x67\n\0\0\x00192.0.2.1\0kms01 \x95\x5c.example kms02\n\0\0\0\n192.0.2.4 kms04",
        );
        for (name, address) in [("kms01", "192.0.2.1"), ("kms02", "192.0.2.1"), ("kms04", "192.0.2.4")] {
            assert_eq!(listed(&names, name), [address], "{name}");
        }
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
        // Of the same length, and as old as the one before: elsewhere nothing tells the two apart.
        #[cfg(unix)]
        {
            let modified = fs::metadata(&path).unwrap().modified().unwrap();
            let another = path.with_extension("new");
            fs::write(&another, "192.0.2.3 kms01 kms02\n").unwrap();
            File::options().append(true).open(&another).unwrap().set_modified(modified).unwrap();
            fs::rename(&another, &path).unwrap();
            assert_eq!(listed(&file.names(Duration::ZERO).await.unwrap(), "kms02"), ["192.0.2.3"]);
        }
        fs::remove_file(&path).unwrap();
        assert!(file.names(Duration::ZERO).await.unwrap().is_empty());
    }
}
