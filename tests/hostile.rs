//! What it costs to read what someone sends who means no good: the memory beside the input, and the time when the input
//! is twice as long. In a program of its own, whose allocator counts.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "what a test cannot do fails it")]

use gracewatch::formats::{self, Reading};
use nix::time::{ClockId, clock_gettime};
use peak_alloc::PeakAlloc;
use std::time::Duration;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What a reading may take of memory beside the input: three times as much, and what does not depend on it.
const MOST_TIMES: usize = 3;
const CONSTANT: usize = 5 * MIB;

/// How much longer an input of twice the length may take: linear is 2, quadratic is 4.
const MOST_GROWTH: f64 = 3.2;

const MIB: usize = 1024 * 1024;
const KIB: usize = 1024;

/// A shape of inputs: what it is called, and an input of about this length.
struct Shape {
    name: &'static str,
    make: Box<dyn Fn(usize) -> Vec<u8>>,
}

/// One piece over and over, between a beginning and an end.
fn shape(name: &'static str, start: &'static str, piece: &'static str, end: &'static str) -> Shape {
    let make = move |length: usize| {
        let text = format!("{start}{}{end}", piece.repeat(length.saturating_sub(start.len()) / piece.len()));
        text.into_bytes()
    };
    Shape { name, make: Box::new(make) }
}

/// Numbered pieces, so that none is like another.
fn numbered(name: &'static str, start: &'static str, piece: fn(usize) -> String, end: &'static str) -> Shape {
    let make = move |length: usize| {
        let mut text = start.to_owned();
        for number in 0.. {
            if text.len() >= length {
                break;
            }
            text += &piece(number);
        }
        (text + end).into_bytes()
    };
    Shape { name, make: Box::new(make) }
}

const DLV: &str = "Software licensing service version: 10.0.17763.2028\n\n";
const OSPP: &str = "---Processing--------------------------\n";
const ROW: &str = "ws1,Windows,J464C,1\n";
const HEADER: &str = "PSComputerName,Name,PartialProductKey,LicenseStatus\n";
const EVENT: &str = "<Event><System><EventID>12290</EventID><Computer>h</Computer></System><EventData><Data>0,5,ws1,\
    08c3bda0-c556-4b61-9e4e-7bf6d4df80be,2026/11/24 09:00,0,1,9,2de67392-b7a7-462a-b1ca-108dd189f588</Data></EventData></Event>";

fn host_record(number: usize) -> String {
    EVENT.replace("ws1", &format!("ws{number}"))
}

fn shapes() -> impl Iterator<Item = Shape> {
    [json(), tables(), markup(), scripts(), texts()].into_iter().flatten()
}

fn json() -> Vec<Shape> {
    vec![
        shape("objects on one line", "", "{}", ""),
        shape("objects on lines", "", "{}\n", ""),
        shape("products", "[", r#"{"Name":"Windows","LicenseStatus":1,"PSComputerName":"ws1"},"#, "{}]"),
        shape("small objects in one", "{\"x\":[", "{\"\":1},", "{}]}"),
        shape("numbers", "[", "1,", "1]"),
        shape("numbers in an object", "{\"x\":[", "1,", "1]}"),
        shape("lines that are cut", "{}\n", "{\"a\":[\n", ""),
        shape("lists in lists", "", "[", ""),
        shape("objects in objects", "", "{\"value\":", ""),
        shape("wrappers", "[", "{\"machine\":\"a\",\"reports\":[]},", "{}]"),
        shape("wrappers of many", "[", "{\"reports\":[{},{}],\"Node\":1,\"nOde\":2,\"noDe\":3},", "{}]"),
        shape("a member again and again", "{", "\"a\":1,", "\"a\":1}"),
        numbered("many members", "{", |number| format!("\"{number}\":1,"), "\"a\":1}"),
        numbered("many objects of many members", "[", |number| format!("{{\"{number}\":1,\"a\":2}},"), "{}]"),
        shape("escapes", "{\"LicenseStatus\":1,\"Name\":\"", "\\u0041\\n", "\"}"),
        shape(
            "products of one machine",
            "{\"machine\":\"a\",\"products\":[",
            "{\"LicenseStatus\":1,\"ID\":\"\"},",
            "{}]}",
        ),
        shape("an object as text", "[\"@{", "a=; ", "b=}\"]"),
        shape("a text as objects", "[", "\"@{a=}\",", "{}]"),
        numbered(
            "events as objects",
            "[",
            |number| {
                let data = format!("0,5,ws{number},,2026/11/24 09:00,0,1,9,2de67392-b7a7-462a-b1ca-108dd189f588");
                format!("{{\"EventID\":12290,\"Data\":\"{data}\"}},")
            },
            "{}]",
        ),
        shape("data of one event", "{\"EventID\":12290,\"winlog\":{\"event_data\":[", "\"0\",", "1]}}"),
    ]
}

fn tables() -> Vec<Shape> {
    vec![
        shape("columns", "", "a,", "\n"),
        shape("columns of VAMT", "Computer Name,Product Name,License Status", ",a", "\n1,2,3\n"),
        shape("rows", HEADER, ROW, ""),
        shape("a row of many fields", HEADER, ",", "\n"),
        shape("rows of many fields", HEADER, ",,,,,,,,,,,,,,,,,,,,,,,,,,,,\n", ""),
        shape("a quote that is never closed", HEADER, "\"a\n", ""),
        shape("blank lines in a table", HEADER, "\n", ROW),
        shape("returns in a table", HEADER, "\r", ROW),
    ]
}

fn markup() -> Vec<Shape> {
    vec![
        shape("events", "<Events>", EVENT, "</Events>"),
        numbered("events of many machines", "<Events>", host_record, "</Events>"),
        shape("elements in elements", "<Events>", "<a>", ""),
        shape("attributes", "<Events><Event><System><Provider ", "a='1' ", "/></System></Event></Events>"),
        shape("comments", "<Events>", "<!---->", "</Events>"),
        shape("comments before all", "", "<!---->", "<Events></Events>"),
        shape("entities", "<Events><Event><EventData><Data>", "&amp;", "</Data></EventData></Event></Events>"),
        shape(
            "signs of equality",
            "<Event><System><EventID>8198</EventID></System><EventData><Data>",
            "=",
            "</Data></EventData></Event>",
        ),
        shape(
            "an export of VAMT",
            "<SoftwareLicensingData>",
            "<Computer Name='ws1'><Product><SKU ID='1' Name='Windows'/></Product></Computer>",
            "</SoftwareLicensingData>",
        ),
        shape(
            "attributes in an export of VAMT",
            "<SoftwareLicensingData><Computer Name='ws1'><Product ",
            "Name='a' ",
            "/></Computer></SoftwareLicensingData>",
        ),
    ]
}

fn scripts() -> Vec<Shape> {
    vec![
        shape("products of slmgr", DLV, "Name: Windows(R), Enterprise edition\nLicense Status: Licensed\n", ""),
        shape(
            "outputs of slmgr",
            "",
            "Software licensing service version: 10.0\nName: Windows(R), a edition\nLicense Status: Licensed\n",
            "",
        ),
        shape("prompts", DLV, "C:\\>slmgr /dlv\n", ""),
        shape("headings", DLV, "\\\\WS1:\nName: Windows(R), a edition\nLicense Status: Licensed\n", ""),
        shape("one long line", DLV, "a", ""),
        shape(
            "long lines",
            DLV,
            "Name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
            "",
        ),
        shape("blank lines", DLV, "\n", ""),
        shape("returns", DLV, "\r", ""),
        shape("unknown lines", DLV, "a\n", ""),
        shape(
            "blocks of ospp",
            OSPP,
            "SKU ID: 1\nLICENSE NAME: Office\nLICENSE STATUS:  ---LICENSED---\n-----------\n",
            "",
        ),
        shape("rules of ospp", OSPP, "----------\n", ""),
        shape("starts of ospp", "", OSPP, ""),
    ]
}

fn texts() -> Vec<Shape> {
    vec![
        shape("keys", "[", "\"BCDFG-HJKMN-PQRTV-WXY23-46789\",", "{}]"),
        shape("groups of keys", "[\"", "BCDFG ", "\"]"),
        Shape {
            name: "UTF-16",
            make: Box::new(|length| {
                let text = format!("[{}{{}}]", "{},".repeat(length / 6));
                text.encode_utf16().flat_map(u16::to_le_bytes).collect()
            }),
        },
        Shape {
            name: "code page 932",
            make: Box::new(|length| [b"{\"a\":\"".as_slice(), &b"\x93\xfa".repeat(length / 2), b"\"}"].concat()),
        },
        Shape {
            name: "code page 1252",
            make: Box::new(|length| [b"{\"a\":\"".as_slice(), &b"\xe4 ".repeat(length / 2), b"\"}"].concat()),
        },
    ]
}

fn read(bytes: &[u8]) {
    let _ = formats::read(bytes, &mut Reading::new(&mut |_| ()));
}

/// What a thread has worked so far: other programs on the machine do not count.
fn worked() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("the clock of a thread").into()
}

/// How long it takes to read an input.
fn time(bytes: &[u8]) -> Duration {
    let begun = worked();
    read(bytes);
    worked().saturating_sub(begun)
}

// One test, so that nothing else takes memory meanwhile.
#[test]
fn no_input_costs_more_than_its_length() {
    let mut faults = Vec::new();
    for Shape { name, make } in shapes() {
        let bytes = make(MIB);
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        read(&bytes);
        let taken = MEMORY.peak_usage().saturating_sub(before);
        if taken > MOST_TIMES * bytes.len() + CONSTANT {
            faults.push(format!("{name}: {} KiB for an input of {} KiB", taken / KIB, bytes.len() / KIB));
        }
        let (short, long) = (make(32 * KIB), make(64 * KIB));
        // What takes no time cannot be distinguished from noise.
        let growth = || time(&long).as_secs_f64() / time(&short).as_secs_f64().max(0.002);
        let growth = (0..5).map(|_| growth()).find(|growth| *growth <= MOST_GROWTH);
        if growth.is_none() {
            faults.push(format!("{name}: twice as long takes more than {MOST_GROWTH} times as long"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
