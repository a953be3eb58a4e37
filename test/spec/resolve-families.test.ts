import { expect, test } from 'vitest'
import { append, merge, type ParentSpec } from '../../src/spec/config.ts'
import { listCascades, listNativeRisks } from '../../src/spec/risks.ts'
import { useResolver } from './resolving.ts'

const resolve = useResolver()

const OLD = `
create table people (id text primary key, name text not null, city varchar(20) check (city <> ''), email text unique);
create table visits (id serial primary key, person text, name text, city int);
insert into visits (person, name) values ('7', 'Ann'), ('x', 'Bob');`
const NEW = `
create table person (id bigint primary key, name text, city text, email text, note text);
create table visit (id bigserial primary key, person bigint references person (id) on delete cascade, name text);`

const tables = (
  parent: ParentSpec | { readonly [table: string]: ParentSpec } | undefined,
  rest: object = {},
): Parameters<typeof resolve>[0]['tables'] => ({
  visit: append({
    sources: {
      visits: { columns: { person: { from: 'person::bigint', back: 'person::text' } }, ...(parent ? { parent } : {}) },
    },
  }),
  person: merge({ key: 'id', sources: { people: { key: 'id::bigint' } }, ...rest }),
})

test('a child that makes its parent is one more source of it, behind all real ones', async () => {
  const input = { oldSql: OLD, newSql: NEW, tables: tables({ stub: { city: "'somewhere'" } }, { reverse: ['people'] }) }
  await resolve(input, async ({ unit, values, mapping }) => {
    const [real, stub] = unit('person').sources
    expect(real?.stub).toBe(false)
    expect(stub).toMatchObject({ stub: true, ordinal: 1, otherwise: 'omit', back: [], carried: [], carriedIndexes: [] })
    expect(stub?.relation.name).toBe('visits')
    expect(await values('person', 1, stub?.key[0] ?? '')).toEqual(['7', null])
    // By itself what has a name and a type in common; city is of another type there, so the mapping says what it is.
    expect(stub?.feeds.map((f) => [f.column, f.from])).toEqual([
      ['name', '"visits"."name"::text'],
      ['city', "('somewhere')::text"],
    ])
    const rules = unit('person').columns.map((c) => c.rule)
    expect(rules.every((rule) => rule.kind === 'first value' && !rule.sources.includes(1))).toBe(true)
    expect(unit('person').ownColumns).toEqual(['note'])
    expect(unit('person').reverse).toEqual([0])
    expect(mapping.targets.map((t) => t.name)).toEqual(['person', 'visit from visits'])
  })
})

test('a stub by the name of its parent, without a word about columns', async () => {
  await resolve({ oldSql: OLD, newSql: NEW, tables: tables({ person: 'stub' }) }, ({ unit }) => {
    expect(unit('person').sources[1]?.feeds.map((f) => f.column)).toEqual(['name'])
  })
})

test("the key of a stub is found as the child's foreign key is: through another table, or by the child's own key", async () => {
  const oldSql = `${OLD} create table cards (id int primary key, person bigint, visit text);`
  const linked = {
    ...tables(undefined),
    visit: append({
      sources: {
        visits: {
          columns: { person: { via: 'cards', on: { from: 'name', to: 'visit' }, take: 'person' } },
          parent: 'stub' as const,
        },
      },
    }),
  }
  await resolve({ oldSql, newSql: NEW, tables: linked }, ({ unit }) => {
    const stub = unit('person').sources[1]
    expect(stub?.links).toHaveLength(1)
    expect(stub?.otherwise).toBe('omit')
  })
  const newSql = `
create table person (id bigint primary key, name text, city text, email text);
create table visit (person bigint primary key references person, name text);`
  const own = {
    ...tables(undefined),
    visit: merge({ key: 'person', sources: { visits: { key: 'person::bigint', parent: 'stub' } } }),
  }
  await resolve({ oldSql: OLD, newSql, tables: own }, ({ unit }) => {
    expect(unit('person').sources[1]?.key).toEqual(unit('visit').sources[0]?.key)
  })
})

test.each([
  ['a parent that is not referenced', { nobody: 'stub' }, {}, NEW, /doesn't reference "nobody"/],
  [
    'a word about parents where there are none',
    'stub',
    {},
    NEW.replace(/references.*cascade/, ''),
    /references no new table/,
  ],
  [
    'a stub column that no source feeds',
    { stub: { note: "'n'" } },
    {},
    NEW,
    /no source of the parent feeds this column/,
  ],
  [
    'a stub of another column than the key',
    'stub',
    {},
    NEW.replace('city text', 'city bigint unique').replace('person (id)', 'person (city)'),
    /isn't the key that its rows are merged by/,
  ],
] as [string, ParentSpec, object, string, RegExp][])('refuses %s', async (_what, parent, rest, newSql, message) => {
  const given = tables(parent, rest)
  const person = merge({
    key: 'id',
    sources: { people: { key: 'id::bigint', columns: { city: { from: 'length(city)', back: false } } } },
  })
  const all = newSql.includes('city bigint') ? { ...given, person } : given
  await expect(resolve({ oldSql: OLD, newSql, tables: all }, () => {})).rejects.toThrow(message)
})

test('onDelete of the configuration goes before that of the foreign key', async () => {
  await resolve(
    { oldSql: OLD, newSql: NEW, tables: tables(undefined, { onDelete: 'refuse' }) },
    ({ unit, mapping }) => {
      expect(unit('person').children).toMatchObject([{ name: 'visit from visits', onDelete: 'refuse', cascades: true }])
      expect(listCascades(mapping)).toMatchObject([
        {
          parent: { name: 'person' },
          child: { name: 'visit' },
          oldTables: [{ name: 'people' }],
          oldChildren: [{ name: 'visits' }],
        },
      ])
    },
  )
})

test('what cascades today already is nothing new', async () => {
  const oldSql = OLD.replace('person text', 'person text references people on delete cascade').replace(/insert.*/, '')
  await resolve({ oldSql, newSql: NEW, tables: tables(undefined) }, ({ mapping, catalog }) => {
    expect(listCascades(mapping)).toHaveLength(1)
    expect(listCascades(mapping, catalog)).toEqual([])
  })
})

test('old rules that a native write could break', async () => {
  const oldSql = OLD.replace('name text not null', 'name text not null, born date not null')
  await resolve({ oldSql, newSql: NEW, tables: tables(undefined) }, ({ mapping, catalog }) => {
    expect(listNativeRisks(mapping, catalog).map((r) => [r.source.name, r.kind, r.columns, r.why])).toEqual([
      ['people', 'not null', ['name'], 'a native write may leave name empty'],
      ['people', 'not null', ['born'], 'a native insert has no value for it, and it has no default'],
      ['people', 'check', ['city'], "the new schema may take what CHECK (((city)::text <> ''::text)) refuses"],
      ['people', 'unique', ['email'], 'the new schema may take equal values that this index refuses'],
    ])
  })
  const newSql = NEW.replace('name text,', 'name text not null,').replace('email text', 'email text unique')
  await resolve({ oldSql: OLD, newSql, tables: tables(undefined) }, ({ mapping, catalog }) => {
    expect(listNativeRisks(mapping, catalog).map((r) => r.kind)).toEqual(['check'])
  })
})
