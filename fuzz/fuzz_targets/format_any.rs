#![no_main]

use gracewatch::formats::Reading;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = gracewatch::formats::read(data, &mut Reading::new(&mut |_| ()));
});
