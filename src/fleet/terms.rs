//! What licenses have in common: their terms. A fleet has few of them, so that each is kept and interpreted once.

use super::WrongKey;
use super::sku::SkuNames;
use crate::license::{ChannelKind, License};
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
    /// The product as it is shown: its name, `SKU ` with its GUID, or [`UNKNOWN`].
    pub(super) product: Arc<str>,
    /// The channel as it is shown, or [`UNKNOWN`].
    pub(super) channel: Arc<str>,
    /// What the channel means for activation, where it is known.
    pub(super) kind: Option<ChannelKind>,
    /// True for what is no license of its own but comes beside one.
    pub(super) is_addon: bool,
    /// The KMS host it uses, in lower case.
    pub(super) kms_host: Option<Arc<str>>,
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

impl Terms {
    /// Interprets terms. What they do not say is taken from what their SKU is called.
    fn new(reported: Reported, names: &SkuNames) -> Self {
        let license = names.complete(&reported.license);
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
            kms_host: license.kms_host().map(|host| Arc::from(host.host.to_string().to_lowercase())),
            wrong_key,
            product: Arc::from(product),
            reported,
        }
    }

    /// True where what one of these SKUs is called adds to what is reported.
    pub(super) fn is_called_by(&self, skus: &HashSet<Uuid>) -> bool {
        let License { sku, product, channel, application, is_addon, .. } = &self.reported.license;
        let is_whole = product.is_some() && channel.is_some() && application.is_some() && is_addon.is_some();
        !is_whole && sku.is_some_and(|sku| skus.contains(&sku))
    }
}

/// All terms of a fleet.
#[derive(Debug, Default)]
pub(super) struct AllTerms(HashSet<Shared>);

/// Terms, found by what is reported of them.
#[derive(Debug)]
struct Shared(Arc<Terms>);

impl AllTerms {
    /// The terms that are reported like this.
    pub(super) fn intern(&mut self, reported: Reported, names: &SkuNames) -> Arc<Terms> {
        if let Some(known) = self.0.get(&reported) {
            return Arc::clone(&known.0);
        }
        let terms = Arc::new(Terms::new(reported, names));
        self.0.insert(Shared(Arc::clone(&terms)));
        terms
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Terms>> {
        self.0.iter().map(|terms| &terms.0)
    }

    /// True where there are terms that one of these SKUs adds to.
    pub(super) fn any_called_by(&self, skus: &HashSet<Uuid>) -> bool {
        self.iter().any(|terms| terms.is_called_by(skus))
    }

    /// Forgets the terms that one of these SKUs adds to, which are to be interpreted anew.
    pub(super) fn forget_called_by(&mut self, skus: &HashSet<Uuid>) {
        self.0.retain(|terms| !terms.0.is_called_by(skus));
    }

    /// Forgets the terms that no license has any more.
    pub(super) fn tidy(&mut self) {
        self.0.retain(|terms| Arc::strong_count(&terms.0) > 1);
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
