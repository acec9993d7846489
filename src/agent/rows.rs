//! What WMI says of a machine, as rows of its classes; and the report that becomes of them. Pure.
//!
//! Only what is listed here is asked for and sent. Nothing that identifies a key is in these lists beyond its last five
//! characters.

use crate::license::MachineName;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A row: the values of its properties by their names.
pub(super) type Row = Map<String, Value>;

/// The rows of each class that was read.
pub(super) type Rows = BTreeMap<String, Vec<Row>>;

/// The products that are licensed. The second class has what Office 2010 and, on Windows 7, Office 2013 report.
pub(super) const PRODUCTS: [&str; 2] = ["SoftwareLicensingProduct", "OfficeSoftwareProtectionProduct"];

/// The licensing service.
pub(super) const SERVICE: &str = "SoftwareLicensingService";

/// What the machine is called.
pub(super) const SYSTEM: &str = "Win32_ComputerSystem";

/// Which machine it is, whatever it is called.
pub(super) const HARDWARE: &str = "Win32_ComputerSystemProduct";

/// Every class that is read.
pub(super) const CLASSES: [&str; 5] = [PRODUCTS[0], PRODUCTS[1], SERVICE, SYSTEM, HARDWARE];

/// Of a KMS host. Products and the service have them.
const OF_HOST: [&str; 11] = [
    "IsKeyManagementServiceMachine",
    "RequiredClientCount",
    "KeyManagementServiceCurrentCount",
    "KeyManagementServiceTotalRequests",
    "KeyManagementServiceFailedRequests",
    "KeyManagementServiceUnlicensedRequests",
    "KeyManagementServiceLicensedRequests",
    "KeyManagementServiceOOBGraceRequests",
    "KeyManagementServiceOOTGraceRequests",
    "KeyManagementServiceNonGenuineGraceRequests",
    "KeyManagementServiceNotificationRequests",
];

/// Of a product: not `ProductKeyID`, not `OfflineInstallationId`.
const OF_PRODUCT: [&str; 23] = [
    "ID",
    "ApplicationID",
    "Name",
    "Description",
    "LicenseFamily",
    "LicenseIsAddon",
    "PartialProductKey",
    "ProductKeyChannel",
    "LicenseStatus",
    "LicenseStatusReason",
    "GracePeriodRemaining",
    "EvaluationEndDate",
    "TrustedTime",
    "VLActivationInterval",
    "VLRenewalInterval",
    "VLActivationType",
    "ADActivationObjectName",
    "RemainingSkuReArmCount",
    "RemainingAppReArmCount",
    "KeyManagementServiceMachine",
    "KeyManagementServicePort",
    "DiscoveredKeyManagementServiceMachineName",
    "DiscoveredKeyManagementServiceMachinePort",
];

/// Of the service: not `OA3xOriginalProductKey`, which is a whole key.
const OF_SERVICE: [&str; 5] = [
    "Version",
    "ClientMachineID",
    "RemainingWindowsReArmCount",
    "KeyManagementServiceListeningPort",
    "KeyManagementServiceDnsPublishing",
];

const OF_SYSTEM: [&str; 4] = ["DNSHostName", "Name", "Domain", "PartOfDomain"];

const OF_HARDWARE: [&str; 1] = ["UUID"];

/// The properties of a class that are asked for.
pub(super) fn properties(class: &str) -> Vec<&'static str> {
    match class {
        SERVICE => [OF_SERVICE.as_slice(), &OF_HOST].concat(),
        SYSTEM => OF_SYSTEM.to_vec(),
        HARDWARE => OF_HARDWARE.to_vec(),
        class if PRODUCTS.contains(&class) => [OF_PRODUCT.as_slice(), &OF_HOST].concat(),
        _ => Vec::new(),
    }
}

/// The rows in a JSON text that has a list of rows for each class, such as `{"SoftwareLicensingProduct": [...]}`; `None`
/// for any other.
pub(super) fn recorded(text: &[u8]) -> Option<Rows> {
    let Value::Object(classes) = serde_json::from_slice(text).ok()? else { return None };
    if !classes.keys().any(|name| CLASSES.contains(&name.as_str())) {
        return None;
    }
    let rows = |value: Value| match value {
        Value::Array(rows) => {
            rows.into_iter().filter_map(|row| if let Value::Object(row) = row { Some(row) } else { None }).collect()
        }
        Value::Object(row) => vec![row],
        _ => Vec::new(),
    };
    Some(classes.into_iter().map(|(class, value)| (class, rows(value))).collect())
}

/// The name of the machine, with its domain where it is in one.
pub(super) fn machine(rows: &Rows) -> Option<MachineName> {
    let system = rows.get(SYSTEM)?.first()?;
    let text = |name: &str| system.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    // `Name` ends after 15 characters.
    let name = text("DNSHostName").or_else(|| text("Name"))?;
    let is_member = system.get("PartOfDomain").and_then(Value::as_bool).unwrap_or(false);
    match text("Domain").filter(|_| is_member) {
        Some(domain) => format!("{name}.{domain}").parse().ok(),
        None => name.parse().ok(),
    }
}

/// The ID of the hardware, where it has one.
pub(super) fn hardware(rows: &Rows) -> Option<&str> {
    rows.get(HARDWARE)?.first()?.get("UUID")?.as_str()
}

/// The report that rows make up; `None` where they hold nothing of licensing. It is complete where every class of
/// products was read.
pub(super) fn report(rows: &Rows, machine: &MachineName, now: Timestamp, is_complete: bool) -> Option<Row> {
    let products: Vec<Row> = PRODUCTS
        .iter()
        .flat_map(|class| rows.get(*class).into_iter().flatten().map(|row| selected(row, &properties(class))))
        .filter(is_in_use)
        .collect();
    let service = rows.get(SERVICE).and_then(|rows| rows.first()).map(|row| selected(row, &properties(SERVICE)));
    if products.is_empty() && service.as_ref().is_none_or(Map::is_empty) {
        return None;
    }
    let report = json!({
        "machine": machine.as_str(),
        "reported_at": now.to_string(),
        "complete": is_complete && rows.contains_key(PRODUCTS[0]),
        "products": products,
        "service": service,
    });
    if let Value::Object(report) = report { Some(report) } else { None }
}

/// The properties of a row that are asked for. Whoever recorded it may have recorded more.
fn selected(row: &Row, wanted: &[&str]) -> Row {
    wanted
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), row.get(*name).filter(|value| !value.is_null())?.clone())))
        .collect()
}

/// True unless it is one of the hundreds of products that could be installed and are not.
fn is_in_use(product: &Row) -> bool {
    product.get("PartialProductKey").and_then(Value::as_str).is_some_and(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(value: &Value) -> Rows {
        recorded(value.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn nothing_that_identifies_a_key_is_asked_for() {
        for name in CLASSES.iter().flat_map(|class| properties(class)) {
            let has = |part: &str| name.contains(part);
            assert!(
                !has("ProductKeyID") && !has("OfflineInstallation") && !has("OA3x") && !has("DigitalPid"),
                "{name}"
            );
            assert!(!has("ProductKey") || name == "PartialProductKey" || name == "ProductKeyChannel", "{name}");
        }
    }

    #[test]
    fn what_was_recorded_beyond_that_is_not_sent() {
        let rows = rows(&json!({
            "SoftwareLicensingProduct": [
                {"ID": "a", "PartialProductKey": "VDYBN", "LicenseStatus": 1, "ProductKeyID": "secret"},
                {"ID": "b", "PartialProductKey": null, "LicenseStatus": 0},
                {"ID": "c", "LicenseStatus": 0},
            ],
            "SoftwareLicensingService": {"Version": "10.0.1", "OA3xOriginalProductKey": "secret"},
            "Win32_ComputerSystem": [{"DNSHostName": "WS01", "Domain": "corp.example", "PartOfDomain": true}],
        }));
        let machine = machine(&rows).unwrap();
        let report = report(&rows, &machine, Timestamp::UNIX_EPOCH, true).unwrap();
        let expected = json!({
            "machine": "ws01.corp.example",
            "reported_at": "1970-01-01T00:00:00Z",
            "complete": true,
            "products": [{"ID": "a", "PartialProductKey": "VDYBN", "LicenseStatus": 1}],
            "service": {"Version": "10.0.1"},
        });
        assert_eq!(Value::Object(report), expected);
    }

    #[test]
    fn a_machine_in_a_workgroup_has_no_domain() {
        let system = |domain: Value| rows(&json!({ "Win32_ComputerSystem": [domain] }));
        let name = |value| machine(&system(value)).map(|name| name.to_string());
        assert_eq!(
            name(json!({"Name": "WS01", "Domain": "WORKGROUP", "PartOfDomain": false})).as_deref(),
            Some("ws01")
        );
        assert_eq!(name(json!({"Name": null})), None);
    }

    #[test]
    fn rows_without_licensing_are_no_report_and_other_json_is_none_at_all() {
        let machine = "ws01".parse().unwrap();
        // As Wine has them.
        let wine = rows(&json!({"SoftwareLicensingProduct": [{"LicenseIsAddon": false, "LicenseStatus": 1}]}));
        assert_eq!(report(&wine, &machine, Timestamp::UNIX_EPOCH, true), None);
        for other in ["[]", "{}", r#"{"machine": "ws01", "products": []}"#, "hello"] {
            assert_eq!(recorded(other.as_bytes()), None, "{other}");
        }
    }
}
