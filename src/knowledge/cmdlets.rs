//! The cmdlets of the PowerShell module `OSLicense` that do what `slmgr` does. `slmgr` is a script in `VBScript`, which
//! is optional from Windows 11 24H2 on. Steps name both, the cmdlet in parentheses behind the command.

use super::facts;
use serde::Deserialize;
use std::sync::LazyLock;

/// A command, and a cmdlet that does the same.
#[derive(Debug, Deserialize)]
pub struct Pair {
    /// As it is in steps: `slmgr /ato`.
    pub slmgr: String,
    /// As it is in steps: `Invoke-OSLicense -ActivateOnline`.
    pub cmdlet: String,
}

static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| facts::rows(include_str!("cmdlets.tsv")).collect());

/// Every pair. Where a command has several cmdlets, what it is used for decides.
pub fn all() -> &'static [Pair] {
    &PAIRS
}

/// True where a step names such a cmdlet.
pub fn are_in(step: &str) -> bool {
    all().iter().any(|pair| step.contains(pair.cmdlet.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::texts::Entry;
    use super::super::{Language, events};
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_is_read_whole_and_every_line_has_its_source() {
        let table = include_str!("cmdlets.tsv");
        assert_eq!(table.lines().count() - 1, all().len());
        assert!(
            table
                .lines()
                .skip(1)
                .all(|line| line.contains("\thttps://learn.microsoft.com/powershell/module/oslicense/"))
        );
    }

    #[test]
    fn every_step_that_names_a_command_names_the_cmdlet_behind_it() {
        for language in Language::ALL {
            let texts = language.texts();
            let of_codes = texts.codes.values().flat_map(Entry::steps);
            let of_groups = texts.groups.values().flat_map(|group| &group.steps);
            let of_events = events::all().filter_map(|event| texts.events.get(&event.id)).flat_map(|text| &text.steps);
            for step in of_codes.chain(of_groups).chain(of_events) {
                // There a cmdlet is not understood, and the script is.
                if step.contains("Command Prompt")
                    || step.contains("\u{30b3}\u{30de}\u{30f3}\u{30c9} \u{30d7}\u{30ed}\u{30f3}\u{30d7}\u{30c8}")
                {
                    assert!(!are_in(step), "{language:?}: {step}");
                    continue;
                }
                for command in all().iter().map(|pair| pair.slmgr.as_str()).collect::<BTreeSet<_>>() {
                    let mut cmdlets = all().iter().filter(|pair| pair.slmgr == command);
                    let stands = step.matches(&format!("`{command}`")).count();
                    let named: usize = cmdlets
                        .by_ref()
                        .map(|pair| step.matches(&format!("`{command}` (`{}`", pair.cmdlet)).count())
                        .sum();
                    assert_eq!(stands, named, "{language:?}: `{command}` in {step}");
                }
            }
        }
    }
}
