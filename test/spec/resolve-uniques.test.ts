import { expect, test } from 'vitest'
import { append, type MergeSpec, merge } from '../../src/spec/config.ts'
import { useResolver } from './resolving.ts'

const resolve = useResolver()

const OLD = `
create table a (id int primary key, handle text, tag varchar(40), at timestamptz);
create table b (id int primary key, handle text, tag varchar(40), at timestamptz);`
const NEW = 'create table c (id int primary key, handle text unique, tag varchar(40), at timestamptz, own int unique);'
const both = (rest: Partial<MergeSpec> = {}): Parameters<typeof resolve>[0]['tables'] => ({
  c: merge({ key: 'id', sources: { a: {}, b: {} }, ...rest }),
})

test('each unique key of the new table that is fed has a rule; what only the new side writes has none', async () => {
  await resolve({ oldSql: OLD, newSql: NEW, tables: both() }, ({ mapping, unit }) => {
    const lookups = ['a', 'b'].map((name, source) => ({ source, sql: `"${name}"."handle"::text`, otherwise: null }))
    expect(unit('c').uniques).toEqual([{ columns: ['handle'], lookups, pick: null, otherwise: 'journal' }])
    // A text may be too long for a btree's page, which would fail the application's insert.
    expect(mapping.indexes.map((i) => [i.table.name, i.parts, i.method])).toEqual([
      ['a', ['"a"."handle"::text'], 'hash'],
      ['b', ['"b"."handle"::text'], 'hash'],
    ])
    expect(mapping.notes).toEqual([])
  })
})

test('the configuration says who stays, and what becomes of the others', async () => {
  const unique = { handle: { pick: 'latest by at', otherwise: 'omit' as const } }
  await resolve({ oldSql: OLD, newSql: NEW, tables: both({ unique }) }, ({ unit }) => {
    expect(unit('c').uniques).toMatchObject([
      { columns: ['handle'], pick: { column: 'at', direction: 'latest' }, otherwise: 'omit' },
    ])
  })
})

test('columns in any order, and an index that is there or is short is a btree', async () => {
  const newSql =
    'create table c (id int primary key, handle text, tag varchar(40), at timestamptz, unique (tag, handle));'
  const oldSql = `${OLD} create index on a (tag);`
  const unique = { 'handle, tag': { pick: 'earliest by at' } }
  await resolve({ oldSql, newSql, tables: both({ unique }) }, ({ unit, mapping }) => {
    expect(unit('c').uniques[0]).toMatchObject({ columns: ['tag', 'handle'], pick: { direction: 'earliest' } })
    expect(mapping.indexes.map((i) => [i.table.name, i.method])).toEqual([['b', undefined]])
  })
})

test('an index that a killed build has left makes no other plan', async () => {
  const newSql = 'create table c (id int primary key, handle text unique, tag varchar(40) unique, at timestamptz);'
  // A word for which there is no way back, so lineage carries it, and the indexes that the old table has by it.
  const oldSql = OLD.replace('create table a (', 'create table a (word text, ')
  const left = `
create index crossfade_key_9_1 on a using hash (handle);
create index crossfade_key_9_2 on a (tag);
create index crossfade_key_9_3 on a (word);`
  const wished = await resolve({ oldSql, newSql, tables: both() }, ({ mapping }) => mapping)
  await resolve({ oldSql: oldSql + left, newSql, tables: both() }, ({ mapping }) => {
    expect(mapping).toEqual(wished)
  })
})

test('no rule where one old table feeds all of it and keeps it unique itself', async () => {
  const oldSql = OLD.replace('handle text', 'handle text unique')
  const only = { c: merge({ key: 'id', sources: { a: {} } }) }
  await resolve({ oldSql, newSql: NEW, tables: only }, ({ unit }) => {
    expect(unit('c').uniques).toEqual([])
  })
  const changed = {
    c: merge({ key: 'id', sources: { a: { columns: { handle: { from: 'lower(handle)', back: 'handle' } } } } }),
  }
  await resolve({ oldSql, newSql: NEW, tables: changed }, ({ unit, mapping }) => {
    expect(unit('c').uniques).toHaveLength(1)
    expect(mapping.indexes[0]?.parts).toEqual(['(lower(handle))::text'])
  })
})

test('what no index can serve is noted', async () => {
  const newSql = 'create table c (id int primary key, handle int unique, tag varchar(40) unique, at timestamptz);'
  const partial = `${newSql} create unique index on c (at) where at > '2020-01-01';`
  const columns = { handle: { from: 'handle::int', back: 'handle::text' } }
  const tables = { c: merge({ key: 'id', sources: { a: { columns } } }) }
  await resolve({ oldSql: OLD, newSql: partial, tables }, ({ mapping }) => {
    expect(mapping.notes.join('\n')).toMatch(/rows with equal \(handle\), a is read from end to end/)
    expect(mapping.notes.join('\n')).toMatch(/unique index c_at_idx has a condition/)
  })
})

test('an append looks at the rows of each source alone, and says so', async () => {
  const newSql = 'create table c (id bigserial primary key, handle text unique);'
  await resolve({ oldSql: OLD, newSql, tables: { c: append({ sources: { a: {}, b: {} } }) } }, ({ mapping }) => {
    expect(mapping.targets.map((t) => t.uniques.map((u) => u.columns))).toEqual([[['handle']], [['handle']]])
    expect(mapping.notes.filter((note) => note.includes('several sources'))).toHaveLength(1)
  })
})

test.each([
  ['a column that is not unique', { at: {} }, /\(at\) is no unique key of c/],
  ['a column that is not there', { nothing: {} }, /\(nothing\) is no unique key/],
  ['one that no source feeds', { own: {} }, /\(own\) is no unique key/],
  ['a pick by nothing', { handle: { pick: 'latest by nothing' } }, /no column "nothing"/],
])('refuses %s', async (_what, unique, message) => {
  await expect(resolve({ oldSql: OLD, newSql: NEW, tables: both({ unique }) }, () => {})).rejects.toThrow(message)
})
