//! What the pages answer, read as text.

use std::collections::BTreeSet;

use regex::Regex;

use super::{HOSTILE, RIGHT_TO_LEFT, World, longest, pages};
use crate::servers::port;
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::reports::Client;
use crate::support::request;

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
    assert!(list.contains(RIGHT_TO_LEFT) && list.contains(&longest()));
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
