import type { Catalog, CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import { parseExpression } from './expression.ts'
import type { Check, ColumnRule, SequenceColumn, SourceMapping, TargetColumn } from './mapping.ts'

/** A fed column of the new table. Throws UsageError where `otherwise` is anything but a constant. */
export function resolveTargetColumn(
  column: CatalogColumn,
  otherwise: string | null,
  rule: ColumnRule,
  where: string,
): TargetColumn {
  const place = `${where}.columns.${column.name}.otherwise`
  const parsed = otherwise === null ? null : parseExpression(otherwise, place)
  // now() would give another row at each look.
  if (parsed && (parsed.columns.length > 0 || !parsed.total)) {
    throw new UsageError('mapping.otherwise', `${place}: only constants can stand here`, {
      hint: 'Use the columns of a source in its own expression.',
    })
  }
  return {
    name: column.name,
    type: column.type,
    baseType: column.baseType,
    operatorSchema: column.equalitySchema ?? 'pg_catalog',
    notNull: column.notNull,
    otherwise,
    absent: column.notNull && column.defaultIsConstant ? column.default : null,
    rule,
  }
}

/** The table's CHECK constraints over these columns that no value of them makes raise. */
export function listChecks(target: CatalogTable, fed: readonly CatalogColumn[]): Check[] {
  return target.constraints.flatMap(({ kind, name, definition }) => {
    const condition = /^CHECK (\(.*\))(?: NO INHERIT)?(?: NOT VALID)?$/s.exec(definition)?.[1]
    if (kind !== 'check' || condition === undefined) return []
    const parsed = parseExpression(condition, name)
    const known = parsed.columns.every((used) => fed.some((column) => column.name === used))
    return known && parsed.total ? [{ name, sql: condition }] : []
  })
}

/** A column that holds an old sequence's values must go on drawing from it, or the two sides would give one number twice. */
export function resolveSequences(
  target: CatalogTable,
  sources: readonly SourceMapping[],
  catalog: Catalog,
): SequenceColumn[] {
  return target.columns
    .filter((column) => column.sequence !== null)
    .map((column) => {
      const old = sources
        .flatMap((s) => {
          const table = catalog.tables.find((t) => t.schema === s.base.schema && t.name === s.base.name)
          const name = s.back.find((b) => b.feeds.includes(column.name))?.name ?? keyColumnName(s, target, column)
          return table?.columns.find((c) => c.name === name)?.sequence ?? []
        })
        .at(0)
      return {
        column: column.name,
        identity: column.identity,
        default: column.default,
        own: column.sequence ?? { schema: '', name: '' },
        old: old ?? null,
      }
    })
}

function keyColumnName(s: SourceMapping, target: CatalogTable, column: CatalogColumn): string | undefined {
  const reference = `"${target.name.replaceAll('"', '""')}"."${column.name.replaceAll('"', '""')}"`
  return s.back.find((b) => b.back.startsWith(`${reference}::`))?.name
}
