//! `gracewatch check --output json`, and its report.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::program::{self, Printed, gracewatch, gracewatch_in};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::netns::Namespace;

/// A report, and how it came.
#[derive(Debug)]
pub struct Report {
    pub exit_code: Option<i32>,
    pub elapsed: Duration,
    pub json: Value,
}

/// Checks what a configuration names.
pub fn configured(configuration: &str) -> Report {
    configured_by(gracewatch(), configuration)
}

/// The same, in a network of its own.
pub fn configured_in(namespace: &Namespace, configuration: &str) -> Report {
    configured_by(gracewatch_in(namespace), configuration)
}

/// Checks targets, given with any other arguments.
pub fn targets(arguments: &[&str]) -> Report {
    with_arguments(gracewatch(), arguments)
}

/// The same, in a network of its own.
pub fn targets_in(namespace: &Namespace, arguments: &[&str]) -> Report {
    with_arguments(gracewatch_in(namespace), arguments)
}

/// The same, by a command that runs the program in any way.
pub fn configured_by(command: Command, configuration: &str) -> Report {
    let directory = TemporaryDirectory::new("check");
    let file = directory.write("gracewatch.yaml", configuration);
    with_arguments(command, &["--config", file.to_str().expect("the path is text")])
}

fn with_arguments(mut command: Command, arguments: &[&str]) -> Report {
    command.args(["check", "--output", "json"]).args(arguments);
    let Printed { exit_code, stdout, stderr, elapsed } = program::run(command);
    let json = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error} in {stdout:?}; {stderr}"));
    assert_eq!(stderr, "", "results go to stdout, and there was nothing else to say");
    Report { exit_code, elapsed, json }
}

impl Report {
    /// The paths, in their order.
    pub fn paths(&self) -> &[Value] {
        self.json["paths"].as_array().expect("there is a list of paths")
    }

    /// The only path there is.
    pub fn path(&self) -> &Value {
        let [path] = self.paths() else { panic!("not one path: {:#}", self.json) };
        path
    }

    /// Exit code and verdict of the only path: `2 blocked tcp refused 0xC004F074 0x800706BA`, `0 ok - - - -`.
    pub fn outcome(&self) -> String {
        let code = self.exit_code.map_or_else(|| "killed".to_owned(), |code| code.to_string());
        format!("{code} {}", verdict(self.path()))
    }

    /// The sentence about the only path.
    /// What to do first, one step a line.
    pub fn steps(&self) -> String {
        let steps = self.path()["next_steps"].as_array().expect("the steps are a list");
        steps.iter().filter_map(|step| step.as_str()).collect::<Vec<_>>().join("\n")
    }

    pub fn summary(&self) -> &str {
        self.path()["summary"].as_str().expect("the summary is text")
    }

    /// The walk along the only path, a line to each stage: `kms1.corp.example:1688 @127.0.0.1 tcp refused`.
    pub fn walk(&self) -> Vec<String> {
        walk(self.path())
    }
}

/// The verdict on a path: `blocked tcp refused 0xC004F074 0x800706BA`, `ok - - - -`.
pub fn verdict(path: &Value) -> String {
    let words = ["verdict", "stage", "reason", "code", "inner_code"].map(|key| word(&path[key]));
    words.join(" ")
}

/// The walk along a path, a line to each stage.
pub fn walk(path: &Value) -> Vec<String> {
    let targets = path["targets"].as_array().expect("there is a list of targets");
    let lines = targets.iter().flat_map(|target| {
        let stages = target["stages"].as_array().expect("there is a list of stages");
        stages.iter().map(|stage| {
            let result = if stage["ok"] == true { "ok" } else { word(&stage["reason"]) };
            let [target, address, stage] = [&target["target"], &target["address"], &stage["stage"]].map(word);
            format!("{target} @{address} {stage} {result}")
        })
    });
    lines.collect()
}

/// A string as it is, and null as a dash.
fn word(value: &Value) -> &str {
    match value {
        Value::Null => "-",
        other => other.as_str().unwrap_or_else(|| panic!("not a string: {other}")),
    }
}
