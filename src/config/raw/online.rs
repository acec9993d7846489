//! An online path as it is written.

use super::shape::by_shape;
use super::{OneOrMany, SecretText, Text};
use crate::secret::Secret;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::Spanned;

/// Endpoints of online activation, and the proxies on the path to them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawOnline {
    /// The preset `microsoft`, a URL, or a list of URLs and `host:port`, which may contain the preset.
    #[schemars(with = "OneOrManyEndpoints")]
    pub(in crate::config) endpoints: Spanned<OneOrManyEndpoints>,
    /// Every endpoint is probed over each of these: `direct`, `system`, or the URL of a proxy. Default: `direct`.
    #[serde(default)]
    #[schemars(with = "Option<OneOrManyProxies>")]
    pub(in crate::config) proxies: Option<Spanned<OneOrManyProxies>>,
    /// A file with more trusted roots in PEM, beside the system's and Microsoft's.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(in crate::config) ca_file: Option<Text>,
    /// Parts of the names at which the chains of certificates may end; one that ends elsewhere is intercepted.
    #[serde(default)]
    #[schemars(with = "Option<OneOrMany>")]
    pub(in crate::config) expected_issuers: Option<Spanned<OneOrMany>>,
    /// Nameservers by address, with or without a port. Default: the system's.
    #[serde(default)]
    #[schemars(with = "Option<Vec<String>>")]
    pub(in crate::config) nameservers: Option<Spanned<Vec<Text>>>,
}

/// An endpoint with what it is for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct EndpointKeys {
    /// A URL, or `host:port`.
    #[schemars(with = "String")]
    pub(in crate::config) url: Text,
    /// What Windows needs it for. Default: `activation`.
    #[serde(default)]
    #[schemars(with = "Option<RoleWord>")]
    pub(in crate::config) role: Option<Text>,
    /// True where it gives redirects and pages of its own, so that these are no sign of a captive portal.
    #[serde(default)]
    pub(in crate::config) gives_pages: Option<bool>,
}

/// A proxy with credentials.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct ProxyKeys {
    /// Its URL: `http://`, `https://`, `socks5://` or `socks5h://`.
    #[schemars(with = "String")]
    pub(in crate::config) url: SecretText,
    /// Who we say we are where it demands that.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(in crate::config) username: Option<SecretText>,
    /// The password, best from a file or the environment.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(in crate::config) password: Option<SecretText>,
    /// How the two are shown. Default: `basic`.
    #[serde(default)]
    #[schemars(with = "Option<AuthWord>")]
    pub(in crate::config) auth: Option<Text>,
    /// The KDC that is asked for a ticket, where Kerberos' own configuration does not name it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(in crate::config) kdc: Option<Text>,
}

/// The values of `role`, for the schema.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the schema alone")]
enum RoleWord {
    Activation,
    Licensing,
    Validation,
    Revocation,
}

/// The values of `auth`, for the schema.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the schema alone")]
enum AuthWord {
    Basic,
    Negotiate,
    Ntlm,
}

/// The name of a preset, or a list of endpoints.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(in crate::config) enum OneOrManyEndpoints {
    One(String),
    Many(#[schemars(with = "Vec<RawEndpoint>")] Vec<Spanned<RawEndpoint>>),
}

/// An endpoint by its URL alone, or with more to say of it.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(in crate::config) enum RawEndpoint {
    Text(String),
    Keys(EndpointKeys),
}

/// A proxy by its URL alone, or with more to say of it.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(in crate::config) enum RawProxy {
    Text(#[schemars(with = "String")] Secret),
    Keys(Box<ProxyKeys>),
}

/// A proxy, or a list of them.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(in crate::config) enum OneOrManyProxies {
    One(RawProxy),
    Many(#[schemars(with = "Vec<RawProxy>")] Vec<Spanned<RawProxy>>),
}

by_shape!(
    OneOrManyProxies,
    "proxies",
    |text| Self::Value::One(RawProxy::Text(Secret::new(text))),
    seq Self::Value::Many,
    map |keys| Self::Value::One(RawProxy::Keys(keys))
);
by_shape!(
    OneOrManyEndpoints,
    "endpoints",
    Self::Value::One,
    seq Self::Value::Many
);
by_shape!(RawEndpoint, "endpoint", Self::Value::Text, map Self::Value::Keys);
by_shape!(
    RawProxy,
    "proxy",
    |text| Self::Value::Text(Secret::new(text)),
    map Self::Value::Keys
);
