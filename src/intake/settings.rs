//! What is configured of the intake.

use crate::config::{Config, Status};
use std::sync::Arc;

/// What is configured, of which a reload may change all but the store.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Everything, for the paths in it.
    pub config: Arc<Config>,
    /// What concerns the status of machines.
    pub status: Arc<Status>,
}

impl Settings {
    /// The settings in a configuration; `None` where it keeps no status.
    pub fn new(config: &Arc<Config>) -> Option<Self> {
        let status = Arc::new(config.status.clone()?);
        Some(Self { config: Arc::clone(config), status })
    }
}
