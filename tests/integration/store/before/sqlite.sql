BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'schema','2026-11-29 23:38:48',1,X'3F4FCE117E7DF395AF7385D41DB038D32A379B9C4B9B2CC528C5516B0F37D3732FF30F9F1B183F6B01852200E0F748CE',908913);
INSERT INTO "_sqlx_migrations" VALUES(2,'requests','2026-11-29 23:38:48',1,X'5492B61D2B134C204181C5B678FED15E81F1954EF7E14870C1F0CA98E1E011727B644ACC63578706024695CC1D1FE88C',515418);
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
) WITHOUT ROWID;
INSERT INTO "license" VALUES('eval01.corp.example','16a2f9c0-5b8a-47a8-9d1b-7c1a5f0e2f11','16a2f9c0-5b8a-47a8-9d1b-7c1a5f0e2f11','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerStandardEval edition','TIMEBASED_EVAL','Y7XRX',0,1,1074066435,12841,0,1795176000,'wmi',1796270460,1795946460,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,5,1001,1795176000,'wmi');
INSERT INTO "license" VALUES('kms01.corp.example','8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerStandard edition','VOLUME_KMS_WS19','PYWKV',0,1,1074066433,NULL,1,1795176000,'wmi',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,5,1001,1001,1795176000,'wmi');
INSERT INTO "license" VALUES('m-en-dli-2008r2-kmshost.corp.example','name:windows server(r), serverenterprise edition',NULL,'55c92734-d682-4d71-983e-d6ec3f16059f','Windows Server(R), ServerEnterprise edition','VOLUME_KMS_C','PYWKV',NULL,1,NULL,NULL,1,1795176000,'slmgr',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-en-dli-win7-kmsclient.corp.example','name:windows(r) 7, enterprise edition',NULL,'55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R) 7, Enterprise edition','VOLUME_KMSCLIENT','DVQ7P',NULL,1,NULL,243720,0,1795176000,'slmgr',NULL,1809799200,1794247200,1794248700,NULL,NULL,NULL,'emeronb10-rc3.sppvltest.net:1688','emeronb10-rc3.sppvltest.net',15,25,NULL,NULL,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-en-dlv-adba.corp.example','73111121-5638-40f6-bc11-f1d7b0d64300','73111121-5638-40f6-bc11-f1d7b0d64300','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), Enterprise edition','VOLUME_KMSCLIENT','2YT43',NULL,1,NULL,259199,0,1795176000,'slmgr',NULL,1810727940,1795175940,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1001,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-en-dlv-all.corp.example','73111121-5638-40f6-bc11-f1d7b0d64300','73111121-5638-40f6-bc11-f1d7b0d64300','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), Enterprise edition','VOLUME_KMSCLIENT','2YT43',NULL,1,NULL,200000,0,1795176000,'slmgr',NULL,1807176000,1791624000,1792228800,NULL,NULL,NULL,NULL,NULL,120,10080,NULL,1001,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-en-dlv-all.corp.example','99999999-9999-4999-8999-999999999999','99999999-9999-4999-8999-999999999999','0ff1ce15-a989-479d-af46-f275c6370663','Office 16, Office16ProPlusVL_MAK edition','VOLUME_MAK','OFF16',NULL,5,3221549065,NULL,NULL,1795176000,'slmgr',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,5,4,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-en-dlv-avma.corp.example','55555555-5555-4555-8555-555555555555','55555555-5555-4555-8555-555555555555','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerDatacenter edition','VIRTUAL_MACHINE_ACTIVATION','AVMA5',NULL,1,NULL,9860,0,1795176000,'slmgr',NULL,1795767600,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1001,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-en-dlv-evaluation.corp.example','44444444-4444-4444-8444-444444444444','44444444-4444-4444-8444-444444444444','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerStandardEval edition','TIMEBASED_EVAL','EVAL5',NULL,1,NULL,244799,0,1795176000,'slmgr',NULL,1809863940,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,5,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-en-dlv-kmsclient.corp.example','9bd77860-9b31-4b7b-96ad-2564017315bf','9bd77860-9b31-4b7b-96ad-2564017315bf','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerStandard edition','VOLUME_KMSCLIENT','VDYBN',NULL,1,NULL,253440,0,1795176000,'slmgr',NULL,1810382400,1794830400,NULL,NULL,NULL,'kms01.corp.example:1689','kms02.corp.example:1688','kms01.corp.example',120,10080,NULL,1000,999,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-en-dlv-kmshost.corp.example','22222222-2222-4222-8222-222222222222','22222222-2222-4222-8222-222222222222','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerDatacenter edition','VOLUME_KMS_WS22','H0ST5',NULL,1,NULL,NULL,1,1795176000,'slmgr',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1001,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-en-dlv-mak.corp.example','33333333-3333-4333-8333-333333333333','33333333-3333-4333-8333-333333333333','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), Enterprise edition','VOLUME_MAK','MAK55',NULL,1,NULL,NULL,1,1795176000,'slmgr',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1000,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-en-dlv-ws2019-kmsclient-notification.corp.example','de32eafd-aaee-4662-9444-c1befb41bde2','de32eafd-aaee-4662-9444-c1befb41bde2','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerStandard edition','VOLUME_KMSCLIENT','J464C',NULL,5,3221549071,NULL,NULL,1795176000,'slmgr',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1001,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-en-xpr-permanent.corp.example','name:windows(r), professional edition',NULL,'55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), Professional edition',NULL,NULL,NULL,1,NULL,NULL,1,1795176000,'slmgr',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-en-xpr-volume.corp.example','name:windows(r), professional edition',NULL,'55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), Professional edition',NULL,NULL,NULL,1,NULL,NULL,NULL,1795176000,'slmgr',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-ja-dli-ws-mak-licensed.corp.example','name:windows(r), serverdatacenter edition',NULL,'55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerDatacenter edition','VOLUME_MAK','XXXXX',NULL,1,NULL,NULL,1,1795176000,'slmgr',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-ja-dlv-kmsclient.corp.example','9bd77860-9b31-4b7b-96ad-2564017315bf','9bd77860-9b31-4b7b-96ad-2564017315bf','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerStandard edition','VOLUME_KMSCLIENT','VDYBN',NULL,1,NULL,253440,0,1795176000,'slmgr',NULL,1810382400,1794830400,NULL,NULL,NULL,'kms01.corp.example:1689','kms02.corp.example:1688','kms01.corp.example',120,10080,NULL,NULL,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('m-ospp-dstatus-kmsclients.corp.example','6bf301c1-b94a-43e9-ba31-d494598c47fb','6bf301c1-b94a-43e9-ba31-d494598c47fb','0ff1ce15-a989-479d-af46-f275c6370663','Office 16, Office16VisioProVL_KMS_Client edition','VOLUME_KMSCLIENT','RHGTX',NULL,1,1074065472,249090,0,1795176000,'ospp',NULL,1810121400,1794569400,NULL,NULL,NULL,'kms01.corp.example:1689',NULL,'kms01.corp.example',120,10080,NULL,NULL,NULL,1795176000,'ospp');
INSERT INTO "license" VALUES('m-ospp-dstatus-kmsclients.corp.example','bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb','bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb','59a52881-a989-479d-af46-f275c6370663','Office 14, OfficeProPlus-MAK edition','RETAIL(MAK)','MAK14',NULL,1,NULL,NULL,1,1795176000,'ospp',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795176000,'ospp');
INSERT INTO "license" VALUES('m-ospp-dstatus-kmsclients.corp.example','cccccccc-cccc-4ccc-8ccc-cccccccccccc','cccccccc-cccc-4ccc-8ccc-cccccccccccc','0ff1ce15-a989-479d-af46-f275c6370663','Office 16, Office16ProPlusVL_KMS_Client edition','VOLUME_KMSCLIENT','WFG99',NULL,5,3221549065,NULL,NULL,1795176000,'ospp',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'kms02.corp.example:1688','kms02.corp.example',120,10080,NULL,NULL,NULL,1795176000,'ospp');
INSERT INTO "license" VALUES('m-ospp-dstatus-office2019-oobgrace.corp.example','52c4d79f-6e1a-45b7-b479-36b666e0a2f8','52c4d79f-6e1a-45b7-b479-36b666e0a2f8','0ff1ce15-a989-479d-af46-f275c6370663','Office 19, Office19ProPlus2019R_Grace edition','RETAIL(Grace)','8MBCX',NULL,2,1074065420,7195,0,1795176000,'ospp',NULL,1795607700,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795176000,'ospp');
INSERT INTO "license" VALUES('pc0033.corp.example','73c14fcf-43a9-42f2-8d8f-4c0e7f7c9a34','73c14fcf-43a9-42f2-8d8f-4c0e7f7c9a34','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), Professional edition','VOLUME_MAK','3RT6X',0,1,NULL,NULL,NULL,1795543260,'vamt',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1000,1000,1795543260,'vamt');
INSERT INTO "license" VALUES('pc0034.corp.example','2de67392-b7a7-462a-b1ca-108dd189f588','2de67392-b7a7-462a-b1ca-108dd189f588','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), Professional edition','VOLUME_KMSCLIENT','T83GX',NULL,5,3221549071,NULL,NULL,1795543320,'vamt',NULL,NULL,NULL,NULL,3221549172,1795543320,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795543320,'vamt');
INSERT INTO "license" VALUES('pc0036','name:office 16, office16proplusvl_mak edition',NULL,NULL,'Office 16, Office16ProPlusVL_MAK edition','VOLUME_MAK','UUUU5',NULL,5,NULL,NULL,NULL,1795176000,'vamt',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795176000,'vamt');
INSERT INTO "license" VALUES('srv-db2','de32eafd-aaee-4662-9444-c1befb41bde2','de32eafd-aaee-4662-9444-c1befb41bde2',NULL,NULL,'VOLUME_KMSCLIENT',NULL,NULL,5,NULL,NULL,NULL,1795509000,'host_events',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'kms01.corp.example:1688','kms01.corp.example',NULL,NULL,5,NULL,NULL,1795509000,'host_events');
INSERT INTO "license" VALUES('ws0001','73111121-5638-40f6-bc11-f1d7b0d64300','73111121-5638-40f6-bc11-f1d7b0d64300','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), Professional edition','VOLUME_KMSCLIENT','2YT43',NULL,1,NULL,NULL,1,1795176000,'slmgr',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1001,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('ws0001','eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee','eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee','0ff1ce15-a989-479d-af46-f275c6370663','Office 15, OfficeStandardVL_MAK edition','RETAIL','STD15',NULL,6,NULL,2880,0,1795176000,'ospp',NULL,1795348800,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795176000,'ospp');
INSERT INTO "license" VALUES('ws0001','ffffffff-ffff-4fff-8fff-ffffffffffff','ffffffff-ffff-4fff-8fff-ffffffffffff','0ff1ce15-a989-479d-af46-f275c6370663','Office 16, Office16StandardVL_MAK edition','VOLUME_MAK','STD16',NULL,4,NULL,NULL,NULL,1795176000,'ospp',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795176000,'ospp');
INSERT INTO "license" VALUES('ws0002','73111121-5638-40f6-bc11-f1d7b0d64300','73111121-5638-40f6-bc11-f1d7b0d64300','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerStandard edition','VOLUME_KMSCLIENT','2YT43',NULL,5,NULL,NULL,NULL,1795176000,'slmgr',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1001,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('ws0002','eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee','eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee','0ff1ce15-a989-479d-af46-f275c6370663','Office 15, OfficeStandardVL_MAK edition','RETAIL','STD15',NULL,3,NULL,43199,0,1795176000,'ospp',NULL,1797767940,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795176000,'ospp');
INSERT INTO "license" VALUES('ws0003','73111121-5638-40f6-bc11-f1d7b0d64300','73111121-5638-40f6-bc11-f1d7b0d64300','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerStandardEval edition','VOLUME_KMSCLIENT','2YT43',NULL,1,NULL,NULL,NULL,1795176000,'slmgr',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1001,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('ws0004','73111121-5638-40f6-bc11-f1d7b0d64300','73111121-5638-40f6-bc11-f1d7b0d64300','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), Professional edition','VOLUME_KMSCLIENT','2YT43',NULL,0,NULL,NULL,NULL,1795176000,'slmgr',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1001,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('ws0005','name:windows(r), serverdatacenter edition',NULL,'55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), ServerDatacenter edition',NULL,NULL,NULL,1,NULL,NULL,NULL,1795176000,'slmgr',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795176000,'slmgr');
INSERT INTO "license" VALUES('ws0417.corp.example','20e7de26-0b5e-4b1a-9d0c-30c6e5c47d5a','20e7de26-0b5e-4b1a-9d0c-30c6e5c47d5a','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), Server-ESU-Year1 add-on for ServerStandard','VOLUME_MAK','QRTVW',1,1,1074066433,NULL,1,1795543200,'wmi',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1001,1001,1795543200,'wmi');
INSERT INTO "license" VALUES('ws0417.corp.example','73111121-5638-40f6-bc11-f1d7b0d64300','73111121-5638-40f6-bc11-f1d7b0d64300','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), Enterprise edition','VOLUME_KMSCLIENT','2YT43',0,1,1074066433,253564,0,1795543200,'wmi',NULL,1810757040,1795205040,NULL,NULL,NULL,NULL,'kms01.corp.example:1688','kms01.corp.example',120,10080,25,1001,1001,1795543200,'wmi');
INSERT INTO "license" VALUES('ws0417.corp.example','85dd8b5f-eaa4-4af3-a628-cce9e77c9a03','85dd8b5f-eaa4-4af3-a628-cce9e77c9a03','0ff1ce15-a989-479d-af46-f275c6370663','Office 19, Office19ProPlus2019VL_KMS_Client_AE edition','VOLUME_KMSCLIENT','6MWKP',0,5,3221549071,0,0,1795543200,'wmi',NULL,NULL,NULL,NULL,3221549112,1795503603,'kms02.corp.example:1688',NULL,'kms02.corp.example',120,10080,5,1001,1001,1795543200,'wmi');
INSERT INTO "license" VALUES('ws0417.corp.example','fbdb3e18-a8ef-4fb3-9183-dffd60bd0984','fbdb3e18-a8ef-4fb3-9183-dffd60bd0984','0ff1ce15-a989-479d-af46-f275c6370663','Office 21, Office21ProPlus2021VL_KMS_Client_AE edition','VOLUME_KMSCLIENT','6F7TH',0,1,1074065472,253576,0,1795543200,'wmi',NULL,1810757760,1795205760,NULL,NULL,NULL,NULL,'kms01.corp.example:1688','kms01.corp.example',120,10080,5,1,1,1795543200,'wmi');
INSERT INTO "license" VALUES('ws1','73111121-5638-40f6-bc11-f1d7b0d64300','73111121-5638-40f6-bc11-f1d7b0d64300','55c92734-d682-4d71-983e-d6ec3f16059f','Windows(R), Enterprise edition','VOLUME_KMSCLIENT','2YT43',NULL,5,NULL,0,0,1795262400,'wmi',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795262400,'wmi');
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
, requests_known_at BIGINT, requests_grew_at BIGINT) WITHOUT ROWID;
INSERT INTO "machine" VALUES('eval01.corp.example','eval01',1795176000,1795995528,'wmi',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('kms01.corp.example','kms01',1795510809,1795995528,'client_events',NULL,'1f3a6a2e-7a55-4d6b-9e51-1c0f0a5d9b77',1001,'10.0.17763.2028',1,1795510809,50,5,1688,1,1795510807,826,3,20,790,9,2,0,2,NULL,1795176000,NULL);
INSERT INTO "machine" VALUES('m-en-dli-2008r2-kmshost.corp.example','m-en-dli-2008r2-kmshost',1795176000,1795995528,'slmgr',NULL,NULL,NULL,NULL,1,1795176000,2,NULL,1688,1,NULL,826,0,0,826,0,0,0,0,NULL,1795176000,NULL);
INSERT INTO "machine" VALUES('m-en-dli-win7-kmsclient.corp.example','m-en-dli-win7-kmsclient',1795176000,1795995528,'slmgr',NULL,'2ffcfc30-6a6a-49ec-92b8-f6150c7df211',NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('m-en-dlv-adba.corp.example','m-en-dlv-adba',1795176000,1795995528,'slmgr',NULL,NULL,1001,'10.0.19041.1',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('m-en-dlv-all.corp.example','m-en-dlv-all',1795176000,1795995528,'slmgr',NULL,'11111111-2222-4333-8444-555555555555',1001,'10.0.19041.1',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('m-en-dlv-avma.corp.example','m-en-dlv-avma',1795176000,1795995528,'slmgr',NULL,NULL,1001,'10.0.20348.1',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('m-en-dlv-evaluation.corp.example','m-en-dlv-evaluation',1795176000,1795995528,'slmgr',NULL,NULL,5,'10.0.20348.1',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('m-en-dlv-kmsclient.corp.example','m-en-dlv-kmsclient',1795176000,1795995528,'slmgr',NULL,'11111111-2222-4333-8444-555555555555',1001,'10.0.20348.1',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('m-en-dlv-kmshost.corp.example','m-en-dlv-kmshost',1795176000,1795995528,'slmgr',NULL,NULL,1001,'10.0.20348.1',1,1795176000,50,NULL,1690,0,NULL,123456,21,0,120000,3000,400,5,NULL,NULL,1795176000,NULL);
INSERT INTO "machine" VALUES('m-en-dlv-mak.corp.example','m-en-dlv-mak',1795176000,1795995528,'slmgr',NULL,NULL,1000,'10.0.19041.1',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('m-en-dlv-ws2019-kmsclient-notification.corp.example','m-en-dlv-ws2019-kmsclient-notification',1795176000,1795995528,'slmgr',NULL,NULL,1001,'10.0.17763.2028',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('m-en-xpr-permanent.corp.example','m-en-xpr-permanent',1795176000,1795995528,'slmgr',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('m-en-xpr-volume.corp.example','m-en-xpr-volume',1795176000,1795995528,'slmgr',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('m-ja-dli-ws-mak-licensed.corp.example','m-ja-dli-ws-mak-licensed',1795176000,1795995528,'slmgr',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('m-ja-dlv-kmsclient.corp.example','m-ja-dlv-kmsclient',1795176000,1795995528,'slmgr',NULL,'11111111-2222-4333-8444-555555555555',1001,'10.0.20348.1',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('m-ospp-dstatus-kmsclients.corp.example','m-ospp-dstatus-kmsclients',1795176000,1795995528,'ospp',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('m-ospp-dstatus-office2019-oobgrace.corp.example','m-ospp-dstatus-office2019-oobgrace',1795176000,1795995528,'ospp',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('pc0033.corp.example','pc0033',1795543260,1795995528,'vamt',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('pc0034.corp.example','pc0034',1795543320,1795995528,'vamt',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('pc0036','pc0036',1795176000,1795995528,'vamt',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('srv-db2','srv-db2',1795509000,1795995528,'host_events',NULL,'5f1d2c7e-9b60-4c5d-8a11-2f64d0c3be77',NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('ws0001','ws0001',1795176000,1795995528,'ospp',NULL,NULL,1,'10.0.19041.1',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('ws0002','ws0002',1795176000,1795995528,'ospp',NULL,NULL,2,'10.0.19041.1',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('ws0003','ws0003',1795176000,1795995528,'slmgr',NULL,NULL,3,'10.0.19041.1',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('ws0004','ws0004',1795176000,1795995528,'slmgr',NULL,NULL,4,'10.0.19041.1',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('ws0005','ws0005',1795176000,1795995528,'slmgr',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('ws0417.corp.example','ws0417',1795543200,1795995528,'wmi',1795543200,'7c9e6679-7425-40de-944b-e07fc1f90ae7',1001,'10.0.22621.4391',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "machine" VALUES('ws1','ws1',1795262400,1795995528,'wmi',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE sku (
    sku TEXT NOT NULL PRIMARY KEY,
    product TEXT,
    channel TEXT,
    application TEXT,
    is_addon BIGINT
) WITHOUT ROWID;
INSERT INTO "sku" VALUES('16a2f9c0-5b8a-47a8-9d1b-7c1a5f0e2f11','Windows(R), ServerStandardEval edition','TIMEBASED_EVAL','55c92734-d682-4d71-983e-d6ec3f16059f',0);
INSERT INTO "sku" VALUES('20e7de26-0b5e-4b1a-9d0c-30c6e5c47d5a','Windows(R), Server-ESU-Year1 add-on for ServerStandard','VOLUME_MAK','55c92734-d682-4d71-983e-d6ec3f16059f',1);
INSERT INTO "sku" VALUES('22222222-2222-4222-8222-222222222222','Windows(R), ServerDatacenter edition','VOLUME_KMS_WS22','55c92734-d682-4d71-983e-d6ec3f16059f',NULL);
INSERT INTO "sku" VALUES('2de67392-b7a7-462a-b1ca-108dd189f588','Windows(R), Professional edition','VOLUME_KMSCLIENT','55c92734-d682-4d71-983e-d6ec3f16059f',NULL);
INSERT INTO "sku" VALUES('33333333-3333-4333-8333-333333333333','Windows(R), Enterprise edition','VOLUME_MAK','55c92734-d682-4d71-983e-d6ec3f16059f',NULL);
INSERT INTO "sku" VALUES('44444444-4444-4444-8444-444444444444','Windows(R), ServerStandardEval edition','TIMEBASED_EVAL','55c92734-d682-4d71-983e-d6ec3f16059f',NULL);
INSERT INTO "sku" VALUES('52c4d79f-6e1a-45b7-b479-36b666e0a2f8','Office 19, Office19ProPlus2019R_Grace edition','RETAIL(Grace)','0ff1ce15-a989-479d-af46-f275c6370663',NULL);
INSERT INTO "sku" VALUES('55555555-5555-4555-8555-555555555555','Windows(R), ServerDatacenter edition','VIRTUAL_MACHINE_ACTIVATION','55c92734-d682-4d71-983e-d6ec3f16059f',NULL);
INSERT INTO "sku" VALUES('6bf301c1-b94a-43e9-ba31-d494598c47fb','Office 16, Office16VisioProVL_KMS_Client edition','VOLUME_KMSCLIENT','0ff1ce15-a989-479d-af46-f275c6370663',NULL);
INSERT INTO "sku" VALUES('73111121-5638-40f6-bc11-f1d7b0d64300','Windows(R), Enterprise edition','VOLUME_KMSCLIENT','55c92734-d682-4d71-983e-d6ec3f16059f',0);
INSERT INTO "sku" VALUES('73c14fcf-43a9-42f2-8d8f-4c0e7f7c9a34','Windows(R), Professional edition','VOLUME_MAK','55c92734-d682-4d71-983e-d6ec3f16059f',0);
INSERT INTO "sku" VALUES('85dd8b5f-eaa4-4af3-a628-cce9e77c9a03','Office 19, Office19ProPlus2019VL_KMS_Client_AE edition','VOLUME_KMSCLIENT','0ff1ce15-a989-479d-af46-f275c6370663',0);
INSERT INTO "sku" VALUES('8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66','Windows(R), ServerStandard edition','VOLUME_KMS_WS19','55c92734-d682-4d71-983e-d6ec3f16059f',0);
INSERT INTO "sku" VALUES('99999999-9999-4999-8999-999999999999','Office 16, Office16ProPlusVL_MAK edition','VOLUME_MAK','0ff1ce15-a989-479d-af46-f275c6370663',NULL);
INSERT INTO "sku" VALUES('9bd77860-9b31-4b7b-96ad-2564017315bf','Windows(R), ServerStandard edition','VOLUME_KMSCLIENT','55c92734-d682-4d71-983e-d6ec3f16059f',NULL);
INSERT INTO "sku" VALUES('bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb','Office 14, OfficeProPlus-MAK edition','RETAIL(MAK)','59a52881-a989-479d-af46-f275c6370663',NULL);
INSERT INTO "sku" VALUES('cccccccc-cccc-4ccc-8ccc-cccccccccccc','Office 16, Office16ProPlusVL_KMS_Client edition','VOLUME_KMSCLIENT','0ff1ce15-a989-479d-af46-f275c6370663',NULL);
INSERT INTO "sku" VALUES('de32eafd-aaee-4662-9444-c1befb41bde2','Windows(R), ServerStandard edition','VOLUME_KMSCLIENT','55c92734-d682-4d71-983e-d6ec3f16059f',0);
INSERT INTO "sku" VALUES('eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee','Office 15, OfficeStandardVL_MAK edition','RETAIL','0ff1ce15-a989-479d-af46-f275c6370663',NULL);
INSERT INTO "sku" VALUES('fbdb3e18-a8ef-4fb3-9183-dffd60bd0984','Office 21, Office21ProPlus2021VL_KMS_Client_AE edition','VOLUME_KMSCLIENT','0ff1ce15-a989-479d-af46-f275c6370663',0);
INSERT INTO "sku" VALUES('ffffffff-ffff-4fff-8fff-ffffffffffff','Office 16, Office16StandardVL_MAK edition','VOLUME_MAK','0ff1ce15-a989-479d-af46-f275c6370663',NULL);
CREATE TABLE status_change (
    at BIGINT NOT NULL,
    machine TEXT NOT NULL,
    license_id TEXT NOT NULL,
    product TEXT,
    from_status BIGINT NOT NULL,
    to_status BIGINT NOT NULL,
    reason_code BIGINT
);
INSERT INTO "status_change" VALUES(1795176000,'ws0002','73111121-5638-40f6-bc11-f1d7b0d64300','Windows(R), ServerStandard edition',3,5,NULL);
INSERT INTO "status_change" VALUES(1795176000,'ws0003','73111121-5638-40f6-bc11-f1d7b0d64300','Windows(R), ServerStandardEval edition',6,1,NULL);
INSERT INTO "status_change" VALUES(1795176000,'ws0004','73111121-5638-40f6-bc11-f1d7b0d64300','Windows(R), Professional edition',4,0,NULL);
INSERT INTO "status_change" VALUES(1795176000,'ws0001','73111121-5638-40f6-bc11-f1d7b0d64300','Windows(R), Professional edition',2,1,NULL);
INSERT INTO "status_change" VALUES(1795543200,'ws0417.corp.example','85dd8b5f-eaa4-4af3-a628-cce9e77c9a03','Office 19, Office19ProPlus2019VL_KMS_Client_AE edition',2,5,3221549071);
INSERT INTO "status_change" VALUES(1795262400,'ws1','73111121-5638-40f6-bc11-f1d7b0d64300','Windows(R), Enterprise edition',1,5,NULL);
CREATE INDEX machine_by_short_name ON machine (short_name);
CREATE INDEX machine_by_kms_host ON machine (name) WHERE is_kms_host = 1;
CREATE INDEX status_change_by_time ON status_change (at);
CREATE INDEX status_change_by_machine ON status_change (machine);
CREATE INDEX daily_by_day ON daily (day);
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
    CASE WHEN license.reason_code IS NOT NULL THEN printf('0x%08X', license.reason_code) END AS reason_code,
    datetime(license.expires_at, 'unixepoch') AS expires_at,
    datetime(license.last_renewed_at, 'unixepoch') AS last_renewed_at,
    datetime(license.overdue_since, 'unixepoch') AS overdue_since,
    CASE WHEN license.last_error IS NOT NULL THEN printf('0x%08X', license.last_error) END AS last_error,
    datetime(license.last_error_at, 'unixepoch') AS last_error_at,
    COALESCE(license.configured_host, license.discovered_host) AS kms_host,
    license.partial_product_key,
    datetime(license.reported_at, 'unixepoch') AS reported_at,
    license.source
FROM license
LEFT JOIN sku ON sku.sku = license.sku;
CREATE VIEW lost AS
SELECT *
FROM fleet
WHERE is_addon = 0 AND (license_status IN (0, 5) OR expires_at <= datetime('now'));
CREATE VIEW expiring AS
SELECT *
FROM fleet
WHERE
    is_addon = 0
    AND COALESCE(license_status, 1) NOT IN (0, 5)
    AND expires_at > datetime('now')
    AND expires_at <= datetime('now', '+30 days')
ORDER BY expires_at;
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
COMMIT;
