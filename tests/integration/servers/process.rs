//! A server as a child process: started, awaited, and ended by its own process id.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take to answer its first question; only a failing test waits this long.
const PATIENCE: Duration = Duration::from_secs(20);

/// The pause between two questions to a server that is not up yet.
const PAUSE: Duration = Duration::from_millis(10);

/// Is there where `tests/windows/integration.sh` runs the program under Wine.
const UNDER_WINE: &str = "GRACEWATCH_UNDER_WINE";

/// A running child process, killed and waited for on drop.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
    output: PathBuf,
}

/// Why a server did not become ready.
#[derive(Debug)]
pub enum NotReady {
    /// It ended by itself, as one does whose port is taken.
    Ended(String),
    /// It runs and does not answer.
    Silent(String),
}

impl Process {
    /// Starts a program; what it prints goes to a file in `directory`, where no full pipe can stop it.
    pub fn start(name: &str, mut command: Command, directory: &Path) -> Self {
        let output = directory.join("output");
        let file = File::create(&output).unwrap_or_else(|error| panic!("cannot create {}: {error}", output.display()));
        let copy = file.try_clone().expect("a file handle can be duplicated");
        command.stdin(Stdio::null()).stdout(file).stderr(copy);
        let child = spawn(command).unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        Self { child, name: name.to_owned(), output }
    }

    /// Asks until the answer is yes.
    pub fn wait_until_ready(&mut self, mut is_ready: impl FnMut() -> bool) -> Result<(), NotReady> {
        let start = Instant::now();
        loop {
            if is_ready() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return Err(NotReady::Ended(self.report(&format!("ended with {status}"))));
            }
            if start.elapsed() > PATIENCE {
                return Err(NotReady::Silent(self.report("runs but does not answer")));
            }
            thread::sleep(PAUSE);
        }
    }

    /// How the program ended, if it does within `limit`.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        loop {
            let status = self.child.try_wait().expect("a child can be waited for");
            if status.is_some() || start.elapsed() > limit {
                return status;
            }
            thread::sleep(PAUSE);
        }
    }

    /// Sends a signal, named as in `TERM`. Under Wine that one ends a program as it does any other, and what asks it to
    /// stop is the signal of Ctrl-C.
    pub fn signal(&self, name: &str) {
        let name = if name == "TERM" && env::var_os(UNDER_WINE).is_some() { "INT" } else { name };
        // The shell's own `kill` is everywhere.
        let status = Command::new("sh").args(["-c", &format!("kill -s {name} {}", self.id())]).status();
        assert!(status.is_ok_and(|status| status.success()), "SIG{name} cannot be sent");
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What the program printed so far, on both its outputs.
    pub fn output(&self) -> String {
        fs::read(&self.output).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// A failure message with all there is to know about the program.
    pub fn report(&self, what: &str) -> String {
        format!("{} {what}; it printed:\n{}", self.name, self.output())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only for a process that is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `condition` holds, and fails the test with `complaint` if it never does.
pub fn wait_until(complaint: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "{complaint}");
        thread::sleep(PAUSE);
    }
}

/// Starts a child from a thread that lasts as long as the test process.
///
/// Servers ask to be killed when the thread that started them ends. A test's own thread may end long before
/// a server it shares with others.
fn spawn(command: Command) -> io::Result<Child> {
    type Job = (Command, Sender<io::Result<Child>>);
    static SPAWNER: OnceLock<Mutex<Sender<Job>>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (sender, receiver) = mpsc::channel::<Job>();
        thread::spawn(move || {
            for (mut command, reply) in receiver {
                // The one who asked has panicked meanwhile if nobody takes the reply.
                let _ = reply.send(command.spawn());
            }
        });
        Mutex::new(sender)
    });
    let (reply, child) = mpsc::channel();
    spawner.lock().unwrap_or_else(PoisonError::into_inner).send((command, reply)).expect("the spawning thread lasts");
    child.recv().expect("the spawning thread replies")
}
