//! The lines of one family: in the order of their labels, and each set of labels once only, as the text format has it.

use super::text::{self, Value};
use std::ops::Range;

/// The lines of one family. What is added last counts where the same labels come twice.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
    lines: Vec<Line>,
}

/// Where a line is in the text.
#[derive(Debug)]
struct Line {
    whole: Range<usize>,
    labels: Range<usize>,
}

impl Lines {
    pub(super) fn push(&mut self, name: &str, labels: &str, value: f64) {
        let begun = self.text.len();
        text::sample(&mut self.text, [name, ""], labels, Value(value));
        // Labels are in braces after the name.
        let first = begun + name.len() + 1;
        self.lines.push(Line { whole: begun..self.text.len(), labels: first..first + labels.len() });
    }

    /// Adds the lines to the page.
    pub(super) fn write(mut self, page: &mut String) {
        let Self { text, lines } = &mut self;
        let part = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
        // Of equal lines the sort keeps the order, so that the last of them was added last.
        lines.sort_by(|one, other| part(&one.labels).cmp(part(&other.labels)));
        let mut rest = lines.as_slice();
        while let Some((line, following)) = rest.split_first() {
            let is_superseded = following.first().is_some_and(|next| part(&next.labels) == part(&line.labels));
            if !is_superseded {
                page.push_str(part(&line.whole));
            }
            rest = following;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_in_order_and_once() {
        let mut lines = Lines::default();
        for (path, value) in [("b", 1.0), ("a", 2.0), ("b", 3.0)] {
            lines.push("up", &format!("path=\"{path}\""), value);
        }
        let mut page = String::new();
        lines.write(&mut page);
        assert_eq!(page, "up{path=\"a\"} 2\nup{path=\"b\"} 3\n");
    }

    #[test]
    fn without_labels_the_last_value_counts() {
        let mut lines = Lines::default();
        lines.push("up", "", 1.0);
        lines.push("up", "", 0.0);
        let mut page = String::new();
        lines.write(&mut page);
        assert_eq!(page, "up 0\n");
    }
}
