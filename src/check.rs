//! One check: what a person names is a path ([`target`]), and everything of a configuration is probed once and judged by
//! that alone.

pub mod target;

use crate::clock_report::Reference;
use crate::config::{Config, Damping};
use crate::counters::Counters;
use crate::monitor::Monitors;
use crate::state::State;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::interval;

/// How often it is shown how far a round is.
const LOOK: Duration = Duration::from_millis(100);

/// A round under way. All probes end with this value.
#[derive(Debug)]
pub struct Round {
    monitors: Monitors,
    state: Arc<State>,
}

impl Round {
    /// Begins to probe. `reference` is true time, where that is known and no time server is asked.
    ///
    /// # Errors
    /// Never for the names of counters given here; the library checks them.
    pub fn begin(config: Config, reference: Option<Reference>) -> prometheus::Result<Self> {
        // One round has nothing to be compared with.
        let config = Config { verdict: Damping::NONE, ..config };
        let (state, counters) = (Arc::new(State::new()), Arc::new(Counters::new()?));
        let monitors = Monitors::once(Arc::new(config), Arc::clone(&state), counters, reference);
        Ok(Self { monitors, state })
    }

    /// Waits until everything was probed. `progress` is called now and then: how many jobs are done, and how many are
    /// planned so far.
    pub async fn done(&mut self, mut progress: impl FnMut(usize, usize)) {
        let mut ticks = interval(LOOK);
        loop {
            tokio::select! {
                () = self.state.ready() => break,
                () = self.monitors.supervise() => {}
                _ = ticks.tick() => {
                    let (done, planned) = self.monitors.progress();
                    progress(done, planned);
                }
            }
        }
    }

    /// Has every path judged again, by what is known of machines now.
    pub async fn judge(&self) {
        self.monitors.judge().await;
    }

    /// What is known so far.
    pub const fn state(&self) -> &Arc<State> {
        &self.state
    }
}
