-- name: every post that fits is an article with the same values
select p.id from posts p left join articles a using (id)
 where p.score is not distinct from round(p.score, 2)
   and (a.id is null or (a.headline, a.state) <> (p.title, coalesce(p.state, 'draft'))
        or a.body is distinct from p.body or a.score is distinct from p.score or a.created_at <> p.created_at);

-- name: a post that doesn't fit is no article
select p.id from posts p join articles a using (id) where p.score <> round(p.score, 2);

-- name: every article is a post
select a.id from articles a left join posts p using (id) where p.id is null;

-- name: what doesn't fit is in the journal
select p.id from posts p
 where p.score <> round(p.score, 2)
   and not exists (select from crossfade.journal j where j.target = 'articles' and j.key = array[p.id::text]);

-- name: nothing else is in the journal
select j.key from crossfade.journal j
 where not exists (select from posts p where p.id::text = j.key[1] and p.score <> round(p.score, 2));

-- name: the compat view shows the posts that fit
-- when: reads
(select id, title, body, score, created_at from posts where score is not distinct from round(score, 2)
 except select id, title, body, score, created_at from crossfade_compat.posts)
union all
(select id, title, body, score, created_at from crossfade_compat.posts
 except select id, title, body, score, created_at from posts);

-- name: every article has an id and a headline
-- when: finish
select id from articles where headline is null;

-- name: the foreign key is there, and holds, at the end only
-- when: finish
select 'no valid foreign key'
 where not exists (select from pg_constraint
                    where conrelid = 'articles'::regclass and contype = 'f' and convalidated
                      and pg_get_constraintdef(oid) = 'FOREIGN KEY (author_id) REFERENCES authors(id) ON DELETE SET NULL');

-- name: nothing hangs on a table that stays while the application uses it
-- when: sync reads move
select conname from pg_constraint where contype = 'f' and confrelid = 'authors'::regclass;
