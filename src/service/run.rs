//! How the program runs as a service: the service manager starts and calls it, and it reports its state.

use super::manager::{NAME, RELOAD, refusal};
use crate::catalogue::Message;
use crate::config::Log;
use crate::daemon::{self, Source};
use crate::logging::Logging;
use crate::signal::{self, Signal};
use crate::supervision::{self, Notice};
use crate::{places, threads};
use std::error::Error;
use std::ffi::OsString;
use std::sync::OnceLock;
use std::time::Duration;
use tracing::error;
use windows_service::service::{
    ServiceControl, ServiceControlAccept, ServiceExitCode, ServiceState, ServiceStatus, ServiceType,
};
use windows_service::service_control_handler::{self, ServiceControlHandlerResult, ServiceStatusHandle};
use windows_service::{define_windows_service, service_dispatcher};

/// How long the service may take to be ready, and to end: longer than it ever takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long what still runs may take once the daemon is done, which has waited already.
const SHUTDOWN: Duration = Duration::from_millis(50);

/// What the service ends with where it cannot go on.
const FAILED: u32 = 1;

/// What the service does until it is asked to stop.
pub type Work = Box<dyn Fn(&Logging) -> Result<(), Box<dyn Error>> + Send + Sync>;

/// What to do; the service manager calls without it.
static WORK: OnceLock<Work> = OnceLock::new();

/// Whom to report the state to.
static MANAGER: OnceLock<ServiceStatusHandle> = OnceLock::new();

define_windows_service!(entry, main);

/// Runs until the service manager says to stop, which has to have started this process.
///
/// # Errors
/// That it did not.
pub fn run(work: Work) -> Result<(), Message> {
    let _ = WORK.set(work);
    service_dispatcher::start(NAME, entry).map_err(|error| refusal(&error))
}

fn main(_: Vec<OsString>) {
    // Without it there is nobody to report anything to.
    let Ok(manager) = service_control_handler::register(NAME, control) else { return };
    let _ = MANAGER.set(manager);
    supervision::call(|notice| match notice {
        Notice::Ready => report(ServiceState::Running, 0),
        Notice::Stopping => report(ServiceState::StopPending, 0),
    });
    report(ServiceState::StartPending, 0);
    let code = threads::run_aside(logged).unwrap_or(FAILED);
    report(ServiceState::Stopped, code);
}

/// Does the work, and logs why it ends where it should not. The event log is the one place where that is seen.
fn logged() -> u32 {
    // It logs once at the most.
    let Ok(logging) = Logging::start_in_event_log(&Log::default()) else { return FAILED };
    // Relative paths in the configuration are meant from where it usually is, and not from the folder of the system.
    let _ = std::env::set_current_dir(places::folder());
    let ended = WORK.get().map_or_else(|| Err("it does not know what to do".into()), |work| work(&logging));
    if let Err(error) = &ended {
        error!("the service ends: {error}");
    }
    logging.flush();
    if ended.is_ok() { 0 } else { FAILED }
}

/// Runs the daemon until it is asked to stop.
///
/// # Errors
/// Why it cannot begin, or ended by itself.
pub fn serve(source: Source, logging: &Logging) -> Result<(), Box<dyn Error>> {
    let config = source.load()?;
    logging.apply(&config.log);
    let (web_file, stamps) = source.load_web(&config);
    let web_file = web_file?;
    let runtime = threads::runtime()?;
    let ended = runtime.block_on(Box::pin(daemon::run(source, config, (web_file, stamps), logging.clone())));
    runtime.shutdown_timeout(SHUTDOWN);
    Ok(ended?)
}

/// What the service manager asks for.
fn control(control: ServiceControl) -> ServiceControlHandlerResult {
    match control {
        ServiceControl::Stop | ServiceControl::Shutdown => {
            report(ServiceState::StopPending, 0);
            signal::ask_for(Signal::Stop);
        }
        ServiceControl::ParamChange => signal::ask_for(Signal::Reload),
        ServiceControl::UserEvent(code) if code.to_raw() == RELOAD => signal::ask_for(Signal::Reload),
        ServiceControl::Interrogate => {}
        _ => return ServiceControlHandlerResult::NotImplemented,
    }
    ServiceControlHandlerResult::NoError
}

/// Reports a state, and the code that the service ends with.
fn report(state: ServiceState, code: u32) {
    let accepted = ServiceControlAccept::STOP | ServiceControlAccept::SHUTDOWN | ServiceControlAccept::PARAM_CHANGE;
    let is_pending = matches!(state, ServiceState::StartPending | ServiceState::StopPending);
    let status = ServiceStatus {
        service_type: ServiceType::OWN_PROCESS,
        current_state: state,
        controls_accepted: if state == ServiceState::Running { accepted } else { ServiceControlAccept::empty() },
        exit_code: if code == 0 { ServiceExitCode::NO_ERROR } else { ServiceExitCode::ServiceSpecific(code) },
        checkpoint: 0,
        wait_hint: if is_pending { PATIENCE } else { Duration::ZERO },
        process_id: None,
    };
    if let Some(manager) = MANAGER.get() {
        // Nothing can be done where it is gone.
        let _ = manager.set_service_status(status);
    }
}
