//! `PostgreSQL`: several programs on one database, and one that goes away and comes back.

use super::{day, in_status, office, question, report, take, windows};
use crate::servers::postgres::Postgres;
use gracewatch::license::{KmsHost, LicenseStatus};
use gracewatch::store::{Received, Store, StoreError};

async fn open(server: &Postgres) -> Store {
    Store::open(&server.url().parse().unwrap()).await.unwrap()
}

/// Batches that are about the same machines, by their short names and with their domains.
fn batches(of: usize) -> Vec<Vec<Received>> {
    let batch = |number: i64| {
        (0..60).map(move |machine| {
            let domain = if (machine + number) % 3 == 0 { ".corp.example" } else { "" };
            let license = if (machine + number) % 7 == 0 {
                in_status(LicenseStatus::Notification, windows(0))
            } else {
                windows(150)
            };
            report(&format!("m{machine}{domain}"), number, vec![license, office(100)])
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
    let expected = one.fleet(&question(12)).await.unwrap();
    assert_eq!(expected.totals.machines, 60);
    assert_eq!(first.fleet(&question(12)).await.unwrap(), expected);
    assert_eq!(second.fleet(&question(12)).await.unwrap(), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn a_database_that_was_away_is_used_again_once_it_is_back() {
    let mut server = Postgres::new();
    let store = open(&server).await;
    for (round, crashes) in [false, true].into_iter().enumerate() {
        let on = i64::try_from(round).unwrap();
        take(&store, vec![report("a", on, vec![windows(100)])]).await;
        if crashes {
            server.crash();
        } else {
            server.stop();
        }
        let error = store.take(vec![report("b", on, vec![windows(100)])]).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }) && error.is_temporary(), "{error:?}");
        assert!(store.fleet(&question(on)).await.unwrap_err().is_temporary());
        assert!(!error.to_string().contains("unchecked"), "{error}");
        server.start_again();
        assert_eq!(take(&store, vec![report("a", on, vec![windows(100)])]).await, ["unchanged"]);
    }
    assert_eq!(store.fleet(&question(2)).await.unwrap().totals.machines, 1);
}

#[tokio::test]
#[ignore = "needs postgresql"]
async fn what_cannot_be_opened_says_why() {
    let server = Postgres::new();
    let missing = server.url().trim_end_matches("/postgres").to_owned() + "/missing";
    let error = Store::open(&missing.parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, StoreError::Other { .. }), "{error:?}");
    assert!(error.to_string().contains(r#"database "missing" does not exist"#), "{error}");
    let store = open(&server).await;
    server.query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (999, 'of the future', true, '', 0)",
    );
    store.close().await;
    let error = Store::open(&server.url().parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { .. }), "{error:?}");
}

#[tokio::test]
#[ignore = "needs postgresql"]
async fn a_database_of_the_first_schema_is_brought_to_the_present_one() {
    let server = Postgres::new();
    let schema = include_str!("../../../src/store/migrations/postgres/1_schema.sql");
    server.query(schema);
    // As the first program left it.
    server.query(
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, \
         execution_time BIGINT NOT NULL)",
    );
    server.query(&format!(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (1, 'schema', true, sha384(convert_to($schema${schema}$schema$, 'UTF8')), 0)"
    ));
    let moments = format!("{0}, {0}, 'wmi', 1, {0}", day(0).as_second());
    server.query(&format!(
        "INSERT INTO machine (name, short_name, reported_at, received_at, source, is_kms_host, kms_host_reported_at, \
         requests) VALUES ('kms1', 'kms1', {moments}, 7), ('kms2', 'kms2', {moments}, NULL)"
    ));
    server.query("CREATE ROLE reader; GRANT SELECT ON kms_host TO reader");

    let store = open(&server).await;
    let hosts = store.fleet(&question(1)).await.unwrap().kms_hosts;
    assert_eq!(hosts.iter().map(|host| host.idle_since).collect::<Vec<_>>(), [Some(day(0)), None]);
    let mut grown = report("kms1", 1, Vec::new());
    grown.report.kms_host = Some(KmsHost { requests: Some(9), ..KmsHost::default() });
    assert_eq!(take(&store, vec![grown]).await, ["kms1"]);
    store.close().await;
    // It is the present one now, and who could read it still can.
    open(&server).await.close().await;
    let told = server.query("SET ROLE reader; SELECT name, requests, last_asked_at FROM kms_host ORDER BY name");
    assert!(told.ends_with("kms1|9|2026-12-04 12:00:00\nkms2||"), "{told}");
}

#[tokio::test]
#[ignore = "needs postgresql"]
async fn people_can_read_it_with_the_tools_of_the_database() {
    let server = Postgres::new();
    let store = open(&server).await;
    take(&store, vec![report("a", 0, vec![windows(100)])]).await;
    take(&store, vec![report("a", 1, vec![in_status(LicenseStatus::Notification, windows(0))])]).await;
    store.roll_up(day(1), super::STALE_AFTER).await.unwrap();
    let told = server.query("SELECT machine, product, status, reported_at FROM lost");
    assert_eq!(told, "a|Windows(R), Enterprise edition|notification|2026-12-04 12:00:00");
    let told = server.query("SELECT at, machine, from_status, to_status FROM change");
    assert_eq!(told, "2026-12-04 12:00:00|a|licensed|notification");
    assert_eq!(server.query("SELECT day, machines, lost FROM daily_runway"), "2026-12-04|1|1");
    for view in ["fleet", "expiring", "kms_host"] {
        server.query(&format!("SELECT * FROM {view}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn a_database_that_may_not_be_written_is_told() {
    let server = Postgres::new();
    let store = open(&server).await;
    take(&store, vec![report("a", 0, vec![windows(100)])]).await;
    server.query("ALTER DATABASE postgres SET default_transaction_read_only = on");
    store.close().await;
    let error = match Store::open(&server.url().parse().unwrap()).await {
        Ok(store) => store.take(vec![report("b", 0, vec![windows(100)])]).await.unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
}
