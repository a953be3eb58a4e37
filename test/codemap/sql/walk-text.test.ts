import { beforeAll, expect, test } from 'vitest'
import { parseStatements } from '../../../src/codemap/sql/parse-statements.ts'
import { loadSqlParser } from '../../../src/codemap/sql/parser.ts'
import { type SqlText, unknownText, words } from '../../../src/codemap/sql/sql-text.ts'
import { seen } from './reading.ts'

beforeAll(loadSqlParser)

test.each([
  [
    'the body of a function in SQL',
    `create function total() returns bigint language sql begin atomic select count(id) from posts; select 1; end;
     delete from logs`,
    ['ddl - posts', 'delete logs'],
  ],
  [
    'what a rule does',
    `create rule log as on insert to posts do also (insert into logs values (1); delete from drafts);
     delete from users`,
    ['delete users'],
  ],
  ['a semicolon in a string', "delete from logs where line = ';'; delete from posts", ['delete logs', 'delete posts']],
  ['a semicolon in a comment', 'delete from logs -- ; all\n; delete from posts', ['delete logs', 'delete posts']],
])('%s does not end a statement', (_, sql) => {
  const all = seen(sql)
  expect(all.filter((one) => one.startsWith('?'))).toEqual([])
  expect(all.at(-1)).toMatch(/^delete (logs|posts|users)/)
})

test('what is not known of one statement of a script is no doubt about the others', () => {
  const script = [
    words('update settings set version = 3; delete from logs where '),
    unknownText('x'),
    words('; commit'),
  ]
  expect(seen(script)).toEqual(['update settings w:version version=3', 'delete logs *'])
})

test.each([
  ['alone between others', 'begin; ', '; commit'],
  ['at the end', 'begin; ', ''],
])('a statement of which nothing is known is told: %s', (_, before, after) => {
  expect(seen([words(before), unknownText('it is read'), words(after)])).toEqual([
    '? - the statement is not known: it is read',
  ])
})

test('a script of which one statement does not parse does nothing, as on the server', () => {
  expect(seen('delete from posts; delete form logs')).toEqual([
    '? delete the SQL doesn\'t parse: syntax error at or near "form"',
  ])
})

test('a statement that comes from elsewhere again stands where it comes from', () => {
  const script = (origin: string): SqlText => [words('begin; delete from logs; delete from ', origin), words('posts')]
  const origins = (text: SqlText) => parseStatements(text).accesses.map(({ table, origin }) => [table, origin])
  expect(origins(script('a'))).toEqual([
    ['logs', 'a'],
    ['posts', undefined],
  ])
  expect(origins([words('commit;'), ...script('b')])).toEqual([
    ['logs', 'b'],
    ['posts', undefined],
  ])
})

test('the reason of a hole is that of the text, where the same text was read before', () => {
  const script = (reason: string): SqlText => [
    words('begin; '),
    words('delete from logs; delete from '),
    unknownText(reason),
    words('; commit'),
  ]
  for (const reason of ['it is read', 'it is asked for'])
    expect(seen(script(reason))).toEqual(['delete logs', `? delete the name of the table is not known: ${reason}`])
})

test('every combination of clauses is read where those that stand side by side do not parse', () => {
  const choice = (...of: string[]) => ({ kind: 'choice', of: of.map((one) => [words(one)]) }) as const
  expect(seen([words('select '), choice('a', 'a,'), choice('', ' b'), words(' from posts')])).toEqual([
    'select posts r:a,b',
  ])
  expect(seen([words('select '), choice('a', 'a,'), choice(' b', ''), words(' from posts')])).toEqual([
    'select posts r:a,b',
  ])
})
