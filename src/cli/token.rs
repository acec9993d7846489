//! `gracewatch token`: who may send reports, and for which machines; and which machines enrolled.

mod file;
mod machines;

use super::{CommandResult, ConfigFile, TokenCommand, configuration, print};
use crate::catalogue::{Message, message};
use crate::config::tokens::{self, LineFault, Tokens};
use crate::config::{Config, read_tokens_file};
use crate::text::{Words, say};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

pub(super) async fn run(command: TokenCommand, words: Words) -> CommandResult {
    match command {
        TokenCommand::Add { name, patterns, enrol, file } => {
            add(words, &tokens_file(words, &file)?, &name, &patterns, enrol)?;
        }
        TokenCommand::List { machines: true, file } => machines::list(words, file).await?,
        TokenCommand::List { machines: false, file } => list(&tokens_file(words, &file)?)?,
        TokenCommand::Revoke { name, machine, enrol_again, file } if machine || enrol_again => {
            machines::revoke(words, file, &name, enrol_again).await?;
        }
        TokenCommand::Revoke { name, file, .. } => revoke(words, &tokens_file(words, &file)?, &name)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The file of tokens, and how it is named to a person: what a reference in its path stands for is not shown.
struct TokensFile {
    path: PathBuf,
    shown: String,
}

impl TokensFile {
    fn fault(&self, fault: Message) -> Message {
        message!("config-fault-at", place = &self.shown, fault = fault)
    }
}

fn unprinted(error: &io::Error) -> Message {
    message!("other-error", error = error.to_string())
}

fn tokens_file(words: Words, file: &ConfigFile) -> Result<TokensFile, Message> {
    let config = configuration::file(file.clone(), words).ok_or_else(|| message!("name-config"))?;
    let tokens = Config::tokens_file(&config).map_err(|error| error.message())?;
    let tokens = tokens.map(|(path, shown)| TokensFile { path, shown });
    tokens.ok_or_else(|| message!("no-tokens-file", config = config.display().to_string()))
}

fn add(words: Words, file: &TokensFile, name: &str, patterns: &[String], enrols: bool) -> Result<(), Message> {
    let token = tokens::make()?;
    let line = tokens::new_line(name, token.reveal(), patterns, enrols).map_err(LineFault::message)?;
    file::change(&file.path, &file.shown, |text| {
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        let text = format!("{text}{end}{line}");
        Tokens::parse(&text).map_err(|error| file.fault(error.message()))?;
        Ok((text, ()))
    })?;
    print(&format!("{}\n", token.reveal())).map_err(|error| unprinted(&error))?;
    anstream::eprintln!("{}", say!(words, "token-added"));
    Ok(())
}

fn list(file: &TokensFile) -> Result<(), Message> {
    let text = read_tokens_file(&file.path).map_err(|fault| file.fault(fault))?;
    Tokens::parse(&text).map_err(|error| file.fault(error.message()))?;
    let width = tokens::lines(&text).map(|(_, line)| line.name.chars().count()).max().unwrap_or_default();
    let lines = tokens::lines(&text).map(|(_, line)| {
        // As in the file: no pattern has a colon.
        let enrols = if line.enrols { format!("{} ", tokens::ENROLS) } else { String::new() };
        format!("{:width$}  {enrols}{}\n", line.name, line.patterns.join(" "))
    });
    print(&lines.collect::<String>()).map_err(|error| unprinted(&error))
}

fn revoke(words: Words, file: &TokensFile, name: &str) -> Result<(), Message> {
    let count = file::change(&file.path, &file.shown, |text| {
        let revoked: Vec<_> =
            tokens::lines(text).filter(|(_, line)| line.name == name).map(|(number, _)| number).collect();
        if revoked.is_empty() {
            // What was given may be the token itself.
            return Err(message!("no-such-token", file = file.shown.as_str()));
        }
        let kept = (1..).zip(text.split_inclusive('\n')).filter(|(number, _)| !revoked.contains(number));
        Ok((kept.map(|(_, line)| line).collect(), revoked.len()))
    })?;
    anstream::eprintln!("{}", say!(words, "tokens-revoked", count = count));
    Ok(())
}
