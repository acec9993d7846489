//! Just enough NTP to ask a server what time it has, and whether it is sure (RFC 5905, section 7.3).

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::ask;
use super::place::Place;

/// Length of the header, which is the whole of a plain message.
pub const LENGTH: usize = 48;

/// Seconds between 1900, where NTP begins to count, and 1970.
const NTP_TO_UNIX: u64 = 2_208_988_800;

/// What comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 3 is an alarm: the server does not know the time.
    pub leap: u8,
    /// 0 where the server gives no time, as in a kiss of death.
    pub stratum: u8,
    /// Where its time comes from; four letters with stratum 0, such as `RATE`.
    pub reference: [u8; 4],
    /// When it was sent, by the server's clock: seconds since 1900.
    pub transmitted: u32,
}

/// Asks over UDP as a client does.
pub fn ask_for_time(place: &Place, address: SocketAddr) -> Option<Answer> {
    let mut question = [0; LENGTH];
    // Leap indicator 0, version 4, mode 3 (client).
    question[0] = 4 << 3 | 3;
    // A transmit timestamp that is not zero, as a client's is.
    question[40..48].copy_from_slice(b"readying");
    read(&ask::exchange_datagrams(place, address, &question)?)
}

/// Reads a server's answer (mode 4); anything else is none.
fn read(message: &[u8]) -> Option<Answer> {
    let header: &[u8; LENGTH] = message.first_chunk()?;
    (header[0] & 0b111 == 4).then(|| Answer {
        leap: header[0] >> 6,
        stratum: header[1],
        reference: [header[12], header[13], header[14], header[15]],
        transmitted: u32::from_be_bytes([header[40], header[41], header[42], header[43]]),
    })
}

/// The answer of a server at stratum 2 whose clock is `ahead` of this machine's.
pub fn answer(question: &[u8], ahead: Duration) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is past 1970") + ahead;
    // The seconds start over with every era of 2^32, and the fraction is counted in as many parts (section 6).
    let seconds = (now.as_secs() + NTP_TO_UNIX) % (1 << 32);
    let fraction = (u64::from(now.subsec_nanos()) << 32) / 1_000_000_000;
    let reading = (seconds << 32 | fraction).to_be_bytes();
    let mut answer = vec![0; LENGTH];
    // Leap indicator 0, version 4, mode 4 (server); stratum, poll interval, precision of 2^-20 s.
    answer[..4].copy_from_slice(&[4 << 3 | 4, 2, 6, 0xec]);
    answer[12..16].copy_from_slice(&[127, 0, 0, 9]);
    // Reference, origin, receive and transmit timestamp.
    answer[16..24].copy_from_slice(&reading);
    answer[24..32].copy_from_slice(&question[40..48]);
    answer[32..40].copy_from_slice(&reading);
    answer[40..48].copy_from_slice(&reading);
    answer
}

/// A kiss of death: stratum 0, four letters, and the question's transmit timestamp for all times (section 7.4).
pub fn kiss(question: &[u8], code: [u8; 4]) -> Vec<u8> {
    let mut answer = vec![0; LENGTH];
    answer[0] = 3 << 6 | 4 << 3 | 4;
    answer[12..16].copy_from_slice(&code);
    for from in [24, 32, 40] {
        answer[from..from + 8].copy_from_slice(&question[40..48]);
    }
    answer
}
