-- What deploy/consumers/postgresql.py fills. `event` is the whole event as it came: json, since jsonb refuses U+0000,
-- which a feed may have put into its own id or fields. What is asked for often has a column.

CREATE TABLE IF NOT EXISTS headlines (
    id           text PRIMARY KEY,
    topic        text NOT NULL,
    source       text NOT NULL,
    headline     text NOT NULL,
    published_at timestamptz,
    ingested_at  timestamptz NOT NULL,
    confidence   double precision NOT NULL,
    verdict      text NOT NULL,
    update_of    text,
    event        json NOT NULL
);

-- A feed may send the same bytes any number of times, so the raw record's place belongs to the key.
CREATE TABLE IF NOT EXISTS duplicates (
    id            text,
    raw_partition integer,
    raw_offset    bigint,
    duplicate_of  text NOT NULL,
    reason        text NOT NULL,
    score         double precision NOT NULL,
    event         json NOT NULL,
    PRIMARY KEY (id, raw_partition, raw_offset)
);

-- How far each partition is loaded; written in the transaction that writes its rows. A topic that is made anew has
-- another id, and offsets of its own.
CREATE TABLE IF NOT EXISTS stream_offsets (
    topic       text,
    partition   integer,
    next_offset bigint NOT NULL,
    topic_id    text NOT NULL,
    PRIMARY KEY (topic, partition)
);
