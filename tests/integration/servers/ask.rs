//! Asking a server whether it is up, from where it can be reached.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use super::place::Place;

/// How long one question may take before it is asked again.
const PATIENCE: Duration = Duration::from_millis(300);

/// Whether something accepts connections.
pub fn accepts_connections(place: &Place, address: SocketAddr) -> bool {
    place.run(|| TcpStream::connect_timeout(&address, PATIENCE).is_ok())
}

/// Sends one datagram and returns the one that comes back.
pub fn exchange_datagrams(place: &Place, address: SocketAddr, question: &[u8]) -> Option<Vec<u8>> {
    place.run(|| {
        let any_port = SocketAddr::new(address.ip(), 0);
        let socket = UdpSocket::bind(any_port).ok()?;
        socket.set_read_timeout(Some(PATIENCE)).ok()?;
        // Connected, so that a closed port is known at once and a stranger's datagram is not taken for the answer.
        socket.connect(address).ok()?;
        socket.send(question).ok()?;
        let mut answer = vec![0; 65_535];
        let length = socket.recv(&mut answer).ok()?;
        answer.truncate(length);
        Some(answer)
    })
}

/// Connects, sends a question, and returns what comes back first: on a network that is one machine, that is all of a
/// short answer. Nothing at all if the server just closes.
pub fn exchange_over_tcp(place: &Place, address: SocketAddr, question: &[u8]) -> Option<Vec<u8>> {
    place.run(|| {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(question).ok()?;
        let mut answer = vec![0; 65_535];
        let length = stream.read(&mut answer).ok()?;
        answer.truncate(length);
        (!answer.is_empty()).then_some(answer)
    })
}
