//! Names the commit of a release for `/about`: `GRACEWATCH_COMMIT` of the environment, else what git says. Where there is
//! no git, as in an archive of the sources, nothing is named, and nothing fails.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=GRACEWATCH_COMMIT");
    // Otherwise each commit would have all of the program built again while one works on it.
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if env::var_os("GRACEWATCH_COMMIT").is_some() || !is_release {
        return;
    }
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        let text = String::from_utf8(output.stdout).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    // The sources may lie in the repository of something else.
    let is_own = git(&["rev-parse", "--show-prefix"]).is_none();
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]).filter(|_| is_own) else { return };
    println!("cargo::rustc-env=GRACEWATCH_COMMIT={commit}");
    // The log of the head has a line more after each commit.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
}
