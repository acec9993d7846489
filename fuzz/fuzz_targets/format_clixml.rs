#![no_main]

use gracewatch::formats::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    gracewatch_fuzz::read_format(Format::CliXml, data);
});
