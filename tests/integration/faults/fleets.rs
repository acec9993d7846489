//! Ways and machines together: what a row of `kms_fleets.md` or `online_fleets.md` means. Each row has a configuration
//! and a store of its own.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use super::confusion::{Confusion, Outcome};
use super::fleet::{Fleet, Site};
use super::kms_world;
use super::online_world;
use super::table::{self, Row};
use super::{kms, online, world};
use crate::support::check;
use crate::support::config::EACH_SECOND;
use crate::support::program::gracewatch_in;
use crate::support::status::{Kept, text};

/// The columns there are on a way to KMS hosts, and on one to online endpoints.
const KMS_COLUMNS: [&str; 10] = [
    "hosts",
    "nameservers",
    "expected",
    "time servers",
    "our clock",
    "online",
    "of",
    "machines",
    "on the path",
    "also",
];
const ONLINE_COLUMNS: [&str; 5] = ["proxies", "endpoints", "machines", "on the path", "also"];

/// How many rows are walked at a time.
const AT_A_TIME: usize = 3;

/// How long a stage may take: hardly any row waits for one to end so, and the machine is busy with several rows.
const TIMEOUT: &str = "probe: {timeout: 5s}\n";

/// The domain of machines that look for no KMS host.
const DOMAIN: &str = "corp.example";

/// The rows of ways to KMS hosts.
pub fn kms_rows() -> Vec<Row> {
    table::read("kms_fleets.md", include_str!("kms_fleets.md"), &KMS_COLUMNS)
}

/// The rows of ways to online endpoints.
pub fn online_rows() -> Vec<Row> {
    table::read("online_fleets.md", include_str!("online_fleets.md"), &ONLINE_COLUMNS)
}

/// Walks every row over the same hosts.
pub fn walk_to_hosts(rows: &[Row]) -> Confusion<'_> {
    let world = kms_world::World::start(rows);
    Confusion(at_once(rows, |row| {
        let beside = match row.cell("online") {
            "" => String::new(),
            host => {
                let host = kms_world::host(host);
                format!(
                    "- {{name: online, online: {{endpoints: \"http://{}:{}\"}}}}\n",
                    kms::name(host.word, row, 0),
                    host.port
                )
            }
        };
        let settings = format!("paths:\n{}{beside}{}", kms::path(row), world::clock(row.cell("time servers")));
        let hosts = row.list("hosts");
        let first = hosts.first().filter(|host| !host.starts_with('('));
        let site = Site {
            domain: kms::domain(row, 0),
            host: first.map(|host| kms_world::host(host.split('/').next().unwrap_or(host).trim()).word),
            name: &|host| kms::name(host, row, 0),
        };
        let name = if row.cell("of") == "online" { "online".to_owned() } else { row.name() };
        outcome(row, &name, || gracewatch_in(world.namespace()), &settings, &site)
    }))
}

/// Walks every row over the same endpoints.
pub fn walk_to_endpoints(rows: &[Row]) -> Confusion<'_> {
    let world = online_world::World::start();
    Confusion(at_once(rows, |row| {
        let settings = format!("paths:\n{}clock: {{ntp: []}}\n", online::path(row, &world));
        let site = Site { domain: DOMAIN.to_owned(), host: None, name: &|host| format!("{host}.{DOMAIN}") };
        outcome(row, &row.name(), || gracewatch_in(world.namespace()), &settings, &site)
    }))
}

/// Imports what the machines of a row report, and walks its paths. What came first makes no difference.
fn outcome<'a>(
    row: &'a Row,
    name: &str,
    command: impl Fn() -> Command,
    settings: &str,
    site: &Site<'_>,
) -> Outcome<'a> {
    let files: Vec<_> = Fleet::read(row.cell("machines"), site).files().collect();
    let walked = |files: &mut dyn Iterator<Item = &(&str, String)>| {
        let kept = Kept::new().with_paths(settings);
        for (name, text) in files {
            let printed = kept.import_text(name, text);
            assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{row}: {printed:?}");
        }
        let mut command = command();
        world::shift(&mut command, row.cell("our clock"));
        let report = check::configured_by(command, &kept.configuration().replace(EACH_SECOND, TIMEOUT));
        let path = report.paths().iter().find(|path| path["name"] == name);
        Outcome::of_path(row, path.unwrap_or_else(|| panic!("no path {name} for {row}")))
    };
    let outcome = walked(&mut files.iter());
    if files.len() < 2 { outcome } else { outcome.whatever_came_first(&walked(&mut files.iter().rev())) }
}

/// Does this with every row, several at a time.
fn at_once<'a>(rows: &'a [Row], work: impl Fn(&'a Row) -> Outcome<'a> + Sync) -> Vec<Outcome<'a>> {
    let next = AtomicUsize::new(0);
    let walk = || {
        let next = || rows.get(next.fetch_add(1, Ordering::Relaxed));
        std::iter::from_fn(next).map(&work).collect::<Vec<_>>()
    };
    let mut outcomes: Vec<_> = thread::scope(|scope| {
        let workers = [(); AT_A_TIME].map(|()| scope.spawn(walk));
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    outcomes.sort_by_key(Outcome::line);
    outcomes
}

/// The longest summary, in words.
const MOST_WORDS: usize = 25;

/// What is wrong with the words of any verdict: that somebody depends on the path is shown by their number,
/// every problem says what it is and what to do, and nothing is said at length.
pub fn faults(row: &Row, path: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let expected = row.cell("on the path");
    if !expected.is_empty() && path["machines"] != expected.parse::<u64>().expect("a number of machines") {
        faults.push(format!("{} machines are on the path, and not {expected}", path["machines"]));
    }
    let list = |value: &Value| value.as_array().cloned().unwrap_or_else(|| panic!("{row}: no list: {value}"));
    let problems = list(&path["problems"]);
    for problem in &problems {
        if text(&problem["summary"]).is_empty() || list(&problem["next_steps"]).iter().all(|step| text(step).is_empty())
        {
            faults.push(format!("not reported in full: {problem}"));
        }
    }
    let others: Vec<_> = problems.iter().skip(1).map(reported).collect();
    let also = row.cell("also");
    if !also.is_empty() && others.join(", ") != also.trim_matches('-') {
        faults.push(format!("also wrong is {others:?}"));
    }
    let (summary, steps) = (text(&path["summary"]), list(&path["next_steps"]));
    match (text(&path["verdict"]), steps.first(), problems.first()) {
        // Nothing is wrong with a path that is unknown, as far as is known.
        ("ok", None, None) | ("unknown", Some(_), None) => {}
        ("degraded" | "blocked", Some(_), Some(problem)) => {
            if (&problem["stage"], &problem["reason"]) != (&path["stage"], &path["reason"]) {
                faults.push(format!("blamed is not the first problem: {problem}"));
            }
        }
        _ => faults.push(format!("not said what to do: {steps:?}")),
    }
    let impact = path["impact"].as_str().unwrap_or_default();
    let number = path["machines"].as_u64().filter(|machines| *machines > 0 && text(&path["verdict"]) != "ok");
    if number.is_some_and(|number| !impact.starts_with(&format!("{number} machine"))) {
        faults.push(format!("not said who depends on it: {impact}"));
    }
    faults.extend(misspoken(row, path));
    if summary.split_whitespace().count() > MOST_WORDS {
        faults.push(format!("too long: {summary}"));
    }
    faults
}

/// What the words of a verdict do not say and should, or say and should not.
fn misspoken(row: &Row, path: &Value) -> Vec<String> {
    let [says, first_step, never] = row.words();
    let texts = |value: &Value| match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>(),
        value => value.as_str().map(str::to_owned).into_iter().collect(),
    };
    let problems = path["problems"].as_array().into_iter().flatten();
    let (mut summaries, mut steps) = (texts(&path["summary"]), texts(&path["next_steps"]));
    let first = steps.first().cloned().unwrap_or_default();
    for problem in problems {
        summaries.extend(texts(&problem["summary"]));
        steps.extend(texts(&problem["next_steps"]));
    }
    let (summaries, steps) = (summaries.join("\n"), steps.join("\n"));
    let all = format!("{summaries}\n{steps}");
    let missing =
        says.into_iter().filter(|words| !summaries.contains(words)).map(|words| format!("does not say {words:?}"));
    let late = first_step.into_iter().filter(|words| !first.contains(words));
    let late = late.map(|words| format!("the first step is not {words:?}: {first}"));
    // Nothing of a debugger's, and no number of the system's.
    let never = never.into_iter().chain(["Some(", "Err(", "Error {", "os error"]);
    let wrong = never.filter(|words| all.contains(words)).map(|words| format!("says {words:?}"));
    let faults: Vec<_> = missing.chain(late).chain(wrong).collect();
    if faults.is_empty() { faults } else { [faults, vec![all.clone()]].concat() }
}

/// The stage and the reason of a problem.
fn reported(problem: &Value) -> String {
    format!("{} {}", text(&problem["stage"]), text(&problem["reason"]))
}
