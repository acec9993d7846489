//! What every panel has, so that a person knows what it shows, and what it means where it shows nothing.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{all, list, text};

#[test]
fn every_panel_has_a_unit_and_says_what_it_shows_and_what_it_means_that_it_is_empty() {
    for dashboard in all() {
        assert!(text(&dashboard.json["description"]).len() > 40, "{}", dashboard.file);
        let mut count = 0;
        for panel in dashboard.panels() {
            let (name, defaults) = (panel.name(), &panel.json["fieldConfig"]["defaults"]);
            assert!(
                panel.json["description"].as_str().is_some_and(|text| text.len() > 30),
                "{name} has no description"
            );
            assert!(defaults["unit"].as_str().is_some_and(|unit| !unit.is_empty()), "{name} has no unit");
            let empty = defaults["noValue"].as_str().unwrap_or_default().to_lowercase();
            assert!(empty.len() > 5 && empty != "no data", "{name} says {empty:?} where it is empty");
            assert!(!panel.queries().is_empty(), "{name} has no query");
            count += 1;
        }
        assert!(count > 10, "{} has {count} panels", dashboard.file);
    }
}

/// What a table says where it has no rows would also be in every cell without a value.
#[test]
fn a_cell_without_a_value_does_not_say_that_the_table_is_empty() {
    for dashboard in all() {
        for panel in dashboard.panels().filter(|panel| panel.json["type"] == "table") {
            let every_cell = panel.overrides().find(|(matcher, property, _)| {
                matcher["id"] == "byRegexp" && matcher["options"] == "/.*/" && *property == "noValue"
            });
            let (_, _, cell) = every_cell.unwrap_or_else(|| panic!("{} fills empty cells", panel.name()));
            assert!(["", "–"].contains(&text(cell)), "{}: {cell}", panel.name());
        }
    }
}

/// A value that is missing would else have the first colour, as if it were the lowest there is: red, or green.
#[test]
fn what_is_not_known_has_the_colour_of_none() {
    let of_null = |mappings: &Value| {
        let special = list(mappings).iter().find(|mapping| mapping["type"] == "special");
        special
            .filter(|mapping| mapping["options"]["match"] == "null")
            .map(|mapping| mapping["options"]["result"].clone())
    };
    for dashboard in all() {
        for panel in dashboard.panels() {
            let (name, defaults) = (panel.name(), &panel.json["fieldConfig"]["defaults"]);
            if panel.json["type"] == "stat" {
                let shown = of_null(&defaults["mappings"]).unwrap_or_else(|| panic!("{name} colours nothing"));
                assert_eq!((&shown["text"], text(&shown["color"])), (&defaults["noValue"], "#808080"), "{name}");
            }
            if panel.json["type"] == "table" {
                for (matcher, _, _) in panel.overrides().filter(|(_, property, _)| *property == "thresholds") {
                    let mappings =
                        panel.overrides().find(|(other, property, _)| *other == matcher && *property == "mappings");
                    let shown = mappings.and_then(|(_, _, mappings)| of_null(mappings));
                    let shown = shown.unwrap_or_else(|| panic!("{name} colours empty cells of {matcher}"));
                    assert!(["transparent", "text"].contains(&text(&shown["color"])), "{name}: {shown}");
                }
            }
        }
    }
}

/// Grafana takes a text that looks like a number for one: a code such as 0xC004F074 would be shown in decimal.
#[test]
fn texts_in_tables_are_texts() {
    for dashboard in all() {
        for panel in dashboard.panels().filter(|panel| panel.json["type"] == "table") {
            let organize = list(&panel.json["transformations"]).iter().find(|step| step["id"] == "organize");
            let options = &organize.expect("its columns are organized")["options"];
            let columns = options["indexByName"].as_object().expect("columns have an order").keys();
            if columns.clone().any(|column| column.contains('\\')) {
                continue;
            }
            for column in columns.filter(|column| !column.starts_with("Value")) {
                let shown = options["renameByName"][column].as_str().unwrap_or(column);
                let unit =
                    panel.overrides().find(|(matcher, property, _)| matcher["options"] == shown && *property == "unit");
                assert_eq!(unit.map(|(_, _, unit)| text(unit)), Some("string"), "{}: {shown}", panel.name());
            }
        }
    }
}

#[test]
fn panels_and_queries_have_ids_of_their_own() {
    for dashboard in all() {
        let mut ids = BTreeSet::new();
        for tile in dashboard.tiles() {
            let id = tile["id"].as_u64().unwrap_or_else(|| panic!("no id: {tile}"));
            assert!(ids.insert(id), "{} has the id {id} twice", dashboard.file);
        }
        for panel in dashboard.panels() {
            let ids: BTreeSet<_> = panel.queries().iter().map(|query| text(&query["refId"])).collect();
            assert_eq!(ids.len(), panel.queries().len(), "{}", panel.name());
        }
    }
}

/// Grafana's grid is 24 wide, and panels that overlap push each other about.
#[test]
fn panels_lie_beside_and_below_each_other_without_a_gap_in_a_row() {
    for dashboard in all() {
        let place = |tile: &Value| {
            ["x", "y", "w", "h"].map(|side| {
                tile["gridPos"][side].as_u64().unwrap_or_else(|| panic!("{}: no {side} in {tile}", dashboard.file))
            })
        };
        let mut taken = BTreeSet::new();
        for tile in dashboard.tiles() {
            let [x, y, w, h] = place(tile);
            assert!(w > 0 && h > 0 && x + w <= 24, "{}: {} is {w} wide at {x}", dashboard.file, tile["title"]);
            for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
                assert!(taken.insert(cell), "{}: {} overlaps at {cell:?}", dashboard.file, tile["title"]);
            }
        }
        let height = taken.iter().map(|(_, y)| y + 1).max().unwrap_or_default();
        for y in 0..height {
            let width = taken.iter().filter(|(_, row)| *row == y).count();
            assert_eq!(width, 24, "{} has a hole at the height {y}", dashboard.file);
        }
    }
}

/// Who provisions them has a data source of any name: it is chosen once, for all panels.
#[test]
fn every_query_asks_the_data_source_that_is_chosen_which_at_first_is_the_default() {
    for dashboard in all() {
        let chosen = serde_json::json!({"type": "prometheus", "uid": "${datasource}"});
        for panel in dashboard.panels() {
            assert_eq!(panel.json["datasource"], chosen, "{}", panel.name());
            for query in panel.queries() {
                assert_eq!(query["datasource"], chosen, "{}", panel.name());
            }
        }
        let (source, others) = dashboard.variables().split_first().expect("there are variables");
        assert_eq!((&source["type"], &source["query"]), (&"datasource".into(), &"prometheus".into()));
        assert_eq!((&source["name"], &source["current"]["value"]), (&"datasource".into(), &"default".into()));
        for variable in others {
            assert_eq!(variable["datasource"], chosen, "{}: {}", dashboard.file, variable["name"]);
        }
    }
}

/// A colour says how things are, so there is a word beside it, and it is the same everywhere.
#[test]
fn verdicts_have_their_words_and_colours_everywhere() {
    let mut seen = BTreeSet::new();
    for dashboard in all() {
        for panel in dashboard.panels() {
            let of_fields = panel.overrides().filter(|(_, property, _)| *property == "mappings");
            let mappings =
                of_fields.map(|(_, _, value)| value).chain([&panel.json["fieldConfig"]["defaults"]["mappings"]]);
            for mapping in mappings.flat_map(list).filter(|mapping| mapping["type"] == "value") {
                for option in mapping["options"].as_object().expect("options").values() {
                    let (word, colour) = (text(&option["text"]), text(&option["color"]));
                    let colours = ["green", "orange", "red", "purple"];
                    assert!(colours.contains(&colour), "{}: {word} is {colour}", panel.name());
                    seen.insert((word.to_owned(), colour.to_owned()));
                }
            }
        }
    }
    for (word, colour) in
        [("ok", "green"), ("degraded", "orange"), ("blocked", "red"), ("unknown", "purple"), ("fails", "red")]
    {
        assert!(seen.contains(&(word.to_owned(), colour.to_owned())), "{word} is not {colour}: {seen:?}");
    }
    let words: BTreeSet<_> = seen.iter().map(|(word, _)| word).collect();
    assert_eq!(words.len(), seen.len(), "a word has two colours: {seen:?}");
}
