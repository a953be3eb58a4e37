import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { formatCount } from '../lib/progress-line.ts'
import { familyOf, hasKeyName } from '../overlap/column-family.ts'
import type { KeyProfile, OverlapDocument, OverlapGroup, Pair } from '../overlap/overlap-document.ts'
import { keepsIdentity } from '../spec/types-fit.ts'
import type { DesignFacts } from './design-facts.ts'
import { question, type Remark, reason } from './design-plan.ts'
import { type FittedType, fitType, plainType } from './fit-type.ts'
import { plainName } from './plain-name.ts'
import { holdsUuids } from './plan-column.ts'
import { readTexts } from './text-types.ts'

/** The columns of a table by which its rows belong together with those of other tables. */
export interface KeyMember {
  readonly table: CatalogTable
  /** One for each column of the key. */
  readonly columns: readonly CatalogColumn[]
  readonly profile: KeyProfile | null
}

/** A column of the new key. */
export interface KeyPart {
  readonly name: string
  readonly type: FittedType
}

export interface KeyPlan {
  readonly parts: readonly KeyPart[]
  /** What the overlap calls the columns that hold it; null where it has no one word for them. */
  readonly identity: string | null
  readonly members: readonly KeyMember[]
  readonly remarks: readonly Remark[]
}

/**
 * By what the overlap joined two tables by; of more by the group's identity, or by what each pair of them was joined by where
 * that is the same. Null without one.
 */
export function planKey(group: OverlapGroup, tables: readonly CatalogTable[], facts: DesignFacts): KeyPlan | null {
  const byIdentity = membersByIdentity(group, tables, facts.overlap)
  const byPairs = tables.length === 2 || byIdentity === null ? membersByPairs(tables, facts.overlap) : null
  const members = byPairs ?? byIdentity
  if (members === null) return null
  const identity = byPairs === null ? group.key : null
  const parts = planParts(members, identity, facts)
  const types = [...new Set(parts.map(({ type }) => type.why))].filter((why) => !why.endsWith('as it is'))
  const who = `the key that ${members.map(({ table }) => table.name).join(', ')} have`
  const remarks = [reason([who, ...types].join('; '))]
  return {
    ...{ parts, identity, members },
    remarks: [...remarks, ...members.flatMap((one) => tellRowsWithoutKey(one, parts))],
  }
}

/** Of several such columns of a table the one that tells most rows apart. */
function membersByIdentity(
  group: OverlapGroup,
  tables: readonly CatalogTable[],
  { identities, keys }: OverlapDocument,
): KeyMember[] | null {
  const identity = identities.find((one) => one.name === group.key && one.kind === 'key')
  if (!identity) return null
  const members = tables.flatMap((table): KeyMember[] => {
    const columns = identity.members.filter((one) => one.table === table.name).map(({ column }) => column)
    const found = columns.flatMap((name): KeyMember[] => {
      const column = table.columns.find((one) => one.name === name)
      const profile = keys.find((one) => one.table === table.name && one.columns.join() === name) ?? null
      return column ? [{ table, columns: [column], profile }] : []
    })
    const repeats = ({ profile }: KeyMember): number => profile?.rowsOfDuplicatedKeys ?? Number.MAX_SAFE_INTEGER
    return found.sort((a, b) => repeats(a) - repeats(b)).slice(0, 1)
  })
  return members.length < 2 ? null : members
}

/** The columns by which every two of these tables were joined, where each table has the same ones every time. */
function membersByPairs(tables: readonly CatalogTable[], { pairs, keys }: OverlapDocument): KeyMember[] | null {
  const joined = new Map<string, readonly string[]>()
  for (const { left, right, key, counts } of pairs) {
    const isAsked = [left, right].every((name) => tables.some((table) => table.name === name))
    if (!isAsked || key === null || counts === null || counts.shared === 0) continue
    for (const [table, columns] of [
      [left, key.left],
      [right, key.right],
    ] as const) {
      if ((joined.get(table) ?? columns).join('\0') !== columns.join('\0')) return null
      joined.set(table, columns)
    }
  }
  const members = tables.flatMap((table): KeyMember[] => {
    const names = joined.get(table.name) ?? []
    const columns = names.flatMap((name) => table.columns.find((one) => one.name === name) ?? [])
    const profile = keys.find((one) => one.table === table.name && one.columns.join('\0') === names.join('\0')) ?? null
    return columns.length > 0 && columns.length === names.length ? [{ table, columns, profile }] : []
  })
  const isWhole = members.length === tables.length && members.length > 1
  return isWhole && members.some(isMadeForIt) ? members : null
}

/** A single text that isn't named so happens to be the same; it tells no rows apart. */
function isMadeForIt({ columns }: KeyMember): boolean {
  return columns.length > 1 || columns.some((column) => familyOf(column) !== 'text' || hasKeyName(column.name))
}

function planParts(members: readonly KeyMember[], identity: string | null, facts: DesignFacts): KeyPart[] {
  const parts: KeyPart[] = []
  for (const at of (members[0]?.columns ?? []).keys()) {
    const fields = members.flatMap(({ table, columns, profile }): KeyField[] => {
      const column = columns[at]
      const spelling = columns.length === 1 ? (profile?.spelling ?? null) : null
      return column ? [{ table, column, spelling }] : []
    })
    const wanted = (identity ?? mostUsedName(fields)).replace(/^crossfade_/, '')
    const isTaken = parts.some((part) => part.name === wanted)
    parts.push({ name: isTaken ? `${wanted}_${at + 1}` : wanted, type: fitKey(fields, facts) })
  }
  return parts
}

interface KeyField {
  readonly table: CatalogTable
  readonly column: CatalogColumn
  readonly spelling: KeyProfile['spelling']
}

function mostUsedName(fields: readonly KeyField[]): string {
  const names = fields.map(({ column }) => column.name)
  const count = (name: string): number => names.filter((one) => one === name).length
  return [...names].sort((a, b) => count(b) - count(a))[0] ?? 'key'
}

function fitKey(fields: readonly KeyField[], facts: DesignFacts): FittedType {
  const columns = fields.map(({ column }) => column)
  const isUuid = ({ column, spelling }: KeyField): boolean =>
    column.baseType === 'uuid' || (spelling !== null && holdsUuids(spelling))
  if (fields.every(isUuid)) return fitType(columns, 'uuid', facts.domains)
  const families = new Set(columns.map(familyOf))
  if (families.size === 1 && !families.has('text')) return fitType(columns, null, facts.domains)
  const isNumber = ({ column, spelling }: KeyField): boolean =>
    familyOf(column) === 'integer' || (spelling !== null && spelling.digits > 19 * (spelling.others + spelling.uuids))
  if (families.has('integer') && fields.every(isNumber)) return plainType('bigint', 'bigint, as its texts are numbers')
  const texts = readTexts(
    fields.map(({ table, column }) => ({ table: table.name, column })),
    facts.columns,
  )
  if (texts !== null) return fitType(columns, texts, facts.domains)
  return plainType('text', 'text, as it is')
}

function tellRowsWithoutKey({ table, profile }: KeyMember, parts: readonly KeyPart[]): Remark[] {
  if (profile === null) return []
  const { rowsWithoutKey, spelling } = profile
  const isUuid = parts.length === 1 && parts[0]?.type.baseType === 'uuid'
  const unfit = spelling !== null && isUuid ? spelling.others + spelling.digits : 0
  return [
    ...(rowsWithoutKey > 0
      ? [
          question(
            `${formatCount(rowsWithoutKey)} rows of ${table.name} have no key and wait in the journal. Leave them out by rule (otherwise: 'omit')?`,
          ),
        ]
      : []),
    ...(unfit > 0
      ? [
          question(
            `${formatCount(unfit)} rows of ${table.name} have a key that is no uuid and wait in the journal. Leave them out by a where?`,
          ),
        ]
      : []),
  ]
}

/** The key of one source as the mapping has it, and the way back where it isn't found by itself. */
export function keyExpression(
  member: KeyMember,
  key: KeyPlan,
): { readonly key: string | readonly string[]; readonly back: { readonly [old: string]: string } | null } {
  const fields = member.columns.map((column, at) => ({ column, part: key.parts[at] }))
  const found = fields.map(({ column, part }) => expressionOf(column, part, member, key))
  const back = Object.assign({}, ...found.map((one) => one.back))
  const [only, ...more] = found.map((one) => one.key)
  return {
    key: only !== undefined && more.length === 0 ? only : found.map((one) => one.key),
    back: Object.keys(back).length > 0 ? back : null,
  }
}

function expressionOf(
  column: CatalogColumn,
  part: KeyPart | undefined,
  { profile }: KeyMember,
  { members }: KeyPlan,
): { readonly key: string; readonly back: { readonly [old: string]: string } } {
  const name = plainName(column.name)
  if (part === undefined) return { key: name, back: {} }
  const { baseType } = part.type
  const spelling = members.map((one) => one.profile?.spelling ?? null)
  const varies =
    spelling.some((one) => one !== null && one.withBlanksAround + one.withCapitals > 0) ||
    members.some((one) => one.columns.length > 1)
  const folds = members.some((one) => one.profile?.form === 'folded' || one.profile?.form === 'undashed')
  if (familyOf(column) === 'text' && baseType === 'text' && varies && folds && profile !== null)
    return { key: `lower(btrim(${name}))`, back: { [column.name]: plainName(part.name) } }
  if (column.baseType === baseType || keepsIdentity(column, baseType)) return { key: name, back: {} }
  return { key: `${name}::${baseType}`, back: {} }
}

/**
 * The table because of which rows of one key are no single row, but facts of their own: every fifth of its rows or more shares
 * its key with another one (measurements, versions, entries), or its keys could not be counted. Null where they can be merged.
 */
export function findRepeated({ members }: KeyPlan): KeyMember | null {
  return members.find(({ profile }) => profile === null || profile.rowsOfDuplicatedKeys * 5 > profile.rows) ?? null
}

/** The pairs that were joined by this key; what others say of shared rows is said of rows that may not belong together. */
export function pairsByKey(key: KeyPlan, pairs: readonly Pair[]): Pair[] {
  const columnsOf = (name: string): string | undefined =>
    key.members
      .find(({ table }) => table.name === name)
      ?.columns.map((column) => column.name)
      .join('\0')
  return pairs.filter(
    (pair) =>
      pair.key?.left.join('\0') === columnsOf(pair.left) && pair.key?.right.join('\0') === columnsOf(pair.right),
  )
}
