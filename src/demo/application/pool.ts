import pg from 'pg'
import { crossfade } from '../../client/pg.ts'
import type { PoolFigures } from './activity.ts'

export interface ApplicationPool {
  readonly pool: pg.Pool
  figures(): PoolFigures
}

/** The one place where the application knows of Crossfade: its pool is wrapped. */
export function openPool(name: string, databaseUrl: string): ApplicationPool {
  const pool = crossfade(new pg.Pool({ connectionString: databaseUrl, max: 3, application_name: name }))
  return { pool, figures: () => ({ retries: pool.crossfade.stats().retries }) }
}
