//! The few bytes of SOCKS5 (RFC 1928) that find out whether a proxy is up.

/// What every message but those with a password begins with.
pub const VERSION: u8 = 5;

/// The method that asks for nothing.
pub const NO_AUTHENTICATION: u8 = 0;

/// The method that asks for a user's name and password (RFC 1929).
pub const PASSWORD: u8 = 2;

/// A client's first message, which offers one method.
pub fn greeting(method: u8) -> [u8; 3] {
    [VERSION, 1, method]
}
