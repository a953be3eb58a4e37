import type { Random } from '../test/scenarios/random.ts'
import type { Mode, Model, NewColumn, NewTable, OldTable, SpecValue } from './case.ts'
import { makeFeatures } from './make-features.ts'
import { addReference, makeReference, makeRules, referenceTo } from './make-rules.ts'
import {
  type Context,
  type KeyForm,
  keyForm,
  keyKinds,
  linkColumnOf,
  linkForm,
  makeSource,
  type Spec,
} from './make-sources.ts'
import { addTriggers } from './make-triggers.ts'
import { quote, quoteAlways } from './write-sql.ts'

/** A mapping and its old tables: everything that a configuration can say, in small. */
export function makeModel(random: Random): Model {
  const context: Context = { random, names: namesOf(random), old: [], parents: [] }
  const count = random.pick([1, 1, 1, 2, 2, 3])
  const tables = Array.from({ length: count }, (_, i) =>
    random.chance(0.7) ? makeMerge(context, i) : makeAppend(context, i),
  )
  return {
    old: addTriggers(random, context.old),
    new: random.chance(0.3) ? tables.reverse() : tables,
    sync: {
      budgetMs: random.pick([10, 30, 100]),
      inlineWrites: random.pick([1, 3, 64]),
      ...(random.chance(0.2) ? { mode: 'outbox' as const } : {}),
      ...(random.chance(0.2) ? { tables: modesOf(random, tables) } : {}),
    },
  }
}

function modesOf(random: Random, tables: readonly NewTable[]): { [newTable: string]: { mode: Mode } } {
  return Object.fromEntries(tables.map(({ name }) => [name, { mode: random.pick(['inline', 'outbox']) }]))
}

const HOSTILE: readonly ((base: string) => string)[] = [
  (base) => `${base} "q"`,
  (base) => `Ünï ${base}`,
  (base) => `$$${base}`,
  (base) => base + 'n'.repeat(63 - base.length),
  (base) => `select ${base}`,
  (base) => `it's ${base}`,
  (base) => `${base} 😀`,
  (base) => `${base.toUpperCase()}`,
  (base) => `%I${base}`,
  (base) => `back\\${base}`,
]

function namesOf(random: Random): (base: string) => string {
  if (random.chance(0.75)) return (base) => base
  return (base) => (random.chance(0.5) ? random.pick(HOSTILE)(base) : base)
}

function makeMerge(context: Context, i: number): NewTable {
  const { random, names } = context
  const kinds = keyKinds(random)
  const key = kinds.map(
    (kind, at): NewColumn => ({ name: names(`k${i}${at}`), type: `${kind} not null`, values: 'key' }),
  )
  const features = makeFeatures(random, names, i, 'merge')
  const time = names(`at${i}`)
  const sources: { [table: string]: SpecValue } = {}
  const tables: { table: OldTable; spec: Spec; form: KeyForm }[] = []
  const count = random.pick([1, 1, 2, 2, 2, 3, 4])
  const name = names(`n${i}`)
  const [only] = key
  const [kind] = kinds
  const itself = key.length === 1 && only && kind ? { name, key: only, kind, link: null, stubbable: false } : null
  const reference = itself && random.chance(0.15) ? referenceTo(context, i, itself) : makeReference(context, i)
  const linkColumn = names(`l${i}`)
  for (let at = 0; at < count; at++) {
    const first = tables[0]
    const linked = first !== undefined && random.chance(0.3)
    const form = linked ? linkForm(random, linkColumn, first, kinds) : keyForm(context, key, kinds)
    const withLink = at === 0 && random.chance(0.6) && !linked
    const columns = [...form.columns, ...(withLink || (at === 0 && count > 1) ? [linkColumnOf(linkColumn)] : [])]
    const made = makeSource(context, `o${i}${'abcd'[at]}`, time, columns, form, features)
    const spec: Spec = { ...form.spec, ...made.spec }
    if (reference) addReference(context, spec, made.table, reference)
    tables.push({ table: made.table, spec, form })
  }
  for (const { table, spec } of tables) {
    sources[table.name] = spec
    context.old.push(table)
  }
  const spec: Spec = { key: key.length === 1 ? (key[0]?.name ?? '') : key.map((c) => c.name), sources }
  if (random.chance(0.4))
    spec.reverse = tables.map(({ table }) => table.name).filter((_, at) => at === 0 || random.chance(0.6))
  if (random.chance(0.3)) spec.onDelete = random.pick(['refuse', 'cascade'])
  const constraints = [...features.flatMap((f) => f.constraint ?? [])]
  const withTime = random.chance(0.6)
  const uniques = features.filter(
    (f) => f.unique && tables.some(({ table }) => table.columns.some((c) => c.name === f.old.name)),
  )
  if (uniques.length > 0 && random.chance(0.8)) {
    const rules: Spec = {}
    for (const { column } of uniques) {
      const picks = withTime ? [`latest by ${quoteAlways(time)}`, `earliest by ${quoteAlways(time)}`] : []
      rules[column.name] = {
        ...(picks.length > 0 && random.chance(0.6) ? { pick: random.pick(picks) } : {}),
        ...(random.chance(0.3) ? { otherwise: 'omit' } : {}),
      }
    }
    spec.unique = rules
  }
  spec.columns = makeRules(
    random,
    features,
    tables.map((t) => t.table),
    time,
  )
  const serial = random.chance(0.5)
  const columns: NewColumn[] = [
    ...(serial ? [{ name: names(`id${i}`), type: 'bigserial primary key', values: undefined }] : []),
    ...key,
    ...features.map((f) => f.column),
    ...(withTime ? [{ name: time, type: 'timestamptz', values: undefined }] : []),
    ...(reference ? [reference.column] : []),
    ...(random.chance(0.3)
      ? [{ name: names(`own${i}`), type: random.pick(['text', "text not null default 'own'"]), values: undefined }]
      : []),
  ]
  const main = tables[0]
  if (itself && main)
    context.parents.push({
      ...itself,
      link: main.table.columns.some((c) => c.name === linkColumn)
        ? { table: main.table.name, column: linkColumn, take: main.form.take[0] ?? '' }
        : null,
      stubbable: !columns.some((c) => c.values !== 'key' && /not null/.test(c.type) && !/default/.test(c.type)),
    })
  constraints.unshift(`${serial ? 'unique' : 'primary key'} (${key.map((c) => quote(c.name)).join(', ')})`)
  if (reference) constraints.push(reference.constraint)
  return { name, kind: 'merge', columns, constraints, key: key.map((c) => c.name), spec }
}

function makeAppend(context: Context, i: number): NewTable {
  const { random, names } = context
  const features = makeFeatures(random, names, i, 'append')
  const time = names(`at${i}`)
  const reference = makeReference(context, i)
  const sources: { [table: string]: SpecValue } = {}
  const count = random.pick([1, 1, 2, 3])
  for (let at = 0; at < count; at++) {
    const made = makeSource(context, `o${i}${'abcd'[at]}`, time, [], null, features)
    const spec: Spec = { ...made.spec }
    if (reference) addReference(context, spec, made.table, reference)
    sources[made.table.name] = spec
    context.old.push(made.table)
  }
  const id = random.pick([
    'bigserial primary key',
    'bigint generated always as identity primary key',
    'uuid primary key default gen_random_uuid()',
  ])
  const spec: Spec = { sources }
  const [first, second] = Object.keys(sources)
  if (second !== undefined && first !== undefined && random.chance(0.5)) spec.reverse = [random.pick([first, second])]
  return {
    name: names(`n${i}`),
    kind: 'append',
    columns: [
      { name: names(`handle${i}`), type: id, values: undefined },
      ...features.map((f) => f.column),
      ...(random.chance(0.5) ? [{ name: time, type: 'timestamptz', values: undefined }] : []),
      ...(reference ? [reference.column] : []),
    ],
    constraints: [
      ...features.flatMap((f) => (f.unique ? [] : (f.constraint ?? []))),
      ...(reference ? [reference.constraint] : []),
    ],
    key: [],
    spec,
  }
}
