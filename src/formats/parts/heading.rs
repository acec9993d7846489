//! Lines that name the machine of what is around them, and lines that only frame it.

use super::announced::{Announced, announced};
use crate::formats::folding::fold;
use crate::formats::machine_names::{
    is_label, is_label_of_server, is_labelled, is_name, is_word, name_in_heading, without_extension,
};

/// Characters of which rules are drawn.
const RULE: [char; 11] = ['=', '-', '*', '#', '+', '~', '_', '<', '>', '[', ']'];

/// What a line says beside the output of tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heading<'t> {
    /// The name of a machine, in a form that is always before what it is about: `\\WS0421:`, `ws0421 | CHANGED | rc=0 >>`.
    Before(&'t str),
    /// The name of the machine of what was printed before: `cscript exited on WS0421 with error code 0.`
    After(&'t str),
    /// The name of the machine that all this is about, as programs print it that ask the system.
    Here(&'t str),
    /// The name of a machine between rules: `==== WS0421 ====`.
    Ruled(&'t str),
    /// The name of a machine after a label: `Computer: WS0421`.
    Label(&'t str),
    /// The same after a label that as often has another machine behind it, which this one asks.
    Server(&'t str),
    /// The name of a machine in words that say that its output follows: `Checking WS0422...`.
    Announced(&'t str),
    /// A word that may be the name of a machine, if output follows.
    Bare(&'t str),
    /// A section of an agent.
    Section,
    /// The end of the sections of another machine.
    End,
    /// A rule with words in it that name no machine.
    Title(&'t str),
    /// What scripts and consoles print of themselves.
    Banner,
    /// Rules, ends of commands, titles of windows.
    Noise,
}

impl<'t> From<Announced<'t>> for Heading<'t> {
    fn from(announced: Announced<'t>) -> Self {
        match announced {
            Announced::Below(name) => Self::Announced(name),
            Announced::Above(name) => Self::After(name),
        }
    }
}

/// What a line says, if it is about what is around it.
pub(super) fn heading(line: &str) -> Option<Heading<'_>> {
    remote(line)
        .or_else(|| exit(line))
        .or_else(|| banner(line))
        .or_else(|| ruled(line))
        .or_else(|| label(line))
        .or_else(|| announced(line).map(Heading::from))
        .or_else(|| bare(line))
}

/// How many bytes are before the document that begins on the line of a heading: `ws0421 | SUCCESS => {`.
pub(super) fn document_after(line: &str) -> Option<usize> {
    let (before, document) = line.split_once(" => ")?;
    let is_document = document.starts_with(['{', '[']);
    (is_document && remote(line).is_some()).then_some(before.len() + " => ".len())
}

/// What programs print before the output of each machine on which they ran something.
fn remote(line: &str) -> Option<Heading<'_>> {
    if let Some(name) = line.strip_prefix(r"\\").and_then(name_in_heading) {
        return Some(Heading::Before(name));
    }
    if let Some((name, result)) = line.split_once(" | ") {
        let word = result.split([' ', '!']).next().unwrap_or_default();
        let is_result = matches!(word, "CHANGED" | "SUCCESS" | "FAILED" | "UNREACHABLE");
        return (is_result && !name.contains(' ')).then_some(Heading::Before(name));
    }
    let (result, name) = line.split_once(": [")?;
    let is_result = matches!(result, "ok" | "changed" | "fatal" | "failed");
    let name = name.split_once(']').map(|(name, _)| name)?;
    (is_result && !name.contains(' ')).then_some(Heading::Before(name))
}

/// What `psexec` prints at the end.
fn exit(line: &str) -> Option<Heading<'_>> {
    let (_, rest) = line.split_once(" exited on ")?;
    let (name, _) = rest.split_once(" with error code ")?;
    (!name.contains(' ')).then_some(Heading::After(name))
}

/// What the script host, consoles and tools print of themselves, in any language.
fn banner(line: &str) -> Option<Heading<'_>> {
    const AROUND: [&str; 8] = [
        "ospp.vbs",
        "psexe",
        "markrussinovich",
        "sysinternals",
        "allrightsreserved",
        "(c)microsoft",
        "windowspowershell",
        "microsoftwindows[version",
    ];
    let version = line.rsplit(' ').next().unwrap_or_default();
    let is_version = version.starts_with("5.")
        && version.get(2..).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    if is_version && line.contains("Microsoft") && line.contains("Windows") {
        return Some(Heading::Banner);
    }
    let folded = fold(line);
    let is_copyright = folded.contains("(c)") && (folded.contains("microsoft") || folded.starts_with("copyright"));
    (is_copyright || AROUND.iter().any(|word| folded.contains(word))).then_some(Heading::Noise)
}

/// A line that begins or ends with a rule, a section of an agent, and a name in brackets or after a hash.
fn ruled(line: &str) -> Option<Heading<'_>> {
    if !line.contains(char::is_alphanumeric) {
        return Some(if line == "<<<<>>>>" { Heading::End } else { Heading::Noise });
    }
    if let Some(name) = line.strip_prefix("<<<<").and_then(|line| line.strip_suffix(">>>>")) {
        return Some(Heading::Before(name));
    }
    if line.starts_with("<<<") && line.ends_with(">>>") {
        return Some(Heading::Section);
    }
    let inner = line.trim_start_matches(RULE);
    let before = line.len() - inner.len();
    let inner = inner.trim_end_matches(RULE);
    let after = line.len() - before - inner.len();
    let is_ruled = before >= 3
        || (before >= 1 && after >= 1 && before == after)
        || line.starts_with("# ")
        || line.starts_with("## ");
    // Two hyphens begin an option, and brackets alone a path or a word in a list.
    let inner = inner.trim();
    if !is_ruled || inner.is_empty() {
        return None;
    }
    let named =
        inner.split_once([':', '=']).and_then(|(label, name)| is_label(label).then(|| name.trim())).or_else(|| {
            let (label, name) = inner.split_once(' ')?;
            is_label(label).then(|| name.trim())
        });
    let name = named.unwrap_or(inner);
    let name = without_extension(name.trim_end_matches(':').trim_matches(['\'', '"']));
    if is_name(name) || (named.is_some() && is_labelled(name)) {
        return Some(Heading::Ruled(name));
    }
    Some(match announced(inner) {
        Some(Announced::Below(name)) => Heading::Ruled(name),
        Some(Announced::Above(name)) => Heading::After(name),
        _ => Heading::Title(inner),
    })
}

/// `Computer: WS0421`, `PSComputerName : ws0421`, `Host Name . . . : WS0421`
fn label(line: &str) -> Option<Heading<'_>> {
    let (label, rest) = line.split_once([':', '\u{ff1a}', '='])?;
    let name = rest.trim().trim_matches(['\'', '"', '[', ']']);
    // An address may be beside it.
    let (name, beside) = name.split_once(' ').unwrap_or((name, ""));
    let is_alone = beside.is_empty() || beside.trim().starts_with(['(', '[']);
    if !is_alone || !is_labelled(name) || label.len() > 60 {
        return None;
    }
    if is_label(label) {
        return Some(if label.contains(". .") || label == "Host Name" {
            Heading::Here(name)
        } else if is_label_of_server(label) {
            Heading::Server(name)
        } else {
            Heading::Label(name)
        });
    }
    // The product in the output of slmgr is called so too, and none is a single word with a digit.
    (fold(label) == "name" && is_name(name) && !name.contains('(')).then_some(Heading::Label(name))
}

/// A word alone on its line, or before a colon.
fn bare(line: &str) -> Option<Heading<'_>> {
    let word = without_extension(line.strip_suffix(':').unwrap_or(line));
    is_word(word).then_some(Heading::Bare(word))
}

/// True for a rule: three of the same characters at least, and nothing else.
pub(super) fn is_rule(line: &str) -> bool {
    line.len() >= 3 && line.starts_with(RULE) && line.bytes().all(|byte| line.as_bytes().first() == Some(&byte))
}
