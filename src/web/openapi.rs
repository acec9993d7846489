//! `GET /api/v1/openapi.json`: what is answered to which request, by `OpenAPI` 3.1.
//!
//! The schemas are made of the types of the answers, and so follow them. Which requests there are is listed here; a test
//! holds that against the routes, and the whole against what a daemon answers.

use super::About;
use super::data::ErrorJson;
use super::enrol;
use super::rejected::Rejected;
use super::status;
use crate::catalogue::message;
use crate::report::changes::ChangesReport;
use crate::report::discovery::TargetGroup;
use crate::report::expected::MissingReport;
use crate::report::explain::AnswerJson;
use crate::report::history::HistoryReport;
use crate::report::kms_hosts::KmsHostsReport;
use crate::report::machine::MachineReport;
use crate::report::machines::{MachinesReport, RunwayReport};
use crate::report::{PathJson, Report};
use axum::extract::rejection::QueryRejection;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema, json_schema};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// What takes a body, and a token.
const STATUS: &str = "/api/v1/status";
const ENROL: &str = "/api/v1/enrol";

/// A request, and what is answered to it.
struct Route {
    method: &'static str,
    path: &'static str,
    /// What it is for.
    summary: &'static str,
    parameters: &'static [Parameter],
    answers: &'static [Answer],
}

/// A parameter in the address.
struct Parameter {
    name: &'static str,
    kind: Kind,
    /// What it means.
    about: &'static str,
}

/// What a parameter may be.
enum Kind {
    /// A part of the path.
    Place,
    Text,
    Flag,
    /// A number in a range.
    Number(u64, u64),
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// An answer: its status, when that is given, and what it holds.
struct Answer(u16, &'static str, Body);

enum Body {
    Json(fn(&mut SchemaGenerator) -> Schema),
    Text,
}

const fn parameter(name: &'static str, kind: Kind, about: &'static str) -> Parameter {
    Parameter { name, kind, about }
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// A page of machines, or of those that never reported.
fn machines(generator: &mut SchemaGenerator) -> Schema {
    let either = [of::<MachinesReport<'static>>(generator), of::<MissingReport<'static>>(generator)];
    json_schema!({ "anyOf": either })
}

const LANG: Parameter = parameter(
    "lang",
    Kind::OneOf(&["en", "ja"]),
    "The language of what a person reads; else `Accept-Language` decides.",
);
const NAME: Parameter = parameter("name", Kind::Place, "The name of the path.");
const SINCE: &str = "A span before now, such as `12h` or `30d`, a day, or a moment.";

const BAD: Answer = Answer(400, "A parameter is wrong; the error lists those there are.", Body::Json(of::<ErrorJson>));
const UNKNOWN: Answer =
    Answer(404, "Nothing has this name; the error has the nearest one.", Body::Json(of::<ErrorJson>));
const NO_STORE: Answer = Answer(404, "No reports are kept.", Body::Json(of::<ErrorJson>));
const LATER: Answer = Answer(503, "It is not known yet, or the store is unavailable.", Body::Json(of::<ErrorJson>));

static ROUTES: &[Route] = &[
    Route {
        method: "get",
        path: "/api/v1/about",
        summary: "Which program this is, and where its store is.",
        parameters: &[],
        answers: &[Answer(200, "The program.", Body::Json(of::<About>))],
    },
    Route {
        method: "get",
        path: "/api/v1/paths",
        summary: "Every path, its verdict, its targets and their stages, and the clocks.",
        parameters: &[LANG],
        answers: &[Answer(200, "The paths.", Body::Json(of::<Report<'static>>)), BAD],
    },
    Route {
        method: "get",
        path: "/api/v1/paths/{name}",
        summary: "One path.",
        parameters: &[NAME, LANG],
        answers: &[Answer(200, "The path.", Body::Json(of::<PathJson<'static>>)), BAD, UNKNOWN],
    },
    Route {
        method: "get",
        path: "/api/v1/paths/{name}/history",
        summary: "The verdicts that a path had, the last first.",
        parameters: &[
            NAME,
            parameter("since", Kind::Text, SINCE),
            parameter("limit", Kind::Number(1, 1000), "How many verdicts are listed at the most; 100 by default."),
            LANG,
        ],
        answers: &[Answer(200, "The verdicts.", Body::Json(of::<HistoryReport<'static>>)), BAD, UNKNOWN],
    },
    Route {
        method: "get",
        path: "/api/v1/machines",
        summary: "Machines and their licenses.",
        parameters: &[
            parameter("name", Kind::Text, "A part of the name of a machine, in any case."),
            parameter("product", Kind::Text, "A part of the name of a product, in any case."),
            parameter("channel", Kind::Text, "How a license is activated, such as `VOLUME_KMSCLIENT`."),
            parameter("status", Kind::Number(0, 6), "The number of the status of a license."),
            parameter("path", Kind::Text, "Those that depend on this path."),
            parameter("within", Kind::Text, "Those that lose activation within so many days, such as `30`."),
            parameter("lost", Kind::Flag, "Those that lost activation."),
            parameter("stale", Kind::Flag, "Those that have not reported for too long, or those that have."),
            parameter("overdue", Kind::Flag, "Those that should have renewed."),
            parameter("at_risk", Kind::Flag, "Those that lost activation, lose it soon, or are overdue."),
            parameter("missing", Kind::Flag, "Those of the inventory that never reported, and no others."),
            parameter("unlisted", Kind::Flag, "Those that are not in the inventory."),
            parameter("sort", Kind::OneOf(&["expiry", "name", "reported", "overdue"]), "The order."),
            parameter("offset", Kind::Number(0, u64::MAX >> 11), "How many are skipped."),
            parameter("limit", Kind::Number(1, 1000), "How many are listed at the most; 100 by default."),
            LANG,
        ],
        answers: &[
            Answer(200, "The machines; with `missing`, a `MissingReport`.", Body::Json(machines)),
            BAD,
            NO_STORE,
            LATER,
        ],
    },
    Route {
        method: "get",
        path: "/api/v1/machines/{name}",
        summary: "Everything that is known of one machine.",
        parameters: &[
            parameter("name", Kind::Place, "Its name, its short name, or a part of it that no other machine has."),
            LANG,
        ],
        answers: &[Answer(200, "The machine.", Body::Json(of::<MachineReport<'static>>)), BAD, UNKNOWN, LATER],
    },
    Route {
        method: "get",
        path: "/api/v1/runway",
        summary: "Machines, counted: of the fleet, and by path, product and channel.",
        parameters: &[],
        answers: &[Answer(200, "The counts.", Body::Json(of::<RunwayReport<'static>>)), NO_STORE, LATER],
    },
    Route {
        method: "get",
        path: "/api/v1/changes",
        summary: "What changed: licenses, verdicts, and machines that appeared, fell silent or are gone.",
        parameters: &[
            parameter("since", Kind::Text, SINCE),
            parameter("limit", Kind::Number(1, 10_000), "How many are listed at the most; 10000 by default."),
            LANG,
        ],
        answers: &[Answer(200, "The changes.", Body::Json(of::<ChangesReport<'static>>)), BAD, LATER],
    },
    Route {
        method: "get",
        path: "/api/v1/kms-hosts",
        summary: "The KMS hosts, those that paths lead to and those that report.",
        parameters: &[
            parameter("limit", Kind::Number(1, 1000), "How many are listed at the most; 1000 by default."),
            LANG,
        ],
        answers: &[Answer(200, "The hosts.", Body::Json(of::<KmsHostsReport<'static>>)), BAD],
    },
    Route {
        method: "get",
        path: "/api/v1/explain/{code}",
        summary: "What a Windows activation error or event means, and what to do.",
        parameters: &[parameter("code", Kind::Place, "A code such as `0xC004F074`, or the ID of an event."), LANG],
        answers: &[
            Answer(200, "What it means.", Body::Json(of::<AnswerJson<'static>>)),
            BAD,
            Answer(404, "It is neither a code nor an event.", Body::Json(of::<NoCode>)),
        ],
    },
    Route {
        method: "post",
        path: STATUS,
        summary: "Takes reports of machines, with a bearer token.",
        parameters: &[
            parameter("machine", Kind::Text, "Whom a report is about that does not say so itself."),
            parameter("reported_at", Kind::Text, "When it was made, where it does not say so itself."),
            LANG,
        ],
        answers: &[
            Answer(202, "All that was accepted is on disk.", Body::Json(of::<status::Answer>)),
            BAD,
            Answer(401, "No valid token.", Body::Json(of::<ErrorJson>)),
            Answer(422, "Nothing of it was accepted.", Body::Json(of::<status::Answer>)),
            LATER,
        ],
    },
    Route {
        method: "post",
        path: ENROL,
        summary: "Enrols a machine with a token that it made for itself, with the bearer token of an enrolment.",
        parameters: &[LANG],
        answers: &[
            Answer(200, "It was enrolled before, with the same token.", Body::Json(of::<enrol::Answer>)),
            Answer(201, "It is enrolled, which is on disk.", Body::Json(of::<enrol::Answer>)),
            BAD,
            Answer(401, "No valid token.", Body::Json(of::<ErrorJson>)),
            Answer(403, "The token may not enrol this machine.", Body::Json(of::<ErrorJson>)),
            Answer(409, "It is enrolled with another token.", Body::Json(of::<ErrorJson>)),
            Answer(410, "It was shut out.", Body::Json(of::<ErrorJson>)),
            Answer(507, "Too many machines are enrolled.", Body::Json(of::<ErrorJson>)),
            LATER,
        ],
    },
    Route {
        method: "get",
        path: "/api/v1/openapi.json",
        summary: "This document.",
        parameters: &[],
        answers: &[Answer(200, "The document.", Body::Json(of::<Map<String, Value>>))],
    },
    Route {
        method: "get",
        path: "/probe",
        summary: "Probes one target now, of those that the configuration lists, and answers its metrics.",
        parameters: &[
            parameter("target", Kind::Text, "A KMS host, a domain, a URL or a time server."),
            parameter(
                "module",
                Kind::OneOf(&["kms", "online", "clock"]),
                "What the target is; else its form says that.",
            ),
            parameter("proxy", Kind::Text, "The proxy that leads to a URL."),
            parameter("debug", Kind::Flag, "Answers with the report for a person, and the metrics after it."),
            LANG,
        ],
        answers: &[
            Answer(200, "The metrics.", Body::Text),
            BAD,
            Answer(403, "The target is not listed in `web.probe_targets`.", Body::Json(of::<ErrorJson>)),
            Answer(500, "The probe cannot begin.", Body::Json(of::<ErrorJson>)),
            LATER,
        ],
    },
    Route {
        method: "get",
        path: "/sd",
        summary: "The KMS hosts found, for Prometheus' HTTP service discovery.",
        parameters: &[parameter("path", Kind::Text, "Those of this path alone."), LANG],
        answers: &[Answer(200, "The hosts.", Body::Json(of::<Vec<TargetGroup>>)), BAD, UNKNOWN, LATER],
    },
    Route {
        method: "get",
        path: "/metrics",
        summary: "All metrics in the text format of Prometheus.",
        parameters: &[],
        answers: &[Answer(200, "The metrics.", Body::Text)],
    },
    Route {
        method: "get",
        path: "/-/healthy",
        summary: "Whether the process runs.",
        parameters: &[],
        answers: &[Answer(200, "It does.", Body::Text)],
    },
    Route {
        method: "get",
        path: "/-/ready",
        summary: "Whether the first round is complete.",
        parameters: &[],
        answers: &[Answer(200, "It is.", Body::Text), Answer(503, "It is not yet.", Body::Text)],
    },
    Route {
        method: "post",
        path: "/-/reload",
        summary: "Reads the configuration again.",
        parameters: &[],
        answers: &[
            Answer(200, "It is in force.", Body::Text),
            Answer(403, "Who asks may not.", Body::Text),
            Answer(500, "It is refused, and the running one stays.", Body::Text),
        ],
    },
];

/// What is answered where something is no code.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "read by the schema alone")]
struct NoCode {
    /// What is wrong, in English.
    error: String,
    /// The same in the language of whoever asks.
    message: String,
    given: String,
    did_you_mean: Vec<crate::codes::Code>,
}

pub(super) async fn get() -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| document().to_string());
    ([(CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

/// The rejection of a request with a parameter that is wrong, or that there is not: it lists those there are.
pub(super) fn bad_query(path: &str, rejection: &QueryRejection) -> Rejected {
    let text = rejection.body_text();
    // What is known follows anyway.
    let error = match text.split_once(", expected one of") {
        Some((unknown, _)) if unknown.contains("unknown field") => unknown.to_owned(),
        _ => text,
    };
    let parameters = ROUTES.iter().filter(|route| route.path == path).flat_map(|route| route.parameters);
    let known: Vec<_> = parameters.filter(|known| !matches!(known.kind, Kind::Place)).map(|known| known.name).collect();
    Rejected::bad_request(message!("parameters", error = error, known = known.join(", ")))
}

/// The whole document.
fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let operation = route.operation(&mut generator);
        if let Some(known) = paths.entry(route.path).or_insert_with(|| json!({})).as_object_mut() {
            known.insert(route.method.to_owned(), operation);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Gracewatch",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Monitors the paths by which Windows machines stay activated.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "user": { "type": "http", "scheme": "basic" },
            },
        },
    })
}

impl Route {
    fn operation(&self, generator: &mut SchemaGenerator) -> Value {
        let mut answers = Map::new();
        for Answer(status, about, body) in self.answers {
            let content = match body {
                Body::Json(schema) => json!({ "application/json": { "schema": schema(generator) } }),
                Body::Text => json!({ "text/plain": { "schema": { "type": "string" } } }),
            };
            answers.insert(status.to_string(), json!({ "description": about, "content": content }));
        }
        let mut operation = json!({ "summary": self.summary, "responses": answers });
        if let Some(fields) = operation.as_object_mut() {
            if !self.parameters.is_empty() {
                fields.insert("parameters".to_owned(), self.parameters.iter().map(Parameter::json).collect());
            }
            let body = match self.path {
                STATUS => Some(json!({ "*/*": { "schema": {} } })),
                ENROL => Some(json!({ "application/json": { "schema": of::<enrol::Wanted>(generator) } })),
                _ => None,
            };
            if let Some(content) = body {
                fields.insert("security".to_owned(), json!([{ "token": [] }]));
                fields.insert("requestBody".to_owned(), json!({ "content": content, "required": true }));
            }
        }
        operation
    }
}

impl Parameter {
    fn json(&self) -> Value {
        let is_place = matches!(self.kind, Kind::Place);
        let schema = match self.kind {
            Kind::Place | Kind::Text => json!({ "type": "string" }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Number(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
            Kind::OneOf(words) => json!({ "type": "string", "enum": words }),
        };
        json!({
            "name": self.name,
            "in": if is_place { "path" } else { "query" },
            "required": is_place,
            "description": self.about,
            "schema": schema,
        })
    }
}
