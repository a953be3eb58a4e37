WITH projected AS MATERIALIZED (
  SELECT p.*, p.crossfade_refusal IS NULL AND NOT EXISTS (SELECT FROM "new_schema"."members" AS crossfade_there WHERE "crossfade_there"."email" = "p"."email" AND "crossfade_there"."email" > $1::text AND "crossfade_there"."email" <= $2::text) AS crossfade_fits FROM (
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
    FROM "public"."people" AS "people" WHERE "people"."email" > $1::text AND "people"."email" <= $2::text
    OFFSET 0
  ) AS "s1"
  FULL JOIN (
    SELECT DISTINCT ON (1) (CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END)::text AS "email",
           (full_name)::text AS "name",
           "contacts"."phone"::text AS "phone",
           true AS crossfade_present,
           "contacts"."email"::text AS "crossfade_2_1",
           "contacts"."full_name"::character varying(60) AS "crossfade_2_2"
    FROM "public"."contacts" AS "contacts" WHERE CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END > $1::text AND CASE WHEN octet_length(((lower(email)))::text) <= 2400 THEN (lower(email)) END <= $2::text
    ORDER BY 1, "contacts"."email"
    OFFSET 0
  ) AS "s2" ON "s1"."email" = "s2"."email"
) AS q
OFFSET 0
) AS p
  OFFSET 0
  ) AS p
), refused AS (
  INSERT INTO crossfade.outbox (target, key)
  SELECT 'members', ARRAY[("p"."email")::text] FROM projected AS p WHERE p.crossfade_refusal[1] <> 'omit'
), inserted AS (
  INSERT INTO "new_schema"."members" ("email", "name", "phone", "score")
    SELECT "email", "name", "phone", "score" FROM projected WHERE crossfade_fits ORDER BY "email"
  ON CONFLICT ("email") DO NOTHING
  RETURNING "email"
)
INSERT INTO "crossfade"."lineage_members" ("email", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2")
  SELECT p."email", p."crossfade_has_1", p."crossfade_1_1", p."crossfade_1_2", p."crossfade_has_2", p."crossfade_2_1", p."crossfade_2_2" FROM projected AS p WHERE p.crossfade_fits AND ("p"."email" IN (SELECT "crossfade_member"."email" FROM inserted AS crossfade_member)) IS TRUE
  ON CONFLICT ("email") DO NOTHING;
