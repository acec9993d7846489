//! Where a command learns of machines: from a daemon, or from the store where none answers.

use super::daemon::Daemon;
use super::{ConfigFile, ServerArguments, configuration};
use crate::catalogue::message;
use crate::config::{Config, Status};
use crate::fleet::{Dependencies, Fleet, Inventory, Moment};
use crate::intake::{inventory, keeper, reach};
use crate::store::{Store, StoreUrl};
use crate::text::{Words, say};
use jiff::Timestamp;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

/// Where machines are known from.
pub(super) enum Source {
    Daemon(Daemon),
    Kept(Box<Kept>),
}

/// A store that was read, and what the configuration says of machines.
pub(super) struct Kept {
    pub(super) fleet: Fleet,
    pub(super) moment: Moment,
    pub(super) dependencies: Dependencies,
    /// The store; `None` where its file is not there yet.
    pub(super) store: Option<Store>,
    /// Where the machines that are expected are listed.
    inventory: Option<Arc<Path>>,
}

/// Finds the daemon that is named, or the one on this machine; the store is read where there is none.
pub(super) async fn open(server: &ServerArguments, file: ConfigFile, words: Words) -> Result<Source, Box<dyn Error>> {
    if let Some(daemon) = Daemon::named(server, words)? {
        return Ok(Source::Daemon(daemon));
    }
    let file = configuration::file(file, words);
    let config = Config::load_without_tokens(file.as_deref())?;
    if let Some(daemon) = Daemon::here(&config, file.is_some(), words).await {
        return Ok(Source::Daemon(daemon));
    }
    let status = config.status.as_ref().ok_or_else(|| say!(words, "no-store-and-no-daemon"))?;
    Ok(Source::Kept(Box::new(Kept::read(&config, status, words).await?)))
}

impl Kept {
    async fn read(config: &Config, status: &Status, words: Words) -> Result<Self, Box<dyn Error>> {
        let is_missing = matches!(&status.store, StoreUrl::Sqlite(file) if !file.exists());
        let (store, fleet) = if is_missing {
            let store = status.store.to_string();
            anstream::eprintln!("gracewatch: {}", say!(words, "store-not-there", store = store));
            (None, Fleet::default())
        } else {
            let store = Store::open_to_read(&status.store).await?;
            let fleet = keeper::read_from(&store).await?;
            (Some(store), fleet)
        };
        Ok(Self {
            fleet,
            moment: Moment { now: Timestamp::now(), stale_after: status.stale_after() },
            // Nothing is looked up here, so paths are known by what is configured of them.
            dependencies: reach::dependencies(&config.paths, true, &[]),
            store,
            inventory: status.inventory.clone(),
        })
    }

    /// The machines that are expected.
    ///
    /// # Errors
    /// Why it is not known which are.
    pub(super) fn inventory(&self, words: Words) -> Result<Arc<Inventory>, String> {
        let place = self.inventory.as_ref().ok_or_else(|| say!(words, "inventory-not-configured"))?;
        let found = inventory::read(place);
        let found = found.map_err(|fault| message!("inventory-not-read", fault = fault).in_words(words))?;
        Ok(Arc::new(found.inventory))
    }
}
