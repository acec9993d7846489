//! What licenses have in common: their terms. A fleet has few of them, so that each is kept and interpreted once.

use super::WrongKey;
use super::sku::SkuName;
use crate::host::Host;
use crate::license::{Application, ChannelKind, License};
use crate::product_keys::edition;
use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use uuid::Uuid;

/// What a channel is called that is not known.
pub const UNKNOWN: &str = "unknown";

/// What the licenses of many machines have in common.
#[derive(Debug)]
pub(super) struct Terms {
    pub(super) reported: Reported,
    /// What its SKU is called, where that adds to what is reported.
    name: Option<Arc<SkuName>>,
    /// The same terms without that.
    plain: Option<Arc<Self>>,
    /// The product as it is shown: its name, `SKU ` with its GUID, or [`UNKNOWN`].
    pub(super) product: Arc<str>,
    /// The channel as it is shown, or [`UNKNOWN`].
    pub(super) channel: Arc<str>,
    /// What the channel means for activation, where it is known.
    pub(super) kind: Option<ChannelKind>,
    /// True for what is no license of its own but comes beside one.
    pub(super) is_addon: bool,
    /// True where Active Directory activated it.
    pub(super) is_by_domain: bool,
    /// The KMS host it uses, in lower case.
    pub(super) kms_host: Option<Arc<str>>,
    /// Of which application a KMS host counts it, and how many clients that must count before it activates it.
    pub(super) counted_as: Option<(Application, Option<u32>)>,
    /// Its key, where that is a published one for another edition.
    pub(super) wrong_key: Option<WrongKey>,
}

/// The terms as they are reported.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Reported {
    /// What identifies the license on its machine.
    pub(super) id: String,
    /// The license without its status, its time and its errors.
    pub(super) license: License,
}

impl Reported {
    /// What a license comes to without what holds of it alone.
    pub(super) fn of(id: String, license: License) -> Self {
        let license = License { status: None, reason_code: None, remaining: None, last_error: None, ..license };
        Self { id, license }
    }

    /// How much memory terms like these take, about. What is shown is beside what is reported.
    fn bytes(&self) -> usize {
        let License { product, channel, configured_host, discovered_host, .. } = &self.license;
        let product = product.as_ref().map_or(0, String::len);
        let channel = channel.as_ref().map_or(0, |channel| channel.as_str().len());
        let hosts = [configured_host, discovered_host].into_iter().flatten();
        let hosts: usize = hosts.map(|at| if let Host::Name(name) = &at.host { name.as_str().len() } else { 0 }).sum();
        size_of::<Terms>() + self.id.len() + 2 * (product + channel + hosts)
    }
}

impl Terms {
    /// Interprets terms. What they do not say is taken from what their SKU is called.
    fn new(reported: Reported, name: Option<Arc<SkuName>>, plain: Option<Arc<Self>>) -> Self {
        let license = name.as_ref().map_or_else(|| reported.license.clone(), |name| name.complete(&reported.license));
        let by_sku = || license.sku.map(|sku| format!("SKU {sku}"));
        let product = license.product.clone().or_else(by_sku).unwrap_or_else(|| UNKNOWN.to_owned());
        let channel = license.channel.as_ref().map_or(UNKNOWN, |channel| channel.as_str());
        let wrong_key = license.partial_product_key.and_then(|last_five| {
            let key = edition::contradiction(&product, last_five)?;
            Some(WrongKey { product: product.clone(), last_five, edition: key.edition })
        });
        Self {
            // A channel may be reported by this very word.
            kind: Some(channel).filter(|word| *word != UNKNOWN).map(ChannelKind::of),
            channel: Arc::from(channel),
            is_addon: license.is_addon == Some(true),
            is_by_domain: license.activated_by_domain == Some(true),
            kms_host: license.kms_host().map(|host| Arc::from(host.host.to_string().to_lowercase())),
            counted_as: license.counted_as(),
            wrong_key,
            product: Arc::from(product),
            reported,
            name,
            plain,
        }
    }

    /// How much memory they take, about.
    pub(super) fn bytes(&self) -> usize {
        self.reported.bytes()
    }

    /// What its SKU is called, where that is known and adds to what is reported.
    pub(super) const fn name(&self) -> Option<&Arc<SkuName>> {
        self.name.as_ref()
    }

    /// The terms without that.
    pub(super) fn plain(terms: &Arc<Self>) -> Arc<Self> {
        Arc::clone(terms.plain.as_ref().unwrap_or(terms))
    }

    /// The license with what its SKU is called, where it does not say so itself.
    pub(super) fn complete(&self, license: License) -> License {
        match &self.name {
            Some(name) => name.complete(&license),
            None => license,
        }
    }

    /// The SKU, where what that is called adds to what is reported.
    pub(super) fn called_by(&self) -> Option<Uuid> {
        let License { sku, product, channel, application, is_addon, .. } = &self.reported.license;
        let is_whole = product.is_some() && channel.is_some() && application.is_some() && is_addon.is_some();
        sku.filter(|_| !is_whole)
    }
}

/// All terms of a fleet.
#[derive(Debug, Default)]
pub(super) struct AllTerms {
    known: HashSet<Shared>,
    /// Those that are called as machines of one domain report it.
    named: Vec<Arc<Terms>>,
    /// How much memory they take, about.
    bytes: usize,
    /// From how much on it is looked for those that no license has any more.
    tidy_at: usize,
}

/// How much more terms may take before it is looked for those that no license has any more, at the least.
const UNTIDY: usize = 16 * 1024 * 1024;

/// Terms, found by what is reported of them.
#[derive(Debug)]
struct Shared(Arc<Terms>);

impl AllTerms {
    /// The terms that are reported like this, by what is reported alone.
    pub(super) fn intern(&mut self, reported: Reported) -> Arc<Terms> {
        if let Some(known) = self.known.get(&reported) {
            return Arc::clone(&known.0);
        }
        if self.bytes >= self.tidy_at.max(UNTIDY) {
            self.tidy();
        }
        self.bytes += reported.bytes();
        let terms = Arc::new(Terms::new(reported, None, None));
        self.known.insert(Shared(Arc::clone(&terms)));
        terms
    }

    /// How much memory they take, about.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// How much more memory it takes to know these as well, about; nothing where they are known.
    pub(super) fn bytes_of(&self, reported: &Reported) -> usize {
        if self.known.contains(reported) { 0 } else { reported.bytes() }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Terms>> {
        self.known.iter().map(|terms| &terms.0).chain(&self.named)
    }

    /// The same terms, with what their SKU is called.
    pub(super) fn named(&mut self, terms: &Arc<Terms>, name: Arc<SkuName>) -> Arc<Terms> {
        let plain = Terms::plain(terms);
        let named = Arc::new(Terms::new(plain.reported.clone(), Some(name), Some(plain)));
        self.bytes += named.reported.bytes();
        self.named.push(Arc::clone(&named));
        named
    }

    /// Forgets the terms that no license has any more.
    pub(super) fn tidy(&mut self) {
        let is_used = |terms: &Arc<Terms>| Arc::strong_count(terms) > 1;
        // Those that are called otherwise keep the plain ones.
        self.named.retain(is_used);
        self.known.retain(|terms| is_used(&terms.0));
        self.bytes = self.iter().map(|terms| terms.reported.bytes()).sum();
        self.tidy_at = self.bytes + UNTIDY.max(self.bytes / 4);
    }
}

impl Borrow<Reported> for Shared {
    fn borrow(&self) -> &Reported {
        &self.0.reported
    }
}

impl Hash for Shared {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.reported.hash(state);
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        self.0.reported == other.0.reported
    }
}

impl Eq for Shared {}
