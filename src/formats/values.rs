//! Single values as the tools of Windows write them: numbers, flags, codes, GUIDs, keys, hosts and texts. Dates are in
//! [`moment`].
//!
//! Each function gives `Ok(None)` for a value that says nothing, such as the number that stands for "not set", and an
//! error for one that is wrong, which is a clause that says why.

pub(super) mod moment;

use crate::codes::Code;
use crate::host::HostPort;
use crate::license::{
    Channel, ChannelKind, INTERVALS, LicenseStatus, MAX_MINUTES, MachineName, PartialProductKey, Remaining,
    VOLUME_VALIDITY, parse_kms_host,
};
use crate::words::quoted;
use std::net::IpAddr;
use uuid::Uuid;

/// A value; `None` where it says nothing, and an error that says why where it is wrong.
pub(super) type Parsed<T> = Result<Option<T>, &'static str>;

/// The number by which WMI says that a number is not set.
const UNSET: i64 = 0xFFFF_FFFF;

/// A text without the space and the quotes around it; `None` where nothing is left.
pub(super) fn bare(text: &str) -> Option<&str> {
    let text = text.trim();
    let unquoted = ['"', '\''].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    Some(unquoted.unwrap_or(text).trim()).filter(|text| !text.is_empty())
}

/// Text for people: on one line, of bounded length, with every whole product key in it cut.
pub(super) fn words(text: &str) -> Option<String> {
    Some(quoted(text)).filter(|words| !words.is_empty())
}

/// The name of a product.
pub(super) fn product_name(text: &str) -> Option<String> {
    let name = words(text)?;
    // The blank in front of it may have got lost at the end of a line.
    let name = match name.strip_suffix("edition") {
        Some(start) if start.ends_with(|char: char| char.is_alphanumeric() || char == ')') => {
            format!("{start} edition")
        }
        _ => name,
    };
    (!name.is_empty()).then_some(name)
}

/// A number from 0 to 4294967294. That number plus one, and -1, mean that it is not set.
pub(super) fn number(text: &str) -> Parsed<u32> {
    match text.parse::<i64>() {
        Ok(-1 | UNSET) => Ok(None),
        Ok(number) => u32::try_from(number).map(Some).map_err(|_| "the number is out of range"),
        Err(_) => Err("this is no number"),
    }
}

/// Like [`number`], where 0 means that it is not set as well.
pub(super) fn positive(text: &str) -> Parsed<u32> {
    Ok(number(text)?.filter(|number| *number != 0))
}

/// A number of minutes between attempts, as far as it can be set; 0 is not set.
pub(super) fn interval(text: &str) -> Parsed<u32> {
    match positive(text)? {
        Some(minutes) if !INTERVALS.contains(&minutes) => Err("no such interval can be set"),
        minutes => Ok(minutes),
    }
}

/// A flag, as a word or a number.
pub(super) fn flag(text: &str) -> Parsed<bool> {
    if text.eq_ignore_ascii_case("true") {
        Ok(Some(true))
    } else if text.eq_ignore_ascii_case("false") {
        Ok(Some(false))
    } else {
        let number = number(text).map_err(|_| "this is neither true nor false")?;
        Ok(number.map(|number| number != 0))
    }
}

/// A Windows error code: as an unsigned or a signed decimal number, or in hexadecimal after `0x`. 0, which is no error,
/// is not set.
pub(super) fn code(text: &str) -> Parsed<Code> {
    const WHY: &str = "this is no error code";
    let number = if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(digits, 16).ok().filter(|_| are_digits).ok_or(WHY)?
    } else {
        let number = text.parse::<i64>().map_err(|_| WHY)?;
        u32::try_from(number).or_else(|_| i32::try_from(number).map(i32::cast_unsigned)).map_err(|_| WHY)?
    };
    Ok(Some(number).filter(|number| ![0, u32::MAX].contains(number)).map(Code))
}

/// A GUID, with or without braces, in any case. The one of zeros is not set.
pub(super) fn guid(text: &str) -> Parsed<Uuid> {
    let guid = text.parse::<Uuid>().map_err(|_| "this is no GUID")?;
    Ok(Some(guid).filter(|guid| !guid.is_nil()))
}

/// The last five characters of a product key.
pub(super) fn partial_key(text: &str) -> Parsed<PartialProductKey> {
    PartialProductKey::new(text).map(Some).ok_or("these are not the last five characters of a product key")
}

/// A host, with a port behind it or with the one given.
pub(super) fn host(text: &str, port: u16) -> Parsed<HostPort> {
    parse_kms_host(text, port).map(Some).ok_or("this is no host")
}

/// A TCP port. 0 is not set.
pub(super) fn port(text: &str) -> Parsed<u16> {
    match positive(text)? {
        Some(number) => u16::try_from(number).map(Some).map_err(|_| "this is no port"),
        None => Ok(None),
    }
}

/// True for what is where the name of a machine belongs and means the machine itself.
pub(super) fn is_local(name: &str) -> bool {
    let is_loopback = name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    name == "." || name.eq_ignore_ascii_case("localhost") || is_loopback
}

/// The name of a machine, alone or as an account has it: `CORP\ws1`, `ws1$`. `None` for what means the machine itself.
/// An address shows how someone came to the machine, and may be that of another tomorrow.
pub(super) fn machine(text: &str) -> Parsed<MachineName> {
    let text = text.trim();
    let text = text.strip_prefix(r"\\").unwrap_or_else(|| match text.split_once('\\') {
        Some((domain, name)) if !domain.is_empty() => name,
        _ => text,
    });
    let text = text.strip_suffix('$').unwrap_or(text);
    if is_local(text) {
        return Ok(None);
    }
    if text.parse::<IpAddr>().is_ok() {
        return Err(ADDRESS);
    }
    text.parse().map(Some).map_err(|_| "this is no name of a machine")
}

/// Why an address is not taken for a machine.
pub(super) const ADDRESS: &str = "an address is not a machine name";

/// The status of a license: by its number, or by its name as programs and people write it.
pub(super) fn status(text: &str) -> Parsed<LicenseStatus> {
    const WHY: &str = "this is no license status";
    if text.starts_with(|char: char| char.is_ascii_digit() || char == '-') {
        return match number(text)? {
            Some(number) => LicenseStatus::from_number(number.into()).map(Some).ok_or(WHY),
            None => Ok(None),
        };
    }
    let status = match squeezed(text).as_str() {
        "unlicensed" => LicenseStatus::Unlicensed,
        "licensed" => LicenseStatus::Licensed,
        "oobgrace" | "outofboxgrace" | "outofboxgraceperiod" | "initialgrace" | "initialgraceperiod" => {
            LicenseStatus::OobGrace
        }
        "ootgrace" | "outoftolerancegrace" | "outoftolerancegraceperiod" => LicenseStatus::OotGrace,
        "nongenuinegrace" | "nongenuinegraceperiod" => LicenseStatus::NonGenuineGrace,
        "notification" | "notifications" => LicenseStatus::Notification,
        "extendedgrace" | "extendedgraceperiod" => LicenseStatus::ExtendedGrace,
        "unknown" => return Ok(None),
        _ => return Err(WHY),
    };
    Ok(Some(status))
}

/// The letters and digits of a text alone, in lower case: `KMS Client` and `KmsClient` are one word.
pub(super) fn squeezed(text: &str) -> String {
    if text.is_ascii() {
        return text
            .bytes()
            .filter(u8::is_ascii_alphanumeric)
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect();
    }
    text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What so many minutes mean for a license of this channel with this status. Where it is licensed, 0 is without end;
/// for what always has one it cannot be, and says nothing, as where the status of the license is unknown.
pub(super) fn remaining(minutes: u32, status: Option<LicenseStatus>, channel: Option<&Channel>) -> Parsed<Remaining> {
    let is_client = channel.is_some_and(|channel| channel.kind() == ChannelKind::KmsClient);
    let most = if is_client { VOLUME_VALIDITY } else { MAX_MINUTES };
    match (minutes, status) {
        (0, None) => Ok(None),
        (0, Some(LicenseStatus::Licensed)) => Ok((!channel.is_some_and(Channel::ends)).then_some(Remaining::Permanent)),
        _ if minutes > most => Err("the minutes are absurd"),
        _ => Ok(Some(Remaining::Minutes(minutes))),
    }
}

#[cfg(test)]
mod tests;
