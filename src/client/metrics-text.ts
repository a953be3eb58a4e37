import { endOf } from './histogram.ts'
import { type Measure, sumMeasures } from './measures.ts'

/** In seconds, as Prometheus counts. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export interface MetricsSource {
  readonly measures: readonly Measure[]
  /** Name without prefix → value. */
  readonly gauges: Readonly<Record<string, number>>
  readonly counters: Readonly<Record<string, number>>
  /** Of shadow reads, by outcome. */
  readonly outcomes: Readonly<Record<string, number>>
}

/** All that was counted, in the text format of Prometheus; by tables and side, since statements are too many labels. */
export function writeMetrics({ measures, gauges, counters, outcomes }: MetricsSource): string {
  const byLabels = sumMeasures(measures, (measure) => labelsOf(measure))
  return [
    ...Object.entries(gauges).flatMap(([name, value]) => simple(name, 'gauge', value)),
    ...Object.entries(counters).flatMap(([name, value]) => simple(`${name}_total`, 'counter', value)),
    '# TYPE crossfade_shadow_reads_total counter',
    ...Object.entries(outcomes).map(
      ([outcome, count]) => `crossfade_shadow_reads_total{outcome=${quote(outcome)}} ${count}`,
    ),
    '# TYPE crossfade_read_errors_total counter',
    ...[...byLabels].map(([labels, { errors }]) => `crossfade_read_errors_total{${labels}} ${errors}`),
    '# TYPE crossfade_read_duration_seconds histogram',
    ...[...byLabels].flatMap(([labels, measure]) => writeHistogram(labels, measure)),
    '',
  ].join('\n')
}

function simple(name: string, type: string, value: number): string[] {
  return [`# TYPE crossfade_${name} ${type}`, `crossfade_${name} ${value}`]
}

function labelsOf({ tables, side, shadow }: Measure): string {
  return `tables=${quote(tables.join(','))},side="${side}",shadow="${shadow}"`
}

function writeHistogram(labels: string, { buckets, sumMs, count, errors }: Measure): string[] {
  const within = (seconds: number): number =>
    [...buckets].reduce((sum, [bucket, reads]) => (endOf(bucket) <= seconds * 1000 ? sum + reads : sum), 0)
  const name = 'crossfade_read_duration_seconds'
  return [
    ...BOUNDS.map((bound) => `${name}_bucket{${labels},le="${bound}"} ${within(bound)}`),
    `${name}_bucket{${labels},le="+Inf"} ${count - errors}`,
    `${name}_sum{${labels}} ${sumMs / 1000}`,
    `${name}_count{${labels}} ${count - errors}`,
  ]
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
