//! Where an installed service has its files, as examples and hints name them, on the system that runs the program.

use std::borrow::Cow;
use std::path::PathBuf;

/// The name of the folder of the program on Windows.
#[cfg(any(windows, test))]
const FOLDER: &str = "Gracewatch";

/// Where packages put the configuration.
pub fn configuration() -> PathBuf {
    here("/etc/gracewatch/gracewatch.yaml").into_owned().into()
}

/// A place by the conventions of Linux, or a text that names some, by those of the system that runs the program.
pub fn here(text: &str) -> Cow<'_, str> {
    #[cfg(windows)]
    let text = on_windows(text, &data_of_programs()).into();
    #[cfg(not(windows))]
    let text = text.into();
    text
}

/// `%ProgramData%`.
#[cfg(windows)]
fn data_of_programs() -> String {
    std::env::var("ProgramData").unwrap_or_else(|_| r"C:\ProgramData".to_owned())
}

/// The folder of the program, where all its files are on Windows.
#[cfg(windows)]
pub fn folder() -> PathBuf {
    PathBuf::from(data_of_programs()).join(FOLDER)
}

/// A text with the places of Windows in it. Secrets are named in double quotes, where YAML takes no backslash as such.
#[cfg(any(windows, test))]
fn on_windows(text: &str, data: &str) -> String {
    let folder = format!(r"{data}\{FOLDER}\");
    let secrets = format!("{}/{FOLDER}/secrets/", data.replace('\\', "/"));
    text.replace("/etc/gracewatch/", &folder)
        .replace("/var/lib/gracewatch/", &folder)
        .replace("/run/secrets/", &secrets)
        .replace("Others may not read the file: chmod 640.", "Its access list keeps others from reading it.")
        .replace("SIGHUP always reloads.", "`gracewatch service reload` always does.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, EXAMPLE, System};

    #[test]
    fn the_example_is_a_configuration_of_windows_there() {
        let example = on_windows(EXAMPLE, r"C:\ProgramData");
        for foreign in ["/etc", "/var", "/run", "chmod", "SIGHUP"] {
            assert!(!example.contains(foreign), "{foreign}");
        }
        for place in [
            r"  store: sqlite:C:\ProgramData\Gracewatch\gracewatch.db",
            r"  inbox: C:\ProgramData\Gracewatch\inbox",
            r"  # tokens_file: C:\ProgramData\Gracewatch\tokens",
            r#""${file:C:/ProgramData/Gracewatch/secrets/proxy}""#,
        ] {
            assert!(example.contains(place), "{place}");
        }
        let parsed = |text: &str| Config::parse(text.as_bytes(), "test.yaml", &System::default(), &|_| None).unwrap();
        let (windows, linux) = (parsed(&example), parsed(EXAMPLE));
        assert_eq!(windows.paths, linux.paths);
        assert_eq!(windows.status.unwrap().store.to_string(), r"sqlite:C:\ProgramData\Gracewatch\gracewatch.db");
    }

    #[test]
    fn without_the_example_a_place_is_the_one_of_this_system() {
        let expected = if cfg!(windows) { r"\Gracewatch\gracewatch.yaml" } else { "/gracewatch/gracewatch.yaml" };
        assert!(configuration().to_string_lossy().ends_with(expected));
    }
}
