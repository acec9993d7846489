//! What is to be probed: what the address of a request names, and the path that this is.

use crate::catalogue::{Message, message};
use crate::check::target::{self, OnlineOptions};
use crate::clock::NTP_PORT;
use crate::config::{Config, ProbeTarget, ProxyChoice, known_endpoint};
use crate::host::{DnsName, Host, HostPort, KMS_PORT};
use crate::online::endpoint::Endpoint;
use crate::online::trust::Trust;
use crate::online::{Online, Target};
use crate::path::{Kind, Path, Resolution};
use crate::probe::address::{self, Denials};
use crate::web::rejected::Rejected;
use axum::http::StatusCode;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

/// How long it is remembered whom this machine trusts.
const TRUSTED_FOR: Duration = Duration::from_mins(10);

/// What kind of target it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Module {
    Kms,
    Online,
    Clock,
}

/// A target as it is named, and checked in form.
#[derive(Debug)]
pub(super) enum Named {
    /// A domain or a KMS host, as it is written.
    Kms(String, HostPort),
    Online {
        url: String,
        endpoint: Box<Endpoint>,
        proxy: Option<(ProxyChoice, HostPort)>,
    },
    Clock(HostPort),
}

/// Whom TLS trusts, as it was read last.
#[derive(Debug, Default)]
pub(super) struct Trusts(Arc<Mutex<Option<(Instant, Trust)>>>);

impl Named {
    /// Reads the parameters of a request. Without a module, a URL is an endpoint and anything else is for KMS.
    pub(super) fn new(target: &str, module: Option<Module>, proxy: Option<&str>) -> Result<Self, Message> {
        let target = target.trim();
        if target.is_empty() {
            return Err(message!("probe-no-target"));
        }
        // Nothing of what may hold a password is repeated.
        if [target, proxy.unwrap_or_default()].iter().any(|text| text.contains('@')) {
            return Err(message!("probe-credentials"));
        }
        let refused = |fault: Message| message!("config-fault-of", value = target, fault = fault);
        let usual = if target.contains("://") { Module::Online } else { Module::Kms };
        let module = module.unwrap_or(usual);
        if proxy.is_some() && module != Module::Online {
            return Err(message!("probe-proxy"));
        }
        let host = |port| HostPort::parse(target, port).map_err(|error| refused(error.into()));
        match module {
            Module::Kms => Ok(Self::Kms(target.to_owned(), host(KMS_PORT)?)),
            Module::Clock => Ok(Self::Clock(host(NTP_PORT)?)),
            Module::Online => {
                let endpoint = Box::new(known_endpoint(target).map_err(refused)?);
                let proxy = proxy.map(|text| self::proxy(text, &endpoint)).transpose()?;
                // What is known of endpoints is known of their URLs.
                let url = if target.contains("://") { target.to_owned() } else { endpoint.to_string() };
                Ok(Self::Online { url, endpoint, proxy: proxy.flatten() })
            }
        }
    }

    /// Whatever this machine would connect to, or look up.
    pub(super) fn hosts(&self) -> impl Iterator<Item = ProbeTarget<'_>> {
        let (first, second) = match self {
            Self::Kms(_, host) => (shown(host, &[]), None),
            Self::Clock(host) => (shown(host, &[NTP_PORT]), None),
            Self::Online { endpoint, proxy, .. } => {
                let proxy = proxy.as_ref().map(|(_, host)| shown(host, &[]));
                (shown(&endpoint.host, &[80, 443]), proxy)
            }
        };
        std::iter::once(first).chain(second)
    }

    /// Who resolves its names: whoever does for a path that is configured for it, or else the machine's own.
    pub(super) fn resolution(&self, config: &Config) -> Resolution {
        let name = self.hosts().find_map(|named| named.host.dns_name());
        let of_path = |path: &&Path| match (self, &path.kind) {
            (Self::Online { endpoint, .. }, Kind::Online(online)) => target_of(online, endpoint).is_some(),
            (_, kind) => name.is_some_and(|name| kind.domains().iter().any(|domain| is_in(name, domain))),
        };
        let own = || config.system.resolution();
        let resolution = config.paths.iter().find(of_path).map_or_else(own, |path| path.resolution.clone());
        let allowed = config.web.probe_targets.allowed(&resolution);
        Resolution { allowed: Some(Arc::new(allowed)), ..resolution }
    }

    /// The path that it is.
    pub(super) async fn path(&self, config: &Config, trusts: &Trusts, timeout: Duration) -> Result<Path, Rejected> {
        let resolution = self.resolution(config);
        match self {
            Self::Kms(text, _) => {
                let mut path = target::path(text, &resolution, timeout).await.map_err(Rejected::bad_request)?;
                if let Kind::Kms(kms) = &mut path.kind {
                    kms.allowed = config.web.probe_targets.allowed(&resolution);
                }
                // A domain leads where its records do, which is for the walk to show.
                if path.kind.domains().is_empty() {
                    self.assert_addresses(config, timeout).await?;
                }
                Ok(path)
            }
            Self::Online { url, endpoint, proxy } => {
                self.assert_addresses(config, timeout).await?;
                let known = config.paths.iter().find_map(|path| match &path.kind {
                    Kind::Online(online) => Some((online, target_of(online, endpoint)?)),
                    Kind::Kms(_) => None,
                });
                let trust = match known {
                    Some((online, _)) => online.trust.clone(),
                    None => trusts.get().await.map_err(Rejected::unavailable)?,
                };
                let options = OnlineOptions::trusting(proxy.as_ref().map(|(choice, _)| choice.clone()), trust);
                target::online_path(url, &options, &resolution).map_err(Rejected::bad_request)
            }
            Self::Clock(_) => Err(Rejected(StatusCode::INTERNAL_SERVER_ERROR, message!("own-fault"))),
        }
    }

    /// Looks up its names, and refuses those that lead where nothing is to be probed. What cannot be looked up is for the
    /// probe to show, which is not led there either.
    pub(super) async fn assert_addresses(&self, config: &Config, timeout: Duration) -> Result<(), Rejected> {
        let allowed = config.web.probe_targets.allowed(&self.resolution(config));
        let resolution = Resolution { allowed: None, ..self.resolution(config) };
        // Behind a proxy a name leads wherever the proxy has it.
        let proxied = matches!(self, Self::Online { proxy: Some(_), .. });
        for named in self.hosts().skip(usize::from(proxied)) {
            let Host::Name(_) = named.host else { continue };
            let answer = address::look_up(named.host, &resolution, Denials::Final, timeout).await;
            if let Some(wrong) = answer.addresses.iter().find(|address| !allowed.has_address(address.ip())) {
                let line = config.web.probe_targets.line_with_address(&resolution, wrong.ip());
                let (host, address) = (named.host.to_string(), wrong.ip().to_string());
                let refused = message!("probe-leads-elsewhere", host = host, address = address, line = line);
                return Err(Rejected(StatusCode::FORBIDDEN, refused));
            }
        }
        Ok(())
    }
}

fn shown<'a>(host: &'a HostPort, usual_ports: &'a [u16]) -> ProbeTarget<'a> {
    ProbeTarget { host: &host.host, port: host.port, usual_ports }
}

/// A proxy that is named in a request, and where it is; `None` for none.
fn proxy(text: &str, endpoint: &Endpoint) -> Result<Option<(ProxyChoice, HostPort)>, Message> {
    let refused = |fault: Message| message!("config-fault-at", place = "proxy", fault = fault);
    let choice = ProxyChoice::parse(text, &|name| std::env::var(name).ok()).map_err(refused)?;
    let target = choice.target(&Arc::new(endpoint.clone()));
    let host = target.route.proxy().map(|proxy| proxy.host.clone());
    Ok(host.map(|host| (choice, host)))
}

/// The endpoint on a path that is configured, where it is on it.
fn target_of<'a>(online: &'a Online, endpoint: &Endpoint) -> Option<&'a Target> {
    let is_same = |known: &Endpoint| (known.scheme, &known.host) == (endpoint.scheme, &endpoint.host);
    online.targets.iter().map(AsRef::as_ref).find(|target| is_same(&target.endpoint))
}

/// True for a domain, and for what is in it.
fn is_in(name: &DnsName, domain: &DnsName) -> bool {
    let rest = name.as_str().strip_suffix(domain.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl Trusts {
    /// Whom this machine trusts. To read that takes longer than a probe may wait for by itself.
    async fn get(&self) -> Result<Trust, Message> {
        // Only one reads it, also where whoever asked for that is gone.
        let mut known = Arc::clone(&self.0).lock_owned().await;
        if let Some((_, trust)) = known.as_ref().filter(|(read, _)| read.elapsed() < TRUSTED_FOR) {
            return Ok(trust.clone());
        }
        let failed = |error: String| message!("config-no-tls", error = error);
        let read = spawn_blocking(move || {
            let trust = Trust::of_system().map_err(|error| failed(error.to_string()))?;
            *known = Some((Instant::now(), trust.clone()));
            Ok(trust)
        });
        read.await.map_err(|error| failed(error.to_string()))?
    }
}
