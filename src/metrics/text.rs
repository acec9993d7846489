//! The text format of Prometheus, version 0.0.4, written straight into the page.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/> has the rules: a family is in one piece under its
//! help and its type, and no two of its lines have the same labels. Whoever writes sees to both.

use std::fmt::{self, Write};

/// What a family holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// Begins a family.
pub(super) fn family(page: &mut String, name: &str, help: &str, kind: Kind) {
    page.push_str("# HELP ");
    page.push_str(name);
    page.push(' ');
    push_escaped(page, help, &[('\\', "\\\\"), ('\n', "\\n")]);
    page.push_str("\n# TYPE ");
    page.push_str(name);
    page.push(' ');
    page.push_str(kind.as_str());
    page.push('\n');
}

/// Adds labels as they are between braces: `path="corp",stage="tcp"`.
pub(super) fn labels<'a>(page: &mut String, labels: impl IntoIterator<Item = (&'a str, &'a str)>) {
    for (number, (name, value)) in labels.into_iter().enumerate() {
        if number > 0 {
            page.push(',');
        }
        page.push_str(name);
        page.push_str("=\"");
        push_escaped(page, value, &[('\\', "\\\\"), ('"', "\\\""), ('\n', "\\n")]);
        page.push('"');
    }
}

/// Adds a line: the name of a series, its labels as [`labels`] writes them, and its value.
pub(super) fn sample(page: &mut String, name: [&str; 2], labels: &str, value: impl fmt::Display) {
    let [name, suffix] = name;
    page.push_str(name);
    page.push_str(suffix);
    if !labels.is_empty() {
        page.push('{');
        page.push_str(labels);
        page.push('}');
    }
    page.push(' ');
    // Writing to a string cannot fail.
    let _ = writeln!(page, "{value}");
}

/// A value as the format has it, where infinity is spelled otherwise than in Rust.
pub(super) struct Value(pub(super) f64);

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            infinite if infinite == f64::INFINITY => formatter.write_str("+Inf"),
            infinite if infinite == f64::NEG_INFINITY => formatter.write_str("-Inf"),
            value => value.fmt(formatter),
        }
    }
}

fn push_escaped(page: &mut String, text: &str, escapes: &[(char, &str)]) {
    let mut rest = text;
    // Hardly any text has something to escape, and is added whole.
    while let Some(place) = rest.find(|character| escapes.iter().any(|(escaped, _)| *escaped == character)) {
        let (before, after) = rest.split_at(place);
        page.push_str(before);
        let mut characters = after.chars();
        let found = characters.next();
        let escape = escapes.iter().find(|(escaped, _)| Some(*escaped) == found);
        page.push_str(escape.map_or("", |(_, escape)| escape));
        rest = characters.as_str();
    }
    page.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_and_labels_are_escaped_as_the_format_has_it() {
        let mut page = String::new();
        family(&mut page, "up", "A \"path\",\nor C:\\.", Kind::Gauge);
        let mut pairs = String::new();
        labels(&mut pairs, [("path", "a \"b\"\nC:\\é"), ("stage", "")]);
        sample(&mut page, ["up", ""], &pairs, Value(0.25));
        let expected =
            "# HELP up A \"path\",\\nor C:\\\\.\n# TYPE up gauge\nup{path=\"a \\\"b\\\"\\nC:\\\\é\",stage=\"\"} 0.25\n";
        assert_eq!(page, expected);
    }

    #[test]
    fn values_are_spelled_as_the_format_has_it() {
        let values =
            [(1.0, "1"), (-0.5, "-0.5"), (f64::INFINITY, "+Inf"), (f64::NEG_INFINITY, "-Inf"), (f64::NAN, "NaN")];
        for (value, expected) in values {
            assert_eq!(Value(value).to_string(), expected);
        }
        assert_eq!(Value(20_000_000_000.0).to_string(), "20000000000");
    }
}
