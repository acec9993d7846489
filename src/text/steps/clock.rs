//! What to do about clocks that are wrong.

use crate::clock::comparison::Clocks;
use crate::verdict::subject::HostClock;

/// How to see how far off a clock is.
const COMPARE: &str =
    "`w32tm /stripchart /computer:DC /samples:3 /dataonly` with a domain controller, or on Linux `chronyc tracking`";

/// The clock of a KMS host, or ours in its stead.
pub(super) fn of_host(clock: &HostClock) -> Vec<String> {
    let host = clock.host.host.host.to_string();
    match clock.comparison.clocks {
        Clocks::HostAndTrueTime => named(&host),
        Clocks::HostAndOurs => {
            let mut steps = vec![
                format!("Find out which of the two is wrong: on {host} and on this machine, {COMPARE}"),
                "Name time servers under `clock.ntp`, so that true time is known here".into(),
            ];
            steps.extend(named(&host));
            steps
        }
        Clocks::OursAndTrueTime => own(),
    }
}

/// The clock of the KMS host called `host`.
fn named(host: &str) -> Vec<String> {
    vec![
        format!("On {host}: `w32tm /query /status` shows its time source; then `w32tm /resync /rediscover`"),
        format!(
            "Where the source is `Local CMOS Clock` or `Free-running System Clock`: `w32tm /config \
             /syncfromflags:domhier /update`, and restart `w32time` on {host}"
        ),
        format!("Where {host} is a virtual machine, see that its hypervisor has the right time"),
    ]
}

/// This machine's clock, against which clients and KMS hosts are judged.
pub(super) fn own() -> Vec<String> {
    vec![
        format!("See how far this machine's clock is off: {COMPARE}"),
        "Set it: `w32tm /resync /rediscover`, or on Linux `chronyc makestep`".into(),
        "On clients: `w32tm /query /source` shows their time source; all must have the same time as the KMS host"
            .into(),
    ]
}

/// This machine's clock, which one time server calls right and most call wrong.
pub(super) fn contradicted(server: &str) -> Vec<String> {
    vec![
        format!(
            "Find out who is right, {server} or the other time servers: compare them with a clock of another origin"
        ),
        "Name time servers under `clock.ntp` that are right, three or more of different origin".into(),
        format!(
            "Only where {server} is wrong, set this machine's clock: `w32tm /resync /rediscover`, or `chronyc makestep`"
        ),
    ]
}

/// This machine's clock, by which certificates are judged.
pub(super) fn own_online() -> Vec<String> {
    vec![
        "See how far this machine's clock is off: `w32tm /stripchart /computer:DC /samples:3 /dataonly`, or on Linux \
         `chronyc tracking`"
            .into(),
        "Set it: `w32tm /resync /rediscover`, or on Linux `chronyc makestep`".into(),
        "On clients: `w32tm /query /status`; a certificate that is valid is not so to a clock that is wrong".into(),
    ]
}
