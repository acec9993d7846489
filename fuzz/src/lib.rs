//! What the targets share.

use gracewatch::formats::{Format, Reading};
use gracewatch::words::cut_keys;

/// Reads bytes as a text of one format. Nothing that is told may hold a whole product key.
pub fn read_format(format: Format, bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut reports = 0_u64;
    let mut take = |report| {
        reports += 1;
        drop(report);
    };
    let mut reading = Reading::new(&mut take);
    let _ = format.read(text, &mut reading);
    let told = reading.skipped().first.clone().unwrap_or_default();
    assert_eq!(cut_keys(&told), told);
    assert_eq!(reading.reports(), reports);
}
