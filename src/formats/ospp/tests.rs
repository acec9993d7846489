use super::super::parts::{read, recognizes};
use super::super::samples::{all, assert_no_part_says_more, assert_reads_everywhere, each_line, summary};
use super::*;
use proptest::prelude::*;

const GRACE: &str = include_str!("../samples/ospp-dstatus-office2019-oobgrace.txt");
const CLIENTS: &str = include_str!("../samples/ospp-dstatus-kmsclients.txt");
const ALL: &str = include_str!("../samples/ospp-dstatusall.txt");

#[track_caller]
fn assert_reads(text: &str, expected: &str) {
    let (reports, skipped) = all(read, text);
    let lines = each_line(expected.trim(), |line| format!("{}\n", line.trim()));
    let found = each_line(&summary(&reports), |line| format!("{}\n", line.trim()));
    assert_eq!(found, lines);
    assert_eq!(skipped.first, None);
}

#[test]
fn a_grace_period_is_read() {
    assert_reads(
        GRACE,
        "report ospp
         product=Office 19, Office19ProPlus2019R_Grace edition channel=RETAIL(Grace) sku=52c4d79f \
         application=0ff1ce15 key=8MBCX status=2 reason=0x4004F00C remaining=7195",
    );
}

#[test]
fn several_products_are_read_and_an_informational_code_is_no_error() {
    assert_reads(
        CLIENTS,
        "report ospp
         product=Office 16, Office16VisioProVL_KMS_Client edition channel=VOLUME_KMSCLIENT sku=6bf301c1 \
         application=0ff1ce15 key=RHGTX status=1 reason=0x4004F040 remaining=249090 \
         configured=kms01.corp.example:1689 activation=120 renewal=10080
         product=Office 14, OfficeProPlus-MAK edition channel=RETAIL(MAK) sku=bbbbbbbb application=59a52881 key=MAK14 \
         status=1 remaining=permanent
         product=Office 16, Office16ProPlusVL_KMS_Client edition channel=VOLUME_KMSCLIENT sku=cccccccc \
         application=0ff1ce15 key=WFG99 status=5 reason=0xC004F009 discovered=kms02.corp.example:1688 activation=120 \
         renewal=10080",
    );
}

#[test]
fn licenses_without_a_key_are_left_out_and_each_machine_is_a_report() {
    assert_reads(
        ALL,
        "report ospp machine=ws0001
         product=Office 15, OfficeStandardVL_MAK edition channel=RETAIL sku=eeeeeeee application=0ff1ce15 key=STD15 \
         status=6 remaining=2880
         product=Office 16, Office16StandardVL_MAK edition channel=VOLUME_MAK sku=ffffffff application=0ff1ce15 \
         key=STD16 status=4
         report ospp machine=ws0002
         product=Office 15, OfficeStandardVL_MAK edition channel=RETAIL sku=eeeeeeee application=0ff1ce15 key=STD15 \
         status=3 remaining=43199",
    );
}

#[test]
fn every_sample_reads_the_same_however_it_was_copied() {
    for text in [GRACE, CLIENTS, ALL] {
        assert_reads_everywhere(read, recognizes, text);
        assert_eq!(summary(&all(read, &text.to_lowercase()).0).len(), summary(&all(read, text).0).len());
    }
}

#[test]
fn no_part_of_a_sample_says_what_the_whole_does_not() {
    for text in [GRACE, CLIENTS, ALL] {
        assert_no_part_says_more(read, text);
    }
}

#[test]
fn blocks_are_distinguished_without_their_rules() {
    let without_rules =
        each_line(CLIENTS, |line| if line.starts_with("------") { String::new() } else { format!("{line}\n") });
    assert_eq!(summary(&all(read, &without_rules).0), summary(&all(read, CLIENTS).0));
}

#[test]
fn every_status_is_read_and_no_other() {
    for (word, number) in [
        ("UNLICENSED", 0),
        ("LICENSED", 1),
        ("OOB_GRACE", 2),
        ("OOT_GRACE", 3),
        ("NON-GENUINE GRACE", 4),
        ("NON_GENUINE_GRACE", 4),
        ("NOTIFICATIONS", 5),
        ("EXTENDED GRACE", 6),
    ] {
        assert_eq!(status(&format!(" ---{word}--- ")).map(LicenseStatus::number), Some(number), "{word}");
    }
    for text in ["LICENSED", "---LICENSED", "---EXTENDED---", "------", "---NEW---"] {
        assert_eq!(status(text), None, "{text}");
    }
}

#[test]
fn figures_that_cannot_be_are_counted_and_not_believed() {
    let expected =
        summary(&all(read, &GRACE.replace("REMAINING GRACE: 4 days  (7195 minute(s) before expiring)\n", "")).0);
    for grace in ["400 days  (7195 minute(s) before expiring)", "-4 days  (-7195 minute(s) before expiring)", "later"] {
        let text = GRACE.replace("4 days  (7195 minute(s) before expiring)", grace);
        let (reports, skipped) = all(read, &text);
        assert_eq!((summary(&reports), skipped.count), (expected.clone(), 1), "{grace}");
    }
}

#[test]
fn what_another_script_printed_is_not_taken_for_the_last_license() {
    let other = include_str!("../samples/en-dlv-kmsclient.txt");
    let (reports, skipped) = all(read, &[CLIENTS, other].concat());
    assert_eq!(summary(&reports), [CLIENTS, other].map(|text| summary(&all(read, text).0)).concat());
    assert_eq!(skipped.first, None);
}

#[test]
fn other_texts_are_not_taken_for_it() {
    for text in ["", "---\n", "[{\"LICENSE NAME:\": 1}]"] {
        assert!(!recognizes(text), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        pieces in proptest::collection::vec(
            prop_oneof![
                4 => proptest::sample::select(PHRASES.iter().copied().flatten().map(|(phrase, _)| (*phrase).to_owned()).collect::<Vec<_>>()),
                2 => ".{0,40}",
                1 => "[ \r\n0-9:(-]{0,9}",
            ],
            0..20,
        ),
        noise in any::<String>(),
    ) {
        for text in [pieces.concat(), noise] {
            recognizes(&text);
            all(read, &text);
        }
    }
}
