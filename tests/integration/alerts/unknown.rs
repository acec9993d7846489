//! A firewall of the daemon's own machine forbids it to ask the nameserver of a path, while the path is blocked. That the
//! path cannot be measured any more is no recovery.

use std::net::Ipv4Addr;

use super::told::Told;
use super::watch::Watch;
use super::world::{self, SRV_RECORD, World, ZONE};
use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;

/// The nameserver that one path alone asks.
const OWN_NAMESERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 2);

#[test]
#[ignore = "needs chrony, knot, libfaketime, nftables, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_path_that_cannot_be_measured_has_an_alert_and_ends_no_other() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let zones = [Zone::new(ZONE, &world::zone(SRV_RECORD))];
    let _nameserver = Knot::start_at(&world.place(OWN_NAMESERVER, 53), &zones);
    let own = format!("domain: {ZONE}, nameservers: [{OWN_NAMESERVER}]");
    world.configure(&[("domain: corp.example", &own)]);
    world.stop();
    world.start();
    let watch = Watch::over(&network);

    world.close_port();
    watch.wait_until_told("ticket firing GracewatchPathBlocked corp");
    network.nft(&format!(
        "table inet faults {{\nchain leaving {{\ntype filter hook output priority 0\n\
         ip daddr {OWN_NAMESERVER} reject\n}}\n}}\n"
    ));
    let unknown = watch.wait_until_told("ticket firing GracewatchPathUnknown corp");
    let words = world.words("corp");
    unknown.assert_says(&format!("Gracewatch at gracewatch.corp.example:10688 is blind: {words}"));
    assert!(words.starts_with("Path corp cannot be judged: "), "{words}");
    let told: Vec<_> = watch.told().iter().map(Told::line).collect();
    assert!(!told.contains(&"ticket resolved GracewatchPathBlocked corp".to_owned()), "{told:#?}");

    // What the description asks for shows what the system refuses, and to whom.
    assert!(unknown.description.contains("On its machine, run `gracewatch check`"), "{unknown:?}");
    let check = world.run("check", &[]);
    assert!(check.stdout.contains("nameserver 127.0.53.2:53: this machine does not permit it"), "{}", check.stdout);

    world.open_port();
    network.clear_rules();
    let alerts = ["GracewatchPathBlocked", "GracewatchPathUnknown"];
    watch.assert_all_over(&alerts.map(|alert| ("ticket", alert, "corp")));
    watch.assert_fired(&["GracewatchPathBlocked warning corp", "GracewatchPathUnknown warning corp"]);
}
