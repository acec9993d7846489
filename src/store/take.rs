//! Taking reports in: what is known of their machines is read, added to, and written back, in one transaction.

use super::skus::{SkuNames, learned, remember, write_skus};
use super::statement::{lists, pieces, placeholders, rows_of_placeholders, upsert};
use super::{Backend, Received, Store, StoreError, Taken, rows, settle};
use crate::fleet::identity::{self, Resolved};
use crate::fleet::known::{KnownLicense, KnownMachine};
use crate::fleet::merge::{self, Known, MAX_LICENSES, Merged, Outcome, StatusChange};
use crate::license::{MachineName, Report, product_key};
use crate::words::told;
use jiff::Timestamp;
use sqlx::{AnyConnection, AssertSqlSafe};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often a batch is tried where others are in the way.
const ATTEMPTS: u32 = 5;

/// The pause before the second attempt. It doubles.
const PAUSE: Duration = Duration::from_millis(20);

/// A machine before and after a batch.
#[derive(Default)]
struct Machine {
    before: Known,
    /// `None` as long as no report on it was looked at.
    after: Option<Known>,
    changes: Vec<StatusChange>,
}

impl Store {
    /// Takes a batch of reports in, all or none. Once this returns they are on disk. Tells of each report what became of
    /// it, in the order of the batch; reports of one machine are taken in the order in which they held.
    ///
    /// # Errors
    /// [`StoreError`], in which case none was taken, unless the database went away just as it was asked to finish:
    /// taking the batch again is right in any case.
    pub async fn take(&self, batch: Vec<Received>) -> Result<Vec<Taken>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let batch: Vec<_> = batch.into_iter().map(bounded).collect();
        let mut skus = self.inner.writing.lock().await;
        let mut pause = PAUSE;
        for _ in 1..ATTEMPTS {
            match self.try_to_take(&batch, &mut skus).await {
                Err(error) if matches!(self.failed(&error), StoreError::Busy { .. }) => {}
                result => return result.map_err(|error| self.failed(&error)),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.try_to_take(&batch, &mut skus).await.map_err(|error| self.failed(&error))
    }

    async fn try_to_take(&self, batch: &[Received], skus: &mut SkuNames) -> sqlx::Result<Vec<Taken>> {
        let mut connection = self.writer().await?;
        let taken = self.limited(self.take_over(&mut connection, batch, skus)).await;
        settle(connection, taken).await
    }

    async fn take_over(
        &self,
        connection: &mut AnyConnection,
        batch: &[Received],
        skus: &mut SkuNames,
    ) -> sqlx::Result<Vec<Taken>> {
        let mut transaction = self.begin_writing(connection).await?;
        let stored = read(&mut transaction, batch).await?;
        let Granted { taken: mut outcomes, reports, resolved: Resolved { names, renamed } } = granted(&stored, batch);
        rename(&mut transaction, &renamed).await?;
        let mut machines = before(stored, &names, &renamed);
        outcomes.extend(merge_batch(&reports, names, &mut machines));
        let taken = outcomes.into_values().collect();
        write(&mut transaction, self.inner.backend, &machines).await?;
        let learned = learned(batch, skus);
        write_skus(&mut transaction, &learned).await?;
        transaction.commit().await?;
        remember(skus, learned);
        Ok(taken)
    }
}

/// A report as it may be kept: in whole seconds, with texts of bounded length and no whole product key in them, whoever
/// read it.
fn bounded(mut received: Received) -> Received {
    received.reported_at = whole(received.reported_at);
    received.received_at = whole(received.received_at);
    let Report { service_version, kms_host, licenses, .. } = &mut received.report;
    bound(service_version);
    if let Some(kms_host) = kms_host {
        kms_host.last_request_at = kms_host.last_request_at.map(whole);
    }
    for license in licenses {
        bound(&mut license.product);
        license.evaluation_end = license.evaluation_end.map(whole);
    }
    received
}

fn bound(text: &mut Option<String>) {
    *text = text.as_deref().map(|text| told(&product_key::cut(text))).filter(|text| !text.is_empty());
}

fn whole(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

/// Reads what is known of the machines whose short name is that of any in the batch.
async fn read(connection: &mut AnyConnection, batch: &[Received]) -> sqlx::Result<Vec<Known>> {
    let labels: BTreeSet<&str> = batch.iter().map(|received| received.machine.short()).collect();
    let labels: Vec<_> = labels.into_iter().collect();
    let mut known = Vec::new();
    for list in lists(&labels) {
        let sql = rows::select(&format!("m.short_name IN ({})", placeholders(0, list.len())), false);
        let query = sqlx::query(AssertSqlSafe(sql));
        let query = list.iter().fold(query, |query, label| query.bind((**label).to_owned()));
        for row in query.fetch_all(&mut *connection).await? {
            known.push(rows::known(&row)?);
        }
    }
    Ok(known)
}

/// What is known of the machines with these names.
fn before(
    stored: Vec<Known>,
    names: &[MachineName],
    renamed: &BTreeMap<MachineName, MachineName>,
) -> BTreeMap<MachineName, Machine> {
    let mut machines: BTreeMap<_, _> = names.iter().map(|name| (name.clone(), Machine::default())).collect();
    for Known { machine, licenses } in stored {
        let Some(machine) = machine else { continue };
        let name = renamed.get(&machine.name).unwrap_or(&machine.name).clone();
        if let Some(known) = machines.get_mut(&name) {
            known.before = Known { machine: Some(KnownMachine { name, ..machine }), licenses };
        }
    }
    machines
}

/// The reports of a batch whose senders may speak for the machines they are about.
struct Granted<'a> {
    /// What became of the others, by their places in the batch.
    taken: BTreeMap<usize, Taken>,
    /// These, with their places.
    reports: Vec<(usize, &'a Received)>,
    /// The machines they are about.
    resolved: Resolved,
}

/// Finds the machines of a batch, and leaves out reports whose sender may not speak for the machine by the name it is
/// known by, or was known by so far.
fn granted<'a>(stored: &[Known], batch: &'a [Received]) -> Granted<'a> {
    let mut taken = BTreeMap::new();
    loop {
        let reports: Vec<_> = batch.iter().enumerate().filter(|(place, _)| !taken.contains_key(place)).collect();
        let names: Vec<_> =
            reports.iter().map(|(_, received)| (&received.machine, received.report.client_machine_id)).collect();
        let resolved = identity::resolve(stored.iter().filter_map(|known| known.machine.as_ref()), &names);
        let before = taken.len();
        for ((place, received), name) in reports.iter().zip(&resolved.names) {
            let formerly = resolved.renamed.iter().filter(|(_, to)| *to == name).map(|(from, _)| from);
            let denied = received.grant.as_ref().and_then(|grant| {
                let name = std::iter::once(name).chain(formerly).find(|name| !grant.covers(name))?;
                Some(format!("the token `{}` does not speak for {name}", grant.name))
            });
            taken.extend(denied.map(|reason| (*place, Taken::Refused(reason))));
        }
        // Without those, others may be about other machines.
        if taken.len() == before {
            return Granted { taken, reports, resolved };
        }
    }
}

/// Gives machines their new names, and with them their licenses and their history.
async fn rename(connection: &mut AnyConnection, renamed: &BTreeMap<MachineName, MachineName>) -> sqlx::Result<()> {
    for (from, to) in renamed {
        for sql in
            ["UPDATE machine SET name = $1 WHERE name = $2", "UPDATE status_change SET machine = $1 WHERE machine = $2"]
        {
            sqlx::query(sql).bind(to.to_string()).bind(from.to_string()).execute(&mut *connection).await?;
        }
    }
    Ok(())
}

/// Adds every report to what is known of its machine. Tells what became of each, by its place in the batch.
fn merge_batch(
    reports: &[(usize, &Received)],
    names: Vec<MachineName>,
    machines: &mut BTreeMap<MachineName, Machine>,
) -> BTreeMap<usize, Taken> {
    let mut in_order: Vec<_> = reports.iter().zip(names).collect();
    in_order.sort_by_key(|((_, received), _)| received.reported_at);
    let mut taken = BTreeMap::new();
    for ((place, received), name) in in_order {
        let Some(machine) = machines.get_mut(&name) else { continue };
        let known = machine.after.as_ref().unwrap_or(&machine.before);
        let Merged { known, changes, outcome } = merge::merge(known, &name, received);
        machine.changes.extend(changes);
        machine.after = Some(known);
        let outcome = match outcome {
            Outcome::Stored { changed } => Taken::Stored { machine: name, changed },
            Outcome::Unchanged => Taken::Unchanged,
            Outcome::Outdated => Taken::Outdated,
            Outcome::TooMany => {
                Taken::Refused(format!("more than {MAX_LICENSES} licenses on one machine are not kept"))
            }
        };
        taken.insert(*place, outcome);
    }
    taken
}

/// Writes what is known now and was not before.
async fn write(
    connection: &mut AnyConnection,
    backend: Backend,
    machines: &BTreeMap<MachineName, Machine>,
) -> sqlx::Result<()> {
    let mut written = Vec::new();
    let mut licenses = Vec::new();
    let mut gone = Vec::new();
    let mut changes = Vec::new();
    for (name, Machine { before, after, changes: changed }) in machines {
        let Some(after) = after.as_ref().filter(|after| *after != before) else { continue };
        written.extend(after.machine.as_ref().map(|machine| (machine, after)));
        let is_new = |(id, license): &(&String, &KnownLicense)| before.licenses.get(*id) != Some(license);
        licenses.extend(after.licenses.iter().filter(is_new).map(|(id, license)| (name, id, license)));
        gone.extend(before.licenses.keys().filter(|id| !after.licenses.contains_key(*id)).map(|id| (name, id)));
        changes.extend(changed.iter().map(|change| (name, change)));
    }
    for piece in pieces(&written) {
        let sql = upsert(backend, "machine", "name", &rows::MACHINE, piece.len());
        let query = piece.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, (machine, known)| {
            let is_kms_host = machine.kms_host.is_some() || known.licenses.values().any(KnownLicense::is_of_kms_host);
            rows::bind_machine(query, machine, is_kms_host)
        });
        query.execute(&mut *connection).await?;
    }
    for piece in pieces(&gone) {
        let values = rows_of_placeholders(backend, piece.len(), 2);
        let sql = format!("DELETE FROM license WHERE (machine, license_id) IN (VALUES {values})");
        let query = piece.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, (name, id)| {
            query.bind(name.to_string()).bind((*id).clone())
        });
        query.execute(&mut *connection).await?;
    }
    for piece in pieces(&licenses) {
        let sql = upsert(backend, "license", "machine, license_id", &rows::LICENSE, piece.len());
        let query = piece.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, (name, id, license)| {
            rows::bind_license(query, name, id, license)
        });
        query.execute(&mut *connection).await?;
    }
    write_changes(connection, backend, &changes).await
}

async fn write_changes(
    connection: &mut AnyConnection,
    backend: Backend,
    changes: &[(&MachineName, &StatusChange)],
) -> sqlx::Result<()> {
    for piece in pieces(changes) {
        let values = rows_of_placeholders(backend, piece.len(), 7);
        let columns = "at, machine, license_id, product, from_status, to_status, reason_code";
        let sql = format!("INSERT INTO status_change ({columns}) VALUES {values}");
        let query = piece.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, (name, change)| {
            query
                .bind(change.at.as_second())
                .bind(name.to_string())
                .bind(change.license_id.clone())
                .bind(change.product.clone())
                .bind(i64::from(change.from.number()))
                .bind(i64::from(change.to.number()))
                .bind(change.reason_code.map(|code| i64::from(code.0)))
        });
        query.execute(&mut *connection).await?;
    }
    Ok(())
}
