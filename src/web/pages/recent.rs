//! What changed since yesterday, for the first page: read and laid out again after some seconds, however many look at it.

use super::changes::{self, ChangeRow};
use super::frame::Frame;
use crate::report::change_words::lines;
use crate::report::changes::USUAL;
use crate::web::Sources;
use crate::web::aside::aside;
use crate::web::changed::RECENT;
use crate::web::data::ChangesData;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// For how long it is shown as it was read.
const FRESH: Duration = Duration::from_secs(10);

/// How many lines are shown.
const LINES: usize = 8;

/// For how many ways of asking it is kept as it is shown.
const READERS: usize = 16;

/// What changed, as it was read last.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<Option<Known>>);

#[derive(Debug)]
struct Known {
    read_at: Instant,
    changed: Arc<ChangesData>,
    /// The same as it is shown, by the language of the page, and the one that its address asks for.
    shown: HashMap<(&'static str, Option<String>), Arc<Shown>>,
}

/// What is shown of it.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) rows: Vec<ChangeRow>,
    /// How many changes are not shown.
    pub(super) more: usize,
}

impl Recent {
    /// What changed since yesterday, no older than some seconds, as the first page shows it; `None` where that is not known.
    pub(super) async fn shown(&self, sources: &Sources, frame: &Frame) -> Option<Arc<Shown>> {
        let mut known = self.0.lock().await;
        if known.as_ref().is_none_or(|known| known.read_at.elapsed() >= FRESH) {
            let changed = sources.pages.changed.read(sources, USUAL, RECENT).await.ok()?;
            *known = Some(Known { read_at: Instant::now(), changed, shown: HashMap::new() });
        }
        let known = known.as_mut()?;
        let reader = (frame.tag(), frame.language().map(str::to_owned));
        if let Some(shown) = known.shown.get(&reader) {
            return Some(Arc::clone(shown));
        }
        let (changed, frame) = (Arc::clone(&known.changed), frame.clone());
        let shown = Arc::new(aside(move || Shown::new(&frame, &changed)).await.ok()?);
        // There are more ways to write a language than there are languages.
        if known.shown.len() < READERS {
            known.shown.insert(reader, Arc::clone(&shown));
        }
        Some(shown)
    }
}

impl Shown {
    fn new(frame: &Frame, changed: &ChangesData) -> Self {
        let report = changed.report(changes::MOST);
        let rows = lines(&report.changes).take(LINES).filter_map(|line| changes::row_of(frame, line, 0));
        let rows: Vec<_> = rows.collect();
        let more = report.changes.len().saturating_sub(rows.iter().map(|row| row.count).sum());
        Self { rows, more }
    }
}
