//! Places to have a password verified: who is verified, who waits, and whose turn is next.
//!
//! One more than there may be takes the place of one that waits of an address with more. Turns go round the addresses, so
//! that a few of them, whatever they ask, keep no other away.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// How many are verified at once.
const AT_ONCE: usize = 2;

/// How many are verified or wait, and how many of these may be of one address.
const PLACES: usize = 16;
const PLACES_OF_ADDRESS: usize = 4;

/// The places there are.
#[derive(Debug, Default)]
pub(super) struct Places {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// In the order in which they came.
    visitors: BTreeMap<u64, Visitor>,
    next: u64,
    turns: u64,
    /// The last turn of each address that has a place.
    served: HashMap<IpAddr, u64>,
}

#[derive(Debug)]
struct Visitor {
    peer: IpAddr,
    /// Gives it its turn; `None` once it had that.
    turn: Option<oneshot::Sender<()>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
}

impl Places {
    /// A place and its turn, which ends with an error where the place is given to another; `None` where there is none.
    pub(super) fn take(self: &Arc<Self>, peer: IpAddr) -> Option<(Place, oneshot::Receiver<()>)> {
        let mut held = self.held();
        let of_peer = held.of(peer);
        if of_peer >= PLACES_OF_ADDRESS {
            return None;
        }
        if held.visitors.len() >= PLACES {
            held.displace(of_peer + 1)?;
        }
        let number = held.next;
        held.next += 1;
        let (turn, wait) = oneshot::channel();
        held.visitors.insert(number, Visitor { peer, turn: Some(turn) });
        held.give_turns();
        Some((Place { places: Arc::clone(self), number }, wait))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Each change is whole once it is made.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn of(&self, peer: IpAddr) -> usize {
        self.visitors.values().filter(|visitor| visitor.peer == peer).count()
    }

    /// Takes a place from the address that has most, and more than `count`: from the last of its visitors that wait.
    fn displace(&mut self, count: usize) -> Option<()> {
        let waiting = self.visitors.iter().filter(|(_, visitor)| visitor.turn.is_some());
        let of_more = waiting.map(|(number, visitor)| (self.of(visitor.peer), *number)).filter(|(of, _)| *of > count);
        let (_, number) = of_more.max()?;
        self.visitors.remove(&number).map(|_| ())
    }

    /// Gives turns as long as there are any: first to addresses of which fewest are verified, and of these to the one
    /// that had none for longest.
    fn give_turns(&mut self) {
        loop {
            let verified: Vec<IpAddr> =
                self.visitors.values().filter(|visitor| visitor.turn.is_none()).map(|visitor| visitor.peer).collect();
            if verified.len() >= AT_ONCE {
                return;
            }
            let rank = |peer: IpAddr| {
                let now = verified.iter().filter(|other| **other == peer).count();
                (now, self.served.get(&peer).copied().unwrap_or_default())
            };
            let waiting = self.visitors.iter().filter(|(_, visitor)| visitor.turn.is_some());
            let Some((_, number)) = waiting.map(|(number, visitor)| (rank(visitor.peer), *number)).min() else {
                return;
            };
            let Some(visitor) = self.visitors.get_mut(&number) else { return };
            self.turns += 1;
            self.served.insert(visitor.peer, self.turns);
            if let Some(turn) = visitor.turn.take() {
                // Whoever went away gives its place back.
                let _ = turn.send(());
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.places.held();
        if let Some(visitor) = held.visitors.remove(&self.number) {
            if held.of(visitor.peer) == 0 {
                held.served.remove(&visitor.peer);
            }
            held.give_turns();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oneshot::error::TryRecvError;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn no_address_has_all_places() {
        let places = Arc::new(Places::default());
        let mut taken: Vec<_> = (0..PLACES_OF_ADDRESS).map(|_| places.take(address(1)).unwrap()).collect();
        assert!(places.take(address(1)).is_none());
        taken.clear();
        assert!(places.take(address(1)).is_some(), "whoever leaves makes room");
        let taken: Vec<_> = (0..16).map(|last| places.take(address(last)).unwrap()).collect();
        assert!(places.take(address(200)).is_none(), "there are {PLACES} in all, and no address has more");
        drop(taken);
        assert!(places.held().visitors.is_empty() && places.held().served.is_empty());
    }

    #[test]
    fn a_few_addresses_that_ask_without_pause_keep_nobody_else_away() {
        let places = Arc::new(Places::default());
        let mut crowd: Vec<_> = (0..16).map(|place| Some(places.take(address(place / 4)).unwrap())).collect();
        let (_admin, mut turn) = places.take(address(200)).unwrap();
        let has_lost = |visitor: &mut Option<(Place, oneshot::Receiver<()>)>| {
            visitor.as_mut().is_some_and(|(_, turn)| turn.try_recv() == Err(TryRecvError::Closed))
        };
        assert!(has_lost(&mut crowd[15]) && !has_lost(&mut crowd[14]), "the last of those that wait gave its place");
        assert_eq!(turn.try_recv(), Err(TryRecvError::Empty));
        // Two of the first address are verified. The other addresses have their turns, and then this one has.
        for ended in [0, 1, 4, 8] {
            assert_eq!(turn.try_recv(), Err(TryRecvError::Empty), "{ended}");
            crowd[ended] = None;
        }
        assert_eq!(turn.try_recv(), Ok(()));
    }

    #[test]
    fn turns_go_round_the_addresses() {
        let places = Arc::new(Places::default());
        let first: Vec<_> = (0..4).map(|_| places.take(address(1)).unwrap()).collect();
        let mut others: Vec<_> = (2..4).map(|last| places.take(address(last)).unwrap()).collect();
        drop(first);
        assert!(others.iter_mut().all(|(_, turn)| turn.try_recv() == Ok(())));
    }
}
