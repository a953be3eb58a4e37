-- What clients tell of their reads: counts and times by statement and side, and answers of both sides that differ.
-- Nothing here decides what a client reads; an open mismatch keeps `crossfade reads` from going up.

CREATE TABLE crossfade.metrics (
  -- Of the ramp, when it was told.
  percent     integer NOT NULL,
  fingerprint text NOT NULL,
  side        text NOT NULL CHECK (side IN ('old', 'new')),
  -- Off every path: nobody waited for these.
  shadow      boolean NOT NULL,
  tables      text[] NOT NULL,
  statement   text NOT NULL,
  reads       bigint NOT NULL,
  errors      bigint NOT NULL,
  sum_ms      double precision NOT NULL,
  -- Of a log-linear histogram (src/client/histogram.ts): bucket → reads.
  buckets     jsonb NOT NULL,
  first_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (percent, fingerprint, side, shadow)
);
COMMENT ON TABLE crossfade.metrics IS 'Crossfade: reads of the application by statement and side, as clients tell them';

CREATE TABLE crossfade.mismatch (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  fingerprint text NOT NULL,
  -- columns, rows, values, order, or error.
  kind        text NOT NULL,
  -- Which column differs; of an error its SQLSTATE; '' where it is about whole rows.
  column_name text NOT NULL,
  -- Both answers were the old side's, so it differs by itself.
  noise       boolean NOT NULL,
  tables      text[] NOT NULL,
  statement   text NOT NULL,
  -- Lengths and kinds of difference; values where the application has asked for them.
  example     text NOT NULL,
  seen        bigint NOT NULL,
  first_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  accepted_by text,
  accepted_at timestamptz,
  UNIQUE (fingerprint, kind, column_name, noise)
);
COMMENT ON TABLE crossfade.mismatch IS 'Crossfade: reads that the two sides answered differently, at two looks';

CREATE TABLE crossfade.shadow_count (
  outcome     text PRIMARY KEY,
  reads       bigint NOT NULL,
  last_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE crossfade.shadow_count IS 'Crossfade: what became of the reads that were to be compared';

-- Whoever may call record_reads chooses these texts, and people read them in a terminal.
CREATE FUNCTION crossfade.plain_text(text, integer) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN left(regexp_replace(coalesce($1, ''), '[[:cntrl:]\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]', ' ', 'g'), $2);
COMMENT ON FUNCTION crossfade.plain_text(text, integer) IS 'Crossfade: a text without what a terminal would obey';

CREATE FUNCTION crossfade.told_count(text) RETURNS bigint
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN $1 ~ '^[0-9]{1,9}$' THEN $1::bigint ELSE 0 END;
COMMENT ON FUNCTION crossfade.told_count(text) IS 'Crossfade: a count that a client has told, 0 where it is none';

CREATE FUNCTION crossfade.told_buckets(jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN (SELECT coalesce(jsonb_object_agg(b.key, crossfade.told_count(b.value)), '{}')
          FROM jsonb_each_text(CASE WHEN jsonb_typeof($1) = 'object' THEN $1 ELSE '{}' END) AS b WHERE b.key ~ '^[0-5]?[0-9]{1,2}$');
COMMENT ON FUNCTION crossfade.told_buckets(jsonb) IS 'Crossfade: the buckets of a histogram that a client has told';

CREATE FUNCTION crossfade.add_buckets(jsonb, jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN (SELECT coalesce(jsonb_object_agg(s.key, s.reads), '{}')
          FROM (SELECT b.key, sum(b.value::bigint) AS reads
                  FROM (SELECT * FROM jsonb_each_text($1) UNION ALL SELECT * FROM jsonb_each_text($2)) AS b GROUP BY b.key) AS s);
COMMENT ON FUNCTION crossfade.add_buckets(jsonb, jsonb) IS 'Crossfade: two histograms as one';

-- One way in for what clients tell. Whoever may call it can tell lies, and no more than so many: each text is cut and
-- cleaned, each number bounded, each list short, and a full table takes no new rows. It changes nothing that a client acts on.
CREATE FUNCTION crossfade.record_reads(report jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
  at_percent integer;
  names text[];
  room integer;
BEGIN
  IF jsonb_typeof(report) <> 'object' OR octet_length(report::text) > 2000000 THEN
    RAISE EXCEPTION 'no report of reads' USING ERRCODE = '22023';
  END IF;
  SELECT m.read_percent INTO at_percent FROM crossfade.migration AS m WHERE m.stage IN ('sync', 'reads', 'move');
  IF NOT FOUND THEN
    RETURN;
  END IF;
  SELECT coalesce(array_agg(c.relname::text), '{}') INTO names
    FROM pg_class AS c WHERE c.relnamespace = 'crossfade_compat'::regnamespace AND c.relkind = 'v';

  -- In the order of the keys, so that two clients never wait for each other in a circle.
  room := 4000 - (SELECT count(*) FROM crossfade.metrics);
  INSERT INTO crossfade.metrics AS m (percent, fingerprint, side, shadow, tables, statement, reads, errors, sum_ms, buckets)
  SELECT at_percent, t.fingerprint, t.side, t.shadow, t.tables, t.statement, t.reads, t.errors, t.sum_ms, t.buckets
    FROM (SELECT DISTINCT ON (1, 2, 3) left(e->>'fingerprint', 16) AS fingerprint, e->>'side' AS side, coalesce(e->'shadow' = 'true', false) AS shadow,
                 ARRAY(SELECT n FROM jsonb_array_elements_text(CASE WHEN jsonb_typeof(e->'tables') = 'array' THEN e->'tables' ELSE '[]' END) AS n WHERE n = ANY (names)) AS tables,
                 crossfade.plain_text(e->>'statement', 2000) AS statement, crossfade.told_count(e->>'count') AS reads,
                 crossfade.told_count(e->>'errors') AS errors,
                 CASE WHEN jsonb_typeof(e->'sumMs') = 'number' THEN greatest(0, least((e->>'sumMs')::numeric, 1e12))::double precision ELSE 0 END AS sum_ms,
                 crossfade.told_buckets(e->'buckets') AS buckets
            FROM (SELECT * FROM jsonb_array_elements(CASE WHEN jsonb_typeof(report->'measures') = 'array' THEN report->'measures' ELSE '[]' END) LIMIT 600) AS l (e)
           WHERE e->>'side' IN ('old', 'new') AND e->>'fingerprint' ~ '^[0-9a-z]{1,16}$'
           ORDER BY 1, 2, 3) AS t
   WHERE room > 0 OR EXISTS (SELECT FROM crossfade.metrics AS k
                              WHERE k.percent = at_percent AND k.fingerprint = t.fingerprint AND k.side = t.side AND k.shadow = t.shadow)
  ON CONFLICT (percent, fingerprint, side, shadow)
  DO UPDATE SET reads = m.reads + excluded.reads, errors = m.errors + excluded.errors, sum_ms = m.sum_ms + excluded.sum_ms,
                buckets = crossfade.add_buckets(m.buckets, excluded.buckets), last_at = clock_timestamp();

  room := 1000 - (SELECT count(*) FROM crossfade.mismatch);
  INSERT INTO crossfade.mismatch AS m (fingerprint, kind, column_name, noise, tables, statement, example, seen)
  SELECT t.fingerprint, t.kind, t.column_name, t.noise, t.tables, t.statement, t.example, t.seen
    FROM (SELECT DISTINCT ON (1, 2, 3, 4) left(e->>'fingerprint', 16) AS fingerprint, e->>'kind' AS kind,
                 crossfade.plain_text(e->>'column', 63) AS column_name, coalesce(e->'noise' = 'true', false) AS noise,
                 ARRAY(SELECT n FROM jsonb_array_elements_text(CASE WHEN jsonb_typeof(e->'tables') = 'array' THEN e->'tables' ELSE '[]' END) AS n WHERE n = ANY (names)) AS tables,
                 crossfade.plain_text(e->>'statement', 2000) AS statement, crossfade.plain_text(e->>'example', 300) AS example,
                 crossfade.told_count(e->>'seen') AS seen
            FROM (SELECT * FROM jsonb_array_elements(CASE WHEN jsonb_typeof(report->'mismatches') = 'array' THEN report->'mismatches' ELSE '[]' END) LIMIT 300) AS l (e)
           WHERE e->>'kind' IN ('columns', 'rows', 'values', 'order', 'error') AND e->>'fingerprint' ~ '^[0-9a-z]{1,16}$'
           ORDER BY 1, 2, 3, 4) AS t
   WHERE room > 0 OR EXISTS (SELECT FROM crossfade.mismatch AS k
                              WHERE k.fingerprint = t.fingerprint AND k.kind = t.kind AND k.column_name = t.column_name AND k.noise = t.noise)
  ON CONFLICT (fingerprint, kind, column_name, noise)
  DO UPDATE SET seen = m.seen + excluded.seen, example = excluded.example, last_at = clock_timestamp();

  room := 100 - (SELECT count(*) FROM crossfade.shadow_count);
  INSERT INTO crossfade.shadow_count AS c (outcome, reads)
  SELECT t.outcome, t.reads
    FROM (SELECT DISTINCT ON (1) crossfade.plain_text(e.key, 100) AS outcome, crossfade.told_count(e.value) AS reads
            FROM (SELECT * FROM jsonb_each_text(CASE WHEN jsonb_typeof(report->'counts') = 'object' THEN report->'counts' ELSE '{}' END) LIMIT 100) AS e (key, value)
           ORDER BY 1) AS t
   WHERE room > 0 OR EXISTS (SELECT FROM crossfade.shadow_count AS k WHERE k.outcome = t.outcome)
  ON CONFLICT (outcome) DO UPDATE SET reads = c.reads + excluded.reads, last_at = clock_timestamp();
END
$$;
COMMENT ON FUNCTION crossfade.record_reads(jsonb) IS 'Crossfade: what a client tells of its reads. Nobody may call it to whom it wasn''t granted';

-- What clients told of a consolidation that was given up. What one of them is writing at this moment is not waited for.
CREATE FUNCTION crossfade.forget_reads() RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
  DELETE FROM crossfade.mismatch WHERE id IN (SELECT m.id FROM crossfade.mismatch AS m FOR UPDATE SKIP LOCKED);
  DELETE FROM crossfade.shadow_count WHERE outcome IN (SELECT c.outcome FROM crossfade.shadow_count AS c FOR UPDATE SKIP LOCKED);
  DELETE FROM crossfade.metrics WHERE (percent, fingerprint, side, shadow) IN
    (SELECT m.percent, m.fingerprint, m.side, m.shadow FROM crossfade.metrics AS m FOR UPDATE SKIP LOCKED);
END;
COMMENT ON FUNCTION crossfade.forget_reads() IS 'Crossfade: removes what clients told of their reads';

REVOKE ALL ON crossfade.metrics, crossfade.mismatch, crossfade.shadow_count FROM PUBLIC;
REVOKE ALL ON FUNCTION crossfade.plain_text(text, integer), crossfade.told_count(text), crossfade.told_buckets(jsonb),
  crossfade.add_buckets(jsonb, jsonb), crossfade.record_reads(jsonb), crossfade.forget_reads() FROM PUBLIC;
