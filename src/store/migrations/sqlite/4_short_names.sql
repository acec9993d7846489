-- 1 once somebody reported the machine who may speak for its short name as well: a report without a domain may be about it
-- then. Of what is known already, that is taken to be so.
ALTER TABLE machine ADD COLUMN has_short_name BIGINT NOT NULL DEFAULT 1;
