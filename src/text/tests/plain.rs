//! What people read is written for them: no text is made by a debugger.

use std::fs;
use std::path::{Path, PathBuf};

/// Where texts for people are made.
const FOLDERS: [&str; 10] =
    ["cli", "clock", "console", "intake", "monitor", "online", "probe", "report", "text", "walk"];

/// The files below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The lines of a file that are not for tests.
fn code(path: &Path) -> Vec<String> {
    let is_for_tests = path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tests"));
    let text = if is_for_tests { String::new() } else { fs::read_to_string(path).unwrap() };
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().lines().map(str::to_owned).collect()
}

#[test]
fn no_text_is_made_by_a_debugger() {
    let mut found = Vec::new();
    for folder in FOLDERS {
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder), &mut found);
    }
    assert!(found.len() > 100, "{}", found.len());
    let made = |line: &&String| (line.contains(":?}") || line.contains(":#?}")) && !line.contains("assert!(");
    for path in found {
        let lines = code(&path);
        let debugging: Vec<_> = lines.iter().filter(made).collect();
        let is_of_tests = path.ends_with("console/cases.rs");
        assert!(is_of_tests || debugging.is_empty(), "{}: {debugging:?}", path.display());
    }
}
