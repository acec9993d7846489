//! Names without a domain: which host on a path one stands for. Who reports under the same name in another domain is another
//! host.

use super::{Asked, aggregate, day, question, report, take};
use gracewatch::config::{Config, System};
use gracewatch::fleet::Fleet;
use gracewatch::intake::reach;
use gracewatch::license::{Application, KmsCounts, KmsHost};
use gracewatch::walk::kms::HostReports;

/// How many clients the host counts that is taken for the one with this name on a path, where these report and count so
/// many. This machine looks for names in `corp.example`.
fn counted(hosts: &str, target: &str, reported: &[(&str, u32)]) -> Option<u32> {
    let system = System { domains: vec!["corp.example".parse().unwrap()], ..System::default() };
    let text = format!("paths: [{{name: corp, kms: {{hosts: [{hosts}]}}}}]");
    let config = Config::parse(text.as_bytes(), "test", &system, &|_| None).unwrap();
    let mut fleet = Fleet::default();
    for (machine, count) in reported {
        let mut host = report(machine, 10, Vec::new());
        let counts = KmsCounts { current: Some(*count), ..KmsCounts::default() };
        host.report.kms_host = Some(KmsHost::counting(Application::Windows, counts));
        take(&mut fleet, vec![host]);
    }
    let paths = reach::of_paths(&config.paths, &[]);
    let known = aggregate(&fleet, &Asked { paths, ..question(10) });
    let reports = HostReports::new(&known.kms_hosts, day(10));
    reports.of(&target.parse().unwrap()).and_then(|host| host.facts.count_of(Application::Windows).current)
}

#[test]
fn a_short_name_on_a_path_is_that_of_a_host_in_our_domain() {
    let (evil, corp, bare) = (("kms03.evil.example", 1), ("kms03.corp.example", 2), ("kms03", 3));
    for (reported, expected) in [
        (&[evil][..], None),
        (&[corp], Some(2)),
        (&[bare], Some(3)),
        (&[evil, corp], Some(2)),
        (&[corp, evil], Some(2)),
    ] {
        assert_eq!(counted("kms03", "kms03", reported), expected, "{reported:?}");
    }
}

#[test]
fn a_report_under_a_short_name_is_that_of_the_only_host_on_a_path_with_it() {
    let (one, two) = ("kms03.corp.example", "kms03.lab.example");
    let both = format!("{one}, {two}");
    assert_eq!(counted(one, one, &[("kms03", 3)]), Some(3));
    assert_eq!([one, two].map(|target| counted(&both, target, &[("kms03", 3)])), [None, None]);
    assert_eq!([one, two].map(|target| counted(&both, target, &[(one, 1), ("kms01", 3)])), [Some(1), None]);
    assert_eq!(counted(one, one, &[(two, 2)]), None);
}
