//! Where a store is, as it is configured.

use super::error::has_escape;
use crate::catalogue::{Message, message};
use crate::secret::Secret;
use sqlx::postgres::PgConnectOptions;
use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use url::Url;

/// Where a store is. What is shown of it has no user and no password.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// A file of `SQLite`.
    Sqlite(PathBuf),
    /// A database of `PostgreSQL`, by its whole URL, which may hold a password.
    Postgres(Secret),
}

/// Why a text says of no store where it is. None of these repeats the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrlError {
    /// Its beginning is unknown.
    Scheme,
    NoPath,
    /// It has `?` and options after the path, or is kept in memory.
    NotOnlyPath,
    /// What a backslash began in double quotes of YAML is in the path.
    Escape,
    /// The slashes before the host are missing.
    NoSlashes,
    /// An option is not known, or has no such value.
    Option,
    /// It is not a URL.
    Url(url::ParseError),
    /// What divides a URL is in the password as such.
    Unencoded,
}

impl StoreUrlError {
    /// What to say of it.
    pub fn message(&self) -> Message {
        let url = |fault: Message| message!("store-url", fault = fault);
        match self {
            Self::Scheme => message!("store-scheme"),
            Self::NoPath => message!("store-no-path"),
            Self::NotOnlyPath => message!("store-not-only-path"),
            Self::Escape => message!("config-path-escape"),
            Self::NoSlashes => url(message!("store-no-slashes")),
            Self::Option => url(message!("store-option")),
            Self::Url(error) => url(message!("store-url-fault", error = error.to_string())),
            Self::Unencoded => message!("store-unencoded"),
        }
    }
}

impl fmt::Display for StoreUrlError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(formatter)
    }
}

impl Error for StoreUrlError {}

impl From<url::ParseError> for StoreUrlError {
    fn from(error: url::ParseError) -> Self {
        Self::Url(error)
    }
}

impl FromStr for StoreUrl {
    type Err = StoreUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':').ok_or(StoreUrlError::Scheme)?;
        if scheme.eq_ignore_ascii_case("sqlite") {
            let path = match rest.strip_prefix("//") {
                // Three slashes are the usual way to write an absolute path in a URL.
                Some(path) if !path.is_empty() => path,
                _ => rest,
            };
            let path = if cfg!(windows) { from_drive(path) } else { path };
            if path.is_empty() || path == "//" {
                return Err(StoreUrlError::NoPath);
            }
            if path.contains(['?', '\0']) || path == ":memory:" {
                return Err(StoreUrlError::NotOnlyPath);
            }
            if has_escape(path) {
                return Err(StoreUrlError::Escape);
            }
            return Ok(Self::Sqlite(path.into()));
        }
        if !scheme.eq_ignore_ascii_case("postgres") && !scheme.eq_ignore_ascii_case("postgresql") {
            return Err(StoreUrlError::Scheme);
        }
        if !rest.starts_with("//") {
            return Err(StoreUrlError::NoSlashes);
        }
        let parsed = Url::parse(text);
        // The library may take a part of the password for the port, and the rest for the database.
        let is_divided = |url: &Url| url.path().contains('@') || url.query().is_some_and(|query| query.contains('@'));
        let url = match parsed {
            Ok(url) if url.fragment().is_some() || is_divided(&url) => return Err(StoreUrlError::Unencoded),
            Err(_) if text.contains('@') && has_early_end(rest) => return Err(StoreUrlError::Unencoded),
            parsed => parsed?,
        };
        // What is wrong with its options may quote them, and they may hold a password.
        PgConnectOptions::from_str(url.as_str()).map_err(|_| StoreUrlError::Option)?;
        Ok(Self::Postgres(Secret::new(text)))
    }
}

/// A path of Windows without the slash that a URL has before the drive: `sqlite:///C:/x.db`.
fn from_drive(path: &str) -> &str {
    match path.as_bytes() {
        [b'/', drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic() => path.get(1..).unwrap_or(path),
        _ => path,
    }
}

/// True where what ends the host of a URL is before the last `@`, and so most likely in a password.
fn has_early_end(rest: &str) -> bool {
    let before = rest.trim_start_matches('/').rsplit_once('@').map(|(before, _)| before);
    before.is_some_and(|before| before.contains(['/', '#', '?']))
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let url = Url::parse(url.reveal()).ok();
                let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
                let path = url.as_ref().map(Url::path).unwrap_or_default();
                match url.as_ref().and_then(Url::port) {
                    Some(port) => write!(formatter, "postgres://{host}:{port}{path}"),
                    None => write!(formatter, "postgres://{host}{path}"),
                }
            }
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "StoreUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> StoreUrl {
        text.parse().unwrap()
    }

    #[test]
    fn a_file_is_identified_by_its_path() {
        let expected = [
            ("sqlite:/var/lib/x.db", "/var/lib/x.db"),
            ("sqlite:///var/lib/x.db", "/var/lib/x.db"),
            ("SQLite:relative.db", "relative.db"),
            ("sqlite://relative.db", "relative.db"),
            ("sqlite:/var/lib/100%25 #1.db", "/var/lib/100%25 #1.db"),
            (r"sqlite:C:\ProgramData\x.db", r"C:\ProgramData\x.db"),
        ];
        for (text, path) in expected {
            assert_eq!(of(text), StoreUrl::Sqlite(path.into()), "{text}");
        }
    }

    #[test]
    fn the_path_of_a_url_begins_with_the_drive() {
        for (path, expected) in [
            ("/C:/ProgramData/x.db", "C:/ProgramData/x.db"),
            (r"/c:\x.db", r"c:\x.db"),
            (r"C:\x.db", r"C:\x.db"),
            ("/C:x.db", "/C:x.db"),
            ("/1:/x.db", "/1:/x.db"),
            ("//server/share/x.db", "//server/share/x.db"),
            ("/x.db", "/x.db"),
        ] {
            assert_eq!(from_drive(path), expected);
        }
        let url = of("sqlite:///C:/x.db");
        assert_eq!(url, StoreUrl::Sqlite(if cfg!(windows) { "C:/x.db" } else { "/C:/x.db" }.into()));
    }

    #[test]
    fn nothing_that_is_shown_has_a_password() {
        for text in [
            "postgres://watch:secret@db.example/gracewatch",
            "postgresql://watch:secret@db.example/gracewatch?sslmode=require&password=secret",
        ] {
            let url = of(text);
            assert_eq!(url, StoreUrl::Postgres(Secret::new(text)));
            assert_eq!(url.to_string(), "postgres://db.example/gracewatch");
            assert_eq!(format!("{url:?}"), "StoreUrl(postgres://db.example/gracewatch)");
        }
        assert_eq!(of("postgres://[::1]:5433/x").to_string(), "postgres://[::1]:5433/x");
    }

    #[test]
    fn what_is_no_store_is_refused_without_repeating_it() {
        for text in [
            "",
            "x.db",
            "mysql://watch:secret@db/x",
            "sqlite:",
            "sqlite://",
            "sqlite::memory:",
            "sqlite:x.db?mode=secret",
            "postgres:secret",
            "postgres://watch:secret@:port/x",
            "postgres://watch:secret@db:70000/x",
            "postgres://watch:a/secret@db/x",
            "postgres://watch:1/secret@db/x",
            "postgres://watch:1#secret@db/x",
            "postgres://watch:1?secret@db/x",
            "postgres://watch:#secret@db/x",
            "postgres://watch@db/x?sslmode=secret",
        ] {
            let error = text.parse::<StoreUrl>().unwrap_err().to_string();
            assert!(!error.contains("secret"), "{text}: {error}");
        }
    }
}
