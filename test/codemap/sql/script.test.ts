import { scan } from 'libpg-query'
import { expect, test } from 'vitest'
import { splitScript } from '../../../src/codemap/sql/script.ts'
import { tokensOf } from '../../../src/codemap/sql/tokens.ts'

const texts = (script: string) => splitScript(script).map((statement) => statement.text)

test('cuts at semicolons, but not inside of quotes, comments, brackets and bodies', () => {
  const body = `create function f() returns void language plpgsql as $x$ begin delete from a; end; $x$`
  const atomic = 'create or replace procedure p() begin atomic select case when a then 1 end; delete from b; end'
  const rule = 'create rule r as on insert to a do also (delete from b; delete from c)'
  const script = `-- one; two\nselect ';', ";", E'\\';' /* ; /* ; */ ; */ from a;\n${body};;\n${atomic};${rule}; select 2`
  expect(texts(script)).toEqual([`select ';', ";", E'\\';' /* ; /* ; */ ; */ from a`, body, atomic, rule, 'select 2'])
})

test('says where each begins', () => {
  const script = 'select 1;\n\n  -- the second\n  select 2;'
  expect(splitScript(script).map(({ start, text }) => script.slice(start, start + text.length))).toEqual([
    'select 1',
    'select 2',
  ])
})

test('leaves out the commands of psql and the data of COPY', () => {
  const script = [
    '\\restrict abc',
    '\\connect shop',
    'COPY public.posts (id, title) FROM stdin;',
    "1\tit's; \\.",
    '2\t$$',
    '\\.',
    '',
    'select 1 \\gset',
    '\\echo done',
    "\\copy users (id) from 'users.csv' csv header",
    'select 2;',
    '\\unrestrict abc',
  ].join('\n')
  expect(texts(script)).toEqual([
    'COPY public.posts (id, title) FROM stdin',
    'select 1 ',
    ' copy users (id) from stdin',
    'select 2',
  ])
})

test('data without an end runs to the end', () => {
  expect(texts('copy a from stdin;\n1\n2')).toEqual(['copy a from stdin'])
})

test('knows the way back of a migration', () => {
  const downs = (script: string) => splitScript(script).map((statement) => statement.down)
  expect(downs('-- migrate:up\nselect 1;\n-- migrate:down\nselect 2;')).toEqual([false, true])
  expect(downs('-- +goose Down\nselect 1;\n-- +goose Up\nselect 2;')).toEqual([true, false])
  expect(downs('-- Down Migration\nselect 1;')).toEqual([true])
  expect(downs('-- down the road\nselect 1;')).toEqual([false])
})

test('an unclosed quote takes the rest', () => {
  expect(texts("select 1; select 'abc; select 2;")).toEqual(['select 1', "select 'abc; select 2;"])
})

const LEXED = [
  `select a.b, "C d" from x where y = E'it\\'s' and z <> U&'\\0061' -- end`,
  `select $1, $tag$ a $$ b $tag$, 1.5e-3, .5, 10::int, a->>'b', c @> '{}', d ?| array['x'] /* c /* d */ */ <= 3`,
  `update t set n = n+1, m=-2, s = 'a''b', ä = 'ö', x[1:2] = b'01' where not (a<>b)`,
]

test.each(LEXED)('cuts as PostgreSQL does: %s', async (sql) => {
  const bytes = Buffer.from(sql)
  const { tokens } = await scan(sql)
  const expected = tokens
    .filter((token) => !/COMMENT/.test(token.tokenName))
    .map((token) => bytes.subarray(token.start, token.end).toString())
  expect(tokensOf(sql).map((token) => sql.slice(token.start, token.end))).toEqual(expected)
})
