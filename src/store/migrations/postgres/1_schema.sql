-- All times are seconds since 1970 in UTC, all flags 0 or 1. What is NULL is not known. The views show times as people
-- read them.

CREATE TABLE machine (
    name TEXT NOT NULL PRIMARY KEY,
    -- What stands in front of the first dot of the name.
    short_name TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    source TEXT NOT NULL,
    -- When a report last listed every license of the machine.
    complete_at BIGINT,
    client_machine_id TEXT,
    remaining_windows_rearms BIGINT,
    service_version TEXT,
    is_kms_host BIGINT NOT NULL,
    kms_host_reported_at BIGINT,
    current_count BIGINT,
    required_count BIGINT,
    listening_port BIGINT,
    publishes_dns BIGINT,
    last_request_at BIGINT,
    requests BIGINT,
    failed_requests BIGINT,
    requests_status_0 BIGINT,
    requests_status_1 BIGINT,
    requests_status_2 BIGINT,
    requests_status_3 BIGINT,
    requests_status_4 BIGINT,
    requests_status_5 BIGINT,
    requests_status_6 BIGINT
);

CREATE INDEX machine_by_short_name ON machine (short_name);
CREATE INDEX machine_by_kms_host ON machine (name) WHERE is_kms_host = 1;

-- It has no index but its key: every report writes here, and whoever adds the fleet up reads all of it.
CREATE TABLE license (
    machine TEXT NOT NULL REFERENCES machine (name) ON UPDATE CASCADE ON DELETE CASCADE,
    -- The SKU, or what stands for it where it is not known.
    license_id TEXT NOT NULL,
    sku TEXT,
    application TEXT,
    product TEXT,
    channel TEXT,
    partial_product_key TEXT,
    is_addon BIGINT,
    license_status BIGINT,
    reason_code BIGINT,
    -- How long it held as of status_at.
    minutes BIGINT,
    is_permanent BIGINT,
    -- When, and by whom, the status and the minutes were told.
    status_at BIGINT,
    status_source TEXT,
    evaluation_end BIGINT,
    -- What follows from the columns above.
    expires_at BIGINT,
    last_renewed_at BIGINT,
    overdue_since BIGINT,
    last_error BIGINT,
    last_error_at BIGINT,
    configured_host TEXT,
    discovered_host TEXT,
    -- The host of the two that is used, without its port.
    kms_host_name TEXT,
    activation_interval BIGINT,
    renewal_interval BIGINT,
    required_count BIGINT,
    remaining_sku_rearms BIGINT,
    remaining_app_rearms BIGINT,
    reported_at BIGINT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (machine, license_id)
);

-- What a SKU is called, as learned from the reports that tell it.
CREATE TABLE sku (
    sku TEXT NOT NULL PRIMARY KEY,
    product TEXT,
    channel TEXT,
    application TEXT,
    is_addon BIGINT
);

-- How licenses came to stand otherwise than before.
CREATE TABLE status_change (
    at BIGINT NOT NULL,
    machine TEXT NOT NULL,
    license_id TEXT NOT NULL,
    product TEXT,
    from_status BIGINT NOT NULL,
    to_status BIGINT NOT NULL,
    reason_code BIGINT
);

CREATE INDEX status_change_by_time ON status_change (at);
CREATE INDEX status_change_by_machine ON status_change (machine);

-- How the fleet stood on a day (2026-12-03), by product, and in all.
CREATE TABLE daily (
    day TEXT NOT NULL,
    product TEXT NOT NULL,
    channel TEXT NOT NULL,
    license_status BIGINT,
    licenses BIGINT NOT NULL
);

CREATE INDEX daily_by_day ON daily (day);

CREATE TABLE daily_runway (
    day TEXT NOT NULL PRIMARY KEY,
    machines BIGINT NOT NULL,
    lost BIGINT NOT NULL,
    stale BIGINT NOT NULL,
    overdue BIGINT NOT NULL,
    within_1d BIGINT NOT NULL,
    within_7d BIGINT NOT NULL,
    within_30d BIGINT NOT NULL,
    within_90d BIGINT NOT NULL,
    first_expiry BIGINT
);

-- For people: every license with its machine.
CREATE VIEW fleet AS
SELECT
    license.machine,
    COALESCE(license.product, sku.product, 'SKU ' || license.sku, 'unknown') AS product,
    COALESCE(license.channel, sku.channel) AS channel,
    COALESCE(license.is_addon, sku.is_addon, 0) AS is_addon,
    license.license_status,
    CASE license.license_status
        WHEN 0 THEN 'unlicensed'
        WHEN 1 THEN 'licensed'
        WHEN 2 THEN 'initial grace'
        WHEN 3 THEN 'out-of-tolerance grace'
        WHEN 4 THEN 'non-genuine grace'
        WHEN 5 THEN 'notification'
        WHEN 6 THEN 'extended grace'
    END AS status,
    '0x' || upper(lpad(to_hex(license.reason_code), 8, '0')) AS reason_code,
    to_timestamp(license.expires_at) AT TIME ZONE 'UTC' AS expires_at,
    to_timestamp(license.last_renewed_at) AT TIME ZONE 'UTC' AS last_renewed_at,
    to_timestamp(license.overdue_since) AT TIME ZONE 'UTC' AS overdue_since,
    '0x' || upper(lpad(to_hex(license.last_error), 8, '0')) AS last_error,
    to_timestamp(license.last_error_at) AT TIME ZONE 'UTC' AS last_error_at,
    COALESCE(license.configured_host, license.discovered_host) AS kms_host,
    license.partial_product_key,
    to_timestamp(license.reported_at) AT TIME ZONE 'UTC' AS reported_at,
    license.source
FROM license
LEFT JOIN sku ON sku.sku = license.sku;

-- For people: what is not activated now, or has run out since its last report.
CREATE VIEW lost AS
SELECT *
FROM fleet
WHERE is_addon = 0 AND (license_status IN (0, 5) OR expires_at <= now() AT TIME ZONE 'UTC');

-- For people: what runs out within 30 days, the first one first.
CREATE VIEW expiring AS
SELECT *
FROM fleet
WHERE
    is_addon = 0
    AND COALESCE(license_status, 1) NOT IN (0, 5)
    AND expires_at > now() AT TIME ZONE 'UTC'
    AND expires_at <= now() AT TIME ZONE 'UTC' + INTERVAL '30 days'
ORDER BY expires_at;

-- For people: the KMS hosts.
CREATE VIEW kms_host AS
SELECT
    name,
    current_count,
    required_count,
    listening_port,
    publishes_dns,
    requests,
    failed_requests,
    to_timestamp(last_request_at) AT TIME ZONE 'UTC' AS last_request_at,
    to_timestamp(kms_host_reported_at) AT TIME ZONE 'UTC' AS reported_at
FROM machine
WHERE is_kms_host = 1;

-- For people: what changed, the last first.
CREATE VIEW change AS
SELECT
    to_timestamp(at) AT TIME ZONE 'UTC' AS at,
    machine,
    product,
    CASE from_status
        WHEN 0 THEN 'unlicensed'
        WHEN 1 THEN 'licensed'
        WHEN 2 THEN 'initial grace'
        WHEN 3 THEN 'out-of-tolerance grace'
        WHEN 4 THEN 'non-genuine grace'
        WHEN 5 THEN 'notification'
        WHEN 6 THEN 'extended grace'
    END AS from_status,
    CASE to_status
        WHEN 0 THEN 'unlicensed'
        WHEN 1 THEN 'licensed'
        WHEN 2 THEN 'initial grace'
        WHEN 3 THEN 'out-of-tolerance grace'
        WHEN 4 THEN 'non-genuine grace'
        WHEN 5 THEN 'notification'
        WHEN 6 THEN 'extended grace'
    END AS to_status,
    '0x' || upper(lpad(to_hex(reason_code), 8, '0')) AS reason_code
FROM status_change
ORDER BY status_change.at DESC;
