//! Outputs as people paste them into reports of bugs, posts and documents: cut, redacted, commented, with the command before
//! them. What must come out of each was written by hand from the text, with how much of it is not understood.

use super::field::of;
use super::*;

/// Every output: its name, its bytes, how much of it is not understood, and the licenses in it.
macro_rules! outputs {
    ($($name:literal, $skipped:literal, [$($license:literal),* $(,)?];)*) => {
        [$(($name, include_bytes!(concat!("samples/", $name)), $skipped, &[$($license),*])),*]
    };
}

type Output = (&'static str, &'static [u8], u64, &'static [&'static str]);

const HOST: &str = "kms02.corp.example:1688";

const OUTPUTS: &[Output] = &outputs![
    "slmgr-en-dlv-esu.txt", 0,
        ["M Client-ESU-Year1 add-on for Education,Enterprise,Professional,Core,IoTEnterprise VOLUME_MAK 1 9XK2T permanent"];
    "slmgr-en-check-activation.txt", 0, [
        "M Client-ESU-Year1 add-on VOLUME_MAK 1 9XK2T permanent",
        "M Enterprise VOLUME_KMSCLIENT 1 2YT43 259192 host=HOST",
    ];
    "slmgr-en-check-notification.txt", 0, ["M Professional RETAIL 5 3V66T - reason=0xC004F034"];
    "slmgr-en-dlv-quoted.txt", 2, ["M Professional RETAIL 5 3V66T - reason=0xC004F034"];
    "slmgr-en-dlv-office-host.txt", 0, ["M OfficeKMSHostVL_KMS_Host VOLUME_KMS 1 KDQ2G permanent"];
    "slmgr-en-dlv-eval-expired.txt", 0, ["M EnterpriseEval TIMEBASED_EVAL 5 VTNMT - reason=0xC004F009"];
    "slmgr-en-dlv-eval-findstr.txt", 0, ["M ServerStandardEval - 1 - 252828"];
    "slmgr-en-xpr-eval.txt", 0, ["M ServerStandardEval - 1 - -"];
    "slmgr-zh-ato-failed.txt", 0, ["M EnterpriseS - - - - error=0xC004F074"];
    // IDs are taken out.
    "slmgr-zh-dlv-session.txt", 5, ["M EnterpriseS VOLUME_KMSCLIENT 1 J462D 259197 host=HOST"];
    // Those of other sections are not known.
    "slmgr-en-dli-checkmk-agent.txt", 10, ["ws0421 ServerStandard VOLUME_KMSCLIENT 1 R7VHC 251100 host=HOST"];
    "slmgr-en-dli-win7-grace.txt", 0, ["M Enterprise TIMEBASED_EVAL 2 JCDDG 12960"];
    "ospp-oob-grace-tabs.txt", 0, ["M Office16StandardVL_KMS_Client VOLUME_KMSCLIENT 2 DRTFM 43194 reason=0x4004F00C"];
    // Two IDs are taken out.
    "ospp-zh-banner-two.txt", 2, [
        "M Office21VisioPro2021VL_KMS_Client_AE VOLUME_KMSCLIENT 1 K2HT4 259172 host=HOST",
        "M Office21ProPlus2021VL_KMS_Client_AE VOLUME_KMSCLIENT 1 6F7TH 259172 host=HOST",
    ];
    // When it ended is written in the way of some country.
    "ospp-subscription-expired.txt", 1, ["M OfficeProPlusSubR_Subscription TIMEBASED_SUB 5 RMYP4 - reason=0xC004F005"];
    "ospp-act-two.txt", 0, [
        "M Office21ProPlus2021R_Grace RETAIL(Grace) - PG343 - error=0xC004F017",
        "M Office21ProPlus2021VL_KMS_Client_AE VOLUME_KMSCLIENT - 6F7TH - error=0xC004F074",
    ];
    // One of two attempts went well, which is said.
    "ospp-act-mixed.txt", 1, ["M Office21ProPlus2021R_Grace RETAIL(Grace) - PG343 - error=0xC004F017"];
    "ospp-act-then-dstatus.txt", 0,
        ["M Office16ProPlusVL_KMS_Client VOLUME_KMSCLIENT 1 WFG99 258642 reason=0x4004F040 host=192.0.2.12:16886"];
    "vnext-nul.txt", 0, ["M O365ProPlusRetail - 1 - - end=2027-02-01T07:16:15.4587377Z"];
    "vnext-none.txt", 0, [];
    "oslicense-list.txt", 0, ["M Professional - 1 3V66T -"];
    "wmi-list-wrapped-prompt.txt", 0, ["M Professional OEM_DM 1 F6YP2 -"];
    // An address that is broken, and two of its kind.
    "wmi-list-indented-office.txt", 1, [
        "M Office16ProPlusR_Grace RETAIL(Grace) 5 XXXXX -",
        "M Office16ProPlusMSDNR_Retail RETAIL 1 4HQ7F -",
    ];
    // Two IDs, the key and its kind are taken out.
    "wmi-list-redacted.txt", 4, ["M Professional RETAIL 0 - 0 reason=0xC004F014"];
    "wmi-list-tail-dots.txt", 1, ["M Professional - 1 WFG6P - reason=0x4004F401"];
    "wmi-slmgr-ps.txt", 0, ["M Professional VOLUME_KMSCLIENT 1 T83GX 254896 reason=0x4004F401"];
    "wmi-slmgr-hash.json", 0, ["M Professional RETAIL 1 3V66T -"];
    "wmi-wmic-prompt.txt", 0, ["M ServerStandard - 1 J464C 231111"];
    // The query is not known.
    "wmi-osquery-table.txt", 1, ["M Professional OEM_DM 1 F6YP2 -"];
    "wmi-zabbix-office.json", 0, [
        "M Office16ProjectProVL_KMS_Client VOLUME_KMSCLIENT 1 - 254861",
        "M Office16VisioProVL_KMS_Client VOLUME_KMSCLIENT 1 - 254861",
        "M Office16ProPlusVL_KMS_Client VOLUME_KMSCLIENT 1 - 254861",
    ];
    "wmi-zabbix-windows.json", 0, ["M Professional VOLUME_KMSCLIENT 1 - 254896"];
    "wmi-ansible-adhoc.txt", 0, ["ws0421 Enterprise VOLUME_MAK 1 - -", "ws0422 Professional VOLUME_KMSCLIENT 5 - -"];
    "wmi-ansible-lists.json", 0,
        ["ws0421 Professional RETAIL 1 - -", "ws0421 Office16StandardVL_KMS_Client VOLUME_KMSCLIENT 2 - -"];
    "events-doc-12288.txt", 0, ["M - VOLUME_KMSCLIENT 2 - 41760 error=0xC004F06C host=HOST"];
    "events-doc-12288-short.txt", 0,
        ["M - VOLUME_KMSCLIENT 5 - - error=0xC004F06C host=azkms.core.windows.net:1688"];
    "events-doc-12290.txt", 0, ["ws0421.corp.example - VOLUME_KMSCLIENT 2 - 41520 error=0xC004F06C"];
    "events-dashes.xml", 0, ["ws0421.corp.example - VOLUME_KMSCLIENT 2 - 14400 error=0xC004F074 host=HOST"];
    "events-snake.json", 0, ["ws0421.corp.example - VOLUME_KMSCLIENT 2 - 14400 error=0xC004F074 host=HOST"];
];

#[test]
fn every_output_gives_what_is_in_it() {
    let mut wrong = Vec::new();
    for (name, bytes, expected, licenses) in OUTPUTS {
        let (lines, result, skipped, _) = of(bytes);
        let licenses: Vec<String> = licenses.iter().map(|license| license.replace("HOST", HOST)).collect();
        if lines != licenses || result != Ok(()) || skipped.count != *expected {
            wrong.push((name, lines, result, skipped));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_has_no_license_says_so() {
    assert_eq!(of(include_bytes!("samples/vnext-none.txt")).3, Some(Nothing::NoKey));
    // Which status is of which product is not known.
    let text = r#"{"ansible_facts": {"ansible_os_license_edition": "Windows(R), Professional edition",
        "ansible_os_license_status": ["Licensed", "Unlicensed"]}}"#;
    let (lines, _, skipped, _) = of(text.as_bytes());
    assert!(lines.is_empty() && skipped.first.as_ref().unwrap().contains("belong together"), "{lines:?} {skipped:?}");
    // A query without a filter finds every product that could be installed.
    let text = r#"{"ansible_facts": {"ansible_os_license_edition": ["Windows(R), A edition", "Windows(R), B edition"],
        "ansible_os_license_status": ["Unlicensed", "Licensed"]}}"#;
    assert_eq!(of(text.as_bytes()).0, ["M B - 1 - -"]);
}

#[test]
fn a_command_that_names_the_columns_is_no_table() {
    let list = "\r\nName          : Windows(R), Professional edition\r\nLicenseStatus : 1\r\nID            : \r\n";
    for command in [
        "PS C:\\> Get-OSLicenseInfo | Select-Object Name, LicenseStatus, PartialProductKey, ID",
        "[ws0421]: PS C:\\> gcim SoftwareLicensingProduct | fl Name, LicenseStatus, ID",
        "C:\\>wmic path SoftwareLicensingProduct get Name,LicenseStatus,PartialProductKey,ID",
        "Get-CimInstance SoftwareLicensingProduct | Select-Object Description, LicenseStatus, ID, Name",
        "wmic path SoftwareLicensingProduct get Description,LicenseStatus,ID",
    ] {
        let (lines, result, ..) = of(format!("{command}\r\n{list}").as_bytes());
        let machine = if command.starts_with('[') { "ws0421" } else { "M" };
        assert_eq!((lines, result), (vec![format!("{machine} Professional - 1 - -")], Ok(())), "{command}");
    }
}
