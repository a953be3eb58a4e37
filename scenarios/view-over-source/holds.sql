-- name: every post is one article, with its likes
with expected as (
  select coalesce(p.id, l.post_id) as id, p.title, p.live, p.views, l.likes
    from posts p full join post_likes l on l.post_id = p.id
)
(select * from expected except all select id, title, live, views, likes from articles)
union all
(select id, title, live, views, likes from articles except all select * from expected);

-- name: the customers are the accounts that are not closed
(select id, mail from accounts where not closed except all select id, email from customers)
union all
(select id, email from customers except all select id, mail from accounts where not closed);

-- name: the compat views show what the views show
-- when: reads
(select id, email from active_accounts except select id, email from crossfade_compat.active_accounts)
union all
(select id, email from crossfade_compat.active_accounts except select id, email from active_accounts);

-- name: nothing is in the journal
select * from crossfade.journal;

-- name: the views left with their tables
-- when: finish
select relname from pg_class where relnamespace = 'public'::regnamespace and relname in ('live_posts', 'active_accounts', 'posts', 'accounts');
