//! How long a machine stays activated, given some of its licenses together. Pure.

use super::moment::Moment;
use super::symptoms::LOST;
use super::validity::Validity;

/// How long a machine stays activated. All times are seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Outlook {
    /// True where a license is lost.
    pub(super) is_lost: bool,
    /// The first end of one that is not lost.
    pub(super) first_end: Option<i64>,
    /// Since when the renewal of one is overdue, where one is.
    pub(super) overdue_since: Option<i64>,
}

impl Outlook {
    /// What these licenses come to together.
    pub(super) fn of<'a>(licenses: impl Iterator<Item = &'a Validity>, moment: Moment) -> Self {
        licenses.fold(Self::default(), |outlook, license| outlook.with(license, moment))
    }

    fn with(mut self, license: &Validity, moment: Moment) -> Self {
        if license.is_lost(moment.now) {
            self.is_lost = true;
            return self;
        }
        self.first_end = earlier(self.first_end, license.expires_at);
        self.overdue_since =
            earlier(self.overdue_since, license.overdue_since.filter(|_| license.is_overdue(moment.now)));
        self
    }

    /// When it loses activation; it may have already, and where that is not known it is last.
    pub(super) fn loses_at(&self) -> i64 {
        if self.is_lost { LOST } else { self.first_end.unwrap_or(i64::MAX) }
    }

    /// True where a license that is not lost ends within so many days.
    pub(super) fn ends_within(&self, days: i64, moment: Moment) -> bool {
        self.first_end.is_some_and(|end| end <= moment.days_ahead(days))
    }
}

fn earlier(one: Option<i64>, two: Option<i64>) -> Option<i64> {
    one.into_iter().chain(two).min()
}
