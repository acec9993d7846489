//! The verdicts that paths had, and how each path goes on after a restart. Those of instances that share a store do not
//! mix.

use super::connection::{Cells, Take, Value};
use super::insert::Table;
use super::rows::Columns;
use super::{Store, StoreError, Writing};
use crate::codes::Code;
use crate::observation::{Reason, Stage};
use crate::verdict::Status;
use crate::verdict::course::{Course, KeptPast};
use crate::verdict::past::{Numbered, PastVerdict};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tracing::warn;

const VERDICT: Table = Table { name: "verdict", key: &["instance", "path", "number"] };
const COURSE: Table = Table { name: "verdict_course", key: &["instance", "path"] };
const INSTANCE: Table = Table { name: "verdict_instance", key: &["instance"] };

/// The most verdicts that are kept in all, of all instances. Of more, the oldest go.
const IN_ALL: i64 = 1_000_000;

/// Verdicts, and how paths go on, as one instance has them written.
#[derive(Debug, Clone, Copy)]
pub struct OfInstance<'a> {
    pub instance: &'a str,
    pub verdicts: &'a [Numbered],
    /// The paths of which everything else that is there goes.
    pub renumbered: &'a [Arc<str>],
    pub courses: &'a [(Arc<str>, Arc<Course>)],
    /// The most verdicts that are kept of a path. Of more, the oldest go.
    pub most: u64,
}

impl Store {
    /// What is kept of the paths of an instance.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn kept_past(&self, instance: &str) -> Result<KeptPast, StoreError> {
        let of_instance = || vec![Value::from(instance)];
        let mut kept = KeptPast::default();
        self.read(async |connection| {
            let seen_at = "SELECT seen_at_ms FROM verdict_instance WHERE instance = $1";
            let take: Take<'_> = &mut |row| {
                kept.seen_at = moment(row, 0)?;
                Ok(())
            };
            connection.fetch(seen_at, of_instance(), take).await?;
            let courses = "SELECT path, course FROM verdict_course WHERE instance = $1";
            let take: Take<'_> = &mut |row| {
                let (Some(path), Some(course)) = (row.text(0)?, row.text(1)?) else { return Ok(()) };
                match Course::from_json(course) {
                    Ok(course) => kept.courses.push((path.into(), course)),
                    Err(error) => warn!(path, "how the path was before the restart cannot be read: {error}"),
                }
                Ok(())
            };
            connection.fetch(courses, of_instance(), take).await?;
            let verdicts = "SELECT path, number, at_ms, status, stage, reason, code FROM verdict \
                            WHERE instance = $1 ORDER BY path, number";
            let take: Take<'_> = &mut |row| {
                let name = row.text(0)?.unwrap_or_default();
                // There are many of each path.
                let last = kept.verdicts.last().filter(|last| *last.path == *name);
                let path = last.map_or_else(|| name.into(), |last| Arc::clone(&last.path));
                kept.verdicts.extend(numbered(row, path)?);
                Ok(())
            };
            connection.fetch(verdicts, of_instance(), take).await
        })
        .await?;
        Ok(kept)
    }

    /// The verdicts of all instances, by instance and path, the last of each at the end: those since a moment, and the one
    /// of each before.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn past_verdicts(
        &self,
        since: Timestamp,
    ) -> Result<BTreeMap<(String, Arc<str>), Vec<PastVerdict>>, StoreError> {
        let sql = "SELECT path, number, at_ms, status, stage, reason, code, instance FROM verdict \
                   WHERE at_ms >= $1 OR number = ( \
                       SELECT max(number) FROM verdict AS earlier \
                       WHERE earlier.instance = verdict.instance AND earlier.path = verdict.path AND earlier.at_ms < $1 \
                   ) \
                   ORDER BY instance, path, number";
        let mut found: BTreeMap<(String, Arc<str>), Vec<PastVerdict>> = BTreeMap::new();
        let take: Take<'_> = &mut |row| {
            let path: Arc<str> = row.text(0)?.unwrap_or_default().into();
            let instance = row.text(7)?.unwrap_or_default().to_owned();
            if let Some(numbered) = numbered(row, Arc::clone(&path))? {
                found.entry((instance, path)).or_default().push(numbered.verdict);
            }
            Ok(())
        };
        let since = vec![since.as_millisecond().into()];
        self.read(async |connection| connection.fetch(sql, since, take).await).await?;
        Ok(found)
    }
}

impl Writing<'_> {
    /// Writes verdicts, and how paths go on, in place of what was written of the same. Returns the revision, and how many
    /// verdicts went because there were too many of a path.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn write_verdicts(&mut self, of: OfInstance<'_>, now: Timestamp) -> Result<(i64, u64), StoreError> {
        self.try_to_write_verdicts(of, now).await.map_err(|error| self.failed(&error))
    }

    async fn try_to_write_verdicts(&mut self, of: OfInstance<'_>, now: Timestamp) -> sqlx::Result<(i64, u64)> {
        let OfInstance { instance, verdicts, renumbered, courses, most } = of;
        let revision = self.next_revision().await?;
        let seen = vec![("instance", instance.into()), ("seen_at_ms", now.as_millisecond().into())];
        self.connection.insert(INSTANCE, vec![seen]).await?;
        for path in renumbered {
            let sql = "DELETE FROM verdict WHERE instance = $1 AND path = $2";
            self.connection.execute(sql, vec![instance.into(), (&**path).into()]).await?;
        }
        self.connection.insert(VERDICT, verdicts.iter().map(|verdict| row(instance, verdict)).collect()).await?;
        let courses = courses.iter().filter_map(|(path, course)| {
            let course = course.to_json().ok()?;
            Some(vec![("instance", instance.into()), ("path", (&**path).into()), ("course", course.as_str().into())])
        });
        self.connection.insert(COURSE, courses.collect()).await?;
        let mut last: BTreeMap<&str, u64> = BTreeMap::new();
        for Numbered { path, number, .. } in verdicts {
            last.insert(path, *number);
        }
        let mut dropped = 0;
        for (path, too_old) in last.into_iter().filter_map(|(path, last)| Some((path, last.checked_sub(most)?))) {
            let sql = "DELETE FROM verdict WHERE instance = $1 AND path = $2 AND number <= $3";
            dropped += self.connection.execute(sql, vec![instance.into(), path.into(), count(too_old)]).await?;
        }
        Ok((revision, dropped))
    }

    /// Deletes the verdicts that were over before a moment, those of instances that were there last before it, and the
    /// oldest where there are too many in all. Returns how many went for their age, and how many because of the others.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn prune_verdicts(&mut self, before: Timestamp) -> Result<(u64, u64), StoreError> {
        self.try_to_prune_verdicts(before).await.map_err(|error| self.failed(&error))
    }

    async fn try_to_prune_verdicts(&mut self, before: Timestamp) -> sqlx::Result<(u64, u64)> {
        let before = || vec![Value::from(before.as_millisecond())];
        let over = "DELETE FROM verdict WHERE at_ms < $1 AND EXISTS ( \
                        SELECT 1 FROM verdict AS later \
                        WHERE later.instance = verdict.instance AND later.path = verdict.path \
                            AND later.number > verdict.number AND later.at_ms <= $1 \
                    )";
        let mut old = self.connection.execute(over, before()).await?;
        let gone = "IN (SELECT instance FROM verdict_instance WHERE seen_at_ms < $1)";
        old += self.connection.execute(&format!("DELETE FROM verdict WHERE instance {gone}"), before()).await?;
        self.connection.execute(&format!("DELETE FROM verdict_course WHERE instance {gone}"), before()).await?;
        self.connection.execute("DELETE FROM verdict_instance WHERE seen_at_ms < $1", before()).await?;
        let too_many =
            "DELETE FROM verdict WHERE at_ms <= (SELECT at_ms FROM verdict ORDER BY at_ms DESC LIMIT 1 OFFSET $1)";
        let dropped = self.connection.execute(too_many, vec![IN_ALL.into()]).await?;
        Ok((old, dropped))
    }
}

fn row(instance: &str, Numbered { path, number, verdict }: &Numbered) -> Columns {
    let PastVerdict { at, status, stage, reason, code } = verdict;
    vec![
        ("instance", instance.into()),
        ("path", (&**path).into()),
        ("number", count(*number)),
        ("at_ms", at.as_millisecond().into()),
        ("status", status.as_str().into()),
        ("stage", stage.map(|stage| stage.as_str().to_owned()).into()),
        ("reason", reason.map(|reason| reason.as_str().to_owned()).into()),
        ("code", code.map(|code| i64::from(code.0)).into()),
    ]
}

/// A verdict that was read; `None` for what no program writes.
fn numbered(row: &dyn Cells, path: Arc<str>) -> sqlx::Result<Option<Numbered>> {
    let number = row.integer(1)?.and_then(|number| u64::try_from(number).ok());
    let (at, status) = (moment(row, 2)?, row.text(3)?.and_then(Status::of));
    let (Some(number), Some(at), Some(status)) = (number, at, status) else { return Ok(None) };
    // What a newer program blames that this one does not know is not known.
    let verdict = PastVerdict {
        at,
        status,
        stage: row.text(4)?.and_then(Stage::of),
        reason: row.text(5)?.and_then(Reason::of),
        code: row.integer(6)?.and_then(|code| u32::try_from(code).ok()).map(Code),
    };
    Ok(Some(Numbered { path, number, verdict }))
}

fn moment(row: &dyn Cells, column: usize) -> sqlx::Result<Option<Timestamp>> {
    Ok(row.integer(column)?.and_then(|millisecond| Timestamp::from_millisecond(millisecond).ok()))
}

fn count(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}
