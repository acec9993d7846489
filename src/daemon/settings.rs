//! The resolver settings of this machine, which change while the daemon runs: a network comes, or an address moves.

use crate::config::System;
use std::time::Duration;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep, sleep_until};

/// The longest time from one look to the next. A round may take longer, and a change is not to wait for that.
const LOOK: Duration = Duration::from_secs(5);

/// How long settings have to stay the same: files are not always replaced as a whole.
const SETTLING: Duration = Duration::from_millis(100);

/// Looks at the settings, one look at a time.
#[derive(Default)]
pub(super) struct SettingsWatch {
    next: Option<Instant>,
    working: Option<JoinHandle<System>>,
}

impl SettingsWatch {
    /// Waits until the settings are others than the known ones. Rounds are so far apart. Nothing is lost where the future
    /// is dropped.
    pub(super) async fn changed(&mut self, known: &System, interval: Duration) -> System {
        loop {
            let now = Instant::now();
            sleep_until(*self.next.get_or_insert(now + interval.min(LOOK))).await;
            let read = self.read().await;
            if let Some(first) = read.filter(|read| read != known && !read.is_unread) {
                sleep(SETTLING).await;
                if self.read().await.as_ref() == Some(&first) {
                    self.next = None;
                    return first;
                }
                continue;
            }
            self.next = None;
        }
    }

    /// Reads the settings where nothing waits for that. While that hangs, no other look is begun.
    async fn read(&mut self) -> Option<System> {
        let working = self.working.get_or_insert_with(|| spawn_blocking(System::read));
        // Where it panics, that is a fault of this program, and the settings stay as they are.
        let read = working.await.ok();
        self.working = None;
        read
    }
}
