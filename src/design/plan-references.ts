import { formatCount } from '../lib/progress-line.ts'
import type { DesignFacts } from './design-facts.ts'
import { type DesignPlan, question, type ReferencePlan, reason, type TargetPlan } from './design-plan.ts'

/** Columns that hold another new table's key; and foreign keys that the sources have, to tables that stay. */
export function planReferences(targets: readonly TargetPlan[], facts: DesignFacts): ReferencePlan[] {
  return [...betweenTargets(targets, facts), ...toOldTables(targets, facts)]
}

function betweenTargets(targets: readonly TargetPlan[], { overlap }: DesignFacts): ReferencePlan[] {
  return targets.flatMap((target) =>
    targets.flatMap((parent): ReferencePlan[] => {
      const key = parent.columns.find(({ name }) => parent.rule.kind === 'merge' && name === parent.rule.key)
      if (parent === target || key === undefined) return []
      const identity = overlap.identities.find((one) =>
        key.members.every((member) => one.members.some((other) => isSame(member, other))),
      )
      return target.columns
        .filter(({ shape, members }) => {
          const holds = members.some((member) => identity?.members.some((other) => isSame(member, other)))
          return holds && shape.baseType === key.shape.baseType
        })
        .map((column) => ({
          ...{ target: target.name, column: column.name, references: parent.name, referenced: key.name },
          ...{
            children: column.members,
            parents: key.members,
            form: key.shape.baseType === 'uuid' ? 'uuid' : foldsKey(parent) ? 'folded' : 'plain',
          },
          ...{ orphans: null, remarks: [] },
        }))
    }),
  )
}

/** Of the old tables' own foreign keys those whose columns come along; the server has checked them. */
function toOldTables(targets: readonly TargetPlan[], { catalog, oldSchema }: DesignFacts): ReferencePlan[] {
  const moved = new Set(targets.flatMap((target) => Object.keys(target.rule.sources)))
  return targets.flatMap((target) =>
    target.columns.flatMap((column): ReferencePlan[] => {
      const found = column.members.flatMap((member) => {
        const table = catalog.tables.find((one) => one.schema === oldSchema && one.name === member.table)
        return (
          table?.constraints.filter((one) => one.kind === 'foreign key' && one.columns.join() === member.column) ?? []
        )
      })
      const to = found[0]?.references
      const parent = catalog.tables.find((one) => one.schema === to?.schema && one.name === to.table)
      const referenced = to?.columns[0]
      if (!to || !parent || referenced === undefined || parent.schema !== oldSchema || moved.has(parent.name)) return []
      if (parent.columns.find((one) => one.name === referenced)?.baseType !== column.shape.baseType) return []
      return [
        {
          ...{ target: target.name, column: column.name, references: parent.name, referenced },
          ...{ children: column.members, parents: [{ table: parent.name, column: referenced }] },
          ...{ form: 'plain', orphans: null, remarks: [reason(`as ${found.length} of its sources have it`)] },
        },
      ]
    }),
  )
}

/** Some source gives its key as an expression, `lower(btrim(…))`. */
function foldsKey({ rule }: TargetPlan): boolean {
  return Object.values(rule.sources).some((source) => 'key' in source && String(source.key).startsWith('lower('))
}

function isSame(a: ReferencePlan['children'][number], b: ReferencePlan['children'][number]): boolean {
  return a.table === b.table && a.column === b.column
}

/**
 * Says of each counted reference whether it stands: where every value has a parent, and no circle comes of it. The others
 * become questions; a foreign key that the data breaks would keep rows out.
 */
export function settleReferences(plan: DesignPlan): DesignPlan {
  const standing: ReferencePlan[] = []
  const references = plan.references.map((one): ReferencePlan => {
    const name = `${one.target} (${one.column}) references ${one.references} (${one.referenced})`
    if (one.orphans === null) return { ...one, remarks: [question(`${name} was not counted. Does it hold?`)] }
    if (one.orphans > 0) {
      const text = `${formatCount(one.orphans)} values of ${one.target}.${one.column} are not in ${one.references}. Shall rows without a parent wait in the journal (then make this a foreign key), get a parent (parent: 'stub'), or stay as they are?`
      return { ...one, remarks: [question(text)] }
    }
    if (leadsTo(standing, one.references, one.target))
      return {
        ...one,
        orphans: null,
        remarks: [question(`${name} would close a circle with the other foreign keys. Which one do you want?`)],
      }
    standing.push(one)
    return { ...one, remarks: [...one.remarks, reason('every value has its parent')] }
  })
  return { ...plan, references }
}

/** Whether a reference can be made a foreign key. */
export function stands(reference: ReferencePlan): boolean {
  return reference.orphans === 0
}

function leadsTo(references: readonly ReferencePlan[], from: string, to: string): boolean {
  return references.some(
    (one) => one.target === from && (one.references === to || leadsTo(references, one.references, to)),
  )
}
