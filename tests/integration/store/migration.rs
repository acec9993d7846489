//! A store that the program before revisions made is carried over: everything in it is known as before, and what
//! follows from it is written for people. The files in `before` are dumps of such stores, and what that program listed
//! of them; those that end in 4 are of the one that kept one count for all applications of a KMS host, and those that end
//! in 7 of the one that kept one for all keys for an application. There was one in between that had taken step 6 and knew no
//! step 5.

use super::{machines, take};
use crate::fleet::{day, moment, report, windows};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::postgres::Postgres;
use crate::support::sqlite::sqlite;
use gracewatch::fleet::{Dependencies, Fleet, MachineQuery, MachineSort};
use gracewatch::intake::keeper::{self, Keeper};
use gracewatch::license::{Application, HostKey, KmsCounts, KmsHost};
use gracewatch::report::machines::MachinesReport;
use gracewatch::store::{Store, StoreUrl};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

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
        let host = known.entry("kms_host").or_insert(Value::Null);
        // That program had one count for all applications; these hosts have one each.
        if let Some(host) = host.as_object_mut() {
            for key in ["failed_start", "publications", "publishes_dns"] {
                host.remove(key);
            }
            let applications = host.remove("applications").expect("it is listed");
            let counts = &applications[0];
            for key in ["current_count", "required_count", "requests", "failed_requests"] {
                host.insert(key.to_owned(), counts[key].clone());
            }
        }
        for license in machine["licenses"].as_array_mut().unwrap() {
            let license = license.as_object_mut().unwrap();
            license.remove("grace_remaining_seconds");
            license.remove("renewal_overdue_seconds");
            // That program did not know what Active Directory activated.
            assert_eq!(license.remove("activated_by_domain"), Some(Value::Null));
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

/// What today's program knows of KMS hosts that the one before kept without their applications, which then overwrote
/// each other.
async fn assert_counts_are_carried_over(url: &StoreUrl) {
    let fleet = keeper::read(url).await.unwrap();
    let counts = |machine: &str| {
        let known = fleet.known(&machine.parse().unwrap()).machine.unwrap();
        let counts = known.kms_host.as_ref().unwrap().counts.clone();
        let counts = counts.into_iter().map(|(of, it)| (of.application.as_str(), it.current, it.required, it.requests));
        (counts.collect::<Vec<_>>(), known.requests_known_at.is_some(), known.counted_at.len())
    };
    let only = |counted| (vec![counted], true, 1);
    assert_eq!(counts("kms01.corp.example"), only(("windows", Some(50), Some(25), Some(826))));
    assert_eq!(counts("kms03.corp.example"), only(("office", Some(7), Some(5), Some(31))));
    // It has keys for both: what needs 25 is of Windows, and what needs 5 may be of either.
    assert_eq!(counts("kms04.corp.example"), only(("windows", Some(24), Some(25), Some(40))));
    assert_eq!(counts("kms02.corp.example"), (Vec::new(), false, 0));
    // It can be used on.
    let keeper = Keeper::open(url).await.unwrap();
    keeper.complete().await.unwrap();
    let mut host = report("kms02.corp.example", 0, Vec::new());
    let office = KmsCounts { current: Some(3), ..KmsCounts::default() };
    host.report.kms_host = Some(KmsHost::counting(Application::Office, office));
    assert_eq!(take(&keeper, vec![host]).await, ["kms02.corp.example"]);
    keeper.close().await;
    let again = keeper::read(url).await.unwrap();
    let known = again.known(&"kms02.corp.example".parse().unwrap()).machine.unwrap();
    assert_eq!(known.kms_host.unwrap().count_of(Application::Office), office);
}

/// What makes the store of one that had taken step 6 and not 5 of one that had taken neither.
fn sixth_step() -> String {
    let step = include_str!("../../../src/store/migrations/sqlite/6_sku_names.sql");
    assert_eq!(step, include_str!("../../../src/store/migrations/postgres/6_sku_names.sql"));
    let checksum = include_str!("before/6.sha384").trim();
    format!(
        "{step} INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         SELECT 6, 'SKU names', success, CHECKSUM, 0 FROM _sqlx_migrations WHERE version = 1;"
    )
    .replace("CHECKSUM", &format!("X'{checksum}'"))
}

/// The view has a row for each application.
fn assert_people_can_read_counts(ask: impl Fn(&str) -> String) {
    let rows =
        ask("SELECT name, application, current_count, required_count FROM kms_host WHERE sku IS NULL ORDER BY name");
    let expected = "kms01.corp.example|windows|50|25\nkms02.corp.example|office|3|\nkms03.corp.example|office|7|5\n\
                    kms04.corp.example|windows|24|25";
    assert_eq!(rows.replace("|None", "|"), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_in_which_applications_shared_a_count_is_carried_over() {
    let directory = TemporaryDirectory::new("store");
    for later in [String::new(), sixth_step()] {
        let file = directory.path().join(format!("{}.db", later.len()));
        sqlite(&file, include_str!("before/sqlite_4.sql"));
        sqlite(&file, &later);
        assert_counts_are_carried_over(&StoreUrl::Sqlite(file.clone())).await;
        assert_people_can_read_counts(|sql| sqlite(&file, sql));
        assert_eq!(sqlite(&file, "SELECT version FROM _sqlx_migrations ORDER BY version"), "1\n2\n3\n4\n5\n6\n7\n8\n9");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn a_database_in_which_applications_shared_a_count_is_carried_over() {
    let later = sixth_step().replace("X'", "'\\x");
    for later in [String::new(), later] {
        let server = Postgres::new();
        server.query(include_str!("before/postgres_4.sql"));
        server.query(&format!("SET search_path = public; {later}"));
        server.query("CREATE ROLE reader; GRANT SELECT ON public.kms_host TO reader");
        assert_counts_are_carried_over(&server.url().parse().unwrap()).await;
        // Who could read it still can.
        assert_people_can_read_counts(|sql| server.query(&format!("SET ROLE reader; {sql}")).replace("SET\n", ""));
    }
}

/// What today's program knows of KMS hosts that the one before kept without the keys by which they count, and how the first
/// report that names a key takes that over.
async fn assert_counts_become_those_of_keys(url: &StoreUrl) {
    let host = |fleet: &Fleet, machine: &str| {
        let known = fleet.known(&machine.parse().unwrap()).machine.unwrap();
        let host = known.kms_host.unwrap();
        assert!(host.counts.keys().eq(known.counted_at.keys()));
        let counts = host.counts.iter().map(|(key, counts)| (*key, counts.current, counts.requests));
        (counts.collect::<Vec<_>>(), known.requests_grew_at.map(Timestamp::as_second))
    };
    let windows = (Application::Windows.into(), Some(50), Some(826));
    let grew_at = Some(1_796_029_200);
    let fleet = keeper::read(url).await.unwrap();
    let office = (Application::Office.into(), Some(7), Some(31));
    assert_eq!(host(&fleet, "kms01.corp.example"), (vec![windows, office], grew_at));
    let known = fleet.known(&"kms01.corp.example".parse().unwrap()).machine.unwrap();
    let by_status = known.kms_host.unwrap().count_of(Application::Windows).requests_by_status;
    assert_eq!(by_status, [Some(100), Some(700), Some(20), Some(1), Some(2), Some(0), None]);
    let counted_at = known.counted_at.values().map(|at| at.as_second());
    assert_eq!(counted_at.collect::<Vec<_>>(), [1_796_029_200, 1_795_942_800]);
    let only = vec![(Application::Office2010.into(), Some(4), None)];
    assert_eq!(host(&fleet, "kms02.corp.example"), (only, None));

    let keeper = Keeper::open(url).await.unwrap();
    keeper.complete().await.unwrap();
    let key = |sku: u128| HostKey { application: Application::Office, sku: Some(Uuid::from_u128(sku)) };
    let reported = |sku, current, requests| {
        let mut host = report("kms01.corp.example", 2, Vec::new());
        let counts = KmsCounts { current: Some(current), requests: Some(requests), ..KmsCounts::default() };
        host.report.kms_host = Some(KmsHost::counting(key(sku), counts));
        host
    };
    for report in [reported(21, 8, 31), reported(16, 8, 90)] {
        assert_eq!(take(&keeper, vec![report]).await, ["kms01.corp.example"]);
    }
    keeper.close().await;
    let named = vec![windows, (key(16), Some(8), Some(90)), (key(21), Some(8), Some(31))];
    let again = keeper::read(url).await.unwrap();
    assert_eq!(host(&again, "kms01.corp.example"), (named, grew_at), "no key counts more than before");
}

/// The view has a row for each key, and what is known of no key has none.
fn assert_people_can_read_keys(ask: impl Fn(&str) -> String) {
    let rows = ask(
        "SELECT name, application, COALESCE(sku, '-'), current_count FROM kms_host ORDER BY name, application, sku",
    );
    let expected = "kms01.corp.example|office|00000000-0000-0000-0000-000000000010|8\n\
                    kms01.corp.example|office|00000000-0000-0000-0000-000000000015|8\n\
                    kms01.corp.example|windows|-|50\nkms02.corp.example|office2010|-|4";
    assert_eq!(rows, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_in_which_keys_shared_a_count_is_carried_over() {
    let directory = TemporaryDirectory::new("store");
    let file = directory.path().join("x.db");
    sqlite(&file, include_str!("before/sqlite_7.sql"));
    assert_counts_become_those_of_keys(&StoreUrl::Sqlite(file.clone())).await;
    assert_people_can_read_keys(|sql| sqlite(&file, sql));
    assert_eq!(sqlite(&file, "SELECT max(version) FROM _sqlx_migrations"), "9");
    assert_eq!(sqlite(&file, "PRAGMA foreign_key_check"), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn a_database_in_which_keys_shared_a_count_is_carried_over() {
    let server = Postgres::new();
    server.query(include_str!("before/postgres_7.sql"));
    server.query("CREATE ROLE reader; GRANT SELECT ON public.kms_host TO reader");
    assert_counts_become_those_of_keys(&server.url().parse().unwrap()).await;
    // Who could read it still can.
    assert_people_can_read_keys(|sql| server.query(&format!("SET ROLE reader; {sql}")).replace("SET\n", ""));
}
