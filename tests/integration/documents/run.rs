//! Runs what is to be run, as a reader would: each page from its top, in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::blocks::{Block, blocks};
use super::{pages, root};
use crate::servers::directory::TemporaryDirectory;
use crate::support::program::{Printed, gracewatch, run};

/// The folder of the program.
pub fn program_folder() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_gracewatch")).parent().expect("it is in a folder").to_owned()
}

/// `PATH`, with the program under test before all others.
pub fn path() -> String {
    format!("{}:{}", program_folder().display(), std::env::var("PATH").unwrap_or_default())
}

fn shell(text: &str, folder: &Path) -> Printed {
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", text]).current_dir(folder).env("PATH", path()).env("LC_ALL", "C.UTF-8");
    command.env_remove("GRACEWATCH_CONFIG");
    run(command)
}

/// Runs the commands of a block that shows them with what they print, and compares: `...` stands for anything.
fn run_console(block: &Block, folder: &Path) {
    let (command, shown) = block.text.split_once('\n').expect("a command has a line");
    let printed = shell(command.strip_prefix("$ ").expect("a command begins with $"), folder);
    let printed_lines: Vec<_> = printed.stdout.lines().map(str::trim_end).collect();
    let mut rest = printed_lines.as_slice();
    for line in shown.lines().filter(|line| *line != "...") {
        let at = rest.iter().position(|printed| *printed == line);
        let at = at.unwrap_or_else(|| panic!("{block}: {line:?} is not in\n{}{}", printed.stdout, printed.stderr));
        rest = &rest[at + 1..];
    }
}

fn check_configuration(block: &Block, file: &Path, folder: &Path) {
    let mut command = gracewatch();
    command.args(["config", "check"]).arg(file).current_dir(folder);
    let printed = run(command);
    assert_eq!(printed.exit_code, Some(0), "{block}: {}", printed.stderr);
}

fn run_page(page: &Path, folder: &Path) -> usize {
    let mut count = 0;
    for block in blocks(page) {
        let mark = block.mark.as_deref().unwrap_or_default();
        if let Some(name) = mark.strip_prefix("file: ") {
            let file = folder.join(name);
            fs::write(&file, &block.text).expect("the folder can be written to");
            if file.extension().is_some_and(|extension| extension == "yaml") {
                check_configuration(&block, &file, folder);
            }
        } else if mark == "config" {
            let file = folder.join("checked.yaml");
            fs::write(&file, &block.text).expect("the folder can be written to");
            check_configuration(&block, &file, folder);
        } else if mark.starts_with("run") {
            if let Some(before) = mark.strip_prefix("run after ") {
                run_page(&root().join(before), folder);
            }
            if mark == "run in a copy" {
                let source = root().join("deploy");
                let copied = Command::new("cp").arg("-r").arg(source).arg(folder).status().expect("cp is there");
                assert!(copied.success());
            }
            if block.language == "console" {
                run_console(&block, folder);
            } else {
                let printed = shell(&block.text, folder);
                assert_eq!(printed.exit_code, Some(0), "{block}: {}{}", printed.stdout, printed.stderr);
            }
        } else {
            continue;
        }
        count += 1;
    }
    count
}

#[test]
fn what_is_to_be_run_runs() {
    let mut count = 0;
    for page in pages() {
        let folder = TemporaryDirectory::new("documents");
        // What an installed service has.
        fs::create_dir(folder.path().join("inbox")).expect("the folder is new");
        folder.write_private("tokens", "");
        count += run_page(&page, folder.path());
    }
    assert!(count > 15, "only {count} blocks are run");
}
