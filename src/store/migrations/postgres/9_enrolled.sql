-- Machines that enrolled, each with a token of its own, of which the digest alone is kept. Times are seconds since 1970 in
-- UTC.
CREATE TABLE enrolled (
    -- The name by which it enrolled. Its token speaks for no other.
    machine TEXT NOT NULL PRIMARY KEY,
    -- The SHA-256 of its token in hexadecimal, in small letters.
    digest TEXT NOT NULL,
    -- The name of the token by which it enrolled.
    token TEXT NOT NULL,
    enrolled_at BIGINT NOT NULL,
    -- Since when its token is not accepted any more.
    revoked_at BIGINT
);

CREATE UNIQUE INDEX enrolled_by_digest ON enrolled (digest);
