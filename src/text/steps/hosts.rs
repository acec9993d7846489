//! What to do about KMS hosts that serve: their license, their count, and that nobody asks them.

use crate::verdict::subject::Host;

/// The license of a host lapsed. In the order of what is cheap.
pub(super) fn license(host: &Host) -> Vec<String> {
    let host = &host.host.host;
    vec![
        format!("On {host}: `slmgr /dlv` shows the state of its KMS host key (channel VOLUME_KMS)"),
        format!("On {host}, activate it again: `slmgr /ato`, or by phone `slui 4`"),
        format!(
            "Where its key was replaced or used up, install the KMS host key again: `slmgr /ipk KEY`, then `slmgr \
             /ato`; a key is good for six hosts, and ten activations on each"
        ),
    ]
}

/// No client asks a host.
pub(super) fn idle(host: &Host) -> Vec<String> {
    let host = &host.host.host;
    vec![
        "On a client: `slmgr /dlv` shows the KMS host it asks; `slmgr /ato` makes it ask now".into(),
        format!(
            "On {host}: `Get-WinEvent -LogName 'Key Management Service' -MaxEvents 5` shows the last requests (event \
             12290)"
        ),
        format!("Where clients ask another host on purpose, stop {host} from publishing itself: `slmgr /cdns` there"),
    ]
}

/// A host counts too few clients, or hardly enough.
pub(super) fn count(host: &Host) -> Vec<String> {
    let host = &host.host.host;
    vec![
        format!("On {host}: `slmgr /dlv` shows the current count; it is of different clients of the last 30 days"),
        "Where clients were cloned from one image without `sysprep /generalize`, they share a client machine ID and \
         count as one: compare it in `slmgr /dlv`, and on clones run `slmgr /rearm`"
            .into(),
        "Below 25 Windows clients, or 5 servers, KMS does not activate: use a MAK (`slmgr /ipk KEY`) or activation by \
         Active Directory there"
            .into(),
    ]
}
