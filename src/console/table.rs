//! Rows in columns that fit a terminal, whatever is in them. The last column is prose, which is broken.

use super::{BAD, DOUBTFUL, FAINT, GOOD, UNKNOWN, broken, columns, padded};
use crate::report::mark::Mark;
use anstyle::Style;
use std::fmt::{self, Write};

/// How far rows are from the left, with their sign.
const INDENT: usize = 4;

/// The least room in which prose is readable beside the other columns.
const PROSE: usize = 24;

pub(crate) struct Row {
    /// How it is to be taken.
    pub(crate) sign: (Style, char),
    /// What is in it; all rows have as many.
    pub(crate) cells: Vec<String>,
}

/// Where the prose of a table is.
#[derive(Clone, Copy)]
enum Shape {
    /// In its column, which begins here.
    Beside(usize),
    /// On a line of its own.
    Below,
    /// Nothing is in columns: each cell follows the one before.
    Flowing,
}

pub(crate) const fn sign(mark: Mark) -> (Style, char) {
    let style = match mark {
        Mark::Ok => GOOD,
        Mark::Doubtful => DOUBTFUL,
        Mark::Failed => BAD,
        Mark::Unknown => UNKNOWN,
    };
    (style, mark.sign())
}

/// Writes rows under their heads, if they have any, in lines of `width` columns at the most.
pub(crate) fn write(out: &mut String, heads: &[String], rows: &[Row], width: usize) -> fmt::Result {
    let cells = || rows.iter().map(|row| row.cells.as_slice()).chain((!heads.is_empty()).then_some(heads));
    let count = cells().map(<[String]>::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|number| cells().filter_map(|row| row.get(number)).map(|cell| columns(cell)).max().unwrap_or(0))
        .collect();
    let Some((prose, others)) = widths.split_last() else { return Ok(()) };
    let start = INDENT + others.iter().filter(|width| **width > 0).map(|width| width + 2).sum::<usize>();
    let shape = if start.saturating_add((*prose).min(PROSE)) <= width {
        Shape::Beside(start)
    } else if start <= width.saturating_add(2) {
        Shape::Below
    } else {
        Shape::Flowing
    };
    if !heads.is_empty() && !matches!(shape, Shape::Flowing) {
        writeln!(out, "    {FAINT}{}{FAINT:#}", line(heads, others, shape, width).trim_end())?;
    }
    for Row { sign: (style, sign), cells } in rows {
        writeln!(out, "  {style}{sign}{style:#} {}", line(cells, others, shape, width).trim_end())?;
    }
    Ok(())
}

/// The cells of a row, without its sign.
fn line(cells: &[String], widths: &[usize], shape: Shape, width: usize) -> String {
    let Some((prose, others)) = cells.split_last() else { return String::new() };
    let filled = others.iter().zip(widths).filter(|(_, width)| **width > 0);
    if let Shape::Flowing = shape {
        let cells = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
        return broken(&cells.collect::<Vec<_>>().join(" "), width, INDENT);
    }
    let mut line: String = filled.map(|(cell, width)| padded(cell, *width) + "  ").collect();
    match shape {
        Shape::Beside(start) => line + &broken(prose, width, start),
        _ if prose.is_empty() => line,
        _ => {
            line.truncate(line.trim_end().len());
            line + "\n" + &" ".repeat(INDENT) + &broken(prose, width, INDENT)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: usize) -> Vec<String> {
        let row = |cells: [&str; 3]| Row { sign: sign(Mark::Failed), cells: cells.map(str::to_owned).into() };
        let rows = [
            row(["tcp", "kms01.corp.example:1688", "nothing listens on the port"]),
            row(["rpc", "コンピューター", ""]),
        ];
        let mut text = String::new();
        write(&mut text, &[], &rows, width).unwrap();
        anstream::adapter::strip_str(&text).to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn rows_are_in_columns_as_long_as_they_fit() {
        let wide = ["  ✗ tcp  kms01.corp.example:1688  nothing listens on the port", "  ✗ rpc  コンピューター"];
        assert_eq!(shown(usize::MAX), wide);
        assert_eq!(shown(61), wide);
        let broken = [
            "  ✗ tcp  kms01.corp.example:1688  nothing listens on the",
            "                                  port",
            "  ✗ rpc  コンピューター",
        ];
        assert_eq!(shown(60), broken);
        let below = ["  ✗ tcp  kms01.corp.example:1688", "    nothing listens on the port", "  ✗ rpc  コンピューター"];
        assert_eq!(shown(40), below);
        let flowing = ["  ✗ tcp", "    kms01.corp.example:1", "    688 nothing listens", "    on the port"];
        assert_eq!(shown(24)[..4], flowing);
        for width in 8..70 {
            assert!(shown(width).iter().all(|line| columns(line) <= width), "{width}: {:?}", shown(width));
        }
    }
}
