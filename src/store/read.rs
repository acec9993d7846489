//! Rows as they are read.

use super::connection::{Cells, Connection, Take, Value};
use super::rows;
use crate::codes::Code;
use crate::fleet::known::{KnownLicense, KnownMachine};
use crate::host::{HostPort, KMS_PORT};
use crate::license::{
    Application, Channel, FailedStart, HostKey, KmsCounts, KmsHost, License, LicenseStatus, MachineName,
    PartialProductKey, Publication, Published, Remaining, Source,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;
use std::time::Duration;

/// What is read of a store, in this order: which machines are gone, and then each machine with its licenses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A machine that is gone as of a revision.
    Gone(MachineName, i64),
    /// A machine with its licenses, in the order of what identifies them on it, as of a revision.
    Machine(Box<KnownMachine>, Vec<(String, KnownLicense)>, i64),
}

/// How long it may take to look through all of a store.
const CHECK: Duration = Duration::from_mins(5);

/// The revision of a store that says none.
const NO_REVISION: i64 = -1;

/// A cheap check whether a store is what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// The last revision that was written; below 0 where that is not known any more.
    pub revision: i64,
    /// Whether there is any machine.
    pub has_machines: bool,
    /// Whether any machine has a license.
    pub has_licenses: bool,
}

pub(super) async fn pulse(connection: &mut Connection) -> sqlx::Result<Pulse> {
    let sql = "SELECT COALESCE((SELECT max(revision) FROM last_revision), -1), \
               CAST(CASE WHEN EXISTS (SELECT 1 FROM machine) THEN 1 ELSE 0 END AS BIGINT), \
               CAST(CASE WHEN EXISTS (SELECT 1 FROM license) THEN 1 ELSE 0 END AS BIGINT)";
    let mut pulse = Pulse { revision: NO_REVISION, has_machines: false, has_licenses: false };
    let take: Take<'_> = &mut |row| {
        let mut row = Reader::new(row);
        pulse.revision = row.integer()?.unwrap_or(NO_REVISION);
        pulse.has_machines = row.flag()? == Some(true);
        pulse.has_licenses = row.flag()? == Some(true);
        Ok(())
    };
    connection.fetch(sql, Vec::new(), take).await?;
    Ok(pulse)
}

/// How many machines and licenses there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// As of which revision.
    pub revision: i64,
    pub machines: i64,
    pub licenses: i64,
}

pub(super) async fn counts(connection: &mut Connection) -> sqlx::Result<Counts> {
    let sql = "SELECT COALESCE((SELECT max(revision) FROM last_revision), -1), \
               (SELECT count(*) FROM machine), (SELECT count(*) FROM license)";
    let mut counts = None;
    let take: Take<'_> = &mut |row| {
        let mut row = Reader::new(row);
        let mut next = || row.integer()?.ok_or(sqlx::Error::RowNotFound);
        counts = Some(Counts { revision: next()?, machines: next()?, licenses: next()? });
        Ok(())
    };
    connection.fetch_within(CHECK, sql, Vec::new(), take).await?;
    counts.ok_or(sqlx::Error::RowNotFound)
}

/// Looks whether there is what the present schema has and no older one.
pub(super) async fn schema(connection: &mut Connection) -> sqlx::Result<()> {
    pulse(connection).await?;
    let latest = "SELECT kms_host_count.sku FROM machine, kms_host_count, kms_host_publication, enrolled LIMIT 0";
    connection.execute(latest, Vec::new()).await.map(|_| ())
}

/// Looks whether every table is there and, in a file, every page is what it should be. What it costs grows with the
/// file.
pub(super) async fn check(connection: &mut Connection) -> sqlx::Result<()> {
    let tables = "SELECT 1 FROM machine, license, kms_host_count, kms_host_publication, gone, status_change, daily, \
                  daily_runway, last_revision, verdict, verdict_course, verdict_instance, enrolled LIMIT 0";
    connection.execute(tables, Vec::new()).await?;
    if matches!(connection, Connection::Postgres(_)) {
        return Ok(());
    }
    let take: Take<'_> = &mut |row| match row.text(0)? {
        Some("ok") => Ok(()),
        fault => Err(sqlx::Error::Decode(fault.unwrap_or("it cannot be checked").into())),
    };
    connection.fetch_within(CHECK, "PRAGMA quick_check(1)", Vec::new(), take).await
}

/// Reads what was written after a revision, or everything, as of one moment. Returns what the store was like then.
pub(super) async fn snapshot(
    connection: &mut Connection,
    since: Option<i64>,
    take: &mut (impl FnMut(Row) + Send),
) -> sqlx::Result<Pulse> {
    let begin = match connection {
        Connection::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        _ => "BEGIN",
    };
    connection.execute(begin, Vec::new()).await?;
    let pulse = within(connection, since, take).await?;
    connection.execute("COMMIT", Vec::new()).await?;
    Ok(pulse)
}

/// The same, within a transaction.
pub(super) async fn within(
    connection: &mut Connection,
    since: Option<i64>,
    take: &mut (impl FnMut(Row) + Send),
) -> sqlx::Result<Pulse> {
    let latest = pulse(connection).await?;
    if since.is_some_and(|since| latest.revision <= since) {
        return Ok(latest);
    }
    let since = since.map(Value::from);
    if let Some(since) = &since {
        let sql = "SELECT machine, revision FROM gone WHERE revision > $1";
        connection
            .fetch(sql, vec![since.clone()], &mut |row| {
                let mut row = Reader::new(row);
                if let (Some(name), Some(revision)) = (row.text()?, row.integer()?) {
                    take(Row::Gone(MachineName::known(name), revision));
                }
                Ok(())
            })
            .await?;
    }
    machines(connection, since, take).await?;
    Ok(latest)
}

/// Reads machines, what few have, and then their licenses, all in the order of their names.
async fn machines(
    connection: &mut Connection,
    since: Option<Value>,
    take: &mut (impl FnMut(Row) + Send),
) -> sqlx::Result<()> {
    let (condition, of_these) = match since {
        Some(_) => ("revision > $1", "machine IN (SELECT name FROM machine WHERE revision > $1)"),
        None => ("1 = 1", "1 = 1"),
    };
    let values: Vec<_> = since.into_iter().collect();
    let mut found = Vec::new();
    let sql = format!("SELECT {} FROM machine WHERE {condition} ORDER BY name", rows::MACHINE);
    connection
        .fetch(&sql, values.clone(), &mut |row| {
            found.push(machine(&mut Reader::new(row))?);
            Ok(())
        })
        .await?;
    let mut hosts = found.iter_mut().map(|(machine, _)| machine);
    let sql = format!("SELECT {} FROM machine WHERE is_kms_host = 1 AND {condition} ORDER BY name", rows::KMS_HOST);
    connection
        .fetch(&sql, values.clone(), &mut |row| {
            let mut row = Reader::new(row);
            let name = row.text()?.ok_or_else(|| damaged("machine"))?;
            hosts.find(|machine| machine.name.as_str() == name).map_or(Ok(()), |host| add_kms_host(host, &mut row))
        })
        .await?;
    let mut hosts: HashMap<_, _> =
        found.iter_mut().map(|(machine, _)| (machine.name.as_str().to_owned(), machine)).collect();
    for (table, columns, add) in HOST_TABLES {
        let sql = format!("SELECT {columns} FROM {table} WHERE {of_these}");
        connection
            .fetch(&sql, values.clone(), &mut |row| {
                let mut row = Reader::new(row);
                let name = row.text()?.ok_or_else(|| damaged(table))?;
                hosts.get_mut(name).map_or(Ok(()), |host| add(host, &mut row))
            })
            .await?;
    }
    // All are in the order of the database, whatever that is.
    let mut found = found.into_iter().peekable();
    let mut own: Vec<(String, KnownLicense)> = Vec::new();
    let mut hand_over = |(mut machine, revision): (KnownMachine, i64), mut licenses: Vec<(String, KnownLicense)>| {
        // One that has the KMS host license of a KMS host may never have reported itself as one.
        if machine.kms_host_reported_at.is_none() && licenses.iter().any(|(_, known)| known.is_of_kms_host()) {
            machine.kms_host = machine.kms_host.filter(|facts| *facts != KmsHost::default());
        }
        licenses.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        take(Row::Machine(Box::new(machine), licenses, revision));
    };
    let mut words = Words::default();
    // They are read apart: what few rows have would cost as much as the rest, whatever is in it.
    let mut rare = Rare::new();
    let sql = format!("SELECT {} FROM license WHERE {} AND {of_these}", rows::RARE, rows::HAS_RARE);
    connection.fetch(&sql, values.clone(), &mut |row| add_rare(&mut rare, &mut Reader::new(row), &mut words)).await?;
    let sql = format!("SELECT {} FROM license WHERE {of_these} ORDER BY machine, license_id", rows::LICENSE);
    connection
        .fetch(&sql, values, &mut |row| {
            let mut row = Reader::new(row);
            let name = row.text()?.ok_or_else(|| damaged("license"))?;
            while let Some(before) = found.next_if(|(machine, _)| machine.name.as_str() != name) {
                hand_over(before, std::mem::take(&mut own));
            }
            let (id, mut known) = license(&mut row, &mut words)?;
            if let Some(rare) = rare.get_mut(name).and_then(|of_machine| of_machine.remove(&id)) {
                rare.add_to(&mut known);
            }
            own.push((id, known));
            Ok(())
        })
        .await?;
    for machine in found {
        hand_over(machine, std::mem::take(&mut own));
    }
    Ok(())
}

/// The cells of a row, one after the other.
struct Reader<'a> {
    cells: &'a dyn Cells,
    next: usize,
}

impl<'a> Reader<'a> {
    fn new(cells: &'a dyn Cells) -> Self {
        Self { cells, next: 0 }
    }

    fn text(&mut self) -> sqlx::Result<Option<&'a str>> {
        self.next += 1;
        self.cells.text(self.next - 1)
    }

    fn integer(&mut self) -> sqlx::Result<Option<i64>> {
        self.next += 1;
        self.cells.integer(self.next - 1)
    }

    /// What is no value of its type is not known.
    fn parsed<T: FromStr>(&mut self) -> sqlx::Result<Option<T>> {
        Ok(self.text()?.and_then(|text| text.parse().ok()))
    }

    fn number<T: TryFrom<i64>>(&mut self) -> sqlx::Result<Option<T>> {
        Ok(self.integer()?.and_then(|number| T::try_from(number).ok()))
    }

    fn moment(&mut self) -> sqlx::Result<Option<Timestamp>> {
        Ok(self.integer()?.and_then(|second| Timestamp::from_second(second).ok()))
    }

    fn flag(&mut self) -> sqlx::Result<Option<bool>> {
        Ok(self.integer()?.map(|flag| flag != 0))
    }

    fn code(&mut self) -> sqlx::Result<Option<Code>> {
        Ok(self.number()?.map(Code))
    }

    fn source(&mut self) -> sqlx::Result<Option<Source>> {
        Ok(self.text()?.and_then(Source::from_word))
    }
}

/// What is in many rows, read once each.
#[derive(Default)]
struct Words {
    channels: HashMap<String, Option<Channel>>,
    keys: HashMap<String, Option<PartialProductKey>>,
    hosts: HashMap<String, Option<HostPort>>,
}

impl Words {
    fn host(&mut self, word: Option<&str>) -> Option<HostPort> {
        remembered(&mut self.hosts, word, |word| HostPort::parse(word, KMS_PORT).ok())
    }
}

/// Reads a word that may have been read before.
fn remembered<T: Clone>(
    known: &mut HashMap<String, Option<T>>,
    word: Option<&str>,
    read: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let word = word?;
    if let Some(value) = known.get(word) {
        return value.clone();
    }
    let value = read(word);
    known.insert(word.to_owned(), value.clone());
    value
}

fn machine(row: &mut Reader<'_>) -> sqlx::Result<(KnownMachine, i64)> {
    let missing = || damaged("machine");
    let name = MachineName::known(row.text()?.ok_or_else(missing)?);
    let revision = row.integer()?.ok_or_else(missing)?;
    let machine = KnownMachine {
        name,
        reported_at: row.moment()?.ok_or_else(missing)?,
        received_at: row.moment()?.ok_or_else(missing)?,
        source: row.source()?.ok_or_else(missing)?,
        complete_at: row.moment()?,
        client_machine_id: row.parsed()?,
        remaining_windows_rearms: row.number()?,
        service_version: row.text()?.map(str::to_owned),
        kms_host: None,
        kms_host_reported_at: None,
        counted_at: BTreeMap::new(),
        requests_known_at: None,
        requests_grew_at: None,
        has_short_name: row.flag()?.ok_or_else(missing)?,
    };
    Ok((machine, revision))
}

/// Adds what is known of a machine as a KMS host.
fn add_kms_host(machine: &mut KnownMachine, row: &mut Reader<'_>) -> sqlx::Result<()> {
    machine.kms_host_reported_at = row.moment()?;
    machine.requests_known_at = row.moment()?;
    machine.requests_grew_at = row.moment()?;
    machine.kms_host = Some(kms_host(row)?);
    Ok(())
}

fn kms_host(row: &mut Reader<'_>) -> sqlx::Result<KmsHost> {
    let (listening_port, publishes_dns) = (row.number()?, row.flag()?);
    let (last_request_at, failed_at, code) = (row.moment()?, row.moment()?, row.code()?);
    let failed_start = failed_at.map(|at| FailedStart { at, code });
    Ok(KmsHost { listening_port, publishes_dns, last_request_at, failed_start, ..KmsHost::default() })
}

/// What a KMS host has in tables of its own, with how a row of each is added.
type AddToHost = fn(&mut KnownMachine, &mut Reader<'_>) -> sqlx::Result<()>;
const HOST_TABLES: [(&str, &str, AddToHost); 2] =
    [("kms_host_count", rows::COUNTS, add_counts), ("kms_host_publication", rows::PUBLICATIONS, add_publication)];

fn add_counts(machine: &mut KnownMachine, row: &mut Reader<'_>) -> sqlx::Result<()> {
    let Some(application) = row.text()?.and_then(Application::from_word) else { return Ok(()) };
    let key = HostKey { application, sku: row.text()?.and_then(|sku| sku.parse().ok()) };
    let reported_at = row.moment()?.ok_or_else(|| damaged("kms_host_count"))?;
    let mut counts = KmsCounts {
        current: row.number()?,
        required: row.number()?,
        requests: row.number()?,
        failed_requests: row.number()?,
        requests_by_status: [None; 7],
    };
    for requests in &mut counts.requests_by_status {
        *requests = row.number()?;
    }
    machine.kms_host.get_or_insert_default().counts.insert(key, counts);
    machine.counted_at.insert(key, reported_at);
    Ok(())
}

fn add_publication(machine: &mut KnownMachine, row: &mut Reader<'_>) -> sqlx::Result<()> {
    let (domain, at) = (row.text()?, row.moment()?);
    let (Some(domain), Some(at)) = (domain, at) else { return Err(damaged("kms_host_publication")) };
    let is_published = row.flag()? == Some(true);
    let outcome = if is_published { Published::Succeeded } else { Published::Failed(row.code()?) };
    let publications = &mut machine.kms_host.get_or_insert_default().publications;
    publications.insert(domain.to_owned(), Publication { at, outcome });
    Ok(())
}

/// Reads a license of which the machine was read already, with what identifies it.
fn license(row: &mut Reader<'_>, words: &mut Words) -> sqlx::Result<(String, KnownLicense)> {
    let missing = || damaged("license");
    let id = row.text()?.ok_or_else(missing)?.to_owned();
    let mut license = License {
        sku: row.parsed()?,
        application: row.parsed()?,
        product: row.text()?.map(str::to_owned),
        channel: remembered(&mut words.channels, row.text()?, Channel::new),
        partial_product_key: remembered(&mut words.keys, row.text()?, PartialProductKey::new),
        is_addon: row.flag()?,
        status: row.integer()?.and_then(LicenseStatus::from_number),
        reason_code: row.code()?,
        ..License::default()
    };
    license.remaining = row.number()?.map(Remaining::Minutes);
    license.discovered_host = words.host(row.text()?);
    license.activated_by_domain = row.flag()?;
    license.activation_interval = row.number()?;
    license.renewal_interval = row.number()?;
    license.required_count = row.number()?;
    license.remaining_sku_rearms = row.number()?;
    license.remaining_app_rearms = row.number()?;
    let (reported_at, source) = (row.moment()?.ok_or_else(missing)?, row.source()?.ok_or_else(missing)?);
    let (status_at, status_source) = (Some(reported_at), Some(source));
    Ok((id, KnownLicense { license, status_at, status_source, last_error_at: None, reported_at, source }))
}

/// What few licenses have, by machine and by what identifies the license on it.
type Rare = HashMap<String, HashMap<String, RareFacts>>;

/// What few licenses have.
struct RareFacts {
    status_at: Option<Timestamp>,
    status_source: Option<Source>,
    is_permanent: bool,
    evaluation_end: Option<Timestamp>,
    last_error: Option<Code>,
    last_error_at: Option<Timestamp>,
    configured_host: Option<HostPort>,
}

impl RareFacts {
    fn add_to(self, known: &mut KnownLicense) {
        (known.status_at, known.status_source) = (self.status_at, self.status_source);
        if self.is_permanent {
            known.license.remaining = Some(Remaining::Permanent);
        }
        known.license.evaluation_end = self.evaluation_end;
        known.license.last_error = self.last_error;
        known.last_error_at = self.last_error_at;
        known.license.configured_host = self.configured_host;
    }
}

fn add_rare(rare: &mut Rare, row: &mut Reader<'_>, words: &mut Words) -> sqlx::Result<()> {
    let missing = || damaged("license");
    let (machine, id) = (row.text()?.ok_or_else(missing)?, row.text()?.ok_or_else(missing)?);
    let facts = RareFacts {
        status_at: row.moment()?,
        status_source: row.source()?,
        is_permanent: row.flag()? == Some(true),
        evaluation_end: row.moment()?,
        last_error: row.code()?,
        last_error_at: row.moment()?,
        configured_host: words.host(row.text()?),
    };
    rare.entry(machine.to_owned()).or_default().insert(id.to_owned(), facts);
    Ok(())
}

/// The error for what something else has written to the store.
fn damaged(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("a row of `{what}` lacks what every row has").into())
}
