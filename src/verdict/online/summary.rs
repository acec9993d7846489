//! The one sentence that says what is broken on an online path.

use super::{Extent, Problem, is_clock_to_blame, own_clock_is_off, ways};
use crate::host::Host;
use crate::observation::{Reason, Stage};
use crate::online::endpoint::{Role, Weight};
use crate::verdict::TOLD;
use crate::walk::online::{Target, Walk};
use crate::words::{counted, day};
use std::collections::BTreeSet;

pub(super) fn ok(name: &str, walk: &Walk) -> String {
    let matrix = walk.matrix();
    let (whom, verb) = match matrix.rows.as_slice() {
        [only] => (only.endpoint.to_string(), "answers"),
        rows => (format!("all {}", counted(rows.len(), "endpoint")), "answer"),
    };
    match matrix.proxies.as_slice() {
        [_] => format!("Path {name} works: {whom} {verb}"),
        proxies if proxies.len() <= TOLD => format!("Path {name} works: {whom} {verb} over {}", proxies.join(", ")),
        proxies => format!("Path {name} works: {whom} {verb} over each of {} proxies", proxies.len()),
    }
}

pub(super) fn degraded(name: &str, walk: &Walk, problems: &[Problem<'_>]) -> String {
    let (working, all) = (walk.targets.iter().filter(|target| target.works()).count(), walk.targets.len());
    let is_spared = working < all && !problems.iter().any(Problem::is_essential);
    match (working < all, is_spared) {
        (true, true) => format!("Path {name} works, and activation is not lost"),
        (true, false) => format!("Path {name} works through {working} of {}", counted(all, "target")),
        (false, _) => format!("Path {name} works"),
    }
}

pub(super) fn blocked(name: &str, walk: &Walk, blamed: Option<&Problem<'_>>, lost: &[Role]) -> String {
    match blamed {
        Some(problem) => format!("Path {name} is blocked{} at {}", whom(lost, walk), problem.stage),
        None => format!("Path {name} is blocked: it has no endpoint"),
    }
}

/// What else keeps from the same as the first of the problems: to mend that alone may not help.
pub(super) fn besides(walk: &Walk, problems: &[Problem<'_>], lost: &[Role]) -> Vec<String> {
    let others = problems.iter().skip(1).filter(|other| other.concerns(lost));
    let mut besides: Vec<_> = others.clone().take(TOLD - 1).map(|other| clause(other, walk)).collect();
    if let Some(rest) = others.count().checked_sub(TOLD - 1).filter(|rest| *rest > 0) {
        besides.push(format!("{rest} more"));
    }
    besides
}

/// Who is shut out, where it is not everyone that the path is for.
fn whom(lost: &[Role], walk: &Walk) -> &'static str {
    let is_all =
        walk.targets.iter().filter(|target| target.role().is_essential()).all(|target| lost.contains(&target.role()));
    match lost {
        [Role::Activation] if !is_all => " for MAK and retail keys",
        [Role::Licensing] if !is_all => " for digital and subscription licenses",
        _ => "",
    }
}

/// A problem as a clause that can stand in a sentence.
pub(super) fn clause(problem: &Problem<'_>, walk: &Walk) -> String {
    let Some(target) = problem.targets.first() else { return own_clock(walk).unwrap_or_default() };
    let said = match problem.stage {
        _ if problem.extent == Extent::EveryProxy => out_of_reach(problem, target),
        Stage::Address => address_clause(problem, target),
        Stage::Tcp => tcp_clause(problem, target),
        Stage::Proxy => proxy_clause(problem, target, walk),
        Stage::Tls => tls_clause(problem, target, walk),
        _ => http_clause(problem, target),
    };
    let is_vital = endpoint_count(problem) == 1 && target.endpoint().weight == Weight::Vital;
    match (problem.is_essential(), target.role()) {
        (true, _) if is_vital => format!("{said} (no other endpoint stands in for it)"),
        (true, _) => said,
        (false, Role::Revocation) => format!("{said} (revocation lists are there)"),
        (false, _) => format!("{said} (validation is done there)"),
    }
}

/// Endpoints that fail over every proxy, and how.
fn out_of_reach(problem: &Problem<'_>, target: &Target) -> String {
    let told: Vec<_> = ways(&problem.targets).iter().map(|(stage, reason)| format!("{stage} {reason}")).collect();
    let whom = endpoints(problem);
    let seen = match detail(target) {
        "" => String::new(),
        detail => format!(": {detail}"),
    };
    format!("no way that leads to others leads to {whom} ({}){seen}", told.join(", "))
}

fn address_clause(problem: &Problem<'_>, target: &Target) -> String {
    let proxy = proxy_in_question(target);
    let is_one = proxy.is_some() || endpoint_count(problem) == 1;
    let (names, do_not, have) = if is_one { ("name in", "does not", "has") } else { ("names in", "do not", "have") };
    let whose = proxy.unwrap_or_else(|| endpoints(problem));
    match problem.reason {
        Reason::Nxdomain => format!("the host {names} {whose} {do_not} exist"),
        Reason::NoRecords => format!("the host {names} {whose} {have} no address"),
        _ => format!("the address of {whose} cannot be looked up"),
    }
}

/// The proxy, where it is its own name that could not be looked up.
fn proxy_in_question(target: &Target) -> Option<String> {
    let proxy = target.target.route.proxy()?;
    let Host::Name(name) = &proxy.host.host else { return None };
    let detail = &target.failure()?.detail;
    detail.starts_with(&format!("{name}: ")).then(|| format!("proxy {proxy}"))
}

fn tcp_clause(problem: &Problem<'_>, target: &Target) -> String {
    let whom = match target.target.route.proxy() {
        Some(proxy) => format!("proxy {proxy}"),
        None => endpoints(problem),
    };
    match problem.reason {
        Reason::Refused | Reason::ProxyRefused => refuse(&whom, problem, target),
        Reason::TimedOut => format!("no connection to {whom} is answered"),
        Reason::Unreachable => format!("there is no way to {whom}: {}", detail(target)),
        Reason::NoRoute => format!("this machine has no route to {whom}"),
        _ => format!("connecting to {whom} fails: {}", detail(target)),
    }
}

/// `proxy P refuses connections`, `3 endpoints refuse connections`.
fn refuse(whom: &str, problem: &Problem<'_>, target: &Target) -> String {
    let is_one = target.target.route.proxy().is_some() || endpoint_count(problem) == 1;
    format!("{whom} {} connections", if is_one { "refuses" } else { "refuse" })
}

fn proxy_clause(problem: &Problem<'_>, target: &Target, walk: &Walk) -> String {
    let proxy = target.target.route.proxy().map(ToString::to_string).unwrap_or_default();
    let what = endpoints(problem);
    match problem.reason {
        Reason::AuthRequired => {
            let demanded = target.answer.demanded.join(", ");
            let said = format!(
                "proxy {proxy} demands credentials ({demanded}), and Windows does not get past that when it activates"
            );
            match target.failure().filter(|_| target.is_past_login()) {
                Some(beyond) => format!("{said}; beyond it, with the credentials given here: {}", beyond.detail),
                None if target.is_past_login() => {
                    format!("{said}; with the credentials given here, {what} can be reached")
                }
                None => said,
            }
        }
        Reason::AuthRejected => {
            format!("proxy {proxy} does not take the credentials given here, and Windows gives none when it activates")
        }
        Reason::ForbiddenByProxy => format!("proxy {proxy} forbids the way to {what}"),
        Reason::ProxyBadGateway => format!("proxy {proxy} cannot reach {what}"),
        Reason::ProxyNotAProxy => format!("what answers at {proxy} is no such proxy"),
        Reason::CaptivePortal => format!("{proxy} leads to a page of its own in place of {what}"),
        Reason::TimedOut => {
            format!("proxy {proxy} takes the connection and does not say whether {what} can be reached")
        }
        Reason::Closed => format!("proxy {proxy} closes the connection instead of answering"),
        Reason::Expiring => {
            let ends = problem.targets.iter().filter_map(|target| target.proxy_ends_soon()).min();
            format!("the certificate of proxy {proxy} ends on {}", ends.map(day).unwrap_or_default())
        }
        Reason::Expired | Reason::NotYetValid => {
            let clock = own_clock(walk).map(|said| format!("; and {said}")).unwrap_or_default();
            format!("the certificate of proxy {proxy} is not valid: {}{clock}", detail(target))
        }
        _ => format!("proxy {proxy} does not open the way to {what}: {}", detail(target)),
    }
}

fn tls_clause(problem: &Problem<'_>, target: &Target, walk: &Walk) -> String {
    let what = format!("{}{}", endpoints(problem), through(problem, target));
    let by_our_clock = || {
        let clock = own_clock(walk).filter(|_| is_clock_to_blame(target, walk));
        clock.map(|said| format!(" only because {said}")).unwrap_or_default()
    };
    match problem.reason {
        Reason::Expired if problem.extent == Extent::AnyProxy => {
            format!("by true time the certificate of {what} has expired")
        }
        Reason::NotYetValid if problem.extent == Extent::AnyProxy => {
            format!("by true time the certificate of {what} is not valid yet")
        }
        Reason::Intercepted => format!("TLS to {what} is intercepted: {}", detail(target)),
        Reason::Untrusted => format!("the certificate of {what} is not trusted: {}", detail(target)),
        Reason::Expired => format!("the certificate of {what} has expired{}", by_our_clock()),
        Reason::NotYetValid => format!("the certificate of {what} is not valid yet{}", by_our_clock()),
        Reason::NameMismatch => format!("the certificate of {what} is for another name"),
        Reason::Expiring => {
            let ends = problem.targets.iter().filter_map(|target| target.ends_soon()).min();
            format!("a certificate of {what} ends on {}", ends.map(day).unwrap_or_default())
        }
        Reason::TlsVersion => format!("{what} and this machine have no version or cipher of TLS in common"),
        Reason::ResetInHandshake => format!("the connection to {what} is reset in the middle of the TLS handshake"),
        Reason::TimedOut => format!("the TLS handshake with {what} does not come to an end"),
        Reason::NotTls => format!("what answers at {what} does not speak TLS"),
        _ => format!("the TLS handshake with {what} fails: {}", detail(target)),
    }
}

fn http_clause(problem: &Problem<'_>, target: &Target) -> String {
    let what = format!("{}{}", endpoints(problem), through(problem, target));
    match problem.reason {
        Reason::CaptivePortal => format!("something else answers in place of {what}: {}", detail(target)),
        Reason::TimedOut => format!("no whole answer comes from {what}"),
        Reason::NotHttp => format!("what answers at {what} does not speak HTTP"),
        Reason::AuthRequired => format!("a proxy that nobody named demands credentials on the way to {what}"),
        _ => format!("{what} cannot be asked: {}", detail(target)),
    }
}

/// The endpoints of a problem: the only one by name, several by how many there are.
fn endpoints(problem: &Problem<'_>) -> String {
    match (endpoint_count(problem), problem.targets.first()) {
        (1, Some(only)) => only.endpoint().to_string(),
        (count, _) => counted(count, "endpoint"),
    }
}

fn endpoint_count(problem: &Problem<'_>) -> usize {
    problem.targets.iter().map(|target| target.endpoint()).collect::<BTreeSet<_>>().len()
}

/// The proxy that an endpoint is seen through, as an addition to it.
fn through(problem: &Problem<'_>, target: &Target) -> String {
    if problem.extent == Extent::AnyProxy {
        return String::new();
    }
    target.target.route.proxy().map(|proxy| format!(" through {proxy}")).unwrap_or_default()
}

fn detail(target: &Target) -> &str {
    target.failure().map(|failure| failure.detail.as_ref()).unwrap_or_default()
}

/// Our own clock in words, where it is wrong.
fn own_clock(walk: &Walk) -> Option<String> {
    own_clock_is_off(walk).map(|comparison| comparison.describe(""))
}
