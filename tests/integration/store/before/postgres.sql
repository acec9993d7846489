SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

CREATE TABLE public.status_change (
    at bigint NOT NULL,
    machine text NOT NULL,
    license_id text NOT NULL,
    product text,
    from_status bigint NOT NULL,
    to_status bigint NOT NULL,
    reason_code bigint
);

CREATE VIEW public.change AS
 SELECT (to_timestamp((status_change.at)::double precision) AT TIME ZONE 'UTC'::text) AS at,
    status_change.machine,
    status_change.product,
        CASE status_change.from_status
            WHEN 0 THEN 'unlicensed'::text
            WHEN 1 THEN 'licensed'::text
            WHEN 2 THEN 'initial grace'::text
            WHEN 3 THEN 'out-of-tolerance grace'::text
            WHEN 4 THEN 'non-genuine grace'::text
            WHEN 5 THEN 'notification'::text
            WHEN 6 THEN 'extended grace'::text
            ELSE NULL::text
        END AS from_status,
        CASE status_change.to_status
            WHEN 0 THEN 'unlicensed'::text
            WHEN 1 THEN 'licensed'::text
            WHEN 2 THEN 'initial grace'::text
            WHEN 3 THEN 'out-of-tolerance grace'::text
            WHEN 4 THEN 'non-genuine grace'::text
            WHEN 5 THEN 'notification'::text
            WHEN 6 THEN 'extended grace'::text
            ELSE NULL::text
        END AS to_status,
    ('0x'::text || upper(lpad(to_hex(status_change.reason_code), 8, '0'::text))) AS reason_code
   FROM public.status_change
  ORDER BY status_change.at DESC;

CREATE TABLE public.daily (
    day text NOT NULL,
    product text NOT NULL,
    channel text NOT NULL,
    license_status bigint,
    licenses bigint NOT NULL
);

CREATE TABLE public.daily_runway (
    day text NOT NULL,
    machines bigint NOT NULL,
    lost bigint NOT NULL,
    stale bigint NOT NULL,
    overdue bigint NOT NULL,
    within_1d bigint NOT NULL,
    within_7d bigint NOT NULL,
    within_30d bigint NOT NULL,
    within_90d bigint NOT NULL,
    first_expiry bigint
);

CREATE TABLE public.license (
    machine text NOT NULL,
    license_id text NOT NULL,
    sku text,
    application text,
    product text,
    channel text,
    partial_product_key text,
    is_addon bigint,
    license_status bigint,
    reason_code bigint,
    minutes bigint,
    is_permanent bigint,
    status_at bigint,
    status_source text,
    evaluation_end bigint,
    expires_at bigint,
    last_renewed_at bigint,
    overdue_since bigint,
    last_error bigint,
    last_error_at bigint,
    configured_host text,
    discovered_host text,
    kms_host_name text,
    activation_interval bigint,
    renewal_interval bigint,
    required_count bigint,
    remaining_sku_rearms bigint,
    remaining_app_rearms bigint,
    reported_at bigint NOT NULL,
    source text NOT NULL
);

CREATE TABLE public.sku (
    sku text NOT NULL,
    product text,
    channel text,
    application text,
    is_addon bigint
);

CREATE VIEW public.fleet AS
 SELECT license.machine,
    COALESCE(license.product, sku.product, ('SKU '::text || license.sku), 'unknown'::text) AS product,
    COALESCE(license.channel, sku.channel) AS channel,
    COALESCE(license.is_addon, sku.is_addon, (0)::bigint) AS is_addon,
    license.license_status,
        CASE license.license_status
            WHEN 0 THEN 'unlicensed'::text
            WHEN 1 THEN 'licensed'::text
            WHEN 2 THEN 'initial grace'::text
            WHEN 3 THEN 'out-of-tolerance grace'::text
            WHEN 4 THEN 'non-genuine grace'::text
            WHEN 5 THEN 'notification'::text
            WHEN 6 THEN 'extended grace'::text
            ELSE NULL::text
        END AS status,
    ('0x'::text || upper(lpad(to_hex(license.reason_code), 8, '0'::text))) AS reason_code,
    (to_timestamp((license.expires_at)::double precision) AT TIME ZONE 'UTC'::text) AS expires_at,
    (to_timestamp((license.last_renewed_at)::double precision) AT TIME ZONE 'UTC'::text) AS last_renewed_at,
    (to_timestamp((license.overdue_since)::double precision) AT TIME ZONE 'UTC'::text) AS overdue_since,
    ('0x'::text || upper(lpad(to_hex(license.last_error), 8, '0'::text))) AS last_error,
    (to_timestamp((license.last_error_at)::double precision) AT TIME ZONE 'UTC'::text) AS last_error_at,
    COALESCE(license.configured_host, license.discovered_host) AS kms_host,
    license.partial_product_key,
    (to_timestamp((license.reported_at)::double precision) AT TIME ZONE 'UTC'::text) AS reported_at,
    license.source
   FROM (public.license
     LEFT JOIN public.sku ON ((sku.sku = license.sku)));

CREATE VIEW public.expiring AS
 SELECT fleet.machine,
    fleet.product,
    fleet.channel,
    fleet.is_addon,
    fleet.license_status,
    fleet.status,
    fleet.reason_code,
    fleet.expires_at,
    fleet.last_renewed_at,
    fleet.overdue_since,
    fleet.last_error,
    fleet.last_error_at,
    fleet.kms_host,
    fleet.partial_product_key,
    fleet.reported_at,
    fleet.source
   FROM public.fleet
  WHERE ((fleet.is_addon = 0) AND (COALESCE(fleet.license_status, (1)::bigint) <> ALL (ARRAY[(0)::bigint, (5)::bigint])) AND (fleet.expires_at > (now() AT TIME ZONE 'UTC'::text)) AND (fleet.expires_at <= ((now() AT TIME ZONE 'UTC'::text) + '30 days'::interval)))
  ORDER BY fleet.expires_at;

CREATE TABLE public.machine (
    name text NOT NULL,
    short_name text NOT NULL,
    reported_at bigint NOT NULL,
    received_at bigint NOT NULL,
    source text NOT NULL,
    complete_at bigint,
    client_machine_id text,
    remaining_windows_rearms bigint,
    service_version text,
    is_kms_host bigint NOT NULL,
    kms_host_reported_at bigint,
    current_count bigint,
    required_count bigint,
    listening_port bigint,
    publishes_dns bigint,
    last_request_at bigint,
    requests bigint,
    failed_requests bigint,
    requests_status_0 bigint,
    requests_status_1 bigint,
    requests_status_2 bigint,
    requests_status_3 bigint,
    requests_status_4 bigint,
    requests_status_5 bigint,
    requests_status_6 bigint,
    requests_known_at bigint,
    requests_grew_at bigint
);

CREATE VIEW public.kms_host AS
 SELECT machine.name,
    machine.current_count,
    machine.required_count,
    machine.listening_port,
    machine.publishes_dns,
    machine.requests,
    machine.failed_requests,
    (to_timestamp((machine.last_request_at)::double precision) AT TIME ZONE 'UTC'::text) AS last_request_at,
    (to_timestamp((machine.kms_host_reported_at)::double precision) AT TIME ZONE 'UTC'::text) AS reported_at,
    (to_timestamp((GREATEST(machine.last_request_at, machine.requests_grew_at))::double precision) AT TIME ZONE 'UTC'::text) AS last_asked_at
   FROM public.machine
  WHERE (machine.is_kms_host = 1);

CREATE VIEW public.lost AS
 SELECT fleet.machine,
    fleet.product,
    fleet.channel,
    fleet.is_addon,
    fleet.license_status,
    fleet.status,
    fleet.reason_code,
    fleet.expires_at,
    fleet.last_renewed_at,
    fleet.overdue_since,
    fleet.last_error,
    fleet.last_error_at,
    fleet.kms_host,
    fleet.partial_product_key,
    fleet.reported_at,
    fleet.source
   FROM public.fleet
  WHERE ((fleet.is_addon = 0) AND ((fleet.license_status = ANY (ARRAY[(0)::bigint, (5)::bigint])) OR (fleet.expires_at <= (now() AT TIME ZONE 'UTC'::text))));

INSERT INTO public._sqlx_migrations VALUES (1, 'schema', '2026-11-29 23:39:43.704788+00', true, '\x885c1ede591fb6cabeecb823cbddef070744f84033581d60354637ba7d0f364d4c4301b767a9eed7ad3319c65ea57438', 14849503);
INSERT INTO public._sqlx_migrations VALUES (2, 'requests', '2026-11-29 23:39:43.720131+00', true, '\xdcf7a49412bf205b1c3e209bb52fdb172e59c9ec4e7ed75738490eaf68c7224f1eb5557ce429af89df50165db8bb3f02', 1172776);

INSERT INTO public.license VALUES ('m-en-dli-2008r2-kmshost.corp.example', 'name:windows server(r), serverenterprise edition', NULL, '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows Server(R), ServerEnterprise edition', 'VOLUME_KMS_C', 'PYWKV', NULL, 1, NULL, NULL, 1, 1795176000, 'slmgr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-en-dli-win7-kmsclient.corp.example', 'name:windows(r) 7, enterprise edition', NULL, '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R) 7, Enterprise edition', 'VOLUME_KMSCLIENT', 'DVQ7P', NULL, 1, NULL, 243720, 0, 1795176000, 'slmgr', NULL, 1809799200, 1794247200, 1794248700, NULL, NULL, NULL, 'emeronb10-rc3.sppvltest.net:1688', 'emeronb10-rc3.sppvltest.net', 15, 25, NULL, NULL, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-en-dlv-adba.corp.example', '73111121-5638-40f6-bc11-f1d7b0d64300', '73111121-5638-40f6-bc11-f1d7b0d64300', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), Enterprise edition', 'VOLUME_KMSCLIENT', '2YT43', NULL, 1, NULL, 259199, 0, 1795176000, 'slmgr', NULL, 1810727940, 1795175940, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1001, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-en-dlv-all.corp.example', '73111121-5638-40f6-bc11-f1d7b0d64300', '73111121-5638-40f6-bc11-f1d7b0d64300', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), Enterprise edition', 'VOLUME_KMSCLIENT', '2YT43', NULL, 1, NULL, 200000, 0, 1795176000, 'slmgr', NULL, 1807176000, 1791624000, 1792228800, NULL, NULL, NULL, NULL, NULL, 120, 10080, NULL, 1001, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-en-dlv-all.corp.example', '99999999-9999-4999-8999-999999999999', '99999999-9999-4999-8999-999999999999', '0ff1ce15-a989-479d-af46-f275c6370663', 'Office 16, Office16ProPlusVL_MAK edition', 'VOLUME_MAK', 'OFF16', NULL, 5, 3221549065, NULL, NULL, 1795176000, 'slmgr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 5, 4, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-en-dlv-avma.corp.example', '55555555-5555-4555-8555-555555555555', '55555555-5555-4555-8555-555555555555', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), ServerDatacenter edition', 'VIRTUAL_MACHINE_ACTIVATION', 'AVMA5', NULL, 1, NULL, 9860, 0, 1795176000, 'slmgr', NULL, 1795767600, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1001, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-en-dlv-evaluation.corp.example', '44444444-4444-4444-8444-444444444444', '44444444-4444-4444-8444-444444444444', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), ServerStandardEval edition', 'TIMEBASED_EVAL', 'EVAL5', NULL, 1, NULL, 244799, 0, 1795176000, 'slmgr', NULL, 1809863940, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 5, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-en-dlv-kmsclient.corp.example', '9bd77860-9b31-4b7b-96ad-2564017315bf', '9bd77860-9b31-4b7b-96ad-2564017315bf', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), ServerStandard edition', 'VOLUME_KMSCLIENT', 'VDYBN', NULL, 1, NULL, 253440, 0, 1795176000, 'slmgr', NULL, 1810382400, 1794830400, NULL, NULL, NULL, 'kms01.corp.example:1689', 'kms02.corp.example:1688', 'kms01.corp.example', 120, 10080, NULL, 1000, 999, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-en-dlv-kmshost.corp.example', '22222222-2222-4222-8222-222222222222', '22222222-2222-4222-8222-222222222222', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), ServerDatacenter edition', 'VOLUME_KMS_WS22', 'H0ST5', NULL, 1, NULL, NULL, 1, 1795176000, 'slmgr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1001, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-en-dlv-mak.corp.example', '33333333-3333-4333-8333-333333333333', '33333333-3333-4333-8333-333333333333', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), Enterprise edition', 'VOLUME_MAK', 'MAK55', NULL, 1, NULL, NULL, 1, 1795176000, 'slmgr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1000, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-en-dlv-ws2019-kmsclient-notification.corp.example', 'de32eafd-aaee-4662-9444-c1befb41bde2', 'de32eafd-aaee-4662-9444-c1befb41bde2', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), ServerStandard edition', 'VOLUME_KMSCLIENT', 'J464C', NULL, 5, 3221549071, NULL, NULL, 1795176000, 'slmgr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1001, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('ws0002', '73111121-5638-40f6-bc11-f1d7b0d64300', '73111121-5638-40f6-bc11-f1d7b0d64300', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), ServerStandard edition', 'VOLUME_KMSCLIENT', '2YT43', NULL, 5, NULL, NULL, NULL, 1795176000, 'slmgr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1001, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('ws0003', '73111121-5638-40f6-bc11-f1d7b0d64300', '73111121-5638-40f6-bc11-f1d7b0d64300', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), ServerStandardEval edition', 'VOLUME_KMSCLIENT', '2YT43', NULL, 1, NULL, NULL, NULL, 1795176000, 'slmgr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1001, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('ws0004', '73111121-5638-40f6-bc11-f1d7b0d64300', '73111121-5638-40f6-bc11-f1d7b0d64300', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), Professional edition', 'VOLUME_KMSCLIENT', '2YT43', NULL, 0, NULL, NULL, NULL, 1795176000, 'slmgr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1001, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('ws0005', 'name:windows(r), serverdatacenter edition', NULL, '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), ServerDatacenter edition', NULL, NULL, NULL, 1, NULL, NULL, NULL, 1795176000, 'slmgr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-en-xpr-permanent.corp.example', 'name:windows(r), professional edition', NULL, '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), Professional edition', NULL, NULL, NULL, 1, NULL, NULL, 1, 1795176000, 'slmgr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-en-xpr-volume.corp.example', 'name:windows(r), professional edition', NULL, '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), Professional edition', NULL, NULL, NULL, 1, NULL, NULL, NULL, 1795176000, 'slmgr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-ja-dli-ws-mak-licensed.corp.example', 'name:windows(r), serverdatacenter edition', NULL, '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), ServerDatacenter edition', 'VOLUME_MAK', 'XXXXX', NULL, 1, NULL, NULL, 1, 1795176000, 'slmgr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-ja-dlv-kmsclient.corp.example', '9bd77860-9b31-4b7b-96ad-2564017315bf', '9bd77860-9b31-4b7b-96ad-2564017315bf', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), ServerStandard edition', 'VOLUME_KMSCLIENT', 'VDYBN', NULL, 1, NULL, 253440, 0, 1795176000, 'slmgr', NULL, 1810382400, 1794830400, NULL, NULL, NULL, 'kms01.corp.example:1689', 'kms02.corp.example:1688', 'kms01.corp.example', 120, 10080, NULL, NULL, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('ws0001', '73111121-5638-40f6-bc11-f1d7b0d64300', '73111121-5638-40f6-bc11-f1d7b0d64300', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), Professional edition', 'VOLUME_KMSCLIENT', '2YT43', NULL, 1, NULL, NULL, 1, 1795176000, 'slmgr', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1001, NULL, 1795176000, 'slmgr');
INSERT INTO public.license VALUES ('m-ospp-dstatus-kmsclients.corp.example', '6bf301c1-b94a-43e9-ba31-d494598c47fb', '6bf301c1-b94a-43e9-ba31-d494598c47fb', '0ff1ce15-a989-479d-af46-f275c6370663', 'Office 16, Office16VisioProVL_KMS_Client edition', 'VOLUME_KMSCLIENT', 'RHGTX', NULL, 1, 1074065472, 249090, 0, 1795176000, 'ospp', NULL, 1810121400, 1794569400, NULL, NULL, NULL, 'kms01.corp.example:1689', NULL, 'kms01.corp.example', 120, 10080, NULL, NULL, NULL, 1795176000, 'ospp');
INSERT INTO public.license VALUES ('m-ospp-dstatus-kmsclients.corp.example', 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb', 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb', '59a52881-a989-479d-af46-f275c6370663', 'Office 14, OfficeProPlus-MAK edition', 'RETAIL(MAK)', 'MAK14', NULL, 1, NULL, NULL, 1, 1795176000, 'ospp', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795176000, 'ospp');
INSERT INTO public.license VALUES ('m-ospp-dstatus-kmsclients.corp.example', 'cccccccc-cccc-4ccc-8ccc-cccccccccccc', 'cccccccc-cccc-4ccc-8ccc-cccccccccccc', '0ff1ce15-a989-479d-af46-f275c6370663', 'Office 16, Office16ProPlusVL_KMS_Client edition', 'VOLUME_KMSCLIENT', 'WFG99', NULL, 5, 3221549065, NULL, NULL, 1795176000, 'ospp', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'kms02.corp.example:1688', 'kms02.corp.example', 120, 10080, NULL, NULL, NULL, 1795176000, 'ospp');
INSERT INTO public.license VALUES ('m-ospp-dstatus-office2019-oobgrace.corp.example', '52c4d79f-6e1a-45b7-b479-36b666e0a2f8', '52c4d79f-6e1a-45b7-b479-36b666e0a2f8', '0ff1ce15-a989-479d-af46-f275c6370663', 'Office 19, Office19ProPlus2019R_Grace edition', 'RETAIL(Grace)', '8MBCX', NULL, 2, 1074065420, 7195, 0, 1795176000, 'ospp', NULL, 1795607700, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795176000, 'ospp');
INSERT INTO public.license VALUES ('ws0001', 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee', 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee', '0ff1ce15-a989-479d-af46-f275c6370663', 'Office 15, OfficeStandardVL_MAK edition', 'RETAIL', 'STD15', NULL, 6, NULL, 2880, 0, 1795176000, 'ospp', NULL, 1795348800, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795176000, 'ospp');
INSERT INTO public.license VALUES ('ws0001', 'ffffffff-ffff-4fff-8fff-ffffffffffff', 'ffffffff-ffff-4fff-8fff-ffffffffffff', '0ff1ce15-a989-479d-af46-f275c6370663', 'Office 16, Office16StandardVL_MAK edition', 'VOLUME_MAK', 'STD16', NULL, 4, NULL, NULL, NULL, 1795176000, 'ospp', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795176000, 'ospp');
INSERT INTO public.license VALUES ('ws0002', 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee', 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee', '0ff1ce15-a989-479d-af46-f275c6370663', 'Office 15, OfficeStandardVL_MAK edition', 'RETAIL', 'STD15', NULL, 3, NULL, 43199, 0, 1795176000, 'ospp', NULL, 1797767940, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795176000, 'ospp');
INSERT INTO public.license VALUES ('srv-db2', 'de32eafd-aaee-4662-9444-c1befb41bde2', 'de32eafd-aaee-4662-9444-c1befb41bde2', NULL, NULL, 'VOLUME_KMSCLIENT', NULL, NULL, 5, NULL, NULL, NULL, 1795509000, 'host_events', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'kms01.corp.example:1688', 'kms01.corp.example', NULL, NULL, 5, NULL, NULL, 1795509000, 'host_events');
INSERT INTO public.license VALUES ('pc0036', 'name:office 16, office16proplusvl_mak edition', NULL, NULL, 'Office 16, Office16ProPlusVL_MAK edition', 'VOLUME_MAK', 'UUUU5', NULL, 5, NULL, NULL, NULL, 1795176000, 'vamt', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795176000, 'vamt');
INSERT INTO public.license VALUES ('ws1', '73111121-5638-40f6-bc11-f1d7b0d64300', '73111121-5638-40f6-bc11-f1d7b0d64300', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), Enterprise edition', 'VOLUME_KMSCLIENT', '2YT43', NULL, 5, NULL, 0, 0, 1795262400, 'wmi', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795262400, 'wmi');
INSERT INTO public.license VALUES ('pc0034.corp.example', '2de67392-b7a7-462a-b1ca-108dd189f588', '2de67392-b7a7-462a-b1ca-108dd189f588', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), Professional edition', 'VOLUME_KMSCLIENT', 'T83GX', NULL, 5, 3221549071, NULL, NULL, 1795543320, 'vamt', NULL, NULL, NULL, NULL, 3221549172, 1795543320, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795543320, 'vamt');
INSERT INTO public.license VALUES ('ws0417.corp.example', '20e7de26-0b5e-4b1a-9d0c-30c6e5c47d5a', '20e7de26-0b5e-4b1a-9d0c-30c6e5c47d5a', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), Server-ESU-Year1 add-on for ServerStandard', 'VOLUME_MAK', 'QRTVW', 1, 1, 1074066433, NULL, 1, 1795543200, 'wmi', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1001, 1001, 1795543200, 'wmi');
INSERT INTO public.license VALUES ('ws0417.corp.example', '85dd8b5f-eaa4-4af3-a628-cce9e77c9a03', '85dd8b5f-eaa4-4af3-a628-cce9e77c9a03', '0ff1ce15-a989-479d-af46-f275c6370663', 'Office 19, Office19ProPlus2019VL_KMS_Client_AE edition', 'VOLUME_KMSCLIENT', '6MWKP', 0, 5, 3221549071, 0, 0, 1795543200, 'wmi', NULL, NULL, NULL, NULL, 3221549112, 1795503603, 'kms02.corp.example:1688', NULL, 'kms02.corp.example', 120, 10080, 5, 1001, 1001, 1795543200, 'wmi');
INSERT INTO public.license VALUES ('eval01.corp.example', '16a2f9c0-5b8a-47a8-9d1b-7c1a5f0e2f11', '16a2f9c0-5b8a-47a8-9d1b-7c1a5f0e2f11', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), ServerStandardEval edition', 'TIMEBASED_EVAL', 'Y7XRX', 0, 1, 1074066435, 12841, 0, 1795176000, 'wmi', 1796270460, 1795946460, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 5, 1001, 1795176000, 'wmi');
INSERT INTO public.license VALUES ('kms01.corp.example', '8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66', '8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), ServerStandard edition', 'VOLUME_KMS_WS19', 'PYWKV', 0, 1, 1074066433, NULL, 1, 1795176000, 'wmi', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 5, 1001, 1001, 1795176000, 'wmi');
INSERT INTO public.license VALUES ('pc0033.corp.example', '73c14fcf-43a9-42f2-8d8f-4c0e7f7c9a34', '73c14fcf-43a9-42f2-8d8f-4c0e7f7c9a34', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), Professional edition', 'VOLUME_MAK', '3RT6X', 0, 1, NULL, NULL, NULL, 1795543260, 'vamt', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1000, 1000, 1795543260, 'vamt');
INSERT INTO public.license VALUES ('ws0417.corp.example', '73111121-5638-40f6-bc11-f1d7b0d64300', '73111121-5638-40f6-bc11-f1d7b0d64300', '55c92734-d682-4d71-983e-d6ec3f16059f', 'Windows(R), Enterprise edition', 'VOLUME_KMSCLIENT', '2YT43', 0, 1, 1074066433, 253564, 0, 1795543200, 'wmi', NULL, 1810757040, 1795205040, NULL, NULL, NULL, NULL, 'kms01.corp.example:1688', 'kms01.corp.example', 120, 10080, 25, 1001, 1001, 1795543200, 'wmi');
INSERT INTO public.license VALUES ('ws0417.corp.example', 'fbdb3e18-a8ef-4fb3-9183-dffd60bd0984', 'fbdb3e18-a8ef-4fb3-9183-dffd60bd0984', '0ff1ce15-a989-479d-af46-f275c6370663', 'Office 21, Office21ProPlus2021VL_KMS_Client_AE edition', 'VOLUME_KMSCLIENT', '6F7TH', 0, 1, 1074065472, 253576, 0, 1795543200, 'wmi', NULL, 1810757760, 1795205760, NULL, NULL, NULL, NULL, 'kms01.corp.example:1688', 'kms01.corp.example', 120, 10080, 5, 1, 1, 1795543200, 'wmi');

INSERT INTO public.machine VALUES ('m-en-dli-2008r2-kmshost.corp.example', 'm-en-dli-2008r2-kmshost', 1795176000, 1795995583, 'slmgr', NULL, NULL, NULL, NULL, 1, 1795176000, 2, NULL, 1688, 1, NULL, 826, 0, 0, 826, 0, 0, 0, 0, NULL, 1795176000, NULL);
INSERT INTO public.machine VALUES ('m-en-dli-win7-kmsclient.corp.example', 'm-en-dli-win7-kmsclient', 1795176000, 1795995583, 'slmgr', NULL, '2ffcfc30-6a6a-49ec-92b8-f6150c7df211', NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('m-en-dlv-adba.corp.example', 'm-en-dlv-adba', 1795176000, 1795995583, 'slmgr', NULL, NULL, 1001, '10.0.19041.1', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('m-en-dlv-all.corp.example', 'm-en-dlv-all', 1795176000, 1795995583, 'slmgr', NULL, '11111111-2222-4333-8444-555555555555', 1001, '10.0.19041.1', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('m-en-dlv-avma.corp.example', 'm-en-dlv-avma', 1795176000, 1795995583, 'slmgr', NULL, NULL, 1001, '10.0.20348.1', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('m-en-dlv-evaluation.corp.example', 'm-en-dlv-evaluation', 1795176000, 1795995583, 'slmgr', NULL, NULL, 5, '10.0.20348.1', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('m-en-dlv-kmsclient.corp.example', 'm-en-dlv-kmsclient', 1795176000, 1795995584, 'slmgr', NULL, '11111111-2222-4333-8444-555555555555', 1001, '10.0.20348.1', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('m-en-dlv-kmshost.corp.example', 'm-en-dlv-kmshost', 1795176000, 1795995584, 'slmgr', NULL, NULL, 1001, '10.0.20348.1', 1, 1795176000, 50, NULL, 1690, 0, NULL, 123456, 21, 0, 120000, 3000, 400, 5, NULL, NULL, 1795176000, NULL);
INSERT INTO public.machine VALUES ('m-en-dlv-mak.corp.example', 'm-en-dlv-mak', 1795176000, 1795995584, 'slmgr', NULL, NULL, 1000, '10.0.19041.1', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('m-en-dlv-ws2019-kmsclient-notification.corp.example', 'm-en-dlv-ws2019-kmsclient-notification', 1795176000, 1795995584, 'slmgr', NULL, NULL, 1001, '10.0.17763.2028', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('ws0003', 'ws0003', 1795176000, 1795995584, 'slmgr', NULL, NULL, 3, '10.0.19041.1', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('ws0004', 'ws0004', 1795176000, 1795995584, 'slmgr', NULL, NULL, 4, '10.0.19041.1', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('ws0005', 'ws0005', 1795176000, 1795995584, 'slmgr', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('m-en-xpr-permanent.corp.example', 'm-en-xpr-permanent', 1795176000, 1795995584, 'slmgr', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('m-en-xpr-volume.corp.example', 'm-en-xpr-volume', 1795176000, 1795995584, 'slmgr', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('m-ja-dli-ws-mak-licensed.corp.example', 'm-ja-dli-ws-mak-licensed', 1795176000, 1795995584, 'slmgr', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('m-ja-dlv-kmsclient.corp.example', 'm-ja-dlv-kmsclient', 1795176000, 1795995584, 'slmgr', NULL, '11111111-2222-4333-8444-555555555555', 1001, '10.0.20348.1', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('m-ospp-dstatus-kmsclients.corp.example', 'm-ospp-dstatus-kmsclients', 1795176000, 1795995584, 'ospp', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('m-ospp-dstatus-office2019-oobgrace.corp.example', 'm-ospp-dstatus-office2019-oobgrace', 1795176000, 1795995584, 'ospp', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('ws0001', 'ws0001', 1795176000, 1795995584, 'ospp', NULL, NULL, 1, '10.0.19041.1', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('ws0002', 'ws0002', 1795176000, 1795995584, 'ospp', NULL, NULL, 2, '10.0.19041.1', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('srv-db2', 'srv-db2', 1795509000, 1795995584, 'host_events', NULL, '5f1d2c7e-9b60-4c5d-8a11-2f64d0c3be77', NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('pc0036', 'pc0036', 1795176000, 1795995584, 'vamt', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('pc0034.corp.example', 'pc0034', 1795543320, 1795995584, 'vamt', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('eval01.corp.example', 'eval01', 1795176000, 1795995584, 'wmi', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('pc0033.corp.example', 'pc0033', 1795543260, 1795995584, 'vamt', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('kms01.corp.example', 'kms01', 1795510809, 1795995584, 'client_events', NULL, '1f3a6a2e-7a55-4d6b-9e51-1c0f0a5d9b77', 1001, '10.0.17763.2028', 1, 1795510809, 50, 5, 1688, 1, 1795510807, 826, 3, 20, 790, 9, 2, 0, 2, NULL, 1795176000, NULL);
INSERT INTO public.machine VALUES ('ws0417.corp.example', 'ws0417', 1795543200, 1795995584, 'wmi', 1795543200, '7c9e6679-7425-40de-944b-e07fc1f90ae7', 1001, '10.0.22621.4391', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('ws1', 'ws1', 1795262400, 1795995584, 'wmi', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO public.sku VALUES ('99999999-9999-4999-8999-999999999999', 'Office 16, Office16ProPlusVL_MAK edition', 'VOLUME_MAK', '0ff1ce15-a989-479d-af46-f275c6370663', NULL);
INSERT INTO public.sku VALUES ('55555555-5555-4555-8555-555555555555', 'Windows(R), ServerDatacenter edition', 'VIRTUAL_MACHINE_ACTIVATION', '55c92734-d682-4d71-983e-d6ec3f16059f', NULL);
INSERT INTO public.sku VALUES ('44444444-4444-4444-8444-444444444444', 'Windows(R), ServerStandardEval edition', 'TIMEBASED_EVAL', '55c92734-d682-4d71-983e-d6ec3f16059f', NULL);
INSERT INTO public.sku VALUES ('22222222-2222-4222-8222-222222222222', 'Windows(R), ServerDatacenter edition', 'VOLUME_KMS_WS22', '55c92734-d682-4d71-983e-d6ec3f16059f', NULL);
INSERT INTO public.sku VALUES ('33333333-3333-4333-8333-333333333333', 'Windows(R), Enterprise edition', 'VOLUME_MAK', '55c92734-d682-4d71-983e-d6ec3f16059f', NULL);
INSERT INTO public.sku VALUES ('9bd77860-9b31-4b7b-96ad-2564017315bf', 'Windows(R), ServerStandard edition', 'VOLUME_KMSCLIENT', '55c92734-d682-4d71-983e-d6ec3f16059f', NULL);
INSERT INTO public.sku VALUES ('6bf301c1-b94a-43e9-ba31-d494598c47fb', 'Office 16, Office16VisioProVL_KMS_Client edition', 'VOLUME_KMSCLIENT', '0ff1ce15-a989-479d-af46-f275c6370663', NULL);
INSERT INTO public.sku VALUES ('bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb', 'Office 14, OfficeProPlus-MAK edition', 'RETAIL(MAK)', '59a52881-a989-479d-af46-f275c6370663', NULL);
INSERT INTO public.sku VALUES ('cccccccc-cccc-4ccc-8ccc-cccccccccccc', 'Office 16, Office16ProPlusVL_KMS_Client edition', 'VOLUME_KMSCLIENT', '0ff1ce15-a989-479d-af46-f275c6370663', NULL);
INSERT INTO public.sku VALUES ('52c4d79f-6e1a-45b7-b479-36b666e0a2f8', 'Office 19, Office19ProPlus2019R_Grace edition', 'RETAIL(Grace)', '0ff1ce15-a989-479d-af46-f275c6370663', NULL);
INSERT INTO public.sku VALUES ('eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee', 'Office 15, OfficeStandardVL_MAK edition', 'RETAIL', '0ff1ce15-a989-479d-af46-f275c6370663', NULL);
INSERT INTO public.sku VALUES ('ffffffff-ffff-4fff-8fff-ffffffffffff', 'Office 16, Office16StandardVL_MAK edition', 'VOLUME_MAK', '0ff1ce15-a989-479d-af46-f275c6370663', NULL);
INSERT INTO public.sku VALUES ('2de67392-b7a7-462a-b1ca-108dd189f588', 'Windows(R), Professional edition', 'VOLUME_KMSCLIENT', '55c92734-d682-4d71-983e-d6ec3f16059f', NULL);
INSERT INTO public.sku VALUES ('16a2f9c0-5b8a-47a8-9d1b-7c1a5f0e2f11', 'Windows(R), ServerStandardEval edition', 'TIMEBASED_EVAL', '55c92734-d682-4d71-983e-d6ec3f16059f', 0);
INSERT INTO public.sku VALUES ('20e7de26-0b5e-4b1a-9d0c-30c6e5c47d5a', 'Windows(R), Server-ESU-Year1 add-on for ServerStandard', 'VOLUME_MAK', '55c92734-d682-4d71-983e-d6ec3f16059f', 1);
INSERT INTO public.sku VALUES ('73c14fcf-43a9-42f2-8d8f-4c0e7f7c9a34', 'Windows(R), Professional edition', 'VOLUME_MAK', '55c92734-d682-4d71-983e-d6ec3f16059f', 0);
INSERT INTO public.sku VALUES ('85dd8b5f-eaa4-4af3-a628-cce9e77c9a03', 'Office 19, Office19ProPlus2019VL_KMS_Client_AE edition', 'VOLUME_KMSCLIENT', '0ff1ce15-a989-479d-af46-f275c6370663', 0);
INSERT INTO public.sku VALUES ('8b6b2a5f-3a8b-4b4a-8f0b-6c1c1f5b2f66', 'Windows(R), ServerStandard edition', 'VOLUME_KMS_WS19', '55c92734-d682-4d71-983e-d6ec3f16059f', 0);
INSERT INTO public.sku VALUES ('de32eafd-aaee-4662-9444-c1befb41bde2', 'Windows(R), ServerStandard edition', 'VOLUME_KMSCLIENT', '55c92734-d682-4d71-983e-d6ec3f16059f', 0);
INSERT INTO public.sku VALUES ('fbdb3e18-a8ef-4fb3-9183-dffd60bd0984', 'Office 21, Office21ProPlus2021VL_KMS_Client_AE edition', 'VOLUME_KMSCLIENT', '0ff1ce15-a989-479d-af46-f275c6370663', 0);
INSERT INTO public.sku VALUES ('73111121-5638-40f6-bc11-f1d7b0d64300', 'Windows(R), Enterprise edition', 'VOLUME_KMSCLIENT', '55c92734-d682-4d71-983e-d6ec3f16059f', 0);

INSERT INTO public.status_change VALUES (1795176000, 'ws0002', '73111121-5638-40f6-bc11-f1d7b0d64300', 'Windows(R), ServerStandard edition', 3, 5, NULL);
INSERT INTO public.status_change VALUES (1795176000, 'ws0003', '73111121-5638-40f6-bc11-f1d7b0d64300', 'Windows(R), ServerStandardEval edition', 6, 1, NULL);
INSERT INTO public.status_change VALUES (1795176000, 'ws0004', '73111121-5638-40f6-bc11-f1d7b0d64300', 'Windows(R), Professional edition', 4, 0, NULL);
INSERT INTO public.status_change VALUES (1795176000, 'ws0001', '73111121-5638-40f6-bc11-f1d7b0d64300', 'Windows(R), Professional edition', 2, 1, NULL);
INSERT INTO public.status_change VALUES (1795543200, 'ws0417.corp.example', '85dd8b5f-eaa4-4af3-a628-cce9e77c9a03', 'Office 19, Office19ProPlus2019VL_KMS_Client_AE edition', 2, 5, 3221549071);
INSERT INTO public.status_change VALUES (1795262400, 'ws1', '73111121-5638-40f6-bc11-f1d7b0d64300', 'Windows(R), Enterprise edition', 1, 5, NULL);

ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.daily_runway
    ADD CONSTRAINT daily_runway_pkey PRIMARY KEY (day);

ALTER TABLE ONLY public.license
    ADD CONSTRAINT license_pkey PRIMARY KEY (machine, license_id);

ALTER TABLE ONLY public.machine
    ADD CONSTRAINT machine_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.sku
    ADD CONSTRAINT sku_pkey PRIMARY KEY (sku);

CREATE INDEX daily_by_day ON public.daily USING btree (day);

CREATE INDEX machine_by_kms_host ON public.machine USING btree (name) WHERE (is_kms_host = 1);

CREATE INDEX machine_by_short_name ON public.machine USING btree (short_name);

CREATE INDEX status_change_by_machine ON public.status_change USING btree (machine);

CREATE INDEX status_change_by_time ON public.status_change USING btree (at);

ALTER TABLE ONLY public.license
    ADD CONSTRAINT license_machine_fkey FOREIGN KEY (machine) REFERENCES public.machine(name) ON UPDATE CASCADE ON DELETE CASCADE;
