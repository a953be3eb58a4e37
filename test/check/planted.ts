import { append, type CrossfadeConfig, merge } from '../../src/spec/config.ts'

/** Two tables of posts, one of visits, one of places that stays; each mess in a number of its own. */
export const oldSql = `
create table posts (id int primary key, title text, body text, likes text, place int, slug text, changed timestamptz);
create table drafts (draft int generated always as identity primary key, post_id text, title text, body text, score numeric, seen int);
create table visits (id int primary key, post int, ratio numeric, kind text);
create table places (id int primary key);
create view busy as select id, title from posts;
create function bump() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger bump before update on posts for each row execute function bump();
insert into places values (1);
insert into posts select i, 'title ' || i, 'body', i::text, 1, 'slug-' || i, now() from generate_series(1, 100) i;
insert into drafts (post_id, title, body, score, seen) select i::text, 'title ' || i, null, 0.5, i from generate_series(1, 50) i;
update posts set title = null where id in (98, 99);           -- 2: nobody has a title
update posts set likes = 'many' where id between 90 and 92;   -- 3: raise
update posts set likes = '-1' where id between 80 and 83;     -- 4: the CHECK
update posts set place = 7 where id between 70 and 74;        -- 5: no such place
update posts set slug = 'same' where id between 60 and 65;    -- 6, of which 1 stays
update drafts set title = 'secret' where post_id in ('1', '2', '3', '4', '5', '6', '7'); -- 7: conflicts
update drafts set score = 123.4 where post_id in ('10', '11', '12', '13', '14', '15', '16', '17'); -- 8: out of range
insert into drafts (post_id, title, body, score, seen) values ('no number', 'x', 'x', 1, 1), (null, 'x', 'x', 1, 1); -- 2: no key
insert into drafts (post_id, title, body, score, seen) select '20', 'title 20', null, 0.5, 1 from generate_series(1, 9); -- 9: the same key again
insert into visits select i, i, 0.1, 'web' from generate_series(1, 100) i;
update visits set post = 1000 where id <= 10;                 -- 10: no such post
update visits set ratio = 0.12345 where id between 30 and 40; -- 11: a digit too many
update visits set kind = 'odd' where id between 50 and 53;    -- 4: a CHECK of the old table that is NOT VALID
alter table visits add constraint known check (kind <> 'odd') not valid;`

export const newSql = `
create table articles (
  id int primary key, title text not null, body text, likes int check (likes >= 0), place int references places,
  slug text unique, score numeric(3,1), changed timestamptz);
create table article_visits (
  id bigint generated always as identity primary key, article int references articles, ratio numeric(5,4), kind text);`

export const tables: CrossfadeConfig['tables'] = {
  articles: merge({
    key: 'id',
    sources: { posts: { columns: { likes: { from: 'likes::int', back: 'likes::text' } } }, drafts: { key: 'post_id' } },
  }),
  article_visits: append({ sources: { visits: { columns: { article: 'post' } } } }),
}
