import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { run } from './client.ts'
import { percentile } from './statistics.ts'

/** What the figures depend on. */
export interface Machine {
  readonly at: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  /** One write of 8 kB and fdatasync. Milliseconds, median. */
  readonly fsyncMs: number
  readonly node: string
  readonly postgres: string
  readonly settings: Readonly<Record<string, string>>
}

const MB = 1024 * 1024

/** Those of a small server of its own: a quarter of the memory, at most 2 GB; everything else as it comes. */
export function serverSettings(): Record<string, string> {
  return {
    shared_buffers: `${Math.min(2048, Math.floor(totalmem() / MB / 4))}MB`,
    effective_cache_size: `${Math.floor(totalmem() / MB / 2)}MB`,
    work_mem: '16MB',
    maintenance_work_mem: '256MB',
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    random_page_cost: '1.1',
    max_connections: '200',
  }
}

export async function readMachine(url: string): Promise<Machine> {
  const [version] = await run(url, 'SHOW server_version')
  const names = ['jit', 'autovacuum', 'synchronous_commit', 'fsync', 'full_page_writes', 'wal_level']
  const defaults = await run(
    url,
    `SELECT name, setting FROM pg_settings WHERE name IN (${names.map((name) => `'${name}'`).join(', ')}) ORDER BY name`,
  )
  return {
    at: new Date().toISOString().slice(0, 16).replace('T', ' '),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / MB / 1024),
    fsyncMs: measureFsync(),
    node: process.version,
    postgres: version?.server_version ?? 'unknown',
    settings: { ...serverSettings(), ...Object.fromEntries(defaults.map((row) => [row.name, row.setting])) },
  }
}

function measureFsync(): number {
  const path = join(tmpdir(), `crossfade-bench-${process.pid}`)
  const file = openSync(path, 'w')
  const block = Buffer.alloc(8192, 1)
  const times: number[] = []
  try {
    for (let i = 0; i < 200; i++) {
      const started = performance.now()
      writeSync(file, block)
      fdatasyncSync(file)
      times.push(performance.now() - started)
    }
  } finally {
    closeSync(file)
    rmSync(path)
  }
  return percentile(times, 0.5)
}
