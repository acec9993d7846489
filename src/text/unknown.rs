//! Why a path cannot be judged, and what to do about it.

use super::left_out;
use crate::observation::Stage;
use crate::verdict::Cause;

/// The sentence about the path called `name`, without its end.
pub(super) fn statement(name: &str, cause: &Cause) -> String {
    match cause {
        Cause::NotMeasured => format!("Path {name} cannot be judged yet: nothing on it has been measured"),
        Cause::LocalError { stage, detail, .. } => {
            format!("Path {name} cannot be judged: this machine could not {}{}", part(*stage), seen(detail))
        }
        Cause::LeftOut { stage, left_out } => {
            format!("Path {name} cannot be judged: {}", left_out::clause(*stage, left_out))
        }
        Cause::MonitorFailed { detail } => {
            format!("Path {name} cannot be judged: the part of this program failed that monitors it{}", seen(detail))
        }
    }
}

/// What this machine could not do at a stage.
const fn part(stage: Stage) -> &'static str {
    match stage {
        Stage::Srv | Stage::Address => "ask a nameserver",
        Stage::Tcp => "connect",
        Stage::Proxy => "speak to the proxy",
        Stage::Tls => "speak TLS",
        Stage::Http => "speak HTTP",
        Stage::Rpc => "speak RPC",
        Stage::Clock => "read the clock",
        Stage::Host | Stage::Count | Stage::Client => "do its part",
    }
}

fn seen(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(" ({detail})") }
}

/// What to do, first things first.
pub(super) fn steps(cause: &Cause) -> Vec<String> {
    match cause {
        Cause::NotMeasured => Vec::new(),
        Cause::LocalError { .. } => vec![
            "The fault is on the machine that measures: the detail of the failing stage says what it is".to_owned(),
            "Where it is out of file descriptors: raise `LimitNOFILE=` of its service, or lower `probe.concurrency`"
                .to_owned(),
            "Where it lacks a route, a permission, a nameserver or memory: give it that, and run `gracewatch check` there"
                .to_owned(),
        ],
        Cause::LeftOut { stage, left_out } => left_out::steps(*stage, left_out),
        Cause::MonitorFailed { .. } => vec![
            "Restart it: `systemctl restart gracewatch`".to_owned(),
            "Report what its log says of the failure: `journalctl --unit gracewatch --priority err`".to_owned(),
        ],
    }
}
