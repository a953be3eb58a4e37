import { join } from 'node:path'
import { readSource } from '../discover/read-source.ts'
import type { Problem } from '../interaction.ts'
import { hasDatabaseSigns } from '../modules/database-signs.ts'
import { parseSource } from './parse-source.ts'

/** One file, parsed: plain texts, so that a worker hands them over at little cost. */
export interface ParsedFile {
  readonly file: string
  /** Its intermediate form as JSON; null where there is none. */
  readonly ir: string | null
  readonly requests: readonly string[]
  readonly loads: boolean
  /** See `hasDatabaseSigns`. */
  readonly signs: boolean
  readonly problems: readonly Problem[]
}

/** Reads and parses a file. What goes wrong becomes a problem; it never throws. */
export function parseFile(root: string, file: string): ParsedFile {
  const source = readSource(join(root, file))
  if (source.text === null) return { ...NOTHING, file, problems: [{ file, message: source.reason }] }
  const remarks = source.remark === null ? [] : [source.remark]
  try {
    const { ir, errors } = parseSource(file, source.text)
    const [error] = errors
    const messages = error === undefined ? remarks : [...remarks, `can't be parsed: ${error}`]
    const problems = messages.map((message) => ({ file, message }))
    if (!ir) return { ...NOTHING, file, problems }
    const { requests, loads = false } = ir
    return { file, ir: JSON.stringify(ir), requests, loads, signs: hasDatabaseSigns(source.text), problems }
  } catch (error) {
    const message = `can't be parsed: ${error instanceof Error ? error.message : error}`
    return { ...NOTHING, file, problems: [{ file, message }] }
  }
}

const NOTHING = { ir: null, requests: [], loads: false, signs: false }
