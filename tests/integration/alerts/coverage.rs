//! That a scene sees each rule we ship.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;

use super::shipped;

#[test]
fn each_rule_is_seen_in_a_scene() {
    let scenes = scenes();
    let is_seen = |rule: &String| scenes.contains(&format!("\"{rule}\"")) || scenes.contains(&format!("\"{rule} "));
    let unseen: Vec<_> = rules().into_iter().filter(|rule| !is_seen(rule)).collect();
    assert!(unseen.is_empty(), "no scene says that these fired: {unseen:#?}");
}

/// The names and severities of all rules, as a scene says that one fired.
fn rules() -> BTreeSet<String> {
    let text = shipped::read("prometheus/alerts.yml");
    let rule = Regex::new(r"(?s)- alert: (\w+)\n.*?severity: (\w+)\n").expect("it is a pattern");
    let rules: BTreeSet<_> = rule.captures_iter(&text).map(|rule| format!("{} {}", &rule[1], &rule[2])).collect();
    assert_eq!(rules.len(), text.matches("- alert: ").count(), "{rules:#?}");
    rules
}

/// The text of all scenes.
fn scenes() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/alerts");
    let files = fs::read_dir(&folder).expect("it is there");
    let read = |file: std::io::Result<fs::DirEntry>| fs::read_to_string(file.expect("it is listed").path());
    files.map(|file| read(file).expect("it is text")).collect()
}
