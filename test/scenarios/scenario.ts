import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type pg from 'pg'
import { type Hold, parseHolds } from './holds.ts'
import type { Workload } from './workload.ts'

/** One folder of scenarios/, read. */
export interface Scenario {
  readonly name: string
  readonly workload: Workload
  readonly holds: readonly Hold[]
  /** Makes the old side in an empty database; returns the path of the configuration. `directory` may be written to. */
  prepare(client: pg.Client, directory: string): Promise<string>
}

/** What `setup.ts` exports, where a scenario's old side and mapping come from elsewhere: in place of old.sql and crossfade.config.ts. */
export type Prepare = Scenario['prepare']

const NO_WORKLOAD: Workload = { old: {} }

export async function readScenario(root: string, name: string): Promise<Scenario> {
  const folder = join(root, name)
  const file = (base: string): string => join(folder, base)
  const workload = existsSync(file('workload.ts')) ? (await load(file('workload.ts'))).workload : NO_WORKLOAD
  const own = existsSync(file('setup.ts')) ? (await load(file('setup.ts'))).prepare : null
  return {
    name,
    workload: workload as Workload,
    holds: parseHolds(await readFile(file('holds.sql'), 'utf8')),
    prepare:
      (own as Prepare | null) ??
      (async (client) => {
        await client.query(await readFile(file('old.sql'), 'utf8'))
        return file('crossfade.config.ts')
      }),
  }
}

async function load(path: string): Promise<{ readonly [name: string]: unknown }> {
  return await import(pathToFileURL(path).href)
}
