//! A proxy begins to ask for credentials, of which Windows gives none when it activates.

use super::watch::Watch;
use super::world::World;
use crate::servers::netns::Namespace;
use crate::servers::squid::Access;

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_proxy_that_asks_for_credentials_blocks_the_path_that_has_no_way_past_it() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let watch = Watch::over(&network);

    world.replace_proxy(Access::Basic { user: "user", password: "secret" });
    let blocked = watch.wait_until_told("ticket firing GracewatchPathBlocked microsoft");
    blocked.assert_says(&world.words("microsoft"));
    assert!(blocked.summary.contains("proxy http://proxy.corp.example:3128 demands credentials"), "{blocked:?}");
    // Why it is blocked, it says itself.
    watch.wait_until_silenced("GracewatchProxyAsksForCredentials", "microsoft");
    let asks = watch.wait_until_told("ticket firing GracewatchProxyAsksForCredentials lab");
    let sentence = "Proxy http://proxy.corp.example:3128 demands credentials for 2 endpoints of path lab, and Windows gives \
                    none when it activates: clients show 0x8004FE33. 40 machines depend on path lab.";
    assert!(asks.summary.starts_with(sentence), "{asks:?}");
    let first = "On http://proxy.corp.example:3128, let the endpoints of activation through";
    assert!(asks.description.starts_with(first), "{asks:?}");

    world.replace_proxy(Access::Open);
    watch.wait_until_told("ticket resolved GracewatchPathBlocked microsoft");
    watch.wait_until_told("ticket resolved GracewatchProxyAsksForCredentials lab");
    watch.assert_told(&[
        "ticket firing GracewatchPathBlocked microsoft",
        "ticket firing GracewatchProxyAsksForCredentials lab",
        "ticket resolved GracewatchPathBlocked microsoft",
        "ticket resolved GracewatchProxyAsksForCredentials lab",
    ]);
    watch.assert_fired(&[
        "GracewatchPathBlocked warning microsoft",
        "GracewatchProxyAsksForCredentials warning microsoft",
        "GracewatchProxyAsksForCredentials warning lab",
    ]);
}
