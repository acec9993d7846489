//! What a KMS host counts its clients by: it has one count for each application, and none for all.

use super::{ClientSku, License};
use std::fmt;
use uuid::{Uuid, uuid};

/// An application that KMS hosts activate. A closed list: it becomes a metric label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Application {
    /// Windows, clients and servers.
    Windows,
    /// Office 2013 and later, with Project and Visio.
    Office,
    /// Office 2010, with Project and Visio.
    Office2010,
}

impl Application {
    /// Every application.
    pub const ALL: [Self; 3] = [Self::Windows, Self::Office, Self::Office2010];

    /// The word for this application in labels, JSON and the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::Office => "office",
            Self::Office2010 => "office2010",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Windows => "Windows",
            Self::Office => "Office",
            Self::Office2010 => "Office 2010",
        }
    }

    /// The ID by which Windows knows it.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Windows => uuid!("55c92734-d682-4d71-983e-d6ec3f16059f"),
            Self::Office => uuid!("0ff1ce15-a989-479d-af46-f275c6370663"),
            Self::Office2010 => uuid!("59a52881-a989-479d-af46-f275c6370663"),
        }
    }

    /// The application with this ID.
    pub fn from_id(id: Uuid) -> Option<Self> {
        Self::ALL.into_iter().find(|application| application.id() == id)
    }

    /// The application with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|application| application.as_str() == word)
    }

    /// The application that a license is of: by its ID, else by the name of its product, which is the same in every
    /// language, else by its SKU. `None` where none says.
    pub fn of(license: &License) -> Option<Self> {
        let of_sku = || license.sku.and_then(ClientSku::of).map(|sku| sku.application);
        match license.application {
            Some(id) => Self::from_id(id),
            None => license.product.as_deref().and_then(Self::of_product).or_else(of_sku),
        }
    }

    /// The application of a product: `Windows(R), Enterprise edition`, `Office 16, Office16ProPlusVL_KMS_Client edition`.
    fn of_product(product: &str) -> Option<Self> {
        let product = product.trim().to_ascii_lowercase();
        if product.starts_with("windows") {
            return Some(Self::Windows);
        }
        let version = product.strip_prefix("microsoft ").unwrap_or(&product).strip_prefix("office")?.trim_start();
        Some(if version.starts_with("14") || version.starts_with("2010") { Self::Office2010 } else { Self::Office })
    }

    /// How many clients of this application a KMS host may need to count before it activates one, the fewest first: 5,
    /// and 25 for what is no server among those of Windows. No other number is true, whoever reports it.
    pub const fn thresholds(self) -> &'static [u32] {
        match self {
            Self::Windows => &[SERVERS, WINDOWS_CLIENTS],
            Self::Office | Self::Office2010 => &[SERVERS],
        }
    }
}

/// How many clients a KMS host must count before it activates servers, and Office.
const SERVERS: u32 = 5;

/// How many it must count before it activates clients of Windows.
const WINDOWS_CLIENTS: u32 = 25;

impl License {
    /// The application it is of, and how many clients a KMS host must count before it activates it: what the product
    /// needs. Where its machine claims otherwise, nobody knows which of the two is wrong, and nothing is believed.
    pub fn counted_as(&self) -> Option<(Application, Option<u32>)> {
        let claimed = self.required_count;
        // Nothing but clients of Windows need so many.
        let by_count = || claimed.filter(|count| *count == WINDOWS_CLIENTS).map(|_| Application::Windows);
        let application = Application::of(self).or_else(|| self.application.is_none().then(by_count).flatten())?;
        let of_product = if let [only] = application.thresholds() {
            Some(*only)
        } else {
            let is_server = self.product.as_deref().and_then(is_server);
            let of_sku = || self.sku.and_then(ClientSku::of).map(|sku| sku.required_count);
            is_server.map(|is_server| if is_server { SERVERS } else { WINDOWS_CLIENTS }).or_else(of_sku)
        };
        let is_true =
            |count: &u32| application.thresholds().contains(count) && of_product.is_none_or(|it| it == *count);
        Some((application, claimed.or(of_product).filter(is_true)))
    }
}

/// True for a product of Windows that is a server, by its edition: `Windows(R), ServerStandard edition`. `None` where it
/// names no edition.
fn is_server(product: &str) -> Option<bool> {
    let product = product.trim().to_ascii_lowercase();
    let edition = product.split_once(',').map_or("", |(_, edition)| edition).trim().trim_end_matches("edition").trim();
    // Enterprise for several sessions is a client, whatever it is called.
    let is_client = edition.starts_with("serverrdsh");
    let names_server = edition.contains("server") || product.contains("windows server");
    (!edition.is_empty() || names_server).then_some(names_server && !is_client)
}

impl fmt::Display for Application {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::license::WINDOWS;

    fn license(application: Option<Uuid>, product: Option<&str>, required_count: Option<u32>) -> License {
        License { application, product: product.map(str::to_owned), required_count, ..License::default() }
    }

    #[test]
    fn an_application_is_known_by_its_id_its_word_and_the_names_of_its_products() {
        for application in Application::ALL {
            assert_eq!(Application::from_id(application.id()), Some(application));
            assert_eq!(Application::from_word(application.as_str()), Some(application));
        }
        assert_eq!(Application::from_id(WINDOWS), Some(Application::Windows));
        let of = |product| Application::of(&license(None, Some(product), None));
        let expected = [
            ("Windows(R), ServerStandard edition", Some(Application::Windows)),
            ("Windows Server(R), ServerEnterprise edition", Some(Application::Windows)),
            ("Office 16, Office16ProPlusVL_KMS_Client edition", Some(Application::Office)),
            ("Office 14, OfficeProPlus-KMS_Client edition", Some(Application::Office2010)),
            ("Microsoft Office 2010", Some(Application::Office2010)),
            ("Contoso 7", None),
        ];
        for (product, application) in expected {
            assert_eq!(of(product), application, "{product}");
        }
        assert_eq!(Application::of(&license(Some(Uuid::nil()), Some("Windows(R)"), None)), None, "the ID says so");
    }

    #[test]
    fn what_a_machine_claims_to_need_must_be_what_its_product_needs() {
        let windows = |product| license(Some(WINDOWS), product, None);
        let claims = [None, Some(1), Some(5), Some(25), Some(1000), Some(u32::MAX)];
        let required = |license: &License| {
            let claimed = claims.map(|required_count| License { required_count, ..license.clone() }.counted_as());
            claimed.map(|counted| counted.and_then(|(_, required)| required))
        };
        for (product, count) in [
            ("Windows(R), Enterprise edition", 25),
            ("Windows(R), Professional edition", 25),
            ("Windows(R), ServerRdsh edition", 25),
            ("Windows(R), ServerStandard edition", 5),
            ("Windows(R), ServerDatacenterACor edition", 5),
            ("Windows Server(R), Enterprise edition", 5),
        ] {
            let expected = claims.map(|claim| claim.is_none_or(|claim| claim == count).then_some(count));
            assert_eq!(required(&windows(Some(product))), expected, "{product}");
        }
        let office = license(Some(Application::Office.id()), None, None);
        assert_eq!(required(&office), [Some(5), None, Some(5), None, None, None]);
        // An event of which the SKU has no name.
        assert_eq!(required(&windows(None)), [None, None, Some(5), Some(25), None, None]);
        assert_eq!(required(&license(None, None, None)), [None, None, None, Some(25), None, None]);
    }
}
