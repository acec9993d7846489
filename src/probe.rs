//! What can be asked of the network: a closed set of jobs, each a plain async function that returns what it saw.
//!
//! A probe knows nothing of metrics, state or schedules. Each stage is bounded by the time limit it is given, takes
//! a bounded amount of memory whatever it is sent, and reports every failure as a
//! [`Failure`] with a reason from the closed list.

pub mod address;
pub mod dns;
pub mod host_clock;
mod hosts_file;
mod limit;
pub mod ntp;
pub mod online;
mod own_network;
mod pause;
pub mod rpc;
pub mod srv;
mod system;
pub mod tcp;

use crate::clock::host_clock::HostClock;
use crate::host::{Address, DnsName, HostPort};
use crate::observation::{Failure, Observation, Reason, Stage, detail};
use crate::online::{Target, trust::Trust};
use crate::path::Resolution;

use address::Denials;
use online::OnlineAnswer;
use std::fmt;
use std::net::SocketAddr;
use std::slice;
use std::sync::Arc;
use std::time::Duration;

/// One thing to probe. Two equal jobs of one path are the same work and never run at once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Job {
    /// Ask one nameserver for the SRV records of one domain.
    Srv(SrvLookup),
    /// Look up the addresses of one host, which is given by name.
    Address(HostPort),
    /// Connect to one address of one host and bind to the KMS interface.
    Connect(HostAddress),
    /// Walk to one endpoint over one proxy.
    Online(Arc<Target>),
    /// Ask one time server.
    Ntp(HostPort),
    /// Read the clock of one host, whatever paths it is on.
    HostClock {
        /// The host.
        address: Address,
        /// The ways to read it, in the order in which they are tried.
        ways: Arc<[HostClock]>,
    },
}

impl fmt::Display for Job {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Srv(lookup) => write!(formatter, "{} @{}", lookup.domain.srv_name(), lookup.nameserver),
            Self::Address(host) => host.fmt(formatter),
            Self::Connect(host) => write!(formatter, "{} @{}", host.host, host.address),
            Self::Online(target) => target.fmt(formatter),
            Self::Ntp(source) => source.fmt(formatter),
            Self::HostClock { address, .. } => address.fmt(formatter),
        }
    }
}

/// A domain, and the nameserver that is asked for its SRV records.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SrvLookup {
    pub domain: DnsName,
    pub nameserver: SocketAddr,
}

/// A host and one of its addresses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostAddress {
    /// The host as discovered or configured.
    pub host: HostPort,
    /// The address that is connected to.
    pub address: SocketAddr,
}

/// What a job found.
#[derive(Debug, Clone)]
pub enum Finding {
    /// Of [`Job::Srv`].
    Srv(srv::SrvAnswer),
    /// Of [`Job::Address`].
    Address(address::AddressAnswer),
    /// Of [`Job::Connect`]: the `tcp` stage, and the `rpc` stage where `tcp` passed.
    Connect(Vec<Observation>),
    /// Of [`Job::Online`].
    Online(OnlineAnswer),
    /// Of [`Job::Ntp`].
    Ntp(ntp::NtpAnswer),
    /// Of [`Job::HostClock`].
    HostClock(host_clock::HostClockAnswer),
}

impl Finding {
    /// The stages that were probed, in order.
    pub fn observations(&self) -> &[Observation] {
        match self {
            Self::Srv(answer) => slice::from_ref(&answer.observation),
            Self::Address(answer) => slice::from_ref(&answer.observation),
            Self::Connect(stages) => stages,
            Self::Online(answer) => &answer.stages,
            Self::Ntp(answer) => slice::from_ref(&answer.observation),
            Self::HostClock(answer) => slice::from_ref(&answer.observation),
        }
    }

    /// The same, to be changed.
    fn observations_mut(&mut self) -> &mut [Observation] {
        match self {
            Self::Srv(answer) => slice::from_mut(&mut answer.observation),
            Self::Address(answer) => slice::from_mut(&mut answer.observation),
            Self::Connect(stages) => stages,
            Self::Online(answer) => &mut answer.stages,
            Self::Ntp(answer) => slice::from_mut(&mut answer.observation),
            Self::HostClock(answer) => slice::from_mut(&mut answer.observation),
        }
    }

    /// How long the finding stays good: zero where the job is to be done at every round.
    pub fn time_to_live(&self) -> Duration {
        match self {
            Self::Srv(answer) => answer.ttl,
            Self::Address(answer) => answer.ttl,
            Self::Connect(_) | Self::Online(_) => Duration::ZERO,
            Self::Ntp(answer) => answer.time_to_live(),
            Self::HostClock(answer) => answer.time_to_live(),
        }
    }
}

/// What the jobs of one path, or of the clocks, are done with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Who resolves names.
    pub resolution: Resolution,
    /// What it means where one of several nameservers denies a host.
    pub denials: Denials,
    /// Whom TLS trusts; there on online paths.
    pub trust: Option<Trust>,
    /// The longest time each stage may take.
    pub timeout: Duration,
}

/// Does one job. Thousands may wait at once, most of them for a connection: what needs more room than that has it to
/// itself while it runs. `before` is what the job found the last time, which counts where a server asked for something
/// then, or is known to be found in one way of several.
pub async fn run(job: &Job, context: &Context, before: Option<Finding>) -> Finding {
    // On its own, so that it is not there twice.
    pause::apart_from(context.timeout, || Box::pin(run_once(job, context, before.clone()))).await
}

async fn run_once(job: &Job, context: &Context, before: Option<Finding>) -> Finding {
    let Context { resolution, denials, trust, timeout } = context;
    let (denials, timeout) = (*denials, *timeout);
    match (job, before) {
        (Job::Srv(lookup), _) => Finding::Srv(Box::pin(srv::look_up(lookup, timeout)).await),
        (Job::Address(host), _) => {
            Finding::Address(Box::pin(address::look_up(&host.host, resolution, denials, timeout)).await)
        }
        (Job::Connect(host), _) => Finding::Connect(connect(host.address, timeout).await),
        (Job::Online(target), _) => Finding::Online(match trust {
            Some(trust) => Box::pin(online::walk(target, trust, resolution, timeout)).await,
            None => without_trust(),
        }),
        (Job::Ntp(source), before) => {
            let before = if let Some(Finding::Ntp(before)) = before { Some(before) } else { None };
            Finding::Ntp(Box::pin(ntp::measure(source, resolution, timeout, before.as_ref())).await)
        }
        (Job::HostClock { address, ways }, before) => {
            let before = if let Some(Finding::HostClock(before)) = before { Some(before) } else { None };
            Finding::HostClock(Box::pin(host_clock::read(*address, ways, timeout, before)).await)
        }
    }
}

/// What comes of a walk that cannot begin.
fn without_trust() -> OnlineAnswer {
    let failure = Failure::new(Reason::LocalError, detail!("no-trust"));
    OnlineAnswer { stages: vec![Observation::failed(Stage::Tls, failure, Duration::ZERO)], ..OnlineAnswer::default() }
}

async fn connect(address: SocketAddr, timeout: Duration) -> Vec<Observation> {
    let (tcp, stream) = tcp::connect(address, timeout).await;
    match stream {
        Some(mut stream) => vec![tcp, rpc::bind(&mut stream, timeout).await],
        None => vec![tcp],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Host;

    #[test]
    fn a_job_that_waits_is_small() {
        let address = SocketAddr::from(([127, 0, 0, 1], 1688));
        let host = HostAddress { host: HostPort { host: Host::Address(address.ip().into()), port: 1688 }, address };
        let job = Job::Connect(host);
        let resolution = Resolution::default();
        let context = Context { resolution, denials: Denials::Final, trust: None, timeout: Duration::ZERO };
        // Ten thousand of them wait at once.
        let sizes = [size_of_val(&run(&job, &context, None)), size_of_val(&run_once(&job, &context, None))];
        assert!(sizes.iter().sum::<usize>() <= 3072, "{sizes:?} bytes");
    }
}
