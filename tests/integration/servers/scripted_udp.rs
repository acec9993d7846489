//! A listener for datagrams that answers as no real server would, for what real servers cannot be made to do.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// A UDP socket on 127.0.0.1 whose answers the test makes up: any number of datagrams for each that arrives.
#[derive(Debug)]
pub struct ScriptedUdp {
    address: SocketAddr,
    is_stopping: Arc<AtomicBool>,
    answering: Option<JoinHandle<()>>,
}

impl ScriptedUdp {
    /// Answers each question with the datagrams `answers` returns, in their order.
    pub fn start(answers: impl FnMut(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> Self {
        Self::answering_with(answers, None)
    }

    /// The same, but the answers come from 127.0.0.2, of which nobody asked anything.
    pub fn answering_from_elsewhere(answers: impl FnMut(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> Self {
        let elsewhere = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 2), 0)).expect("127.0.0.2 has a free port");
        Self::answering_with(answers, Some(elsewhere))
    }

    /// Hears everything and never says a word.
    pub fn silent() -> Self {
        Self::start(|_| Vec::new())
    }

    /// Where questions go.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers through another socket, if there is one.
    fn answering_with(
        mut answers: impl FnMut(&[u8]) -> Vec<Vec<u8>> + Send + 'static,
        elsewhere: Option<UdpSocket>,
    ) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("127.0.0.1 has a free port");
        let address = socket.local_addr().expect("a socket has an address");
        let is_stopping = Arc::new(AtomicBool::new(false));
        let answering = thread::spawn({
            let is_stopping = Arc::clone(&is_stopping);
            move || {
                let mut question = vec![0; 65_535];
                while let Ok((length, client)) = socket.recv_from(&mut question) {
                    if is_stopping.load(Ordering::Relaxed) {
                        return;
                    }
                    for answer in answers(&question[..length]) {
                        // One that cannot be delivered is the client's to miss.
                        let _ = elsewhere.as_ref().unwrap_or(&socket).send_to(&answer, client);
                    }
                }
            }
        });
        Self { address, is_stopping, answering: Some(answering) }
    }
}

impl Drop for ScriptedUdp {
    fn drop(&mut self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        // The thread sits in receiving: one last datagram lets it see that it is over.
        let woken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.send_to(&[], self.address));
        if let (Ok(_), Some(answering)) = (woken, self.answering.take()) {
            let _ = answering.join();
        }
    }
}
