//! Saying who we are to an HTTP proxy that asks.

use crate::observation::{Detail, Failure, Reason, detail};
use crate::online::proxy::{Credentials, Proxy, Scheme};
use crate::wire::http::Head;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::time::Instant;

#[cfg(feature = "proxy-auth")]
use super::dialogue::Dialogue;

/// A login under way.
pub(super) enum Login {
    /// The credentials as they are, sent once.
    Basic(Option<String>),
    /// Several messages back and forth.
    #[cfg(feature = "proxy-auth")]
    Dialogue(Scheme, Box<Dialogue>),
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
        let scheme = credentials.scheme;
        if refusal.challenge(scheme.as_str()).is_none() {
            let (demand, scheme) = (demand(refusal), scheme.as_str());
            let detail = if is_of_other_build(refusal) {
                detail!("proxy-takes-unbuilt", demand = demand, scheme = scheme)
            } else {
                detail!("proxy-takes-others", demand = demand, scheme = scheme)
            };
            return Err(Failure::new(Reason::AuthRequired, detail));
        }
        match scheme {
            Scheme::Basic => Ok(Self::Basic(Some(basic(credentials)))),
            #[cfg(feature = "proxy-auth")]
            Scheme::Negotiate | Scheme::Ntlm => {
                let dialogue = Dialogue::new(credentials, &proxy.host.host)?;
                Ok(Self::Dialogue(scheme, Box::new(dialogue)))
            }
            // Checked configurations have none of these.
            #[cfg(not(feature = "proxy-auth"))]
            Scheme::Negotiate | Scheme::Ntlm => {
                Err(Failure::new(Reason::LocalError, detail!("proxy-scheme-unbuilt", scheme = scheme.as_str())))
            }
        }
    }

    /// The value of `Proxy-Authorization` to answer a refusal with.
    ///
    /// # Errors
    /// Where there is nothing more to send, so that the refusal is final.
    #[cfg_attr(
        not(feature = "proxy-auth"),
        expect(clippy::unused_async, unused_variables, reason = "Basic asks nobody else")
    )]
    pub(super) async fn answer(&mut self, refusal: &Head, deadline: Instant) -> Result<String, Failure> {
        match self {
            Self::Basic(authorization) => authorization.take().ok_or_else(|| rejected(refusal)),
            #[cfg(feature = "proxy-auth")]
            Self::Dialogue(scheme, dialogue) => {
                let scheme = scheme.as_str();
                let challenge = refusal.challenge(scheme).unwrap_or_default();
                let challenge = BASE64_STANDARD.decode(challenge).map_err(|_| {
                    Failure::new(Reason::InvalidAnswer, detail!("proxy-challenge-malformed", scheme = scheme))
                })?;
                let message = dialogue.next(Some(&challenge), deadline).await?;
                Ok(format!("{scheme} {}", BASE64_STANDARD.encode(message)))
            }
        }
    }

    /// The scheme, as HTTP names it.
    pub(super) const fn scheme(&self) -> &'static str {
        match self {
            Self::Basic(_) => Scheme::Basic.as_str(),
            #[cfg(feature = "proxy-auth")]
            Self::Dialogue(scheme, _) => scheme.as_str(),
        }
    }

    /// True where a login is one message, and not a conversation over one connection.
    pub(super) const fn is_one_message(&self) -> bool {
        match self {
            Self::Basic(_) => true,
            #[cfg(feature = "proxy-auth")]
            Self::Dialogue(..) => false,
        }
    }
}

/// RFC 7617 section 2.
fn basic(Credentials { username, password, .. }: &Credentials) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{username}:{}", password.reveal())))
}

/// What a proxy demands: `407 Proxy Authentication Required, with Negotiate or NTLM`.
fn demand(refusal: &Head) -> Detail {
    let answer = refusal.to_string();
    match refusal.schemes().as_slice() {
        [] => detail!("proxy-offers-nothing", answer = answer),
        schemes => detail!("proxy-takes", answer = answer, schemes = schemes.join(", ")),
    }
}

/// True where a proxy takes what only another build speaks.
fn is_of_other_build(refusal: &Head) -> bool {
    let takes = |scheme: Scheme| refusal.challenge(scheme.as_str()).is_some();
    !cfg!(feature = "proxy-auth") && (takes(Scheme::Negotiate) || takes(Scheme::Ntlm))
}

fn rejected(refusal: &Head) -> Failure {
    Failure::new(Reason::AuthRejected, detail!("proxy-rejects-login", answer = refusal.to_string()))
}
