import { type Sql, sql } from '../lib/sql.ts'
import { type Candidate, type CandidateColumn, relationOf } from './candidate.ts'
import { chooseForm, keyOf } from './key-form.ts'
import type { KeyProfiles } from './key-profiles.ts'
import type { Identity, Link } from './overlap-document.ts'
import type { Reader } from './read-only-session.ts'

/** A table, the identity that it lacks, and the table between that has both. */
export interface LinkPlan {
  readonly table: Candidate
  readonly wants: Identity
  readonly through: Candidate
  readonly by: Identity
}

interface LinkRow {
  readonly rows: number
  readonly without: number
  readonly found: number
  readonly ambiguous: number
  readonly withoutKey: number
  readonly notFound: number
  readonly unlike: number
}

/** Counts over all rows; null where it could not be read. */
export async function measureLink(reader: Reader, profiles: KeyProfiles, plan: LinkPlan): Promise<Link | null> {
  const { table, wants, through, by } = plan
  const own = columnIn(table, by)
  const between = columnIn(through, by)
  const take = columnIn(through, wants)
  if (!own || !between || !take) return null
  reader.log.progress(`looking for ${wants.name} of ${table.name} in ${through.name}`)
  const profile = await profiles.read(table, [own], chooseForm([own], { isFolded: false, hasUuids: false }))
  const spelling = profile?.spelling ?? null
  const form = chooseForm([own, between], { isFolded: true, hasUuids: (spelling?.uuids ?? 0) > 0 })
  const isDigits = spelling !== null && spelling.digits > spelling.others + spelling.uuids
  const isUuid = spelling !== null && spelling.uuids > spelling.others + spelling.digits
  const unlike = isDigits ? DIGITS : isUuid ? UUIDS : sql`false`
  const takeForm = chooseForm([take], { isFolded: true, hasUuids: true })
  // How the key is written there is what a mapping has to know of it.
  await profiles.read(through, [take], takeForm)
  const query = sql`
    select count(*)::float8 as rows, count(*) filter (where t.j is null)::float8 as without,
           count(*) filter (where b.keys = 1)::float8 as found, count(*) filter (where b.keys > 1)::float8 as ambiguous,
           count(*) filter (where b.keys = 0)::float8 as "withoutKey",
           count(*) filter (where t.j is not null and b.keys is null)::float8 as "notFound",
           count(*) filter (where t.j is not null and b.keys is null and ${unlike})::float8 as unlike
    from (select ${keyOf([own], form, sql`t`)} as j from ${relationOf(table)} t) as t
    left join (
      select j, count(i) as keys
      from (select ${keyOf([between], form, sql`t`)} as j, ${keyOf([take], takeForm, sql`t`)} as i
            from ${relationOf(through)} t group by 1, 2) as d
      where j is not null
      group by j
    ) as b on b.j = t.j`
  const [row] = (await reader.rows<LinkRow & object>(`${table.name} through ${through.name}`, query)) ?? []
  if (row === undefined) return null
  return {
    ...{ table: table.name, wants: wants.name, through: through.name },
    by: { identity: by.name, column: own.name, throughColumn: between.name },
    ...{ take: take.name, rows: row.rows, withoutValue: row.without, found: row.found, ambiguous: row.ambiguous },
    ...{ withoutKey: row.withoutKey, notFound: row.notFound, unlikeOthers: row.unlike },
    sharedValues: profile?.rowsOfDuplicatedKeys ?? 0,
  }
}

const DIGITS: Sql = sql`t.j::text !~ '^[0-9]+$'`
const UUIDS: Sql = sql`replace(t.j::text, '-', '') !~* '^[0-9a-f]{32}$'`

export function columnIn(candidate: Candidate, identity: Identity): CandidateColumn | undefined {
  const member = identity.members.find((one) => one.table === candidate.name)
  return candidate.columns.find((one) => one.name === member?.column)
}

/** So many ways are measured for one table and one key; the table between that shares most comes first. */
const MOST_WAYS = 2

/**
 * The ways by which tables of a group find an identity that they lack and another one of the group has: through a table
 * that has it and shares a second identity with them. A table of the same group comes first.
 */
export function planLinks(
  group: readonly Candidate[],
  candidates: readonly Candidate[],
  identities: readonly Identity[],
  wanted: readonly Identity[],
): LinkPlan[] {
  const names = new Set(group.map((one) => one.name))
  const keys = identities.filter((one) => one.kind === 'key')
  return group.flatMap((table) =>
    wanted
      .filter((wants) => !has(wants, table) && wants.members.some((one) => names.has(one.table)))
      .flatMap((wants) => {
        const ways = keys
          .filter((by) => by !== wants && has(by, table))
          .flatMap((by) =>
            candidates
              .filter(
                (through) =>
                  through !== table && through.unreadable === null && has(by, through) && has(wants, through),
              )
              .map((through): LinkPlan => ({ table, wants, through, by })),
          )
        ways.sort((a, b) => Number(names.has(b.through.name)) - Number(names.has(a.through.name)))
        return ways.slice(0, MOST_WAYS)
      }),
  )
}

export function has(identity: Identity, candidate: Candidate): boolean {
  return identity.members.some((one) => one.table === candidate.name)
}
