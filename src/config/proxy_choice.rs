//! What is in a list of proxies: a proxy, none at all, or whatever the machine is set to.

use super::system_proxy::SystemProxy;
use crate::catalogue::Message;
use crate::online::endpoint::Endpoint;
use crate::online::proxy::Proxy;
use crate::online::{DIRECT, Route, SYSTEM, Target};
use std::sync::Arc;

/// A proxy as it is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyChoice {
    /// Its name in the matrix and in labels, without credentials.
    pub(super) name: Arc<str>,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Direct,
    System(SystemProxy),
    Proxy(Arc<Proxy>),
}

impl ProxyChoice {
    /// Going without a proxy.
    pub fn direct() -> Self {
        Self { name: DIRECT.into(), kind: Kind::Direct }
    }

    /// Reads `direct`, `system` or the URL of a proxy. `variable` looks up environment variables, for `system`.
    ///
    /// # Errors
    /// A sentence that says what is wrong, and does not quote the URL: it may hold a password.
    pub fn parse(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Message> {
        let text = text.trim();
        match text.to_ascii_lowercase().as_str() {
            DIRECT => Ok(Self::direct()),
            SYSTEM => Ok(Self { name: SYSTEM.into(), kind: Kind::System(SystemProxy::read(variable)?) }),
            _ => Ok(Proxy::parse(text)?.into()),
        }
    }

    /// The target that an endpoint is over this proxy.
    pub fn target(&self, endpoint: &Arc<Endpoint>) -> Arc<Target> {
        let route = match &self.kind {
            Kind::Direct => Route::Direct,
            Kind::System(system) => system.route(endpoint),
            Kind::Proxy(proxy) => Route::Through(Arc::clone(proxy)),
        };
        Arc::new(Target { endpoint: Arc::clone(endpoint), proxy: Arc::clone(&self.name), route })
    }
}

impl From<Proxy> for ProxyChoice {
    fn from(proxy: Proxy) -> Self {
        Self { name: proxy.to_string().into(), kind: Kind::Proxy(Arc::new(proxy)) }
    }
}
