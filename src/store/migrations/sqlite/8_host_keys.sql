-- KMS hosts count by each of their keys apart. What was counted so far is of a key that is not known; the first report
-- that names one takes it over.

DROP VIEW kms_host;

ALTER TABLE kms_host_count RENAME TO kms_host_count_before;

-- What a KMS host counts, by each key apart: of an application (windows, office, office2010), and with the SKU of the
-- license that the key belongs to; empty where that is not reported.
CREATE TABLE kms_host_count (
    machine TEXT NOT NULL REFERENCES machine (name) ON UPDATE CASCADE ON DELETE CASCADE,
    application TEXT NOT NULL,
    sku TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    current_count BIGINT,
    required_count BIGINT,
    requests BIGINT,
    failed_requests BIGINT,
    requests_status_0 BIGINT,
    requests_status_1 BIGINT,
    requests_status_2 BIGINT,
    requests_status_3 BIGINT,
    requests_status_4 BIGINT,
    requests_status_5 BIGINT,
    requests_status_6 BIGINT,
    PRIMARY KEY (machine, application, sku)
) WITHOUT ROWID;

INSERT INTO kms_host_count
SELECT
    machine,
    application,
    '',
    reported_at,
    current_count,
    required_count,
    requests,
    failed_requests,
    requests_status_0,
    requests_status_1,
    requests_status_2,
    requests_status_3,
    requests_status_4,
    requests_status_5,
    requests_status_6
FROM kms_host_count_before;

DROP TABLE kms_host_count_before;

-- For people: the KMS hosts, a row for each key by which one counts clients, and when a client last asked each.
CREATE VIEW kms_host AS
SELECT
    machine.name,
    counted.current_count,
    counted.required_count,
    machine.listening_port,
    machine.publishes_dns,
    counted.requests,
    counted.failed_requests,
    datetime(machine.last_request_at, 'unixepoch') AS last_request_at,
    datetime(COALESCE(counted.reported_at, machine.kms_host_reported_at), 'unixepoch') AS reported_at,
    datetime(machine.last_asked_at, 'unixepoch') AS last_asked_at,
    counted.application,
    NULLIF(counted.sku, '') AS sku
FROM machine
LEFT JOIN kms_host_count AS counted ON counted.machine = machine.name
WHERE machine.is_kms_host = 1;
