import { beforeAll, expect, test } from 'vitest'
import { buildSqlCatalog, findTable, type SqlCatalog } from '../../../src/codemap/sql/catalog.ts'
import { parseStatements } from '../../../src/codemap/sql/parse-statements.ts'
import { loadSqlParser } from '../../../src/codemap/sql/parser.ts'
import { words } from '../../../src/codemap/sql/sql-text.ts'
import { seen } from './reading.ts'

beforeAll(loadSqlParser)

const PLPGSQL = `
create or replace function app.publish(post int, actor text) returns setof posts language plpgsql as $$
declare
  found_post posts%rowtype;
  c cursor for select id from cursor_rows;
begin
  select * into found_post from posts where id = post and author = actor;
  if exists (select 1 from bans where user_name = actor) then
    raise exception 'banned %', (select reason from ban_reasons limit 1);
  end if;
  for found_post in select * from drafts where draft_id = post loop
    update posts set status = 'published' where id = found_post.id;
  end loop;
  perform notify_followers(post);
  execute 'delete from outbox where post = $1' using post;
  execute format('insert into %I (id) values ($1)', 'audit') using post;
  return query select * from posts where id = post;
exception when others then
  insert into failures (message) values (sqlerrm);
end $$`

const CASES: [what: string, sql: string, seen: string[]][] = [
  [
    'a table',
    "create table app.posts (id int primary key, status text not null default 'x' check (status in ('a', 'b')), user_id int references users (id))",
    ['ddl app.posts w:id,status,user_id status=a|b'],
  ],
  ['a table like another', 'create table b (like a including all, extra int)', ['ddl b w:extra *']],
  ['a table from a query', 'create table b as select id, title from a', ['ddl b w:id,title', 'select a r:id,title']],
  ['select into', 'select id into b from a', ['ddl b', 'select a r:id']],
  [
    'a changed table',
    'alter table only posts add column slug text, drop column title, alter column n set not null, add constraint u unique (slug)',
    ['ddl posts w:n,slug,title'],
  ],
  ['a renamed column', 'alter table posts rename column a to b', ['ddl posts w:a,b']],
  ['a renamed table', 'alter table posts rename to articles', ['ddl posts']],
  ['a dropped table', 'drop table if exists app.posts, "Old" cascade', ['ddl app.posts', 'ddl Old']],
  [
    'a view',
    'create or replace view v (a, b) as select p.id, u.name from posts p join users u on u.id = p.user_id',
    ['ddl v w:a,b', 'select posts r:id f:user_id', 'select users r:name f:id'],
  ],
  ['a materialized view', 'create materialized view v as select * from posts', ['ddl v *', 'select posts *']],
  ['a refresh', 'refresh materialized view concurrently v', ['ddl v']],
  ['an index', "create unique index i on posts (lower(title), id) where status = 'x'", ['ddl posts status=x']],
  ['a dropped index', 'drop index i', []],
  [
    'a policy',
    'create policy p on posts using (exists (select 1 from members m where m.team = posts.team))',
    ['ddl posts f:team', 'select members f:team'],
  ],
  [
    'a trigger',
    'create trigger t after update of status on posts for each row when (old.status is distinct from new.status) execute function app.changed()',
    ['ddl posts w:status f:status'],
  ],
  ['what hangs on a table', 'drop trigger t on app.posts', ['ddl app.posts']],
  ['a comment', "comment on column posts.title is 'x'", ['ddl posts w:title']],
  ['rights', 'grant select on posts, users to anon', ['ddl posts', 'ddl users']],
  [
    'sequences, types, extensions, roles',
    "create sequence s; alter sequence s owned by posts.id; create type t as enum ('a'); create extension x; grant a to b",
    [],
  ],
  [
    'a rule',
    'create rule r as on delete to posts do instead update posts set gone = true where id = old.id',
    ['ddl posts', 'update posts w:gone f:id gone=true'],
  ],
  [
    'a function in SQL',
    "create function newest(n int, kind text) returns setof posts language sql stable as 'select * from posts where posts.kind = $2 and n > 0 order by id limit n'",
    ['select posts f:kind o:id * in:newest'],
  ],
  [
    'a function with a body of statements',
    'create procedure app.clean() begin atomic delete from posts where old; insert into log (n) values (1); end',
    ['delete posts f:old in:app.clean', 'insert log w:n n=1 in:app.clean'],
  ],
  [
    'a function in PL/pgSQL',
    PLPGSQL,
    [
      'select cursor_rows r:id in:app.publish',
      'select posts f:author,id * in:app.publish',
      'select bans f:user_name in:app.publish',
      'select ban_reasons r:reason in:app.publish',
      'select drafts f:draft_id * in:app.publish',
      'update posts w:status f:id status=published in:app.publish',
      'rpc notify_followers in:app.publish',
      'delete outbox f:post in:app.publish',
      'insert audit w:id in:app.publish',
      'insert failures w:message in:app.publish',
    ],
  ],
  [
    'a function whose body is a quoted string',
    "create function f() returns void language plpgsql as 'begin delete from posts where status = ''it''''s''; end'",
    ["delete posts f:status status=it's in:f"],
  ],
  [
    'a statement that is built when it runs',
    "create function f(t text) returns void language plpgsql as $$ begin execute 'truncate ' || quote_ident(t); end $$",
    ['? truncate the name of the table is not known: EXECUTE builds it when it runs'],
  ],
  [
    'a body that does not parse',
    'create function f() returns void language plpgsql as $$ begin delete form posts; end $$',
    ['? - the body doesn\'t parse: syntax error at or near "form"'],
  ],
  [
    'a body in another language',
    'create function f() returns void language plv8 as $$ plv8.execute("delete from posts") $$',
    ["? - the body is written in plv8, of which the statements can't be told"],
  ],
  [
    'types that the parser does not know',
    'create function f(a my_enum) returns my_type[] language plpgsql as $$ declare m my_enum; n int; begin select x, y into n, m from posts; return null; end $$',
    ['select posts r:x,y in:f'],
  ],
  ['a block', 'do $$ begin if true then delete from posts; end if; end $$', ['delete posts']],
  ['an assignment', 'do $$ declare n int; begin n := (select count(*) from posts); end $$', ['select posts']],
]

test.each(CASES)('%s', (_what, sql, expected) => {
  expect(seen(sql)).toEqual(expected)
})

function catalogOf(...scripts: string[]): SqlCatalog {
  return buildSqlCatalog(scripts.flatMap((script) => parseStatements([words(script)]).definitions))
}

const CATALOG = `
  create table public.posts (id int primary key, title text, user_id int, constraint by_slug unique (slug), slug text);
  create table users (id int, name text);
  create view authors as select name as author, id from users;
  create function slugify(t text) returns text language sql as 'select t';`

test('a catalog says whose a column is', () => {
  const catalog = catalogOf(CATALOG)
  const join = 'select title, name from posts join users on users.id = user_id'
  expect(seen(join)).toEqual(
    ['select posts f:user_id *', 'select users f:id *'].map((line) => line.replace('f:user_id ', '')),
  )
  expect(seen(join, { catalog })).toEqual(['select posts r:title f:user_id', 'select users r:name f:id'])
  expect(seen('select author, title from authors, posts', { catalog })).toEqual([
    'select authors r:author',
    'select posts r:title',
  ])
})

test('a catalog says that a column is none of the subquery', () => {
  const sql = 'select id from posts where exists (select 1 from users where name = title)'
  expect(seen(sql)).toEqual(['select posts r:id', 'select users f:name,title'])
  expect(seen(sql, { catalog: catalogOf(CATALOG) })).toEqual(['select posts r:id f:title', 'select users f:name'])
})

test('a catalog knows the functions, the constraints and the order of the columns', () => {
  const catalog = catalogOf(CATALOG)
  expect(seen('select slugify(title) from posts', { catalog })).toEqual(['rpc slugify', 'select posts r:title'])
  expect(
    seen('insert into posts (slug) values ($1) on conflict on constraint by_slug do nothing', { catalog }),
  ).toEqual(['upsert posts w:slug on:slug'])
  expect(seen("insert into users values (1, 'x')", { catalog })).toEqual(['insert users w:id,name * id=1 name=x'])
})

test('a catalog follows what changes', () => {
  const catalog = catalogOf(
    'create table a (id int); alter table a add column x int; alter table a rename column x to y',
    'alter table a rename to b; create table c (id int); drop table c; create table s.d (id int); create table e as select * from b',
  )
  expect(findTable(catalog, null, 'a')?.gone).toBe(true)
  expect(findTable(catalog, 'public', 'b')).toMatchObject({ columns: ['id', 'x', 'y'], complete: true, gone: false })
  expect(findTable(catalog, null, 'c')?.gone).toBe(true)
  expect(findTable(catalog, null, 'd')?.schema).toBe('s')
  expect(findTable(catalog, 'public', 'd')).toBeUndefined()
  expect(findTable(catalog, null, 'e')?.complete).toBe(false)
})
