//! Being let through by a SOCKS5 proxy.

use super::{Hop, Opened, Seen, UNSPECIFIED};
use crate::observation::{Failure, Reason, detail};
use crate::probe::online::connection::{Connection, read_array, skip, write};
use crate::wire::socks5::{self, Method, NotSocks5, Reply};

/// What a proxy demands that takes a password, as it is shown.
const PASSWORD: &str = "username/password";

/// Asks for a tunnel, and says who we are where that is demanded. What is offered first is to do without: a proxy that
/// takes passwords as well may prefer them to nothing, and does not demand them.
pub(super) async fn ask(hop: &Hop<'_>, mut connection: Connection, seen: &mut Seen) -> Result<Opened, Failure> {
    let mut method = choose(&mut connection, Method::None).await?;
    if method == Method::NoneOfOurs {
        connection = hop.connect_again(seen).await?;
        method = choose(&mut connection, Method::Password).await?;
    }
    let detail = match method {
        Method::None => detail!("proxy-tunnels"),
        Method::Password => {
            seen.demanded.push(PASSWORD.to_owned());
            log_in(hop, &mut connection).await?;
            detail!("proxy-tunnels-password")
        }
        Method::NoneOfOurs => {
            seen.demanded.push(UNSPECIFIED.to_owned());
            return Err(Failure::new(Reason::AuthRequired, detail!("socks-no-password")));
        }
    };
    let request = socks5::connect(&hop.tunnel_target())
        .ok_or_else(|| Failure::new(Reason::LocalError, detail!("socks-name-long")))?;
    write(&mut connection, &request).await?;
    let reply = Reply::decode(read_array(&mut connection).await?).map_err(not_a_proxy)?;
    if let Some(reason) = failure(reply.code) {
        return Err(Failure::new(reason, detail!("socks-reply", code = reply.code)));
    }
    skip(&mut connection, u64::try_from(reply.rest).unwrap_or_default()).await?;
    Ok(Opened { connection, forwarded: None, detail })
}

/// Offers a method, and reads which is wanted. Some proxies say what they want although it was not offered.
async fn choose(connection: &mut Connection, offered: Method) -> Result<Method, Failure> {
    write(connection, &socks5::greeting(offered)).await?;
    socks5::method(read_array(connection).await?).map_err(not_a_proxy)
}

async fn log_in(hop: &Hop<'_>, connection: &mut Connection) -> Result<(), Failure> {
    let Some(credentials) = &hop.proxy.credentials else {
        return Err(Failure::new(Reason::AuthRequired, detail!("socks-demands-password")));
    };
    let message = socks5::login(&credentials.username, credentials.password.reveal())
        .ok_or_else(|| Failure::new(Reason::LocalError, detail!("socks-password-long")))?;
    write(connection, &message).await?;
    if socks5::is_accepted(read_array(connection).await?) {
        return Ok(());
    }
    Err(Failure::new(Reason::AuthRejected, detail!("socks-rejects-password")))
}

/// Why there is no tunnel, by the reply field; `None` where there is one.
const fn failure(code: u8) -> Option<Reason> {
    Some(match code {
        0 => return None,
        2 => Reason::ForbiddenByProxy,
        7 | 8 => Reason::Rejected,
        _ => Reason::ProxyBadGateway,
    })
}

fn not_a_proxy(error: NotSocks5) -> Failure {
    Failure::new(Reason::ProxyNotAProxy, error.detail())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reply_has_a_reason_but_success() {
        assert!((0..=u8::MAX).all(|code| failure(code).is_none() == (code == 0)));
        let words = |code: u8| detail!("socks-reply", code = code).to_string();
        let meanings: std::collections::BTreeSet<_> =
            (1..=9).filter_map(|code| words(code).split_once(": ").map(|(_, meaning)| meaning.to_owned())).collect();
        assert_eq!(meanings.len(), 9, "{meanings:?}");
        assert_eq!(failure(2), Some(Reason::ForbiddenByProxy));
        assert_eq!([1, 3, 4, 5, 6].map(failure), [Some(Reason::ProxyBadGateway); 5]);
    }
}
