//! A store that the program before revisions made is carried over: everything in it is known as before, and what
//! follows from it is written for people. The files in `before` are dumps of such stores, and what that program listed
//! of them.

use super::{machines, take};
use crate::fleet::{day, moment, report, windows};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::postgres::Postgres;
use crate::support::sqlite::sqlite;
use gracewatch::fleet::{Dependencies, MachineQuery, MachineSort};
use gracewatch::intake::keeper::{self, Keeper};
use gracewatch::report::machines::MachinesReport;
use gracewatch::store::{Store, StoreUrl};
use serde_json::Value;

/// The machines of a store as they are listed, without what depends on the time.
async fn listed(url: &StoreUrl) -> Value {
    let fleet = keeper::read(url).await.unwrap();
    let query = MachineQuery { limit: u64::MAX, sort: MachineSort::Name, ..MachineQuery::new(moment(day(0))) };
    let page = fleet.page(&query, &Dependencies::default());
    let mut machines = serde_json::to_value(MachinesReport::new(&page, 0, day(0))).unwrap()["machines"].take();
    for machine in machines.as_array_mut().unwrap() {
        let known = machine.as_object_mut().unwrap();
        known.remove("stale");
        known.remove("path");
        known.entry("kms_host").or_insert(Value::Null);
        for license in machine["licenses"].as_array_mut().unwrap() {
            let license = license.as_object_mut().unwrap();
            license.remove("grace_remaining_seconds");
            license.remove("renewal_overdue_seconds");
        }
    }
    machines
}

fn expected() -> Value {
    serde_json::from_str(include_str!("before/machines.json")).unwrap()
}

/// Opens a store of the program before, and tests that all is in it that was, and that it can be used on.
async fn is_carried_over(url: &StoreUrl) {
    assert_eq!(listed(url).await, expected());
    let keeper = Keeper::open(url).await.unwrap();
    keeper.complete().await.unwrap();
    let known = machines(&keeper).await;
    assert_eq!(take(&keeper, vec![report("new", 0, vec![windows(100)])]).await, ["new+"]);
    keeper.close().await;
    let again = Keeper::open(url).await.unwrap();
    assert_eq!(machines(&again).await, known + 1);
    let old = again.ask(|fleet| fleet.written_until(0)).await;
    assert!(old.is_empty(), "{old:?}");
    again.close().await;
}

/// What is in the views, a row a line, given what asks for that.
fn assert_people_can_read_it(ask: impl Fn(&str) -> String) {
    let products = ask("SELECT COUNT(*) FROM fleet WHERE product IS NULL OR is_addon IS NULL");
    assert_eq!(products, "0");
    let lost = ask("SELECT machine, product, channel, status FROM lost WHERE machine LIKE 'ws1%'");
    assert_eq!(lost, "ws1|Windows(R), Enterprise edition|VOLUME_KMSCLIENT|notification");
    assert_eq!(ask("SELECT COUNT(*) FROM fleet WHERE lost_at IS NULL AND expires_at IS NOT NULL"), "0");
    let hosts: u32 = ask("SELECT COUNT(*) FROM kms_host").parse().unwrap();
    assert!(hosts > 0);
    assert_eq!(
        ask("SELECT machine, from_status, to_status FROM change WHERE machine = 'ws1'"),
        "ws1|licensed|notification"
    );
    ask("SELECT * FROM expiring");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_the_program_before_is_carried_over() {
    let directory = TemporaryDirectory::new("store");
    let file = directory.path().join("x.db");
    sqlite(&file, include_str!("before/sqlite.sql"));
    let url = StoreUrl::Sqlite(file.clone());
    is_carried_over(&url).await;
    assert_people_can_read_it(|sql| sqlite(&file, sql));
}

/// What strangers had said of SKUs is not carried over, nor what had been written of licenses for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_skus_were_called_is_not_carried_over() {
    let directory = TemporaryDirectory::new("store");
    let file = directory.path().join("x.db");
    sqlite(&file, include_str!("before/sqlite.sql"));
    sqlite(&file, "UPDATE sku SET product = '!owned', channel = 'OEM_COA', is_addon = 1");
    let url = StoreUrl::Sqlite(file.clone());
    is_carried_over(&url).await;
    assert_people_can_read_it(|sql| sqlite(&file, sql));
    assert_eq!(sqlite(&file, "SELECT COUNT(*) FROM fleet WHERE product = '!owned'"), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn a_database_of_the_program_before_is_carried_over() {
    let server = Postgres::new();
    server.query(include_str!("before/postgres.sql"));
    server.query("CREATE ROLE reader; GRANT SELECT ON fleet, lost, expiring, kms_host, change TO reader");
    let url = server.url().parse().unwrap();
    is_carried_over(&url).await;
    // Who could read it still can.
    assert_people_can_read_it(|sql| server.query(&format!("SET ROLE reader; {sql}")).replace("SET\n", ""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_the_first_program_is_carried_over() {
    let directory = TemporaryDirectory::new("store");
    let file = directory.path().join("x.db");
    let schema = include_str!("../../../src/store/migrations/sqlite/1_schema.sql");
    sqlite(&file, &format!("{schema}{}", first_rows("X'")));
    let url = StoreUrl::Sqlite(file);
    assert_first_is_carried_over(&url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn a_database_of_the_first_program_is_carried_over() {
    let server = Postgres::new();
    server.query(include_str!("../../../src/store/migrations/postgres/1_schema.sql"));
    server.query(&first_rows("'\\x"));
    assert_first_is_carried_over(&server.url().parse().unwrap()).await;
}

/// What the first program left: the step it took, by its checksum, and two KMS hosts.
fn first_rows(bytes: &str) -> String {
    let (types, checksum) = if bytes == "X'" {
        ("BLOB", include_str!("before/sqlite_1.sha384"))
    } else {
        ("BYTEA", include_str!("before/postgres_1.sha384"))
    };
    let at = day(0).as_second();
    format!(
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum {types} NOT NULL, \
         execution_time BIGINT NOT NULL); \
         INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (1, 'schema', true, {bytes}{}', 0); \
         INSERT INTO machine (name, short_name, reported_at, received_at, source, is_kms_host, kms_host_reported_at, \
         requests) VALUES ('kms1', 'kms1', {at}, {at}, 'wmi', 1, {at}, 7), ('kms2', 'kms2', {at}, {at}, 'wmi', 1, {at}, NULL);",
        checksum.trim()
    )
}

async fn assert_first_is_carried_over(url: &StoreUrl) {
    let fleet = keeper::read(url).await.unwrap();
    let hosts = crate::fleet::aggregate(&fleet, &crate::fleet::question(1)).kms_hosts;
    assert_eq!(hosts.iter().map(|host| host.idle_since).collect::<Vec<_>>(), [Some(day(0)), None]);
    // It is the present one now.
    Store::open(url).await.unwrap().close().await;
}
