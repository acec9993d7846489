//! What can be wrong with a path, and the verdict that it then must have. These are rows of the fault matrix, as far as
//! they can be switched while the daemon runs.

use super::listeners::Manner;
use super::nameservers::Answers;

/// What a path is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// KMS hosts that are named.
    Named,
    /// KMS hosts that two nameservers list; the last of their listeners is no host that is expected.
    Discovered,
    /// Two endpoints without TLS, asked directly.
    Direct,
    /// Two endpoints behind an HTTP proxy, which is the only listener.
    Proxied,
}

/// Which listeners of a path behave otherwise than they should.
#[derive(Debug, Clone, Copy)]
pub enum Targets {
    None,
    One(Manner),
    All(Manner),
    /// One half of them so, and the other so.
    Halves(Manner, Manner),
}

/// One thing that is wrong, and the verdict.
#[derive(Debug)]
pub struct Fault {
    pub kind: Kind,
    pub name: &'static str,
    pub targets: Targets,
    pub nameservers: [Answers; 2],
    pub verdict: &'static str,
}

/// The verdict where nothing is wrong.
pub const OK: &str = "ok - -";

const KNOW: [Answers; 2] = [Hosts; 2];

const fn targets(kind: Kind, name: &'static str, targets: Targets, verdict: &'static str) -> Fault {
    Fault { kind, name, targets, nameservers: KNOW, verdict }
}

const fn named(name: &'static str, at: Targets, verdict: &'static str) -> Fault {
    targets(Kind::Named, name, at, verdict)
}

const fn discovered(name: &'static str, first: Answers, second: Answers, verdict: &'static str) -> Fault {
    Fault { kind: Discovered, name, targets: Targets::None, nameservers: [first, second], verdict }
}

use Answers::{Fewer, HostNamesMissing, Hosts, More, NoRecords, NoSuchName, Others, Refuses as Denies, ServerFailure};
use Kind::{Direct, Discovered, Proxied};
use Manner::{
    Alternates, BadGateway, Closes, DemandsLogin, NotKms, RedirectsElsewhere, Refuses, Silent, Unavailable, WebServer,
};
use Targets::{All, Halves, One};

/// All that can be wrong.
pub const FAULTS: &[Fault] = &[
    named("one refuses", One(Refuses), "degraded tcp refused"),
    named("one is silent", One(Silent), "degraded rpc timed_out"),
    named("one closes", One(Closes), "degraded rpc closed"),
    named("one is a web server", One(WebServer), "degraded rpc not_rpc"),
    named("one is another RPC server", One(NotKms), "degraded rpc not_kms"),
    named("one of a load balancer's two is dead", One(Alternates), "degraded rpc intermittent"),
    named("all refuse", All(Refuses), "blocked tcp refused"),
    named("all are silent", All(Silent), "blocked rpc timed_out"),
    named("all close", All(Closes), "blocked rpc closed"),
    named("all are web servers", All(WebServer), "blocked rpc not_rpc"),
    named("all are other RPC servers", All(NotKms), "blocked rpc not_kms"),
    named("half refuse, half close", Halves(Refuses, Closes), "blocked rpc closed"),
    named("half are other RPC servers, half refuse", Halves(NotKms, Refuses), "blocked rpc not_kms"),
    discovered("no such name", NoSuchName, NoSuchName, "blocked srv nxdomain"),
    discovered("no records", NoRecords, NoRecords, "blocked srv no_records"),
    discovered("nameservers fail", ServerFailure, ServerFailure, "blocked srv server_failure"),
    discovered("nameservers are lame", Denies, Denies, "blocked srv server_failure"),
    discovered("nameservers are silent", Answers::Silent, Answers::Silent, "blocked srv timed_out"),
    discovered("one nameserver fails", Hosts, ServerFailure, "degraded srv server_failure"),
    discovered("one nameserver is lame", Denies, Hosts, "degraded srv server_failure"),
    discovered("one nameserver is unaware", Hosts, NoSuchName, "degraded srv nxdomain"),
    discovered("one nameserver is empty", NoRecords, Hosts, "degraded srv no_records"),
    discovered("one nameserver is silent", Hosts, Answers::Silent, "degraded srv timed_out"),
    discovered("DNS lists one more", More, More, "degraded srv unexpected_host"),
    discovered("DNS leaves one out", Fewer, Fewer, "degraded srv missing_host"),
    discovered("DNS lists none of the hosts", Others, Others, "degraded srv unexpected_host"),
    discovered("host names do not exist", HostNamesMissing, HostNamesMissing, "blocked address nxdomain"),
    targets(Discovered, "one refuses", One(Refuses), "degraded tcp refused"),
    targets(Discovered, "all refuse", All(Refuses), "blocked tcp refused"),
    targets(Discovered, "all are silent", All(Silent), "blocked rpc timed_out"),
    targets(Direct, "one refuses", One(Refuses), "degraded tcp refused"),
    targets(Direct, "one is unavailable", One(Unavailable), "degraded http server_failure"),
    targets(Direct, "all refuse", All(Refuses), "blocked tcp refused"),
    targets(Direct, "all are silent", All(Silent), "blocked http timed_out"),
    targets(Direct, "all close", All(Closes), "blocked http closed"),
    targets(Direct, "all are unavailable", All(Unavailable), "blocked http server_failure"),
    targets(Direct, "a captive portal", All(RedirectsElsewhere), "blocked http captive_portal"),
    targets(Direct, "a proxy that nobody named", All(DemandsLogin), "blocked http auth_required"),
    targets(Proxied, "the proxy refuses", All(Refuses), "blocked tcp proxy_refused"),
    targets(Proxied, "the proxy demands a login", All(DemandsLogin), "blocked proxy auth_required"),
    targets(Proxied, "the proxy reaches nobody", All(BadGateway), "blocked proxy proxy_bad_gateway"),
    targets(Proxied, "the proxy is silent", All(Silent), "blocked proxy timed_out"),
    targets(Proxied, "the proxy closes", All(Closes), "blocked proxy closed"),
];

/// What can be wrong with a path of this kind.
pub fn of(kind: Kind) -> Vec<&'static Fault> {
    FAULTS.iter().filter(|fault| fault.kind == kind).collect()
}
