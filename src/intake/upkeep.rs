//! What is done every hour: the figures of the day are written down, what is old goes, and what was written lately
//! moves into the file itself.

use super::keeper::Keeper;
use super::settings::Settings;
use crate::config::Status;
use crate::fleet::{Aggregate, Dependencies, Moment};
use crate::store::StoreError;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tracing::{error, warn};

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
        let status = Arc::clone(&settings.borrow().status);
        if let Err(error) = keep_up(&keeper, &status).await {
            error!("the hourly upkeep of the store failed: {error}");
        }
    }
}

/// A clock that is doubted dates no figures, and nothing is old by it.
async fn keep_up(keeper: &Keeper, status: &Status) -> Result<(), StoreError> {
    if let Some(doubt) = keeper.time().doubt() {
        warn!("nothing is deleted for its age, and no figures of the day are written: {doubt}");
    } else {
        let now = keeper.time().now();
        keeper.write_day(&figures(keeper, status, now).await).await?;
        keeper.prune(now, signed(status.history), Some(signed(status.forget_after))).await?;
    }
    keeper.checkpoint().await?;
    keeper.check().await
}

/// The totals of the fleet, without paths.
async fn figures(keeper: &Keeper, status: &Status, now: Timestamp) -> Aggregate {
    let moment = Moment { now, stale_after: status.stale_after() };
    keeper.aggregate(moment, 0, Arc::new(Dependencies::default())).await
}

/// Settings are years at the most, so nothing is lost.
fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
