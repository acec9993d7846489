//! What is wrong on a path to online endpoints, as clauses of a sentence.

use super::kms::though;
use super::names;
use crate::observation::{Reason, Stage};
use crate::online::endpoint::{Role, Weight};
use crate::verdict::subject::{CertificateClock, Certificates, Endpoints, Extent, Lookup, OwnClock, PastLogin, Proxy};
use crate::words::day;
use std::time::SystemTime;

/// Our own clock, by which certificates are judged, and which is wrong.
pub(super) fn own_clock(clock: &OwnClock) -> String {
    clock.comparison.describe("") + &though(clock.supporter.as_deref())
}

/// Endpoints that cannot be reached, or asked.
pub(super) fn endpoints(stage: Stage, reason: Reason, of: &Endpoints) -> String {
    about(of, || match stage {
        Stage::Tcp => connection(reason, of, &names::endpoints(of), of.only().is_some()),
        Stage::Tls => tls(reason, of),
        _ => http(reason, of),
    })
}

/// A name that cannot be looked up.
pub(super) fn lookup(reason: Reason, lookup: &Lookup) -> String {
    about(&lookup.endpoints, || {
        let proxy = lookup.proxy().map(names::proxy);
        let is_one = proxy.is_some() || lookup.endpoints.only().is_some();
        let whose = proxy.unwrap_or_else(|| names::endpoints(&lookup.endpoints));
        match (reason, is_one) {
            (Reason::Nxdomain, true) => format!("the host name in {whose} does not exist"),
            (Reason::Nxdomain, false) => format!("the host names in {whose} do not exist"),
            (Reason::NoRecords, true) => format!("the host name in {whose} has no address"),
            (Reason::NoRecords, false) => format!("the host names in {whose} have no address"),
            _ => format!("the address of {whose} cannot be looked up"),
        }
    })
}

/// A proxy that cannot be reached, or does not let a client through.
pub(super) fn proxy(stage: Stage, reason: Reason, proxy: &Proxy) -> String {
    about(&proxy.endpoints, || {
        let url = proxy.endpoints.proxy().map(ToString::to_string).unwrap_or_default();
        match stage {
            Stage::Tcp => connection(reason, &proxy.endpoints, &format!("proxy {url}"), true),
            _ => passage(reason, &url, proxy),
        }
    })
}

/// Certificates that end, or are not valid.
pub(super) fn certificates(stage: Stage, reason: Reason, of: &Certificates) -> String {
    about(&of.endpoints, || match stage {
        Stage::Proxy => proxy_certificate(reason, of),
        _ => endpoint_certificate(reason, of),
    })
}

/// A clause about endpoints, and what they are there for, where nobody is activated there, or no other replaces them.
fn about(endpoints: &Endpoints, clause: impl FnOnce() -> String) -> String {
    let clause = match &endpoints.extent {
        Extent::Every(failures) => out_of_reach(endpoints, failures),
        Extent::One | Extent::Any => clause(),
    };
    let is_vital = endpoints.only().is_some_and(|only| only.weight == Weight::Vital);
    match (endpoints.is_essential(), endpoints.role()) {
        (true, _) if is_vital => format!("{clause} (no other endpoint stands in for it)"),
        (true, _) => clause,
        (false, Role::Revocation) => format!("{clause} (revocation lists are there)"),
        (false, _) => format!("{clause} (validation is done there)"),
    }
}

/// Endpoints that fail over every proxy, and how.
fn out_of_reach(endpoints: &Endpoints, failures: &[(Stage, Reason)]) -> String {
    let failures: Vec<_> = failures.iter().map(|(stage, reason)| format!("{stage} {reason}")).collect();
    let (whom, failures) = (names::endpoints(endpoints), failures.join(", "));
    let seen = match &*endpoints.detail {
        "" => String::new(),
        detail => format!(": {detail}"),
    };
    format!("no way that leads to others leads to {whom} ({failures}){seen}")
}

/// A connection that is not made.
fn connection(reason: Reason, endpoints: &Endpoints, whom: &str, is_one: bool) -> String {
    let detail = &endpoints.detail;
    match reason {
        Reason::Refused | Reason::ProxyRefused if is_one => format!("{whom} refuses connections"),
        Reason::Refused | Reason::ProxyRefused => format!("{whom} refuse connections"),
        Reason::TimedOut => format!("no connection to {whom} is answered"),
        Reason::Unreachable => format!("there is no way to {whom}: {detail}"),
        _ => format!("connecting to {whom} fails: {detail}"),
    }
}

/// A proxy called `url` that takes the connection, and does not let a client through.
fn passage(reason: Reason, url: &str, proxy: &Proxy) -> String {
    let (what, detail) = (names::endpoints(&proxy.endpoints), &proxy.endpoints.detail);
    match reason {
        Reason::AuthRequired => login(url, &what, proxy),
        Reason::AuthRejected => {
            format!("proxy {url} does not take the credentials given here, and Windows gives none when it activates")
        }
        Reason::ForbiddenByProxy => format!("proxy {url} forbids the way to {what}"),
        Reason::ProxyBadGateway => format!("proxy {url} cannot reach {what}"),
        Reason::ProxyNotAProxy => format!("what answers at {url} is no such proxy"),
        Reason::CaptivePortal => format!("{url} leads to a page of its own in place of {what}"),
        Reason::TimedOut => format!("proxy {url} takes the connection and does not say whether {what} can be reached"),
        Reason::Closed => format!("proxy {url} closes the connection instead of answering"),
        _ => format!("proxy {url} does not open the way to {what}: {detail}"),
    }
}

/// A login that a proxy demands, and what lies beyond it.
fn login(url: &str, what: &str, proxy: &Proxy) -> String {
    let demands = proxy.demands.join(", ");
    let demanded =
        format!("proxy {url} demands credentials ({demands}), and Windows does not get past that when it activates");
    match &proxy.beyond {
        Some(PastLogin::Failed(seen)) => format!("{demanded}; beyond it, with the credentials given here: {seen}"),
        Some(PastLogin::Reached) => format!("{demanded}; with the credentials given here, {what} can be reached"),
        None => demanded,
    }
}

fn proxy_certificate(reason: Reason, of: &Certificates) -> String {
    let proxy = of.endpoints.proxy().map(ToString::to_string).unwrap_or_default();
    let clock = match of.clock {
        CertificateClock::Wrong(own) | CertificateClock::Blamed(own) => format!("; and {}", own.describe("")),
        CertificateClock::Unknown | CertificateClock::Right => String::new(),
    };
    match reason {
        Reason::Expiring => format!("the certificate of proxy {proxy} ends on {}", day_of(of.ends)),
        _ => format!("the certificate of proxy {proxy} is not valid: {}{clock}", of.endpoints.detail),
    }
}

fn endpoint_certificate(reason: Reason, of: &Certificates) -> String {
    let what = names::endpoints_through(&of.endpoints);
    let by_our_clock = match of.clock {
        CertificateClock::Blamed(own) => format!(" only because {}", own.describe("")),
        CertificateClock::Unknown | CertificateClock::Right | CertificateClock::Wrong(_) => String::new(),
    };
    match (reason, of.endpoints.extent == Extent::Any) {
        (Reason::Expiring, _) => format!("a certificate of {what} ends on {}", day_of(of.ends)),
        (Reason::NotYetValid, true) => format!("by true time the certificate of {what} is not valid yet"),
        (Reason::NotYetValid, false) => format!("the certificate of {what} is not valid yet{by_our_clock}"),
        (_, true) => format!("by true time the certificate of {what} has expired"),
        (_, false) => format!("the certificate of {what} has expired{by_our_clock}"),
    }
}

fn day_of(moment: Option<SystemTime>) -> String {
    moment.map(day).unwrap_or_default()
}

/// A handshake that fails, or certificates that are not believed.
fn tls(reason: Reason, of: &Endpoints) -> String {
    let (what, detail) = (names::endpoints_through(of), &of.detail);
    match reason {
        Reason::Intercepted => format!("TLS to {what} is intercepted: {detail}"),
        Reason::Untrusted => format!("the certificate of {what} is not trusted: {detail}"),
        Reason::NameMismatch => format!("the certificate of {what} is for another name"),
        Reason::TlsVersion => format!("{what} and this machine have no version or cipher of TLS in common"),
        Reason::ResetInHandshake => format!("the connection to {what} is reset in the middle of the TLS handshake"),
        Reason::TimedOut => format!("the TLS handshake with {what} does not come to an end"),
        Reason::NotTls => format!("what answers at {what} does not speak TLS"),
        _ => format!("the TLS handshake with {what} fails: {detail}"),
    }
}

/// An endpoint that is reached, and does not answer as it should.
fn http(reason: Reason, of: &Endpoints) -> String {
    let (what, detail) = (names::endpoints_through(of), &of.detail);
    match reason {
        Reason::CaptivePortal => format!("something else answers in place of {what}: {detail}"),
        Reason::TimedOut => format!("no whole answer comes from {what}"),
        Reason::NotHttp => format!("what answers at {what} does not speak HTTP"),
        Reason::AuthRequired => format!("a proxy that nobody named demands credentials on the way to {what}"),
        _ => format!("{what} cannot be asked: {detail}"),
    }
}
