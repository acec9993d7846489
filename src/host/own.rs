//! The name of this machine.

/// The longest name that is taken, in characters.
const LONGEST: usize = 255;

/// The name of this machine in lower case; `localhost` where it has none.
pub fn own_name() -> String {
    let name = read().unwrap_or_default();
    let name: String = name.trim().chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
    if name.is_empty() { "localhost".to_owned() } else { name.to_lowercase() }
}

#[cfg(unix)]
fn read() -> Option<String> {
    nix::unistd::gethostname().ok().map(|name| name.to_string_lossy().into_owned())
}

#[cfg(not(unix))]
fn read() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}
