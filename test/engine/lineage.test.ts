import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'

test('a compat view shows the rows that its old table has, and no others', async () => {
  await withEngine({ ...QUEUE, open: true }, async (e) => {
    const shown = async (): Promise<unknown[]> => {
      const [plans, drafts] = await Promise.all(
        ['plans', 'drafts'].map((table) =>
          e.db.query<{ k: string }>(`select k from crossfade_compat.${table} order by k`),
        ),
      )
      return [plans?.map((row) => row.k), drafts?.map((row) => row.k)]
    }
    await e.db.query(`insert into plans (k) values ('one'), ('two'); insert into drafts (k) values ('two'), ('three')`)
    expect(await shown()).toEqual([
      ['one', 'two'],
      ['three', 'two'],
    ])
    await e.db.query(`delete from plans where k = 'two'; insert into plans (k) values ('three')`)
    await e.db.query(`insert into new_schema.queue (k) values ('native')`)
    expect(await shown()).toEqual([
      ['native', 'one', 'three'],
      ['three', 'two'],
    ])
    expect(await e.differences()).toEqual([])
  })
})

const OWN = `create policy own on %s to engine_reader using (k = current_setting('engine.mine', true))`

test('lineage hides what row security hides', async () => {
  const oldSql = /* sql */ `${QUEUE.oldSql}
    do $$ begin create role engine_reader; exception when duplicate_object or unique_violation then null; end $$;
    alter table plans enable row level security; ${OWN.replace('%s', 'plans')};
    alter table drafts enable row level security; ${OWN.replace('%s', 'drafts')};
    grant select on plans, drafts to engine_reader;`
  const newSql = `${QUEUE.newSql} alter table queue enable row level security; ${OWN.replace('%s', 'queue')};`
  await withEngine({ ...QUEUE, oldSql, newSql }, async (e) => {
    await e.db.query(`insert into plans (k) values ('mine'), ('theirs')`)
    const reader = await e.connect(`set role engine_reader; set engine.mine = 'mine'`)
    expect((await reader.query('select k from crossfade_compat.plans')).rows).toEqual([{ k: 'mine' }])
    expect((await reader.query('select k from crossfade.lineage_queue')).rows).toEqual([{ k: 'mine' }])
  })
})
