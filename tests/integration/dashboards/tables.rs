//! Tables: their transformations and overrides name columns, and a name that is not there changes nothing and says nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::query::{Series, labels};
use super::{Panel, list, text};

/// What queries found, by the title of the panel and the id of the query.
pub type Found = BTreeMap<(String, String), Vec<Series>>;

/// Insists that what a table hides, orders and names are its columns, and that it has no others.
pub fn check(panel: &Panel<'_>, found: &Found) {
    let (name, title) = (panel.name(), text(&panel.json["title"]));
    let answers: Vec<_> = panel
        .queries()
        .iter()
        .map(|query| {
            let id = text(&query["refId"]);
            (id, &found[&(title.to_owned(), id.to_owned())])
        })
        .collect();
    let mut columns: BTreeSet<_> = answers.iter().flat_map(|(_, series)| labels(series)).collect();
    let is_merged = answers.len() > 1;
    // Names of metrics differ from query to query, so that no two rows would be of one machine or path.
    assert!(!is_merged || !columns.contains("__name__"), "{name} keeps the names of metrics");
    // Rows of several queries meet where all labels are the same that all of them have.
    let shared = answers.iter().map(|(_, series)| labels(series)).reduce(|some, more| &some & &more);
    assert!(!is_merged || shared.is_some_and(|labels| !labels.is_empty()), "{name} has rows that do not meet");
    columns.insert("Time".to_owned());
    columns.extend(answers.iter().map(|(id, _)| if is_merged { format!("Value #{id}") } else { "Value".to_owned() }));

    let mut organized = false;
    for step in list(&panel.json["transformations"]) {
        let options = &step["options"];
        match text(&step["id"]) {
            "merge" => assert!(is_merged, "{name} merges a single query"),
            "groupingToMatrix" => columns = matrix(&name, options, answers[0].1),
            "organize" => {
                organized = true;
                let keys = |key: &str| options[key].as_object().into_iter().flat_map(|map| map.keys().cloned());
                let hidden: BTreeSet<_> = keys("excludeByName").collect();
                let shown: BTreeSet<_> = keys("indexByName").collect();
                assert!(hidden.is_disjoint(&shown), "{name} hides what it shows");
                let renamed: BTreeSet<_> = keys("renameByName").collect();
                assert!(renamed.is_subset(&shown), "{name} renames what it does not show");
                let is_matrix = columns.iter().any(|column| column.contains('\\'));
                // The columns of a matrix are what is there: proxies, or stages, of which a path has some.
                let named: BTreeSet<_> = hidden.union(&shown).cloned().collect();
                if is_matrix {
                    let corner = columns.iter().find(|column| column.contains('\\')).expect("a corner");
                    assert!(named.contains(corner), "{name} does not name {corner}");
                    assert!(named.len() == 1 || columns.is_subset(&named), "{name} does not know of {columns:?}");
                } else {
                    assert_eq!(columns, named, "{name}");
                }
                let shown = shown.iter().map(|column| options["renameByName"][column].as_str().unwrap_or(column));
                check_overrides(panel, &shown.map(str::to_owned).collect());
            }
            other => panic!("{name} has the transformation {other}"),
        }
    }
    assert!(organized, "{name} shows its columns as they come");
}

/// The columns of a matrix, each cell of which has to have one value.
fn matrix(name: &str, options: &Value, series: &[Series]) -> BTreeSet<String> {
    let [row, column, value] = ["rowField", "columnField", "valueField"].map(|field| text(&options[field]));
    let mut cells = BTreeSet::new();
    let mut columns = BTreeSet::from([format!("{row}\\{column}")]);
    for one in series {
        let [row, column] =
            [row, column].map(|label| one.labels.get(label).unwrap_or_else(|| panic!("{name}: {one:?}")));
        assert!(value == "Value" || one.labels.contains_key(value), "{name}: no {value} in {one:?}");
        assert!(cells.insert((row, column)), "{name} has two values for {column} of {row}");
        columns.insert(column.clone());
    }
    columns
}

/// Insists that what is set for single columns is set for columns that are there.
fn check_overrides(panel: &Panel<'_>, columns: &BTreeSet<String>) {
    for (matcher, property, _) in panel.overrides().filter(|(matcher, _, _)| matcher["id"] == "byName") {
        assert!(columns.contains(text(&matcher["options"])), "{}: {property} of {matcher}", panel.name());
    }
}
