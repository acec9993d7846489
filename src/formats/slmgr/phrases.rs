//! What the lines of `slmgr` begin with, in English and Japanese, and what each says.
//!
//! Sourced are the English phrases from the script itself, and seven Japanese ones from published output: the name, the
//! description, the partial key, the status with its word for licensed, and two of `/xpr` with the rearms left. The
//! spacing of the Japanese ones is unsure, which does not matter, since phrases are compared without blanks. Under
//! "tolerance" below is what no source has but output is known to hold; [`untranslated`] goes by what no translation
//! touches, and [`languages`] has what is sourced of others.

use super::super::figures;
use super::super::folding::fold;
use super::super::lines::{Phrase, phrase_of};
use super::super::machine_names::is_name;
use super::super::tool::Claim;
use super::field::{End, Field};
use super::{languages, untranslated};
use crate::license::LicenseStatus;

use Field as F;
use LicenseStatus as S;

/// Every phrase.
pub(super) const PHRASES: &[&[Phrase<Field>]] = &[ENGLISH, JAPANESE, languages::CHINESE, languages::OTHERS];

const ENGLISH: &[Phrase<Field>] = &[
    ("Software licensing service version:", F::ServiceVersion),
    ("Name:", F::Name),
    ("Description:", F::Description),
    ("Activation ID:", F::ActivationId),
    ("Application ID:", F::ApplicationId),
    ("Extended PID:", F::Known),
    ("Product Key Channel:", F::KeyChannel),
    ("Installation ID:", F::InstallationId),
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
    ("Registered KMS machine name: KMS name not available", F::Known),
    ("Registered KMS SRV record lookup domain:", F::Known),
    ("DNS auto-discovery: KMS name not available", F::Known),
    ("KMS machine name from DNS:", F::DiscoveredHost),
    ("KMS machine IP address:", F::Known),
    ("KMS machine extended PID:", F::Known),
    ("Activation interval:", F::ActivationInterval),
    ("Renewal interval:", F::RenewalInterval),
    ("KMS host caching is", F::Known),
    // What scripts print in its place that ask WMI the same.
    ("KMS host caching:", F::Known),
    ("The product is permanently activated", F::Known),
    ("Activation Expiration Date:", F::Known),
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
    ("AO DN:", F::ByDomain),
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
    // `/ato`
    ("Activating", F::Activating),
    ("Product activated successfully", F::Activated),
    ("Error:", F::LastError),
    // Windows 11
    ("Subscription edition:", F::SubscriptionEdition),
    ("Subscription type:", F::SubscriptionType),
    ("Subscription status:", F::SubscriptionStatus),
    ("Subscription expiry:", F::SubscriptionExpiry),
    // Tolerance
    ("Use License URL:", F::Known),
    ("Validation URL:", F::Known),
    ("Processor Certificate URL:", F::Known),
    ("Machine Certificate URL:", F::Known),
    ("Product Key Certificate URL:", F::Known),
    ("PRODUCT ID:", F::Foreign),
    ("LICENSE NAME:", F::Foreign),
    ("---Processing--", F::Foreign),
];

const JAPANESE: &[Phrase<Field>] = &[
    ("名前:", F::Name),
    ("説明:", F::Description),
    ("プロダクト キーの一部:", F::PartialKey),
    ("ライセンスの状態:", F::Status),
    ("ライセンスの状態: ライセンスされています", F::StatusIs(S::Licensed)),
    ("コンピューターのライセンス認証は完了しました", F::Expiry(S::Licensed, End::Never)),
    ("Windowsは通知モードです", F::Expiry(S::Notification, End::None)),
    ("残りのWindows猶予期限リセット可能回数:", F::WindowsRearms),
    // Tolerance
    ("ライセンス状態:", F::Status),
    ("残りのSKU猶予期限リセット可能回数:", F::SkuRearms),
    ("残りのアプリ猶予期限リセット可能回数:", F::AppRearms),
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
    let word = text.trim_end_matches(['.', '\u{3002}']);
    if matches!(word, "licensed" | "ライセンスされています") || languages::LICENSED.contains(&word) {
        return Some(S::Licensed);
    }
    starts
        .into_iter()
        .chain(japanese)
        .chain(languages::STATUSES)
        .find(|(start, _)| text.starts_with(start))
        .map(|(_, status)| status)
}

/// What a line is to this format.
pub(super) fn claim(line: &str) -> Claim {
    // WMI's own names for the same have no blanks in them, and capitals.
    let label = line.split([':', '=']).next().unwrap_or_default().trim_end();
    let capitals = label.bytes().filter(u8::is_ascii_uppercase).count();
    if label.len() < line.len() && capitals > 1 && label.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Claim::No;
    }
    let Some((field, rest)) = PHRASES.iter().find_map(|phrases| phrase_of(line, phrases)) else {
        return untranslated::claim(line);
    };
    match field {
        F::Foreign => Claim::No,
        F::Status if rest.trim_start().starts_with("---") => Claim::No,
        // A script's own line with the name of the machine.
        F::Name | F::ForeignName if is_name(rest.trim()) => Claim::No,
        F::LastError => {
            if figures::code(rest, true).is_some() {
                Claim::Shared
            } else {
                Claim::No
            }
        }
        F::Activating => {
            if untranslated::attempt(line).is_some() {
                Claim::First
            } else {
                Claim::No
            }
        }
        F::ForeignName | F::ServiceVersion => Claim::First,
        F::Name | F::Description | F::Expiry(S::Unlicensed, _) => Claim::Shared,
        _ => Claim::Own,
    }
}

/// A heading of `/xpr` and what is below it, where both are on one line.
pub(super) fn glued(line: &str) -> Option<(&str, LicenseStatus, End)> {
    let (heading, rest) = line.split_once("edition")?;
    let rest = rest.trim_start().trim_start_matches([':', '\u{ff1a}']);
    let heading = line.get(..line.len() - rest.len()).filter(|it| it.len() > heading.len() + "edition".len())?;
    let said = PHRASES.iter().find_map(|phrases| phrase_of(rest, phrases))?;
    match said.0 {
        F::Expiry(status, end) => Some((heading, status, end)),
        _ => None,
    }
}
