//! Who may have the configuration read again.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::servers::netns::Namespace;
use crate::servers::port;
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::request;

#[test]
#[ignore = "needs iproute2"]
fn only_this_machine_may_reload() {
    let network = Namespace::new();
    let own = Ipv4Addr::new(10, 16, 91, 1);
    network.add_address(IpAddr::V4(own));
    for allowed in ["loopback", "authenticated", "never"] {
        let configuration = format!("{}web: {{allow_reload: {allowed}}}\n", config::hosts(&[port::refusing()]));
        let daemon = Daemon::start_in_at(&network, "[::]:0", &configuration);
        let port = daemon.address().port();
        let ask = |address: IpAddr| {
            let address = SocketAddr::from((address, port));
            assert_eq!(request::send(Some(&network), "GET", address, "/-/healthy").status, 200);
            request::send(Some(&network), "POST", address, "/-/reload").status
        };
        let here = if allowed == "never" { 403 } else { 200 };
        assert_eq!(ask(Ipv4Addr::LOCALHOST.into()), here, "{allowed}: {}", daemon.log());
        // A connection to one's own address comes from that address.
        assert_eq!(ask(own.into()), 403, "{allowed}: {}", daemon.log());
        assert_eq!(daemon.log_lines("the configuration is reloaded").len(), usize::from(here == 200));
        let denied = daemon.log_lines("a request is denied");
        assert!(denied.iter().any(|line| line.contains("WARN") && line.contains("/-/reload")), "{}", daemon.log());
    }
}

#[test]
fn a_page_elsewhere_may_not_reload() {
    let daemon = Daemon::start(&config::hosts(&[port::refusing()]));
    let client = request::client().build().expect("a client can be built");
    let url = format!("http://{}/-/reload", daemon.address());
    let own = format!("http://{}", daemon.address());
    for (name, value, expected) in [
        ("origin", "https://page.example", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("x-forwarded-for", "192.0.2.1", 403),
        ("origin", own.as_str(), 200),
        ("sec-fetch-site", "same-origin", 200),
    ] {
        let response = client.post(&url).header(name, value).send().expect("it answers");
        assert_eq!(response.status().as_u16(), expected, "{name}: {value}");
    }
}
