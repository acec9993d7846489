//! What there is to say of online endpoints beside their stages: the proxy, TLS, HTTP, and the table of all of them.

use super::mark::{Mark, timestamp};
use crate::online::endpoint::Role;
use crate::probe::online::certificate::Certificate;
use crate::probe::online::tls::Session;
use crate::walk::online::{self, Matrix, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What there is to say of a target on an online path.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct OnlineJson<'a> {
    pub endpoint: String,
    proxy: Cow<'a, str>,
    role: Role,
    /// The proxy on the path, which for `system` is the one the machine is set to.
    pub via: Option<String>,
    /// The authentication schemes of which the proxy demands one.
    proxy_demands: Cow<'a, [String]>,
    /// What TLS was agreed on with the proxy, where it is spoken to over TLS.
    proxy_tls: Option<TlsJson<'a>>,
    tls: Option<TlsJson<'a>>,
    http: Option<HttpJson<'a>>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct TlsJson<'a> {
    version: Cow<'a, str>,
    cipher: Cow<'a, str>,
    /// As they were sent: the endpoint's own, then those of its issuers.
    certificates: Vec<CertificateJson<'a>>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct CertificateJson<'a> {
    subject: Cow<'a, str>,
    issuer: Cow<'a, str>,
    names: Cow<'a, [String]>,
    sha256: Cow<'a, str>,
    not_before: String,
    not_after: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct HttpJson<'a> {
    status: u16,
    location: Option<Cow<'a, str>>,
    first_byte_seconds: f64,
}

/// Endpoints down, proxies across.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct MatrixJson<'a> {
    /// The proxies, one to a column.
    pub proxies: Vec<Cow<'a, str>>,
    pub endpoints: Vec<RowJson<'a>>,
}

/// One endpoint, over every proxy.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct RowJson<'a> {
    pub endpoint: String,
    role: Role,
    /// One to a proxy; null where nothing was found yet.
    pub cells: Vec<Option<CellJson<'a>>>,
}

/// Where a client comes to a halt, and how long all took that was walked.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct CellJson<'a> {
    target: Cow<'a, str>,
    ok: bool,
    /// How it is to be taken.
    #[serde(default)]
    pub mark: Mark,
    /// Where a client comes to a halt.
    pub stage: Option<Cow<'a, str>>,
    pub reason: Option<Cow<'a, str>>,
    /// How long it all took.
    pub duration_seconds: f64,
    /// True where we got past a login, which Windows does not.
    #[serde(default)]
    pub past_login: bool,
    /// When the certificate of the endpoint ends, and that of the proxy; null unless that is soon.
    #[serde(default)]
    pub ends_at: Option<String>,
    /// The same of the proxy.
    #[serde(default)]
    pub proxy_ends_at: Option<String>,
}

impl<'a> OnlineJson<'a> {
    pub(super) fn new(target: &'a online::Target) -> Self {
        let answer = &target.answer;
        Self {
            endpoint: target.endpoint().to_string(),
            proxy: (&*target.target.proxy).into(),
            role: target.role(),
            via: target.target.route.proxy().map(ToString::to_string),
            proxy_demands: Cow::Borrowed(&answer.demanded),
            proxy_tls: answer.proxy_tls.as_ref().map(TlsJson::new),
            tls: answer.tls.as_ref().map(TlsJson::new),
            http: answer.http.as_ref().map(|answer| HttpJson {
                status: answer.status,
                location: answer.location.as_deref().map(Cow::Borrowed),
                first_byte_seconds: answer.first_byte.as_secs_f64(),
            }),
        }
    }
}

impl<'a> TlsJson<'a> {
    fn new(session: &'a Session) -> Self {
        Self {
            version: session.version.into(),
            cipher: (&*session.cipher).into(),
            certificates: session.certificates.iter().map(CertificateJson::new).collect(),
        }
    }
}

impl<'a> CertificateJson<'a> {
    fn new(certificate: &'a Certificate) -> Self {
        Self {
            subject: (&*certificate.subject).into(),
            issuer: (&*certificate.issuer).into(),
            names: Cow::Borrowed(&certificate.names),
            sha256: (&*certificate.sha256).into(),
            not_before: timestamp(certificate.not_before),
            not_after: timestamp(certificate.not_after),
        }
    }
}

impl<'a> MatrixJson<'a> {
    /// A matrix as it was found.
    pub fn new(matrix: Matrix<'a>) -> Self {
        let row = |row: Row<'a>| RowJson {
            endpoint: row.endpoint.to_string(),
            role: row.endpoint.role,
            cells: row.cells.into_iter().map(|found| found.map(CellJson::new)).collect(),
        };
        let proxies = matrix.proxies.into_iter().map(Cow::Borrowed).collect();
        Self { proxies, endpoints: matrix.rows.into_iter().map(row).collect() }
    }
}

impl<'a> CellJson<'a> {
    fn new(target: &'a online::Target) -> Self {
        let (stage, reason) = target.fault().unzip();
        let (ends_at, proxy_ends_at) = (target.ends_soon().map(timestamp), target.proxy_ends_soon().map(timestamp));
        let mark = if target.failure().is_some() {
            Mark::Failed
        } else if target.is_past_login() || ends_at.is_some() || proxy_ends_at.is_some() {
            Mark::Doubtful
        } else {
            Mark::Ok
        };
        Self {
            target: (&*target.name).into(),
            ok: target.works(),
            mark,
            stage: stage.map(|stage| stage.as_str().into()),
            reason: reason.map(|reason| reason.as_str().into()),
            duration_seconds: target.duration().as_secs_f64(),
            past_login: target.is_past_login(),
            ends_at,
            proxy_ends_at,
        }
    }
}
