import type { CatalogTable } from '../catalog/types.ts'
import { raw } from '../lib/sql.ts'
import type { Mapping, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { sampledWidths } from '../sqlgen/row-widths.ts'
import { type Asker, ask } from './ask.ts'
import type { CheckedSource } from './check-report.ts'
import type { Counted } from './count-refused.ts'
import {
  addSizes,
  type ExpectedSize,
  expectIndex,
  expectSize,
  expectSizeBy,
  type SourceWidths,
  tellSpace,
} from './expected-size.ts'
import { tellTime } from './expected-time.ts'
import type { Found } from './finding.ts'

/** Longer nobody waits for an estimate. */
const SAMPLE_SECONDS = 5

/** What can be told of one way into a new table before it is there; null where its rows could not be counted. */
export interface Measure {
  readonly name: string
  readonly size: ExpectedSize | null
  /** By a sample of its rows; else by the size of its old tables. */
  readonly sampled: boolean
  /** That reading and projecting all its rows takes. */
  readonly seconds: number | null
  readonly sources: readonly CheckedSource[]
}

export async function measure(
  asker: Asker,
  counted: Counted,
  t: TargetMapping,
  sources: readonly CheckedSource[],
  tables: readonly CatalogTable[],
): Promise<Measure> {
  const { unit, rows, refused, seconds } = counted
  const about = { name: t.name, seconds, sources, size: null, sampled: false }
  const { schema, name } = t.relation
  const table = tables.find((one) => one.schema === schema && one.name === name)
  if (unit === null || rows === null || refused === null || !table) return about
  const kept = refused + sources.reduce((all, one) => all + one.keyless, 0)
  const counts = { rows: rows - refused, kept }
  const widths: SourceWidths[] = []
  for (const s of unit.sources.filter((one) => !one.stub)) {
    const of = await sampleSource(
      asker,
      s,
      sources.find((one) => one.table === s.relation.name),
      rows,
    )
    if (of === null) return { ...about, size: expectSizeBy(await readSizes(asker, unit), counts) }
    widths.push(of)
  }
  return { ...about, sampled: true, size: expectSize(unit, table, counts, widths) }
}

async function sampleSource(
  asker: Asker,
  s: SourceMapping,
  checked: CheckedSource | undefined,
  newRows: number,
): Promise<SourceWidths | null> {
  const all = checked?.rows ?? 0
  const giving = all - (checked ? checked.leftOut + checked.keyless + checked.repeated : 0)
  const answer = await inTime(asker, () => ask<Record<string, number | null>>(asker, sampledWidths(s, all)))
  const [row] = answer.rows ?? []
  if (!row) return null
  const widthsOf = (letter: string, values: readonly unknown[]): number[] =>
    values.map((_, i) => row[`${letter}${i + 1}`] ?? 0)
  return {
    ...{ ordinal: s.ordinal, share: Math.min(1, giving / Math.max(1, newRows)) },
    ...{ key: widthsOf('k', s.key), feeds: widthsOf('f', s.feeds), carried: widthsOf('c', s.carried) },
  }
}

/** $1, $2: schemas and names of tables; of a partitioned one its partitions count. */
const SIZES = /* sql */ `
SELECT coalesce(sum(pg_table_size(p.oid)), 0)::float8 AS rows, coalesce(sum(pg_indexes_size(p.oid)), 0)::float8 AS indexes
  FROM unnest($1::text[], $2::text[]) AS t (schema, name)
  JOIN pg_namespace AS n ON n.nspname = t.schema
  JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
 CROSS JOIN LATERAL (SELECT c.oid UNION SELECT relid FROM pg_partition_tree(c.oid)) AS p (oid)`

async function readSizes({ client }: Asker, { sources }: TargetMapping): Promise<{ rows: number; indexes: number }> {
  const real = sources.filter((s) => !s.stub)
  const names = [real.map((s) => s.base.schema), real.map((s) => s.base.name)]
  const { rows } = await client.query<{ rows: number; indexes: number }>(SIZES, names)
  return rows[0] ?? { rows: 0, indexes: 0 }
}

/** What they come to: the disk, and the time of the backfill. Where nothing could be counted other findings say so. */
export async function tellMeasures(asker: Asker, mapping: Mapping, measures: readonly Measure[]): Promise<Found[]> {
  const size = raw('SELECT pg_database_size(current_database())::float8 AS bytes')
  const database = (await ask<{ bytes: number }>(asker, size)).rows?.[0]?.bytes ?? 0
  const sources = measures.flatMap((one) => one.sources)
  const needed = mapping.indexes.map(({ table, parts }) => {
    const rows = sources.find((one) => one.table === table.name)?.rows ?? 0
    return { rows: 0, indexes: expectIndex(rows, parts.length), lineage: 0 }
  })
  const sized = measures.flatMap((one) => one.size ?? [])
  const timed = measures.flatMap((one) => one.seconds ?? [])
  const namesOf = (left: readonly Measure[]): string[] => left.map((one) => one.name)
  if (sized.length === 0) return []
  return [
    tellSpace(addSizes([...sized, ...needed]), database, {
      unmeasured: namesOf(measures.filter((one) => one.size === null)),
      bySources: namesOf(measures.filter((one) => one.size !== null && !one.sampled)),
    }),
    tellTime(
      mapping,
      timed.reduce((all, one) => all + one, 0),
      namesOf(measures.filter((one) => one.seconds === null)),
    ),
  ]
}

/** What throws is the end of the transaction, too. */
async function inTime<Result>({ client }: Asker, fn: () => Promise<Result>): Promise<Result> {
  const { rows } = await client.query<{ before: string }>(
    /* sql */ `SELECT current_setting('statement_timeout') AS before, set_config('statement_timeout', $1, true)`,
    [`${SAMPLE_SECONDS}s`],
  )
  const result = await fn()
  await client.query(/* sql */ `SELECT set_config('statement_timeout', $1, true)`, [rows[0]?.before ?? '0'])
  return result
}
