//! What a cell of the table of endpoints and proxies says.

use super::mark::Mark;
use super::online::CellJson;
use crate::text::{Words, say};
use crate::words::milliseconds;
use std::time::Duration;

/// How a cell is to be taken: the first stage that failed, or the time that all took.
pub fn cell(words: Words, found: Option<&CellJson<'_>>) -> (Mark, String) {
    let Some(cell) = found else { return (Mark::Doubtful, say!(words, "not-probed")) };
    let time = milliseconds(Duration::try_from_secs_f64(cell.duration_seconds).unwrap_or_default());
    let with_login = |shown: String| if cell.past_login { say!(words, "past-login", cell = shown) } else { shown };
    let day = |moment: &str| moment.split('T').next().unwrap_or_default().to_owned();
    let shown = match (cell.mark, &cell.stage, &cell.reason, &cell.ends_at, &cell.proxy_ends_at) {
        (Mark::Failed, Some(stage), Some(reason), ..) => with_login(format!("{stage} {reason}")),
        _ if cell.past_login => with_login(time),
        (.., Some(ends), _) => say!(words, "ends-on", cell = time, day = day(ends)),
        (.., Some(ends)) => say!(words, "proxy-ends-on", cell = time, day = day(ends)),
        _ => time,
    };
    (cell.mark, shown)
}
