//! Answers every question about SRV, A and AAAA records with a TTL of zero (RFC 1035, section 4).
//!
//! A name that begins with `_vlmcs._tcp.` has one SRV record, which names the host `host` behind it. Any other name has
//! one A record and no AAAA record; its digits say which of the addresses.

use socket2::{Domain, Socket, Type};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;

const TYPE_A: u16 = 1;
const TYPE_SRV: u16 = 33;

/// A pointer to the name in the question (RFC 1035, section 4.1.4).
const NAME: [u8; 2] = [0xc0, 12];

/// What comes before the domain in the SRV name, as labels, and its length.
const SRV_PREFIX: &[u8] = b"\x06_vlmcs\x04_tcp";

/// A nameserver.
pub(crate) struct Dns;

impl Dns {
    /// Answers with these addresses, of which all have the same port. Returns where it listens.
    pub(crate) fn start(hosts: Vec<SocketAddr>) -> SocketAddr {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).expect("a socket");
        // Room for all that are asked at once: what is lost here would be asked again, which is not what is measured.
        socket.set_recv_buffer_size(1 << 20).expect("it takes the size, or as much of it as the system allows");
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a free port");
        let socket = UdpSocket::from(socket);
        let address = socket.local_addr().expect("it is bound");
        thread::spawn(move || {
            let mut question = [0; 1232];
            loop {
                // What is not a question is skipped, and so is what a client that is gone sends back.
                let Ok((length, client)) = socket.recv_from(&mut question) else { continue };
                if let Some(answer) = answer(&question[..length], &hosts) {
                    let _ = socket.send_to(&answer, client);
                }
            }
        });
        address
    }
}

fn answer(question: &[u8], hosts: &[SocketAddr]) -> Option<Vec<u8>> {
    let name = question.get(12..)?;
    let name_length = name.iter().position(|byte| *byte == 0)? + 1;
    let name = &name[..name_length];
    let end = 12 + name_length + 4;
    let record_type = u16::from_be_bytes(question.get(end - 4..end - 2)?.try_into().ok()?);
    let records = match record_type {
        TYPE_SRV => vec![srv(name, hosts.first()?.port())],
        TYPE_A => vec![a(address_of(name, hosts)?)],
        _ => Vec::new(),
    };
    let mut message = question.get(..end)?.to_vec();
    // A response, recursion desired and available; one question, no authority, and an OPT record where one came.
    message[2..4].copy_from_slice(&[0x81, 0x80]);
    message[6..8].copy_from_slice(&u16::try_from(records.len()).ok()?.to_be_bytes());
    message.extend(records.concat());
    if question[11] == 1 {
        message.extend(*b"\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00");
    }
    Some(message)
}

fn record(record_type: u16, data: &[u8]) -> Vec<u8> {
    let mut record = NAME.to_vec();
    record.extend(record_type.to_be_bytes());
    record.extend([0, 1, 0, 0, 0, 0]); // class IN, TTL 0
    record.extend(u16::try_from(data.len()).expect("a short record").to_be_bytes());
    record.extend(data);
    record
}

/// The host `host` in the domain, at the port.
fn srv(name: &[u8], port: u16) -> Vec<u8> {
    let domain = name.get(SRV_PREFIX.len()..).unwrap_or(b"\x00");
    record(TYPE_SRV, &[&[0, 0, 0, 0], port.to_be_bytes().as_slice(), b"\x04host", domain].concat())
}

fn a(address: Ipv4Addr) -> Vec<u8> {
    record(TYPE_A, &address.octets())
}

fn address_of(name: &[u8], hosts: &[SocketAddr]) -> Option<Ipv4Addr> {
    let digits = name.iter().filter(|byte| byte.is_ascii_digit());
    let number = digits.fold(0_usize, |number, digit| (number * 10 + usize::from(digit - b'0')) % 1_000_000);
    match hosts.get(number % hosts.len().max(1))?.ip() {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}
