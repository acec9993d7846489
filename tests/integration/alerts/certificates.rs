//! A proxy begins to open what it forwards, and behind it the certificates of the endpoints end before long.

use super::watch::Watch;
use super::world::World;
use crate::servers::certificates::Validity;
use crate::servers::netns::Namespace;
use crate::servers::squid::Access;

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_proxy_that_intercepts_is_told_and_so_is_a_certificate_that_ends() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let watch = Watch::over(&network);

    world.intercept();
    world.replace_endpoints(Validity::EndingIn(20));
    let blocked = watch.wait_until_told("ticket firing GracewatchPathBlocked microsoft");
    blocked.assert_says(&world.words("microsoft"));
    assert!(blocked.summary.contains("activation.sls.example"), "{blocked:?}");
    // One proxy is one ticket, although the lab is intercepted by it as well.
    // Only the lab sees the certificates of the endpoints themselves.
    for endpoint in ["https://activation.sls.example", "https://licensing.mp.example"] {
        let ending = watch.wait_until_said(
            "ticket firing GracewatchCertificateEnding lab",
            &format!("A certificate of {endpoint} on path lab ends in 19d 23h …."),
        );
        assert!(ending.description.starts_with("For an endpoint of Microsoft, nothing is to be done"), "{ending:?}");
    }

    world.replace_proxy(Access::Open);
    world.replace_endpoints(Validity::Good);
    watch.assert_all_over(&[
        ("ticket", "GracewatchPathBlocked", "microsoft"),
        ("ticket", "GracewatchCertificateEnding", "lab"),
    ]);
    watch.assert_fired(&["GracewatchPathBlocked warning microsoft", "GracewatchCertificateEnding warning lab"]);
}

/// Where no path is blocked by it, what inspects TLS is what is wrong.
#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_proxy_that_intercepts_is_a_ticket_where_there_is_a_way_past_it() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let watch = Watch::over(&network);
    world.configure(&[(&world.configured("- {name: microsoft", "\n"), "")]);
    world.reload();

    world.intercept();
    let intercepted = watch.wait_until_told("ticket firing GracewatchTlsIntercepted");
    let sentence = "TLS to 2 endpoints of path lab is intercepted (through http://proxy.corp.example:3128): clients show \
                    0x80072F8F (TLS failed).";
    assert!(intercepted.summary.starts_with(sentence), "{intercepted:?}");
    let first = "On the proxy or firewall that inspects TLS, exempt the activation endpoints.";
    assert!(intercepted.description.starts_with(first), "{intercepted:?}");

    world.replace_proxy(Access::Open);
    watch.assert_all_over(&[("ticket", "GracewatchTlsIntercepted", "")]);
    watch.assert_fired(&["GracewatchTlsIntercepted warning"]);
}
