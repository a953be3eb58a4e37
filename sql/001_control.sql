-- The control schema: state, approvals, history, outbox and journal of one consolidation.
-- Nobody but its owner may look inside; what clients may know is in client_state().

CREATE SCHEMA crossfade;
COMMENT ON SCHEMA crossfade IS 'Crossfade (pg-crossfade): state of a schema consolidation. After crossfade finish, or a rollback to design, it can be dropped.';
CREATE SCHEMA crossfade_compat;
COMMENT ON SCHEMA crossfade_compat IS 'Crossfade (pg-crossfade): the old tables'' shapes, read from the new tables.';

CREATE TABLE crossfade.migration (
  id               boolean PRIMARY KEY DEFAULT true CHECK (id),
  schema_version   integer NOT NULL,
  stage            text NOT NULL CHECK (stage IN ('design', 'build', 'sync', 'reads', 'move', 'finish')),
  read_percent     integer NOT NULL DEFAULT 0 CHECK (read_percent BETWEEN 0 AND 100),
  read_since       timestamptz,
  -- Grows with every change that clients must learn of.
  version          bigint NOT NULL DEFAULT 1,
  -- Milliseconds that a key may wait in the outbox before reads go back to the old side by themselves.
  lag_bound_ms     integer NOT NULL DEFAULT 1000,
  -- The most of the reads that clients compare on both sides, in percent; what they draw by themselves is less.
  shadow_percent   numeric NOT NULL DEFAULT 100 CHECK (shadow_percent BETWEEN 0 AND 100),
  mapping          jsonb,
  mapping_hash     text,
  -- The old tables as they were when the design was approved.
  sources          jsonb,
  -- Foreign keys and triggers of the new tables that come alive at finish.
  put_off          jsonb NOT NULL DEFAULT '[]',
  in_sync          boolean NOT NULL DEFAULT false,
  verified_at      timestamptz,
  native_open      boolean NOT NULL DEFAULT false,
  -- What finish did ({ archive, repointed, unchecked }); unchecked: foreign keys whose rows it has yet to check.
  finished         jsonb,
  -- A new table was open for native writes at some time.
  ever_open        boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE crossfade.migration IS 'Crossfade: the one row of state';

CREATE TABLE crossfade.artifact (
  stage      text NOT NULL,
  name       text NOT NULL,
  sha256     text NOT NULL,
  content    text NOT NULL,
  evidence   jsonb NOT NULL DEFAULT '{}',
  made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (stage, name)
);
COMMENT ON TABLE crossfade.artifact IS 'Crossfade: the newest evidence of each stage, as it was shown';

CREATE TABLE crossfade.approval (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  gate       text NOT NULL,
  sha256     text NOT NULL,
  role       text NOT NULL DEFAULT session_user,
  person     text NOT NULL,
  at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE crossfade.approval IS 'Crossfade: who approved what exactly (the hash of the gate''s artifacts)';

CREATE TABLE crossfade.history (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  command    text NOT NULL,
  detail     jsonb NOT NULL DEFAULT '{}',
  role       text NOT NULL DEFAULT session_user,
  person     text,
  pid        integer NOT NULL DEFAULT pg_backend_pid(),
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at   timestamptz,
  outcome    text
);
COMMENT ON TABLE crossfade.history IS 'Crossfade: every action; one without an end whose session is gone was interrupted';

-- What a stage did, and what takes it back; crossfade.rollback() runs the newest stage's entries backwards.
CREATE TABLE crossfade.undo (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stage      text NOT NULL,
  statement  text NOT NULL,
  sql        text NOT NULL,
  why        text NOT NULL,
  -- Makes it harmless without a lock on any table, where sql can't get its lock.
  silence    text
);
COMMENT ON TABLE crossfade.undo IS 'Crossfade: how each stage is taken back';

CREATE TABLE crossfade.outbox (
  id          bigint GENERATED ALWAYS AS IDENTITY,
  target      text NOT NULL,
  -- A key of the new table; {} where it can't be known which, so all are looked at;
  -- with a source: what identifies an old row of it that has, or had, no key;
  -- with a link, too: a value by which rows of the source are linked to those of another table;
  -- with the source '': what a native write could not look for in its old snapshot, rows that wait for its values or have them.
  key         text[] NOT NULL,
  source      text,
  link        integer CHECK (link IS NULL OR source IS NOT NULL),
  enqueued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  not_before  timestamptz NOT NULL DEFAULT '-infinity',
  attempts    integer NOT NULL DEFAULT 0,
  -- Set when no row was made (none is to be, or it went into the journal): somebody who has not committed yet may
  -- have done what that makes wrong, so the key is looked at again when every transaction before this one has ended
  -- ('0': which one that is, the next look says).
  settled     xid8,
  sqlstate    text,
  message     text,
  -- In this order each applier takes the next ones of its table from the index, however many wait, also for others, and
  -- whatever the statistics say of a table that is mostly empty.
  PRIMARY KEY (target, id)
);
-- A hash: a key may be too long for a btree, whose page would refuse the application's write. And it costs a bulk write less.
CREATE INDEX outbox_key ON crossfade.outbox USING hash (key);
COMMENT ON TABLE crossfade.outbox IS 'Crossfade: keys whose new row is to be computed again';

CREATE TABLE crossfade.journal (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  target      text NOT NULL,
  -- A key that can't be applied, or (source, old_key) of an old row that has no key.
  key         text[],
  source      text,
  old_key     text[],
  sqlstate    text NOT NULL,
  reason      text NOT NULL,
  attempts    integer NOT NULL DEFAULT 1,
  first_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  accepted_by text,
  accepted_at timestamptz,
  -- The parent row that isn't there: the new table, then the values of the foreign key. Its arrival wakes the entry.
  -- Or '', and the target and the key that keeps a unique value: a change of its old rows wakes the entry.
  waits_for   text[],
  CHECK ((key IS NULL) <> (old_key IS NULL))
);
-- A hash: what an old row says of its parent may be too long for a btree.
CREATE INDEX journal_waits_for ON crossfade.journal USING hash (waits_for) WHERE waits_for IS NOT NULL;
CREATE UNIQUE INDEX journal_key ON crossfade.journal (target, key) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX journal_old_key ON crossfade.journal (target, source, old_key) WHERE old_key IS NOT NULL;
COMMENT ON TABLE crossfade.journal IS 'Crossfade: old rows that the new schema does not take, each with the reason';

CREATE TABLE crossfade.acceptance (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Null: of any.
  target     text,
  sqlstate   text,
  person     text NOT NULL,
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK (target IS NOT NULL OR sqlstate IS NOT NULL)
);
COMMENT ON TABLE crossfade.acceptance IS 'Crossfade: kinds of journal entries that somebody accepts beforehand, by name';

CREATE TABLE crossfade.backfill (
  target     text NOT NULL,
  -- Of the keys: each part is worked on by one session at a time.
  part       integer NOT NULL,
  -- The part ends with this key; null: it has no end. It begins where the one before ends.
  up_to      text[],
  -- Keys of the part up to this one are done; at the start the one before it, null in the first part.
  last_key   text[],
  rows       bigint NOT NULL DEFAULT 0,
  done       boolean NOT NULL DEFAULT false,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (target, part)
);
COMMENT ON TABLE crossfade.backfill IS 'Crossfade: how far the backfill of each table is';

CREATE TABLE crossfade.worker (
  pid        integer PRIMARY KEY,
  what       text NOT NULL,
  beat_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE crossfade.worker IS 'Crossfade: who drains the outbox, with a heartbeat';

CREATE TABLE crossfade.pause (
  id         boolean PRIMARY KEY DEFAULT true CHECK (id),
  person     text,
  reason     text,
  at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE crossfade.pause IS 'Crossfade: somebody has paused backfill and worker; empty: nobody has';

CREATE TABLE crossfade.throttle (
  pid        integer PRIMARY KEY,
  what       text NOT NULL,
  -- Share of the time in which it works: 1 full speed, 0 it stands still.
  pace       real NOT NULL DEFAULT 1,
  -- Why it is less than 1.
  reason     text,
  since      timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE crossfade.throttle IS 'Crossfade: how fast backfill and worker go, and why not faster';

CREATE TABLE crossfade.old_write (
  target     text NOT NULL,
  source     text NOT NULL,
  writes     bigint NOT NULL DEFAULT 0,
  -- When the count was last seen to grow.
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (target, source)
);
COMMENT ON TABLE crossfade.old_write IS 'Crossfade: writes that still come in by an old name';

CREATE SEQUENCE crossfade.conflicts;
COMMENT ON SEQUENCE crossfade.conflicts IS 'Crossfade: counts native writes that were told to try again (40001)';

-- The secret of this consolidation, 62 bits. In a sequence, since that is read without a query: every write needs it.
CREATE SEQUENCE crossfade.seal MINVALUE 0;
COMMENT ON SEQUENCE crossfade.seal IS 'Crossfade: what the guard is sealed with; nobody but the owner may read it';
SELECT setval('crossfade.seal', ('x' || encode(substr(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint & 4611686018427387903);

-- The guard says «Crossfade itself writes this key in this transaction». Anybody can set a custom
-- setting, so its value is sealed with a secret that only the owner reads, and with the transaction.
-- In PL/pgSQL, which evaluates such an expression without a query; as an SQL function it took five times as long.
CREATE FUNCTION crossfade.guard_for(integer, text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  RETURN $1 || ':' || $2 || '|' || encode(sha256(convert_to(
           pg_sequence_last_value('crossfade.seal'::regclass)::text || '|' || pg_current_xact_id()::text || '|' || $1 || ':' || $2, 'UTF8')), 'hex');
END
$$;
COMMENT ON FUNCTION crossfade.guard_for(integer, text) IS 'Crossfade: the sealed guard for a key of a target, * for all of them';

CREATE FUNCTION crossfade.is_guarded(integer, text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  guard text := current_setting('crossfade.guard', true);
BEGIN
  IF guard IS NULL OR guard = '' THEN
    RETURN false;
  END IF;
  RETURN guard = crossfade.guard_for($1, $2) OR guard = crossfade.guard_for($1, '*');
END
$$;
COMMENT ON FUNCTION crossfade.is_guarded(integer, text) IS 'Crossfade: does Crossfade itself write this key right now';

CREATE FUNCTION crossfade.misfit(text, text, text) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RAISE EXCEPTION 'column "%": % does not fit % without loss', $1, left($3, 80), $2
    USING ERRCODE = '22000', HINT = 'Correct the old value, or say in the mapping what happens to it, for example round(…).';
END
$$;
COMMENT ON FUNCTION crossfade.misfit(text, text, text) IS 'Crossfade: refuses a value that would be clipped';

-- The new table itself, or one of the ways into it: «metrics from outcomes» is of «metrics».
CREATE FUNCTION crossfade.is_of_target(text, text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN $1 = $2 OR starts_with($1, $2 || ' from ');
COMMENT ON FUNCTION crossfade.is_of_target(text, text) IS 'Crossfade: does this name belong to that new table';

CREATE FUNCTION crossfade.accept_known() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF NEW.accepted_at IS NULL THEN
    SELECT a.person, clock_timestamp() INTO NEW.accepted_by, NEW.accepted_at FROM crossfade.acceptance AS a
     WHERE (a.target IS NULL OR crossfade.is_of_target(NEW.target, a.target)) AND (a.sqlstate IS NULL OR a.sqlstate = NEW.sqlstate)
     ORDER BY a.id LIMIT 1;
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION crossfade.accept_known() IS 'Crossfade: accepts what somebody has accepted beforehand';
CREATE TRIGGER accept_known BEFORE INSERT OR UPDATE ON crossfade.journal FOR EACH ROW EXECUTE FUNCTION crossfade.accept_known();

-- What the projection says against a row, as an error, so that the row goes into the journal.
CREATE FUNCTION crossfade.refuse_row(text[]) RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
  IF $1[1] = '23503' THEN
    RAISE EXCEPTION 'there is no row of % for %', $1[2], array_to_string($1[3:], ', ')
      USING ERRCODE = '23503', CONSTRAINT = 'crossfade_parent', DETAIL = ($1[2:])::text,
            HINT = 'It comes when that row comes; or say parent: ''stub'' in the mapping.';
  END IF;
  IF $1[1] = '23505' THEN
    RAISE EXCEPTION '% % belongs to another row', $1[2], $1[3]
      USING ERRCODE = '23505', CONSTRAINT = 'crossfade_unique', DETAIL = ($1[4:])::text, HINT = 'Which row keeps it is what "unique" in the mapping says. Correct the old rows, if they are wrong.';
  END IF;
  RAISE EXCEPTION '%', $1[2]
    USING ERRCODE = $1[1], HINT = 'Correct the old value, or say in the mapping what happens to it.';
END
$$;
COMMENT ON FUNCTION crossfade.refuse_row(text[]) IS 'Crossfade: refuses a row, as the projection has said why';

-- Who writes a linked row and who writes the row that it is linked to must see each other's change. The first take the
-- link's value shared, so they don't wait for each other; the second alone. Sorted, so that two never wait in a circle.
CREATE FUNCTION crossfade.lock_links(text[], boolean) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  link bigint;
BEGIN
  FOR link IN SELECT DISTINCT hashtextextended(u.name, 0) FROM unnest($1) AS u (name) WHERE u.name IS NOT NULL ORDER BY 1 LOOP
    IF $2 THEN
      PERFORM pg_advisory_xact_lock(link);
    ELSE
      PERFORM pg_advisory_xact_lock_shared(link);
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION crossfade.lock_links(text[], boolean) IS 'Crossfade: locks link values until the transaction ends';

-- The same within what is left of the transaction's budget of milliseconds ($3; what is spent counts in microseconds), and for no more than 16 values in one
-- transaction, since these locks lie in a table of the server that is small. False: nothing is locked, use the outbox.
CREATE FUNCTION crossfade.try_lock_links(text[], boolean, integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  spent integer := crossfade.counter('crossfade.spent');
  links integer := crossfade.counter('crossfade.links') + cardinality($1);
  started timestamptz := clock_timestamp();
  done boolean := true;
BEGIN
  IF cardinality($1) = 0 THEN
    RETURN true;
  END IF;
  IF links > 16 OR current_setting('transaction_isolation') <> 'read committed' THEN
    RETURN false;
  END IF;
  PERFORM set_config('crossfade.links', links::text, true);
  BEGIN
    PERFORM set_config('lock_timeout', greatest(1, $3 - spent / 1000)::text || 'ms', true);
    PERFORM crossfade.lock_links($1, $2);
  EXCEPTION WHEN OTHERS THEN
    done := false;
  END;
  PERFORM set_config('crossfade.spent', least(999999999, spent + ceil(extract(epoch FROM clock_timestamp() - started) * 1000000))::text, true);
  RETURN done;
END
$$;
COMMENT ON FUNCTION crossfade.try_lock_links(text[], boolean, integer) IS 'Crossfade: locks link values, if that is possible soon';

-- With no lock timeout: all that an insert into the outbox can wait for is room on the disk, and its error would be the application's.
CREATE FUNCTION crossfade.enqueue(text, text[], text, text) RETURNS void
LANGUAGE sql VOLATILE
SET lock_timeout = 0
BEGIN ATOMIC
  INSERT INTO crossfade.outbox (target, key, sqlstate, message) VALUES ($1, $2, $3, $4);
END;
COMMENT ON FUNCTION crossfade.enqueue(text, text[], text, text) IS 'Crossfade: puts a key into the outbox';

CREATE FUNCTION crossfade.journal_key(text, text[], text, text, text) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
  INSERT INTO crossfade.journal AS j (target, key, sqlstate, reason, waits_for) VALUES ($1, $2, $3, $4, $5::text[])
  ON CONFLICT (target, key) WHERE key IS NOT NULL
  DO UPDATE SET attempts = j.attempts + 1, last_at = clock_timestamp(), sqlstate = excluded.sqlstate, reason = excluded.reason,
                waits_for = excluded.waits_for,
                accepted_by = CASE WHEN j.reason = excluded.reason THEN j.accepted_by END,
                accepted_at = CASE WHEN j.reason = excluded.reason THEN j.accepted_at END;
END;
COMMENT ON FUNCTION crossfade.journal_key(text, text[], text, text, text) IS 'Crossfade: notes a key that can''t be applied, with the reason';

CREATE FUNCTION crossfade.journal_keyless(text, text, text[]) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
  INSERT INTO crossfade.journal (target, source, old_key, sqlstate, reason)
  VALUES ($1, $2, $3, '22004', 'the row of ' || $2 || ' has no key for ' || $1)
  ON CONFLICT (target, source, old_key) WHERE old_key IS NOT NULL DO NOTHING;
END;
COMMENT ON FUNCTION crossfade.journal_keyless(text, text, text[]) IS 'Crossfade: notes an old row that has no key';

-- A row without a key, or that had none: the applier will see which, and write the journal.
CREATE FUNCTION crossfade.enqueue_keyless(text, text, text[]) RETURNS void
LANGUAGE sql VOLATILE
SET lock_timeout = 0
BEGIN ATOMIC
  INSERT INTO crossfade.outbox (target, source, key) VALUES ($1, $2, $3);
END;
COMMENT ON FUNCTION crossfade.enqueue_keyless(text, text, text[]) IS 'Crossfade: puts an old row that has no key into the outbox';

CREATE FUNCTION crossfade.enqueue_links(text, text, integer, text[]) RETURNS void
LANGUAGE sql VOLATILE
SET lock_timeout = 0
BEGIN ATOMIC
  INSERT INTO crossfade.outbox (target, source, link, key) SELECT DISTINCT $1, $2, $3, ARRAY[u.value] FROM unnest($4) AS u (value) WHERE u.value IS NOT NULL;
END;
COMMENT ON FUNCTION crossfade.enqueue_links(text, text, integer, text[]) IS 'Crossfade: has the rows with these link values looked at again';

-- Where the entries of a table begin. Those that are done stay in the index while anybody holds a snapshot from before, and
-- to pass 600,000 of them took 60 ms in each call. So a session that was at it for more than 20 ms remembers where it got
-- to, for 20 times as long: a transaction that commits late, with an id from before that, is found when it looks from the
-- beginning again. Nothing that was there is passed over, whether it is due or not.
CREATE FUNCTION crossfade.first_entry(text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $$
DECLARE
  setting text := 'crossfade.passed_' || md5($1);
  -- Id, since when, until when.
  passed text[] := string_to_array(nullif(current_setting(setting, true), ''), ' ');
  started double precision := extract(epoch FROM clock_timestamp());
  took double precision;
  begins bigint;
BEGIN
  -- A clock that was set back would make it last.
  IF NOT started BETWEEN passed[2]::double precision AND passed[3]::double precision THEN
    passed := NULL;
  END IF;
  -- Asked before the look itself: what commits meanwhile may have a smaller id than the last one.
  begins := coalesce(pg_sequence_last_value('crossfade.outbox_id_seq'::regclass), 0) + 1;
  begins := coalesce((SELECT o.id FROM crossfade.outbox AS o
                     WHERE o.target = $1 AND o.id >= coalesce(passed[1]::bigint, 0) ORDER BY o.target, o.id LIMIT 1), begins);
  took := extract(epoch FROM clock_timestamp()) - started;
  IF took > 0.02 THEN
    PERFORM set_config(setting, concat_ws(' ', begins, coalesce(passed[2]::double precision, started),
                                          coalesce(passed[3]::double precision, started + least(30, 20 * took))), false);
  END IF;
  RETURN begins;
END
$$;
COMMENT ON FUNCTION crossfade.first_entry(text) IS 'Crossfade: where the applier begins to look for the keys of a table';

-- The keys of a table that the applier may take now, the oldest first, locked; with fresh, only those that nothing is known
-- of but the key. In the order of the index and no further than the last of them, however many wait: the statistics of a
-- table that is mostly empty would have all of a backlog read and sorted for each batch.
CREATE FUNCTION crossfade.due(target text, keys integer, fresh boolean, last bigint) RETURNS SETOF crossfade.outbox
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $$
DECLARE
  first bigint := crossfade.first_entry($1);
BEGIN
  RETURN QUERY
  SELECT o.* FROM crossfade.outbox AS o
   WHERE o.target = $1 AND o.id >= first AND o.id <= coalesce($4, 9223372036854775807) AND o.not_before <= clock_timestamp()
     AND (NOT $3 OR (o.source IS NULL AND o.key <> '{}' AND o.attempts = 0 AND o.settled IS NULL))
   ORDER BY o.target, o.id
   LIMIT $2
     FOR UPDATE SKIP LOCKED;
END
$$;
COMMENT ON FUNCTION crossfade.due(text, integer, boolean, bigint) IS 'Crossfade: the keys that the applier may take now';

-- A transaction that writes a table holds its lock until it has ended, and is visible before it lets go. So a long
-- transaction elsewhere is not waited for. Who writes a partition by its own name locks nothing but that.
CREATE FUNCTION crossfade.has_writer_before(xid8, regclass[]) RETURNS boolean
LANGUAGE sql STABLE
RETURN CASE WHEN pg_snapshot_xmin(pg_current_snapshot()) >= $1 THEN false WHEN $1 IS NOT NULL THEN EXISTS (
  SELECT FROM pg_locks AS w
    JOIN pg_locks AS x ON x.virtualtransaction = w.virtualtransaction AND x.locktype = 'transactionid' AND x.mode = 'ExclusiveLock' AND x.granted
   WHERE w.locktype = 'relation' AND w.relation IN (
     WITH RECURSIVE tables (id) AS (SELECT unnest($2)::oid UNION SELECT i.inhrelid FROM pg_inherits AS i JOIN tables AS p ON i.inhparent = p.id)
     SELECT t.id FROM tables AS t)
     AND w.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
     AND w.granted AND w.mode NOT IN ('AccessShareLock', 'RowShareLock')
     AND age(x.transactionid) > age($1::xid)) END;
COMMENT ON FUNCTION crossfade.has_writer_before(xid8, regclass[]) IS 'Crossfade: does a transaction go on that began before this one and writes these tables; null for null';

-- Anybody can set a custom setting, so what isn't a number counts as none.
CREATE FUNCTION crossfade.counter(text) RETURNS integer
LANGUAGE sql STABLE
RETURN CASE WHEN current_setting($1, true) ~ '^[0-9]{1,9}$' THEN current_setting($1, true)::integer ELSE 0 END;
COMMENT ON FUNCTION crossfade.counter(text) IS 'Crossfade: what the transaction has used up';

-- Native writes let the old tables' own triggers run, which expect the text forms and names of a session of the
-- application. A function that pins them by itself would pin them for those triggers too.
CREATE FUNCTION crossfade.pin_forms() RETURNS text[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  former text[] := ARRAY[current_setting('TimeZone'), current_setting('DateStyle'), current_setting('IntervalStyle'),
                         current_setting('extra_float_digits'), current_setting('bytea_output')];
BEGIN
  PERFORM set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'postgres', true),
          set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true);
  RETURN former;
END
$$;
COMMENT ON FUNCTION crossfade.pin_forms() IS 'Crossfade: pins how values are written as text; returns what restore_forms takes';

CREATE FUNCTION crossfade.restore_forms(former text[]) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  PERFORM set_config('TimeZone', former[1], true), set_config('DateStyle', former[2], true), set_config('IntervalStyle', former[3], true),
          set_config('extra_float_digits', former[4], true), set_config('bytea_output', former[5], true);
END
$$;
COMMENT ON FUNCTION crossfade.restore_forms(text[]) IS 'Crossfade: gives the session back how it writes values as text';

-- Law before did not hold: somebody's write is on its way, or the key can't be synced at all.
CREATE FUNCTION crossfade.refuse_native(text, text[]) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  reason text;
BEGIN
  SELECT j.reason INTO reason FROM crossfade.journal AS j WHERE j.target = $1 AND j.key = $2;
  IF FOUND THEN
    RAISE EXCEPTION 'the row % of % is in the journal: %', $2, $1, reason
      USING ERRCODE = 'CF001', HINT = 'Its old rows don''t fit the new table. Correct them by their old names; see: crossfade journal.';
  END IF;
  PERFORM nextval('crossfade.conflicts');
  RAISE EXCEPTION 'the row % of % is being changed by its old name', $2, $1
    USING ERRCODE = '40001', HINT = 'Run the transaction again.';
END
$$;
COMMENT ON FUNCTION crossfade.refuse_native(text, text[]) IS 'Crossfade: tells a native write to try again, or why it can''t be';

CREATE FUNCTION crossfade.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION '% can''t be truncated while the old tables are in use', TG_RELID::regclass
    USING ERRCODE = '0A000', HINT = 'Use DELETE, or truncate the old tables.';
END
$$;
COMMENT ON FUNCTION crossfade.refuse_truncate() IS 'Crossfade: a native TRUNCATE can''t be carried back';

-- A transaction that has written natively holds old rows. Where it then waits for a new row whose holder waits for one of
-- those, the server ends whoever has waited longer, which may be the old side. So it gives up first (55P03): half of
-- deadlock_timeout leaves the old side's own wait time to begin, and bounds nobody who waits for less.
CREATE FUNCTION crossfade.lose_patience() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  former text := current_setting('lock_timeout');
  half integer := ceil(extract(epoch FROM current_setting('deadlock_timeout')::interval) * 500);
BEGIN
  IF former = '0' OR extract(epoch FROM former::interval) * 1000 > half THEN
    PERFORM set_config('crossfade.patience', former, true), set_config('lock_timeout', half::text || 'ms', true);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION crossfade.lose_patience() IS 'Crossfade: a further native write of a transaction gives way to the old side';

CREATE FUNCTION crossfade.regain_patience() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- What a statement's own triggers write to new tables has been there before.
  IF current_setting('crossfade.patience') <> '' THEN
    PERFORM set_config('lock_timeout', current_setting('crossfade.patience'), true), set_config('crossfade.patience', '', true);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION crossfade.regain_patience() IS 'Crossfade: the lock timeout is what it was before';

-- All that a client of the application may know: a version, a percentage, and the names to route.
CREATE FUNCTION crossfade.client_state() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  m crossfade.migration;
  lagging boolean;
  in_outbox_mode text[];
  held_back text[];
BEGIN
  SELECT * INTO m FROM crossfade.migration;
  SELECT coalesce(array_agg(DISTINCT t->>'name'), '{}'),
         coalesce(array_agg(DISTINCT s->'relation'->>'name') FILTER (WHERE NOT coalesce((t->>'staleReads')::boolean, false)), '{}')
    INTO in_outbox_mode, held_back
    FROM jsonb_array_elements(m.mapping->'targets') AS t, jsonb_array_elements(t->'sources') AS s
   WHERE t->>'mode' = 'outbox' AND NOT coalesce((s->>'stub')::boolean, false);
  -- A program that acts on a stale read posts twice: while keys wait too long, everybody reads old.
  -- What lags differs, so nothing is compared either.
  lagging := (m.read_percent > 0 OR m.in_sync AND m.shadow_percent > 0) AND EXISTS (
    SELECT FROM crossfade.outbox AS o
     WHERE o.enqueued_at < clock_timestamp() - m.lag_bound_ms * interval '1 millisecond'
       -- Of a table in outbox mode nobody reads from the new side who can't bear that.
       AND o.target <> ALL (in_outbox_mode)
       -- A key that only waits for its second look is not stale.
       AND (o.settled IS NULL OR o.not_before < clock_timestamp() - m.lag_bound_ms * interval '1 millisecond'));
  RETURN jsonb_build_object(
    'version', m.version,
    'percent', CASE WHEN lagging THEN 0 ELSE m.read_percent END,
    'shadow', CASE WHEN m.in_sync AND NOT lagging THEN m.shadow_percent ELSE 0 END,
    'schema', coalesce(m.mapping->>'oldSchema', 'public'),
    'tables', coalesce((SELECT jsonb_agg(c.relname ORDER BY c.relname) FROM pg_class AS c
                         WHERE c.relnamespace = 'crossfade_compat'::regnamespace AND c.relkind = 'v'
                           AND c.relname <> ALL (held_back)), '[]'),
    -- Names that must not be read from the new side, not even beside others that may.
    'heldBack', to_jsonb(held_back));
END
$$;
COMMENT ON FUNCTION crossfade.client_state() IS 'Crossfade: what clients may know';

CREATE FUNCTION crossfade.announce() RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
  UPDATE crossfade.migration SET version = version + 1;
  SELECT pg_notify('crossfade', (SELECT version::text FROM crossfade.migration));
END;
COMMENT ON FUNCTION crossfade.announce() IS 'Crossfade: tells every connected client to read its state again';

CREATE FUNCTION crossfade.stage_number(text) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN array_position(ARRAY['design', 'build', 'sync', 'reads', 'move', 'finish', 'rehearsal'], $1);
COMMENT ON FUNCTION crossfade.stage_number(text) IS 'Crossfade: the order of the stages';

-- Removes what a rollback could only silence, since somebody held a table. For the next command, under its lock timeout.
CREATE FUNCTION crossfade.sweep() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  undo record;
BEGIN
  FOR undo IN SELECT u.id, u.sql FROM crossfade.undo AS u, crossfade.migration AS m
               WHERE crossfade.stage_number(u.stage) > crossfade.stage_number(m.stage) ORDER BY u.id DESC LOOP
    EXECUTE undo.sql;
    DELETE FROM crossfade.undo AS u WHERE u.id = undo.id;
  END LOOP;
END
$$;
COMMENT ON FUNCTION crossfade.sweep() IS 'Crossfade: removes what a rollback left behind';

CREATE FUNCTION crossfade.status() RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT jsonb_build_object(
    'stage', m.stage, 'readPercent', m.read_percent, 'readSince', m.read_since, 'inSync', m.in_sync,
    'verifiedAt', m.verified_at, 'nativeOpen', m.native_open,
    'leftovers', (SELECT count(*) FROM crossfade.undo AS u WHERE crossfade.stage_number(u.stage) > crossfade.stage_number(m.stage)),
    'outbox', (SELECT jsonb_build_object('keys', count(*), 'oldestMs',
                 coalesce(round(extract(epoch FROM clock_timestamp() - min(o.enqueued_at)) * 1000), 0)) FROM crossfade.outbox AS o),
    'tables', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', t.unit->>'name', 'mode', t.unit->>'mode', 'staleReads', t.unit->'staleReads',
                      'keys', coalesce(w.keys, 0), 'oldestMs', coalesce(w.oldest_ms, 0)) ORDER BY t.place), '[]')
                 FROM jsonb_array_elements(m.mapping->'targets') WITH ORDINALITY AS t (unit, place)
                 LEFT JOIN (SELECT o.target, count(*) AS keys, round(extract(epoch FROM clock_timestamp() - min(o.enqueued_at)) * 1000) AS oldest_ms
                              FROM crossfade.outbox AS o GROUP BY o.target) AS w ON w.target = t.unit->>'name'),
    'paused', (SELECT jsonb_build_object('person', p.person, 'reason', p.reason, 'at', p.at) FROM crossfade.pause AS p),
    'throttles', (SELECT coalesce(jsonb_agg(jsonb_build_object('what', h.what, 'pace', h.pace, 'reason', h.reason, 'since', h.since) ORDER BY h.what, h.pid), '[]')
                    FROM crossfade.throttle AS h WHERE h.seen_at > clock_timestamp() - interval '10 seconds'),
    'journal', (SELECT jsonb_build_object('open', count(*) FILTER (WHERE j.accepted_at IS NULL), 'accepted', count(j.accepted_at))
                  FROM crossfade.journal AS j),
    'archived', EXISTS (SELECT FROM crossfade.undo AS u WHERE u.stage = 'finish' AND NOT starts_with(u.statement, 'check-again:')),
    'unchecked', coalesce(jsonb_array_length(m.finished->'unchecked'), 0),
    'checkAgain', (SELECT count(*) FROM crossfade.undo AS u WHERE u.stage = 'finish' AND starts_with(u.statement, 'check-again:')),
    'workers', (SELECT count(*) FROM crossfade.worker AS w WHERE w.beat_at > clock_timestamp() - interval '10 seconds'),
    'backfill', (SELECT coalesce(jsonb_object_agg(b.target, jsonb_build_object('rows', b.rows, 'done', b.done)), '{}') FROM (SELECT p.target, sum(p.rows) AS rows, bool_and(p.done) AS done FROM crossfade.backfill AS p GROUP BY p.target) AS b),
    'conflicts', (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM crossfade.conflicts))
  FROM crossfade.migration AS m;
END;
COMMENT ON FUNCTION crossfade.status() IS 'Crossfade: where the consolidation stands';

-- A new table goes. If it was ever open, its rows may hold values that the old tables have no place for:
-- then it is set aside under crossfade_archive and can be brought back.
CREATE FUNCTION crossfade.retire(text, text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stem text := $2;
  kept text;
  copies integer := 1;
  columns text;
BEGIN
  IF to_regclass(format('%I.%I', $1, $2)) IS NULL THEN
    RETURN;
  END IF;
  IF NOT (SELECT m.ever_open FROM crossfade.migration AS m) THEN
    EXECUTE format('DROP TABLE %I.%I CASCADE', $1, $2);
    RETURN;
  END IF;
  CREATE SCHEMA IF NOT EXISTS crossfade_archive;
  REVOKE ALL ON SCHEMA crossfade_archive FROM PUBLIC;
  -- The name must be free, or the rollback would fail: two tables may begin alike, and the server cuts at 63 bytes.
  WHILE octet_length(stem) > 40 LOOP
    stem := left(stem, -1);
  END LOOP;
  stem := stem || to_char(clock_timestamp() AT TIME ZONE 'UTC', '_YYYYMMDD_HH24MISS');
  kept := stem;
  WHILE to_regclass(format('crossfade_archive.%I', kept)) IS NOT NULL LOOP
    copies := copies + 1;
    kept := stem || '_' || copies;
  END LOOP;
  -- A type that came with the new schema goes with it, so its values are kept as text.
  SELECT string_agg(CASE WHEN y.typnamespace = c.relnamespace OR e.typnamespace = c.relnamespace
                         THEN format('%1$I::text AS %1$I', a.attname) ELSE format('%I', a.attname) END, ', ' ORDER BY a.attnum)
    INTO columns
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type AS y ON y.oid = a.atttypid LEFT JOIN pg_type AS e ON e.oid = y.typelem AND y.typcategory = 'A'
   WHERE c.oid = to_regclass(format('%I.%I', $1, $2));
  EXECUTE format('CREATE TABLE crossfade_archive.%I AS SELECT %s FROM %I.%I', kept, columns, $1, $2);
  EXECUTE format('COMMENT ON TABLE crossfade_archive.%I IS %L', kept,
    format('Crossfade: %s.%s as it was when it was rolled back. All that the old tables can hold is in them; this keeps the rest.', $1, $2));
  EXECUTE format('DROP TABLE %I.%I CASCADE', $1, $2);
END
$$;
COMMENT ON FUNCTION crossfade.retire(text, text) IS 'Crossfade: drops a new table, or sets it aside where it may hold more than the old ones';

-- Goes back one stage. The same code for the tool and for any SQL console: select crossfade.rollback(); so it can't
-- trust the console's search path, in which somebody may have put a function of his own.
CREATE FUNCTION crossfade.rollback() RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  m crossfade.migration;
  undo record;
  earlier text;
  attempt integer := 0;
  silenced boolean := false;
BEGIN
  SELECT * INTO m FROM crossfade.migration FOR UPDATE;
  IF m.stage = 'finish' THEN
    RAISE EXCEPTION 'the consolidation is finished' USING ERRCODE = 'CF005',
      HINT = 'Run `crossfade rollback`, which brings the archived tables back.';
  END IF;
  IF m.stage = 'design' THEN
    RETURN 'design';
  END IF;
  -- First what takes effect at once and needs no lock on any table.
  IF m.stage = 'reads' THEN
    UPDATE crossfade.migration SET read_percent = 0, read_since = NULL, stage = 'sync';
    PERFORM crossfade.announce();
    INSERT INTO crossfade.history (command, ended_at, outcome) VALUES ('rollback from reads', clock_timestamp(), 'done');
    RETURN 'sync';
  END IF;
  earlier := CASE m.stage WHEN 'move' THEN 'reads' WHEN 'sync' THEN 'build' ELSE 'design' END;
  PERFORM set_config('lock_timeout', '100ms', true);
  LOOP
    BEGIN
      -- Also what an earlier rollback had to leave behind.
      FOR undo IN SELECT u.id, u.sql FROM crossfade.undo AS u
                   WHERE crossfade.stage_number(u.stage) >= crossfade.stage_number(m.stage) ORDER BY u.id DESC LOOP
        EXECUTE undo.sql;
        DELETE FROM crossfade.undo AS u WHERE u.id = undo.id;
      END LOOP;
      EXIT;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
      attempt := attempt + 1;
      IF attempt >= 20 THEN
        -- Somebody holds a table. What silences the stage needs no lock on any; its triggers go with the next command.
        FOR undo IN SELECT u.silence FROM crossfade.undo AS u WHERE u.stage = m.stage AND u.silence IS NOT NULL ORDER BY u.id DESC LOOP
          EXECUTE undo.silence;
        END LOOP;
        silenced := FOUND;
        IF NOT silenced THEN
          RAISE;
        END IF;
        EXIT;
      END IF;
      PERFORM pg_sleep(0.05 + random() * least(0.05 * attempt, 0.5));
    END;
  END LOOP;
  UPDATE crossfade.migration
     SET stage = earlier,
         native_open = native_open AND earlier = 'move',
         in_sync = in_sync AND earlier IN ('sync', 'reads'),
         verified_at = CASE WHEN earlier IN ('sync', 'reads') THEN verified_at END;
  IF m.stage = 'sync' THEN
    -- What an applier holds at this moment is not waited for, while the tables are locked: the next sync begins with none.
    DELETE FROM crossfade.outbox WHERE (target, id) IN (SELECT o.target, o.id FROM crossfade.outbox AS o FOR UPDATE SKIP LOCKED);
    DELETE FROM crossfade.backfill WHERE (target, part) IN (SELECT b.target, b.part FROM crossfade.backfill AS b FOR UPDATE SKIP LOCKED);
    DELETE FROM crossfade.journal WHERE id IN (SELECT j.id FROM crossfade.journal AS j FOR UPDATE SKIP LOCKED);
    DELETE FROM crossfade.acceptance;
    PERFORM crossfade.forget_reads();
  END IF;
  PERFORM crossfade.announce();
  INSERT INTO crossfade.history (command, ended_at, outcome) VALUES ('rollback from ' || m.stage, clock_timestamp(), CASE WHEN silenced THEN 'done; triggers silenced, not yet removed' ELSE 'done' END);
  RETURN earlier;
END
$$;
COMMENT ON FUNCTION crossfade.rollback() IS 'Crossfade: goes back one stage, from any SQL console';

REVOKE ALL ON SCHEMA crossfade, crossfade_compat FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA crossfade FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA crossfade FROM PUBLIC;
GRANT USAGE ON SCHEMA crossfade TO PUBLIC;
GRANT EXECUTE ON FUNCTION crossfade.client_state() TO PUBLIC;
