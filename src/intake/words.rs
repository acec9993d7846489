//! Why reports are not taken, as messages: the errors have their own English, for logs.

use super::admission::Overloaded;
use super::writer::WriteError;
use crate::catalogue::{Message, message};

impl From<&WriteError> for Message {
    fn from(error: &WriteError) -> Self {
        match error {
            WriteError::Store(error) => error.as_ref().into(),
            WriteError::Stopping => message!("stopping"),
        }
    }
}

impl From<Overloaded> for Message {
    fn from(Overloaded: Overloaded) -> Self {
        message!("too-many-reports")
    }
}
