//! The daemon is installed and told nothing yet, and then something that it does not understand.

use super::watch::Watch;
use super::world::World;
use crate::servers::netns::Namespace;

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, prometheus, prometheus-alertmanager, python3-impacket, samba, squid"]
fn a_daemon_without_paths_is_told_and_so_is_a_configuration_that_it_refuses() {
    let network = Namespace::new();
    let mut world = World::within(&network);
    let [corp, microsoft, lab] =
        ["corp", "microsoft", "lab"].map(|path| world.configured(&format!("- {{name: {path}"), "\n"));
    let paths = format!("paths:\n{corp}{microsoft}{lab}");
    world.configure(&[(&paths, "")]);
    world.stop();
    world.start();
    let watch = Watch::over_ill(&network, "");

    world.configure(&[("domain: corp.example", "domian: corp.example")]);
    world.reload();
    let refused = watch.wait_until_told("ticket firing GracewatchConfigReloadFailed");
    assert!(refused.description.starts_with("Run `gracewatch config check FILE`"), "{refused:?}");
    refused.assert_says(&format!(
        "Gracewatch at gracewatch.corp.example:10688 rejected its last configuration and still runs with that of {}… +0000 UTC.",
        world.loaded_at().strftime("%Y-%m-%d %H:%M:%S")
    ));
    let no_paths = watch.wait_until_told("ticket firing GracewatchNoPaths");
    no_paths.assert_says("Gracewatch at gracewatch.corp.example:10688 runs and watches no path.");
    assert!(no_paths.description.contains("name one under `paths`"), "{no_paths:?}");

    world.configure(&[]);
    world.reload();
    let alerts = ["GracewatchConfigReloadFailed", "GracewatchNoPaths"];
    watch.assert_all_over(&alerts.map(|alert| ("ticket", alert, "")));
    watch.assert_fired(&["GracewatchConfigReloadFailed warning", "GracewatchNoPaths warning"]);
}
