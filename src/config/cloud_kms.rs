//! The KMS hosts that clouds run for the Windows machines in them, by the name of the cloud.
//!
//! Those with a DNS name are listed by name, as clients there are set up; the others have fixed addresses of the link.

/// A cloud, and its KMS hosts at the usual port. Where names are two, the second is the older one.
pub(super) const CLOUDS: [(&str, &[&str]); 6] = [
    ("azure", &["azkms.core.windows.net", "kms.core.windows.net"]),
    ("azure-usgov", &["azkms.core.usgovcloudapi.net", "kms.core.usgovcloudapi.net"]),
    ("azure-china", &["azkms.core.chinacloudapi.cn", "kms.core.chinacloudapi.cn"]),
    // Over IPv6 there is fd00:ec2::250 besides, which only some networks reach.
    ("aws", &["169.254.169.250", "169.254.169.251"]),
    ("gcp", &["kms.windows.googlecloud.com"]),
    ("oracle", &["169.254.169.253"]),
];

/// The KMS hosts of a cloud.
pub(super) fn hosts(cloud: &str) -> Option<&'static [&'static str]> {
    CLOUDS.into_iter().find(|(name, _)| *name == cloud).map(|(_, hosts)| hosts)
}
