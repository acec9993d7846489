//! What problems on the path to online endpoints are about.

use crate::clock::comparison::Comparison;
use crate::host;
use crate::observation::{Detail, Reason, Stage};
use crate::online::endpoint::{Endpoint, Role};
use crate::online::{Target, proxy};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::sync::Arc;
use std::time::SystemTime;

/// Endpoints that fail alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoints {
    /// The endpoints, each once; the one of `target` first.
    pub endpoints: Arc<[Arc<Endpoint>]>,
    /// The target that is shown for all of them: an endpoint as seen through one proxy.
    pub target: Arc<Target>,
    /// Over which proxies they fail.
    pub extent: Extent,
    /// What was seen at `target`; may be nothing.
    pub detail: Detail,
}

/// How far a problem goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// Over one proxy, that of the target.
    One,
    /// Over every proxy that reaches other endpoints, at these stages and for these reasons.
    Every(Arc<[(Stage, Reason)]>),
    /// Over whatever proxy: it makes no difference.
    Any,
}

impl Endpoints {
    /// The endpoint that is shown for all of them.
    pub fn endpoint(&self) -> &Endpoint {
        &self.target.endpoint
    }

    /// The only endpoint; `None` where there are several.
    pub fn only(&self) -> Option<&Endpoint> {
        if self.endpoints.len() == 1 { Some(self.endpoint()) } else { None }
    }

    /// The proxy of the target, if there is one.
    pub fn proxy(&self) -> Option<&proxy::Proxy> {
        self.target.route.proxy()
    }

    /// Who is connected to: the proxy, or else the endpoint.
    pub fn first_hop(&self) -> &host::HostPort {
        self.proxy().map_or(&self.endpoint().host, |proxy| &proxy.host)
    }

    /// True where machines cannot be activated over this proxy without one of them.
    pub fn is_essential(&self) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.role.is_essential())
    }

    /// What Windows needs the first of them for.
    pub fn role(&self) -> Role {
        self.endpoint().role
    }
}

impl Serialize for Endpoints {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names: Vec<_> = self.endpoints.iter().map(ToString::to_string).collect();
        let proxy = self.proxy().filter(|_| self.extent == Extent::One).map(ToString::to_string);
        let mut fields = serializer.serialize_struct("Endpoints", 3)?;
        fields.serialize_field("endpoints", &names)?;
        fields.serialize_field("proxy", &proxy)?;
        fields.serialize_field("detail", &self.detail)?;
        fields.end()
    }
}

/// A name that could not be looked up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lookup {
    #[serde(serialize_with = "super::text")]
    pub name: host::Host,
    /// What the name is an alias of, where that leads nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<Arc<str>>,
    /// The endpoints that cannot be reached for it.
    #[serde(flatten)]
    pub endpoints: Endpoints,
}

impl Lookup {
    /// The proxy, where the name is its own.
    pub fn proxy(&self) -> Option<&proxy::Proxy> {
        self.endpoints.proxy().filter(|proxy| proxy.host.host == self.name)
    }
}

/// A proxy that does not let a client through.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proxy {
    /// The authentication schemes of which it demands one; empty where it demands none.
    #[serde(serialize_with = "super::all")]
    pub demands: Arc<[String]>,
    /// What lies beyond its login; `None` where that was not passed.
    #[serde(skip)]
    pub beyond: Option<PastLogin>,
    /// The endpoints that cannot be reached for it.
    #[serde(flatten)]
    pub endpoints: Endpoints,
}

/// What was seen past a login with the credentials that are configured here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PastLogin {
    /// The endpoint can be reached.
    Reached,
    /// It cannot; what was seen.
    Failed(Detail),
}

/// Certificates that end, or are not valid.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Certificates {
    /// When the first of them ends; `None` where that is not what is wrong.
    #[serde(serialize_with = "moment")]
    pub ends: Option<SystemTime>,
    /// What our own clock has to do with it.
    #[serde(skip)]
    pub clock: CertificateClock,
    /// The endpoints they are of, or are reached through the proxy with.
    #[serde(flatten)]
    pub endpoints: Endpoints,
}

/// The clock by which a certificate is judged, which is ours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CertificateClock {
    /// Nothing is known of it.
    Unknown,
    Right,
    /// It is wrong, and the certificate is not valid by true time either.
    Wrong(Comparison),
    /// It is wrong, and by true time the certificate is valid.
    Blamed(Comparison),
}

#[expect(clippy::ref_option, reason = "serde hands it over so")]
fn moment<S: Serializer>(moment: &Option<SystemTime>, serializer: S) -> Result<S::Ok, S::Error> {
    moment.map(|moment| humantime::format_rfc3339_seconds(moment).to_string()).serialize(serializer)
}
