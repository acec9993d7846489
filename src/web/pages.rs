//! The pages that people read: made on the server, in the words of the catalogues, without anything loaded from
//! elsewhere. One subject a file; the templates are in `templates`.

mod demo;

pub use demo::{DemoBar, DemoFault};
pub(super) use demo::{faults, switch};

use crate::config::Config;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::watch;

/// What the pages read beside what all of HTTP does.
#[derive(Debug, Clone)]
pub struct PageSources {
    /// The configuration in force.
    pub config: watch::Receiver<Arc<Config>>,
    /// When this process began.
    pub begun: SystemTime,
    /// The bar at the top of each page; only `gracewatch demo` has one.
    pub demo: Option<Arc<dyn DemoBar>>,
}
