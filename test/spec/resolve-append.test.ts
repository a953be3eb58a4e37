import { expect, test } from 'vitest'
import { append, merge } from '../../src/spec/config.ts'
import { relocate } from '../../src/spec/relocate.ts'
import { useResolver } from './resolving.ts'

const resolve = useResolver()

const OLD = `
create table first (id int primary key, likes int, at timestamptz not null);
create table second (a text, b uuid, likes int, primary key (a, b));
insert into second values ('x', '00000000-0000-0000-0000-000000000001', 3);`
const NEW = `create table metrics (id bigserial primary key, likes int, at timestamptz, note text default 'n');`
const TABLES = { metrics: append({ sources: { first: {}, second: {} } }) }

test('an append has a unit for each source, whose key is the identity of the old row', async () => {
  await resolve({ oldSql: OLD, newSql: NEW, tables: TABLES }, async ({ mapping, values }) => {
    expect(mapping.targets.map((t) => [t.number, t.name, t.kind, t.relation.name])).toEqual([
      [1, 'metrics from first', 'append', 'metrics'],
      [2, 'metrics from second', 'append', 'metrics'],
    ])
    const [first, second] = mapping.targets
    expect(first?.key).toEqual([{ name: 'crossfade_key_1', type: 'integer', operatorSchema: 'pg_catalog' }])
    expect(second?.key.map((k) => [k.name, k.type])).toEqual([
      ['crossfade_key_1', 'text'],
      ['crossfade_key_2', 'uuid'],
    ])
    expect(first?.handle).toEqual([
      { name: 'id', type: 'bigint', next: `nextval('"new_schema"."metrics_id_seq"'::regclass)` },
    ])
    expect(first?.columns.map((c) => c.name)).toEqual(['likes', 'at'])
    expect(first?.ownColumns).toEqual(['note'])
    expect(second?.ownColumns).toEqual(['at', 'note'])
    expect([first?.reverse, second?.reverse]).toEqual([[0], []])
    expect([first?.sequences.length, second?.sequences.length]).toEqual([1, 0])
    expect(second?.sources[0]).toMatchObject({ unique: true, keyUses: ['a', 'b'], links: [] })
    expect(await values('metrics from second', 0, second?.sources[0]?.key[0] ?? '')).toEqual(['x'])
    // first.id has no default, so a native insert has no value for it.
    expect(mapping.notes.join()).toMatch(/metrics: native inserts are refused, since nothing gives first.id a value/)
  })
})

test('when the tables move, the sequence that draws the key is named in its new place', async () => {
  await resolve({ oldSql: OLD, newSql: NEW, tables: TABLES }, ({ mapping }) => {
    const moved = relocate(mapping, 'public').targets[0]
    expect(moved?.handle[0]?.next).toBe(`nextval('"public"."metrics_id_seq"'::regclass)`)
    expect(moved?.relation).toEqual({ schema: 'public', name: 'metrics' })
  })
})

test('"reverse" names the source of native inserts', async () => {
  const tables = {
    metrics: append({ sources: { first: {}, second: { columns: { note: 'a' } } }, reverse: ['second'] }),
  }
  await resolve({ oldSql: OLD, newSql: NEW, tables }, ({ mapping }) => {
    expect(mapping.targets.map((t) => t.reverse)).toEqual([[], [0]])
    expect(mapping.notes.join()).toMatch(/nothing gives second\.b a value/)
  })
})

test.each([
  [
    'a key of its own that has no default',
    'create table metrics (id bigint primary key, likes int);',
    TABLES,
    /primary key column id has no default/,
  ],
  ['no primary key', 'create table metrics (likes int);', TABLES, /no primary key/],
  [
    'a primary key that a source would feed',
    NEW,
    { metrics: append({ sources: { first: { columns: { id: 'id' } } } }) },
    /the primary key of metrics is its own/,
  ],
  [
    'two sources for one insert',
    NEW,
    { metrics: append({ sources: { first: {}, second: {} }, reverse: ['first', 'second'] }) },
    /reverse/,
  ],
  [
    'a source that feeds nothing',
    'create table metrics (id bigserial primary key, note text);',
    TABLES,
    /tables\.metrics\.sources\.first: it feeds no column of metrics/,
  ],
])('refuses %s', async (_what, newSql, tables, message) => {
  await expect(resolve({ oldSql: OLD, newSql, tables }, () => {})).rejects.toThrow(message)
})

test('parents come before their children, whichever way they are written', async () => {
  const newSql = `
create table child (id int primary key, parent int references parent on delete cascade);
create table parent (id int primary key);`
  const oldSql = 'create table kids (id int primary key, parent int); create table people (id int primary key);'
  const tables = {
    child: merge({ key: 'id', sources: { kids: {} } }),
    parent: merge({ key: 'id', sources: { people: {} } }),
  }
  await resolve({ oldSql, newSql: newSql.split(';').reverse().join(';'), tables }, ({ mapping, unit }) => {
    expect(mapping.targets.map((t) => [t.number, t.name])).toEqual([
      [1, 'parent'],
      [2, 'child'],
    ])
    const rule = { columns: ['parent'], referenced: ['id'] }
    const relation = (name: string): object => ({ schema: 'new_schema', name })
    expect(unit('child').parents).toEqual([{ name: 'parent', relation: relation('parent'), ...rule }])
    expect(unit('parent').children).toEqual([
      { name: 'child', relation: relation('child'), ...rule, onDelete: 'cascade', cascades: true },
    ])
  })
})
