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
    "xpr",
    "yes",
];

/// Products and roles that are written together with their version.
const PRODUCTS: &[&str] = &[
    "access",
    "azure",
    "edge",
    "excel",
    "exchange",
    "hyperv",
    "hypervserver",
    "mssql",
    "office",
    "outlook",
    "powerpoint",
    "project",
    "server",
    "sharepoint",
    "skype",
    "sql",
    "sqlserver",
    "visio",
    "vista",
    "visualstudio",
    "win",
    "windows",
    "windowsserver",
    "winserver",
    "word",
];

/// Their versions, where these are years.
const YEARS: &[&str] = &[
    "", "2000", "2003", "2007", "2008", "2010", "2012", "2013", "2015", "2016", "2017", "2019", "2021", "2022", "2024",
    "2025", "365",
];

/// The versions of Windows and of Office that are none.
const OF_WINDOWS: &[&str] = &["7", "8", "81", "10", "11"];
const OF_OFFICE: &[&str] = &["14", "15", "16", "17", "19", "21", "24"];

/// What is behind the version: an edition, a release.
const EDITIONS: &[&str] = &[
    "",
    "r",
    "pro",
    "ent",
    "enterprise",
    "home",
    "edu",
    "education",
    "ltsc",
    "ltsb",
    "std",
    "standard",
    "datacenter",
    "core",
    "vl",
    "x",
    "sp",
    "n",
];

/// What numbers something else than machines: releases, quarters, weeks, widths in bits.
const OF_NUMBERS: &[&str] = &["v", "x", "sp", "r", "q", "kw", "cw", "week", "build", "ipv", "utf", "rev", "dotnet"];

/// How files end that are no machines.
const OF_FILES: &[&str] = &[".vbs", ".exe", ".ps1", ".cmd", ".bat", ".ini", ".dll", ".wsf", ".xlsx", ".docx", ".pdf"];

/// True for a product with or without its version, `Server2019`, `Win11`, and for other numbers, `SP1`, `Q4`. A machine
/// may be called so too, which something else must say then.
fn is_product(word: &str) -> bool {
    let word: String = word.chars().filter(|char| !"-_.".contains(*char)).collect::<String>().to_ascii_lowercase();
    let (stem, rest) = word.split_at(word.find(|char: char| char.is_ascii_digit()).unwrap_or(word.len()));
    let (number, rest) = rest.split_at(rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len()));
    if OF_NUMBERS.contains(&stem) && !number.is_empty() && rest.is_empty() {
        return true;
    }
    let is_version = YEARS.contains(&number)
        || (stem.starts_with("win") && OF_WINDOWS.contains(&number))
        || (stem == "office" && OF_OFFICE.contains(&number));
    let edition = rest.trim_end_matches(|char: char| char.is_ascii_digit());
    PRODUCTS.contains(&stem) && is_version && EDITIONS.contains(&edition)
}

/// True for the name of a file that people run or write, and for a day: `slmgr.vbs`, `20-Nov-2026`.
fn is_file_or_day(word: &str) -> bool {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let word = word.to_ascii_lowercase();
    let is_day = word.starts_with(|char: char| char.is_ascii_digit())
        && word.split(['-', '.', '_']).count() == 3
        && word.split(['-', '.', '_']).any(|part| MONTHS.contains(&part.get(..3).unwrap_or_default()));
    is_day || OF_FILES.iter().any(|end| word.ends_with(end))
}

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
    has_form_of_name(word) && !is_ordinary(stem) && !is_product(word) && !is_file_or_day(word)
}

/// True for one word that is the name of a machine where a label says that it is one, whatever it looks like.
pub(super) fn is_labelled(word: &str) -> bool {
    has_form_of_name(word) && !is_ordinary(word)
}

fn is_ordinary(word: &str) -> bool {
    ORDINARY.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn has_form_of_name(word: &str) -> bool {
    let is_path = word.contains(['\\', '/']) && !word.starts_with(r"\\");
    !word.is_empty()
        && word.len() <= 253
        && !word.contains(char::is_whitespace)
        && !is_path
        && !is_number_of_other(word)
        && (values::machine(word).is_ok() || values::machine(word) == Err(values::ADDRESS))
}

/// True for a name that no word of a sentence looks like: with a digit, with a domain, or long and in capitals.
pub(super) fn is_marked(word: &str) -> bool {
    let is_capital = word.len() > 4 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
    is_name(word) && (word.contains(|char: char| char.is_ascii_digit()) || word.contains('.') || is_capital)
}

/// The first word of a sentence that is the name of a machine by its digits.
pub(super) fn name_among(line: &str) -> Option<&str> {
    let words = line.split(|char: char| char.is_whitespace() || ":=,;()[]{}\"'<>*#|\u{2026}".contains(char));
    let words = words.map(|word| word.trim_matches(['.', '-', '!', '?', '_']));
    let has = |word: &str, what: fn(&char) -> bool| word.chars().any(|char| what(&char));
    words
        .into_iter()
        .find(|word| is_marked(word) && has(word, char::is_ascii_digit) && has(word, char::is_ascii_alphabetic))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_their_versions_are_no_machines_unless_a_label_says_so() {
        for word in [
            "Server2019",
            "Exchange2019",
            "Win11",
            "WIN10",
            "Office16",
            "Windows",
            "Server2012R2",
            "Win10-LTSC",
            "SQL2019",
            "Windows10Pro",
            "SP1",
            "x64",
            "Q4",
            "slmgr.vbs",
            "20-Nov-2026",
            "Office365",
        ] {
            assert!(!is_word(word) && !is_name(word), "{word}");
        }
        for word in ["Server2019", "WIN10", "TEST1", "Project-01", "Exchange2019"] {
            assert!(is_labelled(word), "{word}");
        }
        for word in ["WS0421", "SERVER01", "WIN-4F2K1", "EXCH01", "SQL01", "Server2019-01", "WIN01", "DC2"] {
            assert!(is_word(word) && is_name(word), "{word}");
        }
        assert!(!is_labelled("unknown") && !is_labelled("22H2"));
    }

    #[test]
    fn a_name_is_found_among_words() {
        assert_eq!(name_among("And now for what Office says (on WS0422):"), Some("WS0422"));
        for line in ["Asked 192.0.2.1", "And what it says of Office16", "Windows 11 Pro 22H2, KB5004442", "And of MAIN"]
        {
            assert_eq!(name_among(line), None, "{line}");
        }
    }
}
