//! The endpoints that Windows uses to be activated online, as Microsoft lists them for firewalls and proxies.
//!
//! Microsoft's support article 921471 and the lists of endpoints beside it name the hosts. What stands for a revocation
//! list is one that its authority publishes.

use crate::online::endpoint::{Endpoint, EndpointError, Role};
use std::sync::Arc;

/// Whose names the chains of these endpoints end at.
pub(super) const ISSUERS: [&str; 2] = ["Microsoft", "DigiCert"];

/// An endpoint, what it is for, and whether it gives redirects or pages of its own.
const ENDPOINTS: [(&str, Role, bool); 20] = [
    // Leads old clients to where activation is done.
    ("https://go.microsoft.com", Role::Activation, true),
    ("https://activation.sls.microsoft.com", Role::Activation, true),
    ("https://activation-v2.sls.microsoft.com", Role::Activation, true),
    // Gives the ticket of the machine, without which there is no digital licence.
    ("https://login.live.com", Role::Licensing, true),
    ("https://licensing.mp.microsoft.com", Role::Licensing, true),
    ("https://licensing.md.mp.microsoft.com", Role::Licensing, true),
    ("https://displaycatalog.mp.microsoft.com", Role::Licensing, true),
    ("https://displaycatalog.md.mp.microsoft.com", Role::Licensing, true),
    ("https://purchase.mp.microsoft.com", Role::Licensing, true),
    ("https://purchase.md.mp.microsoft.com", Role::Licensing, true),
    ("https://validation.sls.microsoft.com", Role::Validation, true),
    ("https://validation-v2.sls.microsoft.com", Role::Validation, true),
    ("http://crl.microsoft.com/pki/crl/products/MicProSecSerCA_2007-12-04.crl", Role::Revocation, false),
    ("http://www.microsoft.com/pkiops/crl/MicSecSerCA2011_2011-10-18.crl", Role::Revocation, false),
    ("http://mscrl.microsoft.com/pki/mscorp/crl/Microsoft%20RSA%20TLS%20CA%2001.crl", Role::Revocation, false),
    ("http://crl3.digicert.com/DigiCertGlobalRootG2.crl", Role::Revocation, false),
    ("http://crl4.digicert.com/DigiCertGlobalRootG2.crl", Role::Revocation, false),
    // What these say to who asks about no certificate is not documented.
    ("http://oneocsp.microsoft.com", Role::Revocation, true),
    ("http://ocsp.digicert.com", Role::Revocation, true),
    (
        "http://ctldl.windowsupdate.com/msdownload/update/v3/static/trustedr/en/disallowedcertstl.cab",
        Role::Revocation,
        false,
    ),
];

/// All of them.
pub(super) fn endpoints() -> Result<Vec<Arc<Endpoint>>, EndpointError> {
    let read = |(url, role, gives_pages): (&str, Role, bool)| Endpoint::parse(url, role, gives_pages).map(Arc::new);
    ENDPOINTS.into_iter().map(read).collect()
}

/// The endpoint a URL names, and the issuers its chain may end at: none where it is not one of Microsoft's.
pub(super) fn known(url: &str) -> Result<(Endpoint, Vec<String>), EndpointError> {
    let named = Endpoint::parse(url, Role::Activation, false)?;
    let known = endpoints()?.into_iter().find(|known| (known.scheme, &known.host) == (named.scheme, &named.host));
    Ok(match known {
        Some(known) => {
            let Endpoint { role, gives_pages, .. } = *known;
            (Endpoint { role, gives_pages, ..named }, ISSUERS.map(str::to_owned).into())
        }
        None => (named, Vec::new()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::online::endpoint::Scheme;
    use std::collections::BTreeSet;

    #[test]
    fn every_endpoint_is_one_and_every_role_is_there() {
        let endpoints: BTreeSet<_> = endpoints().unwrap().into_iter().collect();
        assert_eq!(endpoints.len(), ENDPOINTS.len());
        let roles: BTreeSet<_> = endpoints.iter().map(|endpoint| endpoint.role).collect();
        assert_eq!(roles, Role::ALL.into());
        let plain = |endpoint: &&Arc<Endpoint>| endpoint.scheme == Scheme::Http;
        assert!(endpoints.iter().filter(plain).all(|endpoint| endpoint.role == Role::Revocation));
    }
}
