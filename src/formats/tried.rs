//! Inputs that others tried, each in short, with what must come of it: a figure under the right name, or a refusal.

use super::field::of;
use super::*;

fn dli(edition: &str, minutes: u32) -> String {
    format!(
        "Name: Windows(R), {edition} edition\nDescription: Windows(R) Operating System, VOLUME_KMSCLIENT channel\n\
         Partial Product Key: J464C\nLicense Status: Licensed\n\
         Volume activation expiration: {minutes} minute(s) ({} day(s))\n",
        minutes / 1440
    )
}

/// The output of `/dlv` with an installation ID.
fn dlv(identity: char) -> String {
    let id = identity.to_string().repeat(63);
    let text = dli("ServerStandard", 231_111).replace("Partial", &format!("Installation ID: {id}\nPartial"));
    format!("Software licensing service version: 10.0.17763.5329\n\n{text}")
}

fn office(minutes: u32) -> String {
    format!(
        "---Processing--------------------------\n---------------------------------------\n\
         SKU ID: d450596f-894d-49e0-966a-fd39ed4c4c64\nLICENSE NAME: Office 16, Office16ProPlusVL_KMS_Client edition\n\
         LICENSE DESCRIPTION: Office 16, VOLUME_KMSCLIENT channel\nLICENSE STATUS:  ---LICENSED---\n\
         REMAINING GRACE: {} days  ({minutes} minute(s) before expiring)\n\
         Last 5 characters of installed product key: WFG99\n---------------------------------------\n\
         ---Exiting-----------------------------\n",
        minutes / 1440
    )
}

const SERVER: &str = "ServerStandard VOLUME_KMSCLIENT 1 J464C 231111";

#[track_caller]
fn assert_reads(text: &str, expected: &[&str]) {
    let (lines, result, skipped, _) = of(text.as_bytes());
    assert_eq!(lines, expected, "{text}\n{result:?} {skipped:?}");
    assert_eq!(result, Ok(()), "{text}");
}

#[track_caller]
fn assert_refused(text: &str) {
    let (lines, result, ..) = of(text.as_bytes());
    assert!(lines.is_empty() && matches!(result, Err(FormatError::Unowned { .. })), "{text}\n{lines:?} {result:?}");
}

#[test]
fn a_machine_that_was_asked_is_not_the_one_that_asked() {
    const NSLOOKUP: &str = "Server:  dc01.corp.example\nAddress:  192.0.2.1\n\nName:    kms02.corp.example\n\
        Address:  192.0.2.53\n\n";
    const SRV: &str = "Server:  dc01.corp.example\nAddress:  192.0.2.1\n\n_vlmcs._tcp.corp.example  SRV service location:\n\
        \x20         priority       = 0\n          svr hostname   = kms02.corp.example\n\n";
    const CONNECTION: &str = "\nComputerName     : kms02.corp.example\nRemoteAddress    : 192.0.2.53\n\
        RemotePort       : 1688\nTcpTestSucceeded : True\n\n\n";
    let m = format!("M {SERVER}");
    for asked in [NSLOOKUP, SRV, CONNECTION] {
        for output in [dlv('1'), dli("ServerStandard", 231_111)] {
            assert_reads(&format!("{asked}{output}"), &[&m]);
            assert_reads(&format!("{output}\n{asked}"), &[&m]);
            assert_reads(&format!("C:\\>ask it\n{asked}\nC:\\>cscript slmgr.vbs /dlv\n{output}"), &[&m]);
            assert_reads(&format!("C:\\>cscript slmgr.vbs /dlv\n{output}\nC:\\>ask it\n{asked}\n"), &[&m]);
            assert_reads(&format!("<<<ask>>>\n{asked}<<<win_license>>>\n{output}"), &[&m]);
            let here = format!("ws0421 {SERVER}");
            assert_reads(&format!("Computer: WS0421\n{asked}Computer: WS0421\n{output}"), &[&here]);
        }
        let list = "Name              : Windows(R), ServerStandard edition\nLicenseStatus     : 1\nPartialProductKey : J464C\n";
        assert_reads(&format!("{asked}{list}"), &["M ServerStandard - 1 J464C -"]);
    }
    // Which of them it is nobody knows.
    let output = dlv('1');
    assert_refused(&format!("KMS server: kms02.corp.example\nServer: kms02.corp.example\n{output}"));
    assert_refused(&format!("Host: kms02\n{output}"));
    assert_refused(&format!("ComputerName: WS0421\nSomething else\n\n{output}"));
    assert_reads(&format!("Computer: WS0421\nServer: kms02\n{output}"), &[&format!("ws0421 {SERVER}")]);
    assert_reads(&format!("ComputerName: WS0421\nOS: Windows Server 2019\n{output}"), &[&format!("ws0421 {SERVER}")]);
}

#[test]
fn the_name_of_the_computer_is_before_that_of_a_server() {
    for own in ["ComputerName", "Computer", "Node", "SystemName", "PSComputerName", "MachineName"] {
        for other in ["Server", "Host"] {
            let expected = &["ws0421 ServerStandard - 1 - -"];
            for (one, its, two, of_two) in [(own, "WS0421", other, "KMS01"), (other, "KMS01", own, "WS0421")] {
                let name = "Windows(R), ServerStandard edition";
                assert_reads(&format!("{one},{two},Name,LicenseStatus\n{its},{of_two},\"{name}\",1\n"), expected);
                assert_reads(&format!("{one} : {its}\nName : {name}\nLicenseStatus : 1\n{two} : {of_two}\n"), expected);
                let object =
                    format!("{{\"{one}\":\"{its}\",\"{two}\":\"{of_two}\",\"Name\":\"{name}\",\"LicenseStatus\":1}}");
                assert_reads(&object, expected);
            }
        }
    }
}

#[test]
fn names_in_boxes_of_rules_are_read() {
    for (above, below) in [
        ("------------------------------\n", "------------------------------\n"),
        ("-----\n", "-----\n\n"),
        ("", "------\n"),
        ("****\n", "****\n"),
    ] {
        for [one, other] in [["WS0421", "WS0422"], ["Server: WS0421", "Server: WS0422"]] {
            if above.is_empty() && one.starts_with("Server") {
                continue;
            }
            for output in [dli("ServerStandard", 231_111), dlv('1')] {
                let (one, other) = (format!("{above}{one}\n{below}"), format!("{above}{other}\n{below}"));
                let expected = [format!("ws0421 {SERVER}"), format!("ws0422 {SERVER}")];
                assert_reads(&format!("{one}{output}"), &[&expected[0]]);
                assert_reads(&format!("{one}{output}\n{other}{output}"), &expected.each_ref().map(String::as_str));
            }
            let list = "Name          : Windows(R), ServerStandard edition\nLicenseStatus : 1\n\n";
            let expected = "ws0421 ServerStandard - 1 - -";
            assert_reads(&format!("{above}{one}\n{below}\n{list}"), &[expected]);
        }
    }
}

#[test]
fn words_that_no_machine_is_called_are_not_its_name() {
    let (output, m) = (dlv('1'), format!("M {SERVER}"));
    for word in ["KB5004442", "22H2", "VMware-421f", "SerialNumber\nVMware-42-1f", "STEP-1", "Step 1"] {
        assert_reads(&format!("{word}\n{output}"), &[&m]);
    }
    assert_reads(
        &format!("STEP-1\n{output}\nSTEP-2\n{}", office(231_111)),
        &[&m, "M Office16ProPlusVL_KMS_Client VOLUME_KMSCLIENT 1 WFG99 231111"],
    );
    assert_refused(&format!("SerialNumber\nABC-1234\n{output}"));
    for (one, other) in [("WS0421.txt\n\n\n", "WS0422.txt\n"), ("==> WS0421.log <==\n", "==> WS0422.log <==\n")] {
        let expected = [format!("ws0421 {SERVER}"), format!("ws0422 {SERVER}")];
        assert_reads(&format!("{one}{output}\n{other}{output}"), &expected.each_ref().map(String::as_str));
    }
}

#[test]
fn behind_the_sections_of_another_machine_those_of_the_agent_go_on() {
    let (one, other) = (dli("Professional", 231_111), dli("ServerStandard", 231_111));
    let text = format!(
        "<<<check_mk>>>\nVersion: 2.2\nHostname: HV01\nAgentOS: windows\n\n<<<<ws0421>>>>\n<<<win_license>>>\n{one}\
         <<<<>>>>\n<<<win_license>>>\n{other}"
    );
    let professional = "ws0421 Professional VOLUME_KMSCLIENT 1 J464C 231111";
    let server = format!("hv01 {SERVER}");
    assert_reads(&text, &[professional, &server]);
    let next = text.replace("HV01", "HV02").replace("ws0421", "ws0422");
    let of_next = [professional.replace("0421", "0422"), server.replace("hv01", "hv02")];
    assert_reads(&format!("{text}{next}"), &[professional, &server, &of_next[0], &of_next[1]]);
}

#[test]
fn two_installation_ids_are_of_two_machines() {
    for between in ["", "\n", "Microsoft (R) Windows Script Host Version 5.812\n", "C:\\>cscript slmgr.vbs /dlv\n"] {
        assert_refused(&format!("{}{between}{}", dlv('1'), dlv('2')));
        if !between.contains('>') {
            assert_refused(&format!("WS0421\n{}{between}{}", dlv('1'), dlv('2')));
        }
        let (lines, result, ..) = of(format!("{}{between}{}", dlv('1'), dlv('1')).as_bytes());
        assert_eq!((lines.len(), result), (1, Ok(())));
    }
}

#[test]
fn outputs_below_lines_that_nobody_knows_are_not_of_one_machine() {
    let xpr = "Windows(R), ServerStandard edition:\n    Volume activation will expire 5/10/2027 8:13:14 AM\n";
    for (one, other) in [
        ("Asked WS0421", "Asked WS0422"),
        ("Connecting to 192.0.2.11", "Connecting to 192.0.2.12"),
        ("1. WS0421", "2. WS0422"),
        ("This is the first", "And now that of the other"),
        ("==== Site A ====", "==== Site B ===="),
    ] {
        for (first, second) in [
            (dli("ServerStandard", 231_111), dli("ServerStandard", 200_000)),
            (office(231_111), office(200_000)),
            (xpr.to_owned(), xpr.replace("5/10", "4/10")),
            (dli("ServerStandard", 231_111), dlv('1')),
        ] {
            let second = if second.contains("Installation") { second.replace("\n\n", "\n") } else { second };
            assert_refused(&format!("{one}\n{first}\n{other}\n{second}"));
            // Without a name in it, it may be the rest of the line above.
            if !other.starts_with("And") {
                assert_refused(&format!("{one}\n{first}{other}\n{second}"));
            }
        }
    }
    for (one, other) in [
        ("Checking WS0421...", "Checking WS0422..."),
        ("Output from WS0421:", "Output from WS0422:"),
        ("Rechner: WS0421", "Rechner: WS0422"),
        ("Equipo: WS0421", "Equipo: WS0422"),
        ("计算机: WS0421", "计算机: WS0422"),
    ] {
        let output = dli("ServerStandard", 231_111);
        let expected = [format!("ws0421 {SERVER}"), format!("ws0422 {SERVER}")];
        assert_reads(&format!("{one}\n{output}\n{other}\n{output}"), &expected.each_ref().map(String::as_str));
    }
    // Two runs of one machine.
    let newest = format!("M {}", SERVER.replace("231111", "200000"));
    for (one, other) in [
        ("", "\n"),
        ("=== 2026-11-20 ===", "=== 2026-11-21 ==="),
        ("Fri 11/20/2026  6:00:02.11", "Sat 11/21/2026  6:00:02.11"),
        ("Status", "Status"),
    ] {
        let (first, second) = (dli("ServerStandard", 231_111), dli("ServerStandard", 200_000));
        assert_reads(&format!("{one}\n{first}\n{other}\n{second}"), &[&newest]);
    }
}

#[test]
fn an_attempt_that_went_well_makes_what_was_before_it_the_past() {
    const ATO: &str = "Activating Windows(R), ServerStandard edition (de32eafd-aaee-4662-9444-c1befb41bde2) ...\n";
    const WELL: &str = "Product activated successfully.\n\n";
    const FAILED: &str = "Error: 0xC004F074 The product could not be activated.\n\n";
    let lost = dli("ServerStandard", 231_111).replace("Licensed", "Notification");
    let lost = format!("{}Notification Reason: 0xC004F00F.\n", lost.split("Volume").next().unwrap());
    let m = format!("M {SERVER}");
    let output = dli("ServerStandard", 231_111);
    let (lines, result, skipped, nothing) = of(format!("{ATO}{FAILED}{ATO}{WELL}").as_bytes());
    assert_eq!((lines.len(), result, skipped.count, nothing), (0, Ok(()), 0, Some(Nothing::Attempt)));
    assert_reads(&format!("{ATO}{WELL}{output}"), &[&m]);
    assert_reads(&format!("{output}\n{ATO}{WELL}"), &[&m]);
    let split: Vec<&str> = lost.split_inclusive("channel\n").collect();
    assert_eq!(split.len(), 2);
    for text in [format!("{lost}\n{ATO}{WELL}"), format!("WS0421\n{lost}\nC:\\>slmgr /ato\n{ATO}{WELL}").split_off(7)] {
        let (lines, result, skipped, _) = of(text.as_bytes());
        assert_eq!((lines, result), (vec!["M ServerStandard VOLUME_KMSCLIENT - J464C -".to_owned()], Ok(())), "{text}");
        assert!(skipped.first.as_ref().unwrap().contains("a later attempt to activate went well"), "{skipped:?}");
    }
    let act = |end: &str| {
        format!(
            "---Processing--------------------------\n---------------------------------------\n\
             Installed product key detected - attempting to activate the following product:\n\
             SKU ID: d450596f-894d-49e0-966a-fd39ed4c4c64\n\
             LICENSE NAME: Office 16, Office16ProPlusVL_KMS_Client edition\n\
             LICENSE DESCRIPTION: Office 16, VOLUME_KMSCLIENT channel\n\
             Last 5 characters of installed product key: WFG99\n{end}\n---------------------------------------\n\
             ---------------------------------------\n---Exiting-----------------------------\n"
        )
    };
    let well = act("<Product activation successful>");
    let lost = office(231_111).replace("---LICENSED---", "---NOTIFICATIONS---\nERROR CODE: 0xC004F074");
    let lost = lost.replace("REMAINING GRACE: 160 days  (231111 minute(s) before expiring)\n", "");
    let (lines, result, skipped, _) = of(format!("{lost}\n{well}").as_bytes());
    assert_eq!((lines, result), (vec!["M Office16ProPlusVL_KMS_Client VOLUME_KMSCLIENT - WFG99 -".to_owned()], Ok(())));
    assert_eq!(skipped.count, 1);
    // What cannot be kept of one machine is said where something else comes of the text.
    let text = format!("==== WS0421 ====\n{well}==== WS0422 ====\n{}", act("ERROR CODE: 0xC004F038"));
    let (lines, result, skipped, _) = of(text.as_bytes());
    let failed = "ws0422 Office16ProPlusVL_KMS_Client VOLUME_KMSCLIENT - WFG99 - error=0xC004F038";
    assert_eq!((lines, result, skipped.count), (vec![failed.to_owned()], Ok(()), 1));
}

/// What the event viewer copies, in other languages.
#[test]
fn events_are_of_the_computer_that_is_beside_them_in_any_language() {
    const DATA: &str = "0xC004F074, 0x00000000, kms02.corp.example:1688, 08c3bda0-c556-4b61-9e4e-7bf6d4df80b1, \
        2026/11/24 09:00, 1, 2, 14400, de32eafd-aaee-4662-9444-c1befb41bde2, 5";
    let expected = "{} - VOLUME_KMSCLIENT 2 - 14400 error=0xC004F074 host=kms02.corp.example:1688";
    for [log, source, date, id, computer, text, info] in [
        ["Protokollname", "Quelle", "Datum", "Ereignis-ID", "Computer", "Beschreibung", "Informationen"],
        ["日志名称", "来源", "日期", "事件 ID", "计算机", "描述", "信息"],
        ["Nombre de registro", "Origen", "Fecha", "Id. del evento", "Equipo", "Descripción", "Información"],
        ["Nom du journal", "Source", "Date", "ID de l’événement", "Ordinateur", "Description", "Informations"],
    ] {
        let event = |name: &str| {
            format!(
                "{log}: Application\n{source}:        Microsoft-Windows-Security-SPP\n{date}:         24.11.2026 09:00:08\n\
                 {id}:   12288\n{computer}:      {name}.corp.example\n{text}:\nText of it.\n{info}:\n{DATA}\n\n"
            )
        };
        let of = |name: &str| expected.replace("{}", &format!("{name}.corp.example"));
        assert_reads(&event("ws0421"), &[&of("ws0421")]);
        assert_reads(&[event("ws0421"), event("ws0422")].concat(), &[&of("ws0421"), &of("ws0422")]);
    }
    let of = expected.replace("{}", "ws0421.corp.example");
    assert_reads(&format!("Computer: ws0421.corp.example\nBeschreibung:\nInformationen:\n{DATA}\n"), &[&of]);
    let unknown = "Lokinimi: Application\nLähde: Microsoft-Windows-Security-SPP\nTietokone: ws0421.corp.example\n";
    let (lines, _, skipped, _) = field::of(format!("{unknown}{DATA}\n").as_bytes());
    assert!(lines.is_empty() && skipped.first.as_ref().unwrap().contains("a language that is not read"), "{skipped:?}");
}

#[test]
fn a_list_without_a_value_for_the_status_is_one_list() {
    for empty in ["LicenseStatus     : ", "LicenseStatus     :", "LicenseStatus :\t"] {
        let list =
            format!("\nName              : Windows(R), ServerStandard edition\n{empty}\nPartialProductKey : J464C\n\n");
        assert_reads(&list, &["M ServerStandard - - J464C -"]);
    }
}

#[test]
fn a_channel_that_a_list_broke_is_one_word() {
    for broken in [
        "VOLUME_KMSC\n              LIENT channel",
        "VOLUME_KMSCLIENT\n              channel",
        "\n              VOLUME_KMSCLIENT channel",
    ] {
        let list = format!(
            "\nName        : Windows(R), ServerStandard edition\nDescription : Windows(R) Operating System, {broken}\n\
             LicenseStatus : 1\n\n"
        );
        assert_reads(&list, &["M ServerStandard VOLUME_KMSCLIENT 1 - -"]);
    }
}

#[test]
fn what_a_program_printed_is_read_out_of_what_ran_it() {
    let server = "ServerStandard VOLUME_KMSCLIENT 1 J464C 231111";
    let output = dli("ServerStandard", 231_111);
    let list = serde_json::to_string_pretty(&output.lines().collect::<Vec<_>>()).unwrap().replace('\n', "\n    ");
    let text = serde_json::to_string(&output).unwrap();
    for printed in [
        format!("\"slmgr.stdout_lines\": {list}"),
        format!("\"msg\": {list}"),
        format!("\"changed\": true, \"rc\": 0, \"stdout\": {text}, \"stdout_lines\": {list}"),
    ] {
        let text = format!(
            "TASK [slmgr] ****\nok: [ws0421] => {{\n    {printed}\n}}\nok: [ws0422] => {{\n    {printed}\n}}\n"
        );
        assert_reads(&text, &[&format!("ws0421 {server}"), &format!("ws0422 {server}")]);
        assert_reads(&format!("ws0421 | CHANGED => {{\n    {printed}\n}}\n"), &[&format!("ws0421 {server}")]);
    }
    let object = |name: &str, output: &str| format!("{{\"Computer\": \"{name}\", \"Output\": {output}}}");
    let objects = format!("[{}, {}]", object("WS0421", &list), object("WS0422", &text));
    assert_reads(&objects, &[&format!("ws0421 {server}"), &format!("ws0422 {server}")]);
}

#[test]
fn what_is_the_same_in_every_language_is_read() {
    for (open, colon) in [("'", ":"), ("’", " :"), ("'", "\u{a0}:")] {
        let text = format!(
            "Nom{colon} Windows(R), ServerStandard edition\n\
             Description{colon} Windows(R) Operating System, VOLUME_KMSCLIENT channel\n\
             ID d{open}activation{colon} de32eafd-aaee-4662-9444-c1befb41bde2\nClé de produit partielle{colon} J464C\n\
             État de la licence{colon} avec licence\n\
             Expiration de l{open}activation en volume{colon} 231111 minute(s) (160 jour(s))\n\
             \x20   Nom de l{open}ordinateur KMS à partir du DNS{colon} kms02.corp.example:1688\n\
             \x20   Intervalle de renouvellement{colon} 10080 minutes\n"
        );
        assert_reads(&text, &["M ServerStandard VOLUME_KMSCLIENT - J464C 231111 host=kms02.corp.example:1688"]);
    }
}

#[test]
fn a_host_with_keys_for_windows_and_office_is_one_machine_where_each_is_asked_for() {
    let host = |product: &str, channel: &str, id: &str, count: u32| {
        format!(
            "Software licensing service version: 10.0.20348.1\n\nName: {product} edition\nDescription: {channel} channel\n\
             Application ID: {id}\nInstallation ID: {}\nPartial Product Key: KDQ2G\nLicense Status: Licensed\n\n\
             Key Management Service is enabled on this machine\n    Current count: {count}\n    Listening on Port: 1688\n\n",
            count.to_string().repeat(40).get(..63).unwrap()
        )
    };
    let windows = host(
        "Windows(R), ServerDatacenter",
        "Windows(R) Operating System, VOLUME_KMS_WS22",
        "55c92734-d682-4d71-983e-d6ec3f16059f",
        10,
    );
    let office = host(
        "Office 16, OfficeKMSHostVL_KMS_Host",
        "Office 16, VOLUME_KMS",
        "0ff1ce15-a989-479d-af46-f275c6370663",
        50,
    );
    for text in [
        format!("C:\\>cscript slmgr.vbs /dlv\n{windows}C:\\>cscript slmgr.vbs /dlv 98ebfe73\n{office}"),
        format!("{office}{windows}"),
    ] {
        let (lines, result, skipped, _) = of(text.as_bytes());
        assert_eq!((lines.len(), result), (2, Ok(())), "{skipped:?}");
    }
    assert_refused(&format!("{windows}{}", windows.replace("1010", "1111")));
}

#[test]
fn objects_in_clixml_are_read() {
    let object = |name: &str, status: u32| {
        format!(
            "<Obj RefId=\"{status}\"><TN RefId=\"0\"><T>Selected.CimInstance</T></TN><MS>\
             <S N=\"Name\">Windows(R), ServerStandard edition</S><U32 N=\"LicenseStatus\">{status}</U32>\
             <U32 N=\"GracePeriodRemaining\">{}</U32><S N=\"PSComputerName\">{name}</S></MS></Obj>\n",
            status * 1000
        )
    };
    let text = format!(
        "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">\n{}{}</Objs>",
        object("WS0421", 1),
        object("WS0422", 5)
    );
    assert_reads(&text, &["ws0421 ServerStandard - 1 - 1000", "ws0422 ServerStandard - 5 - 5000"]);
}
