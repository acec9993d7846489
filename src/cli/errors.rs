//! Why a command fails, in the words of a language. What happens further down has its own English, for logs.

use crate::catalogue::{Message, message};
use crate::config::ConfigError;
use crate::config::store_url::StoreUrlError;
use crate::daemon::DaemonError;
use crate::demo::DemoError;
use crate::formats::FormatError;
use crate::intake::writer::WriteError;
use crate::store::{BackupError, StoreError};
use crate::text::Words;
use crate::threads::TooFew;
use std::error::Error;

/// An error in the words of a language. What has no words of ours is quoted.
pub(super) fn in_words(error: &(dyn Error + 'static), words: Words) -> String {
    message(error).map_or_else(|| error.to_string(), |message| message.in_words(words))
}

fn message(error: &(dyn Error + 'static)) -> Option<Message> {
    let own = error.downcast_ref::<Message>().cloned();
    own.or_else(|| Some(error.downcast_ref::<ConfigError>()?.message()))
        .or_else(|| Some(error.downcast_ref::<StoreUrlError>()?.message()))
        .or_else(|| Some(error.downcast_ref::<FormatError>()?.message()))
        .or_else(|| Some(error.downcast_ref::<StoreError>()?.into()))
        .or_else(|| Some(error.downcast_ref::<WriteError>()?.into()))
        .or_else(|| Some(error.downcast_ref::<BackupError>()?.into()))
        .or_else(|| Some(too_few(error.downcast_ref()?)))
        .or_else(|| Some(daemon(error.downcast_ref()?)))
        .or_else(|| Some(demo(error.downcast_ref()?)))
}

fn too_few(error: &TooFew) -> Message {
    match error {
        TooFew::Threads(error) => message!("too-few-threads", error = error.to_string()),
        TooFew::Descriptors(error) => message!("too-few-descriptors", error = error.to_string()),
        TooFew::Runtime(error) => message!("no-runtime", error = error.to_string()),
    }
}

fn daemon(error: &DaemonError) -> Message {
    match error {
        DaemonError::Listen(address, error) => {
            message!("daemon-listen", address = address.to_string(), error = error.to_string())
        }
        DaemonError::Signals(error) => message!("daemon-signals", error = error.to_string()),
        DaemonError::Web => message!("daemon-web"),
        DaemonError::Task(error) => message!("daemon-task", error = error.to_string()),
        DaemonError::Service => message!("daemon-service"),
        DaemonError::Random => message!("daemon-random"),
        DaemonError::Metrics(error) => message!("daemon-metrics", error = error.to_string()),
    }
}

fn demo(error: &DemoError) -> Message {
    match error {
        DemoError::Company(error) => message!("demo-no-server", error = error.to_string()),
        DemoError::Folder(error) => message!("demo-no-folder", error = error.to_string()),
        DemoError::Config(error) => error.message(),
        DemoError::Daemon(error) => daemon(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Language;
    use std::io;

    #[test]
    fn each_error_is_what_it_says_itself_in_english_and_something_else_in_japanese() {
        let (store, detail) = (|| "sqlite:/x.db".to_owned(), || "detail".to_owned());
        let failed = || io::Error::other("failed");
        let errors: Vec<Box<dyn Error>> = vec![
            StoreError::Unavailable { store: store(), detail: detail() }.into(),
            StoreError::Full { store: store() }.into(),
            StoreError::ReadOnly { store: store(), detail: detail() }.into(),
            StoreError::Busy { store: store() }.into(),
            StoreError::NewerSchema { store: store() }.into(),
            StoreError::Replaced { store: store() }.into(),
            StoreError::Damaged { store: store(), detail: detail() }.into(),
            StoreError::NotAStore { store: store(), detail: detail() }.into(),
            StoreError::Other { store: store(), detail: detail() }.into(),
            WriteError::Stopping.into(),
            BackupError::Server("postgres://db/x".parse().unwrap(), "x.db".to_owned()).into(),
            BackupError::NoStore("sqlite:/x.db".parse().unwrap()).into(),
            BackupError::Exists("x.db".to_owned()).into(),
            BackupError::Name("x.db".to_owned(), "why").into(),
            BackupError::Unwritable("x.db".to_owned(), failed()).into(),
            TooFew::Threads(failed()).into(),
            TooFew::Descriptors(failed()).into(),
            TooFew::Runtime(failed()).into(),
            DaemonError::Listen(([127, 0, 0, 1], 80).into(), failed()).into(),
            DaemonError::Signals(failed()).into(),
            DaemonError::Web.into(),
            DaemonError::Service.into(),
            DaemonError::Random.into(),
            DemoError::Company(failed()).into(),
            DemoError::Folder(failed()).into(),
            StoreUrlError::Scheme.into(),
            FormatError::Empty.into(),
        ];
        let japanese = Words::from(Language::of("ja").unwrap());
        for error in errors {
            assert_eq!(in_words(error.as_ref(), Words::ENGLISH), error.to_string());
            assert_ne!(in_words(error.as_ref(), japanese), error.to_string());
        }
    }
}
