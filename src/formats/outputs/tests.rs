use super::super::samples::all;
use super::super::{Skipped, parts};

const DLV: &str = include_str!("../samples/en-dlv-mak.txt");
const XPR: &str = "Windows(R), Enterprise edition:\n    The machine is permanently activated.\n\n";
const DSTATUS: &str = include_str!("../samples/ospp-dstatus-office2019-oobgrace.txt");

fn machines(text: &str) -> (Vec<Option<String>>, Skipped) {
    let (reports, skipped) = all(parts::read, text);
    (reports.into_iter().map(|report| report.machine.map(|machine| machine.to_string())).collect(), skipped)
}

#[test]
fn headings_name_the_machines_of_the_outputs_behind_them() {
    for output in [DLV, DSTATUS] {
        let text = format!("\n\\\\WS0001:\n\n{output}\n> \\\\CORP-WS2.corp.example: \n{output}");
        let (machines, skipped) = machines(&text);
        assert_eq!(machines, [Some("ws0001".to_owned()), Some("corp-ws2.corp.example".to_owned())]);
        assert_eq!(skipped.count, 0, "{skipped:?}");
    }
    let (machines, _) = machines(&format!("\\\\ws1:\n{DLV}{XPR}\\\\ws2:\n{XPR}"));
    assert_eq!(machines, ["ws1", "ws1", "ws2"].map(|name| Some(name.to_owned())));
}

#[test]
fn a_heading_without_a_name_keeps_its_outputs_from_being_taken() {
    for (heading, quote) in [
        ("\\\\192.0.2.7:", "an address is not a machine name: 192.0.2.7"),
        ("\\\\bad_name!:", "this is no name of a machine: bad_name!"),
    ] {
        for output in [DLV, DSTATUS] {
            let (machines, skipped) = machines(&format!("{heading}\n{output}"));
            assert_eq!((machines.len(), skipped.count), (0, 1));
            assert!(skipped.first.as_ref().unwrap().ends_with(quote), "{skipped:?}");
        }
    }
    let (machines, skipped) = machines(&format!("\\\\server\\share is not there\n\n{DLV}"));
    assert_eq!((machines, skipped.count), (vec![None], 1));
}

#[test]
fn outputs_of_several_machines_without_names_are_of_nobody() {
    let other = DLV.replace("MAK55", "MAK66");
    let without_banner = |text: &str| text.split_once("\n\n").unwrap().1.to_owned();
    for text in [
        [DLV, &other].concat(),
        [without_banner(DLV), without_banner(&other)].concat(),
        [XPR.to_owned(), XPR.replace("Enterprise", "Professional")].concat(),
        [XPR.to_owned(), "Windows(R), Enterprise edition:\n    Unlicensed\n\n".to_owned()].concat(),
        [DSTATUS, &DSTATUS.replace("8MBCX", "8MBCY")].concat(),
    ] {
        let (machines, skipped) = machines(&text);
        assert_eq!((machines.len(), skipped.count), (0, 2), "{text}");
        assert!(skipped.first.unwrap().contains("several machines and no names"), "{text}");
    }
    let (machines, skipped) = machines(&XPR.repeat(1000));
    assert_eq!((machines.len(), skipped.count), (0, 1000));
}

#[test]
fn outputs_that_agree_are_of_one_machine() {
    for text in [[DLV, XPR].concat(), [XPR, DLV].concat(), [XPR, XPR].concat(), [DLV, DSTATUS].concat()] {
        let (machines, skipped) = machines(&text);
        assert_eq!((machines, skipped.count), (vec![None, None], 0), "{text}");
    }
}

#[test]
fn one_output_without_a_heading_may_be_before_others() {
    let (machines, _) = machines(&format!("{DLV}\\\\ws2:\n{DLV}"));
    assert_eq!(machines, [Some("ws2".to_owned()), None]);
}

#[test]
fn of_two_runs_on_one_machine_the_later_counts() {
    for text in [[DLV, DLV].concat(), format!("\\\\WS1:\n{DLV}\n{DLV}"), DLV.repeat(1000)] {
        let (machines, skipped) = machines(&text);
        assert_eq!((machines.len(), skipped.count), (1, 0), "{skipped:?}");
    }
}
