import { existsSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import type { CatalogTable } from '../catalog/types.ts'
import type { CodeMap } from '../codemap/read-code-map.ts'
import { buildSqlCatalog, findTable } from '../codemap/sql/catalog.ts'
import { parseStatements } from '../codemap/sql/parse-statements.ts'
import { loadProject, type Project } from '../control/project.ts'
import type { ReadConfig } from '../control/read-config.ts'
import { checkCoverage } from '../coverage/check-coverage.ts'
import type { Coverage, NewTable } from '../coverage/coverage.ts'
import { buildOldTables } from '../coverage/feeds.ts'
import { UsageError } from '../lib/errors.ts'
import { loadParser } from '../spec/expression.ts'

/** The mapping and the new schema; null where the configuration has no new table yet. Throws UsageError where one can't be read. */
export async function readMapping(cwd: string, { config, path }: ReadConfig): Promise<Project | null> {
  return Object.keys(config.tables).length === 0 ? null : await loadProject({ cwd, config: path })
}

/**
 * What a configuration says that the code is, from where the person is: its folders, and that of the migrations, since what
 * the database runs by itself touches tables, too. None where it doesn't say. Throws UsageError for what isn't there.
 */
export function codePaths(cwd: string, { config, path }: ReadConfig): string[] {
  if (config.code === undefined) return []
  const at = (name: string): string => resolve(dirname(path), name)
  const missing = config.code.find((name) => !existsSync(at(name)))
  if (missing !== undefined)
    throw new UsageError('config.code', `code in ${path} names ${JSON.stringify(missing)}, which is not there.`, {
      hint: 'Its paths are relative to the configuration. Correct it, or name the paths: crossfade map src',
    })
  const migrations = [config.migrations?.folder ?? []].flat().filter((name) => existsSync(at(name)))
  return [...config.code, ...migrations].map((name) => relative(cwd, at(name)) || '.')
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

function readNewTables(ddl: string): NewTable[] {
  const { definitions } = parseStatements([{ kind: 'words', text: ddl }])
  return [...buildSqlCatalog(definitions).tables.values()]
    .flat()
    .filter((table) => !table.isView && !table.gone)
    .map(({ name, columns, uniques }) => ({ name, columns, uniques: uniques.map((unique) => unique.columns) }))
}
