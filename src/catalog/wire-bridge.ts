import type { Duplex } from 'node:stream'
import { DatabaseError } from '../lib/errors.ts'

/** PostgreSQL's frontend/backend protocol 3: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SSL_REQUEST = 80877103
const GSSENC_REQUEST = 80877104
const QUERY = 'Q'.charCodeAt(0)
const SYNC = 'S'.charCodeAt(0)
const TERMINATE = 'X'.charCodeAt(0)
const READY_FOR_QUERY = 'Z'.charCodeAt(0)

/**
 * Lends an authenticated connection to a client that believes it opened one itself: its startup is answered
 * from what the server reported, everything after that goes through until the server is ready again.
 */
export class WireBridge {
  readonly #stream: Duplex
  readonly #parameters: ReadonlyMap<string, string>
  #started = false
  #fromClient: Buffer = Buffer.alloc(0)
  #fromServer: Buffer = Buffer.alloc(0)
  #answer: Buffer[] = []
  #awaited = 0
  #answered: ((answer: Buffer) => void) | null = null
  #broken: ((error: DatabaseError) => void) | null = null

  constructor(stream: Duplex, parameters: ReadonlyMap<string, string>) {
    this.#stream = stream
    this.#parameters = parameters
    stream.removeAllListeners('data')
    stream.on('data', this.#receive)
    stream.on('close', this.#close)
    stream.resume()
  }

  /** Called once, when the server goes away. */
  onBroken(listener: (error: DatabaseError) => void): void {
    this.#broken = listener
  }

  /** Sends whole messages on; resolves with all that the server said until it was ready for the next query. */
  exchange(bytes: Uint8Array): Promise<Buffer> {
    this.#fromClient = Buffer.concat([this.#fromClient, bytes])
    if (!this.#started) return Promise.resolve(this.#answerStartup())
    const messages: Buffer[] = []
    for (let length = messageLength(this.#fromClient); length !== null; length = messageLength(this.#fromClient)) {
      const message = this.#fromClient.subarray(0, length)
      this.#fromClient = this.#fromClient.subarray(length)
      if (message[0] === QUERY || message[0] === SYNC) this.#awaited++
      // The connection is closed by whoever opened it.
      if (message[0] !== TERMINATE) messages.push(message)
    }
    if (messages.length > 0) this.#stream.write(Buffer.concat(messages))
    if (this.#awaited === 0) return Promise.resolve(Buffer.alloc(0))
    return new Promise((resolve) => {
      this.#answered = resolve
    })
  }

  release(): void {
    this.#stream.off('data', this.#receive)
    this.#stream.off('close', this.#close)
  }

  #answerStartup(): Buffer {
    if (this.#fromClient.length < 8 || this.#fromClient.length < this.#fromClient.readInt32BE(0)) return Buffer.alloc(0)
    const code = this.#fromClient.readInt32BE(4)
    this.#fromClient = Buffer.alloc(0)
    // The real connection has its TLS already; between the two ends of this bridge there is no wire.
    if (code === SSL_REQUEST || code === GSSENC_REQUEST) return Buffer.from('N')
    this.#started = true
    const parameters = [...this.#parameters].map(([name, value]) => message('S', Buffer.from(`${name}\0${value}\0`)))
    // AuthenticationOk, parameters, a cancel key that is never used, ready and idle.
    return Buffer.concat([
      message('R', Buffer.alloc(4)),
      ...parameters,
      message('K', Buffer.alloc(8)),
      message('Z', 'I'),
    ])
  }

  #receive = (chunk: Buffer): void => {
    this.#answer.push(chunk)
    this.#fromServer = this.#fromServer.length === 0 ? chunk : Buffer.concat([this.#fromServer, chunk])
    for (let length = messageLength(this.#fromServer); length !== null; length = messageLength(this.#fromServer)) {
      if (this.#fromServer[0] === READY_FOR_QUERY) this.#awaited--
      this.#fromServer = this.#fromServer.subarray(length)
    }
    if (this.#awaited > 0 || this.#answered === null) return
    const answer = Buffer.concat(this.#answer)
    this.#answer = []
    this.#answered(answer)
    this.#answered = null
  }

  #close = (): void => {
    this.#broken?.(new DatabaseError('connection_lost', 'The server closed the connection during the dump.'))
  }
}

function message(type: string, body: Buffer | string): Buffer {
  const content = Buffer.from(body)
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}

/** Length of the first message, its type byte included; null while it isn't complete. */
function messageLength(buffer: Buffer): number | null {
  if (buffer.length < 5) return null
  const length = buffer.readInt32BE(1) + 1
  return buffer.length >= length ? length : null
}
