//! What is wrong with names, endpoints, proxies and certificates, as messages: what reads them is below the catalogue.

use super::{Message, message};
use crate::host::{self, NameError};
use crate::license::MachineNameError;
use crate::online::endpoint::EndpointError;
use crate::online::proxy::ProxyError;
use crate::online::trust::RootsError;

impl From<NameError> for Message {
    fn from(error: NameError) -> Self {
        match error {
            NameError::Empty => message!("name-missing"),
            NameError::EmptyLabel => message!("name-empty-label"),
            NameError::LongLabel(length) => message!("name-long-label", length = length),
            NameError::LongName(length) => message!("name-long", length = length),
            NameError::Character(found) => {
                message!("name-character", found = host::character(found), escape = host::escape(found))
            }
            NameError::Escape => message!("name-escape"),
            NameError::Number => message!("name-number"),
            NameError::Zone => message!("name-zone"),
            NameError::Port => message!("port-malformed"),
        }
    }
}

impl From<MachineNameError> for Message {
    fn from(error: MachineNameError) -> Self {
        match error {
            MachineNameError::Empty => message!("machine-name-empty"),
            MachineNameError::TooLong => message!("machine-name-too-long"),
            MachineNameError::Address => message!("machine-name-address"),
            MachineNameError::Characters => message!("machine-name-characters"),
        }
    }
}

impl From<EndpointError> for Message {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::Text => message!("endpoint-malformed"),
            EndpointError::Scheme => message!("endpoint-scheme"),
            EndpointError::Pattern => message!("endpoint-pattern"),
            EndpointError::Credentials => message!("endpoint-credentials"),
            EndpointError::Name(error) => error.into(),
        }
    }
}

impl From<ProxyError> for Message {
    fn from(error: ProxyError) -> Self {
        match error {
            ProxyError::Url => message!("proxy-malformed"),
            ProxyError::NoScheme => message!("proxy-without-scheme"),
            ProxyError::Unencoded => message!("proxy-unencoded"),
            ProxyError::Scheme => message!("proxy-scheme"),
            ProxyError::NoPort => message!("proxy-without-port"),
            ProxyError::Path => message!("proxy-path"),
            ProxyError::Credentials => message!("proxy-credentials"),
            ProxyError::Length => message!("proxy-length"),
            ProxyError::Name(error) => error.into(),
        }
    }
}

impl From<RootsError> for Message {
    fn from(error: RootsError) -> Self {
        match error {
            RootsError::Broken => message!("pem-broken"),
            RootsError::NoCertificate(place) => message!("pem-no-certificate-at", place = place),
            RootsError::Nothing => message!("pem-nothing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use {EndpointError as E, MachineNameError as M, ProxyError as P};

    fn same<E: ToString + Clone + Into<Message>>(errors: &[E]) {
        for error in errors {
            assert_eq!(error.clone().into().to_string(), error.to_string());
        }
    }

    /// What is below the catalogue has its own English, for logs.
    #[test]
    fn the_catalogue_says_in_english_what_the_errors_say_themselves() {
        use NameError as N;
        same(&[N::Empty, N::EmptyLabel, N::LongLabel(64), N::LongName(254), N::Character(' '), N::Character(',')]);
        same(&[N::Escape, N::Number, N::Zone, N::Port]);
        same(&[M::Empty, M::TooLong, M::Address, M::Characters]);
        same(&[E::Text, E::Scheme, E::Pattern, E::Credentials, E::Name(NameError::Port)]);
        same(&[P::Url, P::NoScheme, P::Unencoded, P::Scheme, P::NoPort, P::Path, P::Credentials, P::Length]);
        same(&[RootsError::Broken, RootsError::NoCertificate(2), RootsError::Nothing]);
    }
}
