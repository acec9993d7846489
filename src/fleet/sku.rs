//! What a SKU is called. Events of a license name its SKU alone.

use crate::license::{Channel, License};
use uuid::Uuid;

/// What a SKU is called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct SkuName {
    pub(super) product: Option<String>,
    pub(super) channel: Option<Channel>,
    pub(super) application: Option<Uuid>,
    /// True for what comes beside a product.
    pub(super) is_addon: Option<bool>,
}

impl SkuName {
    /// A license with what its SKU is called, where it does not say so itself.
    pub(super) fn complete(&self, license: &License) -> License {
        let mut license = license.clone();
        license.product = license.product.or_else(|| self.product.clone());
        license.channel = license.channel.or_else(|| self.channel.clone());
        license.application = license.application.or(self.application);
        license.is_addon = license.is_addon.or(self.is_addon);
        license
    }
}
