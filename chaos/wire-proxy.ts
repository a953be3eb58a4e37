import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** An instant in the life of a program that talks to the server. */
export interface Instant {
  /** The n-th statement, from 1, or the n-th COMMIT. */
  readonly at: 'statement' | 'commit'
  readonly n: number
  /** Before the server gets it; while the server is at it; or after its answer, which the program never gets. */
  readonly phase: 'before' | 'during' | 'after'
}

/** What was under way when an instant came. */
export interface Struck {
  readonly text: string
  /** The backend of this connection. */
  readonly pid: number
  /** With the answer the transaction had ended: what was done is durable. */
  readonly committed: boolean
}

interface Armed extends Instant {
  strike(struck: Struck): Promise<void>
}

/**
 * Stands between a program and the server, knows the messages of the wire, and strikes at an exact instant: what would
 * take luck with a clock (the moment between the server's commit and the program's hearing of it) is drawn here.
 */
export class WireProxy {
  readonly counted = { statements: 0, commits: 0 }
  readonly #server: Server
  readonly #links = new Set<Link>()
  readonly #target: () => number
  #armed: Armed | null = null
  #hung = false

  constructor(target: () => number) {
    this.#target = target
    this.#server = createServer((socket) => this.#accept(socket))
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
    return address.port
  }

  /** Begins to count anew. */
  arm(instant: Instant | null, strike: (struck: Struck) => Promise<void>): void {
    this.counted.statements = 0
    this.counted.commits = 0
    this.#armed = instant === null ? null : { ...instant, strike }
  }

  disarm(): void {
    this.#armed = null
  }

  /** From now on nothing passes, and nothing is closed: a cable that was cut. */
  hang(): void {
    this.#hung = true
    for (const link of this.#links) link.freeze()
  }

  /** New connections are made well; those that hang go on hanging. */
  heal(): void {
    this.#hung = false
  }

  /** What was held goes on its way. */
  thaw(): void {
    this.#hung = false
    for (const link of this.#links) link.thaw()
  }

  get connections(): number {
    return this.#links.size
  }

  async close(): Promise<void> {
    for (const link of this.#links) link.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(client: Socket): void {
    const link = new Link(client, dial(this.#target(), '127.0.0.1'), {
      onStatement: (text) => this.#noteStatement(link, text),
      onClosed: () => this.#links.delete(link),
    })
    this.#links.add(link)
    if (this.#hung) link.freeze()
  }

  /** The phase in which this statement is to be struck, or null. */
  #noteStatement(link: Link, text: string): Phase | null {
    this.counted.statements++
    const isCommit = text === 'COMMIT'
    if (isCommit) this.counted.commits++
    const armed = this.#armed
    if (armed === null || (armed.at === 'commit' && !isCommit)) return null
    if ((armed.at === 'commit' ? this.counted.commits : this.counted.statements) !== armed.n) return null
    this.#armed = null
    return {
      phase: armed.phase,
      strike: async (committed) => {
        await armed.strike({ text, pid: link.pid, committed })
        if (!this.#hung) link.thaw()
      },
    }
  }
}

interface Phase {
  readonly phase: Instant['phase']
  strike(committed: boolean): Promise<void>
}

interface Callbacks {
  onStatement(text: string): Phase | null
  onClosed(): void
}

/** One connection through the proxy. */
class Link {
  pid = 0
  readonly #client: Socket
  readonly #server: Socket
  readonly #callbacks: Callbacks
  readonly #held: { to: Socket; bytes: Buffer }[] = []
  #frozen = false
  #started = false
  #fromClient: Buffer = Buffer.alloc(0)
  #fromServer: Buffer = Buffer.alloc(0)
  #struckAfter: Phase | null = null

  constructor(client: Socket, server: Socket, callbacks: Callbacks) {
    this.#client = client
    this.#server = server
    this.#callbacks = callbacks
    client.setNoDelay(true)
    server.setNoDelay(true)
    client.on('data', (bytes: Buffer) => this.#readClient(bytes))
    server.on('data', (bytes: Buffer) => this.#readServer(bytes))
    for (const socket of [client, server]) {
      socket.on('error', () => this.destroy())
      socket.on('close', () => this.#closed())
    }
  }

  freeze(): void {
    this.#frozen = true
  }

  thaw(): void {
    this.#frozen = false
    for (const { to, bytes } of this.#held.splice(0)) to.write(bytes)
  }

  destroy(): void {
    this.#client.destroy()
    this.#server.destroy()
  }

  #closed(): void {
    // What is held back is lost, as with the cable.
    this.destroy()
    this.#callbacks.onClosed()
  }

  #pass(to: Socket, bytes: Buffer): void {
    if (this.#frozen) this.#held.push({ to, bytes })
    else to.write(bytes)
  }

  #readClient(bytes: Buffer): void {
    this.#fromClient = Buffer.concat([this.#fromClient, bytes])
    for (let message = this.#nextOfClient(); message !== null; message = this.#nextOfClient()) {
      const text = statementOf(message)
      const struck = text === null ? null : this.#callbacks.onStatement(text)
      if (struck?.phase === 'before') this.#freezeAnd(() => struck.strike(false))
      this.#pass(this.#server, message)
      if (struck?.phase === 'during') void sleep(3 * Math.random()).then(() => struck.strike(false))
      if (struck?.phase === 'after') this.#struckAfter = struck
    }
  }

  /** The first message has no type, the others have one byte of it. */
  #nextOfClient(): Buffer | null {
    const at = this.#started ? 1 : 0
    if (this.#fromClient.length < at + 4) return null
    const length = at + this.#fromClient.readInt32BE(at)
    if (this.#fromClient.length < length) return null
    const message = this.#fromClient.subarray(0, length)
    this.#fromClient = this.#fromClient.subarray(length)
    this.#started = true
    return message
  }

  #readServer(bytes: Buffer): void {
    this.#fromServer = Buffer.concat([this.#fromServer, bytes])
    while (this.#fromServer.length >= 5) {
      const length = 1 + this.#fromServer.readInt32BE(1)
      if (this.#fromServer.length < length) return
      const message = this.#fromServer.subarray(0, length)
      this.#fromServer = this.#fromServer.subarray(length)
      const type = message[0]
      if (type === BACKEND_KEY) this.pid = message.readInt32BE(5)
      if (type === READY && this.#struckAfter !== null) {
        const struck = this.#struckAfter
        this.#struckAfter = null
        this.#freezeAnd(() => struck.strike(message[5] === IDLE))
      }
      this.#pass(this.#client, message)
    }
  }

  #freezeAnd(strike: () => Promise<void>): void {
    this.#frozen = true
    void strike()
  }
}

const BACKEND_KEY = 'K'.charCodeAt(0)
const READY = 'Z'.charCodeAt(0)
const IDLE = 'I'.charCodeAt(0)
const QUERY = 'Q'.charCodeAt(0)
const PARSE = 'P'.charCodeAt(0)

/** The text of a statement; null for any other message. */
function statementOf(message: Buffer): string | null {
  if (message[0] === QUERY) return message.toString('utf8', 5, message.length - 1)
  if (message[0] !== PARSE) return null
  const name = message.indexOf(0, 5)
  return message.toString('utf8', name + 1, message.indexOf(0, name + 1))
}
