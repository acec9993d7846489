//! Lookups against a nameserver of one thread that gives scripted answers.

use super::*;
use hickory_resolver::proto::rr::rdata::{A, CNAME};
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

const TIMEOUT: Duration = Duration::from_secs(5);

type Zone = BTreeMap<&'static str, Vec<(&'static str, u32, RData)>>;

/// A name in the form of zone files.
fn named(text: &str) -> Name {
    text.parse::<DnsName>().unwrap().to_name()
}

fn alias(target: &str) -> RData {
    RData::CNAME(CNAME(named(target)))
}

fn address(last: u8) -> RData {
    RData::A(A::new(192, 0, 2, last))
}

/// Answers each question by the records that the zone has under the name asked for.
fn answer(zone: &Zone, question: &[u8]) -> Message {
    let mut message = Message::from_vec(question).unwrap().into_response();
    let name = message.queries[0].name().clone();
    match zone.iter().find_map(|(known, records)| (named(known) == name).then_some(records)) {
        Some(records) => {
            for (name, ttl, data) in records {
                message.add_answer(Record::from_rdata(named(name), *ttl, data.clone()));
            }
        }
        None => message.metadata.response_code = ResponseCode::NXDomain,
    }
    message
}

/// A nameserver over UDP. `change` may change an answer before it is sent, given how many were before it.
async fn nameserver(zone: Zone, change: fn(usize, &mut Message)) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut question = [0; 512];
        for number in 0.. {
            let (length, client) = socket.recv_from(&mut question).await.unwrap();
            let mut message = answer(&zone, &question[..length]);
            change(number, &mut message);
            socket.send_to(&message.to_vec().unwrap(), client).await.unwrap();
        }
    });
    at
}

async fn asked(zone: Zone, name: &str) -> Result<(usize, Duration), Reason> {
    let nameserver = nameserver(zone, |_, _| ()).await;
    let answer = look_up(nameserver, &name.parse().unwrap(), RecordType::A, TIMEOUT).await;
    answer.map(|answer| (answer.records.len(), answer.ttl)).map_err(|failure| failure.reason)
}

#[tokio::test]
async fn aliases_are_followed_within_an_answer_and_beyond_it() {
    let within = vec![
        ("a.example.", 300, address(1)),
        ("www.example.", 60, alias("A.example.")),
        ("other.example.", 10, address(2)),
        ("a.example.", 600, address(3)),
    ];
    assert_eq!(asked([("www.example.", within)].into(), "www.example").await, Ok((2, Duration::from_mins(1))));
    let beyond = Zone::from([
        ("www.example.", vec![("www.example.", 60, alias("a.example."))]),
        ("a.example.", vec![("a.example.", 30, address(1))]),
    ]);
    assert_eq!(asked(beyond, "www.example").await, Ok((1, Duration::from_secs(30))));
    let circle = Zone::from([(
        "a.example.",
        vec![("a.example.", 60, alias("b.example.")), ("b.example.", 60, alias("a.example."))],
    )]);
    assert!(asked(circle, "a.example").await.is_err());
}

#[tokio::test]
async fn what_is_not_there_is_distinguished_from_what_has_no_such_records() {
    assert_eq!(asked(Zone::new(), "a.example").await, Err(Reason::Nxdomain));
    assert_eq!(asked([("a.example.", Vec::new())].into(), "a.example").await, Err(Reason::NoRecords));
    let dead_end = Zone::from([("www.example.", vec![("www.example.", 60, alias("a.example."))])]);
    assert_eq!(asked(dead_end, "www.example").await, Err(Reason::Nxdomain));
}

#[tokio::test]
async fn names_that_are_in_no_dns_are_not_asked_for() {
    let nobody = (Ipv4Addr::LOCALHOST, 1).into();
    let name = "kms.localhost".parse().unwrap();
    let answer = look_up(nobody, &name, RecordType::A, TIMEOUT).await.unwrap();
    assert_eq!(answer.records, [RData::A(Ipv4Addr::LOCALHOST.into())]);
}

#[tokio::test]
async fn any_name_is_asked_for_as_it_is() {
    let found = async |asked: &'static str| {
        let zone = Zone::from([(asked, vec![(asked, 60, address(1))])]);
        let written = DnsName::from(&named(asked));
        self::asked(zone, written.as_str()).await
    };
    for name in [
        "kms_01.corp_1.invalid.",
        "kms.onion.",
        r"kms\03201.example.",
        r"b\195\188cher.example.",
        r"b\252cher.example.",
        r"a\.b.example.",
    ] {
        assert_eq!(found(name).await, Ok((1, Duration::from_mins(1))), "{name}");
    }
}

#[tokio::test]
async fn letters_beyond_ascii_are_asked_for_as_they_came_and_then_as_the_internet_has_them() {
    let host = |name: &'static str| (name, vec![(name, 60, address(1))]);
    let international = Zone::from([host("xn--bcher-kva.example.")]);
    assert_eq!(asked(international, "bücher.example").await, Ok((1, Duration::from_mins(1))));
    assert_eq!(asked(Zone::new(), "bücher.example").await, Err(Reason::Nxdomain));
    let alias_to_letters = Zone::from([(
        "www.example.",
        vec![("www.example.", 60, alias(r"b\195\188.example.")), (r"b\195\188.example.", 60, address(1))],
    )]);
    assert_eq!(asked(alias_to_letters, "www.example").await, Ok((1, Duration::from_mins(1))));
}

#[tokio::test]
async fn a_forged_answer_is_passed_over() {
    let zone = || Zone::from([("a.example.", vec![("a.example.", 60, address(1))])]);
    let forge = |number, message: &mut Message| {
        if number == 0 {
            message.metadata.id = !message.id;
        }
    };
    let nameserver = nameserver(zone(), forge).await;
    // The right answer comes when the question is sent once more.
    let name = "a.example".parse().unwrap();
    let answer = look_up(nameserver, &name, RecordType::A, Duration::from_millis(400)).await;
    assert_eq!(answer.unwrap().records, [address(1)]);
}

#[tokio::test]
async fn a_truncated_answer_is_asked_for_over_tcp() {
    let zone = || Zone::from([("a.example.", vec![("a.example.", 60, address(1)), ("a.example.", 60, address(2))])]);
    let truncate = |_, message: &mut Message| {
        message.metadata.truncation = true;
        message.answers.truncate(1);
    };
    let nameserver = nameserver(zone(), truncate).await;
    let listener = TcpListener::bind(nameserver).await.unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut question = vec![0; stream.read_u16().await.unwrap().into()];
        stream.read_exact(&mut question).await.unwrap();
        let message = answer(&zone(), &question).to_vec().unwrap();
        stream.write_u16(u16::try_from(message.len()).unwrap()).await.unwrap();
        stream.write_all(&message).await.unwrap();
    });
    let answer = look_up(nameserver, &"a.example".parse().unwrap(), RecordType::A, TIMEOUT).await.unwrap();
    assert_eq!(answer.records, [address(1), address(2)]);
}

#[cfg(unix)]
#[test]
fn what_this_machine_lacks_is_its_own_fault() {
    // EPERM, ENOMEM, EACCES, ENFILE, EMFILE, ENETDOWN and ENOBUFS on Linux.
    for number in [1, 12, 13, 23, 24, 100, 105] {
        let error = io::Error::from_raw_os_error(number);
        assert_eq!(io_failure(&error, (Ipv4Addr::LOCALHOST, 53).into()).reason, Reason::LocalError, "{error}");
    }
}
