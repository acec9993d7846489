//! The fleet added up.

use super::rows;
use super::standing::{self, CHANNEL, IS_ADDON, JOINED, Moment, PARAMETERS, PRODUCT};
use super::statement::placeholders;
use super::{KnownLicense, KnownMachine, Store, StoreError};
use crate::license::MachineName;
use crate::status::fleet::{AT_RISK_DAYS, AtRisk, Count, Fleet, KmsHostStatus, OVERDUE_TOLERANCE, Runway};
use jiff::{SignedDuration, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many products, channels and kinds of licenses are told apart.
const MAX_KINDS: i64 = 100;

/// The most KMS hosts that are told.
const MAX_KMS_HOSTS: i64 = 1000;

/// What to add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetQuestion {
    /// The moment for which to add up.
    pub now: Timestamp,
    /// After how long without a report a machine is stale.
    pub stale_after: SignedDuration,
    /// How many licenses at risk to tell.
    pub at_risk: usize,
    /// Each path, with the names and addresses of its KMS hosts in lower case.
    pub paths: Vec<(Arc<str>, BTreeSet<String>)>,
}

impl Store {
    /// Adds up how the fleet stands.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn fleet(&self, question: &FleetQuestion) -> Result<Fleet, StoreError> {
        self.try_fleet(question).await.map_err(|error| self.failed(&error))
    }

    /// The names and addresses by which licenses know their KMS hosts, in lower case: those that most use, if there are
    /// very many.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn kms_host_names(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT kms_host_name FROM license WHERE kms_host_name IS NOT NULL GROUP BY kms_host_name \
                   ORDER BY COUNT(*) DESC, kms_host_name LIMIT $1";
        let rows = sqlx::query(sql).bind(MAX_KMS_HOSTS).fetch_all(&self.inner.pool).await;
        let rows = rows.map_err(|error| self.failed(&error))?;
        rows.iter().map(|row| row.try_get("kms_host_name").map_err(|error| self.failed(&error))).collect()
    }

    async fn try_fleet(&self, question: &FleetQuestion) -> sqlx::Result<Fleet> {
        // In one transaction: a file does not change for those who began to read it.
        let mut transaction = self.inner.pool.begin().await?;
        let moment = Moment { now: question.now, stale_after: question.stale_after };
        let (whole, paths) = whole(&mut transaction, moment, &question.paths).await?;
        let fleet = Fleet {
            as_of: question.now,
            whole,
            paths,
            products: kinds(&mut transaction, moment, PRODUCT).await?,
            channels: kinds(&mut transaction, moment, CHANNEL).await?,
            counts: counts(&mut transaction).await?,
            at_risk: at_risk(&mut transaction, moment, question.at_risk).await?,
            kms_hosts: kms_hosts(&mut transaction, moment).await?,
        };
        transaction.commit().await?;
        Ok(fleet)
    }
}

/// All machines, and those on each path. Machines are added up by the paths they are on together.
async fn whole(
    connection: &mut AnyConnection,
    moment: Moment,
    paths: &[(Arc<str>, BTreeSet<String>)],
) -> sqlx::Result<(Runway, BTreeMap<Arc<str>, Runway>)> {
    let mut bound = PARAMETERS;
    let mut on_paths = String::new();
    let mut names = String::new();
    for (number, (_, hosts)) in paths.iter().enumerate() {
        let is_on_path = if hosts.is_empty() {
            "1 = 0".to_owned()
        } else {
            format!("l.kms_host_name IN ({})", placeholders(bound, hosts.len()))
        };
        on_paths += &format!(", MAX(CASE WHEN {is_on_path} THEN 1 ELSE 0 END) AS path_{number}");
        names += &format!("{}path_{number}", if number == 0 { "" } else { ", " });
        bound += hosts.len();
    }
    let (select, group) = if names.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("{names}, "), format!("GROUP BY {names}"))
    };
    let sql = format!(
        "SELECT {select}{} FROM (SELECT m.name AS name, {}{on_paths} {JOINED} GROUP BY m.name) AS machines {group}",
        standing::of_set("name"),
        standing::of_machine()
    );
    let mut query = moment.bind(sqlx::query(AssertSqlSafe(sql)));
    for host in paths.iter().flat_map(|(_, hosts)| hosts) {
        query = query.bind(host.clone());
    }
    let mut whole = Runway::default();
    let mut by_path: BTreeMap<_, _> = paths.iter().map(|(path, _)| (Arc::clone(path), Runway::default())).collect();
    for row in query.fetch_all(connection).await? {
        let runway = runway(&row)?;
        whole.add(&runway);
        for (number, (path, _)) in paths.iter().enumerate() {
            let is_on_path = row.try_get::<i64, _>(format!("path_{number}").as_str())? == 1;
            if let (true, Some(sum)) = (is_on_path, by_path.get_mut(path)) {
                sum.add(&runway);
            }
        }
    }
    Ok((whole, by_path))
}

/// The machines with each kind of license, which is its product or its channel.
async fn kinds(connection: &mut AnyConnection, moment: Moment, kind: &str) -> sqlx::Result<Vec<(String, Runway)>> {
    let rank = PARAMETERS + 1;
    let sql = format!(
        "SELECT shown AS kind, {sums} FROM ( \
             SELECT CASE WHEN place <= ${rank} THEN kind ELSE 'other' END AS shown, ranked.* FROM ( \
                 SELECT kind, {set}, ROW_NUMBER() OVER (ORDER BY COUNT(*) DESC, kind) AS place FROM ( \
                     SELECT {kind} AS kind, m.name AS name, {machine} {JOINED} \
                     WHERE l.machine IS NOT NULL AND NOT {IS_ADDON} GROUP BY 1, m.name \
                 ) AS machines GROUP BY kind \
             ) AS ranked \
         ) AS bounded GROUP BY shown ORDER BY CASE WHEN MIN(place) <= ${rank} THEN 0 ELSE 1 END, SUM(machines) DESC, shown",
        sums = standing::of_sets(),
        set = standing::of_set("name"),
        machine = standing::of_machine(),
    );
    let query = moment.bind(sqlx::query(AssertSqlSafe(sql))).bind(MAX_KINDS);
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get("kind")?, runway(row)?))).collect()
}

/// How many licenses there are of each product and channel in each status.
async fn counts(connection: &mut AnyConnection) -> sqlx::Result<Vec<Count>> {
    let sql = format!(
        "SELECT product, channel, license_status, CAST(SUM(licenses) AS BIGINT) AS licenses FROM ( \
             SELECT CASE WHEN place <= $1 THEN product ELSE 'other' END AS product, \
                 CASE WHEN place <= $1 THEN channel ELSE 'other' END AS channel, license_status, licenses, place FROM ( \
                 SELECT product, channel, license_status, COUNT(*) AS licenses, \
                     ROW_NUMBER() OVER (ORDER BY COUNT(*) DESC, product, channel, license_status) AS place FROM ( \
                     SELECT {PRODUCT} AS product, {CHANNEL} AS channel, l.license_status AS license_status \
                     FROM license AS l LEFT JOIN sku AS s ON s.sku = l.sku WHERE NOT {IS_ADDON} \
                 ) AS licenses GROUP BY product, channel, license_status \
             ) AS ranked \
         ) AS bounded GROUP BY product, channel, license_status \
         ORDER BY CASE WHEN MIN(place) <= $1 THEN 0 ELSE 1 END, SUM(licenses) DESC, product, channel, license_status"
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(MAX_KINDS).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(Count {
                product: row.try_get("product")?,
                channel: row.try_get("channel")?,
                license_status: rows::number(row, "license_status")?,
                licenses: rows::number(row, "licenses")?.unwrap_or(0),
            })
        })
        .collect()
}

/// The licenses most at risk, in the order of [`Fleet::at_risk`]. Each part is looked for only as far as those before it
/// leave room.
async fn at_risk(connection: &mut AnyConnection, moment: Moment, limit: usize) -> sqlx::Result<Vec<AtRisk>> {
    let soon = moment.now.as_second().saturating_add(AT_RISK_DAYS * 86_400);
    let overdue_before = moment.now.as_second().saturating_sub(OVERDUE_TOLERANCE.as_secs());
    // `$1` is now. An end is told of one that is not lost only, so a status is all that is left to look at.
    let is_kept = "COALESCE(l.license_status, 1) NOT IN (0, 5)";
    let is_overdue = "(l.overdue_since IS NOT NULL AND l.overdue_since <= $4)";
    let parts = [
        (format!("l.expires_at > $1 AND l.expires_at <= $3 AND {is_kept}"), "l.expires_at"),
        ("l.license_status IN (0, 5)".to_owned(), "l.machine"),
        (format!("l.expires_at <= $1 AND {is_kept}"), "l.expires_at"),
        (format!("l.overdue_since <= $4 AND l.expires_at > $3 AND {is_kept}"), "l.overdue_since"),
        (format!("l.expires_at > $3 AND {is_kept} AND NOT {is_overdue}"), "l.expires_at"),
    ];
    let mut at_risk = Vec::new();
    for (condition, order) in parts {
        let room = i64::try_from(limit.saturating_sub(at_risk.len())).unwrap_or(i64::MAX);
        if room == 0 {
            break;
        }
        let sql = format!(
            "SELECT l.*, {PRODUCT} AS named_product, {CHANNEL} AS named_channel FROM license AS l \
             LEFT JOIN sku AS s ON s.sku = l.sku WHERE {condition} AND NOT {IS_ADDON} \
             ORDER BY {order}, l.machine, l.license_id LIMIT $2"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(moment.now.as_second()).bind(room).bind(soon);
        for row in query.bind(overdue_before).fetch_all(&mut *connection).await? {
            let (machine, _, known) = rows::license(&row)?;
            at_risk.push(AtRisk {
                machine,
                product: row.try_get("named_product")?,
                channel: row.try_get("named_channel")?,
                license_status: known.license.status,
                expires_at: known.expires_at(),
                grace_remaining_seconds: known.grace_remaining_seconds(moment.now),
                renewal_overdue_seconds: known.renewal_overdue_seconds(moment.now),
            });
        }
    }
    Ok(at_risk)
}

/// The KMS hosts, with their own licenses and what their clients want of them.
async fn kms_hosts(connection: &mut AnyConnection, moment: Moment) -> sqlx::Result<Vec<KmsHostStatus>> {
    let columns = rows::MACHINE.join(", ");
    let sql = format!("SELECT {columns} FROM machine WHERE is_kms_host = 1 ORDER BY name LIMIT $1");
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(MAX_KMS_HOSTS).fetch_all(&mut *connection).await?;
    let machines: Vec<_> = rows.iter().map(rows::machine).collect::<sqlx::Result<_>>()?;
    let sql = "SELECT l.* FROM license AS l JOIN machine AS m ON m.name = l.machine WHERE m.is_kms_host = 1";
    let mut own: BTreeMap<MachineName, KnownLicense> = BTreeMap::new();
    for row in sqlx::query(sql).fetch_all(&mut *connection).await? {
        let (machine, _, license) = rows::license(&row)?;
        if license.is_of_kms_host() {
            own.insert(machine, license);
        }
    }
    let required = required_by_clients(connection, moment).await?;
    let status = |KnownMachine { name, kms_host, kms_host_reported_at, reported_at, .. }: KnownMachine| {
        let reported_at = kms_host_reported_at.unwrap_or(reported_at);
        let license = own.get(&name).map(|known| &known.license);
        let names = [name.as_str(), name.short()];
        KmsHostStatus {
            facts: kms_host.unwrap_or_default(),
            reported_at,
            stale: moment.is_stale(reported_at),
            own_license: license.and_then(|license| license.status),
            own_reason: license.and_then(|license| license.reason_code),
            required_by_clients: names
                .iter()
                .filter_map(|name| required.get(*name).copied())
                .reduce(|(least, most), (other_least, other_most)| (least.min(other_least), most.max(other_most))),
            machine: name,
        }
    };
    Ok(machines.into_iter().map(status).collect())
}

/// The fewest and the most clients that any client wants its KMS host to count, by the name it knows the host by.
async fn required_by_clients(
    connection: &mut AnyConnection,
    moment: Moment,
) -> sqlx::Result<BTreeMap<String, (u32, u32)>> {
    let sql = "SELECT l.kms_host_name, MIN(l.required_count) AS least, MAX(l.required_count) AS most FROM license AS l \
               WHERE l.kms_host_name IN ( \
                   SELECT name FROM machine WHERE is_kms_host = 1 \
                   UNION SELECT short_name FROM machine WHERE is_kms_host = 1 \
               ) AND l.required_count IS NOT NULL AND l.reported_at >= $1 GROUP BY l.kms_host_name";
    let since = moment.now.as_second().saturating_sub(moment.stale_after.as_secs());
    let mut required = BTreeMap::new();
    for row in sqlx::query(sql).bind(since).fetch_all(connection).await? {
        if let (Some(least), Some(most)) = (rows::number(&row, "least")?, rows::number(&row, "most")?) {
            required.insert(row.try_get("kms_host_name")?, (least, most));
        }
    }
    Ok(required)
}

/// Reads the columns of [`standing::of_set`].
fn runway(row: &AnyRow) -> sqlx::Result<Runway> {
    let count = |column: &str| -> sqlx::Result<u64> { Ok(rows::number(row, column)?.unwrap_or(0)) };
    let first: Option<String> = row.try_get("first")?;
    let first = first.as_deref().and_then(|first| first.split_once(' '));
    let end = first.and_then(|(second, _)| second.parse::<i64>().ok()).map(|second| second - 100_000_000_000);
    Ok(Runway {
        machines: count("machines")?,
        stale: count("stale")?,
        lost: count("lost")?,
        expiring: [count("within_0")?, count("within_1")?, count("within_2")?, count("within_3")?],
        first_expiry: end.and_then(|end| Timestamp::from_second(end).ok()),
        first_machine: first.map(|(_, machine)| machine.to_owned()),
        renewal_overdue: count("overdue")?,
    })
}
