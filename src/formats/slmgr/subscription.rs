//! The block of a subscription below a product, as Windows 11 prints it: it is to the edition above it, or to another one
//! that this edition was stepped up to.

use super::super::Reading;
use super::super::lines::Entry;
use super::super::values::{moment, product_name};
use super::field::Field;
use crate::license::{License, LicenseStatus};
use jiff::Timestamp;

/// A subscription as far as it is read.
#[derive(Default)]
pub(super) struct Subscription {
    edition: Option<String>,
    state: State,
    end: Option<Timestamp>,
}

/// How a subscription is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// The words for it are unknown, or it is not printed.
    #[default]
    Unknown,
    Active,
    /// It is lost, and the edition with it.
    Expired,
    /// It gives nothing, which says nothing of the edition.
    Inactive,
}

/// The words for each state.
const STATES: [(&str, State); 8] = [
    ("active", State::Active),
    ("expired", State::Expired),
    ("not active", State::Inactive),
    ("disabled", State::Inactive),
    ("订阅中", State::Active),
    ("已过期", State::Expired),
    ("未激活", State::Inactive),
    ("已禁用", State::Inactive),
];

impl Subscription {
    /// Takes in one line.
    pub(super) fn take(&mut self, entry: &Entry<'_, Field>, field: Field, reading: &mut Reading<'_>) {
        match field {
            Field::SubscriptionEdition => {
                self.edition = entry.is_closed.then(|| product_name(&entry.prose())).flatten();
            }
            Field::SubscriptionStatus => {
                let words = entry.prose().trim().to_lowercase();
                match STATES.iter().find(|(known, _)| *known == words && entry.is_closed) {
                    Some((_, state)) => self.state = *state,
                    None => entry.skip(reading, "this status of a subscription is not known"),
                }
            }
            Field::SubscriptionExpiry => {
                self.end = moment::of_subscription(entry.prose().trim()).ok().flatten().filter(|_| entry.is_closed);
            }
            _ => {}
        }
    }

    /// True where it is to the edition of this license, or does not say to which.
    pub(super) fn is_of(&self, license: &License) -> bool {
        let names = self.edition.as_deref().zip(license.product.as_deref());
        names.is_none_or(|(edition, product)| edition.to_lowercase() == product.to_lowercase())
    }

    /// What it means for the license of its own edition: an expired subscription is lost.
    pub(super) fn settle(self, license: &mut License) {
        if self.state == State::Expired && license.status == Some(LicenseStatus::Licensed) {
            license.status = Some(LicenseStatus::Unlicensed);
            license.remaining = None;
        }
    }

    /// The license that it is beside another edition; `None` where it gives none.
    pub(super) fn into_license(self) -> Option<License> {
        let status = match self.state {
            State::Active => Some(LicenseStatus::Licensed),
            State::Expired => Some(LicenseStatus::Unlicensed),
            State::Unknown => None,
            State::Inactive => return None,
        };
        Some(License { product: self.edition, status, evaluation_end: self.end, ..License::default() })
    }
}
