//! A mail server that keeps what it is given (RFC 5321), in the little of SMTP that a client without TLS speaks.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use super::place::Place;
use super::webhook;

/// One mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Whom it is for, as on an envelope.
    pub to: String,
    /// Its headers and all its parts, as they travelled.
    raw: String,
}

type Kept = Arc<Mutex<Vec<Mail>>>;

/// A listening mail server. It takes mail for anyone, and is there until it is dropped.
#[derive(Debug)]
pub struct Mailbox {
    kept: Kept,
    _runtime: Runtime,
}

impl Mailbox {
    /// Listens at an address.
    pub fn start_at(place: &Place, address: SocketAddr) -> Self {
        let kept = Kept::default();
        let runtime = webhook::runtime();
        let listener = webhook::listen(place, address);
        let keeping = Arc::clone(&kept);
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("a listener can be waited on");
            while let Ok((client, _)) = listener.accept().await {
                // Who hangs up in the middle has sent no mail.
                let _ = converse(client, &keeping).await;
            }
        });
        Self { kept, _runtime: runtime }
    }

    /// What came so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Mail {
    /// The whole of it as one reads it. In its parts lines were broken for the journey and bytes written as `=C3` (RFC
    /// 2045, section 6.7).
    pub fn text(&self) -> String {
        let (headers, parts) = self.raw.split_once("\r\n\r\n").expect("a mail has headers and a body");
        let parts = parts.replace("=\r\n", "");
        let mut bytes = Vec::with_capacity(parts.len());
        let mut rest = parts.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            let code = if *first == b'=' { after.get(..2) } else { None };
            let byte = code.and_then(|code| u8::from_str_radix(str::from_utf8(code).ok()?, 16).ok());
            bytes.push(byte.unwrap_or(*first));
            rest = if byte.is_some() { &after[2..] } else { after };
        }
        let parts = String::from_utf8(bytes).expect("a mail is UTF-8");
        format!("{headers}\r\n\r\n{parts}").replace("\r\n", "\n")
    }
}

/// Takes mails from one client, until it leaves.
async fn converse(client: TcpStream, kept: &Kept) -> io::Result<()> {
    let mut client = BufReader::new(client);
    client.write_all(b"220 mail.corp.example ESMTP\r\n").await?;
    let mut to = String::new();
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_ascii_uppercase();
        if command == "DATA" {
            client.write_all(b"354 go on\r\n").await?;
            let mail = Mail { to: std::mem::take(&mut to), raw: read_mail(&mut client).await? };
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
        } else if command.starts_with("RCPT TO:") {
            let (_, address) = line.split_once(':').unwrap_or_default();
            address.trim().trim_matches(['<', '>']).clone_into(&mut to);
        } else if command == "QUIT" {
            return client.write_all(b"221 bye\r\n").await;
        }
        client.write_all(b"250 ok\r\n").await?;
    }
}

/// Reads up to the line that is a single dot.
async fn read_mail(client: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut mail = String::new();
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(mail);
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
