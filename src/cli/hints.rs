//! What is probably meant by an argument that there is not.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Arguments of other programs, and what they are called here.
const MEANT: [(&str, &str); 8] = [
    ("--json", "--output json"),
    ("--csv", "--output csv"),
    ("--nagios", "--output nagios"),
    ("--format", "--output"),
    ("--language", "--lang"),
    ("--url", "--server"),
    ("--days", "--within"),
    ("--expired", "--lost"),
];

/// The error, with what is probably meant.
pub(super) fn with_hint(mut error: Error) -> Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else { return error };
    let given = given.split('=').next().unwrap_or_default();
    if let Some((_, meant)) = MEANT.iter().find(|(other, _)| *other == given) {
        error.insert(ContextKind::SuggestedArg, ContextValue::String((*meant).to_owned()));
    }
    error
}
