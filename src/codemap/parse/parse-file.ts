import { join } from 'node:path'
import { readSource } from '../discover/read-source.ts'
import type { Problem } from '../interaction.ts'
import { parseSource } from './parse-source.ts'

/** One file, parsed: plain texts, so that a worker hands them over at little cost. */
export interface ParsedFile {
  readonly file: string
  /** Its intermediate form as JSON; null where there is none. */
  readonly ir: string | null
  readonly problems: readonly Problem[]
}

/** Reads and parses a file. What goes wrong becomes a problem; it never throws. */
export function parseFile(root: string, file: string): ParsedFile {
  const source = readSource(join(root, file))
  if (source.text === null) return { file, ir: null, problems: [{ file, message: source.reason }] }
  const remarks = source.remark === null ? [] : [source.remark]
  try {
    const { ir, errors } = parseSource(file, source.text)
    const [error] = errors
    const messages = error === undefined ? remarks : [...remarks, `can't be parsed: ${error}`]
    return { file, ir: ir && JSON.stringify(ir), problems: messages.map((message) => ({ file, message })) }
  } catch (error) {
    const message = `can't be parsed: ${error instanceof Error ? error.message : error}`
    return { file, ir: null, problems: [{ file, message }] }
  }
}
