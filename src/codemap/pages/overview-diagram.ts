import type { InteractionMap, TableClass } from '../interaction-map.ts'
import { count } from '../queries/statistics.ts'
import { type DiagramEdge, type DiagramNode, drawDiagram, isWriting, MOST_NODES } from './diagram.ts'
import { clusterFiles } from './file-clusters.ts'
import { keyOf, type TableGroup } from './table-groups.ts'
import { collectUsages } from './usage.ts'

const MOST_FOLDERS = 10
/** Lines from ten folders to fifteen groups: with more nobody follows any. */
const MOST_EDGES = 24
const RANK: readonly TableClass[] = ['critical', 'important', 'unknown', 'legacy']

/** One sum of what the files of a folder do with the tables of a group. */
interface Stream {
  readonly from: string
  readonly to: string
  reads: number
  writes: number
}

/**
 * Folders of the program and groups of tables, with the number of accesses between them: of each folder and each group
 * the strongest line, then the strongest of all, as many as can be told apart.
 */
export function drawOverview(map: InteractionMap, groups: readonly TableGroup[]): string[] {
  const usages = [...collectUsages(map).values()].flat()
  const weight = new Map<string, number>()
  for (const { file, interactions } of usages) weight.set(file, (weight.get(file) ?? 0) + interactions.length)
  const clusters = clusterFiles([...weight.keys()], (file) => weight.get(file) ?? 0, MOST_FOLDERS)
  const folderOf = new Map(clusters.flatMap(({ name, files }) => files.map((file) => [file, `folder ${name}`])))
  const shown = groups.slice(0, MOST_NODES - clusters.length)
  const groupOf = new Map(shown.flatMap((group) => group.tables.map((table) => [keyOf(table), `group ${group.name}`])))
  const streams = new Map<string, Stream>()
  for (const { file, table, interactions } of usages) {
    const [from, to] = [folderOf.get(file), groupOf.get(table)]
    if (from === undefined || to === undefined) continue
    const stream = streams.get(`${from}\n${to}`) ?? { from, to, reads: 0, writes: 0 }
    streams.set(`${from}\n${to}`, stream)
    const writes = interactions.filter(({ operation }) => isWriting([operation])).length
    stream.writes += writes
    stream.reads += interactions.length - writes
  }
  const nodes: DiagramNode[] = [
    ...clusters.map(({ name, files }): DiagramNode => {
      return { key: `folder ${name}`, lines: [name, count(files.length, 'file')], shape: 'folder', class: 'file' }
    }),
    ...shown.map(nodeOfGroup),
  ]
  return drawDiagram(nodes, selectStreams([...streams.values()]).map(edgeOf))
}

function nodeOfGroup({ name, tables }: TableGroup): DiagramNode {
  const best = RANK.find((one) => tables.some((table) => table.class === one)) ?? 'unknown'
  const critical = tables.filter((table) => table.class === 'critical').length
  const line = critical > 0 ? `${count(tables.length, 'table')}, ${critical} critical` : count(tables.length, 'table')
  return { key: `group ${name}`, lines: [name, line], shape: 'tables', class: best }
}

function selectStreams(streams: readonly Stream[]): Stream[] {
  const strongest = [...streams].sort((a, b) => b.reads + b.writes - a.reads - a.writes)
  const ends = new Set<string>()
  const first = strongest.filter(({ from, to }) => {
    const fresh = !ends.has(from) || !ends.has(to)
    ends.add(from).add(to)
    return fresh
  })
  const more = strongest.filter((stream) => !first.includes(stream))
  return [...first, ...more.slice(0, Math.max(0, MOST_EDGES - first.length))]
}

/** The number alone: words on so many lines would lie on each other. */
function edgeOf({ from, to, reads, writes }: Stream): DiagramEdge {
  return { from, to, label: String(reads + writes), kind: writes > 0 ? 'writes' : 'reads' }
}
