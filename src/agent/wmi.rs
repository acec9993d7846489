//! The licensing classes by WMI, read in a thread of its own: a connection belongs to the thread that made it.

use super::rows::{CLASSES, HARDWARE, PRODUCTS, Row, Rows, SYSTEM, properties};
use super::trouble::{Outcome, Trouble};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;
use wmi::{Variant, WMIConnection, WMIError};

/// How long all of it may take. Listing the products of a slow machine takes a minute.
const LIMIT: Duration = Duration::from_mins(5);

/// True while a thread waits for WMI, of which there is one at the most.
static IS_READING: AtomicBool = AtomicBool::new(false);

/// There is no such class: of Office where none is installed that needs it.
const INVALID_CLASS: u32 = 0x8004_1010;
const NOT_FOUND: u32 = 0x8004_1002;

/// Reads every class. What could be read is handed over, with what could not.
pub(super) async fn read() -> (Rows, Vec<Trouble>) {
    let silent = |detail: &str| (Rows::new(), vec![Trouble::new(Outcome::LicensingUnreadable, detail)]);
    if IS_READING.swap(true, Ordering::Relaxed) {
        return silent("WMI has not answered an earlier request yet");
    }
    let (sender, answer) = oneshot::channel();
    let thread = thread::Builder::new().name("wmi".to_owned()).spawn(move || {
        let read = read_here();
        IS_READING.store(false, Ordering::Relaxed);
        // Nobody waits any more where that took too long.
        let _ = sender.send(read);
    });
    if let Err(error) = thread {
        IS_READING.store(false, Ordering::Relaxed);
        return silent(&error.to_string());
    }
    match timeout(LIMIT, answer).await {
        Ok(Ok(read)) => read,
        _ => silent("WMI does not answer"),
    }
}

fn read_here() -> (Rows, Vec<Trouble>) {
    let (mut rows, mut troubles) = (Rows::new(), Vec::new());
    let connection = match WMIConnection::new() {
        Ok(connection) => connection,
        Err(error) => return (rows, vec![trouble("WMI", &error)]),
    };
    for class in CLASSES {
        match class_of(&connection, class) {
            Ok(found) => {
                rows.insert(class.to_owned(), found);
            }
            Err(error) if is_missing(&error) && class == PRODUCTS[1] => {}
            // A name and an ID are found in other ways.
            Err(_) if class == SYSTEM || class == HARDWARE => {}
            Err(error) => troubles.push(trouble(class, &error)),
        }
    }
    (rows, troubles)
}

/// The rows of a class with those of the wanted properties that this version of Windows has: to ask for one that it has
/// not would fail.
fn class_of(connection: &WMIConnection, class: &str) -> Result<Vec<Row>, WMIError> {
    let known = connection.get_object(class)?.list_properties()?;
    let names: Vec<_> = properties(class).into_iter().filter(|name| known.iter().any(|known| known == name)).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let query = format!("SELECT {} FROM {class}", names.join(", "));
    // Windows keeps hundreds of products for which no key is installed.
    let in_use = names.contains(&"PartialProductKey").then(|| format!("{query} WHERE PartialProductKey IS NOT NULL"));
    let ask = |query: &str| connection.raw_query::<HashMap<String, Variant>>(query);
    let found = match in_use {
        Some(narrow) => ask(&narrow).or_else(|_| ask(&query))?,
        None => ask(&query)?,
    };
    let row = |row: HashMap<String, Variant>| row.into_iter().map(|(name, value)| (name, plain(value))).collect();
    Ok(found.into_iter().map(row).collect())
}

fn plain(value: Variant) -> Value {
    match value {
        Variant::String(text) => text.into(),
        Variant::I1(number) => number.into(),
        Variant::I2(number) => number.into(),
        Variant::I4(number) => number.into(),
        Variant::I8(number) => number.into(),
        Variant::UI1(number) => number.into(),
        Variant::UI2(number) => number.into(),
        Variant::UI4(number) => number.into(),
        Variant::UI8(number) => number.into(),
        Variant::Bool(flag) => flag.into(),
        _ => Value::Null,
    }
}

fn code(error: &WMIError) -> Option<u32> {
    if let WMIError::HResultError { hres } = error { Some(hres.cast_unsigned()) } else { None }
}

fn is_missing(error: &WMIError) -> bool {
    matches!(code(error), Some(INVALID_CLASS | NOT_FOUND))
}

fn trouble(what: &str, error: &WMIError) -> Trouble {
    let outcome = match code(error) {
        // E_ACCESSDENIED, WBEM_E_ACCESS_DENIED
        Some(0x8007_0005 | 0x8004_1003) => Outcome::AccessDenied,
        // ERROR_SERVICE_DISABLED, _NOT_ACTIVE, _LOGON_FAILED, _DEPENDENCY_FAIL, and that the service does not start
        Some(0x8007_0422 | 0x8007_0426 | 0x8007_042D | 0x8007_042C | 0x8007_041D) => Outcome::ServiceStopped,
        _ => Outcome::LicensingUnreadable,
    };
    let detail = code(error).map_or_else(|| error.to_string(), |code| format!("0x{code:08X}"));
    Trouble::new(outcome, format_args!("{what}: {detail}"))
}
