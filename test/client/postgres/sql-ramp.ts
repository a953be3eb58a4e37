import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { onTestFinished } from 'vitest'
import { type CrossfadeOptions, type CrossfadeSql, crossfade } from '../../../src/client/postgres.ts'
import { createRamp, type Ramp } from '../ramp-fixture.ts'

export interface SqlRamp extends Omit<Ramp, 'wrap' | 'setShadow'> {
  /** A wrapped sql; ended with the test, before the database is dropped. */
  wrap(options?: CrossfadeOptions, config?: postgres.Options<Record<string, postgres.PostgresType>>): CrossfadeSql
}

export async function createSqlRamp(settings?: { installed?: boolean }): Promise<SqlRamp> {
  const { database, warnings, setPercent } = await createRamp(settings)
  return {
    ...{ database, warnings, setPercent },
    wrap(options = {}, config = {}) {
      const plain = postgres(database.url, { max: 4, ...config })
      const sql = crossfade(plain, { warn: (message) => warnings.push(message), ...options })
      onTestFinished(() => sql.end({ timeout: 5 }))
      return sql
    },
  }
}

/** A ramp at 100 % and a sql that follows it. */
export async function createRoutedSql(
  config: Parameters<SqlRamp['wrap']>[1] = {},
  options: CrossfadeOptions = {},
): Promise<SqlRamp & { sql: CrossfadeSql }> {
  const ramp = await createSqlRamp()
  await ramp.setPercent(100)
  const sql = ramp.wrap(options, config)
  await waitForPercent(sql, 100)
  return { ...ramp, sql }
}

/** Uses the sql until it follows the state; gives the milliseconds that it took. */
export async function waitForPercent(sql: CrossfadeSql, percent: number, longestMs = 5_000): Promise<number> {
  const start = performance.now()
  for (;;) {
    await sql`select 1`
    if (sql.crossfade.stats().percent === percent) return performance.now() - start
    if (performance.now() - start > longestMs) throw new Error(`still at ${sql.crossfade.stats().percent} %`)
    await sleep(2)
  }
}

export async function readSide(sql: postgres.ISql): Promise<string> {
  const [row] = await sql<{ side: string }[]>`select side from posts where id = 1`
  return row?.side ?? 'none'
}
