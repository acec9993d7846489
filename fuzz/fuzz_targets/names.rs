#![no_main]

use gracewatch::license::{Channel, MachineName, parse_kms_host};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let _ = data.parse::<MachineName>();
    let _ = parse_kms_host(data, 1688);
    let _ = Channel::from_description(data);
    let _ = Channel::from_key_channel(data);
});
