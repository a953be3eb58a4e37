import type { CatalogTable } from '../catalog/types.ts'
import type { NewForeignKey } from '../spec/foreign-keys.ts'
import type { Mapping, SourceMapping, TargetColumn, TargetMapping } from '../spec/mapping.ts'
import { beatenRows, conflictingValues, feeding, repeatedKeys, unreachedRows } from '../sqlgen/check-rows.ts'
import { orphanedRows, strandedRows } from '../sqlgen/parentless-rows.ts'
import { parentsOf } from '../sqlgen/refusal.ts'
import { type Answer, type Asker, ask } from './ask.ts'
import type { CheckExample, CheckedSource } from './check-report.ts'
import { examplesOf, tellUncounted } from './count-refused.ts'
import type { Found } from './finding.ts'

/** Columns of one statement, which takes 1,664 results; each has two. */
const AT_ONCE = 500

/** For each column that several sources feed: how many keys they disagree about, and whose value wins. */
export async function compareSources(asker: Asker, t: TargetMapping): Promise<Found[]> {
  const columns = t.columns.filter((c) => !t.key.some((k) => k.name === c.name) && feeding(t, c.name).length > 1)
  const found: Found[] = []
  for (let at = 0; at < columns.length; at += AT_ONCE) {
    found.push(...(await compareColumns(asker, t, columns.slice(at, at + AT_ONCE))))
  }
  return found
}

async function compareColumns(asker: Asker, t: TargetMapping, columns: readonly TargetColumn[]): Promise<Found[]> {
  const names = columns.map((c) => c.name)
  const answer = await ask<Record<string, string | null>>(asker, conflictingValues(t, names))
  if (answer.rows === null) return [tellUncounted([t.name, 'conflicts'], t.name, answer)]
  const [row = {}] = answer.rows
  return columns.flatMap((column, i): Found[] => {
    const rows = Number(row[`c${i + 1}`] ?? 0)
    if (rows === 0) return []
    const example = row[`e${i + 1}`]
    return [
      {
        ...{ id: [t.name, 'conflict', column.name], severity: 'decide', where: `${t.name}.${column.name}`, rows },
        what: `${feeding(t, column.name)
          .map((s) => s.relation.name)
          .join(' and ')} disagree; ${winner(t, column)}`,
        examples: example ? [JSON.parse(example) as CheckExample] : [],
        advice: `If that is wrong, give another order or rule: columns: { ${column.name}: { sources: […] } } or pick: 'latest by …'.`,
      },
    ]
  })
}

function winner(t: TargetMapping, { rule }: TargetColumn): string {
  if (rule.kind === 'expression') return 'the expression of the mapping settles it'
  const names = rule.sources.flatMap((ordinal) => t.sources.find((s) => s.ordinal === ordinal)?.relation.name ?? [])
  if (rule.kind === 'latest') return 'the row that was changed last wins'
  return rule.kind === 'first row'
    ? `the first of ${names.join(', ')} that has a row wins`
    : `the first of ${names.join(', ')} that has a value wins`
}

interface CountRow {
  readonly rows: string
  readonly keys: readonly (readonly (string | null)[])[] | null
}

/** Rows that would be alone in the new tables: without a parent, or beside another that keeps their unique value. */
export async function checkAmongRows(
  asker: Asker,
  m: Mapping,
  tables: readonly CatalogTable[],
  foreignKeys: readonly NewForeignKey[],
): Promise<Found[]> {
  const found: Found[] = []
  const note = (answer: Answer<CountRow>, one: Omit<Found, 'rows' | 'examples'>): void => {
    const [row] = answer.rows ?? []
    if (answer.rows === null) found.push(tellUncounted(one.id, one.where, answer))
    else if (Number(row?.rows ?? 0) > 0)
      found.push({ ...one, rows: Number(row?.rows), examples: examplesOf(row?.keys ?? null) })
  }
  for (const t of m.targets) {
    for (const rule of parentsOf(t)) {
      const columns = rule.columns.join(', ')
      note(await ask<CountRow>(asker, orphanedRows(m, t, rule)), {
        ...{ id: [t.name, 'parent', ...rule.columns], severity: 'stops', where: `${t.name} (${columns})` },
        what: `no row of ${rule.relation.name} that they reference is taken over`,
        advice: `Cure what keeps the parents out; or have them made: parent: { ${rule.relation.name}: 'stub' }.`,
      })
    }
    for (const key of foreignKeys.filter((f) => f.table === t.relation.name)) {
      const rule = stayingParent(m, t, key, tables)
      if (rule === null) continue
      note(await ask<CountRow>(asker, strandedRows(t, rule)), {
        ...{
          id: [t.name, 'foreign-key', ...key.columns],
          severity: 'stops',
          where: `${t.name} (${key.columns.join(', ')})`,
        },
        what: `${key.references} has no row that they reference`,
        advice: 'Correct the old rows, or leave them out (where); finish would refuse.',
      })
    }
  }
  for (const { units, columns } of uniqueKeys(m, tables)) {
    const where = units.length === 1 ? (units[0]?.name ?? '') : (units[0]?.relation.name ?? '')
    const omits =
      units.length === 1 && units[0]?.uniques.some((u) => u.otherwise === 'omit' && sameSet(u.columns, columns))
    note(await ask<CountRow>(asker, beatenRows(units, columns)), {
      ...{
        id: [where, 'unique', ...columns],
        severity: omits ? 'note' : 'stops',
        where: `${where} (${columns.join(', ')})`,
      },
      what: `another row has the same ${columns.join(', ')}, which must be unique${omits ? '; they are left out by rule' : ''}`,
      advice: omits
        ? 'Nothing, if that is meant.'
        : `Say which stays: unique: { '${columns.join(', ')}': { pick: 'latest by …', otherwise: 'omit' } }, or drop the unique key.`,
    })
  }
  return found
}

/** Of a foreign key to a table that stays; what the new side fills by itself isn't asked. */
function stayingParent(
  m: Mapping,
  t: TargetMapping,
  key: NewForeignKey,
  tables: readonly CatalogTable[],
): { relation: { schema: string; name: string }; columns: readonly string[]; referenced: readonly string[] } | null {
  if (m.targets.some((u) => u.relation.name === key.references)) return null
  const table = tables.find((c) => c.schema === m.oldSchema && c.name === key.references)
  const primary = table?.indexes.find((index) => index.primary)?.columns.flatMap((name) => name ?? []) ?? []
  const referenced = key.referenced.length > 0 ? key.referenced : primary
  if (!table || !key.columns.every((name) => t.columns.some((c) => c.name === name))) return null
  return { relation: { schema: table.schema, name: table.name }, columns: key.columns, referenced }
}

/** Unique keys that the old rows may break: those of one way in, and those that several ways share. */
function uniqueKeys(
  m: Mapping,
  tables: readonly CatalogTable[],
): { units: readonly TargetMapping[]; columns: readonly string[] }[] {
  const shared = tables
    .filter((table) => table.schema === m.newSchema)
    .flatMap((table) =>
      table.indexes.filter((i) => i.unique && i.predicate === null).map((index) => ({ table, index })),
    )
    .flatMap(({ table, index }) => {
      const columns = index.columns.flatMap((name) => name ?? [])
      const units = m.targets.filter(
        (t) => t.relation.name === table.name && columns.every((name) => t.columns.some((c) => c.name === name)),
      )
      return units.length > 1 && columns.length === index.columns.length ? [{ units, columns }] : []
    })
  const own = m.targets.flatMap((t) => t.uniques.map((rule) => ({ units: [t], columns: rule.columns })))
  return [
    ...shared,
    ...own.filter(
      (one) => !shared.some((s) => s.units.includes(one.units[0] as TargetMapping) && sameSet(s.columns, one.columns)),
    ),
  ]
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name))
}

interface Unreached {
  readonly rows: string
  readonly leftOut: string
  readonly keyless: string
  readonly first: readonly (string | null)[] | null
}

/** Rows of one old table that no new row is made of. */
export async function checkSource(
  asker: Asker,
  t: TargetMapping,
  s: SourceMapping,
): Promise<{ source: CheckedSource | null; found: Found[] }> {
  const [answer, again] = [
    await ask<Unreached>(asker, unreachedRows(s)),
    s.unique ? null : await ask<{ rows: string; first: readonly (string | null)[] | null }>(asker, repeatedKeys(t, s)),
  ]
  const name = s.relation.name
  const [row] = answer.rows ?? []
  if (!row) return { source: null, found: [tellUncounted([t.name, 'source', name], name, answer)] }
  const [leftOut, keyless, repeated] = [row.leftOut, row.keyless, again?.rows?.[0]?.rows ?? '0'].map(Number) as [
    number,
    number,
    number,
  ]
  const about = (id: string, rows: number, first: readonly (string | null)[] | null) => ({
    ...{ id: [t.name, id, name], where: name, rows, examples: first ? [{ key: first, values: [] }] : [] },
  })
  const byRule = s.otherwise === 'omit'
  const found: Found[] = [
    ...(leftOut > 0
      ? [
          {
            ...about('left-out', leftOut, null),
            severity: 'note' as const,
            what: 'the mapping leaves them out by its condition',
            advice: 'Nothing, if that is meant; until finish the old table keeps them.',
          },
        ]
      : []),
    ...(keyless > 0
      ? [
          {
            ...about('no-key', keyless, row.first),
            severity: byRule ? ('note' as const) : ('stops' as const),
            what: `they have no key of ${t.name}${byRule ? '; they are left out by rule' : ''}`,
            advice: byRule ? 'Nothing, if that is meant.' : "Give them a key, or leave them out: otherwise: 'omit'.",
          },
        ]
      : []),
    ...(repeated > 0
      ? [
          {
            ...about('repeated-key', repeated, again?.rows?.[0]?.first ?? null),
            severity: 'decide' as const,
            what: `another row of ${name} has the same key and feeds the new row; what they alone hold stays behind`,
            advice:
              s.latestBy === null
                ? "The first by its identity counts; say otherwise with latestBy: '<column>'."
                : `The latest by ${s.latestBy} counts.`,
          },
        ]
      : []),
    ...(again?.error ? [tellUncounted([t.name, 'repeated-key', name], name, again)] : []),
  ]
  return { source: { table: name, rows: Number(row.rows), leftOut, keyless, repeated }, found }
}
