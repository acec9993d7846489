//! Machines for a person: their totals, then a line to each, the first to lose activation first.

use super::missing;
use crate::console::table::{self, Row, sign};
use crate::console::{DOUBTFUL, broken};
use crate::report::licenses::{self, summary};
use crate::report::machines::{MachineJson, MachinesReport, RunwayReport};
use crate::text::{Words, say};
use std::fmt::{self, Write};

/// The totals, and the machines of a page. Of those with several licenses the worst is shown; where a product is asked
/// for, the worst of that product.
pub(super) fn report(
    words: Words,
    totals: Option<&RunwayReport<'_>>,
    page: &MachinesReport<'_>,
    product: Option<&str>,
    width: usize,
) -> Result<String, fmt::Error> {
    let mut text = String::new();
    if let Some(totals) = totals {
        writeln!(text, "{}", broken(&summary(words, &totals.fleet), width, 0))?;
        for (path, runway) in totals.paths.iter().filter(|(_, runway)| runway.machines > 0) {
            let line = say!(words, "path-fleet", path = &**path, summary = summary(words, runway));
            writeln!(text, "  {}", broken(&line, width, 2))?;
        }
        if let Some(inventory) = &totals.inventory {
            writeln!(text, "{}", broken(&missing::summary(words, inventory), width, 0))?;
        }
    }
    if !page.machines.is_empty() {
        writeln!(text)?;
        let heads = ["machine", "state", "left", "late", "host", "reason"];
        let heads = heads.map(|column| say!(words, "column", column = column));
        let rows: Vec<Row> = page.machines.iter().map(|machine| row(words, machine, product)).collect();
        table::write(&mut text, &heads, &rows, width)?;
    }
    let more = page.total.saturating_sub(page.machines.len() as u64);
    if more > 0 {
        let machines = say!(words, "machines-counted", count = more);
        writeln!(text, "\n{}", broken(&say!(words, "machines-not-shown", machines = machines), width, 0))?;
    }
    Ok(text)
}

fn row(words: Words, machine: &MachineJson<'_>, product: Option<&str>) -> Row {
    let name = machine.machine.to_string();
    let Some(license) = licenses::worst(machine, product) else {
        let (status, reason) = (say!(words, "no-license"), licenses::stale(words, machine).unwrap_or_default());
        return Row {
            sign: (DOUBTFUL, '!'),
            cells: vec![name, status, String::new(), String::new(), String::new(), reason],
        };
    };
    Row {
        sign: sign(licenses::mark(license, machine.stale)),
        cells: vec![
            name,
            licenses::state(words, license),
            licenses::left(words, license),
            licenses::late(words, license),
            licenses::host(license.kms_host.as_deref()),
            licenses::reason(words, machine, license),
        ],
    }
}
