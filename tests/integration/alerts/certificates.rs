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
    // Why it is blocked, it says itself.
    watch.wait_until_silenced("GracewatchTlsIntercepted", "microsoft");
    let intercepted = watch.wait_until_told("ticket firing GracewatchTlsIntercepted lab");
    intercepted.assert_says(&format!(
        "TLS to 2 endpoints of path lab is intercepted (through http://proxy.corp.example:3128): clients show 0x80072F8F \
         (TLS failed). {}",
        world.words("lab")
    ));
    assert!(intercepted.description.starts_with("On the proxy or firewall that inspects TLS"), "{intercepted:?}");
    // Only the lab sees the certificates of the endpoints themselves.
    for endpoint in ["https://activation.sls.example", "https://licensing.mp.example"] {
        let ending = watch.wait_until_said(
            "ticket firing GracewatchCertificateEnding lab",
            &format!("A certificate of {endpoint} on path lab ends in 19d 23h …."),
        );
        assert!(ending.description.starts_with("Check that whoever answers for it renews it in time."), "{ending:?}");
    }

    world.replace_proxy(Access::Open);
    world.replace_endpoints(Validity::Good);
    watch.assert_all_over(&[
        ("ticket", "GracewatchPathBlocked", "microsoft"),
        ("ticket", "GracewatchTlsIntercepted", "lab"),
        ("ticket", "GracewatchCertificateEnding", "lab"),
    ]);
    watch.assert_fired(&[
        "GracewatchPathBlocked warning microsoft",
        "GracewatchTlsIntercepted warning microsoft",
        "GracewatchTlsIntercepted warning lab",
        "GracewatchCertificateEnding warning lab",
    ]);
}
