//! A change in words: what changed, how, and how that is to be taken.

use super::changes::ChangeJson;
use super::mark::Mark;
use crate::license::LicenseStatus;
use crate::text::{self, Words, say};
use crate::verdict::Status;
use crate::words::minute_of;
use std::mem::discriminant;

/// How a change is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub mark: Mark,
    /// True for what is there since and was not before.
    pub is_new: bool,
    /// The machine, or the path.
    pub who: String,
    pub what: String,
}

/// How many changes of one kind, one after the other, are one line.
pub const MANY: usize = 10;

/// A change, or many of one kind that came one after the other, the last first.
#[derive(Debug, Clone, Copy)]
pub enum Line<'a> {
    One(&'a ChangeJson<'a>),
    /// What a machine went through that many did.
    Many(&'a [ChangeJson<'a>]),
}

/// Changes as lines: where a whole fleet reports for the first time, that is one of them.
pub fn lines<'a>(changes: &'a [ChangeJson<'a>]) -> impl Iterator<Item = Line<'a>> {
    let is_whole = |change: &ChangeJson<'_>| {
        matches!(change, ChangeJson::Appeared { .. } | ChangeJson::Gone { .. } | ChangeJson::Silent { .. })
    };
    let alike =
        move |one: &ChangeJson<'_>, next: &ChangeJson<'_>| is_whole(one) && discriminant(one) == discriminant(next);
    changes.chunk_by(alike).flat_map(|chunk| {
        let (many, one) = if chunk.len() >= MANY { (Some(chunk), &[][..]) } else { (None, chunk) };
        many.map(Line::Many).into_iter().chain(one.iter().map(Line::One))
    })
}

/// Many changes of one kind in these words, as if it were one.
pub fn shown_together(words: Words, changes: &[ChangeJson<'_>]) -> Option<Shown> {
    let first = changes.first()?;
    let what = match first {
        ChangeJson::Silent { .. } => say!(words, "change-silent-many"),
        _ => shown(words, first).what,
    };
    Some(Shown { who: say!(words, "machines-counted", count = changes.len()), what, ..shown(words, first) })
}

/// A change in these words.
pub fn shown(words: Words, change: &ChangeJson<'_>) -> Shown {
    let of_machine = |machine: &str, mark, what| Shown { mark, is_new: false, who: machine.to_owned(), what };
    match change {
        ChangeJson::License { machine, product, from_status, to_status, reason_code, .. } => {
            let status = |number: Option<u8>| number.and_then(|number| LicenseStatus::from_number(number.into()));
            let code = reason_code.filter(|code| code.is_failure());
            let from = text::license_status(words, status(*from_status), None);
            let to = text::license_status(words, status(*to_status), code);
            let product = product.as_deref().map_or_else(|| say!(words, "unknown-product"), str::to_owned);
            let mark = match status(*to_status) {
                Some(LicenseStatus::Licensed) => Mark::Ok,
                Some(status) if status.is_lost() => Mark::Failed,
                _ => Mark::Doubtful,
            };
            of_machine(machine, mark, say!(words, "change-license", product = product, from = from, to = to))
        }
        ChangeJson::Silent { machine, reported_at, .. } => {
            of_machine(machine, Mark::Doubtful, say!(words, "change-silent", day = minute_of(reported_at.0)))
        }
        ChangeJson::Appeared { machine, .. } => {
            Shown { is_new: true, ..of_machine(machine, Mark::Ok, say!(words, "change-appeared")) }
        }
        ChangeJson::Gone { machine, .. } => of_machine(machine, Mark::Doubtful, say!(words, "change-gone")),
        ChangeJson::Verdict { path, instance, from_verdict, verdict, stage, reason, .. } => {
            let what = status_at(words, *verdict, stage.as_deref().zip(reason.as_deref()));
            let what = match from_verdict {
                Some(before) => say!(words, "change-from", before = status_at(words, *before, None), since = what),
                None => what,
            };
            let who = if let Some(instance) = instance {
                say!(words, "change-path-of", path = &**path, instance = &**instance)
            } else {
                say!(words, "change-path", path = &**path)
            };
            Shown { mark: Mark::of_status(*verdict), is_new: false, who, what }
        }
    }
}

/// The status of a path, with the stage and the reason that are blamed.
pub fn status_at(words: Words, status: Status, blamed: Option<(&str, &str)>) -> String {
    let status = say!(words, "status-word", status = status.as_str());
    if let Some((stage, reason)) = blamed {
        say!(words, "change-verdict-at", status = status, stage = stage, reason = reason)
    } else {
        say!(words, "change-verdict", status = status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::rfc3339::Rfc3339;
    use jiff::Timestamp;

    #[test]
    fn what_a_whole_fleet_went_through_is_one_line() {
        let at = Rfc3339(Timestamp::UNIX_EPOCH);
        let appeared = |number: usize| ChangeJson::Appeared { at, machine: format!("ws{number}").into() };
        let gone = ChangeJson::Gone { at, machine: "old".into() };
        let changes: Vec<_> = (0..MANY).map(appeared).chain([gone]).chain((0..MANY - 1).map(appeared)).collect();
        let shape: Vec<_> = lines(&changes)
            .map(|line| match line {
                Line::One(_) => 1,
                Line::Many(many) => many.len(),
            })
            .collect();
        assert_eq!(shape, [&[MANY][..], &[1; MANY]].concat());
        let together = shown_together(Words::ENGLISH, &changes[..MANY]).unwrap();
        assert_eq!((together.who.as_str(), together.what.as_str()), ("10 machines", "first report"));
    }
}
