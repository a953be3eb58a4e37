WITH projected AS (
  SELECT "email", "name", "phone", "score", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2", q.crossfade_refusal IS NOT NULL AS crossfade_refused FROM (
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
  ) AS q WHERE q.crossfade_refusal[1] IS DISTINCT FROM 'omit'
), stored AS (
  SELECT "email", "name", "phone", "score", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2" FROM (
    SELECT t."email", t."name", t."phone", t."score", l."crossfade_has_1", l."crossfade_1_1", l."crossfade_1_2", l."crossfade_has_2", l."crossfade_2_1", l."crossfade_2_2", "t"."email" IS NOT NULL AS crossfade_there
      FROM (SELECT "email", "name", "phone", "score" FROM "new_schema"."members" AS t WHERE "t"."email" > $1::text AND "t"."email" <= $2::text) AS t
      FULL JOIN (SELECT "email", "crossfade_has_1", "crossfade_1_1", "crossfade_1_2", "crossfade_has_2", "crossfade_2_1", "crossfade_2_2" FROM "crossfade"."lineage_members" AS l WHERE "l"."email" > $1::text AND "l"."email" <= $2::text) AS l ON "l"."email" = "t"."email"
    OFFSET 0
  ) AS t WHERE crossfade_there
), compared AS (
  SELECT CASE WHEN c.verdict IS NOT NULL THEN ARRAY[(c."crossfade_key_1")::text] END AS key, c.verdict, c.columns
    FROM (
      SELECT d."crossfade_key_1", d.columns, CASE WHEN d.columns IS NOT NULL THEN 'differing' ELSE d.absent END AS verdict
        FROM (
          SELECT coalesce(p."email", s."email") AS "crossfade_key_1",
                 CASE WHEN s."email" IS NULL THEN 'missing' WHEN p."email" IS NULL OR p.crossfade_refused THEN 'extra' END AS absent,
                 CASE WHEN s."email" IS NOT NULL AND p."email" IS NOT NULL AND NOT p.crossfade_refused AND record_image_ne(ROW(p."email", p."name", p."phone", p."score", p."crossfade_has_1", p."crossfade_1_1", p."crossfade_1_2", p."crossfade_has_2", p."crossfade_2_1", p."crossfade_2_2"), ROW(s."email", s."name", s."phone", s."score", s."crossfade_has_1", s."crossfade_1_1", s."crossfade_1_2", s."crossfade_has_2", s."crossfade_2_1", s."crossfade_2_2")) THEN array_remove(ARRAY[
                   CASE WHEN record_image_ne(ROW(p."email"), ROW(s."email")) THEN 'email' END,
                   CASE WHEN record_image_ne(ROW(p."name"), ROW(s."name")) THEN 'name' END,
                   CASE WHEN record_image_ne(ROW(p."phone"), ROW(s."phone")) THEN 'phone' END,
                   CASE WHEN record_image_ne(ROW(p."score"), ROW(s."score")) THEN 'score' END,
                   CASE WHEN record_image_ne(ROW(p."crossfade_has_1", p."crossfade_1_1", p."crossfade_1_2", p."crossfade_has_2", p."crossfade_2_1", p."crossfade_2_2"), ROW(s."crossfade_has_1", s."crossfade_1_1", s."crossfade_1_2", s."crossfade_has_2", s."crossfade_2_1", s."crossfade_2_2")) THEN 'lineage' END
                 ]::text[], NULL) END AS columns
            FROM projected AS p
            FULL JOIN stored AS s ON "p"."email" = "s"."email"
          OFFSET 0
        ) AS d
    ) AS c
), explained AS (
  SELECT e.*,
         CASE WHEN e.verdict IS NOT NULL THEN EXISTS (SELECT FROM crossfade.outbox AS o WHERE o.target = 'members' AND o.source IS NULL AND o.key IN (e.key, '{}')) ELSE false END AS waiting,
         CASE WHEN e.verdict = 'missing' THEN EXISTS (SELECT FROM crossfade.journal AS j WHERE j.target = 'members' AND j.key = e.key) ELSE false END AS journaled
    FROM compared AS e
  OFFSET 0
)
SELECT count(*)::int AS compared,
       (count(*) FILTER (WHERE e.waiting))::int AS waiting,
       (count(*) FILTER (WHERE e.journaled AND NOT e.waiting))::int AS journaled,
       coalesce(jsonb_agg(jsonb_build_object('key', to_jsonb(e.key), 'verdict', e.verdict, 'columns', to_jsonb(e.columns)))
                FILTER (WHERE e.verdict IS NOT NULL AND NOT e.waiting AND NOT e.journaled), '[]') AS differences
  FROM explained AS e;
