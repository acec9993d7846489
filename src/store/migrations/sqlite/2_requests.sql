-- When the requests of a KMS host were first told, and when they were last told to be others than before.
ALTER TABLE machine ADD COLUMN requests_known_at BIGINT;
ALTER TABLE machine ADD COLUMN requests_grew_at BIGINT;

-- Of what is known already, no earlier moment is known than that of the last report.
UPDATE machine SET requests_known_at = COALESCE(kms_host_reported_at, reported_at) WHERE requests IS NOT NULL;

DROP VIEW kms_host;

-- For people: the KMS hosts, and when a client last asked each, by its events or because it had counted more requests.
CREATE VIEW kms_host AS
SELECT
    name,
    current_count,
    required_count,
    listening_port,
    publishes_dns,
    requests,
    failed_requests,
    datetime(last_request_at, 'unixepoch') AS last_request_at,
    datetime(kms_host_reported_at, 'unixepoch') AS reported_at,
    datetime(
        max(COALESCE(last_request_at, requests_grew_at), COALESCE(requests_grew_at, last_request_at)), 'unixepoch'
    ) AS last_asked_at
FROM machine
WHERE is_kms_host = 1;
