#![no_main]

use gracewatch::wire::http::{Head, chunk_length};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(Some((head, length))) = Head::decode(data) {
        assert!(length <= data.len());
        let _ = head.to_string();
    }
    if let Ok(line) = std::str::from_utf8(data) {
        let _ = chunk_length(line);
    }
});
