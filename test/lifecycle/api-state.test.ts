import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const ROLE = (name: string): string =>
  `do $$ begin create role ${name}; exception when duplicate_object or unique_violation then null; end $$;`

test('over HTTP each role learns of the tables that it may read, and nothing else', async () => {
  const { commands, query, other } = await createProject({
    oldSql: `${ROLE('service_role')} ${ROLE('state_reader')} ${ROLE('state_half')} ${ROLE('state_stranger')}
      create table notes (id int primary key, body text); create table "Lett'ers" (id int primary key, words text);
      create table jobs (id int primary key, what text);
      grant select on notes, "Lett'ers", jobs to state_reader; grant select (id) on notes to state_half;`,
    newSql: `create table papers (id int primary key, body text); create table mail (id int primary key, words text);
      create table work (id int primary key, what text);`,
    tables: {
      papers: merge({ key: 'id', sources: { notes: {} } }),
      mail: merge({ key: 'id', sources: { "Lett'ers": {} } }),
      work: merge({ key: 'id', sources: { jobs: {} } }),
    },
    sync: { tables: { work: { mode: 'outbox' } } },
  })
  const ask = async (role: string, schema = 'public'): Promise<unknown> => {
    await query(`set role ${role}`)
    const [row] = await query(`select crossfade_compat.crossfade_state('${schema}') as state`).finally(() =>
      query('reset role'),
    )
    return row?.state
  }
  await commands.approve('design')
  await commands.build()
  expect(await ask('state_half')).toEqual({ version: expect.any(Number), percent: 0, shadow: 0, tables: { notes: 0 } })

  await query(`update crossfade.migration set stage = 'reads', read_percent = 25, version = 7`)
  expect(await ask('state_reader')).toEqual({
    ...{ version: 7, percent: 25, shadow: 0 },
    // And not of jobs: in outbox mode, so it lags by design.
    tables: { notes: 25, "Lett'ers": 25 },
  })
  expect(await ask('state_half')).toEqual({ version: 7, percent: 25, shadow: 0, tables: { notes: 25 } })
  expect(await ask('state_reader', 'tenant')).toEqual({ version: 7, percent: 25, shadow: 0, tables: {} })
  await expect(ask('state_stranger')).rejects.toMatchObject({ code: '42501' })

  await commands.rollback()
  expect(await ask('state_reader')).toMatchObject({ percent: 0, tables: { notes: 0, "Lett'ers": 0 } })
  // Only the role that no browser has the key of may tell.
  const mayTell = (): Promise<unknown> =>
    query(
      `select r.rolname from pg_roles as r where not r.rolsuper
         and r.rolname in ('service_role', 'state_reader', 'state_half') and has_function_privilege(r.oid, 'crossfade_compat.crossfade_record_reads(text)', 'execute')`,
    )
  expect(await mayTell()).toEqual([{ rolname: 'service_role' }])
  await query(`update crossfade.migration set stage = 'build'`)
  await commands.rollback()
  await expect(other(`select crossfade_compat.crossfade_state()`)).rejects.toMatchObject({ code: '42883' })
  await expect(other(`select crossfade_compat.crossfade_record_reads('{}')`)).rejects.toMatchObject({ code: '42883' })
})
