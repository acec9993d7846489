//! The online path to activation: endpoints, the proxies on it, and whose certificates are trusted.

pub mod endpoint;
pub mod proxy;
pub mod trust;

use endpoint::Endpoint;
use proxy::Proxy;
use std::fmt;
use std::sync::Arc;
use trust::Trust;

/// What is configured of an online path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Online {
    /// Every endpoint over every proxy: endpoint by endpoint, the proxies of each in the order of the configuration.
    pub targets: Vec<Arc<Target>>,
    /// Whom TLS trusts.
    pub trust: Trust,
}

/// An endpoint as seen through one proxy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    pub endpoint: Arc<Endpoint>,
    /// The proxy as it is configured, without credentials: `direct`, `system`, or a URL.
    pub proxy: Arc<str>,
    /// The path that this means for the endpoint.
    pub route: Route,
}

/// The path to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// No proxy.
    Direct,
    /// No proxy, because the machine's own settings make an exception or name none.
    DirectBySystem,
    Through(Arc<Proxy>),
}

impl Route {
    /// The proxy on the path, if there is one.
    pub fn proxy(&self) -> Option<&Proxy> {
        match self {
            Self::Direct | Self::DirectBySystem => None,
            Self::Through(proxy) => Some(proxy),
        }
    }
}

/// The word in place of a proxy where there is to be none.
pub const DIRECT: &str = "direct";

/// The word for whatever proxy the machine itself is set to.
pub const SYSTEM: &str = "system";

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.proxy.as_ref() {
            DIRECT => self.endpoint.fmt(formatter),
            proxy => write!(formatter, "{} via {proxy}", self.endpoint),
        }
    }
}
