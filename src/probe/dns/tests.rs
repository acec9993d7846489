//! Lookups against a nameserver of one thread that gives scripted answers.

use super::*;
use hickory_resolver::proto::op::Edns;
use hickory_resolver::proto::rr::rdata::{A, CNAME, TXT};
use std::collections::BTreeMap;
use std::sync::Mutex;
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

/// Answers one question over TCP.
async fn answer_over_tcp(listener: &TcpListener, zone: &Zone) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut question = vec![0; stream.read_u16().await.unwrap().into()];
    stream.read_exact(&mut question).await.unwrap();
    let message = answer(zone, &question).to_vec().unwrap();
    stream.write_u16(u16::try_from(message.len()).unwrap()).await.unwrap();
    stream.write_all(&message).await.unwrap();
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
    let negative = Zone::from([("a.example.", vec![("a.example.", u32::MAX, address(1))])]);
    assert_eq!(asked(negative, "a.example").await, Ok((1, Duration::ZERO)));
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
    tokio::spawn(async move { answer_over_tcp(&listener, &zone()).await });
    let answer = look_up(nameserver, &"a.example".parse().unwrap(), RecordType::A, TIMEOUT).await.unwrap();
    assert_eq!(answer.records, [address(1), address(2)]);
}

/// What a nameserver was asked with EDNS and without, in this order.
type Asked = Arc<Mutex<Vec<bool>>>;

/// A nameserver over UDP that knows one address. `change` makes of the answer to a question with EDNS, or without, what
/// is sent: nothing, or the bytes.
async fn old_nameserver(change: impl Fn(bool, Message) -> Option<Vec<u8>> + Send + 'static) -> (SocketAddr, Asked) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    let zone = Zone::from([("a.example.", vec![("a.example.", 60, address(1))])]);
    let asked = Asked::default();
    let noted = Arc::clone(&asked);
    tokio::spawn(async move {
        let mut question = [0; 512];
        loop {
            let (length, client) = socket.recv_from(&mut question).await.unwrap();
            let message = answer(&zone, &question[..length]);
            let has_edns = message.edns.is_some();
            noted.lock().unwrap().push(has_edns);
            if let Some(bytes) = change(has_edns, message) {
                socket.send_to(&bytes, client).await.unwrap();
            }
        }
    });
    (at, asked)
}

fn taken(asked: &Asked) -> Vec<bool> {
    std::mem::take(&mut *asked.lock().unwrap())
}

fn with_edns(mut message: Message, edns: Option<Edns>) -> Message {
    message.edns = edns;
    message
}

/// An answer that is an error.
fn error(mut message: Message, code: ResponseCode) -> Vec<u8> {
    message.answers.clear();
    message.metadata.response_code = code;
    message.to_vec().unwrap()
}

/// Looks a name up that exists, and gives its addresses.
async fn found(nameserver: SocketAddr, timeout: Duration) -> Result<Vec<RData>, Failure> {
    look_up(nameserver, &"a.example".parse().unwrap(), RecordType::A, timeout).await.map(|answer| answer.records)
}

/// Header and question of a message, and whatever follows.
fn followed_by(message: &Message, additional: u16, rest: &[u8]) -> Vec<u8> {
    let mut bytes = error(with_edns(message.clone(), None), ResponseCode::NoError);
    bytes[10..12].copy_from_slice(&additional.to_be_bytes());
    [bytes, rest.to_vec()].concat()
}

#[tokio::test]
async fn a_nameserver_that_knows_no_edns_is_asked_without() {
    const OPT: &[u8] = &[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];
    type Refuse = fn(Message) -> Vec<u8>;
    let refusals: [(&str, Refuse); 11] = [
        ("FORMERR", |message| error(with_edns(message, None), ResponseCode::FormErr)),
        ("FORMERR with OPT", |message| error(message, ResponseCode::FormErr)),
        ("NOTIMP", |message| error(with_edns(message, None), ResponseCode::NotImp)),
        ("REFUSED", |message| error(message, ResponseCode::Refused)),
        ("SERVFAIL", |message| error(message, ResponseCode::ServFail)),
        ("BADVERS", |message| error(message, ResponseCode::BADVERS)),
        ("FORMERR without the question", |mut message| {
            message.queries.clear();
            error(with_edns(message, None), ResponseCode::FormErr)
        }),
        ("a header of FORMERR that counts what does not follow", |message| {
            let mut bytes = error(message, ResponseCode::FormErr);
            bytes.truncate(12);
            bytes
        }),
        ("the question, and a second one that is not there", |message| {
            let mut bytes = error(message, ResponseCode::FormErr);
            bytes[5] = 2;
            bytes
        }),
        ("two OPT records", |message| followed_by(&message, 2, &[OPT, OPT].concat())),
        ("an OPT record that is cut short", |message| followed_by(&message, 1, &OPT[..9])),
    ];
    for (name, refuse) in refusals {
        let change =
            move |has_edns, message: Message| Some(if has_edns { refuse(message) } else { message.to_vec().unwrap() });
        let (nameserver, asked) = old_nameserver(change).await;
        assert_eq!(found(nameserver, TIMEOUT).await, Ok(vec![address(1)]), "{name}");
        assert_eq!(taken(&asked), [true, false], "{name}");
        // It is remembered, and asked with EDNS again after a while.
        assert_eq!(found(nameserver, TIMEOUT).await, Ok(vec![address(1)]), "{name}");
        assert_eq!(taken(&asked), [false], "{name}");
        tokio::time::pause();
        tokio::time::advance(edns::KEPT).await;
        tokio::time::resume();
        assert_eq!(found(nameserver, TIMEOUT).await, Ok(vec![address(1)]), "{name}");
        assert_eq!(taken(&asked), [true, false], "{name}");
    }
}

#[tokio::test]
async fn silence_to_edns_costs_half_the_time_once() {
    let timeout = Duration::from_secs(1);
    let change = |has_edns: bool, message: Message| (!has_edns).then(|| message.to_vec().unwrap());
    let (nameserver, asked) = old_nameserver(change).await;
    let begun = Instant::now();
    assert_eq!(found(nameserver, timeout).await, Ok(vec![address(1)]));
    assert!(begun.elapsed() < timeout, "{:?}", begun.elapsed());
    assert_eq!(taken(&asked), [true, true, false]);
    assert_eq!(found(nameserver, timeout).await, Ok(vec![address(1)]));
    assert_eq!(taken(&asked), [false]);
}

#[tokio::test]
async fn what_is_refused_without_edns_as_well_is_what_counts() {
    let cases = [(ResponseCode::FormErr, "FORMERR"), (ResponseCode::ServFail, "SERVFAIL")];
    for (code, word) in cases {
        let (nameserver, asked) = old_nameserver(move |_, message| Some(error(message, code))).await;
        for _ in 0..2 {
            let failure = found(nameserver, TIMEOUT).await.unwrap_err();
            assert_eq!(failure.reason, Reason::ServerFailure);
            assert!(failure.detail.to_string().ends_with(word), "{}", failure.detail);
            assert_eq!(taken(&asked), [true, false], "it is not remembered");
        }
    }
    // Where no answer comes without EDNS, that with it counts.
    let timeout = Duration::from_millis(400);
    let change = |has_edns: bool, message| has_edns.then(|| error(message, ResponseCode::NotImp));
    let (nameserver, _) = old_nameserver(change).await;
    let begun = Instant::now();
    let failure = found(nameserver, timeout).await.unwrap_err();
    assert!(failure.detail.to_string().ends_with("NOTIMP"), "{}", failure.detail);
    assert!(begun.elapsed() < timeout * 2, "{:?}", begun.elapsed());
    let (silent, asked) = old_nameserver(|_, _| None).await;
    let begun = Instant::now();
    assert_eq!(found(silent, timeout).await.unwrap_err().reason, Reason::TimedOut);
    assert!(begun.elapsed() < timeout * 2, "{:?}", begun.elapsed());
    assert_eq!(taken(&asked), [true, true, false, false]);
}

#[tokio::test]
async fn an_answer_with_edns_is_taken_where_it_was_asked_without() {
    let change = |has_edns, message: Message| {
        let answered = with_edns(message.clone(), Some(Edns::new())).to_vec().unwrap();
        Some(if has_edns { error(message, ResponseCode::FormErr) } else { answered })
    };
    let (nameserver, asked) = old_nameserver(change).await;
    assert_eq!(found(nameserver, TIMEOUT).await, Ok(vec![address(1)]));
    assert_eq!(taken(&asked), [true, false]);
}

/// A nameserver over UDP whose answer has so many texts of 200 bytes beside the address; without EDNS it is cut off
/// where `is_cut_off`.
async fn talkative_nameserver(texts: usize, is_cut_off: bool) -> (SocketAddr, Asked) {
    let change = move |has_edns, mut message: Message| {
        if has_edns {
            let texts = RData::TXT(TXT::new(vec!["x".repeat(200); texts]));
            message.add_additional(Record::from_rdata(Name::from_ascii("a.example.").unwrap(), 60, texts));
        } else if is_cut_off {
            message.answers.clear();
            message.metadata.truncation = true;
        }
        Some(message.to_vec().unwrap())
    };
    old_nameserver(change).await
}

#[tokio::test]
async fn an_answer_that_clients_without_edns_do_not_get_is_cut_off() {
    // Where it fits into 512 bytes, or only what is beside it does not, clients get it.
    // It may be longer than it was asked to be.
    let cases = [(1, true, vec![true]), (3, false, vec![true, false]), (12, false, vec![true, false])];
    for (texts, is_cut_off, expected) in cases {
        let (nameserver, asked) = talkative_nameserver(texts, is_cut_off).await;
        assert_eq!(found(nameserver, TIMEOUT).await, Ok(vec![address(1)]));
        assert_eq!(taken(&asked), expected);
    }
    let (nameserver, _) = talkative_nameserver(3, true).await;
    let failure = found(nameserver, TIMEOUT).await.unwrap_err();
    assert_eq!(failure.reason, Reason::Truncated);
    assert!(failure.detail.to_string().contains("without EDNS"), "{}", failure.detail);
    // It takes the connection, and does not answer.
    let (silent, _) = talkative_nameserver(3, true).await;
    let _listener = TcpListener::bind(silent).await.unwrap();
    let failure = found(silent, Duration::from_millis(400)).await.unwrap_err();
    assert_eq!(failure.reason, Reason::Truncated);
    let listener = TcpListener::bind(nameserver).await.unwrap();
    let zone = Zone::from([("a.example.", vec![("a.example.", 60, address(1))])]);
    tokio::spawn(async move { answer_over_tcp(&listener, &zone).await });
    assert_eq!(found(nameserver, TIMEOUT).await, Ok(vec![address(1)]));
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
