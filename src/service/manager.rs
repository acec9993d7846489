//! The service manager, and what it says where it refuses something.

use crate::catalogue::{Message, message};
use windows_service::Error;
use windows_service::service::{Service, ServiceAccess};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

/// The name of the service, and of what it logs in.
pub(super) const NAME: &str = "gracewatch";
pub(super) const EVENT_SOURCE: &str = "Gracewatch";

/// The control code that has the configuration read again: `sc control gracewatch 128`.
pub(super) const RELOAD: u32 = 128;

/// What Windows' error codes say of a service.
pub(super) const ACCESS_DENIED: i32 = 5;
pub(super) const ALREADY_RUNNING: i32 = 1056;
pub(super) const NOT_INSTALLED: i32 = 1060;
pub(super) const NOT_RUNNING: i32 = 1062;
pub(super) const NO_MANAGER: i32 = 1063;
pub(super) const BEING_REMOVED: i32 = 1072;
pub(super) const EXISTS: i32 = 1073;

/// The number that Windows has for an error.
pub(super) fn code(error: &Error) -> Option<i32> {
    match error {
        Error::Winapi(error) => error.raw_os_error(),
        _ => None,
    }
}

/// Why the service manager refuses something.
pub(super) fn refusal(error: &Error) -> Message {
    match (code(error), error) {
        (Some(ACCESS_DENIED), _) => message!("service-denied"),
        (Some(NOT_INSTALLED), _) => message!("service-not-installed"),
        (Some(NOT_RUNNING), _) => message!("service-not-running"),
        (Some(NO_MANAGER), _) => message!("service-not-by-hand"),
        (Some(BEING_REMOVED), _) => message!("service-being-removed"),
        (_, Error::Winapi(error)) => message!("service-refused", error = error.to_string()),
        (_, other) => message!("service-refused", error = other.to_string()),
    }
}

pub(super) fn manager(access: ServiceManagerAccess) -> Result<ServiceManager, Message> {
    ServiceManager::local_computer(None::<&str>, access).map_err(|error| refusal(&error))
}

/// The service that is installed.
pub(super) fn installed(access: ServiceAccess) -> Result<Service, Message> {
    manager(ServiceManagerAccess::CONNECT)?.open_service(NAME, access).map_err(|error| refusal(&error))
}
