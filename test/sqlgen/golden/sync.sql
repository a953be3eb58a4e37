-- apply:members: the one way in which rows of new_schema.members are computed from old rows
CREATE OR REPLACE FUNCTION "crossfade"."apply_members"(text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $crossfade$

#variable_conflict use_column
DECLARE
  crossfade_key text[] := ARRAY[($1::text)::text];
  crossfade_guard text := current_setting('crossfade.guard', true);
  crossfade_row record;
    crossfade_locked record;
    crossfade_former record;
    crossfade_other record;
    crossfade_found boolean;
    crossfade_there boolean;
    crossfade_result text;
    crossfade_ignored text;
BEGIN
  crossfade_ignored := set_config('crossfade.guard', crossfade.guard_for(1, crossfade_key::text), true);
  LOOP
    PERFORM 1 FROM "new_schema"."members" AS t WHERE "t"."email" = $1::text FOR NO KEY UPDATE;
    crossfade_there := FOUND;
    SELECT crossfade_new.*, (SELECT crossfade_l FROM "crossfade"."lineage_members" AS crossfade_l WHERE "crossfade_l"."email" = $1::text) AS crossfade_lineage INTO crossfade_row FROM (
SELECT p."email", p."name", p."phone", p."score", p."crossfade_has_1", p."crossfade_1_1", p."crossfade_1_2", p."crossfade_has_2", p."crossfade_2_1", p."crossfade_2_2",
       CASE WHEN p.crossfade_unfit IS NOT NULL THEN p.crossfade_unfit END AS crossfade_refusal
FROM (
SELECT q."email" AS "email",
       q."name" AS "name",
       q."phone" AS "phone",
       CASE WHEN (CASE WHEN q."score" = 'NaN' THEN true WHEN abs(round(q."score", 2)) >= 1e3 THEN false ELSE q."score" = q."score"::numeric(5,2) END) THEN q."score"::numeric(5,2) END AS "score",
       q."crossfade_has_1",
       q."crossfade_1_1",
       q."crossfade_1_2",
       q."crossfade_has_2",
       q."crossfade_2_1",
       q."crossfade_2_2",
       CASE WHEN q."score" IS NOT NULL AND NOT (CASE WHEN q."score" = 'NaN' THEN true WHEN abs(round(q."score", 2)) >= 1e3 THEN false ELSE q."score" = q."score"::numeric(5,2) END) THEN ARRAY[CASE WHEN abs(round(q."score", 2)) >= 1e3 THEN '22003' ELSE '22000' END, concat('column "score": ', left(q."score"::text, 80), ' does not fit numeric(5,2) without loss')]
            WHEN q."score" IS NULL THEN ARRAY['23502', 'null value in column "score" of relation "members" violates not-null constraint'] END AS crossfade_unfit
FROM (
  SELECT coalesce("s1"."email", "s2"."email") AS "email",
         coalesce("s1"."name", "s2"."name") AS "name",
         "s2"."phone" AS "phone",
         CASE WHEN "s1".crossfade_present IS NULL THEN (0)::numeric ELSE "s1"."score" END AS "score",
         "s1".crossfade_present IS NOT NULL AS "crossfade_has_1",
         "s1"."crossfade_1_1",
         "s1"."crossfade_1_2",
         "s2".crossfade_present IS NOT NULL AS "crossfade_has_2",
         "s2"."crossfade_2_1",
         "s2"."crossfade_2_2"
  FROM (SELECT) AS crossfade_one
  LEFT JOIN (
    SELECT ("people"."email")::text AS "email",
           "people"."name"::text AS "name",
           "people"."score"::numeric AS "score",
           true AS crossfade_present,
           "people"."id"::integer AS "crossfade_1_1",
           "people"."score"::numeric AS "crossfade_1_2"
    FROM "public"."people" AS "people" WHERE "people"."email" = $1::text
    OFFSET 0
  ) AS "s1" ON true
  LEFT JOIN (
    SELECT DISTINCT ON (1) (CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text AS "email",
           (full_name)::text AS "name",
           "contacts"."phone"::text AS "phone",
           true AS crossfade_present,
           "contacts"."email"::text AS "crossfade_2_1",
           "contacts"."full_name"::character varying(60) AS "crossfade_2_2"
    FROM (SELECT "contacts".* FROM "public"."contacts" AS "contacts" WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END = $1::text
    OFFSET 0) AS "contacts"
    ORDER BY 1, "contacts"."email"
    OFFSET 0
  ) AS "s2" ON true
 WHERE "s1".crossfade_present IS NOT NULL OR "s2".crossfade_present IS NOT NULL
) AS q
OFFSET 0
) AS p
    ) AS crossfade_new;
    crossfade_found := FOUND;
      IF crossfade_found AND crossfade_row.crossfade_refusal[1] = 'omit' THEN
        crossfade_found := false;
      ELSIF crossfade_found AND crossfade_row.crossfade_refusal IS NOT NULL THEN
        PERFORM crossfade.refuse_row(crossfade_row.crossfade_refusal);
      END IF;
    IF crossfade_there AND crossfade_found THEN
      
        UPDATE "new_schema"."members" AS t
           SET "name" = crossfade_row."name",
               "phone" = crossfade_row."phone",
               "score" = crossfade_row."score"
         WHERE "t"."email" = $1::text
           AND record_image_ne(ROW(t."name", t."phone", t."score"),
                               ROW(crossfade_row."name", crossfade_row."phone", crossfade_row."score"));
      IF record_image_ne(ROW((crossfade_row.crossfade_lineage)."crossfade_has_1", (crossfade_row.crossfade_lineage)."crossfade_1_1", (crossfade_row.crossfade_lineage)."crossfade_1_2", (crossfade_row.crossfade_lineage)."crossfade_has_2", (crossfade_row.crossfade_lineage)."crossfade_2_1", (crossfade_row.crossfade_lineage)."crossfade_2_2"),
                                 ROW(crossfade_row."crossfade_has_1", crossfade_row."crossfade_1_1", crossfade_row."crossfade_1_2", crossfade_row."crossfade_has_2", crossfade_row."crossfade_2_1", crossfade_row."crossfade_2_2")) THEN
                INSERT INTO "crossfade"."lineage_members" AS l ("email", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2")
                        VALUES (crossfade_row."email", crossfade_row."crossfade_has_1", crossfade_row."crossfade_1_1", crossfade_row."crossfade_1_2", crossfade_row."crossfade_has_2", crossfade_row."crossfade_2_1", crossfade_row."crossfade_2_2")
                        ON CONFLICT ("email") DO UPDATE
                           SET "crossfade_has_1" = excluded."crossfade_has_1", "crossfade_1_1" = excluded."crossfade_1_1", "crossfade_1_2" = excluded."crossfade_1_2", "crossfade_has_2" = excluded."crossfade_has_2", "crossfade_2_1" = excluded."crossfade_2_1", "crossfade_2_2" = excluded."crossfade_2_2"
                         WHERE record_image_ne(ROW(l."crossfade_has_1", l."crossfade_1_1", l."crossfade_1_2", l."crossfade_has_2", l."crossfade_2_1", l."crossfade_2_2"),
                                               ROW(excluded."crossfade_has_1", excluded."crossfade_1_1", excluded."crossfade_1_2", excluded."crossfade_has_2", excluded."crossfade_2_1", excluded."crossfade_2_2"));
              END IF;
      crossfade_result := 'updated';
      EXIT;
    ELSIF crossfade_found THEN
      -- The projection may be older than a row that another session inserts right now; the conflict says so.
      
    INSERT INTO "new_schema"."members" ("email", "name", "phone", "score")
    VALUES (crossfade_row."email", crossfade_row."name", crossfade_row."phone", crossfade_row."score")
    ON CONFLICT ("email") DO NOTHING;
    IF FOUND THEN
      INSERT INTO "crossfade"."lineage_members" AS l ("email", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2")
              VALUES (crossfade_row."email", crossfade_row."crossfade_has_1", crossfade_row."crossfade_1_1", crossfade_row."crossfade_1_2", crossfade_row."crossfade_has_2", crossfade_row."crossfade_2_1", crossfade_row."crossfade_2_2")
              ON CONFLICT ("email") DO UPDATE
                 SET "crossfade_has_1" = excluded."crossfade_has_1", "crossfade_1_1" = excluded."crossfade_1_1", "crossfade_1_2" = excluded."crossfade_1_2", "crossfade_has_2" = excluded."crossfade_has_2", "crossfade_2_1" = excluded."crossfade_2_1", "crossfade_2_2" = excluded."crossfade_2_2"
               WHERE record_image_ne(ROW(l."crossfade_has_1", l."crossfade_1_1", l."crossfade_1_2", l."crossfade_has_2", l."crossfade_2_1", l."crossfade_2_2"),
                                     ROW(excluded."crossfade_has_1", excluded."crossfade_1_1", excluded."crossfade_1_2", excluded."crossfade_has_2", excluded."crossfade_2_1", excluded."crossfade_2_2"));
      crossfade_result := 'inserted';
      EXIT;
    END IF;
    ELSIF crossfade_there THEN
      PERFORM "crossfade"."remove_members"($1::text);
      crossfade_result := 'deleted';
      EXIT;
    ELSE
      DELETE FROM "crossfade"."lineage_members" AS l WHERE "l"."email" = $1::text;
      crossfade_result := 'absent';
      EXIT;
    END IF;
  END LOOP;
  IF crossfade_result <> 'updated' THEN
    DELETE FROM crossfade.journal AS j WHERE j.target = 'members' AND j.key = crossfade_key;
  END IF;
  crossfade_ignored := set_config('crossfade.guard', coalesce(crossfade_guard, ''), true);
  RETURN crossfade_result;
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."apply_members"(text) IS 'Crossfade: makes the row of new_schema.members with this key what its old rows say it is';
REVOKE ALL ON FUNCTION "crossfade"."apply_members"(text) FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."apply_members"(text);

-- remove:members: the one way in which rows of new_schema.members go
CREATE OR REPLACE FUNCTION "crossfade"."remove_members"(text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $crossfade$

#variable_conflict use_column
DECLARE
  crossfade_guard text := current_setting('crossfade.guard', true);
  crossfade_origin record;
  crossfade_gone record;
  crossfade_ignored text;
BEGIN
  crossfade_ignored := set_config('crossfade.guard', crossfade.guard_for(1, (ARRAY[($1::text)::text])::text), true);
  DELETE FROM "crossfade"."lineage_members" AS l WHERE "l"."email" = $1::text;
  DELETE FROM "new_schema"."members" AS t WHERE "t"."email" = $1::text RETURNING t.* INTO crossfade_gone;
  crossfade_ignored := set_config('crossfade.guard', coalesce(crossfade_guard, ''), true);
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."remove_members"(text) IS 'Crossfade: takes the row of new_schema.members with this key away';
REVOKE ALL ON FUNCTION "crossfade"."remove_members"(text) FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."remove_members"(text);

-- touch:members: an old write never fails and never waits beyond its budget
CREATE OR REPLACE FUNCTION "crossfade"."touch_members"(text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $crossfade$

DECLARE
  crossfade_key text[] := ARRAY[($1)::text];
  crossfade_spent integer := crossfade.counter('crossfade.spent');
  crossfade_writes integer := crossfade.counter('crossfade.writes') + 1;
  crossfade_started timestamptz := clock_timestamp();
  crossfade_state text;
  crossfade_message text;
  -- An assignment costs a third of a PERFORM, which is a query.
  crossfade_ignored text;
BEGIN
  -- Reverse sync applies the key that it writes itself, when all old rows are written.
  IF current_setting('crossfade.guard', true) <> '' AND crossfade.is_guarded(1, crossfade_key::text) THEN
    RETURN;
  END IF;
  crossfade_ignored := set_config('crossfade.writes', crossfade_writes::text, true);
  -- A snapshot of the whole transaction may be too old to project from. And each caught error costs a
  -- subtransaction: past 64 of them, all other sessions' snapshots pay.
  IF crossfade_writes > 64 OR current_setting('transaction_isolation') <> 'read committed' THEN
    PERFORM crossfade.enqueue('members', crossfade_key, NULL, NULL);
    RETURN;
  END IF;
  BEGIN
    IF crossfade_spent > 0 THEN
      crossfade_ignored := set_config('lock_timeout', greatest(1, 100 - crossfade_spent / 1000)::text || 'ms', true);
    END IF;
    IF "crossfade"."apply_members"($1) = 'absent' THEN
      PERFORM crossfade.enqueue('members', crossfade_key, NULL, NULL);
    END IF;
  EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
    PERFORM crossfade.enqueue('members', crossfade_key, crossfade_state, crossfade_message);
  END;
  -- In microseconds. What takes no time has not waited.
  IF clock_timestamp() > crossfade_started + interval '200 microseconds' THEN
    crossfade_spent := least(999999999, crossfade_spent + ceil(extract(epoch FROM clock_timestamp() - crossfade_started) * 1000000));
    crossfade_ignored := set_config('crossfade.spent', crossfade_spent::text, true);
  END IF;
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."touch_members"(text) IS 'Crossfade: applies one key to new_schema.members within the budget, or puts it into the outbox';
REVOKE ALL ON FUNCTION "crossfade"."touch_members"(text) FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."touch_members"(text);

-- apply-many:members: the applier of new_schema.members keeps up with a hot table
CREATE OR REPLACE FUNCTION "crossfade"."apply_many_members"(integer) RETURNS bigint[]
LANGUAGE plpgsql VOLATILE
AS $crossfade$

#variable_conflict use_column
DECLARE
  crossfade_limit integer := $1;
  crossfade_ids bigint[];
  crossfade_last bigint;
  crossfade_part_1 text[];
  -- Keys as text.
  crossfade_locked text[];
  crossfade_done text[];
  crossfade_rows bigint;
  crossfade_guard text := current_setting('crossfade.guard', true);
BEGIN
  PERFORM set_config('crossfade.guard', crossfade.guard_for(1, '*'), true);
  LOOP
    BEGIN
      SELECT array_agg(q.id), max(q.id), array_agg((q.key)[1])
        INTO crossfade_ids, crossfade_last, crossfade_part_1
        FROM crossfade.due('members', crossfade_limit, true, NULL) AS q;
      IF crossfade_ids IS NULL THEN
        PERFORM set_config('crossfade.guard', coalesce(crossfade_guard, ''), true);
        RETURN ARRAY[0, NULL];
      END IF;
      crossfade_locked := ARRAY(
              SELECT (ARRAY[("t"."email")::text])::text FROM (SELECT DISTINCT u.part_1::text AS "email" FROM unnest(crossfade_part_1) AS u (part_1)) AS g JOIN "new_schema"."members" AS t ON "t"."email" = "g"."email"
               ORDER BY "t"."email" FOR NO KEY UPDATE OF t SKIP LOCKED);
      WITH given AS MATERIALIZED (SELECT DISTINCT u.part_1::text AS "email" FROM unnest(crossfade_part_1) AS u (part_1)
      ), projected AS MATERIALIZED (
        SELECT p."email", p."name", p."phone", p."score", p."crossfade_has_1", p."crossfade_1_1", p."crossfade_1_2", p."crossfade_has_2", p."crossfade_2_1", p."crossfade_2_2",
       CASE WHEN p.crossfade_unfit IS NOT NULL THEN p.crossfade_unfit END AS crossfade_refusal
FROM (
SELECT q."email" AS "email",
       q."name" AS "name",
       q."phone" AS "phone",
       CASE WHEN (CASE WHEN q."score" = 'NaN' THEN true WHEN abs(round(q."score", 2)) >= 1e3 THEN false ELSE q."score" = q."score"::numeric(5,2) END) THEN q."score"::numeric(5,2) END AS "score",
       q."crossfade_has_1",
       q."crossfade_1_1",
       q."crossfade_1_2",
       q."crossfade_has_2",
       q."crossfade_2_1",
       q."crossfade_2_2",
       CASE WHEN q."score" IS NOT NULL AND NOT (CASE WHEN q."score" = 'NaN' THEN true WHEN abs(round(q."score", 2)) >= 1e3 THEN false ELSE q."score" = q."score"::numeric(5,2) END) THEN ARRAY[CASE WHEN abs(round(q."score", 2)) >= 1e3 THEN '22003' ELSE '22000' END, concat('column "score": ', left(q."score"::text, 80), ' does not fit numeric(5,2) without loss')]
            WHEN q."score" IS NULL THEN ARRAY['23502', 'null value in column "score" of relation "members" violates not-null constraint'] END AS crossfade_unfit
FROM (
  SELECT coalesce("s1"."email", "s2"."email") AS "email",
           coalesce("s1"."name", "s2"."name") AS "name",
           "s2"."phone" AS "phone",
           CASE WHEN "s1".crossfade_present IS NULL THEN (0)::numeric ELSE "s1"."score" END AS "score",
           "s1".crossfade_present IS NOT NULL AS "crossfade_has_1",
           "s1"."crossfade_1_1",
           "s1"."crossfade_1_2",
           "s2".crossfade_present IS NOT NULL AS "crossfade_has_2",
           "s2"."crossfade_2_1",
           "s2"."crossfade_2_2"
    FROM (
      SELECT ("people"."email")::text AS "email",
             "people"."name"::text AS "name",
             "people"."score"::numeric AS "score",
             true AS crossfade_present,
             "people"."id"::integer AS "crossfade_1_1",
             "people"."score"::numeric AS "crossfade_1_2"
      FROM "public"."people" AS "people" WHERE EXISTS (SELECT FROM (SELECT "g"."email" FROM given AS g) AS crossfade_given ("crossfade_key_1") WHERE "people"."email" = crossfade_given."crossfade_key_1")
      OFFSET 0
    ) AS "s1"
    FULL JOIN (
      SELECT DISTINCT ON (1) (CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text AS "email",
             (full_name)::text AS "name",
             "contacts"."phone"::text AS "phone",
             true AS crossfade_present,
             "contacts"."email"::text AS "crossfade_2_1",
             "contacts"."full_name"::character varying(60) AS "crossfade_2_2"
      FROM "public"."contacts" AS "contacts" WHERE EXISTS (SELECT FROM (SELECT "g"."email" FROM given AS g) AS crossfade_given ("crossfade_key_1") WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END = crossfade_given."crossfade_key_1")
      ORDER BY 1, "contacts"."email"
      OFFSET 0
    ) AS "s2" ON "s1"."email" = "s2"."email"
) AS q
OFFSET 0
) AS p
      ), held AS MATERIALIZED (
        SELECT "t"."email" FROM given AS g JOIN "new_schema"."members" AS t ON "t"."email" = "g"."email"
      ), changed AS MATERIALIZED (
        SELECT p.* FROM projected AS p JOIN held AS h ON "h"."email" = "p"."email"
         WHERE p.crossfade_refusal IS NULL AND ((ARRAY[("p"."email")::text])::text IN (SELECT u.line FROM unnest(crossfade_locked) AS u (line))) IS TRUE
      ), added AS MATERIALIZED (
        SELECT p.* FROM projected AS p
         WHERE p.crossfade_refusal IS NULL AND ("p"."email" IN (SELECT "crossfade_member"."email" FROM held AS crossfade_member)) IS NOT TRUE
      ), updated AS (
        UPDATE "new_schema"."members" AS t SET "name" = c."name", "phone" = c."phone", "score" = c."score" FROM changed AS c
         WHERE "t"."email" = "c"."email" AND record_image_ne(ROW(t."name", t."phone", t."score"), ROW(c."name", c."phone", c."score"))
      ), inserted AS (
        INSERT INTO "new_schema"."members" ("email", "name", "phone", "score")
        SELECT a."email", a."name", a."phone", a."score" FROM added AS a ORDER BY "a"."email"
        ON CONFLICT ("email") DO NOTHING RETURNING "email"
      ), arrived AS MATERIALIZED (
        SELECT a.* FROM added AS a WHERE ("a"."email" IN (SELECT "crossfade_member"."email" FROM inserted AS crossfade_member)) IS TRUE
      ), gone AS MATERIALIZED (
        SELECT "h"."email" FROM held AS h
         WHERE ((ARRAY[("h"."email")::text])::text IN (SELECT u.line FROM unnest(crossfade_locked) AS u (line))) IS TRUE AND ("h"."email" IN (SELECT "crossfade_member"."email" FROM projected AS crossfade_member)) IS NOT TRUE
      ), removed AS (
        DELETE FROM "new_schema"."members" AS t USING gone AS g WHERE "t"."email" = "g"."email"
      ), unrecorded AS (
        DELETE FROM "crossfade"."lineage_members" AS l USING gone AS g WHERE "l"."email" = "g"."email"
      ), recorded AS (
        INSERT INTO "crossfade"."lineage_members" AS l ("email", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2")
        SELECT w."email", w."crossfade_has_1", w."crossfade_1_1", w."crossfade_1_2", w."crossfade_has_2", w."crossfade_2_1", w."crossfade_2_2" FROM (SELECT * FROM changed UNION ALL SELECT * FROM arrived) AS w
        ON CONFLICT ("email") DO UPDATE SET "crossfade_has_1" = excluded."crossfade_has_1", "crossfade_1_1" = excluded."crossfade_1_1", "crossfade_1_2" = excluded."crossfade_1_2", "crossfade_has_2" = excluded."crossfade_has_2", "crossfade_2_1" = excluded."crossfade_2_1", "crossfade_2_2" = excluded."crossfade_2_2" WHERE record_image_ne(ROW(l."crossfade_has_1", l."crossfade_1_1", l."crossfade_1_2", l."crossfade_has_2", l."crossfade_2_1", l."crossfade_2_2"), ROW(excluded."crossfade_has_1", excluded."crossfade_1_1", excluded."crossfade_1_2", excluded."crossfade_has_2", excluded."crossfade_2_1", excluded."crossfade_2_2"))
      )
      SELECT array_agg(d.k) INTO crossfade_done FROM (
              SELECT (ARRAY[("c"."email")::text])::text AS k FROM changed AS c UNION ALL SELECT (ARRAY[("a"."email")::text])::text FROM arrived AS a UNION ALL SELECT (ARRAY[("g"."email")::text])::text FROM gone AS g) AS d;
      DELETE FROM crossfade.journal AS j
       USING unnest(crossfade_done) AS u (k) WHERE j.target = 'members' AND j.key = u.k::text[];
      DELETE FROM crossfade.outbox AS o
       WHERE o.target = 'members' AND o.id = ANY (crossfade_ids) AND (o.key::text IN (SELECT u.line FROM unnest(crossfade_done) AS u (line))) IS TRUE;
      GET DIAGNOSTICS crossfade_rows = ROW_COUNT;
      PERFORM set_config('crossfade.guard', coalesce(crossfade_guard, ''), true);
      RETURN ARRAY[crossfade_rows, CASE WHEN cardinality(crossfade_ids) = crossfade_limit THEN crossfade_last END];
    EXCEPTION WHEN OTHERS THEN
      -- Of a few keys the one is found that does not fit.
      IF crossfade_limit <= 50 THEN
        PERFORM set_config('crossfade.guard', coalesce(crossfade_guard, ''), true);
        RETURN ARRAY[0, NULL];
      END IF;
      crossfade_limit := greatest(50, crossfade_limit / 8);
    END;
  END LOOP;
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."apply_many_members"(integer) IS 'Crossfade: applies many keys of the outbox to new_schema.members at once, where nothing speaks against it';
REVOKE ALL ON FUNCTION "crossfade"."apply_many_members"(integer) FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."apply_many_members"(integer);

-- drain:members: applies what waits in the outbox for new_schema.members
CREATE OR REPLACE FUNCTION "crossfade"."drain_members"(integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET standard_conforming_strings = on
SET jit = off
SET plan_cache_mode = force_generic_plan
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET "IntervalStyle" = 'postgres'
SET extra_float_digits = 1
SET bytea_output = 'hex'
SET lock_timeout = '50ms'
AS $crossfade$

#variable_conflict use_column
DECLARE
  crossfade_item record;
  crossfade_result text;
  crossfade_state text;
  crossfade_message text;
  crossfade_constraint text;
  -- What a row waits for: a parent, or the key that has a value of its own; as text[].
  crossfade_waits text;
  crossfade_patience text := '50ms';
  crossfade_ignored text;
  crossfade_settled xid8;
  crossfade_second boolean;
  crossfade_absorbed boolean := false;
  crossfade_many bigint[] := "crossfade"."apply_many_members"($1);
  crossfade_done integer := crossfade_many[1];
BEGIN
  FOR crossfade_item IN
    SELECT o.id, o.key, o.source, o.link, o.settled, o.attempts
      FROM crossfade.due('members', least($1, 50), false, crossfade_many[2]) AS o
  LOOP
    IF crossfade_absorbed AND NOT EXISTS (SELECT FROM crossfade.outbox AS o WHERE o.target = 'members' AND o.id = crossfade_item.id) THEN
      crossfade_done := crossfade_done + 1;
      CONTINUE;
    END IF;
    IF crossfade_item.settled IS NULL AND (crossfade_item.source IS NULL OR crossfade_item.link IS NOT NULL) THEN
      -- One look does for all that ask for it now: a thousand rows with one link would each have a thousand looked at.
      DELETE FROM crossfade.outbox WHERE target = 'members' AND id IN (
        SELECT o.id FROM crossfade.outbox AS o
         WHERE o.target = 'members' AND o.key = crossfade_item.key AND o.id <> crossfade_item.id AND o.settled IS NULL
           AND o.source IS NOT DISTINCT FROM crossfade_item.source AND o.link IS NOT DISTINCT FROM crossfade_item.link
           FOR UPDATE SKIP LOCKED);
      crossfade_absorbed := crossfade_absorbed OR FOUND;
    END IF;
    -- Asked before the look itself: what ends while it lasts may not be in it. Null at the first look.
    -- What the first look wrote into the journal nobody could see before its end: who is to find it there, and has
    -- begun since, is waited for, too. So the transactions are those older than that of the look that follows ('0');
    -- pg_snapshot_xmax would not name them: it follows the youngest that has ended, and what runs may be younger.
    crossfade_settled := CASE WHEN crossfade_item.settled = '0' THEN pg_current_xact_id() ELSE crossfade_item.settled END;
    crossfade_second := NOT crossfade.has_writer_before(crossfade_settled, ARRAY[to_regclass('"public"."people"'), to_regclass('"public"."contacts"')]);
    crossfade_ignored := set_config('lock_timeout', crossfade_patience, true);
    BEGIN
      crossfade_waits := NULL;
      IF crossfade_item.link IS NOT NULL THEN
        crossfade_result := 'linked';
      ELSIF crossfade_item.source IS NOT NULL THEN
        crossfade_result := 'noted';
        IF crossfade_item.source = 'people' THEN
          PERFORM crossfade.journal_keyless('members', 'people', crossfade_item.key);
          PERFORM FROM crossfade.journal AS j WHERE j.target = 'members' AND j.source = 'people' AND j.old_key = crossfade_item.key FOR UPDATE;
          IF NOT EXISTS (SELECT FROM "public"."people" AS "people" WHERE NOT ("people"."email" IS NOT NULL)
                            AND ROW("people"."id") = ROW((crossfade_item.key)[1]::integer)) THEN
            DELETE FROM crossfade.journal AS j WHERE j.target = 'members' AND j.source = 'people' AND j.old_key = crossfade_item.key;
          END IF;
        END IF;
        IF crossfade_item.source = 'contacts' THEN
          PERFORM crossfade.journal_keyless('members', 'contacts', crossfade_item.key);
          PERFORM FROM crossfade.journal AS j WHERE j.target = 'members' AND j.source = 'contacts' AND j.old_key = crossfade_item.key FOR UPDATE;
          IF NOT EXISTS (SELECT FROM "public"."contacts" AS "contacts" WHERE NOT (CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END IS NOT NULL)
                            AND ROW("contacts"."email") = ROW((crossfade_item.key)[1]::text)) THEN
            DELETE FROM crossfade.journal AS j WHERE j.target = 'members' AND j.source = 'contacts' AND j.old_key = crossfade_item.key;
          END IF;
        END IF;
      ELSIF crossfade_item.key = '{}' THEN
        crossfade_result := 'spread';
        IF crossfade_item.settled IS NULL OR crossfade_second THEN
        IF EXISTS (SELECT FROM crossfade.outbox AS o WHERE o.target = 'members' AND o.key = '{}' AND o.source IS NULL AND o.id = crossfade_item.id) THEN
          INSERT INTO crossfade.outbox (target, key)
          SELECT 'members', u.key FROM (SELECT ARRAY[("people"."email")::text] FROM "public"."people" AS "people" WHERE "people"."email" IS NOT NULL
            UNION SELECT ARRAY[(CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text] FROM "public"."contacts" AS "contacts" WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END IS NOT NULL
            UNION SELECT ARRAY[("l"."email")::text] FROM "crossfade"."lineage_members" AS l
            UNION SELECT ARRAY[("t"."email")::text] FROM "new_schema"."members" AS t
            UNION SELECT j.key FROM crossfade.journal AS j WHERE j.target = 'members' AND j.key IS NOT NULL) AS u (key);
          INSERT INTO crossfade.outbox (target, source, key)
          SELECT 'members', u.source, u.key FROM (SELECT 'people', ARRAY[("people"."id")::text] FROM "public"."people" AS "people" WHERE NOT ("people"."email" IS NOT NULL)
            UNION SELECT 'contacts', ARRAY[("contacts"."email")::text] FROM "public"."contacts" AS "contacts" WHERE NOT (CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END IS NOT NULL)
            UNION SELECT j.source, j.old_key FROM crossfade.journal AS j WHERE j.target = 'members' AND j.source IS NOT NULL) AS u (source, key);
          DELETE FROM crossfade.outbox WHERE target = 'members' AND id IN (SELECT o.id FROM crossfade.outbox AS o WHERE o.target = 'members' AND o.key = '{}' AND o.source IS NULL FOR UPDATE SKIP LOCKED);
        END IF;
        END IF;
      ELSE
        IF crossfade_second THEN
          -- Who takes the entry out of the journal right now has made the row, and is waited for: this look is the last.
          PERFORM FROM crossfade.journal AS j WHERE j.target = 'members' AND j.key = crossfade_item.key FOR UPDATE;
        END IF;
        crossfade_result := "crossfade"."apply_members"((crossfade_item.key)[1]::text);
        IF crossfade_result IN ('inserted', 'updated') THEN
          DELETE FROM crossfade.journal AS j WHERE j.target = 'members' AND j.key = crossfade_item.key;
        END IF;
      END IF;
    EXCEPTION
      WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded THEN
        crossfade_result := 'wrong';
        GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT,
                                crossfade_constraint = CONSTRAINT_NAME, crossfade_waits = PG_EXCEPTION_DETAIL;
        IF crossfade_constraint NOT IN ('crossfade_parent', 'crossfade_unique') THEN
          crossfade_waits := NULL;
        END IF;
      WHEN feature_not_supported THEN
        -- A plan that a changed column has made old passes; a value that a cast has no place for (NaN, as an integer) stays.
        crossfade_result := CASE WHEN crossfade_item.attempts < 3 THEN 'later' ELSE 'wrong' END;
        GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
      WHEN OTHERS THEN
        crossfade_result := 'later';
        GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
    END;
    IF crossfade_result = 'wrong' AND crossfade_item.source IS NULL AND crossfade_item.key <> '{}' THEN
      BEGIN
        PERFORM crossfade.journal_key('members', crossfade_item.key, crossfade_state, crossfade_message, crossfade_waits);
        PERFORM "crossfade"."remove_members"((crossfade_item.key)[1]::text);
        crossfade_result := 'journaled';
      EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
      END;
    END IF;

    -- The outbox's own rows are held already, and its room on the disk is worth waiting for.
    crossfade_ignored := set_config('lock_timeout', '0', true);
    IF crossfade_result IN ('wrong', 'later') THEN
      IF crossfade_state = '55P03' THEN
        -- Whoever waits for a row of this batch has waited long enough for those of others.
        crossfade_patience := '1ms';
      END IF;
      UPDATE crossfade.outbox AS o
         SET attempts = o.attempts + 1, sqlstate = crossfade_state, message = crossfade_message,
             not_before = clock_timestamp() + least(30, 0.02 * 2 ^ least(o.attempts, 11)) * interval '1 second'
       WHERE o.target = 'members' AND o.id = crossfade_item.id;
    ELSIF crossfade_result NOT IN ('absent', 'journaled') OR crossfade_second THEN
      DELETE FROM crossfade.outbox AS o WHERE o.target = 'members' AND o.id = crossfade_item.id;
      crossfade_done := crossfade_done + 1;
    ELSE
      UPDATE crossfade.outbox AS o
         SET settled = coalesce(crossfade_settled, '0'),
             not_before = CASE WHEN o.settled IS NULL THEN o.not_before ELSE clock_timestamp() + interval '50 milliseconds' END
       WHERE o.target = 'members' AND o.id = crossfade_item.id;
      IF crossfade_item.settled IS NULL THEN
        crossfade_done := crossfade_done + 1;
      END IF;
    END IF;
  END LOOP;
  RETURN crossfade_done;
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."drain_members"(integer) IS 'Crossfade: applies up to so many keys of the outbox to new_schema.members';
REVOKE ALL ON FUNCTION "crossfade"."drain_members"(integer) FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."drain_members"(integer);

-- reverse-function:members: brings each native write to new_schema.members to the old tables
CREATE OR REPLACE FUNCTION "crossfade"."reverse_members"() RETURNS trigger
LANGUAGE plpgsql VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET standard_conforming_strings = on
SET jit = off
SET plan_cache_mode = force_generic_plan
AS $crossfade$

#variable_conflict use_column
DECLARE
  crossfade_had record;
  crossfade_has record;
  crossfade_key text[];
  crossfade_result text;
  crossfade_lawful boolean;
  crossfade_exempt text[] := '{}';
  crossfade_lost text[] := '{}';
  crossfade_set text;
  crossfade_rows bigint;
  crossfade_locked bigint;
  crossfade_forms text[];
  crossfade_ignored text;
  crossfade_guard text := coalesce(current_setting('crossfade.guard', true), '');
  "crossfade_old_key_1" text;
    "crossfade_new_key_1" text;
    "crossfade_found_1" boolean;
    "crossfade_before_1" record;
    "crossfade_after_1" record;
    "crossfade_written_1" record;
    "crossfade_made_1" boolean := false;
    "crossfade_found_2" boolean;
    "crossfade_before_2" record;
    "crossfade_after_2" record;
    "crossfade_written_2" record;
    "crossfade_made_2" boolean := false;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    "crossfade_old_key_1" := OLD."email";
  END IF;
  IF TG_OP <> 'DELETE' THEN
    "crossfade_new_key_1" := NEW."email";
  END IF;
  IF TG_OP = 'DELETE' THEN
    crossfade_key := ARRAY[("crossfade_old_key_1")::text];
  ELSE
    crossfade_key := ARRAY[("crossfade_new_key_1")::text];
  END IF;
  IF crossfade.is_guarded(1, crossfade_key::text) THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NOT ("crossfade_old_key_1" = "crossfade_new_key_1") THEN
      RAISE EXCEPTION 'the key of % can''t be changed while the old tables are in use', TG_RELID::regclass
        USING ERRCODE = 'CF002', HINT = 'Delete the row and insert it under its new key.';
    END IF;
    IF record_image_eq(ROW(OLD."email", OLD."name", OLD."phone", OLD."score"), ROW(NEW."email", NEW."name", NEW."phone", NEW."score")) THEN
      RETURN NULL;
    END IF;
  END IF;

  -- From here on it holds old rows: see crossfade.lose_patience.
  crossfade_ignored := set_config('crossfade.native', 'yes', true);
  crossfade_forms := crossfade.pin_forms();
  -- The old rows in the shape that the written row gives them, before and after. What is going to be written is
  -- locked first. Whoever holds it has not brought his change here yet, and may be waiting for the new row, which
  -- this transaction holds: so it is never waited for.
  IF TG_OP = 'DELETE' THEN
    SELECT count(*) INTO crossfade_rows FROM "public"."people" AS "people" WHERE "people"."email" = "crossfade_old_key_1";
    PERFORM 1 FROM "public"."people" AS "people" WHERE "people"."email" = "crossfade_old_key_1" FOR UPDATE SKIP LOCKED;
    GET DIAGNOSTICS crossfade_locked = ROW_COUNT;
    IF crossfade_locked < crossfade_rows THEN
      PERFORM crossfade.refuse_native('members', crossfade_key);
    END IF;
  ELSIF TG_OP = 'INSERT' THEN
    SELECT ("members"."email"::text)::text AS "email", ("members"."name"::text)::text AS "name", ("members"."score"::numeric)::numeric AS "score" INTO "crossfade_after_1" FROM (SELECT NEW.*) AS "members";
  ELSIF TG_OP = 'UPDATE' AND record_image_ne(ROW(OLD."name", OLD."score"), ROW(NEW."name", NEW."score")) THEN
    SELECT count(*) INTO crossfade_rows FROM "public"."people" AS "people" WHERE "people"."email" = "crossfade_old_key_1";
    "crossfade_found_1" := crossfade_rows > 0;
    IF "crossfade_found_1" THEN
    SELECT ("members"."email"::text)::text AS "email", ("members"."name"::text)::text AS "name", CASE WHEN record_image_ne(ROW(OLD."score"), ROW(NEW."score")) THEN ("members"."score"::numeric)::numeric END AS "score" INTO "crossfade_before_1" FROM (SELECT OLD.*) AS "members";
    SELECT ("members"."email"::text)::text AS "email", ("members"."name"::text)::text AS "name", CASE WHEN record_image_ne(ROW(OLD."score"), ROW(NEW."score")) THEN ("members"."score"::numeric)::numeric END AS "score" INTO "crossfade_after_1" FROM (SELECT NEW.*) AS "members";
    -- A condition of its own: even to name a field of a row that isn't shaped is an error.
    IF record_image_ne(ROW("crossfade_before_1"."name", "crossfade_before_1"."score"), ROW("crossfade_after_1"."name", "crossfade_after_1"."score")) THEN
    PERFORM 1 FROM "public"."people" AS "people" WHERE "people"."email" = "crossfade_old_key_1" FOR NO KEY UPDATE SKIP LOCKED;
    GET DIAGNOSTICS crossfade_locked = ROW_COUNT;
    IF crossfade_locked < crossfade_rows THEN
      PERFORM crossfade.refuse_native('members', crossfade_key);
    END IF;
    END IF;
    END IF;
  END IF;
  IF TG_OP = 'DELETE' THEN
    SELECT count(*) INTO crossfade_rows FROM "public"."contacts" AS "contacts" WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END = "crossfade_old_key_1";
    PERFORM 1 FROM "public"."contacts" AS "contacts" WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END = "crossfade_old_key_1" FOR UPDATE SKIP LOCKED;
    GET DIAGNOSTICS crossfade_locked = ROW_COUNT;
    IF crossfade_locked < crossfade_rows THEN
      PERFORM crossfade.refuse_native('members', crossfade_key);
    END IF;
  ELSIF TG_OP = 'UPDATE' AND record_image_ne(ROW(OLD."name", OLD."phone"), ROW(NEW."name", NEW."phone")) THEN
    SELECT count(*) INTO crossfade_rows FROM "public"."contacts" AS "contacts" WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END = "crossfade_old_key_1";
    "crossfade_found_2" := crossfade_rows > 0;
    IF "crossfade_found_2" THEN
    SELECT CASE WHEN record_image_ne(ROW(OLD."name"), ROW(NEW."name")) THEN ("members"."name"::character varying(60))::character varying(60) END AS "full_name", ("members"."phone"::text)::text AS "phone" INTO "crossfade_before_2" FROM (SELECT OLD.*) AS "members";
    SELECT CASE WHEN record_image_ne(ROW(OLD."name"), ROW(NEW."name")) THEN ("members"."name"::character varying(60))::character varying(60) END AS "full_name", ("members"."phone"::text)::text AS "phone" INTO "crossfade_after_2" FROM (SELECT NEW.*) AS "members";
    -- A condition of its own: even to name a field of a row that isn't shaped is an error.
    IF record_image_ne(ROW("crossfade_before_2"."full_name", "crossfade_before_2"."phone"), ROW("crossfade_after_2"."full_name", "crossfade_after_2"."phone")) THEN
    PERFORM 1 FROM "public"."contacts" AS "contacts" WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END = "crossfade_old_key_1" FOR NO KEY UPDATE SKIP LOCKED;
    GET DIAGNOSTICS crossfade_locked = ROW_COUNT;
    IF crossfade_locked < crossfade_rows THEN
      PERFORM crossfade.refuse_native('members', crossfade_key);
    END IF;
    END IF;
    END IF;
  END IF;

  -- Law before. A parent that the same statement deletes is gone already.
  BEGIN
    IF TG_OP = 'INSERT' THEN
      SELECT p."email", p."name", p."phone", p."score", p."crossfade_has_1", p."crossfade_1_1", p."crossfade_1_2", p."crossfade_has_2", p."crossfade_2_1", p."crossfade_2_2",
       CASE WHEN p.crossfade_unfit IS NOT NULL THEN p.crossfade_unfit END AS crossfade_refusal
FROM (
SELECT q."email" AS "email",
       q."name" AS "name",
       q."phone" AS "phone",
       CASE WHEN (CASE WHEN q."score" = 'NaN' THEN true WHEN abs(round(q."score", 2)) >= 1e3 THEN false ELSE q."score" = q."score"::numeric(5,2) END) THEN q."score"::numeric(5,2) END AS "score",
       q."crossfade_has_1",
       q."crossfade_1_1",
       q."crossfade_1_2",
       q."crossfade_has_2",
       q."crossfade_2_1",
       q."crossfade_2_2",
       CASE WHEN q."score" IS NOT NULL AND NOT (CASE WHEN q."score" = 'NaN' THEN true WHEN abs(round(q."score", 2)) >= 1e3 THEN false ELSE q."score" = q."score"::numeric(5,2) END) THEN ARRAY[CASE WHEN abs(round(q."score", 2)) >= 1e3 THEN '22003' ELSE '22000' END, concat('column "score": ', left(q."score"::text, 80), ' does not fit numeric(5,2) without loss')]
            WHEN q."score" IS NULL THEN ARRAY['23502', 'null value in column "score" of relation "members" violates not-null constraint'] END AS crossfade_unfit
FROM (
  SELECT coalesce("s1"."email", "s2"."email") AS "email",
           coalesce("s1"."name", "s2"."name") AS "name",
           "s2"."phone" AS "phone",
           CASE WHEN "s1".crossfade_present IS NULL THEN (0)::numeric ELSE "s1"."score" END AS "score",
           "s1".crossfade_present IS NOT NULL AS "crossfade_has_1",
           "s1"."crossfade_1_1",
           "s1"."crossfade_1_2",
           "s2".crossfade_present IS NOT NULL AS "crossfade_has_2",
           "s2"."crossfade_2_1",
           "s2"."crossfade_2_2"
    FROM (SELECT) AS crossfade_one
    LEFT JOIN (
      SELECT ("people"."email")::text AS "email",
             "people"."name"::text AS "name",
             "people"."score"::numeric AS "score",
             true AS crossfade_present,
             "people"."id"::integer AS "crossfade_1_1",
             "people"."score"::numeric AS "crossfade_1_2"
      FROM "public"."people" AS "people" WHERE "people"."email" = "crossfade_new_key_1"
      OFFSET 0
    ) AS "s1" ON true
    LEFT JOIN (
      SELECT DISTINCT ON (1) (CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text AS "email",
             (full_name)::text AS "name",
             "contacts"."phone"::text AS "phone",
             true AS crossfade_present,
             "contacts"."email"::text AS "crossfade_2_1",
             "contacts"."full_name"::character varying(60) AS "crossfade_2_2"
      FROM (SELECT "contacts".* FROM "public"."contacts" AS "contacts" WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END = "crossfade_new_key_1"
          OFFSET 0) AS "contacts"
      ORDER BY 1, "contacts"."email"
      OFFSET 0
    ) AS "s2" ON true
   WHERE "s1".crossfade_present IS NOT NULL OR "s2".crossfade_present IS NOT NULL
) AS q
OFFSET 0
) AS p
        INTO crossfade_had;
      crossfade_lawful := NOT FOUND;
    ELSE
      SELECT "email", "name", "phone", "score", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2" FROM (
SELECT p."email", p."name", p."phone", p."score", p."crossfade_has_1", p."crossfade_1_1", p."crossfade_1_2", p."crossfade_has_2", p."crossfade_2_1", p."crossfade_2_2",
       CASE WHEN p.crossfade_unfit IS NOT NULL THEN p.crossfade_unfit END AS crossfade_refusal
FROM (
SELECT q."email" AS "email",
       q."name" AS "name",
       q."phone" AS "phone",
       CASE WHEN (CASE WHEN q."score" = 'NaN' THEN true WHEN abs(round(q."score", 2)) >= 1e3 THEN false ELSE q."score" = q."score"::numeric(5,2) END) THEN q."score"::numeric(5,2) END AS "score",
       q."crossfade_has_1",
       q."crossfade_1_1",
       q."crossfade_1_2",
       q."crossfade_has_2",
       q."crossfade_2_1",
       q."crossfade_2_2",
       CASE WHEN q."score" IS NOT NULL AND NOT (CASE WHEN q."score" = 'NaN' THEN true WHEN abs(round(q."score", 2)) >= 1e3 THEN false ELSE q."score" = q."score"::numeric(5,2) END) THEN ARRAY[CASE WHEN abs(round(q."score", 2)) >= 1e3 THEN '22003' ELSE '22000' END, concat('column "score": ', left(q."score"::text, 80), ' does not fit numeric(5,2) without loss')]
            WHEN q."score" IS NULL THEN ARRAY['23502', 'null value in column "score" of relation "members" violates not-null constraint'] END AS crossfade_unfit
FROM (
  SELECT coalesce("s1"."email", "s2"."email") AS "email",
           coalesce("s1"."name", "s2"."name") AS "name",
           "s2"."phone" AS "phone",
           CASE WHEN "s1".crossfade_present IS NULL THEN (0)::numeric ELSE "s1"."score" END AS "score",
           "s1".crossfade_present IS NOT NULL AS "crossfade_has_1",
           "s1"."crossfade_1_1",
           "s1"."crossfade_1_2",
           "s2".crossfade_present IS NOT NULL AS "crossfade_has_2",
           "s2"."crossfade_2_1",
           "s2"."crossfade_2_2"
    FROM (SELECT) AS crossfade_one
    LEFT JOIN (
      SELECT ("people"."email")::text AS "email",
             "people"."name"::text AS "name",
             "people"."score"::numeric AS "score",
             true AS crossfade_present,
             "people"."id"::integer AS "crossfade_1_1",
             "people"."score"::numeric AS "crossfade_1_2"
      FROM "public"."people" AS "people" WHERE "people"."email" = "crossfade_old_key_1"
      OFFSET 0
    ) AS "s1" ON true
    LEFT JOIN (
      SELECT DISTINCT ON (1) (CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text AS "email",
             (full_name)::text AS "name",
             "contacts"."phone"::text AS "phone",
             true AS crossfade_present,
             "contacts"."email"::text AS "crossfade_2_1",
             "contacts"."full_name"::character varying(60) AS "crossfade_2_2"
      FROM (SELECT "contacts".* FROM "public"."contacts" AS "contacts" WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END = "crossfade_old_key_1"
          OFFSET 0) AS "contacts"
      ORDER BY 1, "contacts"."email"
      OFFSET 0
    ) AS "s2" ON true
   WHERE "s1".crossfade_present IS NOT NULL OR "s2".crossfade_present IS NOT NULL
) AS q
OFFSET 0
) AS p
) AS r WHERE r.crossfade_refusal IS NULL OR r.crossfade_refusal[1] = '23503'
        INTO crossfade_had;
      crossfade_lawful := FOUND AND record_image_eq(ROW(crossfade_had."email", crossfade_had."name", crossfade_had."phone", crossfade_had."score"), ROW(OLD."email", OLD."name", OLD."phone", OLD."score"))
        AND ((crossfade_had."crossfade_has_1" AND NOT "crossfade_found_1") OR (crossfade_had."crossfade_has_2" AND NOT "crossfade_found_2")) IS NOT TRUE;
      IF NOT FOUND AND TG_OP = 'DELETE' THEN
        crossfade_lawful := NOT EXISTS (SELECT FROM "crossfade"."lineage_members" AS l WHERE "l"."email" = "crossfade_old_key_1")
          OR EXISTS (SELECT FROM crossfade.outbox AS o WHERE o.target = 'members' AND o.key = crossfade_key AND o.source IS NULL AND o.xmin = pg_current_xact_id()::xid);
      END IF;
    END IF;
  EXCEPTION WHEN data_exception THEN
    -- The old rows don't fit any more; this one is on its way into the journal.
    crossfade_lawful := false;
  END;
  IF NOT crossfade_lawful THEN
    PERFORM crossfade.refuse_native('members', crossfade_key);
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NOT coalesce(crossfade_had."crossfade_has_1", false) AND ((record_image_ne(ROW(OLD."name"), ROW(NEW."name")) AND NOT crossfade_had."crossfade_has_2")
       OR (record_image_ne(ROW(OLD."score"), ROW(NEW."score")))) THEN
      SELECT ("members"."email"::text)::text AS "email", ("members"."name"::text)::text AS "name", ("members"."score"::numeric)::numeric AS "score" INTO "crossfade_after_1" FROM (SELECT NEW.*) AS "members";
    END IF;
  END IF;

  -- The old tables' own triggers run now, with the names and text forms that they are used to.
  crossfade_ignored := set_config('crossfade.guard', crossfade.guard_for(1, crossfade_key::text), true);
  PERFORM crossfade.restore_forms(crossfade_forms);
  crossfade_ignored := set_config('search_path', '"public", "extensions", pg_temp', true);
  IF TG_OP = 'DELETE' THEN
    DELETE FROM "public"."people" AS "people" WHERE "people"."email" = "crossfade_old_key_1";
        DELETE FROM "public"."contacts" AS "contacts" WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END = "crossfade_old_key_1";
  ELSIF TG_OP = 'UPDATE' THEN
    IF crossfade_had."crossfade_has_1" THEN
      IF "crossfade_found_1" THEN
      IF record_image_ne(ROW("crossfade_before_1"."name", "crossfade_before_1"."score"), ROW("crossfade_after_1"."name", "crossfade_after_1"."score")) THEN
      UPDATE "public"."people" AS "people"
               SET "name" = CASE WHEN record_image_ne(ROW("crossfade_before_1"."name"), ROW("crossfade_after_1"."name")) THEN "crossfade_after_1"."name" ELSE "people"."name" END,
                   "score" = CASE WHEN record_image_ne(ROW("crossfade_before_1"."score"), ROW("crossfade_after_1"."score")) THEN "crossfade_after_1"."score" ELSE "people"."score" END
             WHERE "people"."email" = "crossfade_old_key_1"
            RETURNING "people"."email", "people"."name", "people"."score" INTO "crossfade_written_1";
      GET DIAGNOSTICS crossfade_rows = ROW_COUNT;
      IF crossfade_rows = 0 THEN
        RAISE EXCEPTION 'a trigger of % suppressed the write', '"public"."people"' USING ERRCODE = 'CF002';
      END IF;
      IF record_image_ne(ROW("crossfade_before_1"."name"), ROW("crossfade_after_1"."name")) THEN
        IF record_image_ne(ROW("crossfade_written_1"."name"), ROW("crossfade_after_1"."name")) THEN
        crossfade_exempt := crossfade_exempt || ARRAY['name']::text[];
        END IF;
      END IF;
      IF record_image_ne(ROW("crossfade_before_1"."score"), ROW("crossfade_after_1"."score")) THEN
        IF record_image_ne(ROW("crossfade_written_1"."score"), ROW(("crossfade_after_1"."score")::numeric)) THEN
        crossfade_exempt := crossfade_exempt || ARRAY['score']::text[];
        END IF;
      END IF;
      END IF;
      END IF;
    ELSIF (record_image_ne(ROW(OLD."name"), ROW(NEW."name")) AND NOT crossfade_had."crossfade_has_2")
       OR (record_image_ne(ROW(OLD."score"), ROW(NEW."score"))) THEN
      INSERT INTO "public"."people" AS "people" ("email", "name", "score")
    VALUES ("crossfade_after_1"."email", "crossfade_after_1"."name", "crossfade_after_1"."score")
    RETURNING "people"."email", "people"."name", "people"."score" INTO "crossfade_written_1";
      GET DIAGNOSTICS crossfade_rows = ROW_COUNT;
      IF crossfade_rows = 0 THEN
        RAISE EXCEPTION 'a trigger of % suppressed the write', '"public"."people"' USING ERRCODE = 'CF002';
      END IF;
      "crossfade_made_1" := true;
      IF record_image_ne(ROW("crossfade_written_1"."name"), ROW("crossfade_after_1"."name")) THEN
        crossfade_exempt := crossfade_exempt || ARRAY['name']::text[];
      END IF;
      IF record_image_ne(ROW("crossfade_written_1"."score"), ROW("crossfade_after_1"."score")) THEN
        crossfade_exempt := crossfade_exempt || ARRAY['score']::text[];
      END IF;
    END IF;
    IF crossfade_had."crossfade_has_2" THEN
      IF "crossfade_found_2" THEN
      IF record_image_ne(ROW("crossfade_before_2"."full_name", "crossfade_before_2"."phone"), ROW("crossfade_after_2"."full_name", "crossfade_after_2"."phone")) THEN
      UPDATE "public"."contacts" AS "contacts"
               SET "full_name" = CASE WHEN record_image_ne(ROW("crossfade_before_2"."full_name"), ROW("crossfade_after_2"."full_name")) THEN "crossfade_after_2"."full_name" ELSE "contacts"."full_name" END,
                   "phone" = CASE WHEN record_image_ne(ROW("crossfade_before_2"."phone"), ROW("crossfade_after_2"."phone")) THEN "crossfade_after_2"."phone" ELSE "contacts"."phone" END
             WHERE ("contacts"."email") = (SELECT "contacts"."email" FROM (SELECT "contacts".* FROM "public"."contacts" AS "contacts" WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END = "crossfade_old_key_1"
          OFFSET 0) AS "contacts" ORDER BY "contacts"."email" LIMIT 1)
            RETURNING "contacts"."full_name", "contacts"."phone" INTO "crossfade_written_2";
      GET DIAGNOSTICS crossfade_rows = ROW_COUNT;
      IF crossfade_rows = 0 THEN
        RAISE EXCEPTION 'a trigger of % suppressed the write', '"public"."contacts"' USING ERRCODE = 'CF002';
      END IF;
      IF record_image_ne(ROW("crossfade_before_2"."full_name"), ROW("crossfade_after_2"."full_name")) THEN
        IF record_image_ne(ROW("crossfade_written_2"."full_name"), ROW(("crossfade_after_2"."full_name")::character varying(60))) THEN
        crossfade_exempt := crossfade_exempt || ARRAY['name']::text[];
        END IF;
      END IF;
      IF record_image_ne(ROW("crossfade_before_2"."phone"), ROW("crossfade_after_2"."phone")) THEN
        IF record_image_ne(ROW("crossfade_written_2"."phone"), ROW("crossfade_after_2"."phone")) THEN
        crossfade_exempt := crossfade_exempt || ARRAY['phone']::text[];
        END IF;
      END IF;
      END IF;
      END IF;
    END IF;
    NULL;
  ELSE
    INSERT INTO "public"."people" AS "people" ("email", "name", "score")
    VALUES ("crossfade_after_1"."email", "crossfade_after_1"."name", "crossfade_after_1"."score")
    RETURNING "people"."email", "people"."name", "people"."score" INTO "crossfade_written_1";
      GET DIAGNOSTICS crossfade_rows = ROW_COUNT;
      IF crossfade_rows = 0 THEN
        RAISE EXCEPTION 'a trigger of % suppressed the write', '"public"."people"' USING ERRCODE = 'CF002';
      END IF;
      "crossfade_made_1" := true;
      IF record_image_ne(ROW("crossfade_written_1"."name"), ROW("crossfade_after_1"."name")) THEN
        crossfade_exempt := crossfade_exempt || ARRAY['name']::text[];
      END IF;
      IF record_image_ne(ROW("crossfade_written_1"."score"), ROW("crossfade_after_1"."score")) THEN
        crossfade_exempt := crossfade_exempt || ARRAY['score']::text[];
      END IF;
    NULL;
  END IF;
  crossfade_ignored := set_config('search_path', 'pg_catalog, pg_temp', true);
  PERFORM crossfade.pin_forms();
  crossfade_ignored := set_config('crossfade.guard', crossfade_guard, true);

  -- Law after.
  crossfade_result := "crossfade"."apply_members"((crossfade_key[1])::text);
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    INSERT INTO crossfade.outbox (target, key) VALUES ('members', crossfade_key);
  END IF;
  IF TG_OP = 'DELETE' THEN
    IF crossfade_result NOT IN ('absent', 'deleted') THEN
      RAISE EXCEPTION 'the row % of % is still there in the old tables', crossfade_key, TG_RELID::regclass USING ERRCODE = 'CF002';
    END IF;
    PERFORM crossfade.restore_forms(crossfade_forms);
    RETURN NULL;
  END IF;
  SELECT t."email", t."name", t."phone", t."score" INTO crossfade_has FROM "new_schema"."members" AS t
   WHERE "t"."email" = "crossfade_new_key_1";
  IF NOT FOUND THEN
    crossfade_lost := ARRAY['the whole row'];
  ELSIF record_image_ne(ROW(crossfade_has."email", crossfade_has."name", crossfade_has."phone", crossfade_has."score"), ROW(NEW."email", NEW."name", NEW."phone", NEW."score")) THEN
    IF record_image_ne(ROW(crossfade_has."email"), ROW(NEW."email")) AND (TG_OP = 'INSERT' OR record_image_ne(ROW(OLD."email"), ROW(NEW."email"))) THEN
      crossfade_lost := crossfade_lost || 'email'::text;
    END IF;
    IF record_image_ne(ROW(crossfade_has."name"), ROW(NEW."name")) AND (TG_OP = 'INSERT' OR record_image_ne(ROW(OLD."name"), ROW(NEW."name"))) THEN
      crossfade_lost := crossfade_lost || 'name'::text;
    END IF;
    IF record_image_ne(ROW(crossfade_has."phone"), ROW(NEW."phone")) AND (TG_OP = 'INSERT' OR record_image_ne(ROW(OLD."phone"), ROW(NEW."phone"))) THEN
      crossfade_lost := crossfade_lost || 'phone'::text;
    END IF;
    IF record_image_ne(ROW(crossfade_has."score"), ROW(NEW."score")) AND (TG_OP = 'INSERT' OR record_image_ne(ROW(OLD."score"), ROW(NEW."score"))) THEN
      crossfade_lost := crossfade_lost || 'score'::text;
    END IF;
  END IF;
  IF EXISTS (SELECT FROM unnest(crossfade_lost) AS u(name) WHERE NOT u.name = ANY (crossfade_exempt)) THEN
    IF EXISTS (SELECT FROM "crossfade"."lineage_members" AS l WHERE "l"."email" = "crossfade_new_key_1"
                  AND ((l."crossfade_has_1" AND NOT "crossfade_made_1" AND NOT coalesce(crossfade_had."crossfade_has_1", false)) OR (l."crossfade_has_2" AND NOT "crossfade_made_2" AND NOT coalesce(crossfade_had."crossfade_has_2", false)))) THEN
      -- An old row that came meanwhile hides the value: the next try will see it.
      PERFORM crossfade.refuse_native('members', crossfade_key);
    END IF;
    RAISE EXCEPTION 'the old tables can''t hold what was written to %: %', TG_RELID::regclass,
      array_to_string(ARRAY(SELECT u.name FROM unnest(crossfade_lost) AS u(name) WHERE NOT u.name = ANY (crossfade_exempt)), ', ')
      USING ERRCODE = 'CF002',
            HINT = 'The mapping gives no way back for this value, or another source hides it: see "back" and "reverse" in the mapping.';
  END IF;
  PERFORM crossfade.restore_forms(crossfade_forms);
  RETURN NULL;
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."reverse_members"() IS 'Crossfade: brings a native write to new_schema.members to the old tables of public';
REVOKE ALL ON FUNCTION "crossfade"."reverse_members"() FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."reverse_members"() CASCADE;

-- forward-count:public.people:members: counts writes by an old name without a row that everybody would wait for
CREATE SEQUENCE IF NOT EXISTS "crossfade"."writes_members_from_people";
COMMENT ON SEQUENCE "crossfade"."writes_members_from_people" IS 'Crossfade: counts writes by the old name public.people';
-- undo:
DROP SEQUENCE IF EXISTS "crossfade"."writes_members_from_people";

-- forward-function:public.people:members: brings each write to public.people to new_schema.members
CREATE OR REPLACE FUNCTION "crossfade"."forward_members_from_people"() RETURNS trigger
LANGUAGE plpgsql VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET standard_conforming_strings = on
SET jit = off
SET plan_cache_mode = force_generic_plan
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET "IntervalStyle" = 'postgres'
SET extra_float_digits = 1
SET bytea_output = 'hex'
SET lock_timeout = '100ms'
AS $crossfade$

#variable_conflict use_column
DECLARE
  "crossfade_before_1" text;
    "crossfade_after_1" text;
  crossfade_own boolean;
  crossfade_was boolean := false;
  crossfade_is boolean := false;
  crossfade_old_identity text[];
  crossfade_new_identity text[];
  crossfade_state text;
  crossfade_message text;
  crossfade_locked boolean := true;
  crossfade_names text[] := '{}';
  crossfade_values text[];
  crossfade_ignored text;
  crossfade_key text[];
  crossfade_writes integer;
  crossfade_started timestamptz := clock_timestamp();
BEGIN
  IF TG_OP = 'UPDATE' AND record_image_eq(OLD, NEW) THEN
    RETURN NULL;
  END IF;
  -- Of the application itself: not what reverse sync writes, nor what its writes set off.
  crossfade_own := coalesce(current_setting('crossfade.guard', true), '') = '';
  IF crossfade_own THEN
    crossfade_ignored := nextval('"crossfade"."writes_members_from_people"');
  END IF;
  DECLARE
    crossfade_row record;
      crossfade_locked record;
      crossfade_former record;
      crossfade_other record;
      crossfade_found boolean;
      crossfade_there boolean;
      crossfade_result text;
      crossfade_ignored text;
  BEGIN
    IF crossfade_own
       AND current_setting('transaction_isolation') = 'read committed'
       AND (TG_OP <> 'UPDATE' OR (OLD."email" = NEW."email")) THEN
      "crossfade_after_1" := CASE TG_OP WHEN 'DELETE' THEN OLD."email" ELSE NEW."email" END;
      crossfade_writes := crossfade.counter('crossfade.writes') + 1;
      IF "crossfade_after_1" IS NOT NULL AND crossfade_writes <= 64 AND crossfade.counter('crossfade.spent') = 0 THEN
        crossfade_key := ARRAY[("crossfade_after_1")::text];
        crossfade_ignored := set_config('crossfade.writes', crossfade_writes::text, true);
        crossfade_ignored := set_config('crossfade.guard', crossfade.guard_for(1, crossfade_key::text), true);
  LOOP
    PERFORM 1 FROM "new_schema"."members" AS t WHERE "t"."email" = "crossfade_after_1" FOR NO KEY UPDATE;
        crossfade_there := FOUND;
    SELECT crossfade_new.*, (SELECT crossfade_l FROM "crossfade"."lineage_members" AS crossfade_l WHERE "crossfade_l"."email" = "crossfade_after_1") AS crossfade_lineage INTO crossfade_row FROM (
SELECT p."email", p."name", p."phone", p."score", p."crossfade_has_1", p."crossfade_1_1", p."crossfade_1_2", p."crossfade_has_2", p."crossfade_2_1", p."crossfade_2_2",
       CASE WHEN p.crossfade_unfit IS NOT NULL THEN p.crossfade_unfit END AS crossfade_refusal
FROM (
SELECT q."email" AS "email",
       q."name" AS "name",
       q."phone" AS "phone",
       CASE WHEN (CASE WHEN q."score" = 'NaN' THEN true WHEN abs(round(q."score", 2)) >= 1e3 THEN false ELSE q."score" = q."score"::numeric(5,2) END) THEN q."score"::numeric(5,2) END AS "score",
       q."crossfade_has_1",
       q."crossfade_1_1",
       q."crossfade_1_2",
       q."crossfade_has_2",
       q."crossfade_2_1",
       q."crossfade_2_2",
       CASE WHEN q."score" IS NOT NULL AND NOT (CASE WHEN q."score" = 'NaN' THEN true WHEN abs(round(q."score", 2)) >= 1e3 THEN false ELSE q."score" = q."score"::numeric(5,2) END) THEN ARRAY[CASE WHEN abs(round(q."score", 2)) >= 1e3 THEN '22003' ELSE '22000' END, concat('column "score": ', left(q."score"::text, 80), ' does not fit numeric(5,2) without loss')]
            WHEN q."score" IS NULL THEN ARRAY['23502', 'null value in column "score" of relation "members" violates not-null constraint'] END AS crossfade_unfit
FROM (
  SELECT coalesce("s1"."email", "s2"."email") AS "email",
           coalesce("s1"."name", "s2"."name") AS "name",
           "s2"."phone" AS "phone",
           CASE WHEN "s1".crossfade_present IS NULL THEN (0)::numeric ELSE "s1"."score" END AS "score",
           "s1".crossfade_present IS NOT NULL AS "crossfade_has_1",
           "s1"."crossfade_1_1",
           "s1"."crossfade_1_2",
           "s2".crossfade_present IS NOT NULL AS "crossfade_has_2",
           "s2"."crossfade_2_1",
           "s2"."crossfade_2_2"
    FROM (SELECT) AS crossfade_one
    LEFT JOIN (
      SELECT ("people"."email")::text AS "email",
             "people"."name"::text AS "name",
             "people"."score"::numeric AS "score",
             true AS crossfade_present,
             "people"."id"::integer AS "crossfade_1_1",
             "people"."score"::numeric AS "crossfade_1_2"
      FROM "public"."people" AS "people" WHERE "people"."email" = "crossfade_after_1"
      OFFSET 0
    ) AS "s1" ON true
    LEFT JOIN (
      SELECT DISTINCT ON (1) (CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text AS "email",
             (full_name)::text AS "name",
             "contacts"."phone"::text AS "phone",
             true AS crossfade_present,
             "contacts"."email"::text AS "crossfade_2_1",
             "contacts"."full_name"::character varying(60) AS "crossfade_2_2"
      FROM (SELECT "contacts".* FROM "public"."contacts" AS "contacts" WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END = "crossfade_after_1"
          OFFSET 0) AS "contacts"
      ORDER BY 1, "contacts"."email"
      OFFSET 0
    ) AS "s2" ON true
   WHERE "s1".crossfade_present IS NOT NULL OR "s2".crossfade_present IS NOT NULL
) AS q
OFFSET 0
) AS p
    ) AS crossfade_new;
    crossfade_found := FOUND;
      IF crossfade_found AND crossfade_row.crossfade_refusal[1] = 'omit' THEN
        crossfade_found := false;
      ELSIF crossfade_found AND crossfade_row.crossfade_refusal IS NOT NULL THEN
        PERFORM crossfade.refuse_row(crossfade_row.crossfade_refusal);
      END IF;
    IF crossfade_there AND crossfade_found THEN
      
              UPDATE "new_schema"."members" AS t
                         SET "name" = crossfade_row."name",
                             "phone" = crossfade_row."phone",
                             "score" = crossfade_row."score"
                       WHERE "t"."email" = "crossfade_after_1"
                         AND record_image_ne(ROW(t."name", t."phone", t."score"),
                                             ROW(crossfade_row."name", crossfade_row."phone", crossfade_row."score"));
      IF record_image_ne(ROW((crossfade_row.crossfade_lineage)."crossfade_has_1", (crossfade_row.crossfade_lineage)."crossfade_1_1", (crossfade_row.crossfade_lineage)."crossfade_1_2", (crossfade_row.crossfade_lineage)."crossfade_has_2", (crossfade_row.crossfade_lineage)."crossfade_2_1", (crossfade_row.crossfade_lineage)."crossfade_2_2"),
                                 ROW(crossfade_row."crossfade_has_1", crossfade_row."crossfade_1_1", crossfade_row."crossfade_1_2", crossfade_row."crossfade_has_2", crossfade_row."crossfade_2_1", crossfade_row."crossfade_2_2")) THEN
                INSERT INTO "crossfade"."lineage_members" AS l ("email", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2")
                        VALUES (crossfade_row."email", crossfade_row."crossfade_has_1", crossfade_row."crossfade_1_1", crossfade_row."crossfade_1_2", crossfade_row."crossfade_has_2", crossfade_row."crossfade_2_1", crossfade_row."crossfade_2_2")
                        ON CONFLICT ("email") DO UPDATE
                           SET "crossfade_has_1" = excluded."crossfade_has_1", "crossfade_1_1" = excluded."crossfade_1_1", "crossfade_1_2" = excluded."crossfade_1_2", "crossfade_has_2" = excluded."crossfade_has_2", "crossfade_2_1" = excluded."crossfade_2_1", "crossfade_2_2" = excluded."crossfade_2_2"
                         WHERE record_image_ne(ROW(l."crossfade_has_1", l."crossfade_1_1", l."crossfade_1_2", l."crossfade_has_2", l."crossfade_2_1", l."crossfade_2_2"),
                                               ROW(excluded."crossfade_has_1", excluded."crossfade_1_1", excluded."crossfade_1_2", excluded."crossfade_has_2", excluded."crossfade_2_1", excluded."crossfade_2_2"));
              END IF;
      crossfade_result := 'updated';
      EXIT;
    ELSIF crossfade_found THEN
      -- The projection may be older than a row that another session inserts right now; the conflict says so.
      
    INSERT INTO "new_schema"."members" ("email", "name", "phone", "score")
    VALUES (crossfade_row."email", crossfade_row."name", crossfade_row."phone", crossfade_row."score")
    ON CONFLICT ("email") DO NOTHING;
    IF FOUND THEN
      INSERT INTO "crossfade"."lineage_members" AS l ("email", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2")
              VALUES (crossfade_row."email", crossfade_row."crossfade_has_1", crossfade_row."crossfade_1_1", crossfade_row."crossfade_1_2", crossfade_row."crossfade_has_2", crossfade_row."crossfade_2_1", crossfade_row."crossfade_2_2")
              ON CONFLICT ("email") DO UPDATE
                 SET "crossfade_has_1" = excluded."crossfade_has_1", "crossfade_1_1" = excluded."crossfade_1_1", "crossfade_1_2" = excluded."crossfade_1_2", "crossfade_has_2" = excluded."crossfade_has_2", "crossfade_2_1" = excluded."crossfade_2_1", "crossfade_2_2" = excluded."crossfade_2_2"
               WHERE record_image_ne(ROW(l."crossfade_has_1", l."crossfade_1_1", l."crossfade_1_2", l."crossfade_has_2", l."crossfade_2_1", l."crossfade_2_2"),
                                     ROW(excluded."crossfade_has_1", excluded."crossfade_1_1", excluded."crossfade_1_2", excluded."crossfade_has_2", excluded."crossfade_2_1", excluded."crossfade_2_2"));
      crossfade_result := 'inserted';
      EXIT;
    END IF;
    ELSIF crossfade_there THEN
      PERFORM "crossfade"."remove_members"("crossfade_after_1");
      crossfade_result := 'deleted';
      EXIT;
    ELSE
      DELETE FROM "crossfade"."lineage_members" AS l WHERE "l"."email" = "crossfade_after_1";
      crossfade_result := 'absent';
      EXIT;
    END IF;
  END LOOP;
  IF crossfade_result <> 'updated' THEN
    DELETE FROM crossfade.journal AS j WHERE j.target = 'members' AND j.key = crossfade_key;
  END IF;
        crossfade_ignored := set_config('crossfade.guard', '', true);
        IF crossfade_result = 'absent' THEN
          PERFORM crossfade.enqueue('members', crossfade_key, NULL, NULL);
        END IF;
      END IF;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    -- Before the key is known, a session may not be able to read a column that has got another type meanwhile.
    IF crossfade_key IS NOT NULL THEN
      GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
      PERFORM crossfade.enqueue('members', crossfade_key, crossfade_state, crossfade_message);
      crossfade_ignored := set_config('crossfade.writes', crossfade_writes::text, true);
    END IF;
  END;
  IF crossfade_key IS NOT NULL THEN
    -- In microseconds. What takes no time has not waited.
    IF clock_timestamp() > crossfade_started + interval '200 microseconds' THEN
      crossfade_ignored := set_config('crossfade.spent', least(999999999, ceil(extract(epoch FROM clock_timestamp() - crossfade_started) * 1000000))::text, true);
    END IF;
    RETURN NULL;
  END IF;
  BEGIN
    IF TG_OP <> 'INSERT' THEN
      crossfade_was := true;
      "crossfade_before_1" := OLD."email";
      IF "crossfade_before_1" IS NULL THEN
        crossfade_old_identity := ARRAY[(OLD."id")::text];
      END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
      crossfade_is := true;
      "crossfade_after_1" := NEW."email";
      IF "crossfade_after_1" IS NULL THEN
        crossfade_new_identity := ARRAY[(NEW."id")::text];
      END IF;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    BEGIN
      -- A session that was here before a column changed its type can't use its plan any more, nor make another.
      IF TG_OP <> 'INSERT' THEN
        EXECUTE 'SELECT "people"."email", true, ARRAY[("people"."id")::text] FROM (SELECT ($1).*) AS "people"'
          INTO "crossfade_before_1", crossfade_was, crossfade_old_identity USING OLD;
      END IF;
      IF TG_OP <> 'DELETE' THEN
        EXECUTE 'SELECT "people"."email", true, ARRAY[("people"."id")::text] FROM (SELECT ($1).*) AS "people"'
          INTO "crossfade_after_1", crossfade_is, crossfade_new_identity USING NEW;
      END IF;
    EXCEPTION WHEN OTHERS THEN
      -- The old table is not what it was, so nobody can tell which keys this row has: all of them will be looked at.
      GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
      PERFORM crossfade.enqueue('members', '{}', crossfade_state, crossfade_message);
      RETURN NULL;
    END;
  END;
  IF crossfade_was AND ("crossfade_before_1" IS NULL) THEN
    PERFORM crossfade.enqueue_keyless('members', 'people', crossfade_old_identity);
  END IF;
  IF crossfade_is AND ("crossfade_after_1" IS NULL)
     AND (crossfade_was AND ("crossfade_before_1" IS NULL) AND crossfade_new_identity = crossfade_old_identity) IS NOT TRUE THEN
    PERFORM crossfade.enqueue_keyless('members', 'people', crossfade_new_identity);
  END IF;
  crossfade_was := crossfade_was AND "crossfade_before_1" IS NOT NULL;
  crossfade_is := crossfade_is AND "crossfade_after_1" IS NOT NULL;
  IF crossfade_was AND crossfade_is AND "crossfade_before_1" = "crossfade_after_1" THEN
    PERFORM "crossfade"."touch_members"("crossfade_after_1");
  ELSIF crossfade_was AND crossfade_is AND "crossfade_before_1" > "crossfade_after_1" THEN
    -- Both keys of a moved row, always in the order of the keys.
    PERFORM "crossfade"."touch_members"("crossfade_after_1");
    PERFORM "crossfade"."touch_members"("crossfade_before_1");
  ELSE
    IF crossfade_was THEN
      PERFORM "crossfade"."touch_members"("crossfade_before_1");
    END IF;
    IF crossfade_is THEN
      PERFORM "crossfade"."touch_members"("crossfade_after_1");
    END IF;
  END IF;
  RETURN NULL;
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."forward_members_from_people"() IS 'Crossfade: brings a write to public.people to new_schema.members';
REVOKE ALL ON FUNCTION "crossfade"."forward_members_from_people"() FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."forward_members_from_people"() CASCADE;

-- forward-trigger:public.people:members: fires also for rows that logical replication applies (ENABLE ALWAYS)
CREATE TRIGGER "crossfade_01_sync_members" AFTER INSERT OR UPDATE OR DELETE ON "public"."people"
  FOR EACH ROW EXECUTE FUNCTION "crossfade"."forward_members_from_people"();
COMMENT ON TRIGGER "crossfade_01_sync_members" ON "public"."people" IS 'Crossfade: keeps new_schema.members in step';
ALTER TABLE "public"."people" ENABLE ALWAYS TRIGGER "crossfade_01_sync_members";
-- undo:
DROP TRIGGER IF EXISTS "crossfade_01_sync_members" ON "public"."people";

-- truncate-function:public.people:members: a TRUNCATE of public.people takes its part out of new_schema.members
CREATE OR REPLACE FUNCTION "crossfade"."truncated_members_from_people"() RETURNS trigger
LANGUAGE plpgsql VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET standard_conforming_strings = on
SET jit = off
SET plan_cache_mode = force_generic_plan
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET "IntervalStyle" = 'postgres'
SET extra_float_digits = 1
SET bytea_output = 'hex'
AS $crossfade$

BEGIN
  -- This snapshot may be older than rows that are truncated now. And while many keys are written, the application would
  -- wait, and all who wait for its lock: then the applier looks for them itself.
  IF current_setting('transaction_isolation') <> 'read committed'
     OR (SELECT count(*) FROM (SELECT FROM "crossfade"."lineage_members" AS l WHERE l."crossfade_has_1"
          UNION ALL SELECT FROM crossfade.journal AS j WHERE j.target = 'members' LIMIT 1001) AS few) > 1000 THEN
    PERFORM crossfade.enqueue('members', '{}', NULL, NULL);
    RETURN NULL;
  END IF;
  INSERT INTO crossfade.outbox (target, key)
  SELECT 'members', ARRAY[("l"."email")::text] FROM "crossfade"."lineage_members" AS l WHERE l."crossfade_has_1"
   UNION ALL
  SELECT 'members', j.key FROM crossfade.journal AS j WHERE j.target = 'members' AND j.key IS NOT NULL;
  INSERT INTO crossfade.outbox (target, source, key)
  SELECT 'members', 'people', j.old_key FROM crossfade.journal AS j
   WHERE j.target = 'members' AND j.source = 'people';
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  PERFORM crossfade.enqueue('members', '{}', SQLSTATE, SQLERRM);
  RETURN NULL;
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."truncated_members_from_people"() IS 'Crossfade: puts the keys of a truncated public.people into the outbox';
REVOKE ALL ON FUNCTION "crossfade"."truncated_members_from_people"() FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."truncated_members_from_people"() CASCADE;

-- truncate-trigger:public.people:members: row triggers don't fire for TRUNCATE
CREATE TRIGGER "crossfade_truncated_members" AFTER TRUNCATE ON "public"."people"
  FOR EACH STATEMENT EXECUTE FUNCTION "crossfade"."truncated_members_from_people"();
ALTER TABLE "public"."people" ENABLE ALWAYS TRIGGER "crossfade_truncated_members";
-- undo:
DROP TRIGGER IF EXISTS "crossfade_truncated_members" ON "public"."people";

-- capture-function:public.people:members: in outbox mode notes what a statement writes to public.people, for new_schema.members
CREATE OR REPLACE FUNCTION "crossfade"."captured_members_from_people"() RETURNS trigger
LANGUAGE plpgsql VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET standard_conforming_strings = on
SET jit = off
SET plan_cache_mode = force_generic_plan
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET "IntervalStyle" = 'postgres'
SET extra_float_digits = 1
SET bytea_output = 'hex'
SET lock_timeout = '0ms'
AS $crossfade$

#variable_conflict use_column
DECLARE
  crossfade_unguarded boolean := coalesce(current_setting('crossfade.guard', true), '') = '';
  -- As text; null: a row without a key.
  crossfade_keys text[] := '{}';
  crossfade_keyless text[] := '{}';
  crossfade_any boolean := true;
  crossfade_count bigint;
  crossfade_state text;
  crossfade_message text;
BEGIN
  BEGIN
    IF TG_OP = 'INSERT' THEN
      crossfade_keys := ARRAY(SELECT (("people"."email")::text)::text AS k FROM crossfade_new AS "people"
            LIMIT CASE WHEN crossfade_unguarded THEN 201 END);
    ELSIF TG_OP = 'DELETE' THEN
      crossfade_keys := ARRAY(SELECT (("people"."email")::text)::text AS k FROM crossfade_old AS "people"
            LIMIT CASE WHEN crossfade_unguarded THEN 201 END);
    ELSE
      crossfade_keys := ARRAY(SELECT (("people"."email")::text)::text AS k FROM crossfade_old AS "people"
            UNION ALL SELECT (("people"."email")::text)::text AS k FROM crossfade_new AS "people"
            LIMIT CASE WHEN crossfade_unguarded THEN 201 END);
    END IF;
    IF cardinality(crossfade_keys) > 200 AND crossfade_unguarded THEN
      IF TG_OP = 'INSERT' THEN
      INSERT INTO crossfade.outbox (target, key)
      SELECT 'members', ARRAY[u.k] FROM (SELECT (("people"."email")::text)::text AS k FROM crossfade_new AS "people") AS u (k) WHERE u.k IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
      INSERT INTO crossfade.outbox (target, key)
      SELECT 'members', ARRAY[u.k] FROM (SELECT (("people"."email")::text)::text AS k FROM crossfade_old AS "people") AS u (k) WHERE u.k IS NOT NULL;
    ELSE
      INSERT INTO crossfade.outbox (target, key)
      SELECT 'members', ARRAY[u.k] FROM (SELECT (("people"."email")::text)::text AS k FROM crossfade_old AS "people"
      UNION SELECT (("people"."email")::text)::text AS k FROM crossfade_new AS "people") AS u (k) WHERE u.k IS NOT NULL;
    END IF;
      -- Whether some of them have no key is asked below.
      crossfade_keys := ARRAY[NULL];
    END IF;
    IF array_position(crossfade_keys, NULL) IS NOT NULL THEN
    IF TG_OP = 'INSERT' THEN
      crossfade_keyless := ARRAY(SELECT (ARRAY[("people"."id")::text])::text FROM crossfade_new AS "people" WHERE (("people"."email")::text IS NULL));
    ELSIF TG_OP = 'DELETE' THEN
      crossfade_keyless := ARRAY(SELECT (ARRAY[("people"."id")::text])::text FROM crossfade_old AS "people" WHERE (("people"."email")::text IS NULL));
    ELSE
      crossfade_keyless := ARRAY(SELECT (ARRAY[("people"."id")::text])::text FROM crossfade_old AS "people" WHERE (("people"."email")::text IS NULL)
            UNION SELECT (ARRAY[("people"."id")::text])::text FROM crossfade_new AS "people" WHERE (("people"."email")::text IS NULL));
    END IF;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    -- The old table is not what it was, so nobody can tell which keys these rows have: all of them will be looked at.
    GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
    crossfade_keys := '{}';
  END;
  IF crossfade_state IS NOT NULL THEN
    PERFORM crossfade.enqueue('members', '{}', crossfade_state, crossfade_message);
    IF crossfade_unguarded THEN
    crossfade_count := nextval('"crossfade"."writes_members_from_people"');
  END IF;
    RETURN NULL;
  END IF;
  IF cardinality(crossfade_keys) = 0 THEN
    IF TG_OP = 'DELETE' THEN
      crossfade_any := EXISTS (SELECT FROM crossfade_old);
    ELSE
      crossfade_any := EXISTS (SELECT FROM crossfade_new);
    END IF;
    IF NOT crossfade_any THEN
      RETURN NULL;
    END IF;
  END IF;
  IF crossfade_unguarded THEN
    crossfade_count := nextval('"crossfade"."writes_members_from_people"');
  END IF;
  IF cardinality(crossfade_keys) = 2 AND crossfade_keys[1] = crossfade_keys[2] THEN
    crossfade_keys := crossfade_keys[1:1];
  END IF;
  IF crossfade_unguarded AND cardinality(crossfade_keys) = 1 AND crossfade_keys[1] IS NOT NULL THEN
    INSERT INTO crossfade.outbox (target, key) VALUES ('members', ARRAY[crossfade_keys[1]]);
  ELSIF cardinality(crossfade_keys) > 0 THEN
    INSERT INTO crossfade.outbox (target, key)
    SELECT DISTINCT 'members', ARRAY[u.k] FROM unnest(crossfade_keys) AS u (k)
     WHERE u.k IS NOT NULL AND (crossfade_unguarded OR NOT crossfade.is_guarded(1, (ARRAY[u.k])::text));
  END IF;
  IF cardinality(crossfade_keyless) > 0 THEN
    INSERT INTO crossfade.outbox (target, source, key)
    SELECT 'members', 'people', u.identity::text[] FROM unnest(crossfade_keyless) AS u (identity);
  END IF;
  RETURN NULL;
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."captured_members_from_people"() IS 'Crossfade: notes the keys of a statement''s writes to public.people';
REVOKE ALL ON FUNCTION "crossfade"."captured_members_from_people"() FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."captured_members_from_people"() CASCADE;

-- replicated-function:public.people:members: in outbox mode notes rows of public.people that logical replication applies
CREATE OR REPLACE FUNCTION "crossfade"."replicated_members_from_people"() RETURNS trigger
LANGUAGE plpgsql VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET standard_conforming_strings = on
SET jit = off
SET plan_cache_mode = force_generic_plan
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET "IntervalStyle" = 'postgres'
SET extra_float_digits = 1
SET bytea_output = 'hex'
SET lock_timeout = '0ms'
AS $crossfade$

#variable_conflict use_column
DECLARE
  crossfade_unguarded boolean := coalesce(current_setting('crossfade.guard', true), '') = '';
  -- As text; null: a row without a key.
  crossfade_keys text[] := '{}';
  crossfade_keyless text[] := '{}';
  crossfade_any boolean := true;
  crossfade_count bigint;
  crossfade_state text;
  crossfade_message text;
BEGIN
  IF TG_OP = 'UPDATE' AND record_image_eq(OLD, NEW) THEN
    RETURN NULL;
  END IF;
  BEGIN
    IF TG_OP = 'INSERT' THEN
      crossfade_keys := ARRAY(SELECT (("people"."email")::text)::text AS k FROM (SELECT NEW.*) AS "people");
    ELSIF TG_OP = 'DELETE' THEN
      crossfade_keys := ARRAY(SELECT (("people"."email")::text)::text AS k FROM (SELECT OLD.*) AS "people");
    ELSE
      crossfade_keys := ARRAY(SELECT (("people"."email")::text)::text AS k FROM (SELECT OLD.*) AS "people"
            UNION ALL SELECT (("people"."email")::text)::text AS k FROM (SELECT NEW.*) AS "people");
    END IF;
    
    IF array_position(crossfade_keys, NULL) IS NOT NULL THEN
    IF TG_OP = 'INSERT' THEN
      crossfade_keyless := ARRAY(SELECT (ARRAY[("people"."id")::text])::text FROM (SELECT NEW.*) AS "people" WHERE (("people"."email")::text IS NULL));
    ELSIF TG_OP = 'DELETE' THEN
      crossfade_keyless := ARRAY(SELECT (ARRAY[("people"."id")::text])::text FROM (SELECT OLD.*) AS "people" WHERE (("people"."email")::text IS NULL));
    ELSE
      crossfade_keyless := ARRAY(SELECT (ARRAY[("people"."id")::text])::text FROM (SELECT OLD.*) AS "people" WHERE (("people"."email")::text IS NULL)
            UNION SELECT (ARRAY[("people"."id")::text])::text FROM (SELECT NEW.*) AS "people" WHERE (("people"."email")::text IS NULL));
    END IF;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    -- The old table is not what it was, so nobody can tell which keys these rows have: all of them will be looked at.
    GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
    crossfade_keys := '{}';
  END;
  IF crossfade_state IS NOT NULL THEN
    PERFORM crossfade.enqueue('members', '{}', crossfade_state, crossfade_message);
    IF crossfade_unguarded THEN
    crossfade_count := nextval('"crossfade"."writes_members_from_people"');
  END IF;
    RETURN NULL;
  END IF;
  IF crossfade_unguarded THEN
    crossfade_count := nextval('"crossfade"."writes_members_from_people"');
  END IF;
  IF cardinality(crossfade_keys) = 2 AND crossfade_keys[1] = crossfade_keys[2] THEN
    crossfade_keys := crossfade_keys[1:1];
  END IF;
  IF crossfade_unguarded AND cardinality(crossfade_keys) = 1 AND crossfade_keys[1] IS NOT NULL THEN
    INSERT INTO crossfade.outbox (target, key) VALUES ('members', ARRAY[crossfade_keys[1]]);
  ELSIF cardinality(crossfade_keys) > 0 THEN
    INSERT INTO crossfade.outbox (target, key)
    SELECT DISTINCT 'members', ARRAY[u.k] FROM unnest(crossfade_keys) AS u (k)
     WHERE u.k IS NOT NULL AND (crossfade_unguarded OR NOT crossfade.is_guarded(1, (ARRAY[u.k])::text));
  END IF;
  IF cardinality(crossfade_keyless) > 0 THEN
    INSERT INTO crossfade.outbox (target, source, key)
    SELECT 'members', 'people', u.identity::text[] FROM unnest(crossfade_keyless) AS u (identity);
  END IF;
  RETURN NULL;
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."replicated_members_from_people"() IS 'Crossfade: notes the keys of rows of public.people that logical replication applies';
REVOKE ALL ON FUNCTION "crossfade"."replicated_members_from_people"() FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."replicated_members_from_people"() CASCADE;

-- capture-trigger:public.people:members:insert: one call for all rows of a statement; switched off in inline mode
CREATE TRIGGER "crossfade_01_capture_insert_members" AFTER INSERT ON "public"."people"
  REFERENCING NEW TABLE AS crossfade_new FOR EACH STATEMENT EXECUTE FUNCTION "crossfade"."captured_members_from_people"();
COMMENT ON TRIGGER "crossfade_01_capture_insert_members" ON "public"."people" IS 'Crossfade: notes for new_schema.members what was written, where it is in outbox mode';
-- undo:
DROP TRIGGER IF EXISTS "crossfade_01_capture_insert_members" ON "public"."people";

-- capture-trigger:public.people:members:update: one call for all rows of a statement; switched off in inline mode
CREATE TRIGGER "crossfade_01_capture_update_members" AFTER UPDATE ON "public"."people"
  REFERENCING OLD TABLE AS crossfade_old NEW TABLE AS crossfade_new FOR EACH STATEMENT EXECUTE FUNCTION "crossfade"."captured_members_from_people"();
COMMENT ON TRIGGER "crossfade_01_capture_update_members" ON "public"."people" IS 'Crossfade: notes for new_schema.members what was written, where it is in outbox mode';
-- undo:
DROP TRIGGER IF EXISTS "crossfade_01_capture_update_members" ON "public"."people";

-- capture-trigger:public.people:members:delete: one call for all rows of a statement; switched off in inline mode
CREATE TRIGGER "crossfade_01_capture_delete_members" AFTER DELETE ON "public"."people"
  REFERENCING OLD TABLE AS crossfade_old FOR EACH STATEMENT EXECUTE FUNCTION "crossfade"."captured_members_from_people"();
COMMENT ON TRIGGER "crossfade_01_capture_delete_members" ON "public"."people" IS 'Crossfade: notes for new_schema.members what was written, where it is in outbox mode';
-- undo:
DROP TRIGGER IF EXISTS "crossfade_01_capture_delete_members" ON "public"."people";

-- replicated-trigger:public.people:members: rows that logical replication applies fire no trigger for statements
CREATE TRIGGER "crossfade_01_replicated_members" AFTER INSERT OR UPDATE OR DELETE ON "public"."people"
  FOR EACH ROW WHEN (pg_catalog.current_setting('session_replication_role') OPERATOR(pg_catalog.=) 'replica')
  EXECUTE FUNCTION "crossfade"."replicated_members_from_people"();
COMMENT ON TRIGGER "crossfade_01_replicated_members" ON "public"."people" IS 'Crossfade: notes for new_schema.members what was written, where it is in outbox mode';
ALTER TABLE "public"."people" ENABLE ALWAYS TRIGGER "crossfade_01_replicated_members";
-- undo:
DROP TRIGGER IF EXISTS "crossfade_01_replicated_members" ON "public"."people";

-- mode:public.people:members: inline mode: each row is applied at once
ALTER TABLE "public"."people" ENABLE ALWAYS TRIGGER "crossfade_01_sync_members", DISABLE TRIGGER "crossfade_01_capture_insert_members", DISABLE TRIGGER "crossfade_01_capture_update_members", DISABLE TRIGGER "crossfade_01_capture_delete_members", DISABLE TRIGGER "crossfade_01_replicated_members";

-- forward-count:public.contacts:members: counts writes by an old name without a row that everybody would wait for
CREATE SEQUENCE IF NOT EXISTS "crossfade"."writes_members_from_contacts";
COMMENT ON SEQUENCE "crossfade"."writes_members_from_contacts" IS 'Crossfade: counts writes by the old name public.contacts';
-- undo:
DROP SEQUENCE IF EXISTS "crossfade"."writes_members_from_contacts";

-- forward-function:public.contacts:members: brings each write to public.contacts to new_schema.members
CREATE OR REPLACE FUNCTION "crossfade"."forward_members_from_contacts"() RETURNS trigger
LANGUAGE plpgsql VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET standard_conforming_strings = on
SET jit = off
SET plan_cache_mode = force_generic_plan
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET "IntervalStyle" = 'postgres'
SET extra_float_digits = 1
SET bytea_output = 'hex'
SET lock_timeout = '100ms'
AS $crossfade$

#variable_conflict use_column
DECLARE
  "crossfade_before_1" text;
    "crossfade_after_1" text;
  crossfade_own boolean;
  crossfade_was boolean := false;
  crossfade_is boolean := false;
  crossfade_old_identity text[];
  crossfade_new_identity text[];
  crossfade_state text;
  crossfade_message text;
  crossfade_locked boolean := true;
  crossfade_names text[] := '{}';
  crossfade_values text[];
  crossfade_ignored text;
  crossfade_key text[];
  crossfade_writes integer;
  crossfade_started timestamptz := clock_timestamp();
BEGIN
  IF TG_OP = 'UPDATE' AND record_image_eq(OLD, NEW) THEN
    RETURN NULL;
  END IF;
  -- Of the application itself: not what reverse sync writes, nor what its writes set off.
  crossfade_own := coalesce(current_setting('crossfade.guard', true), '') = '';
  IF crossfade_own THEN
    crossfade_ignored := nextval('"crossfade"."writes_members_from_contacts"');
  END IF;
  DECLARE
    crossfade_row record;
      crossfade_locked record;
      crossfade_former record;
      crossfade_other record;
      crossfade_found boolean;
      crossfade_there boolean;
      crossfade_result text;
      crossfade_ignored text;
  BEGIN
    IF crossfade_own
       AND current_setting('transaction_isolation') = 'read committed'
       AND (TG_OP <> 'UPDATE' OR (CASE WHEN octet_length(((lower(OLD."email")))::text) <= 2400 THEN (lower(OLD."email")) END = CASE WHEN octet_length(((lower(NEW."email")))::text) <= 2400 THEN (lower(NEW."email")) END)) THEN
      "crossfade_after_1" := CASE TG_OP WHEN 'DELETE' THEN CASE WHEN octet_length(((lower(OLD."email")))::text) <= 2400 THEN (lower(OLD."email")) END ELSE CASE WHEN octet_length(((lower(NEW."email")))::text) <= 2400 THEN (lower(NEW."email")) END END;
      crossfade_writes := crossfade.counter('crossfade.writes') + 1;
      IF "crossfade_after_1" IS NOT NULL AND crossfade_writes <= 64 AND crossfade.counter('crossfade.spent') = 0 THEN
        crossfade_key := ARRAY[("crossfade_after_1")::text];
        crossfade_ignored := set_config('crossfade.writes', crossfade_writes::text, true);
        crossfade_ignored := set_config('crossfade.guard', crossfade.guard_for(1, crossfade_key::text), true);
  LOOP
    PERFORM 1 FROM "new_schema"."members" AS t WHERE "t"."email" = "crossfade_after_1" FOR NO KEY UPDATE;
        crossfade_there := FOUND;
    SELECT crossfade_new.*, (SELECT crossfade_l FROM "crossfade"."lineage_members" AS crossfade_l WHERE "crossfade_l"."email" = "crossfade_after_1") AS crossfade_lineage INTO crossfade_row FROM (
SELECT p."email", p."name", p."phone", p."score", p."crossfade_has_1", p."crossfade_1_1", p."crossfade_1_2", p."crossfade_has_2", p."crossfade_2_1", p."crossfade_2_2",
       CASE WHEN p.crossfade_unfit IS NOT NULL THEN p.crossfade_unfit END AS crossfade_refusal
FROM (
SELECT q."email" AS "email",
       q."name" AS "name",
       q."phone" AS "phone",
       CASE WHEN (CASE WHEN q."score" = 'NaN' THEN true WHEN abs(round(q."score", 2)) >= 1e3 THEN false ELSE q."score" = q."score"::numeric(5,2) END) THEN q."score"::numeric(5,2) END AS "score",
       q."crossfade_has_1",
       q."crossfade_1_1",
       q."crossfade_1_2",
       q."crossfade_has_2",
       q."crossfade_2_1",
       q."crossfade_2_2",
       CASE WHEN q."score" IS NOT NULL AND NOT (CASE WHEN q."score" = 'NaN' THEN true WHEN abs(round(q."score", 2)) >= 1e3 THEN false ELSE q."score" = q."score"::numeric(5,2) END) THEN ARRAY[CASE WHEN abs(round(q."score", 2)) >= 1e3 THEN '22003' ELSE '22000' END, concat('column "score": ', left(q."score"::text, 80), ' does not fit numeric(5,2) without loss')]
            WHEN q."score" IS NULL THEN ARRAY['23502', 'null value in column "score" of relation "members" violates not-null constraint'] END AS crossfade_unfit
FROM (
  SELECT coalesce("s1"."email", "s2"."email") AS "email",
           coalesce("s1"."name", "s2"."name") AS "name",
           "s2"."phone" AS "phone",
           CASE WHEN "s1".crossfade_present IS NULL THEN (0)::numeric ELSE "s1"."score" END AS "score",
           "s1".crossfade_present IS NOT NULL AS "crossfade_has_1",
           "s1"."crossfade_1_1",
           "s1"."crossfade_1_2",
           "s2".crossfade_present IS NOT NULL AS "crossfade_has_2",
           "s2"."crossfade_2_1",
           "s2"."crossfade_2_2"
    FROM (SELECT) AS crossfade_one
    LEFT JOIN (
      SELECT ("people"."email")::text AS "email",
             "people"."name"::text AS "name",
             "people"."score"::numeric AS "score",
             true AS crossfade_present,
             "people"."id"::integer AS "crossfade_1_1",
             "people"."score"::numeric AS "crossfade_1_2"
      FROM "public"."people" AS "people" WHERE "people"."email" = "crossfade_after_1"
      OFFSET 0
    ) AS "s1" ON true
    LEFT JOIN (
      SELECT DISTINCT ON (1) (CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text AS "email",
             (full_name)::text AS "name",
             "contacts"."phone"::text AS "phone",
             true AS crossfade_present,
             "contacts"."email"::text AS "crossfade_2_1",
             "contacts"."full_name"::character varying(60) AS "crossfade_2_2"
      FROM (SELECT "contacts".* FROM "public"."contacts" AS "contacts" WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END = "crossfade_after_1"
          OFFSET 0) AS "contacts"
      ORDER BY 1, "contacts"."email"
      OFFSET 0
    ) AS "s2" ON true
   WHERE "s1".crossfade_present IS NOT NULL OR "s2".crossfade_present IS NOT NULL
) AS q
OFFSET 0
) AS p
    ) AS crossfade_new;
    crossfade_found := FOUND;
      IF crossfade_found AND crossfade_row.crossfade_refusal[1] = 'omit' THEN
        crossfade_found := false;
      ELSIF crossfade_found AND crossfade_row.crossfade_refusal IS NOT NULL THEN
        PERFORM crossfade.refuse_row(crossfade_row.crossfade_refusal);
      END IF;
    IF crossfade_there AND crossfade_found THEN
      
              UPDATE "new_schema"."members" AS t
                         SET "name" = crossfade_row."name",
                             "phone" = crossfade_row."phone",
                             "score" = crossfade_row."score"
                       WHERE "t"."email" = "crossfade_after_1"
                         AND record_image_ne(ROW(t."name", t."phone", t."score"),
                                             ROW(crossfade_row."name", crossfade_row."phone", crossfade_row."score"));
      IF record_image_ne(ROW((crossfade_row.crossfade_lineage)."crossfade_has_1", (crossfade_row.crossfade_lineage)."crossfade_1_1", (crossfade_row.crossfade_lineage)."crossfade_1_2", (crossfade_row.crossfade_lineage)."crossfade_has_2", (crossfade_row.crossfade_lineage)."crossfade_2_1", (crossfade_row.crossfade_lineage)."crossfade_2_2"),
                                 ROW(crossfade_row."crossfade_has_1", crossfade_row."crossfade_1_1", crossfade_row."crossfade_1_2", crossfade_row."crossfade_has_2", crossfade_row."crossfade_2_1", crossfade_row."crossfade_2_2")) THEN
                INSERT INTO "crossfade"."lineage_members" AS l ("email", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2")
                        VALUES (crossfade_row."email", crossfade_row."crossfade_has_1", crossfade_row."crossfade_1_1", crossfade_row."crossfade_1_2", crossfade_row."crossfade_has_2", crossfade_row."crossfade_2_1", crossfade_row."crossfade_2_2")
                        ON CONFLICT ("email") DO UPDATE
                           SET "crossfade_has_1" = excluded."crossfade_has_1", "crossfade_1_1" = excluded."crossfade_1_1", "crossfade_1_2" = excluded."crossfade_1_2", "crossfade_has_2" = excluded."crossfade_has_2", "crossfade_2_1" = excluded."crossfade_2_1", "crossfade_2_2" = excluded."crossfade_2_2"
                         WHERE record_image_ne(ROW(l."crossfade_has_1", l."crossfade_1_1", l."crossfade_1_2", l."crossfade_has_2", l."crossfade_2_1", l."crossfade_2_2"),
                                               ROW(excluded."crossfade_has_1", excluded."crossfade_1_1", excluded."crossfade_1_2", excluded."crossfade_has_2", excluded."crossfade_2_1", excluded."crossfade_2_2"));
              END IF;
      crossfade_result := 'updated';
      EXIT;
    ELSIF crossfade_found THEN
      -- The projection may be older than a row that another session inserts right now; the conflict says so.
      
    INSERT INTO "new_schema"."members" ("email", "name", "phone", "score")
    VALUES (crossfade_row."email", crossfade_row."name", crossfade_row."phone", crossfade_row."score")
    ON CONFLICT ("email") DO NOTHING;
    IF FOUND THEN
      INSERT INTO "crossfade"."lineage_members" AS l ("email", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2")
              VALUES (crossfade_row."email", crossfade_row."crossfade_has_1", crossfade_row."crossfade_1_1", crossfade_row."crossfade_1_2", crossfade_row."crossfade_has_2", crossfade_row."crossfade_2_1", crossfade_row."crossfade_2_2")
              ON CONFLICT ("email") DO UPDATE
                 SET "crossfade_has_1" = excluded."crossfade_has_1", "crossfade_1_1" = excluded."crossfade_1_1", "crossfade_1_2" = excluded."crossfade_1_2", "crossfade_has_2" = excluded."crossfade_has_2", "crossfade_2_1" = excluded."crossfade_2_1", "crossfade_2_2" = excluded."crossfade_2_2"
               WHERE record_image_ne(ROW(l."crossfade_has_1", l."crossfade_1_1", l."crossfade_1_2", l."crossfade_has_2", l."crossfade_2_1", l."crossfade_2_2"),
                                     ROW(excluded."crossfade_has_1", excluded."crossfade_1_1", excluded."crossfade_1_2", excluded."crossfade_has_2", excluded."crossfade_2_1", excluded."crossfade_2_2"));
      crossfade_result := 'inserted';
      EXIT;
    END IF;
    ELSIF crossfade_there THEN
      PERFORM "crossfade"."remove_members"("crossfade_after_1");
      crossfade_result := 'deleted';
      EXIT;
    ELSE
      DELETE FROM "crossfade"."lineage_members" AS l WHERE "l"."email" = "crossfade_after_1";
      crossfade_result := 'absent';
      EXIT;
    END IF;
  END LOOP;
  IF crossfade_result <> 'updated' THEN
    DELETE FROM crossfade.journal AS j WHERE j.target = 'members' AND j.key = crossfade_key;
  END IF;
        crossfade_ignored := set_config('crossfade.guard', '', true);
        IF crossfade_result = 'absent' THEN
          PERFORM crossfade.enqueue('members', crossfade_key, NULL, NULL);
        END IF;
      END IF;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    -- Before the key is known, a session may not be able to read a column that has got another type meanwhile.
    IF crossfade_key IS NOT NULL THEN
      GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
      PERFORM crossfade.enqueue('members', crossfade_key, crossfade_state, crossfade_message);
      crossfade_ignored := set_config('crossfade.writes', crossfade_writes::text, true);
    END IF;
  END;
  IF crossfade_key IS NOT NULL THEN
    -- In microseconds. What takes no time has not waited.
    IF clock_timestamp() > crossfade_started + interval '200 microseconds' THEN
      crossfade_ignored := set_config('crossfade.spent', least(999999999, ceil(extract(epoch FROM clock_timestamp() - crossfade_started) * 1000000))::text, true);
    END IF;
    RETURN NULL;
  END IF;
  BEGIN
    IF TG_OP <> 'INSERT' THEN
      crossfade_was := true;
      "crossfade_before_1" := CASE WHEN octet_length(((lower(OLD."email")))::text) <= 2400 THEN (lower(OLD."email")) END;
      IF "crossfade_before_1" IS NULL THEN
        crossfade_old_identity := ARRAY[(OLD."email")::text];
      END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
      crossfade_is := true;
      "crossfade_after_1" := CASE WHEN octet_length(((lower(NEW."email")))::text) <= 2400 THEN (lower(NEW."email")) END;
      IF "crossfade_after_1" IS NULL THEN
        crossfade_new_identity := ARRAY[(NEW."email")::text];
      END IF;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    BEGIN
      -- A session that was here before a column changed its type can't use its plan any more, nor make another.
      IF TG_OP <> 'INSERT' THEN
        EXECUTE 'SELECT CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END, true, ARRAY[("contacts"."email")::text] FROM (SELECT ($1).*) AS "contacts"'
          INTO "crossfade_before_1", crossfade_was, crossfade_old_identity USING OLD;
      END IF;
      IF TG_OP <> 'DELETE' THEN
        EXECUTE 'SELECT CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END, true, ARRAY[("contacts"."email")::text] FROM (SELECT ($1).*) AS "contacts"'
          INTO "crossfade_after_1", crossfade_is, crossfade_new_identity USING NEW;
      END IF;
    EXCEPTION WHEN OTHERS THEN
      -- The old table is not what it was, so nobody can tell which keys this row has: all of them will be looked at.
      GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
      PERFORM crossfade.enqueue('members', '{}', crossfade_state, crossfade_message);
      RETURN NULL;
    END;
  END;
  IF crossfade_was AND ("crossfade_before_1" IS NULL) THEN
    PERFORM crossfade.enqueue_keyless('members', 'contacts', crossfade_old_identity);
  END IF;
  IF crossfade_is AND ("crossfade_after_1" IS NULL)
     AND (crossfade_was AND ("crossfade_before_1" IS NULL) AND crossfade_new_identity = crossfade_old_identity) IS NOT TRUE THEN
    PERFORM crossfade.enqueue_keyless('members', 'contacts', crossfade_new_identity);
  END IF;
  crossfade_was := crossfade_was AND "crossfade_before_1" IS NOT NULL;
  crossfade_is := crossfade_is AND "crossfade_after_1" IS NOT NULL;
  IF crossfade_was AND crossfade_is AND "crossfade_before_1" = "crossfade_after_1" THEN
    PERFORM "crossfade"."touch_members"("crossfade_after_1");
  ELSIF crossfade_was AND crossfade_is AND "crossfade_before_1" > "crossfade_after_1" THEN
    -- Both keys of a moved row, always in the order of the keys.
    PERFORM "crossfade"."touch_members"("crossfade_after_1");
    PERFORM "crossfade"."touch_members"("crossfade_before_1");
  ELSE
    IF crossfade_was THEN
      PERFORM "crossfade"."touch_members"("crossfade_before_1");
    END IF;
    IF crossfade_is THEN
      PERFORM "crossfade"."touch_members"("crossfade_after_1");
    END IF;
  END IF;
  RETURN NULL;
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."forward_members_from_contacts"() IS 'Crossfade: brings a write to public.contacts to new_schema.members';
REVOKE ALL ON FUNCTION "crossfade"."forward_members_from_contacts"() FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."forward_members_from_contacts"() CASCADE;

-- forward-trigger:public.contacts:members: fires also for rows that logical replication applies (ENABLE ALWAYS)
CREATE TRIGGER "crossfade_01_sync_members" AFTER INSERT OR UPDATE OR DELETE ON "public"."contacts"
  FOR EACH ROW EXECUTE FUNCTION "crossfade"."forward_members_from_contacts"();
COMMENT ON TRIGGER "crossfade_01_sync_members" ON "public"."contacts" IS 'Crossfade: keeps new_schema.members in step';
ALTER TABLE "public"."contacts" ENABLE ALWAYS TRIGGER "crossfade_01_sync_members";
-- undo:
DROP TRIGGER IF EXISTS "crossfade_01_sync_members" ON "public"."contacts";

-- truncate-function:public.contacts:members: a TRUNCATE of public.contacts takes its part out of new_schema.members
CREATE OR REPLACE FUNCTION "crossfade"."truncated_members_from_contacts"() RETURNS trigger
LANGUAGE plpgsql VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET standard_conforming_strings = on
SET jit = off
SET plan_cache_mode = force_generic_plan
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET "IntervalStyle" = 'postgres'
SET extra_float_digits = 1
SET bytea_output = 'hex'
AS $crossfade$

BEGIN
  -- This snapshot may be older than rows that are truncated now. And while many keys are written, the application would
  -- wait, and all who wait for its lock: then the applier looks for them itself.
  IF current_setting('transaction_isolation') <> 'read committed'
     OR (SELECT count(*) FROM (SELECT FROM "crossfade"."lineage_members" AS l WHERE l."crossfade_has_2"
          UNION ALL SELECT FROM crossfade.journal AS j WHERE j.target = 'members' LIMIT 1001) AS few) > 1000 THEN
    PERFORM crossfade.enqueue('members', '{}', NULL, NULL);
    RETURN NULL;
  END IF;
  INSERT INTO crossfade.outbox (target, key)
  SELECT 'members', ARRAY[("l"."email")::text] FROM "crossfade"."lineage_members" AS l WHERE l."crossfade_has_2"
   UNION ALL
  SELECT 'members', j.key FROM crossfade.journal AS j WHERE j.target = 'members' AND j.key IS NOT NULL;
  INSERT INTO crossfade.outbox (target, source, key)
  SELECT 'members', 'contacts', j.old_key FROM crossfade.journal AS j
   WHERE j.target = 'members' AND j.source = 'contacts';
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  PERFORM crossfade.enqueue('members', '{}', SQLSTATE, SQLERRM);
  RETURN NULL;
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."truncated_members_from_contacts"() IS 'Crossfade: puts the keys of a truncated public.contacts into the outbox';
REVOKE ALL ON FUNCTION "crossfade"."truncated_members_from_contacts"() FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."truncated_members_from_contacts"() CASCADE;

-- truncate-trigger:public.contacts:members: row triggers don't fire for TRUNCATE
CREATE TRIGGER "crossfade_truncated_members" AFTER TRUNCATE ON "public"."contacts"
  FOR EACH STATEMENT EXECUTE FUNCTION "crossfade"."truncated_members_from_contacts"();
ALTER TABLE "public"."contacts" ENABLE ALWAYS TRIGGER "crossfade_truncated_members";
-- undo:
DROP TRIGGER IF EXISTS "crossfade_truncated_members" ON "public"."contacts";

-- capture-function:public.contacts:members: in outbox mode notes what a statement writes to public.contacts, for new_schema.members
CREATE OR REPLACE FUNCTION "crossfade"."captured_members_from_contacts"() RETURNS trigger
LANGUAGE plpgsql VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET standard_conforming_strings = on
SET jit = off
SET plan_cache_mode = force_generic_plan
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET "IntervalStyle" = 'postgres'
SET extra_float_digits = 1
SET bytea_output = 'hex'
SET lock_timeout = '0ms'
AS $crossfade$

#variable_conflict use_column
DECLARE
  crossfade_unguarded boolean := coalesce(current_setting('crossfade.guard', true), '') = '';
  -- As text; null: a row without a key.
  crossfade_keys text[] := '{}';
  crossfade_keyless text[] := '{}';
  crossfade_any boolean := true;
  crossfade_count bigint;
  crossfade_state text;
  crossfade_message text;
BEGIN
  BEGIN
    IF TG_OP = 'INSERT' THEN
      crossfade_keys := ARRAY(SELECT ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text)::text AS k FROM crossfade_new AS "contacts"
            LIMIT CASE WHEN crossfade_unguarded THEN 201 END);
    ELSIF TG_OP = 'DELETE' THEN
      crossfade_keys := ARRAY(SELECT ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text)::text AS k FROM crossfade_old AS "contacts"
            LIMIT CASE WHEN crossfade_unguarded THEN 201 END);
    ELSE
      crossfade_keys := ARRAY(SELECT ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text)::text AS k FROM crossfade_old AS "contacts"
            UNION ALL SELECT ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text)::text AS k FROM crossfade_new AS "contacts"
            LIMIT CASE WHEN crossfade_unguarded THEN 201 END);
    END IF;
    IF cardinality(crossfade_keys) > 200 AND crossfade_unguarded THEN
      IF TG_OP = 'INSERT' THEN
      INSERT INTO crossfade.outbox (target, key)
      SELECT 'members', ARRAY[u.k] FROM (SELECT ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text)::text AS k FROM crossfade_new AS "contacts") AS u (k) WHERE u.k IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
      INSERT INTO crossfade.outbox (target, key)
      SELECT 'members', ARRAY[u.k] FROM (SELECT ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text)::text AS k FROM crossfade_old AS "contacts") AS u (k) WHERE u.k IS NOT NULL;
    ELSE
      INSERT INTO crossfade.outbox (target, key)
      SELECT 'members', ARRAY[u.k] FROM (SELECT ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text)::text AS k FROM crossfade_old AS "contacts"
      UNION SELECT ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text)::text AS k FROM crossfade_new AS "contacts") AS u (k) WHERE u.k IS NOT NULL;
    END IF;
      -- Whether some of them have no key is asked below.
      crossfade_keys := ARRAY[NULL];
    END IF;
    IF array_position(crossfade_keys, NULL) IS NOT NULL THEN
    IF TG_OP = 'INSERT' THEN
      crossfade_keyless := ARRAY(SELECT (ARRAY[("contacts"."email")::text])::text FROM crossfade_new AS "contacts" WHERE ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text IS NULL));
    ELSIF TG_OP = 'DELETE' THEN
      crossfade_keyless := ARRAY(SELECT (ARRAY[("contacts"."email")::text])::text FROM crossfade_old AS "contacts" WHERE ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text IS NULL));
    ELSE
      crossfade_keyless := ARRAY(SELECT (ARRAY[("contacts"."email")::text])::text FROM crossfade_old AS "contacts" WHERE ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text IS NULL)
            UNION SELECT (ARRAY[("contacts"."email")::text])::text FROM crossfade_new AS "contacts" WHERE ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text IS NULL));
    END IF;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    -- The old table is not what it was, so nobody can tell which keys these rows have: all of them will be looked at.
    GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
    crossfade_keys := '{}';
  END;
  IF crossfade_state IS NOT NULL THEN
    PERFORM crossfade.enqueue('members', '{}', crossfade_state, crossfade_message);
    IF crossfade_unguarded THEN
    crossfade_count := nextval('"crossfade"."writes_members_from_contacts"');
  END IF;
    RETURN NULL;
  END IF;
  IF cardinality(crossfade_keys) = 0 THEN
    IF TG_OP = 'DELETE' THEN
      crossfade_any := EXISTS (SELECT FROM crossfade_old);
    ELSE
      crossfade_any := EXISTS (SELECT FROM crossfade_new);
    END IF;
    IF NOT crossfade_any THEN
      RETURN NULL;
    END IF;
  END IF;
  IF crossfade_unguarded THEN
    crossfade_count := nextval('"crossfade"."writes_members_from_contacts"');
  END IF;
  IF cardinality(crossfade_keys) = 2 AND crossfade_keys[1] = crossfade_keys[2] THEN
    crossfade_keys := crossfade_keys[1:1];
  END IF;
  IF crossfade_unguarded AND cardinality(crossfade_keys) = 1 AND crossfade_keys[1] IS NOT NULL THEN
    INSERT INTO crossfade.outbox (target, key) VALUES ('members', ARRAY[crossfade_keys[1]]);
  ELSIF cardinality(crossfade_keys) > 0 THEN
    INSERT INTO crossfade.outbox (target, key)
    SELECT DISTINCT 'members', ARRAY[u.k] FROM unnest(crossfade_keys) AS u (k)
     WHERE u.k IS NOT NULL AND (crossfade_unguarded OR NOT crossfade.is_guarded(1, (ARRAY[u.k])::text));
  END IF;
  IF cardinality(crossfade_keyless) > 0 THEN
    INSERT INTO crossfade.outbox (target, source, key)
    SELECT 'members', 'contacts', u.identity::text[] FROM unnest(crossfade_keyless) AS u (identity);
  END IF;
  RETURN NULL;
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."captured_members_from_contacts"() IS 'Crossfade: notes the keys of a statement''s writes to public.contacts';
REVOKE ALL ON FUNCTION "crossfade"."captured_members_from_contacts"() FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."captured_members_from_contacts"() CASCADE;

-- replicated-function:public.contacts:members: in outbox mode notes rows of public.contacts that logical replication applies
CREATE OR REPLACE FUNCTION "crossfade"."replicated_members_from_contacts"() RETURNS trigger
LANGUAGE plpgsql VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET standard_conforming_strings = on
SET jit = off
SET plan_cache_mode = force_generic_plan
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET "IntervalStyle" = 'postgres'
SET extra_float_digits = 1
SET bytea_output = 'hex'
SET lock_timeout = '0ms'
AS $crossfade$

#variable_conflict use_column
DECLARE
  crossfade_unguarded boolean := coalesce(current_setting('crossfade.guard', true), '') = '';
  -- As text; null: a row without a key.
  crossfade_keys text[] := '{}';
  crossfade_keyless text[] := '{}';
  crossfade_any boolean := true;
  crossfade_count bigint;
  crossfade_state text;
  crossfade_message text;
BEGIN
  IF TG_OP = 'UPDATE' AND record_image_eq(OLD, NEW) THEN
    RETURN NULL;
  END IF;
  BEGIN
    IF TG_OP = 'INSERT' THEN
      crossfade_keys := ARRAY(SELECT ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text)::text AS k FROM (SELECT NEW.*) AS "contacts");
    ELSIF TG_OP = 'DELETE' THEN
      crossfade_keys := ARRAY(SELECT ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text)::text AS k FROM (SELECT OLD.*) AS "contacts");
    ELSE
      crossfade_keys := ARRAY(SELECT ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text)::text AS k FROM (SELECT OLD.*) AS "contacts"
            UNION ALL SELECT ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text)::text AS k FROM (SELECT NEW.*) AS "contacts");
    END IF;
    
    IF array_position(crossfade_keys, NULL) IS NOT NULL THEN
    IF TG_OP = 'INSERT' THEN
      crossfade_keyless := ARRAY(SELECT (ARRAY[("contacts"."email")::text])::text FROM (SELECT NEW.*) AS "contacts" WHERE ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text IS NULL));
    ELSIF TG_OP = 'DELETE' THEN
      crossfade_keyless := ARRAY(SELECT (ARRAY[("contacts"."email")::text])::text FROM (SELECT OLD.*) AS "contacts" WHERE ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text IS NULL));
    ELSE
      crossfade_keyless := ARRAY(SELECT (ARRAY[("contacts"."email")::text])::text FROM (SELECT OLD.*) AS "contacts" WHERE ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text IS NULL)
            UNION SELECT (ARRAY[("contacts"."email")::text])::text FROM (SELECT NEW.*) AS "contacts" WHERE ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text IS NULL));
    END IF;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    -- The old table is not what it was, so nobody can tell which keys these rows have: all of them will be looked at.
    GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
    crossfade_keys := '{}';
  END;
  IF crossfade_state IS NOT NULL THEN
    PERFORM crossfade.enqueue('members', '{}', crossfade_state, crossfade_message);
    IF crossfade_unguarded THEN
    crossfade_count := nextval('"crossfade"."writes_members_from_contacts"');
  END IF;
    RETURN NULL;
  END IF;
  IF crossfade_unguarded THEN
    crossfade_count := nextval('"crossfade"."writes_members_from_contacts"');
  END IF;
  IF cardinality(crossfade_keys) = 2 AND crossfade_keys[1] = crossfade_keys[2] THEN
    crossfade_keys := crossfade_keys[1:1];
  END IF;
  IF crossfade_unguarded AND cardinality(crossfade_keys) = 1 AND crossfade_keys[1] IS NOT NULL THEN
    INSERT INTO crossfade.outbox (target, key) VALUES ('members', ARRAY[crossfade_keys[1]]);
  ELSIF cardinality(crossfade_keys) > 0 THEN
    INSERT INTO crossfade.outbox (target, key)
    SELECT DISTINCT 'members', ARRAY[u.k] FROM unnest(crossfade_keys) AS u (k)
     WHERE u.k IS NOT NULL AND (crossfade_unguarded OR NOT crossfade.is_guarded(1, (ARRAY[u.k])::text));
  END IF;
  IF cardinality(crossfade_keyless) > 0 THEN
    INSERT INTO crossfade.outbox (target, source, key)
    SELECT 'members', 'contacts', u.identity::text[] FROM unnest(crossfade_keyless) AS u (identity);
  END IF;
  RETURN NULL;
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."replicated_members_from_contacts"() IS 'Crossfade: notes the keys of rows of public.contacts that logical replication applies';
REVOKE ALL ON FUNCTION "crossfade"."replicated_members_from_contacts"() FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."replicated_members_from_contacts"() CASCADE;

-- capture-trigger:public.contacts:members:insert: one call for all rows of a statement; switched off in inline mode
CREATE TRIGGER "crossfade_01_capture_insert_members" AFTER INSERT ON "public"."contacts"
  REFERENCING NEW TABLE AS crossfade_new FOR EACH STATEMENT EXECUTE FUNCTION "crossfade"."captured_members_from_contacts"();
COMMENT ON TRIGGER "crossfade_01_capture_insert_members" ON "public"."contacts" IS 'Crossfade: notes for new_schema.members what was written, where it is in outbox mode';
-- undo:
DROP TRIGGER IF EXISTS "crossfade_01_capture_insert_members" ON "public"."contacts";

-- capture-trigger:public.contacts:members:update: one call for all rows of a statement; switched off in inline mode
CREATE TRIGGER "crossfade_01_capture_update_members" AFTER UPDATE ON "public"."contacts"
  REFERENCING OLD TABLE AS crossfade_old NEW TABLE AS crossfade_new FOR EACH STATEMENT EXECUTE FUNCTION "crossfade"."captured_members_from_contacts"();
COMMENT ON TRIGGER "crossfade_01_capture_update_members" ON "public"."contacts" IS 'Crossfade: notes for new_schema.members what was written, where it is in outbox mode';
-- undo:
DROP TRIGGER IF EXISTS "crossfade_01_capture_update_members" ON "public"."contacts";

-- capture-trigger:public.contacts:members:delete: one call for all rows of a statement; switched off in inline mode
CREATE TRIGGER "crossfade_01_capture_delete_members" AFTER DELETE ON "public"."contacts"
  REFERENCING OLD TABLE AS crossfade_old FOR EACH STATEMENT EXECUTE FUNCTION "crossfade"."captured_members_from_contacts"();
COMMENT ON TRIGGER "crossfade_01_capture_delete_members" ON "public"."contacts" IS 'Crossfade: notes for new_schema.members what was written, where it is in outbox mode';
-- undo:
DROP TRIGGER IF EXISTS "crossfade_01_capture_delete_members" ON "public"."contacts";

-- replicated-trigger:public.contacts:members: rows that logical replication applies fire no trigger for statements
CREATE TRIGGER "crossfade_01_replicated_members" AFTER INSERT OR UPDATE OR DELETE ON "public"."contacts"
  FOR EACH ROW WHEN (pg_catalog.current_setting('session_replication_role') OPERATOR(pg_catalog.=) 'replica')
  EXECUTE FUNCTION "crossfade"."replicated_members_from_contacts"();
COMMENT ON TRIGGER "crossfade_01_replicated_members" ON "public"."contacts" IS 'Crossfade: notes for new_schema.members what was written, where it is in outbox mode';
ALTER TABLE "public"."contacts" ENABLE ALWAYS TRIGGER "crossfade_01_replicated_members";
-- undo:
DROP TRIGGER IF EXISTS "crossfade_01_replicated_members" ON "public"."contacts";

-- mode:public.contacts:members: inline mode: each row is applied at once
ALTER TABLE "public"."contacts" ENABLE ALWAYS TRIGGER "crossfade_01_sync_members", DISABLE TRIGGER "crossfade_01_capture_insert_members", DISABLE TRIGGER "crossfade_01_capture_update_members", DISABLE TRIGGER "crossfade_01_capture_delete_members", DISABLE TRIGGER "crossfade_01_replicated_members";

-- lineage-index:members:1: finds rows of members by public.people.id
CREATE INDEX CONCURRENTLY IF NOT EXISTS "lineage_index_1_1" ON "crossfade"."lineage_members" ("crossfade_1_1");

-- lineage-index:members:2: finds rows of members by public.contacts.email
CREATE INDEX CONCURRENTLY IF NOT EXISTS "lineage_index_1_2" ON "crossfade"."lineage_members" ("crossfade_2_1");

-- lineage-index:members:3: finds the rows of members that public.people does not have
CREATE INDEX CONCURRENTLY IF NOT EXISTS "lineage_index_1_3" ON "crossfade"."lineage_members" ("email") WHERE NOT "crossfade_has_1";

-- lineage-index:members:4: finds the rows of members that public.contacts does not have
CREATE INDEX CONCURRENTLY IF NOT EXISTS "lineage_index_1_4" ON "crossfade"."lineage_members" ("email") WHERE NOT "crossfade_has_2";
