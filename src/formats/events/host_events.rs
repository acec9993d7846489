//! What a KMS host says of itself in its events: that it could not start (12291, 12292), and that it published itself in
//! the DNS of a domain (12294) or could not (12293).

use super::event::Kind;
use crate::codes::Code;
use crate::host::DnsName;
use crate::license::{FailedStart, KmsHost, MAX_PUBLICATIONS, Publication, Published};
use jiff::Timestamp;

/// What stands around the name of a domain in a message.
const QUOTES: [char; 7] = ['\'', '"', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{300c}'];

/// What happened to a KMS host itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HostEvent {
    /// It could not start.
    FailedStart(Option<Code>),
    /// It published itself in a domain, or could not.
    Published(String, Published),
}

impl HostEvent {
    /// Reads such an event from its texts; `None` where they do not say of which domain it is.
    pub(super) fn read(kind: Kind, texts: [&str; 2]) -> Option<Self> {
        let [data, message] = texts;
        let (code, domain) = (texts.into_iter().find_map(code), || domain(data, message));
        match kind {
            // That it failed is the event; the code says why, where there is one.
            Kind::FailedStart => Some(Self::FailedStart(code)),
            Kind::NotPublished => Some(Self::Published(domain()?, Published::Failed(code))),
            Kind::Published => Some(Self::Published(domain()?, Published::Succeeded)),
            _ => None,
        }
    }

    /// Adds it to what is known of the host by other events.
    pub(super) fn add_to(self, host: &mut KmsHost, at: Timestamp) {
        match self {
            Self::FailedStart(code) => host.failed_start = host.failed_start.max(Some(FailedStart { at, code })),
            Self::Published(domain, outcome) => add_publication(host, domain, Publication { at, outcome }),
        }
    }
}

/// Keeps the newest of each domain, of no more domains than a host has.
fn add_publication(host: &mut KmsHost, domain: String, publication: Publication) {
    let known = host.publications.entry(domain).or_insert(publication);
    *known = (*known).max(publication);
    if host.publications.len() > MAX_PUBLICATIONS {
        let oldest = host.publications.iter().min_by_key(|(_, publication)| publication.at);
        if let Some(oldest) = oldest.map(|(domain, _)| domain.clone()) {
            host.publications.remove(&oldest);
        }
    }
}

/// The HRESULT in a text: the first word that looks like one and is a failure.
fn code(text: &str) -> Option<Code> {
    let words = text.split(|char: char| !char.is_ascii_alphanumeric());
    words.filter_map(hresult).find(|code| code.is_failure())
}

fn hresult(word: &str) -> Option<Code> {
    let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"))?;
    (1..=8).contains(&digits.len()).then(|| u32::from_str_radix(digits, 16).ok().map(Code)).flatten()
}

/// The domain: a field of its own in the data, between quotation marks in a message.
fn domain(data: &str, message: &str) -> Option<String> {
    let of = |part: &str| {
        let part = part.trim().trim_end_matches('.');
        let is_name = !part.is_empty() && !part.contains(char::is_whitespace) && hresult(part).is_none();
        part.parse::<DnsName>().ok().filter(|_| is_name).map(|name| name.as_str().to_lowercase())
    };
    data.split(',').find_map(of).or_else(|| message.split(QUOTES).skip(1).step_by(2).find_map(of))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "Publishing the Key Management Service (KMS) to DNS in the 'Corp.example' domain failed.\r\n\
                           Info:\r\n0x80072338";

    #[test]
    fn a_domain_and_a_code_are_found_in_data_and_in_messages() {
        let failed = |code| HostEvent::Published("corp.example".to_owned(), Published::Failed(code));
        let read = |text| HostEvent::read(Kind::NotPublished, [text, ""]);
        assert_eq!(read("0x80072338,corp.example,"), Some(failed(Some(Code(0x8007_2338)))));
        assert_eq!(read("0x80072338, corp.example. ,"), Some(failed(Some(Code(0x8007_2338)))));
        let of_message = |text| HostEvent::read(Kind::NotPublished, ["", text]);
        assert_eq!(of_message(MESSAGE), Some(failed(Some(Code(0x8007_2338)))));
        assert_eq!(of_message("It failed in corp.example, said 0x80072338"), None);
        assert_eq!(read("corp.example,"), Some(failed(None)));
        for text in ["", "0x80072338,", "no domain in here", "0x80072338"] {
            assert_eq!(read(text), None, "{text}");
        }
        let published = HostEvent::Published("corp.example".to_owned(), Published::Succeeded);
        assert_eq!(HostEvent::read(Kind::Published, ["corp.example,", ""]), Some(published));
        let start = |text| HostEvent::read(Kind::FailedStart, ["", text]);
        assert_eq!(start("0xC004F00F,"), Some(HostEvent::FailedStart(Some(Code(0xC004_F00F)))));
        assert_eq!(start("0x0,"), Some(HostEvent::FailedStart(None)));
    }

    #[test]
    fn the_newest_of_each_domain_is_kept_and_of_no_more_domains_than_a_host_has() {
        let mut host = KmsHost::default();
        let second = |second| Timestamp::from_second(second).unwrap();
        let mut add =
            |domain: &str, at, outcome| HostEvent::Published(domain.to_owned(), outcome).add_to(&mut host, second(at));
        add("corp.example", 500, Published::Succeeded);
        add("corp.example", 400, Published::Failed(None));
        for number in 0..100 {
            add(&format!("d{number}.example"), number, Published::Succeeded);
        }
        assert_eq!(host.publications.len(), MAX_PUBLICATIONS);
        let corp = Publication { at: second(500), outcome: Published::Succeeded };
        assert_eq!(host.publications.get("corp.example"), Some(&corp));
        assert!(host.publications.contains_key("d99.example"));
    }
}
