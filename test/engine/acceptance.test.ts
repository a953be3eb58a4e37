import { expect, test } from 'vitest'
import { acceptAlways, countOpenJournal, readAcceptances, withdrawAcceptance } from '../../src/control/journal.ts'
import { withEngine } from './engine.ts'
import { key, POSTS } from './posts.ts'

test('what a person accepts always is accepted when it comes, until it is withdrawn', async () => {
  await withEngine(POSTS, async (e) => {
    const client = await e.connect()
    await client.query(`insert into passes (decision_id, likes) values ('${key(1)}', 1)`)
    await e.drain()
    expect(await acceptAlways(client, { target: 'metrics', sqlstate: '23503' }, 'Ann <ann@example.org>')).toBe(1)
    await client.query(`insert into passes (decision_id, likes) values ('${key(2)}', 2), ('made up', 3)`)
    await e.drain()
    expect((await e.journal()).map(({ sqlstate }) => sqlstate)).toEqual(['23503', '23503', '22P02'])
    expect(await countOpenJournal(client)).toBe(1)
    expect(await readAcceptances(client)).toEqual([
      { target: 'metrics', sqlstate: '23503', person: 'Ann <ann@example.org>' },
    ])

    expect(await withdrawAcceptance(client, { sqlstate: '23503' })).toBe(1)
    await client.query(`insert into passes (decision_id, likes) values ('${key(3)}', 4)`)
    await e.drain()
    expect(await countOpenJournal(client)).toBe(2)
  })
})
