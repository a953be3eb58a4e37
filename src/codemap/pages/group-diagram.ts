import { nameModules } from '../flows/actors.ts'
import type { InteractionMap } from '../interaction-map.ts'
import { count } from '../queries/statistics.ts'
import { type DiagramEdge, type DiagramNode, drawDiagram, isWriting, MOST_EDGES, MOST_NODES } from './diagram.ts'
import { keyOf, type TableGroup } from './table-groups.ts'
import type { Usage } from './usage.ts'

const MOST_FILES_OF_A_TABLE = 4

/**
 * The tables of a group and the files that use them: of each table those with the most accesses, taken in turns until
 * the diagram is full. How many there are beside them stands on the table.
 */
export function drawGroup(group: TableGroup, usages: ReadonlyMap<string, readonly Usage[]>): string[] {
  const own = group.tables.map((table) => ({ table, usages: usages.get(keyOf(table)) ?? [] }))
  const shown = selectUsages(
    own.map((one) => one.usages),
    MOST_NODES - group.tables.length,
  )
  const names = nameModules(shown.map((usage) => usage.file))
  const files = [...new Set(shown.map((usage) => usage.file))]
  const nodes: DiagramNode[] = [
    ...files.map((file): DiagramNode => {
      return { key: `file ${file}`, lines: [names.get(file) ?? file], shape: 'file', class: 'file' }
    }),
    ...own.map(({ table, usages: all }): DiagramNode => {
      const more = all.length - shown.filter((usage) => usage.table === keyOf(table)).length
      const lines = [keyOf(table), ...(more > 0 ? [`and ${count(more, 'more file')}`] : [])]
      return { key: `table ${keyOf(table)}`, lines, shape: 'table', class: table.class }
    }),
  ]
  return drawDiagram(nodes, shown.map(edgeOf))
}

/** Which hand-overs the flows are made of: see `drawFlows` for those. */
function edgeOf({ file, table, operations }: Usage): DiagramEdge {
  return {
    from: `file ${file}`,
    to: `table ${table}`,
    label: operations.join(', '),
    kind: isWriting(operations) ? 'writes' : 'reads',
  }
}

function selectUsages(tables: readonly (readonly Usage[])[], mostFiles: number): Usage[] {
  const files = new Set<string>()
  const selected: Usage[] = []
  for (let turn = 0; turn < MOST_FILES_OF_A_TABLE; turn++) {
    for (const usages of tables) {
      const usage = usages[turn]
      if (usage === undefined || selected.length >= MOST_EDGES) continue
      if (!files.has(usage.file) && files.size >= mostFiles) continue
      files.add(usage.file)
      selected.push(usage)
    }
  }
  return selected
}

/** The first flows in one picture, along the data: who writes → table → who reads; as many as it holds. */
export function drawFlows({ flows, tables }: Pick<InteractionMap, 'flows' | 'tables'>): string[] {
  const classes = new Map(tables.map((table) => [keyOf(table), table.class]))
  const nodes = new Map<string, DiagramNode>()
  const edges = new Map<string, DiagramEdge>()
  for (const { steps } of flows) {
    const added = new Set(steps.flatMap(({ file, table }) => [`file ${file}`, `table ${table}`]))
    const more = [...added].filter((key) => !nodes.has(key)).length
    if (nodes.size + more > MOST_NODES || edges.size + steps.length > MOST_EDGES) continue
    for (const [index, { file, module, table, operations }] of steps.entries()) {
      const [who, what] = [`file ${file}`, `table ${table}`]
      nodes.set(who, { key: who, lines: [module], shape: 'file', class: 'file' })
      nodes.set(what, { key: what, lines: [table], shape: 'table', class: classes.get(table) ?? 'unknown' })
      // The one who comes to a table that another has written takes rows from it.
      const takes = index > 0 && steps[index - 1]?.table === table
      const [from, to] = takes ? [what, who] : [who, what]
      const kind = takes && !isWriting(operations) ? 'reads' : 'writes'
      if (!edges.has(`${from}\n${to}`)) edges.set(`${from}\n${to}`, { from, to, label: operations.join(', '), kind })
    }
  }
  return nodes.size === 0 ? [] : drawDiagram([...nodes.values()], [...edges.values()], 'TB')
}
