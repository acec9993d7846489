//! What a client asked and what it was answered: events 12288 and 12289. The answer does not say which license it is
//! for, so it is that of the request before it.

use super::kms_info::{Request, Response, is_failure};
use crate::license::MachineName;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// How long after its request an answer may come.
const MAX_WAIT: SignedDuration = SignedDuration::from_mins(10);

/// How many requests of one client may wait for an answer at once.
const MAX_WAITING: usize = 64;

/// How many requests and answers are kept. With more, those so far are put together, and then forgotten.
const MAX_EVENTS: usize = 20_000;

/// The requests and answers of each client, in whatever order they come.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    clients: BTreeMap<Option<MachineName>, Vec<(Timestamp, Step)>>,
    events: usize,
}

/// A request sorts before an answer at the same time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The client asked.
    Request(Request),
    /// It has an answer.
    Response(Response),
}

/// An answer and the request it is for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exchange {
    pub(super) client: Option<MachineName>,
    /// When the answer came.
    pub(super) time: Timestamp,
    /// What it asked.
    pub(super) request: Request,
    /// What it was answered.
    pub(super) response: Response,
}

impl Exchanges {
    /// Keeps a request or an answer. A request that failed gets no answer.
    pub(super) fn keep(&mut self, client: Option<MachineName>, time: Timestamp, step: Step) {
        if !matches!(&step, Step::Request(request) if is_failure(request.state.code)) {
            self.clients.entry(client).or_default().push((time, step));
            self.events += 1;
        }
    }

    /// True where no more should be kept.
    pub(super) const fn is_full(&self) -> bool {
        self.events >= MAX_EVENTS
    }

    /// Puts together what is kept, and forgets it. An answer without its request is of no use.
    pub(super) fn take(&mut self) -> Vec<Exchange> {
        self.events = 0;
        let clients = std::mem::take(&mut self.clients);
        clients.into_iter().flat_map(|(client, steps)| paired(client.as_ref(), steps)).collect()
    }
}

fn paired(client: Option<&MachineName>, mut steps: Vec<(Timestamp, Step)>) -> Vec<Exchange> {
    steps.sort();
    let mut waiting: VecDeque<(Timestamp, Request)> = VecDeque::new();
    let mut exchanges = Vec::new();
    for (time, step) in steps {
        match step {
            Step::Request(request) => {
                if waiting.len() >= MAX_WAITING {
                    waiting.pop_front();
                }
                waiting.push_back((time, request));
            }
            Step::Response(response) => {
                waiting.retain(|(asked_at, _)| time.duration_since(*asked_at) <= MAX_WAIT);
                // The answer repeats the time in the request, to the minute; it may be in an unreadable form.
                let is_same = |request: &Request| {
                    response.client_time.is_some() && request.state.client_time == response.client_time
                };
                let same = waiting.iter().rposition(|(_, request)| is_same(request));
                let latest = same.or(waiting.len().checked_sub(1));
                if let Some((_, request)) = latest.and_then(|position| waiting.remove(position)) {
                    exchanges.push(Exchange { client: client.cloned(), time, request, response });
                }
            }
        }
    }
    exchanges
}
