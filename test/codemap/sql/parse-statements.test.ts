import { beforeAll, expect, test } from 'vitest'
import { loadSqlParser } from '../../../src/codemap/sql/parser.ts'
import { seen } from './reading.ts'

beforeAll(loadSqlParser)

const CASES: [what: string, sql: string, seen: string[]][] = [
  ['a plain select', 'select id, title from posts', ['select posts r:id,title']],
  ['every column', 'select * from posts', ['select posts *']],
  [
    'every column of one of two',
    'select p.*, u.name from posts p, users u where u.id = p.user_id',
    ['select posts f:user_id *', 'select users r:name f:id'],
  ],
  [
    'a schema, quotes and an alias',
    'select "P"."Id" from "App"."Posts" as "P" where "P"."State" = \'x\'',
    ['select App.Posts r:Id f:State State=x'],
  ],
  ['a database in front', 'select id from shop.public.posts', ['select public.posts r:id']],
  [
    'order, group, having',
    'select author, count(*) from posts group by author having max(score) > 3 order by author desc',
    ['select posts r:author f:score o:author'],
  ],
  [
    'order by an output',
    'select lower(title) as name, created_at at from posts order by at, 1',
    ['select posts r:created_at,title o:created_at'],
  ],
  [
    'group by an alias',
    "select date_trunc('day', created_at) as day from posts group by day",
    ['select posts r:created_at'],
  ],
  [
    'distinct on',
    'select distinct on (author) author, id from posts order by author, created_at',
    ['select posts r:author,id o:author,created_at'],
  ],
  [
    'a window',
    'select id, rank() over (partition by author order by score) from posts',
    ['select posts r:author,id o:score'],
  ],
  [
    'a named window',
    'select rank() over w from posts window w as (partition by author order by score)',
    ['select posts r:author o:score'],
  ],
  [
    'a filter and an order in an aggregate',
    "select array_agg(id order by score) filter (where status = 'x') from posts",
    ['select posts r:id f:status o:score status=x'],
  ],
  [
    'a join by ON',
    'select p.id, u.name from posts p left join users u on u.id = p.user_id and u.active where p.x is null',
    ['select posts r:id f:user_id,x x=', 'select users r:name f:active,id'],
  ],
  [
    'a join by USING',
    'select p.id from posts p join users u using (user_id)',
    ['select posts r:id f:user_id', 'select users f:user_id'],
  ],
  [
    'a column that USING shares',
    'select user_id from posts join users using (user_id)',
    ['select posts r:user_id f:user_id', 'select users f:user_id'],
  ],
  ['a natural join', 'select p.id from posts p natural join users u', ['select posts r:id *', 'select users *']],
  [
    'a column of nobody knows which table',
    'select title from posts p join users u on u.id = p.user_id',
    ['select posts f:user_id *', 'select users f:id *'],
  ],
  [
    'a table joined with itself',
    'select a.id, b.title from posts a join posts b on a.id = b.parent_id',
    ['select posts r:id,title f:id,parent_id'],
  ],
  [
    'a subquery in FROM',
    'select t.id from (select id, author from posts where score > 1) t where t.author = 1',
    ['select posts r:author,id f:author,score author=1'],
  ],
  [
    'a subquery in FROM with every column',
    'select t.id from (select * from posts) t order by t.score',
    ['select posts r:id o:score *'],
  ],
  [
    'a subquery in WHERE',
    'select id from posts where author in (select u.id from users u where u.active)',
    ['select posts r:id f:author', 'select users r:id f:active'],
  ],
  [
    'a scalar subquery',
    'select (select count(*) from comments c where c.post_id = p.id) as n from posts p',
    ['select comments f:post_id', 'select posts f:id'],
  ],
  [
    'exists',
    'select id from posts p where not exists (select * from bans b where b.user_id = p.user_id)',
    ['select posts r:id f:user_id', 'select bans f:user_id'],
  ],
  [
    'lateral',
    'select p.id, l.body from posts p cross join lateral (select c.body from comments c where c.post_id = p.id limit 1) l',
    ['select posts r:id f:id', 'select comments r:body f:post_id'],
  ],
  [
    'a union',
    "select id from posts where status = 'a' union all select id from drafts order by id",
    ['select posts r:id f:status o:id status=a', 'select drafts r:id o:id'],
  ],
  [
    'a CTE',
    'with recent as (select id, author from posts) select r.id from recent r where r.author = 3',
    ['select posts r:author,id f:author author=3'],
  ],
  [
    'a CTE that hides a table',
    'with posts as (select id from posts where hot) select id from posts',
    ['select posts r:id f:hot'],
  ],
  [
    'a CTE beside a table of its name in a schema',
    'with posts as (select 1 as id) select p.id, q.title from posts p, public.posts q',
    ['select public.posts r:title'],
  ],
  [
    'a recursive CTE',
    'with recursive tree as (select id, parent_id from nodes where parent_id is null union all select n.id, n.parent_id from nodes n join tree t on t.id = n.parent_id) select * from tree',
    ['select nodes r:id,parent_id f:id,parent_id parent_id='],
  ],
  [
    'CTEs that write',
    'with gone as (delete from queue where done returning id, body), kept as (insert into archive (id, body) select id, body from gone returning id) select count(*) from kept',
    ['delete queue r:body,id f:done returning', 'insert archive r:id w:body,id returning'],
  ],
  [
    'set-returning functions are no tables',
    'select p.id, e from posts p, jsonb_array_elements(p.tags) as e, generate_series(1, 3) g',
    ['select posts r:id,tags'],
  ],
  [
    'unnest of parameters with unqualified columns',
    'select id, x from posts, unnest($1::int[]) as x where score = x',
    ['select posts r:id f:score'],
  ],
  [
    'a function with its columns',
    'select title, a from posts, json_to_recordset($1) as j(a int, b text)',
    ['select posts r:title'],
  ],
  [
    'VALUES as a table',
    'select v.a, title from posts join (values (1, 2)) v(a, b) on v.b = posts.id',
    ['select posts r:title f:id'],
  ],
  ['a whole row', 'select row_to_json(p) from posts p', ['select posts *']],
  ['a field of a row', 'select (p).title from posts p', ['select posts r:title']],
  ['tablesample and only', 'select id from only posts tablesample system (1)', ['select posts r:id']],
  [
    'locking',
    'select id from jobs where state = $1 order by run_at for update skip locked limit 1',
    ['select jobs r:id f:state o:run_at'],
  ],
  ['a catalog of PostgreSQL', 'select relname from pg_class', ['select pg_catalog.pg_class r:relname']],
  ['system columns', 'select ctid, id from posts', ['select posts r:id']],
  ['no table at all', "select now(), set_config('a', 'b', true), pg_advisory_lock(1)", []],
  [
    'values compared with',
    "select 1 from posts where status in ('a', 'b') and kind = any(array['x']) and state <> 'gone'::state and n = 4 and ok = true",
    ['select posts f:kind,n,ok,state,status kind=x n=4 ok=true state=gone status=a|b'],
  ],
  ['a value on the left', "select 1 from posts where 'a' = status", ['select posts f:status status=a']],
  ['thresholds are no values', 'select 1 from posts where score > 4', ['select posts f:score']],
  ['a text that is an array', "select 1 from posts where status = any('{a,b}')", ['select posts f:status']],
  [
    'an insert',
    "insert into posts (title, status) values ($1, 'new'), ('b', default)",
    ['insert posts w:status,title status=new title=b'],
  ],
  ['an insert without columns', "insert into posts values (1, 'a')", ['insert posts *']],
  ['an insert of defaults', 'insert into posts default values returning id', ['insert posts r:id returning']],
  [
    'an insert of a query',
    "insert into archive (id, kind) select p.id, 'old' from posts p where p.done",
    ['insert archive w:id,kind kind=old', 'select posts r:id f:done'],
  ],
  ['returning everything', 'insert into posts (title) values ($1) returning *', ['insert posts w:title * returning']],
  [
    'an upsert',
    'insert into posts (slug, hits) values ($1, 1) on conflict (slug) do update set hits = posts.hits + excluded.hits where posts.open',
    ['upsert posts r:hits w:hits,slug f:open on:slug hits=1'],
  ],
  [
    'an upsert that does nothing',
    'insert into posts (slug) values ($1) on conflict do nothing',
    ['upsert posts w:slug'],
  ],
  [
    'an upsert by an alias',
    'insert into posts as p (slug) values ($1) on conflict (lower(slug), kind) where p.live do nothing',
    ['upsert posts w:slug f:live,slug on:kind'],
  ],
  [
    'an upsert on a constraint',
    'insert into posts (slug) values ($1) on conflict on constraint posts_slug_key do nothing',
    ['upsert posts w:slug'],
  ],
  [
    'an update',
    "update posts set title = $1, status = 'x', n = n + 1 where id = $2 returning id",
    ['update posts r:id,n w:n,status,title f:id returning status=x'],
  ],
  [
    'an update from',
    'update posts p set author = u.name from users u where u.id = p.user_id',
    ['update posts w:author f:user_id', 'select users r:name f:id'],
  ],
  [
    'an update of several columns at once',
    'update posts set (a, b) = (select x, y from pairs where pairs.id = posts.id)',
    ['update posts w:a,b f:id', 'select pairs r:x,y f:id'],
  ],
  ['a null written', 'update posts set deleted_at = null', ['update posts w:deleted_at deleted_at=']],
  ['a delete', 'delete from posts where id = $1', ['delete posts f:id']],
  [
    'a delete using',
    'delete from posts p using users u where u.id = p.user_id and u.banned',
    ['delete posts f:user_id', 'select users f:banned,id'],
  ],
  [
    'a table that is read and written',
    'delete from posts where id in (select max(id) from posts)',
    ['delete posts f:id', 'select posts r:id'],
  ],
  [
    'a merge',
    'merge into stock s using deliveries d on s.sku = d.sku when matched then update set n = s.n + d.n when not matched then insert (sku, n) values (d.sku, d.n)',
    ['upsert stock r:n w:n,sku f:sku on:sku', 'select deliveries r:n,sku f:sku'],
  ],
  [
    'a merge that deletes',
    'merge into stock s using gone g on s.sku = g.sku when matched and g.final then delete',
    ['delete stock f:sku', 'select gone f:final,sku'],
  ],
  ['truncate', 'truncate table a, b.c restart identity cascade', ['truncate a', 'truncate b.c']],
  ['copy in', 'copy posts (id, title) from stdin', ['insert posts w:id,title']],
  ['copy out', "copy posts to '/tmp/x'", ['select posts *']],
  ['copy of a query', 'copy (select id from posts) to stdout', ['select posts r:id']],
  ['explain', 'explain analyze update posts set a = 1', ['update posts w:a a=1']],
  ['a cursor', 'declare c cursor for select id from posts', ['select posts r:id']],
  ['prepare', 'prepare p as delete from posts where id = $1', ['delete posts f:id']],
  ['lock', 'lock table posts in exclusive mode', ['ddl posts']],
  ['a call', 'call refresh_all($1)', ['rpc refresh_all']],
  ['a function called alone', 'select claim_jobs($1, 10)', ['rpc claim_jobs']],
  ['a function that gives rows', 'select j.id from app.claim_jobs($1) j', ['rpc app.claim_jobs']],
  ['a function of nobody knows whom in an expression', 'select slugify(title) from posts', ['select posts r:title']],
  ["Supabase's functions", 'select auth.uid()', []],
  ['settings and transactions', 'begin; set local role x; commit; listen a; notify a', []],
  ['several statements', 'delete from a; insert into b (x) values (1)', ['delete a', 'insert b w:x x=1']],
  ['what does not parse', 'selec * from posts', ['? - the SQL doesn\'t parse: syntax error at or near "selec"']],
  [
    'what does not parse but tells what it is',
    'delete form posts',
    ['? delete the SQL doesn\'t parse: syntax error at or near "form"'],
  ],
  ['a column of a composite', 'select (address).city, address.x from users', ['select users r:address']],
  [
    'jsonb operators',
    "select data->>'a' from posts where data @> '{}' and data ? 'k' and data ?| array['x']",
    ['select posts r:data f:data'],
  ],
  [
    'a correlated column without a prefix',
    'select id from posts where exists (select 1 from comments where post_id = posts.id)',
    ['select posts r:id f:id', 'select comments f:post_id'],
  ],
]

test.each(CASES)('%s', (_what, sql, expected) => {
  expect(seen(sql)).toEqual(expected)
})
