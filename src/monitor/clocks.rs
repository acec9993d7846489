//! The clocks, as paths see them: what is known of each, and which hosts' clocks are of use to whom.

use crate::clock_report::ClockReport;
use crate::config::Config;
use crate::host::{Address, Host};
use crate::probe::HostAddress;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What paths want of the clocks, and what they get.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    watched: Mutex<Watched>,
    report: Mutex<Arc<ClockReport>>,
    /// True once every time server was asked.
    is_complete: AtomicBool,
    reads_hosts: AtomicBool,
    changed: Notify,
}

/// The hosts whose clocks are of use to paths.
#[derive(Debug, Default)]
pub(super) struct Watched {
    pub(super) hosts: HashMap<Address, BTreeMap<(Arc<str>, Host), Watch>>,
    /// Those that have come or gone, and were not looked at yet.
    pub(super) changes: BTreeSet<Address>,
    pub(super) paths: Vec<Arc<Wake>>,
}

/// A path on which a host is.
#[derive(Debug)]
pub(super) struct Watch {
    /// At how many ports it is.
    count: usize,
    pub(super) wake: Arc<Wake>,
}

impl Clocks {
    /// Takes a configuration before any path asks.
    pub(super) fn configure(&self, config: &Config) {
        self.reads_hosts.store(!config.clock.host_clocks.is_empty(), Ordering::Release);
    }

    /// What is known of all clocks.
    pub(super) fn report(&self) -> Arc<ClockReport> {
        Arc::clone(&self.report.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// True once every time server was asked.
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete.load(Ordering::Acquire)
    }

    /// True where the clocks of hosts are read at all.
    pub(super) fn reads_hosts(&self) -> bool {
        self.reads_hosts.load(Ordering::Acquire)
    }

    /// Wakes a path from now on whenever true time is otherwise than before.
    pub(super) fn register(&self, wake: &Arc<Wake>) {
        self.watched().paths.push(Arc::clone(wake));
    }

    /// Forgets a path and all it watches.
    pub(super) fn unregister(&self, wake: &Arc<Wake>) {
        let Watched { hosts, changes, paths } = &mut *self.watched();
        paths.retain(|known| !Arc::ptr_eq(known, wake));
        hosts.retain(|address, watches| {
            watches.retain(|_, watch| !Arc::ptr_eq(&watch.wake, wake));
            if watches.is_empty() {
                changes.insert(*address);
            }
            !watches.is_empty()
        });
        self.changed.notify_one();
    }

    /// Reads the clock of a host from now on, and wakes the path when it is otherwise than before.
    pub(super) fn watch(&self, wake: &Arc<Wake>, host: &HostAddress) {
        let mut watched = self.watched();
        let address = Address::from(host.address);
        let known = watched.hosts.entry(address).or_default();
        let watch = known.entry((Arc::clone(&wake.path), host.host.host.clone()));
        watch.or_insert_with(|| Watch { count: 0, wake: Arc::clone(wake) }).count += 1;
        watched.changes.insert(address);
        self.changed.notify_one();
    }

    /// Takes back one [`Self::watch`].
    pub(super) fn unwatch(&self, wake: &Arc<Wake>, host: &HostAddress) {
        let mut watched = self.watched();
        let address = Address::from(host.address);
        let Some(known) = watched.hosts.get_mut(&address) else { return };
        if let Entry::Occupied(mut watch) = known.entry((Arc::clone(&wake.path), host.host.host.clone())) {
            watch.get_mut().count -= 1;
            if watch.get().count == 0 {
                watch.remove();
            }
        }
        if known.is_empty() {
            watched.hosts.remove(&address);
        }
        // Where it has other names, it may have been shown by this one.
        watched.changes.insert(address);
        self.changed.notify_one();
    }

    /// Has all hosts looked at again.
    pub(super) fn look_at_all(&self) {
        let Watched { hosts, changes, .. } = &mut *self.watched();
        changes.extend(hosts.keys());
        self.changed.notify_one();
    }

    /// Waits until hosts have come or gone since this was last waited for.
    pub(super) async fn hosts_changed(&self) {
        self.changed.notified().await;
    }

    /// Takes what is known now, and whether every time server was asked. Returns whether they were before.
    pub(super) fn take_report(&self, report: Arc<ClockReport>, is_complete: bool) -> bool {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = report;
        self.is_complete.swap(is_complete, Ordering::AcqRel)
    }

    pub(super) fn watched(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a path is woken when clocks have changed that it shows.
#[derive(Debug)]
pub(super) struct Wake {
    /// The name of the path.
    pub(super) path: Arc<str>,
    has_changed: AtomicBool,
    notify: Notify,
}

impl Wake {
    pub(super) fn new(path: Arc<str>) -> Self {
        Self { path, has_changed: AtomicBool::new(false), notify: Notify::new() }
    }

    pub(super) fn clocks_changed(&self) {
        if !self.has_changed.swap(true, Ordering::AcqRel) {
            self.notify.notify_one();
        }
    }

    /// Waits until clocks have changed since this was last waited for.
    pub(super) async fn changed(&self) {
        self.notify.notified().await;
        self.has_changed.store(false, Ordering::Release);
    }
}
