-- KMS hosts count by each of their keys apart. What was counted so far is of a key that is not known; the first report
-- that names one takes it over.

-- The SKU of the license that the key belongs to; empty where that is not reported.
ALTER TABLE kms_host_count ADD COLUMN sku TEXT NOT NULL DEFAULT '';
ALTER TABLE kms_host_count ALTER COLUMN sku DROP DEFAULT;
ALTER TABLE kms_host_count DROP CONSTRAINT kms_host_count_pkey;
ALTER TABLE kms_host_count ADD CONSTRAINT kms_host_count_pkey PRIMARY KEY (machine, application, sku);

-- For people: the KMS hosts, a row for each key by which one counts clients, and when a client last asked each. Who may
-- read the view stays as it is.
CREATE OR REPLACE VIEW kms_host AS
SELECT
    machine.name,
    counted.current_count,
    counted.required_count,
    machine.listening_port,
    machine.publishes_dns,
    counted.requests,
    counted.failed_requests,
    to_timestamp(machine.last_request_at) AT TIME ZONE 'UTC' AS last_request_at,
    to_timestamp(COALESCE(counted.reported_at, machine.kms_host_reported_at)) AT TIME ZONE 'UTC' AS reported_at,
    to_timestamp(machine.last_asked_at) AT TIME ZONE 'UTC' AS last_asked_at,
    counted.application,
    NULLIF(counted.sku, '') AS sku
FROM machine
LEFT JOIN kms_host_count AS counted ON counted.machine = machine.name
WHERE machine.is_kms_host = 1;
