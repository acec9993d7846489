//! What the service manager receives: the messages of `sd_notify(3)`, received as systemd receives them.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::servers::directory::TemporaryDirectory;
use crate::servers::port;
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::program::gracewatch;

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(20);

/// The socket of a service manager.
struct Manager {
    socket: UnixDatagram,
    directory: TemporaryDirectory,
}

impl Manager {
    fn new() -> Self {
        let directory = TemporaryDirectory::new("notify");
        let socket = UnixDatagram::bind(directory.path().join("notify")).expect("the socket can be made");
        socket.set_read_timeout(Some(LIMIT)).expect("a limit can be set");
        Self { socket, directory }
    }

    /// Starts the daemon, which is to say that it is alive within so many microseconds, if any.
    fn start(&self, patience: Option<u32>) -> Daemon<'static> {
        let mut command = gracewatch();
        command.env("NOTIFY_SOCKET", self.directory.path().join("notify"));
        command.envs(patience.map(|patience| ("WATCHDOG_USEC", patience.to_string())));
        Daemon::start_with(command, &config::hosts(&[port::refusing()]))
    }

    /// The next message that is not a sign of life.
    fn next(&self) -> String {
        std::iter::repeat_with(|| self.receive()).find(|message| message != "WATCHDOG=1").expect("they do not end")
    }

    fn receive(&self) -> String {
        let mut buffer = [0; 1024];
        let length = self.socket.recv(&mut buffer).expect("a message arrives");
        String::from_utf8_lossy(&buffer[..length]).trim_end().to_owned()
    }
}

#[test]
fn the_service_manager_is_notified_of_start_reload_and_end() {
    let manager = Manager::new();
    let mut daemon = manager.start(None);
    let is_up = format!("READY=1\nSTATUS=listening on http://{}", daemon.address());
    assert_eq!(manager.next(), is_up);

    daemon.signal("HUP");
    let reloading = manager.next();
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert_eq!(manager.next(), is_up);

    // One that is refused is over as well.
    daemon.rewrite("nonsense: 1");
    assert_eq!(daemon.post("/-/reload").status, 500);
    assert!(manager.next().starts_with("RELOADING=1\n"));
    assert_eq!(manager.next(), is_up);

    daemon.signal("TERM");
    assert_eq!(manager.next(), "STOPPING=1");
    assert!(daemon.wait(LIMIT).is_some_and(|status| status.success()));
}

#[test]
fn the_service_manager_is_notified_that_the_daemon_is_alive_where_it_waits_for_that() {
    let manager = Manager::new();
    let _daemon = manager.start(Some(200_000));
    assert!(manager.next().starts_with("READY=1\n"));
    for _ in 0..3 {
        assert_eq!(manager.receive(), "WATCHDOG=1");
    }
}
