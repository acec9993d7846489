//! Endpoints and proxies as a table.

use super::table::sign;
use super::{FAINT, columns, cut, padded};
use crate::report::cells::cell;
use crate::report::mark::Mark;
use crate::report::online::{MatrixJson, RowJson};
use crate::text::Words;
use std::collections::BTreeSet;
use std::fmt::{self, Write};

/// The least that a column is cut to.
const LEAST: usize = 12;

/// Endpoints down, proxies across; each cell has the first stage that failed, or the time that all took. Unless
/// `is_whole`, endpoints that all proxies reach are left out. Where it would be wider than the terminal, the proxies have
/// letters, and what is still too long is cut.
pub(super) fn write(
    words: Words,
    out: &mut String,
    matrix: &MatrixJson<'_>,
    is_whole: bool,
    width: usize,
) -> fmt::Result {
    if let ([_], [_]) = (matrix.endpoints.as_slice(), matrix.proxies.as_slice()) {
        return Ok(());
    }
    let mut table = Table::new(words, matrix, is_whole);
    if table.endpoints.is_empty() {
        return Ok(());
    }
    let proxies: Vec<&str> = matrix.proxies.iter().map(|proxy| &**proxy).collect();
    let letters: Vec<String> = ('A'..='Z').map(String::from).collect();
    let letters: Vec<&str> = letters.iter().map(String::as_str).take(proxies.len()).collect();
    let is_lettered = table.width(&proxies) > width && letters.len() == proxies.len();
    if is_lettered {
        for (letter, proxy) in letters.iter().zip(&proxies) {
            writeln!(out, "  {letter}  {}", cut(proxy, width.saturating_sub(5)))?;
        }
        writeln!(out)?;
    }
    let heads = if is_lettered { letters } else { proxies };
    table.fit(&heads, width);
    table.write(out, &heads)
}

/// A matrix as text.
struct Table {
    endpoints: Vec<String>,
    cells: Vec<Vec<(Mark, String)>>,
}

/// How many columns the sign of a cell takes, with the space after it.
const SIGN: usize = 2;

impl Table {
    fn new(words: Words, matrix: &MatrixJson<'_>, is_whole: bool) -> Self {
        let is_green = |row: &RowJson<'_>| row.cells.iter().flatten().all(|cell| cell.mark == Mark::Ok);
        let rows: Vec<_> = matrix.endpoints.iter().filter(|row| is_whole || !is_green(row)).collect();
        let whole: Vec<_> = rows.iter().map(|row| row.endpoint.clone()).collect();
        let short: Vec<_> = rows.iter().map(|row| shortened(&row.endpoint)).collect();
        let is_clear = short.iter().collect::<BTreeSet<_>>().len() == short.len();
        let cells = |row: &&RowJson<'_>| row.cells.iter().map(|found| cell(words, found.as_ref())).collect();
        Self { endpoints: if is_clear { short } else { whole }, cells: rows.iter().map(cells).collect() }
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

    /// Cuts the endpoints, and then what is in the cells.
    fn fit(&mut self, heads: &[&str], width: usize) {
        let excess = |table: &Self| table.width(heads).saturating_sub(width);
        let most = self.first_width().saturating_sub(excess(self)).max(LEAST);
        self.endpoints.iter_mut().for_each(|endpoint| *endpoint = cut(endpoint, most));
        let columns = heads.len().max(1);
        let each = excess(self).div_ceil(columns);
        if each > 0 {
            let widths = self.widths(heads);
            for row in &mut self.cells {
                for ((_, text), width) in row.iter_mut().zip(&widths) {
                    *text = cut(text, width.saturating_sub(SIGN + each).max(1));
                }
            }
        }
    }

    fn write(&self, out: &mut String, heads: &[&str]) -> fmt::Result {
        let (first, widths) = (self.first_width(), self.widths(heads));
        let mut head = String::new();
        for (text, width) in heads.iter().zip(&widths) {
            write!(head, "  {}", padded(text, *width))?;
        }
        writeln!(out, "  {:first$}{FAINT}{}{FAINT:#}", "", head.trim_end())?;
        for (endpoint, row) in self.endpoints.iter().zip(&self.cells) {
            write!(out, "  {}", padded(endpoint, first))?;
            for (number, ((mark, text), width)) in row.iter().zip(&widths).enumerate() {
                let (style, sign) = sign(*mark);
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
fn shortened(endpoint: &str) -> String {
    let Some((scheme, rest)) = endpoint.split_once("://") else { return endpoint.to_owned() };
    match rest.split_once('/') {
        Some((authority, asked)) if !asked.is_empty() => format!("{scheme}://{authority}/..."),
        _ => endpoint.to_owned(),
    }
}

fn longest<'a>(texts: impl IntoIterator<Item = &'a str>) -> usize {
    texts.into_iter().map(columns).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Reason, Stage};
    use crate::online::DIRECT;
    use crate::online::endpoint::Role;
    use crate::walk::online::Walk;
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
        write(Words::ENGLISH, &mut text, &MatrixJson::new(walk.matrix()), true, width).unwrap();
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
                "  http://crl.example/...  ✗ http captive_portal      ! 5.0 ms, after login",
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
    }

    #[test]
    fn it_fits_however_narrow_the_terminal_is() {
        for width in 40..90 {
            assert!(
                shown(&walk(), width).iter().all(|line| columns(line) <= width),
                "{width}: {:?}",
                shown(&walk(), width)
            );
        }
    }

    #[test]
    fn endpoints_that_all_proxies_reach_are_left_out_unless_all_is_asked_for() {
        let targets = ["https://a.example", "https://b.example"].map(|url| target(url, Role::Activation, DIRECT, None));
        let failing = target("https://b.example", Role::Activation, PROXY, REFUSED);
        let walk = Walk { targets: [targets.as_slice(), &[failing]].concat(), own_clock: None };
        let mut text = String::new();
        write(Words::ENGLISH, &mut text, &MatrixJson::new(walk.matrix()), false, usize::MAX).unwrap();
        assert!(text.contains("b.example") && !text.contains("a.example"), "{text}");
    }
}
