//! The proxy this machine is set to: by the environment, as for curl and most programs, or on Windows by the `WinHTTP`
//! settings of the machine, which is what activation goes by.

mod environment;
mod exception;
#[cfg(any(windows, test))]
mod winhttp;

use crate::catalogue::Message;
use crate::online::Route;
use crate::online::endpoint::{Endpoint, Scheme};
use crate::online::proxy::{Proxy, ProxyError};
use exception::Exception;
use std::sync::Arc;

/// The proxies of a machine, and what is reached without them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct SystemProxy {
    http: Option<Arc<Proxy>>,
    https: Option<Arc<Proxy>>,
    exceptions: Vec<Exception>,
}

/// What is wrong with the settings of this machine.
pub(super) type Complaint = Message;

impl SystemProxy {
    /// Reads the settings of this machine.
    ///
    /// # Errors
    /// Where a proxy is named there in a way that cannot be read; it would not be right to go without.
    pub(super) fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Complaint> {
        // Tests are not to go by the machine they run on.
        #[cfg(all(windows, not(test)))]
        if let Some(settings) = winhttp::settings() {
            return winhttp::read(&settings);
        }
        environment::read(variable)
    }

    /// The path to an endpoint.
    pub(super) fn route(&self, endpoint: &Endpoint) -> Route {
        let proxy = match endpoint.scheme {
            Scheme::Http => &self.http,
            Scheme::Https => &self.https,
        };
        match proxy {
            Some(proxy) if !self.exceptions.iter().any(|exception| exception.is_for(endpoint)) => {
                Route::Through(Arc::clone(proxy))
            }
            _ => Route::DirectBySystem,
        }
    }
}

/// Reads a proxy that may lack the scheme, and the port.
fn with_scheme(text: &str, port: u16) -> Result<Proxy, ProxyError> {
    let text = text.trim().trim_end_matches('/');
    let url = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    Proxy::parse(&url).or_else(|error| match error {
        ProxyError::NoPort => Proxy::parse(&format!("{url}:{port}")),
        other => Err(other),
    })
}
