import { markdownCode } from '../../codemap/pages/markdown-text.ts'
import { formatCount } from '../../lib/progress-line.ts'
import type { QualifiedName, SnapshotRows, SnapshotTable, SnapshotUse } from '../schema-snapshot.ts'

/** As it is written in SQL where that is simple, so that a person can copy it. */
function plainName({ schema, name }: QualifiedName): string {
  return [schema, name]
    .map((part) => (/^[a-z_][a-z0-9_$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`))
    .join('.')
}

export function codeName(name: QualifiedName): string {
  return markdownCode(plainName(name))
}

/** `1.5 MB`; 1024 bytes are one kB, as psql has it. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  const value = bytes / 1024 ** power
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${units[power]}`
}

export function formatRows({ exact, estimated, notCounted }: SnapshotRows): string {
  if (exact !== null) return formatCount(exact)
  const about = estimated === null ? 'unknown' : `about ${formatCount(estimated)}`
  return notCounted === null ? about : `${about} (${notCounted})`
}

export function formatSize({ size }: SnapshotTable): string {
  if (size.table === null) return '–'
  return formatBytes(size.table + (size.indexes ?? 0))
}

export function describeUse(use: SnapshotUse | null): string {
  if (use === null) return '–'
  const reads = use.sequentialScans + use.indexScans
  const writes = use.inserts + use.updates + use.deletes
  if (reads === 0 && writes === 0) return 'none counted'
  const last = use.lastScan === null ? '' : `, last read ${use.lastScan.slice(0, 10)}`
  return `${plural(reads, 'scan')}, ${plural(writes, 'row')} written${last}`
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** A table of Markdown, or nothing where it would be empty. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

/** A block of code that nothing in it can end. */
export function codeBlock(text: string, language: string): string[] {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return [`${fence}${language}`, ...text.split(/\r\n|[\r\n]/), fence]
}
