//! Everything that is known of one machine: what `machines NAME --output json` prints and `/api/v1/machines/NAME`
//! answers.

use super::changes::{ChangeJson, of_license};
use super::machines::MachineJson;
use super::rfc3339::Rfc3339;
use crate::codes::Code;
use crate::fleet::{Machine, MachinePage, MachineQuery, Moment};
use crate::knowledge;
use crate::state::{PathReport, Snapshot};
use crate::store::PastChange;
use crate::text::{self, Words, say};
use crate::verdict::Status;
use crate::walk::Walk;
use crate::words::day_of;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// How many changes of a machine are shown.
pub const PAST: u32 = 100;

/// How many machines are looked through for one of a name, and how many are named where none is meant alone.
const CANDIDATES: u64 = 1000;
const NAMED: usize = 10;

/// How many steps are taken over from what is known of a code.
const STEPS: usize = 4;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct MachineReport<'a> {
    /// The moment for which this holds.
    pub as_of: Rfc3339,
    /// What it reports.
    #[serde(flatten)]
    pub machine: MachineJson<'a>,
    /// How the path is that it depends on; null where none was measured.
    pub path_status: Option<PathStatusJson<'a>>,
    /// How the KMS hosts are that its licenses use; those alone that a path leads to.
    pub kms_hosts: Vec<HostJson<'a>>,
    /// What the codes mean that it reports.
    pub codes: Vec<CodeJson<'a>>,
    /// How its licenses changed, the last first.
    pub history: Vec<ChangeJson<'a>>,
    /// What to do.
    pub next_steps: Vec<String>,
}

/// How a path is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct PathStatusJson<'a> {
    pub name: Cow<'a, str>,
    pub verdict: Status,
    /// What is broken.
    pub summary: String,
}

/// How a KMS host is, at one of its addresses.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct HostJson<'a> {
    /// Its name and port.
    pub host: String,
    pub address: Option<String>,
    /// True where it serves.
    pub works: bool,
    /// Where it fails.
    pub stage: Option<Cow<'a, str>>,
    pub reason: Option<Cow<'a, str>>,
}

/// A code in words.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct CodeJson<'a> {
    pub code: Code,
    pub meaning: Cow<'a, str>,
}

/// Why no machine is meant by a name.
#[derive(Debug)]
pub struct NotFound {
    /// Those of which several could be meant.
    pub candidates: Vec<String>,
}

/// The machines among which one is looked for.
pub fn query(name: &str, moment: Moment) -> MachineQuery {
    let short = name.trim().split('.').next().unwrap_or_default().to_lowercase();
    MachineQuery { name: Some(short), limit: CANDIDATES, ..MachineQuery::new(moment) }
}

/// False for what no machine can be called, and what would be another address in one of the API.
pub fn is_a_name(name: &str) -> bool {
    !name.trim().trim_end_matches('.').is_empty()
}

/// The machine that a name means: its own, its short one, or a part of it that no other has.
///
/// # Errors
/// [`NotFound`] where none does, or several could.
pub fn find<'a>(page: &'a MachinePage, name: &str) -> Result<&'a Machine, NotFound> {
    if !is_a_name(name) {
        return Err(NotFound { candidates: Vec::new() });
    }
    let name = name.trim().trim_end_matches('.').to_lowercase();
    let named = |known: &&Machine| known.machine.name.as_str() == name;
    let shortly = |known: &&Machine| {
        let own = &known.machine.name;
        own.short() == name || (!own.is_qualified() && name.split('.').next() == Some(own.as_str()))
    };
    let contains = |known: &&Machine| known.machine.name.as_str().contains(&name);
    let only = |found: Vec<&'a Machine>| <[_; 1]>::try_from(found).ok().map(|[only]| only);
    let all = || page.machines.iter();
    let meant = all().find(named).or_else(|| only(all().filter(shortly).collect()));
    meant.or_else(|| only(all().filter(contains).collect())).ok_or_else(|| {
        let candidates = all().take(NAMED).map(|known| known.machine.name.to_string());
        NotFound { candidates: candidates.collect() }
    })
}

impl<'a> MachineReport<'a> {
    /// What is known of a machine, with sentences in these words.
    pub fn new(
        machine: &'a Machine,
        past: &'a [PastChange],
        snapshot: Option<&'a Snapshot>,
        now: Timestamp,
        words: Words,
    ) -> Self {
        let paths = || snapshot.iter().flat_map(|snapshot| &snapshot.paths);
        let path = paths().find(|path| Some(&path.name) == machine.path.as_ref());
        let known = MachineJson::new(machine, now);
        let codes: BTreeSet<Code> =
            known.licenses.iter().flat_map(|license| [license.reason_code, license.last_error]).flatten().collect();
        let codes: Vec<_> = codes.into_iter().filter(|code| code.is_failure()).collect();
        let meaning =
            |code: &Code| CodeJson { code: *code, meaning: knowledge::explain(*code, words.language).meaning };
        Self {
            as_of: Rfc3339(now),
            path_status: path.map(|path| PathStatusJson {
                name: (&*path.name).into(),
                verdict: path.verdict.status,
                summary: text::summary(words, &path.name, &path.verdict),
            }),
            kms_hosts: hosts(machine, paths().map(|path| &**path)),
            codes: codes.iter().map(meaning).collect(),
            history: past.iter().map(of_license).collect(),
            next_steps: next_steps(words, &known, path.map(|path| &**path), &codes),
            machine: known,
        }
    }
}

/// The KMS hosts that the licenses of a machine use, as far as paths lead there.
fn hosts<'a>(machine: &Machine, paths: impl Iterator<Item = &'a PathReport>) -> Vec<HostJson<'a>> {
    let used: BTreeSet<String> =
        machine.licenses.iter().filter_map(|known| known.license.kms_host()).map(ToString::to_string).collect();
    let walked = paths.flat_map(|path| match &path.walk {
        Walk::Kms(walk) => walk.hosts().collect::<Vec<_>>(),
        Walk::Online(_) => Vec::new(),
    });
    let mut seen = BTreeSet::new();
    let state = walked.filter_map(|host| {
        let name = host.host.to_string();
        let address = host.ip().map(|address| address.to_string());
        if !used.contains(&name) || !seen.insert((name.clone(), address.clone())) {
            return None;
        }
        let failure = host.failure();
        Some(HostJson {
            host: name,
            address,
            works: failure.is_none(),
            stage: failure.map(|failure| failure.stage.as_str().into()),
            reason: failure.and_then(|failure| failure.reason).map(|reason| reason.as_str().into()),
        })
    });
    state.collect()
}

/// What to do about a machine: about its path first, where that is broken, then about the code that it reports.
fn next_steps(words: Words, known: &MachineJson<'_>, path: Option<&PathReport>, codes: &[Code]) -> Vec<String> {
    let machine = || known.machine.to_string();
    let own = || known.licenses.iter().filter(|license| !license.addon);
    let is_late = own().any(|license| license.is_lost() || license.renewal_overdue_seconds > Some(0));
    let broken = path.filter(|path| matches!(path.verdict.status, Status::Blocked | Status::Degraded));
    match (broken, codes.first()) {
        (Some(path), _) if is_late || !codes.is_empty() => text::first_steps(words, &path.verdict),
        (_, Some(code)) => {
            let known = knowledge::explain(*code, words.language);
            known.steps.iter().take(STEPS).map(ToString::to_string).collect()
        }
        _ if is_late || known.stale => {
            let silent = known
                .stale
                .then(|| say!(words, "step-find-silent", machine = machine(), day = day_of(known.reported_at.0)));
            let own = [
                say!(words, "step-try-there", machine = machine()),
                say!(words, "step-events-there", machine = machine()),
                say!(words, "step-service-there", machine = machine()),
            ];
            silent.into_iter().chain(own).collect()
        }
        _ => Vec::new(),
    }
}
