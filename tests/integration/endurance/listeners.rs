//! Listeners whose behaviour changes while they run: KMS hosts as far as a bind shows them, endpoints and proxies.
//!
//! A host says yes to a bind and faults whatever else comes, of which it keeps count: no request may ever come.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::support::listener::BIND_ACK;

/// How long a client that says nothing is listened to.
const PATIENCE: Duration = Duration::from_secs(5);

/// A fault (C706, section 12.6.4.7): `nca_op_rng_error`.
const FAULT: [u8; 32] =
    [5, 0, 3, 3, 0x10, 0, 0, 0, 32, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x00, 0x01, 0x1c, 0, 0, 0, 0];

/// How a listener behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As a KMS host does when it is bound to.
    Serves,
    /// Nobody listens.
    Refuses,
    Silent,
    Closes,
    WebServer,
    /// An RPC server without the KMS interface.
    NotKms,
    /// Serves every other connection, and closes the rest.
    Alternates,
    /// As an endpoint of online activation does, or a proxy in front of one.
    Answers,
    Unavailable,
    RedirectsElsewhere,
    DemandsLogin,
    BadGateway,
}

/// One listener, which ends with the runtime.
#[derive(Debug)]
pub struct Listener {
    address: SocketAddr,
    manner: watch::Sender<Manner>,
}

impl Listener {
    /// Listens on any port of an address. What clients send after a bind is counted.
    pub async fn start(ip: Ipv4Addr, manner: Manner, requests: &Arc<AtomicUsize>) -> Self {
        let listener = bind(SocketAddr::from((ip, 0))).await;
        let address = listener.local_addr().expect("a listener has an address");
        let (sender, receiver) = watch::channel(manner);
        Handle::current().spawn(listen(listener, address, receiver, Arc::clone(requests)));
        Self { address, manner: sender }
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Behaves otherwise from now on.
    pub fn behave(&self, manner: Manner) {
        self.manner.send_replace(manner);
    }
}

async fn bind(address: SocketAddr) -> TcpListener {
    TcpListener::bind(address).await.unwrap_or_else(|error| panic!("nobody can listen on {address}: {error}"))
}

async fn listen(
    first: TcpListener,
    address: SocketAddr,
    mut manner: watch::Receiver<Manner>,
    requests: Arc<AtomicUsize>,
) {
    let mut listener = Some(first);
    let mut turn = 0_u32;
    loop {
        let now = *manner.borrow_and_update();
        if now == Manner::Refuses {
            listener = None;
            if manner.changed().await.is_err() {
                return;
            }
            continue;
        }
        let open = match listener.take() {
            Some(open) => open,
            None => bind(address).await,
        };
        tokio::select! {
            accepted = open.accept() => {
                if let Ok((client, _)) = accepted {
                    turn += 1;
                    let manner = match now {
                        Manner::Alternates if turn.is_multiple_of(2) => Manner::Closes,
                        Manner::Alternates => Manner::Serves,
                        other => other,
                    };
                    Handle::current().spawn(timeout(PATIENCE, treat(client, manner, Arc::clone(&requests))));
                }
            }
            changed = manner.changed() => {
                if changed.is_err() {
                    return;
                }
            }
        }
        listener = Some(open);
    }
}

async fn treat(mut client: TcpStream, manner: Manner, requests: Arc<AtomicUsize>) -> Option<()> {
    let mut received = [0; 4096];
    let answer: &[u8] = match manner {
        Manner::Silent => {
            sleep(PATIENCE).await;
            return None;
        }
        Manner::Refuses | Manner::Closes | Manner::Alternates => return None,
        Manner::Serves => &BIND_ACK,
        Manner::NotKms => &not_kms(),
        Manner::WebServer => b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        Manner::Answers => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        Manner::Unavailable => b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        Manner::RedirectsElsewhere => {
            b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/login\r\nContent-Length: 0\r\n\r\n"
        }
        Manner::DemandsLogin => {
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n"
        }
        Manner::BadGateway => b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    };
    if client.read(&mut received).await.ok()? == 0 {
        return None;
    }
    client.write_all(answer).await.ok()?;
    while client.read(&mut received).await.ok()? > 0 {
        if matches!(manner, Manner::Serves | Manner::NotKms) {
            requests.fetch_add(1, Ordering::Relaxed);
            client.write_all(&FAULT).await.ok()?;
        }
    }
    Some(())
}

/// The acknowledgement in which every interface is unknown.
fn not_kms() -> [u8; BIND_ACK.len()] {
    const FIRST_RESULT: usize = 36;
    const RESULT: usize = 24;
    let mut bytes = BIND_ACK;
    for result in bytes[FIRST_RESULT..].chunks_mut(RESULT) {
        result.fill(0);
        // Rejected by the provider, as the abstract syntax is not supported.
        (result[0], result[2]) = (2, 1);
    }
    bytes
}
