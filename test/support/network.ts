import { type AddressInfo, createServer, connect as dial } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * What stands between: a network that takes its time in both directions (milliseconds), or a pooler, which tells a
 * process id that no backend has, and gives so many connections at most. Gives the port.
 */
export async function listenBetween(
  to: number,
  between: { delayMs: number; announces?: number; atMost?: number },
): Promise<number> {
  const { delayMs, announces, atMost = Number.POSITIVE_INFINITY } = between
  let open = 0
  const server = createServer((socket) => {
    socket.on('error', () => {})
    if (open >= atMost) return
    open++
    socket.on('close', () => open--)
    const upstream = dial(to, '127.0.0.1')
    for (const [from, into] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      from.on('error', () => into.destroy())
      from.on('data', (bytes: Buffer) => {
        // BackendKeyData: «K», its length of 12, the process, a secret.
        const at = announces === undefined || from === socket ? -1 : bytes.indexOf(Buffer.from('K\0\0\0\f'))
        if (at >= 0) bytes.writeInt32BE(announces ?? 0, at + 5)
        setTimeout(() => into.write(bytes), delayMs)
      })
      from.on('close', () => setTimeout(() => into.destroy(), delayMs))
    }
  })
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
