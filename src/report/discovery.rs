//! A KMS host as `/sd` lists it, in the form of Prometheus' HTTP service discovery.

use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// One host on one path. Prometheus drops labels that begin with `__` after relabelling, so each user keeps what is of
/// use.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub struct TargetGroup {
    pub targets: [String; 1],
    pub labels: BTreeMap<&'static str, String>,
}
