//! HTTP: a request for nothing in particular, and the `Date` of whatever is answered (RFC 9110 section 6.6.1).
//!
//! Every status will do. Windows answers on the port of `WinRM` (5985) whether or not the service behind it is set up.

use super::NoTime;
use super::http::{Head, Request};
use crate::observation::detail;
use std::time::{Duration, SystemTime};

/// The server writes whole seconds, and the second may have begun at any moment before.
pub const RESOLUTION: Duration = Duration::from_secs(1);

/// A HEAD request to `host`, after which the server closes the connection.
pub fn request(host: &str) -> Vec<u8> {
    Request { method: "HEAD", target: "/", host, proxy_authorization: None, keep_alive: false }.encode()
}

/// Reads the time off an answer.
///
/// # Errors
/// [`NoTime::Incomplete`] until the head of the answer is there; another [`NoTime`] where it is no HTTP, has no `Date`
/// or one that is no date, or was answered from a cache, whose `Date` is that of a former answer.
pub fn decode(answer: &[u8]) -> Result<SystemTime, NoTime> {
    let head = Head::decode(answer).map_err(|error| NoTime::Foreign(error.detail()))?;
    let (head, _) = head.ok_or(NoTime::Incomplete)?;
    if head.value("Age").is_some() {
        return Err(NoTime::Absent(detail!("http-date-cached")));
    }
    let date = head.value("Date").ok_or(NoTime::Absent(detail!("http-date-missing")))?;
    httpdate::parse_http_date(date).map_err(|_| NoTime::Foreign(detail!("http-date-malformed")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::UNIX_EPOCH;

    /// What Windows answers to anyone.
    fn answer(date: &str) -> String {
        format!(
            "HTTP/1.1 404 Not Found\r\nContent-Length: 315\r\nServer: Microsoft-HTTPAPI/2.0\r\ndate: {date}\r\n\
             Connection: close\r\n\r\n"
        )
    }

    fn seconds(date: &str) -> Result<u64, NoTime> {
        decode(answer(date).as_bytes()).map(|moment| moment.duration_since(UNIX_EPOCH).unwrap().as_secs())
    }

    #[test]
    fn the_date_of_any_answer_is_read_in_every_form_there_is() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Ok(784_111_777));
        assert_eq!(seconds("Sunday, 06-Nov-94 08:49:37 GMT"), Ok(784_111_777));
        assert_eq!(seconds("Sun Nov  6 08:49:37 1994"), Ok(784_111_777));
        assert_eq!(seconds("Tue, 19 Jan 2038 03:14:08 GMT"), Ok(2_147_483_648));
        assert_eq!(seconds("Fri, 31 Dec 9999 23:59:59 GMT"), Ok(253_402_300_799));
    }

    #[test]
    fn a_date_that_is_none_is_refused() {
        for date in ["", "yesterday", "0", "Mon, 01 Jan 1601 00:00:00 GMT", "Sun, 31 Feb 2026 00:00:00 GMT", "\u{e4}"] {
            assert!(matches!(seconds(date), Err(NoTime::Foreign(_))), "{date}");
        }
        assert_eq!(decode(b"HTTP/1.0 200 OK\r\nServer: x\r\n\r\n"), Err(NoTime::Absent(detail!("http-date-missing"))));
    }

    #[test]
    fn the_date_of_a_cache_is_not_the_hosts() {
        let cached = answer("Sun, 06 Nov 1994 08:49:37 GMT").replace("Connection: close", "Age: 0");
        assert!(matches!(decode(cached.as_bytes()), Err(NoTime::Absent(_))));
    }

    #[test]
    fn every_part_of_an_answer_waits_for_the_rest() {
        let answer = answer("Sun, 06 Nov 1994 08:49:37 GMT");
        for length in 0..answer.len() {
            assert_eq!(decode(&answer.as_bytes()[..length]), Err(NoTime::Incomplete), "{length} bytes");
        }
    }

    #[test]
    fn what_is_not_http_is_reported_at_once() {
        for bytes in [b"SSH-2.0-OpenSSH_9.2\r\n".as_slice(), b"\x00\x00\x00\x45", b"220 smtp ready\r\n"] {
            assert_eq!(decode(bytes), Err(NoTime::Foreign(detail!("not-http"))), "{bytes:?}");
        }
    }

    #[test]
    fn a_request_names_the_host_and_asks_for_nothing_more() {
        let request = String::from_utf8(request("[2001:db8::1]:5985")).unwrap();
        assert!(
            request.starts_with("HEAD / HTTP/1.1\r\nHost: [2001:db8::1]:5985\r\n") && request.ends_with("\r\n\r\n")
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn what_is_written_is_read_back(seconds in 0_u64..253_402_300_800) {
            let moment = UNIX_EPOCH + Duration::from_secs(seconds);
            prop_assert_eq!(decode(answer(&httpdate::fmt_http_date(moment)).as_bytes()), Ok(moment));
        }

        #[test]
        fn a_flipped_byte_never_panics(at in 0_usize..160, with in any::<u8>()) {
            let mut bytes = answer("Sun, 06 Nov 1994 08:49:37 GMT").into_bytes();
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= with;
            }
            let _ = decode(&bytes);
        }
    }
}
