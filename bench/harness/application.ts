import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { TWO_SOURCES } from '../fixtures/two-sources.ts'
import { connectAll, endAll } from './client.ts'
import { keyOf, write } from './writing.ts'

const PER_SECOND = 300
const CLIENTS = 8

/** Transactions that come in at a steady rate, whatever becomes of those before. */
export interface Application {
  /** Latencies of the transactions that were due in the next so many milliseconds. */
  measure(ms: number): Promise<number[]>
  /** The same until something has ended, however it ends. */
  measureWhile(running: Promise<unknown>): Promise<number[]>
  /** Returns what it met that it should not have. */
  stop(): Promise<string[]>
}

/** Works on the old tables of the fixture with two sources. */
export async function startApplication(url: string, rows: number): Promise<Application> {
  const clients = await connectAll(url, CLIENTS)
  const failures: string[] = []
  let latencies: number[] = []
  let stopped = false
  const started = performance.now()
  let next = 0
  const working = clients.map(async (client) => {
    while (!stopped) {
      const index = next++
      const due = started + (index * 1000) / PER_SECOND
      const wait = due - performance.now()
      if (wait > 0) await sleep(wait)
      await transact(client, rows, index).catch((error: Error) => failures.push(error.message))
      latencies.push(performance.now() - due)
    }
  })
  const measureWhile = async (running: Promise<unknown>): Promise<number[]> => {
    latencies = []
    await running.catch(() => undefined)
    return latencies
  }
  return {
    measure: (ms) => measureWhile(sleep(ms)),
    measureWhile,
    async stop() {
      stopped = true
      await Promise.all(working)
      await endAll(clients)
      return failures
    },
  }
}

/** Half of them read; updates are twice as many as inserts. */
async function transact(client: pg.Client, rows: number, index: number): Promise<void> {
  const at = { rows, round: 0, index, total: 0 }
  const { old } = TWO_SOURCES
  switch (index % 6) {
    case 0:
      return void (await write(client, 'insert', old.insert, keyOf('insert', at), 0))
    case 1:
    case 2:
      return void (await write(client, 'update', old.update, keyOf('update', at), index))
    default: {
      const text = `SELECT d.*, g.quality FROM drafts AS d LEFT JOIN generations AS g USING (decision_id) WHERE d.id = $1`
      return void (await client.query({ name: 'read', text, values: [keyOf('update', at)] }))
    }
  }
}
