//! `gracewatch service`: the program as a service of Windows.

use super::{CommandResult, ConfigFile, secret};
use crate::secret::Secret;
use crate::text::Words;
use clap::{Args, Subcommand};
use std::net::SocketAddr;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum ServiceCommand {
    /// Install the service, which starts with Windows, or change which configuration it uses.
    ///
    /// It runs as an account of its own. Where no configuration is named and none is there, one is created.
    Install {
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Stop the service and remove it. Its configuration and its store are left.
    Uninstall,
    /// Start the service, and wait until it runs.
    Start,
    /// Stop the service, and wait until it has stopped.
    Stop,
    /// Have the service read its configuration again. The outcome is in the event log.
    Reload,
    /// Show whether the service runs. The exit code is 0 if it does, and 1 if not.
    Status,
    /// What the service manager starts.
    #[command(hide = true)]
    Run(RunArguments),
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    file: ConfigFile,
    /// Where to serve HTTP, whatever the configuration says.
    #[arg(long, value_name = "ADDR", conflicts_with = "agent")]
    listen: Option<SocketAddr>,
    /// Report from this machine, as `gracewatch agent` does, in place of serving.
    #[arg(long)]
    agent: bool,
    /// The server that the agent reports to, whatever the configuration says.
    #[arg(long, value_name = "URL", requires = "agent", value_parser = secret)]
    server: Option<Secret>,
}

/// What the command ends with where it fails: on other systems it always does, as with wrong arguments.
pub(super) fn on_error() -> ExitCode {
    if cfg!(windows) { ExitCode::FAILURE } else { ExitCode::from(2) }
}

#[cfg(not(windows))]
pub(super) fn run(_: ServiceCommand, words: Words) -> CommandResult {
    Err(crate::text::say!(words, "service-windows-only").into())
}

#[cfg(windows)]
pub(super) fn run(command: ServiceCommand, words: Words) -> CommandResult {
    use super::print;
    use crate::daemon::Source;
    use crate::places;
    use crate::service::{self, State};
    use crate::text::say;

    let sentence = match command {
        ServiceCommand::Install { file } => {
            let (config, warnings) = service::install(file.config)?;
            for warning in warnings {
                anstream::eprintln!("gracewatch: {}", warning.0.in_words(words));
            }
            say!(words, "service-installed", config = config.display().to_string())
        }
        ServiceCommand::Uninstall => {
            service::uninstall()?;
            say!(words, "service-uninstalled", folder = places::folder().display().to_string())
        }
        ServiceCommand::Start => {
            service::start()?;
            say!(words, "service-started")
        }
        ServiceCommand::Stop => {
            service::stop()?;
            say!(words, "service-stopped")
        }
        ServiceCommand::Reload => {
            service::reload()?;
            say!(words, "service-reloading")
        }
        ServiceCommand::Status => {
            let (state, number) = match service::status()? {
                State::Running(process) => ("running", process),
                State::Starting => ("starting", 0),
                State::Stopping => ("stopping", 0),
                State::Stopped(code) => ("stopped", code),
            };
            print(&(say!(words, "service-status", state = state, number = number) + "\n"))?;
            return Ok(if state == "running" { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        ServiceCommand::Run(RunArguments { file, agent: true, server, .. }) => {
            service::run(Box::new(move |logging| {
                super::agent::run_as_service(file.clone(), server.clone(), words, logging)
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        ServiceCommand::Run(RunArguments { file, listen, .. }) => {
            let source = Source { file: file.config, listen, web_config_file: None };
            service::run(Box::new(move |logging| service::serve(source.clone(), logging)))?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    print(&(sentence + "\n"))?;
    Ok(ExitCode::SUCCESS)
}
