//! What only `SQLite` does, and what may be wrong with its file. What both databases do is tested in
//! `tests/integration`.

use super::*;
use crate::fleet::changes::{Changes, MachineChange};
use crate::fleet::known::{Known, Received};
use crate::license::{License, MachineName, Report, Source};
use jiff::Timestamp;
use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
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

/// Machines of these names, with so many licenses each.
fn changes(names: impl IntoIterator<Item = String>, products: usize) -> Changes {
    let license =
        |number| License { product: Some(format!("Product {number} {}", "x".repeat(150))), ..License::default() };
    let change = |name: String| {
        let machine: MachineName = name.parse().unwrap();
        let report = Report { licenses: (0..products).map(license).collect(), ..Report::new(Source::Vamt) };
        let received = Received { machine: machine.clone(), reported_at: noon(), received_at: noon(), report };
        let merged = crate::fleet::merge::merge(&Known::default(), &machine, &received, 200);
        MachineChange::anew(machine, merged.known)
    };
    Changes { machines: names.into_iter().map(change).collect(), ..Changes::default() }
}

async fn write(store: &Store, changes: &Changes) -> Result<i64, StoreError> {
    let mut writing = store.begin().await?;
    let revision = writing.write(changes, noon()).await?;
    writing.commit().await.map(|_| revision)
}

async fn machines(store: &Store) -> usize {
    let mut count = 0;
    store.load(|row| count += usize::from(matches!(row, Row::Machine(..)))).await.unwrap();
    count
}

/// Runs SQL on the connection that writes.
async fn execute(store: &Store, sql: &str) {
    store.pools().writer().await.unwrap().execute(sql, Vec::new()).await.unwrap();
}

#[tokio::test]
async fn a_new_file_is_for_its_owner_and_to_read_for_its_group() {
    let directory = Directory::new();
    // A name that would mean something in a URL, as far as the system has such names.
    let name = if cfg!(windows) { "100% of #1&mode=memory&x.db" } else { "100% of #1?mode=memory&x.db" };
    let store = Store::open(&directory.file(name)).await.unwrap();
    write(&store, &changes(["a".to_owned()], 1)).await.unwrap();
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
async fn a_missing_folder_is_reported() {
    let directory = Directory::new();
    let error = Store::open(&directory.file("missing/x.db")).await.unwrap_err();
    let expected = format!(
        "the store sqlite:{} failed: its folder does not exist: create it, and let gracewatch write to it",
        directory.0.join("missing/x.db").display()
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
    execute(&store, newer).await;
    store.close().await;
    let error = Store::open(&directory.file("x.db")).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { .. }), "{error:?}");
    assert!(!error.is_temporary());
}

#[tokio::test]
async fn a_store_without_room_takes_nothing_and_goes_on_once_there_is() {
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    write(&store, &changes(["a".to_owned()], 1)).await.unwrap();
    execute(&store, "PRAGMA max_page_count = 1").await;
    let many = changes((0..50).map(|number| format!("b{number}")), 20);
    let error = write(&store, &many).await.unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }) && error.is_temporary(), "{error:?}");
    assert_eq!(machines(&store).await, 1);
    // The bound was one of the connection that failed.
    assert_eq!(write(&store, &many).await, Ok(2));
    assert_eq!(machines(&store).await, 51);
}

#[tokio::test]
async fn what_is_given_up_is_written_whole_or_not_at_all() {
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    for number in 0..10 {
        let many = changes((0..200).map(|machine| format!("m{number}-{machine}")), 3);
        let limit = std::time::Duration::from_millis(3 * number);
        let _ = tokio::time::timeout(limit, write(&store, &many)).await;
        assert_eq!(machines(&store).await % 200, 0);
    }
    write(&store, &changes(["a".to_owned()], 1)).await.unwrap();
}

#[tokio::test]
async fn all_that_a_store_does_can_be_done_by_any_thread() {
    fn of_any_thread<T: Send>(_: &T) {}
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    of_any_thread(&Store::open(store.url()));
    of_any_thread(&store.begin());
    of_any_thread(&store.load(|_| {}));
    of_any_thread(&store.changes(0));
}

#[tokio::test]
async fn after_a_checkpoint_the_file_alone_has_everything() {
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    write(&store, &changes(["a".to_owned(), "b".to_owned()], 1)).await.unwrap();
    store.checkpoint().await.unwrap();
    fs::copy(directory.0.join("x.db"), directory.0.join("copy.db")).unwrap();
    assert_eq!(machines(&Store::open(&directory.file("copy.db")).await.unwrap()).await, 2);
    // It goes on as before.
    write(&store, &changes(["c".to_owned()], 1)).await.unwrap();
    assert_eq!(machines(&store).await, 3);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_takes_the_place_of_another_is_missed_and_what_is_left_beside_it_is_none_of_its_own() {
    let directory = Directory::new();
    let open = async |name: &str| Store::open(&directory.file(name)).await.unwrap();
    let other = open("other.db").await;
    write(&other, &changes(["other".to_owned()], 1)).await.unwrap();
    other.close().await;
    let store = open("x.db").await;
    write(&store, &changes(["a".to_owned(), "b".to_owned()], 1)).await.unwrap();
    store.look_at_place().await.unwrap();
    fs::rename(directory.0.join("other.db"), directory.0.join("x.db")).unwrap();
    assert!(matches!(store.look_at_place().await, Err(StoreError::Replaced { .. })));
    assert!(matches!(store.checkpoint().await, Err(StoreError::Replaced { .. })));
    // The log of the old file is still there, and would be taken for that of the new one.
    assert!(fs::metadata(directory.0.join("x.db-wal")).unwrap().len() > 0);
    store.reopen().await.unwrap();
    store.look_at_place().await.unwrap();
    assert_eq!(machines(&store).await, 1);
    let mut writing = store.begin().await.unwrap();
    let checked = writing
        .connection
        .number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'", Vec::new());
    assert_eq!(checked.await.unwrap(), 1);
    writing.cancel().await.unwrap();
}

#[tokio::test]
async fn what_only_opens_a_file_has_not_changed_it() {
    let directory = Directory::new();
    let url = directory.file("x.db");
    let store = Store::open(&url).await.unwrap();
    write(&store, &changes(["a".to_owned()], 1)).await.unwrap();
    assert!(store.look_at_place().await.unwrap().is_unchanged());
    // As root it gives the log to the owner of the file, each time.
    store.pulse().await.unwrap();
    Store::open(&url).await.unwrap().close().await;
    assert!(store.look_at_place().await.unwrap().is_unchanged());
}

/// What becomes of a write beside which something else is written.
async fn beside_a_write(damage: impl FnOnce(&std::path::Path)) -> bool {
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    for name in ["a", "b", "c"] {
        write(&store, &changes([name.to_owned()], 1)).await.unwrap();
    }
    let mut writing = store.begin().await.unwrap();
    writing.write(&changes(["d".to_owned()], 1), noon()).await.unwrap();
    damage(&directory.0.join("x.db"));
    let is_sound = writing.commit().await.unwrap();
    assert_eq!(store.look_at_place().await.unwrap().is_unchanged(), is_sound);
    is_sound
}

#[tokio::test]
async fn a_write_is_distinguished_from_what_something_else_writes_meanwhile() {
    let log = |file: &std::path::Path| fs::File::options().write(true).open(file.with_file_name("x.db-wal")).unwrap();
    assert!(beside_a_write(|_| ()).await);
    // To write the same says nothing of what is in it.
    assert!(!beside_a_write(|file| fs::write(file, fs::read(file).unwrap()).unwrap()).await);
    assert!(!beside_a_write(|file| log(file).set_len(0).unwrap()).await);
    assert!(!beside_a_write(|file| log(file).write_all(&[0; 100]).unwrap()).await);
    // In the middle of it.
    let middle = |file: &std::path::Path| {
        let mut log = log(file);
        log.seek(SeekFrom::Start(log.metadata().unwrap().len() / 2)).unwrap();
        log.write_all(&[0; 100]).unwrap();
    };
    assert!(!beside_a_write(middle).await);
    let half = |file: &std::path::Path| log(file).metadata().unwrap().len() / 2;
    assert!(!beside_a_write(|file| log(file).set_len(half(file)).unwrap()).await);
}

#[tokio::test]
async fn a_log_that_is_long_goes_into_the_file_and_no_other_does() {
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    let length = || fs::metadata(directory.0.join("x.db-wal")).unwrap().len();
    for round in 0.. {
        write(&store, &changes((0..500).map(|number| format!("m{round}-{number}")), 20)).await.unwrap();
        let seen = store.look_at_place().await.unwrap();
        assert!(seen.is_unchanged());
        let before = length();
        store.shorten_log(seen).await.unwrap();
        if length() < before {
            assert!(before > 32 * 1024 * 1024, "{before}");
            break;
        }
    }
    assert!(store.look_at_place().await.unwrap().is_unchanged());
}

#[tokio::test]
async fn so_many_machines_enrol_and_of_one_token_fewer() {
    let directory = Directory::new();
    let store = Store::open(&directory.file("x.db")).await.unwrap();
    let enrol = async |machine: &str, own: &str, token: &str| {
        let machine = machine.parse().unwrap();
        let digest = crate::config::tokens::Digest::of(own);
        let wanted = Enrolling { machine: &machine, digest, token, most: 3, most_of_token: 2 };
        let mut writing = store.begin().await.unwrap();
        let (enrolment, revision) = writing.enrol(wanted, noon()).await.unwrap();
        assert_eq!(revision.is_some(), enrolment == Enrolment::New);
        writing.commit().await.unwrap();
        enrolment
    };
    assert_eq!(enrol("ws1", "1", "a").await, Enrolment::New);
    assert_eq!(enrol("ws2", "2", "a").await, Enrolment::New);
    assert_eq!(enrol("ws3", "3", "a").await, Enrolment::Full);
    assert_eq!(enrol("ws3", "3", "b").await, Enrolment::New);
    assert_eq!(enrol("ws4", "4", "b").await, Enrolment::Full);
    // Those that are enrolled need no room, and a token is one machine's.
    assert_eq!(enrol("ws1", "1", "a").await, Enrolment::Again);
    assert_eq!(enrol("ws1", "9", "a").await, Enrolment::Taken);
    assert_eq!(enrol("ws4", "1", "b").await, Enrolment::TokenTaken);
    // What it is itself counts before whose the token is.
    assert_eq!(enrol("ws2", "1", "a").await, Enrolment::Taken);
    let known = store.enrolled_by_digest(crate::config::tokens::Digest::of("3")).await.unwrap();
    assert_eq!(
        known.map(|(machine, token)| (machine.to_string(), token.to_string())),
        Some(("ws3".into(), "b".into()))
    );
    let listed: Vec<_> = store.enrolled().await.unwrap().iter().map(|it| it.machine.to_string()).collect();
    assert_eq!(listed, ["ws1", "ws2", "ws3"]);
}
