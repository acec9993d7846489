//! Passwords: verified aside, as many at once as there is time for, and remembered for a while.
//!
//! To verify one takes as long as the cost of its hash has it, which is the point of bcrypt. What anybody can ask for
//! must not keep the processors busy, so that only a few are verified at once, few wait, and no address has all places.

use super::places::Places;
use crate::config::web_file::Users;
use ring::hmac;
use ring::rand::SystemRandom;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a password is remembered that is not used, and how many are.
const REMEMBERED: Duration = Duration::from_hours(1);
const MAX_REMEMBERED: usize = 256;

/// What a password proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// It is that of the user.
    Right,
    /// It is not, or there is no such user.
    Wrong,
    /// Too many are verified already.
    Busy,
}

/// Verifies passwords.
#[derive(Debug)]
pub(super) struct Passwords {
    /// Drawn when the process begins, and known to nobody.
    key: hmac::Key,
    /// When each was used last, by a digest of user, hash and password.
    remembered: Mutex<HashMap<[u8; 32], Instant>>,
    /// Who is verified or waits.
    places: Arc<Places>,
}

impl Passwords {
    /// Remembers nothing yet.
    ///
    /// # Errors
    /// Where the system provides no random numbers.
    pub(super) fn new() -> Result<Self, ring::error::Unspecified> {
        Ok(Self {
            key: hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())?,
            remembered: Mutex::default(),
            places: Arc::default(),
        })
    }

    /// Whether a user who asks from `peer` is who they say.
    pub(super) async fn verify(&self, users: &Users, name: &str, password: Zeroizing<Vec<u8>>, peer: IpAddr) -> Proof {
        let known = users.get(name);
        let digest = known.map(|hash| self.digest(&[name.as_bytes(), hash.as_bytes(), &password]));
        if digest.is_some_and(|digest| self.remembers(&digest)) {
            return Proof::Right;
        }
        let Some((place, turn)) = self.places.take(peer) else { return Proof::Busy };
        let Ok(Ok(())) = timeout(PATIENCE, turn).await else { return Proof::Busy };
        // A name that is not known takes as long as one of those that are, and each time as the same one.
        let Some(hash) = known.or_else(|| users.any(self.seed(name))).cloned() else { return Proof::Wrong };
        let verified = spawn_blocking(move || {
            // Whoever asks may go away meanwhile; the processor is busy all the same.
            let _place = place;
            hash.verify(&password)
        });
        // A panic is a fault of this program, and lets nobody in.
        if !verified.await.unwrap_or(false) {
            return Proof::Wrong;
        }
        match digest {
            Some(digest) => {
                self.remember(digest);
                Proof::Right
            }
            None => Proof::Wrong,
        }
    }

    fn remembers(&self, digest: &[u8; 32]) -> bool {
        let mut remembered = locked(&self.remembered);
        match remembered.get_mut(digest) {
            Some(used) if used.elapsed() < REMEMBERED => {
                *used = Instant::now();
                true
            }
            _ => false,
        }
    }

    fn remember(&self, digest: [u8; 32]) {
        let mut remembered = locked(&self.remembered);
        if remembered.len() >= MAX_REMEMBERED {
            let oldest = remembered.iter().min_by_key(|(_, used)| **used).map(|(digest, _)| *digest);
            oldest.map(|digest| remembered.remove(&digest));
        }
        remembered.insert(digest, Instant::now());
    }

    fn seed(&self, name: &str) -> u64 {
        self.digest(&[name.as_bytes()]).iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
    }

    fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut digest = [0; 32];
        digest.iter_mut().zip(context.sign().as_ref()).for_each(|(byte, signed)| *byte = *signed);
        digest
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change is whole once it is made.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let passwords = Passwords::new().unwrap();
        let digest = |number: usize| passwords.digest(&[&number.to_be_bytes()]);
        for number in 0..2 * MAX_REMEMBERED {
            passwords.remember(digest(number));
        }
        assert_eq!(locked(&passwords.remembered).len(), MAX_REMEMBERED);
        assert!(passwords.remembers(&digest(2 * MAX_REMEMBERED - 1)) && !passwords.remembers(&digest(0)));
        // Where a name ends and a password begins is part of what is remembered.
        assert_ne!(passwords.digest(&[b"ab", b"c"]), passwords.digest(&[b"a", b"bc"]));
        assert_ne!(passwords.digest(&[b"a"]), Passwords::new().unwrap().digest(&[b"a"]));
    }
}
