//! Requests over HTTP, of tests and of what drives their servers.

use reqwest::blocking::{Client, ClientBuilder};

/// What a client is made of, which asks no proxy.
pub fn client() -> ClientBuilder {
    // Of the library's features the program takes the one that has no cryptography of its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy()
}
