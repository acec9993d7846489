//! Texts as machines printed them, what consoles, editors and mails make of such texts, and what must hold of all.

use super::{FormatError, Reading, Skipped, text};
use crate::license::{License, Remaining, Report};
use std::fmt::{Debug, Display, Write};

/// A format's way to read a text.
pub(super) type Read = fn(&str, &mut Reading<'_>) -> Result<(), FormatError>;

/// Everything read from a text.
pub(super) fn all(read: Read, text: &str) -> (Vec<Report>, Skipped) {
    let mut reports = Vec::new();
    let mut take = |report| reports.push(report);
    let mut reading = Reading::new(&mut take);
    let result = read(text, &mut reading);
    assert!(matches!(result, Ok(()) | Err(FormatError::Unknown)), "{result:?}");
    let skipped = reading.skipped().clone();
    (reports, skipped)
}

/// A report in few words: what is known of it and nothing else.
pub(super) fn summary(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        assert!(report.reported_at.is_none() && !report.is_complete);
        let mut line = vec![format!("report {}", report.source.as_str())];
        show(&mut line, "machine", report.machine.as_ref());
        show(&mut line, "version", report.service_version.as_ref());
        show(&mut line, "cmid", report.client_machine_id);
        show(&mut line, "rearms", report.remaining_windows_rearms);
        writeln!(text, "{}", line.join(" ")).unwrap();
        if let Some(host) = &report.kms_host {
            writeln!(text, "  host port={:?} dns={:?}", host.listening_port, host.publishes_dns).unwrap();
            for (key, counts) in &host.counts {
                let application = key.application;
                let (current, requests, failed) = (counts.current, counts.requests, counts.failed_requests);
                let by_status = counts.requests_by_status;
                writeln!(
                    text,
                    "  {application} count={current:?} requests={requests:?} failed={failed:?} by_status={by_status:?}"
                )
                .unwrap();
            }
        }
        for license in &report.licenses {
            writeln!(text, "  {}", figures(license).join(" ")).unwrap();
        }
    }
    text
}

fn show(line: &mut Vec<String>, name: &str, value: Option<impl Display>) {
    line.extend(value.map(|value| format!("{name}={value}")));
}

fn figures(license: &License) -> Vec<String> {
    let mut line = Vec::new();
    show(&mut line, "product", license.product.as_ref());
    show(&mut line, "channel", license.channel.as_ref());
    show(&mut line, "sku", license.sku.map(|sku| sku.to_string()[..8].to_owned()));
    show(&mut line, "application", license.application.map(|application| application.to_string()[..8].to_owned()));
    show(&mut line, "key", license.partial_product_key);
    show(&mut line, "status", license.status.map(crate::license::LicenseStatus::number));
    show(&mut line, "reason", license.reason_code);
    let remaining = license.remaining.map(|remaining| match remaining {
        Remaining::Permanent => "permanent".to_owned(),
        Remaining::Minutes(minutes) => minutes.to_string(),
    });
    show(&mut line, "remaining", remaining);
    show(&mut line, "configured", license.configured_host.as_ref());
    show(&mut line, "discovered", license.discovered_host.as_ref());
    show(&mut line, "activation", license.activation_interval);
    show(&mut line, "renewal", license.renewal_interval);
    show(&mut line, "sku_rearms", license.remaining_sku_rearms);
    show(&mut line, "app_rearms", license.remaining_app_rearms);
    line
}

/// A text as a console of so many columns shows it.
pub(super) fn rewrapped(text: &str, columns: usize) -> String {
    let mut wrapped = String::new();
    for line in text.lines() {
        let mut width = 0;
        for char in line.chars() {
            let columns_of_char = if char >= '\u{2e80}' { 2 } else { 1 };
            if width + columns_of_char > columns {
                wrapped.push('\n');
                width = 0;
            }
            width += columns_of_char;
            wrapped.push(char);
        }
        wrapped.push('\n');
    }
    wrapped
}

pub(super) fn each_line(text: &str, change: impl Fn(&str) -> String) -> String {
    text.lines().map(change).collect()
}

/// A text as it comes through consoles, clipboards, mails and files, with a name for each.
pub(super) fn variants(text: &str) -> Vec<(String, String)> {
    let mut variants = Vec::new();
    for columns in [usize::MAX, 120, 80, 60, 40] {
        let wrapped = rewrapped(text, columns);
        let changes: [(&str, String); 8] = [
            ("as it is", wrapped.clone()),
            ("without blank lines", wrapped.replace("\n\n", "\n")),
            ("with CR LF", wrapped.replace('\n', "\r\n")),
            ("with CR CR LF", wrapped.replace('\n', "\r\r\n")),
            ("with blanks at the ends", each_line(&wrapped, |line| format!("{line}   \n"))),
            ("without indentation", each_line(&wrapped, |line| format!("{}\n", line.trim_start_matches("    ")))),
            ("without blanks at the ends", each_line(&wrapped, |line| format!("{}\n", line.trim_end()))),
            ("quoted in a mail", each_line(&wrapped, |line| format!("> {line}\n"))),
        ];
        variants.extend(changes.map(|(change, text)| (format!("{change}, at {columns} columns"), text)));
    }
    variants
}

/// Reads the same from every variant, and from every encoding the text can be in.
#[track_caller]
pub(super) fn assert_reads_everywhere(read: Read, recognizes: fn(&str) -> bool, text: &str) {
    let expected = all(read, text).0;
    for (variant, changed) in variants(text) {
        assert_same(&summary(&all(read, &changed).0), &summary(&expected), &format!("{variant}\n{changed}"));
        assert!(recognizes(&changed), "{variant}\n{changed}");
    }
    for (encoding, bytes) in encoded(text) {
        let decoded = text::decode(&bytes).unwrap();
        assert_same(&summary(&all(read, &decoded).0), &summary(&expected), encoding);
    }
}

#[track_caller]
fn assert_same<T: PartialEq + Debug + Display>(left: &T, right: &T, place: &str) {
    assert!(left == right, "{place}\nreads\n{left}\nbut should\n{right}");
}

/// A text in every encoding that has all its characters.
pub(super) fn encoded(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let mut encoded = vec![
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8 with its mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("UTF-16LE with its mark", [b"\xff\xfe", &*little].concat()),
        ("UTF-16BE with its mark", [b"\xfe\xff", &*big].concat()),
        ("UTF-16LE", little),
        ("UTF-16BE", big),
    ];
    for (name, encoding) in [("932", encoding_rs::SHIFT_JIS), ("1252", encoding_rs::WINDOWS_1252)] {
        let (bytes, _, has_faults) = encoding.encode(text);
        if !has_faults {
            encoded.push((name, bytes.into_owned()));
        }
    }
    encoded
}

/// Cuts a text at every byte, in several encodings and widths: nothing read from a part is anything but what the whole
/// says in that place.
#[track_caller]
pub(super) fn assert_no_part_says_more(read: Read, text: &str) {
    let whole = all(read, text).0;
    let unindented = |text: &str| each_line(text, |line| format!("{}\n", line.trim()));
    let narrow = rewrapped(text, 40);
    let variants = [(text.to_owned(), 1), (narrow.clone(), 1), (unindented(&narrow), 3), (rewrapped(text, 80), 3)];
    for (text, step) in variants {
        for end in (0..text.len()).step_by(step) {
            if let Ok(part) = text::decode(&text.as_bytes()[..end]) {
                assert_says_no_more(&all(read, &part).0, &whole, &part);
            }
        }
    }
    for (_, bytes) in encoded(text) {
        for end in (0..bytes.len()).step_by(13) {
            if let Ok(part) = text::decode(&bytes[..end]) {
                assert_says_no_more(&all(read, &part).0, &whole, &part);
            }
        }
    }
}

#[track_caller]
fn assert_says_no_more(part: &[Report], whole: &[Report], text: &str) {
    assert!(part.len() <= whole.len(), "{text}");
    for (part, whole) in part.iter().zip(whole) {
        let lines = |report: &Report| summary(std::slice::from_ref(&Report { licenses: Vec::new(), ..report.clone() }));
        let known = lines(whole).replace("None", "");
        for word in lines(part).replace("None", "").split([' ', ',', '[', ']', '\n']) {
            assert!(
                known
                    .split([' ', ',', '[', ']', '\n'])
                    .any(|known| known == word || word.is_empty() || word.ends_with('=')),
                "{word} in {known}\n{text}"
            );
        }
        assert!(part.licenses.len() <= whole.licenses.len(), "{text}");
        for (part, whole) in part.licenses.iter().zip(&whole.licenses) {
            let known = figures(whole);
            for figure in figures(part) {
                assert!(known.contains(&figure), "{figure} is not in {known:?}\n{text}");
            }
        }
    }
}
