//! The way to online endpoints: what a row of `online.md` means in the configuration.

use std::collections::BTreeMap;

use super::confusion::{Confusion, Outcome};
use super::online_world::{ROOT, World, endpoint};
use super::table::{self, Row};
use super::world::{self, list};
use crate::support::check;
use crate::support::program::gracewatch_in;

/// The columns there are.
const COLUMNS: [&str; 4] = ["endpoints", "proxies", "time servers", "our clock"];

/// All rows.
pub fn rows() -> Vec<Row> {
    table::read("online.md", include_str!("online.md"), &COLUMNS)
}

/// Walks every row over the same servers.
pub fn walk(rows: &[Row]) -> Confusion<'_> {
    let world = World::start();
    // What is configured for all paths at once is configured for all rows that want the same.
    let mut rounds: BTreeMap<_, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        rounds.entry((row.cell("time servers"), row.cell("our clock"))).or_default().push(row);
    }
    let outcomes = rounds.into_iter().flat_map(|((time_servers, our_clock), rows)| {
        let paths: String = rows.iter().map(|row| path(row, &world)).collect();
        let settings = format!("paths:\n{paths}{}{}", world::clock(time_servers), world::TIMEOUT);
        let mut command = gracewatch_in(world.namespace());
        world::shift(&mut command, our_clock);
        let report = check::configured_by(command, &settings);
        rows.into_iter().map(|row| Outcome::of(row, report.paths())).collect::<Vec<_>>()
    });
    Confusion(outcomes.collect())
}

/// The path of a row, as it is configured.
pub fn path(row: &Row, world: &World) -> String {
    let endpoints = row.list("endpoints").into_iter().map(|said| match said.split_once(" as ") {
        Some((name, role)) => format!("{{url: \"{}\", role: {role}}}", endpoint(name)),
        None => endpoint(said),
    });
    let endpoints: Vec<_> = endpoints.collect();
    let proxies: Vec<_> = match row.list("proxies").as_slice() {
        [] => vec!["direct".to_owned()],
        words => words.iter().map(|word| world.proxy(word)).collect(),
    };
    format!(
        "- {{name: \"{}\", online: {{endpoints: {}, proxies: {}, ca_file: \"{}\", expected_issuers: [\"{ROOT}\"]}}}}\n",
        row.name(),
        list(&endpoints),
        list(&proxies),
        world.roots().display()
    )
}
