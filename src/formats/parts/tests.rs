//! Texts as they are found, each with the figures in it, written down by hand.

use crate::formats::{FormatError, Nothing, Reading, read};
use crate::license::{License, Remaining, Report};
use proptest::prelude::*;
use std::fmt::Write;

/// What is read of an input, where the file is named `m`, and how it ends.
struct Read {
    /// A line for each license.
    lines: Vec<String>,
    result: Result<(), FormatError>,
    nothing: Option<Nothing>,
    skipped: u64,
    first: Option<String>,
    replaced: u64,
}

fn read_all(bytes: &[u8]) -> Read {
    let mut reports: Vec<Report> = Vec::new();
    let mut take = |report| reports.push(report);
    let mut reading = Reading::new(&mut take);
    let result = read(bytes, &mut reading);
    let (nothing, skipped, replaced) = (reading.nothing(), reading.skipped().clone(), reading.replaced().count);
    let lines = reports.iter().flat_map(|report| report.licenses.iter().map(move |license| line(report, license)));
    Read { lines: lines.collect(), result, nothing, skipped: skipped.count, first: skipped.first, replaced }
}

fn line(report: &Report, license: &License) -> String {
    let mut line = report.machine.as_ref().map_or("m", |machine| machine.as_str()).to_owned();
    let product = license.product.as_deref().unwrap_or("?");
    let name = product.split_once(", ").map_or(product, |(_, name)| name).trim_end_matches(" edition");
    write!(line, " {name}").unwrap();
    write!(line, " {}", license.channel.as_ref().map_or("?", |channel| channel.as_str())).unwrap();
    write!(line, " {}", license.status.map_or("?".to_owned(), |status| status.number().to_string())).unwrap();
    write!(line, " {}", license.partial_product_key.as_ref().map_or("?", |key| key.as_str())).unwrap();
    match license.remaining {
        Some(Remaining::Permanent) => line.push_str(" permanent"),
        Some(Remaining::Minutes(minutes)) => write!(line, " {minutes}").unwrap(),
        None => line.push_str(" ?"),
    }
    if let Some(code) = license.reason_code {
        write!(line, " reason={code}").unwrap();
    }
    if let Some(code) = license.last_error {
        write!(line, " error={code}").unwrap();
    }
    if let Some(host) = license.kms_host() {
        write!(line, " host={host}").unwrap();
    }
    line
}

/// A sample, and what must come of it.
macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../samples/", $name))
    };
}

#[track_caller]
fn assert_reads(text: &str, expected: &[&str]) {
    let read = read_all(text.as_bytes());
    assert_eq!(read.lines, expected, "{text}\n{:?} {:?}", read.result, read.first);
    assert_eq!(read.result, Ok(()), "{text}");
}

/// Every input of the field that is a text, with the machines, products, channels, states, keys and minutes in it.
#[test]
fn texts_of_the_field_are_read_right() {
    const SERVER: &str = "ServerStandard VOLUME_KMSCLIENT";
    for (text, expected) in [
        (sample!("slmgr-en-dli-remoting-prompt.txt"), &["ws0421 {} 5 J464C ? reason=0xC004F00F"][..]),
        (sample!("slmgr-en-dli-agent-section.txt"), &["m {} 5 J464C ? reason=0xC004F056"]),
        (sample!("slmgr-en-dli-lines.json"), &["m {} 1 J464C 231111"]),
        (
            sample!("slmgr-en-dli-remote-two-machines.txt"),
            &["ws0421 {} 1 J464C 251234", "ws0422 Professional RETAIL 5 3V66T ? reason=0xC004F034"],
        ),
        (
            sample!("slmgr-en-dli-headings-two-machines.txt"),
            &[
                "ws0421 Enterprise VOLUME_KMSCLIENT 1 2YT43 231111",
                "ws0422 Professional OEM_DM 5 D692P ? reason=0xC004F00F",
            ],
        ),
        (sample!("slmgr-en-dli-computer-label.txt"), &["ws0421 Enterprise VOLUME_KMSCLIENT 1 2YT43 231111"]),
        (sample!("slmgr-en-dlv-appended.txt"), &["m ServerDatacenter VOLUME_KMSCLIENT 1 63DFG 248560"]),
        (sample!("slmgr-en-dlv-subscription.txt"), &["m Enterprise RETAIL 1 3V66T ?"]),
        (sample!("slmgr-en-ato-failed.txt"), &["m ServerStandard ? ? ? ? error=0xC004F038"]),
        (
            sample!("ospp-en-act-failed.txt"),
            &["m Office16StandardVL_KMS_Client VOLUME_KMSCLIENT ? DRTFM ? error=0x8007232B"],
        ),
        (
            sample!("mixed-en-dli-then-ospp.txt"),
            &["m {} 5 J464C ? reason=0xC004F00F", "m Office16ProPlusVL_KMS_Client VOLUME_KMSCLIENT 1 WFG99 231111"],
        ),
        (sample!("slmgr-zh-dlv.txt"), &["m {} 1 J464C 231111 host=kms02.corp.example:1688"]),
        (sample!("slmgr-zh-xpr-volume.txt"), &["m ServerStandard ? 1 ? ?"]),
        (sample!("slmgr-zh-xpr-glued.txt"), &["m Office16ProjectProR_Retail ? 5 ? ?"]),
        (sample!("slmgr-es-dlv.txt"), &["m {} 1 J464C ?"]),
        (sample!("slmgr-ru-dli.txt"), &["m {} 1 J464C ?"]),
        (sample!("slmgr-ko-dli.txt"), &["m {} 1 J464C ?"]),
        (sample!("slmgr-de-dli.txt"), &["m {} 1 ? ?"]),
        (sample!("slmgr-fr-dli.txt"), &["m {} ? ? ?"]),
    ] {
        let expected: Vec<String> = expected.iter().map(|line| line.replace("{}", SERVER)).collect();
        assert_reads(text, &expected.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn texts_of_the_field_without_a_report_have_their_reason() {
    let read = read_all(sample!("slmgr-en-xpr-line-only.txt").as_bytes());
    assert_eq!((read.lines.len(), read.result), (0, Ok(())));
    assert_eq!(
        read.first.as_deref(),
        Some("line 1: no product is named before this: The machine is permanently activated.")
    );
    let read = read_all(sample!("ospp-en-no-key.txt").as_bytes());
    assert_eq!((read.lines.len(), read.nothing, read.skipped), (0, Some(Nothing::NoKey), 0));
}

#[test]
fn two_outputs_that_differ_in_figures_alone_are_two_runs_of_which_the_later_counts() {
    let read = read_all(sample!("slmgr-en-dli-twice.txt").as_bytes());
    assert_eq!(read.lines, ["m Enterprise VOLUME_KMSCLIENT 1 2YT43 21000"]);
    assert_eq!(read.replaced, 1);
}

#[test]
fn texts_of_the_field_are_read_in_the_code_pages_of_their_languages() {
    let in_table = |text: &str, upper: &str| -> Vec<u8> {
        let byte = |char: char| match upper.chars().position(|known| known == char) {
            Some(place) => u8::try_from(place).unwrap() + 0x80,
            None => u8::try_from(char).unwrap(),
        };
        text.chars().map(byte).collect()
    };
    let western = "\u{c7}üéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑ";
    for (text, encoding) in [
        (sample!("slmgr-zh-dlv.txt"), "gbk"),
        (sample!("slmgr-zh-xpr-volume.txt"), "gbk"),
        (sample!("slmgr-zh-xpr-glued.txt"), "gbk"),
        (sample!("slmgr-es-dlv.txt"), "windows-1252"),
        (sample!("slmgr-ru-dli.txt"), "windows-1251"),
        (sample!("slmgr-ru-dli.txt"), "ibm866"),
        (sample!("slmgr-ko-dli.txt"), "euc-kr"),
        (sample!("slmgr-es-dlv.txt"), "850"),
    ] {
        let bytes = match encoding_rs::Encoding::for_label(encoding.as_bytes()) {
            // It writes no other than those of the web.
            Some(encoding) if encoding.name() != "IBM866" => encoding.encode(text).0.into_owned(),
            Some(_) => {
                let of_small = |char: u32| if char < 0x440 { 0xa0 + char - 0x430 } else { 0xe0 + char - 0x440 };
                let byte = |char: char| match u32::from(char) {
                    code @ 0x410..0x430 => code - 0x410 + 0x80,
                    code @ 0x430..0x450 => of_small(code),
                    code => code,
                };
                text.chars().map(|char| u8::try_from(byte(char)).unwrap()).collect()
            }
            None => in_table(text, western),
        };
        let read = read_all(&bytes);
        assert_eq!(read.lines, read_all(text.as_bytes()).lines, "{encoding}: {:?}", read.first);
        assert_eq!(crate::formats::decode(&bytes).unwrap(), text, "{encoding}");
    }
    let polish = b"Opis: cz\xe9\x98\x86 klucza produktu, stan: Licencja wa\xbena, ca\x88y wi\xa9c";
    assert!(crate::formats::decode(polish).unwrap().contains("ważna, cały więc"));
}

/// One output of `slmgr /dli`.
fn dli(edition: &str, key: &str, minutes: u32) -> String {
    format!(
        "Name: Windows(R), {edition} edition\r\nDescription: Windows(R) Operating System, VOLUME_KMSCLIENT channel\r\n\
         Partial Product Key: {key}\r\nLicense Status: Licensed\r\n\
         Volume activation expiration: {minutes} minute(s) ({} day(s))\r\n",
        minutes / 1440
    )
}

fn read_lines(text: &str) -> Vec<String> {
    read_all(text.as_bytes()).lines
}

const ONE: &str = "ws0421 Enterprise VOLUME_KMSCLIENT 1 2YT43 231111";
const OTHER: &str = "ws0422 ServerStandard VOLUME_KMSCLIENT 1 J464C 200000";

#[test]
fn names_are_found_wherever_people_and_programs_put_them() {
    let (one, other) = (dli("Enterprise", "2YT43", 231_111), dli("ServerStandard", "J464C", 200_000));
    for (before, between, after) in [
        ("==== WS0421 ====\n", "\n==== WS0422 ====\n", ""),
        ("### ws0421 ###\n", "### ws0422 ###\n", ""),
        ("----- ws0421 -----\n", "----- ws0422 -----\n\n", ""),
        ("=== Computer: WS0421 ===\n", "=== Computer: WS0422 ===\n", "=== done ===\n"),
        ("[WS0421]\n", "[WS0422]\n", ""),
        ("# WS0421\n", "# WS0422\n", ""),
        ("Checking WS0421...\n", "Checking WS0422...\n", ""),
        ("Report for WS0421\n\n", "\nReport for WS0422\n\n", ""),
        ("Status of WS0421:\n", "Status of WS0422:\n", ""),
        ("Results from WS0421:\n", "Results from WS0422:\n", ""),
        ("Machine WS0421\n", "Machine WS0422\n", "Done.\n"),
        ("=== Report for WS0421 ===\n", "=== Report for WS0422 ===\n", ""),
        ("[1/2] Querying WS0421\n", "[2/2] Querying WS0422\n", ""),
        ("", "Finished WS0421\n", "Finished WS0422\n"),
        ("ws0421 | CHANGED | rc=0 >>\n", "\nws0422 | CHANGED | rc=0 >>\n", ""),
        ("ws0421 | SUCCESS | rc=0 >>\n", "ws0422 | FAILED | rc=1 >>\n", ""),
        ("WS0421\n", "WS0422\n", ""),
        ("WS0421:\n\n", "\nWS0422:\n\n", "\n"),
        ("ws0421.corp.example\n".split('.').next().unwrap(), "\n\nws0422\n", ""),
        ("\\\\WS0421:\n\n", "\n\\\\WS0422:\n\n", ""),
        ("Computer: WS0421\n", "Computer: WS0422\n", ""),
        ("ComputerName : ws0421\n", "ComputerName : ws0422\n", ""),
        ("PSComputerName : ws0421\n", "PSComputerName : ws0422\n", ""),
        ("Hostname=WS0421\n", "Hostname=WS0422\n", ""),
        ("Host Name:                 WS0421\n", "Host Name:                 WS0422\n", ""),
        ("Server: WS0421 (192.0.2.7)\n", "Server: WS0422 (192.0.2.8)\n", ""),
        ("Name: WS0421\n", "Name: WS0422\n", ""),
        ("", "Computer: WS0421\n\n", "Computer: WS0422\n"),
        ("", "PSComputerName : ws0421\n", "PSComputerName : ws0422\n"),
        ("C:\\>hostname\nWS0421\n\nC:\\>cscript slmgr.vbs /dli\n", "\nC:\\>hostname\nWS0422\n\nC:\\>slmgr /dli\n", ""),
        ("C:\\>slmgr WS0421 /dli\n", "C:\\>slmgr WS0422 /dli\n", "\nC:\\>exit\n"),
        ("cscript //nologo slmgr.vbs WS0421 /dli\n", "cscript //nologo slmgr.vbs WS0422 /dli\n", ""),
        ("[ws0421]: PS C:\\> cscript slmgr.vbs /dli\n", "[ws0422]: PS C:\\> cscript slmgr.vbs /dli\n", "PS C:\\> \n"),
        (
            "PS C:\\Users\\admin> psexec \\\\ws0421 cscript C:\\Windows\\System32\\slmgr.vbs /dli\n",
            "PS C:\\Users\\admin> psexec \\\\ws0422 cscript C:\\Windows\\System32\\slmgr.vbs /dli\n",
            "",
        ),
        (
            "PS C:\\> Invoke-Command -ComputerName ws0421 { cscript slmgr.vbs /dli }\n",
            "PS C:\\> icm ws0422 { cscript slmgr.vbs /dli }\n",
            "",
        ),
        ("C:\\>winrs -r:ws0421 cscript slmgr.vbs /dli\n", "C:\\>winrs -r:ws0422 cscript slmgr.vbs /dli\n", ""),
        ("C:\\>ssh admin@ws0421 cscript slmgr.vbs /dli\n", "C:\\>ssh admin@ws0422 cscript slmgr.vbs /dli\n", ""),
        ("corp\\admin@WS0421 C:\\Users\\admin>slmgr /dli\n", "corp\\admin@WS0422 C:\\Users\\admin>slmgr /dli\n", ""),
        ("<<<<ws0421>>>>\n<<<win_license>>>\n", "<<<<ws0422>>>>\n<<<win_license>>>\n", "<<<<>>>>\n"),
        ("==== WS0421 ====\nC:\\>slmgr /dli\n", "==== WS0422 ====\nC:\\>slmgr /dli\n", ""),
        ("", "cscript exited on WS0421 with error code 0.\n", "cscript exited on WS0422 with error code 0.\n"),
        ("ok: [ws0421] => \n", "changed: [ws0422] => \n", "PLAY RECAP ****\n"),
    ] {
        let before = if before.ends_with('\n') { before.to_owned() } else { format!("{before}\n") };
        let banner = "Microsoft (R) Windows Script Host Version 5.812\r\nCopyright (C) Microsoft Corporation. All rights \
                      reserved.\r\n\r\n";
        for banner in ["", banner] {
            let text = format!("{before}{banner}{one}{between}{banner}{other}{after}");
            let read = read_all(text.as_bytes());
            assert_eq!(read.lines, [ONE, OTHER], "{text}\n{:?} {:?}", read.first, read.result);
            assert_eq!(read.result, Ok(()), "{text}");
        }
    }
}

#[test]
fn outputs_of_which_it_is_not_sure_whose_they_are_are_refused() {
    let (one, other) = (dli("Enterprise", "2YT43", 231_111), dli("ServerStandard", "J464C", 200_000));
    for text in [
        format!("{one}{other}"),
        format!("{one}\n{other}"),
        format!("C:\\>slmgr /dli\n{one}\nC:\\>slmgr /dli\n{other}"),
        format!("==== Windows ====\n{one}==== Office ====\n{other}"),
        format!("PS C:\\> foreach ($c in $all) {{ cscript slmgr.vbs $c /dli }}\n{one}{other}"),
        format!("PS C:\\> cscript slmgr.vbs $computer /dli\n{one}"),
        format!("C:\\>cscript slmgr.vbs %1 /dli\n{one}"),
        format!("PS C:\\> icm ws0421, ws0422 {{ cscript slmgr.vbs /dli }}\n{one}"),
        format!("fileserver\n{one}"),
        format!("192.0.2.7\n{one}"),
        format!("Computer: 192.0.2.7\n{one}"),
        format!("C:\\>slmgr 192.0.2.7 /dli\n{one}"),
        format!("{one}Computer: WS0421\n{other}"),
        format!("WS0421\n{one}{other}"),
    ] {
        let read = read_all(text.as_bytes());
        assert!(matches!(read.result, Err(FormatError::Unowned { .. })), "{text}\n{:?} {:?}", read.lines, read.result);
        assert!(read.lines.is_empty(), "{text}\n{:?}", read.lines);
        assert!(read.skipped > 0);
    }
}

#[test]
fn what_begins_with_a_bracket_and_is_no_json_or_xml_is_read() {
    let one = dli("Enterprise", "2YT43", 231_111);
    for before in [
        "[C:\\dir]$ slmgr /dli",
        "[Status of today]",
        "[2026-11-20 06:00:01] begin",
        "[1] first",
        "<begin>",
        "<?php ?>",
        "<<<check_mk>>>\nVersion: 2.3\nAgentOS: windows\n<<<win_license>>>",
        "{begin",
        "[admin@jump ~]# ssh",
    ] {
        assert_eq!(read_lines(&format!("{before}\n{one}")), [ONE.replace("ws0421", "m")], "{before}");
    }
}

#[test]
fn tools_are_divided_in_either_order_and_where_lines_were_filtered() {
    let windows = sample!("slmgr-en-dli-agent-section.txt").split_once('\n').unwrap().1;
    let office = sample!("mixed-en-dli-then-ospp.txt");
    let office = &office[office.find("---Processing").unwrap()..];
    let filtered: String = office
        .lines()
        .filter(|line| line.contains("LICENSE") || line.contains("REMAINING"))
        .fold(String::new(), |text, line| text + line + "\n");
    let xpr = "Windows(R), ServerStandard edition:\r\n    Windows is in Notification mode\r\n";
    let by_windows = "m ServerStandard VOLUME_KMSCLIENT 5 J464C ? reason=0xC004F056";
    let by_office = "m Office16ProPlusVL_KMS_Client VOLUME_KMSCLIENT 1 WFG99 231111";
    let by_filtered = "m Office16ProPlusVL_KMS_Client VOLUME_KMSCLIENT 1 ? 231111";
    let by_xpr = "m ServerStandard ? 5 ? ?";
    let texts = [(windows, by_windows), (office, by_office), (&filtered, by_filtered), (xpr, by_xpr)];
    for (one, by_one) in texts {
        for (other, by_other) in texts {
            if by_one != by_other && ![by_one, by_other].iter().all(|line| line.contains("Office")) {
                for between in ["", "\r\n", "C:\\>next\r\n", "Microsoft (R) Windows Script Host Version 5.812\r\n"] {
                    assert_reads(&[one, between, other].concat(), &[by_one, by_other]);
                }
            }
        }
    }
}

#[test]
fn documents_within_a_text_are_read() {
    let object = r#"{"Name":"Windows(R), Enterprise edition","PartialProductKey":"2YT43","LicenseStatus":1,
        "Description":"Windows(R) Operating System, VOLUME_KMSCLIENT channel","GracePeriodRemaining":231111}"#;
    for before in ["[ws0421]: PS C:\\> Get-CimInstance x | ConvertTo-Json\n", "==== WS0421 ====\n<<<wmi>>>\n"] {
        assert_reads(&format!("{before}{object}\n"), &[ONE]);
    }
}

#[test]
fn other_shapes_of_the_same_lines_are_read() {
    let text = dli("Enterprise", "2YT43", 231_111);
    let lines: Vec<&str> = text.lines().collect();
    let expected = [ONE.replace("ws0421", "m")];
    let list = serde_json::to_string(&lines).unwrap();
    let string = serde_json::to_string(&text).unwrap();
    let members: Vec<String> = lines
        .iter()
        .map(|line| line.split_once(": ").unwrap())
        .map(|(label, value)| format!("{label:?}: {value:?}"))
        .collect();
    let xml = format!(
        "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">{}</Objs>",
        lines.iter().flat_map(|line| ["\n  <S>", line, "</S>"]).collect::<String>()
    );
    for text in [
        list.clone(),
        string,
        format!("[{list}, []]"),
        format!("{{\"value\": {list}, \"Count\": 5}}"),
        format!("{{{}}}", members.join(", ")),
        format!("[{{{}}}]", members.join(", ")),
        xml.clone(),
        format!("#< CLIXML\r\n{xml}"),
    ] {
        assert_eq!(read_lines(&text), expected, "{text}");
    }
    let named = format!("{{\"ComputerName\": \"ws0421\", {}}}", members.join(", "));
    assert_eq!(read_lines(&format!("[{named}]")), [ONE]);
}

#[test]
fn a_status_in_an_unknown_language_stays_unknown_and_the_rest_is_read() {
    let text = "Nome: Windows(R), ServerStandard edition\nDescrizione: Windows(R) Operating System, VOLUME_KMSCLIENT channel\n\
                ID attivazione: de32eafd-aaee-4662-9444-c1befb41bde2\nID applicazione: 55c92734-d682-4d71-983e-d6ec3f16059f\n\
                Canale del codice: Volume:GVLK\nCodice parziale: J464C\nStato della licenza: con licenza\n\
                Scadenza: 231111 minuto/i (160 giorno/i)\nNome computer KMS da DNS: kms02.corp.example:1688\n\
                Intervallo: 120 minuti\n";
    let read = read_all(text.as_bytes());
    assert_eq!(read.lines, ["m ServerStandard VOLUME_KMSCLIENT ? J464C 231111 host=kms02.corp.example:1688"]);
    assert!(read.first.unwrap().contains("the status of this license is not read in this language"));
    let text = text.replace("con licenza", "notifica\nMotivo della notifica: 0xC004F056.");
    assert!(read_lines(&text)[0].contains("5 J464C 231111 reason=0xC004F056"));
    let read =
        read_all("Windows(R), Professional edition:\n    El equipo est\u{e1} activado permanentemente.\n".as_bytes());
    assert_eq!(read.result, Err(FormatError::OtherLanguage));
    let message = FormatError::OtherLanguage.to_string();
    assert!(message.contains("WMI") && message.contains("copy %SystemRoot%\\System32\\slmgr.vbs"), "{message}");
}

/// What `ospp.vbs` prints, with nothing before it.
fn dstatus(key: &str, minutes: u32) -> String {
    let text = named("ws0422", minutes, key).swap_remove(8);
    text[text.find("---Processing").unwrap()..].to_owned()
}

#[test]
fn a_line_that_announces_a_machine_divides_a_text_wherever_it_is() {
    let (windows, office) = (dli("Enterprise", "2YT43", 231_111), dstatus("WFG99", 200_000));
    let by_windows = "Enterprise VOLUME_KMSCLIENT 1 2YT43 231111";
    let by_office = "Office16ProPlusVL_KMS_Client VOLUME_KMSCLIENT 1 WFG99 200000";
    for line in ["Checking WS0422...", "Report for WS0422", "Machine WS0422", "=== ws0422 ===", "Office on WS0422:"] {
        for blank in ["", "\r\n"] {
            let text = format!("{windows}{blank}{line}\r\n{office}");
            assert_reads(&text, &[&format!("ws0422 {by_office}"), &format!("m {by_windows}")]);
            let text = format!("{office}{blank}{line}\r\n{windows}");
            assert_reads(&text, &[&format!("ws0422 {by_windows}"), &format!("m {by_office}")]);
            // Both are of the machine that both name.
            let text = format!("{line}\r\n{windows}{blank}{line}\r\n{office}");
            assert_reads(&text, &[&format!("ws0422 {by_windows}"), &format!("ws0422 {by_office}")]);
        }
    }
    // What names a machine in words that are not known is of one of the two.
    for line in ["And then WS0422 was asked", "I did the same with WS0422:"] {
        let read = read_all(format!("{windows}{line}\r\n{office}").as_bytes());
        assert!(matches!(read.result, Err(FormatError::Unowned { .. })), "{line}: {:?}", read.lines);
        assert_eq!(read.lines, [""; 0], "{line}");
    }
    // What names none divides nothing.
    for line in
        ["And now Office:", "Office16", "Exchange2019", "Server2019", "Windows 11 22H2", "KB5004442 is installed"]
    {
        assert_reads(&format!("{windows}{line}\r\n{office}"), &[&format!("m {by_windows}"), &format!("m {by_office}")]);
    }
}

#[test]
fn a_product_above_an_output_is_no_machine_unless_a_label_says_so() {
    let windows = dli("Enterprise", "2YT43", 231_111);
    let figures = "Enterprise VOLUME_KMSCLIENT 1 2YT43 231111";
    for word in
        ["Server2019", "Exchange2019", "Win11", "Windows10", "Office16", "Server2012R2", "SQL2019", "WIN10-LTSC"]
    {
        assert_reads(&format!("{word}\r\n{windows}"), &[&format!("m {figures}")]);
        assert_reads(&format!("=== {word} ===\r\n{windows}"), &[&format!("m {figures}")]);
        assert_reads(&format!("Computer: {word}\r\n{windows}"), &[&format!("{} {figures}", word.to_ascii_lowercase())]);
    }
}

/// Texts of machines with their names in them, of each format.
fn named(machine: &str, minutes: u32, key: &str) -> Vec<String> {
    let dli = dli("Enterprise", key, minutes);
    let ospp = format!(
        "---Processing--------------------------\r\n---------------------------------------\r\n\
         LICENSE NAME: Office 16, Office16ProPlusVL_KMS_Client edition\r\n\
         LICENSE DESCRIPTION: Office 16, VOLUME_KMSCLIENT channel\r\nLICENSE STATUS:  ---LICENSED---\r\n\
         REMAINING GRACE: {} days  ({minutes} minute(s) before expiring)\r\n\
         Last 5 characters of installed product key: {key}\r\n---------------------------------------\r\n\
         ---Exiting-----------------------------\r\n",
        minutes / 1440
    );
    let object = format!(
        "{{\"PSComputerName\":\"{machine}\",\"Name\":\"Windows(R), Enterprise edition\",\"PartialProductKey\":\"{key}\",\
         \"LicenseStatus\":1,\"GracePeriodRemaining\":{minutes}}}\r\n"
    );
    let mut texts = vec![object];
    for output in [dli, ospp] {
        texts.extend([
            format!("==== {machine} ====\r\n{output}\r\n"),
            format!("\\\\{machine}:\r\n\r\n{output}"),
            format!("Computer: {machine}\r\n{output}"),
            format!("{machine}\r\n{output}\r\n"),
            format!("{machine} | CHANGED | rc=0 >>\r\n{output}"),
            format!("[{machine}]: PS C:\\> cscript it.vbs\r\n{output}"),
            format!("<<<<{machine}>>>>\r\n{output}<<<<>>>>\r\n"),
        ]);
    }
    texts
}

proptest! {
    #[test]
    fn no_splice_of_two_machines_gives_one_the_figures_of_the_other(
        one in 0_usize..15,
        other in 0_usize..15,
        cut in 0_usize..1000,
        is_at_line in any::<bool>(),
    ) {
        let one = named("ws0421", 231_111, "2YT43").swap_remove(one);
        let other = named("ws0422", 100_000, "J464C").swap_remove(other);
        let cut = cut % (one.len() + 1);
        let cut = if is_at_line { one[..cut].rfind('\n').map_or(0, |at| at + 1) } else { cut };
        // What is a whole output by itself, and below the other's name, is the other's by all signs.
        let rest = Some(&one[cut..]).filter(|rest| !rest.contains("edition")).unwrap_or_default();
        let text = [&one[..cut], "\r\n", &other, rest].concat();
        for line in read_lines(&text) {
            let is_of_one = line.contains("2YT43") || line.contains("231111");
            let is_of_other = line.contains("J464C") || line.contains("100000");
            prop_assert!(!(is_of_one && is_of_other), "{line} in\n{text}");
            prop_assert!(!(is_of_one && line.starts_with("ws0422")), "{line} in\n{text}");
            prop_assert!(!(is_of_other && line.starts_with("ws0421")), "{line} in\n{text}");
        }
    }
}
