//! What is done every hour: the figures of the day are written down, and what is old goes.

use super::keeper::Keeper;
use super::settings::Settings;
use crate::config::Status;
use crate::fleet::{Aggregate, Dependencies, Moment};
use crate::store::{Pruned, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tracing::error;

/// From one time to the next.
const INTERVAL: Duration = Duration::from_hours(1);

/// From the start to the first time, which would keep the first aggregation waiting.
const SETTLED: Duration = Duration::from_mins(1);

/// Does it again and again. The figures may be written more often than once a day at no harm.
pub(super) async fn run(keeper: Keeper, settings: watch::Receiver<Settings>) {
    let mut hours = interval_at(Instant::now() + SETTLED, INTERVAL);
    hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        hours.tick().await;
        let (now, status) = (Timestamp::now(), Arc::clone(&settings.borrow().status));
        let fleet = figures(&keeper, &status, now).await;
        if let Err(error) = keeper.write_day(&fleet).await {
            error!("the figures of the day cannot be written: {error}");
        }
        if let Err(error) = prune(&keeper, &status, now).await {
            error!("what is old cannot be deleted: {error}");
        }
    }
}

/// What the fleet adds up to, without paths.
async fn figures(keeper: &Keeper, status: &Status, now: Timestamp) -> Aggregate {
    let moment = Moment { now, stale_after: status.stale_after() };
    keeper.aggregate(moment, 0, Arc::new(Dependencies::default())).await
}

async fn prune(keeper: &Keeper, status: &Status, now: Timestamp) -> Result<Pruned, StoreError> {
    keeper.prune(now, signed(status.history), Some(signed(status.forget_after))).await
}

/// Settings are years at the most, so nothing is lost.
fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
