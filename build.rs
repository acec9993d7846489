//! What the program says of itself: for `/about` the commit of a release, and on Windows its version and its manifest.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

const FOLDER: &str = "deploy/packages/windows";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    commit();
    if env::var("CARGO_CFG_TARGET_OS")? == "windows" {
        resources()?;
    }
    Ok(())
}

/// Names the commit: `GRACEWATCH_COMMIT` of the environment, else what git says. Where there is no git, as in an archive
/// of the sources, nothing is named, and nothing fails.
fn commit() {
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

/// Gives the program for Windows its version and its manifest, where windres is there to compile them.
///
/// # Errors
/// Where windres does not compile them.
fn resources() -> Result<(), Box<dyn Error>> {
    for file in ["program.rc", "program.manifest"] {
        println!("cargo::rerun-if-changed={FOLDER}/{file}");
    }
    println!("cargo::rerun-if-env-changed=WINDRES");
    let prefix = env::var("CARGO_CFG_TARGET_ARCH")? + "-w64-mingw32-";
    let windres = env::var("WINDRES").unwrap_or_else(|_| {
        let cross = prefix + "windres";
        if Command::new(&cross).arg("--version").output().is_ok() { cross } else { "windres".to_owned() }
    });
    let number = |part: &str| env::var(format!("CARGO_PKG_VERSION_{part}"));
    let numbers = [number("MAJOR")?, number("MINOR")?, number("PATCH")?, "0".to_owned()].join(",");
    let version = env::var("CARGO_PKG_VERSION")?;
    let object = PathBuf::from(env::var("OUT_DIR")?).join("program.o");
    let compiled = Command::new(&windres)
        .args(["--output-format=coff", &format!("--include-dir={FOLDER}"), &format!("--define=NUMBERS={numbers}")])
        .arg(format!(r#"--define=VERSION=\"{version}\""#))
        .arg(format!("{FOLDER}/program.rc"))
        .arg(&object)
        .status();
    match compiled {
        Ok(status) if status.success() => println!("cargo::rustc-link-arg-bins={}", object.display()),
        Ok(status) => return Err(format!("{windres} ended with {status}").into()),
        Err(_) => println!("cargo::warning=the program has no version resource: there is no {windres}"),
    }
    Ok(())
}
