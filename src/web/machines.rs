//! `GET /api/v1/machines`, `/api/v1/machines/NAME`, `/api/v1/runway` and `/api/v1/changes`: who loses activation and
//! when, everything about one machine, and what changed.

use super::Sources;
use super::language::{Asked, asked_language, in_language};
use super::rejected::Rejected;
use crate::catalogue::{Message, message};
use crate::fleet::{Dependencies, MachineQuery, MachineSort, Moment};
use crate::intake::keeper::Keeper;
use crate::intake::service::Access;
use crate::license::LicenseStatus;
use crate::report::changes::{self, ChangesReport, Past};
use crate::report::machine::{self, MachineReport};
use crate::report::machines::{MachinesReport, RunwayReport};
use crate::words::quoted;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use jiff::Timestamp;
use serde::Deserialize;

/// Which machines, in which order, and which part of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Parameters {
    /// The language of what is said of a request that is wrong.
    #[serde(rename = "lang")]
    _lang: Option<String>,
    /// Parts of the names of the machine and of a product, in any case.
    name: Option<String>,
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
    sort: Sort,
    offset: u64,
    limit: u32,
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
            sort: Sort::Expiry,
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
    /// What to ask the fleet, or what is wrong with what was asked.
    fn query(self, moment: Moment, dependencies: &Dependencies) -> Result<MachineQuery, Message> {
        let status = self.status.map(|number| {
            LicenseStatus::from_number(number).ok_or_else(|| message!("parameter-status", value = number))
        });
        if let Some(path) = self.path.as_ref().filter(|path| !dependencies.has_path(path)) {
            return Err(message!("parameter-path", value = path));
        }
        let within = self.within.map(|text| {
            let days = text.strip_suffix('d').unwrap_or(&text).parse();
            days.map_err(|_| message!("parameter-within", value = &text))
        });
        if !(1..=1000).contains(&self.limit) {
            return Err(message!("parameter-limit", value = self.limit));
        }
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
                Sort::Expiry => MachineSort::Expiry,
                Sort::Name => MachineSort::Name,
                Sort::Reported => MachineSort::ReportedAt,
                Sort::Overdue => MachineSort::Overdue,
            },
            offset: self.offset,
            limit: self.limit.into(),
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
    let parameters = parameters.map_err(|rejection| Rejected::bad_query(&rejection))?;
    let (access, keeper) = kept(sources).await?;
    let (dependencies, moment) = (access.dependencies(), moment(access));
    let offset = parameters.offset;
    let query = parameters.query(moment, &dependencies).map_err(Rejected::bad_request)?;
    let page = keeper.page(query, dependencies).await;
    Ok(Json(MachinesReport::new(&page, offset, moment.now)).into_response())
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

/// What is answered where no reports are kept.
pub(super) fn no_store() -> Rejected {
    Rejected(StatusCode::NOT_FOUND, message!("no-store"))
}

/// What is answered as long as the store was never read.
pub(super) fn store_unavailable() -> Rejected {
    Rejected::unavailable(message!("store-not-read"))
}

/// Everything that is known of one machine.
pub(super) async fn one(
    State(sources): State<Sources>,
    name: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    story(&sources, name, asked, &headers).await.unwrap_or_else(Rejected::into_response)
}

async fn story(
    sources: &Sources,
    name: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: &HeaderMap,
) -> Result<Response, Rejected> {
    let Path(name) = name.map_err(|error| Rejected::bad_request(message!("other-error", error = error.body_text())))?;
    let language = asked_language(asked, headers).map_err(Rejected::bad_request)?;
    let (access, keeper) = kept(sources).await?;
    let moment = moment(access);
    let page = keeper.page(machine::query(&name, moment), access.dependencies()).await;
    let Ok(found) = machine::find(&page, &name) else {
        let candidates = machine::find(&page, &name).err().map(|missing| missing.candidates).unwrap_or_default();
        let error = message!("machine-not-meant", name = quoted(&name));
        let (english, said) = (error.to_string(), error.in_words(language.into()));
        let body = serde_json::json!({ "error": english, "message": said, "machines": candidates });
        return Ok((StatusCode::NOT_FOUND, Json(body)).into_response());
    };
    let past = keeper.store().past_changes(Timestamp::MIN, Some(&found.machine.name), machine::PAST).await;
    let past = past.map_err(|error| Rejected::unavailable((&error).into()))?;
    let snapshot = sources.state.snapshot();
    let report = MachineReport::new(found, &past, Some(&snapshot), moment.now, language.into());
    Ok(in_language(Json(report).into_response(), language))
}

/// What is asked of changes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ChangesParameters {
    since: Option<String>,
}

pub(super) async fn changes(
    State(sources): State<Sources>,
    parameters: Result<Query<ChangesParameters>, QueryRejection>,
) -> Response {
    changed(&sources, parameters).await.unwrap_or_else(Rejected::into_response)
}

async fn changed(
    sources: &Sources,
    parameters: Result<Query<ChangesParameters>, QueryRejection>,
) -> Result<Response, Rejected> {
    let Query(parameters) = parameters.map_err(|rejection| Rejected::bad_query(&rejection))?;
    let (access, keeper) = kept(sources).await?;
    let moment = moment(access);
    let text = parameters.since.as_deref().unwrap_or(changes::USUAL);
    let since = changes::since(text, moment.now)
        .map_err(|fault| Rejected::bad_request(message!("parameter-since", value = quoted(text), fault = fault)))?;
    let past = Past::read(keeper.store(), since).await;
    let past = past.map_err(|error| Rejected::unavailable((&error).into()))?;
    let silent = keeper.page(changes::silent_query(moment), access.dependencies()).await;
    let verdicts = sources.state.past_verdicts();
    let report = ChangesReport::new(since, moment, &past, &silent, Some(&verdicts));
    Ok(Json(report).into_response())
}

/// The service that keeps reports, and what it keeps.
async fn kept(sources: &Sources) -> Result<(&Access, Keeper), Rejected> {
    let access = sources.status.as_ref().ok_or_else(no_store)?;
    let keeper = access.keeper().await.ok_or_else(store_unavailable)?;
    Ok((access, keeper))
}

fn moment(access: &Access) -> Moment {
    Moment { now: access.now(), stale_after: access.settings.borrow().status.stale_after() }
}
