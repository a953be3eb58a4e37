import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CatalogTable } from '../catalog/types.ts'
import type { CodeMap } from '../codemap/read-code-map.ts'
import { buildSqlCatalog, findTable } from '../codemap/sql/catalog.ts'
import { parseStatements } from '../codemap/sql/parse-statements.ts'
import { loadProject, type Project } from '../control/project.ts'
import { checkCoverage } from '../coverage/check-coverage.ts'
import type { Coverage, NewTable } from '../coverage/coverage.ts'
import { buildOldTables } from '../coverage/feeds.ts'
import { CONFIG_NAMES } from '../lib/own-files.ts'
import { loadParser } from '../spec/expression.ts'

/**
 * The mapping and the new schema, where there is one: of the file that `--config` names, or of one in the current folder.
 * Throws UsageError where it can't be read.
 */
export async function readMapping(cwd: string, config: string | undefined): Promise<Project | null> {
  if (config === undefined && !(await hasConfig(cwd))) return null
  return await loadProject({ cwd, ...(config === undefined ? {} : { config }) })
}

/**
 * What a mapping says of the code. Which columns an old table has is asked of the database, where `live` has it, and of the
 * project's DDL otherwise. Throws UsageError for an expression that is no SQL.
 */
export async function readCoverage(
  project: Project,
  map: CodeMap,
  live: readonly CatalogTable[] = [],
): Promise<Coverage> {
  await loadParser()
  const oldTables = buildOldTables(project.config, readNewTables(project.ddl), (schema, name) => {
    const there = live.find((table) => table.schema === schema && table.name === name)
    if (there) return there.columns.map((column) => column.name)
    const table = findTable(map.catalog, schema, name)
    return table?.complete ? table.columns : null
  })
  return checkCoverage(map.interactions, oldTables, project.config.keep ?? [])
}

/** The schemas in which the old tables of a mapping stand. */
export function oldSchemasOf({ config }: Project): string[] {
  const { oldSchema = 'public', tables } = config
  const sources = Object.values(tables).flatMap((table) => Object.keys(table.sources))
  const named = sources.filter((name) => name.includes('.')).map((name) => name.slice(0, name.indexOf('.')))
  return [...new Set([oldSchema, ...named])].sort()
}

async function hasConfig(cwd: string): Promise<boolean> {
  const there = CONFIG_NAMES.map((name) =>
    access(resolve(cwd, name)).then(
      () => true,
      () => false,
    ),
  )
  return (await Promise.all(there)).includes(true)
}

function readNewTables(ddl: string): NewTable[] {
  const { definitions } = parseStatements([{ kind: 'words', text: ddl }])
  return [...buildSqlCatalog(definitions).tables.values()]
    .flat()
    .filter((table) => !table.isView && !table.gone)
    .map(({ name, columns, uniques }) => ({ name, columns, uniques: uniques.map((unique) => unique.columns) }))
}
