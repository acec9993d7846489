//! What may be the name of a machine, and what labels have one behind them.

use super::folding::fold;
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
    "计算机",
    "主机名",
    "rechner",
    "rechnername",
    "equipo",
    "nombredeequipo",
    "ordinateur",
    "nomdel'ordinateur",
    "компьютер",
    "имякомпьютера",
    "컴퓨터",
    "컴퓨터이름",
];

/// Labels among them that as often have another machine behind them, which this one asks.
const OF_SERVERS: &[&str] = &["server", "servername", "host"];

/// What programs print that ask another machine, under or above its name: `nslookup`, `Resolve-DnsName`,
/// `Test-NetConnection`, `Test-Connection`.
const OF_QUESTIONS: &[&str] = &[
    "address",
    "addresses",
    "aliases",
    "destination",
    "interfacealias",
    "ipv4address",
    "namehost",
    "nameresolutionresults",
    "nametarget",
    "pingreplydetails(rtt)",
    "pingsucceeded",
    "querytype",
    "remoteaddress",
    "remoteport",
    "responsetime",
    "sourceaddress",
    "svrhostname",
    "tcptestsucceeded",
];

/// What lists of a computer's own properties have beside its name.
const OF_COMPUTERS: &[&str] = &[
    "agentos",
    "dnshostname",
    "manufacturer",
    "model",
    "osname",
    "osversion",
    "primaryownername",
    "totalphysicalmemory",
];

/// How the files end that outputs are kept in, which are named after their machine.
const EXTENSIONS: &[&str] = &[".txt", ".log", ".csv", ".json", ".xml", ".out"];

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
    "part",
    "phase",
    "project",
    "report",
    "result",
    "results",
    "run",
    "section",
    "slmgr",
    "start",
    "status",
    "step",
    "success",
    "task",
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
    is_among(LABELS, label)
}

/// True for a label that may have the name of another machine behind it.
pub(super) fn is_label_of_server(label: &str) -> bool {
    is_among(OF_SERVERS, label)
}

/// True for a label of what asks another machine, whose name is beside it.
pub(super) fn is_of_question(label: &str) -> bool {
    is_among(OF_QUESTIONS, label)
}

/// True for a label of what a computer says of itself.
pub(super) fn is_of_computer(label: &str) -> bool {
    is_among(OF_COMPUTERS, label)
}

fn is_among(labels: &[&str], label: &str) -> bool {
    let label: String = fold(label).chars().filter(|char| *char != '.').collect();
    labels.contains(&label.as_str())
}

/// A word without what shows that it is the name of a file.
pub(super) fn without_extension(word: &str) -> &str {
    let is_end = |end: &&&str| {
        word.len() > end.len() && word.get(word.len() - end.len()..).is_some_and(|it| it.eq_ignore_ascii_case(end))
    };
    EXTENSIONS.iter().find(is_end).and_then(|end| word.get(..word.len() - end.len())).unwrap_or(word)
}

/// True for what updates, releases and virtual machines are numbered by: `KB5004442`, `22H2`, `VMware-42 1f`.
fn is_number_of_other(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    word.starts_with("vmware-")
        || word.strip_prefix("kb").is_some_and(|rest| rest.len() >= 6 && are_digits(rest))
        || word
            .split_once('h')
            .is_some_and(|(year, half)| year.len() == 2 && are_digits(year) && half.len() == 1 && are_digits(half))
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
        && !is_number_of_other(word)
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
