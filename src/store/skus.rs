//! What SKUs are called, learned from the reports that tell it: events of a license name its SKU alone.

use super::Received;
use crate::license::License;
use sqlx::AnyConnection;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The most names of SKUs that are remembered as written.
const MAX_SKUS: usize = 10_000;

/// What this program has written of the names of SKUs, so that it does not write them again with every report.
pub(super) type SkuNames = HashMap<Uuid, SkuName>;

/// What a SKU is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SkuName {
    product: String,
    channel: Option<String>,
    application: Option<Uuid>,
    is_addon: Option<bool>,
}

/// What the reports call their SKUs, where that is not written yet.
pub(super) fn learned(batch: &[Received], written: &SkuNames) -> SkuNames {
    let mut learned = SkuNames::new();
    for license in batch.iter().flat_map(|received| &received.report.licenses) {
        let (Some(sku), Some(name)) = (license.sku, SkuName::of(license)) else { continue };
        if written.get(&sku) != Some(&name) {
            learned.insert(sku, name);
        }
    }
    learned
}

impl SkuName {
    fn of(license: &License) -> Option<Self> {
        let product = license.product.clone()?;
        let channel = license.channel.as_ref().map(ToString::to_string);
        Some(Self { product, channel, application: license.application, is_addon: license.is_addon })
    }
}

/// Writes what was learned.
pub(super) async fn write_skus(connection: &mut AnyConnection, learned: &SkuNames) -> sqlx::Result<()> {
    // In one order, whoever writes them.
    let learned: BTreeMap<_, _> = learned.iter().collect();
    for (sku, name) in learned {
        let sql = "INSERT INTO sku (sku, product, channel, application, is_addon) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (sku) DO UPDATE SET product = excluded.product, \
                   channel = COALESCE(excluded.channel, sku.channel), \
                   application = COALESCE(excluded.application, sku.application), \
                   is_addon = COALESCE(excluded.is_addon, sku.is_addon)";
        sqlx::query(sql)
            .bind(sku.to_string())
            .bind(name.product.clone())
            .bind(name.channel.clone())
            .bind(name.application.map(|application| application.to_string()))
            .bind(name.is_addon.map(i64::from))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Remembers what is written now. It is only to save work, so that its size is bounded by forgetting all of it.
pub(super) fn remember(written: &mut SkuNames, learned: SkuNames) {
    if written.len() + learned.len() > MAX_SKUS {
        written.clear();
    }
    written.extend(learned);
}
