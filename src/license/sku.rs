//! The SKUs of KMS clients, which say by themselves what a license is of and how it is activated, where nothing else does.

use super::Application;
use std::collections::HashMap;
use std::sync::LazyLock;
use uuid::Uuid;

const TABLE: &str = include_str!("skus.tsv");

/// A SKU that KMS hosts activate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientSku {
    pub application: Application,
    /// How many clients a KMS host must count before it activates one.
    pub required_count: u32,
}

static SKUS: LazyLock<HashMap<Uuid, ClientSku>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    // That every line is one is held by a test.
    lines.filter_map(line).collect()
});

impl ClientSku {
    /// The SKU with this ID; `None` where it is none of a KMS client, or not known.
    pub fn of(sku: Uuid) -> Option<Self> {
        SKUS.get(&sku).copied()
    }
}

fn line(line: &str) -> Option<(Uuid, ClientSku)> {
    let mut fields = line.split('\t');
    let sku = fields.next()?.parse().ok()?;
    let application = Application::from_word(fields.next()?)?;
    let required_count = fields.next()?.parse().ok()?;
    Some((sku, ClientSku { application, required_count }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::license::License;
    use uuid::uuid;

    #[test]
    fn every_line_is_another_sku_with_a_count_that_its_application_has() {
        let lines: Vec<_> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(SKUS.len(), lines.len());
        for text in lines {
            let (_, sku) = line(text).unwrap_or_else(|| panic!("{text}"));
            assert!(sku.application.thresholds().contains(&sku.required_count), "{text}");
            let is_server = text.contains("Server") || sku.application != Application::Windows;
            assert_eq!(sku.required_count, if is_server { 5 } else { 25 }, "{text}");
        }
    }

    #[test]
    fn a_sku_alone_says_of_which_application_a_license_is_and_what_it_needs() {
        let needs = |sku| License { sku: Some(sku), ..License::default() }.counted_as();
        let expected = [
            (uuid!("2de67392-b7a7-462a-b1ca-108dd189f588"), Some((Application::Windows, Some(25)))),
            (uuid!("9bd77860-9b31-4b7b-96ad-2564017315bf"), Some((Application::Windows, Some(5)))),
            (uuid!("fbdb3e18-a8ef-4fb3-9183-dffd60bd0984"), Some((Application::Office, Some(5)))),
            (Uuid::from_u128(7), None),
        ];
        for (sku, counted) in expected {
            assert_eq!(needs(sku), counted, "{sku}");
        }
    }
}
