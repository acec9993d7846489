//! The servers whose time is read are right themselves, or wrong by a set amount. Their answers are
//! decoded by hand here, so that what reads them in the program is tested against something other than itself.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::servers::chrony::Chrony;
use crate::servers::domain_controller::{self, DomainController};
use crate::servers::kdc::{self, Kdc};
use crate::servers::nginx::{self, Nginx};
use crate::servers::ntp_message;
use crate::servers::ntpsec::Ntpsec;
use crate::servers::place::Place;
use crate::servers::scripted_udp::ScriptedUdp;
use crate::servers::smbd::{self, Smbd};
use crate::servers::{ask, netns::Namespace};

/// How libfaketime is set to be four hours and five minutes ahead, and what comes of it in seconds.
const SHIFT: (&str, i64) = ("+14700s", 14_700);

/// Seconds between 1900, where NTP begins to count, and 1970.
const NTP_TO_UNIX: i64 = 2_208_988_800;

/// Seconds between 1601, where Windows begins to count, and 1970.
const WINDOWS_TO_UNIX: i64 = 11_644_473_600;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Insists that a server's clock, in seconds since 1970, is as far from this machine's as it should be.
fn assert_is_off_by(offset: i64, shown: i64) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is past 1970").as_secs();
    let now = i64::try_from(now).expect("it is not past the end of time");
    assert!((shown - now - offset).abs() <= 2, "it is off by {} instead of {offset} seconds", shown - now);
}

/// Seconds since 1970 of a date before 2100, the next year that is divisible by four and no leap year.
fn seconds_since_1970(year: i64, month: i64, day: i64, [hour, minute, second]: [i64; 3]) -> i64 {
    let days_before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let month_index = usize::try_from(month - 1).expect("months begin with 1");
    let leap_day = i64::from(year % 4 == 0 && month > 2);
    // Each leap year adds its day to the years after it, 1972 the first of them.
    let days = (year - 1970) * 365 + (year - 1969) / 4 + days_before[month_index] + leap_day + day - 1;
    ((days * 24 + hour) * 60 + minute) * 60 + second
}

fn number(digits: &str) -> i64 {
    digits.parse().unwrap_or_else(|_| panic!("{digits:?} is no number"))
}

/// Reads the first time in a message that is written as a `GeneralizedTime`: `20261123155436Z`.
fn generalized_time(message: &[u8]) -> i64 {
    let digits = message
        .windows(14)
        .find(|bytes| bytes.iter().all(u8::is_ascii_digit))
        .unwrap_or_else(|| panic!("no time in {}", message.escape_ascii()));
    let digits = str::from_utf8(digits).expect("digits are text");
    let part = |from: usize| number(&digits[from..from + 2]);
    seconds_since_1970(number(&digits[..4]), part(4), part(6), [part(8), part(10), part(12)])
}

fn smb_time(address: SocketAddr) -> i64 {
    let answer = smbd::negotiate(&Place::at(address), address).expect("it answers");
    // After the header of 64 bytes; SystemTime counts tenths of microseconds (MS-SMB2, section 2.2.4).
    let time = answer[64 + 40..].first_chunk().expect("the answer is whole");
    i64::from_le_bytes(*time) / 10_000_000 - WINDOWS_TO_UNIX
}

fn http_time(address: SocketAddr) -> i64 {
    let answer = ask::exchange_over_tcp(&Place::at(address), address, nginx::QUESTION).expect("it answers");
    let text = String::from_utf8(answer).expect("headers are text");
    let date = text.lines().find_map(|line| line.strip_prefix("Date: ")).expect("there is a date");
    // Such as: Mon, 23 Nov 2026 15:55:38 GMT.
    let parts: Vec<&str> = date.split([' ', ':']).collect();
    let [_, day, month, year, hour, minute, second, "GMT"] = parts[..] else {
        panic!("{date:?} is no date");
    };
    let month = MONTHS.iter().zip(1..).find_map(|(name, index)| (*name == month).then_some(index));
    let month = month.expect("it is one of the twelve months");
    seconds_since_1970(number(year), month, number(day), [hour, minute, second].map(number))
}

#[test]
#[ignore = "needs chrony, libfaketime"]
fn chrony_gives_the_time() {
    for (server, offset) in [(Chrony::right(), 0), (Chrony::faked(SHIFT.0), SHIFT.1)] {
        let place = Place::at(server.address());
        let answer = ntp_message::ask_for_time(&place, server.address()).expect("it answers");
        assert_is_off_by(offset, i64::from(answer.transmitted) - NTP_TO_UNIX);
    }
}

#[test]
#[ignore = "needs samba, libfaketime"]
fn smbd_gives_the_time() {
    for (server, offset) in [(Smbd::right(), 0), (Smbd::faked(SHIFT.0), SHIFT.1)] {
        assert_is_off_by(offset, smb_time(server.address()));
    }
}

#[test]
#[ignore = "needs samba"]
fn smbd_of_smb1_alone_refuses_smb2() {
    let server = Smbd::only_smb1();
    assert_eq!(smbd::negotiate(&Place::at(server.address()), server.address()), None);
}

#[test]
#[ignore = "needs nginx, libfaketime"]
fn nginx_gives_the_time() {
    for (server, offset) in [(Nginx::right(), 0), (Nginx::faked(SHIFT.0), SHIFT.1)] {
        assert_is_off_by(offset, http_time(server.address()));
    }
}

#[test]
#[ignore = "needs krb5-kdc, libfaketime"]
fn kdc_gives_the_time() {
    for (server, offset) in [(Kdc::right(), 0), (Kdc::faked(SHIFT.0), SHIFT.1)] {
        let error = kdc::ask_for_ticket(&Place::at(server.address()), server.address()).expect("it answers");
        assert_is_off_by(offset, generalized_time(&error));
    }
}

#[test]
#[ignore = "needs samba, samba-ad-provision, samba-dsdb-modules, samba-vfs-modules, libfaketime, iproute2"]
fn domain_controller_gives_the_time() {
    for (server, offset) in [(DomainController::right(), 0), (DomainController::faked(SHIFT.0), SHIFT.1)] {
        let (ldap, kerberos) = (server.address(), server.kerberos_address());
        let answer = domain_controller::ask_for_current_time(&Place::within(server.namespace(), ldap), ldap);
        assert_is_off_by(offset, generalized_time(&answer.expect("it answers")));
        let error = kdc::ask_for_ticket(&Place::within(server.namespace(), kerberos), kerberos);
        assert_is_off_by(offset, generalized_time(&error.expect("it answers")));
    }
}

/// Asks an NTP server in its namespace.
fn ask_inside(namespace: &Namespace, address: SocketAddr) -> ntp_message::Answer {
    ntp_message::ask_for_time(&Place::within(namespace, address), address).expect("it answers")
}

#[test]
#[ignore = "needs ntpsec unpacked by tests/run, iproute2"]
fn ntpsec_gives_the_time() {
    let server = Ntpsec::right();
    let answer = ask_inside(server.namespace(), server.address());
    assert_eq!((answer.leap, answer.stratum), (0, 5));
    assert_is_off_by(0, i64::from(answer.transmitted) - NTP_TO_UNIX);
}

#[test]
#[ignore = "needs ntpsec unpacked by tests/run, iproute2"]
fn ntpsec_answers_once_and_then_asks_for_less() {
    let server = Ntpsec::rate_limiting();
    let answers = [(); 4].map(|()| ask_inside(server.namespace(), server.address()));
    assert_is_off_by(0, i64::from(answers[0].transmitted) - NTP_TO_UNIX);
    for answer in &answers[1..] {
        assert_eq!((answer.leap, answer.stratum, &answer.reference), (3, 0, b"RATE"));
    }
}

#[test]
#[ignore = "needs ntpsec unpacked by tests/run, iproute2"]
fn ntpsec_without_a_source_does_not_know_the_time() {
    let server = Ntpsec::unsynchronised();
    let answer = ask_inside(server.namespace(), server.address());
    assert_eq!((answer.leap, answer.stratum, &answer.reference), (3, 0, b"INIT"));
}

#[test]
fn scripted_datagrams_come_as_written_and_from_where_they_should() {
    let answers = |question: &[u8]| vec![question.to_vec(), b"and another".to_vec()];
    for (server, from) in
        [(ScriptedUdp::start(answers), "127.0.0.1"), (ScriptedUdp::answering_from_elsewhere(answers), "127.0.0.2")]
    {
        let client = UdpSocket::bind("127.0.0.1:0").expect("127.0.0.1 has a free port");
        client.set_read_timeout(Some(Duration::from_secs(5))).expect("a time limit can be set");
        client.send_to(b"a question", server.address()).expect("a datagram can be sent");
        for expected in ["a question", "and another"] {
            let mut answer = [0; 100];
            let (length, sender) = client.recv_from(&mut answer).expect("it answers");
            assert_eq!((&answer[..length], sender.ip().to_string().as_str()), (expected.as_bytes(), from));
        }
    }
}
