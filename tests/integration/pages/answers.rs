//! What the pages answer, read as text.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Value, json};

use super::{HOSTILE, RIGHT_TO_LEFT, World, longest, pages};
use crate::servers::port;
use crate::servers::process::wait_until;
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::reports::{Client, host_event, kms_host_json, lines, minutes_ago, now};
use crate::support::request;
use crate::support::status::Kept;

struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: String,
}

/// Asks as a browser does.
fn ask(world: &World, page: &str, language: &str) -> Answer {
    let client = request::client().build().expect("a client");
    let request = client.get(world.address(page)).header("accept", "text/html,*/*").header("accept-language", language);
    let answer = request.send().unwrap_or_else(|error| panic!("{page}: {error}"));
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Answer { status, headers, body: answer.text().expect("it is text") }
}

/// The attributes of a page that lead somewhere.
fn addresses(html: &str) -> BTreeSet<String> {
    let pattern = Regex::new(r#"(?:href|src|action)="([^"]*)""#).expect("a pattern");
    pattern.captures_iter(html).map(|found| found[1].to_owned()).collect()
}

#[test]
fn every_page_is_there_in_each_language_with_headers_that_let_nothing_else_in() {
    let world = World::new();
    for page in pages() {
        for (language, own) in [("en", "Overview"), ("ja", "概要")] {
            let answer = ask(&world, &page, language);
            assert_eq!(answer.status, 200, "{page}: {}", answer.body);
            let header = |name: &str| answer.headers[name].to_str().expect("it is text").to_owned();
            assert_eq!(header("content-type"), "text/html; charset=utf-8");
            assert_eq!(header("content-language"), language);
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(header("x-frame-options"), "DENY");
            assert_eq!(header("referrer-policy"), "same-origin");
            let policy = header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"), "{policy}");
            assert!(answer.body.contains(own), "{page} in {language}");
            assert!(answer.body.contains(&format!("<html lang=\"{language}\">")), "{page}");
            assert!(answer.body.len() < 200 * 1024, "{page} has {} bytes", answer.body.len());
            // Neither a style nor a script is within the page.
            assert!(!answer.body.contains(" style=") && !answer.body.contains(" onclick="), "{page}");
            assert_eq!(answer.body.matches("<script").count(), 1, "{page}");
        }
    }
}

#[test]
fn every_address_on_a_page_is_relative_and_leads_somewhere() {
    let world = World::new();
    let base = reqwest::Url::parse(&world.address("/")).expect("an address");
    let mut seen = BTreeSet::new();
    for page in pages() {
        let here = base.join(&page).expect("an address");
        for address in addresses(&ask(&world, &page, "en").body) {
            let address = address.replace("&#38;", "&").replace("&amp;", "&");
            assert!(address.starts_with("./") || address.starts_with('#'), "{page}: {address}");
            let target = here.join(&address).expect("an address");
            assert_eq!(target.host_str(), base.host_str());
            seen.insert(
                target.path().to_owned() + &target.query().map(|query| format!("?{query}")).unwrap_or_default(),
            );
        }
    }
    assert!(seen.len() > 40, "{seen:?}");
    for address in seen {
        let status = ask(&world, &address, "en").status;
        assert_eq!(status, 200, "{address}");
    }
}

#[test]
fn what_strangers_report_is_text() {
    let world = World::new();
    for page in ["/machines", "/machines?product=script", "/machines/hostile.corp.example", "/", "/changes"] {
        let body = ask(&world, page, "en").body;
        assert!(!body.contains("<script>") && !body.contains("<img src=x") && !body.contains("<b>\""), "{page}");
    }
    let story = ask(&world, "/machines/hostile.corp.example", "en").body;
    assert!(story.contains("&#60;script&#62;window.hacked=1&#60;/script&#62;"), "{HOSTILE} in {story}");
    let list = ask(&world, "/machines?sort=name", "en").body;
    let dotted = |name: &str| name.replace('.', ".<wbr>");
    assert!(list.contains(&dotted(RIGHT_TO_LEFT)) && list.contains(&dotted(&longest())));
    // What is asked comes back as text as well.
    let asked = "/explain?code=%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    assert!(!ask(&world, asked, "en").body.contains("<script>alert"));
    let asked = "/machines?name=%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    assert!(!ask(&world, asked, "en").body.contains("<script>alert"));
}

#[test]
fn what_there_is_not_is_answered_with_the_nearest() {
    let world = World::new();
    for (page, near) in [
        ("/machines/god.corp.example", "machines/good.corp.example"),
        ("/machines/goof", "machines/good.corp.example"),
        ("/paths/crop", "paths/corp"),
        ("/machine", "machines"),
        ("/runaway", "runway"),
    ] {
        let answer = ask(&world, page, "en");
        assert_eq!(answer.status, 404, "{page}");
        assert!(addresses(&answer.body).iter().any(|address| address.ends_with(near)), "{page}: {}", answer.body);
    }
    assert_eq!(ask(&world, "/assets/style.css", "en").status, 404);
    // Programs are answered as before.
    let plain = world.daemon.get("/nothing");
    assert_eq!((plain.status, plain.body.as_str()), (404, ""));
    assert_eq!(world.daemon.get("/api/v1/path").body, "");
}

#[test]
fn bad_filters_are_refused_with_the_good_ones() {
    let world = World::new();
    for page in [
        "/machines?statos=5",
        "/machines?status=9",
        "/machines?lost=perhaps",
        "/machines?sort=size",
        "/machines?within=soon",
        "/machines?limit=0",
        "/machines?path=other",
        "/machines?format=xlsx",
        "/changes?since=soon",
        "/runway?days=3",
        "/?lang=de",
    ] {
        let answer = ask(&world, page, "en");
        assert_eq!(answer.status, 400, "{page}: {}", answer.body);
        if page.starts_with("/machines") {
            assert!(answer.body.contains("name, product, channel, status (0 to 6)"), "{page}: {}", answer.body);
        }
    }
    // A form sends all of its fields, those that are empty as well.
    assert_eq!(ask(&world, "/machines?name=&product=&channel=&status=&path=&within=", "en").status, 200);
}

#[test]
fn the_sheet_has_every_machine_and_a_mark_for_excel() {
    let many: Vec<_> = (0..1200).map(|number| Client::new(&format!("ws{number:04}.corp.example"))).collect();
    let world = World::with(&many);
    let answer = ask(&world, "/machines?format=csv&sort=name&limit=1&name=ws", "en");
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"gracewatch-machines.csv\"");
    let sheet = answer.body.strip_prefix('\u{feff}').expect("it begins with a mark");
    let names: Vec<_> = sheet.lines().skip(1).map(|line| line.split(',').next().unwrap_or_default()).collect();
    assert_eq!((names.len(), names[0], names[1199]), (1200, "ws0000.corp.example", "ws1199.corp.example"));
    assert!(sheet.starts_with("machine,path,"));
    let none = ask(&world, "/machines?format=csv&name=nobody", "en").body;
    assert_eq!(none.lines().count(), 1);
    // The list itself is short.
    assert!(ask(&world, "/machines?limit=100", "en").body.len() < 200 * 1024);
    let next = ask(&world, "/machines?limit=100&sort=name&lang=ja", "en").body;
    assert!(next.contains("offset=100"), "{next}");
}

#[test]
fn the_inventory_adds_those_that_never_reported_and_those_that_are_not_in_it() {
    let world = World::new();
    world
        .daemon
        .scrape_until("they are not counted", |scrape| scrape.value("gracewatch_machines_missing", &[]) == Some(2.0));
    let home = ask(&world, "/", "en").body;
    for (count, label, href) in
        [(2, "never reported", "machines?missing=true"), (7, "not in the inventory", "machines?unlisted=true")]
    {
        let tile = format!("href=\"./{href}\"><b>{count}</b> {label}</a>");
        assert!(home.contains(&tile), "{tile} in {home}");
    }
    let missing = ask(&world, "/machines?missing=true", "en").body;
    assert!(missing.contains("never.<wbr>corp.<wbr>example") && missing.contains("newest."), "{missing}");
    assert!(!missing.contains("silent.") && missing.contains("2026-11-28"), "{missing}");
    assert!(!missing.contains("<script>window") && missing.contains("&#60;script&#62;window"), "{missing}");
    let named = ask(&world, "/machines?missing=true&name=NEW", "en").body;
    assert!(named.contains("newest.") && !named.contains("never.<wbr>"), "{named}");
    let second = ask(&world, "/machines?missing=true&limit=1&offset=1", "en").body;
    assert!(second.contains("newest.") && second.contains("rel=\"prev\"") && !second.contains("rel=\"next\""));
    let sheet = ask(&world, "/machines?missing=true&format=csv", "en");
    assert_eq!(sheet.headers["content-disposition"], "attachment; filename=\"gracewatch-missing.csv\"");
    assert_eq!(
        sheet.body,
        "\u{feff}machine,last_logon,operating_system\n\
         never.corp.example,2026-11-28,'=1+1 Windows <script>window.hacked=1</script>\nnewest.corp.example,,\n"
    );
    let unlisted = ask(&world, "/machines?unlisted=true&sort=name&name=corp", "en").body;
    assert!(unlisted.contains("soon.<wbr>") && !unlisted.contains("good.<wbr>"), "{unlisted}");
    let sheet = ask(&world, "/machines?unlisted=true&format=csv&name=soon", "en").body;
    assert_eq!(sheet.lines().count(), 2, "{sheet}");
    // What goes with neither, and who is expected and never reported.
    let refused = ask(&world, "/machines?missing=true&lost=true", "en");
    assert!(refused.status == 400 && refused.body.contains("missing goes with name alone"), "{}", refused.body);
    let unknown = ask(&world, "/machines/never", "en");
    let said = "is in the inventory, and never reported";
    assert!(unknown.status == 404 && unknown.body.contains(said), "{}", unknown.body);
    assert!(world.daemon.get("/api/v1/machines/newest").body.contains(said));
}

#[test]
fn without_an_inventory_nobody_is_expected_and_the_page_says_what_to_configure() {
    let kept = Kept::new();
    assert_eq!(kept.import_text("ws1.ndjson", lines(&[Client::new("ws1.corp.example")])).exit_code, Some(0));
    let daemon = kept.serve();
    daemon.wait_until_ready();
    for page in ["/", "/machines"] {
        let body = daemon.get(page).body;
        assert!(!body.contains("missing=true") && !body.contains("unlisted"), "{page}: {body}");
    }
    for page in ["/machines?missing=true", "/machines?unlisted=true"] {
        let answer = daemon.get(page);
        assert!(answer.status == 404 && answer.body.contains("status: {inventory:"), "{page}: {}", answer.body);
    }
}

#[test]
fn what_a_kms_host_reports_of_its_own_trouble_is_on_its_page() {
    let kept = Kept::new();
    let name = "kms01.corp.example";
    let mut host = kms_host_json(name, now(), 1, 31);
    host["service"]["KeyManagementServiceDnsPublishing"] = false.into();
    let unpublished = host_event(12293, name, minutes_ago(90), &["0x80072338", "corp.example"]);
    let failed_start = host_event(12291, name, minutes_ago(30), &["0xC004F00F"]);
    for (file, text) in [("kms01.json", host.to_string()), ("events.xml", unpublished + &failed_start)] {
        let printed = kept.import_text(file, text);
        assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    }
    let daemon = kept.serve();
    daemon.wait_until_ready();
    wait_until("the fleet is not aggregated", || daemon.get("/api/v1/runway").status == 200);
    let page = daemon.get("/kms-hosts").body;
    for part in [
        "could not publish its record in corp.example on ",
        "(0x80072338)",
        "could not start on ",
        "(0xC004F00F)",
        "does not publish itself in DNS",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let json: Value = serde_json::from_str(&daemon.get("/api/v1/kms-hosts").body).expect("it is JSON");
    let hosts = json["kms_hosts"].as_array().expect("there is a list");
    let reported = &hosts.iter().find(|host| host["host"] == name).expect("it is there")["reported"];
    assert_eq!(
        [&reported["failed_start"]["code"], &reported["unpublished"][0]["code"], &reported["publishes_dns"]],
        [&json!("0xC004F00F"), &json!("0x80072338"), &json!(false)],
        "{json:#}"
    );
}

#[test]
fn the_configuration_in_force_shows_no_secret() {
    let refused = port::refusing();
    let configuration = config::online(&[format!("http://{refused}/")])
        .via(&[format!("{{url: \"http://{refused}\", username: alice, password: hunter2secret}}")])
        .text();
    let daemon = Daemon::start_ready(&configuration);
    let body = daemon.get("/about").body;
    assert!(body.contains("probe.interval") && body.contains(&refused.to_string()), "{body}");
    for page in ["/about", "/", "/paths/corp"] {
        assert!(!daemon.get(page).body.contains("hunter2secret"), "{page}");
    }
}
