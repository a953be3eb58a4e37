import type pg from 'pg'

const backends = new WeakMap<pg.ClientBase, number>()

/** By the server's own word: what was announced at the start may be the number of a pooler between. */
export function noteBackend(client: pg.ClientBase, pid: number): void {
  backends.set(client, pid)
}

/** The process that serves this connection; null where it may be another one each time. */
export function backendOf(client: pg.ClientBase): number | null {
  return backends.get(client) ?? null
}
