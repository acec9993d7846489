//! The requests in `docs/http-api.md`: each that is answered, and no other.

use std::collections::BTreeSet;
use std::fs;

use regex::Regex;

use super::root;

fn found(file: &str, pattern: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(file)).expect("it can be read");
    let pattern = Regex::new(pattern).expect("a pattern");
    pattern
        .captures_iter(&text)
        .map(|found| format!("{} {}", found["method"].to_uppercase(), &found["route"]))
        .collect()
}

#[test]
fn every_route_is_documented() {
    let answered = found("src/web.rs", r#"\.route\(\s*"(?<route>[^"]+)",\s*(?<method>get|post)\("#);
    let answered: BTreeSet<_> =
        answered.into_iter().map(|route| route.replace("{*code}", "CODE").replace("{name}", "NAME")).collect();
    let documented = found("docs/http-api.md", r"(?m)^\| `(?<method>GET|POST) (?<route>/\S*)` \|");
    assert!(answered.len() > 8, "{answered:?}");
    assert_eq!(answered, documented);
}
