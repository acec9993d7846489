//! `/etc/resolv.conf` (resolv.conf(5)), of which one bad entry costs that entry alone.

use super::System;
use super::plain_text::{lines, plain, words};
use crate::catalogue::message;
use std::fs::File;
use std::io::{self, ErrorKind, Read};

const FILE: &str = "/etc/resolv.conf";

/// How much of the file is read, in bytes.
const MAX_LENGTH: u64 = 1 << 20;

/// What other programs know, and we need not. That `ndots` of the options completes longer names as well is no help: Windows
/// completes those of one label alone, and what is measured here is what Windows clients find.
const OTHERS: [&[u8]; 6] = [b"options", b"sortlist", b"lookup", b"family", b"include", b"trusted-keys"];

pub(super) fn read() -> System {
    let read = || -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        File::open(FILE)?.take(MAX_LENGTH).read_to_end(&mut text)?;
        Ok(text)
    };
    match read() {
        Ok(text) => parse(&text, host_domain().as_deref()),
        Err(error) => {
            // Without it, other programs ask the nameserver on this machine.
            let is_unread = error.kind() != ErrorKind::NotFound;
            let mut system = System { is_unread, ..parse(b"", host_domain().as_deref()) };
            if is_unread {
                system.skip(FILE, FILE, message!("file-unreadable", error = error.to_string()));
            }
            system
        }
    }
}

/// The domain in the name of this machine, where that has one.
fn host_domain() -> Option<Vec<u8>> {
    #[cfg(unix)]
    let name = nix::unistd::gethostname().ok()?.into_encoded_bytes();
    #[cfg(not(unix))]
    let name: Vec<u8> = Vec::new();
    let dot = name.iter().position(|byte| *byte == b'.')?;
    name.get(dot + 1..).map(<[u8]>::to_vec)
}

/// Reads the settings. Of several lists of domains the last counts. A machine's own domain is the one that is set, or the
/// one in its name.
fn parse(text: &[u8], host_domain: Option<&[u8]>) -> System {
    let (mut system, mut domain, mut list) = (System::default(), None, None);
    let text = plain(text);
    for (number, line) in (1..).zip(lines_by_number(&text)) {
        let place = format!("{FILE}:{number}");
        let mut words = words(line, b"#;");
        let Some(keyword) = words.next() else { continue };
        match keyword {
            b"nameserver" => {
                let address = words.next().unwrap_or_default();
                system.add_nameserver(&String::from_utf8_lossy(address), &place);
            }
            b"domain" => {
                let named: Vec<_> = words.take(1).map(|word| (word.to_vec(), place.clone())).collect();
                domain = named.first().cloned();
                list = Some(named);
            }
            b"search" => list = Some(words.map(|word| (word.to_vec(), place.clone())).collect()),
            known if OTHERS.contains(&known) => {}
            other => system.skip(&String::from_utf8_lossy(other), &place, message!("setting-unknown")),
        }
    }
    let own = domain.or_else(|| host_domain.map(|domain| (domain.to_vec(), "hostname".to_owned())));
    for (domain, place) in own.into_iter().chain(list.into_iter().flatten()) {
        system.add_domain(&domain, &place);
    }
    system
}

/// The lines, with CR LF as one end.
fn lines_by_number(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').flat_map(|line| lines(line.trim_ascii_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> (Vec<String>, Vec<String>, Vec<String>) {
        let system = parse(text, None);
        let shown = |all: &[String]| all.to_vec();
        let nameservers: Vec<_> = system.nameservers.iter().map(ToString::to_string).collect();
        let domains: Vec<_> = system.domains.iter().map(ToString::to_string).collect();
        let faults: Vec<_> = system.faults.iter().map(ToString::to_string).collect();
        (shown(&nameservers), shown(&domains), shown(&faults))
    }

    #[test]
    fn settings_are_read_as_other_programs_read_them() {
        let (nameservers, domains, faults) = read(
            b"\xef\xbb\xbfnameserver\t192.0.2.53 # first\r\nNAMESERVERS\r\n; nameserver 192.0.2.9\r\n\
              nameserver 2001:db8::53\r\n  nameserver 192.0.2.53;again\r\nnameserver fe80::1%7\n\
              domain old.example\nsearch  Corp_1.Example.  lab.example\tlab.example . # and more\n\
              options ndots:5 timeout:1\nsortlist 192.0.2.0/24\n",
        );
        assert_eq!(nameservers, ["192.0.2.53:53", "[2001:db8::53]:53", "[fe80::1%7]:53"]);
        assert_eq!(domains, ["old.example", "corp_1.example", "lab.example"]);
        assert_eq!(faults, ["/etc/resolv.conf:2: `NAMESERVERS` is skipped: no such setting"]);
    }

    #[test]
    fn what_is_no_entry_costs_itself_alone() {
        let long = "a".repeat(64);
        let text = format!(
            "nameserver ns1.corp.example\nnameserver 192.0.2.300\nnameserver\nnameserver fe80::1%gone-for-good\n\
             nameserver 192.0.2.53\nsearch a..b {long} corp.example b\\\u{fc}cher.example b\u{fc}cher.example @\n"
        );
        let (nameservers, domains, faults) = read(text.as_bytes());
        assert_eq!(nameservers, ["192.0.2.53:53"]);
        assert_eq!(domains, ["corp.example", "b\u{fc}cher.example"]);
        assert_eq!(faults.len(), 8, "{faults:#?}");
        assert!(faults[0].starts_with("/etc/resolv.conf:1: `ns1.corp.example` is skipped: "), "{faults:#?}");
        assert!(faults[4].starts_with("/etc/resolv.conf:6: `a..b` is skipped: a label of the name is empty"));
    }

    #[test]
    fn bytes_of_a_code_page_belong_to_the_name() {
        assert_eq!(read(b"search b\xfccher.example").1, [r"b\252cher.example"]);
    }

    #[test]
    fn a_machine_has_the_domain_that_is_set_or_the_one_in_its_name() {
        let domains = |text: &[u8], host: &[u8]| {
            let domains = parse(text, Some(host)).domains;
            domains.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(domains(b"", b"corp.example"), ["corp.example"]);
        assert_eq!(domains(b"search lab.example", b"corp.example"), ["corp.example", "lab.example"]);
        assert_eq!(domains(b"domain set.example", b"corp.example"), ["set.example"]);
        assert_eq!(domains(b"search .", b""), [""; 0]);
    }

    #[test]
    fn ten_domains_are_all_searched() {
        let list: Vec<_> = (0..10).map(|number| format!("d{number}.example")).collect();
        assert_eq!(read(format!("search {}", list.join(" ")).as_bytes()).1, list);
    }
}
