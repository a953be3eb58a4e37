WITH projected AS MATERIALIZED (
  SELECT q."email" AS "email",
       q."name" AS "name",
       q."phone" AS "phone",
       CASE WHEN q."score" = q."score"::numeric(5,2) THEN q."score"::numeric(5,2)
            WHEN q."score" IS NOT NULL THEN crossfade.misfit('score', 'numeric(5,2)', q."score"::text)::numeric(5,2) END AS "score",
       q."crossfade_has_1",
       q."crossfade_1_1",
       q."crossfade_1_2",
       q."crossfade_has_2",
       q."crossfade_2_1",
       q."crossfade_2_2"
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
  ) AS "s2" ON "s1"."email" = "s2"."email"
) AS q
), inserted AS (
  INSERT INTO "new_schema"."members" ("email", "name", "phone", "score")
  SELECT "email", "name", "phone", "score" FROM projected ORDER BY "email"
  ON CONFLICT ("email") DO NOTHING
  RETURNING "email"
), lineage AS (
  INSERT INTO "crossfade"."lineage_members" ("email", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2")
  SELECT p."email", p."crossfade_has_1", p."crossfade_1_1", p."crossfade_1_2", p."crossfade_has_2", p."crossfade_2_1", p."crossfade_2_2"
    FROM projected AS p JOIN inserted AS i ON "i"."email" = "p"."email"
  ON CONFLICT ("email") DO NOTHING
)
SELECT (SELECT count(*) FROM projected) AS projected, (SELECT count(*) FROM inserted) AS inserted;
