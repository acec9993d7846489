//! Machines listed, a page at a time.

use super::rows::{self, Statement};
use super::standing::{self, ADDON, CHANNEL, JOINED, Moment, PARAMETERS, PRODUCT};
use super::statement::{lists, literal, placeholders};
use super::{KnownLicense, KnownMachine, Store, StoreError, on_path, settle};
use crate::fleet::AT_RISK_DAYS;
use crate::fleet::dependents::Claim;
use crate::fleet::merge::Known;
use crate::license::LicenseStatus;
use jiff::{SignedDuration, Timestamp};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};
use std::collections::HashMap;

/// The most machines on a page.
const MAX_PAGE: u32 = 1000;

/// Which machines to list. What is `None` or false restricts nothing.
///
/// What is asked of licenses (product, channel, status) is asked of one and the same license, and then what is lost,
/// ends or is overdue is asked of such licenses alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineQuery {
    /// The moment for which to tell.
    pub now: Timestamp,
    /// After how long without a report a machine is stale.
    pub stale_after: SignedDuration,
    /// A part of the name, in any case.
    pub name: Option<String>,
    /// A part of the name of a product, in any case.
    pub product: Option<String>,
    /// A channel.
    pub channel: Option<String>,
    /// A status.
    pub license_status: Option<LicenseStatus>,
    /// Only those that depend on a path.
    pub path: Option<Claim>,
    /// Only those that have not reported for too long, or only the others.
    pub stale: Option<bool>,
    /// Only those with a license that is lost.
    pub lost: bool,
    /// Only those with a license that is lost, ends within [`AT_RISK_DAYS`], or should have been renewed.
    pub at_risk: bool,
    /// Only those that are not lost, with a license that ends within so many days.
    pub expiring_within_days: Option<u32>,
    /// Only those with a license that should have been renewed.
    pub overdue: bool,
    /// In which order.
    pub sort: MachineSort,
    /// How many to pass over.
    pub offset: u64,
    /// How many to tell, 1 to 1000. What is beyond that is taken for the nearest of the two.
    pub limit: u32,
}

/// The order of machines. Those that are equal in it are in the order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MachineSort {
    /// Those that are lost, then the first to end; those without an end are last.
    #[default]
    Expiry,
    /// By name.
    Name,
    /// The longest silent first.
    ReportedAt,
    /// Those whose renewal is overdue for the longest first.
    Overdue,
}

/// Machines, and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MachinePage {
    /// Those on this page.
    pub machines: Vec<Machine>,
    /// How many there are on all pages.
    pub total: u64,
}

/// A machine with all of its licenses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// What is known of it.
    pub machine: KnownMachine,
    /// True where it has not reported for too long.
    pub stale: bool,
    /// Its licenses, also those that were not asked for. Where a license does not tell what it is called, its SKU does.
    pub licenses: Vec<KnownLicense>,
}

impl MachineQuery {
    /// All machines, as of this moment: the first hundred of those that are lost or end first.
    pub const fn new(now: Timestamp, stale_after: SignedDuration) -> Self {
        Self {
            now,
            stale_after,
            name: None,
            product: None,
            channel: None,
            license_status: None,
            path: None,
            stale: None,
            lost: false,
            at_risk: false,
            expiring_within_days: None,
            overdue: false,
            sort: MachineSort::Expiry,
            offset: 0,
            limit: 100,
        }
    }
}

/// A value of a condition.
enum Value {
    Text(String),
    Number(i64),
}

/// Conditions, with the values in them.
struct Conditions {
    /// Of a machine with a license.
    each: Vec<String>,
    /// Of a machine as a whole.
    whole: Vec<String>,
    values: Vec<Value>,
}

impl Store {
    /// Lists machines.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn machines(&self, query: &MachineQuery) -> Result<MachinePage, StoreError> {
        self.try_machines(query).await.map_err(|error| self.failed(&error))
    }

    async fn try_machines(&self, query: &MachineQuery) -> sqlx::Result<MachinePage> {
        let mut connection = self.reader().await?;
        let page = self.limited(list(&mut connection, query)).await;
        settle(connection, page).await
    }
}

async fn list(connection: &mut AnyConnection, query: &MachineQuery) -> sqlx::Result<MachinePage> {
    let mut transaction = connection.begin().await?;
    let moment = Moment { now: query.now, stale_after: query.stale_after };
    let conditions = Conditions::of(query);
    let found = conditions.found();
    let order = match query.sort {
        MachineSort::Expiry => "lost DESC, CASE WHEN first_end IS NULL THEN 1 ELSE 0 END, first_end, name",
        MachineSort::Name => "name",
        MachineSort::ReportedAt => "reported_at, name",
        MachineSort::Overdue => "CASE WHEN overdue_since IS NULL THEN 1 ELSE 0 END, overdue_since, name",
    };
    let bound = PARAMETERS + conditions.values.len();
    let sql = format!(
        "SELECT name, COUNT(*) OVER () AS total FROM ({found}) AS found ORDER BY {order} LIMIT ${} OFFSET ${}",
        bound + 1,
        bound + 2
    );
    let page = conditions
        .bind(moment.bind(sqlx::query(AssertSqlSafe(sql))))
        .bind(i64::from(query.limit.clamp(1, MAX_PAGE)))
        .bind(i64::try_from(query.offset).unwrap_or(i64::MAX));
    let mut rows = page.fetch_all(&mut *transaction).await?;
    let names: Vec<String> = rows.iter().map(|row| row.try_get("name")).collect::<sqlx::Result<_>>()?;
    // How many there are in all stands beside each; beyond the last page it has to be asked for.
    if rows.is_empty() && query.offset > 0 {
        let sql = format!("SELECT COUNT(*) AS total FROM ({found}) AS found");
        let counted = conditions.bind(moment.bind(sqlx::query(AssertSqlSafe(sql))));
        rows = counted.fetch_all(&mut *transaction).await?;
    }
    let total = rows.first().map(|row| row.try_get::<i64, _>("total")).transpose()?.unwrap_or(0);
    let total = u64::try_from(total).unwrap_or(0);
    let machines = read(&mut transaction, moment, &names).await?;
    transaction.commit().await?;
    Ok(MachinePage { machines, total })
}

impl Conditions {
    fn of(query: &MachineQuery) -> Self {
        let mut conditions = Self { each: Vec::new(), whole: Vec::new(), values: Vec::new() };
        let add = &mut conditions;
        if let Some(part) = &query.name {
            let place = add.value(Value::Text(containing(part)));
            add.each.push(format!(r"m.name LIKE LOWER({place}) ESCAPE '\'"));
        }
        if let Some(part) = &query.product {
            let place = add.value(Value::Text(containing(part)));
            add.each.push(format!(r"l.machine IS NOT NULL AND LOWER({PRODUCT}) LIKE LOWER({place}) ESCAPE '\'"));
        }
        if let Some(channel) = &query.channel {
            let place = add.value(Value::Text(channel.clone()));
            add.each.push(format!("l.machine IS NOT NULL AND LOWER({CHANNEL}) = LOWER({place})"));
        }
        if let Some(status) = query.license_status {
            let place = add.value(Value::Number(status.number().into()));
            add.each.push(format!("l.license_status = {place} AND {ADDON} = 0"));
        }
        if let Some(claim) = &query.path {
            let is_on_path = on_path::covers(claim, &mut |text| add.value(Value::Text(text)));
            add.each.push(is_on_path);
        }
        match query.stale {
            Some(true) => add.each.push("m.reported_at < $2".to_owned()),
            Some(false) => add.each.push("m.reported_at >= $2".to_owned()),
            None => {}
        }
        if query.lost {
            add.whole.push("lost = 1".to_owned());
        }
        if query.overdue {
            add.whole.push("overdue = 1".to_owned());
        }
        if query.at_risk {
            let end = add.value(Value::Number(days_after(query.now, AT_RISK_DAYS)));
            add.whole.push(format!("(lost = 1 OR overdue = 1 OR first_end <= {end})"));
        }
        if let Some(days) = query.expiring_within_days {
            let end = add.value(Value::Number(days_after(query.now, days.into())));
            add.whole.push(format!("lost = 0 AND first_end <= {end}"));
        }
        conditions
    }

    /// Keeps a value, and tells the placeholder for it.
    fn value(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", PARAMETERS + self.values.len())
    }

    /// The machines that fulfil them.
    fn found(&self) -> String {
        let all = |conditions: &[String]| match conditions {
            [] => String::new(),
            conditions => format!("WHERE {}", conditions.join(" AND ")),
        };
        format!(
            "SELECT * FROM (SELECT m.name AS name, MIN(m.reported_at) AS reported_at, {} {JOINED} {} GROUP BY m.name) \
             AS machines {}",
            standing::of_machine(),
            all(&self.each),
            all(&self.whole)
        )
    }

    fn bind<'q>(&self, query: Statement<'q>) -> Statement<'q> {
        self.values.iter().fold(query, |query, value| match value {
            Value::Text(text) => query.bind(text.clone()),
            Value::Number(number) => query.bind(*number),
        })
    }
}

/// A pattern for texts that contain this one.
fn containing(part: &str) -> String {
    format!("%{}%", literal(part))
}

fn days_after(now: Timestamp, days: i64) -> i64 {
    now.as_second().saturating_add(days.saturating_mul(86_400))
}

/// Reads machines with their licenses, in the order of their names in `names`.
async fn read(connection: &mut AnyConnection, moment: Moment, names: &[String]) -> sqlx::Result<Vec<Machine>> {
    let mut machines: HashMap<String, Machine> = HashMap::new();
    for list in lists(names) {
        let sql = rows::select(&format!("m.name IN ({})", placeholders(0, list.len())), true);
        let query = list.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, name| query.bind((*name).clone()));
        for row in query.fetch_all(&mut *connection).await? {
            let Known { machine, licenses } = rows::known(&row)?;
            let Some(machine) = machine else { continue };
            let stale = moment.is_stale(machine.reported_at);
            let licenses = licenses.into_values().collect();
            machines.insert(machine.name.to_string(), Machine { machine, stale, licenses });
        }
    }
    Ok(names.iter().filter_map(|name| machines.remove(name)).collect())
}
