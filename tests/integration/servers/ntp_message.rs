//! Just enough NTP to ask a server what time it has, and whether it is sure (RFC 5905, section 7.3).

use std::net::SocketAddr;

use super::ask;
use super::place::Place;

/// Length of the header, which is the whole of a plain message.
const LENGTH: usize = 48;

/// What comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 3 is an alarm: the server does not know the time.
    pub leap: u8,
    /// 0 where the server tells no time, as in a kiss of death.
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
