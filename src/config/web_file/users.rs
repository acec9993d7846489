//! Users, and the bcrypt hashes of their passwords.

use crate::catalogue::{Message, message};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What a hash has at the least: version, cost, salt, and what Go's library asks for of the rest.
const MIN_LENGTH: usize = 59;

/// From here on a password takes seconds.
const SLOW: u32 = 15;

/// Who may log in with a password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Users(Arc<BTreeMap<String, Hash>>);

/// The hash of a password. It cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Hash(Zeroizing<String>);

impl Users {
    pub(super) fn new(users: BTreeMap<String, Hash>) -> Self {
        Self(Arc::new(users))
    }

    /// True where nobody has to log in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The hash of a user's password; `None` for one that is not known.
    pub fn get(&self, name: &str) -> Option<&Hash> {
        self.0.get(name)
    }

    /// The hash of one of the users, chosen by `seed`; `None` where there are no users.
    pub fn any(&self, seed: u64) -> Option<&Hash> {
        let count = u64::try_from(self.0.len()).ok().filter(|count| *count > 0)?;
        self.0.values().nth(usize::try_from(seed % count).unwrap_or_default())
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl Hash {
    /// Checks a hash as far as Go's library does, and says what there is to warn of: what it takes may still be a hash
    /// that no password has.
    ///
    /// # Errors
    /// A clause that does not show the hash.
    pub(super) fn new(text: &str) -> Result<(Self, Option<Message>), Message> {
        if text.len() < MIN_LENGTH {
            return Err(message!("web-hash-short"));
        }
        let after_version = text.strip_prefix('$').and_then(|rest| {
            let rest = rest.strip_prefix(['0', '1', '2'])?;
            let minor = rest.chars().next().filter(|char| *char != '$').map_or(0, char::len_utf8);
            // Go takes whatever is between version and cost for the separator.
            let after_minor = rest.get(minor..)?;
            after_minor.get(after_minor.chars().next()?.len_utf8()..)
        });
        let rest = after_version.ok_or_else(|| message!("web-hash-version"))?;
        let cost = rest.get(..2).and_then(|cost| cost.parse::<u32>().ok());
        let cost = cost.ok_or_else(|| message!("web-hash-without-cost"))?;
        if !(4..=31).contains(&cost) {
            return Err(message!("web-hash-cost", cost = cost));
        }
        let warning = match text.parse::<bcrypt::HashParts>() {
            Err(_) => Some(message!("web-hash-malformed")),
            Ok(_) if cost >= SLOW => Some(message!("web-hash-slow", cost = cost)),
            Ok(_) => None,
        };
        Ok((Self(Zeroizing::new(text.to_owned())), warning))
    }

    /// Whether this is the hash of a password. It takes as long as its cost has it, so it has no place on the executor.
    pub fn verify(&self, password: &[u8]) -> bool {
        bcrypt::verify(password, &self.0).unwrap_or(false)
    }

    /// The bytes of the hash, for a key of what was verified.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `secret`, as libxcrypt hashed it.
    const SECRET: &str = "$2y$05$vX9yyyS7WAgb9RSJsrSDl.O.FDqahZJaILQj/1kJFhqmI8vhqW1Ga";

    #[test]
    fn a_password_matches_the_hash_that_other_programs_made() {
        let (hash, warning) = Hash::new(SECRET).unwrap();
        assert_eq!(warning, None);
        assert!(hash.verify(b"secret") && !hash.verify(b"Secret") && !hash.verify(b""));
    }

    #[test]
    fn what_can_never_match_is_warned_of() {
        let (hash, warning) = Hash::new(&format!("{SECRET}x")).unwrap();
        assert_eq!(warning.unwrap().to_string(), "the hash is malformed, and no password matches it; make a new one");
        assert!(!hash.verify(b"secret"));
        let slow = SECRET.replace("$05$", "$20$");
        assert!(
            Hash::new(&slow).unwrap().1.unwrap().to_string().starts_with("a hash of cost 20 keeps a processor busy")
        );
    }

    #[test]
    fn neither_errors_nor_debug_show_a_hash() {
        for hash in ["", "short-hunter2", &SECRET.replace("$05$", "$03$"), &SECRET.replace("$2y$", "$3y$")] {
            let said = Hash::new(hash).unwrap_err().to_string();
            assert!(!said.contains("hunter2") && !said.contains("vX9yyyS7"), "{said}");
        }
        let users = Users::new([("alice".to_owned(), Hash::new(SECRET).unwrap().0)].into());
        assert_eq!(format!("{users:?} {:?}", users.get("alice")), "{\"alice\"} Some(Hash(..))");
        assert!(users.any(7).is_some() && Users::default().any(7).is_none());
    }
}
