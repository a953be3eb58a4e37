import type { Interaction } from '../codemap/interaction.ts'
import { checkAccess } from './check-access.ts'
import type { Coverage, CoveredAccess, CoveredFile } from './coverage.ts'
import type { OldTable } from './feeds.ts'

/** What the mapping says of each access. `keep` are the tables that stay as they are. */
export function checkCoverage(
  interactions: readonly Interaction[],
  oldTables: readonly OldTable[],
  keep: readonly string[],
): Coverage {
  const accesses: CoveredAccess[] = []
  const unmentioned = new Map<string, number>()
  const used = new Set<OldTable>()
  const newNames = new Set(oldTables.map((one) => one.newTable))
  for (const access of interactions) {
    if (access.operation === 'rpc' || access.operation === 'ddl') continue
    const own = oldTables.filter((one) => one.name === access.table && isSchema(access.schema, one.schema))
    for (const one of own) used.add(one)
    if (own.length > 0) accesses.push(cover(access, own))
    else if (!keep.includes(access.table) && !newNames.has(access.table)) {
      const name = access.schema === null ? access.table : `${access.schema}.${access.table}`
      unmentioned.set(name, (unmentioned.get(name) ?? 0) + 1)
    }
  }
  return {
    accesses,
    files: countFiles(accesses),
    unmentioned: [...unmentioned]
      .map(([table, count]) => ({ table, accesses: count }))
      .sort((a, b) => b.accesses - a.accesses || (a.table < b.table ? -1 : 1)),
    unused: [...new Set(oldTables.filter((one) => !used.has(one)).map((one) => one.name))].sort(),
  }
}

/** An access that names no schema means whatever the search path leads to. */
function isSchema(named: string | null, schema: string): boolean {
  return named === null || named === schema
}

function cover(access: Interaction, own: readonly OldTable[]): CoveredAccess {
  const findings = own.flatMap((table) => checkAccess(access, table))
  return {
    access,
    newTables: own.map((one) => one.newTable),
    mechanical: own.length === 1 && findings.every(({ kind }) => kind === 'renamed' || kind === 'precedence'),
    findings,
  }
}

function countFiles(accesses: readonly CoveredAccess[]): CoveredFile[] {
  const files = new Map<string, { accesses: number; mechanical: number }>()
  for (const { access, mechanical } of accesses) {
    const count = files.get(access.file) ?? { accesses: 0, mechanical: 0 }
    count.accesses++
    if (mechanical) count.mechanical++
    files.set(access.file, count)
  }
  const open = (one: CoveredFile): number => one.accesses - one.mechanical
  return [...files]
    .map(([file, count]) => ({ file, ...count }))
    .sort((a, b) => open(b) - open(a) || b.accesses - a.accesses || (a.file < b.file ? -1 : 1))
}
