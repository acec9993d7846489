//! Who may send reports, and for which machines.
//!
//! A line of the file is a name, a token, and the patterns of the machines it may speak for. The token is there as
//! such or as `sha256:` and its digest; what is kept in memory is the digest alone. No fault holds a word of the file:
//! where words are missing or in another order, any of them may be a token.
//!
//! A line that begins with `enrol:` is for a token that reports nothing: with it a machine that its patterns match
//! enrols a token of its own, once. A program that does not know such lines takes none for that of a token that reports:
//! `enrol:` is no name.

mod digest;
mod made;
pub(super) mod patterns;

pub use digest::Digest;
pub use made::{is_made, make};

use crate::catalogue::{Message, message};
use crate::license::MachineName;
use patterns::Patterns;
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The shortest token that is taken, in bytes.
const MIN_LENGTH: usize = 16;

/// The longest name of a token, in characters: shorter than tokens are, so that one is not taken for a name.
const MAX_NAME_LENGTH: usize = 30;

/// How many patterns one token may have, and how many tokens there may be.
const MAX_PATTERNS: usize = 1000;
const MAX_TOKENS: usize = 10_000;

/// What comes before the digest of a token, in any case.
const DIGEST_PREFIX: &str = "sha256:";

/// How the line of a token begins that enrols machines.
pub const ENROLS: &str = "enrol:";

/// How the names of other digests begin, and how those of passwords that `crypt` makes.
const OTHER_DIGESTS: [&str; 9] = ["sha", "md", "blake", "ripemd", "bcrypt", "scrypt", "argon", "pbkdf", "crypt"];

/// The tokens of one file.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Tokens(Arc<HashMap<Digest, Arc<Grant>>>);

/// What a token lets its holder do.
#[derive(Debug, PartialEq, Eq)]
pub struct Grant {
    /// The name of the token, for the log and for metrics; of a token that a machine enrolled, that of the token by
    /// which it did.
    pub name: Arc<str>,
    patterns: Patterns,
    /// True where it may enrol machines, and report for none.
    enrols: bool,
}

/// Why a file of tokens is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokensError {
    /// Something is wrong with a line.
    Line {
        /// Its number, counted from 1.
        number: usize,
        /// What is wrong with it.
        fault: LineFault,
    },
    /// There are too many lines.
    TooMany,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineFault {
    /// Words are missing.
    Words,
    /// The first word is not a name.
    Name,
    NoPatterns,
    /// The second word is a pattern.
    PatternAsToken,
    /// The token is too short.
    Short,
    /// A digest that is none.
    Digest,
    /// A digest of another kind, which would be taken for the token itself.
    OtherDigest,
    /// A word after the token is no pattern: its place in the line, counted from 1.
    Pattern(usize),
    TooManyPatterns,
    /// Another line has the same name.
    SameName(usize),
    /// Another line has the same token.
    SameToken(usize),
}

impl TokensError {
    /// What to say of it.
    pub fn message(self) -> Message {
        match self {
            Self::Line { number, fault } => message!("tokens-line", number = number, fault = fault.message()),
            Self::TooMany => message!("tokens-too-many", most = MAX_TOKENS),
        }
    }
}

impl LineFault {
    /// What to say of it.
    pub fn message(self) -> Message {
        match self {
            Self::Words => message!("token-words"),
            Self::Name => message!("token-name", most = MAX_NAME_LENGTH),
            Self::NoPatterns => message!("token-no-patterns"),
            Self::PatternAsToken => message!("token-is-pattern"),
            Self::Short => message!("token-short", least = MIN_LENGTH),
            Self::Digest => message!("token-digest", prefix = DIGEST_PREFIX),
            Self::OtherDigest => message!("token-other-digest", prefix = DIGEST_PREFIX),
            Self::Pattern(place) => message!("token-pattern", place = place),
            Self::TooManyPatterns => message!("token-many-patterns", most = MAX_PATTERNS),
            Self::SameName(line) => message!("token-same-name", line = line),
            Self::SameToken(line) => message!("token-same-token", line = line),
        }
    }
}

impl fmt::Display for TokensError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(formatter)
    }
}

impl fmt::Display for LineFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(formatter)
    }
}

impl Error for TokensError {}

impl Error for LineFault {}

impl Tokens {
    /// Reads a file of tokens. Blank lines and lines that begin with `#` are skipped. Where there are no others, nobody
    /// may send anything.
    ///
    /// # Errors
    /// What is wrong, with the number of the line; never a word of it.
    pub fn parse(text: &str) -> Result<Self, TokensError> {
        let mut tokens = HashMap::new();
        // The lines at which each name and each token is.
        let (mut names, mut digests) = (HashMap::new(), HashMap::new());
        for (number, line) in lines(text) {
            let at = |fault| TokensError::Line { number, fault };
            let (digest, grant) = line.checked().map_err(at)?;
            if let Some(other) = names.insert(Arc::clone(&grant.name), number) {
                return Err(at(LineFault::SameName(other)));
            }
            if let Some(other) = digests.insert(digest, number) {
                return Err(at(LineFault::SameToken(other)));
            }
            tokens.insert(digest, Arc::new(grant));
            if tokens.len() > MAX_TOKENS {
                return Err(TokensError::TooMany);
            }
        }
        Ok(Self(Arc::new(tokens)))
    }

    /// What this token grants to whoever reports; `None` for one that is not known, or only enrols.
    pub fn grant(&self, token: &str) -> Option<&Arc<Grant>> {
        self.find(token).filter(|grant| !grant.enrols)
    }

    /// What this token grants to whoever enrols; `None` for one that is not known, or only reports.
    pub fn enrolment(&self, token: &str) -> Option<&Arc<Grant>> {
        self.find(token).filter(|grant| grant.enrols)
    }

    fn find(&self, token: &str) -> Option<&Arc<Grant>> {
        self.0.get(&Digest::of(token))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.values()).finish()
    }
}

impl Grant {
    /// What the own token of a machine grants that enrolled by the token of this name: that machine, by exactly this
    /// name.
    pub fn of_machine(enrolled_by: Arc<str>, machine: &MachineName) -> Self {
        Self { name: enrolled_by, patterns: Patterns::new([machine.as_str()]), enrols: false }
    }

    /// True where the token may speak for this machine.
    pub fn covers(&self, machine: &MachineName) -> bool {
        self.covers_name(machine.as_str())
    }

    /// The same of a name in lower case.
    pub fn covers_name(&self, machine: &str) -> bool {
        self.patterns.match_name(machine)
    }

    /// True where the token may speak for every machine.
    pub const fn covers_all(&self) -> bool {
        self.patterns.match_all()
    }
}

/// A line of a file, as it is there.
pub struct Line<'a> {
    /// The name of the token, or whatever is first.
    pub name: &'a str,
    token: Option<&'a str>,
    /// The machines it may speak for, or enrol.
    pub patterns: Vec<&'a str>,
    /// True where it enrols machines.
    pub enrols: bool,
}

/// The lines that name a token, with their numbers.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, Line<'_>)> {
    (1..).zip(text.lines()).filter_map(|(number, line)| {
        let mut words = line.trim_start_matches('\u{feff}').split_whitespace();
        let first = words.next().filter(|first| !first.starts_with('#'))?;
        let enrols = first == ENROLS;
        let name = if enrols { words.next().unwrap_or_default() } else { first };
        Some((number, Line { name, token: words.next(), patterns: words.collect(), enrols }))
    })
}

/// A line for a new token, of which it holds the digest: one that reports, or that enrols.
///
/// # Errors
/// What is wrong with its name or its patterns.
pub fn new_line(name: &str, token: &str, patterns: &[String], enrols: bool) -> Result<String, LineFault> {
    let line = Line { name, token: Some(token), patterns: patterns.iter().map(String::as_str).collect(), enrols };
    let (digest, _) = line.checked()?;
    let begin = if enrols { format!("{ENROLS} ") } else { String::new() };
    Ok(format!("{begin}{name} {DIGEST_PREFIX}{} {}\n", digest.to_hexadecimal(), patterns.join(" ")))
}

impl Line<'_> {
    fn checked(&self) -> Result<(Digest, Grant), LineFault> {
        let Self { name, token, patterns, enrols } = self;
        let token = token.ok_or(LineFault::Words)?;
        let belongs = |char: char| char.is_alphanumeric() || "-_.".contains(char);
        if name.is_empty() || name.chars().count() > MAX_NAME_LENGTH || !name.chars().all(belongs) {
            return Err(LineFault::Name);
        }
        if patterns::is_wild(token) {
            return Err(LineFault::PatternAsToken);
        }
        if patterns.is_empty() {
            return Err(LineFault::NoPatterns);
        }
        if patterns.len() > MAX_PATTERNS {
            return Err(LineFault::TooManyPatterns);
        }
        if let Some(place) = patterns.iter().position(|pattern| !patterns::is_pattern(pattern)) {
            return Err(LineFault::Pattern(place + 3 + usize::from(*enrols)));
        }
        let patterns = Patterns::new(patterns.iter().copied());
        let grant = Grant { name: Arc::from(*name), patterns, enrols: *enrols };
        Ok((digest_in(token)?, grant))
    }
}

fn digest_in(token: &str) -> Result<Digest, LineFault> {
    let prefix = token.get(..DIGEST_PREFIX.len());
    if prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(DIGEST_PREFIX)) {
        let digest = token.get(DIGEST_PREFIX.len()..).and_then(Digest::parse);
        return digest.ok_or(LineFault::Digest);
    }
    if is_other_digest(token) {
        return Err(LineFault::OtherDigest);
    }
    if token.len() < MIN_LENGTH { Err(LineFault::Short) } else { Ok(Digest::of(token)) }
}

/// True for what other programs write in place of a token or a password, such as `SHA-256:...` or `$2y$...`.
fn is_other_digest(token: &str) -> bool {
    let kind = token.split_once(':').map(|(kind, _)| kind.to_ascii_lowercase());
    token.starts_with(['$', '{']) || kind.is_some_and(|kind| OTHER_DIGESTS.iter().any(|known| kind.starts_with(known)))
}

#[cfg(test)]
mod tests;
