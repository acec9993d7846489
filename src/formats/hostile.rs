//! What senders may send who mean no good: readings that nobody waits for.

use super::*;
use crate::license::Report;
use std::sync::atomic::{AtomicBool, Ordering};

/// A text of each format, with the reports of several machines in it.
pub(super) fn fleets() -> Vec<(&'static str, String)> {
    let product = r#"{"PSComputerName":"ws1","Name":"Windows","PartialProductKey":"J464C","LicenseStatus":1}"#;
    let row = "ws1,Windows,J464C,1\r\n";
    let events = include_str!("samples/events-host-wevtutil.xml");
    let vamt = include_str!("samples/vamt-console.csv");
    let cilx = include_str!("samples/vamt.cilx");
    let [slmgr, ospp] =
        [include_str!("samples/en-dlv-mak.txt"), include_str!("samples/ospp-dstatus-office2019-oobgrace.txt")];
    let headed = |text: &str| format!("\\\\WS1:\r\n{text}\r\n\\\\WS2:\r\n{text}\r\n\\\\WS3:\r\n{text}\r\n");
    vec![
        ("JSON", format!("[{product},{product},{product}]")),
        ("JSON lines", format!("{product}\n{product}\n{product}\n")),
        ("wrapped JSON", format!("{{\"reports\":[{product},{product},{product}]}}")),
        ("WMI as CSV", format!("PSComputerName,Name,PartialProductKey,LicenseStatus\r\n{row}{row}{row}")),
        ("events", events.to_owned()),
        ("VAMT", vamt.to_owned()),
        ("CILX", cilx.to_owned()),
        ("slmgr", headed(slmgr)),
        ("ospp", headed(ospp)),
    ]
}

#[test]
fn a_reading_that_nobody_waits_for_any_more_ends() {
    for (format, text) in fleets() {
        let (never, stop) = (AtomicBool::new(false), AtomicBool::new(false));
        let mut all = 0;
        read(text.as_bytes(), &mut Reading::stoppable(&mut |_| all += 1, &never)).unwrap();
        assert!(all > 1, "{format}: {all}");

        let mut reports = 0;
        let mut take = |_: Report| {
            reports += 1;
            stop.store(true, Ordering::Relaxed);
        };
        let mut reading = Reading::stoppable(&mut take, &stop);
        let result = read(text.as_bytes(), &mut reading);
        assert_eq!(reading.reports(), 1, "{format}");
        assert_eq!(result, Err(FormatError::Stopped), "{format}");
        assert_eq!(reports, 1, "{format}");
        assert_eq!(read(text.as_bytes(), &mut Reading::stoppable(&mut |_| (), &stop)), Err(FormatError::Stopped));
    }
}
