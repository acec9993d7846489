//! The fleet added up.

use super::rows::{self, LICENSES};
use super::standing::{JOINED, Moment};
use super::tally::{Clients, Counted, LINE, Tally};
use super::{Store, StoreError, settle};
use crate::fleet::dependents::Dependents;
use crate::fleet::merge::Known;
use crate::fleet::{Aggregate, KmsHostStatus};
use crate::license::LicenseStatus;
use jiff::{SignedDuration, Timestamp};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::poll_fn;
use std::sync::Arc;

/// The most licenses at risk that are told.
pub(super) const MAX_AT_RISK: usize = 10_000;

/// The most KMS hosts that are told.
const MAX_KMS_HOSTS: i64 = 1000;

/// The most shared IDs that are looked for, those of the most machines first.
const MAX_SHARED_IDS: i64 = 10_000;

/// What to add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetQuestion {
    /// The moment for which to add up.
    pub now: Timestamp,
    /// After how long without a report a machine is stale.
    pub stale_after: SignedDuration,
    /// How many licenses at risk to tell, up to ten thousand.
    pub at_risk: usize,
    /// Each path, and which machines depend on it.
    pub paths: Dependents,
    /// When something of each path passed again last that had failed. What machines reported of their failures before is
    /// told no more.
    pub mended_at: BTreeMap<Arc<str>, Timestamp>,
}

impl FleetQuestion {
    /// The whole fleet as of this moment, and nothing of paths.
    pub fn new(now: Timestamp, stale_after: SignedDuration) -> Self {
        Self { now, stale_after, at_risk: 0, paths: Dependents::default(), mended_at: BTreeMap::new() }
    }

    /// The moment for which to tell.
    pub(super) const fn moment(&self) -> Moment {
        Moment { now: self.now, stale_after: self.stale_after }
    }
}

impl Store {
    /// Adds up how the fleet stands.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn fleet(&self, question: &FleetQuestion) -> Result<Aggregate, StoreError> {
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
        let rows = sqlx::query(sql).bind(MAX_KMS_HOSTS).fetch_all(&self.inner.pools.reading).await;
        let rows = rows.map_err(|error| self.failed(&error))?;
        rows.iter().map(|row| row.try_get("kms_host_name").map_err(|error| self.failed(&error))).collect()
    }

    async fn try_fleet(&self, question: &FleetQuestion) -> sqlx::Result<Aggregate> {
        let mut connection = self.reader().await?;
        let fleet = self.limited(add_up(&mut connection, question)).await;
        settle(connection, fleet).await
    }
}

async fn add_up(connection: &mut AnyConnection, question: &FleetQuestion) -> sqlx::Result<Aggregate> {
    // In one transaction: a file does not change for those who began to read it.
    let mut transaction = connection.begin().await?;
    let counted = count(&mut transaction, question).await?;
    let kms_hosts = kms_hosts(&mut transaction, question.moment(), &counted.clients).await?;
    transaction.commit().await?;
    let Counted { whole, paths, symptoms, products, channels, counts, at_risk, .. } = counted;
    Ok(Aggregate {
        as_of: question.now,
        totals: whole,
        paths,
        symptoms,
        products,
        channels,
        counts,
        at_risk,
        kms_hosts,
    })
}

/// Counts all machines. Each comes as one row with its licenses in one text: what makes up a row would otherwise take
/// longer than what is in it.
async fn count(connection: &mut AnyConnection, question: &FleetQuestion) -> sqlx::Result<Counted> {
    let shared_ids = shared_ids(connection, question.moment()).await?;
    let license = rows::packed(LINE.map(str::to_owned));
    let sql = format!(
        "SELECT m.name, MIN(m.reported_at), MIN(m.client_machine_id), STRING_AGG(CASE WHEN l.machine IS NOT NULL \
         THEN {license} END, '{LICENSES}') {JOINED} GROUP BY m.name"
    );
    let query = sqlx::query(AssertSqlSafe(sql));
    let mut rows = query.fetch(connection);
    let mut tally = Tally::new(question, &shared_ids);
    while let Some(row) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
        let row = row?;
        let licenses: Option<&str> = row.try_get(3)?;
        tally.add(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, licenses.unwrap_or_default());
    }
    Ok(tally.finish())
}

/// The IDs by which KMS hosts count machines, where more than one has the same. A machine that is stale may be one that
/// was renamed, and is none of them.
async fn shared_ids(connection: &mut AnyConnection, moment: Moment) -> sqlx::Result<HashSet<String>> {
    let sql = "SELECT client_machine_id FROM machine WHERE client_machine_id IS NOT NULL AND reported_at >= $1 \
               GROUP BY client_machine_id HAVING COUNT(*) > 1 ORDER BY COUNT(*) DESC LIMIT $2";
    let query = sqlx::query(sql).bind(moment.stale_before()).bind(MAX_SHARED_IDS);
    query.fetch_all(connection).await?.iter().map(|row| row.try_get(0)).collect()
}

/// The KMS hosts, with their own licenses and what their clients want of them.
async fn kms_hosts(
    connection: &mut AnyConnection,
    moment: Moment,
    clients: &HashMap<String, Clients>,
) -> sqlx::Result<Vec<KmsHostStatus>> {
    let sql = rows::select("m.is_kms_host = 1 ORDER BY m.name LIMIT $1", false);
    let mut hosts = Vec::new();
    for row in sqlx::query(AssertSqlSafe(sql)).bind(MAX_KMS_HOSTS).fetch_all(connection).await? {
        let Known { machine, licenses } = rows::known(&row)?;
        let Some(machine) = machine else { continue };
        // A host may have one key for Windows and one for Office. Where either is in force it activates.
        let own = licenses.values().filter(|known| known.is_of_kms_host() && !moment.is_stale(known.reported_at));
        let own = own.max_by_key(|known| (known.license.status == Some(LicenseStatus::Licensed), known.reported_at));
        let reported_at = machine.kms_host_reported_at.unwrap_or(machine.reported_at);
        let stale = moment.is_stale(reported_at);
        let names = [machine.name.as_str(), machine.name.short()];
        let clients =
            names.iter().filter_map(|name| clients.get(*name).copied()).reduce(Clients::and).unwrap_or_default();
        let last_renewed_at = clients.last_renewed_at.and_then(|at| Timestamp::from_second(at).ok());
        hosts.push(KmsHostStatus {
            idle_since: machine
                .idle_since()
                .filter(|_| !stale)
                .map(|since| since.max(last_renewed_at.unwrap_or(since))),
            facts: machine.kms_host.unwrap_or_default(),
            reported_at,
            stale,
            own_license: own.and_then(|own| own.license.status),
            own_reason: own.and_then(|own| own.license.reason_code),
            required_by_clients: clients.required,
            machine: machine.name,
        });
    }
    Ok(hosts)
}
