//! The fault matrix: faults, alone and together, and the one verdict that each combination must give.
//!
//! The tables are `kms.md` and `online.md`, and with machines on the way `kms_fleets.md` and `online_fleets.md`, to be read
//! and written by a person; a row added there is tested. What their words mean is done in [`kms`] and [`kms_world`],
//! [`online`] and [`online_world`], [`fleets`] and [`fleet`].

mod confusion;
mod coverage;
pub mod fleet;
mod fleets;
mod kms;
mod kms_world;
mod online;
mod online_world;
mod table;
mod world;

#[test]
#[ignore = "needs chrony, iproute2, knot, libfaketime, nftables, nginx, python3-impacket, samba"]
fn every_combination_of_faults_on_the_way_to_a_kms_host_has_its_verdict() {
    kms::walk(&kms::rows()).assert_none();
}

#[test]
#[ignore = "needs chrony, dante-server, iproute2, knot, libfaketime, microsocks, nftables, nginx, openssl, squid, tinyproxy-bin"]
fn every_combination_of_faults_on_the_way_to_online_endpoints_has_its_verdict() {
    online::walk(&online::rows()).assert_none();
}

#[test]
#[ignore = "needs chrony, iproute2, knot, libfaketime, nftables, nginx, python3-impacket, samba"]
fn every_fleet_on_a_way_to_kms_hosts_has_its_verdict() {
    fleets::walk_to_hosts(&fleets::kms_rows()).assert_none();
}

#[test]
#[ignore = "needs chrony, dante-server, iproute2, knot, libfaketime, microsocks, nftables, nginx, openssl, squid, tinyproxy-bin"]
fn every_fleet_on_a_way_to_online_endpoints_has_its_verdict() {
    fleets::walk_to_endpoints(&fleets::online_rows()).assert_none();
}
