//! Real servers for the tests: started on loopback or in a network namespace, asked until they answer, and ended
//! with the value that stands for them.
//!
//! A server is a type with functions that start it and an `address()`; a [`place::Place`] says where it runs. What a
//! test may lean on:
//!
//! | module | what it runs |
//! |---|---|
//! | [`knot`], [`dnsmasq`], [`unbound`] | DNS: authoritative, small, forwarding |
//! | [`chrony`] | NTP: right, wrong by a known amount, unsynchronised |
//! | [`ntpsec`] | NTP: right, rate limiting with a kiss of death, unsynchronised |
//! | [`smbd`], [`nginx`], [`kdc`], [`domain_controller`] | hosts whose clock shows: SMB2, HTTP, Kerberos, LDAP |
//! | [`nginx`], [`certificates`] | online endpoints over TLS, with certificates right and wrong; captive portals |
//! | [`openssl`] | an online endpoint that wants a certificate of whoever comes |
//! | [`squid`], [`tinyproxy`] | HTTP proxies: open, wanting credentials, denying, taking a name to be elsewhere |
//! | [`apache`] | an HTTP proxy that checks Kerberos tickets or NTLM passwords |
//! | [`microsocks`], [`dante`] | SOCKS5 proxies: open, with a password, with rules |
//! | [`rpc`], [`samba`] | RPC: with the KMS interface registered, and without |
//! | [`plain`], [`scripted`] | what is not RPC: a web server, and listeners of our own |
//! | [`scripted_udp`] | answers to datagrams that no real server gives |
//! | [`relay`], [`recording`] | what clients sent, and which RPC PDUs that was |
//! | [`netns`], [`mount`], [`bindfs`] | networks and disks with faults |
//! | [`prometheus`], [`alertmanager`] | the reader of the metrics, and who passes on what it finds |
//! | [`webhook`], [`mailbox`] | whom alerts are sent to: programs that take JSON over HTTP, and mail |
//! | [`postgres`] | a database for the store |
//!
//! The rest serves these: [`server`] starts any of them, from [`program`], [`place`], [`port`], [`directory`] and
//! [`process`], [`faketime`] shifts its clock, [`names`] gives it host names of its own, and [`ask`], [`dns_message`],
//! [`ntp_message`], [`socks`], [`http`] and [`sockets`] find out whether it is up.
//!
//! A missing program fails the test and names the Debian package; `ip netns` needs root. Nothing leaves the machine.
//! No KMS emulator is among them, and none is needed: the monitor stops at the bind.

#![allow(dead_code, reason = "this is a toolbox, and a tool no test takes today is still one")]
#![allow(unreachable_pub, reason = "a test crate exports nothing; `pub` marks what the tests may use")]
#![allow(clippy::expect_used, clippy::panic, reason = "a server that cannot be started fails the test")]
#![allow(clippy::indexing_slicing, reason = "a test that reads past the end fails, which is what it should do")]

pub mod alertmanager;
pub mod apache;
pub mod ask;
pub mod bindfs;
pub mod certificates;
pub mod chromium;
pub mod chrony;
pub mod client;
pub mod dante;
pub mod directory;
pub mod dns_message;
pub mod dnsmasq;
pub mod domain_controller;
pub mod faketime;
pub mod hanging;
pub mod hexadecimal;
pub mod http;
pub mod kdc;
pub mod knot;
pub mod mailbox;
pub mod microsocks;
pub mod mount;
pub mod names;
pub mod netns;
pub mod nginx;
pub mod ntp_message;
pub mod ntpsec;
pub mod openssl;
pub mod place;
pub mod plain;
pub mod port;
pub mod postgres;
pub mod process;
pub mod program;
pub mod prometheus;
pub mod recording;
pub mod relay;
pub mod rpc;
pub mod samba;
pub mod scripted;
pub mod scripted_udp;
pub mod server;
pub mod smbd;
pub mod sockets;
pub mod socks;
pub mod squid;
pub mod tinyproxy;
pub mod unbound;
pub mod webhook;
