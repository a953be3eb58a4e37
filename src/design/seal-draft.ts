import { createHash } from 'node:crypto'

const MARK = 'crossfade wrote this; while nothing is changed, crossfade design may write it again:'

/** The text under a line that holds its hash. `comment` begins a line comment of its language. */
export function sealDraft(text: string, comment: '--' | '//'): string {
  return `${comment} ${MARK} ${hash(text)}\n${text}`
}

/** Whether a file is, byte for byte, what `sealDraft` gave. */
export function isUntouched(file: string): boolean {
  const end = file.indexOf('\n')
  const found = /^(?:--|\/\/) (.*) ([0-9a-f]{64})$/.exec(file.slice(0, end))
  return found?.[1] === MARK && found[2] === hash(file.slice(end + 1))
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
