#![no_main]

use gracewatch::config::{Config, System};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // Files that it names are read, so that none is named but those of a folder that is not there.
    let text = String::from_utf8_lossy(data).replace('/', "_");
    let _ = Config::parse(text.as_bytes(), "fuzz", &System::default(), &|_| None);
});
