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
    blocked.assert_says(
        "Path microsoft is blocked at tls: intercepted; clients show 0x80072F8F; 40 machines depend on it, and the \
         first loses activation in 59d 23h …",
    );
    for path in ["microsoft", "lab"] {
        let intercepted = watch.wait_until_told(&format!("ticket firing GracewatchTlsIntercepted {path}"));
        intercepted.assert_says(&format!(
            "TLS to 2 endpoints of path {path} is intercepted (through http://proxy.corp.example:3128): clients show \
             0x80072F8F; 40 machines depend on the path"
        ));
        assert!(intercepted.description.starts_with("On the proxy or firewall that inspects TLS"), "{intercepted:?}");
    }
    // Only the lab sees the certificates of the endpoints themselves.
    for endpoint in ["https://activation.sls.example", "https://licensing.mp.example"] {
        let ending = watch.wait_until_said(
            "ticket firing GracewatchCertificateEnding lab",
            &format!("A certificate of {endpoint} on path lab ends in 19d 23h …"),
        );
        assert!(ending.description.starts_with("See that whoever answers for it renews it in time."), "{ending:?}");
    }

    world.replace_proxy(Access::Open);
    world.replace_endpoints(Validity::Good);
    watch.assert_all_over(&[
        ("ticket", "GracewatchPathBlocked", "microsoft"),
        ("ticket", "GracewatchTlsIntercepted", "microsoft"),
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
