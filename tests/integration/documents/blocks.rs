//! The blocks of a page, and whether each has the comment that it needs.

use std::fmt;
use std::fs;
use std::path::Path;

use regex::Regex;

use super::{is_writing, pages, root};

/// Languages whose blocks are commands or configuration. Others only show something.
const WORKING: [&str; 6] = ["bat", "console", "ini", "powershell", "sh", "yaml"];

/// How a comment above a block may begin.
const MARKS: [&str; 7] = ["run", "file: ", "config", "checked by ", "needs ", "example", "shows "];

/// A block of a page.
pub struct Block {
    page: String,
    /// The number of the line of its fence.
    line: usize,
    pub language: String,
    /// The comment above it, or else the page's.
    pub mark: Option<String>,
    pub text: String,
}

impl fmt::Display for Block {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.page, self.line)
    }
}

fn comment(line: &str) -> Option<&str> {
    line.trim().strip_prefix("<!-- ")?.strip_suffix(" -->")
}

/// The blocks of a page, from the first to the last.
pub fn blocks(page: &Path) -> Vec<Block> {
    let text = fs::read_to_string(page).expect("the page can be read");
    let name = page.strip_prefix(root()).expect("it is a page of the project").display().to_string();
    let of_page = text.lines().find_map(|line| comment(line)?.strip_prefix("all blocks: "));
    let lines: Vec<_> = text.lines().collect();
    let mut found: Vec<Block> = Vec::new();
    let mut number = 0;
    while number < lines.len() {
        let line = lines[number];
        let Some(language) = line.trim_start().strip_prefix("```") else {
            number += 1;
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let above = number.checked_sub(1).and_then(|above| comment(lines[above]));
        let end = (number + 1..lines.len()).find(|end| lines[*end].trim() == "```").expect("a block ends");
        let content = lines[number + 1..end].iter().map(|line| line.get(indent..).unwrap_or("").to_owned() + "\n");
        found.push(Block {
            page: name.clone(),
            line: number + 1,
            language: language.to_owned(),
            mark: above.or(of_page).map(str::to_owned),
            text: content.collect(),
        });
        number = end + 1;
    }
    found
}

#[test]
fn every_block_is_run_or_says_what_it_needs() {
    let mut count = 0;
    for block in pages().iter().flat_map(|page| blocks(page)) {
        count += 1;
        assert!(!block.language.is_empty(), "{block} names no language");
        let Some(mark) = &block.mark else {
            assert!(
                !WORKING.contains(&block.language.as_str()),
                "{block} has no comment above it: see documents/mod.rs"
            );
            continue;
        };
        assert!(MARKS.iter().any(|known| mark.starts_with(known)), "{block}: {mark:?} is no comment that is known");
        if let Some(file) = mark.strip_prefix("checked by ") {
            let text = fs::read_to_string(root().join(file)).unwrap_or_default();
            assert!(text.contains(&block.page), "{block}: {file} is not there, or does not read the page");
        }
    }
    assert!(count > 80, "only {count} blocks are found");
}

#[test]
fn no_command_of_the_readme_runs_the_tests() {
    let blocks = blocks(&root().join("README.md"));
    assert!(blocks[0].text.starts_with("cargo run --release -- demo"), "{}", blocks[0].text);
    assert!(blocks[1].text.contains("gracewatch check"), "{}", blocks[1].text);
    assert!(blocks.iter().all(|block| !block.text.contains("tests/run")));
}

#[test]
fn the_readme_is_short() {
    let text = fs::read_to_string(root().join("README.md")).expect("it can be read");
    assert!(text.lines().count() <= 120, "{} lines", text.lines().count());
}

/// The part of a file that a comment names: from the first line that begins so up to the next that begins
/// as the other pattern says.
fn part(mark: &str) -> Option<String> {
    let form = Regex::new(r#"^shows (\S+) from "([^"]+)" to "([^"]+)"$"#).expect("a pattern");
    let found = form.captures(mark)?;
    let text = fs::read_to_string(root().join(&found[1])).ok()?;
    let [begins, ends] =
        [&found[2], &found[3]].map(|pattern| Regex::new(&format!("^(?:{pattern})")).expect("a pattern"));
    let lines: Vec<_> = text.lines().skip_while(|line| !begins.is_match(line)).collect();
    let end = lines.iter().skip(1).position(|line| ends.is_match(line))? + 1;
    Some(lines[..end].join("\n").trim_end().to_owned() + "\n")
}

#[test]
fn what_is_shown_is_what_there_is() {
    for page in pages() {
        for block in blocks(&page) {
            let Some(mark) = block.mark.as_deref().filter(|mark| mark.starts_with("shows ")) else { continue };
            let part = part(mark).unwrap_or_else(|| panic!("{block}: nothing is found for {mark:?}"));
            if is_writing() {
                let text = fs::read_to_string(&page).expect("it can be read");
                let head = format!("<!-- {mark} -->\n```{}\n", block.language);
                let (before, after) = text.split_once(&head).expect("the block is there");
                let after = after.split_once("```").expect("the block ends").1;
                fs::write(&page, format!("{before}{head}{part}```{after}")).expect("it can be written");
            } else {
                assert_eq!(block.text, part, "{block}");
            }
        }
    }
}
