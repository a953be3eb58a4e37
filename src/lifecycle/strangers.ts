import type pg from 'pg'
import type { Stage } from '../control/state.ts'
import { RefusedError } from '../lib/errors.ts'
import type { Mapping } from '../spec/mapping.ts'
import { triggerSchemas } from '../sqlgen/trigger-path.ts'
import { strangersQuery } from './strangers.sql.ts'

/** Roles with one right on some objects, by which they could have code of their own run by native writes of others. */
export interface Strangers {
  readonly kind: 'TABLE' | 'SCHEMA' | 'DATABASE' | 'FUNCTION'
  /** As SQL names them. */
  readonly objects: readonly string[]
  readonly roles: readonly string[]
  /** As `trusted` names the roles; everybody is `public`, as which no role can be named. */
  readonly names: readonly string[]
  /** No REVOKE takes it away from them. */
  readonly owns: boolean
  /** They may have given it to others. */
  readonly grantable: boolean
  /** The role of Crossfade, with whose rights the code would run. */
  readonly us: string
  /** By the mapping's own word (`trusted`). */
  readonly trusted: boolean
}

interface Found extends Pick<Strangers, 'kind' | 'owns' | 'grantable' | 'us'> {
  readonly object: string
  readonly role: string
  readonly who: string
}

/** Those with the same right on the same objects as one, tables first. */
export async function readStrangers(client: pg.ClientBase, mapping: Mapping): Promise<Strangers[]> {
  const sources = mapping.targets.flatMap((t) => t.sources.filter((s) => !s.stub).flatMap((s) => [s.relation, s.base]))
  const { rows } = await client.query<Found>(strangersQuery, [
    sources.map((s) => s.schema),
    sources.map((s) => s.name),
    triggerSchemas(mapping),
  ])
  const trusted = (row: Found): boolean => mapping.trusted.includes(row.role)
  const ofRole = groupBy(rows, (row) => [row.kind, row.role, row.owns])
  const objects = (group: readonly Found[]): string[] => group.map((row) => row.object)
  const alike = groupBy([...ofRole.values()], (group) => {
    const [first] = group
    return first && [first.kind, first.owns, trusted(first), objects(group)]
  })
  return [...alike.values()].flatMap((groups) => {
    const [first] = groups.flat()
    if (!first) return []
    const { kind, owns, us } = first
    return [
      {
        kind,
        objects: objects(groups[0] ?? []),
        roles: groups.flatMap((group) => group[0]?.who ?? []),
        names: groups.flatMap((group) => group[0]?.role ?? []),
        owns,
        grantable: groups.flat().some((row) => row.grantable),
        us,
        trusted: trusted(first),
      },
    ]
  })
}

/**
 * Throws RefusedError while somebody could have code of his own run with Crossfade's rights whom the approved mapping
 * doesn't trust, or the configuration (`still`) no longer.
 */
export async function assertNoStrangers(
  client: pg.ClientBase,
  mapping: Mapping,
  still: readonly string[] = [],
): Promise<void> {
  const trusted = mapping.trusted.filter((role) => still.includes(role))
  const strangers = (await readStrangers(client, { ...mapping, trusted })).filter((one) => !one.trusted)
  const [first] = strangers
  if (!first) return
  const names = [...new Set(strangers.flatMap((one) => one.names))]
  const revokes = strangers.flatMap(revokeOf)
  const owners = [...new Set(strangers.filter((one) => one.owns).flatMap((one) => one.roles))]
  throw new RefusedError(
    'move.strangers',
    `From move on, a native write fires the old tables' triggers with the rights of ${first.us}, and some roles could put code of their own there: ${strangers.map(describeStrangers).join('; ')}.`,
    {
      hint: [
        ...(revokes.length > 0 ? ['Nobody needs these rights to read or write rows. Take them away:', ...revokes] : []),
        ...(owners.length > 0 ? [`No REVOKE binds an owner (${owners.join(', ')}).`] : []),
        `A role that you trust with all that ${first.us} may do is named in the configuration: trusted: [${names.map((name) => `'${name}'`).join(', ')}]; then: crossfade approve drift`,
      ].join('\n'),
    },
  )
}

/** Sentences for `status`: what move will refuse for, and what a later grant has opened again. */
export async function describeOpening(client: pg.ClientBase, mapping: Mapping, stage: Stage): Promise<string[]> {
  if (stage !== 'reads' && stage !== 'move') return []
  const strangers = (await readStrangers(client, mapping)).filter((one) => !one.trusted)
  return strangers.map((one) => {
    const cure = revokeOf(one).map((revoke) => ` Take the right away: ${revoke}`)
    return stage === 'reads'
      ? `crossfade move will refuse: ${describeStrangers(one)}.${cure.join('')}`
      : `${describeStrangers(one)}, and native writes run ${one.kind === 'TABLE' ? 'them' : 'what is there'} with the rights of ${one.us}.${cure.join('')}`
  })
}

/** `anon and authenticated may make triggers on public.notes`. */
export function describeStrangers({ kind, objects, roles, owns }: Strangers): string {
  const [who, what] = [listWords(roles), listWords(objects)]
  if (kind === 'FUNCTION') return `${who} owns function ${what}, which a trigger calls`
  if (owns) return `${who} owns ${kind === 'TABLE' ? '' : `${kind.toLowerCase()} `}${what}`
  if (kind === 'TABLE') return `${who} may make triggers on ${what}`
  if (kind === 'SCHEMA') return `${who} may make functions and operators in schema ${what}`
  return `${who} may make a schema in ${what}`
}

/** The statement that takes the right away; none for what an owner has. */
export function revokeOf({ kind, objects, roles, owns, grantable }: Strangers): string[] {
  if (owns || kind === 'FUNCTION') return []
  const right = kind === 'TABLE' ? 'TRIGGER ON' : `CREATE ON ${kind}`
  return [`REVOKE ${right} ${objects.join(', ')} FROM ${roles.join(', ')}${grantable ? ' CASCADE' : ''};`]
}

function groupBy<Row>(rows: readonly Row[], by: (row: Row) => unknown): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = JSON.stringify(by(row))
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return groups
}

function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
