import { readFileSync } from 'node:fs'
import { isMinified } from './kinds.ts'

/** The text of a source file, or why there is none; `remark` says what was odd about one that was read all the same. */
export type SourceText =
  | { readonly text: string; readonly remark: string | null }
  | { readonly text: null; readonly reason: string }

export function readSource(path: string): SourceText {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    return { text: null, reason: `can't be read: ${error instanceof Error && 'code' in error ? error.code : error}` }
  }
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: bytes.toString('utf16le').slice(1), remark: null }
  if (bytes.subarray(0, 8192).includes(0)) return { text: null, reason: 'left out: it is binary' }
  const text = bytes.toString('utf8')
  if (isMinified(text)) return { text: null, reason: 'left out: it is minified' }
  // What is no UTF-8 has become a replacement character, unless the file holds that itself.
  if (text.includes('\uFFFD') && Buffer.from(text, 'utf8').compare(bytes) !== 0)
    return { text: bytes.toString('latin1'), remark: 'is not UTF-8; read as Latin-1' }
  return { text: text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, remark: null }
}
