import { expect, test } from 'vitest'
import { readOldWrites, sampleOldWrites } from '../../src/sync/old-writes.ts'
import { withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'

test('writes by an old name are counted, those that a native write brings there are not', async () => {
  await withEngine({ ...QUEUE, open: true }, async (e) => {
    const counted = async (): Promise<unknown> => {
      const client = await e.connect()
      await sampleOldWrites(client, e.mapping)
      return (await readOldWrites(client)).map(({ source, writes }) => [source, writes])
    }
    await e.db.query(
      `insert into plans (k, title) values ('one', 't'), ('two', 't'); insert into drafts (k) values ('one')`,
    )
    await e.db.query(`update plans set title = 'u' where k = 'one'; update plans set title = title`)
    expect(await counted()).toEqual([
      ['drafts', 1],
      ['plans', 3],
    ])
    await e.db.query(`update new_schema.queue set title = 'native'; insert into new_schema.queue (k) values ('three')`)
    await e.db.query(`delete from new_schema.queue where k = 'two'`)
    expect(await counted()).toEqual([
      ['drafts', 1],
      ['plans', 3],
    ])
  })
})
