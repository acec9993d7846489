//! The machines that are expected as JSON: what `machines --missing --output json` prints and
//! `/api/v1/machines?missing=true` answers.

use crate::fleet::{Expectations, Expected};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A page of machines that are expected and never reported.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct MissingReport<'a> {
    pub machines: Vec<MissingJson<'a>>,
    /// How many there are in all that were asked for, and how many of them come before this page.
    pub total: u64,
    offset: u64,
    pub inventory: ExpectationsJson,
    /// Why the inventory cannot be read, so that the one before counts; null where it was read.
    pub inventory_error: Option<String>,
}

/// A machine that never reported.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct MissingJson<'a> {
    /// Its name.
    pub machine: Cow<'a, str>,
    /// When it last logged on, and its system, as the inventory has them; null where it does not.
    pub last_logon: Option<Cow<'a, str>>,
    pub operating_system: Option<Cow<'a, str>>,
}

/// The machines that are expected against those that report, counted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
pub struct ExpectationsJson {
    pub expected: u64,
    pub missing: u64,
    pub silent: u64,
    pub unlisted: u64,
}

impl<'a> MissingReport<'a> {
    /// Of all that are missing the page that begins after `offset` of those whose names contain `name`.
    pub fn new(
        missing: &[&'a Expected],
        name: Option<&str>,
        (offset, limit): (u64, u64),
        counted: Expectations,
        inventory_error: Option<String>,
    ) -> Self {
        let asked_for: Vec<_> = named(missing, name).collect();
        let page = asked_for.iter().skip(usize::try_from(offset).unwrap_or(usize::MAX));
        let page = page.take(usize::try_from(limit).unwrap_or(usize::MAX));
        let machines = page.copied().map(MissingJson::new);
        let (machines, total) = (machines.collect(), asked_for.len() as u64);
        Self { machines, total, offset, inventory: counted.into(), inventory_error }
    }

    /// A page and the one after it.
    #[must_use]
    pub fn and(mut self, next: Self) -> Self {
        self.machines.extend(next.machines);
        self
    }
}

/// Those whose names contain `name`.
pub fn named<'a>(missing: &[&'a Expected], name: Option<&str>) -> impl Iterator<Item = &'a Expected> {
    let part = name.unwrap_or_default().to_lowercase();
    missing.iter().copied().filter(move |machine| machine.name.as_str().contains(&part))
}

impl<'a> MissingJson<'a> {
    pub fn new(machine: &'a Expected) -> Self {
        Self {
            machine: machine.name.as_str().into(),
            last_logon: machine.last_logon.as_deref().map(Cow::Borrowed),
            operating_system: machine.operating_system.as_deref().map(Cow::Borrowed),
        }
    }
}

impl From<Expectations> for ExpectationsJson {
    fn from(Expectations { expected, missing, silent, unlisted }: Expectations) -> Self {
        Self { expected, missing, silent, unlisted }
    }
}
