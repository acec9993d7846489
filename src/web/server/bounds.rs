//! How many connections are open at once: in all, and from one address.
//!
//! One more than there may be takes the place of the one that has been quiet, or has not read its answer, longest: its
//! reader connects again where it has something to ask, while a scrape that is rejected is lost. Where none is quiet, those
//! addresses give way that have far more than the one that connects. Only where all of them are at work is it rejected.

use super::pulse::Pulse;
use crate::counters::{Bound, HttpCounters};
use crate::web::client::Peer;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Whoever connects has something to ask, and gets this long to begin before another may have its place.
const GRACE: Duration = Duration::from_millis(250);

/// One address has this part of all connections, and no fewer than so many.
const SHARE: usize = 4;
const LEAST: usize = 8;

/// How many times as many connections as another an address has that gives way to it.
const CROWD: usize = 4;

/// How many may be closing for others at once. Each still holds a file descriptor.
const CLOSING: usize = 16;

/// The connections that are open.
#[derive(Debug)]
pub(super) struct Bounds {
    open: Mutex<Open>,
    counters: HttpCounters,
}

#[derive(Debug, Default)]
struct Open {
    places: HashMap<u64, Place>,
    next: u64,
    /// How many are being closed for others.
    closing: usize,
    /// How many there are from each origin, without those that are being closed.
    origins: HashMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Place {
    origin: IpAddr,
    pulse: Arc<Pulse>,
    is_closing: bool,
}

/// The place of one connection, which is free again once this is gone.
#[derive(Debug)]
pub(super) struct Seat {
    bounds: Arc<Bounds>,
    number: u64,
    /// What the connection is doing.
    pub(super) pulse: Arc<Pulse>,
}

impl Bounds {
    pub(super) fn new(counters: HttpCounters) -> Self {
        Self { open: Mutex::default(), counters }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a connection a place where there may be `most` in all.
    pub(super) fn admit(self: &Arc<Self>, peer: Peer, most: usize) -> Result<Seat, Bound> {
        let origin = peer.origin();
        let mut open = self.open();
        let from_there = open.origins.get(&origin).copied().unwrap_or_default();
        if !peer.is_loopback() && from_there >= (most / SHARE).max(LEAST) {
            self.displace(&mut open, GRACE, |place, _| place.origin == origin).ok_or(Bound::Address)?;
        }
        if open.places.len() - open.closing >= most {
            let crowd = CROWD * from_there.max(1);
            // A few addresses that ask without pause keep nobody else away.
            let displaced = self.displace(&mut open, GRACE, |_, _| true);
            let displaced = displaced.or_else(|| self.displace(&mut open, Duration::ZERO, |_, from| from >= crowd));
            displaced.ok_or(Bound::All)?;
        }
        let (number, pulse) = (open.next, Arc::new(Pulse::new()));
        open.next += 1;
        open.places.insert(number, Place { origin, pulse: Arc::clone(&pulse), is_closing: false });
        *open.origins.entry(origin).or_default() += 1;
        self.counters.opened();
        Ok(Seat { bounds: Arc::clone(self), number, pulse })
    }

    /// Has the quietest connection closed, where file descriptors have run out.
    pub(super) fn make_room(&self) {
        let _ = self.displace(&mut self.open(), GRACE, |_, _| true);
    }

    /// Has the connection closed that has been quiet longest, and for so long, of those that `may_go` by what they are and
    /// how many there are from the same origin; `None` where there is none.
    fn displace(&self, open: &mut Open, quiet_for: Duration, may_go: impl Fn(&Place, usize) -> bool) -> Option<()> {
        let last = Instant::now().checked_sub(quiet_for)?;
        if open.closing >= CLOSING {
            return None;
        }
        let Open { places, origins, .. } = open;
        let from = |place: &Place| origins.get(&place.origin).copied().unwrap_or_default();
        let candidates = places.values_mut().filter(|place| !place.is_closing && may_go(place, from(place)));
        let quiet = candidates.filter_map(|place| Some((place.pulse.idle_since()?, place)));
        let (_, place) = quiet.filter(|(since, _)| *since <= last).min_by_key(|(since, _)| *since)?;
        place.is_closing = true;
        place.pulse.displace();
        let origin = place.origin;
        open.closing += 1;
        open.leave(origin);
        self.counters.displaced();
        Some(())
    }
}

impl Open {
    /// One connection fewer from there.
    fn leave(&mut self, origin: IpAddr) {
        if let Some(count) = self.origins.get_mut(&origin) {
            *count -= 1;
            if *count == 0 {
                self.origins.remove(&origin);
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.bounds.open();
        if let Some(place) = open.places.remove(&self.number) {
            if place.is_closing {
                open.closing -= 1;
            } else {
                open.leave(place.origin);
            }
            self.bounds.counters.closed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::Counters;

    fn bounds() -> Arc<Bounds> {
        Arc::new(Bounds::new(Counters::new().unwrap().http().clone()))
    }

    fn peer(address: &str) -> Peer {
        Peer((address.parse::<IpAddr>().unwrap(), 40_000).into())
    }

    fn is_displaced(seat: &Seat) -> bool {
        let waiting = std::pin::pin!(seat.pulse.displaced());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        waiting.poll(&mut context).is_ready()
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_has_its_share_and_loopback_all() {
        let bounds = bounds();
        let from = |address: &str, count: usize| {
            let taken: Vec<_> = (0..count).map(|_| bounds.admit(peer(address), 64)).collect();
            let refused = taken.iter().filter_map(|seat| seat.as_ref().err()).collect::<Vec<_>>().len();
            (taken.iter().filter(|seat| seat.is_ok()).count(), refused)
        };
        assert_eq!(from("192.0.2.1", 20), (16, 4));
        assert_eq!(from("::ffff:192.0.2.1", 20), (16, 4), "the same address, and the others are gone");
        assert_eq!(from("127.0.0.1", 70), (64, 6));
        assert_eq!(from("::1", 70), (64, 6));
        let network: Vec<_> = (0..20).map(|host| bounds.admit(peer(&format!("2001:db8::{host}")), 64)).collect();
        assert_eq!(network.iter().filter(|seat| seat.is_ok()).count(), 16);
        assert_eq!(bounds.admit(peer("2001:db8::1"), 64).unwrap_err(), Bound::Address);
        bounds.admit(peer("2001:db8:0:1::1"), 64).unwrap();
        // Where few may be open at all, an address has eight of them.
        drop(network);
        let few: Vec<_> = (0..9).map_while(|_| bounds.admit(peer("192.0.2.7"), 16).ok()).collect();
        assert_eq!(few.len(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn the_quietest_gives_way_and_what_works_does_not() {
        let bounds = bounds();
        let busy = bounds.admit(peer("127.0.0.1"), 8).unwrap();
        let _request = busy.pulse.begin();
        let mut quiet = Vec::new();
        for _ in 0..7 {
            tokio::time::advance(Duration::from_millis(10)).await;
            quiet.push(bounds.admit(peer("127.0.0.1"), 8).unwrap());
        }
        assert_eq!(bounds.admit(peer("127.0.0.1"), 8).unwrap_err(), Bound::All, "they have only just come");
        tokio::time::advance(GRACE).await;
        let _new = bounds.admit(peer("192.0.2.1"), 8).unwrap();
        assert!(!is_displaced(&busy));
        assert_eq!(
            quiet.iter().map(is_displaced).collect::<Vec<_>>(),
            [true, false, false, false, false, false, false]
        );
        quiet.clear();
        // Those that went have left nothing behind.
        assert_eq!(bounds.open().places.len(), 2);
        assert_eq!(bounds.open().origins.len(), 2);
        assert_eq!(bounds.open().closing, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_that_ask_without_pause_keep_nobody_else_away() {
        let bounds = bounds();
        let mut crowd = Vec::new();
        for address in 1..=4 {
            tokio::time::advance(Duration::from_millis(1)).await;
            crowd.extend((0..16).map(|_| bounds.admit(peer(&format!("192.0.2.{address}")), 64).unwrap()));
        }
        let _at_work: Vec<_> = crowd.iter().take(16).map(|seat| seat.pulse.begin()).collect();
        let scrape = bounds.admit(peer("198.51.100.9"), 64).unwrap();
        let own = bounds.admit(peer("127.0.0.1"), 64).unwrap();
        assert_eq!(crowd.iter().filter(|seat| is_displaced(seat)).count(), 2);
        assert!(!is_displaced(&scrape) && !is_displaced(&own));
        // Whoever has its share by then is no better than they are.
        let more: Vec<_> = (0..16).map_while(|_| bounds.admit(peer("198.51.100.9"), 64).ok()).collect();
        assert_eq!(more.len(), 4);
        assert_eq!(bounds.admit(peer("192.0.2.2"), 64).unwrap_err(), Bound::All);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_gives_way() {
        let bounds = bounds();
        let seats: Vec<_> = (0..8).map(|_| bounds.admit(peer("127.0.0.1"), 8).unwrap()).collect();
        // Seven have their answers and do not read them; of the last, one of two requests is still worked on.
        let requests: Vec<_> = seats.iter().map(|seat| seat.pulse.begin()).collect();
        let worked_on = seats[7].pulse.begin();
        for request in &requests {
            request.answers();
        }
        tokio::time::advance(Duration::from_millis(1900)).await;
        seats[1].pulse.writes(true);
        assert_eq!(bounds.admit(peer("192.0.2.1"), 8).unwrap_err(), Bound::All);
        tokio::time::advance(Duration::from_millis(200)).await;
        let new: Vec<_> = (0..7).map_while(|_| bounds.admit(peer("192.0.2.1"), 8).ok()).collect();
        assert_eq!(new.len(), 6);
        assert!(!is_displaced(&seats[1]) && !is_displaced(&seats[7]));
        drop(worked_on);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_at_its_bound_displaces_its_own() {
        let bounds = bounds();
        let other = bounds.admit(peer("192.0.2.2"), 64).unwrap();
        tokio::time::advance(GRACE).await;
        let own: Vec<_> = (0..16).map(|_| bounds.admit(peer("192.0.2.1"), 64).unwrap()).collect();
        assert_eq!(bounds.admit(peer("192.0.2.1"), 64).unwrap_err(), Bound::Address);
        tokio::time::advance(GRACE).await;
        let _new = bounds.admit(peer("192.0.2.1"), 64).unwrap();
        assert!(!is_displaced(&other));
        assert_eq!(own.iter().filter(|seat| is_displaced(seat)).count(), 1);
    }
}
