//! What one connection is doing, since when, and until when it may.

use super::head::Heads;
use crate::counters::TimeLimit;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long the head of a request may take, from its first byte on; before the first request, from the connection on.
const HEAD: Duration = Duration::from_secs(10);

/// How long a connection may rest between two requests: two scrapes at the usual interval are a minute apart.
const IDLE: Duration = Duration::from_mins(2);

/// How long a reader may take none of an answer, and how long it may take for all of it.
const STALL: Duration = Duration::from_secs(20);
const ANSWER: Duration = Duration::from_mins(2);

/// A reader that takes nothing for so long is missed less than one that connects.
const UNREAD: Duration = Duration::from_secs(2);

/// What one connection is doing.
#[derive(Debug)]
pub(super) struct Pulse {
    doing: Mutex<Doing>,
    displaced: Notify,
}

#[derive(Debug)]
struct Doing {
    heads: Heads,
    /// What it does while no request is under way.
    quiet: Quiet,
    /// The requests under way, each with the moment at which its answer began.
    requests: Vec<(u64, Option<Instant>)>,
    next_request: u64,
    /// Since when something is being written, and when the last of it was taken.
    writing: Option<(Instant, Instant)>,
}

#[derive(Debug, Clone, Copy)]
enum Quiet {
    /// Nothing has come yet.
    Fresh(Instant),
    /// A head has begun to come.
    Head(Instant),
    /// The last request is answered.
    Idle(Instant),
}

impl Pulse {
    pub(super) fn new() -> Self {
        let doing = Doing {
            heads: Heads::default(),
            quiet: Quiet::Fresh(Instant::now()),
            requests: Vec::new(),
            next_request: 0,
            writing: None,
        };
        Self { doing: Mutex::new(doing), displaced: Notify::new() }
    }

    fn doing(&self) -> MutexGuard<'_, Doing> {
        self.doing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes bytes that came.
    pub(super) fn received(&self, bytes: &[u8]) {
        let mut doing = self.doing();
        doing.heads.look_at(bytes);
        // HTTP/2 sends bytes that belong to no request.
        let is_head = doing.requests.is_empty() && !doing.heads.are_none();
        if is_head && !matches!(doing.quiet, Quiet::Head(_)) {
            doing.quiet = Quiet::Head(Instant::now());
        }
    }

    /// Notes that something is to be written, and whether some of it was taken.
    pub(super) fn writes(&self, is_taken: bool) {
        let now = Instant::now();
        let mut doing = self.doing();
        let (_, taken) = doing.writing.get_or_insert((now, now));
        if is_taken {
            *taken = now;
        }
    }

    /// Notes that all of it is written.
    pub(super) fn is_written(&self) {
        self.doing().writing = None;
    }

    /// True once a request could be read in two ways.
    pub(super) fn is_ambiguous(&self) -> bool {
        self.doing().heads.are_ambiguous()
    }

    /// Notes a request, which is under way until what is returned is gone.
    pub(super) fn begin(self: &Arc<Self>) -> UnderWay {
        let mut doing = self.doing();
        let request = doing.next_request;
        doing.next_request += 1;
        doing.requests.push((request, None));
        UnderWay { pulse: Arc::clone(self), request }
    }

    /// Until when it may do what it does, and which limit that is; `None` where others see to that.
    pub(super) fn deadline(&self) -> Option<(Instant, TimeLimit)> {
        let doing = self.doing();
        let writing = doing.writing.map(|(since, taken)| ((since + ANSWER).min(taken + STALL), TimeLimit::Answer));
        let answers =
            doing.requests.iter().filter_map(|(_, answering)| Some(((*answering)? + ANSWER, TimeLimit::Answer)));
        let quiet = doing.requests.is_empty().then_some(match doing.quiet {
            Quiet::Fresh(since) | Quiet::Head(since) => (since + HEAD, TimeLimit::Head),
            Quiet::Idle(since) => (since + IDLE, TimeLimit::Idle),
        });
        answers.chain(writing).chain(quiet).min_by_key(|(deadline, _)| *deadline)
    }

    /// Since when nobody would miss it; `None` while a request is under way.
    pub(super) fn quiet_since(&self) -> Option<Instant> {
        let doing = self.doing();
        let (Quiet::Fresh(since) | Quiet::Head(since) | Quiet::Idle(since)) = doing.quiet;
        (doing.requests.is_empty() && doing.writing.is_none()).then_some(since)
    }

    /// Since when another may have its place: since nobody would miss it, or since its reader takes nothing of any answer,
    /// as one by HTTP/2 that opens no window.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        self.quiet_since().or_else(|| self.unread_since())
    }

    fn unread_since(&self) -> Option<Instant> {
        let doing = self.doing();
        // None while one of them is still being worked on.
        let answers: Option<Vec<_>> = doing.requests.iter().map(|(_, answering)| *answering).collect();
        let since = answers?.into_iter().chain(doing.writing.map(|(_, taken)| taken)).max()?;
        (since.elapsed() >= UNREAD).then_some(since)
    }

    /// Has it closed, for another to have its place.
    pub(super) fn displace(&self) {
        self.displaced.notify_one();
    }

    /// Waits until another is to have its place.
    pub(super) async fn displaced(&self) {
        self.displaced.notified().await;
    }
}

/// A request that is under way.
#[derive(Debug)]
pub(super) struct UnderWay {
    pulse: Arc<Pulse>,
    request: u64,
}

impl UnderWay {
    /// Notes that the answer begins.
    pub(super) fn answers(&self) {
        let mut doing = self.pulse.doing();
        let own = doing.requests.iter_mut().find(|(request, _)| *request == self.request);
        if let Some((_, answering)) = own {
            *answering = Some(Instant::now());
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut doing = self.pulse.doing();
        doing.requests.retain(|(request, _)| *request != self.request);
        if doing.requests.is_empty() {
            doing.quiet = Quiet::Idle(Instant::now());
        }
    }
}
