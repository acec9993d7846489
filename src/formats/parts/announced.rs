//! Lines in which a script says in words whose output comes next: `Checking WS0422...`, `Report for WS1034`.
//!
//! Every word of such a line is known but the name, and what is right before the name points at it. So a sentence that
//! only mentions a machine is none.

use crate::formats::machine_names::{is_labelled, is_marked};

/// The most words of such a line, and its most bytes.
const MAX_WORDS: usize = 12;
const MAX_LENGTH: usize = 200;

/// Words that have the name of a machine behind them.
const POINTING: &[&str] = &[
    "for",
    "of",
    "from",
    "on",
    "at",
    "to",
    "in",
    "checking",
    "check",
    "querying",
    "query",
    "processing",
    "scanning",
    "testing",
    "contacting",
    "asking",
    "reading",
    "connecting",
    "für",
    "von",
    "auf",
    "bei",
    "prüfe",
    "frage",
    "abfrage",
    "pour",
    "sur",
    "de",
    "du",
    "para",
    "en",
    "em",
    "su",
    "per",
    "для",
    "на",
    "с",
    "verbinde",
    "consultando",
    "comprobando",
    "vérification",
    "проверка",
];

/// Words that say that what is behind them is a machine.
const KINDS: &[&str] = &[
    "machine",
    "computer",
    "host",
    "server",
    "pc",
    "workstation",
    "client",
    "node",
    "system",
    "device",
    "rechner",
    "equipo",
    "ordinateur",
    "poste",
    "компьютер",
    "сервер",
];

/// What else is in such lines.
const OTHERS: &[&str] = &[
    "report",
    "reports",
    "status",
    "state",
    "result",
    "results",
    "output",
    "answer",
    "response",
    "data",
    "info",
    "information",
    "details",
    "activation",
    "license",
    "licence",
    "licenses",
    "licences",
    "licensing",
    "windows",
    "office",
    "slmgr",
    "ospp",
    "now",
    "next",
    "starting",
    "start",
    "begin",
    "beginning",
    "running",
    "run",
    "getting",
    "collecting",
    "fetching",
    "executing",
    "connected",
    "working",
    "trying",
    "the",
    "this",
    "is",
    "remote",
    "target",
    "name",
    "named",
    "and",
    "script",
    "command",
    "software",
    "product",
    "bericht",
    "ergebnis",
    "ergebnisse",
    "ausgabe",
    "lizenz",
    "lizenzstatus",
    "lizenzen",
    "jetzt",
    "den",
    "der",
    "die",
    "das",
    "rapport",
    "résultat",
    "résultats",
    "état",
    "statut",
    "licence",
    "sortie",
    "informe",
    "estado",
    "resultado",
    "resultados",
    "licencia",
    "salida",
    "отчёт",
    "отчет",
    "состояние",
    "статус",
    "результат",
    "лицензии",
    "状態",
    "結果",
    "出力",
    "ライセンス",
    "ライセンス状態",
    "ライセンス認証",
    "レポート",
    "確認中",
    "確認しています",
    "报告",
    "状态",
    "结果",
    "许可证状态",
];

/// Words of a line that is behind what it is about.
const OF_END: &[&str] = &[
    "done",
    "finished",
    "completed",
    "complete",
    "end",
    "ended",
    "ok",
    "finish",
    "fertig",
    "ende",
    "terminé",
    "fin",
    "listo",
    "готово",
    "完了",
];

/// Whose output is beside a line that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Announced<'t> {
    /// The one below it.
    Below(&'t str),
    /// The one above it, which ends.
    Above(&'t str),
}

/// Whose output is above or below a line, where it says so in words.
pub(super) fn announced(line: &str) -> Option<Announced<'_>> {
    if line.len() > MAX_LENGTH {
        return None;
    }
    let is_between = |char: char| char.is_whitespace() || ":=,;()[]{}\"'<>*#|\u{2026}のを的".contains(char);
    let words =
        line.split(is_between).map(|word| word.trim_matches(['.', '-', '!', '=', '_'])).filter(|word| !word.is_empty());
    let (mut name, mut count) = (None, 0);
    let (mut is_pointed_at, mut is_end, mut is_followed) = (false, false, false);
    let mut previous = String::new();
    for word in words {
        count += 1;
        let lower = word.to_lowercase();
        let is = |list: &[&str]| list.contains(&lower.as_str());
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b'.' | b'%'));
        if count > MAX_WORDS {
            return None;
        } else if is(OF_END) {
            is_end = true;
        } else if is(OTHERS) || is(POINTING) || is(KINDS) {
            is_followed |= name.is_some() && is(OTHERS);
        } else if !is_number {
            // The same name may be there twice.
            if name.is_some_and(|name: &str| !name.eq_ignore_ascii_case(word)) {
                return None;
            }
            let is_after = |list: &[&str]| list.contains(&previous.as_str());
            let is_capital = word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
            if !(is_marked(word) || (is_after(KINDS) && is_capital && is_labelled(word))) {
                return None;
            }
            is_pointed_at |= is_after(POINTING) || is_after(KINDS);
            name = Some(word);
        }
        if !is_number {
            previous = lower;
        }
    }
    let name = name?;
    // Right at the beginning it needs no other sign than what is said of it.
    let is_first = line.starts_with(name) && is_followed;
    match (is_end, is_pointed_at || is_first) {
        (true, _) if count > 1 => Some(Announced::Above(name)),
        (false, true) => Some(Announced::Below(name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_announced_in_words() {
        for line in [
            "Checking WS0422...",
            "Report for WS0422",
            "Status of WS0422:",
            "Results from WS0422:",
            "Machine WS0422",
            "Now checking computer WS0422 (2 of 3)",
            "[2/3] Querying WS0422",
            "License status on WS0422",
            "Connecting to WS0422 ...",
            "REPORT FOR WS0422",
            "WS0422 status:",
            "Bericht für WS0422",
            "Rapport pour WS0422",
            "Informe de WS0422",
            "WS0422 の状態",
            "WS0422の結果:",
        ] {
            assert_eq!(announced(line), Some(Announced::Below("WS0422")), "{line}");
        }
        assert_eq!(announced("Machine FILER"), Some(Announced::Below("FILER")));
        for line in ["Finished WS0422", "WS0422 done.", "--- end of WS0422 ---", "Report for WS0422 completed"] {
            assert_eq!(announced(line), Some(Announced::Above("WS0422")), "{line}");
        }
    }

    #[test]
    fn what_names_no_machine_announces_none() {
        for line in [
            "Report for Exchange2019",
            "Status of Windows 11",
            "Status of KMS",
            "Report for Q4",
            "Report for 20-Nov-2026",
            "License: J464C",
            "Output of slmgr.vbs",
            "Machine OK",
            "Machine unreachable",
            "done",
            "Report for",
            "WS0421 and WS0422",
            "Checking WS0421 and WS0422",
            "The license of WS0422 was lost by KMS01",
            "WS0422",
        ] {
            assert_eq!(announced(line), None, "{line}");
        }
    }
}
