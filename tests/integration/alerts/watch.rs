//! Who watches a world: Prometheus and Alertmanager with the files we ship, and whom the latter tells.

use std::collections::BTreeSet;
use std::fmt::{self, Debug, Formatter};
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::shipped;
use super::told::{self, Told};
use crate::servers::alertmanager::Alertmanager;
use crate::servers::mailbox::{Mail, Mailbox};
use crate::servers::netns::Namespace;
use crate::servers::place::Place;
use crate::servers::prometheus::Prometheus;
use crate::servers::webhook::Webhook;
use crate::support::status::text;

/// How long anything may take that is waited for. An alert that waits for an hour takes a minute here.
const PATIENCE: Duration = Duration::from_mins(2);

/// The pause between two looks at what has become of it.
const PAUSE: Duration = Duration::from_millis(50);

/// A world in which nothing is wrong: paths are up, their machines are known, clocks are, and no alert is about to fire.
const WELL: &str = "sum(gracewatch:path_up:bridged) == 3 unless sum(gracewatch:path_degraded:bridged) > 0 \
                    and sum(gracewatch:path_machines:bridged) == 580 \
                    and on () gracewatch:own_clock_wrong_seconds:bridged \
                    and on () gracewatch:kms_host_clock_wrong_seconds:bridged \
                    unless on () ALERTS";

/// The daemon is scraped.
const SCRAPED: &str = r#"up{job="gracewatch"} == 1"#;

/// All who watch.
pub struct Watch {
    // Dropped in this order: who tells before who is told.
    prometheus: Prometheus,
    alertmanager: Alertmanager,
    webhook: Webhook,
    mailbox: Mailbox,
    begun: Instant,
}

impl Watch {
    /// Begins to watch, and returns once all is seen to be well.
    pub fn over(network: &Namespace) -> Self {
        Self::begin(network, "", WELL)
    }

    /// The same, and remembers a [`history`](super::history).
    pub fn over_after(network: &Namespace, history: &str) -> Self {
        Self::begin(network, history, WELL)
    }

    /// Begins to watch a world in which something is wrong already.
    pub fn over_ill(network: &Namespace, history: &str) -> Self {
        Self::begin(network, history, SCRAPED)
    }

    /// Begins to watch, and returns once an expression has a result.
    fn begin(network: &Namespace, history: &str, expression: &str) -> Self {
        let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let place = |port| Place::within(network, here(port));
        let webhook = Webhook::start_at(&place(80), here(80));
        let mailbox = Mailbox::start_at(&place(25), here(25));
        let prometheus = Prometheus::start_after(history, &place(9090), shipped::prometheus);
        let wait_until = |expression: &str| {
            wait_for(
                || (!results(&prometheus, expression).is_empty()).then_some(()),
                || {
                    format!(
                        "it is not so that {expression}: {}",
                        prometheus.query(r#"ALERTS or {__name__=~"gracewatch:.+:bridged"}"#)
                    )
                },
            );
        };
        wait_until(SCRAPED);
        prometheus.replace(shipped::ALERTS, &shipped::alerts());
        wait_until(expression);
        let alertmanager = Alertmanager::start_at(&place(9093), shipped::alertmanager);
        Self { prometheus, alertmanager, webhook, mailbox, begun: Instant::now() }
    }

    /// Waits until an alert was told, given as one line of [`Told::line`], and returns it as it was told last.
    pub fn wait_until_told(&self, line: &str) -> Told {
        let find = || self.told().into_iter().rfind(|told| told.line() == line);
        wait_for(find, || format!("nobody is told: {line}\n{self:#?}"))
    }

    /// Waits until an alert was told in these words, in which `…` stands for what is left of a time: of several that are
    /// the same by [`Told::line`], the one meant.
    pub fn wait_until_said(&self, line: &str, sentence: &str) -> Told {
        let find = || self.told().into_iter().rfind(|told| told.line() == line && told.says(sentence));
        wait_for(find, || format!("nobody is told: {line}: {sentence}\n{self:#?}"))
    }

    /// Waits until Alertmanager keeps an alert to itself, because of another.
    pub fn wait_until_silenced(&self, alert: &str, path: &str) {
        let is_silenced = || {
            let alerts: Value = serde_json::from_str(&self.alertmanager.alerts()).expect("it is JSON");
            alerts.as_array().expect("it is a list").iter().any(|found| {
                let is_it = found["labels"]["alertname"] == alert && found["labels"]["path"] == path;
                is_it && found["status"]["inhibitedBy"].as_array().is_some_and(|by| !by.is_empty())
            })
        };
        wait_for(|| is_silenced().then_some(()), || format!("{alert} is not silenced\n{self:#?}"));
    }

    /// Waits until Prometheus has scraped so many times more, in vain or not.
    pub fn wait_for_scrapes(&self, count: u32) {
        let scrapes = || {
            let count = results(&self.prometheus, r#"count_over_time(up{job="gracewatch"}[1h])"#);
            text(&count[0]["value"][1]).parse::<u32>().expect("a count")
        };
        let until = scrapes() + count;
        wait_for(|| (scrapes() >= until).then_some(()), || "Prometheus does not scrape".to_owned());
    }

    /// All that was told so far, in order.
    pub fn told(&self) -> Vec<Told> {
        told::read(&self.webhook.posted())
    }

    /// What a chat shows, once it has so many messages: programs may be told before it.
    pub fn chat(&self, count: usize) -> Vec<String> {
        let chat = || told::chat(&self.webhook.posted());
        wait_for(|| Some(chat()).filter(|chat| chat.len() >= count), || format!("not {count} messages: {:#?}", chat()))
    }

    /// The mails that were sent to those who work on tickets, as they read them, once there are so many.
    pub fn mails(&self, count: usize) -> Vec<String> {
        wait_for(
            || Some(self.mails_so_far()).filter(|mails| mails.len() >= count),
            || format!("not {count} mails: {:#?}", self.mails_so_far()),
        )
    }

    fn mails_so_far(&self) -> Vec<String> {
        let read = |mail: &Mail| {
            assert_eq!(mail.to, "windows-team@corp.example");
            mail.text()
        };
        self.mailbox.mails().iter().map(read).collect()
    }

    /// Insists that this was told and nothing else, and that Alertmanager could tell all it had to.
    ///
    /// Alertmanager sends the whole group when something of it changed: all that fires or has ended since, but for what is
    /// silenced at that moment. Where an alert and the one that silenced it end together, the first is silenced no more,
    /// and its end is in the message though nobody was told of its beginning. Whether it is depends on who ends first, so
    /// that it counts for nothing beside an alert that was told.
    pub fn assert_told(&self, lines: &[&str]) {
        let all = self.told();
        let every: BTreeSet<_> = all.iter().map(Told::line).collect();
        let has_begun = |told: &Told| every.contains(&told.line().replacen(" resolved ", " firing ", 1));
        let begun: BTreeSet<_> = all.iter().filter(|told| has_begun(told)).map(|told| told.message).collect();
        let counts = |told: &&Told| has_begun(told) || !begun.contains(&told.message);
        let told: BTreeSet<_> = all.iter().filter(counts).map(Told::line).collect();
        assert_eq!(told, set(lines), "{self:#?}");
        let log = self.alertmanager.log();
        assert!(!log.contains("level=error") && !log.contains("level=warn"), "{log}");
    }

    /// Waits until each of these is over, given by receiver, alert and path, and insists that nothing else was told.
    pub fn assert_all_over(&self, alerts: &[(&str, &str, &str)]) {
        let line = |status: &str, (receiver, alert, path): &(&str, &str, &str)| {
            format!("{receiver} {status} {alert} {path}").trim_end().to_owned()
        };
        let lines = |status| alerts.iter().map(|alert| line(status, alert)).collect::<Vec<_>>();
        let over = lines("resolved");
        for line in &over {
            self.wait_until_told(line);
        }
        let all = [lines("firing"), over].concat();
        self.assert_told(&all.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// Insists that these alerts fired in Prometheus and no others, whoever was told of them.
    pub fn assert_fired(&self, alerts: &[&str]) {
        let seconds = self.begun.elapsed().as_secs();
        let expression = format!(
            r#"count by (alertname, severity, path) (count_over_time(ALERTS{{alertstate="firing"}}[{seconds}s]))"#
        );
        let label = |alert: &Value, name: &str| alert["metric"][name].as_str().unwrap_or_default().to_owned();
        let line = |alert: &Value| ["alertname", "severity", "path"].map(|name| label(alert, name)).join(" ");
        let fired = results(&self.prometheus, &expression);
        let fired: BTreeSet<_> = fired.iter().map(|alert| line(alert).trim_end().to_owned()).collect();
        assert_eq!(fired, set(alerts), "{self:#?}");
    }
}

/// All there is to know where a scene goes wrong.
impl Debug for Watch {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Watch")
            .field("told", &self.told())
            .field("in Prometheus", &results(&self.prometheus, "ALERTS"))
            .field("in Alertmanager", &self.alertmanager.alerts())
            .finish_non_exhaustive()
    }
}

fn set(lines: &[&str]) -> BTreeSet<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

fn results(prometheus: &Prometheus, expression: &str) -> Vec<Value> {
    let answer: Value = serde_json::from_str(&prometheus.query(expression)).expect("it is JSON");
    answer["data"]["result"].as_array().expect("there are results").clone()
}

/// Waits until something is there, and fails the test with a complaint if it never is.
fn wait_for<T>(mut find: impl FnMut() -> Option<T>, complaint: impl Fn() -> String) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{}", complaint());
        thread::sleep(PAUSE);
    }
}
