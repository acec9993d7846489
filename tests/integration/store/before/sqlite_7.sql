BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations VALUES(1,'schema','2026-11-30 14:15:05',1,X'3f4fce117e7df395af7385d41db038d32a379b9c4b9b2cc528c5516b0f37d3732ff30f9f1b183f6b01852200e0f748ce',1253877);
INSERT INTO _sqlx_migrations VALUES(2,'requests','2026-11-30 14:15:05',1,X'5492b61d2b134c204181c5b678fed15e81f1954ef7e14870c1f0ca98e1e011727b644acc63578706024695cc1d1fe88c',1253877);
INSERT INTO _sqlx_migrations VALUES(3,'revisions','2026-11-30 14:15:05',1,X'13b6fc66b18a859c385dbe672c5c76905d770648ddc445bdd188e3f1fd102459713f97a132d31f74d16ffd80df958cae',1253877);
INSERT INTO _sqlx_migrations VALUES(4,'short names','2026-11-30 14:15:05',1,X'309697f57ccbb2bb20b56e936e554a2b27bcf1050da10e501b15f77f519e44ebec1183945f13448cfb44cf2ce789e68b',1253877);
INSERT INTO _sqlx_migrations VALUES(5,'applications','2026-11-30 14:15:05',1,X'375647d39574fe397bf6df8e61a1a043b095fd479c0aa3ae2939149ff4668926f1d35dbb89d93f56be15fafad34c936a',1253877);
INSERT INTO _sqlx_migrations VALUES(6,'SKU names','2026-11-30 14:15:05',1,X'6d819844790eb6521c1fbbedf578e5ea8a59267746a30399e527ec87384fb8086ba52203a43a42549154af6c3275ab5e',1253877);
INSERT INTO _sqlx_migrations VALUES(7,'verdicts','2026-11-30 14:15:05',1,X'baf3c424b865e49565c4906bcdfccc0b3dc3b7ce09564aca060d56786e1b3edc707a5546d7eb8efe61e3f0914daba9b1',1253877);
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
    listening_port BIGINT,
    publishes_dns BIGINT,
    last_request_at BIGINT,
    requests_known_at BIGINT, requests_grew_at BIGINT, revision BIGINT NOT NULL DEFAULT 0, last_asked_at BIGINT, has_short_name BIGINT NOT NULL DEFAULT 1, failed_start_at BIGINT, failed_start_code BIGINT) WITHOUT ROWID;
INSERT INTO machine VALUES('kms01.corp.example','kms01',1796029200,1796048105,'wmi',NULL,NULL,NULL,'10.0.20348.1',1,1796029200,1688,1,NULL,1795942800,1796029200,1,NULL,1,NULL,NULL);
INSERT INTO machine VALUES('kms02.corp.example','kms02',1796029200,1796048105,'slmgr',NULL,NULL,NULL,NULL,1,1796029200,1688,0,NULL,NULL,NULL,1,NULL,1,NULL,NULL);
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
    source TEXT NOT NULL, shown_product TEXT, shown_channel TEXT, shown_is_addon BIGINT NOT NULL DEFAULT 0, lost_at BIGINT, activated_by_domain BIGINT,
    PRIMARY KEY (machine, license_id)
) WITHOUT ROWID;
INSERT INTO license VALUES('kms01.corp.example','0ff1ce15-0000-4000-8000-000000000021','0ff1ce15-0000-4000-8000-000000000021','0ff1ce15-a989-479d-af46-f275c6370663','Office 21, Office21KMSHostVL_KMS_Host edition','VOLUME_KMS','QW3RT',NULL,1,NULL,NULL,NULL,1795942800,'wmi',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795942800,'wmi',NULL,NULL,0,NULL,NULL);
CREATE TABLE sku (
    sku TEXT NOT NULL PRIMARY KEY,
    product TEXT,
    channel TEXT,
    application TEXT,
    is_addon BIGINT
) WITHOUT ROWID;
CREATE TABLE status_change (
    at BIGINT NOT NULL,
    machine TEXT NOT NULL,
    license_id TEXT NOT NULL,
    product TEXT,
    from_status BIGINT NOT NULL,
    to_status BIGINT NOT NULL,
    reason_code BIGINT
);
CREATE TABLE daily (
    day TEXT NOT NULL,
    product TEXT NOT NULL,
    channel TEXT NOT NULL,
    license_status BIGINT,
    licenses BIGINT NOT NULL
);
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
CREATE TABLE last_revision (
    revision BIGINT NOT NULL
);
INSERT INTO last_revision VALUES(1);
CREATE TABLE gone (
    machine TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL
) WITHOUT ROWID;
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
INSERT INTO kms_host_count VALUES('kms01.corp.example','office',1795942800,7,5,31,0,10,21,0,0,0,0,NULL);
INSERT INTO kms_host_count VALUES('kms01.corp.example','windows',1796029200,50,25,826,3,100,700,20,1,2,0,NULL);
INSERT INTO kms_host_count VALUES('kms02.corp.example','office2010',1796029200,4,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE kms_host_publication (
    machine TEXT NOT NULL REFERENCES machine (name) ON UPDATE CASCADE ON DELETE CASCADE,
    domain TEXT NOT NULL,
    at BIGINT NOT NULL,
    is_published BIGINT NOT NULL,
    code BIGINT,
    PRIMARY KEY (machine, domain)
) WITHOUT ROWID;
INSERT INTO kms_host_publication VALUES('kms01.corp.example','corp.example',1796029200,1,NULL);
CREATE TABLE verdict (
    instance TEXT NOT NULL,
    path TEXT NOT NULL,
    number BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    -- ok, degraded, blocked or unknown.
    status TEXT NOT NULL,
    -- What was blamed.
    stage TEXT,
    reason TEXT,
    -- What clients showed.
    code BIGINT,
    PRIMARY KEY (instance, path, number)
) WITHOUT ROWID;
CREATE TABLE verdict_course (
    instance TEXT NOT NULL,
    path TEXT NOT NULL,
    course TEXT NOT NULL,
    PRIMARY KEY (instance, path)
) WITHOUT ROWID;
CREATE TABLE verdict_instance (
    instance TEXT NOT NULL PRIMARY KEY,
    seen_at_ms BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX machine_by_kms_host ON machine (name) WHERE is_kms_host = 1;
CREATE INDEX status_change_by_time ON status_change (at);
CREATE INDEX status_change_by_machine ON status_change (machine);
CREATE INDEX daily_by_day ON daily (day);
CREATE VIEW change AS
SELECT
    datetime(at, 'unixepoch') AS at,
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
    CASE WHEN reason_code IS NOT NULL THEN printf('0x%08X', reason_code) END AS reason_code
FROM status_change
ORDER BY status_change.at DESC;
CREATE INDEX machine_by_revision ON machine (revision);
CREATE INDEX gone_by_revision ON gone (revision);
CREATE VIEW fleet AS
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
    CASE WHEN reason_code IS NOT NULL THEN printf('0x%08X', reason_code) END AS reason_code,
    datetime(expires_at, 'unixepoch') AS expires_at,
    datetime(last_renewed_at, 'unixepoch') AS last_renewed_at,
    datetime(overdue_since, 'unixepoch') AS overdue_since,
    CASE WHEN last_error IS NOT NULL THEN printf('0x%08X', last_error) END AS last_error,
    datetime(last_error_at, 'unixepoch') AS last_error_at,
    COALESCE(configured_host, discovered_host) AS kms_host,
    partial_product_key,
    datetime(reported_at, 'unixepoch') AS reported_at,
    source,
    datetime(lost_at, 'unixepoch') AS lost_at
FROM license;
CREATE VIEW lost AS
SELECT *
FROM fleet
WHERE is_addon = 0 AND lost_at <= datetime('now');
CREATE VIEW expiring AS
SELECT *
FROM fleet
WHERE is_addon = 0 AND expires_at > datetime('now') AND expires_at <= datetime('now', '+30 days')
ORDER BY expires_at;
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
CREATE INDEX verdict_by_time ON verdict (at_ms);
CREATE VIEW verdict_change AS
SELECT
    strftime('%Y-%m-%d %H:%M:%f', at_ms / 1000.0, 'unixepoch') AS at,
    instance,
    path,
    status,
    stage,
    reason,
    CASE WHEN code IS NOT NULL THEN printf('0x%08X', code) END AS code
FROM verdict
ORDER BY at_ms DESC;
COMMIT;
