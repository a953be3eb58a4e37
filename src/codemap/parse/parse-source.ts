import { parseSync } from 'oxc-parser'
import { type FileIr, type Position, packPosition } from '../ir.ts'
import { lowerFile } from '../lower/lower-file.ts'
import { scriptOf } from './embedded-scripts.ts'

export interface ParsedSource {
  /** Null where nothing can be made of the text. */
  readonly ir: FileIr | null
  readonly errors: readonly string[]
}

/** Parses one source text; `file` tells its language by the ending. A text with errors gives what could be understood. */
export function parseSource(file: string, text: string): ParsedSource {
  const embedded = /\.(vue|svelte|astro)$/.test(file)
  const { code, lang } = embedded ? scriptOf(file, text) : { code: text, lang: languageOf(file) }
  const result = parseSync(file, code, { lang, preserveParens: false })
  const position = positionsIn(code)
  const errors = result.errors
    .filter((one) => one.severity === 'Error')
    .map(({ message, labels: [label] }) => (label ? `line ${lineOf(position(label.start))}: ${message}` : message))
  const { program } = result
  if (errors.length > 0 && program.body.length === 0) return { ir: null, errors }
  return { ir: lowerFile(program, position), errors }
}

/** Plain .js may hold JSX and Flow-free TypeScript has its own ending. */
export function languageOf(file: string): 'js' | 'jsx' | 'ts' | 'tsx' | 'dts' {
  if (/\.d\.[cm]?ts$/.test(file)) return 'dts'
  if (/\.[cm]?ts$/.test(file)) return 'ts'
  return file.endsWith('.tsx') ? 'tsx' : 'jsx'
}

function lineOf(position: Position): number {
  return Math.floor(position / 2 ** 20)
}

/** Line and column of an offset. */
function positionsIn(text: string): (offset: number) => Position {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return packPosition(low + 1, offset - (starts[low] as number) + 1)
  }
}
