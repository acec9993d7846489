//! Every clock that is read, and what is known of this machine's.

use super::mark::{Mark, timestamp};
use crate::clock::comparison::ClockState;
use crate::clock_report::{ClockReport, ClockSource};
use crate::text::{self, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::net::IpAddr;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ClockJson<'a> {
    /// What there is to say of this machine's clock, in a sentence.
    pub summary: String,
    /// How that is to be taken.
    #[serde(default)]
    pub mark: Mark,
    reference_offset_seconds: Option<f64>,
    error_seconds: Option<f64>,
    /// Every clock, the time servers first.
    pub sources: Vec<SourceJson<'a>>,
}

/// One clock.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SourceJson<'a> {
    /// A time server, or a KMS host and the port at which it is read.
    pub source: Cow<'a, str>,
    /// The address that was asked.
    pub address: Option<IpAddr>,
    /// `ntp`, or the protocol; null for a host whose clock cannot be read.
    pub kind: Option<Cow<'a, str>>,
    ok: bool,
    /// How it is to be taken.
    #[serde(default)]
    pub mark: Mark,
    reason: Option<Cow<'a, str>>,
    /// Its clock minus this machine's.
    pub offset_seconds: Option<f64>,
    /// The bound of that.
    pub error_seconds: Option<f64>,
    pub detail: Cow<'a, str>,
    observed_at: String,
}

impl<'a> ClockJson<'a> {
    /// The clocks, with the sentence in these words.
    pub fn new(clocks: &'a ClockReport, words: Words) -> Self {
        let offset = clocks.reference.as_ref().map(|reference| reference.offset);
        let servers = clocks.servers.iter().map(|server| {
            let mark = if server.observation.is_ok() { Mark::Ok } else { Mark::Failed };
            SourceJson::new(server, words, mark)
        });
        let hosts = clocks.hosts.values().map(|host| {
            let mark = host.comparison.map_or(Mark::Unknown, |comparison| of_state(comparison.state));
            SourceJson::new(&host.clock, words, mark)
        });
        Self {
            summary: text::clock_summary(words, clocks),
            mark: match &clocks.reference {
                Some(reference) => of_state(reference.comparison.state),
                // Where several servers were asked and none is believed, something is wrong.
                None if clocks.configured > 0 => Mark::Doubtful,
                None => Mark::Ok,
            },
            reference_offset_seconds: offset.map(|offset| offset.seconds),
            error_seconds: offset.map(|offset| offset.bound),
            sources: servers.chain(hosts).collect(),
        }
    }
}

impl<'a> SourceJson<'a> {
    fn new(clock: &'a ClockSource, words: Words, mark: Mark) -> Self {
        Self {
            source: (&*clock.source).into(),
            address: clock.address,
            kind: clock.kind.map(Cow::Borrowed),
            ok: clock.observation.is_ok(),
            mark,
            reason: clock.observation.reason.map(|reason| reason.as_str().into()),
            offset_seconds: clock.offset.map(|offset| offset.seconds),
            error_seconds: clock.offset.map(|offset| offset.bound),
            detail: text::detail(words, &clock.observation.detail).into(),
            observed_at: timestamp(clock.observation.observed_at),
        }
    }
}

const fn of_state(state: ClockState) -> Mark {
    match state {
        ClockState::Right => Mark::Ok,
        ClockState::Drifted => Mark::Doubtful,
        ClockState::Skewed => Mark::Failed,
    }
}
