//! What SKUs are called, learned from the reports that say it: events of a license name its SKU alone. Pure.

use crate::license::{Channel, License};
use std::collections::HashMap;
use uuid::Uuid;

/// The most SKUs whose names are remembered. There are some thousand in the world.
const MAX_SKUS: usize = 10_000;

/// What SKUs are called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SkuNames(HashMap<Uuid, SkuName>);

/// What a SKU is called.
///
/// Reports in several languages name one SKU differently. Of several names the least counts, so that programs that
/// share a store agree, in whatever order they see the reports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SkuName {
    pub product: Option<String>,
    pub channel: Option<Channel>,
    pub application: Option<Uuid>,
    /// True for what comes beside a product.
    pub is_addon: Option<bool>,
}

impl SkuNames {
    /// What a SKU is called, where that is known.
    pub fn get(&self, sku: Uuid) -> Option<&SkuName> {
        self.0.get(&sku)
    }

    /// All that is known.
    pub fn iter(&self) -> impl Iterator<Item = (Uuid, &SkuName)> {
        self.0.iter().map(|(sku, name)| (*sku, name))
    }

    /// True where a name would change what the SKU is called.
    pub fn adds(&self, sku: Uuid, name: &SkuName) -> bool {
        self.get(sku).map_or(self.0.len() < MAX_SKUS, |known| known.is_added_to_by(name))
    }

    /// Learns a name. True where it changes what the SKU is called.
    pub fn learn(&mut self, sku: Uuid, name: &SkuName) -> bool {
        if !self.adds(sku, name) {
            return false;
        }
        self.0.entry(sku).or_default().learn(name)
    }

    /// A license with what its SKU is called, where it does not say so itself.
    pub fn complete(&self, license: &License) -> License {
        let mut license = license.clone();
        if let Some(name) = license.sku.and_then(|sku| self.get(sku)) {
            license.product = license.product.or_else(|| name.product.clone());
            license.channel = license.channel.or_else(|| name.channel.clone());
            license.application = license.application.or(name.application);
            license.is_addon = license.is_addon.or(name.is_addon);
        }
        license
    }
}

impl SkuName {
    /// What a license says of its SKU; `None` where it does not name a product.
    pub fn of(license: &License) -> Option<(Uuid, Self)> {
        let name = Self {
            product: Some(license.product.clone()?),
            channel: license.channel.clone(),
            application: license.application,
            is_addon: license.is_addon,
        };
        Some((license.sku?, name))
    }

    /// True where it would learn something of the other.
    fn is_added_to_by(&self, other: &Self) -> bool {
        is_lesser(self.product.as_ref(), other.product.as_ref())
            || is_lesser(self.channel.as_ref(), other.channel.as_ref())
            || is_lesser(self.application.as_ref(), other.application.as_ref())
            || is_lesser(self.is_addon.as_ref(), other.is_addon.as_ref())
    }

    fn learn(&mut self, other: &Self) -> bool {
        let is_new = [
            learn_least(&mut self.product, other.product.as_ref()),
            learn_least(&mut self.channel, other.channel.as_ref()),
            learn_least(&mut self.application, other.application.as_ref()),
            learn_least(&mut self.is_addon, other.is_addon.as_ref()),
        ];
        is_new.contains(&true)
    }
}

/// True where there is another that is less than what is known, or all there is.
fn is_lesser<T: Ord>(known: Option<&T>, other: Option<&T>) -> bool {
    other.is_some_and(|other| known.is_none_or(|known| other < known))
}

/// Keeps the lesser of two, where there are two. True where that is another than before.
fn learn_least<T: Ord + Clone>(known: &mut Option<T>, other: Option<&T>) -> bool {
    let is_less = is_lesser(known.as_ref(), other);
    if is_less {
        *known = other.cloned();
    }
    is_less
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_whatever_order_they_are_learned() {
        let sku = Uuid::from_u128(1);
        let called = |product: &str, channel: Option<&str>| SkuName {
            product: Some(product.to_owned()),
            channel: channel.and_then(Channel::new),
            ..SkuName::default()
        };
        let names = [called("Windows", None), called("ウィンドウズ", Some("RETAIL"))];
        let learned = [[0, 1], [1, 0]].map(|order| {
            let mut known = SkuNames::default();
            let news = order.map(|place| known.learn(sku, &names[place]));
            assert!(!known.learn(sku, &names[0]) && news == [true, true]);
            known
        });
        assert_eq!(learned[0], learned[1]);
        let license = learned[0].complete(&License { sku: Some(sku), ..License::default() });
        assert_eq!((license.product.as_deref(), license.channel), (Some("Windows"), Channel::new("RETAIL")));
    }
}
