//! The store: whatever is known comes back from either database as it was, whoever shares it, and whatever happens to it.

#![allow(clippy::unwrap_used, reason = "what a store does not take or give fails the test")]

mod failures;
mod history;
mod migration;
mod postgres;
mod rows;
mod shared;
mod silence;
mod verdicts;

use crate::fleet::{in_a_word, submitted};
use gracewatch::fleet::known::Received;
use gracewatch::intake::keeper::Keeper;

/// Runs scenarios on both databases. A scenario is an async function that is given the URL of an empty store.
macro_rules! on_both {
    ($($scenario:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $scenario() {
                    let directory = crate::servers::directory::TemporaryDirectory::new("store");
                    let url = format!("sqlite:{}/x.db", directory.path().display());
                    super::$scenario(&url.parse().expect("a URL")).await;
                }
            )*
        }

        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs postgresql"]
                async fn $scenario() {
                    let server = crate::servers::postgres::Postgres::new();
                    super::$scenario(&server.url().parse().expect("a URL")).await;
                }
            )*
        }
    };
}
use on_both;

/// Takes reports, and says what became of each, as [`crate::fleet::take`] does.
async fn take(keeper: &Keeper, batch: Vec<Received>) -> Vec<String> {
    let taken = keeper.take(batch.into_iter().map(submitted).collect()).await.expect("it is taken");
    taken.into_iter().map(in_a_word).collect()
}

/// How many machines there are.
async fn machines(keeper: &Keeper) -> usize {
    keeper.ask(gracewatch::fleet::Fleet::len).await
}
