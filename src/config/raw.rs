//! The configuration as it is written: its keys and their shapes, nothing checked yet.

mod online;
mod shape;

pub(super) use online::{OneOrManyEndpoints, OneOrManyProxies, ProxyKeys, RawEndpoint, RawOnline, RawProxy};

use super::error::Fault;
use crate::catalogue::{Message, message};
use crate::secret::Secret;
use crate::words;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_saphyr::{Error, Options, Spanned};
use shape::by_shape;

/// A string, and where it is.
pub(super) type Text = Spanned<String>;

/// A string that may hold a password, and where it is.
pub(super) type SecretText = Spanned<Secret>;

/// Gracewatch: where to listen, how to probe, which paths to watch.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "gracewatch")]
pub(super) struct Raw {
    /// Where HTTP is served: `[::]:10688` takes IPv4 and IPv6.
    #[schemars(with = "Option<String>")]
    pub(super) listen: Option<Text>,
    pub(super) probe: RawProbe,
    pub(super) verdict: RawVerdict,
    /// The paths to watch. Without this key: the machine's own DNS domains.
    #[schemars(with = "Option<Vec<RawPath>>")]
    pub(super) paths: Option<Spanned<Vec<RawPath>>>,
    pub(super) clock: RawClock,
    /// The activation status of machines: where reports come from, and where they are kept.
    #[schemars(with = "Option<RawStatus>")]
    pub(super) status: Option<Spanned<RawStatus>>,
    pub(super) web: RawWeb,
    /// What `gracewatch agent` on this machine reports to, and how often.
    #[schemars(with = "Option<RawAgent>")]
    pub(super) agent: Option<Spanned<RawAgent>>,
    pub(super) log: RawLog,
    /// What this instance is called among those that share a database, such as `tokyo`. Default: the name of this machine.
    #[schemars(with = "Option<String>")]
    pub(super) site: Option<Text>,
}

/// How often, how long and how much at once is probed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawProbe {
    /// From one probe of a target to the next, such as `60s` or `5m`.
    #[schemars(with = "Option<String>")]
    pub(super) interval: Option<Text>,
    /// The longest time each stage of each target may take, such as `5s`.
    #[schemars(with = "Option<String>")]
    pub(super) timeout: Option<Text>,
    /// How many probes run at once.
    #[schemars(with = "Option<u32>", range(min = 1, max = 4096))]
    pub(super) concurrency: Option<Spanned<i64>>,
}

/// How soon the verdict on a path changes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawVerdict {
    /// How many rounds in a row have to fail before a verdict worsens; 1 is at once.
    #[schemars(with = "Option<u32>", range(min = 1, max = 10))]
    pub(super) failing_rounds: Option<Spanned<i64>>,
    /// For how long a verdict that worsened stays at the least, such as `2m`. Default: two intervals.
    #[schemars(with = "Option<String>")]
    pub(super) hold: Option<Text>,
    pub(super) intermittent: RawIntermittent,
}

/// From when on a target that fails in some rounds, and passes in between, degrades its path.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawIntermittent {
    /// In how many of its last rounds the target has to fail: at most `of`. Default: 3.
    #[schemars(with = "Option<u32>", range(min = 1, max = 32))]
    pub(super) failures: Option<Spanned<i64>>,
    /// How many of its last rounds are looked at. Default: 6.
    #[schemars(with = "Option<u32>", range(min = 2, max = 32))]
    pub(super) of: Option<Spanned<i64>>,
}

/// A named path: either `kms` or `online`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPath {
    /// The name of the path in metrics and reports.
    #[schemars(with = "String")]
    pub(super) name: Text,
    /// KMS hosts, found by DNS or named.
    #[serde(default)]
    #[schemars(with = "Option<RawKms>")]
    pub(super) kms: Option<Spanned<RawKms>>,
    /// Endpoints of online activation, directly or through proxies.
    #[serde(default)]
    #[schemars(with = "Option<RawOnline>")]
    pub(super) online: Option<Spanned<RawOnline>>,
}

/// KMS hosts: either `domain` or `hosts`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawKms {
    /// A domain, or a list of them, in which `_vlmcs._tcp` is looked up.
    #[schemars(with = "Option<OneOrMany>")]
    pub(super) domain: Option<Spanned<OneOrMany>>,
    /// KMS hosts by name or address, with or without a port; or the name of a cloud whose own hosts are meant.
    #[schemars(with = "Option<OneOrMany>")]
    pub(super) hosts: Option<Spanned<OneOrMany>>,
    /// Nameservers by address, with or without a port. Default: the system's.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) nameservers: Option<Spanned<Vec<Text>>>,
    /// The hosts that DNS should list; any other is reported as unexpected.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) expected_hosts: Option<Spanned<Vec<Text>>>,
    /// The ports that records in DNS may lead to, each one or a range such as `1024-65535`, which is the default.
    #[schemars(with = "Option<Vec<Port>>")]
    pub(super) allowed_ports: Option<Spanned<Vec<Text>>>,
    /// The networks that records in DNS may lead to, such as `10.0.0.0/8`. Default: all but this machine, its link and
    /// multicast.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) allowed_networks: Option<Spanned<Vec<Text>>>,
    /// The networks that they may not lead to, whatever is allowed.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) denied_networks: Option<Spanned<Vec<Text>>>,
}

/// Whom to ask for the time, and how far off a clock may be.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawClock {
    /// NTP servers by name or address, with or without a port.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) ntp: Option<Vec<Text>>,
    /// How the KMS hosts' own clocks are read: `auto` (`smb2`, then `http_date`), `off`, or a list of `smb2`,
    /// `http_date`, `ldap` and `kerberos`, each with or without a port.
    #[schemars(with = "Option<OneOrMany>")]
    pub(super) host_clocks: Option<Spanned<OneOrMany>>,
    /// How far off a clock may be before it is reported, such as `1h`.
    #[schemars(with = "Option<String>")]
    pub(super) clock_warn: Option<Text>,
}

/// The activation status of machines: where reports come from, and where they are kept.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStatus {
    /// `sqlite:FILE`, or `postgres://USER:PASSWORD@HOST/DATABASE`.
    #[schemars(with = "String")]
    pub(super) store: SecretText,
    /// A folder: files put there are imported.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) inbox: Option<Text>,
    /// How long files that were taken from there are kept in its `done` and `failed`, such as `30days`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) inbox_keep: Option<Text>,
    /// The machines that are expected: a CSV of `Get-ADComputer`, a text with one name a line, or a folder of such files.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) inventory: Option<Text>,
    /// A file with the tokens by which reports are taken over HTTP.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) tokens_file: Option<Text>,
    /// A machine without reports for this long is stale, such as `8days`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) stale_after: Option<Text>,
    /// A machine without reports for this long is forgotten, such as `400days`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) forget_after: Option<Text>,
    /// How long changes of status and of verdicts, and daily figures, are kept, such as `400days`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) history: Option<Text>,
    /// How many licenses, those most at risk, have series of their own.
    #[serde(default)]
    #[schemars(with = "Option<u32>", range(min = 0, max = 1000))]
    pub(super) at_risk: Option<Spanned<i64>>,
    /// How many licenses all machines may have together; reports of more are rejected. Default: 1500000.
    #[serde(default)]
    #[schemars(with = "Option<u32>", range(min = 1000, max = 20_000_000))]
    pub(super) licenses: Option<Spanned<i64>>,
}

/// How HTTP is served.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawWeb {
    /// How many connections are open at once; one address may have a quarter of them.
    #[schemars(with = "Option<u32>", range(min = 8, max = 65536))]
    pub(super) connections: Option<Spanned<i64>>,
    /// Who may `POST /-/reload`: `loopback`, `authenticated` or `never`.
    #[schemars(with = "Option<AllowReload>")]
    pub(super) allow_reload: Option<Text>,
    /// What `GET /probe` may reach: names and addresses, each with or without a port, in which `*` stands for any
    /// characters and `?` for one. Default: nothing.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) probe_targets: Option<Spanned<Vec<Text>>>,
    /// The networks that names in DNS may lead it to, such as `10.0.0.0/8`. Default: all but this machine, its link and
    /// multicast.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) probe_networks: Option<Spanned<Vec<Text>>>,
    /// TLS, client certificates, users and a limit of requests: a file in the format of Prometheus' exporters.
    #[schemars(with = "Option<String>")]
    pub(super) config_file: Option<Text>,
}

/// What `gracewatch agent` reports to, and how often.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawAgent {
    /// The server, such as `https://gracewatch.corp.example:10688`.
    #[schemars(with = "Option<String>")]
    pub(super) server: Option<SecretText>,
    /// A file whose first line is the token by which this machine may report.
    #[schemars(with = "Option<String>")]
    pub(super) token_file: Option<Text>,
    /// A file whose first line is an enrolment token, by which this machine gets a token of its own. It takes the place of
    /// `token_file`.
    #[schemars(with = "Option<String>")]
    pub(super) enrol_token_file: Option<Text>,
    /// A file with more trusted roots in PEM, beside the system's.
    #[schemars(with = "Option<String>")]
    pub(super) ca_file: Option<Text>,
    /// A certificate in PEM, by which the server knows this machine.
    #[schemars(with = "Option<String>")]
    pub(super) client_cert: Option<Text>,
    /// The private key of `client_cert` in PEM.
    #[schemars(with = "Option<String>")]
    pub(super) client_key: Option<Text>,
    /// The path to the server: `direct`, `system`, or the URL of an HTTP proxy. Default: `system`.
    #[schemars(with = "Option<String>")]
    pub(super) proxy: Option<SecretText>,
    /// The folder for what waits to be sent.
    #[schemars(with = "Option<String>")]
    pub(super) folder: Option<Text>,
    /// From one report to the next, such as `15m`.
    #[schemars(with = "Option<String>")]
    pub(super) interval: Option<Text>,
    /// The first report waits for a random time up to this, such as `5m`.
    #[schemars(with = "Option<String>")]
    pub(super) spread: Option<Text>,
}

/// The values of `web.allow_reload`, for the schema.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the schema alone")]
enum AllowReload {
    Loopback,
    Authenticated,
    Never,
}

/// What is logged, and how.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawLog {
    /// `text` for people, `json` for machines.
    #[schemars(with = "Option<Format>")]
    pub(super) format: Option<Text>,
    /// The least severe events that are logged.
    #[schemars(with = "Option<Level>")]
    pub(super) level: Option<Text>,
    /// A folder for files with the same lines, one a day in UTC. Default: none are written.
    #[schemars(with = "Option<String>")]
    pub(super) folder: Option<Text>,
    /// How many of these files are kept. Default: 14.
    #[schemars(with = "Option<u32>", range(min = 1, max = 1000))]
    pub(super) keep: Option<Spanned<i64>>,
}

/// The values of `allowed_ports`, for the schema.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "read by the schema alone")]
enum Port {
    One(u16),
    Range(String),
}

/// The values of `log.format`, for the schema.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the schema alone")]
enum Format {
    Text,
    Json,
}

/// The values of `log.level`, for the schema.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the schema alone")]
enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

by_shape!(OneOrMany, "one-or-many", Self::Value::One, seq Self::Value::Many);
/// A string, or a list of strings.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(#[schemars(with = "Vec<String>")] Vec<Text>),
}

/// Reads YAML. An empty document is an empty configuration.
pub(super) fn parse(bytes: &[u8]) -> Result<Raw, Fault> {
    // As YAML 1.2 has it: `off`, `no` and the like are words.
    parse_as(bytes, serde_saphyr::options! { strict_booleans: true })
}

/// Reads YAML as keys of any kind. An empty document has none of them.
pub(super) fn parse_as<T: DeserializeOwned + Default>(bytes: &[u8], options: Options) -> Result<T, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let raw = serde_saphyr::from_str_with_options::<Option<T>>(text, options);
    raw.map(Option::unwrap_or_default).map_err(|error| indented(fault(&error), text))
}

fn not_utf8(bytes: &[u8], valid: usize) -> Fault {
    let valid = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default()).into_owned();
    let line = valid.matches('\n').count() + 1;
    let column = valid.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let position = super::error::Position { line: line as u64, column: column as u64 };
    Fault::at(position, message!("config-not-utf8"))
}

fn fault(error: &Error) -> Fault {
    let error = error.without_snippet();
    let message = match error {
        Error::SerdeUnknownField { field, expected, .. } => unknown(What::Key, field, expected),
        Error::SerdeUnknownVariant { variant, expected, .. } => unknown(What::Value, variant, expected),
        Error::SerdeMissingField { field, .. } => message!("config-key-missing", key = *field),
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            // What is after its kind is the value.
            let kind = unexpected.split(['`', '"']).next().unwrap_or_default().trim_end();
            message!("config-shape", expected = expected, found = kind)
        }
        Error::DuplicateMappingKey { key: Some(key), .. } if is_key(key) => {
            message!("config-key-twice", key = key)
        }
        Error::DuplicateMappingKey { .. } => message!("config-this-key-twice"),
        Error::InvalidScalar { ty, .. } if ty.starts_with(['i', 'u']) => message!("config-whole-number"),
        Error::InvalidScalar { ty: "boolean" | "bool", .. } | Error::InvalidBooleanStrict { .. } => {
            message!("config-boolean")
        }
        Error::Unexpected { expected: "mapping start", .. } => message!("config-keys-and-values"),
        Error::Unexpected { expected: "sequence start", .. } => message!("config-list"),
        Error::Unexpected { expected: "string scalar", .. } => message!("config-string"),
        Error::MultipleDocuments { .. } => message!("config-documents"),
        // These quote what is written.
        Error::Message { .. }
        | Error::NonFiniteFloat { .. }
        | Error::TaggedEnumMismatch { .. }
        | Error::SerdeVariantId { .. }
        | Error::CyclicInclude { .. }
        | Error::ResolverError { .. }
        | Error::AliasError { .. } => message!("config-misplaced"),
        other => {
            let said = other.to_string();
            let said = without_position(&said);
            message!("config-yaml", kind = kind_of(said), error = said)
        }
    };
    Fault { position: error.location().map(Into::into), message }
}

/// What is said of a value of another shape than what belongs there.
const SHAPES: [&str; 6] =
    ["config-shape", "config-whole-number", "config-boolean", "config-string", "config-list", "config-keys-and-values"];

/// The fault of a key under which something is missing, because what belongs there is not indented.
fn indented(fault: Fault, text: &str) -> Fault {
    let line = fault.position.and_then(|position| usize::try_from(position.line).ok()?.checked_sub(1));
    let line = line.and_then(|number| text.lines().nth(number)).unwrap_or_default().trim();
    let key = line.trim_start_matches("- ").strip_suffix(':').filter(|key| is_key(key));
    match key {
        Some(key) if SHAPES.contains(&fault.message.id()) => {
            let nothing = message!("config-nothing-indented");
            Fault { message: message!("config-fault-of", value = key, fault = nothing), ..fault }
        }
        _ => fault,
    }
}

/// The kind of fault that the YAML reader means, by its words: our own are in the reader's language.
fn kind_of(said: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    match () {
        // Before all that its words have in common with other faults.
        () if has(&["escape", "hexadecimal"]) => "escape",
        () if has(&["tab"]) => "tab",
        () if has(&["indent", "'-' indicator", "expected key"]) => "indentation",
        () if has(&["quote"]) => "quote",
        () if has(&["bracket", "flow"]) => "bracket",
        () if has(&["mapping values", "simple key"]) => "colon",
        () => "other",
    }
}

/// The first line of a message of the YAML reader, without the place it ends with: we put it in front.
fn without_position(message: &str) -> &str {
    let line = message.lines().next().unwrap_or_default();
    line.split_once(" at line ").map_or(line, |(said, _)| said)
}

/// What a word is that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Key,
    Value,
    Preset,
    /// Of TLS.
    Version,
    Suite,
    Curve,
    /// How clients are asked for certificates.
    ClientAuth,
}

impl What {
    /// The word for it in the catalogue.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Value => "value",
            Self::Preset => "preset",
            Self::Version => "version",
            Self::Suite => "suite",
            Self::Curve => "curve",
            Self::ClientAuth => "type",
        }
    }
}

/// What is no word that could be a key is not quoted: where the space after a colon is missing, it holds the value.
fn unknown(what: What, given: &str, known: &[&str]) -> Message {
    let owners = if what == What::Key && is_key(given) { owners(given) } else { Vec::new() };
    let owners = owners.iter().map(|owner| message!("config-quoted", text = owner));
    if let Some(owners) = owners.reduce(|one, other| message!("config-either", one = one, other = other)) {
        let fault = message!("config-key-belongs", owners = owners);
        return message!("config-fault-of", value = given, fault = fault);
    }
    let suggestion = suggestion(what, given, known);
    let is_misspelt = || is_name(given) && words::nearest(given, known.iter().copied()).is_some();
    if is_key(given) || is_misspelt() {
        message!("config-fault-of", value = given, fault = suggestion)
    } else {
        suggestion
    }
}

/// The keys under which a key of this name belongs, by the schema.
fn owners(given: &str) -> Vec<String> {
    let schema = super::schema();
    let definitions = schema.get("$defs").and_then(serde_json::Value::as_object);
    let keys_of = |of: &'_ serde_json::Value| of.get("properties")?.as_object().cloned();
    let nested = definitions.into_iter().flatten().map(|(_, definition)| definition);
    let mut owners: Vec<String> = Vec::new();
    for (key, value) in std::iter::once(&schema).chain(nested).filter_map(keys_of).flatten() {
        // What a key holds is one of the definitions, or a list of one, or either.
        let text = value.to_string();
        let holds = definitions.into_iter().flatten().any(|(name, definition)| {
            let has_key = keys_of(definition).is_some_and(|keys| keys.contains_key(given));
            has_key && text.contains(&format!("\"#/$defs/{name}\""))
        });
        if holds && !owners.contains(&key) {
            owners.push(key);
        }
    }
    owners
}

/// True for what looks like a key of ours.
fn is_key(text: &str) -> bool {
    text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// True for what may be a name at all, such as that of a header.
fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// `unknown key; did you mean `interval`?` The given word is not shown: it may come from the environment.
pub(super) fn suggestion(what: What, given: &str, known: &[&str]) -> Message {
    match nearest(given, known) {
        Some(name) => message!("config-unknown-near", what = what.as_str(), name = name),
        None => message!("config-unknown", what = what.as_str(), known = known.join(", ")),
    }
}

/// The known word that was probably meant: one that has two thirds of its letters in any case, or else one that begins
/// as what is given does, or that what is given begins with.
fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    let begins = |name: &&&str| given.starts_with(**name) || (given.len() > 3 && name.starts_with(given));
    words::nearest(given, known.iter().copied()).or_else(|| known.iter().find(begins).copied())
}
