import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errorCode } from '../db/sqlstates.ts'
import { RefusedError, UsageError } from '../lib/errors.ts'

/** Names in a tool's folder, in their order; throws UsageError where it can't be read. */
export async function readNames(folder: string, kind: 'file' | 'folder'): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .filter((entry) => (kind === 'file' ? entry.isFile() : entry.isDirectory()))
      .map((entry) => entry.name)
      .sort()
  } catch (cause) {
    throw new UsageError('migrations.folder', `The folder of the migrations can't be read: ${folder}`, {
      hint: '"migrations.folder" in the configuration is a path relative to it. A new folder is made by the tool itself, with its first migration.',
      cause,
    })
  }
}

/** `YYYYMMDDHHMMSS` in UTC; or what comes behind the greatest of these versions, where somebody's clock is ahead. */
export function nextVersion(versions: readonly string[], now: Date): string {
  const stamp = now.toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const last = versions.reduce((a, b) => (a > b ? a : b), '')
  if (last < stamp) return stamp
  const next = String(BigInt(last) + 1n).padStart(last.length, '0')
  if (next > last) return next
  throw new RefusedError('migrations.order', `Nothing can come behind the migration ${last} in the order of names.`, {
    hint: 'Give the last migrations of the folder a version that is a time, as YYYYMMDDHHMMSS.',
  })
}

/** One script of statements without semicolons; comments stay in front of theirs. */
export function joinStatements(statements: readonly string[], between = ''): string {
  return `${statements.map((one) => `${one};\n`).join(`${between}\n`)}`
}

/**
 * Writes a file whole or not at all. One that is there with the same text is left; throws RefusedError for another text,
 * which somebody must have changed.
 */
export async function writeWhole(folder: string, path: string, text: string): Promise<void> {
  const whole = join(folder, path)
  const there = await readText(whole)
  if (there === text) return
  if (there !== null)
    throw new RefusedError('migrations.changed', `${whole} is not what Crossfade wrote any more.`, {
      hint: 'Nothing was marked as applied. Take your change into a migration of its own and delete this file; then run the same command again.',
    })
  await replaceFile(whole, text)
}

/** Null where there is none. */
export async function readText(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null
    throw unwritable(path, error)
  })
}

export async function replaceFile(path: string, text: string): Promise<void> {
  const unfinished = `${path}.unfinished`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(unfinished, text)
    await rename(unfinished, path)
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw unwritable(path, cause)
  }
}

function unwritable(path: string, cause: unknown): UsageError {
  return new UsageError('migrations.unwritable', `${path} can't be written: ${(cause as Error).message}`, {
    hint: 'Give yourself the right to write there; then run the same command again, which goes on.',
    cause,
  })
}
