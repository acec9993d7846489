//! `gracewatch agent`: reports from this machine, once or without end.

#[cfg(windows)]
use super::ConfigFile;
use super::{AgentArguments, CommandResult, configuration, print};
use crate::agent::{Agent, Settings, Source, Trouble};
use crate::catalogue::message;
use crate::config::Config;
use crate::config::agent::{self, Agent as Configured, TokenFile};
use crate::logging::Logging;
#[cfg(windows)]
use crate::secret::Secret;
use crate::signal::{Signal, Signals};
#[cfg(windows)]
use crate::supervision::Supervisor;
use crate::text::{Words, say};
#[cfg(windows)]
use crate::threads;
use std::env;
use std::process::ExitCode;
use url::Url;

pub(super) async fn run(arguments: AgentArguments, words: Words) -> CommandResult {
    let (is_once, is_preview) = (arguments.once, arguments.show);
    let settings = settings(arguments, words)?;
    if is_preview {
        let (texts, troubles) = Agent::preview(&settings).await;
        print(&texts.into_iter().map(|text| text + "\n").collect::<String>())?;
        return Ok(ended(words, &troubles));
    }
    let log = settings.config.log.clone();
    let server = settings.server.clone();
    let agent = match Agent::open(settings) {
        Ok(agent) => agent,
        Err(trouble) => return Ok(ended(words, &[trouble])),
    };
    if is_once {
        let ran = agent.once().await;
        print(&(say!(words, "agent-ran", sent = ran.sent, server = server.as_str(), waiting = ran.waiting) + "\n"))?;
        return Ok(ended(words, &ran.troubles));
    }
    Logging::start(&log)?;
    let mut signals = Signals::listen()?;
    agent.run(async move { while signals.next().await != Signal::Stop {} }).await;
    Ok(ExitCode::SUCCESS)
}

/// Reports until the service manager says to stop.
///
/// # Errors
/// Why it cannot begin.
#[cfg(windows)]
pub(super) fn run_as_service(
    file: ConfigFile,
    server: Option<Secret>,
    words: Words,
    logging: &Logging,
) -> Result<(), Box<dyn std::error::Error>> {
    let settings = settings(AgentArguments { file, server, ..AgentArguments::default() }, words)?;
    logging.apply(&settings.config.log);
    let agent = Agent::open(settings).map_err(|trouble| trouble.message())?;
    threads::runtime()?.block_on(async {
        let mut signals = Signals::listen()?;
        Supervisor::new().is_ready("the agent reports");
        agent.run(async move { while signals.next().await != Signal::Stop {} }).await;
        Ok(())
    })
}

/// Says what went wrong, the worst first.
fn ended(words: Words, troubles: &[Trouble]) -> ExitCode {
    let mut troubles: Vec<_> = troubles.iter().collect();
    troubles.sort_by_key(|trouble| trouble.outcome);
    for trouble in &troubles {
        anstream::eprintln!("gracewatch: {}", trouble.message().in_words(words));
    }
    troubles.first().map_or(ExitCode::SUCCESS, |trouble| ExitCode::from(trouble.outcome.exit_code()))
}

/// What the configuration says, and the arguments in place of it.
fn settings(arguments: AgentArguments, words: Words) -> Result<Settings, Box<dyn std::error::Error>> {
    let config = configuration::load(arguments.file.clone(), words)?;
    let variable = |name: &str| env::var(name).ok();
    let mut configured = match &config.agent {
        Some(agent) => agent.clone(),
        None => Configured::usual(&variable)?,
    };
    let AgentArguments { server, token_file, enrol_token_file, ca_file, client_cert, client_key, .. } = arguments;
    let AgentArguments { proxy, folder, from, machine, .. } = arguments;
    if let Some(server) = server {
        let server = agent::server(server.reveal());
        configured.server =
            Some(server.map_err(|fault| message!("config-fault-at", place = "--server", fault = fault))?);
    }
    if let Some(proxy) = proxy {
        let proxy = agent::proxy(proxy.reveal(), &variable);
        configured.proxy = proxy.map_err(|fault| message!("config-fault-at", place = "--proxy", fault = fault))?;
    }
    configured.token_file = TokenFile::named(token_file, enrol_token_file)?.or(configured.token_file);
    configured.ca_file = ca_file.or(configured.ca_file);
    configured.client = client_cert.zip(client_key).or(configured.client);
    configured.folder = folder.unwrap_or(configured.folder);
    configured.interval = arguments.interval.unwrap_or(configured.interval);
    configured.spread = arguments.spread.unwrap_or(configured.spread);
    // What is shown is sent nowhere.
    let nowhere = || Url::parse("http://localhost").ok().filter(|_| arguments.show);
    let server = configured.server.clone().or_else(nowhere).ok_or_else(|| message!("agent-no-server"))?;
    if from.is_empty() && !cfg!(windows) {
        return Err(message!("agent-not-windows").into());
    }
    let is_plain = server.scheme() == "http" && configured.token_file.is_some() && !agent::is_here(&server);
    if is_plain {
        anstream::eprintln!("gracewatch: {}", say!(words, "server-unencrypted", server = server.as_str()));
    }
    let source = if from.is_empty() { Source::Windows } else { Source::Files(from) };
    Ok(Settings { agent: configured, server, source, machine, config: Config { status: None, ..config } })
}
