//! The pages that people read: made on the server, in the words of the catalogues, without anything loaded from
//! elsewhere, and whole without a script. One subject a file; the templates are in the folder `templates`.

pub(super) mod about;
pub(super) mod assets;
mod chain;
pub(super) mod changes;
mod csv;
pub(super) mod demo;
pub(super) mod explain;
mod fact;
pub(super) mod fault;
mod frame;
pub(super) mod headers;
pub(super) mod home;
pub(super) mod kms_hosts;
pub(super) mod machine;
pub(super) mod machines;
mod missing;
mod parts;
pub(super) mod path;
mod recent;
pub(super) mod runway;
mod strip;
mod timing;

pub use demo::{DemoBar, DemoFault};

use super::Sources;
use super::changed::Changed;
use super::data::{kept, moment};
use crate::intake::keeper::Keeper;
use crate::intake::service::Access;
use crate::report::change_words::status_at;
use crate::text::Words;
use crate::verdict::Verdict;
use csv::Sheets;
use fault::Fault;
use recent::Recent;
use std::sync::Arc;
use std::time::SystemTime;

/// What the pages read beside what all of HTTP does.
#[derive(Debug, Clone)]
pub struct PageSources {
    /// When this process began.
    begun: SystemTime,
    /// The bar at the top of each page; only `gracewatch demo` has one.
    pub(super) demo: Option<Arc<dyn DemoBar>>,
    /// What changed, and what the first page shows of it.
    pub(super) changed: Arc<Changed>,
    recent: Arc<Recent>,
    /// The sheets under way.
    sheets: Sheets,
}

impl PageSources {
    /// What the pages of a process read that begins now.
    pub fn new(demo: Option<Arc<dyn DemoBar>>) -> Self {
        Self {
            begun: SystemTime::now(),
            demo,
            changed: Arc::default(),
            recent: Arc::default(),
            sheets: Sheets::default(),
        }
    }
}

/// The service that keeps reports, and what it keeps.
async fn keeper(sources: &Sources) -> Result<(&Access, Keeper), Fault> {
    kept(sources).await.map_err(Fault::from)
}

/// The status of a path, with what is blamed.
fn status(words: Words, verdict: &Verdict) -> String {
    let blamed = verdict.stage.zip(verdict.reason).map(|(stage, reason)| (stage.as_str(), reason.as_str()));
    status_at(words, verdict.status, blamed)
}
