//! Windows error codes, with their meanings beside them.

use super::{Words, say};
use crate::codes::Code;
use crate::license::LicenseStatus;
use crate::verdict::Verdict;

/// What clients show on a blocked path, in a sentence; `None` where that is not known.
pub fn client_codes(words: Words, verdict: &Verdict) -> Option<String> {
    let code = with_meaning(words, verdict.code?);
    let inner = verdict.inner_code.map_or_else(|| "none".to_owned(), |inner| with_meaning(words, inner));
    Some(say!(words, "client-codes", code = code, inner = inner))
}

/// `0xC004F074 (no usable KMS host)`; the code alone where few words do not do.
pub(crate) fn with_meaning(words: Words, code: Code) -> String {
    match meaning(words, code) {
        Some(meaning) => say!(words, "code-with-meaning", code = code.to_string(), meaning = meaning),
        None => code.to_string(),
    }
}

/// A license's status with the code that says why, where there is one: `notification (0xC004F00F, the hardware changed)`.
pub(crate) fn status(words: Words, status: Option<LicenseStatus>, code: Option<Code>) -> String {
    let status = say!(words, "license-status", status = status.map_or("unknown", LicenseStatus::label));
    let Some(code) = code else { return status };
    let meaning = meaning(words, code).unwrap_or_else(|| "none".to_owned());
    say!(words, "status-with-code", status = status, code = code.to_string(), meaning = meaning)
}

/// What a code means, in a few words.
fn meaning(words: Words, code: Code) -> Option<String> {
    // The name of a variant begins with a letter.
    let meaning = say!(words, "code-meaning", code = format!("x{:08X}", code.0));
    (!meaning.is_empty()).then_some(meaning)
}
