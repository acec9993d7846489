//! Every gauge there is: its name, its help, and its labels.

/// The name, help and labels of a gauge. It takes as many values of labels as it has labels, which the compiler checks.
#[derive(Debug)]
pub(super) struct Gauge<const LABELS: usize> {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) labels: [&'static str; LABELS],
}

pub(super) const BUILD_INFO: Gauge<1> =
    Gauge { name: "gracewatch_build_info", help: "The version that runs; always 1.", labels: ["version"] };
pub(super) const RELOAD_SUCCESSFUL: Gauge<0> = Gauge {
    name: "gracewatch_config_last_reload_successful",
    help: "1 where the last configuration that was offered is in force, 0 where it was refused.",
    labels: [],
};
pub(super) const RELOAD_SUCCESS_TIME: Gauge<0> = Gauge {
    name: "gracewatch_config_last_reload_success_timestamp_seconds",
    help: "When the configuration in force was loaded, in seconds since 1970.",
    labels: [],
};
pub(super) const WEB_RELOAD_SUCCESSFUL: Gauge<0> = Gauge {
    name: "gracewatch_web_config_last_reload_successful",
    help: "1 where the web configuration that was read last is in force, 0 where it was refused. Absent without one.",
    labels: [],
};
pub(super) const WEB_RELOAD_SUCCESS_TIME: Gauge<0> = Gauge {
    name: "gracewatch_web_config_last_reload_success_timestamp_seconds",
    help: "When the web configuration in force was loaded, in seconds since 1970.",
    labels: [],
};
pub(super) const WEB_CONFIG_UP: Gauge<0> = Gauge {
    name: "gracewatch_web_config_up",
    help: "1 where changes in the web configuration are noticed, 0 while its files hang. Absent without one.",
    labels: [],
};
pub(super) const WEB_CERTIFICATE_EXPIRY: Gauge<0> = Gauge {
    name: "gracewatch_web_certificate_expiry_timestamp_seconds",
    help: "When the first certificate that the listener shows ends, in seconds since 1970. Absent without TLS.",
    labels: [],
};
pub(super) const CLOCK_OFFSET: Gauge<3> = Gauge {
    name: "gracewatch_clock_offset_seconds",
    help: "The clock of a source minus this machine's.",
    labels: ["source", "kind", "address"],
};
pub(super) const CLOCK_ERROR: Gauge<3> = Gauge {
    name: "gracewatch_clock_error_seconds",
    help: "The bound within which the offset of a source holds.",
    labels: ["source", "kind", "address"],
};
pub(super) const CLOCK_REFERENCE: Gauge<0> = Gauge {
    name: "gracewatch_clock_reference_offset_seconds",
    help: "True time, as most sources agree on it, minus this machine's clock. Absent where they do not agree.",
    labels: [],
};
pub(super) const CLOCK_REFERENCE_ERROR: Gauge<0> = Gauge {
    name: "gracewatch_clock_reference_error_seconds",
    help: "The bound within which the offset of true time holds.",
    labels: [],
};
pub(super) const CLOCK_SOURCE_UP: Gauge<3> = Gauge {
    name: "gracewatch_clock_source_up",
    help: "1 where a time server gives the time and no majority contradicts it, else 0.",
    labels: ["source", "kind", "address"],
};
pub(super) const CLOCK_SOURCE_FAILURE: Gauge<4> = Gauge {
    name: "gracewatch_clock_source_failure_info",
    help: "1 while a time server fails, with the reason.",
    labels: ["source", "kind", "address", "reason"],
};
pub(super) const HOST_CLOCK_OFFSET: Gauge<3> = Gauge {
    name: "gracewatch_kms_host_clock_offset_seconds",
    help: "The clock of a KMS host minus true time. Absent where either is unknown.",
    labels: ["path", "target", "address"],
};
pub(super) const HOST_CLOCK_ERROR: Gauge<3> = Gauge {
    name: "gracewatch_kms_host_clock_error_seconds",
    help: "The bound within which the offset of a KMS host holds.",
    labels: ["path", "target", "address"],
};
pub(super) const PATH_UP: Gauge<1> = Gauge {
    name: "gracewatch_path_up",
    help: "1 where a client on this path gets activated, 0 where the path is blocked. Absent where it is unknown.",
    labels: ["path"],
};
pub(super) const PATH_DEGRADED: Gauge<1> = Gauge {
    name: "gracewatch_path_degraded",
    help: "1 where a client still gets activated but something is wrong. Absent where the path is unknown.",
    labels: ["path"],
};
pub(super) const PATH_UNKNOWN: Gauge<1> = Gauge {
    name: "gracewatch_path_unknown",
    help: "1 where the path cannot be judged, for a reason of this machine, else 0.",
    labels: ["path"],
};
pub(super) const PATH_BLOCKED: Gauge<4> = Gauge {
    name: "gracewatch_path_blocked_info",
    help: "1 while the path is blocked: the stage to blame, why, and the Windows error code clients show.",
    labels: ["path", "stage", "reason", "code"],
};
pub(super) const PATH_VERDICT: Gauge<5> = Gauge {
    name: "gracewatch_path_verdict_info",
    help: "The verdict on a path in words, for the annotations of alerts; always 1.",
    labels: ["path", "verdict", "summary", "impact", "first_step"],
};
pub(super) const PATH_PROBLEM: Gauge<3> = Gauge {
    name: "gracewatch_path_problem_info",
    help: "1 for each stage and reason for which something is wrong with the path, or with machines on it.",
    labels: ["path", "stage", "reason"],
};
pub(super) const PATH_PROBLEM_MACHINES: Gauge<3> = Gauge {
    name: "gracewatch_path_problem_machines",
    help: "Machines that a problem is about. Absent where it is about the path, which concerns all that depend on it.",
    labels: ["path", "stage", "reason"],
};
pub(super) const PATH_SINCE: Gauge<1> = Gauge {
    name: "gracewatch_path_since_timestamp_seconds",
    help: "When the path began to be ok, degraded or blocked as it is now, in seconds since 1970.",
    labels: ["path"],
};
pub(super) const PATH_JUDGED: Gauge<1> = Gauge {
    name: "gracewatch_path_last_judged_timestamp_seconds",
    help: "When the path was judged last, whatever came of it, in seconds since 1970.",
    labels: ["path"],
};
pub(super) const PATH_FAILING_ROUNDS: Gauge<1> = Gauge {
    name: "gracewatch_path_failing_rounds",
    help: "Rounds in a row that ended with a worse verdict than the one that is shown; 0 where there is none.",
    labels: ["path"],
};
pub(super) const PATH_HELD: Gauge<1> = Gauge {
    name: "gracewatch_path_held",
    help: "1 while a verdict is held although a better one could take its place.",
    labels: ["path"],
};
pub(super) const STAGE_UP: Gauge<4> = Gauge {
    name: "gracewatch_stage_up",
    help: "1 where the stage passed when it was last probed.",
    labels: ["path", "target", "address", "stage"],
};
pub(super) const STAGE_DURATION: Gauge<4> = Gauge {
    name: "gracewatch_stage_duration_seconds",
    help: "How long the stage took when it was last probed.",
    labels: ["path", "target", "address", "stage"],
};
pub(super) const STAGE_FAILURE: Gauge<5> = Gauge {
    name: "gracewatch_stage_failure_info",
    help: "1 while the stage fails, with the reason.",
    labels: ["path", "target", "address", "stage", "reason"],
};
pub(super) const SRV_RECORDS: Gauge<2> = Gauge {
    name: "gracewatch_srv_records",
    help: "SRV records of KMS hosts that a nameserver gives. Absent where it does not answer.",
    labels: ["path", "nameserver"],
};
pub(super) const SRV_TARGET: Gauge<6> = Gauge {
    name: "gracewatch_srv_target_info",
    help: "A KMS host in DNS; always 1.",
    labels: ["path", "host", "port", "priority", "weight", "expected"],
};
pub(super) const LEFT_OUT: Gauge<2> = Gauge {
    name: "gracewatch_left_out_targets",
    help: "Targets that DNS names at a stage and that are not probed, for they are not allowed or too many.",
    labels: ["path", "stage"],
};
pub(super) const SRV_CONSISTENT: Gauge<1> = Gauge {
    name: "gracewatch_srv_consistent",
    help: "1 where all nameservers that answer give the same SRV records.",
    labels: ["path"],
};

pub(super) const WITHOUT_EDNS: Gauge<0> = Gauge {
    name: "gracewatch_nameservers_without_edns",
    help: "Nameservers that are asked without EDNS for a while, as they did not answer with it.",
    labels: [],
};
pub(super) const WITHOUT_EDNS_LIMIT: Gauge<0> = Gauge {
    name: "gracewatch_nameservers_without_edns_limit",
    help: "How many nameservers that did not answer with EDNS are remembered at the most.",
    labels: [],
};

pub(super) const TARGET_INFO: Gauge<5> = Gauge {
    name: "gracewatch_target_info",
    help: "An endpoint as seen through a proxy, and what Windows needs it for; always 1.",
    labels: ["path", "target", "endpoint", "proxy", "role"],
};
pub(super) const PROXY_DEMANDS_LOGIN: Gauge<2> = Gauge {
    name: "gracewatch_proxy_demands_credentials",
    help: "1 where the proxy requires credentials, which Windows does not give when it activates.",
    labels: ["path", "target"],
};
pub(super) const EARLIEST_EXPIRY: Gauge<2> = Gauge {
    name: "gracewatch_ssl_earliest_cert_expiry",
    help: "When the first certificate ends of the chain that an endpoint shows, believed or not, in seconds since 1970. \
           What it sends beside the chain does not count.",
    labels: ["path", "target"],
};
pub(super) const LAST_CHAIN_EXPIRY: Gauge<2> = Gauge {
    name: "gracewatch_ssl_last_chain_expiry_timestamp_seconds",
    help: "When the first certificate of a chain that is believed ends, in seconds since 1970.",
    labels: ["path", "target"],
};
pub(super) const LAST_CHAIN: Gauge<6> = Gauge {
    name: "gracewatch_ssl_last_chain_info",
    help: "The certificate that an endpoint shows; always 1.",
    labels: ["path", "target", "fingerprint_sha256", "subject", "issuer", "subjectalternative"],
};
pub(super) const TLS_VERSION: Gauge<3> = Gauge {
    name: "gracewatch_tls_version_info",
    help: "The TLS version agreed on with an endpoint; always 1.",
    labels: ["path", "target", "version"],
};
pub(super) const TLS_CIPHER: Gauge<3> = Gauge {
    name: "gracewatch_tls_cipher_info",
    help: "The cipher suite agreed on with an endpoint; always 1.",
    labels: ["path", "target", "cipher"],
};
pub(super) const HTTP_STATUS: Gauge<2> = Gauge {
    name: "gracewatch_http_status_code",
    help: "The status an endpoint answered with. Absent where it did not answer.",
    labels: ["path", "target"],
};
pub(super) const HTTP_FIRST_BYTE: Gauge<2> = Gauge {
    name: "gracewatch_http_first_byte_seconds",
    help: "From the request to the first byte of the answer. Absent where an endpoint did not answer.",
    labels: ["path", "target"],
};

pub(super) const PATH_MACHINES: Gauge<1> =
    Gauge { name: "gracewatch_path_machines", help: "Machines that depend on this path.", labels: ["path"] };
pub(super) const PATH_LOST: Gauge<1> = Gauge {
    name: "gracewatch_path_machines_lost",
    help: "Machines of this path that have lost activation: they reported so, or their time has run out since.",
    labels: ["path"],
};
pub(super) const PATH_FIRST_EXPIRY: Gauge<1> = Gauge {
    name: "gracewatch_path_first_expiry_timestamp_seconds",
    help: "When the first of these machines loses activation unless it renews, in seconds since 1970.",
    labels: ["path"],
};
pub(super) const PATH_EXPIRING: Gauge<2> = Gauge {
    name: "gracewatch_path_machines_expiring",
    help: "Machines of this path that lose activation within a time unless they renew.",
    labels: ["path", "within"],
};
pub(super) const PATH_OVERDUE: Gauge<1> = Gauge {
    name: "gracewatch_path_machines_renewal_overdue",
    help: "Machines of this path that should have renewed and have not.",
    labels: ["path"],
};
pub(super) const MACHINES: Gauge<3> = Gauge {
    name: "gracewatch_machines",
    help: "Machines with a license for a product, by the status they reported last.",
    labels: ["product", "channel", "license_status"],
};
pub(super) const MACHINES_EXPIRING: Gauge<1> = Gauge {
    name: "gracewatch_machines_expiring",
    help: "Machines that lose activation within a time unless they renew.",
    labels: ["within"],
};
pub(super) const MACHINES_LOST: Gauge<0> = Gauge {
    name: "gracewatch_machines_lost",
    help: "Machines that have lost activation: they reported so, or their time has run out since.",
    labels: [],
};
pub(super) const MACHINES_STALE: Gauge<0> =
    Gauge { name: "gracewatch_machines_stale", help: "Machines without reports for too long.", labels: [] };
pub(super) const MACHINES_OVERDUE: Gauge<0> = Gauge {
    name: "gracewatch_machines_renewal_overdue",
    help: "Machines that should have renewed and have not.",
    labels: [],
};
pub(super) const MACHINES_KNOWN: Gauge<0> =
    Gauge { name: "gracewatch_machines_known", help: "Machines that report, or are reported.", labels: [] };
pub(super) const MACHINES_LIMIT: Gauge<0> =
    Gauge { name: "gracewatch_machines_limit", help: "How many machines are known at the most.", labels: [] };
pub(super) const LICENSES_KNOWN: Gauge<0> =
    Gauge { name: "gracewatch_licenses_known", help: "Licenses of all machines.", labels: [] };
pub(super) const LICENSES_LIMIT: Gauge<0> =
    Gauge { name: "gracewatch_licenses_limit", help: "How many licenses are known at the most.", labels: [] };
pub(super) const TERMS_BYTES: Gauge<0> = Gauge {
    name: "gracewatch_license_terms_bytes",
    help: "Memory that products, keys and hosts of licenses take, about.",
    labels: [],
};
pub(super) const TERMS_LIMIT_BYTES: Gauge<0> = Gauge {
    name: "gracewatch_license_terms_limit_bytes",
    help: "How much memory products, keys and hosts of licenses may take.",
    labels: [],
};
pub(super) const MACHINES_EXPECTED: Gauge<0> = Gauge {
    name: "gracewatch_machines_expected",
    help: "Machines in the inventory. Absent without one, and until it is read.",
    labels: [],
};
pub(super) const MACHINES_MISSING: Gauge<0> =
    Gauge { name: "gracewatch_machines_missing", help: "Machines in the inventory that never reported.", labels: [] };
pub(super) const MACHINES_UNLISTED: Gauge<0> = Gauge {
    name: "gracewatch_machines_unlisted",
    help: "Machines that report, or are reported, and are not in the inventory.",
    labels: [],
};
pub(super) const INVENTORY_UP: Gauge<0> = Gauge {
    name: "gracewatch_inventory_up",
    help: "1 where the inventory could be read, 0 while what was read before counts. Absent without one.",
    labels: [],
};
pub(super) const INVENTORY_TIME: Gauge<0> = Gauge {
    name: "gracewatch_inventory_last_read_timestamp_seconds",
    help: "When the inventory that counts was read, in seconds since 1970. Absent until then.",
    labels: [],
};
pub(super) const FIRST_EXPIRY: Gauge<0> = Gauge {
    name: "gracewatch_machines_first_expiry_timestamp_seconds",
    help: "When the first of all machines loses activation unless it renews, in seconds since 1970.",
    labels: [],
};
pub(super) const GRACE_REMAINING: Gauge<3> = Gauge {
    name: "gracewatch_machine_grace_remaining_seconds",
    help: "Time left until a license ends unless it is renewed; only of those most at risk.",
    labels: ["machine", "product", "channel"],
};
pub(super) const RENEWAL_OVERDUE: Gauge<3> = Gauge {
    name: "gracewatch_machine_renewal_overdue_seconds",
    help: "For how long a license should have been renewed; only of those most at risk.",
    labels: ["machine", "product", "channel"],
};
pub(super) const FLEET_TIME: Gauge<0> = Gauge {
    name: "gracewatch_fleet_last_added_up_timestamp_seconds",
    help: "When the figures of machines were last aggregated, in seconds since 1970.",
    labels: [],
};
pub(super) const INBOX_UP: Gauge<0> =
    Gauge { name: "gracewatch_inbox_up", help: "1 where the inbox can be processed, else 0.", labels: [] };
pub(super) const HOSTS_LEFT_OUT: Gauge<0> = Gauge {
    name: "gracewatch_kms_hosts_left_out",
    help: "KMS hosts that report, or are reported, and have no series: there are more than a hundred.",
    labels: [],
};
pub(super) const INBOX_WAITING: Gauge<0> =
    Gauge { name: "gracewatch_inbox_waiting_files", help: "Files in the inbox that are not imported yet.", labels: [] };
pub(super) const HOST_COUNT: Gauge<2> = Gauge {
    name: "gracewatch_kms_host_current_clients",
    help: "Clients that a KMS host counts for an application, by its own word or that of clients.",
    labels: ["machine", "application"],
};
pub(super) const HOST_REQUIRED: Gauge<2> = Gauge {
    name: "gracewatch_kms_host_required_clients",
    help: "Clients that a KMS host must count for an application to activate all who ask it for that.",
    labels: ["machine", "application"],
};
pub(super) const HOST_LAST_REQUEST: Gauge<1> = Gauge {
    name: "gracewatch_kms_host_last_request_timestamp_seconds",
    help: "When a client last asked a KMS host, by the events of the host, in seconds since 1970.",
    labels: ["machine"],
};
pub(super) const HOST_IDLE_SINCE: Gauge<1> = Gauge {
    name: "gracewatch_kms_host_idle_since_timestamp_seconds",
    help: "Since when no client is known to have asked a KMS host, by its own word and that of clients, in seconds \
           since 1970.",
    labels: ["machine"],
};
pub(super) const HOST_LICENSE: Gauge<2> = Gauge {
    name: "gracewatch_kms_host_licensed",
    help: "1 where the KMS host license of a KMS host itself for an application is in force, by any of its keys, else 0.",
    labels: ["machine", "application"],
};
pub(super) const HOST_REPORTED: Gauge<1> = Gauge {
    name: "gracewatch_kms_host_last_report_timestamp_seconds",
    help: "When a KMS host last reported what it counts, in seconds since 1970.",
    labels: ["machine"],
};
pub(super) const HOST_REQUESTS: Gauge<3> = Gauge {
    name: "gracewatch_kms_host_requests_total",
    help: "Requests that a KMS host received for an application since its key was installed, by result: the status of \
           the client, or failed.",
    labels: ["machine", "application", "result"],
};
