import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { type CrossfadePool, crossfade, type ShadowOptions } from '../../src/client/pg.ts'
import { acceptMismatches, forgetMismatches, readMismatches } from '../../src/control/reads.ts'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const JOBS = {
  oldSql: `create table jobs (id int primary key, title text); insert into jobs select n, 'job ' || n from generate_series(1, 20) as n;`,
  newSql: `create table work (id int primary key, title text);`,
  tables: { work: merge({ key: 'id', sources: { jobs: {} } }) },
}
const READ = `select id, title from jobs where id < 5`

type Built = Awaited<ReturnType<typeof createProject>>

/** Ready for the ramp. */
async function verified(): Promise<Built> {
  const project = await createProject(JOBS)
  const { commands, query } = project
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  await commands.approve('sync')
  await commands.verify()
  await commands.approve('verify')
  await query(`insert into crossfade.worker values (0, 'test', now() + interval '1 hour')`)
  return project
}

async function wrap(
  { url }: Built,
  shadow: ShadowOptions = {},
  config: pg.PoolConfig = {},
): Promise<CrossfadePool<pg.Pool> & { warnings: string[] }> {
  const warnings: string[] = []
  const pool = new pg.Pool({ connectionString: url, max: 2, ...config })
  onTestFinished(async () => {
    if (!pool.ending) await pool.end()
  })
  const wrapped = crossfade(pool, {
    shadow: { sample: 1, againAfterMs: 20, timeoutMs: 20_000, ...shadow },
    warn: (message) => warnings.push(message),
  })
  await expect.poll(() => wrapped.query('select 1').then(() => wrapped.crossfade.stats().version)).not.toBeNull()
  return Object.assign(wrapped, { warnings })
}

async function session({ url }: Built): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

const compared = (pool: CrossfadePool<pg.Pool>): number => pool.crossfade.stats().shadow?.compared ?? 0

/** What the mapping would do wrong. */
const BREAK = `create or replace view crossfade_compat.jobs as select id, upper(title) as title from new_schema.work`

test('reads go no further up while both sides answer differently, and nobody has accepted it', async () => {
  const project = await verified()
  const { commands, query, status, artifact } = project
  const pool = await wrap(project)
  await pool.query(READ)
  await expect.poll(() => compared(pool)).toBe(1)
  await pool.crossfade.flush()
  expect((await status()).evidence).toContain('Shadow reads: 1 compared, 0 of them different at two looks.')
  expect((await status()).evidence).toEqual(
    expect.arrayContaining([expect.stringMatching(/^At 0 %, the old side: 1 reads, p50 [\d.]+ ms, p95 [\d.]+ ms\.$/)]),
  )
  await commands.reads(1)

  await query(BREAK)
  await pool.query(READ)
  await expect.poll(() => compared(pool)).toBe(2)
  await pool.crossfade.flush()
  await expect(commands.reads(10)).rejects.toMatchObject({ code: 'reads.mismatches' })
  expect(await status()).toMatchObject({
    next: 'crossfade shadow',
    warnings: expect.arrayContaining([expect.stringContaining('answered reads differently, in 1 ways')]),
  })
  // Down is free.
  await commands.reads(0)
  await expect(commands.reads(1)).rejects.toMatchObject({ code: 'reads.mismatches' })

  const [mismatch] = await query('select * from crossfade.mismatch')
  expect(mismatch).toMatchObject({
    ...{ kind: 'values', column_name: 'title', noise: false, tables: ['jobs'], seen: '1' },
    ...{ statement: 'select id, title from jobs where id < ?' },
    example: '5 characters, then 5 characters: the same but for case',
  })
  const client = await pool.connect()
  await expect(acceptMismatches(client, {}, null)).rejects.toMatchObject({ code: 'shadow.person' })
  expect(await acceptMismatches(client, { table: 'other' }, 'Ann')).toBe(0)
  expect(await acceptMismatches(client, { id: Number(mismatch?.id) }, 'Ann')).toBe(1)
  await commands.reads(1)

  // Accepted stays accepted, whatever comes of the same kind; forgotten is back when it happens again.
  await pool.query(READ)
  await expect.poll(() => compared(pool)).toBe(3)
  await pool.crossfade.flush()
  await commands.reads(10)
  expect(await forgetMismatches(client, {})).toBe(1)
  client.release()
  await pool.query(READ)
  await expect.poll(() => compared(pool)).toBe(4)
  await pool.crossfade.flush()
  await expect(commands.reads(25)).rejects.toMatchObject({ code: 'reads.mismatches' })
  await query(`update crossfade.mismatch set accepted_by = 'Ann', accepted_at = now()`)
  for (const percent of [25, 50, 100]) await commands.reads(percent)
  const [{ content: report } = { content: '' }] = await query(
    `select content from crossfade.artifact where name = 'READS_REPORT.md'`,
  )
  expect(report).toContain('4 reads were asked of both sides')
  expect(report).toMatch(/\| 1 \| other values: title \| select id, title from jobs where id \\< \? \|.* \| Ann \|/)
  expect(report).toMatch(/\| 0 % \| jobs \| old, shadow \| 1 \| 0 \|/)
  expect(await artifact('VERIFY_REPORT.md')).toContain('jobs')

  await commands.approve('reads')
  await query(`update crossfade.mismatch set accepted_by = null, accepted_at = null`)
  await expect(commands.move()).rejects.toMatchObject({ code: 'reads.mismatches' })

  // A consolidation that is given up takes what was told of it along.
  for (let n = 0; n < 2; n += 1) await commands.rollback()
  expect(
    await query(`select (select count(*)::int from crossfade.mismatch) as mismatches,
      (select count(*)::int from crossfade.metrics) as metrics, (select count(*)::int from crossfade.shadow_count) as counts`),
  ).toEqual([{ mismatches: 0, metrics: 0, counts: 0 }])
})

test('what differs by itself keeps nobody from going up', async () => {
  const project = await verified()
  const { commands, query, status } = project
  const told = {
    fingerprint: 'aa',
    kind: 'values',
    column: 'title',
    statement: 's',
    example: '',
    seen: 1,
    tables: ['jobs'],
  }
  const tell = (noise: boolean): Promise<unknown> =>
    query(`select crossfade.record_reads('${JSON.stringify({ mismatches: [{ ...told, noise }] })}')`)
  await tell(true)
  await commands.reads(1)
  expect((await status()).next).toBe('crossfade reads 10')
  await tell(false)
  const [real] = await readMismatches(await session(project))
  expect(real).toMatchObject({ noise: false, noisy: true })
})

test('nothing is compared before the new tables are filled, nor while they lag', async () => {
  const project = await createProject(JOBS)
  const { commands, query } = project
  const shadow = async (): Promise<unknown> => (await query(`select crossfade.client_state()->'shadow' as s`))[0]?.s
  await commands.approve('design')
  await commands.build()
  expect(await shadow()).toBe(0)
  await commands.approve('build')
  await commands.sync()
  expect(await shadow()).toBe(100)
  await query(
    `insert into crossfade.outbox (target, key, enqueued_at) values ('work', '{1}', now() - interval '2 seconds')`,
  )
  expect(await shadow()).toBe(0)
  await query('delete from crossfade.outbox; update crossfade.migration set shadow_percent = 2.5')
  expect(await shadow()).toBe(2.5)
  await commands.rollback()
  expect(await shadow()).toBe(0)
})

test('a role tells of its reads only where somebody granted it, and does no harm with it', async () => {
  const project = await verified()
  const { query, other } = project
  const role = `teller_${Math.random().toString(36).slice(2, 10)}`
  await query(`create role ${role}; grant usage on schema crossfade_compat to ${role}; grant select on jobs, new_schema.work, crossfade_compat.jobs to ${role};
    grant usage on schema new_schema to ${role}`)
  onTestFinished(() => query(`reset role; drop owned by ${role}; drop role ${role}`).then(() => {}))
  const pool = await wrap(project, {}, { options: `-c role=${role}` })
  await pool.query(READ)
  await expect.poll(() => pool.crossfade.stats().shadow?.compared).toBe(1)
  await pool.crossfade.flush()
  expect(pool.warnings).toEqual([expect.stringContaining('GRANT EXECUTE ON FUNCTION crossfade.record_reads(jsonb)')])
  expect(await query('select * from crossfade.metrics')).toEqual([])
  await pool.end()

  await query(`grant execute on function crossfade.record_reads(jsonb) to ${role}`)
  await other(`set role ${role}`)
  const tell = (report: unknown): Promise<unknown> =>
    other(`select crossfade.record_reads('${JSON.stringify(report).replaceAll("'", "''")}')`)
  const mismatch = { fingerprint: 'aa', kind: 'values', column: 'c', statement: 's', example: 'e', seen: 1, tables: [] }
  await tell({ mismatches: [{ ...mismatch, statement: 'a\u001b[2Jb\u202ec\nd', tables: ['jobs', 'secret'] }] })
  expect(await query('select statement, tables from crossfade.mismatch')).toEqual([
    { statement: 'a [2Jb c d', tables: ['jobs'] },
  ])
  // Nonsense is no error of ours, and what is too long is none of the server's.
  for (const nonsense of [
    { mismatches: 'x', measures: 7, counts: [] },
    { mismatches: [null, 1, {}, { ...mismatch, kind: 'drop' }, { ...mismatch, fingerprint: "'" }] },
    {
      measures: [
        { fingerprint: 'bb', side: 'old', count: -5, errors: 'x', sumMs: 'y', buckets: { '-1': 4, 99999: 2, 3: -1 } },
      ],
    },
    { counts: { ['x'.repeat(9_999)]: 1e30, y: -3 } },
  ])
    await tell(nonsense)
  for (const refused of [[], 'x', { x: 'y'.repeat(2_000_001) }])
    await expect(tell(refused)).rejects.toMatchObject({ code: '22023' })
  expect(await query(`select reads, errors, sum_ms, buckets from crossfade.metrics`)).toEqual([
    { reads: '0', errors: '0', sum_ms: 0, buckets: { 3: 0 } },
  ])
  for (let part = 0; part < 8; part += 1) {
    const many = Array.from({ length: 600 }, (_, n) => ({ ...mismatch, fingerprint: `f${part}x${n}`, side: 'new' }))
    await tell({
      mismatches: many,
      measures: many,
      counts: Object.fromEntries(many.map((one) => [one.fingerprint, 1])),
    })
  }
  const [full] = await query(`select (select count(*)::int from crossfade.mismatch) as mismatches,
    (select count(*)::int from crossfade.metrics) as metrics, (select count(*)::int from crossfade.shadow_count) as counts`)
  expect(full?.mismatches).toBeLessThanOrEqual(1_300)
  expect(full?.metrics).toBeLessThanOrEqual(4_600)
  expect(full?.counts).toBeLessThanOrEqual(200)
  for (const forbidden of ['crossfade.metrics', 'crossfade.mismatch', 'crossfade.shadow_count', 'crossfade.journal'])
    await expect(other(`select from ${forbidden}`)).rejects.toMatchObject({ code: '42501' })

  // It holds its rows, and a rollback passes it by.
  await other('begin')
  await tell({ mismatches: [mismatch] })
  await project.commands.rollback()
  await other('rollback')
})

test('counts and times of all processes are one', async () => {
  const project = await verified()
  const pools = [await wrap(project), await wrap(project)]
  for (const pool of pools) {
    for (let i = 0; i < 3; i += 1) await pool.query(`select title from jobs where id = ${i}`)
    await expect.poll(() => compared(pool)).toBe(3)
  }
  await Promise.all(pools.map((pool) => pool.crossfade.flush()))
  const rows = await project.query(`select side, shadow, statement, reads::int, errors::int, sum_ms > 0 as took,
    (select sum(value::int)::int from jsonb_each_text(buckets)) as times from crossfade.metrics order by shadow, side`)
  const one = { statement: 'select title from jobs where id = ?', reads: 6, errors: 0, took: true, times: 6 }
  expect(rows).toEqual([
    { side: 'old', shadow: false, ...one },
    { side: 'new', shadow: true, ...one },
    { side: 'old', shadow: true, ...one },
  ])
  // Told once is not told again.
  await pools[0]?.crossfade.flush()
  expect(await project.query('select sum(reads)::int as reads from crossfade.metrics')).toEqual([{ reads: 18 }])
})
