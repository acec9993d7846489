//! Whose the outputs are that are one behind the other in one text.
//!
//! Few outputs name their machine. What does is around them: a heading, a prompt. Of outputs with the same name, and of
//! those without any, none may be taken for that of another machine. Two that cannot be of one machine are of nobody.
//! Of two runs of one tool on one machine the later counts.

#[cfg(test)]
mod tests;

use super::reading::Unowned;
use super::{FormatError, Reading, values};
use crate::license::{License, MachineName, Report};

/// The most outputs that are taken to be of one machine, and are held until it is known that they are.
const MAX_HELD: usize = 8;

/// The most records of one machine that are held: each is a license.
const MAX_RECORDS: usize = 2000;

/// Whose a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owner {
    /// The machine that the whole input is of.
    Input,
    /// A machine, by what is said to be its name, on this line.
    Machine(Box<str>, usize),
    /// It is not sure whose it is: where that is said, or not, and in which words.
    Doubtful(Doubt, Box<str>),
}

/// Why it is not sure whose a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The command before it is about a machine in a variable, or about several.
    Command,
    /// The word before it may be a name.
    Word,
    /// Names are both before and behind it.
    Between,
    /// The heading is of an output above, and a command in between.
    Session,
}

/// The outputs in one text, so far.
#[derive(Default)]
pub(super) struct Outputs {
    whose: Whose,
    /// Those of the machine that the last name is of.
    named: Held,
    /// Those without a name, which are held until the end.
    unnamed: Held,
}

/// Whose the output is that is read now.
#[derive(Default)]
enum Whose {
    /// That of the machine that the input is of.
    #[default]
    Input,
    Machine(MachineName),
    /// Of nobody: why, and what is said there.
    Nobody(Unowned, String),
    /// What is said to be its name is none: why, and what it is.
    Wrong(&'static str, String),
}

/// Outputs of which it is not known yet whether they are of one machine.
#[derive(Default)]
struct Held {
    outputs: Vec<Output>,
    are_of_several: bool,
}

/// What one run of a tool printed.
pub(super) struct Output {
    pub(super) report: Report,
    /// The line on which it begins.
    pub(super) line: usize,
    pub(super) kind: Kind,
    /// What only this machine with this key prints, such as its installation ID.
    pub(super) identity: Option<String>,
}

/// What an output is of its machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// All that a run of a script shows.
    Run,
    /// When a license ends and no more, which is printed beside another output of the same machine.
    Expiry,
    /// One of several objects that a run shows.
    Record,
}

impl Outputs {
    /// Takes in whose the next part is, which holds up to the next call.
    pub(super) fn belong_to(&mut self, owner: &Owner, reading: &mut Reading<'_>) {
        let whose = match owner {
            Owner::Input => Whose::Input,
            Owner::Machine(name, _) => match values::machine(name) {
                Ok(Some(machine)) => Whose::Machine(machine),
                Ok(None) => Whose::Input,
                Err(why) => Whose::Wrong(why, name.to_string()),
            },
            Owner::Doubtful(doubt, words) => {
                let unowned = match doubt {
                    Doubt::Command => Unowned::Command,
                    Doubt::Word => Unowned::Word,
                    Doubt::Between => Unowned::Between,
                    Doubt::Session => Unowned::Session,
                };
                Whose::Nobody(unowned, words.to_string())
            }
        };
        let is_same = match (&self.whose, &whose) {
            (Whose::Machine(one), Whose::Machine(other)) => one == other,
            _ => false,
        };
        if !is_same {
            self.release(reading);
            self.whose = whose;
        }
    }

    /// Takes one of several records that a part holds. One that names its machine is of that.
    pub(super) fn record(&mut self, report: Report, line: usize, reading: &mut Reading<'_>) {
        self.take(Output { report, line, kind: Kind::Record, identity: None }, reading);
    }

    /// Takes an output. One that does not name its machine is held back.
    pub(super) fn take(&mut self, output: Output, reading: &mut Reading<'_>) {
        if output.report.machine.is_some() {
            return reading.report(output.report);
        }
        match &self.whose {
            Whose::Machine(_) => self.named.take(output, Unowned::SameName, reading),
            Whose::Input => self.unnamed.take(output, Unowned::NoNames, reading),
            Whose::Nobody(unowned, words) => output.lose(*unowned, words, reading),
            Whose::Wrong(why, name) => {
                reading.lose(format_args!("line {}", output.line), why, name);
                reading.refuse(FormatError::Unowned { line: output.line, why: Unowned::NoName, words: name.clone() });
            }
        }
    }

    /// Hands over what is known to be of the machine that was named last.
    fn release(&mut self, reading: &mut Reading<'_>) {
        let held = std::mem::take(&mut self.named);
        if let Whose::Machine(machine) = &self.whose {
            for mut output in held.outputs {
                output.report.machine = Some(machine.clone());
                reading.report(output.report);
            }
        }
    }

    /// Hands over what was held back.
    pub(super) fn finish(mut self, reading: &mut Reading<'_>) {
        self.release(reading);
        self.unnamed.outputs.into_iter().for_each(|output| reading.report(output.report));
    }
}

impl Held {
    fn take(&mut self, output: Output, why: Unowned, reading: &mut Reading<'_>) {
        let most = if output.kind == Kind::Record { MAX_RECORDS } else { MAX_HELD };
        let earlier = self.outputs.iter().position(|earlier| is_rerun(earlier, &output));
        let count = self.outputs.iter().filter(|earlier| earlier.kind == output.kind).count();
        self.are_of_several |= (count >= most && earlier.is_none())
            || self.outputs.iter().any(|other| !may_be_of_one_machine(other, &output));
        if self.are_of_several {
            self.outputs.drain(..).for_each(|output| output.lose(why, "", reading));
            return output.lose(why, "", reading);
        }
        if let Some(earlier) = earlier {
            let earlier = self.outputs.remove(earlier);
            reading.replace(earlier.line);
        }
        self.outputs.push(output);
    }
}

impl Output {
    fn lose(self, why: Unowned, words: &str, reading: &mut Reading<'_>) {
        let product = self.report.licenses.into_iter().find_map(|license| license.product).unwrap_or_default();
        reading.lose(format_args!("line {}", self.line), why.clause(), &product);
        reading.refuse(FormatError::Unowned { line: self.line, why, words: words.to_owned() });
    }
}

/// True where two outputs are two runs of one tool on one machine: they have the same identity, or are the same but for
/// figures that change, with a key in them.
fn is_rerun(one: &Output, other: &Output) -> bool {
    let are_of_one_tool = one.kind == other.kind && one.report.source == other.report.source;
    if !are_of_one_tool || one.kind == Kind::Record {
        return are_of_one_tool && is_same_record(&one.report, &other.report);
    }
    let have_one_identity = one.identity.is_some() && one.identity == other.identity;
    let (one, other) = (&one.report, &other.report);
    if have_one_identity {
        let keys = |report: &Report| report.licenses.first().and_then(|license| license.partial_product_key);
        return keys(one) == keys(other);
    }
    let has_key = |license: &License| license.partial_product_key.is_some();
    one.client_machine_id == other.client_machine_id
        && one.service_version == other.service_version
        && one.kms_host.is_some() == other.kms_host.is_some()
        && one.licenses.len() == other.licenses.len()
        && one.licenses.iter().any(has_key)
        && one.licenses.iter().zip(&other.licenses).all(|(one, other)| are_same_but_for_figures(one, other))
}

/// True for two records of one license that say the same, but for figures that change.
fn is_same_record(one: &Report, other: &Report) -> bool {
    match (one.licenses.as_slice(), other.licenses.as_slice()) {
        ([one], [other]) => are_same_but_for_figures(one, other),
        _ => false,
    }
}

/// True for two licenses that differ in nothing but how long they last, how often they can be reset, and which host was
/// found.
pub(super) fn are_same_but_for_figures(one: &License, other: &License) -> bool {
    let lasting = |license: &License| License {
        remaining: None,
        remaining_sku_rearms: None,
        remaining_app_rearms: None,
        discovered_host: None,
        ..license.clone()
    };
    lasting(one) == lasting(other)
}

/// True where nothing in two outputs speaks against one machine.
fn may_be_of_one_machine(one: &Output, other: &Output) -> bool {
    if one.report.source != other.report.source || is_rerun(one, other) {
        return true;
    }
    let are_records = one.kind == Kind::Record || other.kind == Kind::Record;
    let (one, other) = (&one.report, &other.report);
    if one.reported_at.is_some() && one.reported_at != other.reported_at {
        return true;
    }
    let (few, many) = if one.licenses.len() <= other.licenses.len() { (one, other) } else { (other, one) };
    let is_in_both = |license: &License| many.licenses.iter().any(|other| may_be_one(license, other));
    let are_one = if are_records {
        // Each is of another license, unless it is of the same.
        few.licenses
            .iter()
            .all(|license| is_in_both(license) || !many.licenses.iter().any(|other| is_of_one_product(license, other)))
    } else {
        few.licenses.iter().all(is_in_both)
    };
    are_one
        && agree(one.client_machine_id.as_ref(), other.client_machine_id.as_ref())
        && agree(one.service_version.as_ref(), other.service_version.as_ref())
}

/// True where two licenses are of one product, whatever else is said of them.
fn is_of_one_product(one: &License, other: &License) -> bool {
    match (one.sku, other.sku) {
        (Some(one), Some(other)) => one == other,
        _ => one.product.is_some() && one.product == other.product,
    }
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
