import type { Alternated } from './alternate.ts'
import type { Spread } from './statistics.ts'

export interface Aim {
  readonly atMost?: number
  readonly atLeast?: number
}

/** A line of the results: two sides and their ratio, or one value alone. */
export interface Figure {
  /** Which table, statement, number of clients. */
  readonly of: string
  /** What the sides are measured in. */
  readonly unit: string
  readonly a?: Spread
  readonly b?: Spread
  readonly ratio?: Spread
  /** A value without another side. */
  readonly value?: number
  readonly aim?: Aim
  /** Commits are durable, as in production; null where it makes no difference. */
  readonly durable?: boolean
  /** The growth plot has a line of this name, of side `a` in its unit. */
  readonly line?: string
  readonly note?: string
}

export function compared(of: string, unit: string, measured: Alternated, more: Partial<Figure> = {}): Figure {
  return { of, unit, ...measured, ...more }
}

export function single(of: string, unit: string, value: number, more: Partial<Figure> = {}): Figure {
  return { of, unit, value, ...more }
}

/** Whether the aim is reached; null where there is none. */
export function isReached({ aim, ratio, value }: Figure): boolean | null {
  if (!aim) return null
  const measured = ratio?.median ?? value ?? Number.NaN
  return measured <= (aim.atMost ?? Number.POSITIVE_INFINITY) && measured >= (aim.atLeast ?? Number.NEGATIVE_INFINITY)
}
