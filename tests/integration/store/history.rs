//! What is written down of each day, and what goes after a while.

use super::{machines, on_both, take};
use crate::fleet::{day, in_status, moment, report, windows};
use gracewatch::intake::keeper::Keeper;
use gracewatch::license::LicenseStatus;
use gracewatch::store::{Pruned, StoreUrl};
use jiff::SignedDuration;
use std::sync::Arc;

on_both!(what_is_old_goes, many_are_never_deleted_at_once_by_a_clock_that_nobody_confirms);

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
    assert_eq!(prune(5, None).await, Pruned { machines: 0, changes: 4, days: 5 });
    assert_eq!(prune(5, Some(days(5))).await, Pruned { machines: 1, changes: 0, days: 0 });
    assert_eq!(machines(&keeper).await, 1);
    assert_eq!(prune(0, Some(days(0))).await, Pruned { machines: 1, changes: 5, days: 5 });
    keeper.close().await;
    // Who is forgotten is gone from the store as well.
    assert_eq!(machines(&Keeper::open(url).await.unwrap()).await, 0);
}

/// What a clock that is ahead dated itself does not speak for it.
async fn many_are_never_deleted_at_once_by_a_clock_that_nobody_confirms(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    take(&keeper, ["a", "b", "c"].map(|name| report(name, 0, vec![windows(100)])).to_vec()).await;
    take(&keeper, vec![report("a", 500, vec![windows(50)])]).await;
    let prune = async |now| keeper.prune(day(now), days(4000), Some(days(400))).await.unwrap().machines;
    assert_eq!((prune(501).await, machines(&keeper).await), (0, 3));
    // One by one they go.
    take(&keeper, vec![report("b", 300, vec![windows(50)])]).await;
    assert_eq!((prune(501).await, machines(&keeper).await), (1, 2));
}
