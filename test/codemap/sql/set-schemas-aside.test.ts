import { beforeAll, expect, test } from 'vitest'
import { buildSqlCatalog, type SqlCatalog } from '../../../src/codemap/sql/catalog.ts'
import { parseStatements } from '../../../src/codemap/sql/parse-statements.ts'
import { loadSqlParser } from '../../../src/codemap/sql/parser.ts'
import { setSchemasAside } from '../../../src/codemap/sql/set-schemas-aside.ts'
import { type SqlPart, type SqlText, unknownText, words } from '../../../src/codemap/sql/sql-text.ts'
import { readSql } from '../../../src/codemap/styles/open-sql.ts'
import { text as textValue } from '../../../src/codemap/value.ts'

beforeAll(loadSqlParser)

const inSchema = (schema: SqlPart): SqlText => [
  words('select j.id, q.name from '),
  schema,
  words('.jobs j join '),
  schema,
  words('.queues q on q.id = j.queue_id where j.state = $1'),
]

const tables = (sql: SqlText, catalog?: SqlCatalog) =>
  readSql(sql, { transaction: null, ...(catalog ? { catalog } : {}) }).accesses.map(
    ({ schema, table, isSchemaOpen }) => `${isSchemaOpen ? '?' : schema}.${table}`,
  )

test('the same statement in several schemas is one text', () => {
  const texts = [words('app'), words('Other'), unknownText('it is read')].map((one) => setSchemasAside(inSchema(one)))
  const said = texts.map(({ text }) => text.map((part) => (part.kind === 'words' ? part.text : '?')).join(''))
  expect(new Set(said).size).toBe(1)
  expect(texts.map(({ schemas }) => schemas)).toEqual([[['app']], [['other']], [[null]]])
})

test.each<[what: string, schema: SqlPart, expected: string[]]>([
  ['a name', words('app'), ['app.jobs', 'app.queues']],
  ['a name in capitals', words('App'), ['app.jobs', 'app.queues']],
  ['something unknown', unknownText('it is read'), ['?.jobs', '?.queues']],
  [
    'one of two names',
    { kind: 'choice', of: [[words('app')], [words('old')]] },
    ['app.jobs', 'old.jobs', 'app.queues', 'old.queues'],
  ],
  [
    'a name with something unknown in it',
    { kind: 'choice', of: [[words('app_'), unknownText('it is read')]] },
    ['?.jobs', '?.queues'],
  ],
])('tables stand in the schema that was set aside: %s', (_, schema, expected) => {
  expect(tables(inSchema(schema))).toEqual(expected)
})

test('a schema whose name comes later is open', () => {
  expect(tables([words('delete from .jobs where id = $1')])).toEqual(['?.jobs'])
})

test('a name that stands elsewhere, too, is left: it may be an alias', () => {
  const text = [words('select '), words('j'), words('.id from jobs '), words('j'), words(' order by 1')]
  expect(setSchemasAside(text).schemas).toEqual([])
  const [access] = readSql(text, { transaction: null }).accesses
  expect(access?.columns.read).toEqual(['id'])
})

test('a schema in which the catalog has tables is left: they tell whose a column is', () => {
  const { definitions } = parseStatements([words('create table app.jobs (id int, queue_id int, state text)')])
  const text: SqlText = [words('select state from '), words('app'), words('.jobs, '), words('app'), words('.queues')]
  const catalog = buildSqlCatalog(definitions)
  expect(setSchemasAside(text, catalog).schemas).toEqual([])
  expect(tables(text, catalog)).toEqual(['app.jobs', 'app.queues'])
})

test('the schemas of the server itself are what they are', () => {
  expect(setSchemasAside([words('select 1 from pg_catalog.pg_class, information_schema.tables')]).schemas).toEqual([])
})

test('what the parameters are is put in for each call', () => {
  const sql = inSchema(words('app'))
  const values = (state: string) => {
    const parameters = { kind: 'array', items: [textValue(state)], complete: true } as const
    return readSql(sql, { transaction: null, parameters }).accesses.map((one) => one.values)
  }
  expect(values('done')).toEqual([{ state: ['done'] }, {}])
  expect(values('open')).toEqual([{ state: ['open'] }, {}])
  expect(readSql(sql, { transaction: null }).accesses.map((one) => one.values)).toEqual([{}, {}])
})
