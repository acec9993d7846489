//! The reference of the command line in `docs/command-line.md`, and whether every command in the documentation is one.
//!
//! Where the command line changes, `GRACEWATCH_WRITE_GOLDEN=1` writes the reference again.

use super::Arguments;
use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory, Parser};
use regex::Regex;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// What is above the reference.
const HEAD: &str = "\
# Command line

Results go to stdout, everything else to stderr. `gracewatch help COMMAND` shows the same as this page, and packages
install manual pages: `man gracewatch`, `man gracewatch-check`.

`gracewatch completions SHELL` prints what completes commands and options in a shell. Packages install it for bash, zsh
and fish.
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The reference, as Markdown.
fn reference() -> String {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let mut text = HEAD.to_owned();
    describe(&command, &mut text);
    text
}

/// Appends what there is to say of a command and of those within it.
fn describe(command: &Command, text: &mut String) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let about = command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string).unwrap_or_default();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    write!(text, "\n## {name}\n\n{about}\n\n```text\n{usage}\n```\n").unwrap();
    // `--lang` is the same everywhere, and so is `--help`.
    let is_root = !name.contains(' ');
    let is_shown = |argument: &&Arg| !argument.is_hide_set() && (is_root || !is_everywhere(argument));
    let arguments: Vec<_> = command.get_arguments().filter(is_shown).collect();
    if !arguments.is_empty() {
        text.push('\n');
    }
    for argument in arguments {
        writeln!(text, "* {}", entry(argument)).unwrap();
    }
    for command in command.get_subcommands() {
        describe(command, text);
    }
}

fn is_everywhere(argument: &Arg) -> bool {
    ["help", "lang"].contains(&argument.get_id().as_str())
}

/// An option, with all that its help shows.
fn entry(argument: &Arg) -> String {
    let [short, long] =
        [argument.get_help(), argument.get_long_help()].map(|help| help.map(ToString::to_string).unwrap_or_default());
    let mut help = if long.is_empty() { short.clone() } else { long };
    if let Some((_, default)) = short.split_once(" [default:").filter(|_| !help.contains("[default:")) {
        write!(help, " [default:{default}").unwrap();
    }
    if !help.ends_with(['.', ']']) {
        help.push('.');
    }
    let values: Vec<_> = argument.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    if !values.is_empty() && argument.get_action().takes_values() {
        write!(help, " Values: {}.", values.join(", ")).unwrap();
    }
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.display().to_string()).collect();
    if !defaults.is_empty() && argument.get_action().takes_values() {
        write!(help, " Default: `{}`.", defaults.join(", ")).unwrap();
    }
    if let Some(variable) = argument.get_env() {
        write!(help, " Variable: `{}`.", variable.display()).unwrap();
    }
    let short = argument.get_short().map(|letter| format!("`-{letter}`, ")).unwrap_or_default();
    format!("{short}`{argument}`: {}", help.replace('\n', " ").replace('<', "&lt;"))
}

#[test]
fn the_reference_is_what_the_command_line_is() {
    let file = root().join("docs/command-line.md");
    if std::env::var_os("GRACEWATCH_WRITE_GOLDEN").is_some() {
        fs::write(&file, reference()).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap();
    assert!(kept == reference(), "{} is not what GRACEWATCH_WRITE_GOLDEN=1 writes", file.display());
}

/// Every Markdown file in which users read commands.
fn documents() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md")];
    let mut folders = vec![root().join("docs"), root().join("deploy")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found
}

/// The commands of this program in a text: those in blocks, and those in a sentence.
fn commands(text: &str) -> Vec<String> {
    let block = Regex::new(r"(?ms)^```(?:sh|console)\n(.*?)^```$").unwrap();
    // Not where others run it by its name: `podman exec gracewatch`.
    let in_block = Regex::new(r"(?:^|[|;&(] ?|\$ |exec gracewatch |-- )(gracewatch [^|;&#<>\n)]+)").unwrap();
    let in_sentence = Regex::new(r"`(gracewatch [^`|<>]+)`").unwrap();
    let mut found = Vec::new();
    for block in block.captures_iter(text) {
        let lines = block[1].replace("\\\n", " ");
        for line in lines.lines() {
            found.extend(in_block.captures_iter(line).map(|found| found[1].trim().to_owned()));
        }
    }
    let prose = block.replace_all(text, "");
    found.extend(
        in_sentence.captures_iter(&prose).map(|found| found[1].split_whitespace().collect::<Vec<_>>().join(" ")),
    );
    found
}

/// What is wrong with a command, if anything. One that is only begun, as sentences name it, is right.
fn complaint(command: &str) -> Option<String> {
    let words = command.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
    let error = Arguments::try_parse_from(words.filter(|word| *word != "...")).err()?;
    let begun = [
        ErrorKind::DisplayHelp,
        ErrorKind::DisplayVersion,
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
        ErrorKind::MissingRequiredArgument,
        ErrorKind::MissingSubcommand,
    ];
    (!begun.contains(&error.kind())).then(|| error.to_string())
}

#[test]
fn every_command_in_the_documentation_is_one() {
    let mut count = 0;
    for document in documents() {
        for command in commands(&fs::read_to_string(&document).unwrap()) {
            count += 1;
            // Names that stand for something the reader has.
            let command = command.replace("COMMAND", "check").replace("SHELL", "bash");
            let complaint = complaint(&command);
            assert_eq!(complaint, None, "{}: {command}", document.display());
        }
    }
    assert!(count > 50, "only {count} commands are found");
}

#[test]
fn a_wrong_command_is_found() {
    let text = "`gracewatch chekc`\n```sh\ncat x | gracewatch explain --nosuch; gracewatch check\n```\n";
    let commands = commands(text);
    assert_eq!(commands, ["gracewatch explain --nosuch", "gracewatch check", "gracewatch chekc"]);
    assert_eq!(commands.iter().map(|command| complaint(command).is_some()).collect::<Vec<_>>(), [true, false, true]);
}
