//! What is written down of each day, and what goes after a while.

use super::{machines, on_both, take};
use crate::fleet::{day, in_status, moment, report, windows};
use gracewatch::intake::keeper::Keeper;
use gracewatch::license::License;
use gracewatch::license::LicenseStatus;
use gracewatch::store::{Pruned, StoreUrl};
use jiff::SignedDuration;
use sqlx::{Connection, Executor, PgConnection, Row, SqliteConnection};
use std::sync::Arc;

on_both!(
    what_is_old_goes,
    a_clock_that_is_ahead_deletes_nothing,
    only_days_on_which_the_store_was_in_use_make_a_machine_old,
    no_license_and_no_machine_has_changes_without_end,
    there_are_no_changes_without_end_in_all,
);

fn days(number: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * number)
}

async fn what_is_old_goes(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    for on in 0..10 {
        let status = if on % 2 == 0 { LicenseStatus::Licensed } else { LicenseStatus::Notification };
        take(&keeper, vec![report("a", on, vec![in_status(status, windows(0))])]).await;
        // Twice a day is as good as once.
        for now in [day(on), day(on) + SignedDuration::from_hours(1)] {
            let figures = keeper.aggregate(moment(now), 0, Arc::default()).await;
            keeper.write_day(&figures).await.unwrap();
        }
    }
    take(&keeper, vec![report("b", 2, vec![windows(100)])]).await;
    let prune = async |history, forget| keeper.prune(day(10), days(history), forget).await.unwrap();
    assert_eq!(prune(100, None).await, Pruned::default());
    assert_eq!(prune(5, None).await, Pruned { machines: 0, changes: 6, days: 5 });
    assert_eq!(prune(5, Some(days(5))).await, Pruned { machines: 1, changes: 0, days: 0 });
    assert_eq!(machines(&keeper).await, 1);
    assert_eq!(prune(0, Some(days(0))).await, Pruned { machines: 1, changes: 5, days: 5 });
    keeper.close().await;
    // Who is forgotten is gone from the store as well.
    assert_eq!(machines(&Keeper::open(url).await.unwrap()).await, 0);
}

async fn write_day(keeper: &Keeper, on: i64) {
    keeper.write_day(&keeper.aggregate(moment(day(on)), 0, Arc::default()).await).await.unwrap();
}

/// What it dated itself does not speak for it: neither a report that came in ahead, nor the figures of days that were
/// written then. A machine that is alone is no less safe than many.
async fn a_clock_that_is_ahead_deletes_nothing(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    for on in [0, 1] {
        let status = if on == 0 { LicenseStatus::Licensed } else { LicenseStatus::Notification };
        take(&keeper, vec![report("a", on, vec![in_status(status, windows(0))]), report("b", 0, vec![windows(90)])])
            .await;
        write_day(&keeper, on).await;
    }
    for ahead in [501, 502] {
        take(&keeper, vec![report("a", ahead, vec![windows(50)])]).await;
        write_day(&keeper, ahead).await;
    }
    keeper.close().await;
    let keeper = Keeper::open(url).await.unwrap();
    let prune = async |now| keeper.prune(day(now), days(400), Some(days(400))).await.unwrap();
    assert_eq!(prune(502).await, Pruned::default());
    // It is set right, and shows days that were never.
    assert_eq!((prune(2).await, machines(&keeper).await), (Pruned::default(), 2));
}

/// Such as where the daemon was off for a year, or the store is a backup of last year: who is silent since before that is
/// forgotten once the store was in use for so long, and nobody before.
async fn only_days_on_which_the_store_was_in_use_make_a_machine_old(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    take(&keeper, ["a", "b"].map(|name| report(name, 0, vec![windows(100)])).to_vec()).await;
    write_day(&keeper, 0).await;
    let mut forgotten = Vec::new();
    for on in 500..540 {
        if on == 520 {
            take(&keeper, vec![report("b", on, vec![windows(50)])]).await;
        }
        write_day(&keeper, on).await;
        if keeper.prune(day(on), days(1), Some(days(30))).await.unwrap().machines > 0 {
            forgotten.push((on, machines(&keeper).await));
        }
    }
    assert_eq!(forgotten, [(529, 1)]);
}

/// Runs a statement on a store, and returns the one number of its answer, if it has one.
async fn number(url: &StoreUrl, sql: &'static str) -> Option<i64> {
    match url {
        StoreUrl::Sqlite(file) => {
            let mut connection = SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
            connection.fetch_optional(sql).await.unwrap().map(|row| row.get(0))
        }
        StoreUrl::Postgres(address) => {
            let mut connection = PgConnection::connect(address.reveal()).await.unwrap();
            connection.fetch_optional(sql).await.unwrap().map(|row| row.get(0))
        }
    }
}

async fn no_license_and_no_machine_has_changes_without_end(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    let flip = |on: i64, number: usize| {
        let status = if on % 2 == 0 { LicenseStatus::Licensed } else { LicenseStatus::Notification };
        License {
            sku: None,
            application: None,
            product: Some(format!("Product {number}")),
            ..in_status(status, windows(0))
        }
    };
    let flips = |machine: &'static str, days: std::ops::Range<i64>, licenses: usize| {
        days.map(move |on| report(machine, on, (0..licenses).map(|number| flip(on, number)).collect()))
    };
    // One that does so for a year, one of which all comes at once, and one with many licenses.
    for on in 0..60 {
        take(&keeper, flips("slow", on..on + 1, 1).collect()).await;
    }
    take(&keeper, flips("quick", 0..400, 1).chain(flips("many", 0..40, 10)).collect()).await;
    take(&keeper, flips("other", 0..3, 1).collect()).await;
    let count = async |sql| number(url, sql).await.unwrap();
    // One more is that the machine appeared, where that is not older than the newest 200.
    assert_eq!(count("SELECT count(*) FROM status_change WHERE machine = 'slow'").await, 51);
    assert_eq!(count("SELECT count(*) FROM status_change WHERE machine = 'quick'").await, 50);
    assert_eq!(count("SELECT count(*) FROM status_change WHERE machine = 'many'").await, 200);
    assert_eq!(count("SELECT count(*) FROM status_change WHERE machine = 'other'").await, 3);
    // The newest are left.
    let oldest = "SELECT min(at) FROM status_change WHERE machine = 'slow' AND license_id <> ''";
    assert_eq!(count(oldest).await, day(10).as_second());
    let newest = "SELECT max(at) FROM status_change WHERE machine = 'many' AND license_id <> ''";
    assert_eq!(count(newest).await, day(39).as_second());
    keeper.close().await;
}

async fn there_are_no_changes_without_end_in_all(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    // As from many machines over a year.
    number(
        url,
        "WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 1000000) \
         INSERT INTO status_change (at, machine, license_id, from_status, to_status) \
         SELECT number, 'm' || number, 'x', 1, 5 FROM numbers",
    )
    .await;
    for on in 0..3 {
        let status = if on % 2 == 0 { LicenseStatus::Licensed } else { LicenseStatus::Notification };
        take(&keeper, vec![report("a", on, vec![in_status(status, windows(0))])]).await;
    }
    let count = async |sql| number(url, sql).await.unwrap();
    assert_eq!(count("SELECT count(*) FROM status_change").await, 900_002);
    assert_eq!(count("SELECT min(at) FROM status_change").await, 100_002);
    assert_eq!(count("SELECT count(*) FROM status_change WHERE machine = 'a'").await, 3);
    keeper.close().await;
}
