//! `${NAME}` and `${file:/path}` in strings: values that come from the environment or from a file.

use super::error::may_hold_secret;
use crate::catalogue::{Message, message};
use crate::secret::Secret;
use std::path::Path;

/// Replaces every reference in `text` by what `resolve` says that it refers to. `$${` stands for a plain `${`. What is
/// behind `:-` stands in for a variable that is not set, or empty, and may hold references as well.
///
/// # Errors
/// A sentence that quotes nothing of the text, unless `resolve` does.
pub(super) fn interpolate(
    text: &str,
    resolve: &mut dyn FnMut(&str) -> Result<Secret, Message>,
) -> Result<Secret, Message> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            result.push_str(before);
            result.push_str("${");
            rest = after;
            continue;
        }
        result.push_str(before);
        let (reference, after) = closed(after).ok_or_else(|| message!("reference-not-closed"))?;
        match reference.split_once(":-") {
            Some((name, default)) if is_name(name) => match resolve(name) {
                Ok(value) if !value.reveal().is_empty() => result.push_str(value.reveal()),
                // Whatever a variable is refused for, it gives nothing.
                Ok(_) | Err(_) => result.push_str(interpolate(default, resolve)?.reveal()),
            },
            _ => result.push_str(resolve(reference)?.reveal()),
        }
        rest = after;
    }
    result.push_str(rest);
    Ok(Secret::new(result))
}

/// What is before the brace that closes a reference, and what is behind it. A reference may hold others.
fn closed(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut before) = (0_usize, '\0');
    for (place, character) in text.char_indices() {
        match character {
            '{' if before == '$' => depth += 1,
            '}' if depth == 0 => return text.get(..place).zip(text.get(place + 1..)),
            '}' => depth -= 1,
            _ => {}
        }
        before = character;
    }
    None
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

/// What a reference stands for.
///
/// # Errors
/// A sentence that names the reference and not its value. What can be no reference may be a part of a password, and is not
/// quoted either.
pub(super) fn resolve(reference: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Secret, Message> {
    match reference.strip_prefix("file:") {
        Some(file) => {
            let unreadable = |fault| {
                let shown = if may_hold_secret(file) { "file:..." } else { reference };
                message!("reference-file", reference = shown, fault = fault)
            };
            let bytes = super::read(Path::new(file)).map_err(unreadable)?;
            let text = String::from_utf8(bytes).map_err(|_| unreadable(message!("file-not-utf8")))?;
            Ok(Secret::new(text.trim_end_matches(['\r', '\n'])))
        }
        None if !is_name(reference) => Err(message!("reference-to-nothing")),
        None => {
            let value = variable(reference).map(Secret::new);
            value.ok_or_else(|| message!("reference-to-no-variable", name = reference))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn expand(text: &str) -> Result<String, String> {
        let variable = |name: &str| match name {
            "DOMAIN" => Some("corp.example".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        interpolate(text, &mut |reference| resolve(reference, &variable))
            .map(|text| text.reveal().to_owned())
            .map_err(|message| message.to_string())
    }

    #[test]
    fn references_are_replaced() {
        assert_eq!(expand("kms.${DOMAIN}:1688").unwrap(), "kms.corp.example:1688");
        assert_eq!(expand("${DOMAIN}${DOMAIN}").unwrap(), "corp.examplecorp.example");
        assert_eq!(expand("a $ b {c} $d").unwrap(), "a $ b {c} $d");
        assert_eq!(expand("$${DOMAIN}").unwrap(), "${DOMAIN}");
    }

    #[test]
    fn what_is_behind_a_variable_stands_in_for_it() {
        assert_eq!(expand("kms.${NOPE:-lab.example}:1688").unwrap(), "kms.lab.example:1688");
        assert_eq!(expand("kms.${DOMAIN:-lab.example}").unwrap(), "kms.corp.example");
        assert_eq!(expand("kms.${EMPTY:-lab.example}").unwrap(), "kms.lab.example");
        assert_eq!(expand("${NOPE:-}").unwrap(), "");
        assert_eq!(expand("${NOPE:-${DOMAIN}}${NOPE:-${NOPE:-x}}.").unwrap(), "corp.examplex.");
        assert_eq!(expand("${NOPE:-[::1]:-1}").unwrap(), "[::1]:-1");
        assert_eq!(
            expand("${NOPE:-$${x}").unwrap_err(),
            "a `${` here has no closing brace (a plain `${` is written `$${`)"
        );
        assert_eq!(expand("${NOPE:-${ALSO}}").unwrap_err(), "the environment has no variable `ALSO`");
        for text in ["${:-x}", "${}", "${A-B:-x}"] {
            assert!(expand(text).unwrap_err().contains("names no variable and no file"), "{text}");
        }
    }

    #[test]
    fn a_file_gives_its_text_without_the_last_line_end() {
        let file = std::env::temp_dir().join(format!("gracewatch-interpolate-{}", std::process::id()));
        fs::write(&file, "secret\r\n").unwrap();
        let expanded = expand(&format!("${{file:{}}}", file.display()));
        fs::remove_file(&file).unwrap();
        assert_eq!(expanded.unwrap(), "secret");
    }

    #[test]
    fn what_is_not_there_is_named() {
        assert_eq!(expand("${NOPE}").unwrap_err(), "the environment has no variable `NOPE`");
        for (text, said) in [
            ("pass${hunter2", "a `${` here has no closing brace (a plain `${` is written `$${`)"),
            ("pass${hunter-2}", "a `${...}` here names no variable and no file (a plain `${` is written `$${`)"),
        ] {
            assert_eq!(expand(text).unwrap_err(), said);
        }
        assert!(
            expand("${file:/nonexistent/x}").unwrap_err().starts_with("the file in `${file:/nonexistent/x}` cannot")
        );
    }
}
