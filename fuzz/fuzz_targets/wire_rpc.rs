#![no_main]

use gracewatch::wire::rpc::{BindAnswer, HEADER_LENGTH, Header};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some((header, body)) = data.split_first_chunk::<HEADER_LENGTH>()
        && let Ok(header) = Header::decode(header)
    {
        let _ = BindAnswer::decode(&header, body);
    }
});
