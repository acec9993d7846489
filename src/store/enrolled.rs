//! Machines that enrolled: each with the digest of a token of its own. Nothing else is kept of a token.

use super::connection::{Cells, Take};
use super::{Store, StoreError, Writing};
use crate::config::tokens::Digest;
use crate::license::MachineName;
use jiff::Timestamp;
use std::sync::Arc;

/// A machine that enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    pub machine: MachineName,
    /// The name of the token by which it did.
    pub token: Arc<str>,
    pub enrolled_at: Timestamp,
    /// Since when its own token is not accepted any more.
    pub revoked_at: Option<Timestamp>,
}

/// A machine that is to be enrolled.
#[derive(Clone, Copy)]
pub struct Enrolling<'a> {
    pub machine: &'a MachineName,
    /// The digest of the token that it made for itself.
    pub digest: Digest,
    /// The name of the token by which it enrols.
    pub token: &'a str,
    /// How many machines may be enrolled, and by one token.
    pub most: i64,
    pub most_of_token: i64,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enrolment {
    /// It is enrolled.
    New,
    /// It was, with the same token.
    Again,
    /// It was, with another token.
    Taken,
    /// It was, and its token is revoked.
    Revoked,
    /// Another machine has this token.
    TokenTaken,
    /// Too many machines are enrolled.
    Full,
}

impl Store {
    /// The machine whose own token has this digest and is not revoked, and the name of the token by which it enrolled.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn enrolled_by_digest(&self, digest: Digest) -> Result<Option<(MachineName, Arc<str>)>, StoreError> {
        let sql = "SELECT machine, token FROM enrolled WHERE digest = $1 AND revoked_at IS NULL";
        let mut found = None;
        let take: Take<'_> = &mut |row| {
            found = row.text(0)?.map(MachineName::known).zip(row.text(1)?.map(Arc::from));
            Ok(())
        };
        let digest = vec![digest.to_hexadecimal().as_str().into()];
        self.look_up(async |connection| connection.fetch(sql, digest, take).await).await?;
        Ok(found)
    }

    /// All machines that enrolled, by their names.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn enrolled(&self) -> Result<Vec<Enrolled>, StoreError> {
        let sql = "SELECT machine, token, enrolled_at, revoked_at FROM enrolled";
        let mut found = Vec::new();
        let take: Take<'_> = &mut |row| {
            found.extend(enrolled(row)?);
            Ok(())
        };
        self.read(async |connection| connection.fetch(sql, Vec::new(), take).await).await?;
        // By the same order in every database.
        found.sort_by(|one: &Enrolled, other| one.machine.cmp(&other.machine));
        Ok(found)
    }
}

impl Writing<'_> {
    /// Enrols a machine, where that is possible. Returns with it the revision of what was written, where anything was.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read or written.
    pub async fn enrol(
        &mut self,
        wanted: Enrolling<'_>,
        now: Timestamp,
    ) -> Result<(Enrolment, Option<i64>), StoreError> {
        self.try_to_enrol(wanted, now).await.map_err(|error| self.failed(&error))
    }

    async fn try_to_enrol(
        &mut self,
        Enrolling { machine, digest, token, most, most_of_token }: Enrolling<'_>,
        now: Timestamp,
    ) -> sqlx::Result<(Enrolment, Option<i64>)> {
        let digest = digest.to_hexadecimal();
        let sql = "SELECT machine, digest, revoked_at FROM enrolled WHERE machine = $1 OR digest = $2";
        let mut known = None;
        let take: Take<'_> = &mut |row| {
            let is_of_machine = row.text(0)? == Some(machine.as_str());
            let is_same = row.text(1)? == Some(digest.as_str());
            // What is known of the machine itself counts more than whose the token is.
            if is_of_machine || known.is_none() {
                known = Some(match (is_of_machine, row.integer(2)?) {
                    (false, _) => Enrolment::TokenTaken,
                    (true, Some(_)) => Enrolment::Revoked,
                    (true, None) if is_same => Enrolment::Again,
                    (true, None) => Enrolment::Taken,
                });
            }
            Ok(())
        };
        self.connection.fetch(sql, vec![machine.as_str().into(), digest.as_str().into()], take).await?;
        if let Some(known) = known {
            return Ok((known, None));
        }
        let all = self.connection.number("SELECT count(*) FROM enrolled", Vec::new()).await?;
        let sql = "SELECT count(*) FROM enrolled WHERE token = $1";
        let of_token = self.connection.number(sql, vec![token.into()]).await?;
        if all >= most || of_token >= most_of_token {
            return Ok((Enrolment::Full, None));
        }
        let revision = self.next_revision().await?;
        let sql = "INSERT INTO enrolled (machine, digest, token, enrolled_at) VALUES ($1, $2, $3, $4)";
        let row = vec![machine.as_str().into(), digest.as_str().into(), token.into(), now.as_second().into()];
        self.connection.execute(sql, row).await?;
        Ok((Enrolment::New, Some(revision)))
    }

    /// Shuts a machine out: its own token is not accepted any more, and it cannot enrol. False where it is not enrolled.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn revoke_enrolled(&mut self, machine: &MachineName, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE enrolled SET revoked_at = coalesce(revoked_at, $1) WHERE machine = $2";
        self.change_enrolled(sql, vec![now.as_second().into(), machine.as_str().into()]).await
    }

    /// Forgets that a machine enrolled: its own token is not accepted any more, and it can enrol once more. False where
    /// it is not enrolled.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn forget_enrolled(&mut self, machine: &MachineName) -> Result<bool, StoreError> {
        self.change_enrolled("DELETE FROM enrolled WHERE machine = $1", vec![machine.as_str().into()]).await
    }

    async fn change_enrolled(&mut self, sql: &str, values: Vec<super::connection::Value>) -> Result<bool, StoreError> {
        let changed = async {
            // So that a daemon does not take it for damage.
            self.next_revision().await?;
            self.connection.execute(sql, values).await
        };
        let changed = changed.await;
        changed.map(|rows| rows > 0).map_err(|error| self.failed(&error))
    }
}

fn enrolled(row: &dyn Cells) -> sqlx::Result<Option<Enrolled>> {
    let moment =
        |column: usize| Ok::<_, sqlx::Error>(row.integer(column)?.and_then(|at| Timestamp::from_second(at).ok()));
    let (machine, token, enrolled_at) = (row.text(0)?, row.text(1)?, moment(2)?);
    let enrolled =
        machine.zip(token).zip(enrolled_at).map(|((machine, token), enrolled_at)| (machine, token, enrolled_at));
    let revoked_at = moment(3)?;
    Ok(enrolled.map(|(machine, token, enrolled_at)| Enrolled {
        machine: MachineName::known(machine),
        token: token.into(),
        enrolled_at,
        revoked_at,
    }))
}
