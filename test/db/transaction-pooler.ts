import net from 'node:net'
import pg from 'pg'

/**
 * The smallest pooler in transaction mode: every client is served by one backend, which is given to another one
 * whenever it stands outside a transaction. Only simple queries, which is what a probe needs.
 */
export async function startTransactionPooler(url: string): Promise<{ url: string; close(): Promise<void> }> {
  const backend = new pg.Client({ connectionString: url, application_name: 'pooler' })
  await backend.connect()
  const sockets = new Set<net.Socket>()
  let turn: Promise<unknown> = Promise.resolve()
  let holder: net.Socket | null = null
  const waiting: (() => void)[] = []

  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    let started = false
    let buffer = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      buffer = Buffer.concat([buffer, chunk])
      while (buffer.length >= (started ? 5 : 4)) {
        const length = started ? buffer.readInt32BE(1) + 1 : buffer.readInt32BE(0)
        if (buffer.length < length) return
        const message = buffer.subarray(0, length)
        buffer = buffer.subarray(length)
        if (!started) {
          started = true
          socket.write(
            Buffer.concat([frame('R', int32(0)), frame('K', Buffer.concat([int32(1), int32(1)])), ready('I')]),
          )
        } else if (message.toString('latin1', 0, 1) === 'Q') {
          const text = message.toString('utf8', 5, length - 1)
          turn = turn.then(() => answer(socket, text))
        } else if (message.toString('latin1', 0, 1) === 'X') socket.end()
      }
    })
  })

  async function answer(socket: net.Socket, text: string): Promise<void> {
    while (holder !== null && holder !== socket) await new Promise<void>((resolve) => waiting.push(resolve))
    const result = await backend.query({
      text,
      rowMode: 'array',
      types: { getTypeParser: () => (value: unknown) => value },
    })
    const status = backend.getTransactionStatus() ?? 'I'
    holder = status === 'I' ? null : socket
    for (const wake of waiting.splice(0)) wake()
    const rows = (result.rows as (string | null)[][]).map((row) =>
      frame('D', Buffer.concat([int16(row.length), ...row.map(field)])),
    )
    const columns = result.fields.map((one) =>
      Buffer.concat([cstring(one.name), int32(0), int16(0), int32(one.dataTypeID), int16(-1), int32(-1), int16(0)]),
    )
    const head = columns.length === 0 ? [] : [frame('T', Buffer.concat([int16(columns.length), ...columns]))]
    socket.write(Buffer.concat([...head, ...rows, frame('C', cstring(result.command)), ready(status)]))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  return {
    url: Object.assign(new URL(url), { host: `127.0.0.1:${port}` }).href,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      await backend.end()
    },
  }
}

function frame(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
}
function ready(status: string): Buffer {
  return frame('Z', Buffer.from(status))
}
function field(value: string | null): Buffer {
  return value === null ? int32(-1) : Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)])
}
function cstring(text: string): Buffer {
  return Buffer.from(`${text}\0`)
}
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
