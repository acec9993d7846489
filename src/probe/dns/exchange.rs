//! One question to one nameserver: over UDP and, where the answer is truncated, over TCP.
//!
//! It is asked with EDNS, so that long answers come in one datagram. Where it does not know that, as old nameservers and
//! firewalls do not, it is asked without (RFC 6891, section 6.2.2). Clients ask without in any case: what they would not
//! get is a failure here too.

use super::edns;
use crate::wire::dns::{MAX_PLAIN_DATAGRAM, Question};
use hickory_resolver::proto::ProtoError;
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout_at};

/// How often a question is sent over UDP, at equal intervals: one datagram may be lost, or its answer. The last half of
/// them is sent without EDNS.
const SENDINGS: u32 = 4;

/// The longest datagram that is read, in bytes: some send more than they were asked for.
const MAX_RECEIVED: usize = 4096;

/// Why a nameserver gave no answer.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// The time was up.
    TimedOut,
    /// What it sent is no message.
    Malformed(String),
    /// A system call failed.
    Io(io::Error),
    /// It is cut off over UDP, and there is no answer over TCP.
    CutOff,
    /// The same for those who ask without EDNS.
    CutOffWithoutEdns,
}

impl From<io::Error> for NoAnswer {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The same question with EDNS and without.
#[derive(Debug)]
pub(super) struct Questions {
    extended: Question,
    plain: Question,
}

/// What was received over UDP.
struct Received {
    answer: Result<Message, NoAnswer>,
    /// True for an answer to the question without EDNS.
    is_plain: bool,
    length: usize,
}

impl Received {
    /// Whether the same question without EDNS may have a better answer.
    fn may_be_for_edns(&self) -> bool {
        !self.is_plain && may_be_for_edns(&self.answer)
    }

    /// Whether it is what the nameserver was asked for, be it that there is none.
    fn is_good(&self) -> bool {
        let is_good = |code| matches!(code, ResponseCode::NoError | ResponseCode::NXDomain);
        self.answer.as_ref().is_ok_and(|message| is_good(message.response_code))
    }
}

impl Questions {
    /// Asks for the records of a type at a name.
    ///
    /// # Errors
    /// Where the library cannot encode the name.
    pub(super) fn new(name: &Name, record_type: RecordType) -> Result<Self, ProtoError> {
        let extended = Question::new(name.clone(), record_type)?;
        Ok(Self { extended, plain: Question::plain(name.clone(), record_type)? })
    }

    const fn get(&self, is_plain: bool) -> &Question {
        if is_plain { &self.plain } else { &self.extended }
    }

    /// Reads what was received; `None` where it answers neither.
    fn read(&self, received: &[u8]) -> Option<Received> {
        [false, true].into_iter().find_map(|is_plain| {
            let answer = read(self.get(is_plain), received).transpose()?;
            Some(Received { answer, is_plain, length: received.len() })
        })
    }
}

/// Asks, and takes the whole answer.
///
/// # Errors
/// [`NoAnswer`] where there is none within `timeout`.
pub(super) async fn exchange(
    nameserver: SocketAddr,
    questions: &Questions,
    timeout: Duration,
) -> Result<Message, NoAnswer> {
    let begun = Instant::now();
    let end = begun + timeout;
    let is_plain = edns::known().has(nameserver, begun);
    let Received { answer, is_plain, length } = over_udp(nameserver, questions, is_plain, begun, end).await?;
    let message = answer?;
    if message.truncation {
        let whole = whole(nameserver, questions, is_plain, end, timeout / SENDINGS).await;
        return whole.map_err(|error| cut_off(error, NoAnswer::CutOff));
    }
    if !is_plain && length > MAX_PLAIN_DATAGRAM {
        reaches_clients(nameserver, questions, end, timeout / SENDINGS).await?;
    }
    Ok(message)
}

/// Asks for the whole answer over TCP until `end`, and for this long at the least.
async fn whole(
    nameserver: SocketAddr,
    questions: &Questions,
    is_plain: bool,
    end: Instant,
    least: Duration,
) -> Result<Message, NoAnswer> {
    let asked = async {
        let answer = over_tcp(nameserver, questions.get(is_plain)).await;
        if is_plain || !may_be_for_edns(&answer) { answer } else { over_tcp(nameserver, &questions.plain).await }
    };
    // Where this process was stopped meanwhile, there is still time for a connection.
    let end = end.max(Instant::now() + least);
    match timeout_at(end, asked).await.unwrap_or(Err(NoAnswer::TimedOut))? {
        // There is no more of it anywhere.
        Message { metadata, answers, .. } if metadata.truncation && answers.is_empty() => Err(NoAnswer::CutOff),
        message => Ok(message),
    }
}

/// Whether an answer that is long for one without EDNS is to be had by those who ask without: it is cut off for them, and
/// they ask over TCP.
async fn reaches_clients(
    nameserver: SocketAddr,
    questions: &Questions,
    end: Instant,
    least: Duration,
) -> Result<(), NoAnswer> {
    let begun = Instant::now();
    // What follows needs time as well. Whoever answers with EDNS alone is no fault of the answer's length.
    let soon = begun + end.saturating_duration_since(begun) / 2;
    let plain = over_udp(nameserver, questions, true, begun, soon).await;
    if !plain.and_then(|received| received.answer).is_ok_and(|message| message.truncation) {
        return Ok(());
    }
    let whole = whole(nameserver, questions, true, end, least).await;
    match whole.map_err(|error| cut_off(error, NoAnswer::CutOffWithoutEdns)) {
        Err(NoAnswer::CutOffWithoutEdns) => Err(NoAnswer::CutOffWithoutEdns),
        // The answer is known, whatever else comes over TCP.
        _ => Ok(()),
    }
}

/// What it means that there is no answer over TCP to a question whose answer is cut off over UDP.
fn cut_off(error: NoAnswer, meaning: NoAnswer) -> NoAnswer {
    match error {
        NoAnswer::TimedOut => meaning,
        NoAnswer::Io(error) if is_closed(&error) => meaning,
        other => other,
    }
}

/// Whether it may be EDNS that a nameserver fails for: what RFC 2671, section 5.3, and RFC 6891, section 7, have those
/// answer that do not know it, or that version of it; what firewalls answer; and what is no message.
fn may_be_for_edns(answer: &Result<Message, NoAnswer>) -> bool {
    use ResponseCode::{BADSIG, BADVERS, FormErr, NotImp, Refused, ServFail};
    match answer {
        // The number of BADVERS is that of BADSIG as well.
        Ok(message) => matches!(message.response_code, FormErr | NotImp | ServFail | Refused | BADVERS | BADSIG),
        Err(error) => matches!(error, NoAnswer::Malformed(_)),
    }
}

/// True where it is the nameserver, or what is before it, that takes no connection, or no question over one.
fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable, TimedOut,
        UnexpectedEof,
    };
    matches!(
        error.kind(),
        ConnectionRefused
            | ConnectionReset
            | ConnectionAborted
            | HostUnreachable
            | NetworkUnreachable
            | TimedOut
            | UnexpectedEof
    )
}

/// Asks over UDP until `end`. Unless `is_plain`, with EDNS first.
async fn over_udp(
    nameserver: SocketAddr,
    questions: &Questions,
    is_plain: bool,
    begun: Instant,
    end: Instant,
) -> Result<Received, NoAnswer> {
    let any: IpAddr = if nameserver.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    // Each question has a port of its own, which the system takes at random.
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    let interval = end.saturating_duration_since(begun) / SENDINGS;
    // What came of the question with EDNS, which counts where nothing comes of the one without.
    let mut refused = None;
    for sending in 1..=SENDINGS {
        let asks_plain = is_plain || refused.is_some() || sending > SENDINGS / 2;
        socket.send_to(questions.get(asks_plain).bytes(), nameserver).await?;
        // From when it was sent, however long that took: each has its time.
        let until = Instant::now() + interval;
        while let Ok(received) = timeout_at(until, receive(&socket, nameserver, questions)).await {
            let received = received?;
            if !received.may_be_for_edns() {
                if received.is_plain && received.is_good() && !is_plain {
                    edns::known().note(nameserver, Instant::now());
                }
                return Ok(received);
            }
            refused = Some(received);
            // Where the question without EDNS is on its way already, its answer is still to come.
            if !asks_plain {
                break;
            }
        }
    }
    refused.ok_or(NoAnswer::TimedOut)
}

/// Waits for an answer, and skips whatever else arrives.
async fn receive(socket: &UdpSocket, nameserver: SocketAddr, questions: &Questions) -> io::Result<Received> {
    let mut received = Vec::with_capacity(MAX_RECEIVED);
    loop {
        received.clear();
        let (_, source) = socket.recv_buf_from(&mut received).await?;
        // The address alone: an IPv6 address also comes with the interface.
        if (source.ip().to_canonical(), source.port()) != (nameserver.ip().to_canonical(), nameserver.port()) {
            continue;
        }
        if let Some(answer) = questions.read(&received) {
            return Ok(answer);
        }
    }
}

/// Asks over a connection, where a message follows its length (RFC 1035, section 4.2.2).
async fn over_tcp(nameserver: SocketAddr, question: &Question) -> Result<Message, NoAnswer> {
    let mut stream = TcpStream::connect(nameserver).await?;
    let length = u16::try_from(question.bytes().len()).unwrap_or(u16::MAX);
    stream.write_all(&[&length.to_be_bytes(), question.bytes()].concat()).await?;
    loop {
        let mut received = vec![0; stream.read_u16().await?.into()];
        stream.read_exact(&mut received).await?;
        if let Some(answer) = read(question, &received)? {
            return Ok(answer);
        }
    }
}

fn read(question: &Question, received: &[u8]) -> Result<Option<Message>, NoAnswer> {
    question.answer(received).map_err(|error| NoAnswer::Malformed(error.to_string()))
}
