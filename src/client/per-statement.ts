import { EventEmitter } from 'node:events'
import type { Pool, PoolClient } from 'pg'
import type { ConnectCallback } from './pool-options.ts'
import type { Router } from './router.ts'

const EVENTS = ['error', 'end', 'drain', 'notice', 'notification']

/**
 * The same pool, for libraries that check a client out for each statement. Its clients take a connection when they first
 * need one, and keep it until they are released: for anything but a plain read of migrated tables. Such a read goes
 * through the pool, and the draw decides its side.
 */
export function buildPerStatement<P extends Pool>(pool: P, router: Router): P {
  const connect = (callback?: ConnectCallback): Promise<PoolClient> | undefined => {
    const client = new LateClient(router) as unknown as PoolClient
    if (callback === undefined) return Promise.resolve(client)
    process.nextTick(callback, undefined, client, client.release)
    return undefined
  }
  return new Proxy(pool, {
    get: (target, name, self) => (name === 'connect' ? connect : Reflect.get(target, name, self)),
  })
}

class LateClient extends EventEmitter {
  #router: Router
  #client: Promise<PoolClient> | undefined
  #reads = new Set<Promise<unknown>>()
  #forwards = EVENTS.map((event) => [event, (...args: unknown[]) => void this.emit(event, ...args)] as const)
  #isReleased = false

  constructor(router: Router) {
    super()
    this.#router = router
  }

  /** Not a method, since pg's own may be handed on by itself. */
  readonly release = (error?: Error | boolean): void => {
    if (this.#isReleased) throw new Error('Release called on client which has already been released to the pool.')
    this.#isReleased = true
    this.#client?.then(
      (client) => {
        for (const [event, forward] of this.#forwards) client.removeListener(event, forward)
        client.release(error)
      },
      () => undefined,
    )
  }

  query(...args: unknown[]): unknown {
    if (this.#client === undefined && this.#router.isRead(args)) return this.#read(args)
    this.#client ??= this.#take()
    const [statement] = args
    if (isSubmittable(statement)) {
      this.#client.then(
        (client) => client.query(statement as never),
        (error) => statement.handleError(error),
      )
      return statement
    }
    const callback = args.findLast((arg) => typeof arg === 'function')
    if (callback === undefined) return this.#client.then((client) => sendOn(client, args))
    this.#client.then(
      (client) => void sendOn(client, args),
      (error) => process.nextTick(callback, error),
    )
    return undefined
  }

  #read(args: unknown[]): unknown {
    const callback = args.findLast((arg) => typeof arg === 'function')
    if (callback === undefined) return this.#watch(this.#router.query(args) as Promise<unknown>)
    const answered = new Promise<unknown[]>((resolve) => {
      this.#router.query(args.map((arg) => (arg === callback ? (...answer: unknown[]) => resolve(answer) : arg)))
    })
    void this.#watch(answered.then((answer) => process.nextTick(callback, ...answer)))
    return undefined
  }

  #watch<T>(read: Promise<T>): Promise<T> {
    const forget = () => this.#reads.delete(read)
    this.#reads.add(read)
    read.then(forget, forget)
    return read
  }

  /** What comes next on one client comes after what was sent before. */
  async #take(): Promise<PoolClient> {
    await Promise.allSettled(this.#reads)
    const client = (await this.#router.connect()) as PoolClient
    for (const [event, forward] of this.#forwards) client.on(event as 'end', forward)
    return client
  }
}

function sendOn(client: PoolClient, args: unknown[]): unknown {
  return (client.query as (...args: unknown[]) => unknown)(...args)
}

function isSubmittable(statement: unknown): statement is { handleError(error: unknown): void } {
  return typeof (statement as { submit?: unknown } | null)?.submit === 'function'
}
