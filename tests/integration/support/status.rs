//! A place where the status of machines is kept: a store, tokens, an inbox, and the configuration that names them.

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use gracewatch::store::StoreUrl;
use serde_json::Value;

use super::config::EACH_SECOND;
use super::daemon::Daemon;
use super::post::Sender;
use super::program::{Printed, gracewatch, run};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::port;

/// A token that speaks for every machine.
pub const TOKEN: &str = "0123456789abcdef-everything";

/// A store in a directory of its own, which is gone with this value.
#[derive(Debug)]
pub struct Kept {
    directory: TemporaryDirectory,
    store: String,
    paths: String,
    more: String,
}

impl Kept {
    /// A file of `SQLite`.
    pub fn new() -> Self {
        let directory = TemporaryDirectory::new("status");
        let store = format!("sqlite:{}", directory.path().join("store/gracewatch.db").display());
        directory.subdirectory("store");
        Self::at(directory, store)
    }

    /// Any other store.
    pub fn in_store(url: &str) -> Self {
        Self::at(TemporaryDirectory::new("status"), url.to_owned())
    }

    fn at(directory: TemporaryDirectory, store: String) -> Self {
        directory.write_private("tokens", format!("everything {TOKEN} *\n"));
        // A path that refuses at once: nobody is asked, and nothing is waited for.
        let paths = format!("paths: [{{name: corp, kms: {{hosts: [\"{}\"]}}}}]\n", port::refusing());
        Self { directory, store, paths, more: String::new() }
    }

    /// With these paths and clocks in place of one that is refused.
    pub fn with_paths(mut self, paths: &str) -> Self {
        paths.clone_into(&mut self.paths);
        self
    }

    /// With more keys of `status`, such as `at_risk: 10`.
    pub fn with(mut self, key: &str) -> Self {
        writeln!(self.more, "  {key}").expect("a string takes it");
        self
    }

    /// The directory, for what a test wants to put there.
    pub fn directory(&self) -> &TemporaryDirectory {
        &self.directory
    }

    /// Where the store is.
    pub fn url(&self) -> StoreUrl {
        self.store.parse().expect("it is the URL of a store")
    }

    /// The file of the store.
    pub fn file(&self) -> PathBuf {
        self.store.strip_prefix("sqlite:").expect("it is a file").into()
    }

    /// The configuration.
    pub fn configuration(&self) -> String {
        format!(
            "{}{EACH_SECOND}status:\n  store: \"{}\"\n  tokens_file: {}\n{}",
            self.paths,
            self.store,
            self.directory.path().join("tokens").display(),
            self.more
        )
    }

    /// The daemon over it.
    pub fn serve(&self) -> Daemon<'static> {
        Daemon::start(&self.configuration())
    }

    /// A subcommand with this configuration.
    pub fn command(&self, subcommand: &str) -> Command {
        let mut command = gracewatch();
        command.arg(subcommand).arg("--config").arg(self.directory.write("gracewatch.yaml", self.configuration()));
        command
    }

    /// Runs `gracewatch import`.
    pub fn import(&self, arguments: &[&str]) -> Printed {
        let mut command = self.command("import");
        command.args(arguments);
        run(command)
    }

    /// Imports a text as a file of this name.
    pub fn import_text(&self, name: &str, text: impl AsRef<[u8]>) -> Printed {
        let file = self.directory.write(name, text);
        self.import(&[text_of(&file)])
    }

    /// What `gracewatch machines --output json` prints, given with any other arguments.
    pub fn machines(&self, arguments: &[&str]) -> Vec<Value> {
        let mut command = self.command("machines");
        command.args(["--output", "json"]).args(arguments);
        let printed = run(command);
        assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{printed:?}");
        let json: Value =
            serde_json::from_str(&printed.stdout).unwrap_or_else(|error| panic!("{error} in {printed:?}"));
        json["machines"].as_array().unwrap_or_else(|| panic!("no machines in {json}")).clone()
    }

    /// The names of the machines in the order in which they are listed.
    pub fn names(&self) -> Vec<String> {
        self.machines(&[]).iter().map(|machine| text(&machine["machine"]).to_owned()).collect()
    }

    /// Every byte in the files of the store and of whatever else is in the directory.
    pub fn all_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        collect(self.directory.path(), &mut bytes);
        bytes
    }
}

fn collect(folder: &Path, bytes: &mut Vec<u8>) {
    for entry in fs::read_dir(folder).expect("a folder of ours can be listed") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            collect(&path, bytes);
        } else if let Ok(content) = fs::read(&path) {
            bytes.extend(content);
        }
    }
}

/// A sender that may speak for every machine.
pub fn sender(address: SocketAddr) -> Sender {
    Sender::with_token(address, TOKEN)
}

/// The text of a JSON string.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// The name of a file, which is text.
pub fn text_of(file: &Path) -> &str {
    file.to_str().expect("the path is text")
}

/// A sample of a format.
pub fn sample(name: &str) -> PathBuf {
    samples().join(name)
}

/// Where samples of every format are.
pub fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/formats/samples")
}

/// Where a file is that was taken from an inbox: `folder` is `done` or `failed`, and in it are folders of days. `None` where
/// it is in none of them.
pub fn filed(inbox: &Path, folder: &str, name: &str) -> Option<PathBuf> {
    all_filed(inbox, folder).into_iter().find(|file| file.file_name().is_some_and(|known| known == name))
}

/// All files that were taken from an inbox and are in its `done` or `failed`.
pub fn all_filed(inbox: &Path, folder: &str) -> Vec<PathBuf> {
    let days = fs::read_dir(inbox.join(folder)).into_iter().flatten().flatten();
    let files = days.flat_map(|day| fs::read_dir(day.path()).into_iter().flatten().flatten());
    files.map(|file| file.path()).collect()
}
