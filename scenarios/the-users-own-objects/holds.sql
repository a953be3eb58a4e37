-- name: every post is one article
with expected as (
  select a.id, a.title, a.revisions, b.likes, a.published_at from posts_a a left join posts_b b on b.post_id = a.id
), actual as (select article_id, title, revisions, likes, published_at from articles)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: each change of a title was noted exactly once
select a.id, a.revisions from posts_a a
 where a.revisions <> (select count(*) from title_log l where l.post_id = a.id);

-- name: the views and functions show the posts
select 'feed' where exists (select id, title, likes from feed except all
                            select article_id, title, coalesce(likes, 0) from articles)
union all
select 'top_posts' where (select count(*) from top_posts) <> (select count(*) from articles where likes >= 50)
union all
select 'functions' where post_count() <> (select count(*) from articles)
   or title_of(1) is distinct from (select title from articles where article_id = 1);

-- name: after finish they show the articles, in their own words and with their rights
-- when: finish
(select 'feed' as what from (select id, title, likes from feed except all
                     select article_id, title, coalesce(likes, 0) from articles) as f limit 1)
union all
select 'articles' where exists (select article_id, title, coalesce(likes, 0) from articles except all
                                select id, title, likes from feed)
union all
select 'top_posts' where (select count(*) from top_posts) <> (select count(*) from articles where likes >= 50)
union all
select 'functions' where post_count() <> (select count(*) from articles)
   or title_of(1) is distinct from (select title from articles where article_id = 1)
union all
select 'rights' from pg_class where oid = 'feed'::regclass
   and (relacl is null or relacl::text !~ '[{,]=r/' or obj_description(oid, 'pg_class') is distinct from 'what the analyst reads')
union all
select 'archive: ' || c.relname from pg_class c join pg_rewrite r on r.ev_class = c.oid join pg_depend d on d.objid = r.oid
  join pg_class o on o.oid = d.refobjid
 where c.relname in ('feed', 'top_posts') and o.relnamespace::regnamespace::text like 'archived%';

-- name: the foreign keys of the tables that stayed lead to the articles
-- when: finish
with expected (name, action) as (values ('comments_post_id_fkey', 'c'), ('pins_post_id_fkey', 'a'), ('title_log_post_id_fkey', 'c'))
select name from expected
 where not exists (select from pg_constraint where conname = name and convalidated and confdeltype::text = action
                      and confrelid = 'articles'::regclass);

-- name: nothing is in the journal
select * from crossfade.journal;
