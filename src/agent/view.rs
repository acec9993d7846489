//! The machine's own path to activation: the KMS hosts that its licensing names, or else those in DNS, probed once.

use crate::check::Round;
use crate::config::Config;
use crate::formats::{self, Reading};
use crate::host::HostPort;
use crate::license::{ChannelKind, MAX_SEEN, MachineName, Network, Seen, View};
use crate::path::{Allowed, Discovery, Kind, Kms, Path};
use crate::walk::{Walk, kms};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;
use tokio::time::timeout;

/// How long all of it may take.
const LIMIT: Duration = Duration::from_mins(1);

/// What a machine needs a KMS host for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Needs {
    /// The hosts that it asks.
    hosts: BTreeSet<HostPort>,
    /// True where it has a license that a KMS host activates.
    is_client: bool,
}

impl Needs {
    /// Adds what a report shows of this machine. A text that is none shows nothing: the server says so.
    pub(super) fn read(&mut self, text: &[u8], machine: &MachineName) {
        let mut take = |report: crate::license::Report| {
            if report.machine.as_ref().is_some_and(|name| name.short() != machine.short()) {
                return;
            }
            for license in &report.licenses {
                let is_client =
                    license.channel.as_ref().is_some_and(|channel| channel.kind() == ChannelKind::KmsClient);
                let by_domain = license.activated_by_domain == Some(true);
                self.is_client |= is_client && !by_domain;
                self.hosts.extend(license.kms_host().filter(|_| is_client).cloned());
            }
        };
        let _ = formats::read(text, &mut Reading::new(&mut take));
    }
}

/// Probes what a machine needs; `None` where that is nothing, or nothing is known of where it would be.
pub(super) async fn of(needs: Needs, config: &Config) -> Option<View> {
    if !needs.is_client {
        return None;
    }
    let is_kms = |path: &&Path| matches!(path.kind, Kind::Kms(_));
    let paths: Vec<Path> = if needs.hosts.is_empty() {
        config.paths.iter().filter(is_kms).cloned().collect()
    } else {
        let resolution = config.system.resolution();
        let discovery = Discovery::Hosts(needs.hosts.into_iter().take(MAX_SEEN).collect());
        let kind = Kind::Kms(Kms { discovery, reads_clocks: true, allowed: Allowed::usual(&resolution) });
        vec![Path { name: "own".into(), kind, resolution }]
    };
    if paths.is_empty() {
        return None;
    }
    let config = Config { paths, status: None, ..config.clone() };
    let mut round = Round::begin(config, None).ok()?;
    timeout(LIMIT, round.done(|_, _| ())).await.ok()?;
    let reports = round.state().snapshot().paths;
    let walks = reports.iter().filter_map(|report| if let Walk::Kms(walk) = &report.walk { Some(walk) } else { None });
    Some(seen(walks))
}

/// What walks come to: of each host how far the best of its addresses gets.
fn seen<'a>(walks: impl Iterator<Item = &'a kms::Walk>) -> View {
    let mut view = View::default();
    for walk in walks {
        for host in walk.hosts() {
            let failed = host.failure().and_then(|failure| Some((failure.stage, failure.reason?)));
            view.network = view.network.or_else(|| Network::of(own_address(host.address?)?));
            match view.seen.iter_mut().find(|seen| seen.host.as_ref() == Some(&host.host)) {
                Some(known) => {
                    let is_better =
                        failed.is_none_or(|(stage, _)| known.failed.is_some_and(|(other, _)| stage > other));
                    if is_better {
                        known.failed = failed;
                    }
                }
                None => view.seen.push(Seen { host: Some(host.host.clone()), failed }),
            }
        }
        let lookup = walk.lookups().find(|lookup| lookup.failure().is_some());
        if let (None, Some(lookup)) = (walk.hosts().next(), lookup) {
            let failed = lookup.failure().map(|reason| (lookup.observation.stage, reason));
            view.seen.push(Seen { host: None, failed });
        }
    }
    view.seen.truncate(MAX_SEEN);
    view
}

/// The address from which this machine sends there. Connecting a UDP socket asks the routing table alone.
fn own_address(to: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(to).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// As it is sent.
pub(super) fn json(view: &View) -> Value {
    let seen = view.seen.iter().map(|seen| {
        json!({
            "host": seen.host.as_ref().map(ToString::to_string),
            "stage": seen.failed.map(|(stage, _)| stage.as_str()),
            "reason": seen.failed.map(|(_, reason)| reason.as_str()),
        })
    });
    json!({
        "network": view.network.map(|network| network.to_string()),
        "seen": seen.collect::<Vec<_>>(),
    })
}
