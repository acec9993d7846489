//! Gracewatch runs where Windows machines run, checks the path they take to activation, and reports which step is
//! broken, which Windows error code a client shows for it, and what to do first.
//!
//! It is a monitor. It never sends a KMS activation request: the RPC bind is where its walk ends.
//!
//! # The tour
//!
//! From the ground up: each module uses only those above it, and a test holds that.
//!
//! The words of the field, as types:
//!
//! * [`words`]: numbers, times and others' texts, as people read them. [`secret`]: what nobody reads. [`places`]: where
//!   files are.
//! * [`observation`]: the stages, the reasons why one fails, and what was seen at one. A new reason begins here: the
//!   compiler leads on to its code in `codes` and its words in `text`.
//! * [`host`]: names, addresses and ports. [`online`]: endpoints, proxies, and whom to trust. [`path`]: what is
//!   monitored.
//! * [`codes`]: the Windows error codes, and which stage shows which. [`license`]: what a machine reports of itself.
//! * [`clock`]: offsets, and the true time that several clocks agree on. [`wire`]: messages, to bytes and back.
//! * [`product_keys`]: what is wrong with a key as typed. [`knowledge`]: what each code and event means, in each
//!   language. [`catalogue`]: every other text that a person reads, in the words of each language. A new language is a
//!   folder in `text/catalogues`, and a file in `knowledge`.
//!
//! The machines:
//!
//! * [`formats`]: the bytes of a report, in any of its formats, become [`Report`](license::Report)s. A new format is a
//!   module there, and a variant of [`Format`](formats::Format) in the place that what only it has gives it.
//! * [`fleet`]: all machines, in memory, and the answer to every question about them: totals, dependents, who loses
//!   activation when. A new question that counts is a file in `fleet/aggregate`, one that lists is in
//!   `fleet/listing.rs`, and a rule that both need is a file of its own, as `fleet/validity.rs` is. Pure.
//!
//! The paths:
//!
//! * [`config`]: YAML becomes a checked [`Config`](config::Config). [`counters`]: what is counted as it happens.
//!   [`throttle`]: lines in the log that strangers can cause.
//! * [`probe`]: one async function for each kind of [`Job`](probe::Job), which returns a [`Finding`](probe::Finding). A
//!   new probe is a module there and a variant of both; `monitor/plan.rs` plans it, and its messages are in `wire`.
//! * [`findings`]: the latest of each job of a path. [`clock_report`]: the latest of all clocks.
//! * [`walk`]: the findings, in the order in which a client takes its steps. [`verdict`]: the state of the path, as
//!   data. A rule by which one is degraded is in `verdict/kms.rs`, `verdict/online.rs`, or, for what machines report,
//!   `verdict/machines.rs`. [`text`]: what a person reads of it, in the words of the catalogue. All pure.
//!
//! What runs:
//!
//! * [`store`]: rows, in `SQLite` and `PostgreSQL`. It judges nothing. A new column is a new step in
//!   `store/migrations`, for both.
//! * [`state`]: what was published last.
//! * [`monitor`]: one task for each path, which plans its jobs, runs them when they are due, judges, and publishes.
//! * [`intake`]: takes reports from files, the inbox and requests, and keeps store and fleet in step.
//! * [`check`]: what a person names, probed once.
//!
//! What is seen of it:
//!
//! * [`metrics`] for Prometheus, where `metrics/catalogue.rs` has every gauge; [`report`], which is all of it as JSON;
//!   [`console`], which is that for a person at a terminal; and [`web`], which serves all of them. Its limits are in
//!   `web/server` for connections, `web/status/body.rs` and `intake/admission.rs` for bodies, `web/guard` for rates, and
//!   `web/probe.rs` for probes on request.
//! * [`logging`], [`signal`], [`descriptors`], [`threads`] and [`supervision`], which reports to systemd.
//! * [`daemon`] ties it together for `serve`, [`demo`] around a company on loopback. [`agent`] is the other end: it sends
//!   what a machine reports of itself; what only Windows has is behind `agent/source.rs`. [`service`] is for the service
//!   manager of Windows, [`cli`] for a person at a terminal.
//!
//! `CONTRIBUTING.md` has the steps for a probe, a reason, a format, a question and a language.

pub mod agent;
pub mod catalogue;
pub mod check;
pub mod cli;
pub mod clock;
pub mod clock_report;
pub mod codes;
pub mod config;
pub mod console;
pub mod counters;
pub mod daemon;
pub mod demo;
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
pub mod places;
pub mod probe;
pub mod product_keys;
pub mod report;
pub mod secret;
pub mod service;
pub mod signal;
pub mod state;
pub mod store;
pub mod supervision;
pub mod text;
pub mod threads;
pub mod throttle;
pub mod verdict;
pub mod walk;
pub mod web;
pub mod wire;
pub mod words;
