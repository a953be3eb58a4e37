import type { Remark } from './design-plan.ts'
import { wrapText } from './wrap-text.ts'

export type Remarks = { readonly [path: string]: readonly Remark[] }

export function writeValue(value: unknown, depth: number, path: string, remarks: Remarks): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return `[${value.map((one) => writeValue(one, depth, path, remarks)).join(', ')}]`
  if (value !== null && typeof value === 'object') return writeObject(value, depth, path, remarks)
  return String(value)
}

/** On one line where it fits and nothing is said of its parts. */
export function writeObject(value: object, depth: number, path: string, remarks: Remarks): string {
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  if (entries.length === 0) return '{}'
  const pathOf = (key: string): string => (path === '' ? key : `${path}.${key}`)
  const parts = entries.map(([key, one]) => ({
    above: remarks[pathOf(key)] ?? [],
    text: `${writeKey(key)}: ${writeValue(one, depth + 2, pathOf(key), remarks)}`,
  }))
  const flat = `{ ${parts.map(({ text }) => text).join(', ')} }`
  const isQuiet = parts.every(({ above, text }) => above.length === 0 && !text.includes('\n'))
  if (isQuiet && path.split('.').length > 2 && flat.length + depth < 90) return flat
  const indent = ' '.repeat(depth + 2)
  const lines = parts.flatMap(({ above, text }) => [...comment(above, indent), `${indent}${text},`])
  return `{\n${lines.join('\n')}\n${' '.repeat(depth)}}`
}

export function writeKey(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key)
}

/** A string of TypeScript: as people write it, where JSON's escapes aren't needed. */
export function quote(text: string): string {
  const json = JSON.stringify(text)
  if (text.includes("'")) return json
  return `'${json.slice(1, -1).replaceAll('\\"', '"')}'`
}

export function comment(remarks: readonly Remark[], indent: string): string[] {
  return remarks
    .flatMap(({ kind, text }) => wrapText(kind === 'question' ? `QUESTION: ${text}` : text, 116 - indent.length))
    .map((line) => `${indent}// ${line}`)
}
