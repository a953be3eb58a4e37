import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly ms: number
  /** Both streams. */
  readonly said: string
  /** The code of the error, where it printed one. */
  readonly error: string | null
  readonly document: Readonly<Record<string, unknown>>
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

/** What `crossfade` says where it has no words of its own for an error. */
export const FAULT = 'This is a fault of Crossfade'

const BINARY = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const CONFIG = fileURLToPath(new URL('./project/crossfade.config.ts', import.meta.url))

/** The real `crossfade`, as built, in a process of its own. */
export function startTool(databaseUrl: string, outDirectory: string, args: readonly string[]): Running {
  const started = performance.now()
  // It asks nothing, so it has nothing that could be answered.
  const yes = args[0] === 'check' ? [] : ['--yes']
  const words = [BINARY, ...args, '--json', ...yes, '--config', CONFIG, '--out', outDirectory]
  const child = spawn(process.execPath, words, {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      GIT_AUTHOR_NAME: 'Chaos',
      GIT_AUTHOR_EMAIL: 'chaos@crossfade.invalid',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-20_000)
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const document = parse(printed)
      const { error } = document as { error?: { code?: string } }
      resolve({
        ...{ code, signal, document, error: error?.code ?? null },
        ms: performance.now() - started,
        said: `${said}${printed}`,
      })
    })
  })
  return { child, ended }
}

function parse(printed: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(printed)
  } catch {
    return {}
  }
}
