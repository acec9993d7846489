//! What the lines of `slmgr` say whose phrase is in no list, by what no translation of it touches: the names of products
//! and channels, `(CMID)`, `KMS`, `DNS`, GUIDs, the channel and the last characters of a key, codes, and minutes beside
//! the same in days.

use super::super::figures;
use super::super::folding::fold;
use super::super::text::START;
use super::super::tool::Claim;
use super::field::{Field as F, OFFICE, OFFICE_2010};
use crate::license::{Channel, WINDOWS};
use uuid::Uuid;

/// The characters of which product keys are made.
const KEY: &str = "BCDFGHJKMNPQRTVWXY2346789";

/// What a phrase that is in no list is, by the value after it. English phrases are all known, so that those in Latin
/// letters alone count only where `is_foreign`, by what is before them.
pub(super) fn field(phrase: &str, value: &str, is_foreign: bool) -> Option<F> {
    let value = value.trim();
    if is_product(value) {
        return Some(F::ForeignName);
    }
    if is_description(value) {
        return Some(F::ForeignDescription);
    }
    if phrase.is_ascii() && !is_foreign {
        return None;
    }
    let phrase = fold(phrase);
    if let Some(guid) = figures::guid(value, true) {
        return match phrase.as_str() {
            _ if phrase.contains("(cmid)") => Some(F::ClientMachineId),
            _ if [WINDOWS, OFFICE, OFFICE_2010].contains(&guid) => Some(F::ApplicationId),
            // What an activation object in Active Directory is called by.
            _ if phrase.starts_with("ao") => Some(F::Known),
            "アクティブ化id" | "ライセンス認証id" => Some(F::ActivationId),
            _ if is_foreign => Some(F::ActivationId),
            _ => None,
        };
    }
    let has_minutes = figures::minutes(value, true).is_some();
    if has_minutes && phrase.contains("間隔") {
        return Some(if phrase.contains("更新") { F::RenewalInterval } else { F::ActivationInterval });
    }
    if (has_minutes && value.contains('日')) || figures::minutes_beside_days(value).is_some() {
        return Some(F::Remaining);
    }
    if phrase.contains("kms") && figures::host_with_port(value, true).is_some() {
        let is_from_dns = phrase.contains("dns");
        let is_set = phrase.contains("登録") || is_foreign;
        return is_from_dns.then_some(F::DiscoveredHost).or(is_set.then_some(F::ConfiguredHost));
    }
    if (phrase.contains("通知") || is_foreign) && figures::code(value, true).is_some() {
        return Some(F::Reason);
    }
    if ["Volume:", "Retail", "OEM:"].iter().any(|start| value.starts_with(start)) {
        return Some(F::KeyChannel);
    }
    if is_foreign && value.len() == 5 && value.chars().all(|char| KEY.contains(char)) {
        return Some(F::PartialKey);
    }
    if phrase.ends_with("バージョン") && figures::version(value, true).is_some_and(|version| version.contains('.'))
    {
        return Some(F::ServiceVersion);
    }
    // Identifiers and addresses that are not kept, a time in the format of the country, and how activation is set up.
    ["pid", "url", "インストールid", "時刻", "ライセンス認証の種類", "キャッシュ"]
        .iter()
        .any(|end| phrase.ends_with(end))
        .then_some(F::Known)
}

/// What a line with a phrase that is in no list is to this format.
pub(super) fn claim(line: &str) -> Claim {
    if is_heading(line) || attempt(line).is_some() {
        return Claim::First;
    }
    let Some((phrase, value)) = line.split_once([':', '\u{ff1a}']) else { return Claim::No };
    // An event has lines of its own, with `Name=value` in them.
    let is_label = !phrase.is_empty() && phrase.chars().count() < 60 && !phrase.contains(['=', '"', '{', '<', ',']);
    match field(phrase, value, false).filter(|_| is_label) {
        None => Claim::No,
        Some(F::ForeignName) => Claim::First,
        Some(_) => Claim::Own,
    }
}

/// True for a text that is not recognized and looks like the output all the same, by what is the same in every
/// language: channels, the application ID of Windows, and the heading of `/xpr`.
pub(super) fn is_in_another_language(text: &str) -> bool {
    let start = text.get(..text.floor_char_boundary(START)).unwrap_or_default();
    !has_english(start)
        && start.lines().any(|line| {
            let value = line.split_once([':', '\u{ff1a}']).map(|(_, value)| value.trim());
            is_description(line)
                || value.and_then(|value| figures::guid(value, true)) == Some(WINDOWS)
                || (line.starts_with("Windows(R)") && line.trim_end().ends_with("edition:"))
        })
}

/// True for a text with labels that are English, or the names that WMI has in every language: where it is not read, that is
/// for something else, such as the time before each line.
pub(super) fn has_english(text: &str) -> bool {
    let start = text.get(..text.floor_char_boundary(START)).unwrap_or_default();
    ["License Status:", "Partial Product Key:", "LicenseStatus"].iter().any(|label| start.contains(label))
}

/// The product and its ID in the line with which an attempt to activate begins: the name is the same in every language.
pub(super) fn attempt(line: &str) -> Option<(&str, Uuid)> {
    let (before, rest) = line.rsplit_once('(')?;
    let (id, rest) = rest.split_once(')')?;
    let is_end = rest.trim().chars().all(|char| matches!(char, '.' | '\u{2026}'));
    let start = before.find("Windows").or_else(|| before.find("Office"))?;
    let name = before.get(start..)?.trim();
    let sku = figures::guid(id, true).filter(|_| is_end && name.ends_with("edition"))?;
    Some((name, sku))
}

/// True for the heading of `/xpr`: a product and a colon, which what is below it may follow on the same line.
fn is_heading(line: &str) -> bool {
    line.split_once(" edition").is_some_and(|(product, rest)| {
        let rest = rest.trim_start();
        !product.contains(':') && product.contains(',') && rest.starts_with([':', '\u{ff1a}'])
    })
}

/// True for the name of a product of Windows, or of Office by the licensing service.
fn is_product(value: &str) -> bool {
    (value.starts_with("Windows") || value.starts_with("Office")) && value.contains(", ") && value.ends_with(" edition")
}

/// True for what ends in the channel of a license.
fn is_description(value: &str) -> bool {
    let is_known = |channel: Channel| {
        let word = channel.as_str();
        word == "RETAIL"
            || ["VOLUME_", "OEM_", "TIMEBASED_", "VIRTUAL_MACHINE_"].iter().any(|start| word.starts_with(start))
    };
    Channel::from_description(value).is_some_and(is_known)
}
