//! What is asked of the service that is installed.

use super::manager::{ALREADY_RUNNING, NOT_RUNNING, RELOAD, code, installed, refusal};
use crate::catalogue::{Message, message};
use std::ffi::OsStr;
use std::thread;
use std::time::{Duration, Instant};
use windows_service::service::{Service, ServiceAccess, ServiceExitCode, ServiceState, ServiceStatus, UserEventCode};

/// How long the service may take to be in another state, and how often that is looked at.
const LIMIT: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(50);

/// In which state the service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It runs, as this process.
    Running(u32),
    Starting,
    Stopping,
    /// It does not run, and ended with this code.
    Stopped(u32),
}

impl From<ServiceStatus> for State {
    fn from(status: ServiceStatus) -> Self {
        match status.current_state {
            ServiceState::Stopped => Self::Stopped(match status.exit_code {
                ServiceExitCode::Win32(code) | ServiceExitCode::ServiceSpecific(code) => code,
            }),
            ServiceState::StartPending => Self::Starting,
            ServiceState::StopPending => Self::Stopping,
            _ => Self::Running(status.process_id.unwrap_or_default()),
        }
    }
}

/// In which state the service is.
///
/// # Errors
/// Why that cannot be seen.
pub fn status() -> Result<State, Message> {
    state(&installed(ServiceAccess::QUERY_STATUS)?)
}

fn state(service: &Service) -> Result<State, Message> {
    service.query_status().map(State::from).map_err(|error| refusal(&error))
}

/// Starts the service, and waits until it runs.
///
/// # Errors
/// Why it does not.
pub fn start() -> Result<(), Message> {
    let service = installed(ServiceAccess::START | ServiceAccess::QUERY_STATUS)?;
    match service.start::<&OsStr>(&[]) {
        Err(error) if code(&error) != Some(ALREADY_RUNNING) => return Err(refusal(&error)),
        _ => {}
    }
    match settled(&service, |state| matches!(state, State::Running(_) | State::Stopped(_)))? {
        State::Stopped(code) => Err(message!("service-start-failed", code = code)),
        _ => Ok(()),
    }
}

/// Stops the service, and waits until it has stopped.
///
/// # Errors
/// Why it has not.
pub fn stop() -> Result<(), Message> {
    stop_it(&installed(ServiceAccess::STOP | ServiceAccess::QUERY_STATUS)?)
}

pub(super) fn stop_it(service: &Service) -> Result<(), Message> {
    match service.stop() {
        Err(error) if code(&error) != Some(NOT_RUNNING) => return Err(refusal(&error)),
        _ => {}
    }
    settled(service, |state| matches!(state, State::Stopped(_))).map(drop)
}

/// Has the service read its configuration again. The outcome is in its log.
///
/// # Errors
/// Why it cannot be asked to.
pub fn reload() -> Result<(), Message> {
    let service = installed(ServiceAccess::USER_DEFINED_CONTROL)?;
    let reload =
        UserEventCode::from_raw(RELOAD).map_err(|error| message!("service-refused", error = error.to_string()))?;
    service.notify(reload).map(drop).map_err(|error| refusal(&error))
}

/// The state of the service once it is one of those that are waited for.
fn settled(service: &Service, is_settled: impl Fn(State) -> bool) -> Result<State, Message> {
    let begun = Instant::now();
    loop {
        let state = state(service)?;
        if is_settled(state) {
            return Ok(state);
        }
        if begun.elapsed() > LIMIT {
            return Err(message!("service-slow", seconds = LIMIT.as_secs()));
        }
        thread::sleep(LOOK);
    }
}
