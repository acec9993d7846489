//! The endpoints that Windows uses to be activated online, as Microsoft lists them for firewalls and proxies.
//!
//! Microsoft's support article 921471 and the lists of endpoints beside it name the hosts. What stands for a revocation
//! list is one that its authority publishes.

use crate::online::endpoint::{Endpoint, EndpointError, Role, Weight};

/// At whose names the chains of these endpoints end: the organizations, as an interceptor may well have the name of a
/// Microsoft product.
const ISSUERS: [&str; 2] = ["O=Microsoft Corporation", "O=DigiCert"];

/// An endpoint, what it is for, what is lost with it, and whether it gives redirects or pages of its own.
type Known = (&'static str, Role, Weight, bool);

const ENDPOINTS: [Known; 20] = [
    // Leads old clients to where activation is done.
    ("https://go.microsoft.com", Role::Activation, Weight::Helpful, true),
    // The first is that of old versions of Windows, the second that of newer ones.
    ("https://activation.sls.microsoft.com", Role::Activation, Weight::Shared, true),
    ("https://activation-v2.sls.microsoft.com", Role::Activation, Weight::Shared, true),
    // Gives the ticket of the machine, without which there is no digital license.
    ("https://login.live.com", Role::Licensing, Weight::Vital, true),
    ("https://licensing.mp.microsoft.com", Role::Licensing, Weight::Shared, true),
    ("https://licensing.md.mp.microsoft.com", Role::Licensing, Weight::Shared, true),
    ("https://displaycatalog.mp.microsoft.com", Role::Licensing, Weight::Helpful, true),
    ("https://displaycatalog.md.mp.microsoft.com", Role::Licensing, Weight::Helpful, true),
    ("https://purchase.mp.microsoft.com", Role::Licensing, Weight::Helpful, true),
    ("https://purchase.md.mp.microsoft.com", Role::Licensing, Weight::Helpful, true),
    ("https://validation.sls.microsoft.com", Role::Validation, Weight::Shared, true),
    ("https://validation-v2.sls.microsoft.com", Role::Validation, Weight::Shared, true),
    (
        "http://crl.microsoft.com/pki/crl/products/MicProSecSerCA_2007-12-04.crl",
        Role::Revocation,
        Weight::Shared,
        false,
    ),
    ("http://www.microsoft.com/pkiops/crl/MicSecSerCA2011_2011-10-18.crl", Role::Revocation, Weight::Shared, false),
    (
        "http://mscrl.microsoft.com/pki/mscorp/crl/Microsoft%20RSA%20TLS%20CA%2001.crl",
        Role::Revocation,
        Weight::Shared,
        false,
    ),
    ("http://crl3.digicert.com/DigiCertGlobalRootG2.crl", Role::Revocation, Weight::Shared, false),
    ("http://crl4.digicert.com/DigiCertGlobalRootG2.crl", Role::Revocation, Weight::Shared, false),
    // What these say to who asks about no certificate is not documented.
    ("http://oneocsp.microsoft.com", Role::Revocation, Weight::Shared, true),
    ("http://ocsp.digicert.com", Role::Revocation, Weight::Shared, true),
    (
        "http://ctldl.windowsupdate.com/msdownload/update/v3/static/trustedr/en/disallowedcertstl.cab",
        Role::Revocation,
        Weight::Shared,
        false,
    ),
];

pub(super) fn endpoints() -> Result<Vec<Endpoint>, EndpointError> {
    let read = |(url, role, weight, gives_pages): Known| {
        let expected_issuers = ISSUERS.map(str::to_owned).into();
        Ok(Endpoint { weight, expected_issuers, ..Endpoint::parse(url, role, gives_pages)? })
    };
    ENDPOINTS.into_iter().map(read).collect()
}

/// The endpoint of a URL. What is known of its host is taken over where it is one of Microsoft's, and else it is one
/// for activation that gives no pages.
pub(super) fn endpoint(url: &str) -> Result<Endpoint, EndpointError> {
    let named = Endpoint::parse(url, Role::Activation, false)?;
    let known = known(&named)?;
    Ok(known.map(|known| Endpoint { path: named.path.clone(), ..known }).unwrap_or(named))
}

fn known(named: &Endpoint) -> Result<Option<Endpoint>, EndpointError> {
    let is_same = |known: &Endpoint| (known.scheme, &known.host) == (named.scheme, &named.host);
    Ok(endpoints()?.into_iter().find(is_same))
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
        let plain = |endpoint: &&Endpoint| endpoint.scheme == Scheme::Http;
        assert!(endpoints.iter().filter(plain).all(|endpoint| endpoint.role == Role::Revocation));
    }

    #[test]
    fn what_is_known_of_a_host_is_known_of_each_of_its_urls() {
        let login = endpoint("https://login.live.com/anything").unwrap();
        assert_eq!((login.role, login.weight, login.gives_pages), (Role::Licensing, Weight::Vital, true));
        assert_eq!(
            (login.path.as_str(), login.expected_issuers.as_slice()),
            ("/anything", ISSUERS.map(str::to_owned).as_slice())
        );
        let own = endpoint("https://a.example").unwrap();
        assert_eq!((own.role, own.weight, own.gives_pages), (Role::Activation, Weight::Shared, false));
        assert_eq!(own.expected_issuers, [""; 0], "whoever is trusted will do");
    }
}
