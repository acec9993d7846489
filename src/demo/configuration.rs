//! The configuration of the demo: a file as anybody would write it, that `serve` could read.

use super::company::{BERLIN, Company, ENDPOINTS, ISSUER, KMS01, KMS02, PROXY, TOKYO};
use std::fmt::Display;
use std::path::Path;

/// The files beside it.
pub(super) const ROOTS: &str = "roots.pem";
pub(super) const TOKENS: &str = "tokens";
pub(super) const INVENTORY: &str = "computers.csv";
const STORE: &str = "gracewatch.db";

/// The configuration for a company, with its files in this folder.
///
/// A round takes two seconds, so that a fault shows soon. What fails now and then has to show within four rounds. The
/// records of the nameserver lead to loopback, which is not allowed by default.
pub(super) fn text(company: &Company, folder: &Path) -> String {
    let file = |name: &str| quoted(folder.join(name).display());
    let store = quoted(format_args!("sqlite:{}", folder.join(STORE).display()));
    let time_servers: Vec<_> = company.time_servers.iter().map(quoted).collect();
    let endpoint = |(name, role): &(&str, &str)| format!("{{url: 'https://{name}', role: {role}}}");
    let endpoints: Vec<_> = ENDPOINTS.iter().map(endpoint).collect();
    let kms = |name: &str, domain: &str, hosts: &str| {
        format!(
            "  - name: {name}\n    kms:\n      domain: {domain}\n      nameservers: ['{}']\n      \
             expected_hosts: [{hosts}]\n      allowed_networks: [{}]\n",
            company.nameserver(),
            company.network()
        )
    };
    format!(
        "probe: {{interval: 2s, timeout: 2s}}\n\
         verdict: {{failing_rounds: 2, hold: 0s, intermittent: {{failures: 2, of: 4}}}}\n\
         paths:\n{tokyo}{berlin}  - name: online\n    online:\n      endpoints: [{endpoints}]\n      \
         proxies: ['http://{PROXY}:{proxy_port}']\n      nameservers: ['{nameserver}']\n      ca_file: {roots}\n      \
         expected_issuers: ['O={ISSUER}']\n\
         clock:\n  ntp: [{time_servers}]\n  host_clocks: ['http_date:{clock_port}']\n\
         status:\n  store: {store}\n  tokens_file: {tokens}\n  inventory: {inventory}\n\
         log: {{level: warn}}\n",
        tokyo = kms("tokyo", TOKYO, &format!("{KMS01}, {KMS02}")),
        berlin = kms("berlin", BERLIN, KMS02),
        endpoints = endpoints.join(", "),
        proxy_port = company.proxy.port(),
        nameserver = company.nameserver(),
        roots = file(ROOTS),
        time_servers = time_servers.join(", "),
        clock_port = company.clock_port,
        tokens = file(TOKENS),
        inventory = file(INVENTORY),
    )
}

/// A string of YAML in which nothing has a meaning of its own.
fn quoted(text: impl Display) -> String {
    format!("'{}'", text.to_string().replace('\'', "''"))
}
