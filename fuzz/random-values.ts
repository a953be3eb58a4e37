import type { Random } from '../test/scenarios/random.ts'
import type { OldColumn } from './case.ts'
import { literal } from './write-sql.ts'

const WORDS = ['open', 'live', 'shut', 'zombie'] as const

/** A readable uuid, `keyOf(7)`. */
export function uuidOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

/** How the key or link with number `n` is written in a column of this type: a text has more than one way, some of them wrong. */
export function keyText(random: Random, type: string, kind: string, n: number): string | null {
  const clean = kind === 'uuid' ? uuidOf(n) : kind === 'text' ? `key ${n}` : String(n)
  if (type === 'numeric') return random.chance(0.3) ? `${n}.00` : clean
  if (type !== 'text' || kind === 'text') return clean
  const uuid = [clean.toUpperCase(), clean.replaceAll('-', ''), `{${clean}}`, `  ${clean} `, 'made-up', '', `${clean}x`]
  const number = [` ${n}`, `+${n}`, `0${n}`, 'made-up', '', '99999999999999999999', `${n}.`]
  const mess = kind === 'uuid' ? uuid : number
  return random.chance(0.6) ? clean : random.pick(mess)
}

interface ValueColumn {
  readonly type: string
  readonly values?: OldColumn['values'] | undefined
  readonly notNull?: boolean
}

/** Few values, so that rows meet; some that don't fit. As SQL. */
export function oneValue(random: Random, column: ValueColumn, token: string): string {
  if (!column.notNull && random.chance(0.15)) return 'null'
  if (column.values === 'word') return literal(random.pick(random.chance(0.9) ? WORDS.slice(0, 3) : WORDS))
  if (column.values === 'unique') return literal(`u${random.int(6)}`)
  const type = column.type.replace(/\(.*/, '')
  if (type === 'text' || type === 'varchar') return literal(random.chance(0.85) ? token : random.pick(TEXTS))
  const values = VALUES[type]
  return values ? random.pick(values) : 'null'
}

const TEXTS = ['', ' ', 'a "b" \'c\'', 'İ😀', 'too long for a short one', '\\', 'null', '{a,b}']
const VALUES: { readonly [type: string]: readonly string[] } = {
  integer: ['0', '1', '2', '3', '7', '-1', '40000', '2147483647'],
  smallint: ['0', '1', '-3'],
  bigint: ['0', '5', '9007199254740993'],
  numeric: ['0', '1', '1.0', '1.50', '2.345', '-1', '99999.99', "'NaN'"],
  boolean: ['true', 'false'],
  timestamptz: [
    "'2025-01-01 00:00:00+00'",
    "'2025-01-02 12:00:00.123456+02'",
    "'2025-03-30 01:59:59+00'",
    "'infinity'",
    "'2025-01-01 00:00:00+00'",
  ],
  date: ["'2025-01-01'", "'2025-02-28'", "'-infinity'"],
  jsonb: [`'{"a": 1.0}'`, `'{"a": 1.00}'`, `'[]'`, `'"x"'`, `'{"big": 12345678901234567890}'`, `'null'`],
  json: [`'{"a":1,"a":2}'`, `'[1, 2]'`],
  'text[]': [`array['x', null, 'y,"z']`, `'{}'`],
  bytea: [`'\\x00ff'`, `'\\x'`],
  'double precision': ['0', "'-0'", '0.1', "'NaN'", '1e308'],
}
export const PLAIN_TYPES = Object.keys(VALUES)
