use super::*;
use crate::formats::Skipped;
use crate::license::{License, Remaining, Report};
use serde_json::Value;

mod fleet;
mod hostile;
mod json;
mod xml;

pub(super) const HOST_WEVTUTIL: &str = include_str!("../samples/events-host-wevtutil.xml");
pub(super) const HOST_VIEWER: &str = include_str!("../samples/events-host-viewer.xml");
pub(super) const CLIENT_WEVTUTIL: &str = include_str!("../samples/events-client-wevtutil.xml");

pub(super) const WINDOWS_SKU: &str = "2de67392-b7a7-462a-b1ca-108dd189f588";
pub(super) const OFFICE_SKU: &str = "85dd8b5f-eaa4-4af3-a628-cce9e77c9a03";
pub(super) const SERVER_SKU: &str = "de32eafd-aaee-4662-9444-c1befb41bde2";
pub(super) const CMID: &str = "08c3bda0-c556-4b61-9e4e-7bf6d4df80be";

/// What came of reading an input.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) reports: Vec<Report>,
    pub(super) skipped: Skipped,
    pub(super) result: Result<(), FormatError>,
}

pub(super) fn reading(read: impl FnOnce(&mut Reading<'_>) -> Result<(), FormatError>) -> Outcome {
    let mut reports = Vec::new();
    let mut take = |report| reports.push(report);
    let mut reading = Reading::new(&mut take);
    let result = read(&mut reading);
    let skipped = reading.skipped().clone();
    Outcome { reports, skipped, result }
}

pub(super) fn of_xml(text: &str) -> Outcome {
    reading(|reading| read_xml(text, reading))
}

/// Reads objects, in an array or one after another.
pub(super) fn of_json(text: &str) -> Outcome {
    reading(|reading| {
        let mut events = Events::new();
        for value in serde_json::Deserializer::from_str(text).into_iter::<Value>().map_while(Result::ok) {
            let values = if let Value::Array(values) = value { values } else { vec![value] };
            for text in values.iter().filter(|value| value.is_object()).map(ToString::to_string) {
                let object = Object::of(&text).unwrap();
                assert!(is_event(&object));
                events.object(&object, None, "here", reading);
            }
        }
        events.finish(reading);
        Ok(())
    })
}

/// An event as `wevtutil` prints it.
pub(super) fn event(id: u32, time: &str, computer: &str, data: &[&str]) -> String {
    let data = data.join("</Data><Data>");
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
         <Provider Name='Microsoft-Windows-Security-SPP'/><EventID Qualifiers='16384'>{id}</EventID>\
         <TimeCreated SystemTime='{time}'/><Computer>{computer}</Computer></System>\
         <EventData><Data>{data}</Data></EventData></Event>\r\n"
    )
}

pub(super) fn license(report: &Report) -> &License {
    assert_eq!(report.licenses.len(), 1);
    &report.licenses[0]
}

pub(super) fn minutes(report: &Report) -> Option<u32> {
    match license(report).remaining {
        Some(Remaining::Minutes(minutes)) => Some(minutes),
        _ => None,
    }
}
