//! The pages in a browser: what the console says, whom they ask, and whether everybody can use them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{World, longest, pages};
use crate::servers::chromium::Browser;
use crate::servers::process;

/// Where pictures of the pages are put, for a person to look at.
const PICTURES: &str = "GRACEWATCH_PICTURES";

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

/// Looks at pages by the rules of WCAG; `tests/run` puts it into its cache.
fn axe() -> String {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(|| home.join(".cache"), PathBuf::from);
    let file = cache.join("gracewatch-tests/pages/node_modules/axe-core/axe.min.js");
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}; run tests/run servers", file.display()))
}

/// What is wrong with a page, by those rules, each with what it is about; what is minor is left out.
fn faults(browser: &Browser, axe: &str) -> Vec<String> {
    let script = format!(
        "{axe}; const done = arguments[arguments.length - 1]; axe.run(document, {{resultTypes: ['violations']}})\
         .then(found => done(found.violations.filter(one => ['serious', 'critical'].includes(one.impact))\
         .map(one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.html + ' ' + node.failureSummary)\
         .join(' | '))), error => done(['axe: ' + error]));"
    );
    let found = browser.evaluate_later(&script);
    found.as_array().into_iter().flatten().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

fn keep_picture(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os(PICTURES) {
        fs::create_dir_all(&folder).expect("the folder of pictures can be made");
        fs::write(Path::new(&folder).join(format!("{name}.png")), browser.picture()).expect("it can be written");
    }
}

fn name_of(page: &str) -> String {
    page.trim_start_matches('/').replace(|character: char| !character.is_ascii_alphanumeric(), "_")
}

#[test]
#[ignore = "needs chromium, chromium-driver"]
fn each_page_is_without_errors_asks_nobody_else_and_has_no_serious_fault() {
    let (world, browser, axe) = (World::new(), Browser::start("en"), axe());
    let own = format!("http://{}/", world.daemon.address());
    let mut wrong = Vec::new();
    for page in pages() {
        let separator = if page.contains('?') { '&' } else { '?' };
        for language in ["en", "ja"] {
            browser.prefer("light");
            browser.resize(1280, 900);
            browser.open(&world.address(&format!("{page}{separator}lang={language}")));
            assert_eq!(browser.text("document.documentElement.lang"), language);
            assert!(browser.text("document.title").ends_with("Gracewatch"), "{page}");
            keep_picture(&browser, &format!("{}_{language}_light", name_of(&page)));
            wrong.extend(faults(&browser, &axe).into_iter().map(|fault| format!("{page} {language}: {fault}")));
            let console = browser.console();
            wrong.extend(console.into_iter().map(|line| format!("{page} {language}: console: {line}")));
            let others = browser.requests().into_iter().filter(|asked| !asked.starts_with(&own));
            // What the window begins with is within the browser.
            let others = others.filter(|asked| !["chrome:", "data:"].iter().any(|own| asked.starts_with(own)));
            wrong.extend(others.map(|asked| format!("{page} {language}: asked {asked}")));
        }
        browser.prefer("dark");
        keep_picture(&browser, &format!("{}_ja_dark", name_of(&page)));
        wrong.extend(faults(&browser, &axe).into_iter().map(|fault| format!("{page} dark: {fault}")));
        browser.resize(360, 780);
        keep_picture(&browser, &format!("{}_ja_phone", name_of(&page)));
        let wider = browser.evaluate("return document.documentElement.scrollWidth - innerWidth");
        if wider.as_f64().is_none_or(|wider| wider > 0.0) {
            wrong.push(format!("{page}: a phone has to scroll sideways by {wider}"));
        }
        wrong.extend(faults(&browser, &axe).into_iter().map(|fault| format!("{page} phone: {fault}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs chromium, chromium-driver"]
fn hostile_names_are_shown_as_text() {
    let (world, browser) = (World::new(), Browser::start("en"));
    for page in ["/machines?sort=name", "/machines/hostile.corp.example", "/", "/runway", "/changes"] {
        browser.open(&world.address(page));
        assert_eq!(browser.evaluate("return window.hacked"), Value::Null, "{page}");
        assert_eq!(browser.evaluate("return document.scripts.length"), 1, "{page}");
        assert_eq!(
            browser.evaluate("return document.querySelectorAll('main b, main img').length > 40"),
            false,
            "{page}"
        );
    }
    browser.open(&world.address("/machines/hostile.corp.example"));
    assert!(browser.text("document.querySelector('main').innerText").contains("<script>window.hacked=1</script>"));
    browser.open(&world.address("/machines?name=xxx"));
    assert_eq!(browser.text("document.querySelector('tbody th a').innerText"), longest());
    browser.evaluate("document.querySelector('tbody th a').click()");
    process::wait_until("the machine is not shown", || browser.text("document.title").starts_with("xxx"));
    // A name of a path that looks like markup leads to the path.
    browser.open(&world.address("/"));
    browser.evaluate("[...document.querySelectorAll('.paths h3 a')].find(a => a.innerText.startsWith('<b>')).click()");
    process::wait_until("the path is not shown", || browser.text("document.title").contains("<b>\"'&branch"));
}

#[test]
#[ignore = "needs chromium, chromium-driver"]
fn machines_are_found_sorted_and_read_in_the_language_of_the_reader() {
    let (world, browser) = (World::new(), Browser::start("ja"));
    browser.open(&world.address("/"));
    assert_eq!(browser.text("document.documentElement.lang"), "ja");
    browser.evaluate("document.querySelector('.languages a[lang=en]').click()");
    process::wait_until("the language stays", || browser.text("document.documentElement.lang") == "en");
    // By the keyboard: what is typed in the field and sent.
    browser.evaluate("document.getElementById('name').focus()");
    browser.press(&format!("corp{ENTER}"));
    process::wait_until("nothing is found", || browser.text("location.pathname") == "/machines");
    assert_eq!(browser.text("document.documentElement.lang"), "en");
    let first = || browser.text("document.querySelector('tbody th').innerText");
    assert!(first().contains("lost.corp.example"), "{}", first());
    browser.evaluate("document.querySelector('thead a[href*=\"sort=name\"]').click()");
    process::wait_until("the order stays", || first().contains("good.corp.example"));
    assert_eq!(browser.text("document.querySelector('th[aria-sort]').innerText.trim().split(' ')[0]"), "Machine");
    browser.evaluate(
        "document.querySelector('input[name=lost]').click(); document.querySelector('form.filters').requestSubmit()",
    );
    process::wait_until("the filter has no effect", || browser.text("location.search").contains("lost=true"));
    assert_eq!(browser.evaluate("return document.querySelectorAll('tbody tr').length"), 1);
    let sheet = browser.evaluate_later(
        "const done = arguments[arguments.length - 1]; \
         fetch(document.querySelector('a[download]').href).then(answer => answer.arrayBuffer()) \
         .then(bytes => done([...new Uint8Array(bytes).slice(0, 3), new TextDecoder().decode(bytes).trim().split('\\n').length]))",
    );
    assert_eq!(sheet, serde_json::json!([0xEF, 0xBB, 0xBF, 2]));
    assert_eq!(browser.console(), Vec::<String>::new());
}

#[test]
#[ignore = "needs chromium, chromium-driver"]
fn the_keyboard_the_dark_and_paper_are_seen_to() {
    let (world, browser) = (World::new(), Browser::start("en"));
    browser.open(&world.address("/"));
    // The first stop leads past the navigation.
    browser.press(TAB);
    assert_eq!(browser.text("document.activeElement.getAttribute('href')"), "#content");
    browser.press(ENTER);
    browser.press(TAB);
    assert_eq!(browser.evaluate("return document.querySelector('main').contains(document.activeElement)"), true);
    let ground = || browser.text("getComputedStyle(document.body).backgroundColor");
    browser.prefer("light");
    let light = ground();
    browser.prefer("dark");
    assert_ne!(light, ground());
    browser.command("Emulation.setEmulatedMedia", &serde_json::json!({"media": "print"}));
    assert_eq!(browser.text("getComputedStyle(document.querySelector('nav')).display"), "none");
    keep_picture(&browser, "paper");
}

#[test]
#[ignore = "needs chromium, chromium-driver"]
fn a_page_that_is_open_shows_what_is_so_by_now_and_says_when_it_cannot() {
    let (mut world, browser) = (World::new(), Browser::start("en"));
    browser.open(&world.address("/"));
    browser.evaluate("document.querySelector('main').dataset.old = '1'");
    let refresh = "document.dispatchEvent(new Event('visibilitychange'))";
    browser.evaluate(refresh);
    process::wait_until("it is not refreshed", || {
        browser.evaluate("return document.querySelector('main').dataset.old === undefined") == true
    });
    assert_eq!(browser.evaluate("return document.getElementById('refresh').hidden"), true);
    // Whoever is in the middle of something is left alone.
    browser.evaluate("document.querySelector('main').dataset.old = '1'; document.getElementById('name').focus()");
    browser.evaluate(refresh);
    assert_eq!(browser.text("document.querySelector('main').dataset.old"), "1");
    world.daemon.signal("TERM");
    world.daemon.wait(std::time::Duration::from_secs(10)).expect("it ends");
    browser.evaluate("document.activeElement.blur()");
    browser.evaluate(refresh);
    process::wait_until("it does not say so", || {
        browser.evaluate("return document.getElementById('refresh').hidden") == false
    });
}
