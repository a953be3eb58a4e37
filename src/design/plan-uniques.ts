import type { CatalogIndex, CatalogTable } from '../catalog/types.ts'
import { formatCount } from '../lib/progress-line.ts'
import type { Pair } from '../overlap/overlap-document.ts'
import type { UniqueSpec } from '../spec/config.ts'
import { keepsIdentity } from '../spec/types-fit.ts'
import {
  type ColumnPlan,
  type DesignPlan,
  question,
  type Remark,
  reason,
  type TargetPlan,
  type UniquePlan,
} from './design-plan.ts'

/** Of the new rows so many may share a value before it is no key, but a mistake of ours to think so. */
const MOST_SHARED = 0.05

/** The unique keys of the sources beside the new table's own, where the new table has all of their columns. */
export function planUniques(
  tables: readonly CatalogTable[],
  columns: readonly ColumnPlan[],
  primaryKey: readonly string[],
  pairs: readonly Pair[],
): UniquePlan[] {
  const plans = new Map<string, UniquePlan>()
  for (const table of tables)
    for (const index of table.indexes.filter(isPlainUnique)) {
      const found = index.columns.flatMap((name) => columnOf(columns, table.name, name) ?? [])
      const names = found.map(({ name }) => name)
      if (names.length < index.columns.length || primaryKey.every((name) => names.includes(name))) continue
      const set = JSON.stringify([...names].sort())
      const known = plans.get(set)
      const owners = [...new Set([...(known?.owners ?? []), table.name])]
      plans.set(set, {
        ...{ columns: known?.columns ?? names, owners, isHeld: isHeld(table, found), hasPartitions: false },
        ...{ shared: null, rows: null, latestBy: newestOf(columns, pairs), remarks: [] },
      })
    }
  const feeding = (plan: UniquePlan): CatalogTable[] =>
    tables.filter((table) =>
      plan.columns.some((name) =>
        columns.find((column) => column.name === name)?.members.some((member) => member.table === table.name),
      ),
    )
  return [...plans.values()].map((plan) => ({
    ...plan,
    hasPartitions: feeding(plan).some((table) => table.kind === 'partitioned table'),
  }))
}

function isPlainUnique(index: CatalogIndex): boolean {
  return (
    index.unique &&
    index.valid &&
    index.immediate &&
    index.predicate === null &&
    index.columns.every((name) => name !== null)
  )
}

function columnOf(columns: readonly ColumnPlan[], table: string, name: string | null): ColumnPlan | undefined {
  return columns.find(({ members }) => members.some((one) => one.table === table && one.column === name))
}

/** One old table gives all of it, and each of its rows feeds one new row: what is unique there is unique here. */
function isHeld(table: CatalogTable, found: readonly ColumnPlan[]): boolean {
  return found.every(({ members, shape }) => {
    const old = table.columns.find((column) => column.name === members[0]?.column)
    return members.length === 1 && old !== undefined && keepsIdentity(old, shape.baseType)
  })
}

function newestOf(columns: readonly ColumnPlan[], pairs: readonly Pair[]): string | null {
  for (const { left, right, newerBy } of pairs) {
    if (newerBy === null) continue
    const found = columnOf(columns, left, newerBy.left)
    if (found?.members.some((one) => one.table === right && one.column === newerBy.right)) return found.name
  }
  return null
}

/** Says of each counted unique key whether it stands; one that the new rows break is a question. */
export function settleUniques(plan: DesignPlan): DesignPlan {
  return { ...plan, targets: plan.targets.map(settleTarget) }
}

function settleTarget(target: TargetPlan): TargetPlan {
  const uniques = target.uniques.map((unique) => settle(unique, target))
  const standing = uniques.filter(stands)
  const indexes = target.indexes.filter(
    (index) => !standing.some(({ columns }) => index.columns.every((name, at) => columns[at] === name)),
  )
  const broken = standing.filter(({ shared }) => (shared ?? 0) > 0)
  const settled = { ...target, uniques, indexes }
  if (target.rule.kind !== 'merge' || broken.length === 0) return settled
  const rules = broken.map((one): [string, UniqueSpec] => [
    one.columns.join(', '),
    { ...(one.latestBy === null ? {} : { pick: `latest by ${one.latestBy}` }), otherwise: 'journal' },
  ])
  const asked = Object.fromEntries(broken.map((one) => [`unique.${one.columns.join(', ')}`, one.remarks]))
  return {
    ...settled,
    uniques: uniques.map((one) => (broken.includes(one) ? { ...one, remarks: [tellBroken(one)] } : one)),
    rule: { ...target.rule, unique: Object.fromEntries(rules) },
    ruleRemarks: { ...target.ruleRemarks, ...asked },
  }
}

function tellBroken({ owners, shared }: UniquePlan): Remark {
  const count = formatCount(shared ?? 0)
  return reason(`unique in ${owners.join(', ')}; ${count} rows share it, and the mapping asks which of them stay`)
}

function settle(unique: UniquePlan, { rule, name }: TargetPlan): UniquePlan {
  const { owners, columns, shared, rows } = unique
  const list = columns.join(', ')
  const has = `unique in ${owners.join(', ')}`
  if (unique.isHeld) return { ...unique, shared: 0, remarks: [reason(`${has}, which alone gives it`)] }
  if (shared === null || rows === null)
    return { ...unique, remarks: [question(`(${list}) is ${has}, and was not counted here. Is it unique?`)] }
  if (shared === 0 && unique.hasPartitions)
    return {
      ...unique,
      shared: null,
      remarks: [
        question(
          `(${list}) is ${has}, and no two of ${formatCount(rows)} rows share it. Should it be unique here? That asks for indexes on a partitioned table, which you build yourself.`,
        ),
      ],
    }
  if (shared === 0) return { ...unique, remarks: [reason(`${has}, and no two of ${formatCount(rows)} rows share it`)] }
  const share = `${formatCount(shared)} of ${formatCount(rows)} rows of ${name} share (${list}) with another, which is ${has}`
  if (rule.kind === 'append' || unique.hasPartitions || shared > rows * MOST_SHARED)
    return { ...unique, shared: null, remarks: [question(`${share}. Should it be unique here, too?`)] }
  const winner = unique.latestBy === null ? 'that with the smallest key' : `the latest by ${unique.latestBy}`
  const text = `${share}: of those ${winner} stays, and the others wait in the journal. Is it unique at all, and is that the right one?`
  return { ...unique, remarks: [question(text)] }
}

/** Whether it can be a unique key of the new table. */
export function stands({ isHeld, shared }: UniquePlan): boolean {
  return isHeld || shared !== null
}
