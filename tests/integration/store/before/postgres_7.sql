
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
    source text NOT NULL,
    shown_product text,
    shown_channel text,
    shown_is_addon bigint DEFAULT 0 NOT NULL,
    lost_at bigint,
    activated_by_domain bigint
);

CREATE VIEW public.fleet AS
 SELECT license.machine,
    license.shown_product AS product,
    license.shown_channel AS channel,
    license.shown_is_addon AS is_addon,
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
    license.source,
    (to_timestamp((license.lost_at)::double precision) AT TIME ZONE 'UTC'::text) AS lost_at
   FROM public.license;

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
    fleet.source,
    fleet.lost_at
   FROM public.fleet
  WHERE ((fleet.is_addon = 0) AND (fleet.expires_at > (now() AT TIME ZONE 'UTC'::text)) AND (fleet.expires_at <= ((now() AT TIME ZONE 'UTC'::text) + '30 days'::interval)))
  ORDER BY fleet.expires_at;

CREATE TABLE public.gone (
    machine text NOT NULL,
    revision bigint NOT NULL,
    at bigint NOT NULL
);

CREATE TABLE public.kms_host_count (
    machine text NOT NULL,
    application text NOT NULL,
    reported_at bigint NOT NULL,
    current_count bigint,
    required_count bigint,
    requests bigint,
    failed_requests bigint,
    requests_status_0 bigint,
    requests_status_1 bigint,
    requests_status_2 bigint,
    requests_status_3 bigint,
    requests_status_4 bigint,
    requests_status_5 bigint,
    requests_status_6 bigint
);

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
    listening_port bigint,
    publishes_dns bigint,
    last_request_at bigint,
    requests_known_at bigint,
    requests_grew_at bigint,
    revision bigint DEFAULT 0 NOT NULL,
    last_asked_at bigint,
    has_short_name bigint DEFAULT 1 NOT NULL,
    failed_start_at bigint,
    failed_start_code bigint
);

CREATE VIEW public.kms_host AS
 SELECT machine.name,
    counted.current_count,
    counted.required_count,
    machine.listening_port,
    machine.publishes_dns,
    counted.requests,
    counted.failed_requests,
    (to_timestamp((machine.last_request_at)::double precision) AT TIME ZONE 'UTC'::text) AS last_request_at,
    (to_timestamp((COALESCE(counted.reported_at, machine.kms_host_reported_at))::double precision) AT TIME ZONE 'UTC'::text) AS reported_at,
    (to_timestamp((machine.last_asked_at)::double precision) AT TIME ZONE 'UTC'::text) AS last_asked_at,
    counted.application
   FROM (public.machine
     LEFT JOIN public.kms_host_count counted ON ((counted.machine = machine.name)))
  WHERE (machine.is_kms_host = 1);

CREATE TABLE public.kms_host_publication (
    machine text NOT NULL,
    domain text NOT NULL,
    at bigint NOT NULL,
    is_published bigint NOT NULL,
    code bigint
);

CREATE TABLE public.last_revision (
    revision bigint NOT NULL
);

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
    fleet.source,
    fleet.lost_at
   FROM public.fleet
  WHERE ((fleet.is_addon = 0) AND (fleet.lost_at <= (now() AT TIME ZONE 'UTC'::text)));

CREATE TABLE public.sku (
    sku text NOT NULL,
    product text,
    channel text,
    application text,
    is_addon bigint
);

CREATE TABLE public.verdict (
    instance text NOT NULL,
    path text NOT NULL,
    number bigint NOT NULL,
    at_ms bigint NOT NULL,
    status text NOT NULL,
    stage text,
    reason text,
    code bigint
);

CREATE VIEW public.verdict_change AS
 SELECT (to_timestamp((((verdict.at_ms)::numeric / 1000.0))::double precision) AT TIME ZONE 'UTC'::text) AS at,
    verdict.instance,
    verdict.path,
    verdict.status,
    verdict.stage,
    verdict.reason,
    ('0x'::text || upper(lpad(to_hex(verdict.code), 8, '0'::text))) AS code
   FROM public.verdict
  ORDER BY verdict.at_ms DESC;

CREATE TABLE public.verdict_course (
    instance text NOT NULL,
    path text NOT NULL,
    course text NOT NULL
);

CREATE TABLE public.verdict_instance (
    instance text NOT NULL,
    seen_at_ms bigint NOT NULL
);

INSERT INTO public._sqlx_migrations VALUES (1, 'schema', '2026-11-30 14:15:05+00', true, '\x885c1ede591fb6cabeecb823cbddef070744f84033581d60354637ba7d0f364d4c4301b767a9eed7ad3319c65ea57438', 1253877);
INSERT INTO public._sqlx_migrations VALUES (2, 'requests', '2026-11-30 14:15:05+00', true, '\xdcf7a49412bf205b1c3e209bb52fdb172e59c9ec4e7ed75738490eaf68c7224f1eb5557ce429af89df50165db8bb3f02', 1253877);
INSERT INTO public._sqlx_migrations VALUES (3, 'revisions', '2026-11-30 14:15:05+00', true, '\x84c3e82e188666a7b8c135cc09b8ee12912a874e12e315398da5eaf780ccb8a246ae9982b99557489f43708d8cf9683a', 1253877);
INSERT INTO public._sqlx_migrations VALUES (4, 'short names', '2026-11-30 14:15:05+00', true, '\x309697f57ccbb2bb20b56e936e554a2b27bcf1050da10e501b15f77f519e44ebec1183945f13448cfb44cf2ce789e68b', 1253877);
INSERT INTO public._sqlx_migrations VALUES (5, 'applications', '2026-11-30 14:15:05+00', true, '\x8a57fb728088c29acd00d3c923798ea2479ec1d42fc43bb292e7bf02405e1f781fd1c8142d30f561cd66c1e369ee3fb2', 1253877);
INSERT INTO public._sqlx_migrations VALUES (6, 'SKU names', '2026-11-30 14:15:05+00', true, '\x6d819844790eb6521c1fbbedf578e5ea8a59267746a30399e527ec87384fb8086ba52203a43a42549154af6c3275ab5e', 1253877);
INSERT INTO public._sqlx_migrations VALUES (7, 'verdicts', '2026-11-30 14:15:05+00', true, '\x9bc9facd0dfadb8eb09c7fe52013fa6d33a2ca90f6eafde08ae6f4f7c8211a509f1ab6047c3eaf422f94dc7b55d8f0b3', 1253877);

INSERT INTO public.kms_host_count VALUES ('kms01.corp.example', 'windows', 1796029200, 50, 25, 826, 3, 100, 700, 20, 1, 2, 0, NULL);
INSERT INTO public.kms_host_count VALUES ('kms01.corp.example', 'office', 1795942800, 7, 5, 31, 0, 10, 21, 0, 0, 0, 0, NULL);
INSERT INTO public.kms_host_count VALUES ('kms02.corp.example', 'office2010', 1796029200, 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO public.kms_host_publication VALUES ('kms01.corp.example', 'corp.example', 1796029200, 1, NULL);

INSERT INTO public.last_revision VALUES (1);

INSERT INTO public.license VALUES ('kms01.corp.example', '0ff1ce15-0000-4000-8000-000000000021', '0ff1ce15-0000-4000-8000-000000000021', '0ff1ce15-a989-479d-af46-f275c6370663', 'Office 21, Office21KMSHostVL_KMS_Host edition', 'VOLUME_KMS', 'QW3RT', NULL, 1, NULL, NULL, NULL, 1795942800, 'wmi', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795942800, 'wmi', NULL, NULL, 0, NULL, NULL);

INSERT INTO public.machine VALUES ('kms01.corp.example', 'kms01', 1796029200, 1796048105, 'wmi', NULL, NULL, NULL, '10.0.20348.1', 1, 1796029200, 1688, 1, NULL, 1795942800, 1796029200, 1, NULL, 1, NULL, NULL);
INSERT INTO public.machine VALUES ('kms02.corp.example', 'kms02', 1796029200, 1796048105, 'slmgr', NULL, NULL, NULL, NULL, 1, 1796029200, 1688, 0, NULL, NULL, NULL, 1, NULL, 1, NULL, NULL);

ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.daily_runway
    ADD CONSTRAINT daily_runway_pkey PRIMARY KEY (day);

ALTER TABLE ONLY public.gone
    ADD CONSTRAINT gone_pkey PRIMARY KEY (machine);

ALTER TABLE ONLY public.kms_host_count
    ADD CONSTRAINT kms_host_count_pkey PRIMARY KEY (machine, application);

ALTER TABLE ONLY public.kms_host_publication
    ADD CONSTRAINT kms_host_publication_pkey PRIMARY KEY (machine, domain);

ALTER TABLE ONLY public.license
    ADD CONSTRAINT license_pkey PRIMARY KEY (machine, license_id);

ALTER TABLE ONLY public.machine
    ADD CONSTRAINT machine_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.sku
    ADD CONSTRAINT sku_pkey PRIMARY KEY (sku);

ALTER TABLE ONLY public.verdict_course
    ADD CONSTRAINT verdict_course_pkey PRIMARY KEY (instance, path);

ALTER TABLE ONLY public.verdict_instance
    ADD CONSTRAINT verdict_instance_pkey PRIMARY KEY (instance);

ALTER TABLE ONLY public.verdict
    ADD CONSTRAINT verdict_pkey PRIMARY KEY (instance, path, number);

CREATE INDEX daily_by_day ON public.daily USING btree (day);

CREATE INDEX gone_by_revision ON public.gone USING btree (revision);

CREATE INDEX machine_by_kms_host ON public.machine USING btree (name) WHERE (is_kms_host = 1);

CREATE INDEX machine_by_revision ON public.machine USING btree (revision);

CREATE INDEX status_change_by_machine ON public.status_change USING btree (machine);

CREATE INDEX status_change_by_time ON public.status_change USING btree (at);

CREATE INDEX verdict_by_time ON public.verdict USING btree (at_ms);

ALTER TABLE ONLY public.kms_host_count
    ADD CONSTRAINT kms_host_count_machine_fkey FOREIGN KEY (machine) REFERENCES public.machine(name) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.kms_host_publication
    ADD CONSTRAINT kms_host_publication_machine_fkey FOREIGN KEY (machine) REFERENCES public.machine(name) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.license
    ADD CONSTRAINT license_machine_fkey FOREIGN KEY (machine) REFERENCES public.machine(name) ON UPDATE CASCADE ON DELETE CASCADE;

