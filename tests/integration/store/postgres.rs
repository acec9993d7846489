//! `PostgreSQL`: several programs on one database, and one that goes away and comes back.

use super::{machines, take};
use crate::fleet::{Asked, aggregate, day, in_status, moment, office, question, report, submitted, windows};
use crate::servers::postgres::Postgres;
use gracewatch::fleet::Aggregate;
use gracewatch::fleet::known::Received;
use gracewatch::intake::decide::{Submission, Taken};
use gracewatch::intake::keeper::Keeper;
use gracewatch::license::LicenseStatus;
use gracewatch::store::{Store, StoreError};
use std::sync::Arc;

async fn open(server: &Postgres) -> Keeper {
    Keeper::open(&server.url().parse().unwrap()).await.unwrap()
}

/// The totals of the fleet on a day, for a program that has read what others wrote.
async fn figures(keeper: &Keeper, on: i64) -> Aggregate {
    keeper.refresh().await.unwrap();
    keeper.ask(move |fleet| aggregate(fleet, &Asked { ..question(on) })).await
}

/// Takes a report of a machine.
async fn take_one(keeper: &Keeper, machine: &str, on: i64) -> Result<Vec<Taken>, StoreError> {
    keeper.take(vec![submitted(report(machine, on, vec![windows(100)]))]).await
}

/// Batches that are about the same machines, by their short names and with their domains.
fn batches(of: usize) -> Vec<Vec<Submission>> {
    let batch = |number: i64| {
        (0..60).map(move |machine| {
            let domain = if (machine + number) % 3 == 0 { ".corp.example" } else { "" };
            let license = if (machine + number) % 7 == 0 {
                in_status(LicenseStatus::Notification, windows(0))
            } else {
                windows(150)
            };
            let report = report(&format!("m{machine}{domain}"), number, vec![license, office(100)]);
            // In whichever order they come in.
            submitted(Received { received_at: day(12), ..report })
        })
    };
    (0..i64::try_from(of).unwrap()).map(|number| batch(number).collect()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs postgresql"]
async fn two_programs_on_one_database_come_to_the_same_figures_as_one() {
    let (alone, shared) = (Postgres::new(), Postgres::new());
    let one = open(&alone).await;
    for batch in batches(12) {
        one.take(batch).await.unwrap();
    }
    // Opened at once, on a database that is empty.
    let (first, second) = tokio::join!(open(&shared), open(&shared));
    let mut tasks = tokio::task::JoinSet::new();
    for (number, batch) in batches(12).into_iter().enumerate() {
        for (is_first, store) in [(true, &first), (false, &second)] {
            // Some batches come to both.
            if number % 3 == 2 || (number % 3 == 0) == is_first {
                let (store, batch) = (store.clone(), batch.clone());
                tasks.spawn(async move { store.take(batch).await });
            }
        }
    }
    while let Some(taken) = tasks.join_next().await {
        assert_eq!(taken.unwrap().unwrap().len(), 60);
    }
    let expected = figures(&one, 12).await;
    assert_eq!(expected.totals.machines, 60);
    assert_eq!(figures(&first, 12).await, expected);
    assert_eq!(figures(&second, 12).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn a_database_that_was_away_is_used_again_once_it_is_back() {
    let mut server = Postgres::new();
    let keeper = open(&server).await;
    for (round, crashes) in [false, true].into_iter().enumerate() {
        let on = i64::try_from(round).unwrap();
        take(&keeper, vec![report("a", on, vec![windows(100)])]).await;
        if crashes {
            server.crash();
        } else {
            server.stop();
        }
        let error = take_one(&keeper, "b", on).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }) && error.is_temporary(), "{error:?}");
        assert!(keeper.refresh().await.unwrap_err().is_temporary());
        // What is known is known all the same.
        assert_eq!(machines(&keeper).await, 1);
        assert!(!error.to_string().contains("unchecked"), "{error}");
        server.start_again();
        assert_eq!(take(&keeper, vec![report("a", on, vec![windows(100)])]).await, ["unchanged"]);
    }
    assert_eq!(machines(&keeper).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn what_cannot_be_opened_says_why() {
    let server = Postgres::new();
    let missing = server.url().trim_end_matches("/postgres").to_owned() + "/missing";
    let error = Store::open(&missing.parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, StoreError::Other { .. }), "{error:?}");
    assert!(error.to_string().contains(r#"database "missing" does not exist"#), "{error}");
    let keeper = open(&server).await;
    server.query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (999, 'of the future', true, '', 0)",
    );
    keeper.close().await;
    let error = Store::open(&server.url().parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn people_can_read_it_with_the_tools_of_the_database() {
    let server = Postgres::new();
    let keeper = open(&server).await;
    take(&keeper, vec![report("a", -30, vec![windows(100)])]).await;
    take(&keeper, vec![report("a", -29, vec![in_status(LicenseStatus::Notification, windows(0))])]).await;
    let sums = keeper.aggregate(moment(day(-29)), 0, Arc::default()).await;
    keeper.write_day(&sums).await.unwrap();
    let shown = server.query("SELECT machine, product, status, reported_at FROM lost");
    assert_eq!(shown, "a|Windows(R), Enterprise edition|notification|2026-11-04 12:00:00");
    let shown = server.query("SELECT at, machine, from_status, to_status FROM change WHERE to_status IS NOT NULL");
    assert_eq!(shown, "2026-11-04 12:00:00|a|licensed|notification");
    assert_eq!(server.query("SELECT day, machines, lost FROM daily_runway"), "2026-11-04|1|1");
    for view in ["fleet", "expiring", "kms_host"] {
        server.query(&format!("SELECT * FROM {view}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn a_database_that_may_not_be_written_is_reported() {
    let server = Postgres::new();
    let keeper = open(&server).await;
    take(&keeper, vec![report("a", -30, vec![windows(100)])]).await;
    server.query("ALTER DATABASE postgres SET default_transaction_read_only = on");
    keeper.close().await;
    let error = match Keeper::open(&server.url().parse().unwrap()).await {
        Ok(keeper) => take_one(&keeper, "b", 0).await.unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    assert!(error.to_string().contains("RESET default_transaction_read_only"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn a_right_that_is_missing_is_reported_with_what_gives_it() {
    let server = Postgres::new();
    open(&server).await.close().await;
    server.query("CREATE ROLE guest LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest");
    server.query("GRANT CREATE ON SCHEMA public TO guest");
    let url = server.url().replace("gracewatch:", "guest:").parse().unwrap();
    let keeper = Keeper::open(&url).await.unwrap();
    let error = take_one(&keeper, "b", 0).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    let right = "permission denied for table last_revision; \
                 GRANT ALL ON ALL TABLES IN SCHEMA public TO the user of the store";
    assert!(error.to_string().ends_with(right), "{error}");
    // It says so as long as it is so, and no longer.
    for _ in 0..2 {
        let error = keeper.keep_in_place().await.unwrap_err().to_string();
        assert!(error.ends_with(right), "{error}");
        assert_eq!(keeper.refresh().await, Ok(false));
    }
    server.query("GRANT ALL ON ALL TABLES IN SCHEMA public TO guest");
    keeper.keep_in_place().await.unwrap();
    take_one(&keeper, "b", 0).await.unwrap();
    // Of a schema, and of a database.
    server.query("CREATE DATABASE other");
    let url = server.url().replace("gracewatch:", "guest:").replace("/postgres", "/other").parse().unwrap();
    let error = Store::open(&url).await.unwrap_err().to_string();
    assert!(error.contains("permission denied for schema public; GRANT USAGE, CREATE ON SCHEMA public"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn rows_that_someone_deleted_are_missed_when_all_is_looked_through() {
    let server = Postgres::new();
    let keeper = open(&server).await;
    take(&keeper, ["a", "b", "c"].map(|name| report(name, 0, vec![windows(100), office(100)])).into()).await;
    keeper.check().await.unwrap();
    for (sql, has) in [
        ("DELETE FROM machine WHERE name = 'b'", "2 machines and 4 licenses in place of 3 and 6"),
        (
            "DELETE FROM license WHERE machine = 'c' AND license_id = (SELECT min(license_id) FROM license)",
            "3 machines and 5",
        ),
    ] {
        server.query(sql);
        assert_eq!(keeper.refresh().await, Ok(false));
        let error = keeper.check().await.unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }) && error.to_string().contains(has), "{error}");
        keeper.keep_in_place().await.unwrap();
        assert_eq!(server.query("SELECT count(*) FROM license"), "6");
        keeper.check().await.unwrap();
    }
}
