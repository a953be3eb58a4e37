import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CodeMap } from '../codemap/read-code-map.ts'
import { buildSqlCatalog, findTable } from '../codemap/sql/catalog.ts'
import { parseStatements } from '../codemap/sql/parse-statements.ts'
import { CONFIG_NAMES, loadProject } from '../control/project.ts'
import { checkCoverage } from '../coverage/check-coverage.ts'
import type { Coverage, NewTable } from '../coverage/coverage.ts'
import { buildOldTables } from '../coverage/feeds.ts'
import { loadParser } from '../spec/expression.ts'

/**
 * What the mapping says of the code, where there is one: the file that `--config` names, or one in the current folder.
 * Throws UsageError where it can't be read.
 */
export async function readCoverage(cwd: string, config: string | undefined, map: CodeMap): Promise<Coverage | null> {
  if (config === undefined && !(await hasConfig(cwd))) return null
  const project = await loadProject({ cwd, ...(config === undefined ? {} : { config }) })
  await loadParser()
  const oldTables = buildOldTables(project.config, readNewTables(project.ddl), (schema, name) => {
    const table = findTable(map.catalog, schema, name)
    return table?.complete ? table.columns : null
  })
  return checkCoverage(map.interactions, oldTables, project.config.keep ?? [])
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
