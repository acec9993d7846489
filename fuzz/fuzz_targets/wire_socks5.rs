#![no_main]

use gracewatch::wire::socks5;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(start) = data.first_chunk() {
        let _ = socks5::method(*start);
        let _ = socks5::is_let_in(*start);
    }
    if let Some(start) = data.first_chunk() {
        let _ = socks5::Reply::decode(*start);
    }
});
