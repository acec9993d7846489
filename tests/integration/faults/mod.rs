//! The fault matrix: faults, alone and together, and the one verdict that each combination must give.
//!
//! The tables are `kms.md` and `online.md`, with machines on the path `kms_fleets.md` and `online_fleets.md`, over some
//! rounds `over_time.md`, once an outage is over `outages.md`, and where the machine that measures is at fault
//! `this_machine.md`. They are to be read and written by a person; a row added there is tested. What their words mean is
//! done in [`kms`] and [`kms_world`], [`online`] and [`online_world`], [`fleets`] and [`fleet`], [`over_time`] and
//! [`over_time_world`], [`outages`], and [`this_machine`].

mod confusion;
mod coverage;
pub mod fleet;
mod fleets;
mod kms;
mod kms_world;
mod online;
mod online_world;
mod outages;
mod over_time;
mod over_time_world;
mod table;
mod this_machine;
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

#[test]
#[ignore = "needs iproute2, knot, nftables, nginx, openssl, python3-impacket, squid, tinyproxy-bin"]
fn every_fault_that_comes_and_goes_has_its_verdict() {
    over_time::watch(&over_time::rows()).assert_none();
}

#[test]
fn what_an_outage_explains_is_excused_and_nothing_else() {
    for row in outages::rows() {
        assert_eq!(outages::judge(&row), row.verdict(), "{row}");
    }
}

#[test]
#[ignore = "needs iproute2, knot, nftables, nginx, procps, python3-impacket, util-linux"]
fn no_fault_of_this_machine_is_blamed_on_a_path() {
    this_machine::walk(&this_machine::rows()).assert_none();
}
