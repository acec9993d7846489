//! Messages as they stand on the wire: encoding and decoding, without I/O.
//!
//! Nothing here reads a socket, a clock or a configuration, so every message is tested as bytes in, value out. [`rpc`]
//! is the bind to the KMS interface, [`dns`] what nameservers are asked in. [`http`] and [`socks5`] are what endpoints and
//! proxies are asked in. [`ntp`] has the times in a time server's answer. [`smb2`], [`http_date`], [`ldap`] and
//! [`kerberos`] each hold one question to which a server answers, to anyone, with the time on its clock; an answer
//! that does not is a [`NoTime`].

pub mod dns;
pub mod generalized_time;
pub mod http;
pub mod http_date;
#[cfg(feature = "proxy-auth")]
pub mod kdc_answer;
pub mod kerberos;
pub mod ldap;
#[cfg(feature = "proxy-auth")]
pub mod negotiate;
mod no_time;
pub mod ntp;
pub mod reader;
pub mod rpc;
pub mod smb2;
pub mod socks5;

pub use no_time::NoTime;
