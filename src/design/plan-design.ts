import { pluralize } from 'inflection'
import type { CatalogTable } from '../catalog/types.ts'
import { namePartsOf } from '../codemap/suspects/name-tokens.ts'
import { formatCount } from '../lib/progress-line.ts'
import type { OverlapGroup } from '../overlap/overlap-document.ts'
import type { DesignFacts } from './design-facts.ts'
import { type DesignPlan, question, type Remark, reason, type TargetPlan } from './design-plan.ts'
import { findLoose } from './loose-tables.ts'
import { planKey } from './plan-key.ts'
import { planReferences } from './plan-references.ts'
import { chooseSources } from './plan-sources.ts'
import { planTarget } from './plan-target.ts'

/**
 * What the new schema and the mapping should be, and why: one new table for each group of tables that hold the same facts.
 * A function of the facts alone. `loadParser()` must have been called.
 */
export function planDesign(facts: DesignFacts): DesignPlan {
  const remarks: Remark[] = []
  const names = new Set(facts.catalog.tables.map((table) => table.name))
  const targets = facts.overlap.groups.flatMap((group): TargetPlan[] => {
    const chosen = chooseSources(group, facts)
    const key = planKey(group, chosen.tables, facts)
    const reachable = keepReachable(
      chosen.tables,
      key === null ? null : key.members.map(({ table }) => table),
      facts,
      group,
    )
    const left = chosen.tables.filter((table) => !reachable.includes(table))
    const lost = left.map((table) =>
      question(`${table.name} has no ${group.key}, and no way to it, so it is left out. Is there one?`),
    )
    if (reachable.length < 2) {
      remarks.push(
        ...chosen.remarks,
        ...lost,
        reason(`of ${group.tables.join(', ')} fewer than two can be sources, so there is no table for them`),
      )
      return []
    }
    const plan = (tables: readonly CatalogTable[], more: readonly Remark[]): TargetPlan => {
      const name = nameTarget(group, tables, names)
      const naming = question(`Is ${name} a good name? It holds ${tables.map((table) => table.name).join(', ')}.`)
      return planTarget({ group, tables, key, name, remarks: [naming, ...chosen.remarks, ...lost, ...more] }, facts)
    }
    const whole = plan(reachable, [])
    // Whoever names tables knows what they are.
    const loose = group.score === null ? [] : findLoose(whole, reachable)
    const alike = reachable.filter((table) => !loose.includes(table))
    if (alike.length < 2) {
      remarks.push(...chosen.remarks, ...lost, tellLoose(loose, reachable))
      return []
    }
    const target = loose.length === 0 ? whole : plan(alike, [tellLoose(loose, reachable)])
    if (target.columns.length > MOST_COLUMNS) {
      remarks.push(...chosen.remarks, ...lost, tellTooWide(target))
      return []
    }
    names.add(target.name)
    return [target]
  })
  return withKeep(
    {
      oldSchema: facts.oldSchema,
      newSchema: facts.newSchema,
      targets,
      references: planReferences(targets, facts),
      view: null,
      keep: [],
      remarks,
    },
    facts,
  )
}

function tellLoose(loose: readonly CatalogTable[], tables: readonly CatalogTable[]): Remark {
  const [names, others] = [tables, loose].map((list) => list.map((table) => table.name))
  return question(
    `No key joins ${names?.join(', ')}, and ${others?.join(', ')} ${loose.length === 1 ? 'has' : 'have'} no fact in common with the others, so nothing is drafted for that. Is it one fact after all? Then name the tables: crossfade design ${names?.join(' ')}`,
  )
}

/** What a table of PostgreSQL takes. */
const MOST_COLUMNS = 1_600

function tellTooWide({ rule, columns }: TargetPlan): Remark {
  const sources = Object.keys(rule.sources).join(', ')
  return question(
    `${sources} would make a table of ${formatCount(columns.length)} columns, and it takes ${formatCount(MOST_COLUMNS)}, so there is none for them. Which columns are one, or nobody's any more?`,
  )
}

/** The draft without this table; why goes to its remarks. */
export function leaveOut(plan: DesignPlan, name: string, why: string, facts: DesignFacts): DesignPlan {
  const targets = plan.targets.filter((target) => target.name !== name)
  const references = plan.references.filter((one) => one.target !== name && one.references !== name)
  const isViewed = plan.view !== null && [plan.view.reference.target, plan.view.reference.references].includes(name)
  const remark = question(`${name} is left out, since its mapping would not hold: ${why} Can you change that?`)
  return withKeep(
    { ...plan, targets, references, view: isViewed ? null : plan.view, remarks: [...plan.remarks, remark] },
    facts,
  )
}

function withKeep(plan: DesignPlan, { catalog, oldSchema }: DesignFacts): DesignPlan {
  const used = new Set(plan.targets.flatMap((target) => Object.keys(target.rule.sources)))
  const keep = catalog.tables
    .filter(
      (table) => table.schema === oldSchema && /table$/.test(table.kind) && !table.isPartition && !used.has(table.name),
    )
    .map((table) => table.name)
  return { ...plan, keep: keep.sort() }
}

/** Of a merge a source needs the key, or a way to it that most of its rows find. */
function keepReachable(
  tables: readonly CatalogTable[],
  keyed: readonly CatalogTable[] | null,
  { overlap }: DesignFacts,
  group: OverlapGroup,
): CatalogTable[] {
  if (keyed === null) return [...tables]
  return tables.filter(
    (table) =>
      keyed.includes(table) ||
      overlap.links.some(
        (link) => link.table === table.name && link.wants === group.key && link.found > link.rows * 0.6,
      ),
  )
}

/** `unified_` and the words that at least half of the tables have; else those of the first. Never a name that is taken. */
function nameTarget(group: OverlapGroup, tables: readonly CatalogTable[], taken: ReadonlySet<string>): string {
  const parts = tables.map((table) => namePartsOf(table.name).core)
  const words = [...new Set(parts.flat())]
  const shared = words.filter((word) => parts.filter((core) => core.includes(word)).length * 2 > parts.length)
  const chosen = shared.length > 0 ? shared : (parts[0] ?? [group.tables[0] ?? 'table'])
  const last = pluralize(chosen.at(-1) ?? 'table')
  const base = ['unified', ...chosen.slice(0, -1), last]
    .join('_')
    .replace(/[^\p{L}\p{N}_]/gu, '_')
    .slice(0, 50)
  let name = base
  for (let at = 2; taken.has(name); at++) name = `${base}_${at}`
  return name
}
