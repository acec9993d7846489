//! What to do about a KMS host that cannot be reached, or does not serve.

use super::{clock, hosts};
use crate::host::{self, KMS_PORT};
use crate::observation::{Reason, Stage};
use crate::verdict::subject::Host;

/// The steps for a host that fails at a stage. Of a clock, a license or a count nothing more is known here.
pub(super) fn steps(stage: Stage, reason: Reason, host: &Host) -> Vec<String> {
    let kms_host = KmsHost { host: &host.host.host, port: host.host.port, is_discovered: host.is_discovered };
    match (stage, reason) {
        (Stage::Clock, _) => clock::own(),
        (Stage::Host, Reason::Idle) => hosts::idle(host),
        (Stage::Host, _) => hosts::license(host),
        (Stage::Count, _) => hosts::count(host),
        (Stage::Address, reason) => kms_host.for_address(reason),
        (Stage::Tcp, reason) => kms_host.for_tcp(reason),
        (_, reason) => kms_host.for_rpc(reason),
    }
}

/// A KMS host, as far as steps depend on it.
struct KmsHost<'a> {
    /// Name or address, without the port.
    host: &'a host::Host,
    port: u16,
    /// Found by DNS, as against named in the configuration or on clients.
    is_discovered: bool,
}

impl KmsHost<'_> {
    fn for_address(&self, reason: Reason) -> Vec<String> {
        let host = self.host;
        let ask = format!("Look the name up yourself: `nslookup {host}`");
        match reason {
            Reason::Nxdomain | Reason::NoRecords => {
                vec![ask, format!("Add the address record of {host} to its zone"), self.retired()]
            }
            _ => vec![ask, format!("Check that the nameservers run, and answer for the zone of {host}")],
        }
    }

    fn for_tcp(&self, reason: Reason) -> Vec<String> {
        let Self { host, port, .. } = self;
        let test = format!("From a client: `Test-NetConnection {host} -Port {port}`");
        match reason {
            // Where its firewall is on, Windows lets a closed port time out. A refusal comes from a host without a
            // firewall, or from something in between; a closed firewall is not its cause.
            Reason::Refused => vec![
                self.service(),
                format!("On {host}: `Get-NetTCPConnection -State Listen -LocalPort {port}` shows whether it listens"),
                test,
                self.retired(),
            ],
            Reason::TimedOut => vec![
                self.firewall(),
                self.service(),
                format!("Open TCP {port} from this network to {host} in the firewalls between"),
                test,
                self.retired(),
            ],
            _ => vec![
                format!("Check the route from this network to {host}: `tracert {host}`"),
                format!("Check that no firewall between prohibits TCP {port} to {host}"),
                test,
                self.retired(),
            ],
        }
    }

    fn for_rpc(&self, reason: Reason) -> Vec<String> {
        let Self { host, port, .. } = self;
        let role = format!("Check that {host} is a KMS host: `slmgr /dlv` there shows its key, count and port");
        let restart = format!("On {host}, restart the service: `Restart-Service sppsvc`");
        match reason {
            Reason::NotRpc => vec![
                format!(
                    "On {host}, see what listens: `Get-Process -Id (Get-NetTCPConnection -LocalPort \
                     {port}).OwningProcess`"
                ),
                self.port_elsewhere(),
                "Check that no proxy or load balancer answers in its place".into(),
            ],
            Reason::NotKms => vec![role, self.port_elsewhere()],
            Reason::Rejected => vec![restart, role],
            _ => vec![
                format!("Check that no firewall that inspects traffic cuts RPC to {host} on port {port}"),
                restart,
                role,
            ],
        }
    }

    fn service(&self) -> String {
        let host = self.host;
        format!("On {host}: `slmgr /dlv` shows whether it still is a KMS host; where it is, `Restart-Service sppsvc`")
    }

    /// The rule that Windows brings along is for the usual port alone.
    fn firewall(&self) -> String {
        let Self { host, port, .. } = self;
        if *port == KMS_PORT {
            return format!("On {host}, open its firewall: `Enable-NetFirewallRule -Name SPPSVC-In-TCP`");
        }
        format!(
            "On {host}, open its firewall: `New-NetFirewallRule -DisplayName KMS -Direction Inbound -Protocol TCP \
             -LocalPort {port} -Action Allow`"
        )
    }

    fn port_elsewhere(&self) -> String {
        let host = self.host;
        if self.is_discovered {
            format!("Compare the port in the SRV record with the one {host} listens on, and correct the record")
        } else {
            format!("Compare the port that is configured with the one {host} listens on")
        }
    }

    fn retired(&self) -> String {
        let host = self.host;
        if self.is_discovered {
            return format!("Where {host} is retired, delete its SRV record");
        }
        format!(
            "Where {host} is retired, name another on clients, `slmgr /skms HOST:1688`, or let DNS decide, `slmgr \
             /ckms`"
        )
    }
}
