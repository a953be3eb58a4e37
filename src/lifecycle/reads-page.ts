import type pg from 'pg'
import { quantile } from '../client/histogram.ts'
import { sumMeasures } from '../client/measures.ts'
import {
  type FoundMismatch,
  readMeasures,
  readMismatches,
  readOutcomes,
  readShadow,
  type ToldMeasure,
} from '../control/reads.ts'

/** Reads of one step of the ramp, tables and side together. */
export interface SideTimes {
  readonly percent: number
  readonly tables: string
  readonly side: 'old' | 'new'
  /** Off the path: nobody waited for them. */
  readonly shadow: boolean
  readonly reads: number
  readonly errors: number
  /** Milliseconds; null where all failed. */
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

/** What clients have told of their reads. */
export interface ReadsEvidence {
  /** The most that clients compare. */
  readonly shadowPercent: number
  /** What became of the reads that were to be compared. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly mismatches: readonly FoundMismatch[]
  readonly times: readonly SideTimes[]
}

export async function readReadsEvidence(session: pg.ClientBase): Promise<ReadsEvidence> {
  return {
    shadowPercent: await readShadow(session),
    outcomes: await readOutcomes(session),
    mismatches: await readMismatches(session),
    times: sumTimes(await readMeasures(session)),
  }
}

/** Of the step at which the ramp is: what each side has answered since, shadow reads apart. */
export async function describeStep(session: pg.ClientBase, percent: number): Promise<string[]> {
  const measures = (await readMeasures(session)).filter((measure) => measure.percent === percent)
  const sums = sumMeasures(measures, ({ side, shadow }) => `${side} ${shadow}`)
  return [...sums.values()].map(({ side, shadow, count, errors, buckets }) => {
    const who = shadow ? `shadow reads of the ${side} side` : `the ${side} side`
    const failed = errors > 0 ? `, ${errors} failed` : ''
    return `At ${percent} %, ${who}: ${count} reads${failed}, p50 ${ms(quantile(buckets, 0.5))}, p95 ${ms(quantile(buckets, 0.95))}.`
  })
}

function sumTimes(measures: readonly ToldMeasure[]): SideTimes[] {
  const sums = sumMeasures(measures, ({ percent, tables, side, shadow }) =>
    JSON.stringify([percent, tables, side, shadow]),
  )
  return [...sums.values()].map(({ percent, tables, side, shadow, count, errors, buckets }) => ({
    ...{ percent, side, shadow, errors, reads: count, tables: tables.join(', ') || 'other statements' },
    ...{ p50: quantile(buckets, 0.5), p95: quantile(buckets, 0.95), p99: quantile(buckets, 0.99) },
  }))
}

/** Same, settled and different ones. */
function countCompared({ outcomes }: ReadsEvidence): number {
  return ['same', 'settled', 'different'].reduce((sum, outcome) => sum + (outcomes[outcome] ?? 0), 0)
}

export function isOpen({ noise, acceptedBy }: FoundMismatch): boolean {
  return !noise && acceptedBy === null
}

/** Lines for a terminal. */
export function describeReads(evidence: ReadsEvidence): string[] {
  const { outcomes, mismatches, times, shadowPercent } = evidence
  const left = Object.entries(outcomes).filter(([outcome]) => !COMPARED.includes(outcome))
  return [
    `Clients compare what they draw, of at most ${shadowPercent} % of the reads.`,
    `${countCompared(evidence)} reads were compared: ${COMPARED.map((name) => `${outcomes[name] ?? 0} ${name}`).join(', ')}.`,
    ...left.filter(([, count]) => count > 0).map(([outcome, count]) => `  ${count} × ${outcome}`),
    ...mismatches.flatMap((one) => [
      `${one.id}: ${one.seen} × ${describeMismatch(one)}${describeStanding(one)}`,
      `    ${one.statement}`,
      ...(one.example === '' ? [] : [`    for example ${one.example}`]),
    ]),
    ...times.map((one) => describeTimes(one)),
  ]
}

const COMPARED = ['same', 'settled', 'different']

function describeStanding({ noise, noisy, acceptedBy }: FoundMismatch): string {
  if (noise) return ' (the old side differs from itself)'
  return `${noisy ? ' (the old side differs from itself, too)' : ''}${acceptedBy === null ? '' : `, accepted by ${acceptedBy}`}`
}

/** `values of title`. */
function describeMismatch({ kind, column }: Pick<FoundMismatch, 'kind' | 'column'>): string {
  if (kind === 'error') return `refused by the new side (${column})`
  if (kind === 'rows') return 'rows are missing or too many'
  if (kind === 'order') return 'another order'
  return column === '' ? `other ${kind}` : `other ${kind}: ${column}`
}

function describeTimes({ percent, tables, side, shadow, reads, errors, p50, p95, p99 }: SideTimes): string {
  const failed = errors > 0 ? `, ${errors} failed` : ''
  const who = shadow ? `${side}, shadow` : side
  return `At ${percent} %, ${tables}, ${who}: ${reads} reads${failed}, p50 ${ms(p50)}, p95 ${ms(p95)}, p99 ${ms(p99)}`
}

/** The sections of READS_REPORT.md on what clients have told. */
export function buildReadsSections(evidence: ReadsEvidence): string {
  const { outcomes, mismatches, times } = evidence
  const rows = (lines: readonly string[], none: string): string =>
    lines.length === 0 ? `| ${none} |` : lines.join('\n')
  return `
## Time and errors, old against new

Shadow reads are off the path of the requests; nobody waited for them.

| step | tables | side | reads | errors | p50 | p95 | p99 |
|---:|---|---|---:|---:|---:|---:|---:|
${rows(
  times.map(
    (t) =>
      `| ${t.percent} % | ${cell(t.tables)} | ${t.side}${t.shadow ? ', shadow' : ''} | ${t.reads} | ${t.errors} | ${ms(t.p50)} | ${ms(t.p95)} | ${ms(t.p99)} |`,
  ),
  'no client has told of its reads | | | | | | |',
)}

## Shadow reads

${countCompared(evidence)} reads were asked of both sides, each pair in one snapshot.

| outcome | reads |
|---|---:|
${rows(
  Object.entries(outcomes).map(([outcome, count]) => `| ${cell(outcome)} | ${count} |`),
  'none were compared | ',
)}

## Mismatches

| seen | what | statement | for example | accepted by |
|---:|---|---|---|---|
${rows(
  mismatches.map(
    (m) =>
      `| ${m.seen} | ${cell(describeMismatch(m))}${m.noise ? ' (old against old)' : ''} | ${cell(m.statement)} | ${cell(m.example)} | ${cell(m.acceptedBy ?? '')} |`,
  ),
  'none | | | | ',
)}
`
}

function ms(value: number | null): string {
  return value === null ? '–' : `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`
}

/** Statements and names are the application's own words. */
function cell(text: string): string {
  return text.replaceAll(/[\\|`<>*_[\]]/g, '\\$&').replaceAll('\n', ' ')
}
