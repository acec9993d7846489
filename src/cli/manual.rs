//! `gracewatch man` and `gracewatch completions`: what packages install beside the program, made from the definition of
//! the command line, so that neither can say anything else.

use super::{Arguments, CommandResult, CompletionsArguments, ManArguments, print};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// What no definition of options has: exit codes, signals, files.
const END_OF_FIRST_PAGE: &str = include_str!("manual/end.roff");

const NAME: &str = "gracewatch";

/// What the foot of each page names.
const SOURCE: &str = concat!("gracewatch ", env!("CARGO_PKG_VERSION"));

pub(super) fn print_manual(arguments: ManArguments) -> CommandResult {
    match arguments.directory {
        None => print(&first_page(complete())?)?,
        Some(directory) => write_pages(&directory)?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn print_completions(arguments: &CompletionsArguments) -> CommandResult {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), NAME, &mut script);
    print(&String::from_utf8(script)?)?;
    Ok(ExitCode::SUCCESS)
}

/// All commands, as `--help` shows them, but for `help` itself.
fn complete() -> Command {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    command
}

/// Writes a page for the program and one for each command.
fn write_pages(directory: &Path) -> io::Result<()> {
    let command = complete();
    for command in command.get_subcommands() {
        write_page(command, directory)?;
    }
    fs::write(directory.join(format!("{NAME}.1")), first_page(command)?)
}

fn write_page(command: &Command, directory: &Path) -> io::Result<()> {
    for command in command.get_subcommands() {
        write_page(command, directory)?;
    }
    Man::new(command.clone()).source(SOURCE).generate_to(directory).map(drop)
}

fn first_page(command: Command) -> io::Result<String> {
    let page = Man::new(command);
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_subcommands_section(&mut text)?;
    page.render_options_section(&mut text)?;
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    Ok(text + END_OF_FIRST_PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap_complete::Shell;
    use std::collections::BTreeSet;

    /// The names of a command and of all within it, as those of pages.
    fn names(command: &Command, before: &str, found: &mut BTreeSet<String>) {
        let name = format!("{before}{}", command.get_name());
        for command in command.get_subcommands() {
            names(command, &format!("{name}-"), found);
        }
        found.insert(format!("{name}.1"));
    }

    #[test]
    fn every_command_has_a_page_and_each_names_the_version() {
        let directory = std::env::temp_dir().join(format!("gracewatch-manual-{}", std::process::id()));
        fs::create_dir(&directory).unwrap();
        write_pages(&directory).unwrap();
        let pages = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
        let pages: Vec<_> =
            pages.map(|page| (page.file_name().unwrap().to_owned(), fs::read_to_string(page).unwrap())).collect();
        fs::remove_dir_all(&directory).unwrap();
        let mut due = BTreeSet::new();
        names(&complete(), "", &mut due);
        assert_eq!(pages.iter().map(|(name, _)| name.to_string_lossy().into_owned()).collect::<BTreeSet<_>>(), due);
        for (name, page) in pages {
            assert!(page.contains(SOURCE) && page.contains(".SH OPTIONS"), "{}: {page}", name.display());
        }
        assert!(first_page(complete()).unwrap().contains(".SH \"EXIT STATUS\""));
    }

    #[test]
    fn completions_know_every_command() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), NAME, &mut script);
            let script = String::from_utf8(script).unwrap();
            for command in complete().get_subcommands() {
                assert!(script.contains(command.get_name()), "{shell}: {}", command.get_name());
            }
        }
    }
}
