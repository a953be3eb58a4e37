import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { connect, type Database } from '../db/connect.ts'
import { InterruptedError, UsageError } from '../lib/errors.ts'
import { createLogger, type Logger } from '../lib/log.ts'

/** Of `--timeout`. */
export function readSeconds(text: string): number {
  const seconds = Number(text)
  if (text.trim() !== '' && seconds >= 0 && seconds <= 2_000_000) return seconds
  throw new InvalidArgumentError('Give a number of seconds.')
}

/** Runs `fn` until somebody interrupts it; `hint` says how things stand then. */
export async function untilInterrupted<Result>(
  fn: (signal: AbortSignal) => Promise<Result>,
  hint = 'Nothing was written, in the database or to disk.',
): Promise<Result> {
  const stop = new AbortController()
  const interrupt = (): void => stop.abort(new InterruptedError('Interrupted.', { hint }))
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    return await fn(stop.signal)
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

/** Runs `fn` on a database that it only reads, through a pooler too. */
export async function readingFrom<Result>(
  url: string,
  name: string,
  fn: (db: Database, log: Logger) => Promise<Result>,
): Promise<Result> {
  const db = await connect(url, { applicationName: name, readOnly: true, session: false, poolSize: 2 })
  try {
    return await fn(db, createLogger({ stream: process.stderr }))
  } finally {
    await db.close()
  }
}

/**
 * What another command has left in the folder, which has an array in `part`; null where that command hasn't run. Throws
 * UsageError for a file that is none.
 */
export async function readArtifact<Document>(
  folder: string,
  name: string,
  part: keyof Document,
): Promise<Document | null> {
  const path = join(folder, name)
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const wrong = (cause?: unknown): UsageError =>
    new UsageError('artifact.wrong', `${path} is not what its name says.`, {
      hint: 'Run the command that wrote it again, or remove the file: this command does without.',
      cause,
    })
  let document: Document
  try {
    document = JSON.parse(text) as Document
  } catch (error) {
    throw wrong(error)
  }
  if (document === null || typeof document !== 'object' || !Array.isArray(document[part])) throw wrong()
  return document
}
