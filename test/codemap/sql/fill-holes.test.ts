import { beforeAll, expect, test } from 'vitest'
import { loadSqlParser } from '../../../src/codemap/sql/parser.ts'
import {
  listText,
  nameText,
  parameter,
  type SqlPart,
  type SqlText,
  unknownText,
  words,
} from '../../../src/codemap/sql/sql-text.ts'
import { seen } from './reading.ts'

beforeAll(loadSqlParser)

const hole = unknownText('it comes from afar')
const name: SqlPart = { kind: 'unknown', reason: 'it comes from afar', name: true }

/** sql`…` as a driver has it: strings between the holes. */
function sql(strings: TemplateStringsArray, ...holes: (SqlPart | SqlText)[]): SqlText {
  return strings.flatMap((text, at) => [words(text), ...[holes[at] ?? []].flat()])
}

function either(...texts: (string | SqlText)[]): SqlPart {
  return { kind: 'choice', of: texts.map((text) => (typeof text === 'string' ? [words(text)] : text)) }
}

const CASES: [what: string, text: SqlText, seen: string[]][] = [
  ['a value', sql`select id from posts where id = ${hole}`, ['select posts r:id f:id']],
  [
    'a parameter with its values',
    sql`update posts set status = ${parameter(['a', 'b'])} where id in (${parameter([1])})`,
    ['update posts w:status f:id id=1 status=a|b'],
  ],
  [
    'a value in quotes',
    sql`select id from posts where status = '${hole}' and day > now() - interval '${hole} days'`,
    ['select posts r:id f:day,status'],
  ],
  ['a number of a parameter', sql`select id from posts where a = $${hole} and b = $2`, ['select posts r:id f:a,b']],
  [
    'the name of a table',
    sql`delete from ${hole} where id = 1`,
    ['? delete the name of the table is not known: it comes from afar'],
  ],
  [
    'a part of the name of a table',
    sql`select id from posts_${hole}`,
    ['? select the name of the table, "posts_…", is not known: it comes from afar'],
  ],
  [
    'the name of a table in quotes',
    sql`truncate "${hole}"`,
    ['? truncate the name of the table is not known: it comes from afar'],
  ],
  [
    'one table of two',
    sql`select p.id, x.n from posts p join ${hole} x on x.post_id = p.id`,
    ['select posts r:id f:id', '? select the name of the table is not known: it comes from afar'],
  ],
  ['a schema', sql`select id from ${hole}.posts`, ['select posts r:id']],
  [
    'a table out of two',
    sql`insert into ${either('posts', 'drafts')} (id) values (1)`,
    ['insert posts w:id id=1', 'insert drafts w:id id=1'],
  ],
  ['a name as it is', sql`select ${nameText('Id')} from ${nameText('Posts')}`, ['select Posts r:Id']],
  ['a column', sql`select id from posts order by ${hole} desc`, ['select posts r:id *']],
  [
    'a column and a direction',
    sql`select id from posts order by ${hole} ${hole} limit ${hole}`,
    ['select posts r:id *'],
  ],
  [
    'a known column',
    sql`select id from posts order by ${either('a', 'b')} ${either('asc', 'desc')}`,
    ['select posts r:id o:a,b'],
  ],
  ['what is selected', sql`select ${hole} from posts`, ['select posts *']],
  ['more that is selected', sql`select id ${hole} from posts`, ['select posts r:id *']],
  ['a clause', sql`select id from posts ${hole} order by id`, ['select posts r:id o:id *']],
  ['two clauses', sql`select id from posts ${hole}${hole}`, ['select posts r:id *']],
  [
    'a clause that is there or not',
    sql`select id from posts where a = 1 ${either('and b = 2', '')} limit 1`,
    ['select posts r:id f:a,b a=1 b=2'],
  ],
  ['a condition', sql`select id from posts where ${hole} and a = 1`, ['select posts r:id f:a * a=1']],
  [
    'a join',
    sql`select p.id from posts p ${hole} where p.a = 1`,
    ['select posts r:id f:a * a=1', '? - a part of the statement is not known: it comes from afar'],
  ],
  [
    'a query in front',
    sql`${hole} select id from posts`,
    ['select posts r:id *', '? - a part of the statement is not known: it comes from afar'],
  ],
  ['what is set', sql`update posts set ${hole} where id = 1`, ['update posts f:id * id=1']],
  ['columns and rows', sql`insert into posts (${hole}) values ${hole}`, ['insert posts *']],
  [
    'columns and values',
    sql`insert into posts (${name}) values (${hole}) on conflict (${hole}) do nothing`,
    ['upsert posts *'],
  ],
  [
    'a list',
    sql`update posts set ${listText([
      [nameText('a'), words(' = '), parameter([1])],
      [nameText('b'), words(' = '), parameter()],
    ])}`,
    ['update posts w:a,b a=1'],
  ],
  ['nothing but a hole', sql`${hole}`, ['? - the statement is not known: it comes from afar']],
  [
    'a verb',
    sql`${hole} from posts`,
    ['? - the statement is put together from parts that are not known: it comes from afar'],
  ],
  [
    'question marks',
    sql`select id from posts where a = ? and b in (?, ?) and data ? 'x' limit ?`,
    ['select posts r:id f:a,b,data'],
  ],
  [
    'many question marks',
    [words(`insert into posts (a) values ${Array(120).fill('(?)').join(', ')}`)],
    ['insert posts w:a'],
  ],
  [
    'names of replacements',
    sql`select id::text from posts where a = :a and day > :since::date`,
    ['select posts r:id f:a,day'],
  ],
  [
    'names with @',
    sql`select id from posts where a = @a and mail = 'a@b.org'`,
    ['select posts r:id f:a,mail mail=a@b.org'],
  ],
  [
    'names with $',
    sql`select id from posts where a = $a and b = any($b::int[]) and c = $1`,
    ['select posts r:id f:a,b,c'],
  ],
  [
    "pg-promise's variables",
    sql`select id from posts where a = \${a} and b = $<b> and c = $/c/ and d in ($[d:csv])`,
    ['select posts r:id f:a,b,c,d'],
  ],
  ["psql's variables", sql`select id from :"schema".posts where a = :'value'`, ['select posts r:id f:a']],
  [
    'what does not parse',
    sql`select id form posts where id = ${parameter()}`,
    ['? select the SQL doesn\'t parse: syntax error at or near "posts"'],
  ],
]

test.each(CASES)('%s', (_what, text, expected) => {
  expect(seen(text)).toEqual(expected)
})

test('the part that names a table is told', async () => {
  const { parseStatements } = await import('../../../src/codemap/sql/parse-statements.ts')
  const { accesses, gaps } = parseStatements([
    words('select 1 from ', 'a'),
    words('posts', 'b'),
    words(', ', 'c'),
    unknownText('x', 'd'),
  ])
  expect(accesses.map((access) => [access.table, access.origin])).toEqual([['posts', 'b']])
  expect(gaps.map((gap) => [gap.isTable, gap.origin])).toEqual([[true, 'd']])
})
