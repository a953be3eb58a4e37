import { createRequire } from 'node:module'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { DumpConnection } from './dump-connection.ts'
import { buildDumpError } from './dump-text.ts'
import { WireBridge } from './wire-bridge.ts'

/**
 * pg_dump in WASM wants its answers synchronously, so it runs in a worker that sleeps until the main thread
 * has them. A string, because Node 20 can't start a worker from a TypeScript file, and so src, dist and the
 * installed package have the same one.
 */
const WORKER = /* js */ `
  const { parentPort, receiveMessageOnPort, workerData } = require('node:worker_threads')
  const { port, signal, module, args } = workerData
  const answered = new Int32Array(signal)

  // pg_dump's name for itself in its messages.
  process.argv[1] = 'pg_dump'

  // The package removes every line that begins with \\restrict, also inside function bodies.
  const replace = String.prototype.replace
  String.prototype.replace = function (pattern, by) {
    if (pattern instanceof RegExp && pattern.source.includes('restrict')) return String(this)
    return replace.call(this, pattern, by)
  }

  const server = {
    execProtocolRawStream(bytes, { onRawData }) {
      const seen = Atomics.load(answered, 0)
      port.postMessage(bytes.slice())
      Atomics.wait(answered, 0, seen)
      // What was posted before the signal may be there only after it.
      let received = receiveMessageOnPort(port)
      while (received === undefined) {
        Atomics.wait(answered, 0, Atomics.load(answered, 0), 1)
        received = receiveMessageOnPort(port)
      }
      const answer = received.message
      if (answer.length > 0) onRawData(answer)
    },
    query: async () => ({ rows: [{ search_path: '' }] }),
    exec: async () => [],
  }

  const { pgDump } = require(module)
  pgDump({ pg: server, args }).then((file) => file.text()).then(
    (text) => parentPort.postMessage({ text }),
    (error) => parentPort.postMessage({ error: String(error && error.message || error) }),
  )
`

type Outcome = { readonly text: string } | { readonly error: string }

/** Runs the bundled pg_dump over a connection that is already authenticated, and uses it up. */
export async function dumpWithWasm(connection: DumpConnection, args: readonly string[]): Promise<string> {
  const { port1: ours, port2: theirs } = new MessageChannel()
  const signal = new SharedArrayBuffer(4)
  const bridge = new WireBridge(connection.stream, connection.parameters)
  const worker = new Worker(WORKER, {
    eval: true,
    workerData: { port: theirs, signal, module: wasmModulePath(), args: [...args] },
    transferList: [theirs],
    // Flags of the parent (a loader, --input-type) don't fit an evaluated script.
    execArgv: [],
    stdout: true,
    stderr: true,
  })
  try {
    const outcome = await Promise.race([serve(bridge, ours, new Int32Array(signal)), receiveOutcome(worker)])
    if ('text' in outcome) return outcome.text
    throw buildDumpError(outcome.error)
  } finally {
    ours.close()
    await worker.terminate()
    bridge.release()
  }
}

/** Answers the worker until the connection breaks; never resolves. */
function serve(bridge: WireBridge, port: MessagePort, answered: Int32Array<SharedArrayBuffer>): Promise<never> {
  return new Promise((_, reject) => {
    bridge.onBroken(reject)
    port.on('message', (bytes: Uint8Array) => {
      bridge.exchange(bytes).then((answer) => {
        port.postMessage(answer)
        Atomics.add(answered, 0, 1)
        Atomics.notify(answered, 0)
      }, reject)
    })
  })
}

function receiveOutcome(worker: Worker): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => resolve({ error: `its worker ended with code ${code}` }))
  })
}

/** The worker has no folder of its own to resolve from. */
function wasmModulePath(): string {
  const require = createRequire(import.meta.url)
  return require.resolve('@electric-sql/pglite-tools/pg_dump')
}
