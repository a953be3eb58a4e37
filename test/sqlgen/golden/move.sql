-- sequence:members.id: the numbers that it gives from now on are free
SELECT setval('"new_schema"."members_id_seq"', greatest((SELECT coalesce(max(t."id"), 0) + 0 FROM "new_schema"."members" AS t), (SELECT q.last_value FROM "new_schema"."members_id_seq" AS q)), true);

-- open:members: new_schema.members opens for native writes
DROP TRIGGER IF EXISTS "crossfade_closed" ON "new_schema"."members";
-- undo:
CREATE TRIGGER "crossfade_closed" BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON "new_schema"."members"
  FOR EACH STATEMENT EXECUTE FUNCTION "crossfade"."closed_members"();
ALTER TABLE "new_schema"."members" ENABLE ALWAYS TRIGGER "crossfade_closed";

-- reverse-trigger:members: a native write to new_schema.members reaches the old tables in the same transaction
CREATE TRIGGER "crossfade_reverse" AFTER INSERT OR UPDATE OR DELETE ON "new_schema"."members"
  FOR EACH ROW EXECUTE FUNCTION "crossfade"."reverse_members"();
ALTER TABLE "new_schema"."members" ENABLE ALWAYS TRIGGER "crossfade_reverse";
CREATE TRIGGER "crossfade_no_truncate" BEFORE TRUNCATE ON "new_schema"."members"
  FOR EACH STATEMENT EXECUTE FUNCTION crossfade.refuse_truncate();
ALTER TABLE "new_schema"."members" ENABLE ALWAYS TRIGGER "crossfade_no_truncate";
CREATE TRIGGER "crossfade_lose_patience" BEFORE INSERT OR UPDATE OR DELETE ON "new_schema"."members"
  FOR EACH STATEMENT WHEN (pg_catalog.current_setting('crossfade.native', true) OPERATOR(pg_catalog.=) 'yes')
  EXECUTE FUNCTION crossfade.lose_patience();
CREATE TRIGGER "crossfade_regain_patience" AFTER INSERT OR UPDATE OR DELETE ON "new_schema"."members"
  FOR EACH STATEMENT WHEN (pg_catalog.current_setting('crossfade.patience', true) OPERATOR(pg_catalog.<>) '')
  EXECUTE FUNCTION crossfade.regain_patience();
-- undo:
DROP TRIGGER IF EXISTS "crossfade_reverse" ON "new_schema"."members";
DROP TRIGGER IF EXISTS "crossfade_no_truncate" ON "new_schema"."members";
DROP TRIGGER IF EXISTS "crossfade_lose_patience" ON "new_schema"."members";
DROP TRIGGER IF EXISTS "crossfade_regain_patience" ON "new_schema"."members";

-- write-access:members:PUBLIC: PUBLIC has these rights on every old table that a write to new_schema.members reaches
GRANT INSERT ON "new_schema"."members" TO PUBLIC;
GRANT USAGE ON SEQUENCE "new_schema"."members_id_seq" TO PUBLIC;
-- undo:
REVOKE INSERT ON "new_schema"."members" FROM PUBLIC;
REVOKE USAGE ON SEQUENCE "new_schema"."members_id_seq" FROM PUBLIC;
