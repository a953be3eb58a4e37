import { formatCount } from '../../lib/progress-line.ts'

/** `1 column`, `12 columns`. */
export function count(number: number, what: string, many = `${what}s`): string {
  return `${formatCount(number)} ${number === 1 ? what : many}`
}

/** A table of Markdown; cells hold Markdown already. Columns from the second on are numbers where `numbers` says so. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_one, index) => (numbers.includes(index) ? '---:' : '---'))), ...rows.map(line)]
}

/** Zero as a dot: what is there should meet the eye. */
export function number(value: number): string {
  return value === 0 ? '·' : formatCount(value)
}
