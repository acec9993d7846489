//! What is written down of each day, and what goes after a while.

use super::{STALE_AFTER, day, in_status, on_both, question, report, take, windows};
use gracewatch::license::LicenseStatus;
use gracewatch::store::{Pruned, Store};
use jiff::SignedDuration;

on_both!(what_is_old_goes);

fn days(number: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * number)
}

async fn what_is_old_goes(store: &Store) {
    for on in 0..10 {
        let status = if on % 2 == 0 { LicenseStatus::Licensed } else { LicenseStatus::Notification };
        take(store, vec![report("a", on, vec![in_status(status, windows(0))])]).await;
        // Twice a day is as good as once.
        store.roll_up(day(on), STALE_AFTER).await.unwrap();
        store.roll_up(day(on) + SignedDuration::from_hours(1), STALE_AFTER).await.unwrap();
    }
    take(store, vec![report("b", 2, vec![windows(100)])]).await;
    let prune = async |history, forget| store.prune(day(10), days(history), forget).await.unwrap();
    assert_eq!(prune(100, None).await, Pruned::default());
    assert_eq!(prune(5, None).await, Pruned { machines: 0, changes: 4, days: 5 });
    assert_eq!(prune(5, Some(days(5))).await, Pruned { machines: 1, changes: 0, days: 0 });
    assert_eq!(store.fleet(&question(10)).await.unwrap().totals.machines, 1);
    assert_eq!(prune(0, Some(days(0))).await, Pruned { machines: 1, changes: 5, days: 5 });
}
