//! Alertmanager: it takes alerts from Prometheus, and sends to people what concerns them.

use std::path::PathBuf;

use super::directory::TemporaryDirectory;
use super::http;
use super::place::Place;
use super::program;
use super::server::Server;

/// A running `prometheus-alertmanager` that is no member of a cluster.
#[derive(Debug)]
pub struct Alertmanager {
    server: Server,
    place: Place,
}

impl Alertmanager {
    /// Does what the file says that `configure` writes.
    pub fn start_at(place: &Place, configure: impl Fn(&TemporaryDirectory) -> PathBuf) -> Self {
        let alertmanager = program::find("prometheus-alertmanager", "prometheus-alertmanager");
        let server = Server::start(
            "alertmanager",
            place,
            |directory, address| {
                let mut command = place.server_command(&alertmanager);
                command
                    .arg(format!("--config.file={}", configure(directory).display()))
                    .arg(format!("--storage.path={}", directory.subdirectory("storage").display()))
                    .arg(format!("--web.listen-address={address}"))
                    .arg("--cluster.listen-address=")
                    .env("GOMAXPROCS", "1");
                command
            },
            |address| http::get_at(place, address, "/-/ready").is_ok_and(|response| response.status == 200),
        );
        Self { server, place: place.clone() }
    }

    /// The alerts it knows of now, in JSON, with what silences each of them.
    pub fn alerts(&self) -> String {
        let answer = http::get_at(&self.place, self.server.address, "/api/v2/alerts").expect("it answers");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        self.server.process.output()
    }
}
