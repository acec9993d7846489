//! `GET /about`: the program, what it watches, the configuration in force without secrets, and each limit with its use.

use super::fact::Fact;
use super::fault::Fault;
use super::frame::{Frame, Tab};
use super::parts::Sign;
use crate::clock::host_clock::HostClock;
use crate::config::{AllowReload, Config};
use crate::report::clock::ClockJson;
use crate::report::mark::Mark;
use crate::text::{self, say};
use crate::web::{COMMIT, Sources};
use crate::words::minute_of;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use jiff::Timestamp;
use prometheus::proto::MetricFamily;
use std::time::{Duration, SystemTime};
use tokio::runtime::Handle;

/// How the names of limits end, and how those of what they limit do.
const LIMITS: [(&str, &str); 2] = [("_limit", ""), ("_limit_bytes", "_bytes")];

const DAY: u64 = 24 * 60 * 60;

/// How full something may be before it is in doubt, in percent.
const FULL: u64 = 80;

/// A limit.
#[derive(Debug)]
struct Limit {
    name: String,
    used: String,
    most: String,
    mark: Mark,
}

impl Limit {
    fn sign(&self) -> Sign {
        Sign(self.mark)
    }
}

/// A clock that is read.
#[derive(Debug)]
struct Clock {
    mark: Mark,
    source: String,
    detail: String,
}

impl Clock {
    fn sign(&self) -> Sign {
        Sign(self.mark)
    }
}

#[derive(Debug, Template)]
#[template(path = "about.html", whitespace = "minimize")]
struct About<'a> {
    frame: &'a Frame,
    program: Vec<Fact>,
    configuration: Vec<Fact>,
    clock: String,
    clocks: Vec<Clock>,
    limits: Vec<Limit>,
}

pub(in crate::web) async fn get(State(sources): State<Sources>, uri: Uri, headers: HeaderMap) -> Response {
    let frame = Frame::new(&sources, &uri, &headers, Tab::About);
    if let Err(error) = frame.parameters(&[]) {
        return Fault::from(error).show(&frame);
    }
    let snapshot = sources.state.snapshot();
    let config = sources.config.borrow().clone();
    let clocks = ClockJson::new(&snapshot.clocks, frame.words);
    let clock = |source: &crate::report::clock::SourceJson<'_>| Clock {
        mark: source.mark,
        source: source.source.to_string(),
        detail: source.detail.to_string(),
    };
    let about = About {
        frame: &frame,
        program: program(&frame, &sources),
        configuration: configuration(&frame, &config),
        clock: clocks.summary.clone(),
        clocks: clocks.sources.iter().map(clock).collect(),
        limits: limits(&sources),
    };
    frame.show(StatusCode::OK, &about)
}

/// The process.
fn program(frame: &Frame, sources: &Sources) -> Vec<Fact> {
    let words = frame.words;
    let fact = |name: &'static str, text: String| Fact::new(frame, name, text);
    let known = sources.state.known();
    let up = SystemTime::now().duration_since(sources.pages.begun).unwrap_or_default();
    let minute = |moment: SystemTime| Timestamp::try_from(moment).map(minute_of).unwrap_or_default() + " UTC";
    let loaded = minute(known.reload.succeeded_at);
    let reload = if known.reload.successful {
        fact("loaded", loaded)
    } else {
        fact("loaded", say!(words, "page-reload-refused", moment = loaded)).marked(Mark::Failed)
    };
    let certificate = known.web_config.and_then(|web| web.certificate_ends);
    let certificate = certificate.map(|ends| fact("certificate", minute(ends)));
    let inbox = known.inbox_is_healthy.map(|is_healthy| {
        let text =
            say!(words, "page-inbox", healthy = if is_healthy { "yes" } else { "no" }, count = known.inbox_waiting);
        fact("inbox", text).marked(if is_healthy { Mark::Ok } else { Mark::Failed })
    });
    let version = fact("version", env!("CARGO_PKG_VERSION").to_owned());
    let commit = fact("commit", COMMIT.to_owned());
    let runtime = Handle::current().metrics();
    let (tasks, threads) = (runtime.num_alive_tasks(), runtime.num_workers());
    let tasks = fact("tasks", say!(words, "page-tasks", tasks = tasks, threads = threads));
    let store = sources.status.as_ref().map(|access| {
        let is_up = gauge(&sources.counters.registry().gather(), "gracewatch_store_up").is_some_and(|up| up > 0);
        let at = access.settings.borrow().status.store.to_string();
        let text = if is_up { at } else { say!(words, "page-store-down", store = at) };
        fact("store", text).marked(if is_up { Mark::Ok } else { Mark::Failed })
    });
    let uptime = fact("uptime", text::span(words, up.max(Duration::from_secs(1))));
    let all = [Some(version), Some(commit), Some(uptime), Some(tasks), Some(reload), store, certificate, inbox];
    all.into_iter().flatten().collect()
}

/// The configuration, by the keys of its file. Whatever may be a secret shows itself without.
fn configuration(frame: &Frame, config: &Config) -> Vec<Fact> {
    let key = |key: &str, text: String| Fact { label: key.to_owned(), text, href: None, mark: None };
    let span = |span: Duration| match span.as_secs() {
        seconds if seconds > 0 && seconds % DAY == 0 => format!("{}days", seconds / DAY),
        _ => humantime::format_duration(span).to_string(),
    };
    let list = |all: Vec<String>| all.join(", ");
    let mut facts = vec![
        key("listen", config.listen.to_string()),
        key("probe.interval", span(config.probe.interval)),
        key("probe.timeout", span(config.probe.timeout)),
        key("probe.concurrency", config.probe.concurrency.to_string()),
        key("verdict.failing_rounds", config.verdict.failing_rounds.to_string()),
        key("verdict.hold", span(config.verdict.hold)),
    ];
    facts.extend(config.paths.iter().map(|path| Fact {
        href: Some(frame.path(&path.name)),
        ..key(&format!("paths: {}", path.name), path.kind.to_string())
    }));
    let clocks = config.clock.host_clocks.iter().map(HostClock::to_string).collect();
    facts.push(key("clock.ntp", list(config.clock.ntp.iter().map(ToString::to_string).collect())));
    facts.push(key("clock.host_clocks", list(clocks)));
    facts.push(key("clock.clock_warn", span(config.clock.warn)));
    if let Some(status) = &config.status {
        facts.push(key("status.store", status.store.to_string()));
        facts.extend(status.inbox.as_ref().map(|inbox| key("status.inbox", inbox.folder.display().to_string())));
        facts.push(key("status.stale_after", span(status.stale_after)));
        facts.push(key("status.forget_after", span(status.forget_after)));
        facts.push(key("status.history", span(status.history)));
        facts.push(key("status.licenses", status.licenses.to_string()));
    }
    let reload = match config.web.allow_reload {
        AllowReload::Loopback => "loopback",
        AllowReload::Authenticated => "authenticated",
        AllowReload::Never => "never",
    };
    facts.push(key("web.connections", config.web.connections.to_string()));
    facts.push(key("web.allow_reload", reload.to_owned()));
    let file = config.web.config_file.as_ref();
    facts.extend(file.map(|file| key("web.config_file", file.display().to_string())));
    facts.retain(|fact| !fact.text.is_empty());
    facts
}

/// Every limit that the metrics show, with its use.
fn limits(sources: &Sources) -> Vec<Limit> {
    let families = sources.counters.registry().gather();
    let value = |name: &str| gauge(&families, name);
    let of_counters = families.iter().filter_map(|family| {
        let name = family.name();
        let limited = LIMITS.iter().find_map(|(end, own)| Some(name.strip_suffix(end)?.to_owned() + own))?;
        Some((limited.clone(), value(&limited)?, value(name)?))
    });
    let fleet = sources.state.known().fleet;
    let of_fleet = fleet.iter().flat_map(|fleet| {
        let usage = fleet.usage;
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        [
            ("gracewatch_licenses".to_owned(), number(usage.licenses), number(usage.licenses_limit)),
            ("gracewatch_license_terms_bytes".to_owned(), number(usage.terms_bytes), number(usage.terms_limit_bytes)),
        ]
    });
    let limit = |(name, used, most): (String, u64, u64)| {
        let is_full = used.saturating_mul(100) >= most.saturating_mul(FULL);
        let mark = if is_full { Mark::Doubtful } else { Mark::Ok };
        let is_of_bytes = name.ends_with("_bytes");
        let shown = |number| if is_of_bytes { bytes(number) } else { thousands(number) };
        Limit { used: shown(used), most: shown(most), name, mark }
    };
    of_counters.chain(of_fleet).filter(|(.., most)| *most > 0).map(limit).collect()
}

/// The value of a gauge that has no labels.
fn gauge(families: &[MetricFamily], name: &str) -> Option<u64> {
    let family = families.iter().find(|family| family.name() == name)?;
    let metric = family.get_metric().first().filter(|_| family.get_metric().len() == 1)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "gauges of what is counted")]
    let value = metric.get_gauge().get_value().max(0.0) as u64;
    Some(value)
}

/// A number with a space to each three digits, as it is read in every language.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push('\u{a0}');
        }
        shown.push(digit);
    }
    shown
}

/// So many bytes, in whole units of which there are a few.
fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];
    let mut shown = (number, UNITS[0]);
    for unit in UNITS.into_iter().skip(1) {
        if shown.0 < 10 * 1024 {
            break;
        }
        shown = (shown.0 / 1024, unit);
    }
    format!("{}\u{a0}{}", thousands(shown.0), shown.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_enough_to_be_read() {
        assert_eq!([0, 999, 1_500_000].map(thousands), ["0", "999", "1\u{a0}500\u{a0}000"]);
        let sizes = [0, 7722, 64 << 20, 384_000_000];
        assert_eq!(sizes.map(bytes), ["0 B", "7 722 B", "64 MiB", "366 MiB"].map(|text| text.replace(' ', "\u{a0}")));
    }
}
