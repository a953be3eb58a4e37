import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'
import { untilBlocked } from './waiting.ts'

test('an old row that comes meanwhile and hides the value: the native write is told to try again', async () => {
  const slow = /* sql */ `
    create function slow() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(42); return new; end $$;
    create trigger slow before update on drafts for each row execute function slow();`
  await withEngine({ ...QUEUE, oldSql: `${QUEUE.oldSql}${slow}`, open: true }, async (e) => {
    await e.db.query(`insert into drafts (k, title) values ('one', 't')`)
    const [holder, native] = [await e.connect('begin; select pg_advisory_xact_lock(42)'), await e.connect()]
    const writing = native.query(`update new_schema.queue set title = 'native'`).catch((error: unknown) => error)
    await untilBlocked(e, native, writing)
    // The plan comes first in the mapping, and its title hides that of the draft.
    await e.db.query(`insert into plans (k, title) values ('one', 'plan')`)
    await holder.query('commit')
    expect(await writing).toMatchObject({ code: '40001' })
    await e.drain()
    expect(await e.db.query('select title from new_schema.queue')).toEqual([{ title: 'plan' }])
    await native.query(`update new_schema.queue set title = 'native'`)
    expect(await e.db.query('select p.title, d.title as other from plans p join drafts d using (k)')).toEqual([
      { title: 'native', other: 'native' },
    ])
    expect(await e.differences()).toEqual([])
  })
})
