//! The activation status of machines, from raw to checked.

use super::{Check, count_within, duration_within};
use crate::catalogue::{Message, message};
use crate::config::error::{Fault, has_escape};
use crate::config::raw::{Raw, RawStatus, RawWeb, Text};
use crate::config::store_url::{StoreUrl, StoreUrlError};
use crate::config::tokens::{Tokens, TokensError};
use crate::config::{Inbox, Status, read_tokens_file};
use crate::fleet::MAX_LICENSES;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// As long as the library that reads durations has it.
const YEAR: Duration = Duration::from_hours(8766);
const STALE_AFTER: RangeInclusive<Duration> = HOUR..=YEAR;
const KEPT: RangeInclusive<Duration> = DAY..=Duration::from_secs(10 * YEAR.as_secs());
const AT_RISK: RangeInclusive<i64> = 0..=1000;
const LICENSES: RangeInclusive<i64> = 1000..=20_000_000;

impl Check<'_> {
    pub(super) fn status(&self, raw: &RawStatus, web: &RawWeb) -> Result<Status, Fault> {
        let duration = |text: &Option<Text>, default, range| match text {
            Some(text) => self.parse(text, |text| duration_within(text, range)),
            None => Ok(default),
        };
        let stale_after = duration(&raw.stale_after, Status::STALE_AFTER, STALE_AFTER)?;
        let forget_after = duration(&raw.forget_after, Status::FORGET_AFTER, KEPT)?;
        if forget_after <= stale_after {
            let place = raw.forget_after.as_ref().or(raw.stale_after.as_ref());
            let message = message!("config-forgotten-early");
            return Err(Fault { position: place.map(|text| text.referenced.into()), message });
        }
        let store = self.secret(&raw.store, |url| url.parse().map_err(|error: StoreUrlError| error.message()))?;
        let inbox = match &raw.inbox {
            Some(text) => Some(Arc::new(Inbox {
                folder: self.parse(text, folder)?,
                keep: duration(&raw.inbox_keep, Inbox::KEEP, KEPT)?,
                apart_from: self.files_apart(raw, web, &store)?,
            })),
            None => None,
        };
        if let (Some(text), Some(inbox)) = (&raw.inbox, &inbox) {
            inbox.seems_apart().map_err(|message| Fault::of(&text.value, text.referenced, message))?;
        }
        let inventory = raw.inventory.as_ref().map(|text| self.parse(text, inventory)).transpose()?;
        Ok(Status {
            store,
            inbox,
            inventory,
            tokens: raw
                .tokens_file
                .as_ref()
                .filter(|_| self.reads_tokens)
                .map_or(Ok(Tokens::default()), |file| self.tokens(file))?,
            stale_after,
            forget_after,
            history: duration(&raw.history, Status::HISTORY, KEPT)?,
            at_risk: match &raw.at_risk {
                Some(count) => count_within(count, AT_RISK)?,
                None => Status::AT_RISK,
            },
            licenses: match &raw.licenses {
                Some(count) => count_within(count, LICENSES)?,
                None => MAX_LICENSES,
            },
        })
    }

    /// Where the tokens are, whether they are or not, and how that is written.
    pub(in crate::config) fn tokens_file(&self, raw: &Raw) -> Result<Option<(PathBuf, String)>, Fault> {
        let file = raw.status.as_ref().and_then(|status| status.value.tokens_file.as_ref());
        file.map(|file| self.parse(file, |path| Ok((PathBuf::from(path), file.value.clone())))).transpose()
    }

    /// Reads the file of tokens, which nobody else may read.
    fn tokens(&self, file: &Text) -> Result<Tokens, Fault> {
        self.parse(file, |path| tokens(Path::new(path), &file.value))
    }

    /// Files that an inbox must not take, each with the word for it in the catalogue.
    fn files_apart(
        &self,
        raw: &RawStatus,
        web: &RawWeb,
        store: &StoreUrl,
    ) -> Result<Vec<(&'static str, PathBuf)>, Fault> {
        let mut files = vec![("configuration", PathBuf::from(self.origin))];
        if let StoreUrl::Sqlite(file) = store {
            files.push(("store", file.clone()));
        }
        if let Some(text) = &raw.tokens_file {
            files.push(("tokens", self.parse(text, |path| Ok(PathBuf::from(path)))?));
        }
        if let Some(text) = &raw.inventory {
            files.push(("inventory", self.parse(text, |path| Ok(PathBuf::from(path)))?));
        }
        if let Some(text) = &web.config_file {
            files.push(("web", self.parse(text, |path| Ok(PathBuf::from(path)))?));
        }
        Ok(files)
    }
}

pub(super) fn folder(text: &str) -> Result<PathBuf, Message> {
    if text.is_empty() {
        return Err(message!("config-no-folder"));
    }
    if has_escape(text) {
        return Err(message!("config-path-escape"));
    }
    Ok(PathBuf::from(text))
}

fn inventory(text: &str) -> Result<Arc<Path>, Message> {
    if text.is_empty() { Err(message!("config-no-file")) } else { Ok(Path::new(text).into()) }
}

fn tokens(file: &Path, written: &str) -> Result<Tokens, Message> {
    let text = read_tokens_file(file)?;
    if is_open_to_others(file)? {
        return Err(message!("tokens-open", file = written));
    }
    Tokens::parse(&text).map_err(TokensError::message)
}

/// True where a file is open to more than its owner and its group.
#[cfg(unix)]
fn is_open_to_others(file: &Path) -> Result<bool, Message> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(file);
    let metadata = metadata.map_err(|error| message!("file-unreadable", error = error.to_string()))?;
    Ok(metadata.mode() & 0o006 != 0)
}

/// Windows keeps no mode; the access list of the folder says who may read it.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "where there are modes, they may not be readable")]
fn is_open_to_others(_: &Path) -> Result<bool, Message> {
    Ok(false)
}
