//! What may be the name of a machine, and what labels have one behind them.

use super::lines::fold;
use super::values;

/// What a label is called that has the name of a machine behind it, without blanks, dots and case.
const LABELS: &[&str] = &[
    "computer",
    "computername",
    "pscomputername",
    "hostname",
    "host",
    "machine",
    "machinename",
    "server",
    "servername",
    "systemname",
    "nodename",
    "dnshostname",
    "fqdn",
    "pc",
    "pcname",
    "workstation",
    "csname",
    "__server",
    "コンピューター名",
    "コンピューター",
    "ホスト名",
    "计算机名",
    "主机名",
];

/// Words that are no machine's, whatever follows them up to a digit.
const ORDINARY: &[&str] = &[
    "activated",
    "activation",
    "active",
    "after",
    "all",
    "before",
    "begin",
    "cscript",
    "dli",
    "dlv",
    "done",
    "dstatus",
    "end",
    "error",
    "expired",
    "failed",
    "false",
    "finished",
    "info",
    "license",
    "licensed",
    "licenses",
    "licensing",
    "no",
    "none",
    "notification",
    "null",
    "office",
    "ok",
    "ospp",
    "output",
    "project",
    "result",
    "results",
    "slmgr",
    "start",
    "status",
    "success",
    "test",
    "true",
    "unknown",
    "unlicensed",
    "visio",
    "win",
    "windows",
    "xpr",
    "yes",
];

pub(super) fn is_label(label: &str) -> bool {
    let label: String = fold(label).chars().filter(|char| *char != '.').collect();
    LABELS.contains(&label.as_str())
}

/// True for one word that can be the name of a machine. What it means is another matter.
pub(super) fn is_word(word: &str) -> bool {
    let stem = word.trim_end_matches(|char: char| char.is_ascii_digit() || ".-_".contains(char));
    let is_ordinary = ORDINARY.iter().any(|known| known.eq_ignore_ascii_case(stem));
    let is_path = word.contains(['\\', '/']) && !word.starts_with(r"\\");
    !word.is_empty()
        && word.len() <= 253
        && !word.contains(char::is_whitespace)
        && !is_ordinary
        && !is_path
        && (values::machine(word).is_ok() || values::machine(word) == Err(values::ADDRESS))
}

/// True for a word that is written as only machines are: with a digit, a hyphen or a domain, or in capitals alone.
pub(super) fn is_name(word: &str) -> bool {
    let has_letter = word.contains(char::is_alphabetic);
    let has_sign = word.contains(|char: char| char.is_ascii_digit() || matches!(char, '-' | '_'));
    let is_qualified = word.split('.').filter(|label| !label.is_empty()).count() > 1;
    let is_capital = word.len() > 1 && word.chars().all(|char| char.is_ascii_uppercase());
    // The IDs of processes, keys and products are no machines.
    let is_code = word.len() == 36 || word.starts_with("0x");
    let is_address = values::machine(word) == Err(values::ADDRESS);
    is_word(word) && !is_code && (is_address || (has_letter && (has_sign || is_qualified || is_capital)))
}

/// The name in a heading, by what follows its two backslashes up to the end of the line.
pub(super) fn name_in_heading(line: &str) -> Option<&str> {
    line.trim().strip_suffix(':').filter(|name| !name.is_empty() && !name.contains(char::is_whitespace))
}
