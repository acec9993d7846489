#![no_main]

use gracewatch::words::cut_keys;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let cut = cut_keys(data);
    assert!(cut.len() <= data.len());
    assert_eq!(cut_keys(&cut), cut);
    let key = format!("{data}BCDFG-HJKMN-PQRTV-WXY23-46789{data}");
    assert!(!cut_keys(&key).contains("BCDFG-HJKMN"), "{key}");
});
