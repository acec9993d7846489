//! Reading on another thread ends with the task that waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Stops what is read aside once it is dropped.
#[derive(Debug, Default)]
pub struct StopOnDrop(Arc<AtomicBool>);

impl StopOnDrop {
    /// What says so, for whoever reads.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
