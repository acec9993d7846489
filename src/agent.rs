//! `gracewatch agent`: what a machine reports of itself, sent to a server.
//!
//! A run collects from a [`Source`], keeps what it collected on disk, and sends what waits there, the oldest first. The
//! server has each report on disk before it acknowledges it, and takes one that comes twice for one: so what is kept here
//! until then is neither lost nor counted twice, whenever either of the two ends.

mod body;
mod enrolment;
#[cfg(any(windows, test))]
mod events;
mod memory;
mod rows;
mod sender;
mod source;
mod spool;
mod trouble;
mod view;
#[cfg(windows)]
mod wmi;

pub use source::Source;
pub use trouble::{Outcome, Trouble};

use crate::config::agent::TokenFile;
use crate::config::{self, Config};
use crate::license::MachineName;
use crate::secret::Secret;
use body::Body;
use enrolment::Own;
use memory::Memory;
use ring::rand::{SecureRandom, SystemRandom};
use sender::{Answer, Sender};
use spool::{Place, Spool};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{info, warn};
use url::Url;

/// The pauses between the attempts of a run by itself.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// The first pause after a run that could not send everything, each after which is twice as long, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(15);
const LONGEST_PAUSE: Duration = Duration::from_mins(30);

/// What an agent goes by.
#[derive(Debug, Clone)]
pub struct Settings {
    pub agent: config::Agent,
    pub server: Url,
    pub source: Source,
    /// The machine that this is, where that is said.
    pub machine: Option<MachineName>,
    /// Who resolves names, and how long a stage of the machine's own path may take.
    pub config: Config,
}

/// An agent, which has its folder to itself.
#[derive(Debug)]
pub struct Agent {
    settings: Settings,
    spool: Spool,
    memory: Memory,
    /// The token that this machine has for its own, where it enrols.
    own: Own,
    /// What this machine was called when it was last read.
    machine: Option<MachineName>,
}

/// How a run went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ran {
    /// How many reports and texts the server has.
    pub sent: usize,
    /// How many wait.
    pub waiting: usize,
    pub troubles: Vec<Trouble>,
    /// How long the server asks to be left alone.
    rest: Option<Duration>,
}

impl Ran {
    fn note(&mut self, trouble: Trouble) {
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }
}

impl Agent {
    /// Opens its folder.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn open(settings: Settings) -> Result<Self, Trouble> {
        let spool = Spool::open(&settings.agent.folder)?;
        // Where that cannot be written, what is collected cannot be either, which is reported.
        let (memory, _) = Memory::read(&spool.beside(memory::FILE));
        let own = Own::read(&spool.beside(enrolment::FILE))?;
        Ok(Self { settings, spool, memory, own, machine: None })
    }

    /// What would be sent now, text by text. Nothing is sent or kept.
    pub async fn preview(settings: &Settings) -> (Vec<String>, Vec<Trouble>) {
        let (memory, _) = Memory::read(&settings.agent.folder.join(memory::FILE));
        let collected = settings.source.collect(settings.machine.as_ref(), &memory, &settings.config).await;
        let texts = collected.bodies.iter().map(|body| String::from_utf8_lossy(&body.text).into_owned());
        (texts.collect(), collected.troubles)
    }

    /// Collects once and sends everything that waits, with a few attempts.
    pub async fn once(mut self) -> Ran {
        let mut ran = self.collect().await;
        for pause in PAUSES.into_iter().map(Some).chain([None]) {
            let sent = self.send().await;
            ran.sent += sent.sent;
            let is_passing = sent.troubles.iter().any(|trouble| trouble.outcome.is_passing());
            let Some(pause) = pause.filter(|_| is_passing) else {
                sent.troubles.into_iter().for_each(|trouble| ran.note(trouble));
                break;
            };
            sleep(jittered(pause)).await;
        }
        ran.waiting = self.spool.waiting();
        ran
    }

    /// Collects and sends without end, until `stop`.
    pub async fn run(mut self, stop: impl Future<Output = ()>) {
        tokio::select! {
            () = stop => {}
            () = self.go_on() => {}
        }
    }

    async fn go_on(&mut self) {
        let config::Agent { interval, spread, .. } = self.settings.agent;
        info!(server = %self.settings.server, interval = ?interval, "the agent reports");
        sleep(random_part(spread)).await;
        loop {
            let next = Instant::now() + interval;
            let collected = self.collect().await;
            log(&collected);
            let mut pause = FIRST_PAUSE;
            loop {
                let sent = self.send().await;
                log(&sent);
                if sent.troubles.is_empty() && sent.sent > 0 {
                    info!(sent = sent.sent, "reports are on the server");
                }
                let again = Instant::now() + jittered(pause.max(sent.rest.unwrap_or_default()));
                if self.spool.waiting() == 0 || again >= next {
                    break;
                }
                sleep_until(again).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            sleep_until(next).await;
        }
    }

    /// Reads what the machine reports now, and keeps it until it is sent.
    async fn collect(&mut self) -> Ran {
        let Self { settings, memory, .. } = self;
        let collected = settings.source.collect(settings.machine.as_ref(), memory, &settings.config).await;
        self.machine = collected.machine.or(self.machine.take());
        let mut ran = Ran { troubles: collected.troubles, ..Ran::default() };
        let mut is_kept = true;
        for body in collected.bodies {
            if let Err(trouble) = self.spool.add(body) {
                is_kept &= trouble.outcome == Outcome::ReportsDropped;
                ran.note(trouble);
            }
        }
        // What waits in memory alone is read again by the next run, if this one ends before it is sent.
        if is_kept && let Err(error) = self.memory.note_events(&collected.events_until) {
            ran.note(Trouble::of_folder(&error));
        }
        ran
    }

    /// Sends what waits. Where the server does not know the token that this machine enrolled, it is enrolled again: an
    /// older copy may have taken the place of the server's store.
    async fn send(&mut self) -> Ran {
        let is = |trouble: &Trouble, outcome| trouble.outcome == outcome;
        let mut ran = self.send_once().await;
        if !ran.troubles.iter().any(|it| is(it, Outcome::TokenRejected)) || !self.enrols() || !self.own.doubt() {
            return ran;
        }
        let again = self.send_once().await;
        // Without the token by which it enrolled, all there is to say is that its own is rejected.
        if !again.troubles.iter().any(|it| is(it, Outcome::NoToken)) {
            ran.troubles.retain(|it| !is(it, Outcome::TokenRejected));
            again.troubles.into_iter().for_each(|trouble| ran.note(trouble));
        }
        Ran { sent: ran.sent + again.sent, waiting: again.waiting, rest: again.rest.or(ran.rest), ..ran }
    }

    const fn enrols(&self) -> bool {
        matches!(self.settings.agent.token_file, Some(TokenFile::Enrolment(_)))
    }

    /// Sends what waits, the oldest first, until something stands in the way.
    async fn send_once(&mut self) -> Ran {
        let mut ran = Ran::default();
        let sender = match self.sender().await {
            Ok(sender) => sender,
            Err((trouble, rest)) => {
                ran.note(trouble);
                (ran.rest, ran.waiting) = (rest, self.spool.waiting());
                return ran;
            }
        };
        let (mut passed_over, mut one_by_one) = (BTreeSet::new(), BTreeSet::new());
        loop {
            let mut batch = self.spool.next(&passed_over);
            if batch.first().is_some_and(|(place, _)| one_by_one.contains(place)) {
                batch.truncate(1);
            }
            let (places, bodies): (Vec<Place>, Vec<Body>) = batch.into_iter().unzip();
            let Some(first) = places.first() else { break };
            match sender.send(&bodies).await {
                Answer::Accepted { is_name_shared } => {
                    ran.sent += bodies.len();
                    if is_name_shared {
                        ran.note(Trouble::new(Outcome::NameShared, ""));
                    }
                    self.spool.remove(&places);
                    // What cannot be removed is sent again by the next run, and not at once.
                    passed_over.extend(places.into_iter().filter(Place::is_file));
                }
                // Which of them is refused is seen by sending each by itself. What was taken already counts once.
                Answer::Refused(_) if places.len() > 1 => one_by_one.extend(places),
                Answer::Refused(trouble) => {
                    // Whom a token may report for can change.
                    if trouble.outcome == Outcome::NotAllowed {
                        passed_over.insert(first.clone());
                    } else {
                        self.spool.refuse(first);
                        passed_over.extend(Some(first.clone()).filter(Place::is_file));
                    }
                    ran.note(trouble);
                }
                Answer::Failed(trouble, rest) => {
                    ran.note(trouble);
                    ran.rest = rest;
                    break;
                }
            }
        }
        ran.waiting = self.spool.waiting();
        ran
    }

    /// What sends with the token of this machine, which is enrolled before where it has to be. Where there is none: why,
    /// and how long the server asks to be left alone.
    async fn sender(&mut self) -> Result<Sender, (Trouble, Option<Duration>)> {
        let token = match self.settings.agent.token_file.clone() {
            Some(TokenFile::Token(file)) => first_line(&file),
            Some(TokenFile::Enrolment(file)) => return self.sender_of_own(&file).await,
            None => Err(Trouble::new(Outcome::NoToken, "token_file")),
        };
        token.and_then(|token| self.sender_with(token)).map_err(|trouble| (trouble, None))
    }

    /// The same with the token that this machine has for its own.
    async fn sender_of_own(&mut self, file: &Path) -> Result<Sender, (Trouble, Option<Duration>)> {
        let at_once = |trouble| (trouble, None);
        let known = self.own.of(self.machine.as_ref()).map_err(at_once)?;
        if !known.is_enrolled {
            let by = first_line(file).and_then(|token| self.sender_with(token)).map_err(at_once)?;
            by.enrol(&known.machine, &known.token).await?;
            info!(machine = known.machine, "this machine is enrolled");
            self.own.note_enrolled();
        }
        self.sender_with(known.token).map_err(at_once)
    }

    fn sender_with(&self, token: Secret) -> Result<Sender, Trouble> {
        let Settings { agent, server, .. } = &self.settings;
        Sender::new(agent, server, token).map_err(|fault| Trouble::new(Outcome::FileUnreadable, fault))
    }
}

fn first_line(file: &Path) -> Result<Secret, Trouble> {
    sender::first_line(file).map_err(|fault| Trouble::new(Outcome::NoToken, fault))
}

fn log(ran: &Ran) {
    for trouble in &ran.troubles {
        warn!(outcome = trouble.outcome.as_str(), waiting = ran.waiting, "{trouble}");
    }
}

/// A random part of a span.
fn random_part(span: Duration) -> Duration {
    let mut bytes = [0; 4];
    // Without random numbers it is half of it.
    let random = SystemRandom::new().fill(&mut bytes).map_or(u32::MAX / 2, |()| u32::from_le_bytes(bytes));
    span.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

/// Half of a span and a random part of as much again, so that a fleet that failed together does not come back together.
fn jittered(span: Duration) -> Duration {
    span / 2 + random_part(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_differ_and_are_bounded() {
        let pauses: BTreeSet<_> = (0..100).map(|_| jittered(FIRST_PAUSE)).collect();
        assert!(pauses.len() > 90);
        assert!(pauses.iter().all(|pause| (FIRST_PAUSE / 2..=FIRST_PAUSE * 3 / 2).contains(pause)));
    }
}
