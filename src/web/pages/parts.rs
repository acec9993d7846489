//! Small parts that many pages have: signs and times, which are markup of their own.

use crate::report::mark::Mark;
use crate::words::minute_of;
use askama::filters::HtmlSafe;
use jiff::Timestamp;
use std::fmt;
use std::time::SystemTime;

/// How something is to be taken, as a sign. Beside it there are words, so that nobody has to see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sign(pub(super) Mark);

impl fmt::Display for Sign {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, sign) = (self.0.as_str(), self.0.sign());
        write!(formatter, "<span class=\"sign {class}\" aria-hidden=\"true\">{sign}</span>")
    }
}

impl HtmlSafe for Sign {}

/// A moment to the minute, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time(pub(super) Timestamp);

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<time datetime=\"{:.0}\">{}</time>", self.0, minute_of(self.0))
    }
}

impl HtmlSafe for Time {}

impl From<SystemTime> for Time {
    fn from(moment: SystemTime) -> Self {
        Self(Timestamp::try_from(moment).unwrap_or_default())
    }
}
