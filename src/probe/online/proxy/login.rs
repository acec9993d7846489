//! Saying who we are to an HTTP proxy that asks.

use crate::observation::{Failure, Reason};
use crate::online::proxy::{Credentials, Proxy, Scheme};
use crate::wire::http::Head;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::time::Instant;

/// A login under way.
pub(super) enum Login {
    /// The credentials as they are, said once.
    Basic { authorization: Option<String> },
}

impl Login {
    /// Begins a login with a proxy that has just demanded one.
    ///
    /// # Errors
    /// Where there are no credentials for it, or it does not offer the scheme they are for.
    pub(super) fn begin(proxy: &Proxy, refusal: &Head) -> Result<Self, Failure> {
        let Some(credentials) = &proxy.credentials else {
            return Err(Failure::new(Reason::AuthRequired, demand(refusal)));
        };
        if refusal.challenge(credentials.scheme.as_str()).is_none() {
            let scheme = credentials.scheme.as_str();
            let detail = format!("{}, and the credentials are for {scheme}", demand(refusal));
            return Err(Failure::new(Reason::AuthRequired, detail));
        }
        Ok(match credentials.scheme {
            Scheme::Basic => Self::Basic { authorization: Some(basic(credentials)) },
            Scheme::Negotiate | Scheme::Ntlm => todo!(),
        })
    }

    /// The value of `Proxy-Authorization` to answer a refusal with.
    ///
    /// # Errors
    /// Where there is nothing more to say, so that the refusal is final.
    pub(super) async fn answer(&mut self, refusal: &Head, _deadline: Instant) -> Result<String, Failure> {
        match self {
            Self::Basic { authorization } => authorization.take().ok_or_else(|| rejected(refusal)),
        }
    }

    /// The scheme, as HTTP names it.
    pub(super) const fn scheme(&self) -> &'static str {
        match self {
            Self::Basic { .. } => Scheme::Basic.as_str(),
        }
    }

    /// True where a login is one conversation, over one connection.
    pub(super) const fn needs_one_connection(&self) -> bool {
        match self {
            Self::Basic { .. } => false,
        }
    }
}

/// RFC 7617 section 2.
fn basic(Credentials { username, password, .. }: &Credentials) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{username}:{}", password.reveal())))
}

/// What a proxy demands: `407 Proxy Authentication Required, with Negotiate or NTLM`.
fn demand(refusal: &Head) -> String {
    match refusal.schemes().as_slice() {
        [] => format!("the proxy answers {refusal}, and offers no way to log in"),
        schemes => format!("the proxy answers {refusal}, and takes {}", schemes.join(", ")),
    }
}

fn rejected(refusal: &Head) -> Failure {
    Failure::new(Reason::AuthRejected, format!("the proxy answers {refusal} to the credentials it was given"))
}
