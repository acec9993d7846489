//! The program under test, run to its end or against a time limit.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::servers::faketime;
use crate::servers::netns::Namespace;

/// How long the program may take at the very most: reached only by one that hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a program printed, and how it ended.
#[derive(Debug)]
pub struct Printed {
    pub exit_code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub elapsed: Duration,
}

/// The program, here.
pub fn gracewatch() -> Command {
    without_settings(Command::new(env!("CARGO_BIN_EXE_gracewatch")))
}

/// The program, in a network of its own.
pub fn gracewatch_in(namespace: &Namespace) -> Command {
    without_settings(namespace.command(env!("CARGO_BIN_EXE_gracewatch")))
}

/// The program, here, with a clock of its own that is off by `offset`, as libfaketime writes it: `+14700s`.
pub fn gracewatch_shifted(offset: &str) -> Command {
    let mut command = gracewatch();
    faketime::shift(&mut command, offset);
    command
}

/// Runs the program here with the given arguments.
pub fn run_with(arguments: &[&str]) -> Printed {
    let mut command = gracewatch();
    command.args(arguments);
    run(command)
}

/// Runs a command to its end.
pub fn run(command: Command) -> Printed {
    run_reading(command, Stdio::null())
}

/// Runs a command that reads `input` to its end.
pub fn run_reading(mut command: Command, input: impl Into<Stdio>) -> Printed {
    let begun = Instant::now();
    command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let status = wait(&mut child, &command);
    let elapsed = begun.elapsed();
    let [stdout, stderr] = [stdout, stderr].map(|reader| reader.join().expect("the reader ends with the program"));
    Printed { exit_code: status.code(), stdout, stderr, elapsed }
}

/// What whoever runs the tests has set for themselves is not what the tests are about.
fn without_settings(mut command: Command) -> Command {
    for variable in [
        "GRACEWATCH_CONFIG",
        "GRACEWATCH_SERVER",
        "GRACEWATCH_PASSWORD",
        "COLUMNS",
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "LC_ALL",
        "LC_MESSAGES",
        "LANG",
    ] {
        command.env_remove(variable);
    }
    for variable in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(variable).env_remove(variable.to_uppercase());
    }
    command
}

fn wait(child: &mut Child, command: &Command) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return status;
        }
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("{command:?} does not end");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Reads on a thread of its own, so that no full pipe stops the program.
fn collect(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    let mut pipe = pipe.expect("the output is piped");
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("the output can be read");
        String::from_utf8(bytes).expect("the program prints UTF-8")
    })
}
