import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../../src/spec/expression.ts'
import { replaceTables, splitScript } from '../../src/spec/old-names.ts'

beforeAll(loadParser)

const replace = (query: string, table: string) =>
  replaceTables(query, ({ schema, name }, whole) =>
    schema === 'public' && name === table ? { sql: whole ? '(WHOLE)' : '(NEW)' } : null,
  )

test.each([
  ['SELECT a FROM public.posts', 'posts', 'SELECT a FROM (NEW) AS "posts"'],
  ["SELECT p.a FROM public.posts p WHERE é = 'é'", 'posts', "SELECT p.a FROM (NEW) p WHERE é = 'é'"],
  [
    'SELECT \'é\', "Old Posts".a FROM (public."Old Posts" JOIN public.posts USING (a))',
    'Old Posts',
    'SELECT \'é\', "Old Posts".a FROM ((NEW) AS "Old Posts" JOIN public.posts USING (a))',
  ],
  ['SELECT 1 FROM public."a""b.c\nd"', 'a"b.c\nd', 'SELECT 1 FROM (NEW) AS "a""b.c\nd"'],
  ['SELECT 1 FROM other.posts, public.posts_2', 'posts', 'SELECT 1 FROM other.posts, public.posts_2'],
  [
    'WITH posts AS (SELECT 1 FROM public.posts p) SELECT * FROM posts',
    'posts',
    'WITH posts AS (SELECT 1 FROM (NEW) p) SELECT * FROM posts',
  ],
  [
    'SELECT (SELECT 1 FROM public.posts), 2 FROM public.posts p',
    'posts',
    'SELECT (SELECT 1 FROM (NEW) AS "posts"), 2 FROM (NEW) p',
  ],
  ['SELECT to_jsonb(p.*) FROM public.posts p', 'posts', 'SELECT to_jsonb(p.*) FROM (WHOLE) p'],
  ['SELECT p.x FROM public.posts p(x, y)', 'posts', 'SELECT p.x FROM (WHOLE) p(x, y)'],
  ['SELECT p.a FROM public.posts p FOR UPDATE OF p', 'posts', 'SELECT p.a FROM (NEW) p FOR UPDATE OF p'],
])('%s', (query, table, expected) => {
  expect(replace(query, table)).toEqual({ query: expected })
})

test('what only a table can have is told', () => {
  expect(replace('SELECT 1 FROM ONLY public.posts', 'posts')).toHaveProperty('problem')
  expect(replace('SELECT 1 FROM public.posts TABLESAMPLE system (1)', 'posts')).toHaveProperty('problem')
})

test('a script is cut into statements, each with its line', () => {
  expect(splitScript("-- é\n\nselect 'é;';\n\n  -- two\nselect 2", 'a.sql')).toEqual([
    { text: "select 'é;'", line: 3 },
    { text: 'select 2', line: 6 },
  ])
})

test.each(['begin', 'commit', 'savepoint a', 'set role x', 'set session authorization x'])('%s is refused', (text) => {
  expect(() => splitScript(`select 1;\n${text}`, 'a.sql')).toThrow(/a\.sql:2/)
})
