#![no_main]

use gracewatch::config::tokens::Tokens;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    if let Ok(tokens) = Tokens::parse(data) {
        let _ = tokens.grant(data);
    }
});
