//! Targets of online walks, for tests.

use super::Target;
use crate::observation::{Failure, Observation, Reason, Stage};
use crate::online::endpoint::{Endpoint, Role};
use crate::online::proxy::Proxy;
use crate::online::{self, DIRECT, Route};
use crate::probe::online::OnlineAnswer;
use crate::probe::online::certificate::{Certificate, Traits};
use crate::probe::online::tls::Session;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) const PROXY: &str = "http://proxy.corp.example:3128";
pub(crate) const GATEWAY: &str = "socks5://gw.corp.example:1080";

fn stage(stage: Stage, outcome: Result<&'static str, (Reason, &'static str)>) -> Observation {
    let outcome = outcome.map_err(|(reason, detail)| Failure::new(reason, detail));
    Observation::new(stage, outcome, Duration::from_millis(1))
}

/// An endpoint over a proxy, whose walk ends at `last` for `reason`; through all stages where there is none.
pub(crate) fn target(url: &str, role: Role, proxy: &str, failed: Option<(Stage, Reason)>) -> Target {
    let route = match proxy {
        DIRECT => Route::Direct,
        url => Route::Through(Arc::new(Proxy::parse(url).unwrap())),
    };
    let stages = [Stage::Address, Stage::Tcp, Stage::Proxy, Stage::Tls, Stage::Http].into_iter();
    let stages = stages.filter(|stage| *stage != Stage::Proxy || route.proxy().is_some());
    let last = failed.map_or(Stage::Http, |(stage, _)| stage);
    let mut walked: Vec<_> = stages.filter(|stage| *stage < last).map(|passed| stage(passed, Ok(""))).collect();
    walked.push(match failed {
        Some((failed, reason)) => stage(failed, Err((reason, "what was seen"))),
        None => stage(last, Ok("")),
    });
    let endpoint = Arc::new(Endpoint::parse(url, role, false).unwrap());
    let target = Arc::new(online::Target { endpoint, proxy: proxy.into(), route });
    let answer = OnlineAnswer { stages: walked, ..OnlineAnswer::default() };
    Target { name: target.to_string().into(), target, answer: Arc::new(answer), intermittent: None }
}

/// The same, behind a proxy that demands a login.
pub(crate) fn demanding(target: Target, schemes: &[&str]) -> Target {
    let mut answer = (*target.answer).clone();
    answer.demanded = schemes.iter().map(ToString::to_string).collect();
    Target { answer: Arc::new(answer), ..target }
}

/// A certificate of a name, valid between two moments.
pub(crate) fn certificate(name: &str, not_before: SystemTime, not_after: SystemTime) -> Certificate {
    Certificate {
        subject: format!("CN={name}"),
        issuer: "CN=root".into(),
        names: vec![name.into(), "b.example".into()],
        common_name: None,
        sha256: format!("{name} in hexadecimal"),
        not_before,
        not_after,
        issuer_der: Vec::new(),
        traits: Traits::default(),
    }
}

/// What an endpoint showed whose own certificate is valid between two moments.
pub(crate) fn session(begins: SystemTime, ends: SystemTime) -> Session {
    let certificates = vec![certificate("a.example", begins, ends)];
    let (version, cipher) = ("TLS 1.3", "TLS_AES_256_GCM_SHA384".into());
    Session { version, cipher, certificates, ends, begins, demands_certificate: false }
}

/// The same target, where the endpoint showed this.
pub(crate) fn showing(target: Target, session: Session) -> Target {
    let answer = OnlineAnswer { tls: Some(session), ..(*target.answer).clone() };
    Target { answer: Arc::new(answer), ..target }
}

/// The same, with a certificate that ends so many days after it was shown.
pub(crate) fn ending_in(target: Target, days: u64) -> Target {
    showing(target, session(UNIX_EPOCH, SystemTime::now() + Duration::from_secs(days * 86_400)))
}
