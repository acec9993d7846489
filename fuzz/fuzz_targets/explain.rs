#![no_main]

use gracewatch::knowledge::{Language, answers};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    for language in Language::ALL {
        assert!(!answers(data, *language).is_empty());
    }
});
