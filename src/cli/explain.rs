//! `gracewatch explain`: what a Windows activation error or event means, and what to do.

use super::daemon::Daemon;
use super::progress::Progress;
use super::{CommandResult, ExplainArguments, PlainOutput, check, configuration, errors, print};
use crate::catalogue::{Message, message};
use crate::codes::Code;
use crate::config::Config;
use crate::config::store_url::StoreUrl;
use crate::console;
use crate::fleet::{Dependencies, Moment};
use crate::formats;
use crate::intake::keeper;
use crate::knowledge::given::{MAX_TEXT, Reading};
use crate::knowledge::{self, Answer, Language};
use crate::license::product_key;
use crate::report::explain::{Asked, Beside, ExplainReport, PathJson, Reporters};
use crate::store::StoreError;
use crate::text::{Words, say};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, IsTerminal, Read};
use std::process::ExitCode;

/// The name by which stdin is a text.
const STDIN: &str = "-";

/// How much is read on stdin, in bytes: what is looked at of a text, in UTF-16.
const MAX_STDIN: usize = 2 * MAX_TEXT;

/// How many codes a daemon is asked about at the most.
const MOST_ASKED: usize = 100;

/// Explains each text by itself. Where they are the pieces of a product key, they are taken for one text, in which it
/// is not quoted again; and where they are the words of a message or of an event that nobody quoted for the shell.
fn answers(texts: &[String], language: Language) -> Vec<Answer> {
    let answers: Vec<_> = texts.iter().flat_map(|text| knowledge::answers(text, language)).collect();
    // What could be read is not a key: five Win32 errors of five digits have the form of one.
    let unread = answers.iter().any(|answer| !answer.is_explained());
    if !unread || texts.len() < 2 {
        return answers;
    }
    let shown: Vec<_> = answers.iter().map(|answer| answer.given.as_str()).collect();
    let shown = shown.join(" ");
    let joined = knowledge::answers(&texts.join(" "), language);
    let is_worded = joined.iter().any(|answer| answer.event.is_some() || answer.reading == Reading::Message);
    if is_worded || product_key::cut(&shown) != shown { joined } else { answers }
}

pub(super) async fn run(arguments: ExplainArguments) -> CommandResult {
    let language = arguments.lang.unwrap_or_else(super::language_of_user);
    let words = Words::from(language);
    let answers = answers(&texts(arguments.codes.clone(), words)?, language);
    let is_all_explained = answers.iter().all(Answer::is_explained);
    let config = arguments.config.as_ref().map(|file| Config::load_without_tokens(Some(file))).transpose()?;
    let asked = asked(&answers, &arguments, config.as_ref(), words).await?;
    let mut store = arguments.store.clone().map(|url| url.parse::<StoreUrl>()).transpose()?;
    // Only where it is asked for: to explain a code takes no network.
    let snapshot = match config {
        Some(config) if asked.is_none() => {
            store = config.status.as_ref().map(|status| status.store.clone());
            Some(check::round(config, true, &Progress::new(), language.into()).await?)
        }
        _ => None,
    };
    let reporters = match &store {
        _ if asked.is_some() => None,
        // A code means the same whether its store can be read or not.
        Some(url) => reporters(url, &answers)
            .await
            .map_err(|error| {
                let error = errors::in_words(&error, words);
                anstream::eprintln!("gracewatch: {}", say!(words, "reporters-not-known", error = error));
            })
            .ok(),
        None => None,
    };
    let (asked_reporters, seen) = asked.unzip();
    let beside = Beside {
        snapshot: snapshot.as_ref(),
        reporters: reporters.as_ref().or(asked_reporters.as_ref()),
        asked: seen.as_ref(),
    };
    print(&match arguments.output {
        PlainOutput::Text => console::explain::report(&answers, language, beside, check::width())?,
        PlainOutput::Json => serde_json::to_string_pretty(&ExplainReport::new(&answers, language, beside))? + "\n",
    })?;
    Ok(if is_all_explained { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The daemon of the service that is installed here, where it answers.
async fn installed(words: Words) -> Option<Daemon> {
    let file = configuration::installed()?;
    let config = Config::load_without_tokens(Some(&file)).ok()?;
    Daemon::here(&config, true, words).await
}

/// What a daemon knows of codes: who reports each, and what the probes see of it.
type Known = (BTreeMap<Code, Reporters>, BTreeMap<Code, Vec<PathJson<'static>>>);

/// What a daemon knows of the codes: the one that is named, the one on this machine that has the configuration, or that
/// of an installed service. Where there is none, what a code means is said all the same.
async fn asked(
    answers: &[Answer],
    arguments: &ExplainArguments,
    config: Option<&Config>,
    words: Words,
) -> Result<Option<Known>, Box<dyn Error>> {
    let daemon = match (Daemon::named(&arguments.server, words)?, config) {
        (Some(daemon), _) => daemon,
        (None, Some(config)) => match Daemon::here(config, true, words).await {
            Some(daemon) => daemon,
            None => return Ok(None),
        },
        (None, None) if arguments.store.is_none() => match installed(words).await {
            Some(daemon) => daemon,
            None => return Ok(None),
        },
        (None, None) => return Ok(None),
    };
    let (mut reporters, mut seen) = Known::default();
    for explanation in answers.iter().filter_map(|answer| answer.explanation.as_ref()) {
        let code = explanation.code;
        if seen.contains_key(&code) || seen.len() >= MOST_ASKED {
            continue;
        }
        let known = daemon.get::<Asked>(&["api", "v1", "explain", &code.to_string()], &[]).await?;
        let named = known.machines.map(|machines| Reporters { machines, names: known.machine_names });
        reporters.extend(named.map(|named| (code, named)));
        seen.insert(code, known.paths);
    }
    Ok(Some((reporters, seen)))
}

/// The texts that were given, with what is on stdin in the place of `-`.
fn texts(mut given: Vec<String>, words: Words) -> Result<Vec<String>, Message> {
    if given.is_empty() {
        if io::stdin().is_terminal() {
            return Err(message!("nothing-to-explain"));
        }
        given.push(STDIN.to_owned());
    }
    if let Some(place) = given.iter().position(|text| text == STDIN) {
        let text = read(io::stdin().lock(), words)
            .map_err(|fault| message!("config-fault-at", place = "stdin", fault = fault))?;
        given.retain(|text| text != STDIN);
        given.insert(place, text);
    }
    Ok(given)
}

/// The text that is read, in whatever encoding. What is beyond the limit is left there.
fn read(input: impl Read, words: Words) -> Result<String, Message> {
    let mut bytes = Vec::new();
    let read = input.take(MAX_STDIN as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| message!("file-unreadable", error = error.to_string()))?;
    let is_longer = bytes.len() > MAX_STDIN;
    bytes.truncate(MAX_STDIN);
    let text = formats::decode(&bytes).map_err(|error| error.message())?.into_owned();
    if is_longer || text.len() > MAX_TEXT {
        anstream::eprintln!("gracewatch: {}", say!(words, "stdin-cut-off", most = MAX_TEXT / 1024 / 1024));
    }
    Ok(text)
}

/// The machines that report each of the codes that are explained.
async fn reporters(url: &StoreUrl, answers: &[Answer]) -> Result<BTreeMap<Code, Reporters>, StoreError> {
    let codes = answers.iter().filter_map(|answer| answer.explanation.as_ref()).map(|explanation| explanation.code);
    let codes: Vec<_> = codes.collect();
    if codes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let fleet = keeper::read(url).await?;
    // Which of them are stale, and on which paths they are, is unknown.
    let moment = Moment { now: Timestamp::now(), stale_after: SignedDuration::MAX };
    let reporters = codes.into_iter().map(|code| {
        let page = fleet.page(&Reporters::query(code, moment), &Dependencies::default());
        (code, Reporters::new(&page))
    });
    Ok(reporters.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stdin_is_decoded_and_bounded() {
        let text = "\u{30a8}\u{30e9}\u{30fc} 0xC004F074\r\n";
        let (japanese, ..) = encoding_rs::SHIFT_JIS.encode(text);
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [text.as_bytes(), &japanese, &utf16, &[&[0xFF, 0xFE], utf16.as_slice()].concat()] {
            assert_eq!(read(bytes, Words::ENGLISH).expect("it is text"), text);
        }
        assert_eq!(read(io::repeat(b'a'), Words::ENGLISH).expect("it is text").len(), MAX_STDIN);
        assert_eq!(read(&b""[..], Words::ENGLISH).expect_err("it is empty").to_string(), "it is empty");
        assert!(
            read(io::repeat(0), Words::ENGLISH).expect_err("it is no text").to_string().starts_with("it is no text")
        );
    }

    #[test]
    fn words_that_nobody_quoted_are_one_text() {
        let shown = |texts: &[&str]| {
            let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
            let answers = answers(&texts, Language::ENGLISH);
            let shown = answers.iter().map(|answer| match (&answer.event, &answer.explanation) {
                (Some(known), _) => known.event.id.to_string(),
                (None, Some(known)) => known.code.to_string(),
                (None, None) => "-".to_owned(),
            });
            shown.collect::<Vec<_>>()
        };
        assert_eq!(shown(&["EventID", "8198", "hr=0xC004F074"]), ["8198", "0xC004F074"]);
        assert_eq!(shown(&["The", "RPC", "server", "is", "unavailable"]), ["0x800706BA"]);
        assert_eq!(shown(&["0xC004F074", "hello"]), ["0xC004F074", "-"]);
        assert_eq!(shown(&["12290", "0xC004F074"]), ["12290", "0xC004F074"]);
    }
}
