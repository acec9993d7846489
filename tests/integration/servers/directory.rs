//! A directory of a server's own, gone when the server is.

use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A new, empty directory under the system's temporary one, removed on drop.
#[derive(Debug)]
pub struct TemporaryDirectory {
    path: PathBuf,
}

impl TemporaryDirectory {
    /// Creates a directory; `purpose` shows in its name, for whoever looks at a running test.
    pub fn new(purpose: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            // Short, because Unix sockets live in here and their paths end at 107 bytes.
            let name = format!("gracewatch-{purpose}-{}-{number}", std::process::id());
            let path = std::env::temp_dir().join(name);
            match DirBuilder::new().mode(0o755).create(&path) {
                Ok(()) => return Self { path },
                // Left behind by a killed run whose process id has come round again.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => panic!("cannot create {}: {error}", path.display()),
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes one file and says where it is.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path.join(name);
        fs::write(&path, contents).unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
        path
    }

    /// Writes one file that only its owner and its group may read, and says where it is.
    pub fn write_private(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.write(name, contents);
        self.set_mode(name, 0o640);
        path
    }

    /// Changes the mode of a file.
    pub fn set_mode(&self, name: &str, mode: u32) {
        let path = self.path.join(name);
        fs::set_permissions(&path, Permissions::from_mode(mode))
            .unwrap_or_else(|error| panic!("cannot change {}: {error}", path.display()));
    }

    /// Creates a directory inside and says where it is.
    pub fn subdirectory(&self, name: &str) -> PathBuf {
        let path = self.path.join(name);
        fs::create_dir(&path).unwrap_or_else(|error| panic!("cannot create {}: {error}", path.display()));
        path
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        // Nothing to be done about a failure here; the next run picks another name.
        let _ = fs::remove_dir_all(&self.path);
    }
}
