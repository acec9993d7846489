#![no_main]

use gracewatch::config::web_file::WebFile;
use libfuzzer_sys::fuzz_target;
use std::fs;

fuzz_target!(|data: &[u8]| {
    // Files that it names are read, so that none is named but those of a folder that is not there.
    let text = String::from_utf8_lossy(data).replace('/', "_");
    let file = std::env::temp_dir().join(format!("gracewatch-fuzz-web-{}.yaml", std::process::id()));
    fs::write(&file, text).expect("there is room for it");
    let _ = WebFile::load(&file);
});
