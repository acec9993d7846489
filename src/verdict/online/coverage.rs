//! How much of an online path works, in figures.

use super::{Problem, is_measured};
use crate::online::endpoint::Role;
use crate::verdict::{Coverage, Loss};
use crate::walk::online::{Target, Walk};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How much of a path works on which these problems were found, and these roles lost.
pub(super) fn coverage(walk: &Walk, problems: &[Problem<'_>], lost_roles: &[Role]) -> Coverage {
    let endpoints = walk.by_endpoint().count();
    let only = walk.targets.first().filter(|_| endpoints == 1).map(|target| Arc::clone(&target.target.endpoint));
    let working = walk.targets.iter().filter(|target| target.works()).count();
    let measured = walk.targets.iter().filter(|target| is_measured(target)).count();
    let loss = if lost_roles.is_empty() { loss_of(problems) } else { loss_with(lost_roles, walk) };
    Coverage::Online { working, measured, only, endpoints, proxies: proxies(walk).into(), loss }
}

/// The proxies of a walk, in the order of the configuration.
fn proxies(walk: &Walk) -> Vec<Arc<str>> {
    let mut seen = BTreeSet::new();
    let first = walk.targets.iter().filter(|target| seen.insert(target.target.proxy.as_ref()));
    first.map(|target| Arc::clone(&target.target.proxy)).collect()
}

/// What is lost where each role is still served.
fn loss_of(problems: &[Problem<'_>]) -> Loss {
    if problems.iter().any(Problem::is_essential) { Loss::Redundancy } else { Loss::None }
}

/// What is lost with these roles: who is shut out, where it is not everyone that the path is for.
fn loss_with(lost: &[Role], walk: &Walk) -> Loss {
    let mut essential = walk.targets.iter().map(Target::role).filter(|role| role.is_essential());
    let is_all = essential.all(|role| lost.contains(&role));
    match lost {
        [Role::Activation] if !is_all => Loss::MakAndRetailKeys,
        [Role::Licensing] if !is_all => Loss::DigitalLicenses,
        lost if lost.iter().copied().any(Role::is_essential) => Loss::Activation,
        _ => Loss::Rest,
    }
}
