import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { type Engine, withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'

const old = (table: string, k: string): string => `update ${table} set title = 'x' where k = '${k}'`
const own = (k: string): string => `update plans set score = 1 where k = '${k}'`

/** Two transactions, statement by statement side by side; and how many of them a server without Crossfade undoes. */
const PATTERNS = [
  { what: 'opposite order in one table', one: [own('a'), own('b')], two: [own('b'), own('a')], undone: 1 },
  {
    what: 'opposite order over two tables',
    one: [old('plans', 'a'), old('drafts', 'b')],
    two: [old('drafts', 'b'), old('plans', 'a')],
    undone: 1,
  },
  {
    what: 'each its own table, the same keys in opposite order',
    one: [old('plans', 'a'), old('plans', 'b')],
    two: [old('drafts', 'b'), old('drafts', 'a')],
    undone: 0,
  },
  {
    what: 'each its own table, three keys around',
    one: [old('plans', 'a'), old('plans', 'b'), old('plans', 'c')],
    two: [old('drafts', 'c'), old('drafts', 'a'), old('drafts', 'b')],
    undone: 0,
  },
  {
    what: 'keys that are deleted and made anew',
    one: [`delete from plans where k = 'a'`, `insert into plans (k) values ('a')`, old('plans', 'b')],
    two: [old('drafts', 'b'), `delete from drafts where k = 'a'`, `insert into drafts (k) values ('a')`],
    undone: 0,
  },
]

const FILL = ['plans', 'drafts'].map((t) => `insert into ${t} (k) values ('a'), ('b'), ('c')`).join(';')

/** The SQLSTATE with which each of the two failed; null where it committed. */
async function meet(
  connect: () => Promise<pg.Client>,
  one: readonly string[],
  two: readonly string[],
): Promise<(string | null)[]> {
  const steps = [one, two]
  const sessions = await Promise.all([connect(), connect()])
  for (const [i, session] of sessions.entries()) await session.query(`begin; ${steps[i]?.[0]}`)
  return await Promise.all(
    sessions.map(async (session, i) => {
      try {
        for (const text of steps[i]?.slice(1) ?? []) await session.query(text)
        await session.query('commit')
        return null
      } catch (error) {
        await session.query('rollback')
        return (error as pg.DatabaseError).code ?? String(error)
      }
    }),
  )
}

const victims = (errors: readonly (string | null)[]): (string | null)[] => errors.filter((code) => code !== null)

test.each(PATTERNS)('without Crossfade: $what ($undone undone)', async ({ one, two, undone }) => {
  const db = await createTestDatabase()
  const sessions: pg.Client[] = []
  onTestFinished(async () => {
    await Promise.all(sessions.map((session) => session.end()))
    await db.drop()
  })
  await db.query(`${QUEUE.oldSql} ${FILL}`)
  const connect = async (): Promise<pg.Client> => {
    const session = new pg.Client({ connectionString: db.url })
    await session.connect()
    sessions.push(session)
    return session
  }
  expect(victims(await meet(connect, one, two))).toEqual(Array.from({ length: undone }, () => '40P01'))
})

test.each(PATTERNS)('with Crossfade: $what ($undone undone)', async ({ one, two, undone }) => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(FILL)
    expect(victims(await meet(() => e.connect(), one, two))).toEqual(Array.from({ length: undone }, () => '40P01'))
    await expectInStep(e)
  })
})

function native(k: string): string {
  return `update new_schema.queue set title = 'n' where k = '${k}'`
}

test('an old and a native transaction that write the same old rows the other way round: one is undone, as by old names', async () => {
  await withEngine({ ...QUEUE, open: true }, async (e) => {
    await e.db.query(FILL)
    const errors = victims(await meet(() => e.connect(), [own('a'), own('b')], [native('b'), native('a')]))
    expect(errors).toHaveLength(1)
    expect(['40001', '40P01', '55P03']).toContain(errors[0])
    await expectInStep(e)
  })
})

test('an old and a native transaction that meet on new rows alone: the old one never fails', async () => {
  await withEngine({ ...QUEUE, open: true }, async (e) => {
    await e.db.query(FILL)
    const body = (k: string): string => `update drafts set body = 'o' where k = '${k}'`
    const score = (k: string): string => `update new_schema.queue set score = 2 where k = '${k}'`
    const [old, told] = await meet(() => e.connect(), [body('a'), body('b')], [score('b'), score('a')])
    expect(old).toBeNull()
    expect([null, '40001']).toContain(told)
    await expectInStep(e)
  })
})

async function expectInStep(e: Engine): Promise<void> {
  await e.drain()
  expect(await e.differences()).toEqual([])
  expect(await e.journal()).toEqual([])
}
