import { expect, onTestFinished, test } from 'vitest'
import type { TargetPlan } from '../../src/design/design-plan.ts'
import { createTestDatabase } from '../support/database.ts'
import { draftOf } from './draft-of.ts'

/** Two tables with one key, and what one of them says of its columns. */
async function draftWith(posts: string, old: string, ...more: string[]): Promise<{ ddl: string; target: TargetPlan }> {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  const statements = [
    `create table posts (id uuid primary key, slug text unique, author int, state text not null ${posts})`,
    `create table posts_old (id uuid primary key, state text not null ${old})`,
    `insert into posts select md5(g::text)::uuid, 's' || g, g % 7, case g % 2 when 0 then 'draft' else 'live' end from generate_series(1, 200) g`,
    `insert into posts_old select md5(g::text)::uuid, case g % 2 when 0 then 'draft' else 'live' end from generate_series(100, 300) g`,
    ...more,
  ]
  for (const statement of statements) await database.query(statement)
  const { ddl, plan } = await draftOf(database, { tables: ['posts', 'posts_old'] })
  const [target] = plan.targets
  if (!target) throw new Error('no target')
  return { ddl, target }
}

const conditions = (target: TargetPlan) => target.checks.flatMap(({ condition }) => condition ?? [])
const words = (list: string) => `check (state in (${list}))`

test('a list of words that all sources check stays theirs, and none is made of the data beside it', async () => {
  const { target } = await draftWith(words(`'draft', 'live', 'gone'`), words(`'draft', 'live', 'gone'`))
  expect(conditions(target)).toEqual([`(state = ANY (ARRAY['draft'::text, 'live'::text, 'gone'::text]))`])
})

test('a word that one source allows and no row has yet is in the list, and asks nothing more', async () => {
  const { target, ddl } = await draftWith(words(`'draft', 'live', 'gone'`), words(`'draft', 'live', 'spam'`))
  expect(conditions(target)).toEqual([`state in ('draft', 'gone', 'live', 'spam')`])
  expect(ddl.replaceAll(/\n *-- /g, ' ')).toContain(
    `all state that the data holds; and 'spam', which posts_old allows; and 'gone', which posts allows`,
  )
  expect(ddl).not.toContain('Shall it hold here?')
  expect((await draftWith(`check (length(state) < 9)`, '')).ddl.replaceAll(/\n *-- /g, ' ')).toContain(
    'Shall it hold here?',
  )
})

test('an index that begins with a unique key is of no use beside it', async () => {
  const more = [
    `create index on posts (slug, author)`,
    `create index on posts (author, slug)`,
    `create index on posts (id, author)`,
  ]
  const { target } = await draftWith('', '', ...more)
  expect(target.indexes.map(({ columns }) => columns)).toEqual([['author', 'slug']])
})

test('row security without a policy stays so, and is told as what it is', async () => {
  const more = ['posts', 'posts_old'].map((name) => `alter table ${name} enable row level security`)
  const { ddl } = await draftWith('', '', ...more)
  expect(ddl).toContain('enable row level security')
  expect(ddl.replaceAll(/\n *-- /g, ' ')).toContain('posts_old, posts have row level security and no policy')
})
