//! Sends reports as machines do: to `POST /api/v1/status`, with a token.

use super::fault::Fault;
use super::machines;
use crate::secret::Secret;
use jiff::Timestamp;
use reqwest::Client;
use rustls::{ClientConfig, RootCertStore};
use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use tracing::warn;

/// How long an answer may take: the store may be slow to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// From one attempt to the next, and how often it is tried.
const RETRY: Duration = Duration::from_millis(500);
const ATTEMPTS: usize = 20;

/// The faults that show in what machines report alone.
const REPORTED: [Fault; 2] = [Fault::LowCount, Fault::SharedKey];

/// Whoever reports for all machines of the company.
pub(super) struct Sender {
    client: Client,
    url: String,
    token: Secret,
    kms_ports: [u16; 2],
    /// When the last reports held, and which faults showed in them.
    sent: Option<(Timestamp, BTreeSet<Fault>)>,
}

impl Sender {
    pub(super) fn new(daemon: SocketAddr, token: Secret, kms_ports: [u16; 2]) -> io::Result<Self> {
        // No TLS is spoken, and the library wants to know all the same how it would be.
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let client = Client::builder().tls_backend_preconfigured(tls).no_proxy().timeout(PATIENCE);
        let client = client.build().map_err(io::Error::other)?;
        Ok(Self { client, url: format!("http://{daemon}/api/v1/status"), token, kms_ports, sent: None })
    }

    /// Has machines report what has changed for them since they last did: all of them at first.
    pub(super) async fn report(&mut self, on: &BTreeSet<Fault>) {
        let now = self.next_second().await;
        let reports = match &self.sent {
            None => machines::everyone(on, self.kms_ports, now),
            Some((_, before)) => {
                let changed = REPORTED.into_iter().filter(|fault| before.contains(fault) != on.contains(fault));
                changed.map(|fault| machines::concerned(fault, on, self.kms_ports, now)).collect()
            }
        };
        if reports.is_empty() {
            return;
        }
        self.sent = Some((now, on.clone()));
        for _ in 0..ATTEMPTS {
            let request = self.client.post(&self.url).bearer_auth(self.token.reveal()).body(reports.clone());
            match request.send().await {
                Ok(answer) if answer.status().is_success() => return,
                Ok(answer) if answer.status().is_client_error() => {
                    warn!(status = answer.status().as_u16(), "the reports of the demo are refused");
                    return;
                }
                _ => sleep(RETRY).await,
            }
        }
        warn!("the reports of the demo cannot be sent");
    }

    /// Now, in a second after that of the last reports: of two of one second the second would bring nothing new.
    async fn next_second(&self) -> Timestamp {
        loop {
            let now = Timestamp::now();
            if self.sent.as_ref().is_none_or(|(last, _)| now.as_second() > last.as_second()) {
                return now;
            }
            sleep(RETRY / 5).await;
        }
    }
}
