import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { formatCount } from '../lib/progress-line.ts'
import { familyOf } from '../overlap/column-family.ts'
import type { KeyProfile, OverlapDocument, OverlapGroup, Pair } from '../overlap/overlap-document.ts'
import { keepsIdentity } from '../spec/types-fit.ts'
import { question, type Remark, reason } from './design-plan.ts'
import { type FittedType, fitType, plainType } from './fit-type.ts'
import { plainName } from './plain-name.ts'
import { holdsUuids } from './plan-column.ts'

/** The column of a table by which its rows belong together with those of other tables. */
export interface KeyMember {
  readonly table: CatalogTable
  readonly column: CatalogColumn
  readonly profile: KeyProfile | null
}

export interface KeyPlan {
  readonly name: string
  readonly type: FittedType
  readonly members: readonly KeyMember[]
  readonly remarks: readonly Remark[]
}

/** By the group's identity; of several such columns of a table the one that tells most rows apart. Null without one. */
export function planKey(
  group: OverlapGroup,
  tables: readonly CatalogTable[],
  { identities, keys }: OverlapDocument,
): KeyPlan | null {
  const identity = identities.find((one) => one.name === group.key && one.kind === 'key')
  if (!identity) return null
  const members = tables.flatMap((table): KeyMember[] => {
    const columns = identity.members.filter((one) => one.table === table.name).map(({ column }) => column)
    const found = columns.flatMap((name): KeyMember[] => {
      const column = table.columns.find((one) => one.name === name)
      const profile = keys.find((one) => one.table === table.name && one.columns.join() === name) ?? null
      return column ? [{ table, column, profile }] : []
    })
    const repeats = ({ profile }: KeyMember): number => profile?.rowsOfDuplicatedKeys ?? Number.MAX_SAFE_INTEGER
    return found.sort((a, b) => repeats(a) - repeats(b)).slice(0, 1)
  })
  if (members.length < 2) return null
  const type = fitKey(members)
  const name = identity.name.replace(/^crossfade_/, '')
  const remarks = [reason(`the key that ${members.map(({ table }) => table.name).join(', ')} have; ${type.why}`)]
  return { name, type, members, remarks: [...remarks, ...members.flatMap((one) => tellRowsWithoutKey(one, type))] }
}

function fitKey(members: readonly KeyMember[]): FittedType {
  const columns = members.map(({ column }) => column)
  const isUuid = ({ column, profile }: KeyMember): boolean =>
    column.baseType === 'uuid' || (profile?.spelling != null && holdsUuids(profile.spelling))
  if (members.every(isUuid)) return fitType(columns, true)
  const families = new Set(columns.map(familyOf))
  if (families.size === 1 && !families.has('text')) return fitType(columns, false)
  const isNumber = ({ column, profile }: KeyMember): boolean =>
    familyOf(column) === 'integer' ||
    (profile?.spelling != null && profile.spelling.digits > 19 * (profile.spelling.others + profile.spelling.uuids))
  if (families.has('integer') && members.every(isNumber)) return plainType('bigint', 'bigint, as its texts are numbers')
  return plainType('text', 'text, as it is')
}

function tellRowsWithoutKey({ table, profile }: KeyMember, { baseType }: FittedType): Remark[] {
  if (profile === null) return []
  const { rowsWithoutKey, spelling } = profile
  const unfit = spelling !== null && baseType === 'uuid' ? spelling.others + spelling.digits : 0
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
  { column, profile }: KeyMember,
  key: KeyPlan,
): { readonly key: string; readonly back: { readonly [old: string]: string } | null } {
  const name = plainName(column.name)
  const isText = familyOf(column) === 'text' && key.type.baseType === 'text'
  const spelling = key.members.map((one) => one.profile?.spelling ?? null)
  const varies = spelling.some((one) => one !== null && one.withBlanksAround + one.withCapitals > 0)
  const folds = key.members.some((one) => one.profile?.form === 'folded' || one.profile?.form === 'undashed')
  if (isText && varies && folds && profile !== null)
    return { key: `lower(btrim(${name}))`, back: { [column.name]: plainName(key.name) } }
  if (column.baseType === key.type.baseType || keepsIdentity(column, key.type.baseType))
    return { key: name, back: null }
  return { key: `${name}::${key.type.baseType}`, back: null }
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
  const columnOf = (name: string): string | undefined =>
    key.members.find(({ table }) => table.name === name)?.column.name
  return pairs.filter(
    (pair) => pair.key?.left.join() === columnOf(pair.left) && pair.key?.right.join() === columnOf(pair.right),
  )
}
