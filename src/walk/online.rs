//! A walk to online endpoints: each of them over each proxy.

#[cfg(test)]
pub(crate) mod fixtures;

use super::{Change, Intermittent, OwnClock, Turn, Walked};
use crate::clock_report::ClockReport;
use crate::config::Damping;
use crate::findings::PathFindings;
use crate::observation::{Observation, Reason, Stage};
use crate::online::Online;
use crate::online::endpoint::{Endpoint, Role};
use crate::probe::Job;
use crate::probe::online::OnlineAnswer;
use crate::probe::online::tls::Session;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How long before its end a certificate is reported.
pub const ENDS_SOON: Duration = Duration::from_hours(720);

/// An endpoint as seen through one proxy, and what was found on the path to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The target by its name.
    pub name: Arc<str>,
    /// The endpoint and the proxy.
    pub target: Arc<crate::online::Target>,
    /// What was found.
    pub answer: Arc<OnlineAnswer>,
    /// That it fails now and then, where it does.
    pub intermittent: Option<Intermittent>,
}

impl Target {
    /// The stage that failed, if one did.
    pub fn failure(&self) -> Option<&Observation> {
        self.answer.stages.iter().find(|observation| !observation.is_ok())
    }

    pub fn endpoint(&self) -> &Endpoint {
        &self.target.endpoint
    }

    /// What Windows needs the endpoint for.
    pub fn role(&self) -> Role {
        self.target.endpoint.role
    }

    /// True where we got past a login because we said who we are, which Windows does not do when it activates.
    pub fn is_past_login(&self) -> bool {
        let is_about_login =
            |failure: &Observation| matches!(failure.reason, Some(Reason::AuthRequired | Reason::AuthRejected));
        !self.answer.demanded.is_empty() && !self.failure().is_some_and(is_about_login)
    }

    /// Where a client comes to a halt, and why: at the latest at a proxy that demands a login. `None` where it gets to
    /// the endpoint.
    pub fn fault(&self) -> Option<(Stage, Reason)> {
        let failed = self.failure().and_then(|failure| Some((failure.stage, failure.reason?)));
        let is_ours = failed.is_some_and(|(_, reason)| reason.is_local());
        if self.is_past_login() && !is_ours { Some((Stage::Proxy, Reason::AuthRequired)) } else { failed }
    }

    /// True where a client gets to the endpoint as well.
    pub fn works(&self) -> bool {
        self.fault().is_none()
    }

    /// How long the walk took so far.
    pub fn duration(&self) -> Duration {
        self.answer.stages.iter().map(|observation| observation.duration).sum()
    }

    /// What TLS was agreed on with the endpoint, where its certificate is believed.
    pub fn believed(&self) -> Option<&Session> {
        let passed = self.answer.stages.iter().any(|seen| seen.stage == Stage::Tls && seen.is_ok());
        self.answer.tls.as_ref().filter(|_| passed)
    }

    /// When the first certificate of the chain ends, where that is soon, seen from when it was shown.
    pub fn ends_soon(&self) -> Option<SystemTime> {
        self.is_soon(self.believed()?.ends)
    }

    /// The same for a proxy that is spoken to over TLS.
    pub fn proxy_ends_soon(&self) -> Option<SystemTime> {
        self.is_soon(self.answer.proxy_tls.as_ref()?.ends)
    }

    fn is_soon(&self, ends: SystemTime) -> Option<SystemTime> {
        let shown = self.answer.stages.last()?.observed_at;
        Some(ends).filter(|ends| *ends < shown + ENDS_SOON)
    }

    /// True where the two give the same verdict.
    fn weighs_alike(&self, other: &Self) -> bool {
        let validity = |target: &Self| {
            let session = |session: &Session| (session.begins, session.ends);
            (target.answer.tls.as_ref().map(session), target.answer.proxy_tls.as_ref().map(session))
        };
        let ending = |target: &Self| (target.ends_soon(), target.proxy_ends_soon());
        Observation::all_weigh_alike(&self.answer.stages, &other.answer.stages)
            && self.answer.demanded == other.answer.demanded
            && (validity(self), ending(self)) == (validity(other), ending(other))
            && (&self.target, self.intermittent) == (&other.target, other.intermittent)
    }

    /// What it has in common with the targets of every walk.
    pub fn walked(&self) -> Walked<'_> {
        Walked {
            target: self.name.to_string(),
            address: self.answer.address.map(|address| address.to_string()),
            stages: &self.answer.stages,
            works: self.works(),
        }
    }
}

/// All that was observed on an online path.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Walk {
    /// Endpoint by endpoint, each over all proxies, in the order of the configuration.
    pub targets: Vec<Target>,
    /// This machine's clock, where true time is known.
    pub own_clock: Option<OwnClock>,
}

/// The targets as a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix<'a> {
    /// The proxies, one to a column.
    pub proxies: Vec<&'a str>,
    /// The endpoints, one to a row.
    pub rows: Vec<Row<'a>>,
}

/// One endpoint, over every proxy.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    pub endpoint: &'a Endpoint,
    /// What was found over each proxy, in the order of the columns. `None` where nothing was yet.
    pub cells: Vec<Option<&'a Target>>,
}

/// A walk, and where its targets are.
#[derive(Debug)]
pub struct Layout {
    walk: Walk,
    places: HashMap<Arc<crate::online::Target>, usize>,
}

impl Layout {
    /// Lays everything out.
    pub fn new(online: &Online, findings: &PathFindings, clocks: &ClockReport, damping: Damping) -> Self {
        let targets: Vec<_> = online.targets.iter().filter_map(|target| laid_out(target, findings, damping)).collect();
        let places = (0..).zip(&targets).map(|(place, target)| (Arc::clone(&target.target), place)).collect();
        Self { walk: Walk { targets, own_clock: OwnClock::new(clocks) }, places }
    }

    pub const fn walk(&self) -> &Walk {
        &self.walk
    }

    /// Lays out what a job found at a target that is there already; `None` where it is not.
    pub fn update(
        &mut self,
        job: &Job,
        findings: &PathFindings,
        clocks: &ClockReport,
        damping: Damping,
    ) -> Option<Change> {
        self.walk.own_clock = OwnClock::new(clocks);
        let Job::Online(target) = job else { return Some(Change::default()) };
        let before = self.walk.targets.get_mut(*self.places.get(target)?)?;
        let after = laid_out(target, findings, damping)?;
        let is_weighty = !before.weighs_alike(&after);
        let turn = if is_weighty { Turn::between(&before.walked(), &after.walked()) } else { None };
        let change = Change { is_weighty, turns: turn.into_iter().collect() };
        *before = after;
        Some(change)
    }
}

fn laid_out(target: &Arc<crate::online::Target>, findings: &PathFindings, damping: Damping) -> Option<Target> {
    Some(Target {
        name: target.to_string().into(),
        target: Arc::clone(target),
        answer: Arc::clone(findings.online.get(target)?),
        intermittent: findings.intermittent(&Job::Online(Arc::clone(target)), damping),
    })
}

impl Walk {
    /// The targets of each endpoint, one to a proxy.
    pub fn by_endpoint(&self) -> impl Iterator<Item = &[Target]> {
        self.targets.chunk_by(|one, other| one.endpoint() == other.endpoint())
    }

    /// Endpoints down, proxies across.
    pub fn matrix(&self) -> Matrix<'_> {
        let mut proxies: Vec<&str> = Vec::new();
        for target in &self.targets {
            if !proxies.contains(&target.target.proxy.as_ref()) {
                proxies.push(&target.target.proxy);
            }
        }
        let mut rows: Vec<Row<'_>> = Vec::new();
        for targets in self.by_endpoint() {
            let over = |proxy: &&str| targets.iter().find(|target| target.target.proxy.as_ref() == *proxy);
            let endpoint = targets.first().map(Target::endpoint);
            rows.extend(endpoint.map(|endpoint| Row { endpoint, cells: proxies.iter().map(over).collect() }));
        }
        Matrix { proxies, rows }
    }
}
