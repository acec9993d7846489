//! What there is to say of a key, for a program.

use crate::license::PartialProductKey;
use crate::product_keys::{Analysis, Change, Fault, Generic, GenericKind};
use crate::text::{Words, key};
use serde::Serialize;

#[derive(Serialize)]
struct Report<'a> {
    /// True where the form is right, which does not prove that the key is valid.
    well_formed: bool,
    /// The last five characters, where the form is right.
    partial_product_key: Option<&'a str>,
    /// Whether it has an N, as keys since Windows 8 have; null where the form is wrong.
    has_n: Option<bool>,
    faults: Vec<FaultJson<'a>>,
    /// What was taken differently from how it was typed.
    changes: &'a [Change],
    /// The published keys with the same last five characters.
    generic: Vec<GenericJson>,
}

#[derive(Serialize)]
struct FaultJson<'a> {
    #[serde(flatten)]
    fault: &'a Fault,
    message: String,
}

#[derive(Serialize)]
struct GenericJson {
    edition: &'static str,
    kind: GenericKind,
}

pub(super) fn report(words: Words, analysis: &Analysis) -> serde_json::Result<String> {
    let fault = |fault| FaultJson { fault, message: key::fault(words, fault) };
    let generic = |generic: &&'static Generic| GenericJson { edition: generic.edition, kind: generic.kind };
    let report = Report {
        well_formed: analysis.is_well_formed(),
        partial_product_key: analysis.last_five.as_ref().map(PartialProductKey::as_str),
        has_n: analysis.has_n,
        faults: analysis.faults.iter().map(fault).collect(),
        changes: &analysis.changes,
        generic: analysis.generic.iter().map(generic).collect(),
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}
