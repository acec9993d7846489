//! `gracewatch demo`: a company on this machine, what each fault does to its paths, and that nothing of it is left.

use std::collections::BTreeMap;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::documents::blocks::blocks;
use crate::documents::root;
use crate::servers::chromium::Browser;
use crate::servers::directory::TemporaryDirectory;
use crate::servers::process::{Process, wait_until};
use crate::servers::program;
use crate::support::daemon::Daemon;
use crate::support::program::{gracewatch, run, run_with};
use crate::support::request::client;
use crate::support::scrape::Scrape;

/// How soon the first verdict is there.
const FIRST_VERDICT: Duration = Duration::from_secs(10);

/// How soon it is gone once it is to stop: a second, and another on a machine that is busy with other tests.
const STOP: Duration = Duration::from_secs(2);

/// The client that has requests refused, of impacket.
const REQUESTS: &str = include_str!("demo_requests.py");

/// A running demo, in whose place for temporary files nothing else is.
pub struct Demo {
    process: Process,
    directory: TemporaryDirectory,
    address: SocketAddr,
}

impl Demo {
    /// Starts it on any port that is free.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with(&[&["--listen", "127.0.0.1:0"], arguments].concat())
    }

    fn start_with(arguments: &[&str]) -> Self {
        let directory = TemporaryDirectory::new("demo");
        let place = directory.subdirectory("tmp");
        Self::start_in(directory, &place, arguments)
    }

    /// The same with this place for temporary files.
    fn start_in(directory: TemporaryDirectory, place: &Path, arguments: &[&str]) -> Self {
        let mut command = gracewatch();
        command.arg("demo").args(arguments).env("TMPDIR", place);
        let mut process = Process::start("gracewatch demo", command, directory.path());
        let mut address = None;
        let output = directory.path().join("output");
        let ready = process.wait_until_ready(|| {
            address = fs::read_to_string(&output).ok().and_then(|output| address_in(&output));
            address.is_some()
        });
        let address = address.unwrap_or_else(|| panic!("{ready:?}"));
        Self { process, directory, address }
    }

    fn get(&self, path: &str) -> (u16, String) {
        let response = client().build().expect("a client").get(format!("http://{}{path}", self.address)).send();
        let response = response.unwrap_or_else(|error| panic!("{path}: {error}; {}", self.process.output()));
        (response.status().as_u16(), response.text().expect("it is text"))
    }

    pub fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error} in {body}"))
    }

    /// Each path with its verdict, its stage and its reason.
    fn verdicts(&self) -> BTreeMap<String, String> {
        let report = self.json("/api/v1/paths");
        let paths = report["paths"].as_array().expect("there is a list").iter();
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let said = |path: &Value| ["verdict", "stage", "reason"].map(|key| word(&path[key])).join(" ");
        paths.map(|path| (word(&path["name"]), said(path))).collect()
    }

    pub fn wait_for(&self, path: &str, verdict: &str) {
        let mut last = BTreeMap::new();
        let begun = Instant::now();
        while last.get(path).is_none_or(|known| known != verdict) {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "{path} is not {verdict}: {last:?}\n{}",
                self.problems()
            );
            last = self.verdicts();
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn wait_until_well(&self) {
        for path in ["berlin", "online", "tokyo"] {
            self.wait_for(path, "ok - -");
        }
    }

    fn problems(&self) -> String {
        let report = self.json("/api/v1/paths");
        let paths = report["paths"].as_array().expect("there is a list").iter();
        paths.map(|path| format!("{}: {}", path["name"], path["problems"])).collect::<Vec<_>>().join("\n")
    }

    /// Sends a form, for a page of this origin where one is given, and returns the status and the body.
    fn switch(&self, name: &str, form: &str, origin: Option<&str>) -> (u16, String) {
        let url = format!("http://{}/demo/{name}", self.address);
        let client = client().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let mut request = client.post(url).body(form.to_owned());
        request = request.header("content-type", "application/x-www-form-urlencoded");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let response = request.send().expect("it answers");
        (response.status().as_u16(), response.text().expect("it is text"))
    }

    pub fn turn(&self, name: &str, is_on: bool) {
        let own = format!("http://{}", self.address);
        let (status, body) = self.switch(name, &format!("on={is_on}"), Some(&own));
        assert_eq!(status, 303, "{name}: {body}");
    }

    fn scrape(&self) -> Scrape {
        Scrape::parse(self.get("/metrics").1)
    }

    /// What is in its place for temporary files.
    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.directory.path().join("tmp")).expect("it is there");
        entries.map(|entry| entry.expect("it can be listed").path()).collect()
    }

    /// Stops it as Ctrl-C does.
    fn stop(mut self) {
        assert_eq!(self.files().len(), 1, "{:?}", self.files());
        self.process.signal("INT");
        let ended = self.process.wait(STOP);
        assert!(ended.is_some_and(|status| status.success()), "{}", self.process.report("does not stop"));
        assert_eq!(self.files(), Vec::<PathBuf>::new());
    }
}

/// The address that is to be opened.
fn address_in(output: &str) -> Option<SocketAddr> {
    let (_, rest) = output.split_once("Open http://")?;
    rest.split_once('/')?.0.parse().ok()
}

#[test]
fn a_normal_day_is_there_within_ten_seconds_and_gone_at_once() {
    let begun = Instant::now();
    let demo = Demo::start(&[]);
    demo.wait_until_well();
    assert!(begun.elapsed() < FIRST_VERDICT, "the first verdict took {:?}", begun.elapsed());
    let total = |query: &str| {
        let (_, body) = demo.get(&format!("/api/v1/machines?limit=1{query}"));
        serde_json::from_str::<Value>(&body).ok().and_then(|page| page["total"].as_u64())
    };
    wait_until("the machines do not report", || total("") == Some(412));
    assert_eq!(["&lost=true", "&stale=true"].map(total), [Some(1), Some(6)]);
    // Those that are late or lost are silent, so that no path is blamed.
    wait_until("the fleet is not aggregated", || demo.scrape().sum("gracewatch_path_machines", &[]) > 300.0);
    demo.wait_until_well();
    assert!(!demo.process.output().contains("refused"), "{}", demo.process.output());
    demo.stop();
}

/// What each fault does to a path, and with which others it may be there at once: none of these hides it.
const FAULTS: [(&str, &str, &str, u8); 9] = [
    ("closed-port", "berlin", "blocked tcp refused", 1),
    ("lost-srv-record", "tokyo", "blocked srv nxdomain", 2),
    ("rogue-host", "tokyo", "degraded srv unexpected_host", 3),
    ("skewed-clock", "tokyo", "degraded clock skewed", 4),
    ("low-count", "berlin", "blocked count too_low", 2),
    ("half-load-balancer", "tokyo", "degraded rpc intermittent", 5),
    ("proxy-login", "online", "blocked proxy auth_required", 1),
    ("intercepting-proxy", "online", "blocked tls intercepted", 2),
    ("shared-key", "online", "degraded client not_activated", 3),
];

/// The command in README.md, docs/index.md, docs/demo.md and docs/ja/index.md is the one that is run here, and each fault is
/// documented.
#[test]
fn the_first_command_of_the_documentation_is_the_demo() {
    for (page, command) in [
        ("README.md", "cargo run --release -- demo"),
        ("docs/index.md", "gracewatch demo"),
        ("docs/demo.md", "gracewatch demo"),
        ("docs/ja/index.md", "gracewatch demo --lang ja"),
    ] {
        let blocks = blocks(&root().join(page));
        assert!(blocks[0].text.starts_with(command), "{page}: {}", blocks[0].text);
    }
    let page = fs::read_to_string(root().join("docs/demo.md")).expect("it can be read");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | ")).map(|(name, _)| name);
    assert_eq!(rows.collect::<Vec<_>>(), FAULTS.map(|(name, ..)| name));
}

#[test]
fn each_fault_shows_and_is_over_once_it_is_switched_off() {
    let demo = Demo::start(&[]);
    demo.wait_until_well();
    let listed = demo.json("/demo");
    let names = listed["faults"].as_array().expect("a list").iter().map(|fault| fault["name"].clone());
    assert_eq!(names.collect::<Vec<_>>(), FAULTS.map(|(name, ..)| Value::from(name)));
    for group in 1..=5 {
        let faults: Vec<_> = FAULTS.into_iter().filter(|(.., of)| *of == group).collect();
        let begun = Instant::now();
        for (name, ..) in &faults {
            demo.turn(name, true);
        }
        for (name, path, verdict, _) in &faults {
            demo.wait_for(path, verdict);
            println!("{name} shows within {:?}", begun.elapsed());
            let up = if verdict.starts_with("blocked") { 0.0 } else { 1.0 };
            assert_eq!(demo.scrape().value("gracewatch_path_up", &[("path", path)]), Some(up), "{name}");
        }
        let on: Vec<_> = demo.json("/demo")["faults"].as_array().expect("a list").clone();
        let is_here = |fault: &Value| faults.iter().any(|(name, ..)| fault["name"] == *name);
        assert!(on.iter().all(|fault| (fault["on"] == true) == is_here(fault)), "{on:?}");
        let begun = Instant::now();
        for (name, ..) in &faults {
            demo.turn(name, false);
        }
        demo.wait_until_well();
        println!("and is over within {:?}", begun.elapsed());
    }
    demo.stop();
}

#[test]
fn what_a_demo_that_was_killed_left_is_gone_once_another_starts() {
    let mut killed = Demo::start(&[]);
    let running = Demo::start(&[]);
    killed.process.signal("KILL");
    killed.process.wait(STOP).expect("it ends");
    let (left, kept) = (killed.files(), running.files());
    assert_eq!((left.len(), kept.len()), (1, 1));
    let place = killed.directory.path().join("tmp");
    // The folder of one that runs stays where it is.
    let own = place.join(kept[0].file_name().expect("it has a name"));
    fs::create_dir(&own).expect("it can be made");
    let next = Demo::start_in(TemporaryDirectory::new("demo"), &place, &["--listen", "127.0.0.1:0"]);
    let files = killed.files();
    assert!(!files.contains(&left[0]) && files.contains(&own) && files.len() == 2, "{left:?}, then {files:?}");
    drop(next);
}

#[test]
fn faults_may_be_there_from_the_start() {
    let demo = Demo::start(&["--fault", "closed-port", "--fault", "proxy-login", "--fault", "low-count"]);
    demo.wait_for("berlin", "blocked tcp refused");
    demo.wait_for("online", "blocked proxy auth_required");
    demo.turn("closed-port", false);
    demo.wait_for("berlin", "blocked count too_low");
    demo.turn("low-count", false);
    demo.turn("proxy-login", false);
    demo.wait_until_well();
}

#[test]
fn what_is_no_fault_is_refused_with_the_nearest_that_is() {
    let printed = run_with(&["demo", "--fault", "closed-prt"]);
    assert_eq!(printed.exit_code, Some(3), "{printed:?}");
    assert!(printed.stderr.contains("the faults are closed-port, lost-srv-record"), "{}", printed.stderr);

    let demo = Demo::start(&[]);
    let (status, body) = demo.switch("closed-prt", "on=true", None);
    assert!(status == 404 && body.contains("did you mean `closed-port`?"), "{status} {body}");
    let (status, body) = demo.switch("earthquake", "on=true", None);
    assert!(status == 404 && body.contains("the faults are closed-port, "), "{status} {body}");
    for origin in ["http://page.example", "null"] {
        let (status, body) = demo.switch("closed-port", "on=true", Some(origin));
        assert!(status == 403 && body.contains("another site"), "{status} {body}");
    }
    for form in ["", "on=perhaps", "off=true"] {
        assert_eq!(demo.switch("closed-port", form, None).0, 400, "{form:?}");
    }
    let faults = demo.json("/demo")["faults"].clone();
    assert!(faults.as_array().expect("a list").iter().all(|fault| fault["on"] == false), "{faults}");
}

/// A browser sends the origin of a page only as the policy of its referrer has it, and what has none is of another site.
#[test]
#[ignore = "needs chromium, chromium-driver"]
fn a_button_on_a_page_switches_its_fault_and_leads_back() {
    let (demo, browser) = (Demo::start(&[]), Browser::start("en"));
    browser.open(&format!("http://{}/kms-hosts", demo.address));
    let button = "document.querySelector('form[action$=\"/closed-port\"] button')";
    let pressed = || browser.text(&format!("{button}?.ariaPressed ?? ''"));
    for is_on in ["true", "false"] {
        assert_ne!(pressed(), is_on);
        browser.evaluate(&format!("{button}.click()"));
        wait_until("the button has no effect", || pressed() == is_on);
        assert_eq!(browser.text("location.pathname"), "/kms-hosts");
    }
}

/// How soon a fault is on the page: two rounds of two seconds, what a probe waits for or the fleet takes to be aggregated,
/// and a page.
const ON_THE_PAGE: Duration = Duration::from_secs(12);

/// The same of what fails now and then: in fewer than four rounds that cannot be told from a single failure.
const FOUR_ROUNDS: Duration = Duration::from_secs(20);

#[test]
#[ignore = "needs chromium, chromium-driver"]
fn each_fault_is_seen_on_the_page_and_gone_after() {
    let (demo, browser) = (Demo::start(&[]), Browser::start("en"));
    demo.wait_until_well();
    wait_until("the fleet is not aggregated", || demo.scrape().sum("gracewatch_path_machines", &[]) > 300.0);
    let home = format!("http://{}/", demo.address);
    let card = |path: &str| {
        browser.open(&home);
        browser.text(&format!(
            "[...document.querySelectorAll('.paths li')].find(card => card.querySelector('h3 a').innerText === \
             '{path}')?.querySelector('.pill').innerText ?? ''"
        ))
    };
    let wait_for = |path: &str, said: &str| {
        let begun = Instant::now();
        loop {
            let shown = card(path);
            if shown.contains(said) {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "{path}: {shown:?} is not {said:?}");
        }
    };
    // No path is to blame for the one machine that is lost, and there is something to do all the same.
    browser.open(&home);
    assert!(browser.text("document.querySelector('.banner .now a')?.href ?? ''").ends_with("/machines?lost=true"));
    for (name, path, verdict, _) in FAULTS {
        browser.open(&home);
        browser.evaluate(&format!("document.querySelector('form[action$=\"/{name}\"] button').click()"));
        let mut words = verdict.split(' ');
        let [status, stage, reason] = [(); 3].map(|()| words.next().expect("there are three"));
        let took = wait_for(path, &format!("{status} at {stage}: {reason}"));
        println!("{name} is on the page after {took:?}");
        let most = if name == "half-load-balancer" { FOUR_ROUNDS } else { ON_THE_PAGE };
        assert!(took < most, "{name} took {took:?}");
        browser.open(&format!("{home}paths/{path}"));
        assert!(browser.text("document.querySelector('.banner .now')?.innerText ?? ''").contains("do first"), "{name}");
        browser.open(&home);
        browser.evaluate(&format!("document.querySelector('form[action$=\"/{name}\"] button').click()"));
        println!("{name} is gone after {:?}", wait_for(path, "ok"));
        assert_eq!(browser.console(), Vec::<String>::new(), "{name}");
    }
    browser.open(&home);
    assert!(browser.text("document.querySelector('h1').innerText").contains("All 3 paths to activation work"));
}

#[test]
fn nothing_but_the_demo_has_faults_to_switch() {
    let daemon = Daemon::start("paths: [{name: corp, kms: {hosts: [\"127.0.0.1:1\"]}}]\n");
    assert_eq!(daemon.get("/demo").status, 404);
    assert_eq!(daemon.post("/demo/closed-port").status, 404);
}

#[test]
fn another_port_is_taken_where_the_usual_one_is() {
    // Whoever else has it does as well.
    let _taken = TcpListener::bind("127.0.0.1:10688");
    let demo = Demo::start_with(&[]);
    assert!(demo.process.output().contains("127.0.0.1:10688 is in use"), "{}", demo.process.output());
    assert_ne!(demo.address.port(), 10688);
    assert_eq!(demo.get("/-/healthy").0, 200);

    let printed = run_with(&["demo", "--listen", &demo.address.to_string()]);
    assert_eq!(printed.exit_code, Some(1), "{printed:?}");
    assert!(printed.stderr.contains("cannot listen on"), "{}", printed.stderr);
}

#[test]
fn two_demos_run_side_by_side() {
    let demos = [Demo::start(&[]), Demo::start(&["--fault", "lost-srv-record"])];
    demos[0].wait_until_well();
    demos[1].wait_for("tokyo", "blocked srv nxdomain");
}

/// Where the KMS host listens that Berlin uses.
fn kms_host(demo: &Demo) -> SocketAddr {
    let report = demo.json("/api/v1/paths/berlin");
    let targets = report["targets"].as_array().expect("there is a list").iter();
    let mut ports =
        targets.filter_map(|target| Some((target["target"].as_str()?.strip_prefix("kms02.corp.example:")?, target)));
    let (port, target) = ports.next().unwrap_or_else(|| panic!("{report}"));
    let address = target["address"].as_str().and_then(|text| text.parse().ok());
    SocketAddr::new(address.unwrap_or_else(|| panic!("{report}")), port.parse().expect("a port"))
}

/// The KMS hosts are no KMS emulator: impacket asks for operations of several interfaces, and each is refused.
#[test]
#[ignore = "needs python3-impacket"]
fn every_request_to_a_kms_host_gets_a_fault() {
    program::file("/usr/lib/python3/dist-packages/impacket/__init__.py", "python3-impacket");
    let demo = Demo::start(&[]);
    demo.wait_until_well();
    let host = kms_host(&demo);
    let mut command = std::process::Command::new(program::python());
    command.args(["-c", REQUESTS, &host.ip().to_string(), &host.port().to_string()]);
    let printed = run(command);
    assert_eq!((printed.exit_code, printed.stdout.trim()), (Some(0), "600 requests, 600 faults"), "{printed:?}");
}
