//! `GET /sd`: the KMS hosts found, in the form of Prometheus' HTTP service discovery.
//!
//! A host that is missing in an answer Prometheus scrapes no longer. So where it is not known which hosts there are,
//! the answer is an error, and Prometheus keeps those it has.

use super::Sources;
use super::aside::made_aside;
use super::openapi;
use super::rejected::Rejected;
use crate::catalogue::message;
use crate::host::HostPort;
use crate::probe::srv::SrvRecord;
use crate::report::discovery::TargetGroup;
use crate::state::{PathReport, Snapshot};
use crate::walk::{Walk, kms};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// How many paths are named where none has a name.
const NAMED: usize = 20;

/// Which hosts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    /// Those of this path only.
    path: Option<String>,
    /// The language of what is said of a request that is wrong.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

pub(super) async fn get(
    State(sources): State<Sources>,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Response {
    let parameters = match parameters {
        Ok(Query(parameters)) => parameters,
        Err(rejection) => return openapi::bad_query("/sd", &rejection).into_response(),
    };
    made_aside(move || answer(&sources.state.snapshot(), parameters.path.as_deref())).await
}

fn answer(snapshot: &Snapshot, path: Option<&str>) -> Response {
    if !snapshot.ready {
        return Rejected::unavailable(message!("first-round")).into_response();
    }
    let is_asked_for = |of: &&PathReport| path.is_none_or(|name| name == &*of.name);
    let paths: Vec<_> = snapshot.paths.iter().map(AsRef::as_ref).filter(is_asked_for).collect();
    match path {
        Some(name) if paths.is_empty() => {
            let known: Vec<_> = snapshot.paths.iter().map(|path| &*path.name).take(NAMED).collect();
            let error = message!("parameter-path", value = name, known = known.join(", "));
            Rejected(StatusCode::NOT_FOUND, error).into_response()
        }
        _ => discover(&paths).map_or_else(Rejected::into_response, |groups| Json(groups).into_response()),
    }
}

/// The hosts of all these paths.
fn discover(paths: &[&PathReport]) -> Result<Vec<TargetGroup>, Rejected> {
    let mut groups = Vec::new();
    for path in paths {
        let Walk::Kms(walk) = &path.walk else { continue };
        if let Some(domain) = walk.unanswered() {
            let error = message!("hosts-not-known", name = domain.srv_name(), path = &*path.name);
            return Err(Rejected::unavailable(error));
        }
        let records = records(walk);
        let mut listed = HashSet::new();
        for host in walk.hosts().map(|host| &host.host).filter(|host| listed.insert(*host)) {
            groups
                .push(TargetGroup { targets: [host.to_string()], labels: labels(&path.name, records.get(host), walk) });
        }
    }
    Ok(groups)
}

/// The record in DNS of each host that has one, as clients prefer them.
fn records(walk: &kms::Walk) -> HashMap<HostPort, &SrvRecord> {
    let mut records = HashMap::new();
    for record in walk.discovered.iter().flat_map(|discovered| &discovered.records) {
        records.entry(record.target()).or_insert(record);
    }
    records
}

/// What is known of a host, for relabelling.
fn labels(path: &str, record: Option<&&SrvRecord>, walk: &kms::Walk) -> BTreeMap<&'static str, String> {
    let mut labels = BTreeMap::from([("__meta_gracewatch_path", path.to_owned())]);
    if let Some((discovered, record)) = walk.discovered.as_ref().zip(record) {
        labels.insert("__meta_gracewatch_expected", discovered.is_expected(&record.host).to_string());
        labels.insert("__meta_gracewatch_priority", record.priority.to_string());
        labels.insert("__meta_gracewatch_weight", record.weight.to_string());
    }
    labels
}
