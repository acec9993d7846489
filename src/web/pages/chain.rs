//! A path drawn as a client takes it: one box to each step, with how many targets pass it. The same is in the table of
//! targets, as text.

use super::frame::Frame;
use crate::observation::Stage;
use crate::report::PathJson;
use crate::report::mark::Mark;
use crate::report::order::TIMELESS;
use crate::text::say;
use crate::words::milliseconds;
use std::time::Duration;

/// How wide a box and the space after it are, in units of the drawing.
pub(super) const WIDTH: usize = 104;
pub(super) const STEP: usize = 124;

/// A drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) boxes: Vec<Step>,
    /// How wide it is.
    pub(super) width: usize,
}

/// A step of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// Where it begins.
    pub(super) x: usize,
    pub(super) class: &'static str,
    pub(super) name: String,
    /// How many targets pass, of how many.
    pub(super) said: String,
    /// The longest time that one took.
    pub(super) time: String,
}

/// The steps of a client on each kind of path.
const KMS: [Stage; 7] = [Stage::Srv, Stage::Address, Stage::Tcp, Stage::Rpc, Stage::Clock, Stage::Host, Stage::Count];
const ONLINE: [Stage; 6] = [Stage::Address, Stage::Tcp, Stage::Proxy, Stage::Tls, Stage::Http, Stage::Clock];

impl Chain {
    /// The steps of a path, those that nothing was seen of in between.
    pub(super) fn new(frame: &Frame, path: &PathJson<'_>, is_kms: bool) -> Self {
        let all: &[Stage] = if is_kms { &KMS } else { &ONLINE };
        let seen = |stage: Stage| {
            let targets = path.targets.iter().flat_map(|target| &target.stages);
            targets.filter(move |seen| seen.stage == stage.as_str())
        };
        // What a path does not have, as an SRV record where hosts are named, is left out.
        let is_drawn = |stage: &&Stage| {
            let is_later = all.iter().any(|other| other > *stage && seen(*other).next().is_some());
            seen(**stage).next().is_some() || !is_later && !matches!(stage, Stage::Srv | Stage::Proxy)
        };
        let boxes = all.iter().filter(is_drawn).enumerate().map(|(number, stage)| {
            let passing = seen(*stage).filter(|seen| matches!(seen.mark, Mark::Ok)).count();
            let (all, failing) = (seen(*stage).count(), seen(*stage).filter(|seen| seen.mark == Mark::Failed).count());
            let mark = match (all, passing, failing) {
                (0, ..) => None,
                (all, passing, _) if passing == all => Some(Mark::Ok),
                (_, 0, failing) if failing > 0 => Some(Mark::Failed),
                _ => Some(Mark::Doubtful),
            };
            let longest = seen(*stage).map(|seen| seen.duration_seconds).fold(0.0, f64::max);
            let longest = Duration::try_from_secs_f64(longest).unwrap_or_default();
            let is_timed = all > 0 && !TIMELESS.contains(&stage.as_str());
            let said = if all == 0 {
                say!(frame.words, "page-not-seen")
            } else {
                say!(frame.words, "page-passing", passing = passing, all = all)
            };
            Step {
                x: number * STEP,
                class: mark.map_or("none", Mark::as_str),
                name: say!(frame.words, "page-stage", stage = stage.as_str()),
                said: mark.map_or_else(String::new, |mark| format!("{} ", mark.sign())) + &said,
                time: if is_timed { milliseconds(longest) } else { String::new() },
            }
        });
        let boxes: Vec<_> = boxes.collect();
        // Boxes are as large on every path.
        let width = KMS.len().max(boxes.len()) * STEP - (STEP - WIDTH);
        Self { boxes, width }
    }

    /// What it shows, for those who do not see it.
    pub(super) fn label(&self) -> String {
        self.boxes.iter().map(|step| format!("{}: {}", step.name, step.said)).collect::<Vec<_>>().join("; ")
    }
}
