import type { Random } from '../test/scenarios/random.ts'
import type { NewColumn, OldColumn, SpecValue } from './case.ts'
import { PLAIN_TYPES } from './random-values.ts'
import { literal, quote } from './write-sql.ts'

/** What one new column is, and what a source says of it. */
export interface Feature {
  readonly column: NewColumn
  /** The same in each source that feeds it. */
  readonly old: OldColumn
  /** The source's word about it; undefined where it maps by itself. */
  readonly word?: (random: Random) => SpecValue
  readonly constraint?: string
  readonly unique?: true
  /** It is computed from all sources. */
  readonly merged?: true
  readonly otherwise?: string
}

type Maker = (random: Random, column: string, old: string) => Feature

/** Some columns, each of a kind of its own. */
export function makeFeatures(
  random: Random,
  names: (base: string) => string,
  i: number,
  kind: 'merge' | 'append',
): Feature[] {
  const makers = kind === 'merge' ? [...MAKERS, ...MERGED] : MAKERS
  return Array.from({ length: 1 + random.int(4) }, (_, at) => {
    const name = names(`c${i}${at}`)
    return random.pick(makers)(random, name, random.chance(0.6) ? name : names(`d${i}${at}`))
  })
}

const plain: Maker = (random, column, old) => {
  const type = random.pick(['text', 'text', 'integer', ...PLAIN_TYPES])
  return {
    column: { name: column, type, values: undefined },
    old: { name: old, type, role: 'value' },
    ...renamed(column, old),
  }
}

const narrow: Maker = (_random, column, old) => ({
  column: { name: column, type: 'varchar(14)', values: undefined },
  old: { name: old, type: 'text', role: 'value' },
  ...renamed(column, old),
})

const checked: Maker = (_random, column, old) => ({
  column: { name: column, type: 'integer', values: undefined },
  old: { name: old, type: 'integer', role: 'value' },
  constraint: `check (${quote(column)} >= 0)`,
  ...renamed(column, old),
})

const widened: Maker = (_random, column, old) => ({
  column: { name: column, type: 'numeric(5, 1)', values: undefined },
  old: { name: old, type: 'integer', role: 'value' },
  ...renamed(column, old),
})

const cents: Maker = (_random, column, old) => ({
  column: { name: column, type: 'numeric(12, 2)', values: undefined },
  old: { name: old, type: 'integer', role: 'value' },
  word: () => ({ from: `${quote(old)} / 100.0`, back: { [old]: `(${quote(column)} * 100)::integer` } }),
})

const scaled: Maker = (random, column, old) => ({
  column: { name: column, type: 'numeric(6, 2)', values: undefined },
  old: { name: old, type: 'numeric', role: 'value' },
  word: () => ({
    from: random.chance(0.5) ? quote(old) : `round(${quote(old)}, 1)`,
    back: random.chance(0.7) ? quote(column) : false,
  }),
})

const raising: Maker = (_random, column, old) => ({
  column: { name: column, type: 'integer', values: undefined },
  old: { name: old, type: 'integer', role: 'value' },
  word: () => ({ from: `100 / ${quote(old)}`, back: false }),
})

const lowered: Maker = (_random, column, old) => ({
  column: { name: column, type: 'text', values: undefined },
  old: { name: old, type: 'text', role: 'value' },
  word: () => ({ from: `lower(${quote(old)})`, back: { [old]: quote(column) } }),
})

const vocabulary: Maker = (random, column, old) => ({
  column: { name: column, type: 'text', values: 'word' },
  old: { name: old, type: 'text', role: 'value', values: 'word' },
  word: () => ({
    ...(column === old ? {} : { from: quote(old) }),
    values: { open: 'open', live: 'open', shut: 'shut' },
    ...random.pick([{}, { unknown: 'keep' }, { unknown: { as: 'shut' } }, { unknown: { as: null } }]),
  }),
})

const words: Maker = (_random, column, old) => ({
  column: { name: column, type: 'text', values: 'word' },
  old: { name: old, type: 'text', role: 'value', values: 'word' },
  ...renamed(column, old),
})

const needed: Maker = (random, column, old) => ({
  column: { name: column, type: `text not null${random.chance(0.5) ? " default 'absent'" : ''}`, values: undefined },
  old: { name: old, type: 'text', role: 'value' },
  ...renamed(column, old),
  ...(random.chance(0.5) ? { otherwise: literal('otherwise') } : {}),
})

const unique: Maker = (_random, column, old) => ({
  column: { name: column, type: 'text', values: 'unique' },
  old: { name: old, type: 'text', role: 'value', values: 'unique' },
  constraint: `unique (${quote(column)})`,
  unique: true,
  ...renamed(column, old),
})

const merged: Maker = (_random, column, old) => ({
  column: { name: column, type: 'bigint', values: undefined },
  old: { name: old, type: 'smallint', role: 'value' },
  merged: true,
})

const MAKERS = [plain, plain, narrow, checked, widened, cents, scaled, raising, lowered, vocabulary, words, needed]
const MERGED = [unique, unique, unique, merged]

function renamed(column: string, old: string): Pick<Feature, 'word'> | Record<never, never> {
  return column === old ? {} : { word: () => quote(old) }
}
