import { nameModules } from '../flows/actors.ts'
import type { InteractionMap, TableSummary } from '../interaction-map.ts'
import { isWriting } from '../pages/diagram.ts'
import { keyOf } from '../pages/table-groups.ts'
import type { Usage } from '../pages/usage.ts'
import { count } from '../queries/statistics.ts'
import type { Box, Drawing, Line } from './drawing.ts'
import { linkTo, tellHead, tellTable } from './tell-drawing.ts'

/** A box for each table and each file, lines along the data: who writes → table → who reads. */
export function describeTables(map: InteractionMap, usages: readonly Usage[], toRoot: string): Drawing {
  const files = [...new Set(usages.map((usage) => usage.file))]
  const names = nameModules(files)
  const tableIds = new Map(map.tables.map((table, index) => [keyOf(table), `t${index}`]))
  const fileIds = new Map(files.map((file, index) => [file, `f${index}`]))
  const boxes = [
    ...map.tables.map((table, index) => boxOfTable(table, `t${index}`)),
    ...files.map((file, index): Box => {
      const own = usages.filter((usage) => usage.file === file)
      const accesses = own.reduce((sum, usage) => sum + usage.interactions.length, 0)
      const note = count(accesses, 'access', 'accesses')
      const id = `f${index}`
      return {
        id,
        kind: 'files',
        title: names.get(file) ?? file,
        note,
        tooltip: file,
        link: linkTo(file, toRoot),
        rows: [],
      }
    }),
  ]
  const lines = usages.flatMap(({ file, table, operations, interactions }): Line[] => {
    const [fileId, tableId] = [fileIds.get(file), tableIds.get(table)]
    if (fileId === undefined || tableId === undefined) return []
    const reads = operations.includes('select')
    const kind = !isWriting(operations) ? 'reads' : reads ? 'both' : 'writes'
    const [from, to] = kind === 'reads' ? [tableId, fileId] : [fileId, tableId]
    const label = operations.join(', ')
    const tooltip = `${file} → ${table}: ${label}`
    return [{ from, to, kind, weight: interactions.length, label, tooltip, related: [fileId, tableId] }]
  })
  return { ...tellHead(map), direction: 'down', boxes, lines }
}

function boxOfTable(table: TableSummary, id: string): Box {
  const note = `${table.class}, ${count(table.interactions, 'access', 'accesses')}`
  return { id, kind: 'tables', title: keyOf(table), note, tooltip: tellTable(table), class: table.class, rows: [] }
}
