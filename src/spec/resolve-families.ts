import type { CatalogTable } from '../catalog/types.ts'
import type { NewForeignKey } from './foreign-keys.ts'
import type { ChildRule, ParentRule, TargetMapping } from './mapping.ts'
import type { ResolveContext } from './resolve-context.ts'
import { referencedColumns } from './resolve-stubs.ts'

/** Tables in the order of the configuration, but each after those that it references, where that is possible. */
export function sortTables(names: readonly string[], foreignKeys: readonly NewForeignKey[]): string[] {
  const sorted: string[] = []
  const open = new Set<string>()
  const visit = (name: string): void => {
    if (sorted.includes(name) || open.has(name)) return
    open.add(name)
    const parents = foreignKeys.filter((f) => f.table === name).map((f) => f.references)
    for (const parent of names) if (parents.includes(parent)) visit(parent)
    sorted.push(name)
  }
  for (const name of names) visit(name)
  return sorted
}

/** The units with their parents and children, by the new schema's foreign keys. */
export function linkFamilies(units: readonly TargetMapping[], context: ResolveContext): TargetMapping[] {
  const parents = new Map<TargetMapping, ParentRule[]>(units.map((unit) => [unit, []]))
  const children = new Map<TargetMapping, ChildRule[]>(units.map((unit) => [unit, []]))
  for (const foreignKey of context.foreignKeys) {
    const above = units.filter((unit) => unit.relation.name === foreignKey.references)
    const below = units.filter((unit) => unit.relation.name === foreignKey.table)
    const [parent] = above
    const table = parent && newTable(parent, context)
    if (!parent || !table) continue
    const rule = { columns: foreignKey.columns, referenced: referencedColumns(foreignKey, table) }
    const cascades = foreignKey.onDelete === 'cascade'
    const onDelete = context.config.tables[parent.relation.name]?.onDelete ?? (cascades ? 'cascade' : 'refuse')
    for (const child of below) {
      const fed = (name: string): boolean => child.columns.some((column) => column.name === name)
      if (!foreignKey.columns.every(fed)) {
        context.notes.push(
          `${child.name}: no source feeds the foreign key (${foreignKey.columns.join(', ')}) to ${parent.relation.name}; what native writes put there is checked at finish.`,
        )
        continue
      }
      if (child.number < parent.number && closesCircle(foreignKey, context.foreignKeys))
        noteCircle(child, parent, context)
      else parents.get(child)?.push({ name: parent.name, relation: parent.relation, ...rule })
      for (const unit of above)
        children.get(unit)?.push({ name: child.name, relation: child.relation, ...rule, onDelete, cascades })
    }
  }
  return units.map((unit) => ({ ...unit, parents: parents.get(unit) ?? [], children: children.get(unit) ?? [] }))
}

/** Two tables that reference each other: were both to wait, neither would ever come. The one that is made first doesn't. */
function closesCircle(foreignKey: NewForeignKey, all: readonly NewForeignKey[]): boolean {
  const above = new Set([foreignKey.references])
  for (const name of above) for (const f of all) if (f.table === name) above.add(f.references)
  return above.has(foreignKey.table)
}

function noteCircle(child: TargetMapping, parent: TargetMapping, context: ResolveContext): void {
  const note = `${child.relation.name} and ${parent.relation.name} reference each other: rows of ${child.relation.name} don't wait for those of ${parent.relation.name}, and what is missing then is found at finish.`
  if (!context.notes.includes(note)) context.notes.push(note)
}

function newTable(unit: TargetMapping, { catalog }: ResolveContext): CatalogTable | undefined {
  return catalog.tables.find((t) => t.schema === unit.relation.schema && t.name === unit.relation.name)
}
