//! What is wrong on a path to online endpoints, as clauses of a sentence.

use super::{NAMED, Words, clocks, details, kms, names, say};
use crate::observation::{Reason, Stage};
use crate::online::endpoint::{Role, Weight};
use crate::verdict::subject::{CertificateClock, Certificates, Endpoints, Extent, Lookup, OwnClock, Proxy};
use crate::words::day;

/// What was seen is quoted up to so many words: what is longer is shown with the walk.
const QUOTED: usize = 6;

/// Our own clock, by which certificates are judged, and which is wrong.
pub(super) fn own_clock(words: Words, clock: &OwnClock) -> String {
    kms::doubted_clock(words, clock)
}

/// Endpoints that cannot be reached, or asked.
pub(super) fn endpoints(words: Words, stage: Stage, reason: Reason, of: &Endpoints) -> String {
    about(words, of, || match stage {
        Stage::Tcp => connection(words, reason, of, names::endpoints(words, of), of.endpoints.len()),
        Stage::Tls => {
            let names = names::endpoints_through(words, of);
            let statement = say!(words, "tls-problem", reason = reason.as_str(), names = names);
            let is_complete = matches!(
                reason,
                Reason::NameMismatch
                    | Reason::TlsVersion
                    | Reason::ResetInHandshake
                    | Reason::TimedOut
                    | Reason::NotTls
                    | Reason::IncompleteChain
                    | Reason::WeakSignature
                    | Reason::WeakKey
                    | Reason::CertificateRequired
            );
            if is_complete { statement } else { quoting(words, statement, of) }
        }
        _ => {
            let names = names::endpoints_through(words, of);
            let statement = say!(words, "http-problem", reason = reason.as_str(), names = names);
            let is_complete = matches!(
                reason,
                Reason::TimedOut | Reason::NotHttp | Reason::AuthRequired | Reason::CertificateRequired
            );
            if is_complete { statement } else { quoting(words, statement, of) }
        }
    })
}

/// A name that cannot be looked up.
pub(super) fn lookup(words: Words, reason: Reason, lookup: &Lookup) -> String {
    about(words, &lookup.endpoints, || {
        if let Some(alias) = lookup.alias_of.as_deref() {
            let host = lookup.name.to_string();
            return say!(words, "host-alias", host = host, alias = alias, reason = reason.as_str());
        }
        let (names, count) = match lookup.proxy() {
            Some(proxy) => (say!(words, "proxy", proxy = proxy.to_string()), 1),
            None => (names::endpoints(words, &lookup.endpoints), lookup.endpoints.endpoints.len()),
        };
        say!(words, "lookup-problem", reason = reason.as_str(), names = names, count = count)
    })
}

/// A proxy that cannot be reached, or does not let a client through.
pub(super) fn proxy(words: Words, stage: Stage, reason: Reason, proxy: &Proxy) -> String {
    let of = &proxy.endpoints;
    about(words, of, || {
        let url = of.proxy().map(ToString::to_string).unwrap_or_default();
        if stage == Stage::Tcp {
            return connection(words, reason, of, say!(words, "proxy", proxy = url), 1);
        }
        let statement = say!(
            words,
            "passage-problem",
            reason = reason.as_str(),
            proxy = url,
            demands = names::joined(words, &*proxy.demands),
            names = names::endpoints(words, of),
        );
        let is_complete = matches!(
            reason,
            Reason::AuthRequired
                | Reason::AuthRejected
                | Reason::ForbiddenByProxy
                | Reason::ProxyBadGateway
                | Reason::ProxyNotAProxy
                | Reason::CaptivePortal
                | Reason::TimedOut
                | Reason::Closed
        );
        if is_complete { statement } else { quoting(words, statement, of) }
    })
}

/// Certificates that end, or are not valid.
pub(super) fn certificates(words: Words, stage: Stage, reason: Reason, of: &Certificates) -> String {
    let day = of.ends.map(day).unwrap_or_default();
    about(words, &of.endpoints, || {
        if stage == Stage::Proxy {
            let proxy = of.endpoints.proxy().map(ToString::to_string).unwrap_or_default();
            let statement =
                say!(words, "proxy-certificate-problem", reason = reason.as_str(), proxy = proxy, day = day);
            return if reason == Reason::Expiring { statement } else { quoting(words, statement, &of.endpoints) };
        }
        let (judge, offset) = match of.clock {
            _ if of.endpoints.extent == Extent::Any => ("true_time", String::new()),
            CertificateClock::Blamed(own) => ("own_clock", clocks::own(words, &own)),
            _ => ("clock", String::new()),
        };
        // Where it is our clock that is wrong, the proxy has nothing to do with it.
        let names = match judge {
            "own_clock" => names::endpoints(words, &of.endpoints),
            _ => names::endpoints_through(words, &of.endpoints),
        };
        let reason = reason.as_str();
        say!(words, "certificate-problem", reason = reason, judge = judge, offset = offset, names = names, day = day)
    })
}

/// A clause about endpoints, and what they are there for, where nobody is activated there, or no other replaces them.
fn about(words: Words, endpoints: &Endpoints, clause: impl FnOnce() -> String) -> String {
    let statement = match &endpoints.extent {
        // That is long enough.
        Extent::Every(failures) => return out_of_reach(words, endpoints, failures),
        Extent::One | Extent::Any => clause(),
    };
    let is_vital = endpoints.only().is_some_and(|only| only.weight == Weight::Vital);
    let role = match (endpoints.is_essential(), endpoints.role()) {
        (true, _) if is_vital => "vital",
        (true, _) => return statement,
        (false, Role::Revocation) => "revocation",
        (false, _) => "validation",
    };
    say!(words, "for-role", role = role, statement = statement)
}

/// Endpoints that fail over every proxy, and how.
fn out_of_reach(words: Words, endpoints: &Endpoints, failures: &[(Stage, Reason)]) -> String {
    let (names, count) = (names::endpoints(words, endpoints), endpoints.endpoints.len());
    let failures = failures.iter().take(NAMED).map(|(stage, reason)| format!("{stage} {reason}"));
    say!(words, "out-of-reach", names = names, count = count, failures = names::joined(words, failures))
}

/// A connection that is not made.
fn connection(words: Words, reason: Reason, endpoints: &Endpoints, names: String, count: usize) -> String {
    let (reason, is_complete) = match reason {
        Reason::Refused | Reason::ProxyRefused => ("refused", true),
        Reason::TimedOut => (reason.as_str(), true),
        _ => (reason.as_str(), false),
    };
    let statement = say!(words, "connection-problem", reason = reason, names = names, count = count);
    if is_complete { statement } else { quoting(words, statement, endpoints) }
}

/// A statement with what was seen, where that is short and of one endpoint.
fn quoting(words: Words, statement: String, of: &Endpoints) -> String {
    if !of.only().is_some_and(|only| only.role.is_essential() && only.weight != Weight::Vital) {
        return statement;
    }
    // What is short is so in every language, also where no spaces part the words.
    let in_english = details::detail(Words::ENGLISH, &of.detail);
    if !(1..=QUOTED).contains(&in_english.split_whitespace().count()) {
        return statement;
    }
    say!(words, "evidence", statement = statement, detail = details::detail(words, &of.detail))
}
