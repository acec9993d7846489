//! The keys that Microsoft publishes for everyone: those of KMS clients, and those for virtual machines. Only their
//! last five characters are known here, which is what Windows shows of an installed key.

use crate::license::PartialProductKey;
use serde::Serialize;
use std::sync::LazyLock;

/// The last five characters, the kind, the edition and its ID of each, one to a line.
const DATA: &str = include_str!("generic.tsv");

static GENERICS: LazyLock<Vec<Generic>> = LazyLock::new(|| DATA.lines().filter_map(parse).collect());

/// A key that anyone may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generic {
    /// Its last five characters.
    pub last_five: PartialProductKey,
    pub kind: GenericKind,
    /// The edition it is for, such as `Windows Server 2022 Standard`. One key may be for several, which then are in
    /// one name: `Windows 10/11 Pro`.
    pub edition: &'static str,
    /// The ID of that edition: `ServerStandard`.
    pub edition_id: &'static str,
}

/// What a published key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GenericKind {
    /// It makes a KMS client (KMS client setup key, GVLK).
    KmsClient,
    /// It is for virtual machines on an activated Hyper-V host (AVMA).
    Avma,
}

/// The published keys that end in these five characters: as a rule none or one.
pub fn generic(last_five: PartialProductKey) -> impl Iterator<Item = &'static Generic> {
    generics().iter().filter(move |generic| generic.last_five == last_five)
}

/// Every published key that is known here.
pub fn generics() -> &'static [Generic] {
    &GENERICS
}

/// The key of a line; `None` for a comment.
fn parse(line: &'static str) -> Option<Generic> {
    let mut fields = line.split('\t');
    let last_five = PartialProductKey::new(fields.next()?)?;
    let kind = match fields.next()? {
        "kms" => GenericKind::KmsClient,
        "avma" => GenericKind::Avma,
        _ => return None,
    };
    Some(Generic { last_five, kind, edition: fields.next()?, edition_id: fields.next()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product_keys::alphabet;
    use std::collections::HashSet;

    #[test]
    fn every_line_is_a_key_or_a_comment() {
        let lines = DATA.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!((generics().len(), lines), (108, 108));
        for generic in generics() {
            assert!(generic.last_five.as_str().chars().all(alphabet::is_possible), "{}", generic.edition);
            assert!(generic.edition.starts_with("Windows ") || generic.edition.starts_with("Office "));
            assert_eq!(generic.edition.trim(), generic.edition);
        }
    }

    #[test]
    fn no_more_than_five_characters_of_a_key_are_kept() {
        let words = DATA.split(|character: char| !character.is_ascii_alphanumeric() && character != '-');
        assert!(words.filter(|word| word.chars().all(alphabet::is_possible)).all(|word| word.len() <= 5));
    }

    #[test]
    fn a_key_is_found_by_its_last_five() {
        let editions = |text| {
            let found = generic(PartialProductKey::new(text).unwrap());
            found.map(|generic| (generic.kind, generic.edition)).collect::<Vec<_>>()
        };
        assert_eq!(editions("T83GX"), [(GenericKind::KmsClient, "Windows 10/11 Pro")]);
        assert_eq!(editions("dv9bg"), [(GenericKind::Avma, "Windows Server 2022 Datacenter")]);
        assert_eq!(editions("BBBBB"), []);
    }

    #[test]
    fn no_two_keys_of_one_edition_and_kind_are_listed() {
        let mut seen = HashSet::new();
        for generic in generics() {
            assert!(seen.insert((format!("{:?}", generic.kind), generic.edition)), "{}", generic.edition);
        }
    }
}
