//! `GET /explain`: what a Windows activation error or event means, what to do, what the probes see of it, and which
//! machines report it.

use super::fault::Fault;
use super::frame::{Frame, Link, Tab};
use super::moment;
use super::parts::Sign;
use crate::codes::Code;
use crate::knowledge::texts::Phrases;
use crate::knowledge::{self, Answer, cmdlets};
use crate::report::explain::Reporters;
use crate::report::mark::Mark;
use crate::report::seen::seen;
use crate::state::Snapshot;
use crate::text::{self, say};
use crate::web::Sources;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use std::collections::BTreeMap;
use tokio::time::{Duration, timeout};

/// How many codes of a text are explained.
const CODES: usize = 20;

/// How many codes are offered where none is asked for.
const USUAL: [u32; 6] = [0xC004_F074, 0xC004_F038, 0xC004_F06C, 0xC004_F042, 0x8007_232B, 0x8007_007B];

/// How long the store is waited for: what a code means is known without it.
const PATIENCE: Duration = Duration::from_secs(2);

/// What there is to say of one code.
#[derive(Debug)]
struct Shown {
    title: String,
    /// What it is called, where it belongs, and how it was read.
    notes: Vec<String>,
    meaning: String,
    causes: Vec<String>,
    steps: Vec<String>,
    fields: Vec<String>,
    /// What the module with the cmdlets of the steps is.
    cmdlets: Option<String>,
    others: Option<(String, Vec<Link>)>,
    near: Vec<Link>,
    /// How many machines report it, and some of them.
    machines: Option<(String, Vec<Link>)>,
    paths: Vec<(Mark, Sign, Link, String)>,
}

#[derive(Debug, Template)]
#[template(path = "explain.html", whitespace = "minimize")]
struct Explain<'a> {
    frame: &'a Frame,
    phrases: &'static Phrases,
    usual: Vec<Link>,
    answers: Vec<Shown>,
}

pub(in crate::web) async fn get(State(sources): State<Sources>, uri: Uri, headers: HeaderMap) -> Response {
    let frame = Frame::new(&sources, &uri, &headers, Tab::Explain);
    if let Err(error) = frame.parameters(&["code"]) {
        return Fault::from(error).show(&frame);
    }
    let language = frame.words.language;
    let asked = frame.parameter("code").unwrap_or_default();
    let answers = if asked.is_empty() { Vec::new() } else { knowledge::answers(asked, language) };
    let answers: Vec<_> = answers.into_iter().take(CODES).collect();
    let snapshot = sources.state.snapshot();
    let mut reporters = BTreeMap::new();
    for code in answers.iter().filter_map(|answer| answer.explanation.as_ref()).map(|known| known.code) {
        if let Ok(Some(known)) = timeout(PATIENCE, of_code(&sources, code)).await {
            reporters.insert(code, known);
        }
    }
    let link = |code: u32| code_link(&frame, Code(code));
    let answers: Vec<_> = answers.iter().map(|answer| explained(&frame, answer, &reporters, &snapshot)).collect();
    let usual = USUAL.map(link).into();
    frame.show(StatusCode::OK, &Explain { frame: &frame, phrases: &language.texts().phrases, usual, answers })
}

/// The machines that report a code; `None` where no reports are kept, or the store was never read.
async fn of_code(sources: &Sources, code: Code) -> Option<Reporters> {
    let access = sources.status.as_ref()?;
    let keeper = access.keeper().await?;
    let page = keeper.page(Reporters::query(code, moment(access)), access.dependencies()).await;
    Some(Reporters::new(&page))
}

fn code_link(frame: &Frame, code: Code) -> Link {
    Link { href: frame.code(code), text: code.to_string(), is_current: false }
}

fn explained(frame: &Frame, answer: &Answer, reporters: &BTreeMap<Code, Reporters>, snapshot: &Snapshot) -> Shown {
    let words = frame.words;
    let phrases = &words.language.texts().phrases;
    let links = |codes: &[Code]| codes.iter().map(|code| code_link(frame, *code)).collect::<Vec<_>>();
    let mut shown = Shown {
        title: answer.given.clone(),
        notes: Vec::new(),
        meaning: phrases.no_code.clone(),
        causes: Vec::new(),
        steps: Vec::new(),
        fields: Vec::new(),
        cmdlets: None,
        others: None,
        near: links(&answer.did_you_mean),
        machines: None,
        paths: Vec::new(),
    };
    if let Some(known) = &answer.explanation {
        shown.title = known.code.to_string();
        shown.notes.extend(known.symbol.map(str::to_owned));
        shown.notes.extend(known.stage.map(|stage| format!("{}: {stage}", phrases.stage)));
        let subject = known.subject.filter(|_| known.stage.is_none());
        shown.notes.extend(subject.map(|subject| format!("{}: {}", phrases.subject, subject.as_str())));
        shown.notes.extend(phrases.reading(answer.reading).map(|reading| format!("{}: {reading}", answer.given)));
        shown.notes.extend((known.language != words.language).then(|| phrases.fallback.clone()));
        shown.meaning = known.meaning.to_string();
        shown.causes = known.causes.iter().map(ToString::to_string).collect();
        shown.steps = known.steps.iter().map(ToString::to_string).collect();
        shown.machines = reporters.get(&known.code).map(|reporters| machines(frame, reporters));
        let seen = seen(known, snapshot).into_iter().map(|seen| {
            let path = seen.path;
            let link = Link { href: frame.path(&path.name), text: path.name.to_string(), is_current: false };
            let mark = Mark::of_status(path.verdict.status);
            (mark, Sign(mark), link, text::summary(words, &path.name, &path.verdict))
        });
        shown.paths = seen.collect();
    } else if let Some(known) = &answer.event {
        let event = known.event;
        shown.title = format!("{} {}", phrases.event, event.id);
        shown.notes =
            vec![format!("{}: {}", phrases.provider, event.provider), format!("{}: {}", phrases.log, event.log)];
        known.meaning.clone_into(&mut shown.meaning);
        shown.fields = known
            .fields
            .iter()
            .map(|field| {
                let value = field.value.as_ref().map(|value| format!("{value}: ")).unwrap_or_default();
                format!("{value}{}", field.meaning)
            })
            .collect();
        shown.steps = known.steps.to_vec();
    }
    if !answer.candidates.is_empty() {
        let heading = if answer.event.is_some() { &phrases.number } else { &phrases.candidates };
        shown.others = Some((heading.clone(), links(&answer.candidates)));
    }
    let has_cmdlets = shown.steps.iter().any(|step| cmdlets::are_in(step));
    shown.cmdlets = has_cmdlets.then(|| phrases.cmdlets.clone());
    shown
}

/// How many machines report a code, and the first of them.
fn machines(frame: &Frame, reporters: &Reporters) -> (String, Vec<Link>) {
    let link = |name: &String| Link { href: frame.machine(name), text: name.clone(), is_current: false };
    let count = say!(frame.words, "machines-counted", count = reporters.machines);
    (count, reporters.names.iter().map(link).collect())
}
