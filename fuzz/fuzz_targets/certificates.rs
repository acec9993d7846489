#![no_main]

use gracewatch::online::trust::{Trust, read_roots, rsa_bits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // As a server shows one, and as a file of roots has some.
    let _ = rsa_bits(data);
    if let Ok(roots) = read_roots(data) {
        assert!(!roots.is_empty());
        let _ = Trust::new(roots);
    }
});
