//! Tokens that this program makes, for a file of tokens or for a machine that enrols.

use crate::catalogue::{Message, message};
use crate::secret::Secret;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

/// How a token begins, so that people and scanners for secrets know it for one.
const PREFIX: &str = "gracewatch_";

/// How many random bytes it has.
const RANDOM: usize = 32;

/// Makes a token.
///
/// # Errors
/// Where the system provides no random numbers.
pub fn make() -> Result<Secret, Message> {
    let mut random = [0; RANDOM];
    SystemRandom::new().fill(&mut random).map_err(|_| message!("no-random-numbers"))?;
    Ok(Secret::new(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random))))
}

/// True for a token of the form in which they are made.
pub fn is_made(token: &str) -> bool {
    let random = token.strip_prefix(PREFIX).and_then(|random| BASE64_URL_SAFE_NO_PAD.decode(random).ok());
    random.is_some_and(|random| random.len() == RANDOM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_known_for_it_and_nothing_else_is() {
        let token = make().unwrap();
        assert!(is_made(token.reveal()) && make().unwrap() != token);
        let (short, long) = (&token.reveal()[..token.reveal().len() - 1], format!("{}A", token.reveal()));
        for other in ["", PREFIX, short, &long, &token.reveal()[1..], "0123456789abcdef-everything"] {
            assert!(!is_made(other), "{other}");
        }
    }
}
