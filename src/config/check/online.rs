//! From raw to checked, for online paths: endpoints, proxies, and whom is trusted.

use super::Check;
use crate::catalogue::{Message, message};
use crate::config::error::Fault;
use crate::config::microsoft;
use crate::config::proxy_choice::ProxyChoice;
use crate::config::raw::{
    OneOrMany, OneOrManyEndpoints, OneOrManyProxies, ProxyKeys, RawEndpoint, RawOnline, RawProxy, Text, What,
    suggestion,
};
use crate::host::HostPort;
use crate::online::Online;
use crate::online::endpoint::{Endpoint, Role};
use crate::online::proxy::{Credentials, Proxy, Scheme};
use crate::online::trust::Trust;
use crate::path::MAX_TARGETS;
use rustls::pki_types::CertificateDer;
use serde_saphyr::{Location, Spanned};
use std::collections::BTreeSet;
use std::path::Path as FilePath;
use std::sync::Arc;

const KDC_PORT: u16 = 88;

/// The name of the only preset.
const MICROSOFT: &str = "microsoft";

impl Check<'_> {
    pub(super) fn online(&self, raw: &Spanned<RawOnline>) -> Result<Online, Fault> {
        let RawOnline { endpoints, proxies, ca_file, expected_issuers, .. } = &raw.value;
        let place = endpoints.referenced;
        let mut endpoints = self.endpoints(endpoints)?;
        if let Some(issuers) = expected_issuers {
            let issuers = self.issuers(issuers)?;
            for endpoint in &mut endpoints {
                endpoint.expected_issuers.clone_from(&issuers);
            }
        }
        let choices = match proxies {
            Some(proxies) => self.choices(proxies)?,
            None => vec![ProxyChoice::direct()],
        };
        let count = endpoints.len().saturating_mul(choices.len());
        if count > MAX_TARGETS {
            return Err(Fault::at(place, message!("config-many-targets", count = count, most = MAX_TARGETS)));
        }
        let over_all = |endpoint| {
            let endpoint = Arc::new(endpoint);
            choices.iter().map(move |choice: &ProxyChoice| choice.target(&endpoint))
        };
        let targets = endpoints.into_iter().flat_map(over_all).collect();
        let mut trust = self
            .system_trust()
            .map_err(|error| Fault::at(raw.referenced, message!("config-no-tls", error = error.to_string())))?;
        if let Some(file) = ca_file {
            trust = trust.and(self.parse(file, read_ca_file)?);
        }
        Ok(Online { targets, trust })
    }

    /// Whom this machine trusts. It is read for the first path that needs it, and all share it.
    fn system_trust(&self) -> Result<Trust, rustls::Error> {
        if let Some(known) = self.trust.get() {
            return Ok(known.clone());
        }
        let trust = Trust::of_system()?;
        Ok(self.trust.get_or_init(|| trust).clone())
    }

    fn endpoints(&self, raw: &Spanned<OneOrManyEndpoints>) -> Result<Vec<Endpoint>, Fault> {
        let list = match &raw.value {
            OneOrManyEndpoints::One(word) => {
                let word = Spanned::new(word.clone(), raw.referenced, raw.defined);
                return self.parse(&word, preset_or_endpoint);
            }
            OneOrManyEndpoints::Many(list) if list.is_empty() => {
                return Err(Fault::at(raw.referenced, message!("config-no-endpoint")));
            }
            OneOrManyEndpoints::Many(list) => list,
        };
        let mut names = BTreeSet::new();
        let mut endpoints = Vec::with_capacity(list.len());
        for entry in list {
            let listed = match &entry.value {
                RawEndpoint::Text(preset) if preset == MICROSOFT => {
                    microsoft::endpoints().map_err(|error| Fault::at(entry.referenced, error.into()))?
                }
                other => vec![self.endpoint(other, entry)?],
            };
            for endpoint in listed {
                if !names.insert(endpoint.to_string()) {
                    let endpoint = endpoint.to_string();
                    let message =
                        message!("config-fault-of", value = endpoint, fault = message!("config-listed-twice"));
                    return Err(Fault::at(entry.referenced, message));
                }
                endpoints.push(endpoint);
            }
        }
        Ok(endpoints)
    }

    fn endpoint(&self, raw: &RawEndpoint, place: &Spanned<RawEndpoint>) -> Result<Endpoint, Fault> {
        let read = |text: &Text| self.parse(text, |text| microsoft::endpoint(text).map_err(Message::from));
        match raw {
            RawEndpoint::Text(text) => read(&Spanned::new(text.clone(), place.referenced, place.defined)),
            RawEndpoint::Keys(keys) => {
                let mut endpoint = read(&keys.url)?;
                if let Some(role) = &keys.role {
                    let roles = Role::ALL.map(|role| (role.as_str(), role));
                    endpoint.role = self.parse(role, |text| super::one_of(text, &roles))?;
                }
                endpoint.gives_pages = keys.gives_pages.unwrap_or(endpoint.gives_pages);
                Ok(endpoint)
            }
        }
    }

    fn choices(&self, raw: &Spanned<OneOrManyProxies>) -> Result<Vec<ProxyChoice>, Fault> {
        let list = match &raw.value {
            OneOrManyProxies::One(only) => return Ok(vec![self.choice(only, raw.referenced)?]),
            OneOrManyProxies::Many(list) if list.is_empty() => {
                return Err(Fault::at(raw.referenced, message!("config-no-proxy")));
            }
            OneOrManyProxies::Many(list) => list,
        };
        let mut choices: Vec<ProxyChoice> = Vec::with_capacity(list.len());
        for entry in list {
            let choice = self.choice(&entry.value, entry.referenced)?;
            if choices.iter().any(|known| known.name == choice.name) {
                let fault = message!("config-proxy-twice");
                let message = message!("config-fault-of", value = &*choice.name, fault = fault);
                return Err(Fault::at(entry.referenced, message));
            }
            choices.push(choice);
        }
        Ok(choices)
    }

    fn choice(&self, raw: &RawProxy, place: Location) -> Result<ProxyChoice, Fault> {
        match raw {
            RawProxy::Text(text) => {
                let text = Spanned::new(text.clone(), place, place);
                self.secret(&text, |text| ProxyChoice::parse(text, self.variable))
            }
            RawProxy::Keys(keys) => self.proxy(keys, place).map(Into::into),
        }
    }

    /// A proxy with credentials beside its URL.
    fn proxy(&self, keys: &ProxyKeys, place: Location) -> Result<Proxy, Fault> {
        let mut proxy = self.secret(&keys.url, |text| Proxy::parse(text).map_err(Message::from))?;
        let credentials = match (&keys.username, &keys.password) {
            (Some(username), Some(password)) => {
                let [username, password] =
                    [username, password].map(|text| self.expand(text.value.reveal(), text.referenced));
                let (username, password) = (username?.reveal().to_owned(), password?);
                Some(Credentials { username, password, scheme: Scheme::Basic, kdc: None })
            }
            (None, None) => None,
            _ => return Err(Fault::at(place, message!("config-username-and-password"))),
        };
        proxy.credentials = credentials.or(proxy.credentials);
        let is_http = proxy.protocol.is_http();
        if let Some(auth) = &keys.auth {
            let scheme = self.parse(auth, scheme)?;
            let credentials = proxy.credentials.as_mut();
            let credentials = credentials.ok_or_else(|| Fault::at(auth.referenced, message!("config-auth-alone")))?;
            check_scheme(scheme, is_http).map_err(|message| Fault::at(auth.referenced, message))?;
            credentials.scheme = scheme;
        }
        if let Some(text) = &keys.kdc {
            let kdc = self.parse(text, kdc)?;
            match &mut proxy.credentials {
                Some(credentials) if credentials.scheme == Scheme::Negotiate => credentials.kdc = Some(kdc),
                _ => return Err(Fault::at(text.referenced, message!("config-kdc"))),
            }
        }
        let needs_kdc = |known: &Credentials| {
            known.scheme == Scheme::Negotiate && known.kdc.is_none() && known.username.contains('@')
        };
        // There the library would look for one in a way that no time limit ends.
        if cfg!(windows) && proxy.credentials.as_ref().is_some_and(needs_kdc) {
            return Err(Fault::at(place, message!("config-kdc-on-windows")));
        }
        proxy.checked().map_err(|error| Fault::at(place, error.into()))
    }

    fn issuers(&self, raw: &Spanned<OneOrMany>) -> Result<Vec<String>, Fault> {
        let read = |text: &str| match text.trim() {
            // Every name contains it.
            "" => Err(message!("config-issuer")),
            issuer => Ok(issuer.to_owned()),
        };
        match &raw.value {
            OneOrMany::One(only) => {
                let only = Spanned::new(only.clone(), raw.referenced, raw.defined);
                Ok(vec![self.parse(&only, read)?])
            }
            OneOrMany::Many(list) if list.is_empty() => Err(Fault::at(raw.referenced, message!("config-no-issuer"))),
            OneOrMany::Many(list) => self.parse_all(list, read),
        }
    }
}

/// The endpoints of the preset, or the only one, given by its URL.
fn preset_or_endpoint(word: &str) -> Result<Vec<Endpoint>, Message> {
    if word == MICROSOFT {
        return Ok(microsoft::endpoints()?);
    }
    if word.contains("://") || word.contains('.') || word.contains(':') {
        return Ok(vec![microsoft::endpoint(word)?]);
    }
    Err(suggestion(What::Preset, word, &[MICROSOFT]))
}

fn scheme(text: &str) -> Result<Scheme, Message> {
    super::one_of(text, &[("basic", Scheme::Basic), ("negotiate", Scheme::Negotiate), ("ntlm", Scheme::Ntlm)])
}

/// Whether credentials can be shown in this way.
fn check_scheme(scheme: Scheme, is_http: bool) -> Result<(), Message> {
    if scheme == Scheme::Basic {
        return Ok(());
    }
    if !is_http {
        return Err(message!("config-auth-socks"));
    }
    if !cfg!(feature = "proxy-auth") {
        return Err(message!("config-auth-not-built", scheme = scheme.as_str()));
    }
    Ok(())
}

fn kdc(text: &str) -> Result<HostPort, Message> {
    Ok(HostPort::parse(text, KDC_PORT)?)
}

fn read_ca_file(file: &str) -> Result<Vec<CertificateDer<'static>>, Message> {
    crate::config::read_roots(FilePath::new(file))
}
