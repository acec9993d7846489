//! Whose the outputs are that are one behind the other in one text.
//!
//! Few outputs name their machine. What does is around them: a heading, a prompt. Of outputs with the same name, and of
//! those without any, none may be taken for that of another machine. Two that cannot be of one machine are of nobody.
//! Of two runs of one tool on one machine the later counts.

#[cfg(test)]
mod tests;

mod heads;

use super::reading::Unowned;
use super::{FormatError, Reading, values};
use crate::license::{Application, License, LicenseStatus, MachineName, Report};

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
    /// The line right before the part that is read now, where nobody knows what it says.
    head: Option<String>,
    /// Attempts that went well and of which no output shows what came of them: the line and the product of each.
    attempts: Vec<(usize, String)>,
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
    /// The attempts to activate that went well, each with its line, as long as no output shows what came of them.
    attempts: Vec<(usize, License)>,
}

/// What one run of a tool printed.
pub(super) struct Output {
    pub(super) report: Report,
    /// The line on which it begins.
    pub(super) line: usize,
    pub(super) kind: Kind,
    /// What only this machine with this key prints, such as its installation ID.
    pub(super) identity: Option<String>,
    /// The line right before it, where nobody knows what it says: it may name another machine.
    pub(super) head: Option<String>,
}

/// Why a status is not kept.
const PAST: &str = "a later attempt to activate went well, so this status is past; report it once more";

/// Why nothing comes of an attempt.
const ATTEMPT: &str = "this attempt to activate went well, which is no status; report the status";

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
        self.take(Output { report, line, kind: Kind::Record, identity: None, head: None }, reading);
    }

    /// Takes in the line before the next part of which nobody knows what it says.
    pub(super) fn head(&mut self, line: Option<&str>) {
        self.head = line.and_then(heads::of);
    }

    /// Takes in that an attempt to activate a product went well, as it is on this line: what was said before of its
    /// status holds no longer.
    pub(super) fn activated(&mut self, product: License, line: usize, reading: &mut Reading<'_>) {
        match &self.whose {
            Whose::Machine(_) => self.named.activated(product, line, reading),
            Whose::Input => self.unnamed.activated(product, line, reading),
            Whose::Nobody(..) | Whose::Wrong(..) => {}
        }
    }

    /// Takes an output. One that does not name its machine is held back.
    pub(super) fn take(&mut self, mut output: Output, reading: &mut Reading<'_>) {
        let head = self.head.take();
        output.head = output.head.and_then(|line| heads::of(&line)).or(head);
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
        let mut held = std::mem::take(&mut self.named);
        self.keep_attempts(&mut held);
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
        let mut unnamed = std::mem::take(&mut self.unnamed);
        self.keep_attempts(&mut unnamed);
        unnamed.outputs.into_iter().for_each(|output| reading.report(output.report));
        // Where nothing else comes of the text, that is its reason already.
        if reading.reports() > 0 {
            for (line, product) in self.attempts {
                reading.skip(format_args!("line {line}"), ATTEMPT, &product);
            }
        }
    }

    fn keep_attempts(&mut self, held: &mut Held) {
        let attempts = std::mem::take(&mut held.attempts).into_iter();
        self.attempts.extend(attempts.map(|(line, license)| (line, license.product.unwrap_or_default())));
    }
}

impl Held {
    fn take(&mut self, output: Output, why: Unowned, reading: &mut Reading<'_>) {
        let most = if output.kind == Kind::Record { MAX_RECORDS } else { MAX_HELD };
        let earlier = self.outputs.iter().position(|earlier| is_rerun(earlier, &output));
        let count = self.outputs.iter().filter(|earlier| earlier.kind == output.kind).count();
        self.are_of_several |= (count >= most && earlier.is_none())
            || self
                .outputs
                .iter()
                .any(|other| !may_be_of_one_machine(other, &output) || are_headed_apart(other, &output));
        let is_shown =
            |attempt: &License| output.report.licenses.iter().any(|license| is_of_one_product(license, attempt));
        self.attempts.retain(|(_, attempt)| !is_shown(attempt));
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

    fn activated(&mut self, product: License, line: usize, reading: &mut Reading<'_>) {
        let mut is_shown = false;
        for output in &mut self.outputs {
            let before = output.line;
            output.report.licenses.retain_mut(|license| {
                if !is_of_one_product(license, &product) {
                    return true;
                }
                is_shown = true;
                if license.status == Some(LicenseStatus::Licensed) {
                    license.last_error = None;
                    return true;
                }
                // The earlier attempt, which failed and no longer counts.
                if license.status.is_none() && license.last_error.is_some() {
                    reading.replace(before);
                    return false;
                }
                let name = license.product.clone().unwrap_or_default();
                reading.skip(format_args!("line {before}"), PAST, &name);
                (license.status, license.reason_code, license.last_error, license.remaining) = (None, None, None, None);
                true
            });
        }
        self.outputs.retain(|output| !output.report.licenses.is_empty() || output.report.kms_host.is_some());
        if !is_shown && self.attempts.len() < MAX_HELD {
            self.attempts.push((line, product));
        }
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
    let have_one_identity = have_one_identity(one, other);
    let (one, other) = (&one.report, &other.report);
    if have_one_identity == Some(false) {
        return false;
    }
    if have_one_identity == Some(true) {
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

/// Whether two outputs have the same of what only one machine prints with this key; `None` where one has none.
fn have_one_identity(one: &Output, other: &Output) -> Option<bool> {
    one.identity.as_ref().zip(other.identity.as_ref()).map(|(one, other)| one == other)
}

/// True where the lines right before two outputs speak against one machine: nobody knows what they say, and they are not
/// the same.
fn are_headed_apart(one: &Output, other: &Output) -> bool {
    let Some(head) = &other.head else { return false };
    let are_of_one_tool = one.kind == other.kind && one.report.source == other.report.source;
    let are_alike = are_of_one_tool && have_one_identity(one, other) != Some(true) && show_one_product(one, other);
    (are_alike && one.head.as_ref() != Some(head)) || one.head.as_ref().is_some_and(|one| heads::name_two(one, head))
}

/// True where a product is in both.
fn show_one_product(one: &Output, other: &Output) -> bool {
    let is_there = |license: &License| other.report.licenses.iter().any(|other| is_of_one_product(license, other));
    one.report.licenses.iter().any(is_there)
}

/// True where two outputs of one version of the service show the licenses of different applications: those of Windows,
/// and those of Office.
fn are_of_other_applications(one: &Report, other: &Report) -> bool {
    let is_apart = |license: &License| {
        let application = Application::of(license);
        application.is_some()
            && other.licenses.iter().all(|other| Application::of(other).is_some_and(|it| Some(it) != application))
    };
    let is_one_version = one.service_version.is_some() && one.service_version == other.service_version;
    is_one_version && !other.licenses.is_empty() && one.licenses.iter().all(is_apart)
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
    if have_one_identity(one, other) == Some(false) && show_one_product(one, other) {
        return false;
    }
    let are_records = one.kind == Kind::Record || other.kind == Kind::Record;
    let (one, other) = (&one.report, &other.report);
    if one.reported_at.is_some() && one.reported_at != other.reported_at {
        return true;
    }
    if are_of_other_applications(one, other) {
        return agree(one.client_machine_id.as_ref(), other.client_machine_id.as_ref());
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
