//! The connection-oriented DCE/RPC bind exchange: the bind we send and the answers a server gives.
//!
//! Only the bind exists here. No request PDU can be encoded, so none can be sent by mistake: a request to the KMS
//! interface would be an activation and change the host's count. Section numbers are those of DCE 1.1: RPC (C706)
//! and of MS-RPCE.

use super::reader::{ByteOrder, Reader, TooShort};
use crate::observation::{Detail, detail};
use std::sync::LazyLock;

/// The longest answer we accept, in bytes. Real ones have 60 to 200.
pub const MAX_ANSWER: usize = 4096;

/// The length of the header every PDU begins with (C706 12.6.3.1), in bytes.
pub const HEADER_LENGTH: usize = 16;

/// Marks our bind. Servers echo it in the answer and attach no meaning to it, so it may as well spell CR LF CR LF:
/// a text server such as HTTP then sees a finished, senseless line and says at once that it is no RPC server,
/// where it would otherwise wait for a line end until our time is up.
const CALL_ID: u32 = u32::from_le_bytes(*b"\r\n\r\n");

/// The largest fragment we announce, which is what Windows clients announce over TCP.
const MAX_FRAGMENT: u16 = 5840;

const VERSION: u8 = 5;
const PACKET_BIND: u8 = 11;
const PACKET_BIND_ACK: u8 = 12;
const PACKET_BIND_NAK: u8 = 13;
const FIRST_AND_LAST_FRAGMENT: u8 = 0x03;
const AUTH_TRAILER_LENGTH: usize = 8;

/// How many transfer syntaxes are offered, each in a context of its own.
const OFFERED: usize = 3;

/// An interface or transfer syntax and its version (C706 12.6.3.1, `p_syntax_id_t`).
struct Syntax {
    /// The UUID as its five fields: `time_low`, `time_mid`, `time_hi_and_version`, and the last eight octets.
    uuid: (u32, u16, u16, [u8; 8]),
    /// Major version in the low half, minor in the high half.
    version: u32,
}

/// The KMS interface, 51c82175-844e-4750-b0d8-ec255555bc06 version 1.0.
const KMS: Syntax =
    Syntax { uuid: (0x51c8_2175, 0x844e, 0x4750, [0xb0, 0xd8, 0xec, 0x25, 0x55, 0x55, 0xbc, 0x06]), version: 1 };

/// An encoding of parameters that we offer, in the order of the contexts in our bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferSyntax {
    /// NDR 2.0, 8a885d04-1ceb-11c9-9fe8-08002b104860 (C706 chapter 14).
    Ndr32,
    /// NDR64 1.0, 71710533-beba-4937-8319-b5dbef9ccc36 (MS-RPCE 2.2.5).
    Ndr64,
    /// No syntax but a question: bind-time feature negotiation (MS-RPCE 3.3.1.5.3), asking for security context
    /// multiplexing and for connections kept on orphaned calls, as Windows clients do.
    FeatureNegotiation,
}

impl TransferSyntax {
    /// All that is offered, in context order.
    pub const OFFERED: [Self; OFFERED] = [Self::Ndr32, Self::Ndr64, Self::FeatureNegotiation];

    const fn syntax(self) -> Syntax {
        match self {
            Self::Ndr32 => Syntax {
                uuid: (0x8a88_5d04, 0x1ceb, 0x11c9, [0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60]),
                version: 2,
            },
            Self::Ndr64 => Syntax {
                uuid: (0x7171_0533, 0xbeba, 0x4937, [0x83, 0x19, 0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36]),
                version: 1,
            },
            Self::FeatureNegotiation => {
                Syntax { uuid: (0x6cb7_1c2c, 0x9812, 0x4540, [0x03, 0, 0, 0, 0, 0, 0, 0]), version: 1 }
            }
        }
    }
}

/// The bind PDU that asks a server for the KMS interface (C706 12.6.4.3). It is the same for all of them.
pub fn bind() -> &'static [u8] {
    static BIND: LazyLock<Vec<u8>> = LazyLock::new(encode_bind);
    &BIND
}

fn encode_bind() -> Vec<u8> {
    let mut body = Vec::with_capacity(144);
    body.extend(MAX_FRAGMENT.to_le_bytes());
    body.extend(MAX_FRAGMENT.to_le_bytes());
    body.extend(0_u32.to_le_bytes()); // a new association group
    body.push(u8::try_from(OFFERED).unwrap_or(u8::MAX));
    body.extend([0; 3]);
    for (context, offered) in (0_u16..).zip(TransferSyntax::OFFERED) {
        body.extend(context.to_le_bytes());
        body.extend([1, 0]); // one transfer syntax to the context
        put_syntax(&mut body, &KMS);
        put_syntax(&mut body, &offered.syntax());
    }

    let length = u16::try_from(HEADER_LENGTH + body.len()).unwrap_or(u16::MAX);
    let mut pdu = vec![VERSION, 0, PACKET_BIND, FIRST_AND_LAST_FRAGMENT];
    pdu.extend([0x10, 0, 0, 0]); // little-endian, ASCII, IEEE
    pdu.extend(length.to_le_bytes());
    pdu.extend(0_u16.to_le_bytes()); // no authentication
    pdu.extend(CALL_ID.to_le_bytes());
    pdu.extend(body);
    pdu
}

fn put_syntax(bytes: &mut Vec<u8>, syntax: &Syntax) {
    let (low, mid, high, tail) = syntax.uuid;
    bytes.extend(low.to_le_bytes());
    bytes.extend(mid.to_le_bytes());
    bytes.extend(high.to_le_bytes());
    bytes.extend(tail);
    bytes.extend(syntax.version.to_le_bytes());
}

/// Why bytes are not an answer to our bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAnAnswer {
    /// It does not begin as an RPC PDU does.
    Version,
    /// Another kind of PDU than a bind is answered with.
    PacketType(u8),
    /// It answers somebody else's call.
    CallId,
    /// A bind is answered in one fragment.
    Fragmented,
    /// The length it announces is shorter than its header or longer than any real answer.
    Length(u16),
    /// It ends before its fields do.
    TooShort,
    /// It goes on after its last field.
    Trailing(usize),
    /// It answers more or fewer contexts than we offered.
    Contexts(u8),
}

impl NotAnAnswer {
    /// What is wrong with it.
    pub fn detail(self) -> Detail {
        match self {
            Self::Version => detail!("rpc-version"),
            Self::PacketType(kind) => detail!("rpc-packet", kind = kind),
            Self::CallId => detail!("rpc-call"),
            Self::Fragmented => detail!("rpc-fragment"),
            Self::Length(bytes) => detail!("rpc-length", bytes = bytes),
            Self::TooShort => detail!("rpc-short"),
            Self::Trailing(bytes) => detail!("rpc-trailing", bytes = bytes),
            Self::Contexts(count) => detail!("rpc-contexts", count = count),
        }
    }
}

impl From<TooShort> for NotAnAnswer {
    fn from(_: TooShort) -> Self {
        Self::TooShort
    }
}

/// What the fixed part of an answer announces of the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    packet: Packet,
    order: ByteOrder,
    auth_length: u16,
    length: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packet {
    BindAck,
    BindNak,
}

impl Header {
    /// Reads the first [`HEADER_LENGTH`] bytes of an answer (C706 12.6.3.1).
    ///
    /// # Errors
    /// [`NotAnAnswer`] where they do not begin an answer to our bind.
    pub fn decode(bytes: &[u8; HEADER_LENGTH]) -> Result<Self, NotAnAnswer> {
        // The high half of the first octet of the data representation label (C706 14.1) is 1 for little-endian.
        let [_, _, _, _, representation, ..] = *bytes;
        let order = if representation >> 4 == 1 { ByteOrder::Little } else { ByteOrder::Big };
        let mut reader = Reader::new(bytes, order);
        if reader.u8()? != VERSION || reader.u8()? > 1 {
            return Err(NotAnAnswer::Version);
        }
        let packet = match reader.u8()? {
            PACKET_BIND_ACK => Packet::BindAck,
            PACKET_BIND_NAK => Packet::BindNak,
            other => return Err(NotAnAnswer::PacketType(other)),
        };
        if reader.u8()? & FIRST_AND_LAST_FRAGMENT != FIRST_AND_LAST_FRAGMENT {
            return Err(NotAnAnswer::Fragmented);
        }
        reader.take(4)?;
        let length = reader.u16()?;
        let auth_length = reader.u16()?;
        if reader.u32()? != CALL_ID {
            return Err(NotAnAnswer::CallId);
        }
        if !(HEADER_LENGTH..=MAX_ANSWER).contains(&usize::from(length)) {
            return Err(NotAnAnswer::Length(length));
        }
        Ok(Self { packet, order, auth_length, length })
    }

    /// How many bytes follow the header: 0 to [`MAX_ANSWER`].
    pub fn body_length(&self) -> usize {
        usize::from(self.length).saturating_sub(HEADER_LENGTH)
    }
}

/// A server's answer to our bind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BindAnswer {
    /// The server took the bind and judged each context on its own (C706 12.6.4.4).
    Ack([ContextAnswer; OFFERED]),
    /// The server refused the bind as a whole (C706 12.6.4.5).
    Nak(NakReason),
}

impl BindAnswer {
    /// Reads what follows the header of an answer. `body` holds [`Header::body_length`] bytes.
    ///
    /// # Errors
    /// [`NotAnAnswer`] where the bytes are not what the header announced.
    pub fn decode(header: &Header, body: &[u8]) -> Result<Self, NotAnAnswer> {
        let mut reader = Reader::new(body, header.order);
        match header.packet {
            Packet::BindAck => decode_ack(&mut reader, header.auth_length).map(Self::Ack),
            // A list of supported protocol versions may follow; it does not matter here.
            Packet::BindNak => Ok(Self::Nak(NakReason(reader.u16()?))),
        }
    }

    /// The transfer syntax in which the server serves the KMS interface, if it serves it.
    pub fn accepted(&self) -> Option<TransferSyntax> {
        let Self::Ack(contexts) = self else { return None };
        TransferSyntax::OFFERED
            .into_iter()
            .zip(contexts)
            .find_map(|(offered, answer)| (*answer == ContextAnswer::Accepted).then_some(offered))
    }
}

fn decode_ack(reader: &mut Reader<'_>, auth_length: u16) -> Result<[ContextAnswer; OFFERED], NotAnAnswer> {
    reader.take(8)?; // fragment sizes and association group: we never send a second PDU
    let port_length = reader.u16()?;
    reader.take(usize::from(port_length))?; // the secondary address, often empty
    // The header before the body is a multiple of four, so aligning within the body is aligning within the PDU.
    reader.align(4)?;
    let count = reader.u8()?;
    reader.take(3)?;
    if usize::from(count) != OFFERED {
        return Err(NotAnAnswer::Contexts(count));
    }
    let mut contexts = [ContextAnswer::Negotiated; OFFERED];
    for context in &mut contexts {
        let result = reader.u16()?;
        let reason = reader.u16()?;
        reader.take(20)?;
        *context = ContextAnswer::new(result, reason);
    }
    let expected = match usize::from(auth_length) {
        0 => 0,
        length => AUTH_TRAILER_LENGTH + length,
    };
    match reader.remaining().checked_sub(expected) {
        Some(0) => Ok(contexts),
        Some(trailing) => Err(NotAnAnswer::Trailing(trailing)),
        None => Err(TooShort.into()),
    }
}

/// What a server says to one offered context (C706 12.6.3.1, `p_result_t`; MS-RPCE 2.2.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextAnswer {
    /// The interface is served in this transfer syntax.
    Accepted,
    /// Not served; the reason as sent.
    Rejected {
        /// True where the service provider rejected it, false where the user of the service did.
        by_provider: bool,
        /// 0 not specified, 1 abstract syntax not supported, 2 transfer syntaxes not supported, 3 local limit.
        reason: u16,
    },
    /// The answer to a feature negotiation: it says nothing about the interface.
    Negotiated,
}

impl ContextAnswer {
    fn new(result: u16, reason: u16) -> Self {
        match result {
            0 => Self::Accepted,
            3 => Self::Negotiated,
            _ => Self::Rejected { by_provider: result == 2, reason },
        }
    }

    /// True where the server has no room for another client, whatever it serves.
    pub fn is_overload(&self) -> bool {
        matches!(self, Self::Rejected { reason: 3, .. })
    }

    /// The answer as it is shown.
    pub fn detail(self) -> Detail {
        match self {
            Self::Accepted => detail!("context-accepted"),
            Self::Negotiated => detail!("context-negotiated"),
            Self::Rejected { by_provider, reason } => {
                // These are the words of the specification.
                detail!("context-rejected", reason = reason, by = if by_provider { "provider" } else { "user" })
            }
        }
    }
}

/// Why a server refused a bind as a whole (C706 12.6.3.1, `p_reject_reason_t`; MS-RPCE 2.2.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NakReason(pub u16);

impl NakReason {
    /// The reason as it is shown.
    pub fn detail(self) -> Detail {
        detail!("nak-reason", code = self.0)
    }
}

#[cfg(test)]
mod tests;
