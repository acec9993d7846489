//! A KMS host as far as this program ever sees one: it answers RPC binds, and refuses whatever else is asked of it.
//!
//! It activates nothing, and cannot: it has no operation behind the interface. Each request PDU is answered by a fault
//! PDU, whatever its operation number and its interface. Section numbers are those of DCE 1.1: RPC (C706).

use super::serving::serve;
use crate::wire::reader::{ByteOrder, Reader, TooShort};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// How the host behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Behaviour {
    /// False where it refuses connections.
    pub(super) is_open: bool,
    /// True where every second connection dies.
    pub(super) drops_every_second: bool,
}

/// From one attempt to open the port again to the next.
const RETRY: Duration = Duration::from_millis(200);

/// How many PDUs a connection may bring.
const MOST_PDUS: usize = 64;

/// The header of every PDU (12.6.3.1), and the longest PDU that is taken.
const HEADER: usize = 16;
const LONGEST: usize = 5840;

const REQUEST: u8 = 0;
const FAULT: u8 = 3;
const BIND: u8 = 11;
const BIND_ACK: u8 = 12;
const ALTER_CONTEXT: u8 = 14;
const ALTER_CONTEXT_RESP: u8 = 15;

/// First and last fragment; and with it that nothing was executed.
const WHOLE: u8 = 0x03;
const NOT_EXECUTED: u8 = 0x20;

/// `nca_s_op_rng_error`: there is no such operation (appendix E).
const NO_SUCH_OPERATION: u32 = 0x1c01_0002;

/// The most contexts that a bind may offer.
const MOST_CONTEXTS: u8 = 16;

/// How long an interface or transfer syntax is: its UUID and its version.
const SYNTAX: usize = 20;

/// The KMS interface, 51c82175-844e-4750-b0d8-ec255555bc06 version 1.0.
const KMS: [u8; SYNTAX] =
    [0x75, 0x21, 0xc8, 0x51, 0x4e, 0x84, 0x50, 0x47, 0xb0, 0xd8, 0xec, 0x25, 0x55, 0x55, 0xbc, 0x06, 1, 0, 0, 0];

/// NDR 2.0, 8a885d04-1ceb-11c9-9fe8-08002b104860.
const NDR: [u8; SYNTAX] =
    [0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60, 2, 0, 0, 0];

/// How the syntax begins by which features are negotiated (MS-RPCE 3.3.1.5.3).
const FEATURES: [u8; 8] = [0x2c, 0x1c, 0xb7, 0x6c, 0x12, 0x98, 0x40, 0x45];

/// Runs the host without end.
pub(super) async fn run(listener: TcpListener, mut behaviour: watch::Receiver<Behaviour>) {
    let Ok(address) = listener.local_addr() else { return };
    let (connections, now) = (AtomicU64::new(0), behaviour.clone());
    let mut listener = Some(listener);
    loop {
        if !now.borrow().is_open {
            listener = None;
            if !becomes(&mut behaviour, true).await {
                return;
            }
        }
        let bound = match listener.take() {
            Some(open) => Ok(open),
            None => TcpListener::bind(address).await,
        };
        // Whoever has it meanwhile gives it back.
        let Ok(open) = bound else {
            sleep(RETRY).await;
            continue;
        };
        let answer = |stream| {
            let is_second = connections.fetch_add(1, Ordering::Relaxed) % 2 == 0;
            talk(stream, address.port(), is_second && now.borrow().drops_every_second)
        };
        tokio::select! {
            () = serve(open, answer) => {}
            goes_on = becomes(&mut behaviour, false) => if !goes_on {
                return;
            }
        }
    }
}

/// Waits until the port is to be open, or closed; false where nobody says any more.
async fn becomes(behaviour: &mut watch::Receiver<Behaviour>, open: bool) -> bool {
    behaviour.wait_for(|behaviour| behaviour.is_open == open).await.is_ok()
}

async fn talk(mut stream: TcpStream, port: u16, dies: bool) -> io::Result<()> {
    if dies {
        return Ok(());
    }
    for _ in 0..MOST_PDUS {
        let mut header = [0; HEADER];
        stream.read_exact(&mut header).await?;
        let Some(header) = Header::decode(&header) else { return Ok(()) };
        let mut body = vec![0; header.body];
        stream.read_exact(&mut body).await?;
        let Some(answer) = answer(&header, &body, port) else { return Ok(()) };
        stream.write_all(&answer).await?;
    }
    Ok(())
}

/// What the header of a PDU says.
struct Header {
    kind: u8,
    order: ByteOrder,
    /// The minor version of the protocol, which the answer has as well.
    minor: u8,
    /// How many bytes follow.
    body: usize,
    call: u32,
}

impl Header {
    /// Reads a header; `None` where it begins no PDU.
    fn decode(bytes: &[u8; HEADER]) -> Option<Self> {
        let [5, minor @ 0..=1, kind, _, representation, ..] = *bytes else { return None };
        let order = if representation >> 4 == 1 { ByteOrder::Little } else { ByteOrder::Big };
        let mut reader = Reader::new(bytes, order);
        reader.take(8).ok()?;
        let length = usize::from(reader.u16().ok()?);
        reader.take(2).ok()?;
        let call = reader.u32().ok()?;
        let body = length.checked_sub(HEADER).filter(|_| length <= LONGEST)?;
        Some(Self { kind, order, minor, body, call })
    }
}

/// The answer to a PDU; `None` for one that ends the connection. A request has one answer alone.
fn answer(header: &Header, body: &[u8], port: u16) -> Option<Vec<u8>> {
    match header.kind {
        REQUEST => Some(fault(header, body)),
        BIND => acknowledge(BIND_ACK, header, body, port).ok(),
        ALTER_CONTEXT => acknowledge(ALTER_CONTEXT_RESP, header, body, port).ok(),
        _ => None,
    }
}

/// The refusal of a request (12.6.4.7). Which operation was asked for is not looked at.
fn fault(header: &Header, body: &[u8]) -> Vec<u8> {
    // The context of the request follows how much room it wants.
    let mut reader = Reader::new(body, header.order);
    let context = reader.u32().and_then(|_| reader.u16()).unwrap_or_default();
    let mut fault = Vec::with_capacity(16);
    fault.extend(0_u32.to_le_bytes());
    fault.extend(context.to_le_bytes());
    fault.extend([0, 0]);
    fault.extend(NO_SUCH_OPERATION.to_le_bytes());
    fault.extend([0; 4]);
    pdu(FAULT, WHOLE | NOT_EXECUTED, header, &fault)
}

/// The answer to a bind (12.6.4.4): the KMS interface is served in NDR, and nothing else is.
fn acknowledge(kind: u8, header: &Header, body: &[u8], port: u16) -> Result<Vec<u8>, TooShort> {
    let mut reader = Reader::new(body, header.order);
    let (sent, received, group) = (reader.u16()?, reader.u16()?, reader.u32()?);
    let contexts = reader.u8()?.min(MOST_CONTEXTS);
    reader.take(3)?;
    let mut results = vec![contexts, 0, 0, 0];
    for _ in 0..contexts {
        reader.take(2)?;
        let syntaxes = reader.u8()?;
        reader.take(1)?;
        let interface = reader.take(SYNTAX)?;
        let mut offered = Vec::new();
        for _ in 0..syntaxes {
            offered.push(reader.take(SYNTAX)?);
        }
        let (result, reason, syntax): (u16, u16, &[u8]) = match offered.first() {
            // No feature is there.
            Some(first) if first.starts_with(&FEATURES) => (3, 0, &[0; SYNTAX]),
            _ if interface != KMS => (2, 1, &[0; SYNTAX]),
            _ if offered.iter().any(|syntax| **syntax == NDR) => (0, 0, &NDR),
            _ => (2, 2, &[0; SYNTAX]),
        };
        results.extend(result.to_le_bytes());
        results.extend(reason.to_le_bytes());
        results.extend(syntax);
    }
    let mut ack = Vec::with_capacity(128);
    ack.extend(sent.to_le_bytes());
    ack.extend(received.to_le_bytes());
    ack.extend(group.max(1).to_le_bytes());
    // The port as text with a zero at its end, filled up to a multiple of four.
    let text = format!("{port}\0");
    ack.extend(u16::try_from(text.len()).unwrap_or_default().to_le_bytes());
    ack.extend(text.as_bytes());
    ack.resize(ack.len().next_multiple_of(4), 0);
    ack.extend(results);
    Ok(pdu(kind, WHOLE, header, &ack))
}

/// A PDU in little-endian order.
fn pdu(kind: u8, flags: u8, asked: &Header, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(HEADER + body.len()).unwrap_or(u16::MAX);
    let mut pdu = vec![5, asked.minor, kind, flags, 0x10, 0, 0, 0];
    pdu.extend(length.to_le_bytes());
    pdu.extend(0_u16.to_le_bytes());
    pdu.extend(asked.call.to_le_bytes());
    pdu.extend(body);
    pdu
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Reason;
    use crate::probe::rpc;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    const OPEN: Behaviour = Behaviour { is_open: true, drops_every_second: false };

    /// A running host, its address, and how it behaves.
    async fn host(behaviour: Behaviour) -> (std::net::SocketAddr, watch::Sender<Behaviour>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let sender = watch::Sender::new(behaviour);
        tokio::spawn(run(listener, sender.subscribe()));
        (address, sender)
    }

    async fn bind(address: std::net::SocketAddr) -> Option<Reason> {
        let mut stream = TcpStream::connect(address).await.unwrap();
        rpc::bind(&mut stream, Duration::from_secs(5)).await.reason
    }

    /// A request PDU of an operation, in a context that may never have been bound.
    fn request(operation: u16, context: u16, flags: u8, stub: &[u8]) -> Vec<u8> {
        let length = u16::try_from(HEADER + 8 + stub.len()).unwrap();
        let mut pdu = vec![5, 0, REQUEST, flags, 0x10, 0, 0, 0];
        pdu.extend(length.to_le_bytes());
        pdu.extend([0, 0, 7, 0, 0, 0]);
        pdu.extend(u32::try_from(stub.len()).unwrap().to_le_bytes());
        pdu.extend(context.to_le_bytes());
        pdu.extend(operation.to_le_bytes());
        pdu.extend(stub);
        pdu
    }

    fn answered(pdu: &[u8]) -> Option<Vec<u8>> {
        let (header, body) = pdu.split_first_chunk::<HEADER>().unwrap();
        answer(&Header::decode(header)?, body, 1688)
    }

    /// True for a whole fault PDU that answers call 7.
    fn is_fault(answer: &[u8]) -> bool {
        answer.len() == 32 && answer[2] == FAULT && answer[8..10] == [32, 0] && answer[12..16] == [7, 0, 0, 0]
    }

    #[test]
    fn every_operation_of_every_interface_gets_a_fault() {
        for operation in 0..=u16::MAX {
            for context in [0, 1, u16::MAX] {
                let answer = answered(&request(operation, context, WHOLE, b"anything")).unwrap();
                assert!(is_fault(&answer), "operation {operation} in context {context}: {answer:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_request_gets_a_fault_and_nothing_else(
            operation in any::<u16>(), context in any::<u16>(), flags in any::<u8>(),
            stub in proptest::collection::vec(any::<u8>(), 0..600),
        ) {
            prop_assert!(is_fault(&answered(&request(operation, context, flags, &stub)).unwrap()));
        }

        #[test]
        fn only_binds_and_requests_are_answered(mut pdu in proptest::collection::vec(any::<u8>(), 16..300), kind in 0_u8..=20) {
            pdu[..3].copy_from_slice(&[5, 0, kind]);
            let kinds = answered(&pdu).map(|answer| answer[2]);
            let is_right = match kind {
                REQUEST => kinds.is_none_or(|kind| kind == FAULT),
                BIND => kinds.is_none_or(|kind| kind == BIND_ACK),
                ALTER_CONTEXT => kinds.is_none_or(|kind| kind == ALTER_CONTEXT_RESP),
                _ => kinds.is_none(),
            };
            prop_assert!(is_right);
        }
    }

    #[tokio::test]
    async fn a_bind_is_accepted_and_a_request_after_it_gets_a_fault() {
        let (address, _behaviour) = host(OPEN).await;
        assert_eq!(bind(address).await, None);
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(crate::wire::rpc::bind()).await.unwrap();
        let mut ack = [0; 10];
        stream.read_exact(&mut ack).await.unwrap();
        assert_eq!(ack[2], BIND_ACK);
        let mut rest = vec![0; usize::from(u16::from_le_bytes([ack[8], ack[9]])) - ack.len()];
        stream.read_exact(&mut rest).await.unwrap();
        for operation in 0..3 {
            stream.write_all(&request(operation, 0, WHOLE, &[0; 260])).await.unwrap();
            let mut answer = [0; 32];
            stream.read_exact(&mut answer).await.unwrap();
            assert!(is_fault(&answer), "{answer:?}");
        }
    }

    #[tokio::test]
    async fn a_host_closes_its_port_and_opens_it_again() {
        let (address, behaviour) = host(Behaviour { is_open: false, ..OPEN }).await;
        let closed = async || while TcpStream::connect(address).await.is_ok() {};
        closed().await;
        behaviour.send_replace(OPEN);
        while TcpStream::connect(address).await.is_err() {}
        assert_eq!(bind(address).await, None);
        behaviour.send_replace(Behaviour { is_open: false, ..OPEN });
        closed().await;
    }

    #[tokio::test]
    async fn every_second_connection_dies_behind_half_a_load_balancer() {
        let (address, _behaviour) = host(Behaviour { drops_every_second: true, ..OPEN }).await;
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.push(bind(address).await);
        }
        assert_eq!(seen, [Some(Reason::Closed), None, Some(Reason::Closed), None]);
    }
}
