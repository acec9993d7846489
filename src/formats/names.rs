//! What properties are called. WMI has one name for each; inventory tools, scripts and spreadsheets write the same in
//! names of their own: `license_status`, `License Status`, `LicenseStatus0`.

use super::values::squeezed;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What a product, the service or an event is called by that is read here, and what else the two classes have.
const PROPERTIES: [&str; 92] = [
    "ADActivationCsvlkPid",
    "ADActivationCsvlkSkuId",
    "ADActivationObjectDN",
    "ADActivationObjectName",
    "ApplicationID",
    "AutomaticVMActivationHostDigitalPid2",
    "AutomaticVMActivationHostMachineName",
    "AutomaticVMActivationLastActivationTime",
    "ClientMachineID",
    "Description",
    "DiscoveredKeyManagementServiceMachineIpAddress",
    "DiscoveredKeyManagementServiceMachineName",
    "DiscoveredKeyManagementServiceMachinePort",
    "EvaluationEndDate",
    "ExtendedGrace",
    "GenuineStatus",
    "GracePeriodRemaining",
    "IAID",
    "ID",
    "IsKeyManagementServiceMachine",
    "KeyManagementServiceActivationDisabled",
    "KeyManagementServiceCurrentCount",
    "KeyManagementServiceDnsPublishing",
    "KeyManagementServiceFailedRequests",
    "KeyManagementServiceHostCaching",
    "KeyManagementServiceLicensedRequests",
    "KeyManagementServiceListeningPort",
    "KeyManagementServiceLookupDomain",
    "KeyManagementServiceLowPriority",
    "KeyManagementServiceMachine",
    "KeyManagementServiceNonGenuineGraceRequests",
    "KeyManagementServiceNotificationRequests",
    "KeyManagementServiceOOBGraceRequests",
    "KeyManagementServiceOOTGraceRequests",
    "KeyManagementServicePort",
    "KeyManagementServiceProductKeyID",
    "KeyManagementServiceTotalRequests",
    "KeyManagementServiceUnlicensedRequests",
    "LicenseDependsOn",
    "LicenseFamily",
    "LicenseIsAddon",
    "LicenseStatus",
    "LicenseStatusReason",
    "MachineURL",
    "Name",
    "OA3xOriginalProductKey",
    "OA3xOriginalProductKeyDescription",
    "OfflineInstallationId",
    "PartialProductKey",
    "PolicyCacheRefreshRequired",
    "ProcessorURL",
    "ProductKeyChannel",
    "ProductKeyID",
    "ProductKeyID2",
    "ProductKeyURL",
    "RemainingAppReArmCount",
    "RemainingSkuReArmCount",
    "RemainingWindowsReArmCount",
    "RequiredClientCount",
    "SubscriptionEdition",
    "SubscriptionExpiry",
    "SubscriptionStatus",
    "SubscriptionStatusValue",
    "SubscriptionType",
    "SubscriptionTypeValue",
    "TokenActivationAdditionalInfo",
    "TokenActivationCertificateThumbprint",
    "TokenActivationGrantNumber",
    "TokenActivationILID",
    "TokenActivationILVID",
    "TrustedTime",
    "UseLicenseURL",
    "ValidationURL",
    "Version",
    "VLActivationInterval",
    "VLActivationType",
    "VLActivationTypeEnabled",
    "VLRenewalInterval",
    "PSComputerName",
    "ServerName",
    "SystemName",
    "CSName",
    "ComputerName",
    "Computer",
    "MachineName",
    "Hostname",
    "Node",
    "reported_at",
    "Timestamp",
    "CollectedAt",
    "ClassName",
    "CimClass",
];

/// What others call the same, in letters and digits alone. Those of views of a database end in a 0.
const OTHERS: [(&str, &str); 32] = [
    ("activationid", "ID"),
    ("skuid", "ID"),
    ("productname", "Name"),
    ("licensename", "Name"),
    ("windowsname", "Name"),
    ("oslicenseedition", "Name"),
    ("ansibleoslicenseedition", "Name"),
    ("oslicensechannel", "ProductKeyChannel"),
    ("ansibleoslicensechannel", "ProductKeyChannel"),
    ("licensechannel", "ProductKeyChannel"),
    ("oslicensestatus", "LicenseStatus"),
    ("ansibleoslicensestatus", "LicenseStatus"),
    ("activationstatus", "LicenseStatus"),
    ("licencestatus", "LicenseStatus"),
    ("windowslicensestatus", "LicenseStatus"),
    ("windowsactivationstatus", "LicenseStatus"),
    ("licensestatuscode", "LicenseStatus"),
    ("name0", "ComputerName"),
    ("netbiosname", "ComputerName"),
    ("resourcename", "ComputerName"),
    ("hosthostname", "ComputerName"),
    ("hostcomputername", "ComputerName"),
    ("hostidentifier", "ComputerName"),
    ("ansiblehostname", "ComputerName"),
    ("ansiblefqdn", "ComputerName"),
    ("inventoryhostname", "ComputerName"),
    ("dnshostname", "ComputerName"),
    ("fqdn", "ComputerName"),
    ("devicename", "ComputerName"),
    ("assetname", "ComputerName"),
    ("server", "Server"),
    ("host", "Host"),
];

static NAMES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let own = PROPERTIES.iter().map(|name| (squeezed(name), *name));
    OTHERS.iter().map(|(other, name)| ((*other).to_owned(), *name)).chain(own).collect()
});

static EXACT: LazyLock<HashSet<&'static str>> = LazyLock::new(|| PROPERTIES.into_iter().collect());

/// No name that is known is longer, in bytes.
const MAX_LENGTH: usize = 80;

/// WMI's name for what is called so; any other name as it is.
pub(super) fn canonical(name: &str) -> Cow<'_, str> {
    known(name).map_or(Cow::Borrowed(name), Cow::Borrowed)
}

/// WMI's name for what is called so; `None` where it has none.
pub(super) fn known(name: &str) -> Option<&'static str> {
    if name.len() > MAX_LENGTH || name.starts_with("__") {
        return None;
    }
    // As WMI itself writes them, which is how most come.
    if let Some(exact) = EXACT.get(name) {
        return Some(exact);
    }
    let name = squeezed(name);
    let names = &*NAMES;
    names.get(&name).or_else(|| names.get(name.strip_suffix('0')?)).copied()
}

/// True where this is exactly how WMI calls a property, without blanks in it.
pub(super) fn is_property(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && known(name).is_some_and(|known| known.eq_ignore_ascii_case(name))
}

/// True for what others than WMI call the name of a product, as opposed to that of a machine.
pub(super) fn is_name_of_product(name: &str) -> bool {
    !name.eq_ignore_ascii_case("Name") && known(name) == Some("Name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_call_the_same_by_names_of_their_own() {
        for (other, name) in [
            ("LicenseStatus", "LicenseStatus"),
            ("license_status", "LicenseStatus"),
            ("License Status", "LicenseStatus"),
            ("LicenseStatus0", "LicenseStatus"),
            ("PARTIAL_PRODUCT_KEY", "PartialProductKey"),
            ("Name", "Name"),
            ("Name0", "ComputerName"),
            ("ProductName0", "Name"),
            ("host_hostname", "ComputerName"),
            ("ansible_os_license_status", "LicenseStatus"),
            ("ProductKeyID2", "ProductKeyID2"),
        ] {
            assert_eq!(canonical(other), name, "{other}");
        }
        for name in ["__SERVER", "Caption", "", "LicenseStatus00x", &"LicenseStatus".repeat(10)] {
            assert_eq!((canonical(name).as_ref(), known(name)), (name, None));
        }
        assert!(is_property("LicenseStatus") && !is_property("License Status") && !is_property("license_status"));
        assert!(is_name_of_product("ProductName") && !is_name_of_product("Name") && !is_name_of_product("Name0"));
    }
}
