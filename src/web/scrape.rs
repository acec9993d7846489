//! `GET /metrics`: the page of metrics.
//!
//! It is made once for all who ask while the one before is being made, so that many readers cost hardly more than one. None
//! gets a page that is older than its request.

use super::aside::aside;
use crate::metrics::{CONTENT_TYPE, Metrics};
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The page of metrics, as those share it who ask at the same time.
#[derive(Debug)]
pub(super) struct Page {
    metrics: Arc<Metrics>,
    /// The page that was made last, and when that began; none where nobody waits for it.
    last: Mutex<Option<(Instant, Bytes)>>,
    waiting: AtomicUsize,
}

/// One who waits for a page.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Page {
    /// The page of these metrics.
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics, last: Mutex::new(None), waiting: AtomicUsize::new(0) }
    }

    /// The answer to a scrape.
    pub(super) async fn answer(&self) -> Response {
        match self.get().await {
            Ok(page) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], page).into_response(),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error + "\n").into_response(),
        }
    }

    async fn get(&self) -> Result<Bytes, String> {
        let asked = Instant::now();
        let waiting = Waiting::new(&self.waiting);
        let mut last = self.last.lock().await;
        drop(waiting);
        let page = match last.take() {
            Some((begun, page)) if begun >= asked => (begun, page),
            _ => {
                let (begun, metrics) = (Instant::now(), Arc::clone(&self.metrics));
                let made = aside(move || metrics.render()).await.map_err(|error| error.to_string())?;
                (begun, Bytes::from(made.map_err(|error| error.to_string())?))
            }
        };
        if self.waiting.load(Ordering::Relaxed) > 0 {
            *last = Some(page.clone());
        }
        Ok(page.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::Counters;
    use crate::state::State;
    use std::collections::HashSet;
    use tokio::task::JoinSet;

    #[tokio::test]
    async fn those_who_ask_at_once_share_a_page_and_nobody_gets_an_old_one() {
        let (state, counters) = (Arc::new(State::new()), Arc::new(Counters::new().unwrap()));
        let page = Arc::new(Page::new(Arc::new(Metrics::new(state, Arc::clone(&counters)).unwrap())));
        let mut readers = JoinSet::new();
        for _ in 0..100 {
            let page = Arc::clone(&page);
            readers.spawn(async move { page.get().await.unwrap() });
        }
        let pages = readers.join_all().await;
        // The first is made for who came first, the second for all that came meanwhile.
        let different: HashSet<_> = pages.iter().map(|page| page.as_ptr()).collect();
        assert!(different.len() <= 3, "{} pages", different.len());
        assert!(page.last.lock().await.is_none(), "nobody waits for it");

        for count in 1..=3 {
            counters.http().accept_failed();
            let text = page.get().await.unwrap();
            let line = format!("gracewatch_http_accept_failures_total {count}\n");
            assert!(String::from_utf8_lossy(&text).contains(&line), "{line}");
        }
    }
}
