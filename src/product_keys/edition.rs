//! Whether an installed key is a published one for another edition than the one that is installed. What is not known
//! for certain is no contradiction.

use super::generic::{Generic, generic};
use crate::license::PartialProductKey;
use std::sync::LazyLock;

/// The edition IDs of each edition, one edition to a line.
const DATA: &str = include_str!("editions.tsv");

static EDITIONS: LazyLock<Vec<Edition>> = LazyLock::new(|| {
    DATA.lines().filter(|line| !line.starts_with('#')).map(|line| Edition(line.split('\t').collect())).collect()
});

/// One edition, by every ID it goes by.
#[derive(Debug, PartialEq, Eq)]
struct Edition(Vec<&'static str>);

/// The published key that an installed one is, where that is for another edition than the product it is installed for.
///
/// `product` is the name of a license as Windows gives it: `Windows(R), ServerStandard edition`, or `Office 19,
/// Office19ProPlus2019VL_KMS_Client_AE edition`. Names of Windows say nothing of its version for certain, so only
/// editions are compared there; those of Office do.
///
/// Published keys do not fit evaluations: Windows refuses them there until the evaluation is converted to a full
/// edition.
///
/// There is no contradiction where the product cannot be read or its edition is unknown, where the key is not a
/// published one, and where any of the published keys that end alike fits.
pub fn contradiction(product: &str, last_five: PartialProductKey) -> Option<&'static Generic> {
    let installed = edition(edition_id(product)?)?;
    let mut keys = generic(last_five);
    let first = keys.next()?;
    let fits = |key: &Generic| edition(key.edition_id).is_none_or(|edition| edition == installed);
    (!fits(first) && !keys.any(fits)).then_some(first)
}

/// The edition that goes by this ID.
fn edition(id: &str) -> Option<&'static Edition> {
    EDITIONS.iter().find(|edition| edition.0.contains(&id))
}

/// The edition ID in the name of a license; `None` where it has none, as an add-on.
fn edition_id(product: &str) -> Option<&str> {
    let (family, edition) = product.trim().split_once(", ")?;
    let id = edition.strip_suffix(" edition")?;
    match family.split([' ', '(']).next()? {
        "Windows" => Some(id),
        // What is behind is how it is activated: `VL_MAK_AE`, `VL_KMS_Client_AE`.
        "Office" => Some(id.split_once("VL_")?.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product_keys::generics;
    use std::collections::HashSet;

    fn five(text: &str) -> PartialProductKey {
        PartialProductKey::new(text).unwrap()
    }

    /// The edition of the published key that contradicts a product.
    fn shown(product: &str, last_five: &str) -> Option<&'static str> {
        contradiction(product, five(last_five)).map(|key| key.edition)
    }

    /// How Windows names a license of an edition.
    fn names(id: &str) -> Vec<String> {
        match id.get(6..8).filter(|_| id.starts_with("Office")) {
            Some(version) => ["VL_KMS_Client", "VL_KMS_Client_AE", "VL_MAK", "VL_MAK_AE"]
                .map(|channel| format!("Office {version}, {id}{channel} edition"))
                .to_vec(),
            None => ["Windows(R)", "Windows(R) 7", "Windows Server(R)", "Windows(TM) Vista"]
                .map(|family| format!("{family}, {id} edition"))
                .to_vec(),
        }
    }

    #[test]
    fn no_edition_id_is_there_twice_and_none_is_empty() {
        let mut seen = HashSet::new();
        for id in EDITIONS.iter().flat_map(|edition| &edition.0) {
            assert!(!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id:?}");
            assert!(seen.insert(id), "{id}");
        }
    }

    #[test]
    fn every_published_key_fits_its_own_edition_and_no_other() {
        let mut fitting = 0;
        for key in generics() {
            let own = edition(key.edition_id).unwrap_or_else(|| panic!("{} is in no line", key.edition_id));
            assert_eq!(own.0[0], key.edition_id, "it is the first of its line");
            for edition in EDITIONS.iter() {
                for name in edition.0.iter().flat_map(|id| names(id)) {
                    let expected = (edition != own).then_some(key.edition);
                    assert_eq!(shown(&name, key.last_five.as_str()), expected, "{name}: {}", key.last_five);
                    fitting += usize::from(edition == own);
                }
            }
        }
        assert!(fitting >= 4 * generics().len());
    }

    #[test]
    fn a_published_key_for_another_edition_is_reported() {
        for (product, last_five, edition) in [
            ("Windows(R), ServerStandard edition", "63DFG", "Windows Server 2019 Datacenter"),
            ("Windows(R), ServerDatacenter edition", "J464C", "Windows Server 2019 Standard"),
            ("Windows(R), ServerDatacenterCor edition", "VMK7H", "Windows Server 2022 Standard"),
            ("Windows(R), ServerTurbine edition", "6VM33", "Windows Server 2022 Datacenter"),
            ("Windows(R), ServerDatacenter edition", "KHMXV", "Windows Server 2022 Datacenter Azure"),
            ("Windows(R), ServerStandard edition", "DV9BG", "Windows Server 2022 Datacenter"),
            ("Windows Server(R), ServerEnterprise edition", "R7VHC", "Windows Server 2008 R2 Standard"),
            ("Windows(R), Professional edition", "2YT43", "Windows 10/11 Enterprise"),
            (" Windows(R), Enterprise edition\t", "T83GX", "Windows 10/11 Pro"),
            ("Windows(R), ProfessionalN edition", "T83GX", "Windows 10/11 Pro"),
            ("Windows(R), ProfessionalWorkstation edition", "T83GX", "Windows 10/11 Pro"),
            ("Windows(R), EnterpriseS edition", "2YT43", "Windows 10/11 Enterprise"),
            ("Windows(R), EnterpriseS edition", "PDQGT", "Windows 10/11 IoT Enterprise LTSC 2024/2021"),
            ("Windows(R), Core edition", "T83GX", "Windows 10/11 Pro"),
            ("Windows(R) 7, Enterprise edition", "GPDD4", "Windows 7 Pro"),
            ("Windows(R), ServerStandard edition", "2YT43", "Windows 10/11 Enterprise"),
            // An evaluation is an edition of its own.
            ("Windows(R), ServerStandardEval edition", "J464C", "Windows Server 2019 Standard"),
            ("Windows(R), EnterpriseEval edition", "2YT43", "Windows 10/11 Enterprise"),
            // Office by its version, too.
            ("Office 16, Office16ProPlusVL_KMS_Client edition", "DRTFM", "Office 2016 Standard"),
            ("Office 19, Office19ProPlus2019VL_KMS_Client_AE edition", "WFG99", "Office 2016 ProPlus"),
            ("Office 21, Office21Standard2021VL_KMS_Client edition", "6F7TH", "Office LTSC 2021 ProPlus"),
            ("Office 24, Office24ProPlus2024VL_KMS_Client_AE edition", "6F7TH", "Office LTSC 2021 ProPlus"),
            ("Windows(R), Professional edition", "WFG99", "Office 2016 ProPlus"),
        ] {
            assert_eq!(shown(product, last_five), Some(edition), "{product} with {last_five}");
        }
    }

    #[test]
    fn what_is_not_certain_is_no_contradiction() {
        for (product, last_five) in [
            // It fits, whatever the version.
            ("Windows(R), ServerStandard edition", "J464C"),
            ("Windows(R), ServerStandardCor edition", "724CC"),
            ("Windows(R), ServerDatacenterACor edition", "WMBMW"),
            ("Windows Server(R), ServerStandardV edition", "BFGM2"),
            ("Windows(R), ServerSolution edition", "HFV28"),
            ("Windows(R), EnterpriseS edition", "QJ4BJ"),
            ("Windows(R), Enterprise edition", "HVTHH"),
            ("Office 21, Office21ProPlus2021VL_KMS_Client_AE edition", "6F7TH"),
            // The key is not a published one.
            ("Windows(R), ServerStandard edition", "AB2CD"),
            ("Windows(R), ServerStandardEval edition", "Y7XRX"),
            // The edition is not known here.
            ("Windows(R), ServerRdsh edition", "2YT43"),
            ("Windows(R), IoTEnterprise edition", "2YT43"),
            ("Windows(R), professional edition", "2YT43"),
            ("Office 15, OfficeProPlusVL_KMS_Client edition", "WFG99"),
            ("Office 16, Office16ProjectProXC2RVL_KMS_ClientC2R edition", "G83KT"),
            // A kind of license of Office that no published key is for.
            ("Office 19, Office19ProPlus2019R_Grace edition", "WFG99"),
            ("Office 16, ProPlus edition", "DRTFM"),
            // The name is not one that Windows gives to an edition.
            ("Windows(R), Server-ESU-Year1 add-on for ServerStandard", "2YT43"),
            ("Windows(R), Professional-Edition", "2YT43"),
            ("Windows(R) Operating System", "2YT43"),
            ("Professional", "2YT43"),
            ("WindowsNT, Professional edition", "2YT43"),
            ("Visual Studio, Professional edition", "2YT43"),
            ("", "2YT43"),
        ] {
            assert_eq!(shown(product, last_five), None, "{product} with {last_five}");
        }
    }
}
