-- Several programs share a store. Each change of it has a number, and each machine that of its last change, so that
-- everyone can read what others wrote since.
CREATE TABLE last_revision (
    revision BIGINT NOT NULL
);

INSERT INTO last_revision (revision) VALUES (0);

ALTER TABLE machine ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
CREATE INDEX machine_by_revision ON machine (revision);

-- Machines that are not there any more: they have another name now, or were forgotten.
CREATE TABLE gone (
    machine TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX gone_by_revision ON gone (revision);

-- What follows from other columns. It is filled in once a machine is written again.
ALTER TABLE machine ADD COLUMN last_asked_at BIGINT;

-- What is shown of a license: what its report says, else what its SKU is called.
ALTER TABLE license ADD COLUMN shown_product TEXT;
ALTER TABLE license ADD COLUMN shown_channel TEXT;
ALTER TABLE license ADD COLUMN shown_is_addon BIGINT NOT NULL DEFAULT 0;

-- When activation was lost, or will be unless it is renewed.
ALTER TABLE license ADD COLUMN lost_at BIGINT;

-- Names are looked up in memory.
DROP INDEX machine_by_short_name;

-- Who may read a view stays as it is: each is replaced by one with the same columns and at most more of them.

-- For people: every license with its machine.
CREATE OR REPLACE VIEW fleet AS
SELECT
    machine,
    shown_product AS product,
    shown_channel AS channel,
    shown_is_addon AS is_addon,
    license_status,
    CASE license_status
        WHEN 0 THEN 'unlicensed'
        WHEN 1 THEN 'licensed'
        WHEN 2 THEN 'initial grace'
        WHEN 3 THEN 'out-of-tolerance grace'
        WHEN 4 THEN 'non-genuine grace'
        WHEN 5 THEN 'notification'
        WHEN 6 THEN 'extended grace'
    END AS status,
    '0x' || upper(lpad(to_hex(reason_code), 8, '0')) AS reason_code,
    to_timestamp(expires_at) AT TIME ZONE 'UTC' AS expires_at,
    to_timestamp(last_renewed_at) AT TIME ZONE 'UTC' AS last_renewed_at,
    to_timestamp(overdue_since) AT TIME ZONE 'UTC' AS overdue_since,
    '0x' || upper(lpad(to_hex(last_error), 8, '0')) AS last_error,
    to_timestamp(last_error_at) AT TIME ZONE 'UTC' AS last_error_at,
    COALESCE(configured_host, discovered_host) AS kms_host,
    partial_product_key,
    to_timestamp(reported_at) AT TIME ZONE 'UTC' AS reported_at,
    source,
    to_timestamp(lost_at) AT TIME ZONE 'UTC' AS lost_at
FROM license;

-- For people: what is not activated now, or has expired since its last report.
CREATE OR REPLACE VIEW lost AS
SELECT *
FROM fleet
WHERE is_addon = 0 AND lost_at <= now() AT TIME ZONE 'UTC';

-- For people: what expires within 30 days, the first one first.
CREATE OR REPLACE VIEW expiring AS
SELECT *
FROM fleet
WHERE is_addon = 0 AND expires_at > now() AT TIME ZONE 'UTC' AND expires_at <= now() AT TIME ZONE 'UTC' + INTERVAL '30 days'
ORDER BY expires_at;

-- For people: the KMS hosts, and when a client last asked each.
CREATE OR REPLACE VIEW kms_host AS
SELECT
    name,
    current_count,
    required_count,
    listening_port,
    publishes_dns,
    requests,
    failed_requests,
    to_timestamp(last_request_at) AT TIME ZONE 'UTC' AS last_request_at,
    to_timestamp(kms_host_reported_at) AT TIME ZONE 'UTC' AS reported_at,
    to_timestamp(last_asked_at) AT TIME ZONE 'UTC' AS last_asked_at
FROM machine
WHERE is_kms_host = 1;
