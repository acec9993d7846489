//! The table of reasons in `docs/metrics.md`: each with what `observation` says of it, and the codes of `codes`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

use gracewatch::codes::{Prediction, predict_kms, predict_online};
use gracewatch::observation::{Reason, Stage};
use syn::{Expr, Item, Lit, Meta};

use super::{is_writing, root};

/// What the code says of each variant of `Reason`, by its name.
fn meanings() -> BTreeMap<String, String> {
    let source = fs::read_to_string(root().join("src/observation.rs")).expect("it can be read");
    let items = syn::parse_file(&source).expect("it compiles").items;
    let reasons = items.into_iter().find_map(|item| match item {
        Item::Enum(found) if found.ident == "Reason" => Some(found),
        _ => None,
    });
    let mut meanings = BTreeMap::new();
    for variant in reasons.expect("there are reasons").variants {
        let mut words = Vec::new();
        for attribute in variant.attrs {
            let Meta::NameValue(pair) = attribute.meta else { continue };
            if let Expr::Lit(literal) = pair.value
                && let Lit::Str(text) = literal.lit
            {
                words.push(text.value().trim().to_owned());
            }
        }
        meanings.insert(variant.ident.to_string(), words.join(" "));
    }
    meanings
}

/// What the table of stages in the page says that a stage fails for, and what the one below it adds.
fn ends(page: &str) -> BTreeSet<(Stage, Reason)> {
    let mut ends = BTreeSet::from([(Stage::Tcp, Reason::ProxyRefused)]);
    for line in page.lines() {
        let [_, stage, _, reasons, _] = line.split('|').collect::<Vec<_>>()[..] else { continue };
        let Some(stage) = Stage::ALL.into_iter().find(|known| stage.trim() == format!("`{known}`")) else { continue };
        let is_there = |reason: &Reason| reasons.contains(&format!("`{reason}`"));
        ends.extend(Reason::ALL.into_iter().filter(is_there).map(|reason| (stage, reason)));
    }
    ends
}

/// The codes that clients show for a reason, each with the stages where they do.
fn codes(ends: &BTreeSet<(Stage, Reason)>, reason: Reason, predict: fn(Stage, Reason) -> Prediction) -> String {
    let mut stages: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (stage, _) in ends.iter().filter(|(_, of)| *of == reason) {
        let Prediction { code, inner_code } = predict(*stage, reason);
        let Some(code) = code else { continue };
        let inner = inner_code.map(|inner| format!(" ({inner})")).unwrap_or_default();
        stages.entry(format!("{code}{inner}")).or_default().push(stage.to_string());
    }
    let cells = stages.into_iter().map(|(code, stages)| format!("{code} at {}", stages.join(", ")));
    cells.collect::<Vec<_>>().join("; ")
}

#[test]
fn reasons_are_documented_as_the_program_has_them() {
    let meanings = meanings();
    let file = root().join("docs/metrics.md");
    let kept = fs::read_to_string(&file).expect("it can be read");
    let ends = ends(&kept);
    let mut rows = "| reason | meaning | KMS clients show | online, they show |\n|---|---|---|---|\n".to_owned();
    for reason in Reason::ALL {
        let meaning = meanings[&format!("{reason:?}")].replace('|', "\\|");
        let [kms, online] = [predict_kms, predict_online].map(|predict| codes(&ends, reason, predict));
        writeln!(rows, "| `{reason}` | {meaning} | {kms} | {online} |").expect("a string");
    }
    let (before, rest) = kept.split_once("<!-- generated: reasons -->\n").expect("the table has a beginning");
    let (_, after) = rest.split_once("<!-- end -->").expect("and an end");
    let due = format!("{before}<!-- generated: reasons -->\n\n{rows}\n<!-- end -->{after}");
    if is_writing() {
        fs::write(&file, &due).expect("it can be written");
    } else {
        assert!(kept == due, "{} is not what GRACEWATCH_WRITE_GOLDEN=1 writes", file.display());
    }
}
