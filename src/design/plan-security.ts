import type { CatalogTable } from '../catalog/types.ts'
import { parseExpression } from '../spec/expression.ts'
import { type ColumnPlan, question, type Remark, reason, type SecurityPlan } from './design-plan.ts'

/**
 * Row security of the new table: the sources' policies where all have the same and they look at nothing but columns that
 * stay as they are; else it is closed, and a person opens it.
 */
export function planSecurity(tables: readonly CatalogTable[], columns: readonly ColumnPlan[]): SecurityPlan {
  const remarks = tellGrants(tables)
  const secured = tables.filter((table) => table.rowSecurity)
  const [first] = secured
  if (first === undefined) return { enabled: false, forced: false, policies: [], remarks }
  const closed = { enabled: true, forced: secured.some((table) => table.forceRowSecurity), policies: [] }
  const names = secured.map((table) => table.name).join(', ')
  const doubt = whyClosed(tables, secured, first, columns)
  if (doubt !== null)
    return {
      ...closed,
      remarks: [
        ...remarks,
        question(
          `${names} have row level security; ${doubt}, so nobody but the owner sees a row yet. Which policies shall hold here?`,
        ),
      ],
    }
  const policies = first.policies
  const why =
    policies.length > 0
      ? `the policies of ${names}, all the same`
      : `${names} have row level security and no policy: but for the owner nobody sees a row, here as there`
  return { ...closed, policies, remarks: [...remarks, reason(why)] }
}

function whyClosed(
  tables: readonly CatalogTable[],
  secured: readonly CatalogTable[],
  first: CatalogTable,
  columns: readonly ColumnPlan[],
): string | null {
  if (secured.length < tables.length) return 'the other sources have none'
  const described = ({ policies }: CatalogTable): string =>
    policies
      .map((policy) => JSON.stringify(policy))
      .sort()
      .join('\n')
  if (secured.some((table) => described(table) !== described(first))) return 'their policies differ'
  for (const policy of first.policies)
    for (const text of [policy.using, policy.withCheck]) {
      if (text === null) continue
      let read: readonly string[]
      try {
        read = parseExpression(text, policy.name).columns
      } catch {
        return `policy ${policy.name} looks at other tables`
      }
      const moved = read.find((name) => !staysAsItIs(name, tables, columns))
      if (moved !== undefined) return `policy ${policy.name} looks at ${moved}, which is another column here`
    }
  return null
}

/** Every source gives it under its own name and type. */
export function staysAsItIs(name: string, tables: readonly CatalogTable[], columns: readonly ColumnPlan[]): boolean {
  const column = columns.find((one) => one.name === name)
  return tables.every((table) => {
    const old = table.columns.find((one) => one.name === name)
    return (
      old?.type === column?.shape.type && column?.members.some((one) => one.table === table.name && one.column === name)
    )
  })
}

/** Grants are no lines of the draft: the stages give each role what it has on all sources, and when. */
function tellGrants(tables: readonly CatalogTable[]): Remark[] {
  const roles = [...new Set(tables.flatMap((table) => table.grants.map((grant) => grant.role)))].sort()
  return roles.flatMap((role) => {
    const per = tables.map(
      (table) =>
        new Set(table.grants.filter((one) => one.role === role && one.column === null).map((one) => one.privilege)),
    )
    const all = [...(per[0] ?? [])].filter((privilege) => per.every((one) => one.has(privilege)))
    const some = [...new Set(per.flatMap((one) => [...one]))].filter((privilege) => !all.includes(privilege))
    return [
      ...(all.length > 0
        ? [reason(`${role} gets ${all.join(', ')}, which it has on every source; build gives it, no line is needed`)]
        : []),
      ...(some.length > 0
        ? [question(`${role} has ${some.join(', ')} on some sources only, and gets it not. Shall it?`)]
        : []),
    ]
  })
}
