//! What changed since yesterday, for the first page: read again after some seconds, however many look at it.

use crate::report::changes::USUAL;
use crate::web::Sources;
use crate::web::data::{self, ChangesData, Missing};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// For how long it is shown as it was read.
const FRESH: Duration = Duration::from_secs(10);

/// What changed, as it was read last.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<Option<(Instant, Arc<ChangesData>)>>);

impl Recent {
    /// What changed since yesterday, no older than some seconds.
    ///
    /// # Errors
    /// Why that is not known.
    pub(super) async fn read(&self, sources: &Sources) -> Result<Arc<ChangesData>, Missing> {
        let mut known = self.0.lock().await;
        if let Some((_, changed)) = known.as_ref().filter(|(read_at, _)| read_at.elapsed() < FRESH) {
            return Ok(Arc::clone(changed));
        }
        let changed = Arc::new(data::changes(sources, USUAL).await?);
        *known = Some((Instant::now(), Arc::clone(&changed)));
        Ok(changed)
    }
}
