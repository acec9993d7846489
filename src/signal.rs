//! What the operating system asks of the process: to stop, and to read its configuration again.

use std::io;

/// Holds back what would end the process before anybody listens; called before all else, in its first thread, whose
/// mask all others inherit.
///
/// * SIGHUP waits until the daemon listens, and is a reload then.
/// * SIGXFSZ waits for ever: what writes beyond `ulimit -f` gets the error EFBIG instead, as the store expects.
///
/// Between `exec` and here, while the system loads the program, both still end it: that is up to whoever starts it.
/// Under systemd no reload comes so early, since `Type=notify` has it wait until the daemon is ready.
#[cfg(unix)]
pub fn hold_back() {
    use nix::sys::signal::{SigSet, Signal::SIGHUP, Signal::SIGXFSZ};
    // It fails for an unknown operation alone.
    let _ = SigSet::from_iter([SIGHUP, SIGXFSZ]).thread_block();
}

/// Takes SIGHUP in this thread: whoever closes a terminal ends what runs there.
#[cfg(unix)]
pub fn take_hangups() {
    use nix::sys::signal::{SigSet, Signal::SIGHUP};
    // As above.
    let _ = SigSet::from(SIGHUP).thread_unblock();
}

/// Other systems end the process for none of these.
#[cfg(not(unix))]
pub const fn hold_back() {}

/// The same.
#[cfg(not(unix))]
pub const fn take_hangups() {}

/// The signals the daemon listens to.
#[cfg(unix)]
#[derive(Debug)]
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

/// A signal that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// To stop: SIGTERM or SIGINT; on Windows Ctrl-C, Ctrl-Break, or that the console closes or the system shuts down.
    Stop,
    /// To read the configuration again: SIGHUP.
    Reload,
}

#[cfg(unix)]
impl Signals {
    /// Begins to listen, in a thread that lasts. A SIGHUP that was held back comes now.
    ///
    /// # Errors
    /// Where the system refuses a handler.
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        };
        take_hangups();
        Ok(signals)
    }

    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Stop,
            _ = self.terminate.recv() => Signal::Stop,
            _ = self.hangup.recv() => Signal::Reload,
        }
    }
}

/// Asks the daemon of this process for what a signal would, which no service manager of Windows sends.
#[cfg(windows)]
pub fn ask_for(signal: Signal) {
    match signal {
        Signal::Stop => STOP.notify_one(),
        Signal::Reload => RELOAD.notify_one(),
    }
}

/// What is asked for and not heeded yet. To ask twice is to ask once.
#[cfg(windows)]
static STOP: tokio::sync::Notify = tokio::sync::Notify::const_new();
#[cfg(windows)]
static RELOAD: tokio::sync::Notify = tokio::sync::Notify::const_new();

/// The events of its console that the daemon listens to. That somebody logs off is none: it may be anybody.
#[cfg(windows)]
#[derive(Debug)]
pub struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    terminate: tokio::signal::windows::CtrlBreak,
    /// After these two Windows ends the process, once it is done or a few seconds have passed.
    close: tokio::signal::windows::CtrlClose,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// Where the system refuses a handler.
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
        Ok(Self { interrupt: ctrl_c()?, terminate: ctrl_break()?, close: ctrl_close()?, shutdown: ctrl_shutdown()? })
    }

    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Stop,
            _ = self.terminate.recv() => Signal::Stop,
            _ = self.close.recv() => Signal::Stop,
            _ = self.shutdown.recv() => Signal::Stop,
            () = STOP.notified() => Signal::Stop,
            () = RELOAD.notified() => Signal::Reload,
        }
    }
}
