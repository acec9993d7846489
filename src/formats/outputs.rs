//! Whose the outputs of scripts are that are one behind the other in one text.
//!
//! No output names its machine. What does is a heading before it, as `psexec` prints it: `\\WS0001:`. Of outputs
//! without headings none may be taken for that of another machine: two that cannot be of one machine are of nobody.

#[cfg(test)]
mod tests;

use super::{Reading, values};
use crate::license::{License, MachineName, Report};

/// The most outputs without headings that are taken to be of one machine, and are held until it is known that they are.
const MAX_UNNAMED: usize = 8;

/// Why outputs are skipped of which it is not known whose they are.
const SEVERAL: &str = "several machines and no names; one file for each machine, or psexec headings";

/// The outputs in one text, so far.
#[derive(Default)]
pub(super) struct Outputs {
    heading: Heading,
    /// Those without a heading, which are held until the end.
    unnamed: Vec<Output>,
    are_of_several: bool,
}

/// What the last heading says.
#[derive(Default)]
enum Heading {
    /// There was none, or one that names no machine but the one it ran on.
    #[default]
    Unsaid,
    Machine(MachineName),
    /// Why it is not a name, and the name.
    Wrong(&'static str, String),
}

/// What one run of a script printed.
pub(super) struct Output {
    pub(super) report: Report,
    /// The line on which it begins.
    pub(super) line: usize,
    /// True where it begins with what the script host says of itself.
    pub(super) has_banner: bool,
    /// True for what shows when a license ends and no more, which is printed beside another output of the same machine.
    pub(super) is_expiry: bool,
}

/// The name in a heading, by what follows its two backslashes up to the end of the line.
pub(super) fn name_in_heading(line: &str) -> Option<&str> {
    line.trim().strip_suffix(':').filter(|name| !name.is_empty() && !name.contains(char::is_whitespace))
}

impl Outputs {
    /// Takes in the name in a heading, which holds for every output up to the next.
    pub(super) fn heading(&mut self, name: &str) {
        self.heading = match values::machine(name) {
            Ok(Some(machine)) => Heading::Machine(machine),
            Ok(None) => Heading::Unsaid,
            Err(why) => Heading::Wrong(why, name.to_owned()),
        };
    }

    /// Takes an output. One without a heading is held back.
    pub(super) fn take(&mut self, mut output: Output, reading: &mut Reading<'_>) {
        match &self.heading {
            Heading::Machine(machine) => {
                output.report.machine = Some(machine.clone());
                reading.report(output.report);
            }
            Heading::Wrong(why, name) => reading.skip(format_args!("line {}", output.line), why, name),
            Heading::Unsaid => {
                let is_one_more = self.unnamed.len() == MAX_UNNAMED
                    || self.unnamed.iter().any(|other| !may_be_of_one_machine(other, &output));
                self.are_of_several |= is_one_more;
                self.unnamed.push(output);
                if self.are_of_several {
                    self.unnamed.drain(..).for_each(|output| output.skip(reading));
                }
            }
        }
    }

    /// Hands over what was held back.
    pub(super) fn finish(self, reading: &mut Reading<'_>) {
        self.unnamed.into_iter().for_each(|output| reading.report(output.report));
    }
}

impl Output {
    fn skip(self, reading: &mut Reading<'_>) {
        let product = self.report.licenses.into_iter().find_map(|license| license.product).unwrap_or_default();
        reading.skip(format_args!("line {}", self.line), SEVERAL, &product);
    }
}

/// True where nothing in two outputs speaks against one machine. The same script that ran twice speaks against it.
fn may_be_of_one_machine(one: &Output, other: &Output) -> bool {
    let are_two_runs = one.has_banner && other.has_banner && one.is_expiry == other.is_expiry;
    let (one, other) = (&one.report, &other.report);
    let (few, many) = if one.licenses.len() <= other.licenses.len() { (one, other) } else { (other, one) };
    !are_two_runs
        && agree(one.client_machine_id.as_ref(), other.client_machine_id.as_ref())
        && agree(one.service_version.as_ref(), other.service_version.as_ref())
        && few.licenses.iter().all(|license| many.licenses.iter().any(|other| may_be_one(license, other)))
}

/// True where two licenses can be one and the same.
fn may_be_one(one: &License, other: &License) -> bool {
    agree(one.product.as_ref(), other.product.as_ref())
        && agree(one.sku.as_ref(), other.sku.as_ref())
        && agree(one.partial_product_key.as_ref(), other.partial_product_key.as_ref())
        && agree(one.status.as_ref(), other.status.as_ref())
}

/// True unless both are known and differ.
fn agree<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}
