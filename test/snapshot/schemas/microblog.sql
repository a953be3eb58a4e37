-- A network of microblogs: ids that sort by time, many partial indexes, counts kept beside, jobs, a service role.
CREATE EXTENSION pg_trgm;
CREATE SCHEMA jobs;
CREATE SEQUENCE posts_id_seq;
CREATE FUNCTION time_id(of_table text) RETURNS bigint LANGUAGE plpgsql AS $$
  declare part bigint; tail bigint;
  begin
    part := (date_part('epoch', now()) * 1000)::bigint << 16;
    tail := ('x' || substr(md5(of_table || '0f81ae07' || part::text), 1, 4))::bit(16)::bigint;
    return part | ((tail + nextval(of_table || '_id_seq')) & 65535);
  end
$$;
CREATE TABLE accounts (
  id bigint DEFAULT time_id('posts'::text) PRIMARY KEY,
  username character varying DEFAULT ''::character varying NOT NULL,
  domain character varying,
  private_key text, public_key text DEFAULT ''::text NOT NULL,
  created_at timestamp(6) without time zone NOT NULL, updated_at timestamp(6) without time zone NOT NULL,
  display_name character varying DEFAULT ''::character varying NOT NULL,
  locked boolean DEFAULT false NOT NULL,
  moved_to_id bigint,
  also_known_as character varying[] DEFAULT '{}'::character varying[],
  fields jsonb, silenced_at timestamp without time zone, suspended_at timestamp without time zone,
  indexable boolean DEFAULT false NOT NULL
);
CREATE UNIQUE INDEX index_accounts_on_username_and_domain_lower ON accounts (lower(username::text), COALESCE(lower(domain::text), ''::text));
CREATE INDEX search_index ON accounts USING gin ((setweight(to_tsvector('simple'::regconfig, display_name::text), 'A'::"char")
  || setweight(to_tsvector('simple'::regconfig, username::text), 'B'::"char")));
CREATE INDEX index_accounts_on_moved_to_id ON accounts (moved_to_id) WHERE moved_to_id IS NOT NULL;
ALTER TABLE accounts ADD CONSTRAINT fk_moved FOREIGN KEY (moved_to_id) REFERENCES accounts ON DELETE SET NULL;
CREATE TABLE conversations (id bigserial PRIMARY KEY, uri character varying, created_at timestamp NOT NULL);
CREATE UNIQUE INDEX index_conversations_on_uri ON conversations (uri text_pattern_ops) WHERE uri IS NOT NULL;
CREATE TABLE posts (
  id bigint DEFAULT time_id('posts'::text) PRIMARY KEY,
  uri character varying, text text DEFAULT ''::text NOT NULL,
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  in_reply_to_id bigint REFERENCES posts ON DELETE SET NULL, boost_of_id bigint REFERENCES posts ON DELETE CASCADE,
  conversation_id bigint REFERENCES conversations ON DELETE SET NULL,
  sensitive boolean DEFAULT false NOT NULL, visibility integer DEFAULT 0 NOT NULL,
  language character varying, deleted_at timestamp(6), ordered_media_ids bigint[],
  CHECK (visibility BETWEEN 0 AND 4)
);
ALTER SEQUENCE posts_id_seq OWNED BY posts.id;
CREATE INDEX index_posts_public ON posts (id DESC, account_id) WHERE deleted_at IS NULL AND visibility = 0 AND boost_of_id IS NULL;
CREATE INDEX index_posts_profile ON posts (account_id, id DESC, visibility) WHERE deleted_at IS NULL;
CREATE INDEX index_posts_text ON posts USING gin (text gin_trgm_ops);
CREATE TABLE post_counts (
  post_id bigint PRIMARY KEY REFERENCES posts ON DELETE CASCADE,
  replies bigint DEFAULT 0 NOT NULL, boosts bigint DEFAULT 0 NOT NULL, likes bigint DEFAULT 0 NOT NULL
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
CREATE TABLE follows (
  id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE, target_id bigint NOT NULL,
  show_boosts boolean DEFAULT true NOT NULL, languages character varying[], UNIQUE (account_id, target_id)
);
ALTER TABLE follows ADD CONSTRAINT fk_target FOREIGN KEY (target_id) REFERENCES accounts ON DELETE CASCADE NOT VALID;
CREATE TABLE attachments (
  id bigserial PRIMARY KEY, post_id bigint REFERENCES posts ON DELETE SET NULL, kind integer DEFAULT 0 NOT NULL,
  meta json, blurhash character varying, owner_type character varying, owner_id bigint
);
CREATE INDEX index_attachments_on_owner ON attachments (owner_type, owner_id) WHERE owner_id IS NOT NULL;
CREATE UNLOGGED TABLE jobs.queue (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, task text NOT NULL, payload jsonb DEFAULT '{}' NOT NULL,
  run_at timestamptz DEFAULT now() NOT NULL, attempts smallint DEFAULT 0 NOT NULL, locked_by text, key text UNIQUE
);
CREATE INDEX ready ON jobs.queue (run_at, id) WHERE locked_by IS NULL AND attempts < 25;
CREATE FUNCTION jobs.take(worker text) RETURNS SETOF jobs.queue LANGUAGE sql SECURITY DEFINER SET search_path TO 'jobs', 'pg_temp' AS $$
  update queue set locked_by = worker, attempts = attempts + 1
  where id = (select id from queue where locked_by is null and run_at <= now() order by run_at, id for update skip locked limit 1)
  returning *
$$;
REVOKE EXECUTE ON FUNCTION jobs.take(text) FROM PUBLIC;
CREATE FUNCTION count_reply() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  insert into post_counts (post_id, replies) values (new.in_reply_to_id, 1) on conflict (post_id) do update set replies = post_counts.replies + 1;
  return null;
end $$;
CREATE TRIGGER count_replies AFTER INSERT ON posts FOR EACH ROW WHEN (new.in_reply_to_id IS NOT NULL) EXECUTE FUNCTION count_reply();
CREATE MATERIALIZED VIEW account_summaries AS
  SELECT a.id AS account_id, mode() WITHIN GROUP (ORDER BY t.language) AS language, mode() WITHIN GROUP (ORDER BY t.sensitive) AS sensitive
  FROM accounts a
  CROSS JOIN LATERAL (SELECT p.account_id, p.language, p.sensitive FROM posts p
    WHERE p.account_id = a.id AND p.deleted_at IS NULL AND p.boost_of_id IS NULL ORDER BY p.id DESC LIMIT 20) t
  WHERE a.suspended_at IS NULL AND a.silenced_at IS NULL AND a.moved_to_id IS NULL
  GROUP BY a.id;
CREATE UNIQUE INDEX index_account_summaries_on_account_id ON account_summaries (account_id);
CREATE MATERIALIZED VIEW global_follow_recommendations AS
  SELECT account_id, sum(rank) AS rank, array_agg(reason) AS reason
  FROM (
    SELECT s.account_id, count(f.id) / (1.0 + count(f.id)) AS rank, 'most_followed'::text AS reason
    FROM follows f JOIN account_summaries s ON s.account_id = f.target_id WHERE NOT s.sensitive GROUP BY s.account_id HAVING count(f.id) >= 5
    UNION ALL
    SELECT s.account_id, sum(c.boosts + c.likes) / (1.0 + sum(c.boosts + c.likes)), 'most_interactions'::text
    FROM post_counts c JOIN posts p ON p.id = c.post_id JOIN account_summaries s USING (account_id) GROUP BY s.account_id
  ) t GROUP BY account_id ORDER BY sum(rank) DESC WITH NO DATA;
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON accounts FOR SELECT USING (suspended_at IS NULL);
