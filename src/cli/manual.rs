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
    Man::new(command.clone()).generate_to(directory).map(drop)
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
