//! Asking a server whether it is up, from where it can be reached.
//!
//! A process cannot step into a network namespace in safe Rust, so inside one a few lines of Python ask instead.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::process::Stdio;
use std::time::Duration;

use super::hexadecimal;
use super::place::Place;
use super::program;

/// How long one question may take before it is asked again; `ask.py` has the same.
const PATIENCE: Duration = Duration::from_millis(300);

/// The question for inside a namespace.
const ASK: &str = include_str!("ask.py");

/// Whether something accepts connections.
pub fn accepts_connections(place: &Place, address: SocketAddr) -> bool {
    if place.is_within_reach() {
        return TcpStream::connect_timeout(&address, PATIENCE).is_ok();
    }
    ask_inside(place, &["tcp", &address.ip().to_string(), &address.port().to_string()]).is_some()
}

/// Sends one datagram and returns the one that comes back.
pub fn exchange_datagrams(place: &Place, address: SocketAddr, question: &[u8]) -> Option<Vec<u8>> {
    if !place.is_within_reach() {
        let (ip, port) = (address.ip().to_string(), address.port().to_string());
        return ask_inside(place, &["udp", &ip, &port, &hexadecimal::encode(question)]);
    }
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
}

/// Connects, sends a question, and returns what comes back first: on a network that is one machine, that is all of a
/// short answer. Nothing at all if the server just closes.
pub fn exchange_over_tcp(place: &Place, address: SocketAddr, question: &[u8]) -> Option<Vec<u8>> {
    let answer = if place.is_within_reach() {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(question).ok()?;
        let mut answer = vec![0; 65_535];
        let length = stream.read(&mut answer).ok()?;
        answer.truncate(length);
        answer
    } else {
        let (ip, port) = (address.ip().to_string(), address.port().to_string());
        ask_inside(place, &["tcp", &ip, &port, &hexadecimal::encode(question)])?
    };
    (!answer.is_empty()).then_some(answer)
}

/// Runs the question in the namespace; its output is the answer, its exit code says whether there was one.
fn ask_inside(place: &Place, arguments: &[&str]) -> Option<Vec<u8>> {
    let mut command = place.command(&program::python());
    let output = command.args(["-c", ASK]).args(arguments).stderr(Stdio::null()).output();
    let output = output.expect("a program can be run in the namespace");
    output.status.success().then_some(output.stdout)
}
