use super::super::parts::{read, recognizes};
use super::super::samples::{all, assert_no_part_says_more, assert_reads_everywhere, each_line, summary};
use super::*;
use crate::formats::effort::assert_takes_no_time;
use crate::license::Remaining;
use proptest::prelude::*;

macro_rules! samples {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("../samples/", $name, ".txt")))),*] };
}

const SAMPLES: [(&str, &str); 17] = samples![
    "en-dli-2008r2-kmshost",
    "en-dli-win7-kmsclient",
    "en-dlv-adba",
    "en-dlv-all",
    "en-dlv-avma",
    "en-dlv-evaluation",
    "en-dlv-graces",
    "en-dlv-kmsclient",
    "en-dlv-kmshost",
    "en-dlv-mak",
    "en-dlv-ws2019-kmsclient-notification",
    "en-xpr-fleet",
    "en-xpr-permanent",
    "en-xpr-volume",
    "ja-dli-ws-mak-licensed",
    "ja-dlv-kmsclient",
    "ja-xpr",
];

fn sample(name: &str) -> &'static str {
    SAMPLES.iter().find(|(known, _)| *known == name).unwrap().1
}

/// Reads a sample, of which every line is known.
#[track_caller]
fn assert_reads(name: &str, expected: &str) {
    let (reports, skipped) = all(read, sample(name));
    let lines = each_line(expected.trim(), |line| format!("{}\n", line.trim()));
    let found = each_line(&summary(&reports), |line| format!("{}\n", line.trim()));
    assert_eq!(found, lines, "{name}");
    assert_eq!(skipped.first, None, "{name}");
}

#[test]
fn clients_of_kms_hosts_are_read() {
    assert_reads(
        "en-dlv-kmsclient",
        "report slmgr version=10.0.20348.1 cmid=11111111-2222-4333-8444-555555555555 rearms=1001
         product=Windows(R), ServerStandard edition channel=VOLUME_KMSCLIENT sku=9bd77860 application=55c92734 \
         key=VDYBN status=1 remaining=253440 configured=kms01.corp.example:1689 discovered=kms02.corp.example:1688 \
         activation=120 renewal=10080 sku_rearms=1000 app_rearms=999",
    );
    assert_reads(
        "en-dli-win7-kmsclient",
        "report slmgr cmid=2ffcfc30-6a6a-49ec-92b8-f6150c7df211
         product=Windows(R) 7, Enterprise edition channel=VOLUME_KMSCLIENT application=55c92734 key=DVQ7P status=1 \
         remaining=243720 discovered=emeronb10-rc3.sppvltest.net:1688 activation=15 renewal=25",
    );
    assert_reads(
        "en-dlv-ws2019-kmsclient-notification",
        "report slmgr version=10.0.17763.2028 rearms=1001
         product=Windows(R), ServerStandard edition channel=VOLUME_KMSCLIENT sku=de32eafd application=55c92734 \
         key=J464C status=5 reason=0xC004F00F sku_rearms=1001",
    );
    assert_reads(
        "ja-dlv-kmsclient",
        "report slmgr version=10.0.20348.1 cmid=11111111-2222-4333-8444-555555555555 rearms=1001
         product=Windows(R), ServerStandard edition channel=VOLUME_KMSCLIENT sku=9bd77860 application=55c92734 \
         key=VDYBN status=1 remaining=253440 configured=kms01.corp.example:1689 discovered=kms02.corp.example:1688 \
         activation=120 renewal=10080",
    );
}

#[test]
fn kms_hosts_are_read() {
    assert_reads(
        "en-dlv-kmshost",
        "report slmgr version=10.0.20348.1 rearms=1001
         host port=Some(1690) dns=Some(false)
         windows count=Some(50) requests=Some(123456) failed=Some(21) \
         by_status=[Some(0), Some(120000), Some(3000), Some(400), Some(5), None, None]
         product=Windows(R), ServerDatacenter edition channel=VOLUME_KMS_WS22 sku=22222222 application=55c92734 \
         key=H0ST5 status=1 remaining=permanent sku_rearms=1001",
    );
    assert_reads(
        "en-dli-2008r2-kmshost",
        "report slmgr
         host port=Some(1688) dns=Some(true)
         windows count=Some(2) requests=Some(826) failed=Some(0) \
         by_status=[Some(0), Some(826), Some(0), Some(0), Some(0), Some(0), None]
         product=Windows Server(R), ServerEnterprise edition channel=VOLUME_KMS_C application=55c92734 key=PYWKV \
         status=1 remaining=permanent",
    );
}

#[test]
fn each_key_of_a_host_counts_for_its_application() {
    let windows = sample("en-dlv-kmshost");
    let (_, key) = windows.split_once("\nName: ").unwrap();
    let office = key
        .replace("Windows(R), ServerDatacenter edition", "Office 21, Office21KMSHostVL_KMS_Host edition")
        .replace("55c92734-d682-4d71-983e-d6ec3f16059f", "0ff1ce15-a989-479d-af46-f275c6370663")
        .replace("22222222-2222-4222-8222-222222222222", "33333333-2222-4222-8222-222222222222")
        .replace("Current count: 50", "Current count: 3");
    let second = office.replace("0ff1ce15", "59a52881").replace("33333333", "44444444").replace("count: 3", "count: 4");
    for text in [format!("{windows}\nName: {office}\nName: {second}"), {
        let (head, _) = windows.split_once("\nName: ").unwrap();
        format!("{head}\nName: {second}\nName: {office}\nName: {key}")
    }] {
        let (reports, _) = all(read, &text);
        let counts = reports[0].kms_host.as_ref().unwrap();
        let sku = |digit: &str| "22222222-2222-4222-8222-222222222222".replacen("22222222", &digit.repeat(8), 1);
        let of = |application, digit| HostKey { application, sku: Some(sku(digit).parse().unwrap()) };
        let keys = [(Application::Windows, "2"), (Application::Office, "3"), (Application::Office2010, "4")];
        let current = keys.map(|(application, digit)| counts.count_of(of(application, digit)).current);
        assert_eq!((reports.len(), current), (1, [Some(50), Some(3), Some(4)]), "{text}");
    }
}

#[test]
fn two_keys_for_one_application_count_apart() {
    let windows = sample("en-dlv-kmshost");
    let (head, key) = windows.split_once("\nName: ").unwrap();
    let office = |version: &str, digit: &str, count: &str| {
        key.replace(
            "Windows(R), ServerDatacenter edition",
            &format!("Office {version}, Office{version}KMSHostVL_KMS_Host edition"),
        )
        .replace("55c92734-d682-4d71-983e-d6ec3f16059f", "0ff1ce15-a989-479d-af46-f275c6370663")
        .replace("22222222-2222", &format!("{}-2222", digit.repeat(8)))
        .replace("Current count: 50", &format!("Current count: {count}"))
    };
    let (old, new) = (office("16", "3", "50"), office("21", "4", "4"));
    let expected = [("3", Some(50)), ("4", Some(4))].map(|(digit, current)| {
        let sku = format!("{}-2222-4222-8222-222222222222", digit.repeat(8)).parse().unwrap();
        (HostKey { application: Application::Office, sku: Some(sku) }, current)
    });
    for text in [format!("{head}\nName: {old}\nName: {new}"), format!("{head}\nName: {new}\nName: {old}")] {
        let (reports, _) = all(read, &text);
        let counts = &reports[0].kms_host.as_ref().unwrap().counts;
        let current: Vec<_> = counts.iter().map(|(key, counts)| (*key, counts.current)).collect();
        assert_eq!((reports.len(), current), (1, expected.to_vec()), "{text}");
    }
}

#[test]
fn activation_in_other_ways_is_read() {
    assert_reads(
        "en-dlv-mak",
        "report slmgr version=10.0.19041.1 rearms=1000
         product=Windows(R), Enterprise edition channel=VOLUME_MAK sku=33333333 application=55c92734 key=MAK55 \
         status=1 remaining=permanent sku_rearms=1000",
    );
    assert_reads(
        "ja-dli-ws-mak-licensed",
        "report slmgr
         product=Windows(R), ServerDatacenter edition channel=VOLUME_MAK application=55c92734 key=XXXXX status=1 \
         remaining=permanent",
    );
    assert_reads(
        "en-dlv-evaluation",
        "report slmgr version=10.0.20348.1 rearms=5
         product=Windows(R), ServerStandardEval edition channel=TIMEBASED_EVAL sku=44444444 application=55c92734 \
         key=EVAL5 status=1 remaining=244799 sku_rearms=5",
    );
    assert_reads(
        "en-dlv-avma",
        "report slmgr version=10.0.20348.1 rearms=1001
         product=Windows(R), ServerDatacenter edition channel=VIRTUAL_MACHINE_ACTIVATION sku=55555555 \
         application=55c92734 key=AVMA5 status=1 remaining=9860 sku_rearms=1001",
    );
    assert_reads(
        "en-dlv-adba",
        "report slmgr version=10.0.19041.1 rearms=1001
         product=Windows(R), Enterprise edition channel=VOLUME_KMSCLIENT sku=73111121 application=55c92734 key=2YT43 \
         status=1 remaining=259199 sku_rearms=1001",
    );
}

#[test]
fn several_machines_are_several_reports() {
    let license = "product=Windows(R), Enterprise edition channel=VOLUME_KMSCLIENT sku=73111121 application=55c92734 \
                   key=2YT43";
    let reports: String = [("1", "2", "7200"), ("2", "3", "43199"), ("3", "6", "1440"), ("4", "4", "20160")]
        .map(|(rearms, status, minutes)| {
            format!(
                "report slmgr machine=ws000{rearms} version=10.0.19041.1 rearms={rearms}\n\
                 {license} status={status} remaining={minutes} sku_rearms=1001\n"
            )
        })
        .concat();
    assert_reads("en-dlv-graces", &reports);
}

#[test]
fn japanese_statuses_are_read_as_far_as_they_are_known() {
    let japanese = sample("ja-dlv-kmsclient");
    let with = |status: &str| {
        let (reports, skipped) = all(read, &japanese.replace("ライセンスされています", status));
        (reports[0].licenses[0].status.map(LicenseStatus::number), skipped.first)
    };
    for (word, number) in [
        ("通知", 5),
        ("ライセンスなし", 0),
        ("ライセンスされていません", 0),
        ("ライセンス未付与", 0),
        ("初期猶予期間", 2),
        ("追加の猶予期間 (KMS のライセンスの有効期限切れ)", 3),
        ("非正規の猶予期間", 4),
        ("延長猶予期間", 6),
        ("新しい言葉\n通知の理由: 0xC004F056", 5),
    ] {
        assert_eq!(with(word).0, Some(number), "{word}");
    }
    let (status, first) = with("新しい言葉");
    assert_eq!(status, None);
    assert!(first.unwrap().ends_with("this is not what belongs here: ライセンスの状態: 新しい言葉"));
    let (_, skipped) =
        all(read, &japanese.replace("説明:", "無害な行: x\n\n説明:").replace("ライセンスされています", "?"));
    assert!(skipped.first.unwrap().contains("ライセンスの状態: ?"), "what matters is reported first");
}

#[test]
fn all_products_of_a_machine_are_one_report_without_those_it_does_not_use() {
    assert_reads(
        "en-dlv-all",
        "report slmgr version=10.0.19041.1 cmid=11111111-2222-4333-8444-555555555555 rearms=1001
         product=Windows(R), Enterprise edition channel=VOLUME_KMSCLIENT sku=73111121 application=55c92734 key=2YT43 \
         status=1 remaining=200000 activation=120 renewal=10080 sku_rearms=1001
         product=Office 16, Office16ProPlusVL_MAK edition channel=VOLUME_MAK sku=99999999 application=0ff1ce15 \
         key=OFF16 status=5 reason=0xC004F009 sku_rearms=5 app_rearms=4",
    );
}

#[test]
fn days_in_the_format_of_a_country_are_not_believed() {
    assert_reads(
        "en-xpr-permanent",
        "report slmgr\nproduct=Windows(R), Professional edition application=55c92734 status=1 remaining=permanent",
    );
    assert_reads(
        "en-xpr-volume",
        "report slmgr\nproduct=Windows(R), Professional edition application=55c92734 status=1",
    );
    assert_reads(
        "en-xpr-fleet",
        "report slmgr machine=ws0001\nproduct=Windows(R), Enterprise edition application=55c92734 status=2
         report slmgr machine=ws0002\nproduct=Windows(R), ServerStandard edition application=55c92734 status=5
         report slmgr machine=ws0003\nproduct=Windows(R), ServerStandardEval edition application=55c92734 status=1
         report slmgr machine=ws0004\nproduct=Windows(R), Professional edition application=55c92734 status=0
         report slmgr machine=ws0005\nproduct=Windows(R), ServerDatacenter edition application=55c92734 status=1",
    );
    assert_reads(
        "ja-xpr",
        "report slmgr machine=ws0001\nproduct=Windows(R), Professional edition application=55c92734 status=1 \
         remaining=permanent
         report slmgr machine=ws0002\nproduct=Windows(R), ServerStandard edition application=55c92734 status=5",
    );
}

#[test]
fn every_sample_reads_the_same_however_it_was_copied() {
    for (_, text) in SAMPLES {
        assert_reads_everywhere(read, recognizes, text);
    }
}

#[test]
fn no_part_of_a_sample_says_what_the_whole_does_not() {
    for (_, text) in SAMPLES {
        assert_no_part_says_more(read, text);
    }
}

/// One license of a KMS client with one line changed.
fn with(line: &str) -> (License, Skipped) {
    let text = format!(
        "Name: Windows(R), Enterprise edition\nDescription: Windows(R), VOLUME_KMSCLIENT channel\n\
         Partial Product Key: 2YT43\nLicense Status: Licensed\n{line}\nTrusted time: 5/7/2026 9:13:33 AM\n"
    );
    let (mut reports, skipped) = all(read, &text);
    (reports.remove(0).licenses.remove(0), skipped)
}

use super::super::Skipped;

#[test]
fn figures_that_cannot_be_are_counted_and_not_believed() {
    for line in [
        "Volume activation expiration: 243720 minute(s) (16 day(s))",
        "Volume activation expiration: 300000 minute(s) (208 day(s))",
        "Volume activation expiration: -15 minute(s) (0 day(s))",
        "Volume activation expiration: 24,37 minute(s)",
        "Volume activation expiration: soon",
        "Activation interval: 5 minutes",
        "Renewal interval: 50000 minutes",
        "Remaining SKU rearm count: -1",
        "Notification Reason: 0xC004F00F1",
        "Registered KMS machine name: kms01:70000",
        "Registered KMS machine name: kms_/01:1688",
        "Activation ID: 9bd77860",
        "License of something: else",
    ] {
        let (license, skipped) = with(line);
        let expected = with("").0;
        assert_eq!((license, skipped.count), (expected, 1), "{line}");
        assert!(skipped.first.unwrap().starts_with("line 5: "));
    }
}

#[test]
fn separators_of_countries_are_read() {
    for line in ["243,720 minute(s) (169 day(s))", "243.720 minute(s) (169 day(s))", "243\u{a0}720 minute(s)"] {
        let (license, skipped) = with(&format!("Volume activation expiration: {line}"));
        assert_eq!((license.remaining, skipped.count), (Some(Remaining::Minutes(243_720)), 0), "{line}");
    }
    let (license, skipped) = with("Remaining SKU rearm count: 4294967295");
    assert_eq!((license.remaining_sku_rearms, skipped.count), (None, 0));
}

#[test]
fn an_end_that_is_not_believed_makes_no_license_permanent() {
    let text = sample("en-dlv-mak").replace("Remaining SKU", "Volume activation expiration: 5 minute(s) (9 day(s))\nX");
    assert_eq!(all(read, &text).0[0].licenses[0].remaining, None);
}

#[test]
fn a_status_in_words_that_are_not_known_is_not_guessed() {
    for status in ["Unknown", "Licensed until further notice", "Freigegeben"] {
        let text = sample("en-dlv-mak").replace("Licensed", status);
        let (reports, skipped) = all(read, &text);
        assert_eq!((reports[0].licenses[0].status, reports[0].licenses[0].remaining), (None, None), "{status}");
        assert_eq!(skipped.count, 1);
    }
}

#[test]
fn japanese_is_read_with_wide_colons_and_without_blanks() {
    let text = sample("ja-dlv-kmsclient").replace(": ", "\u{ff1a}").replace("キーの", "キー の");
    assert_eq!(summary(&all(read, &text).0), summary(&all(read, sample("ja-dlv-kmsclient")).0));
}

#[test]
fn no_whole_key_comes_through() {
    let text = sample("en-dlv-mak")
        .replace("Enterprise edition", "AAAAA-EEEEE-IIIII-OOOOO-UUUU5")
        .replace("MAK55", "AAAAA-EEEEE-IIIII-OOOOO-UUUU5")
        .replace("Trusted", "Nonsense AAAAA-EEEEE-IIIII-OOOOO-UUUU5");
    let (reports, skipped) = all(read, &text);
    let shown = format!("{reports:?} {skipped:?}");
    assert!(!shown.contains("EEEEE"), "{shown}");
    assert_eq!(reports[0].licenses[0].partial_product_key.unwrap().as_str(), "UUUU5");
}

#[test]
fn other_texts_are_not_taken_for_it() {
    for text in ["", "Name: x\nDescription: y\n", "{\"Name\": \"x\",\n\"License Status\": 1}"] {
        assert!(!recognizes(text), "{text}");
    }
}

#[test]
fn what_another_script_printed_is_read_as_its_own() {
    let (slmgr, ospp) = (sample("en-dlv-mak"), include_str!("../samples/ospp-dstatus-kmsclients.txt"));
    let [by_slmgr, by_ospp] = [slmgr, ospp].map(|text| summary(&all(read, text).0));
    for (text, expected) in [([slmgr, ospp], [&by_slmgr, &by_ospp]), ([ospp, slmgr], [&by_ospp, &by_slmgr])] {
        let (reports, skipped) = all(read, &text.concat());
        assert_eq!(summary(&reports), format!("{}{}", expected[0], expected[1]));
        assert_eq!(skipped.first, None);
    }
}

#[test]
fn licenses_are_bounded() {
    let license = |number| format!("Name: Office {number}\nPartial Product Key: 2YT43\n");
    let (reports, skipped) = all(read, &(0..MAX_LICENSES + 5).map(license).collect::<String>());
    assert_eq!((reports[0].licenses.len(), skipped.count), (MAX_LICENSES, 5));
}

#[test]
fn long_lines_and_many_lines_take_no_time() {
    assert_takes_no_time(|| {
        for text in
            ["Name: x".repeat(1_500_000), "\r\n".repeat(500_000), "Requests with License Status\n".repeat(5_000)]
        {
            assert!(all(read, &text).0.is_empty());
        }
    });
}

fn any_lines() -> impl Strategy<Value = String> {
    let pieces: Vec<String> = PHRASES
        .iter()
        .copied()
        .flatten()
        .map(|(phrase, _)| (*phrase).to_owned())
        .chain(SAMPLES.map(|(_, text)| text.to_owned()))
        .collect();
    let piece = prop_oneof![4 => proptest::sample::select(pieces), 2 => ".{0,40}", 1 => "[ \r\n0-9:(]{0,9}"];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any_lines(), noise in any::<String>()) {
        for text in [text, noise] {
            recognizes(&text);
            for report in all(read, &text).0 {
                prop_assert!(report.licenses.len() <= MAX_LICENSES);
            }
        }
    }
}

/// `/dlv` of Windows 11 with a subscription in this state, to this edition.
fn with_subscription(edition: &str, state: &str) -> String {
    include_str!("../samples/slmgr-en-dlv-subscription.txt")
        .replace("status: Active", &format!("status: {state}"))
        .replace(
            "Subscription edition: Windows(R), Enterprise",
            &format!("Subscription edition: Windows(R), {edition}"),
        )
}

fn statuses(text: &str) -> Vec<(String, Option<u8>, bool)> {
    let (reports, _) = all(read, text);
    let licenses = reports.into_iter().flat_map(|report| report.licenses);
    let figures = |license: License| {
        let status = license.status.map(LicenseStatus::number);
        (license.product.unwrap(), status, license.evaluation_end.is_some())
    };
    licenses.map(figures).collect()
}

#[test]
fn a_subscription_that_expired_is_lost_and_one_to_another_edition_is_a_license_of_its_own() {
    let enterprise = || "Windows(R), Enterprise edition".to_owned();
    let education = || "Windows(R), Education edition".to_owned();
    for (state, status) in [("Active", 1), ("Expired", 0), ("Not active", 1), ("Disabled", 1)] {
        assert_eq!(statuses(&with_subscription("Enterprise", state)), [(enterprise(), Some(status), false)], "{state}");
    }
    for (state, step_up) in
        [("Active", Some(Some(1))), ("Expired", Some(Some(0))), ("Disabled", None), ("?", Some(None))]
    {
        let expected: Vec<_> = [(enterprise(), Some(1), false)]
            .into_iter()
            .chain(step_up.map(|status| (education(), status, true)))
            .collect();
        assert_eq!(statuses(&with_subscription("Education", state)), expected, "{state}");
    }
}
