//! `GET /api/v1/machines`, `/api/v1/machines/NAME`, `/api/v1/runway` and `/api/v1/changes`: who loses activation and
//! when, everything about one machine, and what changed.

use super::Sources;
use super::aside::made_aside;
use super::changed::FRESH;
use super::data::{self, Missing, kept, moment, no_store};
use super::language::{Asked, asked_language, in_language, of_request};
use super::openapi;
use super::rejected::Rejected;
use crate::catalogue::{Message, message};
use crate::fleet::{Dependencies, MachineQuery, MachineSort, Moment};
use crate::intake::keeper::Keeper;
use crate::license::LicenseStatus;
use crate::report::changes;
use crate::report::expected::MissingReport;
use crate::report::machines::{MachinesReport, RunwayReport};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Json, Response};
use serde::Deserialize;

/// How many paths are named where none has a name.
const NAMED: usize = 20;

/// Which machines, in which order, and which part of them.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Parameters {
    /// The language of what is said of a request that is wrong.
    #[serde(rename = "lang")]
    _lang: Option<String>,
    /// Parts of the names of the machine and of a product, in any case.
    pub(super) name: Option<String>,
    product: Option<String>,
    channel: Option<String>,
    /// The number of a status.
    status: Option<i64>,
    path: Option<String>,
    /// Days, as `30` or `30d`.
    within: Option<String>,
    lost: bool,
    stale: Option<bool>,
    overdue: bool,
    at_risk: bool,
    /// Those of the inventory that never reported, and no others.
    pub(super) missing: bool,
    /// Those that are not in the inventory.
    pub(super) unlisted: bool,
    sort: Option<Sort>,
    pub(super) offset: u64,
    pub(super) limit: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            _lang: None,
            name: None,
            product: None,
            channel: None,
            status: None,
            path: None,
            within: None,
            lost: false,
            stale: None,
            overdue: false,
            at_risk: false,
            missing: false,
            unlisted: false,
            sort: None,
            offset: 0,
            limit: 100,
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    Expiry,
    Name,
    Reported,
    Overdue,
}

impl Parameters {
    /// What is asked beside the machines of the inventory that never reported, which have no licenses.
    fn asks_for_more_than_missing(&self) -> bool {
        let Self { product, channel, status, path, within, lost, stale, overdue, at_risk, unlisted, sort, .. } = self;
        let texts = [product, channel, path, within];
        texts.iter().any(|text| text.is_some())
            || status.is_some()
            || stale.is_some()
            || sort.is_some_and(|sort| !matches!(sort, Sort::Name))
            || *lost
            || *overdue
            || *at_risk
            || *unlisted
    }

    /// How many of the machines of the inventory that never reported are listed at the most, or what is wrong with what
    /// was asked of them.
    pub(super) fn missing_limit(&self) -> Result<u64, Message> {
        if self.asks_for_more_than_missing() {
            return Err(message!("parameter-alone", name = "missing"));
        }
        self.checked_limit()
    }

    fn checked_limit(&self) -> Result<u64, Message> {
        let limit = (1..=1000).contains(&self.limit).then_some(self.limit.into());
        limit.ok_or_else(|| message!("parameter-limit", value = self.limit, most = 1000_u32))
    }

    /// What to ask the fleet, or what is wrong with what was asked.
    pub(super) fn query(self, moment: Moment, dependencies: &Dependencies) -> Result<MachineQuery, Message> {
        let status = self.status.map(|number| {
            LicenseStatus::from_number(number).ok_or_else(|| message!("parameter-status", value = number))
        });
        if let Some(path) = self.path.as_ref().filter(|path| !dependencies.has_path(path)) {
            let known: Vec<_> = dependencies.path_names().take(NAMED).collect();
            return Err(message!("parameter-path", value = path, known = known.join(", ")));
        }
        let limit = self.checked_limit()?;
        let within = self.within.map(|text| {
            let days = text.strip_suffix('d').unwrap_or(&text).parse();
            days.map_err(|_| message!("parameter-within", value = &text))
        });
        Ok(MachineQuery {
            name: self.name,
            product: self.product,
            channel: self.channel,
            license_status: status.transpose()?,
            path: self.path,
            expiring_within_days: within.transpose()?,
            lost: self.lost,
            stale: self.stale,
            overdue: self.overdue,
            at_risk: self.at_risk,
            sort: match self.sort {
                None | Some(Sort::Expiry) => MachineSort::Expiry,
                Some(Sort::Name) => MachineSort::Name,
                Some(Sort::Reported) => MachineSort::ReportedAt,
                Some(Sort::Overdue) => MachineSort::Overdue,
            },
            offset: self.offset,
            limit,
            ..MachineQuery::new(moment)
        })
    }
}

pub(super) async fn list(
    State(sources): State<Sources>,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Response {
    let parameters = parameters.map(|Query(parameters)| parameters);
    find(&sources, parameters).await.unwrap_or_else(Rejected::into_response)
}

async fn find(sources: &Sources, parameters: Result<Parameters, QueryRejection>) -> Result<Response, Rejected> {
    let parameters = parameters.map_err(|error| openapi::bad_query("/api/v1/machines", &error))?;
    let (access, keeper) = kept(sources).await?;
    let (dependencies, moment) = (access.dependencies(), moment(access));
    let (offset, is_unlisted) = (parameters.offset, parameters.unlisted);
    if parameters.missing {
        return missing(sources, &keeper, &parameters, moment).await;
    }
    let mut query = parameters.query(moment, &dependencies).map_err(Rejected::bad_request)?;
    if is_unlisted {
        query.unlisted_in = Some(data::inventory(sources)?.0);
    }
    let page = keeper.page(query, dependencies).await;
    Ok(Json(MachinesReport::new(&page, offset, moment.now)).into_response())
}

/// The machines of the inventory that never reported.
async fn missing(
    sources: &Sources,
    keeper: &Keeper,
    parameters: &Parameters,
    moment: Moment,
) -> Result<Response, Rejected> {
    let limit = parameters.missing_limit().map_err(Rejected::bad_request)?;
    let (inventory, fault) = data::inventory(sources)?;
    let (name, page) = (parameters.name.clone(), (parameters.offset, limit));
    let answer = keeper.ask_among_few(move |fleet| {
        let (missing, counted) = (fleet.missing(&inventory), fleet.expectations(&inventory, moment));
        let fault = fault.map(|fault| fault.to_string());
        Json(MissingReport::new(&missing, name.as_deref(), page, counted, fault)).into_response()
    });
    Ok(answer.await)
}

pub(super) async fn runway(State(sources): State<Sources>) -> Response {
    if sources.status.is_none() {
        return no_store().into_response();
    }
    match &sources.state.snapshot().fleet {
        Some(fleet) => Json(RunwayReport::new(fleet)).into_response(),
        None => Rejected::unavailable(message!("fleet-not-aggregated")).into_response(),
    }
}

/// Everything that is known of one machine.
pub(super) async fn one(
    State(sources): State<Sources>,
    name: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let language = match asked_language(asked, &headers) {
        Ok(language) => language,
        Err(error) => return Rejected::bad_request(error).into_response(),
    };
    let Path(name) = match name {
        Ok(name) => name,
        Err(error) => {
            return Rejected::bad_request(message!("other-error", error = error.body_text())).into_response();
        }
    };
    match data::machine(&sources, &name).await {
        Ok(machine) => in_language(Json(machine.report(language.into())).into_response(), language),
        Err(missing) => missing.into_response(language),
    }
}

/// What is asked of changes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ChangesParameters {
    since: Option<String>,
    limit: Option<u64>,
    /// The language of what is said of a request that is wrong.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

pub(super) async fn changes(
    State(sources): State<Sources>,
    parameters: Result<Query<ChangesParameters>, QueryRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let changed = changed(&sources, parameters).await;
    changed.unwrap_or_else(|missing| missing.into_response(of_request(&uri, &headers)))
}

async fn changed(
    sources: &Sources,
    parameters: Result<Query<ChangesParameters>, QueryRejection>,
) -> Result<Response, Missing> {
    let Query(asked) = parameters.map_err(|error| openapi::bad_query("/api/v1/changes", &error))?;
    let most = data::limit(asked.limit, changes::MOST as usize, changes::MOST as usize)?;
    let since = asked.since.as_deref().unwrap_or(changes::USUAL);
    let changes = sources.pages.changed.read(sources, since, FRESH).await?;
    Ok(made_aside(move || Json(changes.report(most)).into_response()).await)
}
