import type { Random } from '../test/scenarios/random.ts'
import type { NewColumn, OldColumn, OldTable } from './case.ts'
import type { Feature } from './make-features.ts'
import { type Context, OLD_KEY_TYPES, type Parent, type Spec } from './make-sources.ts'
import { quote, quoteAlways } from './write-sql.ts'

export function makeRules(
  random: Random,
  features: readonly Feature[],
  tables: readonly OldTable[],
  time: string,
): Spec {
  const rules: Spec = {}
  for (const { column, old, merged, otherwise } of features) {
    const feeding = tables.filter((table) => table.columns.some((c) => c.name === old.name))
    if (merged && feeding.length > 0) {
      const parts = feeding.map((table) => `coalesce(${quote(table.name)}.${quote(old.name)}, 0)`)
      const back = Object.fromEntries(feeding.map((table) => [table.name, { [old.name]: quote(column.name) }]))
      const greatest = random.chance(0.5)
      rules[column.name] = greatest ? { from: `greatest(${parts.join(', ')})`, back } : { from: parts.join(' + ') }
      continue
    }
    const rule: Spec = {}
    if (otherwise !== undefined) rule.otherwise = otherwise
    if (feeding.length > 1 && random.chance(0.4)) {
      if (random.chance(0.4)) rule.sources = [random.pick(feeding).name]
      if (random.chance(0.6)) rule.pick = random.pick(['first row', 'first value', `latest by ${quoteAlways(time)}`])
    }
    if (Object.keys(rule).length > 0) rules[column.name] = rule
  }
  return rules
}

export interface Reference {
  readonly parent: Parent
  readonly column: NewColumn
  readonly old: string
  readonly constraint: string
}

export function makeReference(context: Context, i: number): Reference | null {
  const { random, parents } = context
  if (parents.length === 0 || random.chance(0.25)) return null
  return referenceTo(context, i, random.pick(parents))
}

/** Of this new table, or of itself. */
export function referenceTo({ random, names }: Context, i: number, parent: Parent): Reference {
  const name = names(`p${i}`)
  const action = random.pick(['', '', ' on delete cascade', ' on delete restrict'])
  return {
    parent,
    column: { name, type: parent.kind, values: 'parent' },
    old: names(`q${i}`),
    constraint: `foreign key (${quote(name)}) references ${quote(parent.name)} (${quote(parent.key.name)})${action}`,
  }
}

export function addReference({ random }: Context, spec: Spec, table: OldTable, reference: Reference): void {
  const { parent, column, old } = reference
  const columns = table.columns as OldColumn[]
  const words = (spec.columns ?? {}) as Spec
  spec.columns = words
  if (parent.link && random.chance(0.35)) {
    columns.push({ name: old, type: 'text', role: 'link', kind: 'text' })
    words[column.name] = {
      via: parent.link.table,
      on: { from: quote(old), to: quote(parent.link.column) },
      take: parent.link.take,
      otherwise: random.pick(['journal', 'omit', 'null']),
    }
  } else {
    const type = random.pick(OLD_KEY_TYPES[parent.kind])
    columns.push({ name: old, type, role: 'link', values: 'parent', kind: parent.kind })
    words[column.name] =
      type === 'text' && parent.kind === 'uuid'
        ? `${quote(old)}::uuid`
        : type === 'text' && parent.kind !== 'text'
          ? `${quote(old)}::${parent.kind}`
          : quote(old)
  }
  const wish = random.pick(['none', 'journal', 'stub'])
  if (wish === 'journal') spec.parent = 'journal'
  if (wish === 'stub' && parent.stubbable) spec.parent = 'stub'
}
