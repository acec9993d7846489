//! What clients sent to a server, connection by connection, and which RPC PDUs that was.

use super::hexadecimal;

/// Length of the header all connection-oriented PDUs share (C706, section 12.6.3.1).
const HEADER_LENGTH: usize = 16;

/// All bytes that clients sent, one entry a connection, in the order they connected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    pub connections: Vec<Vec<u8>>,
}

impl Recording {
    /// How many bytes were sent over all connections.
    pub fn total_bytes(&self) -> usize {
        self.connections.iter().map(Vec::len).sum()
    }

    /// The type of every PDU sent (bind is 11, request is 0), over all connections. Anything that is not a whole
    /// PDU fails the test.
    pub fn pdu_types(&self) -> Vec<u8> {
        self.connections.iter().flat_map(|bytes| pdu_types(bytes)).collect()
    }
}

/// The PDU types in one connection's bytes.
fn pdu_types(bytes: &[u8]) -> Vec<u8> {
    let mut types = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = pdu_length(rest)
            .filter(|length| (HEADER_LENGTH..=rest.len()).contains(length))
            .unwrap_or_else(|| panic!("not a whole RPC PDU: {}", hexadecimal::encode(rest)));
        types.push(rest[2]);
        rest = &rest[length..];
    }
    types
}

/// The length a PDU says it has, in the byte order it says it uses; `None` if it is no version 5 PDU.
fn pdu_length(bytes: &[u8]) -> Option<usize> {
    let header = bytes.get(..HEADER_LENGTH).filter(|header| header[0] == 5)?;
    let length = [header[8], header[9]];
    let is_little_endian = header[4] & 0x10 != 0;
    Some(usize::from(if is_little_endian { u16::from_le_bytes(length) } else { u16::from_be_bytes(length) }))
}
