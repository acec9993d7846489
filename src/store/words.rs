//! What goes wrong with a store, as messages: the errors have their own English, for logs.

use super::{BackupError, StoreError};
use crate::catalogue::{Message, message};

impl From<&StoreError> for Message {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Unavailable { store, detail } => message!("store-unavailable", store = store, error = detail),
            StoreError::Full { store } => message!("store-full", store = store),
            StoreError::ReadOnly { store, detail } => message!("store-read-only", store = store, error = detail),
            StoreError::Busy { store } => message!("store-busy", store = store),
            StoreError::NewerSchema { store } => message!("store-newer", store = store),
            StoreError::Replaced { store } => message!("store-replaced", store = store),
            StoreError::Damaged { store, detail } => message!("store-damaged", store = store, error = detail),
            StoreError::NotAStore { store, detail } => message!("store-not-a-store", store = store, error = detail),
            StoreError::Other { store, detail } => message!("store-failed", store = store, error = detail),
        }
    }
}

impl From<&BackupError> for Message {
    fn from(error: &BackupError) -> Self {
        match error {
            BackupError::Server(url, file) => message!("backup-by-server", store = url.to_string(), file = file),
            BackupError::NoStore(url) => message!("backup-no-store", store = url.to_string()),
            BackupError::Exists(file) => message!("backup-exists", file = file),
            BackupError::Name(file, why) => message!("backup-name", file = file, error = *why),
            BackupError::Unwritable(file, error) => {
                message!("backup-unwritable", file = file, error = error.to_string())
            }
            BackupError::Store(error) => error.into(),
        }
    }
}
