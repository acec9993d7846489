//! Samba's file server: a host that gives its time to whoever begins to speak SMB2 with it.

use std::net::SocketAddr;

use super::directory::TemporaryDirectory;
use super::place::Place;
use super::server::Server;
use super::{ask, faketime, hexadecimal, program, samba};

/// Which versions of its protocol the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialects {
    /// Those it speaks by default: SMB2 and later.
    Usual,
    /// SMB1 alone. To an SMB2 NEGOTIATE it says nothing and closes.
    OnlySmb1,
}

/// A running `smbd` that shares nothing. Its further processes, one a connection and two of its own, end with it.
#[derive(Debug)]
pub struct Smbd {
    server: Server,
}

impl Smbd {
    /// Runs on 127.0.0.1 with this machine's clock.
    pub fn right() -> Self {
        Self::start_at(&Place::loopback(), None, Dialects::Usual)
    }

    /// Runs on 127.0.0.1 with a clock shifted by `offset`, such as `+14700s`.
    pub fn faked(offset: &str) -> Self {
        Self::start_at(&Place::loopback(), Some(offset), Dialects::Usual)
    }

    /// Runs on 127.0.0.1 and refuses SMB2.
    pub fn only_smb1() -> Self {
        Self::start_at(&Place::loopback(), None, Dialects::OnlySmb1)
    }

    /// Any of these, anywhere.
    pub fn start_at(place: &Place, offset: Option<&str>, dialects: Dialects) -> Self {
        let smbd = program::find("smbd", "samba");
        let server = Server::start(
            "smbd",
            place,
            |directory, address| {
                let configuration = directory.write("smb.conf", configuration(directory, address, dialects));
                let mut command = place.server_command(&smbd);
                command.args(["-F", "--no-process-group", "--debug-stdout", "-s"]).arg(configuration);
                if let Some(offset) = offset {
                    faketime::shift(&mut command, offset);
                }
                command
            },
            |address| match dialects {
                Dialects::Usual => negotiate(place, address).is_some(),
                Dialects::OnlySmb1 => ask::accepts_connections(place, address),
            },
        );
        Self { server }
    }

    /// Where it answers, over TCP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }
}

/// Sends an SMB2 NEGOTIATE and returns the answer, from its header on, if that is SMB2 too.
pub fn negotiate(place: &Place, address: SocketAddr) -> Option<Vec<u8>> {
    let question = hexadecimal::decode(
        // The length of what follows (MS-SMB2, section 2.1).
        "00000066
        fe534d42 4000 0000 00000000 0000 0100 00000000 00000000 0000000000000000 00000000 00000000 0000000000000000
        00000000000000000000000000000000
        2400 0100 0100 0000 00000000 72656164797265616479726561647921 0000000000000000
        0202",
        // The header (2.2.1.2), then NEGOTIATE (2.2.3) with a client's GUID and one dialect, SMB 2.0.2.
    );
    let mut answer = ask::exchange_over_tcp(place, address, &question)?;
    answer.get(4..)?.starts_with(b"\xfeSMB").then(|| answer.split_off(4))
}

/// The whole of `smb.conf`: every directory Samba writes to is below the server's own.
fn configuration(directory: &TemporaryDirectory, address: SocketAddr, dialects: Dialects) -> String {
    let (ip, port) = (address.ip(), address.port());
    let mut text = format!(
        "[global]\n\
         workgroup = GRACEWATCH\n\
         netbios name = GRACEWATCH\n\
         server role = standalone server\n\
         interfaces = {ip}\n\
         bind interfaces only = yes\n\
         smb ports = {port}\n\
         rpc start on demand helpers = no\n\
         disable netbios = yes\n\
         load printers = no\n\
         disable spoolss = yes\n\
         log level = 1\n\
         logging = file\n",
    );
    if dialects == Dialects::OnlySmb1 {
        text.push_str("server min protocol = NT1\nserver max protocol = NT1\n");
    }
    text.push_str(&samba::own_directories(directory));
    text
}
