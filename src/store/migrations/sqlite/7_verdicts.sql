-- The verdicts that paths had, of each instance that shares the store. Those of a path are counted from 0. Their times are
-- milliseconds since 1970 in UTC: a verdict may change within a second.
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

CREATE INDEX verdict_by_time ON verdict (at_ms);

-- How each path goes on after a restart, in JSON that the program alone reads.
CREATE TABLE verdict_course (
    instance TEXT NOT NULL,
    path TEXT NOT NULL,
    course TEXT NOT NULL,
    PRIMARY KEY (instance, path)
) WITHOUT ROWID;

-- When each instance was there last.
CREATE TABLE verdict_instance (
    instance TEXT NOT NULL PRIMARY KEY,
    seen_at_ms BIGINT NOT NULL
) WITHOUT ROWID;

-- For people: how the verdicts on paths changed, the last first.
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
