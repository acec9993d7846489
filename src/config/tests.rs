//! Configurations that are taken, and configurations that are refused, each with its exact message.

mod secrets;

use super::*;
use crate::host::DnsName;
use crate::online::endpoint::Role;
use crate::online::{Online, Route};
use std::fs;

fn system() -> System {
    System {
        nameservers: vec!["192.0.2.53:53".parse().unwrap()],
        domains: vec!["corp.example".parse().unwrap(), "lab.example".parse().unwrap()],
        ..System::default()
    }
}

fn variable(name: &str) -> Option<String> {
    match name {
        "DOMAIN" => Some("corp.example".into()),
        "SECRET" => Some("hunter2..hunter2".into()),
        _ => None,
    }
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text.as_bytes(), "test.yaml", &system(), &variable)
}

fn kms(path: &Path) -> &Kms {
    let Kind::Kms(kms) = &path.kind else { panic!("{path:?}") };
    kms
}

fn names(names: &[&str]) -> Vec<DnsName> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

/// Each file ends with a comment that says where and why it is refused.
#[test]
fn every_rejected_configuration_says_where_and_why() {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("src/config/rejected");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 30, "only {} files", files.len());
    // Each system has words of its own for it.
    let missing = fs::read("/nonexistent/roots.pem").unwrap_err().to_string();
    let missing = missing.split(" (os error").next().unwrap_or_default();
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let expected = text.lines().last().unwrap_or_default().trim_start_matches("# refused: ");
        let expected = expected.replace("{missing}", missing);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let said = match parse(&text) {
            Ok(_) => "taken".to_owned(),
            Err(error) => error.to_string().trim_start_matches("test.yaml:").trim_start().to_owned(),
        };
        if said != expected {
            wrong.push(format!("{name}\n  said:     {said}\n  expected: {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_not_utf8_is_refused_at_its_place() {
    let error = Config::parse(b"listen: x\nlog:\n  level: \xff", "test.yaml", &system(), &variable).unwrap_err();
    assert_eq!(error.to_string(), "test.yaml:3:10: this is not UTF-8; save the file as UTF-8");
}

#[test]
fn more_hosts_than_are_probed_are_refused_and_not_left_out() {
    let listing = |count: usize| {
        let hosts: Vec<_> = (0..count).map(|number| format!("kms{number}")).collect();
        parse(&format!("paths: [{{name: corp, kms: {{hosts: [{}]}}}}]", hosts.join(", ")))
    };
    assert!(listing(16_384).is_ok());
    assert_eq!(listing(16_385).unwrap_err().to_string(), "test.yaml:1:35: 16385 hosts, where a path takes 16384");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Config::load(Some(FilePath::new("/nonexistent/gracewatch.yaml"))).unwrap_err();
    assert!(error.to_string().starts_with("/nonexistent/gracewatch.yaml: cannot be read: "), "{error}");
}

#[test]
fn an_empty_file_is_the_built_in_configuration() {
    for text in ["", "# nothing\n", "---\n", "{}"] {
        assert_eq!(parse(text), Ok(Config::built_in(&system())), "{text:?}");
    }
    let config = Config::built_in(&system());
    assert_eq!(config.listen.to_string(), "[::]:10688");
    let expected = names(&["corp.example", "lab.example"]);
    let [path] = config.paths.as_slice() else { panic!("{:?}", config.paths) };
    assert_eq!(kms(path).discovery, Discovery::Domains { domains: expected, search: true, expected_hosts: Vec::new() });
}

#[test]
fn a_machine_without_a_domain_has_nothing_to_watch() {
    assert_eq!(Config::built_in(&System::default()).paths, Vec::new());
}

#[test]
fn a_configuration_follows_the_settings_of_the_machine() {
    let text = "paths:\n- {name: own, kms: {domain: own.example}}\n\
                - {name: asked, kms: {domain: own.example, nameservers: [127.0.0.1]}}\n\
                - {name: named, kms: {hosts: [kms01]}}\n";
    let now = System {
        nameservers: vec!["127.0.0.1:53".parse().unwrap()],
        domains: names(&["new.example"]),
        ..System::default()
    };
    let config = parse(text).unwrap();
    // As if it had been read on a machine with those settings.
    let read_then = Config::parse(text.as_bytes(), "test.yaml", &now, &variable).unwrap();
    assert_eq!(config.following(&now), read_then);
    assert_eq!(read_then.following(&system()), config);
    assert_eq!(Config::built_in(&system()).following(&now), Config::built_in(&now));
    let [own, asked, named] = read_then.paths.as_slice() else { panic!("{:?}", read_then.paths) };
    assert_eq!(own.resolution.search, names(&["own.example", "new.example"]));
    assert_eq!(own.resolution.nameservers, asked.resolution.nameservers);
    assert!(own.resolution.hosts_file && !asked.resolution.hosts_file);
    assert_eq!(named.resolution.meanings(&names(&["kms01"])[0]), names(&["kms01.new.example", "kms01"]));
    assert_eq!(named.resolution.meanings(&names(&["kms01.a"])[0]), names(&["kms01.a"]));
}

#[test]
fn a_full_configuration_is_read_as_it_is_meant() {
    let config = parse(
        "listen: 127.0.0.1:9999\n\
         probe: {interval: 2m, timeout: 500ms, concurrency: 8}\n\
         verdict: {failing_rounds: 3, hold: 90s, intermittent: {failures: 4, of: 10}}\n\
         paths:\n\
         - name: corp\n  kms:\n    domain: [\"${DOMAIN}\", Lab.Example.]\n    nameservers: [192.0.2.1, '[2001:db8::1]:5353']\n    expected_hosts: [KMS01.corp.example]\n\
         - name: named\n  kms: {hosts: [kms01, '192.0.2.9:1689', '::1']}\n\
         clock: {ntp: [ntp1, '192.0.2.7:1123'], host_clocks: [kerberos, 'smb2:1445'], clock_warn: 30m}\n\
         web: {connections: 64, allow_reload: never, config_file: web.yaml}\n\
         log: {format: json, level: debug, folder: /var/log/gracewatch, keep: 3}\n",
    )
    .unwrap();
    assert_eq!(
        config.web,
        Web {
            connections: 64,
            allow_reload: AllowReload::Never,
            config_file: Some("web.yaml".into()),
            ..Web::default()
        }
    );
    assert_eq!(config.listen.to_string(), "127.0.0.1:9999");
    assert_eq!(config.probe.interval, Duration::from_mins(2));
    assert_eq!((config.probe.timeout, config.probe.concurrency), (Duration::from_millis(500), 8));
    let intermittent = Intermittent { failures: 4, of: 10 };
    assert_eq!(config.verdict, Damping { failing_rounds: 3, hold: Duration::from_secs(90), intermittent });
    let [corp, named] = config.paths.as_slice() else { panic!("{:?}", config.paths) };
    assert_eq!(
        kms(corp).discovery,
        Discovery::Domains {
            domains: names(&["corp.example", "lab.example"]),
            search: false,
            expected_hosts: names(&["kms01.corp.example"]),
        }
    );
    let nameservers = vec!["192.0.2.1:53".parse().unwrap(), "[2001:db8::1]:5353".parse().unwrap()];
    let search = names(&["corp.example", "lab.example"]);
    assert_eq!(corp.resolution, Resolution { nameservers, search, ..Resolution::default() });
    assert_eq!(kms(named).discovery.to_string(), "kms01:1688, 192.0.2.9:1689, [::1]:1688");
    assert_eq!(named.resolution, system().resolution());
    let ntp: Vec<_> = config.clock.ntp.iter().map(ToString::to_string).collect();
    assert_eq!(ntp, ["ntp1:123", "192.0.2.7:1123"]);
    assert_eq!(host_clocks(&config), ["kerberos", "smb2:1445"]);
    assert_eq!(config.clock.warn, Duration::from_mins(30));
    let files = Some(LogFiles { folder: "/var/log/gracewatch".into(), keep: 3 });
    assert_eq!(config.log, Log { format: LogFormat::Json, level: LogLevel::Debug, files });
}

#[test]
fn a_verdict_is_held_for_two_intervals_by_default() {
    let verdict = |text: &str| {
        let verdict = parse(text).unwrap().verdict;
        (verdict.failing_rounds, verdict.hold.as_secs())
    };
    assert_eq!(verdict(""), (2, 120));
    assert_eq!(verdict("probe: {interval: 5s}"), (2, 10));
    assert_eq!(verdict("probe: {interval: 12h}"), (2, 3600), "no verdict is held for longer than an hour");
    assert_eq!(verdict("{verdict: {hold: 0s}, probe: {interval: 5s}}"), (2, 0));
    assert_eq!(verdict("{verdict: {failing_rounds: 1}, probe: {interval: 5s}}"), (1, 10));
}

#[test]
fn a_target_is_intermittent_by_three_failures_of_six_by_default() {
    let intermittent = |text: &str| {
        let Intermittent { failures, of } = parse(text).unwrap().verdict.intermittent;
        (failures, of)
    };
    assert_eq!(intermittent(""), (3, 6));
    assert_eq!(intermittent("verdict: {intermittent: {failures: 6}}"), (6, 6));
    assert_eq!(intermittent("verdict: {intermittent: {of: 32}}"), (3, 32));
    assert_eq!(intermittent("verdict: {intermittent: {failures: 2, of: 2}}"), (2, 2));
}

fn host_clocks(config: &Config) -> Vec<String> {
    config.clock.host_clocks.iter().map(ToString::to_string).collect()
}

#[test]
fn host_clocks_are_read_unless_turned_off() {
    let read = |value: &str| host_clocks(&parse(&format!("clock: {{{value}}}")).unwrap());
    assert_eq!(read(""), ["smb2", "http_date"]);
    assert_eq!(read("host_clocks: auto"), ["smb2", "http_date"]);
    assert_eq!(read("host_clocks: off"), [""; 0]);
    assert_eq!(read("host_clocks: http_date:80"), ["http_date:80"]);
    assert_eq!(read("host_clocks: [ldap, http_date, http_date:80]"), ["ldap", "http_date", "http_date:80"]);
}

#[test]
fn a_cloud_stands_for_its_own_hosts_whose_clocks_are_not_read() {
    for (cloud, hosts) in cloud_kms::CLOUDS {
        let config = parse(&format!("paths: [{{name: cloud, kms: {{hosts: {cloud}}}}}]")).unwrap();
        let [path] = config.paths.as_slice() else { panic!("{:?}", config.paths) };
        let Discovery::Hosts(found) = &kms(path).discovery else { panic!("{path:?}") };
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        let expected: Vec<_> = hosts.iter().map(|host| format!("{host}:1688")).collect();
        assert_eq!((found, kms(path).reads_clocks), (expected, false), "{cloud}");
    }
    let named = parse("paths: [{name: corp, kms: {hosts: [azkms.core.windows.net]}}]").unwrap();
    assert!(kms(&named.paths[0]).reads_clocks, "whoever names a host means it");
}

#[test]
fn the_example_is_valid_and_shows_the_defaults() {
    let config = parse(EXAMPLE).unwrap();
    let built_in = Config::built_in(&system());
    assert_eq!((config.listen, config.probe, config.log), (built_in.listen, built_in.probe, built_in.log));
    assert_eq!(config.verdict, built_in.verdict);
    assert_eq!((&config.clock.host_clocks, config.clock.warn), (&built_in.clock.host_clocks, built_in.clock.warn));
    let microsoft = parse("paths: [{name: microsoft, online: {endpoints: microsoft}}]").unwrap();
    let [.., path] = config.paths.as_slice() else { panic!("{:?}", config.paths) };
    let issuers = |path: &Path| online(path).targets[0].endpoint.expected_issuers.clone();
    assert_eq!((config.paths.len(), issuers(path)), (4, issuers(&microsoft.paths[0])));
}

/// The schema and the reader must know the same keys, or editors mark what is right.
#[test]
fn the_schema_knows_every_key_of_the_example() {
    let schema = schema().to_string();
    let keys = EXAMPLE.lines().map(|line| line.trim_start_matches([' ', '-'])).filter(|line| !line.starts_with('#'));
    let keys: Vec<_> = keys.filter_map(|line| line.split_once(':')).map(|(key, _)| key).collect();
    assert!(keys.len() > 15, "{keys:?}");
    for key in keys {
        assert!(schema.contains(&format!("\"{key}\"")), "{key}");
    }
}

fn online(path: &Path) -> &Online {
    let Kind::Online(online) = &path.kind else { panic!("{path:?}") };
    online
}

/// The targets of the only path, by name.
fn targets(config: &Config) -> Vec<String> {
    let [path] = config.paths.as_slice() else { panic!("{:?}", config.paths) };
    online(path).targets.iter().map(ToString::to_string).collect()
}

#[test]
fn every_endpoint_over_every_proxy_is_a_target() {
    let config = parse(
        "paths:\n- name: online\n  online:\n    endpoints: [\"https://a.example\", {url: \"b.example:80\", role: revocation}]\n    \
         proxies: [direct, system, \"http://user:${SECRET}@proxy:3128\", {url: \"socks5h://gw\", username: u, password: p}]\n",
    );
    let config = config.unwrap();
    assert_eq!(
        targets(&config),
        [
            "https://a.example",
            "https://a.example via system",
            "https://a.example via http://proxy:3128",
            "https://a.example via socks5h://gw:1080",
            "http://b.example",
            "http://b.example via system",
            "http://b.example via http://proxy:3128",
            "http://b.example via socks5h://gw:1080",
        ]
    );
    let online = online(&config.paths[0]);
    let roles: Vec<_> = online.targets.iter().step_by(4).map(|target| target.endpoint.role).collect();
    assert_eq!(roles, [Role::Activation, Role::Revocation]);
    let credentials = |index: usize| online.targets[index].route.proxy().and_then(|proxy| proxy.credentials.clone());
    let known = credentials(2).unwrap();
    assert_eq!((known.username.as_str(), known.password.reveal()), ("user", "hunter2..hunter2"));
    assert_eq!(credentials(3).unwrap().username, "u");
    assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
}

#[test]
fn the_preset_has_its_endpoints_and_their_issuers() {
    let config = parse("paths: [{name: microsoft, online: {endpoints: microsoft}}]").unwrap();
    assert_eq!(targets(&config).len(), 20);
    let known = online(&config.paths[0]);
    assert_eq!(known.targets[0].endpoint.expected_issuers, ["O=Microsoft Corporation", "O=DigiCert"]);
    let other = "paths: [{name: microsoft, online: {endpoints: microsoft, expected_issuers: [Contoso]}}]";
    assert_eq!(online(&parse(other).unwrap().paths[0]).targets[0].endpoint.expected_issuers, ["Contoso"]);
    let own = parse("paths: [{name: own, online: {endpoints: [\"https://a.example\"]}}]").unwrap();
    assert_eq!(online(&own.paths[0]).targets[0].endpoint.expected_issuers, [""; 0], "whoever is trusted will do");
}

#[test]
fn what_is_alone_needs_no_list_and_the_preset_may_be_in_one() {
    let one = "paths: [{name: o, online: {endpoints: \"https://a.example\", proxies: \"http://proxy:3128\", \
               expected_issuers: Contoso}}]";
    assert_eq!(targets(&parse(one).unwrap()), ["https://a.example via http://proxy:3128"]);
    let keys = "paths: [{name: o, online: {endpoints: [a.example], proxies: {url: \"socks5://gw\", username: u, \
                password: p}}}]";
    assert_eq!(targets(&parse(keys).unwrap()), ["https://a.example via socks5://gw:1080"]);
    let both =
        parse("paths: [{name: o, online: {endpoints: [microsoft, \"https://a.example\"], proxies: Direct}}]").unwrap();
    assert_eq!(targets(&both).len(), 21);
    let issuers: Vec<_> =
        online(&both.paths[0]).targets.iter().map(|target| &target.endpoint.expected_issuers).collect();
    assert_eq!(
        (issuers[0].len(), issuers[20].len()),
        (2, 0),
        "who vouches for Microsoft's is known, whoever else is there"
    );
}

/// What the example does not have nobody finds.
#[test]
fn the_example_has_every_key_there_is() {
    let mut schemas = vec![schema()];
    let mut keys = Vec::new();
    while let Some(schema) = schemas.pop() {
        if let Some(properties) = schema.get("properties").and_then(|properties| properties.as_object()) {
            keys.extend(properties.keys().cloned());
        }
        schemas.extend(schema.as_object().into_iter().flat_map(|object| object.values().cloned()));
    }
    assert!(keys.len() > 25, "{keys:?}");
    for key in keys {
        assert!(EXAMPLE.contains(&key), "{key}");
    }
}

#[test]
fn system_is_what_the_environment_says_endpoint_by_endpoint() {
    let variable = |name: &str| match name {
        "HTTPS_PROXY" => Some("http://proxy:3128".to_owned()),
        "NO_PROXY" => Some("b.example".to_owned()),
        _ => None,
    };
    let text = "paths: [{name: online, online: {endpoints: [\"https://a.example\", \"https://b.example\"], proxies: \
                [system, \"http://named:8080\"]}}]";
    let config = Config::parse(text.as_bytes(), "test.yaml", &system(), &variable).unwrap();
    let routes = online(&config.paths[0]).targets.iter().map(|target| match &target.route {
        Route::Through(proxy) => proxy.to_string(),
        Route::Direct => "direct".to_owned(),
        Route::DirectBySystem => "direct by exception".to_owned(),
    });
    let expected = ["http://proxy:3128", "http://named:8080", "direct by exception", "http://named:8080"];
    assert_eq!(routes.collect::<Vec<_>>(), expected, "a proxy that is named is a proxy that is used");
}

#[test]
fn more_targets_than_are_probed_are_refused() {
    let urls: Vec<_> = (0..8193).map(|number| format!("\"https://a{number}.example\"")).collect();
    let text = format!("paths: [{{name: o, online: {{endpoints: [{}], proxies: [direct, system]}}}}]", urls.join(", "));
    let refused = parse(&text).unwrap_err().to_string();
    assert_eq!(refused, "test.yaml:1:39: 16386 endpoints over proxies, where a path takes 16384");
}
