//! Our probes as the monitor runs them, in this process and without it.

use crate::pace::{Pace, processor_time};
use gracewatch::host::{Host, HostPort};
use gracewatch::observation::Observation;
use gracewatch::path::Resolution;
use gracewatch::probe::address::Denials;
use gracewatch::probe::{self, Context, Finding, HostAddress, Job, SrvLookup};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The processor time of one job, with the jobs in turn. Each must pass.
pub(crate) fn run_at(pace: Pace, jobs: Vec<Job>, nameserver: Option<SocketAddr>) -> Duration {
    let resolution = Resolution { nameservers: nameserver.into_iter().collect(), ..Resolution::default() };
    let context =
        Arc::new(Context { resolution, denials: Denials::Final, trust: None, timeout: Duration::from_secs(5) });
    let jobs: Arc<[Job]> = jobs.into();
    processor_time(pace, |number| {
        let (jobs, context) = (Arc::clone(&jobs), Arc::clone(&context));
        async move {
            let job = &jobs[number % jobs.len()];
            let finding: Finding = probe::run(job, &context, None).await;
            let stages = finding.observations();
            assert!(stages.iter().all(Observation::is_ok), "{job}: {stages:?}");
        }
    })
}

/// A connection to each of the addresses.
pub(crate) fn connections(addresses: &[SocketAddr]) -> Vec<Job> {
    let job = |address: &SocketAddr| {
        let host = HostPort { host: Host::Address(address.ip().into()), port: address.port() };
        Job::Connect(HostAddress { host, address: *address })
    };
    addresses.iter().map(job).collect()
}

/// A lookup of the SRV records of so many domains.
pub(crate) fn srv_lookups(count: usize, nameserver: SocketAddr) -> Vec<Job> {
    let job = |number| {
        let domain = format!("site{number}.corp.example").parse().expect("a name");
        Job::Srv(SrvLookup { domain, nameserver })
    };
    (0..count).map(job).collect()
}

/// A lookup of the addresses of so many hosts.
pub(crate) fn address_lookups(count: usize) -> Vec<Job> {
    let host = |number| HostPort::parse(&format!("kms{number}.corp.example"), 1688).expect("a host");
    (0..count).map(|number| Job::Address(host(number))).collect()
}
