-- KMS hosts count the clients of each application apart, and report their own trouble. Licenses say whether Active
-- Directory activated them.

-- What a KMS host counts, of each application apart (windows, office, office2010).
CREATE TABLE kms_host_count (
    machine TEXT NOT NULL REFERENCES machine (name) ON UPDATE CASCADE ON DELETE CASCADE,
    application TEXT NOT NULL,
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
    PRIMARY KEY (machine, application)
) WITHOUT ROWID;

-- When a KMS host last published itself in the DNS of a domain, or could not: then with the code, where that is known.
CREATE TABLE kms_host_publication (
    machine TEXT NOT NULL REFERENCES machine (name) ON UPDATE CASCADE ON DELETE CASCADE,
    domain TEXT NOT NULL,
    at BIGINT NOT NULL,
    is_published BIGINT NOT NULL,
    code BIGINT,
    PRIMARY KEY (machine, domain)
) WITHOUT ROWID;

-- True where Active Directory activated a license, and no KMS host.
ALTER TABLE license ADD COLUMN activated_by_domain BIGINT;

-- When a KMS host last could not start.
ALTER TABLE machine ADD COLUMN failed_start_at BIGINT;
ALTER TABLE machine ADD COLUMN failed_start_code BIGINT;

-- What was counted so far was of whichever application was reported last. It is kept where that can only be one: the
-- KMS host keys of the machine are of one application, or it needs as many clients as Windows alone. What is left out is
-- reported again, and nobody knows then whether the number of requests has grown meanwhile.
INSERT INTO kms_host_count
SELECT
    name,
    application,
    COALESCE(kms_host_reported_at, reported_at),
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
FROM (
    SELECT
        machine.*,
        CASE
            WHEN required_count = 25 THEN 'windows'
            WHEN own.applications IS NULL AND current_count IS NULL THEN 'windows'
            WHEN own.applications = 1 THEN CASE own.application
                WHEN '55c92734-d682-4d71-983e-d6ec3f16059f' THEN 'windows'
                WHEN '0ff1ce15-a989-479d-af46-f275c6370663' THEN 'office'
                WHEN '59a52881-a989-479d-af46-f275c6370663' THEN 'office2010'
            END
        END AS application
    FROM machine
    LEFT JOIN (
        SELECT
            machine,
            COUNT(DISTINCT COALESCE(application, '')) AS applications,
            MIN(application) AS application
        FROM license
        WHERE channel LIKE 'VOLUME\_KMS%' ESCAPE '\' AND channel NOT LIKE 'VOLUME\_KMSCLIENT%' ESCAPE '\'
        GROUP BY machine
    ) AS own ON own.machine = machine.name
    WHERE
        machine.is_kms_host = 1
        AND COALESCE(current_count, required_count, requests, failed_requests) IS NOT NULL
) AS counted
WHERE application IS NOT NULL;

UPDATE machine SET requests_known_at = NULL
WHERE requests IS NOT NULL AND NOT EXISTS (SELECT 1 FROM kms_host_count AS kept WHERE kept.machine = machine.name);

DROP VIEW kms_host;

ALTER TABLE machine DROP COLUMN current_count;
ALTER TABLE machine DROP COLUMN required_count;
ALTER TABLE machine DROP COLUMN requests;
ALTER TABLE machine DROP COLUMN failed_requests;
ALTER TABLE machine DROP COLUMN requests_status_0;
ALTER TABLE machine DROP COLUMN requests_status_1;
ALTER TABLE machine DROP COLUMN requests_status_2;
ALTER TABLE machine DROP COLUMN requests_status_3;
ALTER TABLE machine DROP COLUMN requests_status_4;
ALTER TABLE machine DROP COLUMN requests_status_5;
ALTER TABLE machine DROP COLUMN requests_status_6;

-- For people: the KMS hosts, a row for each application that one counts clients of, and when a client last asked each.
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
    counted.application
FROM machine
LEFT JOIN kms_host_count AS counted ON counted.machine = machine.name
WHERE machine.is_kms_host = 1;
