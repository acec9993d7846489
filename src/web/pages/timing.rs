//! How long each target of a path took, as a line over time. The figures are beside it, as text.

use super::frame::Frame;
use super::parts::Time;
use crate::state::{Durations, Series};
use crate::text::{self, say};
use crate::words::milliseconds;
use std::fmt::Write;
use std::time::Duration;

/// How large a drawing is, in its own units: each slot of time is one wide.
pub(super) const HEIGHT: usize = 24;

/// The targets of a path over time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Timing {
    pub(super) from: Time,
    /// How long that is.
    pub(super) span: String,
    pub(super) width: usize,
    pub(super) lines: Vec<Line>,
    /// How many targets are not drawn.
    pub(super) left_out: usize,
}

/// A target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) target: String,
    pub(super) address: String,
    /// What is drawn, as a path of SVG.
    pub(super) drawn: String,
    /// The last and the longest.
    pub(super) last: String,
    pub(super) longest: String,
}

impl Timing {
    pub(super) fn new(frame: &Frame, durations: &Durations) -> Self {
        let (from, length) = durations.span();
        let width = durations.series.iter().map(|series| series.slots.len()).max().unwrap_or_default();
        Self {
            from: from.into(),
            span: text::span(frame.words, length),
            width,
            lines: durations.series.iter().map(|series| line(frame, series)).collect(),
            left_out: durations.left_out,
        }
    }
}

fn line(frame: &Frame, series: &Series) -> Line {
    let longest = series.slots.iter().flatten().copied().fold(0.0_f32, f32::max);
    let last = series.slots.iter().rev().find_map(|slot| *slot);
    let shown = |seconds: f32| milliseconds(Duration::try_from_secs_f32(seconds).unwrap_or_default());
    Line {
        target: series.target.clone(),
        address: series.address.clone().unwrap_or_default(),
        drawn: drawn(series, longest),
        last: last.map_or_else(|| say!(frame.words, "page-not-seen"), shown),
        longest: shown(longest),
    }
}

/// A step to each slot, from nothing at the bottom to the longest at the top; a gap where nothing was probed.
fn drawn(series: &Series, longest: f32) -> String {
    let mut path = String::new();
    let mut is_down = false;
    for (x, slot) in series.slots.iter().enumerate() {
        let Some(seconds) = slot else {
            is_down = false;
            continue;
        };
        let share = if longest > 0.0 { seconds / longest } else { 0.0 };
        #[expect(clippy::cast_precision_loss, reason = "a few units")]
        let y = (1.0 - share) * (HEIGHT - 2) as f32 + 1.0;
        let step = if is_down { 'L' } else { 'M' };
        // A string takes whatever is written to it.
        let _ = write!(path, "{step}{x} {y:.1}h1");
        is_down = true;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_probed_is_a_gap() {
        let slots = [Some(1.0), Some(0.5), None, Some(0.0)].into();
        let series = Series { target: "kms01".to_owned(), address: None, slots };
        assert_eq!(drawn(&series, 1.0), "M0 1.0h1L1 12.0h1M3 23.0h1");
        assert_eq!(drawn(&series, 0.0).matches("23.0").count(), 3, "nothing took any time");
    }
}
