//! Who may send reports, and for which machines.
//!
//! A line of the file is a name, a token, and the patterns of the machines it may speak for. The token stands there as
//! such or as `sha256:` and its digest; what is kept in memory is the digest alone.

use crate::license::MachineName;
use regex::Regex;
use ring::digest::{SHA256, digest};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// The shortest token that is taken, in bytes.
const MIN_LENGTH: usize = 16;

/// What comes before the digest of a token.
const DIGEST_PREFIX: &str = "sha256:";

type Digest = [u8; 32];

/// The tokens of one file.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Tokens(Arc<HashMap<Digest, Grant>>);

/// What a token lets its holder do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The name of the token, for the log.
    pub name: Arc<str>,
    patterns: Vec<Pattern>,
}

impl Tokens {
    /// Reads a file of tokens. Blank lines and lines that begin with `#` are passed over.
    ///
    /// # Errors
    /// What is wrong, with the number of the line; never the token.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut tokens: HashMap<Digest, Grant> = HashMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (token, grant) = line_of(line).map_err(|fault| format!("line {number}: {fault}"))?;
            if let Some(other) = tokens.insert(token, grant) {
                return Err(format!("line {number}: this is the token of `{}` as well", other.name));
            }
        }
        if tokens.is_empty() {
            return Err("it names no token; a line is a name, a token, and patterns of machines".to_owned());
        }
        Ok(Self(Arc::new(tokens)))
    }

    /// What this token grants; `None` for one that is not known.
    pub fn grant(&self, token: &str) -> Option<&Grant> {
        // Looked up by its digest, so that the time it takes tells nothing of the tokens there are.
        self.0.get(&digest_of(token))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.values()).finish()
    }
}

impl Grant {
    /// True where the token may speak for this machine.
    pub fn covers(&self, machine: &MachineName) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(machine.as_str()))
    }
}

fn line_of(line: &str) -> Result<(Digest, Grant), String> {
    let mut words = line.split_whitespace();
    let (Some(name), Some(token)) = (words.next(), words.next()) else {
        return Err("a name, a token and patterns of machines are needed".to_owned());
    };
    let patterns: Vec<_> = words.map(Pattern::new).collect::<Result<_, _>>()?;
    if patterns.is_empty() {
        return Err(format!("`{name}` needs patterns of machines, such as `*.corp.example`, or `*` for all"));
    }
    Ok((digest_in(token)?, Grant { name: Arc::from(name), patterns }))
}

fn digest_in(token: &str) -> Result<Digest, String> {
    let Some(hexadecimal) = token.strip_prefix(DIGEST_PREFIX) else {
        if token.len() < MIN_LENGTH {
            return Err(format!("the token is shorter than {MIN_LENGTH} characters"));
        }
        return Ok(digest_of(token));
    };
    let mut digest = Digest::default();
    let is_digest = hexadecimal.len() == 2 * digest.len() && hexadecimal.is_ascii();
    let digits = |start: usize| hexadecimal.get(start..start + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    for (place, byte) in digest.iter_mut().enumerate() {
        let value = digits(2 * place).filter(|_| is_digest);
        *byte = value.ok_or_else(|| format!("`{DIGEST_PREFIX}` needs 64 hexadecimal digits after it"))?;
    }
    Ok(digest)
}

fn digest_of(token: &str) -> Digest {
    let mut bytes = Digest::default();
    for (byte, known) in bytes.iter_mut().zip(digest(&SHA256, token.as_bytes()).as_ref()) {
        *byte = *known;
    }
    bytes
}

/// A pattern of names: `*` stands for any characters, `?` for one.
#[derive(Debug, Clone)]
struct Pattern(Regex);

impl Pattern {
    fn new(text: &str) -> Result<Self, String> {
        let belongs = |char: char| char.is_alphanumeric() || "-_.*?".contains(char);
        if !text.chars().all(belongs) {
            return Err(format!(
                "`{text}` is no pattern of names: letters, digits, `-`, `_`, `.`, `*` and `?` stand in one"
            ));
        }
        let pattern = regex::escape(&text.to_lowercase()).replace(r"\*", ".*").replace(r"\?", ".");
        Regex::new(&format!("^{pattern}$")).map(Self).map_err(|_| format!("`{text}` is too long a pattern"))
    }

    fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# who         token                         machines
collector     0123456789abcdef-collector    *.corp.example ws-*
kms01         sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  *

";

    fn machine(name: &str) -> MachineName {
        name.parse().unwrap()
    }

    #[test]
    fn a_token_speaks_for_the_machines_of_its_patterns_alone() {
        let tokens = Tokens::parse(FILE).unwrap();
        let grant = tokens.grant("0123456789abcdef-collector").unwrap();
        assert_eq!(&*grant.name, "collector");
        for name in ["WS0417.corp.example", "a.b.corp.example", "ws-17", "WS-"] {
            assert!(grant.covers(&machine(name)), "{name}");
        }
        for name in ["ws0417", "corp.example", "ws0417.corp.example.evil", "xws-17"] {
            assert!(!grant.covers(&machine(name)), "{name}");
        }
    }

    #[test]
    fn a_token_may_stand_there_as_its_digest() {
        let tokens = Tokens::parse(FILE).unwrap();
        assert!(tokens.grant("abc").unwrap().covers(&machine("any")));
        assert!(tokens.grant("abd").is_none());
        assert!(tokens.grant("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").is_none());
    }

    #[test]
    fn no_token_is_shown() {
        let shown = format!("{:?}", Tokens::parse(FILE).unwrap());
        assert!(shown.contains("collector") && !shown.contains("0123456789abcdef"), "{shown}");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_without_the_token() {
        let expected = [
            ("", "it names no token; a line is a name, a token, and patterns of machines"),
            ("\na", "line 2: a name, a token and patterns of machines are needed"),
            ("a 0123456789abcdef", "line 1: `a` needs patterns of machines, such as `*.corp.example`, or `*` for all"),
            ("a short *", "line 1: the token is shorter than 16 characters"),
            ("a sha256:12 *", "line 1: `sha256:` needs 64 hexadecimal digits after it"),
            ("a 0123456789abcdef *\nb 0123456789abcdef *", "line 2: this is the token of `a` as well"),
            (
                "a 0123456789abcdef {x}",
                "line 1: `{x}` is no pattern of names: letters, digits, `-`, `_`, `.`, `*` and `?` stand in one",
            ),
        ];
        for (text, message) in expected {
            assert_eq!(Tokens::parse(text).unwrap_err(), message);
        }
    }

    #[test]
    fn patterns_match_whole_names() {
        let matches = |pattern: &str, name: &str| Pattern::new(pattern).unwrap().matches(name);
        assert!(matches("WS-??", "ws-17") && !matches("ws-??", "ws-1") && !matches("ws-??", "ws-173"));
        assert!(matches("*a*b*", "xxaxxbxx") && !matches("*a*b*", "xxbxxaxx"));
        assert!(matches("*", "anything") && matches("a**c", "abc"));
        assert!(!matches(&"*a".repeat(40), &"a".repeat(39)) && matches(&"*a".repeat(40), &"a".repeat(253)));
    }
}
