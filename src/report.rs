//! Paths and clock as JSON: what `check --output json` prints and `/api/v1/paths` answers.

pub mod explain;
pub mod machines;
pub mod seen;

use crate::clock_report::{ClockReport, ClockSource};
use crate::codes::Code;
use crate::observation::{Observation, Reason, Stage};
use crate::online::endpoint::Role;
use crate::probe::online::certificate::Certificate;
use crate::probe::online::tls::Session;
use crate::state::{PathReport, Pending, Snapshot};
use crate::text::{self, Words};
use crate::verdict::subject::Subject;
use crate::verdict::{Problem, Status, Verdict};
use crate::walk::online::{self, Matrix, Row};
use crate::walk::{Walk, Walked};
use serde::Serialize;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

/// All paths, and the clock.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    paths: Vec<PathJson<'a>>,
    clock: ClockJson<'a>,
}

#[derive(Debug, Serialize)]
struct PathJson<'a> {
    name: &'a str,
    kind: &'static str,
    #[serde(flatten)]
    verdict: VerdictJson<'a>,
    /// When the status of the verdict began.
    since: String,
    /// How long the verdict stays at the least; null unless a better one waits.
    held_until: Option<String>,
    /// A worse verdict that waits; null where there is none.
    pending: Option<PendingJson>,
    /// How many machines depend on the path; null where that is not known.
    machines: Option<u64>,
    first_expiry: Option<String>,
    targets: Vec<TargetJson<'a>>,
    /// On online paths.
    #[serde(skip_serializing_if = "Option::is_none")]
    matrix: Option<MatrixJson<'a>>,
}

/// A verdict, with its words.
#[derive(Debug, Serialize)]
struct VerdictJson<'a> {
    verdict: Status,
    stage: Option<Stage>,
    reason: Option<Reason>,
    code: Option<Code>,
    inner_code: Option<Code>,
    /// What is broken.
    summary: String,
    /// Whom that hurts and when; null where nobody is known to depend on the path.
    impact: Option<String>,
    /// The codes in words; null where no code is known.
    clients_show: Option<String>,
    next_steps: Vec<String>,
    problems: Vec<ProblemJson<'a>>,
}

#[derive(Debug, Serialize)]
struct ProblemJson<'a> {
    stage: Stage,
    reason: Reason,
    /// Null for what is wrong with the path, which concerns all of them.
    machines: Option<u64>,
    /// The worst of these, up to ten.
    machine_names: &'a [Arc<str>],
    subject: &'a Subject,
    summary: String,
    next_steps: Vec<String>,
}

/// A worse verdict than the one that is shown.
#[derive(Debug, Serialize)]
struct PendingJson {
    verdict: Status,
    stage: Option<Stage>,
    reason: Option<Reason>,
    failing_rounds: u32,
    of: u32,
    since: String,
}

#[derive(Debug, Serialize)]
struct TargetJson<'a> {
    target: String,
    address: Option<String>,
    stages: Vec<StageJson>,
    #[serde(flatten)]
    online: Option<OnlineJson<'a>>,
}

/// What there is to say of a target on an online path.
#[derive(Debug, Serialize)]
struct OnlineJson<'a> {
    endpoint: String,
    proxy: &'a str,
    role: Role,
    /// The proxy on the path, which for `system` is the one the machine is set to.
    via: Option<String>,
    /// The authentication schemes of which the proxy demands one.
    proxy_demands: &'a [String],
    /// What TLS was agreed on with the proxy, where it is spoken to over TLS.
    proxy_tls: Option<TlsJson<'a>>,
    tls: Option<TlsJson<'a>>,
    http: Option<HttpJson<'a>>,
}

#[derive(Debug, Serialize)]
struct TlsJson<'a> {
    version: &'a str,
    cipher: &'a str,
    /// As they were sent: the endpoint's own, then those of its issuers.
    certificates: Vec<CertificateJson<'a>>,
}

#[derive(Debug, Serialize)]
struct CertificateJson<'a> {
    subject: &'a str,
    issuer: &'a str,
    names: &'a [String],
    sha256: &'a str,
    not_before: String,
    not_after: String,
}

#[derive(Debug, Serialize)]
struct HttpJson<'a> {
    status: u16,
    location: Option<&'a str>,
    first_byte_seconds: f64,
}

/// Endpoints down, proxies across.
#[derive(Debug, Serialize)]
struct MatrixJson<'a> {
    proxies: Vec<&'a str>,
    endpoints: Vec<RowJson<'a>>,
}

#[derive(Debug, Serialize)]
struct RowJson<'a> {
    endpoint: String,
    role: Role,
    /// One to a proxy.
    cells: Vec<Option<CellJson<'a>>>,
}

/// Where a client comes to a halt, and how long all took that was walked.
#[derive(Debug, Serialize)]
struct CellJson<'a> {
    target: &'a str,
    ok: bool,
    stage: Option<Stage>,
    reason: Option<Reason>,
    duration_seconds: f64,
}

#[derive(Debug, Serialize)]
struct StageJson {
    stage: Stage,
    ok: bool,
    reason: Option<Reason>,
    duration_seconds: f64,
    detail: String,
    observed_at: String,
}

#[derive(Debug, Serialize)]
struct ClockJson<'a> {
    /// What there is to say of this machine's clock, in a sentence.
    summary: String,
    reference_offset_seconds: Option<f64>,
    error_seconds: Option<f64>,
    sources: Vec<SourceJson<'a>>,
}

#[derive(Debug, Serialize)]
struct SourceJson<'a> {
    source: &'a str,
    address: Option<IpAddr>,
    kind: Option<&'static str>,
    ok: bool,
    reason: Option<Reason>,
    offset_seconds: Option<f64>,
    error_seconds: Option<f64>,
    detail: String,
    observed_at: String,
}

impl<'a> Report<'a> {
    /// The report of what is known, with sentences in these words.
    pub fn new(snapshot: &'a Snapshot, words: Words) -> Self {
        let paths = snapshot.paths.iter().map(|path| PathJson::new(path, words));
        Self { paths: paths.collect(), clock: ClockJson::new(&snapshot.clocks, words) }
    }
}

impl<'a> PathJson<'a> {
    fn new(path: &'a PathReport, words: Words) -> Self {
        let runway = path.runway.as_ref();
        Self {
            name: &path.name,
            kind: path.walk.kind(),
            verdict: VerdictJson::new(&path.name, &path.verdict, words),
            since: timestamp(path.since),
            held_until: path.held_until.map(timestamp),
            pending: path.pending.as_ref().map(PendingJson::new),
            machines: runway.map(|runway| runway.machines),
            first_expiry: runway.and_then(|runway| runway.first_expiry).map(|first| first.to_string()),
            targets: match &path.walk {
                Walk::Kms(_) => {
                    path.walk.targets().into_iter().map(|walked| TargetJson::new(walked, None, words)).collect()
                }
                Walk::Online(walk) => {
                    let target = |target: &'a online::Target| {
                        TargetJson::new(target.walked(), Some(OnlineJson::new(target)), words)
                    };
                    walk.targets.iter().map(target).collect()
                }
            },
            matrix: match &path.walk {
                Walk::Kms(_) => None,
                Walk::Online(walk) => Some(MatrixJson::new(walk.matrix())),
            },
        }
    }
}

impl<'a> VerdictJson<'a> {
    fn new(path: &str, verdict: &'a Verdict, words: Words) -> Self {
        let problem = |problem: &'a Problem| ProblemJson {
            stage: problem.stage,
            reason: problem.reason,
            machines: problem.machines,
            machine_names: &problem.names,
            subject: &problem.subject,
            summary: text::clause(words, problem, verdict),
            next_steps: text::next_steps(words, problem, verdict),
        };
        Self {
            verdict: verdict.status,
            stage: verdict.stage,
            reason: verdict.reason,
            code: verdict.code,
            inner_code: verdict.inner_code,
            summary: text::summary(words, path, verdict),
            impact: text::impact(words, path, verdict),
            clients_show: text::client_codes(words, verdict),
            next_steps: text::first_steps(words, verdict),
            problems: verdict.problems.iter().map(problem).collect(),
        }
    }
}

impl PendingJson {
    fn new(pending: &Pending) -> Self {
        let Pending { status, stage, reason, failing_rounds, of, since } = *pending;
        Self { verdict: status, stage, reason, failing_rounds, of, since: timestamp(since) }
    }
}

impl<'a> TargetJson<'a> {
    fn new(walked: Walked<'_>, online: Option<OnlineJson<'a>>, words: Words) -> Self {
        let stages = walked.stages.iter().map(|seen| StageJson::new(seen, words)).collect();
        Self { target: walked.target, address: walked.address, stages, online }
    }
}

impl<'a> OnlineJson<'a> {
    fn new(target: &'a online::Target) -> Self {
        let answer = &target.answer;
        Self {
            endpoint: target.endpoint().to_string(),
            proxy: &target.target.proxy,
            role: target.role(),
            via: target.target.route.proxy().map(ToString::to_string),
            proxy_demands: &answer.demanded,
            proxy_tls: answer.proxy_tls.as_ref().map(TlsJson::new),
            tls: answer.tls.as_ref().map(TlsJson::new),
            http: answer.http.as_ref().map(|answer| HttpJson {
                status: answer.status,
                location: answer.location.as_deref(),
                first_byte_seconds: answer.first_byte.as_secs_f64(),
            }),
        }
    }
}

impl<'a> TlsJson<'a> {
    fn new(session: &'a Session) -> Self {
        Self {
            version: session.version,
            cipher: &session.cipher,
            certificates: session.certificates.iter().map(CertificateJson::new).collect(),
        }
    }
}

impl<'a> CertificateJson<'a> {
    fn new(certificate: &'a Certificate) -> Self {
        Self {
            subject: &certificate.subject,
            issuer: &certificate.issuer,
            names: &certificate.names,
            sha256: &certificate.sha256,
            not_before: timestamp(certificate.not_before),
            not_after: timestamp(certificate.not_after),
        }
    }
}

impl<'a> MatrixJson<'a> {
    fn new(matrix: Matrix<'a>) -> Self {
        let cell = |target: &'a online::Target| {
            let (stage, reason) = target.fault().unzip();
            CellJson {
                target: &target.name,
                ok: target.works(),
                stage,
                reason,
                duration_seconds: target.duration().as_secs_f64(),
            }
        };
        let row = |row: Row<'a>| RowJson {
            endpoint: row.endpoint.to_string(),
            role: row.endpoint.role,
            cells: row.cells.into_iter().map(|found| found.map(cell)).collect(),
        };
        Self { proxies: matrix.proxies, endpoints: matrix.rows.into_iter().map(row).collect() }
    }
}

impl StageJson {
    fn new(observation: &Observation, words: Words) -> Self {
        Self {
            stage: observation.stage,
            ok: observation.is_ok(),
            reason: observation.reason,
            duration_seconds: observation.duration.as_secs_f64(),
            detail: text::detail(words, &observation.detail),
            observed_at: timestamp(observation.observed_at),
        }
    }
}

impl<'a> ClockJson<'a> {
    fn new(clocks: &'a ClockReport, words: Words) -> Self {
        let offset = clocks.reference.as_ref().map(|reference| reference.offset);
        Self {
            summary: text::clock_summary(words, clocks),
            reference_offset_seconds: offset.map(|offset| offset.seconds),
            error_seconds: offset.map(|offset| offset.bound),
            sources: clocks.all().map(|clock| SourceJson::new(clock, words)).collect(),
        }
    }
}

impl<'a> SourceJson<'a> {
    fn new(clock: &'a ClockSource, words: Words) -> Self {
        Self {
            source: &clock.source,
            address: clock.address,
            kind: clock.kind,
            ok: clock.observation.is_ok(),
            reason: clock.observation.reason,
            offset_seconds: clock.offset.map(|offset| offset.seconds),
            error_seconds: clock.offset.map(|offset| offset.bound),
            detail: text::detail(words, &clock.observation.detail),
            observed_at: timestamp(clock.observation.observed_at),
        }
    }
}

/// A moment as RFC 3339 writes it, in UTC, to the millisecond.
fn timestamp(moment: SystemTime) -> String {
    humantime::format_rfc3339_millis(moment).to_string()
}
