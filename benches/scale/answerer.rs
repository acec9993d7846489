//! What is probed: answerers on loopback, in threads of their own, for as long as the process runs.

mod dns;
mod kms;

pub(crate) use dns::Dns;
pub(crate) use kms::{ANSWER, BIND, Kms};
