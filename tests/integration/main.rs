//! The program against real servers: `check` and `serve` as users run them.
//!
//! [`servers`] starts them, [`support`] runs the program and reads what it says, and every other module is about one
//! subject. What needs a server that is not part of the test itself is ignored unless asked for, and names the Debian
//! packages it needs.

#![allow(unreachable_pub, reason = "a test crate exports nothing; `pub` marks what other modules may use")]
#![allow(clippy::expect_used, clippy::panic, reason = "what a test cannot do fails it")]
#![allow(clippy::indexing_slicing, reason = "a test that reads past the end fails, which is what it should do")]

mod agent;
mod alerts;
mod arguments;
mod bytes_sent;
mod clock;
mod clock_servers;
mod collector;
mod dashboards;
mod demo;
mod discovery;
mod documents;
mod endurance;
mod explain;
mod faults;
mod fleet;
mod hosts;
mod json;
mod key;
mod language;
mod network;
mod online;
mod online_servers;
mod output;
mod pages;
mod probe;
mod prometheus;
#[cfg(feature = "proxy-auth")]
mod proxy_login;
mod reload;
mod resources;
mod rpc;
mod serve;
mod servers;
mod status;
mod store;
mod structure;
mod support;
mod terminal;
mod web_config;
