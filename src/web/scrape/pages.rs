//! The pages of metrics in memory, until the last of their readers is done.
//!
//! A reader that opens no window by HTTP/2, or reads a byte now and then, keeps its page, and may ask for more of them.
//! So there is a bound on them, beyond which the oldest goes, whoever still reads it: whoever scrapes now gets its
//! page.

use crate::counters::HttpCounters;
use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use thiserror::Error;
use tokio::sync::OnceCell;
use tokio::time::Instant;

/// How much of a page a reader is handed at once, in bytes. That is copied, so that no more of it than this is held by
/// what sends it.
const PART: usize = 16 * 1024;

/// All pages in memory.
#[derive(Debug)]
pub(super) struct Pages {
    /// The oldest first.
    known: Mutex<Vec<Weak<Page>>>,
    /// How many bytes there may be.
    limit: usize,
    counters: HttpCounters,
}

#[derive(Debug)]
pub(super) struct Page {
    pub(super) begun: Instant,
    texts: Mutex<Texts>,
    /// Whether it is compressed. Only one of its readers does that.
    compressed: OnceCell<()>,
    counters: HttpCounters,
}

/// The text of a page, in each coding in which it was asked for; none once it is dropped.
#[derive(Debug, Default)]
struct Texts {
    plain: Option<Bytes>,
    gzip: Option<Bytes>,
}

/// How a page is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Gzip,
}

/// The page is gone.
#[derive(Debug, Clone, Copy, Error)]
#[error("the page was dropped before it was read, to make room for newer ones")]
pub(super) struct Dropped;

impl Pages {
    pub(super) fn new(limit: usize, counters: HttpCounters) -> Self {
        counters.set_most_pages(limit);
        Self { known: Mutex::default(), limit, counters }
    }

    /// The newest page, where another like it would fill more than half of the room.
    pub(super) fn newest_of_many(&self) -> Option<Arc<Page>> {
        let known = self.known();
        let newest = known.iter().rev().find_map(Weak::upgrade)?;
        (bytes(&known) + newest.bytes() > self.limit / 2).then_some(newest)
    }

    /// Takes a page in, and drops the oldest where there is no room.
    pub(super) fn add(&self, begun: Instant, text: Vec<u8>) -> Arc<Page> {
        self.counters.page_grew(text.len());
        let texts = Texts { plain: Some(text.into()), gzip: None };
        let counters = self.counters.clone();
        let page = Arc::new(Page { begun, texts: Mutex::new(texts), compressed: OnceCell::new(), counters });
        let mut known = self.known();
        known.retain(|page| page.strong_count() > 0);
        known.push(Arc::downgrade(&page));
        let mut surplus = bytes(&known).saturating_sub(self.limit);
        // The newest stays, however long it is.
        let older = known.len() - 1;
        for page in known.iter().take(older).filter_map(Weak::upgrade) {
            if surplus == 0 {
                break;
            }
            surplus = surplus.saturating_sub(page.drop_texts());
            self.counters.page_dropped();
        }
        page
    }

    fn known(&self) -> MutexGuard<'_, Vec<Weak<Page>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bytes(pages: &[Weak<Page>]) -> usize {
    pages.iter().filter_map(Weak::upgrade).map(|page| page.bytes()).sum()
}

impl Page {
    fn texts(&self) -> MutexGuard<'_, Texts> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many bytes it takes.
    fn bytes(&self) -> usize {
        let Texts { plain, gzip } = &*self.texts();
        [plain, gzip].into_iter().flatten().map(Bytes::len).sum()
    }

    fn drop_texts(&self) -> usize {
        let bytes = self.bytes();
        *self.texts() = Texts::default();
        self.counters.page_shrank(bytes);
        bytes
    }

    /// The text as it was made.
    pub(super) fn plain(&self) -> Result<Bytes, Dropped> {
        self.texts().plain.clone().ok_or(Dropped)
    }

    /// Takes it compressed as well, once for all its readers.
    pub(super) async fn compress<E>(&self, gzip: impl Future<Output = Result<Vec<u8>, E>>) -> Result<(), E> {
        let compressed = async {
            let gzip = gzip.await?;
            let mut texts = self.texts();
            if texts.plain.is_some() {
                self.counters.page_grew(gzip.len());
                texts.gzip = Some(gzip.into());
            }
            Ok(())
        };
        self.compressed.get_or_try_init(|| compressed).await.copied()
    }

    fn text(texts: &Texts, coding: Coding) -> Option<&Bytes> {
        match coding {
            Coding::Plain => texts.plain.as_ref(),
            Coding::Gzip => texts.gzip.as_ref(),
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.drop_texts();
    }
}

/// A page as a body, of which the reader has come so far.
#[derive(Debug)]
pub(super) struct Reading {
    page: Arc<Page>,
    coding: Coding,
    at: usize,
    length: usize,
}

impl Reading {
    pub(super) fn new(page: Arc<Page>, coding: Coding) -> Result<Self, Dropped> {
        let length = Page::text(&page.texts(), coding).map(Bytes::len).ok_or(Dropped)?;
        Ok(Self { page, coding, at: 0, length })
    }
}

impl HttpBody for Reading {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if self.is_end_stream() {
            return Poll::Ready(None);
        }
        let end = self.length.min(self.at + PART);
        let part = Page::text(&self.page.texts(), self.coding)
            .and_then(|text| text.get(self.at..end))
            .map(Bytes::copy_from_slice);
        self.at = end;
        Poll::Ready(Some(part.map(Frame::data).ok_or(Dropped)))
    }

    fn is_end_stream(&self) -> bool {
        self.at == self.length
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact((self.length - self.at) as u64)
    }
}
