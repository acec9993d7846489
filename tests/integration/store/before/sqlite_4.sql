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
INSERT INTO _sqlx_migrations VALUES(2,'requests','2026-11-30 14:15:05',1,X'5492b61d2b134c204181c5b678fed15e81f1954ef7e14870c1f0ca98e1e011727b644acc63578706024695cc1d1fe88c',916164);
INSERT INTO _sqlx_migrations VALUES(3,'revisions','2026-11-30 14:15:05',1,X'13b6fc66b18a859c385dbe672c5c76905d770648ddc445bdd188e3f1fd102459713f97a132d31f74d16ffd80df958cae',2436809);
INSERT INTO _sqlx_migrations VALUES(4,'short names','2026-11-30 14:15:05',1,X'309697f57ccbb2bb20b56e936e554a2b27bcf1050da10e501b15f77f519e44ebec1183945f13448cfb44cf2ce789e68b',442880);
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
, requests_known_at BIGINT, requests_grew_at BIGINT, revision BIGINT NOT NULL DEFAULT 0, last_asked_at BIGINT, has_short_name BIGINT NOT NULL DEFAULT 1) WITHOUT ROWID;
INSERT INTO machine VALUES('kms01.corp.example','kms01',1796029200,1796048105,'wmi',1796029200,NULL,NULL,'10.0.20348.1',1,1796029200,50,25,1688,1,NULL,826,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1796029200,NULL,1,NULL,1);
INSERT INTO machine VALUES('kms02.corp.example','kms02',1796029200,1796048105,'wmi',1796029200,NULL,NULL,'10.0.20348.1',1,1796029200,10,5,1688,1,NULL,40,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1796029200,NULL,1,NULL,1);
INSERT INTO machine VALUES('kms03.corp.example','kms03',1796029200,1796048105,'wmi',1796029200,NULL,NULL,'10.0.20348.1',1,1796029200,7,5,1688,1,NULL,31,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1796029200,NULL,1,NULL,1);
INSERT INTO machine VALUES('kms04.corp.example','kms04',1796029200,1796048105,'wmi',1796029200,NULL,NULL,'10.0.20348.1',1,1796029200,24,25,1688,1,NULL,40,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1796029200,NULL,1,NULL,1);
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
    source TEXT NOT NULL, shown_product TEXT, shown_channel TEXT, shown_is_addon BIGINT NOT NULL DEFAULT 0, lost_at BIGINT,
    PRIMARY KEY (machine, license_id)
) WITHOUT ROWID;
INSERT INTO license VALUES('kms01.corp.example','8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerDatacenter edition','VOLUME_KMS_WS22','H0ST5',NULL,1,NULL,NULL,1,1796029200,'wmi',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,25,NULL,NULL,1796029200,'wmi','Windows(R), ServerDatacenter edition','VOLUME_KMS_WS22',0,NULL);
INSERT INTO license VALUES('kms02.corp.example','8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerDatacenter edition','VOLUME_KMS_WS22','H0ST5',NULL,1,NULL,NULL,1,1796029200,'wmi',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1796029200,'wmi','Windows(R), ServerDatacenter edition','VOLUME_KMS_WS22',0,NULL);
INSERT INTO license VALUES('kms02.corp.example','9b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','9b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','0ff1ce15-a989-479d-af46-f275c6370663','Office 21, Office21KMSHostVL_KMS_Host edition','VOLUME_KMS','H0ST5',NULL,1,NULL,NULL,1,1796029200,'wmi',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,5,NULL,NULL,1796029200,'wmi','Office 21, Office21KMSHostVL_KMS_Host edition','VOLUME_KMS',0,NULL);
INSERT INTO license VALUES('kms03.corp.example','9b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','9b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','0ff1ce15-a989-479d-af46-f275c6370663','Office 21, Office21KMSHostVL_KMS_Host edition','VOLUME_KMS','H0ST5',NULL,1,NULL,NULL,1,1796029200,'wmi',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,5,NULL,NULL,1796029200,'wmi','Office 21, Office21KMSHostVL_KMS_Host edition','VOLUME_KMS',0,NULL);
INSERT INTO license VALUES('kms04.corp.example','8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerDatacenter edition','VOLUME_KMS_WS22','H0ST5',NULL,1,NULL,NULL,1,1796029200,'wmi',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,25,NULL,NULL,1796029200,'wmi','Windows(R), ServerDatacenter edition','VOLUME_KMS_WS22',0,NULL);
INSERT INTO license VALUES('kms04.corp.example','9b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','9b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','0ff1ce15-a989-479d-af46-f275c6370663','Office 21, Office21KMSHostVL_KMS_Host edition','VOLUME_KMS','H0ST5',NULL,1,NULL,NULL,1,1796029200,'wmi',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,5,NULL,NULL,1796029200,'wmi','Office 21, Office21KMSHostVL_KMS_Host edition','VOLUME_KMS',0,NULL);
CREATE TABLE sku (
    sku TEXT NOT NULL PRIMARY KEY,
    product TEXT,
    channel TEXT,
    application TEXT,
    is_addon BIGINT
) WITHOUT ROWID;
INSERT INTO sku VALUES('8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','Windows(R), ServerDatacenter edition','VOLUME_KMS_WS22','55c92734-d682-4d71-983e-d6ec3f16059f',NULL);
INSERT INTO sku VALUES('9b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','Office 21, Office21KMSHostVL_KMS_Host edition','VOLUME_KMS','0ff1ce15-a989-479d-af46-f275c6370663',NULL);
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
    name,
    current_count,
    required_count,
    listening_port,
    publishes_dns,
    requests,
    failed_requests,
    datetime(last_request_at, 'unixepoch') AS last_request_at,
    datetime(kms_host_reported_at, 'unixepoch') AS reported_at,
    datetime(last_asked_at, 'unixepoch') AS last_asked_at
FROM machine
WHERE is_kms_host = 1;
COMMIT;
