#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = gracewatch::wire::kdc_answer::error_code(data);
    let _ = gracewatch::wire::kdc_answer::demand_proof(data);
});
