//! `GET /metrics`: the page of metrics.
//!
//! It is made once for all who ask while the one before is being made, so that many readers cost hardly more than one.
//! None gets a page that is older than its request, unless so many pages are being read that they fill half of their
//! room.

mod pages;

use super::aside::aside;
use super::compression;
use super::rejected::Rejected;
use crate::catalogue::message;
use crate::counters::HttpCounters;
use crate::metrics::{CONTENT_TYPE, Metrics};
use axum::body::Body;
use axum::http::header::{self, CONTENT_ENCODING, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use pages::{Coding, Dropped, Page, Pages, Reading};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How many bytes of pages there may be in memory.
const LIMIT: usize = 64 * 1024 * 1024;

/// How old a page may be for one who asks while many are being read.
const SHARED: Duration = Duration::from_secs(1);

/// Where those who ask at the same time share a page of metrics.
#[derive(Debug)]
pub(super) struct Scrapes {
    metrics: Arc<Metrics>,
    pages: Pages,
    /// The page that was made last; none where nobody waits for it.
    last: Mutex<Option<Arc<Page>>>,
    waiting: AtomicUsize,
}

#[derive(Debug, Error)]
enum NoPage {
    #[error("{0}")]
    NotMade(String),
    #[error(transparent)]
    Dropped(#[from] Dropped),
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

impl Scrapes {
    pub(super) fn new(metrics: Arc<Metrics>, counters: HttpCounters) -> Self {
        Self::within(LIMIT, metrics, counters)
    }

    fn within(limit: usize, metrics: Arc<Metrics>, counters: HttpCounters) -> Self {
        Self { metrics, pages: Pages::new(limit, counters), last: Mutex::new(None), waiting: AtomicUsize::new(0) }
    }

    /// The answer to a scrape.
    pub(super) async fn answer(&self, headers: &HeaderMap) -> Response {
        match self.read(compression::takes_gzip(headers)).await {
            Ok(response) => response,
            Err(NoPage::Dropped(_)) => Rejected::unavailable(message!("page-dropped")).into_response(),
            Err(error @ NoPage::NotMade(_)) => {
                (StatusCode::INTERNAL_SERVER_ERROR, error.to_string() + "\n").into_response()
            }
        }
    }

    async fn read(&self, is_compressed: bool) -> Result<Response, NoPage> {
        let page = self.page().await?;
        let content_type = [(header::CONTENT_TYPE, CONTENT_TYPE)];
        if !is_compressed {
            return Ok((content_type, Body::new(Reading::new(page, Coding::Plain)?)).into_response());
        }
        let gzip = async {
            let text = page.plain()?;
            aside(move || compression::gzip(&text)).await.map_err(|error| NoPage::NotMade(error.to_string()))
        };
        page.compress(gzip).await?;
        let mut response = (content_type, Body::new(Reading::new(page, Coding::Gzip)?)).into_response();
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
        Ok(response)
    }

    async fn page(&self) -> Result<Arc<Page>, NoPage> {
        let asked = Instant::now();
        let waiting = Waiting::new(&self.waiting);
        let mut last = self.last.lock().await;
        drop(waiting);
        let fresh = last.take().filter(|page| page.begun >= asked);
        let many = || self.pages.newest_of_many().filter(|page| page.begun.elapsed() <= SHARED);
        let page = if let Some(page) = fresh.or_else(many) {
            page
        } else {
            let (begun, metrics) = (Instant::now(), Arc::clone(&self.metrics));
            let made = aside(move || metrics.render()).await.map_err(|error| NoPage::NotMade(error.to_string()))?;
            let text = made.map_err(|error| NoPage::NotMade(error.to_string()))?;
            self.pages.add(begun, text)
        };
        if self.waiting.load(Ordering::Relaxed) > 0 {
            *last = Some(Arc::clone(&page));
        }
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::Counters;
    use crate::state::State;
    use axum::body::to_bytes;
    use axum::http::header::ACCEPT_ENCODING;
    use std::collections::HashSet;
    use tokio::task::JoinSet;
    use tokio::time::advance;

    fn scrapes(limit: usize) -> (Arc<Counters>, Arc<Scrapes>) {
        let (state, counters) = (Arc::new(State::new()), Arc::new(Counters::new().unwrap()));
        let metrics = Arc::new(Metrics::new(state, Arc::clone(&counters)).unwrap());
        let scrapes = Scrapes::within(limit, metrics, counters.http().clone());
        (counters, Arc::new(scrapes))
    }

    async fn text(response: Response) -> Result<String, axum::Error> {
        let bytes = to_bytes(response.into_body(), usize::MAX).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn value(counters: &Counters, name: &str) -> f64 {
        let families = counters.registry().gather();
        let metric = &families.iter().find(|family| family.name() == name).unwrap().get_metric()[0];
        metric.get_gauge().get_value() + metric.get_counter().get_value()
    }

    #[tokio::test]
    async fn those_who_ask_at_once_share_a_page_and_nobody_gets_an_old_one() {
        let (counters, scrapes) = scrapes(LIMIT);
        let mut readers = JoinSet::new();
        for _ in 0..100 {
            let scrapes = Arc::clone(&scrapes);
            readers.spawn(async move { scrapes.page().await.unwrap() });
        }
        let pages = readers.join_all().await;
        // The first is made for who came first, the second for all that came meanwhile.
        let different: HashSet<_> = pages.iter().map(Arc::as_ptr).collect();
        assert!(different.len() <= 3, "{} pages", different.len());
        assert!(scrapes.last.lock().await.is_none(), "nobody waits for it");

        for count in 1..=3 {
            counters.http().accept_failed();
            let text = text(scrapes.answer(&HeaderMap::new()).await).await.unwrap();
            let line = format!("gracewatch_http_accept_failures_total {count}\n");
            assert!(text.contains(&line), "{line}");
        }
    }

    #[tokio::test]
    async fn what_is_compressed_once_is_the_page() {
        let (_, scrapes) = scrapes(LIMIT);
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("gzip"))]);
        let response = scrapes.answer(&headers).await;
        assert_eq!(
            (&response.headers()[CONTENT_ENCODING], &response.headers()[VARY]),
            (&"gzip".parse().unwrap(), &"accept-encoding".parse().unwrap())
        );
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let mut inflated = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&*bytes), &mut inflated).unwrap();
        assert!(inflated.contains("gracewatch_build_info"), "{inflated}");
    }

    /// As by HTTP/2, through windows that stay closed.
    #[tokio::test(start_paused = true)]
    async fn pages_that_are_not_read_are_bounded_and_whoever_scrapes_has_one() {
        let length = scrapes(LIMIT).1.page().await.unwrap().plain().unwrap().len();
        let (counters, scrapes) = scrapes(10 * length);
        let held = || value(&counters, "gracewatch_http_pages_bytes");
        let limit = value(&counters, "gracewatch_http_pages_limit_bytes");
        let mut unread = Vec::new();
        for second in 0..200 {
            for _ in 0..20 {
                unread.push(scrapes.answer(&HeaderMap::new()).await);
            }
            assert!(held() <= limit, "{} of {limit}", held());
            // Those who read get what is no older than a second, and all of it.
            counters.http().accept_failed();
            advance(SHARED + Duration::from_millis(1)).await;
            let text = text(scrapes.answer(&HeaderMap::new()).await).await.unwrap();
            let line = format!("gracewatch_http_accept_failures_total {}\n", second + 1);
            assert!(text.contains(&line), "{line}");
        }
        assert!(value(&counters, "gracewatch_http_pages_dropped_total") > 100.0);
        // The newest are there, and the others break off.
        let (newest, oldest) = (unread.pop().unwrap(), unread.swap_remove(0));
        assert!(text(newest).await.is_ok());
        assert!(text(oldest).await.is_err());
        drop(unread);
        assert!(held().abs() < 0.5, "{}", held());
    }
}
