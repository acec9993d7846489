//! The script for Windows: what it asks Windows for, and that the sample for the reader of reports is such a report.
//!
//! There is no PowerShell here to run it with; `tests/powershell` checks what can be checked of the language.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

fn read(file: &str) -> String {
    let file = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&file).expect("the file is there")
}

fn script() -> String {
    read("deploy/windows/Send-ActivationStatus.ps1")
}

/// The words of the list that is assigned to this variable.
fn list(script: &str, variable: &str) -> BTreeSet<String> {
    let (_, after) = script.split_once(&format!("\n${variable} = @(\n")).expect("the list is there");
    let (list, _) = after.split_once("\n)").expect("it ends");
    let words: Vec<&str> = list.split(',').map(|word| word.trim().trim_matches('\'')).collect();
    let distinct: BTreeSet<String> = words.iter().map(|&word| word.to_owned()).collect();
    assert_eq!(distinct.len(), words.len(), "{variable} names a property twice");
    distinct
}

/// The properties asked for: of a product, and of the service.
fn properties() -> [BTreeSet<String>; 2] {
    let script = script();
    let of_host = list(&script, "HostProperties");
    ["ProductProperties", "ServiceProperties"].map(|variable| &list(&script, variable) | &of_host)
}

#[test]
fn the_sample_for_the_reader_has_what_the_collector_asks_for_and_nothing_else() {
    let [of_product, of_service] = properties();
    let sample: Value = serde_json::from_str(&read("src/formats/samples/collector.json")).expect("the sample is JSON");
    let names = |object: &Value| object.as_object().expect("an object").keys().cloned().collect::<BTreeSet<_>>();
    let members = ["complete", "machine", "products", "reported_at", "service"].map(str::to_owned);
    assert_eq!(names(&sample), BTreeSet::from(members));
    for product in sample["products"].as_array().expect("a list") {
        assert_eq!(names(product), of_product);
    }
    assert_eq!(names(&sample["service"]), of_service);
}

#[test]
fn nothing_that_identifies_a_key_is_asked_for() {
    for name in properties().iter().flatten() {
        let has = |part: &str| name.contains(part);
        assert!(!has("ProductKeyID") && !has("OfflineInstallation") && !has("OA3x") && !has("DigitalPid"), "{name}");
        assert!(!has("ProductKey") || name == "PartialProductKey" || name == "ProductKeyChannel", "{name}");
    }
    let script = script();
    let asks_for_all = ["SELECT *", "Get-CimInstance -ClassName", "Get-WmiObject -Class"];
    assert!(asks_for_all.iter().all(|query| !script.contains(query)), "every query names its properties");
}

#[test]
fn the_script_is_read_alike_by_every_powershell() {
    // Windows PowerShell takes a file without a mark for one in the code page of the system.
    assert!(script().is_ascii());
}

#[test]
fn the_script_is_read_in_a_minute() {
    assert!(script().lines().count() <= 120, "it is for those who read what they run");
}

#[test]
fn no_token_can_be_given_as_an_argument() {
    let script = script();
    let (_, after) = script.split_once("\nparam(\n").expect("it has parameters");
    let (parameters, _) = after.split_once("\n)\n").expect("they end");
    assert!(!parameters.replace("$TokenFile", "").contains("oken"), "everybody sees arguments");
}
