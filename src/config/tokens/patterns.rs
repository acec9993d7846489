//! Patterns of names of machines: `*` stands for any characters, `?` for one.

use std::collections::HashSet;
use wildmatch::WildMatch;

/// The patterns of one token. Names without a wildcard are looked up, and cost nothing more where there are many.
#[derive(Debug, PartialEq)]
pub(in crate::config) struct Patterns {
    names: HashSet<Box<str>>,
    wild: Vec<WildMatch>,
    /// True where one of them matches every name.
    match_all: bool,
}

impl Eq for Patterns {}

impl Patterns {
    /// Takes patterns, in any case.
    pub(in crate::config) fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut names, mut wild, mut match_all) = (HashSet::new(), Vec::new(), false);
        for pattern in patterns {
            let pattern = pattern.to_lowercase();
            match_all |= pattern.chars().all(|char| char == '*');
            if is_wild(&pattern) {
                wild.push(WildMatch::new(&pattern));
            } else {
                names.insert(pattern.into());
            }
        }
        Self { names, wild, match_all }
    }

    /// True where one of them matches every name.
    pub(super) const fn match_all(&self) -> bool {
        self.match_all
    }

    /// True where one of them matches the whole name, which is in lower case.
    pub(in crate::config) fn match_name(&self, name: &str) -> bool {
        self.names.contains(name) || self.wild.iter().any(|pattern| pattern.matches(name))
    }
}

/// True where a pattern has nothing in it that no name has.
pub(in crate::config) fn is_pattern(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|char| char.is_alphanumeric() || "-_.*?".contains(char))
}

/// True where a text has a wildcard in it.
pub(in crate::config) fn is_wild(text: &str) -> bool {
    text.contains(['*', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        let matches = |pattern: &str, name: &str| Patterns::new([pattern]).match_name(name);
        assert!(matches("WS-??", "ws-17") && !matches("ws-??", "ws-1") && !matches("ws-??", "ws-173"));
        assert!(matches("*a*b*", "xxaxxbxx") && !matches("*a*b*", "xxbxxaxx"));
        assert!(matches("*", "anything") && matches("a**c", "abc") && matches("WS1", "ws1") && !matches("ws1", "ws11"));
        assert!(matches("b?cher*", "b\u{fc}cher1") && matches("\u{c4}*", "\u{e4}rzte"));
        assert!(!matches(&"*a".repeat(40), &"a".repeat(39)) && matches(&"*a".repeat(40), &"a".repeat(253)));
    }
}
