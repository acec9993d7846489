//! Finding the programs of Debian's packages, and saying which package is missing.

use std::path::PathBuf;

/// Where daemons live that an ordinary user's PATH leaves out.
const BESIDE_PATH: [&str; 2] = ["/usr/sbin", "/usr/libexec/samba"];

/// The program's path, or a failed test that names the package to install.
///
/// A test that cannot have its server fails: one that is skipped proves nothing and looks green.
pub fn find(program: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(BESIDE_PATH.iter().map(PathBuf::from))
        .map(|directory| directory.join(program))
        .find(|candidate| candidate.is_file())
        .unwrap_or_else(|| panic!("{program} is missing: apt-get install {package}"))
}

/// Debian's own Python, which is the one that sees Debian's Python packages; another may come first in PATH.
pub fn python() -> PathBuf {
    file("/usr/bin/python3", "python3")
}

/// A file a package installs at a fixed path, or a failed test that names the package.
pub fn file(path: impl Into<PathBuf>, package: &str) -> PathBuf {
    let path = path.into();
    assert!(path.is_file(), "{} is missing: apt-get install {package}", path.display());
    path
}
