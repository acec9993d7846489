//! How much of all that is kept the machines of one token may have: so much that there is room for those of others. Pure.

use crate::config::tokens::Grant;
use crate::fleet::{Fleet, Usage};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// What machines have, or would have more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Share {
    pub(super) machines: usize,
    pub(super) licenses: usize,
    pub(super) terms_bytes: usize,
}

/// What the machines of tokens have.
pub(super) struct Shares<'a> {
    fleet: &'a Fleet,
    /// What all may have.
    most: Share,
    /// What was looked up, by where what a token grants is.
    known: RefCell<HashMap<*const Grant, Share>>,
}

impl Share {
    /// True where so much more of something would be more than three quarters of the most there may be of it.
    fn is_exceeded(self, added: Self, most: Self) -> bool {
        let exceeds = |has: usize, added: usize, most: usize| added > 0 && has + added > most - most / 4;
        exceeds(self.machines, added.machines, most.machines)
            || exceeds(self.licenses, added.licenses, most.licenses)
            || exceeds(self.terms_bytes, added.terms_bytes, most.terms_bytes)
    }
}

impl<'a> Shares<'a> {
    /// The shares in a fleet that may have so many machines.
    pub(super) fn new(fleet: &'a Fleet, most: usize) -> Self {
        let Usage { licenses_limit, terms_limit_bytes, .. } = fleet.usage();
        let most = Share { machines: most, licenses: licenses_limit, terms_bytes: terms_limit_bytes };
        Self { fleet, most, known: RefCell::default() }
    }

    /// True where a sender may add so much. One that may speak for every machine takes nothing from others.
    ///
    /// Nothing is looked up before all machines together have more than one token may.
    pub(super) fn have_room(&self, grant: Option<&Arc<Grant>>, added: Share) -> bool {
        let Some(grant) = grant.filter(|grant| !grant.covers_all()) else { return true };
        let Usage { licenses, terms_bytes, .. } = self.fleet.usage();
        let all = Share { machines: self.fleet.len(), licenses, terms_bytes };
        if !all.is_exceeded(added, self.most) {
            return true;
        }
        let mut known = self.known.borrow_mut();
        let of_token = known.entry(Arc::as_ptr(grant)).or_insert_with(|| {
            let (machines, licenses, terms_bytes) = self.fleet.share(|name| grant.covers(name));
            Share { machines, licenses, terms_bytes }
        });
        !of_token.is_exceeded(added, self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_quarters_are_one_tokens_and_what_is_not_added_exceeds_nothing() {
        let most = Share { machines: 8, licenses: 40, terms_bytes: 0 };
        let has = Share { machines: 6, licenses: 29, terms_bytes: 7 };
        let exceeds = |machines, licenses| has.is_exceeded(Share { machines, licenses, terms_bytes: 0 }, most);
        assert_eq!([exceeds(0, 0), exceeds(1, 0), exceeds(0, 1), exceeds(0, 2)], [false, true, false, true]);
    }
}
