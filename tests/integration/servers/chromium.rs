//! A browser without a screen, driven as W3C's `WebDriver` has it, by Debian's chromedriver.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::blocking::Client;
use serde_json::{Value, json};

use super::client::client;
use super::directory::TemporaryDirectory;
use super::port;
use super::process::{NotReady, Process};
use super::program;

/// How long the browser may take for one thing.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many times a start on a port that another process took meanwhile is tried again.
const ATTEMPTS: usize = 3;

/// A browser with one window, which ends on drop.
#[derive(Debug)]
pub struct Browser {
    session: String,
    client: Client,
    // Dropped in this order: the process before the directory it writes to.
    _driver: Process,
    _directory: TemporaryDirectory,
}

impl Browser {
    /// Starts one that likes these languages best.
    pub fn start(languages: &str) -> Self {
        for _ in 1..ATTEMPTS {
            if let Ok(browser) = Self::try_to_start(languages) {
                return browser;
            }
        }
        Self::try_to_start(languages).unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_to_start(languages: &str) -> Result<Self, String> {
        let directory = TemporaryDirectory::new("browser");
        let chromium = program::find("chromium", "chromium");
        let address = SocketAddr::from(([127, 0, 0, 1], port::free([127, 0, 0, 1].into())));
        let mut command = std::process::Command::new(program::find("chromedriver", "chromium-driver"));
        command.arg(format!("--port={}", address.port())).env("HOME", directory.path());
        let mut driver = Process::start("chromedriver", command, directory.path());
        let client = client().timeout(PATIENCE).build().expect("a client");
        let status = format!("http://{address}/status");
        let ready =
            driver.wait_until_ready(|| client.get(&status).send().is_ok_and(|answer| answer.status().is_success()));
        if let Err(NotReady::Ended(report) | NotReady::Silent(report)) = ready {
            return Err(report);
        }
        let profile = directory.path().join("profile");
        // It asks for nothing by itself, and whatever it would ask for has no address.
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            "--force-color-profile=srgb".to_owned(),
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1".to_owned(),
            "--window-size=1280,900".to_owned(),
            format!("--user-data-dir={}", profile.display()),
        ];
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {
                "binary": chromium,
                "args": arguments,
                "prefs": {"intl.accept_languages": languages},
            },
        }}});
        let sessions = format!("http://{address}/session");
        let answer = client.post(&sessions).json(&capabilities).send().map_err(|error| error.to_string())?;
        let answer: Value = answer.json().map_err(|error| error.to_string())?;
        let id = answer["value"]["sessionId"].as_str().ok_or_else(|| driver.report(&answer.to_string()))?;
        Ok(Self { session: format!("{sessions}/{id}"), client, _driver: driver, _directory: directory })
    }

    /// Sends a command with what it needs, and returns its value.
    fn post(&self, command: &str, body: &Value) -> Value {
        let answer = self.client.post(format!("{}/{command}", self.session)).json(body).send();
        let answer = answer.and_then(reqwest::blocking::Response::json::<Value>);
        let answer = answer.unwrap_or_else(|error| panic!("{command}: {error:?}"));
        assert!(answer["value"]["error"].is_null(), "{command} {body}: {answer}");
        answer["value"].clone()
    }

    /// Opens an address, and returns once all of the page is there.
    pub fn open(&self, address: &str) {
        self.post("url", &json!({ "url": address }));
    }

    /// Evaluates a function body in the page.
    pub fn evaluate(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// The same of one that gives its value to the last of its arguments.
    pub fn evaluate_later(&self, script: &str) -> Value {
        self.post("execute/async", &json!({ "script": script, "args": [] }))
    }

    /// The value of an expression that is text.
    pub fn text(&self, expression: &str) -> String {
        let value = self.evaluate(&format!("return {expression}"));
        value.as_str().unwrap_or_else(|| panic!("{expression} is {value}")).to_owned()
    }

    /// Presses keys, wherever the focus is.
    pub fn press(&self, keys: &str) {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})])
            .collect();
        self.post("actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]}));
    }

    /// Sends a command of Chromium's own protocol.
    pub fn command(&self, name: &str, parameters: &Value) {
        self.post("goog/cdp/execute", &json!({ "cmd": name, "params": parameters }));
    }

    /// Prefers light or dark.
    pub fn prefer(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.command("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// Has a screen of this size.
    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.command("Emulation.setDeviceMetricsOverride", &size);
    }

    /// What was logged since this was asked last: by the console, as text.
    pub fn console(&self) -> Vec<String> {
        let entries = self.post("se/log", &json!({"type": "browser"}));
        entries.as_array().into_iter().flatten().map(|entry| entry["message"].to_string()).collect()
    }

    /// The addresses that were asked for since the log was read last.
    pub fn requests(&self) -> Vec<String> {
        let entries = self.post("se/log", &json!({"type": "performance"}));
        let messages = entries.as_array().into_iter().flatten().filter_map(|entry| entry["message"].as_str());
        let messages = messages.filter_map(|message| serde_json::from_str::<Value>(message).ok());
        let sent = messages.filter(|message| message["message"]["method"] == "Network.requestWillBeSent");
        sent.map(|message| message["message"]["params"]["request"]["url"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// A picture of the whole page, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        let parameters = json!({"captureBeyondViewport": true, "format": "png"});
        let body = json!({"cmd": "Page.captureScreenshot", "params": parameters});
        let answer = self.post("goog/cdp/execute", &body);
        STANDARD.decode(answer["data"].as_str().expect("a picture")).expect("it is in base64")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends the browser, which is no child of ours.
        let _ = self.client.delete(&self.session).send();
    }
}
