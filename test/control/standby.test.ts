import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { inject, onTestFinished, test } from 'vitest'
import { readStop } from '../../src/control/throttle-look.ts'
import { startServer } from '../../src/embedded/server.ts'
import { fastSettings } from '../../src/embedded/settings.ts'

const SETTINGS = { ...fastSettings, wal_level: 'replica', max_wal_senders: '4', max_connections: '20' }
const WATCHED = {
  latencyFactor: null,
  latencyFloorMs: 0,
  replicationLagMs: 60_000,
  replicationLagMb: 4,
  activeSessions: null,
}

test('a standby that falls behind, and one that goes away, make backfill and worker stand still', async () => {
  // The version of the run's own server.
  const major = Number((await queryOnce(inject('serverUrl'), 'show server_version_num'))?.slice(0, 2))
  const made = await startServer({ version: major as 18, settings: SETTINGS, keep: true })
  const { dataDir } = made
  await made.stop('fast')
  const folder = dirname(dataDir)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const copy = join(folder, 'standby')
  execFileSync('cp', ['-a', dataDir, copy])
  execFileSync('cp', ['-a', join(dataDir, 'PG_VERSION'), join(copy, 'standby.signal')])

  const primary = await startServer({ dataDir, settings: SETTINGS })
  onTestFinished(() => primary.stop())
  const client = new pg.Client({ connectionString: primary.url })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query(
    `create schema crossfade; create table crossfade.pause (person text, reason text); create table t (x text)`,
  )
  await client.query(`select pg_create_physical_replication_slot('spare', true)`)
  const { password } = new URL(primary.url)
  const conninfo = `host=127.0.0.1 port=${primary.port} user=postgres password=${password} application_name=spare`
  const standby = await startServer({
    dataDir: copy,
    settings: { ...SETTINGS, primary_conninfo: conninfo, primary_slot_name: 'spare', hot_standby: 'on' },
  })
  onTestFinished(() => standby.stop('immediate'))

  const stop = () => readStop(client, WATCHED)
  const write = () => client.query(`insert into t select repeat(md5(i::text), 20) from generate_series(1, 10000) i`)
  const becomes = async (wanted: RegExp | null): Promise<void> => {
    for (;;) {
      const reason = await stop()
      if (wanted === null ? reason === null : reason !== null && wanted.test(reason)) return
      await sleep(50)
    }
  }
  await becomes(null)
  await write()
  await becomes(null)
  await queryOnce(standby.url, 'select pg_wal_replay_pause()')
  await write()
  await becomes(/^standby spare is [\d.]+ MB and [\d.]+ s behind; the limit is 4 MB$/)
  await queryOnce(standby.url, 'select pg_wal_replay_resume()')
  await becomes(null)
  await standby.stop('immediate')
  await write()
  await becomes(/^standby with slot spare is [\d.]+ MB and 0.0 s behind; the limit is 4 MB$/)
  // Nobody waits for a standby that isn't to come back.
  await client.query(`select pg_drop_replication_slot('spare')`)
  await becomes(null)
}, 120_000)

async function queryOnce(url: string, text: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query({ text, rowMode: 'array' })
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}
