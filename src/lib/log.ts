import { stripVTControlCharacters } from 'node:util'
import { redact } from './redact.ts'

export type LogLevel = 'info' | 'warn' | 'error'

/** What people read while a command runs. Never holds a password. stdout is not touched. */
export interface Logger {
  info(message: string): void
  warn(message: string): void
  error(message: string): void
  /** The state of long work, one line, replaced by the next one. */
  progress(line: string): void
  /** The long work is over: its last line stays. */
  end(): void
}

export interface LogOptions {
  readonly stream: LogStream
  /** One JSON object a line, for machines: `{ time, level, message }`. */
  readonly json?: boolean
  /** What is less urgent is not written; progress counts as info. Default info. */
  readonly level?: LogLevel
  /** Milliseconds. */
  readonly now?: () => number
}

/** The part of `process.stderr` that is used. */
export interface LogStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

const URGENCY: { readonly [level in LogLevel]: number } = { info: 0, warn: 1, error: 2 }
const PLAIN_PROGRESS_EVERY_MS = 2000
const CLEAR_LINE = '\r\u001b[2K'

/** A logger that keeps its state in itself. On a terminal progress rewrites one line, elsewhere it prints every 2 s at most. */
export function createLogger(options: LogOptions): Logger {
  const { stream, json = false, level = 'info', now = Date.now } = options
  const rewrites = stream.isTTY === true && !json
  let shown = ''
  let held: string | null = null
  let printedAt = Number.NEGATIVE_INFINITY

  function print(urgency: LogLevel, message: string): void {
    if (URGENCY[urgency] < URGENCY[level]) return
    const safe = redact(message)
    if (json) {
      const entry = { time: new Date(now()).toISOString(), level: urgency, message: stripVTControlCharacters(safe) }
      stream.write(`${JSON.stringify(entry)}\n`)
      return
    }
    stream.write(shown === '' ? `${safe}\n` : `${CLEAR_LINE}${safe}\n${shown}`)
  }

  function progress(line: string): void {
    if (URGENCY.info < URGENCY[level]) return
    if (rewrites) {
      shown = cutToWidth(redact(line).replaceAll('\n', ' '), stream.columns ?? 80)
      stream.write(CLEAR_LINE + shown)
    } else if (now() - printedAt >= PLAIN_PROGRESS_EVERY_MS) {
      printedAt = now()
      held = null
      print('info', line)
    } else {
      held = line
    }
  }

  function end(): void {
    if (shown !== '') stream.write('\n')
    // Where lines are skipped, the last one is the one that counts.
    if (held !== null) print('info', held)
    shown = ''
    held = null
    printedAt = Number.NEGATIVE_INFINITY
  }

  return {
    info: (message) => print('info', message),
    warn: (message) => print('warn', message),
    error: (message) => print('error', message),
    progress,
    end,
  }
}

/** A line that wraps can't be rewritten, so it is cut; colours go with it, as a cut could leave one open. */
function cutToWidth(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line)
  if (plain.length < columns) return line
  return `${Array.from(plain)
    .slice(0, Math.max(1, columns - 2))
    .join('')}…`
}
