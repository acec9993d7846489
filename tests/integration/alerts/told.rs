//! What receivers were told, an alert at a time, and what holds of each message whatever it tells.

use regex::Regex;
use serde_json::Value;

use super::shipped;
use crate::servers::webhook::Posted;
use crate::support::status::text;

/// One alert in one message.
#[derive(Clone, Debug)]
pub struct Told {
    /// Which message it was in, counted from the first.
    pub message: usize,
    /// `firing` or `resolved`.
    pub status: String,
    /// The receiver: `ticket` or `page`.
    pub receiver: String,
    pub alert: String,
    /// The path it is about, or nothing.
    pub path: String,
    pub severity: String,
    pub summary: String,
    pub description: String,
}

impl Told {
    /// One line: `ticket firing GracewatchPathBlocked corp`.
    pub fn line(&self) -> String {
        format!("{} {} {} {}", self.receiver, self.status, self.alert, self.path).trim_end().to_owned()
    }

    /// Insists on the sentence, in which `…` stands for what is left of a time and passes meanwhile.
    pub fn assert_says(&self, sentence: &str) {
        assert!(self.says(sentence), "{:?} is not {sentence:?}", self.summary);
    }

    /// True where it says that, and then more.
    pub fn says_first(&self, sentence: &str) -> bool {
        self.matches(&format!("^{}", pattern(sentence)))
    }

    /// True where it says just that.
    pub fn says(&self, sentence: &str) -> bool {
        self.matches(&format!("^{}$", pattern(sentence)))
    }

    fn matches(&self, pattern: &str) -> bool {
        Regex::new(pattern).expect("it is a pattern").is_match(&self.summary)
    }
}

/// A sentence as a pattern.
fn pattern(sentence: &str) -> String {
    regex::escape(sentence).replace('…', "[0-9hms. ]+")
}

/// All that was told to programs, in order. What must hold of each message is checked.
pub fn read(posted: &[Posted]) -> Vec<Told> {
    let messages = posted.iter().filter(|posted| posted.to.ends_with("/alertmanager"));
    messages.enumerate().flat_map(|(message, posted)| read_message(message, posted)).collect()
}

/// The messages of a chat: its titles and texts.
pub fn chat(posted: &[Posted]) -> Vec<String> {
    let chats = posted.iter().filter(|posted| posted.to == "chat.corp.example/hooks/gracewatch");
    let attachments = chats.map(|posted| {
        let message: Value = serde_json::from_str(&posted.body).expect("a chat is told in JSON");
        let attachment = &message["attachments"][0];
        format!("{}\n{}", text(&attachment["title"]), text(&attachment["text"]))
    });
    attachments.collect()
}

fn read_message(number: usize, posted: &Posted) -> Vec<Told> {
    let message: Value = serde_json::from_str(&posted.body).expect("programs are told in JSON");
    let receiver = text(&message["receiver"]);
    let meant_for = if receiver == "page" { "oncall" } else { "tickets" };
    assert_eq!(posted.to, format!("{meant_for}.corp.example/alertmanager"));
    let alerts = message["alerts"].as_array().expect("there is a list of alerts");
    alerts.iter().map(|alert| read_alert(number, receiver, &message["groupLabels"], alert)).collect()
}

fn read_alert(message: usize, receiver: &str, group: &Value, alert: &Value) -> Told {
    let label = |name: &str| alert["labels"][name].as_str().unwrap_or_default().to_owned();
    let annotation = |name: &str| text(&alert["annotations"][name]).to_owned();
    let told = Told {
        message,
        status: text(&alert["status"]).to_owned(),
        receiver: receiver.to_owned(),
        alert: label("alertname"),
        path: label("path"),
        severity: label("severity"),
        summary: annotation("summary"),
        description: annotation("description"),
    };
    let is_by = |names: &[&str]| group.as_object().is_some_and(|labels| labels.keys().eq(names));
    let is_right = match &*told.alert {
        "GracewatchPathBlocked" => is_by(&["instance", "job"]),
        _ => is_by(&["job"]) || group["path"].as_str().unwrap_or_default() == told.path,
    };
    assert!(is_right, "a message is about one path, about machines, or about blocked paths: {alert:#}");
    assert_eq!(told.receiver == "page", told.severity == "critical", "what is urgent pages: {alert:#}");
    assert!(!told.summary.is_empty() && !told.summary.contains("<no value>"), "{alert:#}");
    let anchor = told.alert.to_lowercase();
    let runbook = annotation("runbook_url");
    assert!(runbook.ends_with(&format!("docs/alerts.md#{anchor}")), "{runbook}");
    assert!(shipped::runbooks().contains(&anchor), "there is no runbook for {}", told.alert);
    told
}
