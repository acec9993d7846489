//! Network namespaces: a network of a test's own, with the faults the test asks for.

use std::fs::File;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sched::{CloneFlags, setns};

use super::{process, program};

/// A network namespace with its loopback interface up, deleted on drop.
///
/// Drop it after what runs inside: a namespace lives on, nameless, while a process holds it. A test process that
/// is killed leaves it behind, empty; `ip netns delete` takes it away.
#[derive(Debug)]
pub struct Namespace {
    name: String,
}

/// Two namespaces joined by a cable.
///
/// | namespace | IPv4 | IPv6 |
/// |---|---|---|
/// | `client` | `10.16.88.1/24` | `fd00:1688::1/64` |
/// | `server` | `10.16.88.2/24` | `fd00:1688::2/64` |
///
/// Every pair has the same addresses, for no pair can see another.
#[derive(Debug)]
pub struct Pair {
    pub client: Namespace,
    pub server: Namespace,
}

impl Pair {
    pub const CLIENT_IPV4: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 16, 88, 1));
    pub const CLIENT_IPV6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfd00, 0x1688, 0, 0, 0, 0, 0, 1));
    pub const SERVER_IPV4: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 16, 88, 2));
    pub const SERVER_IPV6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfd00, 0x1688, 0, 0, 0, 0, 0, 2));
}

impl Namespace {
    /// A namespace with nothing but loopback.
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let namespace = Self { name: format!("gracewatch-{}-{number}", std::process::id()) };
        // One of the same name is left over from a killed run whose process id has come round again.
        namespace.delete();
        run_ip(&["netns", "add", &namespace.name]);
        namespace.ip(&["link", "set", "lo", "up"]);
        namespace
    }

    /// Two namespaces joined by a virtual Ethernet cable, see [`Pair`].
    pub fn pair() -> Pair {
        let (client, server) = (Self::new(), Self::new());
        // Both ends are made in place: an interface made outside would meet another test's of the same name.
        client.ip(&["link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", &server.name]);
        for (namespace, ipv4, ipv6) in
            [(&client, Pair::CLIENT_IPV4, Pair::CLIENT_IPV6), (&server, Pair::SERVER_IPV4, Pair::SERVER_IPV6)]
        {
            namespace.ip(&["address", "add", &format!("{ipv4}/24"), "dev", "cable"]);
            // Without "nodad" the address is of no use for its first second, while duplicates are looked for.
            namespace.ip(&["address", "add", &format!("{ipv6}/64"), "dev", "cable", "nodad"]);
            // Nor is a second address wanted, which would be announced while the test runs.
            namespace.ip(&["link", "set", "cable", "addrgenmode", "none"]);
            namespace.ip(&["link", "set", "cable", "up"]);
        }
        for namespace in [&client, &server] {
            // The kernel notices a cable in its own time, and loses packets until then.
            process::wait_until("the cable has no carrier", || {
                namespace.ip(&["-brief", "link", "show", "cable"]).contains(" UP ")
            });
        }
        Pair { client, server }
    }

    /// Gives the loopback interface another address, for servers that listen on no other than an interface has.
    pub fn add_address(&self, address: IpAddr) {
        self.ip(&["address", "add", &address.to_string(), "dev", "lo"]);
    }

    /// Discards what is sent to an address outside, on the way out: a connection fails at once, with an invalid argument.
    pub fn discard(&self, address: IpAddr) {
        self.ip(&["route", "add", "blackhole", &address.to_string()]);
    }

    /// Has the routing table say that an address outside is not to be reached: a connection fails at once.
    pub fn prohibit(&self, address: IpAddr) {
        self.ip(&["route", "add", "prohibit", &address.to_string()]);
    }

    /// Sends what is for other networks through a router at the other end of the cable.
    pub fn route_through(&self, router: IpAddr) {
        self.ip(&["route", "add", "default", "via", &router.to_string()]);
    }

    /// Takes the cable's interface down, which takes its routes away, or up again.
    pub fn set_cable(&self, is_up: bool) {
        self.ip(&["link", "set", "cable", if is_up { "up" } else { "down" }]);
    }

    /// Takes the IPv4 address of the cable's interface away.
    pub fn take_address(&self, address: IpAddr) {
        self.ip(&["address", "delete", &format!("{address}/24"), "dev", "cable"]);
    }

    /// Waits until the cable has a carrier, or none.
    pub fn wait_for_carrier(&self, is_there: bool) {
        process::wait_until("the cable keeps or lacks its carrier", || {
            self.ip(&["-brief", "link", "show", "cable"]).contains(" UP ") == is_there
        });
    }

    /// The name `ip netns` knows it by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A command that runs inside; its process id is the program's own.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program::find("ip", "iproute2"));
        command.args(["netns", "exec", &self.name]).arg(program.as_ref());
        command
    }

    /// Makes programs started inside from now on find `server` in /etc/resolv.conf (which has no room for a port:
    /// it must listen on 53).
    pub fn resolve_through(&self, server: IpAddr) {
        self.write_resolv_conf(format!("nameserver {server}\n").as_bytes());
    }

    /// The same, and a domain to search.
    pub fn resolve_and_search(&self, server: IpAddr, domain: &str) {
        self.write_resolv_conf(format!("nameserver {server}\nsearch {domain}\n").as_bytes());
    }

    /// Gives programs started inside from now on an /etc/resolv.conf of their own. Returns where it is.
    pub fn write_resolv_conf(&self, text: &[u8]) -> PathBuf {
        self.write_configuration("resolv.conf", text)
    }

    /// Gives programs started inside from now on an /etc/hosts of their own. Returns where it is.
    pub fn write_hosts(&self, text: &[u8]) -> PathBuf {
        self.write_configuration("hosts", text)
    }

    fn write_configuration(&self, name: &str, text: &[u8]) -> PathBuf {
        let directory = self.configuration();
        let file = directory.join(name);
        std::fs::create_dir_all(&directory)
            .and_then(|()| std::fs::write(&file, text))
            .unwrap_or_else(|error| panic!("cannot write to {}: {error}", directory.display()));
        file
    }

    /// Loads firewall rules, in the language of `nft -f`.
    pub fn nft(&self, rules: &str) {
        let mut nft = self
            .command(program::find("nft", "nftables"))
            .args(["-f", "-"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nft can be run");
        // If it has ended early its exit code and message say more than a broken pipe.
        let _ = nft.stdin.take().expect("stdin is piped").write_all(rules.as_bytes());
        let output = nft.wait_with_output().expect("nft ends");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "nft rejects {rules:?}: {complaint}");
    }

    /// Drops what arrives for a TCP port: connecting to it times out.
    pub fn drop_tcp(&self, port: u16) {
        self.handle_arriving(&format!("tcp dport {port} drop"));
    }

    /// Answers for a TCP port as if nobody listened there: connection refused.
    pub fn reset_tcp(&self, port: u16) {
        self.handle_arriving(&format!("tcp dport {port} reject with tcp reset"));
    }

    /// Answers for a TCP port as a router with a policy does. Over IPv4 that is host unreachable; over IPv6 it is
    /// permission denied, and with the second SYN only, a second into the attempt.
    pub fn prohibit_tcp(&self, port: u16) {
        self.handle_arriving(&format!("tcp dport {port} reject with icmpx admin-prohibited"));
    }

    /// Answers for a TCP port as the last router does for a host that is off: host unreachable. Over IPv6 it is
    /// noticed with the second SYN only, a second into the attempt.
    pub fn make_host_unreachable(&self, port: u16) {
        self.handle_arriving(&format!("tcp dport {port} reject with icmpx host-unreachable"));
    }

    /// Answers for a TCP port as a router does that has no route on: network unreachable.
    pub fn make_network_unreachable(&self, port: u16) {
        self.handle_arriving(&format!("tcp dport {port} reject with icmpx no-route"));
    }

    /// Lets everything arrive and counts the connections that are begun and ended with TCP ports.
    pub fn count_connections(&self, ports: &[u16]) {
        let rules = ports.iter().map(|port| {
            format!(
                "tcp dport {port} tcp flags & syn != 0 counter comment \"begun {port}\"\n\
                 tcp dport {port} tcp flags & (fin | rst) != 0 counter comment \"ended {port}\"\n"
            )
        });
        self.handle_arriving(&rules.collect::<String>());
    }

    /// How many connections with a TCP port were begun, and how many the client has ended, since counting began.
    pub fn connections(&self, port: u16) -> [u32; 2] {
        let mut command = self.command(program::find("nft", "nftables"));
        let output = command.args(["list", "ruleset"]).output().expect("nft can be run");
        let rules = String::from_utf8_lossy(&output.stdout);
        ["begun", "ended"].map(|what| {
            let comment = format!("\"{what} {port}\"");
            let rule = rules.lines().find(|rule| rule.contains(&comment));
            let packets = rule.and_then(|rule| rule.split_once("packets ")?.1.split(' ').next()?.parse().ok());
            packets.unwrap_or_else(|| panic!("no count of {comment} in {rules}"))
        })
    }

    /// Drops what arrives for a UDP port.
    pub fn drop_udp(&self, port: u16) {
        self.handle_arriving(&format!("udp dport {port} drop"));
    }

    /// Takes all firewall rules away.
    pub fn clear_rules(&self) {
        self.nft("flush ruleset");
    }

    /// Rules for arriving packets, in place of all that were there.
    fn handle_arriving(&self, rules: &str) {
        self.nft(&format!(
            "flush ruleset\n\
             table inet faults {{\n\
               chain arriving {{\n\
                 type filter hook input priority 0\n\
                 {rules}\n\
               }}\n\
             }}\n"
        ));
    }

    /// Runs `ip` on the namespace's own interfaces and returns what it prints.
    fn ip(&self, arguments: &[&str]) -> String {
        let mut all = vec!["-n", &self.name];
        all.extend(arguments);
        run_ip(&all)
    }

    /// The directory `ip netns exec` lays over /etc.
    fn configuration(&self) -> PathBuf {
        Path::new("/etc/netns").join(&self.name)
    }

    /// Deletes the namespace if there is one.
    fn delete(&self) {
        let _ = std::fs::remove_dir_all(self.configuration());
        // Silent, for that there is none is the usual case when starting.
        let _ = Command::new(program::find("ip", "iproute2")).args(["netns", "delete", &self.name]).output();
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.delete();
    }
}

/// Moves the thread that calls this into the namespace of this name, for good.
pub(super) fn enter(name: &str) {
    let namespace = Path::new("/run/netns").join(name);
    let file = File::open(&namespace).unwrap_or_else(|error| panic!("no {}: {error}", namespace.display()));
    setns(file, CloneFlags::CLONE_NEWNET).unwrap_or_else(|error| panic!("cannot enter {name}: {error}"));
}

/// Runs `ip`, insists that it succeeds, and returns what it prints.
fn run_ip(arguments: &[&str]) -> String {
    let output = Command::new(program::find("ip", "iproute2")).args(arguments).output().expect("ip can be run");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {}: {complaint}(network namespaces need root)", arguments.join(" "));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
