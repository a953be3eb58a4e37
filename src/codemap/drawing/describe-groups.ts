import type { InteractionMap } from '../interaction-map.ts'
import { isWriting } from '../pages/diagram.ts'
import { clusterFiles } from '../pages/file-clusters.ts'
import { groupTables, keyOf, type TableGroup } from '../pages/table-groups.ts'
import type { Usage } from '../pages/usage.ts'
import { count } from '../queries/statistics.ts'
import type { Box, Drawing, Line, Row } from './drawing.ts'
import { linkTo, tellHead, tellTable } from './tell-drawing.ts'

const MOST_FOLDERS = 12
/** Lines that an eye can follow; of more only the strongest are drawn. */
const MOST_LINES = 45
/** Files of a folder that are listed, those with the most accesses; a program of 700 files has its lines all the same. */
const MOST_ROWS = 24

interface Tally {
  reads: number
  writes: number
}

/**
 * Boxes of folders in the middle, with a row for each file; boxes of table groups on both sides, with a row for each
 * table: on the left those that are mostly read, on the right those that are mostly written, half of the tables each.
 */
export function describeGroups(map: InteractionMap, usages: readonly Usage[], toRoot: string): Drawing {
  const weight = new Map<string, number>()
  for (const { file, interactions } of usages) weight.set(file, (weight.get(file) ?? 0) + interactions.length)
  const clusters = clusterFiles([...weight.keys()], (file) => weight.get(file) ?? 0, MOST_FOLDERS)
  const groups = groupTables(map)
  const ids = numberRows(usages, map)
  const folderOf = new Map(clusters.flatMap(({ files }, index) => files.map((file) => [file, `c${index}`])))
  const groupOf = new Map(groups.flatMap(({ tables }, index) => tables.map((table) => [keyOf(table), `g${index}`])))
  const related = relate(usages, ids)
  const boxes: Box[] = [
    ...clusters.map(({ name, files }, index): Box => {
      const foremost = [...files].sort((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0)).slice(0, MOST_ROWS)
      const rows = foremost.sort().map((file): Row => {
        const id = ids.get(`file ${file}`) ?? ''
        const note = String(weight.get(file) ?? 0)
        const label = file.startsWith(name) ? file.slice(name.length) : file
        return { id, label, note, tooltip: file, link: linkTo(file, toRoot), related: related.get(id) ?? [] }
      })
      const hidden = files.length - rows.length
      const note = `${count(files.length, 'file')}${hidden > 0 ? `, ${hidden} not listed` : ''}`
      return { id: `c${index}`, kind: 'files', title: name, note, tooltip: name, rows }
    }),
    ...groups.map((group, index) => boxOfGroup(group, `g${index}`, ids, related)),
  ]
  const streams = collectStreams(usages, folderOf, groupOf, ids)
  const left = selectLeft(groups, usages, groupOf)
  const lines = streams
    .slice(0, MOST_LINES)
    .map((line) => (left.has(line.to) ? { ...line, from: line.to, to: line.from } : line))
  const hidden = streams.length - lines.length
  const head = tellHead(map)
  const note = hidden > 0 ? `; ${count(hidden, 'weaker line')} left out` : ''
  return { ...head, subtitle: `${head.subtitle}${note}`, direction: 'right', boxes, lines }
}

function boxOfGroup(
  { name, tables }: TableGroup,
  id: string,
  ids: ReadonlyMap<string, string>,
  related: ReadonlyMap<string, readonly string[]>,
): Box {
  const rows = tables.map((table): Row => {
    const rowId = ids.get(`table ${keyOf(table)}`) ?? ''
    const { class: name, interactions } = table
    return {
      id: rowId,
      label: keyOf(table),
      note: String(interactions),
      tooltip: tellTable(table),
      class: name,
      related: related.get(rowId) ?? [],
    }
  })
  return { id, kind: 'tables', title: name, note: count(tables.length, 'table'), tooltip: name, rows }
}

function numberRows(usages: readonly Usage[], { tables }: InteractionMap): Map<string, string> {
  const files = [...new Set(usages.map((usage) => usage.file))]
  return new Map([
    ...files.map((file, index) => [`file ${file}`, `f${index}`] as const),
    ...tables.map((table, index) => [`table ${keyOf(table)}`, `t${index}`] as const),
  ])
}

function relate(usages: readonly Usage[], ids: ReadonlyMap<string, string>): Map<string, string[]> {
  const related = new Map<string, string[]>()
  for (const { file, table } of usages) {
    const [one, other] = [ids.get(`file ${file}`), ids.get(`table ${table}`)]
    if (one === undefined || other === undefined) continue
    related.set(one, [...(related.get(one) ?? []), other])
    related.set(other, [...(related.get(other) ?? []), one])
  }
  return related
}

/** Sums between a folder and a group, the strongest first; from the folder to the group. */
function collectStreams(
  usages: readonly Usage[],
  folderOf: ReadonlyMap<string, string>,
  groupOf: ReadonlyMap<string, string>,
  ids: ReadonlyMap<string, string>,
): Line[] {
  const streams = new Map<string, Tally & { from: string; to: string; related: Set<string> }>()
  for (const { file, table, interactions } of usages) {
    const [from, to] = [folderOf.get(file), groupOf.get(table)]
    if (from === undefined || to === undefined) continue
    const stream = streams.get(`${from} ${to}`) ?? { from, to, reads: 0, writes: 0, related: new Set<string>() }
    streams.set(`${from} ${to}`, stream)
    const { reads, writes } = tally(interactions)
    stream.reads += reads
    stream.writes += writes
    for (const id of [ids.get(`file ${file}`), ids.get(`table ${table}`)]) if (id !== undefined) stream.related.add(id)
  }
  return [...streams.values()]
    .map(({ from, to, reads, writes, related }): Line => {
      const kind = writes === 0 ? 'reads' : reads === 0 ? 'writes' : 'both'
      const label = `${count(reads, 'read')}, ${count(writes, 'write')}`
      return { from, to, kind, weight: reads + writes, label: '', tooltip: label, related: [...related] }
    })
    .sort((a, b) => b.weight - a.weight)
}

/** The groups that are read more than written, next to the others, up to half of all tables. */
function selectLeft(
  groups: readonly TableGroup[],
  usages: readonly Usage[],
  groupOf: ReadonlyMap<string, string>,
): Set<string> {
  const tallies = groups.map((): Tally => ({ reads: 0, writes: 0 }))
  for (const { table, interactions } of usages) {
    const sum = tallies[Number(groupOf.get(table)?.slice(1))]
    const { reads, writes } = tally(interactions)
    if (sum) Object.assign(sum, { reads: sum.reads + reads, writes: sum.writes + writes })
  }
  const share = ({ reads, writes }: Tally) => reads / (reads + writes || 1)
  const order = groups
    .map(({ tables }, index) => ({
      id: `g${index}`,
      tables: tables.length,
      share: share(tallies[index] ?? { reads: 0, writes: 0 }),
    }))
    .sort((a, b) => b.share - a.share)
  const half = order.reduce((sum, group) => sum + group.tables, 0) / 2
  const left = new Set<string>()
  let placed = 0
  for (const { id, tables } of order) {
    if (placed + tables / 2 > half) break
    left.add(id)
    placed += tables
  }
  return left
}

function tally(interactions: Usage['interactions']): Tally {
  const writes = interactions.filter(({ operation }) => isWriting([operation])).length
  return { reads: interactions.length - writes, writes }
}
