//! Machines that enrolled: listed, and shut out. It is done in the store, so that a daemon goes by it at once.

use crate::catalogue::{Message, message};
use crate::cli::{ConfigFile, configuration, print};
use crate::config::Config;
use crate::license::MachineName;
use crate::store::{Enrolled, Store, StoreUrl};
use crate::text::{Words, say};
use jiff::Timestamp;
use std::error::Error;

/// The store of the configuration, which has to be there: nothing is made for a question.
fn store(words: Words, file: ConfigFile) -> Result<StoreUrl, Box<dyn Error>> {
    let file = configuration::file(file, words).ok_or_else(|| message!("name-config"))?;
    let status = Config::load_without_tokens(Some(&file))?.status.ok_or_else(|| message!("no-store"))?;
    match &status.store {
        StoreUrl::Sqlite(file) if !file.exists() => {
            Err(message!("store-not-there", store = status.store.to_string()).into())
        }
        _ => Ok(status.store),
    }
}

/// Lists the machines that enrolled.
pub(super) async fn list(words: Words, file: ConfigFile) -> Result<(), Box<dyn Error>> {
    let store = Store::open_to_read(&store(words, file)?).await?;
    let machines = store.enrolled().await?;
    store.close().await;
    let widest = |length: fn(&Enrolled) -> usize| machines.iter().map(length).max().unwrap_or_default();
    let name = widest(|it| it.machine.as_str().chars().count());
    let token = widest(|it| it.token.chars().count());
    let lines = machines.iter().map(|it| {
        let revoked = it.revoked_at.map(|at| format!("  {}", say!(words, "machine-revoked", at = at.to_string())));
        let (revoked, at) = (revoked.unwrap_or_default(), it.enrolled_at);
        format!("{:name$}  {:token$}  {at}{revoked}\n", it.machine.as_str(), it.token)
    });
    Ok(print(&lines.collect::<String>())?)
}

/// Shuts a machine out, or lets it enrol once more.
pub(super) async fn revoke(words: Words, file: ConfigFile, name: &str, again: bool) -> Result<(), Box<dyn Error>> {
    let machine: MachineName = name.parse().map_err(Message::from)?;
    let store = Store::open(&store(words, file)?).await?;
    let mut writing = store.begin().await?;
    let is_known = if again {
        writing.forget_enrolled(&machine).await?
    } else {
        writing.revoke_enrolled(&machine, Timestamp::now()).await?
    };
    if !is_known {
        writing.cancel().await?;
        store.close().await;
        return Err(message!("machine-not-enrolled", machine = machine.as_str()).into());
    }
    writing.commit().await?;
    store.close().await;
    let done = if again {
        message!("machine-enrols-again", machine = machine.as_str())
    } else {
        message!("machine-shut-out", machine = machine.as_str())
    };
    anstream::eprintln!("{}", done.in_words(words));
    Ok(())
}
