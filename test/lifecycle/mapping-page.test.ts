import { expect, test } from 'vitest'
import { buildMappingPage } from '../../src/lifecycle/mapping-page.ts'
import { append, merge } from '../../src/spec/config.ts'
import { useResolver } from '../spec/resolving.ts'

const resolve = useResolver()

test('the page says how links, uniques, rules and families were understood, and what follows from them', async () => {
  const oldSql = `
create table people (id text primary key, name text not null, email text, at timestamptz);
create table users (id bigint primary key, name text, email text, at timestamptz);
create table visits (id serial primary key, email text, place text);`
  const newSql = `
create table person (id bigint primary key, name text, email text unique);
create table visit (id bigserial primary key, person bigint references person on delete cascade, place text);`
  const tables = {
    person: merge({
      key: 'id',
      sources: { people: { key: 'id::bigint' }, users: {} },
      columns: { name: { pick: 'latest by at' }, email: { pick: 'first row' } },
    }),
    visit: append({
      sources: {
        visits: {
          columns: { person: { via: 'users', on: 'email', take: 'id', pick: 'latest by at' } },
          parent: 'stub',
        },
      },
    }),
  }
  await resolve({ oldSql, newSql, tables }, ({ mapping, catalog }) => {
    const page = buildMappingPage(mapping, catalog.tables, [])
    expect(page).toContain(
      'Of several rows with equal `email` one stays: the smallest key. The others go to the journal.',
    )
    expect(page).toContain('`name` comes from the row that was changed last')
    expect(page).toContain('`email` comes from the first that has a row, empty or not: `people`, `users`.')
    expect(page).toContain('### from public.visits, as a stub')
    expect(page).toContain('`person` must be in person (id); until it is, the row waits in the journal.')
    expect(page).toContain('A native delete deletes the rows of visit from visits that reference it.')
    expect(page).toMatch(/\| person \| `"crossfade_via_1"."id"` of users, where /)
    expect(page).toContain('deletes its rows of visit (today visits)')
    expect(page).toContain('- person: people not null (name): a native write may leave name empty.')
  })
})
