//! Gives the program for Windows its version and its manifest, where windres is there to compile them. Does nothing for
//! other systems.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

const FOLDER: &str = "deploy/packages/windows";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS")? != "windows" {
        return Ok(());
    }
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
