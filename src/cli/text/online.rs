//! The walk to online endpoints: a matrix, then what there is to say of the targets.

use super::{FAINT, Line, Mark, columns, milliseconds, padded};
use crate::observation::{Observation, Stage};
use crate::online::endpoint::Endpoint;
use crate::text::{self, Words, say};
use crate::walk::online::{Matrix, Target, Walk};
use crate::words::day;
use std::collections::BTreeSet;
use std::fmt::{self, Write};

/// Up to so many targets are shown stage by stage.
const TOLD_IN_FULL: usize = 2;

/// Endpoints down, proxies across; each cell has the first stage that failed, or the time that all took. Where it would
/// be wider than the terminal, the proxies have letters.
pub(super) fn write_matrix(words: Words, out: &mut String, matrix: &Matrix<'_>, width: usize) -> fmt::Result {
    if let ([_], [_]) = (matrix.rows.as_slice(), matrix.proxies.as_slice()) {
        return Ok(());
    }
    let table = Table::new(words, matrix);
    let letters: Vec<String> = ('A'..='Z').map(String::from).collect();
    let letters: Vec<&str> = letters.iter().map(String::as_str).take(matrix.proxies.len()).collect();
    let is_lettered = table.width(&matrix.proxies) > width && letters.len() == matrix.proxies.len();
    if is_lettered {
        for (letter, proxy) in letters.iter().zip(&matrix.proxies) {
            writeln!(out, "  {letter}  {proxy}")?;
        }
        writeln!(out)?;
    }
    table.write(out, if is_lettered { &letters } else { &matrix.proxies })
}

/// A matrix as text.
struct Table {
    endpoints: Vec<String>,
    cells: Vec<Vec<(Mark, String)>>,
}

/// How many columns the sign of a cell takes, with the space after it.
const SIGN: usize = 2;

impl Table {
    fn new(words: Words, matrix: &Matrix<'_>) -> Self {
        let cells = |cells: &Vec<Option<&Target>>| cells.iter().map(|target| cell(words, *target)).collect();
        let whole: Vec<_> = matrix.rows.iter().map(|row| row.endpoint.to_string()).collect();
        let short: Vec<_> = matrix.rows.iter().map(|row| shortened(row.endpoint)).collect();
        let is_clear = short.iter().collect::<BTreeSet<_>>().len() == short.len();
        Self {
            endpoints: if is_clear { short } else { whole },
            cells: matrix.rows.iter().map(|row| cells(&row.cells)).collect(),
        }
    }

    /// How wide each column is under its head.
    fn widths(&self, heads: &[&str]) -> Vec<usize> {
        let texts = |number: usize| self.cells.iter().filter_map(move |row| Some(row.get(number)?.1.as_str()));
        let width = |(number, head): (usize, &&str)| longest([*head]).max(SIGN + longest(texts(number)));
        heads.iter().enumerate().map(width).collect()
    }

    fn first_width(&self) -> usize {
        longest(self.endpoints.iter().map(String::as_str))
    }

    /// How wide it all is: two columns of space before each part.
    fn width(&self, heads: &[&str]) -> usize {
        2 + self.first_width() + self.widths(heads).into_iter().map(|width| 2 + width).sum::<usize>()
    }

    fn write(&self, out: &mut String, heads: &[&str]) -> fmt::Result {
        let (first, widths) = (self.first_width(), self.widths(heads));
        let mut head = String::new();
        for (text, width) in heads.iter().zip(&widths) {
            write!(head, "  {}", padded(text, *width))?;
        }
        writeln!(out, "  {:first$}{FAINT}{}{FAINT:#}", "", head.trim_end())?;
        for (endpoint, row) in self.endpoints.iter().zip(&self.cells) {
            write!(out, "  {endpoint:first$}")?;
            for (number, ((mark, text), width)) in row.iter().zip(&widths).enumerate() {
                let (style, sign) = mark.sign();
                // Nothing trails behind the last.
                let width = if number + 1 == row.len() { 0 } else { width - SIGN };
                write!(out, "  {style}{sign}{style:#} {}", padded(text, width))?;
            }
            writeln!(out)?;
        }
        writeln!(out)
    }
}

/// An endpoint without what is asked for there, which may be long.
fn shortened(endpoint: &Endpoint) -> String {
    let rest = if endpoint.path == "/" { "" } else { "/..." };
    format!("{}://{}{rest}", endpoint.scheme.as_str(), endpoint.authority())
}

fn longest<'a>(texts: impl IntoIterator<Item = &'a str>) -> usize {
    texts.into_iter().map(columns).max().unwrap_or(0)
}

fn cell(words: Words, target: Option<&Target>) -> (Mark, String) {
    let Some(target) = target else { return (Mark::Doubtful, say!(words, "not-probed")) };
    let time = milliseconds(target.duration());
    let with_login = |cell: String| if target.is_past_login() { say!(words, "past-login", cell = cell) } else { cell };
    if let Some(failure) = target.failure() {
        return (Mark::Bad, with_login(format!("{} {}", failure.stage, failure.result())));
    }
    match (target.ends_soon(), target.proxy_ends_soon()) {
        _ if target.is_past_login() => (Mark::Doubtful, with_login(time)),
        (Some(ends), _) => (Mark::Doubtful, say!(words, "ends-on", cell = time, day = day(ends))),
        (None, Some(ends)) => (Mark::Doubtful, say!(words, "proxy-ends-on", cell = time, day = day(ends))),
        (None, None) => (Mark::Good, time),
    }
}

/// Stage by stage where there are few targets; else where each that fails has failed, those that fail alike together.
pub(super) fn lines(words: Words, walk: &Walk) -> Vec<Line> {
    if walk.targets.len() <= TOLD_IN_FULL {
        return walk
            .targets
            .iter()
            .flat_map(|target| target.answer.stages.iter().map(|seen| line(words, target, seen)))
            .collect();
    }
    let mut lines: Vec<(Line, usize)> = Vec::new();
    for target in &walk.targets {
        let Some(failure) = target.failure() else { continue };
        let line = line(words, target, failure);
        let is_alike = |known: &&mut (Line, usize)| {
            (known.0.stage, &known.0.address, &known.0.detail) == (line.stage, &line.address, &line.detail)
        };
        match lines.iter_mut().find(is_alike) {
            Some((_, more)) => *more += 1,
            None => lines.push((line, 0)),
        }
    }
    let counted = |(line, more): (Line, usize)| match more {
        0 => line,
        more => Line { target: say!(words, "name-and-more", name = line.target.as_str(), more = more), ..line },
    };
    lines.into_iter().map(counted).collect()
}

fn line(words: Words, target: &Target, seen: &Observation) -> Line {
    let is_doubtful = match seen.stage {
        Stage::Tls => target.ends_soon().is_some(),
        Stage::Proxy => target.proxy_ends_soon().is_some() || target.is_past_login(),
        _ => false,
    };
    let mark = match (seen.is_ok(), is_doubtful) {
        (false, _) => Mark::Bad,
        (true, true) => Mark::Doubtful,
        (true, false) => Mark::Good,
    };
    let via = target.target.route.proxy().map(|proxy| say!(words, "via-proxy", proxy = proxy.to_string()));
    Line {
        mark,
        stage: seen.stage,
        duration: Some(seen.duration),
        target: target.endpoint().to_string(),
        address: via.unwrap_or_default(),
        detail: text::detail(words, &seen.detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Reason;
    use crate::online::DIRECT;
    use crate::online::endpoint::Role;
    use crate::walk::online::fixtures::{PROXY, demanding, ending_in, target};

    const REFUSED: Option<(Stage, Reason)> = Some((Stage::Tcp, Reason::ProxyRefused));

    fn walk() -> Walk {
        let crl = "http://crl.example/pki/a-list-with-a-name.crl";
        let targets = vec![
            target("https://a.example", Role::Activation, DIRECT, None),
            target("https://a.example", Role::Activation, PROXY, REFUSED),
            ending_in(target("https://b.example", Role::Activation, DIRECT, None), 29),
            target("https://b.example", Role::Activation, PROXY, REFUSED),
            target(crl, Role::Revocation, DIRECT, Some((Stage::Http, Reason::CaptivePortal))),
            demanding(target(crl, Role::Revocation, PROXY, None), &["Basic"]),
        ];
        Walk { targets, own_clock: None }
    }

    /// The matrix at a width, without colours and with the day left out.
    fn shown(walk: &Walk, width: usize) -> Vec<String> {
        let mut text = String::new();
        write_matrix(Words::ENGLISH, &mut text, &walk.matrix(), width).unwrap();
        let plain = anstream::adapter::strip_str(&text).to_string();
        plain.lines().map(|line| line.split(", ends").next().unwrap_or_default().trim_end().to_owned()).collect()
    }

    #[test]
    fn the_matrix_has_endpoints_down_and_proxies_across() {
        assert_eq!(
            shown(&walk(), usize::MAX),
            [
                "                          direct                     http://proxy.corp.example:3128",
                "  https://a.example       ✓ 4.0 ms                   ✗ tcp proxy_refused",
                "  https://b.example       ! 4.0 ms",
                "  http://crl.example/...  ✗ http captive_portal      ! 5.0 ms, past a login",
                "",
            ]
        );
    }

    #[test]
    fn letters_stand_for_proxies_where_the_terminal_is_narrow() {
        let shown = shown(&walk(), 70);
        assert_eq!(shown[..3], ["  A  direct", "  B  http://proxy.corp.example:3128", ""]);
        assert!(shown[3].split_whitespace().eq(["A", "B"]), "{shown:?}");
    }

    #[test]
    fn one_target_needs_no_matrix() {
        let walk = Walk { targets: vec![target("https://a.example", Role::Activation, DIRECT, None)], own_clock: None };
        assert_eq!(shown(&walk, usize::MAX), [""; 0]);
        assert_eq!(lines(Words::ENGLISH, &walk).len(), 4, "it is told stage by stage");
    }

    #[test]
    fn targets_that_fail_alike_are_told_in_one_line() {
        let lines: Vec<_> =
            lines(Words::ENGLISH, &walk()).into_iter().map(|line| format!("{} {}", line.stage, line.target)).collect();
        assert_eq!(lines, ["tcp https://a.example and 1 more", "http http://crl.example/pki/a-list-with-a-name.crl"]);
    }
}
