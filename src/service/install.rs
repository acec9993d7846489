//! Installing the service and removing it.

use super::control::stop_it;
use super::manager::{EVENT_SOURCE, EXISTS, NAME, code, installed, manager, refusal};
use crate::catalogue::{Message, message};
use crate::config::Config;
use crate::places;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf, absolute};
use std::process::Command;
use std::time::Duration;
use windows_registry::LOCAL_MACHINE;
use windows_service::service::{
    Service, ServiceAccess, ServiceAction, ServiceActionType, ServiceErrorControl, ServiceFailureActions,
    ServiceFailureResetPeriod, ServiceInfo, ServiceSidType, ServiceStartType, ServiceType,
};
use windows_service::service_manager::ServiceManagerAccess;

/// The account that Windows makes for the service, and for nothing else.
const ACCOUNT: &str = r"NT SERVICE\gracewatch";

/// What the list of services shows.
const DISPLAY_NAME: &str = "Gracewatch";
const DESCRIPTION: &str = "Monitors the paths by which Windows machines stay activated. It never activates anything.";

/// How soon the service is started again after a failure: the first, the second, and each further one within a day.
const RESTARTS: [Duration; 3] = [Duration::from_secs(5), Duration::from_secs(30), Duration::from_mins(1)];
const DAY: Duration = Duration::from_hours(24);

/// Where the sources of the event log are.
const EVENT_SOURCES: &str = r"SYSTEM\CurrentControlSet\Services\EventLog\Application";

/// A program of Windows with a message for each id up to 1000, which is the text that was logged.
const MESSAGES: &str = r"%SystemRoot%\System32\EventCreate.exe";

/// The kinds of entries there are: errors, warnings and information.
const KINDS: u32 = 7;

/// What the service begins with where there is no configuration yet.
const BEGINNING: &str = include_str!("../../deploy/windows/gracewatch.yaml");

/// The folder in it whose files are imported.
const INBOX: &str = "inbox";

/// Where it has its files, which is another folder where `%ProgramData%` is.
const USUAL_FOLDER: &str = r"C:\ProgramData\Gracewatch";

/// What could not be set, though the service is installed.
#[derive(Debug)]
pub struct Warning(pub Message);

/// Installs the service, or has the one that is installed run this program with this configuration. The configuration is
/// created where it is the usual one and is not there. Returns where it is, and what could not be set.
///
/// # Errors
/// Why it is not installed.
pub fn install(config: Option<PathBuf>) -> Result<(PathBuf, Vec<Warning>), Message> {
    let mut warnings = Vec::new();
    let other = |error: io::Error| message!("other-error", error = error.to_string());
    let folder = places::folder();
    fs::create_dir_all(folder.join(INBOX)).map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied => message!("service-denied"),
        _ => message!("service-folder", folder = folder.display().to_string(), error = error.to_string()),
    })?;
    let config = match config {
        Some(config) => absolute(config).map_err(other)?,
        None => begin(&places::configuration()).map_err(other)?,
    };
    Config::load_without_tokens(Some(&config)).map_err(|error| error.message())?;
    let service = create(&info(&config).map_err(other)?)?;
    // The account is there once the service is.
    if let Err(error) = close(&folder) {
        warnings.push(Warning(message!("service-access", folder = folder.display().to_string(), error = error)));
    }
    let mut warn = |setting: &'static str, done: windows_service::Result<()>| {
        if let Err(error) = done {
            let error = refusal(&error);
            warnings.push(Warning(message!("service-setting", setting = setting, error = error)));
        }
    };
    warn("description", service.set_description(DESCRIPTION));
    warn("delay", service.set_delayed_auto_start(true));
    warn("account", service.set_config_service_sid_info(ServiceSidType::Unrestricted));
    warn("restart", restart(&service));
    if let Err(error) = register_events() {
        warnings.push(Warning(message!("service-setting", setting = "events", error = error.to_string())));
    }
    Ok((config, warnings))
}

/// The usual configuration, which is created where it is not there.
fn begin(config: &Path) -> io::Result<PathBuf> {
    match fs::File::options().write(true).create_new(true).open(config) {
        Ok(mut file) => file.write_all(
            BEGINNING.replace(USUAL_FOLDER, &places::folder().to_string_lossy()).replace('\n', "\r\n").as_bytes(),
        )?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    Ok(config.to_owned())
}

/// The service as it is to be.
fn info(config: &Path) -> io::Result<ServiceInfo> {
    let arguments = ["service", "run", "--config"].map(OsString::from);
    Ok(ServiceInfo {
        name: NAME.into(),
        display_name: DISPLAY_NAME.into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: std::env::current_exe()?,
        launch_arguments: arguments.into_iter().chain([config.into()]).collect(),
        dependencies: Vec::new(),
        account_name: Some(ACCOUNT.into()),
        account_password: None,
    })
}

fn create(info: &ServiceInfo) -> Result<Service, Message> {
    // To set that it is restarted takes the right to start it.
    let access = ServiceAccess::CHANGE_CONFIG | ServiceAccess::START;
    let created =
        manager(ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE)?.create_service(info, access);
    match created {
        Err(error) if code(&error) == Some(EXISTS) => {
            let service = installed(access)?;
            service.change_config(info).map_err(|error| refusal(&error))?;
            Ok(service)
        }
        created => created.map_err(|error| refusal(&error)),
    }
}

/// Has the service started again where it fails, also where it ends by itself.
fn restart(service: &Service) -> windows_service::Result<()> {
    let action = |delay| ServiceAction { action_type: ServiceActionType::Restart, delay };
    service.update_failure_actions(ServiceFailureActions {
        reset_period: ServiceFailureResetPeriod::After(DAY),
        reboot_msg: None,
        command: None,
        actions: Some(RESTARTS.map(action).into()),
    })?;
    service.set_failure_actions_on_non_crash_failures(true)
}

/// Closes the folder to all but the system, administrators and the service.
fn close(folder: &Path) -> Result<(), String> {
    let root = std::env::var_os("SystemRoot").map_or_else(|| r"C:\Windows".into(), PathBuf::from);
    let output = Command::new(root.join(r"System32\icacls.exe"))
        .arg(folder)
        // Their names differ between languages, their SIDs do not.
        .args(["/inheritance:r", "/grant:r", "*S-1-5-18:(OI)(CI)F", "*S-1-5-32-544:(OI)(CI)F"])
        .arg(format!("{ACCOUNT}:(OI)(CI)M"))
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(format!("icacls: {}", output.status)) }
}

fn register_events() -> windows_registry::Result<()> {
    let source = LOCAL_MACHINE.create(format!(r"{EVENT_SOURCES}\{EVENT_SOURCE}"))?;
    source.set_expand_string("EventMessageFile", MESSAGES)?;
    source.set_u32("TypesSupported", KINDS)
}

/// Stops the service and removes it. What it kept is left.
///
/// # Errors
/// Why it is still there.
pub fn uninstall() -> Result<(), Message> {
    let service = installed(ServiceAccess::DELETE | ServiceAccess::STOP | ServiceAccess::QUERY_STATUS)?;
    stop_it(&service)?;
    service.delete().map_err(|error| refusal(&error))?;
    // What it logged stays readable without it.
    let _ = LOCAL_MACHINE.remove_tree(format!(r"{EVENT_SOURCES}\{EVENT_SOURCE}"));
    Ok(())
}
