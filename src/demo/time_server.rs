//! A time server: NTP by the clock of this machine (RFC 5905, section 7.3).

use crate::wire::ntp::Timestamp;
use std::time::SystemTime;
use tokio::net::UdpSocket;

/// The length of a message without extensions.
const LENGTH: usize = 48;

/// The mode of a question and of its answer, and the bits of the version beside it.
const MODE: u8 = 0b111;
const CLIENT: u8 = 3;
const SERVER: u8 = 4;
const VERSION: u8 = 0b0011_1000;

/// Answers questions without end. An answer is never longer than its question.
pub(super) async fn run(socket: UdpSocket) {
    let mut question = [0; LENGTH];
    loop {
        // What cannot be received or sent is lost, as it may be on any network.
        let Ok((LENGTH, client)) = socket.recv_from(&mut question).await else { continue };
        if let Some(answer) = answer(&question, SystemTime::now()) {
            let _ = socket.send_to(&answer, client).await;
        }
    }
}

fn answer(question: &[u8; LENGTH], now: SystemTime) -> Option<Vec<u8>> {
    let (flags, sent) = (question.first()?, question.get(40..)?);
    if flags & MODE != CLIENT {
        return None;
    }
    let now = Timestamp::from(now).to_bytes();
    let mut answer = Vec::with_capacity(LENGTH);
    // Stratum 2, a question each 2^6 s, a precision of 2^-20 s.
    answer.extend([flags & VERSION | SERVER, 2, 6, 0xec]);
    // No distance from a reference, which is this machine.
    answer.extend([0, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 1]);
    // When it was set, when the question left, when it came, and when the answer leaves.
    answer.extend(now);
    answer.extend(sent);
    answer.extend(now);
    answer.extend(now);
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HostPort;
    use crate::path::Resolution;
    use crate::probe::ntp;
    use std::net::Ipv4Addr;
    use std::time::Duration;

    #[tokio::test]
    async fn the_probe_believes_it() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let place = HostPort::parse(&socket.local_addr().unwrap().to_string(), 123).unwrap();
        tokio::spawn(run(socket));
        let seen = ntp::measure(&place, &Resolution::default(), Duration::from_secs(5), None).await;
        assert_eq!(seen.observation.reason, None, "{}", seen.observation.detail);
        let offset = seen.servers[0].measurement.unwrap().offset;
        assert!(offset.seconds.abs() <= offset.bound && offset.bound < 1.0, "{offset:?}");
    }

    #[test]
    fn only_questions_are_answered() {
        let mut message = [0; LENGTH];
        for mode in 0..8 {
            message[0] = 4 << 3 | mode;
            assert_eq!(answer(&message, SystemTime::now()).is_some(), mode == CLIENT);
        }
    }
}
