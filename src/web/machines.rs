//! `GET /api/v1/machines` and `GET /api/v1/runway`: who falls out of activation, and when.

use super::Sources;
use super::turned_away::TurnedAway;
use crate::catalogue::{Message, message};
use crate::fleet::{Dependencies, MachineQuery, MachineSort, Moment};
use crate::license::LicenseStatus;
use crate::report::machines::{MachinesReport, RunwayReport};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
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
    find(&sources, parameters).await.unwrap_or_else(TurnedAway::into_response)
}

async fn find(sources: &Sources, parameters: Result<Parameters, QueryRejection>) -> Result<Response, TurnedAway> {
    let parameters = parameters.map_err(|rejection| TurnedAway::bad_query(&rejection))?;
    let access = sources.status.as_ref().ok_or_else(no_store)?;
    let keeper = access.keeper().await.ok_or_else(store_unavailable)?;
    let dependencies = access.dependencies();
    let moment = Moment { now: access.now(), stale_after: access.settings.borrow().status.stale_after() };
    let offset = parameters.offset;
    let query = parameters.query(moment, &dependencies).map_err(TurnedAway::bad_request)?;
    let page = keeper.page(query, dependencies).await;
    Ok(Json(MachinesReport::new(&page, offset, moment.now)).into_response())
}

pub(super) async fn runway(State(sources): State<Sources>) -> Response {
    if sources.status.is_none() {
        return no_store().into_response();
    }
    match &sources.state.snapshot().fleet {
        Some(fleet) => Json(RunwayReport::new(fleet)).into_response(),
        None => TurnedAway::unavailable(message!("fleet-not-aggregated")).into_response(),
    }
}

/// What is answered where no reports are kept.
pub(super) fn no_store() -> TurnedAway {
    TurnedAway(StatusCode::NOT_FOUND, message!("no-store"))
}

/// What is answered as long as the store was never read.
pub(super) fn store_unavailable() -> TurnedAway {
    TurnedAway::unavailable(message!("store-not-read"))
}
