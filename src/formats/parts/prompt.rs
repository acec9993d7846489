//! Prompts of consoles, and whom the command after one is about.

use crate::formats::values;

/// The longest path in a prompt, in bytes.
const MAX_PATH: usize = 300;

/// A prompt and the command after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prompt<'t> {
    /// The machine that the prompt names, as remoting and SSH have it.
    host: Option<&'t str>,
    pub(super) command: &'t str,
}

/// Whom the output after a prompt is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target<'t> {
    /// The machine where the prompt is.
    Here,
    Machine(&'t str),
    /// One or several machines that are in a variable or a list.
    Unclear(&'t str),
}

/// The prompt that a line begins with.
pub(super) fn prompt(line: &str) -> Option<Prompt<'_>> {
    remoting(line)
        .or_else(|| powershell(line, None))
        .or_else(|| ssh(line))
        .or_else(|| cmd(line, None))
        .or_else(|| shell(line))
        .or_else(|| command(line))
}

/// A command without a prompt, as scripts print what they run.
fn command(line: &str) -> Option<Prompt<'_>> {
    const PROGRAMS: [&str; 8] = ["cscript", "slmgr", "ospp", "psexec", "winrs", "wmic", "invoke-command", "icm"];
    let (first, rest) = line.split_once(' ')?;
    let program = first.trim_matches('"').rsplit(['\\', '/']).next().unwrap_or_default().to_ascii_lowercase();
    let stem = program.trim_end_matches(".exe").trim_end_matches(".vbs");
    let is_program = PROGRAMS.contains(&stem) && rest.contains(['/', '-']) && !rest.starts_with("exited on ");
    is_program.then_some(Prompt { host: None, command: line })
}

/// `[ws0421]: PS C:\> command`
fn remoting(line: &str) -> Option<Prompt<'_>> {
    let (host, rest) = line.strip_prefix('[')?.split_once("]:")?;
    powershell(rest.trim_start(), Some(host.trim()))
}

/// `PS C:\> command`
fn powershell<'t>(line: &'t str, host: Option<&'t str>) -> Option<Prompt<'t>> {
    let rest = line.strip_prefix("PS")?;
    let (path, command) = rest.split_once('>')?;
    let is_path = path.is_empty() || (path.starts_with(' ') && is_path(path.trim()));
    is_path.then(|| Prompt { host, command: command.trim_start_matches('>').trim() })
}

/// `CORP\admin@WS0421 C:\Users\admin>command`
fn ssh(line: &str) -> Option<Prompt<'_>> {
    let (account, rest) = line.split_once(' ')?;
    let (_, host) = account.split_once('@')?;
    cmd(rest, Some(host)).or_else(|| powershell(rest, Some(host)))
}

/// `C:\>command`
fn cmd<'t>(line: &'t str, host: Option<&'t str>) -> Option<Prompt<'t>> {
    let is_drive = matches!(line.as_bytes(), [letter, b':', b'\\', ..] if letter.is_ascii_alphabetic());
    let (path, command) = line.split_once('>').filter(|_| is_drive)?;
    is_path(path).then(|| Prompt { host, command: command.trim() })
}

/// `[C:\dir]$ command`, `admin@jump:~$ command`, `[admin@jump ~]# command`
fn shell(line: &str) -> Option<Prompt<'_>> {
    let end = line.find(['$', '#'])?;
    let (place, command) = (line.get(..end)?, line.get(end + 1..)?);
    let is_bracketed = place.strip_prefix('[').and_then(|place| place.strip_suffix(']'));
    let is_account = |text: &str| text.contains('@') && !text.contains(',') && text.split_whitespace().count() <= 2;
    let is_prompt = match is_bracketed {
        Some(inner) => is_path(inner) || is_account(inner),
        None => place.contains(':') && is_account(place) && !place.contains(' '),
    };
    (is_prompt && (command.is_empty() || command.starts_with(' ')))
        .then(|| Prompt { host: None, command: command.trim() })
}

/// True for what may be the place in a prompt: a drive, a share, or a path of PowerShell or a shell.
fn is_path(path: &str) -> bool {
    let is_rooted =
        path.contains(":\\") || path.contains(":/") || path.starts_with(['\\', '/', '~']) || path.ends_with(':');
    path.len() <= MAX_PATH && is_rooted && !path.contains(['"', '<', '|', '*', '?', '\t'])
}

impl<'t> Prompt<'t> {
    /// Whom what is printed after it is about.
    pub(super) fn target(&self) -> Target<'t> {
        let here = self.host.map_or(Target::Here, Target::Machine);
        match target_of(self.command) {
            Target::Here => here,
            target => target,
        }
    }

    /// True where the command prints the name of the machine on which it runs.
    pub(super) fn asks_for_name(&self) -> bool {
        let command = self.command.to_ascii_lowercase();
        command.split(['&', ';', '|']).any(|command| {
            matches!(
                command.trim().trim_end_matches(".exe"),
                "hostname" | "echo %computername%" | "$env:computername" | "[environment]::machinename"
            )
        })
    }
}

/// Options that are followed by the machine that a command is about, after a blank or a colon.
const OPTIONS: [&str; 10] = [
    "-computername",
    "-cn",
    "-computer",
    "-hostname",
    "-vmname",
    "-session",
    "-cimsession",
    "/node",
    "-remote",
    "/remote",
];

/// Those that are followed by it after a colon alone.
const WITH_COLON: [&str; 2] = ["-r", "/r"];

/// Programs that run others on the machine that is named next.
const REMOTE: [&str; 3] = ["psexec", "psexec64", "paexec"];

/// Whom a command is about, by the words that every administrator uses for that.
fn target_of(command: &str) -> Target<'_> {
    let mut words = Words { rest: command }.peekable();
    let mut found = Target::Here;
    while let Some(word) = words.next() {
        let lower = word.to_ascii_lowercase();
        let program = lower.rsplit(['\\', '/']).next().unwrap_or_default();
        let stem = program.trim_end_matches(".exe").trim_end_matches(".vbs");
        let named = match stem {
            "slmgr" | "icm" | "invoke-command" => words.peek().copied().filter(|next| is_name(next)),
            "ospp" => {
                // The option is first there.
                words.next();
                words.peek().copied().filter(|next| is_name(next))
            }
            "ssh" => words.find(|word| !word.starts_with('-')).and_then(|word| word.rsplit('@').next()),
            _ if REMOTE.contains(&stem) => words.peek().copied().filter(|next| next.starts_with(['\\', '@'])),
            _ => {
                let (option, value) =
                    word.split_once(':').map_or((word, None), |(option, value)| (option, Some(value)));
                let is = |options: &[&str]| options.iter().any(|known| known.eq_ignore_ascii_case(option));
                let value = value.filter(|value| !value.is_empty());
                if is(&OPTIONS) { value.or_else(|| words.next()) } else { value.filter(|_| is(&WITH_COLON)) }
            }
        };
        let Some(named) = named else { continue };
        // A comma and a blank go on with the list.
        let goes_on = named.ends_with(',') || words.peek().is_some_and(|next| next.starts_with(','));
        match if goes_on { Target::Unclear(command) } else { of_word(named, command) } {
            Target::Here => {}
            target if found == Target::Here || found == target => found = target,
            _ => found = Target::Unclear(command),
        }
    }
    found
}

/// True for what may be the name of a machine, or what stands for one, after the name of a program.
fn is_name(word: &str) -> bool {
    !word.starts_with(['/', '-', '{', '}', ')', ';']) && !word.contains(['>', '<', '|', '&'])
}

fn of_word<'t>(word: &'t str, command: &'t str) -> Target<'t> {
    let name = word.trim_matches(['"', '\'', '}', ')', ';']);
    let bare = name.trim_start_matches('\\');
    if name.eq_ignore_ascii_case("%computername%") || name.eq_ignore_ascii_case("$env:computername") {
        return Target::Here;
    }
    match values::machine(bare) {
        Ok(None) => Target::Here,
        Ok(Some(_)) if !bare.contains([',', '%', '$', '*']) => Target::Machine(bare),
        _ => Target::Unclear(command),
    }
}

/// The words of a command, with those in quotes as one.
struct Words<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Words<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let rest = self.rest.trim_start();
        let mut quote = None;
        let end = rest.find(|char: char| {
            if let Some(open) = quote {
                quote = (char != open).then_some(open);
                return false;
            }
            quote = matches!(char, '"' | '\'').then_some(char);
            char.is_whitespace()
        });
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        self.rest = after;
        (!word.is_empty()).then(|| word.trim_matches(['"', '\'']))
    }
}
