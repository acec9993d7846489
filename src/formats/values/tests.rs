use super::*;
use jiff::Timestamp;
use proptest::prelude::*;

/// 3 December 2026, 04:01 UTC.
const NIGHT: &str = "2026-12-03T04:01:00Z";

#[test]
fn dates_are_read_in_every_way_that_means_the_same_everywhere() {
    for text in [
        "/Date(1796270460000)/",
        r"\/Date(1796270460000)\/",
        "/Date(1796270460000+0900)/",
        "/Date(1796270460000-0500)/",
        "2026-12-03T04:01:00Z",
        "2026-12-03T04:01:00.0000000Z",
        "2026-12-03T13:01:00+09:00",
        "2026-12-02 23:01:00-05:00",
        "20261203130100.000000+540",
        "20261203040100.000000+000",
        "20261202230100.000000-300",
    ] {
        let night: Timestamp = NIGHT.parse().unwrap();
        assert_eq!(moment::exact(text), Ok(Some(night)), "{text}");
        assert_eq!(moment::exact_or_utc(text), Ok(Some(night)), "{text}");
    }
}

#[test]
fn a_date_without_an_offset_is_utc_only_where_that_is_known() {
    for text in ["2026-12-03T04:01:00", "2026-12-03 04:01:00.000"] {
        assert!(moment::exact(text).is_err(), "{text}");
        assert_eq!(moment::exact_or_utc(text), Ok(Some(NIGHT.parse().unwrap())), "{text}");
    }
}

#[test]
fn a_year_long_past_or_far_ahead_means_that_there_is_no_date() {
    for text in [
        "/Date(-11644473600000)/",
        "/Date(253402300799999)/",
        "/Date(-62135596800000)/",
        "1601-01-01T00:00:00Z",
        "1600-12-31T15:00:00",
        "1900-01-01 00:00:00.000",
        "9999-12-31 23:59:59.997",
        "0001-01-01T00:00:00",
        "16010101000000.000000+000",
        "99991231235959.999999+000",
        "1/1/1601 12:00:00 AM",
        "31.12.1600 16:00:00",
    ] {
        assert_eq!(moment::exact_or_utc(text), Ok(None), "{text}");
    }
}

#[test]
fn what_means_another_day_elsewhere_is_no_date() {
    for text in [
        "12/3/2026 4:01:00 AM",
        "03.12.2026 04:01:00",
        "2026/12/03 4:01:00",
        "20261203040100.000000+***",
        "20261303040100.000000+000",
        "20261203040100,000000+000",
        "/Date()/",
        "/Date(12",
        "/Date(abc)/",
        "/Date(1796270460000+9)/",
        "/Date(1796270460000+\u{e4}\u{e4})/",
        "2026-13-03T04:01:00Z",
        "2026-12-03T04:0",
        "1990-01-01T00:00:00Z",
        "2300-01-01T00:00:00Z",
        "1796270460000",
        "20261203",
        "Thursday",
    ] {
        assert!(moment::exact_or_utc(text).is_err(), "{text}: {:?}", moment::exact_or_utc(text));
    }
}

#[test]
fn numbers_that_stand_for_nothing_say_nothing() {
    for (text, expected) in [
        ("0", Ok(Some(0))),
        ("4294967294", Ok(Some(4_294_967_294))),
        ("4294967295", Ok(None)),
        ("-1", Ok(None)),
        ("-2", Err(())),
        ("4294967296", Err(())),
        ("99999999999999999999999", Err(())),
        ("1.5", Err(())),
        ("1,000", Err(())),
        ("many", Err(())),
    ] {
        assert_eq!(number(text).map_err(|_| ()), expected, "{text}");
    }
    assert_eq!(positive("0"), Ok(None));
    assert_eq!([interval("10080"), interval("0"), interval("4294967295")], [Ok(Some(10_080)), Ok(None), Ok(None)]);
    assert!(interval("43201").is_err() && interval("14").is_err());
    assert_eq!([port("0"), port("1688")], [Ok(None), Ok(Some(1688))]);
    assert!(port("65536").is_err());
}

#[test]
fn quotes_and_space_around_a_value_are_not_part_of_it() {
    for (text, expected) in [
        (" \"12\" ", Some("12")),
        ("'12'", Some("12")),
        ("\"\"", None),
        ("\" \"", None),
        ("\"", Some("\"")),
        ("", None),
        (" ", None),
    ] {
        assert_eq!(bare(text), expected, "{text}");
    }
}

#[test]
fn codes_are_read_with_a_sign_without_and_in_hexadecimal() {
    for text in ["3221549076", "-1073418220", "0xC004F014", "0Xc004f014"] {
        assert_eq!(code(text), Ok(Some(Code(0xC004_F014))), "{text}");
    }
    for text in ["0", "4294967295", "-1", "0x0", "0xFFFFFFFF"] {
        assert_eq!(code(text), Ok(None), "{text}");
    }
    for text in ["4294967296", "-2147483649", "0x1C004F014", "0x", "0x+1", "0x-1", "C004F014", "error"] {
        assert!(code(text).is_err(), "{text}");
    }
}

#[test]
fn flags_are_words_or_numbers() {
    for (text, expected) in [("True", true), ("true", true), ("1", true), ("2", true), ("False", false), ("0", false)] {
        assert_eq!(flag(text), Ok(Some(expected)), "{text}");
    }
    assert_eq!(flag("4294967295"), Ok(None));
    assert!(flag("yes").is_err());
}

#[test]
fn a_guid_may_have_braces_and_capitals() {
    let windows = Ok(Some(crate::license::WINDOWS));
    for text in ["55c92734-d682-4d71-983e-d6ec3f16059f", "{55C92734-D682-4D71-983E-D6EC3F16059F}"] {
        assert_eq!(guid(text), windows, "{text}");
    }
    assert_eq!(guid("00000000-0000-0000-0000-000000000000"), Ok(None));
    assert!(guid("55c92734-d682-4d71-983e").is_err());
}

#[test]
fn a_status_has_a_number_and_several_names() {
    for (text, expected) in [
        ("1", LicenseStatus::Licensed),
        ("Licensed", LicenseStatus::Licensed),
        ("Out-of-Tolerance Grace", LicenseStatus::OotGrace),
        ("OOBGrace", LicenseStatus::OobGrace),
        ("Notification", LicenseStatus::Notification),
        ("6", LicenseStatus::ExtendedGrace),
    ] {
        assert_eq!(status(text), Ok(Some(expected)), "{text}");
    }
    assert_eq!([status("-1"), status("Unknown")], [Ok(None), Ok(None)]);
    assert!(status("7").is_err() && status("-2").is_err() && status("fine").is_err());
}

#[test]
fn minutes_are_read_by_status_and_channel() {
    let [client, mak] = ["VOLUME_KMSCLIENT", "VOLUME_MAK"].map(Channel::new);
    let licensed = Some(LicenseStatus::Licensed);
    let minutes = |minutes| Ok(Some(Remaining::Minutes(minutes)));
    assert_eq!(remaining(0, licensed, mak.as_ref()), Ok(Some(Remaining::Permanent)));
    assert_eq!(remaining(0, licensed, None), Ok(Some(Remaining::Permanent)));
    // What renews is never licensed without end.
    assert_eq!(remaining(0, licensed, client.as_ref()), Ok(None));
    assert_eq!(remaining(0, Some(LicenseStatus::Notification), mak.as_ref()), minutes(0));
    assert_eq!(remaining(0, None, mak.as_ref()), Ok(None));
    assert_eq!(remaining(VOLUME_VALIDITY, licensed, client.as_ref()), minutes(VOLUME_VALIDITY));
    assert!(remaining(VOLUME_VALIDITY + 1, licensed, client.as_ref()).is_err());
    assert_eq!(remaining(VOLUME_VALIDITY + 1, licensed, mak.as_ref()), minutes(VOLUME_VALIDITY + 1));
    assert!(remaining(MAX_MINUTES + 1, licensed, None).is_err());
}

#[test]
fn no_whole_key_comes_through_as_words_or_as_a_host() {
    for text in ["AAAAA-EEEEE-IIIII-OOOOO-UUUU5", "AAAAA\nEEEEE\r\nIIIII".replace("\r\n", "\n").as_str()] {
        assert!(host(text, 1688).is_err(), "{text}");
    }
    for text in ["AAAAA-EEEEE-IIIII-OOOOO-UUUU5", "AAAAA\nEEEEE\nIIIII\nOOOOO\nUUUU5"] {
        assert_eq!(words(text).as_deref(), Some("UUUU5"), "{text}");
    }
    let long = format!("{} AAAAA-EEEEE-IIIII-OOOOO-UUUU5", "x".repeat(175));
    assert!(!words(&long).unwrap().contains("AAAAA"));
}

proptest! {
    #[test]
    fn no_text_makes_any_reader_of_values_fail(text in ".{0,40}", digits in "[-+/0-9.:TZ() Date\\\\]{0,40}") {
        for text in [&text, &digits] {
            let _ = (bare(text), words(text), number(text), flag(text), code(text), guid(text), status(text));
            let _ = (partial_key(text), host(text, 1), port(text), is_local(text));
            let _ = (moment::exact(text), moment::exact_or_utc(text));
        }
    }
}

#[test]
fn a_machine_has_a_name_of_its_own() {
    let name = |text| machine(text).map(|name| name.map(|name| name.to_string()));
    for text in ["ws1", r"\\WS1", r"CORP\ws1", r"CORP\WS1$", "ws1$", " ws1. "] {
        assert_eq!(name(text), Ok(Some("ws1".to_owned())), "{text}");
    }
    for text in [".", "localhost", "127.0.0.1", "::1", r"\\."] {
        assert_eq!(name(text), Ok(None), "{text}");
    }
    for text in ["192.0.2.7", "2001:db8::1", r"\\192.0.2.7"] {
        assert_eq!(name(text), Err(ADDRESS), "{text}");
    }
    for text in ["bad name!", r"\\ws1\share", r"A\B\ws1", r"CORP\", "$", r"\ws1"] {
        assert!(name(text).is_err(), "{text}");
    }
}
