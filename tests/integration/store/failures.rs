//! What may be wrong with the disk under a file.

use super::{machines, take};
use crate::fleet::{office, report, submitted, windows};
use crate::servers::directory::TemporaryDirectory;
use gracewatch::intake::keeper::Keeper;
use gracewatch::license::License;
use gracewatch::store::{Store, StoreError, StoreUrl};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use std::path::{Path, PathBuf};

/// Runs a test on a file system of a megabyte, which nobody else sees and which is gone with the thread of the test.
fn on_a_small_disk<F: Future<Output = ()>>(test: impl FnOnce(StoreUrl, PathBuf) -> F + Send + 'static) {
    // It is mounted on a directory that is made out here, where it can be removed.
    let outside = TemporaryDirectory::new("disk");
    let place = outside.subdirectory("mounted");
    let body = move || {
        unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_FS).expect("root has mounts of its own");
        mount(None::<&Path>, "/", None::<&Path>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&Path>)
            .expect("nobody else sees them");
        mount(None::<&Path>, &place, Some("tmpfs"), MsFlags::empty(), Some("size=1m"))
            .expect("a file system can be mounted");
        let url = format!("sqlite:{}/x.db", place.display()).parse().expect("a URL");
        // All threads that are started from this one see what it sees.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(test(url, place));
    };
    if let Err(panic) = std::thread::spawn(body).join() {
        std::panic::resume_unwind(panic);
    }
}

fn remount(directory: &Path, flags: MsFlags, size: &str) {
    let flags = flags | MsFlags::MS_REMOUNT;
    mount(None::<&Path>, directory, None::<&Path>, flags, Some(size)).expect("it can be mounted otherwise");
}

#[test]
#[ignore = "needs root"]
fn a_full_disk_is_reported_and_nothing_of_a_batch_is_kept() {
    on_a_small_disk(async |url, directory| {
        let keeper = Keeper::open(&url).await.unwrap();
        take(&keeper, vec![report("a", 0, vec![windows(100)])]).await;
        let named = |number: usize| License { product: Some(format!("Product {number}")), sku: None, ..office(100) };
        let licenses = || (0..20).map(named).collect();
        let batch: Vec<_> = (0..500).map(|number| report(&format!("m{number}"), 0, licenses())).collect();
        let error = keeper.take(batch.iter().cloned().map(submitted).collect()).await.expect_err("there is no room");
        assert!(matches!(error, StoreError::Full { .. }) && error.is_temporary(), "{error:?}");
        assert_eq!(machines(&keeper).await, 1);
        remount(&directory, MsFlags::empty(), "size=64m");
        assert_eq!(take(&keeper, batch).await.len(), 500);
        keeper.close().await;
    });
}

#[test]
#[ignore = "needs root"]
fn a_folder_that_cannot_be_written_is_reported() {
    on_a_small_disk(async |url, directory| {
        remount(&directory, MsFlags::MS_RDONLY, "size=1m");
        let error = Store::open(&url).await.unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
        assert!(error.to_string().contains(&directory.display().to_string()), "{error}");
        // The same for one that is there already.
        remount(&directory, MsFlags::empty(), "size=1m");
        Store::open(&url).await.unwrap().close().await;
        remount(&directory, MsFlags::MS_RDONLY, "size=1m");
        let error = Store::open(&url).await.unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    });
}
