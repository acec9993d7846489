//! Which machines depend on which path, as tables.

use super::*;

/// Paths to what they lead to.
fn tied(paths: &[(&str, ReachKind)], are_all: bool) -> Dependencies {
    let reach = |kind: &ReachKind| Reach { kind: kind.clone(), outages: Vec::new() };
    Dependencies::new(paths.iter().map(|(path, kind)| (Arc::from(*path), reach(kind))), are_all)
}

/// What leads to these hosts, and looks for hosts in these domains.
fn kms(hosts: &str, domains: &str) -> ReachKind {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    ReachKind::Kms { hosts: words(hosts), domains: words(domains), full_names: BTreeMap::new() }
}

/// What leads to these hosts, of which this machine looks for those without a domain in this one.
fn kms_in(hosts: &str, search: &str) -> ReachKind {
    let short = hosts.split_whitespace().filter(|host| !host.contains('.'));
    let full_names = short.map(|short| (format!("{short}.{search}"), short.to_owned())).collect();
    let ReachKind::Kms { hosts, domains, .. } = kms(hosts, "") else { unreachable!() };
    ReachKind::Kms { hosts, domains, full_names }
}

/// The paths a machine with these licenses depends on.
fn of(dependencies: &Dependencies, machine: &str, licenses: &[Dependent<'_>]) -> String {
    let reaching = dependencies.reaching(licenses.iter().filter_map(|license| license.kms_host));
    let depends_on: Vec<_> = reaching.depends_on(machine, licenses.iter().copied()).collect();
    let paths = dependencies.paths().filter(|(_, number)| depends_on.contains(number));
    paths.map(|(path, _)| &**path).collect::<Vec<_>>().join(" ")
}

/// The paths that lead to a host.
fn of_host(dependencies: &Dependencies, host: &str) -> String {
    of(dependencies, "ws1", &[Dependent { kms_host: Some(host), ..CLIENT }])
}

const CLIENT: Dependent<'_> = Dependent {
    kms_host: None,
    kind: Some(ChannelKind::KmsClient),
    status: Some(LicenseStatus::OobGrace),
    ends: true,
    is_addon: false,
    is_by_domain: false,
};

#[test]
fn a_host_belongs_to_the_paths_that_lead_to_it() {
    let dependencies = tied(
        &[("a", kms("kms01.corp.example 192.0.2.10", "")), ("b", kms_in("kms02.corp.example short", "lab.example"))],
        true,
    );
    let expected = [
        ("kms01.corp.example", "a"),
        ("kms01", "a"),
        ("192.0.2.10", "a"),
        ("kms02.corp.example", "b"),
        ("short", "b"),
        ("short.lab.example", "b"),
        ("short.evil.example", ""),
        ("kms01.lab.example", ""),
        ("192", ""),
        ("2001:db8::1", ""),
    ];
    for (host, paths) in expected {
        assert_eq!(of_host(&dependencies, host), paths, "{host}");
    }
}

#[test]
fn a_short_name_that_several_hosts_share_stands_for_the_one_in_the_domain_of_the_machine() {
    let dependencies = tied(
        &[
            ("corp", kms("kms01.corp.example", "")),
            ("lab", kms("kms01.lab.example", "")),
            ("b", kms("kms01.lab.example x", "")),
        ],
        true,
    );
    let via = |machine, host| of(&dependencies, machine, &[Dependent { kms_host: Some(host), ..CLIENT }]);
    let expected =
        [("ws1.corp.example", "corp"), ("ws1.sub.lab.example", "b lab"), ("ws1.evil.example", ""), ("ws1", "")];
    for (machine, paths) in expected {
        assert_eq!(via(machine, "kms01"), paths, "{machine}");
    }
    assert_eq!(via("ws1", "kms01.corp.example"), "corp");
    let targets = |host| dependencies.targets(host).map(str::to_owned).collect::<Vec<_>>().join(" ");
    assert_eq!(
        ["kms01", "kms01.lab.example", "kms01.evil.example", "x"].map(targets),
        ["", "kms01.lab.example", "", "x"]
    );
}

#[test]
fn where_no_lookup_succeeds_the_domain_counts() {
    let dependencies = tied(&[("corp", kms("", "corp.example")), ("lab", kms("", "lab.example corp.example"))], true);
    let expected = [
        ("kms01.corp.example", "corp lab"),
        ("kms09.sub.lab.example", "lab"),
        ("kms.xlab.example", ""),
        ("lab.example", ""),
        ("10.0.0.1", ""),
    ];
    for (host, paths) in expected {
        assert_eq!(of_host(&dependencies, host), paths, "{host}");
    }
}

#[test]
fn a_host_that_a_path_leads_to_is_not_given_to_another_for_its_domain() {
    let dependencies = tied(&[("branch", kms("kms03.corp.example", "")), ("corp", kms("", "corp.example"))], true);
    assert_eq!(
        ["kms03.corp.example", "kms01.corp.example"].map(|host| of_host(&dependencies, host)),
        ["branch", "corp"]
    );
}

#[test]
fn a_client_without_a_host_depends_on_the_path_with_the_longest_domain_it_is_in() {
    let dependencies = tied(
        &[
            ("corp", kms("", "corp.example")),
            ("lab", kms("", "lab.corp.example")),
            ("both", kms("", "corp.example lab.corp.example")),
            ("named", kms("kms01.named.example", "")),
            ("online", ReachKind::Online),
        ],
        true,
    );
    let expected = [
        ("ws1.corp.example", "both corp"),
        ("ws1.lab.corp.example", "both lab"),
        ("ws1.sub.lab.corp.example", "both lab"),
        ("ws1.sub.corp.example", "both corp"),
        ("lab.corp.example", "both corp"),
        ("ws1.xcorp.example", ""),
        ("ws1.named.example", ""),
        ("corp.example", ""),
        ("ws1", ""),
    ];
    for (machine, paths) in expected {
        assert_eq!(of(&dependencies, machine, &[CLIENT]), paths, "{machine}");
    }
    // Who knows a host goes by the host.
    let named = Dependent { kms_host: Some("kms01.named.example"), status: Some(LicenseStatus::Licensed), ..CLIENT };
    assert_eq!(of(&dependencies, "ws1.corp.example", &[CLIENT, named]), "named");
    let elsewhere = Dependent { kms_host: Some("kms01.other.example"), ..CLIENT };
    assert_eq!(of(&dependencies, "ws1.corp.example", &[elsewhere, CLIENT]), "");
}

#[test]
fn a_path_to_kms_hosts_concerns_the_licenses_that_they_activate() {
    let dependencies = tied(&[("named", kms("kms01.named.example", ""))], true);
    let concerns =
        |dependent: &Dependent<'_>| dependencies.reaching(dependent.kms_host.into_iter()).concerns(0, dependent);
    let named = Dependent { kms_host: Some("kms01.named.example"), ..CLIENT };
    assert!(concerns(&named) && concerns(&CLIENT) && concerns(&Dependent { kind: None, ..named }));
    for other in [
        Dependent { kind: Some(ChannelKind::Mak), ..named },
        Dependent { kind: Some(ChannelKind::Other), ..CLIENT },
        Dependent { kms_host: Some("kms01.other.example"), ..named },
    ] {
        assert!(!concerns(&other), "{other:?}");
    }
}

#[test]
fn the_only_path_to_kms_hosts_is_that_of_all_clients_without_a_host() {
    for paths in [
        &[("corp", kms("", "corp.example")), ("online", ReachKind::Online)][..],
        &[("corp", kms("kms01.corp.example", ""))],
    ] {
        let dependencies = tied(paths, true);
        for machine in ["ws1.corp.example", "ws1.lab.example", "ws1"] {
            assert_eq!(of(&dependencies, machine, &[CLIENT]), "corp", "{machine}");
        }
        let elsewhere = Dependent { kms_host: Some("kms01.lab.example"), ..CLIENT };
        assert_eq!(of(&dependencies, "ws1.corp.example", &[elsewhere]), "");
    }
    // Of paths that are not all there are, none is the only one.
    let dependencies = tied(&[("corp", kms("", "corp.example"))], false);
    let found = ["ws1.corp.example", "ws1.lab.example", "ws1"].map(|machine| of(&dependencies, machine, &[CLIENT]));
    assert_eq!(found, ["corp", "", ""]);
}

#[test]
fn paths_that_lead_to_the_same_share_one_set_of_machines() {
    let numbers = 0..10_000;
    let paths = numbers.map(|number| {
        let kind = if number % 2 == 0 { ReachKind::Online } else { kms("", "corp.example") };
        (Arc::from(format!("p{number}")), Reach { kind, outages: Vec::new() })
    });
    let dependencies = Dependencies::new(paths, true);
    assert_eq!(dependencies.sets().count(), 2);
    let reaching = dependencies.reaching(std::iter::empty());
    let first = reaching.first_path(&reaching.on("ws1.corp.example", std::iter::once(CLIENT), false));
    assert_eq!(first.map(|path| &**path), Some("p1"));
}

#[test]
fn what_is_not_activated_needs_a_host_or_asks_online_by_its_kind() {
    const LICENSED: Option<LicenseStatus> = Some(LicenseStatus::Licensed);
    const LOST: Option<LicenseStatus> = Some(LicenseStatus::Notification);
    const GRACE: Option<LicenseStatus> = Some(LicenseStatus::OobGrace);
    let dependencies = tied(&[("kms", kms("", "corp.example")), ("online", ReachKind::Online)], true);
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
        let kind = Some(channel).filter(|word| *word != "unknown").map(ChannelKind::of);
        let license = Dependent { kind, status, ends, ..Dependent::default() };
        assert_eq!(of(&dependencies, "ws1", &[license]), path, "{channel} {status:?} {ends}");
        // What comes beside a product does not count, nor what nobody knows the channel of.
        for other in [Dependent { is_addon: true, ..license }, Dependent { kind: None, ..license }] {
            assert_eq!(of(&dependencies, "ws1", &[other]), "", "{channel} {status:?} {ends}");
        }
    }
    for status in [GRACE, LOST, LICENSED] {
        let by_domain = Dependent { status, is_by_domain: true, ..CLIENT };
        assert_eq!(of(&dependencies, "ws1.corp.example", &[by_domain]), "", "it waits for its domain: {status:?}");
    }
    let office = Dependent { kind: Some(ChannelKind::Other), status: GRACE, ..Dependent::default() };
    assert_eq!(of(&dependencies, "ws1", &[CLIENT, office]), "kms online");
    assert_eq!(of(&dependencies, "ws1", &[]), "");
}
