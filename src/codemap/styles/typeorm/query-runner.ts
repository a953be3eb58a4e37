import type { Operation } from '../../interaction.ts'
import { itemsOf, memberValue } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { atomsOf, text, unknown, type Value } from '../../value.ts'
import type { TypeOrmRun } from './entities.ts'
import { callManager, runSql } from './entity-calls.ts'
import { allOf, type RunnerOf, typeorm } from './values.ts'

/** Methods of migrations that change a table whose name, or definition, comes first. */
const DEFINES =
  /^(create|drop)(Table|View)$|^(add|drop|change|rename)Columns?$|^(create|drop)(Index|Indices|ForeignKeys?|UniqueConstraints?|CheckConstraints?|ExclusionConstraints?|PrimaryKey)$|^(updatePrimaryKeys|changeTableComment|renameTable)$/

/** `startTransaction` on a runner says that what it does from then on belongs together. */
export function callRunner(
  run: TypeOrmRun,
  of: RunnerOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const { manager } = of
  const [first, second] = args
  if (method === 'startTransaction') {
    if (manager.runner !== null) run.started.add(manager.runner)
    return unknown('it gives nothing')
  }
  if (method === 'query' || method === 'stream') {
    runSql({ run, site, manager }, first, second)
    return unknown('it comes from the database')
  }
  if (method === 'clearTable') openNamed(first, 'truncate', of, site)
  else if (DEFINES.test(method)) {
    openNamed(first, 'ddl', of, site)
    if (method === 'renameTable') openNamed(second, 'ddl', of, site)
  } else return method.startsWith('get') ? undefined : callManager(run, manager, method, args, site)
  return unknown('it gives nothing')
}

/** `queryRunner.manager`, `queryRunner.connection`. */
export function runnerMember({ manager }: RunnerOf, name: string): Value | undefined {
  if (name === 'manager') return typeorm(manager)
  return name === 'connection' || name === 'dataSource' ? typeorm({ is: 'data source' }) : undefined
}

/** A table by its name, with its schema before it or not, or by its definition. */
function openNamed(table: Value | undefined, operation: Operation, { manager }: RunnerOf, site: Site): void {
  for (const one of itemsOf(table).items) {
    const [definition] = allOf(one, 'definition')
    const name =
      definition === undefined ? one : (memberValue(definition.options, 'name') ?? unknown('it is not named'))
    const schema = definition === undefined ? null : (memberValue(definition.options, 'schema') ?? null)
    for (const atom of atomsOf(name)) openOne(atom, schema, operation, manager.transaction, site)
  }
}

function openOne(
  name: Value,
  schema: Value | null,
  operation: Operation,
  transaction: string | null,
  site: Site,
): void {
  const [before, after] = name.kind === 'text' ? name.text.split('.') : []
  const isQualified = name.kind === 'text' && before !== undefined && after !== undefined
  site.open({
    table: isQualified ? text(after, name.via) : name,
    schema: isQualified ? before : schema,
    operation,
    key: name.kind === 'text' ? name.text : '',
    transaction,
  })
}
