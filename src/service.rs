//! The program as a service of Windows: how it is installed and controlled, and how it runs as one. Elsewhere there is
//! nothing in here.

#[cfg(windows)]
mod control;
#[cfg(windows)]
mod install;
#[cfg(windows)]
mod manager;
#[cfg(windows)]
mod run;

#[cfg(windows)]
pub use control::{State, reload, start, status, stop};
#[cfg(windows)]
pub use install::{Warning, install, uninstall};
#[cfg(windows)]
pub use run::{Work, run, serve};
