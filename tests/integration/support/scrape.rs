//! One scrape: the text format of Prometheus, taken apart.

use std::collections::BTreeMap;

/// Everything that was in `/metrics` at one moment.
#[derive(Debug)]
pub struct Scrape {
    pub text: String,
    samples: Vec<Sample>,
}

/// One line: a series and its value.
#[derive(Debug)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

impl Scrape {
    /// Reads a scrape; what is not in the format fails the test.
    pub fn parse(text: String) -> Self {
        let samples = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| Sample::parse(line).unwrap_or_else(|| panic!("not a line of the text format: {line}")));
        Self { samples: samples.collect(), text }
    }

    /// Every series of a metric.
    pub fn series<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Sample> {
        self.samples.iter().filter(move |sample| sample.name == name)
    }

    /// The value of the one series with these labels and any others; `None` where there is none.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let mut found = self.series(name).filter(|sample| sample.has(labels));
        let value = found.next().map(|sample| sample.value);
        assert!(found.next().is_none(), "{name} with {labels:?} is not one series:\n{}", self.text);
        value
    }

    /// The sum over all series with these labels and any others.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.series(name).filter(|sample| sample.has(labels)).map(|sample| sample.value).sum()
    }

    /// The metrics that have a label of this value.
    pub fn names_with(&self, value: &str) -> Vec<&str> {
        let with = self.samples.iter().filter(|sample| sample.labels.values().any(|label| label == value));
        with.map(|sample| sample.name.as_str()).collect()
    }
}

impl Sample {
    fn parse(line: &str) -> Option<Self> {
        let (series, value) = line.rsplit_once(' ')?;
        let (name, labels) = match series.split_once('{') {
            Some((name, rest)) => (name, parse_labels(rest.strip_suffix('}')?)?),
            None => (series, BTreeMap::new()),
        };
        Some(Self { name: name.to_owned(), labels, value: value.parse().ok()? })
    }

    /// True where it has these labels and any others.
    pub fn has(&self, labels: &[(&str, &str)]) -> bool {
        labels.iter().all(|(name, value)| self.labels.get(*name).is_some_and(|own| own == value))
    }
}

/// Reads `a="b",c="d"`, in which a backslash keeps the character after it from ending the value.
fn parse_labels(text: &str) -> Option<BTreeMap<String, String>> {
    let mut labels = BTreeMap::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (name, value_and_rest) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut characters = value_and_rest.char_indices();
        let end = loop {
            match characters.next()? {
                (at, '"') => break at,
                (_, '\\') => value.push(match characters.next()?.1 {
                    'n' => '\n',
                    other => other,
                }),
                (_, other) => value.push(other),
            }
        };
        labels.insert(name.to_owned(), value);
        rest = &value_and_rest[end + 1..];
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    Some(labels)
}
