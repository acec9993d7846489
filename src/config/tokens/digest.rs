//! The digest of a token: all that is kept of one.

use ring::digest::SHA256;
use std::hash::{Hash, Hasher};
use subtle::ConstantTimeEq;

const LENGTH: usize = 32;

/// The SHA-256 of a token. It is compared in a time that does not depend on what it is, and not shown.
#[derive(Clone, Copy, Eq)]
pub struct Digest([u8; LENGTH]);

impl Digest {
    /// The digest of a token.
    pub fn of(token: &str) -> Self {
        let mut bytes = [0; LENGTH];
        for (byte, known) in bytes.iter_mut().zip(ring::digest::digest(&SHA256, token.as_bytes()).as_ref()) {
            *byte = *known;
        }
        Self(bytes)
    }

    /// Reads a digest in hexadecimal.
    pub(super) fn parse(hexadecimal: &str) -> Option<Self> {
        if hexadecimal.len() != 2 * LENGTH || !hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; LENGTH];
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(hexadecimal.get(2 * place..2 * place + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// In hexadecimal, in small letters, for a file of tokens or a store.
    pub fn to_hexadecimal(self) -> String {
        self.0.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

// A map picks the bucket by a key of its own process, so that the time of a lookup reveals nothing either.
impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
