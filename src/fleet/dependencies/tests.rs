//! Who depends on which path, as tables.

use super::*;
use crate::config::{Config, System};

fn tied(paths: &str, are_all: bool, used: &[&str]) -> Dependents {
    let system = System { nameservers: Vec::new(), domains: Vec::new() };
    let config = Config::parse(format!("paths: {paths}").as_bytes(), "test", &system, &|_| None).unwrap();
    let used: Vec<_> = used.iter().map(ToString::to_string).collect();
    Dependents::new(&config.paths, are_all, &[], &used)
}

/// The hosts of each path.
fn dependents(paths: &str, used: &[&str]) -> Vec<(String, Vec<String>)> {
    let hosts = |claim: &Claim| match claim {
        Claim::Kms { hosts, .. } => hosts.iter().cloned().collect(),
        Claim::Online => Vec::new(),
    };
    tied(paths, true, used).iter().map(|(name, claim)| (name.to_string(), hosts(claim))).collect()
}

fn path(name: &str, hosts: &[&str]) -> (String, Vec<String>) {
    (name.to_owned(), hosts.iter().map(ToString::to_string).collect())
}

/// The paths a machine with these licenses depends on.
fn covering(dependents: &Dependents, machine: &str, licenses: &[Need<'_>]) -> String {
    let needs = Needs::new(machine, licenses.iter().copied());
    let covering = dependents.iter().filter(|(_, claim)| claim.covers(&needs));
    covering.map(|(name, _)| &**name).collect::<Vec<_>>().join(" ")
}

const CLIENT: Need<'_> = Need {
    kms_host: None,
    channel: Some("VOLUME_KMSCLIENT"),
    status: Some(LicenseStatus::OobGrace),
    ends: true,
    is_addon: false,
};

#[test]
fn a_host_belongs_to_the_paths_that_lead_to_it() {
    let paths = "[{name: a, kms: {hosts: [kms01.corp.example, 192.0.2.10]}}, \
                 {name: b, kms: {hosts: [kms02.corp.example]}}]";
    assert_eq!(
        dependents(paths, &["kms01.corp.example", "kms01", "192.0.2.10", "kms02.corp.example", "kms01.lab.example"]),
        [path("a", &["192.0.2.10", "kms01", "kms01.corp.example"]), path("b", &["kms02.corp.example"])]
    );
}

#[test]
fn where_no_lookup_succeeds_the_domain_tells() {
    let paths = "[{name: corp, kms: {domain: corp.example}}, {name: lab, kms: {domain: lab.example}}]";
    assert_eq!(
        dependents(paths, &["kms01.corp.example", "kms.xlab.example", "lab.example", "10.0.0.1", "kms09.lab.example"]),
        [path("corp", &["kms01.corp.example"]), path("lab", &["kms09.lab.example"])]
    );
}

#[test]
fn a_host_that_a_path_leads_to_is_not_given_to_another_for_its_domain() {
    let paths = "[{name: branch, kms: {hosts: [kms03.corp.example]}}, {name: corp, kms: {domain: corp.example}}]";
    assert_eq!(
        dependents(paths, &["kms03.corp.example", "kms01.corp.example"]),
        [path("branch", &["kms03.corp.example"]), path("corp", &["kms01.corp.example"])]
    );
}

#[test]
fn a_machine_that_seeks_a_host_depends_on_the_path_with_the_longest_domain_it_is_in() {
    let paths = "[{name: corp, kms: {domain: corp.example}}, {name: lab, kms: {domain: lab.corp.example}}, \
                 {name: both, kms: {domain: [corp.example, lab.corp.example]}}, \
                 {name: named, kms: {hosts: [kms01.named.example]}}, {name: online, online: {endpoints: microsoft}}]";
    let dependents = tied(paths, true, &["kms01.named.example"]);
    let expected = [
        ("ws1.corp.example", "corp both"),
        ("ws1.lab.corp.example", "lab both"),
        ("ws1.sub.lab.corp.example", "lab both"),
        ("ws1.sub.corp.example", "corp both"),
        ("lab.corp.example", "corp both"),
        ("ws1.xcorp.example", ""),
        ("ws1.named.example", ""),
        ("corp.example", ""),
        ("ws1", ""),
    ];
    for (machine, paths) in expected {
        assert_eq!(covering(&dependents, machine, &[CLIENT]), paths, "{machine}");
    }
    // Whoever knows a host goes by the host.
    let named = Need { kms_host: Some("kms01.named.example"), status: Some(LicenseStatus::Licensed), ..CLIENT };
    assert_eq!(covering(&dependents, "ws1.corp.example", &[CLIENT, named]), "named");
    let elsewhere = Need { kms_host: Some("kms01.other.example"), ..CLIENT };
    assert_eq!(covering(&dependents, "ws1.corp.example", &[elsewhere, CLIENT]), "");
}

#[test]
fn a_path_to_kms_hosts_concerns_the_licenses_that_they_activate() {
    let dependents = tied("[{name: named, kms: {hosts: [kms01.named.example]}}]", true, &["kms01.named.example"]);
    let concerns = |need: &Need<'_>| dependents.claim_of("named").is_some_and(|claim| claim.concerns(need));
    let named = Need { kms_host: Some("kms01.named.example"), ..CLIENT };
    assert!(concerns(&named) && concerns(&CLIENT));
    assert!(concerns(&Need { channel: Some(UNKNOWN_CHANNEL), ..named }) && concerns(&Need { channel: None, ..named }));
    for other in [
        Need { channel: Some("VOLUME_MAK"), ..named },
        Need { channel: Some("RETAIL"), kms_host: None, ..named },
        Need { kms_host: Some("kms01.other.example"), ..named },
    ] {
        assert!(!concerns(&other), "{other:?}");
    }
}

#[test]
fn the_only_path_to_kms_hosts_is_that_of_all_who_seek_one() {
    for paths in [
        "[{name: corp, kms: {domain: corp.example}}, {name: online, online: {endpoints: microsoft}}]",
        "[{name: corp, kms: {hosts: [kms01.corp.example]}}]",
    ] {
        let dependents = tied(paths, true, &[]);
        for machine in ["ws1.corp.example", "ws1.lab.example", "ws1"] {
            assert_eq!(covering(&dependents, machine, &[CLIENT]), "corp", "{machine}");
        }
        let elsewhere = Need { kms_host: Some("kms01.lab.example"), ..CLIENT };
        assert_eq!(covering(&dependents, "ws1.corp.example", &[elsewhere]), "");
    }
    // Of paths that are not all there are, none is the only one.
    let dependents = tied("[{name: corp, kms: {domain: corp.example}}]", false, &[]);
    let covering = |machine| covering(&dependents, machine, &[CLIENT]);
    assert_eq!(["ws1.corp.example", "ws1.lab.example", "ws1"].map(covering), ["corp", "", ""]);
}

#[test]
fn what_is_not_activated_seeks_a_host_or_asks_online_by_its_kind() {
    const LICENSED: Option<LicenseStatus> = Some(LicenseStatus::Licensed);
    const LOST: Option<LicenseStatus> = Some(LicenseStatus::Notification);
    const GRACE: Option<LicenseStatus> = Some(LicenseStatus::OobGrace);
    let dependents =
        tied("[{name: kms, kms: {domain: corp.example}}, {name: online, online: {endpoints: microsoft}}]", true, &[]);
    // The channel, the status, whether it ends, and the path its machine depends on.
    let expected = [
        ("VOLUME_KMSCLIENT", GRACE, true, "kms"),
        ("volume_kmsclient", LOST, false, "kms"),
        ("VOLUME_KMSCLIENT", None, false, "kms"),
        // Activated by Active Directory.
        ("VOLUME_KMSCLIENT", LICENSED, true, ""),
        ("VOLUME_MAK", GRACE, true, "online"),
        ("VOLUME_MAK", LOST, false, "online"),
        ("VOLUME_MAK", LICENSED, false, ""),
        ("VOLUME_MAK", LICENSED, true, "online"),
        ("VOLUME_MAK", None, false, ""),
        ("VOLUME_KMS_WS22", LOST, false, "online"),
        ("VOLUME_KMS_WS22", LICENSED, true, ""),
        ("RETAIL", GRACE, true, "online"),
        ("OEM_DM", LICENSED, false, ""),
        ("TIMEBASED_SUB", LICENSED, true, "online"),
        ("TIMEBASED_SUB", None, true, "online"),
        ("TIMEBASED_EVAL", LICENSED, true, ""),
        ("TIMEBASED_EVAL", GRACE, true, "online"),
        ("VIRTUAL_MACHINE_ACTIVATION", LOST, false, ""),
        ("VIRTUAL_MACHINE_ACTIVATION", LICENSED, true, ""),
        ("unknown", LOST, true, ""),
    ];
    for (channel, status, ends, path) in expected {
        let license = Need { channel: Some(channel), status, ends, ..Need::default() };
        assert_eq!(covering(&dependents, "ws1", &[license]), path, "{channel} {status:?} {ends}");
        // What comes beside a product does not count, nor what nobody knows the channel of.
        for other in [Need { is_addon: true, ..license }, Need { channel: None, ..license }] {
            assert_eq!(covering(&dependents, "ws1", &[other]), "", "{channel} {status:?} {ends}");
        }
    }
    let office = Need { channel: Some("RETAIL"), status: GRACE, ..Need::default() };
    assert_eq!(covering(&dependents, "ws1", &[CLIENT, office]), "kms online");
    assert_eq!(covering(&dependents, "ws1", &[]), "");
}
