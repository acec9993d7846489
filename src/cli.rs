//! The command line: what is asked for, and the exit code it ends with.

mod agent;
mod backup;
mod changes;
mod check;
mod config;
mod configuration;
mod daemon;
mod demo;
mod errors;
mod explain;
mod help;
mod hints;
mod import;
mod key;
mod machines;
mod manual;
mod nagios;
mod progress;
#[cfg(test)]
mod reference;
mod service;
mod source;
mod token;

use crate::catalogue::{Message, message};
use crate::config::parse_timeout;
use crate::daemon::{self as serving, Source};
use crate::demo::Fault;
use crate::knowledge::Language;
use crate::license::MachineName;
use crate::logging::Logging;
use crate::secret::Secret;
use crate::signal;
use crate::text::Words;
use crate::threads;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use service::ServiceCommand;
use std::convert::Infallible;
use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// What `check` ends with where the state is unknown, by the convention of Nagios plug-ins.
const COULD_NOT_TELL: u8 = 3;

/// How long what still runs may take once a command is done, and once the daemon is, which has waited already.
const SHUTDOWN: Duration = Duration::from_secs(1);
const DAEMON_SHUTDOWN: Duration = Duration::from_millis(50);

/// Checks the path by which Windows machines stay activated, and reports which step is broken.
///
/// It never activates anything. It looks up KMS hosts, connects to them, binds to their RPC interface, and stops there.
/// Of Microsoft's endpoints it asks nothing but an answer.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// The language of what is printed for a person. Logs stay English.
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = language, help = "The language [default: by LC_ALL, LC_MESSAGES or LANG, or else en]")]
    lang: Option<Language>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon: probe continuously, and serve metrics to Prometheus.
    Serve(ServeArguments),
    /// Show all of it in a minute: a company on this machine, with faults to switch on and off.
    ///
    /// It needs no configuration and no network, and removes what it kept when it stops. Nothing is activated: its KMS
    /// hosts answer binds, and refuse everything else.
    Demo(DemoArguments),
    /// Check every path once, and report what is broken and what to do first.
    ///
    /// The exit code is 0 for ok, 1 for degraded, 2 for blocked, and 3 where that is unknown or nothing was checked.
    Check(CheckArguments),
    /// Explain what a Windows activation error or event means, and what to do.
    ///
    /// Without a CODE, or for `-`, it reads text from stdin and explains each code in it once. The exit code is 0 if
    /// everything was explained, and 1 if something was not a code.
    Explain(ExplainArguments),
    /// Import the activation status of machines from files into the store.
    ///
    /// The format of each is recognized by its content: WMI as JSON or CSV, the text of slmgr or ospp.vbs, events as
    /// XML or JSON, or an export of VAMT. The exit code is 0 if everything was imported, and 1 if something was not.
    Import(ImportArguments),
    /// Report from this machine: its licensing, events, and its own path to activation.
    ///
    /// On Windows it reads the WMI classes and the event log. It checks the path to the KMS hosts that these name, and
    /// sends everything to a server. What cannot be sent waits on disk. No product key is read. On any other system,
    /// and for tests, --from names files. The exit code is 0 if everything was sent; the documentation lists the others.
    Agent(Box<AgentArguments>),
    /// List who loses activation and when, or show everything about one machine.
    ///
    /// The first to lose it comes first.
    ///
    /// It asks the daemon that --server names, or else the one on this machine. If none answers, it reads the store of
    /// the configuration.
    Machines(MachinesArguments),
    /// List recent changes: licenses, machines that appeared or fell silent, and verdicts.
    ///
    /// It asks the same daemon or store as `machines`. Only a running daemon knows verdicts, since it started.
    Changes(ChangesArguments),
    /// Copy the whole store to a file, as of one moment, even while the daemon uses it.
    ///
    /// It never overwrites a file. To restore a copy: stop the daemon, replace the file of the store by the copy,
    /// delete the files beside it that end in `-wal` and `-shm`, and start the daemon. The exit code is 2 for a
    /// `PostgreSQL` database, which `pg_dump` copies.
    Backup(BackupArguments),
    /// Find out what is wrong with a product key as typed.
    ///
    /// The key is read without echo, or from stdin; never from an argument, which would stay in the shell history and
    /// show in the list of processes. Nothing is sent or kept, and only its last five characters are shown. The exit
    /// code is 0 if its form is right, which does not prove that it is valid, and 1 if it is not.
    Key(KeyArguments),
    /// Manage who may send reports over HTTP, and for which machines.
    ///
    /// The tokens are in the file that `tokens_file` in the configuration names. Changes take effect once the daemon
    /// has reloaded its configuration.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Install and control the service, on Windows.
    #[cfg_attr(not(windows), command(hide = true))]
    Service {
        #[command(subcommand)]
        command: ServiceCommand,
    },
    /// Validate a configuration, or print an example or a JSON Schema of one.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print a script that completes commands and options in a shell.
    Completions(CompletionsArguments),
    /// Print the manual page of the program, or write those of all commands.
    Man(ManArguments),
}

/// Which configuration to use.
#[derive(Debug, Clone, Default, Args)]
struct ConfigFile {
    /// The configuration [default: that of the installed service, or else the DNS domains of this machine].
    #[arg(long, value_name = "FILE", env = "GRACEWATCH_CONFIG", hide_env_values = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ServeArguments {
    #[command(flatten)]
    file: ConfigFile,
    /// Where to serve HTTP, whatever the configuration says.
    #[arg(long, value_name = "ADDR", help = "Where to serve HTTP [default: the configuration's, or [::]:10688]")]
    listen: Option<SocketAddr>,
    /// TLS, client certificates and users, as all exporters take them; takes precedence over the configuration.
    #[arg(long = "web.config.file", value_name = "FILE")]
    web_config_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct DemoArguments {
    /// Where to serve HTTP.
    #[arg(long, value_name = "ADDR", help = "Where to serve HTTP [default: 127.0.0.1:10688, or a free port]")]
    listen: Option<SocketAddr>,
    /// A fault to begin with, such as `closed-port`. May be repeated.
    #[arg(long = "fault", value_name = "NAME", value_parser = Fault::of)]
    faults: Vec<Fault>,
}

#[derive(Debug, Args)]
struct CheckArguments {
    #[command(flatten)]
    file: ConfigFile,
    /// What to check instead of all paths: the name of one, a domain (its SRV records are looked up), a KMS host as
    /// HOST, HOST:PORT or an address, or an online endpoint as a URL.
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// Show every row, including those that are fine, every problem and every clock.
    #[arg(long)]
    all: bool,
    /// The longest time each stage may take, such as 5s or 500ms [default: the configuration's, or 5s].
    #[arg(long, value_parser = parse_timeout)]
    timeout: Option<Duration>,
    /// A nameserver to ask for the TARGETs instead of the system's, as ADDRESS or ADDRESS:PORT. May be repeated: each
    /// is asked separately, and the answers are compared.
    #[arg(long = "nameserver", value_name = "ADDRESS", requires = "targets", value_parser = nameserver)]
    nameservers: Vec<SocketAddr>,
    /// A proxy to reach a URL through: direct, system, or a URL (http, https, socks5 or socks5h). May be repeated: the
    /// URL is checked over each. Credentials are better kept in a configuration [default: direct].
    #[arg(long = "proxy", value_name = "PROXY", requires = "targets")]
    proxies: Vec<String>,
    /// Ask a daemon what it saw last, without probing. TARGETs are names of its paths.
    #[arg(long, conflicts_with_all = ["timeout", "nameservers", "proxies"])]
    last: bool,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
struct ExplainArguments {
    /// The codes in any form: 0xC004F074, C004F074, -1073418124, a Win32 error such as 12007, an event ID such as
    /// 12288, the message of an error, or a log line that contains codes; `-` is stdin.
    #[arg(value_name = "CODE", allow_negative_numbers = true)]
    codes: Vec<String>,
    /// The language of the texts: that of the program.
    #[arg(skip)]
    lang: Option<Language>,
    /// How to report.
    #[arg(long, value_enum, default_value_t = PlainOutput::Text)]
    output: PlainOutput,
    /// Probe the paths of this configuration once, and show the results for the stages that the codes belong to, and
    /// which machines in its store report them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    server: ServerArguments,
    /// Show which machines in this store report the codes, without probing: `sqlite:` and the path of a file, or the
    /// URL of a database.
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    store: Option<String>,
}

#[derive(Debug, Args)]
struct ImportArguments {
    #[command(flatten)]
    file: ConfigFile,
    /// The files, or folders with files; `-` is stdin.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The machine of reports that name none [default: the name of the file].
    #[arg(long, value_name = "NAME")]
    machine: Option<MachineName>,
}

#[derive(Debug, Default, Args)]
struct AgentArguments {
    #[command(flatten)]
    file: ConfigFile,
    /// The server to report to, such as `https://gracewatch.corp.example:10688` [default: the configuration's].
    #[arg(long, value_name = "URL", env = "GRACEWATCH_SERVER", hide_env_values = true, value_parser = secret)]
    server: Option<Secret>,
    /// A file whose first line is the token by which this machine may report.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A file whose first line is an enrolment token, by which this machine gets a token of its own once.
    #[arg(long, value_name = "FILE", conflicts_with = "token_file")]
    enrol_token_file: Option<PathBuf>,
    /// Files to report from instead of Windows itself: any that `import` takes, or recorded rows of WMI as JSON.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    from: Vec<PathBuf>,
    /// Report once, and end.
    #[arg(long)]
    once: bool,
    /// Print what would be sent, and send and keep nothing.
    #[arg(long)]
    show: bool,
    /// The name of this machine [default: what Windows or the report says].
    #[arg(long, value_name = "NAME")]
    machine: Option<MachineName>,
    /// More trusted roots in PEM.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// A client certificate in PEM, by which the server knows this machine.
    #[arg(long, value_name = "FILE", requires = "client_key")]
    client_cert: Option<PathBuf>,
    /// The private key of --client-cert in PEM.
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    client_key: Option<PathBuf>,
    /// The path to the server: direct, system, or the URL of an HTTP proxy [default: the configuration's, or system].
    #[arg(long, value_name = "PROXY", value_parser = secret)]
    proxy: Option<Secret>,
    /// The folder for what waits to be sent [default: the configuration's].
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// From one report to the next, such as 15m [default: the configuration's, or 15m].
    #[arg(long, value_name = "SPAN", value_parser = crate::config::agent::interval)]
    interval: Option<Duration>,
    /// Wait for a random time up to this before the first report [default: the configuration's, or 5m].
    #[arg(long, value_name = "SPAN", value_parser = crate::config::agent::spread)]
    spread: Option<Duration>,
}

/// Which daemon to ask, and who asks.
#[derive(Debug, Default, Args)]
struct ServerArguments {
    /// The daemon to ask, such as `https://gracewatch.corp.example:10688` [default: the one on this machine].
    #[arg(long, value_name = "URL", env = "GRACEWATCH_SERVER", hide_env_values = true, value_parser = secret)]
    server: Option<Secret>,
    /// The user to log in as. The password is in --password-file or `GRACEWATCH_PASSWORD`, or is asked for.
    #[arg(long, value_name = "NAME", requires = "server")]
    user: Option<String>,
    /// A file whose first line is the password of --user.
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
    /// A file whose first line is a bearer token, for a proxy in front of the daemon.
    #[arg(long, value_name = "FILE", conflicts_with = "user", requires = "server")]
    token_file: Option<PathBuf>,
    /// More trusted roots in PEM.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// A client certificate in PEM, by which the daemon knows who asks.
    #[arg(long, value_name = "FILE", requires = "client_key")]
    client_cert: Option<PathBuf>,
    /// The private key of --client-cert in PEM.
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    client_key: Option<PathBuf>,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[derive(Debug, Args)]
struct MachinesArguments {
    /// The machine to show in full: its name, its short name, or a part that no other name contains.
    #[arg(value_name = "NAME", conflicts_with_all = ["at_risk", "path", "name", "within", "lost", "stale", "missing", "unlisted", "overdue", "product", "sort", "limit"])]
    machine: Option<String>,
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    server: ServerArguments,
    /// Only machines that have lost activation, lose it within 30 days, or should have renewed.
    #[arg(long)]
    at_risk: bool,
    /// Only machines that lose activation within so many days, such as 7d.
    #[arg(long, value_name = "DAYS", value_parser = days)]
    within: Option<u32>,
    /// Only machines that have lost activation.
    #[arg(long)]
    lost: bool,
    /// Only machines that should have renewed.
    #[arg(long)]
    overdue: bool,
    /// Only machines that have not reported for too long.
    #[arg(long)]
    stale: bool,
    /// Only machines in the inventory that never reported.
    #[arg(long, conflicts_with_all = ["at_risk", "path", "within", "lost", "stale", "unlisted", "overdue", "product", "sort"])]
    missing: bool,
    /// Only machines that are not in the inventory.
    #[arg(long)]
    unlisted: bool,
    /// Only machines with a product whose name contains this.
    #[arg(long, value_name = "TEXT")]
    product: Option<String>,
    /// Only machines that depend on this path.
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Only machines whose names contain this.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// In which order.
    #[arg(long, value_enum, value_name = "KEY", default_value_t = MachineSortArgument::Expiry)]
    sort: MachineSortArgument,
    /// How many machines to list at the most [default: 100 as text, else all].
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
    /// How to report.
    #[arg(long, value_enum, default_value_t = TableOutput::Text)]
    output: TableOutput,
}

/// The order of machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MachineSortArgument {
    /// Those that are lost, then the first to lose activation.
    Expiry,
    /// By name.
    Name,
    /// Those that have been silent longest first.
    Reported,
    /// Those that are overdue longest first.
    Overdue,
}

impl MachineSortArgument {
    /// The word for it, here and over HTTP.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Expiry => "expiry",
            Self::Name => "name",
            Self::Reported => "reported",
            Self::Overdue => "overdue",
        }
    }
}

#[derive(Debug, Args)]
struct ChangesArguments {
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    server: ServerArguments,
    /// Since when: a span such as 1d or 12h, or a day.
    #[arg(long, value_name = "SPAN", default_value = crate::report::changes::USUAL)]
    since: String,
    /// How to report.
    #[arg(long, value_enum, default_value_t = PlainOutput::Text)]
    output: PlainOutput,
}

#[derive(Debug, Args)]
struct BackupArguments {
    #[command(flatten)]
    file: ConfigFile,
    /// The copy.
    #[arg(value_name = "FILE")]
    target: PathBuf,
}

#[derive(Debug, Args)]
struct KeyArguments {
    /// How to report.
    #[arg(long, value_enum, default_value_t = PlainOutput::Text)]
    output: PlainOutput,
}

#[derive(Debug, Args)]
struct CompletionsArguments {
    /// The shell.
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
struct ManArguments {
    /// Write a page for the program, and one for each command, to this folder.
    #[arg(long, value_name = "FOLDER")]
    directory: Option<PathBuf>,
}

/// How `machines` reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TableOutput {
    /// For a person.
    Text,
    /// For a program.
    Json,
    /// For a spreadsheet, a row to each license.
    Csv,
}

/// How `changes`, `explain` and `key` report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PlainOutput {
    /// For a person.
    Text,
    /// For a program.
    Json,
}

/// How `check` reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For a person.
    Text,
    /// For a program.
    Json,
    /// For a monitoring system that runs Nagios plug-ins.
    Nagios,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Create a token, and print it once; the file keeps only its digest.
    Add {
        /// The name of the token, for the log and for metrics: up to 30 letters, digits, `-`, `_` and `.`.
        name: String,
        /// The machines it may report for: names, in which `*` stands for any characters and `?` for one.
        #[arg(value_name = "PATTERN", required = true)]
        patterns: Vec<String>,
        /// Make an enrolment token: it reports for none, and lets each of these machines enrol a token of its own, once.
        #[arg(long)]
        enrol: bool,
        #[command(flatten)]
        file: ConfigFile,
    },
    /// List the names of the tokens, and the machines they may report for; `enrol:` is before those they may enrol.
    List {
        /// List the machines that enrolled instead: by which token, when, and since when they are shut out.
        #[arg(long)]
        machines: bool,
        #[command(flatten)]
        file: ConfigFile,
    },
    /// Remove a token from the file, or shut out a machine that enrolled.
    ///
    /// A machine that is shut out cannot report by its own token, at once, and cannot enrol. What it reported stays.
    Revoke {
        /// The name of the token, or of the machine.
        name: String,
        /// Shut out the machine of this name, which enrolled.
        #[arg(long)]
        machine: bool,
        /// Forget that the machine of this name enrolled, so that it can once more; its token is rejected until then.
        #[arg(long)]
        enrol_again: bool,
        #[command(flatten)]
        file: ConfigFile,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Validate a configuration, and report errors with line and column.
    Check {
        /// The configuration [default: --config or `GRACEWATCH_CONFIG`].
        file: Option<PathBuf>,
        #[command(flatten)]
        default: ConfigFile,
    },
    /// Print a commented example.
    Example,
    /// Print a JSON Schema, for editors.
    Schema,
}

/// Runs the program with the arguments of the process. The main thread itself may have a stack of any size.
pub fn main() -> ExitCode {
    signal::hold_back();
    threads::run_aside(run).unwrap_or_else(|error| {
        // Nothing was parsed yet.
        let is_check = std::env::args_os().nth(1).is_some_and(|command| command == "check");
        // Nothing can be done where that cannot be written.
        let _ = writeln!(io::stderr(), "gracewatch: {error}");
        if is_check { ExitCode::from(COULD_NOT_TELL) } else { ExitCode::FAILURE }
    })
}

fn run() -> ExitCode {
    // What is wrong with the arguments is said in the language that they ask for.
    let words: Words = language_of(std::env::args_os()).unwrap_or_else(language_of_user).into();
    let command = help::in_words(Arguments::command(), words, check::width());
    let arguments = command.try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match arguments {
        Ok(arguments) => arguments,
        Err(error) => {
            let error = hints::with_hint(error);
            // What clap says of an argument quotes it.
            if let Some(refusal) = key::refusal(words, std::env::args_os().skip(1)).filter(|_| error.use_stderr()) {
                anstream::eprintln!("gracewatch: {refusal}");
                return ExitCode::FAILURE;
            }
            match help::refusal(&error, words) {
                Some(refusal) => anstream::eprint!("{refusal}"),
                // The help that was asked for is no error. Nothing can be done where it cannot be printed.
                None => drop(error.print()),
            }
            return if error.use_stderr() { ExitCode::from(COULD_NOT_TELL) } else { ExitCode::SUCCESS };
        }
    };
    if !matches!(arguments.command, Command::Serve(_) | Command::Demo(_) | Command::Agent(_)) {
        signal::take_hangups();
    }
    let words = arguments.lang.map_or(words, Words::from);
    let (result, on_error) = match arguments.command {
        Command::Serve(arguments) => (serve(arguments, words), ExitCode::FAILURE),
        Command::Demo(arguments) => (demo::run(arguments, words), ExitCode::FAILURE),
        Command::Check(arguments) => {
            let output = arguments.output;
            let result = block_on(check::run(arguments, words));
            if let (Output::Nagios, Err(error)) = (output, &result) {
                // The monitoring system reads stdout alone. Nothing can be done where that is closed.
                let _ = print(&nagios::unknown(&errors::in_words(error.as_ref(), words)));
            }
            (result, ExitCode::from(COULD_NOT_TELL))
        }
        Command::Explain(arguments) => {
            let arguments = ExplainArguments { lang: Some(words.language), ..arguments };
            (block_on(explain::run(arguments)), ExitCode::FAILURE)
        }
        Command::Import(arguments) => (block_on(import::run(arguments, words)), ExitCode::FAILURE),
        Command::Agent(arguments) => (block_on(agent::run(*arguments, words)), ExitCode::FAILURE),
        Command::Changes(arguments) => (block_on(changes::run(arguments, words)), ExitCode::FAILURE),
        Command::Machines(arguments) => (block_on(machines::run(arguments, words)), ExitCode::FAILURE),
        Command::Backup(arguments) => (block_on(backup::run(arguments, words)), ExitCode::FAILURE),
        Command::Key(arguments) => (block_on(key::run(arguments, words)), ExitCode::FAILURE),
        Command::Token { command } => (block_on(token::run(command, words)), ExitCode::FAILURE),
        Command::Service { command } => (service::run(command, words), service::on_error()),
        Command::Config { command } => (config::run(command, words), ExitCode::FAILURE),
        Command::Completions(arguments) => (manual::print_completions(&arguments), ExitCode::FAILURE),
        Command::Man(arguments) => (manual::print_manual(arguments), ExitCode::FAILURE),
    };
    result.unwrap_or_else(|error| {
        anstream::eprintln!("gracewatch: {}", errors::in_words(error.as_ref(), words));
        on_error
    })
}

type CommandResult = Result<ExitCode, Box<dyn Error>>;

fn block_on(command: impl Future<Output = CommandResult>) -> CommandResult {
    block_on_for(command, SHUTDOWN)
}

fn block_on_for(command: impl Future<Output = CommandResult>, shutdown: Duration) -> CommandResult {
    let runtime = threads::runtime()?;
    let result = runtime.block_on(command);
    // An input that is still being read is of no use any more.
    runtime.shutdown_timeout(shutdown);
    result
}

/// Prints a result to stdout, without its colours where that is no terminal. A reader that has read enough and went
/// away is no error.
fn print(text: &str) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

fn serve(arguments: ServeArguments, words: Words) -> CommandResult {
    let source = Source {
        file: configuration::file(arguments.file, words),
        listen: arguments.listen,
        web_config_file: arguments.web_config_file,
    };
    let config = source.load()?;
    let (web_file, stamps) = source.load_web(&config);
    let web_file = web_file?;
    let logging = Logging::start(&config.log)?;
    let running = async {
        Box::pin(serving::run(source, config, (web_file, stamps), logging)).await?;
        Ok(ExitCode::SUCCESS)
    };
    block_on_for(running, DAEMON_SHUTDOWN)
}

/// What is not shown, whatever is wrong with it.
#[expect(clippy::unnecessary_wraps, reason = "the library takes what may fail")]
fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

fn nameserver(text: &str) -> Result<SocketAddr, Message> {
    crate::host::parse_nameserver(text)?.ok_or_else(|| message!("config-nameserver"))
}

/// Days, as `7` or `7d`.
fn days(text: &str) -> Result<u32, Message> {
    text.strip_suffix('d').unwrap_or(text).parse().map_err(|_| message!("days-needed"))
}

fn language(text: &str) -> Result<Language, Message> {
    Language::of(text).ok_or_else(|| message!("language-unknown", known = Language::tags()))
}

/// The language of whoever runs the program.
fn language_of_user() -> Language {
    #[cfg(windows)]
    let of_system = sys_locale::get_locale;
    #[cfg(not(windows))]
    let of_system = || None;
    Language::of_environment(|name| std::env::var(name).ok(), of_system)
}

/// The language that arguments ask for, whether or not they are right otherwise.
fn language_of(arguments: impl Iterator<Item = OsString>) -> Option<Language> {
    let mut texts = arguments.map(|argument| argument.to_string_lossy().into_owned()).take_while(|text| text != "--");
    while let Some(text) = texts.next() {
        match text.strip_prefix("--lang") {
            Some("") => return Language::of(&texts.next()?),
            Some(value) if value.starts_with('=') => return Language::of(value.trim_start_matches('=')),
            _ => {}
        }
    }
    None
}
