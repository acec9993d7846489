//! What only `SQLite` does, and what may be wrong with its file. What both databases do is tested in `tests/integration`.

use super::*;
use crate::config::tokens::Tokens;
use crate::license::{License, LicenseStatus, Source};
use jiff::SignedDuration;
use sqlx::migrate::Migrator;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory of a test's own.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("gracewatch-store-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> StoreUrl {
        StoreUrl::Sqlite(self.0.join(name))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn noon() -> Timestamp {
    "2026-12-03T12:00:00Z".parse().unwrap()
}

fn received(machine: &str, products: usize) -> Received {
    let license = |number| License {
        product: Some(format!("Product {number} {}", "x".repeat(150))),
        status: Some(LicenseStatus::Licensed),
        ..License::default()
    };
    let report = Report { licenses: (0..products).map(license).collect(), ..Report::new(Source::Vamt) };
    Received { machine: machine.parse().unwrap(), reported_at: noon(), received_at: noon(), grant: None, report }
}

async fn machines(store: &Store) -> u64 {
    store.machines(&MachineQuery::new(noon(), SignedDuration::from_hours(1))).await.unwrap().total
}

#[tokio::test]
async fn a_new_file_is_for_its_owner_and_to_read_for_its_group() {
    let directory = Directory::new();
    // A name that would mean something in a URL.
    let name = "100% of #1?mode=memory&x.db";
    let store = Store::open(&directory.file(name)).await.unwrap();
    store.take(vec![received("a", 1)]).await.unwrap();
    for file in fs::read_dir(&directory.0).unwrap() {
        let file = file.unwrap();
        assert!(file.file_name().to_string_lossy().starts_with(name), "{file:?}");
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
            assert_eq!(mode & 0o777 & !0o640, 0, "{file:?}: {mode:o}");
        }
    }
}

#[tokio::test]
async fn what_was_taken_is_there_when_it_is_opened_again_and_for_others_at_once() {
    let directory = Directory::new();
    let one = Store::open(&directory.file("x.db")).await.unwrap();
    let two = Store::open(&directory.file("x.db")).await.unwrap();
    for number in 0..20 {
        let store = if number % 2 == 0 { &one } else { &two };
        let batch = async |store: &Store, name: &str| store.take(vec![received(&format!("{name}{number}"), 2)]).await;
        let (mine, theirs) = tokio::join!(batch(store, "a"), batch(&two, "b"));
        assert_eq!((mine.unwrap().len(), theirs.unwrap().len()), (1, 1));
    }
    assert_eq!((machines(&one).await, machines(&two).await), (40, 40));
    one.close().await;
    two.close().await;
    let again = Store::open(&directory.file("x.db")).await.unwrap();
    assert_eq!(machines(&again).await, 40);
}

#[tokio::test]
async fn a_new_store_can_be_opened_by_several_at_once() {
    let directory = Directory::new();
    let url = directory.file("x.db");
    let (one, two, three) = tokio::join!(Store::open(&url), Store::open(&url), Store::open(&url));
    for store in [one, two, three] {
        assert_eq!(machines(&store.unwrap()).await, 0);
    }
}

#[tokio::test]
async fn a_missing_folder_is_told() {
    let directory = Directory::new();
    let error = Store::open(&directory.file("missing/x.db")).await.unwrap_err();
    let expected = format!(
        "the store sqlite:{}/missing/x.db failed: its folder does not exist: create it, and let gracewatch write to it",
        directory.0.display()
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_file_that_is_something_else_is_left_alone() {
    let directory = Directory::new();
    let text = "no database, whatever its name says\n".repeat(100);
    fs::write(directory.0.join("x.db"), &text).unwrap();
    for name in ["x.db", ""] {
        let error = Store::open(&directory.file(name)).await.unwrap_err();
        assert!(matches!(error, StoreError::NotAStore { .. }), "{error:?}");
    }
    assert_eq!(fs::read_to_string(directory.0.join("x.db")).unwrap(), text);
}

#[tokio::test]
async fn a_store_of_a_newer_program_is_left_alone() {
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (999, 'of the future', 1, x'00', 0)";
    sqlx::query(newer).execute(&store.inner.pools.writing).await.unwrap();
    store.close().await;
    let error = Store::open(&directory.file("x.db")).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { .. }), "{error:?}");
    assert!(!error.is_temporary());
}

#[tokio::test]
async fn a_store_of_the_first_schema_is_brought_to_the_present_one() {
    let directory = Directory::new();
    let url = directory.file("x.db");
    fs::write(directory.0.join("x.db"), "").unwrap();
    sqlx::any::install_default_drivers();
    let address = format!("sqlite:{}", directory.0.join("x.db").display());
    let mut first = AnyConnection::connect(&address).await.unwrap();
    let steps = connect::migrations(Backend::Sqlite).into_iter().take(1).collect();
    Migrator::with_migrations(steps).run_direct(None, &mut first, false).await.unwrap();
    let machines = "INSERT INTO machine (name, short_name, reported_at, received_at, source, is_kms_host, \
                    kms_host_reported_at, requests) VALUES ('kms1', 'kms1', 200, 200, 'wmi', 1, 100, 7), \
                    ('kms2', 'kms2', 200, 200, 'wmi', 1, 100, NULL), ('ws1', 'ws1', 200, 200, 'wmi', 0, NULL, NULL)";
    sqlx::query(machines).execute(&mut first).await.unwrap();
    first.close().await.unwrap();

    let store = Store::open(&url).await.unwrap();
    let now = Timestamp::from_second(300).unwrap();
    let question = FleetQuestion::new(now, SignedDuration::ZERO);
    let hosts = store.fleet(&FleetQuestion { stale_after: SignedDuration::from_hours(1), ..question.clone() }).await;
    let told: Vec<_> = hosts.unwrap().kms_hosts.iter().map(|host| host.idle_since.map(Timestamp::as_second)).collect();
    assert_eq!(told, [Some(100), None]);
    // Of a host not heard of for long nothing is said.
    let stale = store.fleet(&question).await.unwrap().kms_hosts;
    assert_eq!(stale.iter().map(|host| (host.stale, host.idle_since)).collect::<Vec<_>>(), [(true, None); 2]);
    store.close().await;
    // It is the present one now.
    Store::open(&url).await.unwrap().close().await;
}

#[tokio::test]
async fn a_store_without_room_takes_nothing_of_a_batch_and_goes_on_once_there_is() {
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    store.take(vec![received("a", 1)]).await.unwrap();
    let bound = async |pages: u32| {
        let sql = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        sqlx::query(sql).execute(&store.inner.pools.writing).await.unwrap();
    };
    bound(1).await;
    let batch: Vec<_> = (0..50).map(|number| received(&format!("b{number}"), 20)).collect();
    let error = store.take(batch.clone()).await.unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }) && error.is_temporary(), "{error:?}");
    assert_eq!(machines(&store).await, 1);
    bound(1_000_000).await;
    assert_eq!(store.take(batch).await.unwrap().len(), 50);
    assert_eq!(machines(&store).await, 51);
}

#[tokio::test]
async fn a_batch_whose_sender_gave_up_is_taken_whole_or_not_at_all() {
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    for number in 0..10 {
        let batch: Vec<_> = (0..200).map(|machine| received(&format!("m{number}-{machine}"), 3)).collect();
        let limit = Duration::from_millis(3 * number);
        let _ = timeout(limit, store.take(batch)).await;
        assert_eq!(machines(&store).await % 200, 0);
    }
    store.take(vec![received("a", 1)]).await.unwrap();
}

#[tokio::test]
async fn people_can_read_it_with_the_tools_of_the_database() {
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    store.take(vec![received("a", 1)]).await.unwrap();
    for view in ["fleet", "lost", "expiring", "kms_host", "change"] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT * FROM {view}"));
        sqlx::query(sql).fetch_all(&store.inner.pools.writing).await.unwrap();
    }
    let sql = "SELECT machine, status, reported_at FROM fleet";
    let row: (String, String, String) = sqlx::query_as(sql).fetch_one(&store.inner.pools.writing).await.unwrap();
    assert_eq!(row, ("a".into(), "licensed".into(), "2026-12-03 12:00:00".into()));
}

#[tokio::test]
async fn all_that_a_store_does_can_be_done_by_any_thread() {
    fn of_any_thread<T: Send>(_: &T) {}
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    let query = MachineQuery::new(noon(), SignedDuration::ZERO);
    let question = FleetQuestion::new(noon(), SignedDuration::ZERO);
    of_any_thread(&Store::open(store.url()));
    of_any_thread(&store.take(Vec::new()));
    of_any_thread(&store.fleet(&question));
    of_any_thread(&store.machines(&query));
    of_any_thread(&store.roll_up(noon(), SignedDuration::ZERO));
    of_any_thread(&store.prune(noon(), SignedDuration::ZERO, None));
}

#[tokio::test]
async fn a_sender_speaks_for_a_machine_by_the_name_it_is_known_by() {
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    let tokens = Tokens::parse("floor2 0123456789abcdef ws2* srv1 *.floor2.example\nall 0123456789abcdefg *").unwrap();
    let by = |token: &str, machine: &str| Received { grant: tokens.grant(token).cloned(), ..received(machine, 1) };
    store.take(vec![by("0123456789abcdefg", "filesrv"), by("0123456789abcdefg", "srv1.floor3.example")]).await.unwrap();

    // The one would give a machine another name, the other is the short name of a machine elsewhere.
    let (foreign, own) = (by("0123456789abcdef", "filesrv.floor2.example"), by("0123456789abcdef", "ws22"));
    let taken = store.take(vec![foreign, by("0123456789abcdef", "srv1"), own]).await.unwrap();
    let reason = |name| Taken::Refused(format!("the token `floor2` does not speak for {name}"));
    assert_eq!(taken[..2], [reason("filesrv"), reason("srv1.floor3.example")]);
    assert!(matches!(&taken[2], Taken::Stored { machine, changed: true } if machine.as_str() == "ws22"), "{taken:?}");
    assert_eq!(machines(&store).await, 3);
}

#[tokio::test]
async fn one_machine_has_no_licenses_without_end() {
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    let taken = store.take(vec![received("a", 201), received("b", 200)]).await.unwrap();
    assert_eq!(taken[0], Taken::Refused("more than 200 licenses on one machine are not kept".to_owned()));
    assert!(matches!(taken[1], Taken::Stored { .. }), "{taken:?}");
}
