//! Gracewatch stands where Windows machines stand, walks the way they walk to get activated, and tells which step is
//! broken, which Windows error code a client shows for it, and what to do first.
//!
//! It is a monitor. It never sends a KMS activation request: the RPC bind is where its walk ends.
//!
//! # The tour, in the order in which data flows
//!
//! * [`config`]: YAML becomes a checked [`Config`](config::Config); [`path`] is what is watched,
//!   [`online`] what is at the end of an online path and on the way there, [`host`] the names in both.
//! * [`timetable`] says when each [`Job`](probe::Job) is due, and [`scheduler`] runs it.
//! * [`probe`]: one async function for each kind of job, over the messages in [`wire`]. What it saw is an
//!   [`Observation`](observation::Observation).
//! * [`counters`] count those, and whatever else is counted as it happens.
//! * [`findings`] keeps the latest of each job, and says which jobs follow from them.
//! * [`clock_report`] is what all clocks say, and the true time that time servers agree on; [`clock`] has the algorithm.
//! * [`walk`] lays the findings on a path out as a client would walk, and judges the clocks of its hosts.
//! * [`verdict`]: what a walk adds up to, with the Windows error codes of [`codes`]. Pure, and data without a sentence;
//!   [`text`] makes the words, wherever it is shown.
//! * [`knowledge`]: what those codes and others of activation mean, and what to do, in every language there is.
//! * [`license`]: what machines report of themselves, and when what they have ends. [`status`] reads it in many formats,
//!   keeps it, adds it up, and tells how many machines depend on each path.
//! * [`product_keys`]: what is wrong with a product key as typed, and the keys that are published for everyone. Pure.
//! * [`state`] is what the scheduler and the status service publish; [`metrics`], [`report`] and [`web`] show it.
//! * [`daemon`] ties it together for `serve`, [`cli`] for a person at a terminal; [`logging`], [`signal`], [`descriptors`]
//!   and [`words`] are what their names say, and [`supervision`] is what systemd is told.

pub mod cli;
pub mod clock;
pub mod clock_report;
pub mod codes;
pub mod config;
pub mod counters;
pub mod daemon;
pub mod descriptors;
pub mod findings;
pub mod fleet;
pub mod formats;
pub mod host;
pub mod intake;
pub mod knowledge;
pub mod license;
pub mod logging;
pub mod metrics;
pub mod monitor;
pub mod observation;
pub mod online;
pub mod path;
pub mod probe;
pub mod product_keys;
pub mod report;
pub mod signal;
pub mod state;
pub mod store;
pub mod supervision;
pub mod text;
pub mod verdict;
pub mod walk;
pub mod web;
pub mod wire;
pub mod words;
