import type { Interaction } from '../codemap/interaction.ts'
import { fitName } from '../lib/fit-name.ts'
import type { DesignFacts } from './design-facts.ts'
import { type DesignPlan, question, type ReferencePlan, reason, type ViewPlan } from './design-plan.ts'

/**
 * A view of the join that code does most, where one of the two is a new table and a reference says how they hang together.
 * Null where code joins none. The references must be settled.
 */
export function planView(plan: DesignPlan, facts: DesignFacts): ViewPlan | null {
  const found = plan.references.map((reference) => ({ reference, places: placesOf(reference, plan, facts) }))
  const [most] = found.sort((a, b) => b.places.length - a.places.length)
  if (most === undefined || most.places.length === 0) return null
  const { reference, places } = most
  const parent = plan.targets.find(({ name }) => name === reference.references)
  const short = reference.references.replace(/^unified_/, '')
  const taken = [...plan.targets.map(({ name }) => name), ...facts.catalog.tables.map(({ name }) => name)]
  const name = fitName(`${reference.target}_with_${short}`)
  if (taken.includes(name)) return null
  const own = plan.targets.find((one) => one.name === reference.target)?.columns.map((column) => column.name) ?? []
  const others = (parent?.columns ?? oldColumns(reference.references, facts))
    .map((column) => column.name)
    .filter((column) => column !== reference.referenced)
  const used = new Set(own)
  const columns = others.map((column) => {
    const as = [column, `${short}_${column}`].find((one) => !used.has(one)) ?? null
    if (as !== null) used.add(as)
    return { column, as }
  })
  return {
    ...{ name, reference, own },
    others: columns.flatMap(({ column, as }) => (as === null ? [] : [{ column, as }])),
    remarks: [
      reason(`the join that code does most, once for each row of ${reference.target}: ${tellPlaces(places)}`),
      question(
        'Do you want it? It reads with the rights of whoever asks, and nobody has a right to it before you grant one.',
      ),
    ],
  }
}

/** Statements that read both: they stand at one place, an embedded table on the line of its parent. */
function placesOf({ target, references }: ReferencePlan, plan: DesignPlan, facts: DesignFacts): string[] {
  const sourcesOf = (name: string): string[] => {
    const rule = plan.targets.find((one) => one.name === name)?.rule
    return rule === undefined ? [name] : Object.keys(rule.sources)
  }
  const reads = (facts.interactions ?? []).filter((one) => one.operation === 'select')
  const places = (names: readonly string[]): Set<string> =>
    new Set(reads.filter((one) => names.includes(one.table)).map(placeOf))
  const others = places(sourcesOf(references))
  return [...places(sourcesOf(target))].filter((place) => others.has(place))
}

function placeOf({ file, line }: Interaction): string {
  return `${file}:${line}`
}

function tellPlaces([first = '', ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first} and ${more.length} more`
}

function oldColumns(name: string, { catalog, oldSchema }: DesignFacts): readonly { readonly name: string }[] {
  return catalog.tables.find((one) => one.schema === oldSchema && one.name === name)?.columns ?? []
}
