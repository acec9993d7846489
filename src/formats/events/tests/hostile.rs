//! What is cut off, garbled, huge, or meant to do harm.

use super::*;
use proptest::prelude::*;

const KEY: &str = "AAAAA-EEEEE-IIIII-OOOOO-UUUU5";

/// Each event of a sample alone, as XML.
fn alone(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive("</Event>").filter_map(|event| event.get(event.find("<Event ")?..))
}

#[test]
fn xml_cut_anywhere_gives_what_its_events_give_and_says_that_it_is_cut() {
    for text in [HOST_WEVTUTIL, HOST_VIEWER, CLIENT_WEVTUTIL] {
        let mut known = of_xml(text).reports;
        known.extend(alone(text).flat_map(|event| of_xml(event).reports));
        let is_rooted = text.contains("<Events>");
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let cut = &text[..end];
            let outcome = of_xml(cut);
            assert_eq!(outcome.skipped, Skipped::default(), "{cut}");
            for report in outcome.reports {
                assert!(known.contains(&report), "{report:?}");
            }
            let is_between = cut.trim_end().ends_with("</Event>") && !is_rooted;
            let is_before =
                cut.trim().is_empty() || cut.ends_with("?>") || cut.ends_with("?>\r") || cut.ends_with("?>\r\n");
            match outcome.result {
                Ok(()) => assert!(is_between || is_before || cut.trim_end().ends_with("</Events>"), "{cut}"),
                Err(FormatError::Malformed { detail, .. }) => assert_eq!(detail, "it ends in the middle", "{cut}"),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn what_is_cut_says_in_which_event() {
    let outcome = of_xml(&HOST_WEVTUTIL[..HOST_WEVTUTIL.len() - 20]);
    assert_eq!(outcome.reports.len(), 4);
    assert_eq!(outcome.result.unwrap_err().to_string(), "event 5: it ends in the middle");
    let outcome = of_xml(&HOST_WEVTUTIL.replacen("</System>", "</Wrong>", 4).replacen("</Wrong>", "</System>", 3));
    assert_eq!(outcome.result.unwrap_err().to_string(), "event 4: the tags do not match");
    assert_eq!(outcome.reports.len(), 3);
}

#[test]
fn entities_are_left_out_unless_xml_itself_defines_them() {
    let bomb = "<!DOCTYPE Events [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>\
        <!ENTITY file SYSTEM 'file:///etc/passwd'>]>";
    let data = format!("&b;&file;&#0;&#x110000;&#48;x0,25,ws&unknown;&b;1,{CMID},2026/11/24 9:00,0,1,5,{WINDOWS_SKU}");
    let text = event(12290, "2026-11-24T09:00:00Z", "kms01", &[&data, "&lt;&amp; &"]);
    let outcome = of_xml(&format!("{bomb}<Events>{text}</Events>"));
    assert_eq!((outcome.result, outcome.skipped), (Ok(()), Skipped::default()));
    assert_eq!(outcome.reports[0].machine.as_ref().unwrap().as_str(), "ws1");
}

#[test]
fn a_whole_product_key_never_comes_out() {
    let args = format!("AppId={KEY};SkuId={WINDOWS_SKU};hr=0xC004F074;PartialProductKey={KEY};ProductKeyType={KEY}");
    let mut text = String::new();
    for computer in ["ws1", KEY] {
        for id in [12288, 12289, 12290, 8198, 8230] {
            for data in [
                KEY,
                &args,
                &format!("0x0,25,{KEY},{CMID},2026/11/24 9:00,0,1,5,{WINDOWS_SKU}"),
                &format!("0x0,{KEY},ws1,{CMID},{KEY},0,{KEY},{KEY},{WINDOWS_SKU},{KEY}"),
                &format!("0x0,0x0,{KEY},{CMID},2026/11/24 9:00,0,1,{KEY},{WINDOWS_SKU},{KEY}"),
                &format!("0x0,0x0,1,0,5,120,10080,{KEY}"),
                &format!("0x0,0x0,\u{ff21}AAAA-EEEEE-IIIII-OOOOO-UUUU5:1688,{CMID},,0,1,5,{WINDOWS_SKU},5")
                    .replace(",,", ",2026/11/24 9:00,"),
            ] {
                text += &event(id, "2026-11-24T09:00:00Z", computer, &[data]);
            }
        }
    }
    let whole = of_xml(&text);
    assert!(whole.reports.len() > 2);
    let mut outcomes: Vec<_> = alone(&text).map(of_xml).collect();
    outcomes.push(whole);
    for outcome in outcomes {
        let shown = format!("{outcome:?}").to_lowercase();
        assert!(!shown.contains("aaaaa-eeeee"), "{shown}");
    }
    let json = serde_json::json!({"EventID": 12290, "Computer": KEY, "Message": format!("x {KEY}")});
    assert!(!format!("{:?}", of_json(&json.to_string())).contains("EEEEE"));
}

#[test]
fn ten_megabytes_in_one_line_are_no_trouble() {
    let one = event(
        12290,
        "2026-11-24T09:00:00Z",
        "kms01",
        &[&format!("0x0,25,ws1,{CMID},2026/11/24 9:00,0,1,5,{WINDOWS_SKU}")],
    );
    let many = one.trim_end().repeat(10_000_000 / one.len());
    assert_eq!(of_xml(&many).reports.len(), 2);

    let long = "x,".repeat(5_000_000);
    for text in [
        event(12290, "", "kms01", &[&long]),
        event(12290, "", &long, &["x"]),
        event(8230, &long, "ws1", &["a="]),
        format!("<Events>{long}{one}</Events>"),
        format!("<Events a='{long}'>{one}</Events>"),
        format!("<!-- {long} -->{one}"),
    ] {
        assert!(recognizes_xml(&text));
        let outcome = of_xml(&text);
        assert_eq!(outcome.result, Ok(()));
        assert!(outcome.reports.len() == 2 || outcome.skipped.count > 0);
        assert!(outcome.skipped.first.is_none_or(|first| first.len() < 400));
    }
    let (deep, events) = ("<a>".repeat(1_600_000), "<Event>".repeat(600_000));
    for text in [format!("<Event>{deep}{events}"), format!("<Events>{deep}{events}")] {
        assert!(of_xml(&text).result.is_err());
    }

    let json =
        serde_json::json!({"EventID": 12290, "Computer": "kms01", "Message": long, "Data": [long, {"Value": long}]});
    let outcome = of_json(&json.to_string());
    assert_eq!((outcome.reports.len(), outcome.skipped.count), (0, 1));
}

#[test]
fn requests_and_answers_without_end_at_the_same_time_take_no_time_without_end() {
    let request =
        event(12288, "2026-11-24T09:00:00Z", "ws1", &[&format!("0x0,0x0,kms01:1688,{CMID},,0,1,5,{WINDOWS_SKU},25")]);
    let response = event(12289, "2026-11-24T09:00:01Z", "ws1", &["0x0,0x0,1,0,50,120,10080,"]);
    let outcome = of_xml(&(request.repeat(10_000) + &response.repeat(10_000)));
    assert_eq!(outcome.reports.len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_text_does_no_harm(text in any::<String>(), position in any::<prop::sample::Index>(), length in 0..400_usize) {
        of_xml(&text);
        recognizes_xml(&text);
        for sample in [HOST_WEVTUTIL, HOST_VIEWER, CLIENT_WEVTUTIL] {
            let start = position.index(sample.len());
            let end = (start + length).min(sample.len());
            if let (Some(before), Some(after)) = (sample.get(..start), sample.get(end..)) {
                of_xml(&format!("{before}{text}{after}"));
            }
        }
    }

    #[test]
    fn arbitrary_data_of_an_event_do_no_harm(
        data in prop::collection::vec("[0-9a-fx,:/ \r\n.-]{0,60}|.{0,40}", 0..12),
        id in prop::sample::select(vec![12288_u32, 12289, 12290, 8198, 8230]),
    ) {
        let object = serde_json::json!({"EventID": id, "Computer": "ws1", "Data": data, "Message": data.concat()});
        let outcome = of_json(&object.to_string());
        prop_assert!(outcome.reports.len() <= 2);
        prop_assert!(outcome.reports.len() as u64 + outcome.skipped.count > 0 || id == 12289);
    }
}
