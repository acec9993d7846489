//! What is read of the past: licenses whose status changed, and machines that appeared or are gone.

use super::connection::{Take, Value};
use super::rows::NO_LICENSE;
use super::{Store, StoreError};
use crate::codes::Code;
use crate::license::{LicenseStatus, MachineName};
use jiff::Timestamp;

/// A license whose status changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastChange {
    pub at: Timestamp,
    pub machine: MachineName,
    /// What it is of, where that was reported.
    pub product: Option<String>,
    /// Its status before.
    pub from: Option<LicenseStatus>,
    /// Its status since.
    pub to: Option<LicenseStatus>,
    /// Why, as Windows puts it.
    pub reason_code: Option<Code>,
}

impl Store {
    /// The licenses whose status changed since a moment, of all machines or of one, the last first; so many at the
    /// most.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn past_changes(
        &self,
        since: Timestamp,
        of: Option<&MachineName>,
        most: u32,
    ) -> Result<Vec<PastChange>, StoreError> {
        let condition = if of.is_some() { "AND machine = $4" } else { "" };
        let sql = format!(
            "SELECT at, machine, product, from_status, to_status, reason_code FROM status_change \
             WHERE at >= $1 AND license_id <> $3 {condition} ORDER BY at DESC LIMIT $2"
        );
        let mut values = vec![since.as_second().into(), i64::from(most).into(), NO_LICENSE.into()];
        values.extend(of.map(|machine| machine.as_str().into()));
        let mut changes = Vec::new();
        let take: Take<'_> = &mut |row| {
            let status = |number: Option<i64>| number.and_then(LicenseStatus::from_number);
            let at = row.integer(0)?.and_then(|second| Timestamp::from_second(second).ok());
            if let (Some(at), Some(machine)) = (at, row.text(1)?) {
                changes.push(PastChange {
                    at,
                    machine: MachineName::known(machine),
                    product: row.text(2)?.map(str::to_owned),
                    from: status(row.integer(3)?),
                    to: status(row.integer(4)?),
                    reason_code: row.integer(5)?.and_then(|code| u32::try_from(code).ok()).map(Code),
                });
            }
            Ok(())
        };
        self.read(async |connection| connection.fetch(&sql, values, take).await).await?;
        Ok(changes)
    }

    /// The machines that are gone since a moment, because they were forgotten or have another name, the last first; so
    /// many at the most.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn gone_since(&self, since: Timestamp, most: u32) -> Result<Vec<(Timestamp, MachineName)>, StoreError> {
        let sql = "SELECT at, machine FROM gone WHERE at >= $1 ORDER BY at DESC LIMIT $2";
        self.machines_at(sql, vec![since.as_second().into(), i64::from(most).into()]).await
    }

    /// The machines that reported for the first time since a moment, the last first; so many at the most.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn appeared_since(
        &self,
        since: Timestamp,
        most: u32,
    ) -> Result<Vec<(Timestamp, MachineName)>, StoreError> {
        let sql = "SELECT at, machine FROM status_change WHERE at >= $1 AND license_id = $3 ORDER BY at DESC LIMIT $2";
        self.machines_at(sql, vec![since.as_second().into(), i64::from(most).into(), NO_LICENSE.into()]).await
    }

    /// Rows of a moment and a machine.
    async fn machines_at(
        &self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<(Timestamp, MachineName)>, StoreError> {
        let mut found = Vec::new();
        let take: Take<'_> = &mut |row| {
            let at = row.integer(0)?.and_then(|second| Timestamp::from_second(second).ok());
            found.extend(at.zip(row.text(1)?.map(MachineName::known)));
            Ok(())
        };
        self.read(async |connection| connection.fetch(sql, values, take).await).await?;
        Ok(found)
    }
}
