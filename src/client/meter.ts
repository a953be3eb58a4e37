import type { MeasuredRead } from './measures.ts'

type Attributes = Readonly<Record<string, string | boolean>>

/** As much of a `Meter` of `@opentelemetry/api` as is used; hand in `metrics.getMeter('…')`. */
export interface Meter {
  createHistogram(
    name: string,
    options: { description: string; unit: string },
  ): { record(value: number, attributes: Attributes): void }
  createCounter(name: string, options: { description: string }): { add(value: number, attributes: Attributes): void }
}

/** Hands each read on to OpenTelemetry: its seconds, or that it failed. */
export function recordTo(meter: Meter): (read: MeasuredRead) => void {
  const duration = meter.createHistogram('crossfade.read.duration', {
    description: 'Reads of migrated tables, by the side that answered',
    unit: 's',
  })
  const errors = meter.createCounter('crossfade.read.errors', { description: 'Reads that failed, by side' })
  return ({ side, shadow, tables, ms, failed }) => {
    const attributes = { 'crossfade.side': side, 'crossfade.shadow': shadow, 'db.collection.name': tables.join(',') }
    if (failed) errors.add(1, attributes)
    else duration.record(ms / 1000, attributes)
  }
}
