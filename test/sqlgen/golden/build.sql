-- api-state: clients over HTTP (pg-crossfade/supabase) learn how much to read from the new tables
CREATE OR REPLACE FUNCTION "crossfade_compat"."crossfade_state"(old_schema text DEFAULT 'public') RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $crossfade$
SELECT jsonb_build_object(
         'version', state->'version',
         'percent', state->'percent',
         'shadow', state->'shadow',
         'tables', coalesce((
           SELECT jsonb_object_agg(c.relname, state->'percent')
             FROM pg_class AS c
            WHERE c.relnamespace = 'crossfade_compat'::regnamespace AND c.relkind = 'v' AND NOT state->'heldBack' ? c.relname
              AND has_any_column_privilege(c.oid, 'SELECT')
              AND state->>'schema' = old_schema), '{}'))
  FROM "crossfade"."client_state"() AS state
$crossfade$;
COMMENT ON FUNCTION "crossfade_compat"."crossfade_state"(text) IS 'Crossfade: what clients over HTTP may know';
REVOKE ALL ON FUNCTION "crossfade_compat"."crossfade_state"(text) FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade_compat"."crossfade_state"(text);

-- api-record: servers with the service key (pg-crossfade/supabase-shadow) tell of their reads
CREATE OR REPLACE FUNCTION "crossfade_compat"."crossfade_record_reads"(report text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $crossfade$SELECT "crossfade"."record_reads"(report::jsonb)$crossfade$;
COMMENT ON FUNCTION "crossfade_compat"."crossfade_record_reads"(text) IS 'Crossfade: what servers tell of their reads over HTTP';
REVOKE ALL ON FUNCTION "crossfade_compat"."crossfade_record_reads"(text) FROM PUBLIC;
DO $crossfade$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
    GRANT USAGE ON SCHEMA "crossfade_compat" TO "service_role";
    GRANT EXECUTE ON FUNCTION "crossfade_compat"."crossfade_record_reads"(text) TO "service_role";
  END IF;
END
$crossfade$;
-- undo:
DROP FUNCTION IF EXISTS "crossfade_compat"."crossfade_record_reads"(text);

-- lineage:members: keeps from which old tables each row of members came, so that the old shape can be read from it
CREATE TABLE "crossfade"."lineage_members" (
  "email" text NOT NULL,
    "crossfade_has_1" boolean NOT NULL,
    "crossfade_1_1" integer,
    "crossfade_1_2" numeric,
    "crossfade_has_2" boolean NOT NULL,
    "crossfade_2_1" text,
    "crossfade_2_2" character varying(60),
    PRIMARY KEY ("email")
);
COMMENT ON TABLE "crossfade"."lineage_members" IS 'Crossfade: the old rows that each row of members came from';
COMMENT ON COLUMN "crossfade"."lineage_members"."crossfade_has_1" IS 'the row has a row of public.people';
COMMENT ON COLUMN "crossfade"."lineage_members"."crossfade_1_1" IS 'public.people.id, which the new row can''t give back';
COMMENT ON COLUMN "crossfade"."lineage_members"."crossfade_1_2" IS 'public.people.score, which the new row can''t give back';
COMMENT ON COLUMN "crossfade"."lineage_members"."crossfade_has_2" IS 'the row has a row of public.contacts';
COMMENT ON COLUMN "crossfade"."lineage_members"."crossfade_2_1" IS 'public.contacts.email, which the new row can''t give back';
COMMENT ON COLUMN "crossfade"."lineage_members"."crossfade_2_2" IS 'public.contacts.full_name, which the new row can''t give back';;
-- undo:
DROP TABLE IF EXISTS "crossfade"."lineage_members";

-- closed-function:members: only sync writes to new_schema.members until it is opened
CREATE OR REPLACE FUNCTION "crossfade"."closed_members"() RETURNS trigger
LANGUAGE plpgsql VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $crossfade$

DECLARE
  crossfade_guard text := current_setting('crossfade.guard', true);
  crossfade_number text := split_part(crossfade_guard, ':', 1);
BEGIN
  -- The seal is 64 characters behind a bar, and a key may hold bars of its own: so it is cut from the right.
  IF crossfade_number IN ('1')
     AND crossfade_guard = crossfade.guard_for(crossfade_number::integer, substr(left(crossfade_guard, -65), length(crossfade_number) + 2)) THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION '% is not open for writing yet', TG_RELID::regclass
    USING ERRCODE = '42501',
          HINT = 'Crossfade keeps it in step with the old tables. It opens with: crossfade move. Until then write by the old names.';
END
$crossfade$;
COMMENT ON FUNCTION "crossfade"."closed_members"() IS 'Crossfade: refuses native writes to new_schema.members until it is opened';
REVOKE ALL ON FUNCTION "crossfade"."closed_members"() FROM PUBLIC;
-- undo:
DROP FUNCTION IF EXISTS "crossfade"."closed_members"() CASCADE;

-- closed-trigger:members: only sync writes to new_schema.members until it is opened
CREATE TRIGGER "crossfade_closed" BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON "new_schema"."members"
  FOR EACH STATEMENT EXECUTE FUNCTION "crossfade"."closed_members"();
ALTER TABLE "new_schema"."members" ENABLE ALWAYS TRIGGER "crossfade_closed";
-- undo:
DROP TRIGGER IF EXISTS "crossfade_closed" ON "new_schema"."members";

-- compat:public.people: reads of public.people can come from new_schema.members without a change of code
CREATE OR REPLACE VIEW "crossfade_compat"."people" WITH (security_invoker = true) AS
SELECT crossfade_lineage."crossfade_1_1" AS "id",
       ("members"."email"::text)::text AS "email",
       ("members"."name"::text)::text AS "name",
       crossfade_lineage."crossfade_1_2" AS "score"
  FROM "new_schema"."members" AS "members"
  LEFT JOIN "crossfade"."lineage_members" AS crossfade_lineage ON "members"."email" = crossfade_lineage."email"
 WHERE NOT EXISTS (SELECT FROM "crossfade"."lineage_members" AS crossfade_without WHERE "members"."email" = crossfade_without."email" AND NOT crossfade_without."crossfade_has_1");
COMMENT ON VIEW "crossfade_compat"."people" IS 'Crossfade: public.people, read from new_schema.members';
-- undo:
DROP VIEW IF EXISTS "crossfade_compat"."people" CASCADE;

-- compat:public.contacts: reads of public.contacts can come from new_schema.members without a change of code
CREATE OR REPLACE VIEW "crossfade_compat"."contacts" WITH (security_invoker = true) AS
SELECT crossfade_lineage."crossfade_2_1" AS "email",
       crossfade_lineage."crossfade_2_2" AS "full_name",
       ("members"."phone"::text)::text AS "phone"
  FROM "new_schema"."members" AS "members"
  LEFT JOIN "crossfade"."lineage_members" AS crossfade_lineage ON "members"."email" = crossfade_lineage."email"
 WHERE NOT EXISTS (SELECT FROM "crossfade"."lineage_members" AS crossfade_without WHERE "members"."email" = crossfade_without."email" AND NOT crossfade_without."crossfade_has_2");
COMMENT ON VIEW "crossfade_compat"."contacts" IS 'Crossfade: public.contacts, read from new_schema.members';
-- undo:
DROP VIEW IF EXISTS "crossfade_compat"."contacts" CASCADE;

-- read-access:members:PUBLIC: PUBLIC may read all of every old table that feeds new_schema.members
GRANT SELECT ON "new_schema"."members" TO PUBLIC;
GRANT SELECT ("email", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2") ON "crossfade"."lineage_members" TO PUBLIC;
GRANT USAGE ON SCHEMA "crossfade_compat" TO PUBLIC;
GRANT SELECT ON "crossfade_compat"."people", "crossfade_compat"."contacts" TO PUBLIC;
GRANT EXECUTE ON FUNCTION "crossfade_compat"."crossfade_state"(text) TO PUBLIC;

-- key-index:crossfade_key_1_contacts: finds rows of public.contacts by the key of members; writers go on while it is built
CREATE INDEX CONCURRENTLY IF NOT EXISTS "crossfade_key_1_contacts" ON "public"."contacts" ((CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END));
-- undo:
DROP INDEX IF EXISTS "public"."crossfade_key_1_contacts";

-- key-index-comment:crossfade_key_1_contacts: says whose index it is
COMMENT ON INDEX "public"."crossfade_key_1_contacts" IS 'Crossfade: finds rows by the key of members; dropped with what needs it';

-- key-index-analyze:crossfade_key_1_contacts: gives the planner statistics on the key, from a sample
ANALYZE "public"."contacts";
