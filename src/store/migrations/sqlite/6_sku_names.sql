-- What a SKU is called is not kept any more: it follows from what the machines of a domain report, and was learned from
-- whoever reported anything. The table stays for programs before this one that still run.
DELETE FROM sku;

-- What is shown of a license is what its own reports say.
UPDATE license SET
    shown_product = COALESCE(product, 'SKU ' || sku, 'unknown'),
    shown_channel = channel,
    shown_is_addon = CASE WHEN is_addon = 1 THEN 1 ELSE 0 END
WHERE product IS NULL OR channel IS NULL OR (is_addon IS NULL AND shown_is_addon = 1);
