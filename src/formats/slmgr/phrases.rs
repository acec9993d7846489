//! What the lines of `slmgr` begin with, in English and Japanese, and what each says.
//!
//! Sourced are the English phrases from the script itself, and seven Japanese ones from published output: the name, the
//! description, the partial key, the status with its word for licensed, and two of `/xpr` with the rearms left. The
//! spacing of the Japanese ones is unsure, which does not matter, since phrases are compared without blanks. Under
//! "tolerance" below is what no source has but output is known to hold; [`by_what_is_not_translated`] goes by what
//! no translation touches.

use super::super::figures;
use super::super::lines::{Phrase, fold};
use crate::license::{LicenseStatus, WINDOWS};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// The program that runs the script: a new output.
    Banner,
    /// Two backslashes, as before the name of a machine in a heading.
    Heading,
    /// The version of the licensing service: the start of `/dlv`.
    ServiceVersion,
    /// The start of a product.
    Name,
    Description,
    ActivationId,
    ApplicationId,
    KeyChannel,
    PartialKey,
    NotInUse,
    Status,
    /// The status, as a whole line.
    StatusIs(LicenseStatus),
    Reason,
    /// Minutes until the status ends.
    Remaining,
    /// What `/xpr` says under the name of a product: the status, and whether it holds without end.
    Expiry(LicenseStatus, End),
    WindowsRearms,
    SkuRearms,
    AppRearms,
    ClientMachineId,
    ConfiguredHost,
    DiscoveredHost,
    ActivationInterval,
    RenewalInterval,
    IsKmsHost,
    CurrentCount,
    ListeningPort,
    PublishesDns(bool),
    Requests,
    FailedRequests,
    RequestsBy(LicenseStatus),
    /// The start of what another script printed.
    Foreign,
    /// Known, and nothing to keep: dates in the format of some country, and what no one asks for.
    Known,
}

/// When what `/xpr` says ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Never,
    /// On a day in the format of some country, which is not believed.
    SomeDay,
    /// It has no end, or has ended, and the line has no more to say.
    None,
}

use Field as F;
use LicenseStatus as S;

/// Every phrase.
pub(super) const PHRASES: &[Phrase<Field>] = &[
    ("Microsoft (R) Windows Script Host", F::Banner),
    ("Microsoft \u{ae} Windows Script Host", F::Banner),
    ("Copyright (C) Microsoft Corporation", F::Known),
    ("Software licensing service version:", F::ServiceVersion),
    ("Name:", F::Name),
    ("Description:", F::Description),
    ("Activation ID:", F::ActivationId),
    ("Application ID:", F::ApplicationId),
    ("Extended PID:", F::Known),
    ("Product Key Channel:", F::KeyChannel),
    ("Installation ID:", F::Known),
    ("Partial Product Key:", F::PartialKey),
    ("This license is not in use.", F::NotInUse),
    ("License Status:", F::Status),
    ("Notification Reason:", F::Reason),
    ("Volume activation expiration:", F::Remaining),
    ("Timebased activation expiration:", F::Remaining),
    ("Automatic VM activation expiration:", F::Remaining),
    ("Time remaining:", F::Remaining),
    ("Evaluation End Date:", F::Known),
    ("Remaining Windows rearm count:", F::WindowsRearms),
    ("Remaining SKU rearm count:", F::SkuRearms),
    ("Remaining App rearm count:", F::AppRearms),
    ("Trusted time:", F::Known),
    ("Configured Activation Type:", F::Known),
    ("Most recent activation information:", F::Known),
    ("Please use slmgr.vbs /ato", F::Known),
    // What a client knows of its KMS host.
    ("Key Management Service client information", F::Known),
    ("Client Machine ID (CMID):", F::ClientMachineId),
    ("Registered KMS machine name:", F::ConfiguredHost),
    ("Registered KMS SRV record lookup domain:", F::Known),
    ("DNS auto-discovery: KMS name not available", F::Known),
    ("KMS machine name from DNS:", F::DiscoveredHost),
    ("KMS machine IP address:", F::Known),
    ("KMS machine extended PID:", F::Known),
    ("Activation interval:", F::ActivationInterval),
    ("Renewal interval:", F::RenewalInterval),
    ("KMS host caching is", F::Known),
    // What a KMS host says of itself.
    ("Key Management Service is enabled on this machine", F::IsKmsHost),
    ("Current count:", F::CurrentCount),
    ("Listening on Port:", F::ListeningPort),
    ("DNS publishing enabled", F::PublishesDns(true)),
    ("DNS publishing disabled", F::PublishesDns(false)),
    ("KMS priority", F::Known),
    ("Warning: DNS Publishing can only be set on a KMS machine that is also activated.", F::Known),
    ("Key Management Service cumulative requests received from clients", F::Known),
    ("Total requests received:", F::Requests),
    ("Failed requests received:", F::FailedRequests),
    ("Requests with License Status Unlicensed:", F::RequestsBy(S::Unlicensed)),
    ("Requests with License Status Licensed:", F::RequestsBy(S::Licensed)),
    ("Requests with License Status Initial grace period:", F::RequestsBy(S::OobGrace)),
    ("Requests with License Status License expired or Hardware out of tolerance:", F::RequestsBy(S::OotGrace)),
    ("Requests with License Status Non-genuine grace period:", F::RequestsBy(S::NonGenuineGrace)),
    ("Requests with License Status Notification:", F::RequestsBy(S::Notification)),
    // Activation in other ways.
    ("AD Activation client information", F::Known),
    ("Activation Object name:", F::Known),
    ("AO DN:", F::Known),
    ("AO extended PID:", F::Known),
    ("AO activation ID:", F::Known),
    ("Token-based Activation information", F::Known),
    ("Automatic VM Activation client information", F::Known),
    ("Guest IAID:", F::Known),
    ("Host machine name:", F::Known),
    ("Activation time:", F::Known),
    ("Host Digital PID2:", F::Known),
    // `/xpr`
    ("The machine is permanently activated", F::Expiry(S::Licensed, End::Never)),
    ("Volume activation will expire", F::Expiry(S::Licensed, End::SomeDay)),
    ("Timebased activation will expire", F::Expiry(S::Licensed, End::SomeDay)),
    ("Automatic VM activation will expire", F::Expiry(S::Licensed, End::SomeDay)),
    ("Initial grace period ends", F::Expiry(S::OobGrace, End::SomeDay)),
    ("Additional grace period ends", F::Expiry(S::OotGrace, End::SomeDay)),
    ("Non-genuine grace period ends", F::Expiry(S::NonGenuineGrace, End::SomeDay)),
    ("Extended grace period ends", F::Expiry(S::ExtendedGrace, End::SomeDay)),
    ("Windows is in Notification mode", F::Expiry(S::Notification, End::None)),
    ("Unlicensed", F::Expiry(S::Unlicensed, End::None)),
    // Japanese
    ("名前:", F::Name),
    ("説明:", F::Description),
    ("プロダクト キーの一部:", F::PartialKey),
    ("ライセンスの状態:", F::Status),
    ("ライセンスの状態: ライセンスされています", F::StatusIs(S::Licensed)),
    ("コンピューターのライセンス認証は完了しました", F::Expiry(S::Licensed, End::Never)),
    ("Windowsは通知モードです", F::Expiry(S::Notification, End::None)),
    ("残りのWindows猶予期限リセット可能回数:", F::WindowsRearms),
    // Tolerance
    (r"\\", F::Heading),
    ("ライセンス状態:", F::Status),
    ("残りのSKU猶予期限リセット可能回数:", F::SkuRearms),
    ("残りのアプリ猶予期限リセット可能回数:", F::AppRearms),
    ("Use License URL:", F::Known),
    ("Validation URL:", F::Known),
    ("Processor Certificate URL:", F::Known),
    ("Machine Certificate URL:", F::Known),
    ("Product Key Certificate URL:", F::Known),
    ("PRODUCT ID:", F::Foreign),
    ("LICENSE NAME:", F::Foreign),
    ("---Processing--", F::Foreign),
];

/// The status in `License Status:`, of which the word for licensed must stand alone.
pub(in crate::formats) fn status(text: &str) -> Option<LicenseStatus> {
    let text = fold(text);
    let starts = [
        ("unlicensed", S::Unlicensed),
        ("initialgraceperiod", S::OobGrace),
        ("additionalgraceperiod", S::OotGrace),
        ("non-genuinegraceperiod", S::NonGenuineGrace),
        ("notification", S::Notification),
        ("extendedgraceperiod", S::ExtendedGrace),
    ];
    // Tolerance: no source has these.
    let japanese = [
        ("ライセンスなし", S::Unlicensed),
        ("ライセンスされていません", S::Unlicensed),
        ("ライセンス未付与", S::Unlicensed),
        ("初期猶予期間", S::OobGrace),
        ("追加猶予期間", S::OotGrace),
        ("追加の猶予期間", S::OotGrace),
        ("非正規の猶予期間", S::NonGenuineGrace),
        ("非正規品の猶予期間", S::NonGenuineGrace),
        ("通知", S::Notification),
        ("拡張猶予期間", S::ExtendedGrace),
        ("延長猶予期間", S::ExtendedGrace),
    ];
    if matches!(text.trim_end_matches('.'), "licensed" | "ライセンスされています") {
        return Some(S::Licensed);
    }
    starts.into_iter().chain(japanese).find(|(start, _)| text.starts_with(start)).map(|(_, status)| status)
}

/// What a line says whose phrase is in no list, by what no translation of it touches: `(CMID)`, `KMS`, `DNS`, GUIDs,
/// the channel of a key, and minutes with their unit. Only for phrases that are not English, since those are all known.
pub(super) fn by_what_is_not_translated(phrase: &str, value: &str) -> Option<Field> {
    if phrase.is_ascii() {
        return None;
    }
    let phrase = fold(phrase);
    let value = value.trim();
    let is_japanese_minutes = figures::minutes(value, true).is_some();
    if let Some(guid) = figures::guid(value, true) {
        return match phrase.as_str() {
            _ if phrase.contains("(cmid)") => Some(F::ClientMachineId),
            _ if guid == WINDOWS => Some(F::ApplicationId),
            // What an activation object in Active Directory is called by.
            _ if phrase.starts_with("ao") => Some(F::Known),
            "アクティブ化id" | "ライセンス認証id" => Some(F::ActivationId),
            _ => None,
        };
    }
    if is_japanese_minutes && phrase.contains("間隔") {
        return Some(if phrase.contains("更新") { F::RenewalInterval } else { F::ActivationInterval });
    }
    if is_japanese_minutes && value.contains('日') {
        return Some(F::Remaining);
    }
    if phrase.contains("kms") && figures::host_with_port(value, true).is_some() {
        let is_from_dns = phrase.contains("dns");
        return is_from_dns.then_some(F::DiscoveredHost).or(phrase.contains("登録").then_some(F::ConfiguredHost));
    }
    if phrase.contains("通知") && figures::code(value, true).is_some() {
        return Some(F::Reason);
    }
    if ["Volume:", "Retail", "OEM:"].iter().any(|start| value.starts_with(start)) {
        return Some(F::KeyChannel);
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
