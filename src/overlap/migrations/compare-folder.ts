import type { CatalogTable } from '../../catalog/types.ts'
import { emptySchema, type FoldedTable, foldScript } from './fold-ddl.ts'
import type { MigrationFolder, MigrationTool } from './read-folder.ts'

/** How the catalog differs from what a folder of migrations says. The catalog is what is there. */
export interface MigrationDifference {
  readonly tool: MigrationTool
  readonly folder: string
  readonly files: number
  /** Statements that PostgreSQL's parser refuses, and DO blocks, whose effect the text doesn't tell. */
  readonly unparsed: number
  readonly hidden: number
  readonly onlyInCatalog: readonly string[]
  readonly onlyInFolder: readonly string[]
  /** Tables that both have, with columns that one of them lacks. */
  readonly tables: readonly {
    readonly table: string
    readonly onlyInCatalog: readonly string[]
    readonly onlyInFolder: readonly string[]
  }[]
}

/** Tables that the tools keep for themselves. */
const OF_TOOLS = /^(_prisma_migrations|__drizzle_migrations|schema_migrations|supabase_migrations\..*|drizzle\..*)$/

/** `tables` holds what these schemas have, all of it. Call `loadSqlParser()` before. */
export function compareFolder(
  { tool, folder, files }: MigrationFolder,
  tables: readonly CatalogTable[],
  schemas: readonly string[],
): MigrationDifference {
  const folded = emptySchema()
  for (const { text } of files) foldScript(folded, text)
  const real = new Map(
    tables.filter((one) => !one.isPartition && isTable(one)).map((one) => [`${one.schema}.${one.name}`, one]),
  )
  const told = new Map([...folded.tables].filter(([, one]) => schemas.includes(one.schema)))
  const name = (key: string) => key.replace(/^public\./, '')
  const isOwn = (key: string) => !OF_TOOLS.test(name(key))
  return {
    ...{ tool, folder, files: files.length, unparsed: folded.unparsed, hidden: folded.hidden },
    onlyInCatalog: [...real.keys()].filter((key) => !told.has(key) && isOwn(key)).map(name),
    onlyInFolder: [...told.keys()].filter((key) => !real.has(key) && isOwn(key)).map(name),
    tables: [...real].flatMap(([key, table]) => {
      const other = told.get(key)
      return other === undefined ? [] : compareColumns(name(key), table, other)
    }),
  }
}

function isTable({ kind }: CatalogTable): boolean {
  return kind === 'table' || kind === 'partitioned table' || kind === 'foreign table'
}

function compareColumns(table: string, real: CatalogTable, told: FoldedTable): MigrationDifference['tables'] {
  const names = new Set(real.columns.map((column) => column.name))
  const onlyInFolder = [...told.columns].filter((column) => !names.has(column))
  // What nothing names may be any of them.
  const onlyInCatalog = told.complete ? [...names].filter((column) => !told.columns.has(column)) : []
  return onlyInFolder.length + onlyInCatalog.length === 0 ? [] : [{ table, onlyInCatalog, onlyInFolder }]
}
