import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Loaded before a program of Node: writes down how much memory it has had at most, its threads included. */
const MEMORY = `data:text/javascript,${encodeURIComponent(
  `import { writeFileSync } from 'node:fs'; process.on('exit', () => writeFileSync(process.env.BENCH_MEMORY, String(process.resourceUsage().maxRSS)))`,
)}`

export interface ToolRun {
  /** From the start of the process to its end. */
  readonly seconds: number
  /** Most resident memory; null for what isn't a program of Node. */
  readonly mb: number | null
  readonly stdout: string
}

/** Runs a program by itself. Throws where it ends with anything but 0. */
export async function runTool(command: string, words: readonly string[], cwd?: string): Promise<ToolRun> {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-bench-'))
  const isNode = command === process.execPath
  const file = join(folder, 'memory')
  try {
    const started = performance.now()
    const child = spawn(command, isNode ? ['--import', MEMORY, ...words] : words, {
      cwd,
      env: { ...process.env, BENCH_MEMORY: file },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, errors] = ['', '']
    child.stdout.on('data', (data: Buffer) => {
      stdout = `${stdout}${data}`.slice(-10_000)
    })
    child.stderr.on('data', (data: Buffer) => {
      errors = `${errors}${data}`.slice(-2000)
    })
    const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
    const seconds = (performance.now() - started) / 1000
    if (code !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${code}: ${errors}`)
    return { seconds, mb: isNode ? Number(await readFile(file, 'utf8')) / 1024 : null, stdout }
  } finally {
    await rm(folder, { recursive: true })
  }
}
