//! Notifications to the service manager: that the daemon is up, that it reloads or stops, and that it is alive. systemd
//! listens to the first three of a unit of `Type=notify`, and to the last where it has `WatchdogSec=`
//! (`sd_notify(3)`). That of Windows is called for the first and the third. Elsewhere, and where nobody listens, nothing
//! is sent.

use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// The service manager that started the process, if one did.
#[derive(Debug)]
pub struct Supervisor {
    /// When to say again that the daemon is alive: twice as often as it is waited for.
    heartbeat: Option<Interval>,
}

impl Supervisor {
    /// The service manager, as the environment names it.
    pub fn new() -> Self {
        let heartbeat = channel::patience().map(|patience| {
            let period = (patience / 2).max(Duration::from_millis(1));
            let mut heartbeat = interval_at(Instant::now() + period, period);
            heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
            heartbeat
        });
        Self { heartbeat }
    }

    /// Says that the daemon is up, and in a few words what it does.
    pub fn is_ready(&self, status: &str) {
        channel::notify_ready(status);
    }

    /// Says that the configuration is read again. [`Self::is_ready`] says that this is over.
    pub fn is_reloading(&self) {
        channel::notify_reloading();
    }

    /// Says that the daemon is about to end.
    pub fn is_stopping(&self) {
        channel::notify_stopping();
    }

    /// Waits until it is time to say that the daemon is alive, and says so. Without end where nobody waits for that.
    pub async fn beat(&mut self) {
        match &mut self.heartbeat {
            Some(heartbeat) => {
                heartbeat.tick().await;
                channel::notify_alive();
            }
            None => std::future::pending().await,
        }
    }
}

impl Default for Supervisor {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(target_os = "linux")]
mod channel {
    use sd_notify::NotifyState;
    use std::time::Duration;
    use tracing::warn;

    /// How long the service manager waits for a sign of life.
    pub(super) fn patience() -> Option<Duration> {
        sd_notify::watchdog_enabled()
    }

    pub(super) fn notify_ready(status: &str) {
        notify(&[NotifyState::Ready, NotifyState::Status(status)]);
    }

    pub(super) fn notify_reloading() {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => notify(&[NotifyState::Reloading, now]),
            Err(_) => notify(&[NotifyState::Reloading]),
        }
    }

    pub(super) fn notify_stopping() {
        notify(&[NotifyState::Stopping]);
    }

    pub(super) fn notify_alive() {
        notify(&[NotifyState::Watchdog]);
    }

    fn notify(states: &[NotifyState<'_>]) {
        if let Err(error) = sd_notify::notify(states) {
            warn!("the service manager cannot be notified: {error}");
        }
    }
}

/// What the daemon says of itself to a service manager that is called in place of notified.
#[cfg(windows)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    Ready,
    Stopping,
}

#[cfg(windows)]
static CALLED: std::sync::OnceLock<fn(Notice)> = std::sync::OnceLock::new();

/// Has every notice given to `manager`; the first that is named.
#[cfg(windows)]
pub fn call(manager: fn(Notice)) {
    let _ = CALLED.set(manager);
}

#[cfg(not(target_os = "linux"))]
mod channel {
    use std::time::Duration;

    pub(super) const fn patience() -> Option<Duration> {
        None
    }

    pub(super) fn notify_ready(_status: &str) {
        #[cfg(windows)]
        notify(super::Notice::Ready);
    }

    pub(super) const fn notify_reloading() {}

    pub(super) fn notify_stopping() {
        #[cfg(windows)]
        notify(super::Notice::Stopping);
    }

    pub(super) const fn notify_alive() {}

    #[cfg(windows)]
    fn notify(notice: super::Notice) {
        if let Some(manager) = super::CALLED.get() {
            manager(notice);
        }
    }
}
