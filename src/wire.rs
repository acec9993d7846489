//! Messages as they stand on the wire: encoding and decoding, without I/O.
//!
//! Nothing here reads a socket, a clock or a configuration, so every message is tested as bytes in, value out.

pub mod reader;
pub mod rpc;
