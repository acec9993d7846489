//! From raw to checked: ranges, names, and what must not be together.

mod agent;
mod allowed;
mod online;
mod status;
mod web;

use super::cloud_kms;
use super::duration::duration_within;
use super::error::{Fault, has_credentials};
use super::interpolate::{interpolate, resolve};
use super::raw::{
    OneOrMany, Raw, RawClock, RawIntermittent, RawKms, RawLog, RawPath, RawProbe, RawVerdict, SecretText, Text, What,
    suggestion,
};
use super::system::System;
use super::{Clock, Config, Damping, Intermittent, Log, LogFiles, LogFormat, LogLevel, Probe};
use crate::catalogue::{Message, message};
use crate::clock;
use crate::clock::NTP_PORT;
use crate::clock::host_clock::{HostClock, Protocol};
use crate::host::{DnsName, Host, HostPort, KMS_PORT, SRV_PREFIX, parse_nameserver, parse_port};
use crate::online::trust::Trust;
use crate::path::{Discovery, Kind, Kms, MAX_TARGETS, Path, Resolution};
use crate::secret::Secret;
use serde_saphyr::{Location, Spanned};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::net::{Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

const INTERVAL: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24);
const TIMEOUT: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_mins(1);
const FAILING_ROUNDS: RangeInclusive<i64> = 1..=10;
const HOLD: RangeInclusive<Duration> = Duration::ZERO..=Damping::MAX_HOLD;
const INTERMITTENT_OF: RangeInclusive<i64> = 2..=32;
const CLOCK_WARN: RangeInclusive<Duration> = Duration::from_secs(1)..=clock::TOLERANCE;
const CONCURRENCY: RangeInclusive<i64> = 1..=4096;
const LOG_FILES: RangeInclusive<i64> = 1..=1000;
const MAX_NAME_LENGTH: usize = 64;
/// What is shorter is found in any message, and is no secret.
const MIN_SECRET: usize = 4;

/// What checking needs to know beside the text.
pub(super) struct Check<'a> {
    /// The file, where it is in one.
    origin: &'a str,
    system: &'a System,
    variable: &'a dyn Fn(&str) -> Option<String>,
    /// Whom this machine trusts, once that is read.
    trust: OnceCell<Trust>,
    /// The values that were put in place of references.
    interpolated: RefCell<Vec<Secret>>,
    /// False where the file of tokens is not read.
    reads_tokens: bool,
}

impl<'a> Check<'a> {
    pub(super) fn new(origin: &'a str, system: &'a System, variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        let (trust, interpolated) = (OnceCell::new(), RefCell::default());
        Self { origin, system, variable, trust, interpolated, reads_tokens: true }
    }

    /// The same, without what the file of tokens says.
    pub(super) fn without_tokens(self) -> Self {
        Self { reads_tokens: false, ..self }
    }
}

impl Check<'_> {
    pub(super) fn config(&self, raw: Raw) -> Result<Config, Fault> {
        let built_in = Config::built_in(self.system);
        let probe = self.probe(&raw.probe)?;
        let follows_domains = raw.paths.is_none();
        Ok(Config {
            listen: raw.listen.map_or(Ok(built_in.listen), |listen| self.parse(&listen, listen_address))?,
            probe,
            verdict: self.verdict(&raw.verdict, probe.interval)?,
            paths: raw.paths.map_or(Ok(built_in.paths), |paths| self.paths(paths))?,
            clock: self.clock(&raw.clock)?,
            status: raw.status.map(|status| self.status(&status.value, &raw.web)).transpose()?,
            web: self.web(&raw.web)?,
            agent: raw.agent.as_ref().map(|agent| self.agent(agent)).transpose()?,
            log: self.log(&raw.log)?,
            site: raw.site.map(|site| self.parse(&site, site_name)).transpose()?,
            system: self.system.clone(),
            follows_domains,
        })
    }

    /// Expands and parses a string that holds no password. The message quotes what is written, never what it expands
    /// to.
    fn parse<T>(&self, text: &Text, parse: impl FnOnce(&str) -> Result<T, Message>) -> Result<T, Fault> {
        let expanded = self.expand(&text.value, text.referenced)?;
        let parsed = parse(expanded.reveal()).map_err(|message| Fault::of(&text.value, text.referenced, message))?;
        if has_credentials(expanded.reveal()) {
            return Err(Fault::at(text.referenced, message!("config-credentials")));
        }
        Ok(parsed)
    }

    /// Expands and parses a string that may hold a password, so that nothing of it is quoted.
    fn secret<T>(&self, text: &SecretText, parse: impl FnOnce(&str) -> Result<T, Message>) -> Result<T, Fault> {
        let expanded = self.expand(text.value.reveal(), text.referenced)?;
        parse(expanded.reveal()).map_err(|message| Fault::at(text.referenced, message))
    }

    fn expand(&self, written: &str, place: Location) -> Result<Secret, Fault> {
        let expanded = interpolate(written, &mut |reference| {
            let value = resolve(reference, self.variable)?;
            self.interpolated.borrow_mut().push(value.clone());
            Ok(value)
        });
        expanded.map_err(|message| Fault::at(place, message))
    }

    /// A fault in which no value shows that was put in place of a reference.
    pub(super) fn discreet_fault(&self, fault: Fault) -> Fault {
        let message = fault.message.to_string().to_lowercase();
        let shows = |value: &Secret| {
            let value = value.reveal().to_lowercase();
            value.len() >= MIN_SECRET && message.contains(&value)
        };
        if !self.interpolated.borrow().iter().any(shows) {
            return fault;
        }
        Fault { message: message!("config-secret"), ..fault }
    }

    fn parse_all<T>(&self, texts: &[Text], parse: impl Fn(&str) -> Result<T, Message>) -> Result<Vec<T>, Fault> {
        texts.iter().map(|text| self.parse(text, &parse)).collect()
    }

    fn probe(&self, raw: &RawProbe) -> Result<Probe, Fault> {
        let default = Probe::default();
        let duration = |text: &Option<Text>, default, range| match text {
            Some(text) => self.parse(text, |text| duration_within(text, range)),
            None => Ok(default),
        };
        let interval = duration(&raw.interval, default.interval, INTERVAL)?;
        let timeout = duration(&raw.timeout, default.timeout, TIMEOUT)?;
        if interval < timeout {
            let place = raw.interval.as_ref().or(raw.timeout.as_ref());
            let [interval, timeout] = [interval, timeout].map(|span| humantime::format_duration(span).to_string());
            let message = message!("config-interval-short", interval = interval, timeout = timeout);
            return Err(Fault { position: place.map(|text| text.referenced.into()), message });
        }
        let concurrency = match &raw.concurrency {
            Some(count) => count_within(count, CONCURRENCY)?,
            None => default.concurrency,
        };
        Ok(Probe { interval, timeout, concurrency })
    }

    fn verdict(&self, raw: &RawVerdict, interval: Duration) -> Result<Damping, Fault> {
        let usual = Damping::usual(interval);
        Ok(Damping {
            failing_rounds: match &raw.failing_rounds {
                Some(count) => count_within(count, FAILING_ROUNDS)?,
                None => usual.failing_rounds,
            },
            hold: match &raw.hold {
                Some(text) => self.parse(text, |text| duration_within(text, HOLD))?,
                None => usual.hold,
            },
            intermittent: intermittent(&raw.intermittent)?,
        })
    }

    fn paths(&self, raw: Spanned<Vec<RawPath>>) -> Result<Vec<Path>, Fault> {
        if raw.value.is_empty() {
            return Err(Fault::at(raw.referenced, message!("config-no-path")));
        }
        let mut names = BTreeSet::new();
        let mut paths = Vec::with_capacity(raw.value.len());
        for path in raw.value {
            let name = self.parse(&path.name, path_name)?;
            if !names.insert(Arc::clone(&name)) {
                return Err(Fault::of(&path.name.value, path.name.referenced, message!("config-path-twice")));
            }
            let (kind, resolution) = match (&path.kms, &path.online) {
                (Some(kms), None) => {
                    let resolution = self.resolution(kms.value.nameservers.as_ref())?;
                    (Kind::Kms(self.kms(kms, &resolution)?), resolution)
                }
                (None, Some(online)) => {
                    let kind = Kind::Online(self.online(online)?);
                    (kind, self.resolution(online.value.nameservers.as_ref())?)
                }
                (Some(_), Some(online)) => {
                    return Err(Fault::at(online.referenced, message!("config-path-of-both")));
                }
                (None, None) => {
                    return Err(Fault::at(path.name.referenced, message!("config-path-of-neither")));
                }
            };
            let resolution = resolution.within(kind.domains());
            paths.push(Path { name, kind, resolution });
        }
        Ok(paths)
    }

    fn kms(&self, kms: &Spanned<RawKms>, resolution: &Resolution) -> Result<Kms, Fault> {
        // A cloud's own hosts give their time to nobody, and its owner would wonder about who asks.
        let reads_clocks = !matches!(&kms.value.hosts, Some(hosts) if matches!(hosts.value, OneOrMany::One(_)));
        Ok(Kms { discovery: self.discovery(kms)?, reads_clocks, allowed: self.allowed(&kms.value, resolution)? })
    }

    fn discovery(&self, kms: &Spanned<RawKms>) -> Result<Discovery, Fault> {
        let RawKms { domain, hosts, expected_hosts, .. } = &kms.value;
        match (domain, hosts) {
            (Some(_), Some(hosts)) => Err(Fault::at(hosts.referenced, message!("config-domain-and-hosts"))),
            (None, None) => Err(Fault::at(kms.referenced, message!("config-domain-or-hosts"))),
            (Some(domain), None) => {
                let domains = self.domains(domain)?;
                let expected_hosts = match expected_hosts {
                    Some(hosts) => self.parse_all(&hosts.value, full_name)?,
                    None => Vec::new(),
                };
                Ok(Discovery::Domains { domains, search: false, expected_hosts })
            }
            (None, Some(hosts)) => {
                if let Some(expected) = expected_hosts {
                    return Err(Fault::at(expected.referenced, message!("config-expected-hosts")));
                }
                self.hosts(hosts).map(Discovery::Hosts)
            }
        }
    }

    fn hosts(&self, hosts: &Spanned<OneOrMany>) -> Result<Vec<HostPort>, Fault> {
        match &hosts.value {
            OneOrMany::One(cloud) => {
                let cloud = Spanned::new(cloud.clone(), hosts.referenced, hosts.defined);
                self.parse(&cloud, cloud_hosts)
            }
            OneOrMany::Many(list) if list.is_empty() => Err(Fault::at(hosts.referenced, message!("config-no-host"))),
            OneOrMany::Many(list) if list.len() > MAX_TARGETS => {
                let message = message!("config-many-hosts", count = list.len(), most = MAX_TARGETS);
                Err(Fault::at(hosts.referenced, message))
            }
            OneOrMany::Many(list) => self.parse_all(list, |text| host_port(text, KMS_PORT)),
        }
    }

    fn domains(&self, domain: &Spanned<OneOrMany>) -> Result<Vec<DnsName>, Fault> {
        let domains = match &domain.value {
            OneOrMany::One(text) => {
                let text = Spanned::new(text.clone(), domain.referenced, domain.defined);
                vec![self.parse(&text, domain_name)?]
            }
            OneOrMany::Many(texts) => self.parse_all(texts, domain_name)?,
        };
        if domains.is_empty() { Err(Fault::at(domain.referenced, message!("config-no-domain"))) } else { Ok(domains) }
    }

    fn resolution(&self, nameservers: Option<&Spanned<Vec<Text>>>) -> Result<Resolution, Fault> {
        match nameservers {
            None => Ok(self.system.resolution()),
            Some(list) if list.value.is_empty() => Err(Fault::at(list.referenced, message!("config-no-nameserver"))),
            Some(list) => Ok(self.system.resolution_by(self.parse_all(&list.value, nameserver)?)),
        }
    }

    fn clock(&self, raw: &RawClock) -> Result<Clock, Fault> {
        let ntp = self.parse_all(raw.ntp.as_deref().unwrap_or_default(), |text| host_port(text, NTP_PORT))?;
        let host_clocks = raw.host_clocks.as_ref().map_or(Ok(Clock::AUTO.into()), |ways| self.host_clocks(ways))?;
        let warn = match &raw.clock_warn {
            Some(text) => self.parse(text, |text| duration_within(text, CLOCK_WARN))?,
            None => Clock::WARN,
        };
        Ok(Clock { ntp, host_clocks: host_clocks.into(), warn, resolution: self.system.resolution() })
    }

    fn host_clocks(&self, ways: &Spanned<OneOrMany>) -> Result<Vec<HostClock>, Fault> {
        let texts = match &ways.value {
            OneOrMany::One(text) => {
                let text = Spanned::new(text.clone(), ways.referenced, ways.defined);
                return self.parse(&text, |text| match text {
                    "auto" => Ok(Clock::AUTO.into()),
                    "off" => Ok(Vec::new()),
                    _ => host_clock(text, &["auto", "off"]).map(|way| vec![way]),
                });
            }
            OneOrMany::Many(texts) if texts.is_empty() => {
                return Err(Fault::at(ways.referenced, message!("config-no-protocol")));
            }
            OneOrMany::Many(texts) => texts,
        };
        let mut known = Vec::new();
        for text in texts {
            let way = self.parse(text, |text| host_clock(text, &[]))?;
            if known.contains(&way) {
                return Err(Fault::of(&text.value, text.referenced, message!("config-listed-twice")));
            }
            known.push(way);
        }
        Ok(known)
    }

    fn log(&self, raw: &RawLog) -> Result<Log, Fault> {
        let format = |text: &str| one_of(text, &[("text", LogFormat::Text), ("json", LogFormat::Json)]);
        let level = |text: &str| {
            let levels = [
                ("error", LogLevel::Error),
                ("warn", LogLevel::Warn),
                ("info", LogLevel::Info),
                ("debug", LogLevel::Debug),
                ("trace", LogLevel::Trace),
            ];
            one_of(text, &levels)
        };
        Ok(Log {
            format: raw.format.as_ref().map_or(Ok(LogFormat::default()), |text| self.parse(text, format))?,
            level: raw.level.as_ref().map_or(Ok(LogLevel::default()), |text| self.parse(text, level))?,
            files: raw.folder.as_ref().map(|text| self.log_files(text, raw)).transpose()?,
        })
    }

    fn log_files(&self, folder: &Text, raw: &RawLog) -> Result<LogFiles, Fault> {
        let keep = raw.keep.as_ref().map_or(Ok(LogFiles::KEEP), |count| count_within(count, LOG_FILES))?;
        Ok(LogFiles { folder: self.parse(folder, status::folder)?, keep })
    }
}

fn one_of<T: Copy>(text: &str, known: &[(&str, T)]) -> Result<T, Message> {
    let found = known.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
    found.ok_or_else(|| suggestion(What::Value, text, &words))
}

/// Reads a time limit as `probe.timeout` takes it.
pub(super) fn timeout(text: &str) -> Result<Duration, Message> {
    duration_within(text, TIMEOUT)
}

/// A count that is as a number, not as text.
fn count_within<T: TryFrom<i64>>(count: &Spanned<i64>, range: RangeInclusive<i64>) -> Result<T, Fault> {
    let within = range.contains(&count.value).then_some(count.value).and_then(|value| T::try_from(value).ok());
    within.ok_or_else(|| {
        let (least, most) = (range.start().to_string(), range.end().to_string());
        let fault = message!("config-range", least = least, most = most);
        Fault::of(&count.value.to_string(), count.referenced, fault)
    })
}

/// `failures` has `of` as its upper bound, whichever of the two is left out.
fn intermittent(raw: &RawIntermittent) -> Result<Intermittent, Fault> {
    let default = Intermittent::default();
    let of = raw.of.as_ref().map_or(Ok(default.of), |count| count_within(count, INTERMITTENT_OF))?;
    let failures = match &raw.failures {
        Some(count) => count_within(count, 1..=i64::from(of))?,
        None => default.failures,
    };
    match &raw.of {
        Some(rounds) if of < failures => {
            let fault = message!("config-few-rounds", failures = failures);
            Err(Fault::of(&of.to_string(), rounds.referenced, fault))
        }
        _ => Ok(Intermittent { failures, of }),
    }
}

fn listen_address(text: &str) -> Result<SocketAddr, Message> {
    let every = text.strip_prefix(':').map(|port| format!("[{}]:{port}", Ipv6Addr::UNSPECIFIED));
    let text = every.as_deref().unwrap_or(text);
    // An interface has a name as well as a number.
    let of_link = || match HostPort::parse(text, 0)? {
        HostPort { host: Host::Address(address), port: port @ 1.. } => Ok(address.at(port)),
        _ => Err(message!("config-listen")),
    };
    text.parse().or_else(|_| if text.contains('%') { of_link() } else { Err(message!("config-listen")) })
}

fn path_name(text: &str) -> Result<Arc<str>, Message> {
    if text.trim().is_empty() {
        return Err(message!("config-path-name"));
    }
    short_name(text)
}

fn site_name(text: &str) -> Result<Arc<str>, Message> {
    if text.trim().is_empty() {
        return Err(message!("config-site-name"));
    }
    short_name(text)
}

fn short_name(text: &str) -> Result<Arc<str>, Message> {
    if text.chars().count() > MAX_NAME_LENGTH || text.chars().any(char::is_control) {
        return Err(message!("config-path-name-long", most = MAX_NAME_LENGTH));
    }
    Ok(Arc::from(text))
}

fn dns_name(text: &str) -> Result<DnsName, Message> {
    match text.parse()? {
        Host::Name(name) => Ok(name),
        Host::Address(_) => Err(message!("config-address")),
    }
}

/// A domain, short enough for the SRV name within it.
fn domain_name(text: &str) -> Result<DnsName, Message> {
    let domain = dns_name(text)?;
    domain.without_srv_prefix().map_or(Ok(()), |domain| Err(leave_out_prefix(domain)))?;
    dns_name(&domain.srv_name()).map_err(|_| message!("config-domain-long", prefix = SRV_PREFIX))?;
    Ok(domain)
}

/// What is said of a domain that is written as the name at which its SRV records are.
pub fn leave_out_prefix(domain: &str) -> Message {
    message!("config-srv-prefix", prefix = SRV_PREFIX, domain = domain)
}

/// A host as DNS names it, with its domain.
fn full_name(text: &str) -> Result<DnsName, Message> {
    let host = dns_name(text)?;
    if host.has_dot() { Ok(host) } else { Err(message!("config-full-name")) }
}

fn host_port(text: &str, default_port: u16) -> Result<HostPort, Message> {
    Ok(HostPort::parse(text, default_port)?)
}

/// The KMS hosts of a cloud.
fn cloud_hosts(cloud: &str) -> Result<Vec<HostPort>, Message> {
    let clouds = cloud_kms::CLOUDS.map(|(name, _)| name);
    let hosts = cloud_kms::hosts(cloud).ok_or_else(|| message!("config-cloud", known = clouds.join(", ")))?;
    hosts.iter().map(|host| host_port(host, KMS_PORT)).collect()
}

/// Reads `smb2` or `smb2:1445`. `others` are words that could have been there as well.
fn host_clock(text: &str, others: &[&str]) -> Result<HostClock, Message> {
    let (word, port) = match text.split_once(':') {
        Some((word, port)) => (word, Some(parse_port(port)?)),
        None => (text, None),
    };
    let found = Protocol::ALL.into_iter().find(|protocol| protocol.as_str() == word);
    let protocol = found.ok_or_else(|| {
        let known: Vec<_> = others.iter().copied().chain(Protocol::ALL.map(Protocol::as_str)).collect();
        suggestion(What::Value, word, &known)
    })?;
    Ok(HostClock { protocol, port: port.unwrap_or(protocol.port()) })
}

fn nameserver(text: &str) -> Result<SocketAddr, Message> {
    parse_nameserver(text)?.ok_or_else(|| message!("config-nameserver"))
}
