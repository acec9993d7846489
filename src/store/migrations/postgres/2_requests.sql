-- When the requests of a KMS host were first told, and when they were last told to be others than before.
ALTER TABLE machine ADD COLUMN requests_known_at BIGINT;
ALTER TABLE machine ADD COLUMN requests_grew_at BIGINT;

-- Of what is known already, no earlier moment is known than that of the last report.
UPDATE machine SET requests_known_at = COALESCE(kms_host_reported_at, reported_at) WHERE requests IS NOT NULL;

-- For people: the KMS hosts, and when a client last asked each, by its events or because it had counted more requests.
-- Who may read the view stays as it is.
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
    to_timestamp(GREATEST(last_request_at, requests_grew_at)) AT TIME ZONE 'UTC' AS last_asked_at
FROM machine
WHERE is_kms_host = 1;
