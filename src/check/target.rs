//! What a person means by a TARGET: a domain, a KMS host, or an online endpoint.

use crate::catalogue::{Message, message};
use crate::config::{ProxyChoice, known_endpoint, leave_out_prefix, read_roots};
use crate::host::{DnsName, Host, HostPort, KMS_PORT};
use crate::observation::Reason;
use crate::online::Online;
use crate::online::trust::Trust;
use crate::path::{Allowed, Discovery, Kind, Kms, Path, Resolution};
use crate::probe::address::{self, Denials};
use crate::probe::{SrvLookup, dns, srv};
use std::cell::OnceCell;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The longest time each lookup may take that distinguishes a domain from a host. Where DNS is slower, a bare name is a
/// domain: the report itself will say how DNS is.
const LIMIT: Duration = Duration::from_secs(2);

/// What is said of URLs beside the URLs themselves.
#[derive(Debug)]
pub struct OnlineOptions {
    pub proxies: Vec<ProxyChoice>,
    pub ca_file: Option<PathBuf>,
    trust: OnceCell<Trust>,
}

/// A TARGET as it may be repeated: before an `@` there may be a password, though none belongs there.
pub fn shown(text: &str) -> &str {
    text.rsplit('@').next().unwrap_or_default()
}

impl OnlineOptions {
    /// Reads the proxies.
    ///
    /// # Errors
    /// A sentence that does not quote what was given: it may hold a password.
    pub fn new(proxies: &[String], ca_file: Option<PathBuf>) -> Result<Self, Message> {
        let read = |text: &String| ProxyChoice::parse(text, &|name| std::env::var(name).ok());
        let proxies = proxies.iter().map(read).collect::<Result<_, _>>();
        let proxies = proxies.map_err(|fault| message!("config-fault-at", place = "--proxy", fault = fault))?;
        Ok(Self { proxies, ca_file, trust: OnceCell::new() })
    }

    /// The same, where it is known already whom TLS trusts.
    pub fn trusting(proxy: Option<ProxyChoice>, trust: Trust) -> Self {
        Self { proxies: proxy.into_iter().collect(), ca_file: None, trust: trust.into() }
    }

    /// Whom TLS trusts. It is read for the first URL, and all share it.
    fn trust(&self) -> Result<Trust, Message> {
        if let Some(known) = self.trust.get() {
            return Ok(known.clone());
        }
        let mut trust = Trust::of_system().map_err(|error| message!("config-no-tls", error = error.to_string()))?;
        if let Some(file) = &self.ca_file {
            let place = file.display().to_string();
            let roots = read_roots(file);
            trust = trust.and(roots.map_err(|fault| message!("config-fault-at", place = place, fault = fault))?);
        }
        Ok(self.trust.get_or_init(|| trust).clone())
    }

    /// True where something was said that only concerns URLs.
    pub fn is_given(&self) -> bool {
        !self.proxies.is_empty() || self.ca_file.is_some()
    }
}

/// The path a URL stands for.
///
/// # Errors
/// A sentence that says what is wrong with the URL or the file of roots.
pub fn online_path(text: &str, options: &OnlineOptions, resolution: &Resolution) -> Result<Path, Message> {
    let refused = |fault: Message| message!("config-fault-of", value = shown(text), fault = fault);
    let endpoint = known_endpoint(text).map_err(refused)?;
    let endpoint = Arc::new(endpoint);
    let direct = [ProxyChoice::direct()];
    let proxies = if options.proxies.is_empty() { direct.as_slice() } else { options.proxies.as_slice() };
    let trust = options.trust()?;
    let targets = proxies.iter().map(|proxy| proxy.target(&endpoint)).collect();
    let kind = Kind::Online(Online { targets, trust });
    Ok(Path { name: text.into(), kind, resolution: resolution.clone() })
}

/// The path a TARGET stands for that is not a URL.
///
/// An address, or a name with a port, is a host. A bare name is a domain, unless DNS shows otherwise: it has no SRV
/// record, is no zone, and has addresses. A domain of Active Directory has addresses too, those of its domain
/// controllers, and differs from a host by being a zone.
///
/// # Errors
/// A sentence that says what is wrong with the text.
pub async fn path(text: &str, resolution: &Resolution, timeout: Duration) -> Result<Path, Message> {
    let refused = |fault: Message| message!("config-fault-of", value = shown(text), fault = fault);
    let parsed = HostPort::parse(text, KMS_PORT).map_err(|error| refused(error.into()))?;
    if let Host::Name(name) = &parsed.host
        && let Some(domain) = name.without_srv_prefix()
    {
        return Err(refused(leave_out_prefix(domain)));
    }
    let discovery = match &parsed.host {
        Host::Name(name) if !text.contains(':') => match meant(name, resolution, timeout.min(LIMIT)).await {
            Meant::Host(host) => Discovery::Hosts(vec![HostPort { host: Host::Name(host), port: KMS_PORT }]),
            Meant::Domain(domain) => {
                Discovery::Domains { domains: vec![domain], search: false, expected_hosts: Vec::new() }
            }
        },
        _ => Discovery::Hosts(vec![parsed]),
    };
    let kind = Kind::Kms(Kms { discovery, reads_clocks: true, allowed: Allowed::usual(resolution) });
    let resolution = resolution.clone().within(kind.domains());
    Ok(Path { name: text.into(), kind, resolution })
}

/// What a bare name means, by its full name.
enum Meant {
    Host(DnsName),
    Domain(DnsName),
}

/// What a bare name means. One of one label is completed by the machine's domains, as every other program does: the
/// first that is a domain with KMS hosts, or a host, is meant. What is neither is a domain: the report itself says that
/// it has no KMS hosts.
async fn meant(name: &DnsName, resolution: &Resolution, timeout: Duration) -> Meant {
    let Some(nameserver) = resolution.nameservers.first().copied() else { return Meant::Domain(name.clone()) };
    let mut candidates = resolution.meanings(name);
    candidates.rotate_right(1);
    // Each of them is asked for as it is.
    let exactly = Resolution { search: Vec::new(), ..resolution.clone() };
    for candidate in &candidates {
        match is_domain(candidate, nameserver, timeout).await {
            Some(true) => return Meant::Domain(candidate.clone()),
            None if candidate == name => break,
            // A domain that is searched and fails is passed over.
            None => continue,
            Some(false) => {}
        }
        let host = Host::Name(candidate.clone());
        if address::look_up(&host, &exactly, Denials::Final, timeout).await.observation.is_ok() {
            return Meant::Host(candidate.clone());
        }
    }
    Meant::Domain(name.clone())
}

/// Whether a name has KMS hosts below it, or is a zone. `None` where the nameserver does not say.
async fn is_domain(name: &DnsName, nameserver: SocketAddr, timeout: Duration) -> Option<bool> {
    let lookup = SrvLookup { domain: name.clone(), nameserver };
    let answer = srv::look_up(&lookup, timeout).await;
    let has_hosts = match answer.observation.reason {
        // There are records, though they may be of no use.
        None | Some(Reason::NoService | Reason::InvalidAnswer) => true,
        Some(Reason::Nxdomain | Reason::NoRecords) => false,
        // A nameserver that knows its own zones alone has no answer for a name of one label.
        Some(Reason::ServerFailure) if !name.has_dot() => false,
        Some(_) => return None,
    };
    Some(has_hosts || dns::is_zone(nameserver, name, timeout).await)
}
