//! The verdicts on paths in words, for the annotations of alerts.
//!
//! These words are labels, so that other words are another series. Some of them change with each round, such as by how
//! much a clock is off. So they are made again when something else is wrong with the path, and else only now and then.
//! Which machines are hit is up to whoever reports them: that is followed at once a few times, and then only now and
//! then as well.

use super::catalogue;
use super::gauges::Gauges;
use crate::observation::{Reason, Stage};
use crate::state::PathReport;
use crate::text::{self, Words};
use crate::verdict::{Status, Verdict};
use std::borrow::Cow;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The most bytes of one label.
const MAX_BYTES: usize = 250;

/// What ends a text that was cut.
const ELLIPSIS: char = '…';

/// How old words may be where figures alone have changed.
const FIGURES_FOR: Duration = Duration::from_mins(15);

/// How often words follow at once what machines report. One more time is added for each [`FIGURES_FOR`].
const CHANGES: u64 = 4;

/// The words that are shown of each path.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    shown: Mutex<HashMap<Arc<str>, Shown>>,
}

/// The words that are shown of a path.
#[derive(Debug)]
struct Shown {
    /// The verdict that was seen last.
    verdict: Verdict,
    substance: Substance,
    summary: String,
    impact: String,
    made_at: Instant,
    /// How often they may still follow what machines report, as of when.
    changes: (u64, Instant),
}

/// What a verdict is about, without figures that change with each round.
#[derive(Debug, PartialEq)]
struct Substance {
    status: Status,
    /// What is wrong with the path, which was measured.
    measured: Part,
    /// What machines report of themselves.
    reported: Part,
    /// How many machines lost activation, and how many will within 7 days.
    hit: Option<(u64, u64)>,
    /// The first of the latter.
    soonest: Option<Arc<[Arc<str>]>>,
}

/// What is wrong, as far as it comes from one side.
#[derive(Debug, PartialEq, Default)]
struct Part {
    problems: Vec<(Stage, Reason)>,
    /// The summary without figures, where what is blamed is among these: it names hosts or machines, and one that is gone
    /// is not named for long.
    named: String,
    /// It names whom the blame is on.
    first_step: String,
}

impl Verdicts {
    /// Adds a series for each path.
    pub(super) fn set(&self, gauges: &mut Gauges, paths: &[Arc<PathReport>], now: Instant) {
        // What a writer that panicked left out is made again.
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        // What is left of it belongs to paths that are gone.
        let mut before = std::mem::take(&mut *shown);
        for path in paths {
            let words = Shown::after(before.remove(&path.name), path, now);
            let status = words.verdict.status.as_str();
            let labels = [&path.name, status, &words.summary, &words.impact, words.substance.first_step()];
            gauges.set(&catalogue::PATH_VERDICT, labels, 1.0);
            shown.insert(Arc::clone(&path.name), words);
        }
    }
}

impl Shown {
    /// The words for what is known of a path now, which may be those from before.
    fn after(before: Option<Self>, path: &PathReport, now: Instant) -> Self {
        let verdict = &path.verdict;
        let Some(before) = before else { return Self::new(path, Substance::of(path), now, (CHANGES, now)) };
        let is_old = now.saturating_duration_since(before.made_at) >= FIGURES_FOR;
        if before.verdict == *verdict && !is_old {
            return before;
        }
        let substance = Substance::of(path);
        let changes = before.changes_at(now);
        let is_measured = substance.is_measured_otherwise(&before.substance);
        if is_old || is_measured {
            return Self::new(path, substance, now, changes);
        }
        match changes {
            (left @ 1.., since) if substance != before.substance => Self::new(path, substance, now, (left - 1, since)),
            _ => Self { verdict: verdict.clone(), changes, ..before },
        }
    }

    /// How often they may follow what machines report from now on.
    fn changes_at(&self, now: Instant) -> (u64, Instant) {
        let (left, since) = self.changes;
        let added = now.saturating_duration_since(since).as_secs() / FIGURES_FOR.as_secs();
        if added == 0 { (left, since) } else { ((left + added).min(CHANGES), now) }
    }

    fn new(path: &PathReport, substance: Substance, made_at: Instant, changes: (u64, Instant)) -> Self {
        let verdict = &path.verdict;
        let summary = text::summary(Words::ENGLISH, &path.name, verdict);
        let impact = text::impact(Words::ENGLISH, &path.name, verdict).unwrap_or_default();
        let [summary, impact] = [summary, impact].map(|text| cut(&text).into_owned());
        Self { verdict: verdict.clone(), substance, summary, impact, made_at, changes }
    }
}

impl Substance {
    fn of(path: &PathReport) -> Self {
        let verdict = &path.verdict;
        let dependents = verdict.dependents.as_ref();
        let first_step = text::first_steps(Words::ENGLISH, verdict).into_iter().next().unwrap_or_default();
        let part = |is_reported: bool| Part {
            problems: verdict
                .problems
                .iter()
                .filter(|problem| problem.machines.is_some() == is_reported)
                .map(|problem| (problem.stage, problem.reason))
                .collect(),
            ..Part::default()
        };
        let (mut measured, mut reported) = (part(false), part(true));
        let blames_machines = verdict.problems.first().is_some_and(|blamed| blamed.machines.is_some());
        let blamed = if blames_machines { &mut reported } else { &mut measured };
        blamed.named = without_figures(&text::summary(Words::ENGLISH, &path.name, verdict));
        blamed.first_step = cut(&first_step).into_owned();
        Self {
            status: verdict.status,
            measured,
            reported,
            hit: dependents.map(|of| (of.lost, of.within_week)),
            soonest: dependents.map(|of| Arc::clone(&of.soonest)),
        }
    }

    /// True where something else was measured, whatever machines report.
    fn is_measured_otherwise(&self, before: &Self) -> bool {
        self.status != before.status || self.measured != before.measured
    }

    fn first_step(&self) -> &str {
        if self.reported.first_step.is_empty() { &self.measured.first_step } else { &self.reported.first_step }
    }
}

/// The words of a text that are no figures. Addresses are none.
fn without_figures(text: &str) -> String {
    let is_figure = |word: &&str| {
        let word = word.trim_matches(|end: char| !end.is_alphanumeric());
        word.chars().all(|one| !one.is_alphabetic())
            && word.parse::<IpAddr>().is_err()
            && word.parse::<SocketAddr>().is_err()
    };
    text.split_whitespace().filter(|word| !is_figure(word)).collect::<Vec<_>>().join(" ")
}

/// The text, or as many of its words as a label takes. Of a command that does not fit, nothing is shown: half of one may
/// be another.
fn cut(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_BYTES {
        return text.into();
    }
    let (start, rest) = text.split_at(text.floor_char_boundary(MAX_BYTES - ELLIPSIS.len_utf8()));
    let ends_a_word = rest.starts_with(char::is_whitespace);
    let words = if ends_a_word { Some(start) } else { start.rsplit_once(char::is_whitespace).map(|(words, _)| words) };
    let words = words.unwrap_or(start);
    let is_in_command = !words.matches('`').count().is_multiple_of(2);
    let whole = if is_in_command { words.rsplit_once('`').map_or(words, |(before, _)| before) } else { words };
    let whole = whole.trim_end_matches(|last: char| last.is_whitespace() || ",;:(".contains(last));
    format!("{whole}{ELLIPSIS}").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn figures_are_no_substance_and_names_and_addresses_are() {
        let text = "kms01.corp.example:1688 (192.0.2.1) fails in 3 of 10 rounds, and is 4.5 s ahead since 2026-12-05.";
        let substance = "kms01.corp.example:1688 (192.0.2.1) fails in of rounds, and is s ahead since";
        assert_eq!(without_figures(text), substance);
        assert_eq!(without_figures("192.0.2.1:1688 at 2026-12-05"), "192.0.2.1:1688 at");
    }

    #[test]
    fn a_text_is_cut_at_a_word_and_before_a_command_that_does_not_fit() {
        assert_eq!(cut("short"), "short");
        let words = "word ".repeat(60);
        assert_eq!(cut(words.trim_end()), format!("{}…", "word ".repeat(49).trim_end()));
        let command = format!("On kms01, {}: `slmgr /ipk {}`", "x".repeat(200), "KEY ".repeat(20));
        assert_eq!(cut(&command), format!("On kms01, {}…", "x".repeat(200)));
        let japanese = "猶".repeat(100);
        assert_eq!(cut(&japanese), format!("{}…", "猶".repeat(82)));
    }

    proptest! {
        #[test]
        fn no_label_is_longer_than_it_may_be(text in "[ a猶`,]{0,400}") {
            let label = cut(&text);
            prop_assert!(label.len() <= MAX_BYTES);
            prop_assert!(label == text.as_str() || label.ends_with(ELLIPSIS));
            prop_assert!(label == text.as_str() || label.matches('`').count().is_multiple_of(2));
        }
    }
}
