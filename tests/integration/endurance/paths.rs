//! The paths of a run: what each is made of, what is wrong with it, and what was said of it.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Scale;
use super::faults::{Fault, Kind, OK, Targets};
use super::listeners::{Listener, Manner};
use super::nameservers::{Answers, Nameservers, host_name};

/// How long a verdict may take.
#[derive(Debug)]
pub struct Patience {
    /// To show at all what was seen.
    pub settling: Duration,
    /// To become right.
    pub whole: Duration,
}

/// One path.
#[derive(Debug)]
pub struct Path {
    pub name: String,
    kind: Kind,
    listeners: Vec<Listener>,
    pub fault: Option<&'static Fault>,
    /// Since when what is wrong with it is the same, and nothing befell the daemon that it may be excused by.
    since: Instant,
    /// Until when it is not judged, because of rounds that this machine had no time for and that are remembered.
    in_doubt_until: Instant,
    /// All that was ever wrong with it.
    faults: Vec<&'static Fault>,
    /// Whether the verdict was right since then. Once it is, it stays so.
    was_right: bool,
    /// What happened to it and what was said of it, in order.
    history: Vec<String>,
    said: String,
}

impl Path {
    /// A healthy path.
    pub async fn new(
        number: usize,
        kind: Kind,
        scale: &Scale,
        nameservers: &Nameservers,
        requests: &Arc<AtomicUsize>,
    ) -> Self {
        let (count, manner) = match kind {
            Kind::Named => (scale.hosts_of_named, Manner::Serves),
            // And one that is not to be listed.
            Kind::Discovered => (scale.hosts_of_discovered + 1, Manner::Serves),
            Kind::Direct => (2, Manner::Answers),
            Kind::Proxied => (1, Manner::Answers),
        };
        let mut listeners = Vec::new();
        for place in 0..count {
            // Tests run beside this one: an address of its own takes no port of theirs.
            let part = |number: usize| u8::try_from(number % 250).expect("it is small") + 1;
            let ip = Ipv4Addr::new(127, 100 + part(number) / 2, part(number), part(place));
            listeners.push(Listener::start(ip, manner, requests).await);
        }
        let name = format!("p{number:03}");
        if kind == Kind::Discovered {
            let hosts = listeners.iter().map(|listener| match listener.address() {
                SocketAddr::V4(address) => address,
                SocketAddr::V6(_) => unreachable!("it was bound to an IPv4 address"),
            });
            nameservers.add(&domain(&name), hosts.collect::<Vec<SocketAddrV4>>());
        }
        let (since, was_right) = (Instant::now(), false);
        Self {
            name,
            kind,
            listeners,
            fault: None,
            faults: Vec::new(),
            since,
            in_doubt_until: since,
            was_right,
            history: Vec::new(),
            said: String::new(),
        }
    }

    /// The names of its hosts, as machines report them.
    pub fn hosts(&self) -> impl Iterator<Item = String> {
        let named = (self.kind == Kind::Named).then_some(&self.listeners);
        named.into_iter().flatten().map(|listener| listener.address().ip().to_string())
    }

    /// How many targets it has.
    pub fn targets(&self) -> usize {
        self.listeners.len()
    }

    /// Writes its configuration.
    pub fn configure(&self, text: &mut String, nameservers: &Nameservers) {
        let quoted = |items: Vec<String>| items.iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", ");
        let addresses = || self.listeners.iter().map(|listener| listener.address().to_string());
        let way = match self.kind {
            Kind::Named => format!("kms: {{hosts: [{}]}}", quoted(addresses().collect())),
            Kind::Discovered => {
                let domain = domain(&self.name);
                let expected = (0..self.listeners.len() - 1).map(|number| host_name(number, &domain));
                format!(
                    "kms: {{domain: {domain}, nameservers: [{}], expected_hosts: [{}]}}",
                    quoted(nameservers.addresses().map(|address| address.to_string()).into()),
                    quoted(expected.collect())
                )
            }
            Kind::Direct => {
                let endpoints = addresses().map(|address| format!("http://{address}"));
                format!("online: {{endpoints: [{}]}}", quoted(endpoints.collect()))
            }
            Kind::Proxied => format!(
                "online: {{endpoints: [\"http://one.endurance.example\", \"http://two.endurance.example\"], \
                 proxies: [\"http://{}\"]}}",
                self.listeners[0].address()
            ),
        };
        writeln!(text, "- {{name: {}, {way}}}", self.name).expect("a string takes it");
    }

    /// Whether an alert about it is explained by what was ever wrong with it.
    pub fn explains(&self, alert: &str) -> bool {
        let is_blocked = |fault: &&Fault| fault.verdict.starts_with("blocked");
        match alert {
            "GracewatchPathBlocked" => self.faults.iter().any(is_blocked),
            _ => !self.faults.is_empty(),
        }
    }

    /// Breaks it, or mends it.
    pub fn change(&mut self, fault: Option<&'static Fault>, nameservers: &Nameservers, moment: &str) {
        self.fault = fault;
        self.faults.extend(fault);
        let well = match self.kind {
            Kind::Named | Kind::Discovered => Manner::Serves,
            Kind::Direct | Kind::Proxied => Manner::Answers,
        };
        let count = self.listeners.len() - usize::from(self.kind == Kind::Discovered);
        let targets = fault.map_or(Targets::None, |fault| fault.targets);
        for (number, listener) in self.listeners.iter().take(count).enumerate() {
            listener.behave(match targets {
                Targets::One(manner) if number == 0 => manner,
                Targets::All(manner) => manner,
                Targets::Halves(first, _) if number < count / 2 => first,
                Targets::Halves(_, second) => second,
                Targets::None | Targets::One(_) => well,
            });
        }
        if self.kind == Kind::Discovered {
            nameservers.say(&domain(&self.name), fault.map_or([Answers::Hosts; 2], |fault| fault.nameservers));
        }
        self.note(moment, &format!("*** {}", fault.map_or("mended", |fault| fault.name)));
        self.excuse();
    }

    /// Whether the verdict is right as it is now.
    pub const fn was_right(&self) -> bool {
        self.was_right
    }

    /// From now on what was said before does not count.
    pub fn excuse(&mut self) {
        (self.since, self.was_right) = (Instant::now(), false);
    }

    /// The same, and it is not judged for a while.
    pub fn doubt(&mut self, span: Duration) {
        self.excuse();
        self.in_doubt_until = self.since + span;
    }

    /// Compares what the daemon says of it with what is so. A verdict has the patience to become right, and then stays
    /// so. Right before it can have settled, it is so by accident: a fault that comes and goes while the daemon is
    /// stopped leaves the old verdict, and what is seen of it shows later.
    ///
    /// # Errors
    /// What is wrong with it, and its history.
    pub fn compare(&mut self, report: &Value, patience: &Patience, moment: &str) -> Result<bool, String> {
        let word = |key: &str| report[key].as_str().unwrap_or("-");
        let said = format!("{} {} {}", word("verdict"), word("stage"), word("reason"));
        if said != self.said {
            self.note(moment, &said);
            self.said.clone_from(&said);
        }
        let expected = self.fault.map_or(OK, |fault| fault.verdict);
        if said == expected {
            self.was_right |= self.since.elapsed() >= patience.settling;
        } else if (self.was_right || self.since.elapsed() > patience.whole) && self.in_doubt_until < Instant::now() {
            let begin = self.history.len().saturating_sub(20);
            return Err(format!(
                "{} ({:?}) is `{said}` and should be `{expected}`: {}\n{}",
                self.name,
                self.kind,
                word("summary"),
                self.history[begin..].join("\n")
            ));
        }
        Ok(self.was_right)
    }

    fn note(&mut self, moment: &str, what: &str) {
        self.history.push(format!("  {moment}  {what}"));
    }
}

fn domain(path: &str) -> String {
    format!("{path}.endurance.example")
}
