//! What is known of each code in whatever language: its symbol, its stage or subject, and how well it is known.

use crate::codes::Code;
use crate::observation::Stage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a code is about that belongs to no stage of a walk. A closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CodeSubject")]
pub enum Subject {
    /// A product key.
    Key,
    /// The edition or version of the product.
    Edition,
    /// The license files and the token store.
    Store,
    /// The hardware, or its firmware.
    Hardware,
    /// A grace period.
    Grace,
    /// Whether the installation is genuine.
    Genuine,
    /// Activation by phone.
    Phone,
    /// The rights of whoever asks.
    Permission,
    /// The licensing service of Windows.
    Service,
    /// Microsoft's activation service.
    Server,
    TokenActivation,
    /// Activation by Active Directory.
    Directory,
    /// Activation of a virtual machine by its host.
    VirtualMachine,
    /// A license for a limited time.
    TimeLimit,
    /// A change of edition through the store.
    Upgrade,
    /// Nothing that is wrong.
    Status,
    /// Files of the system.
    System,
    /// A wrong call.
    Usage,
}

impl Subject {
    /// The word for it, in reports and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Edition => "edition",
            Self::Store => "store",
            Self::Hardware => "hardware",
            Self::Grace => "grace",
            Self::Genuine => "genuine",
            Self::Phone => "phone",
            Self::Permission => "permission",
            Self::Service => "service",
            Self::Server => "server",
            Self::TokenActivation => "token_activation",
            Self::Directory => "directory",
            Self::VirtualMachine => "virtual_machine",
            Self::TimeLimit => "time_limit",
            Self::Upgrade => "upgrade",
            Self::Status => "status",
            Self::System => "system",
            Self::Usage => "usage",
        }
    }
}

/// How far a meaning can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A source documents it: Microsoft's articles or tools, or the reference of Windows' own errors.
    Documented,
    /// No document describes it; machines that wrote it do.
    Observed,
    /// It is inferred from the symbol alone.
    Inferred,
    /// The code is not described anywhere; its parts were read.
    Decoded,
}

/// A code, and what is the same of it in every language.
#[derive(Debug, PartialEq, Eq)]
pub struct Fact {
    pub code: Code,
    /// Its name in the headers of Windows, where it has one.
    pub symbol: Option<String>,
    /// The stage it belongs to, where one fits.
    pub stage: Option<Stage>,
    /// What it is about, where no stage fits.
    pub subject: Option<Subject>,
    /// How far its meaning can be trusted.
    pub confidence: Confidence,
    /// The group whose causes and steps it shares, where it has none of its own.
    pub group: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Row {
    code: String,
    symbol: Option<String>,
    stage: Option<Stage>,
    subject: Option<Subject>,
    confidence: Confidence,
    group: Option<String>,
}

/// By code. A line that cannot be read is left out; tests see that there is none.
static FACTS: LazyLock<BTreeMap<Code, Fact>> = LazyLock::new(|| {
    let rows = rows::<Row>(include_str!("codes.tsv"));
    let facts = rows.filter_map(|row| {
        let code = hexadecimal(&row.code)?;
        let Row { symbol, stage, subject, confidence, group, .. } = row;
        Some((code, Fact { code, symbol, stage, subject, confidence, group }))
    });
    facts.collect()
});

/// What is known of a code.
pub fn fact(code: Code) -> Option<&'static Fact> {
    FACTS.get(&code)
}

/// Every code that is described, in their order.
pub fn all() -> impl Iterator<Item = &'static Fact> {
    FACTS.values()
}

/// The lines of a table in the program, whose columns are parted by tabs.
pub(super) fn rows<T: for<'de> Deserialize<'de> + 'static>(table: &'static str) -> impl Iterator<Item = T> {
    let reader = csv::ReaderBuilder::new().delimiter(b'\t').quoting(false).from_reader(table.as_bytes());
    reader.into_deserialize().filter_map(Result::ok)
}

/// A code as it is in tables.
pub(super) fn hexadecimal(text: &str) -> Option<Code> {
    u32::from_str_radix(text.strip_prefix("0x")?, 16).ok().map(Code)
}
