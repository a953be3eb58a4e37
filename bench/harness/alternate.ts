import { type Spread, summarize } from './statistics.ts'

/** One round of one side; returns what was measured, in any unit. */
export type Sample = (round: number) => Promise<number>

export interface Alternated {
  readonly a: Spread
  readonly b: Spread
  /** Of each round's pair, so that what slows the machine for a while slows both. */
  readonly ratio: Spread
}

/**
 * Measures two sides by turns: A B, B A, A B …, after `warmUp` rounds that don't count. Rounds are numbered from 0, those
 * of the warm-up included.
 */
export async function alternate(
  a: Sample,
  b: Sample,
  options: { readonly rounds: number; readonly warmUp?: number },
): Promise<Alternated> {
  const { ab } = await alternateAll({ a, b }, { ...options, ratios: { ab: ['a', 'b'] } })
  return ab
}

/** The same for more than two sides; each ratio names its two. */
export async function alternateAll<Side extends string, Ratio extends string>(
  sides: Readonly<Record<Side, Sample>>,
  options: {
    readonly rounds: number
    readonly warmUp?: number
    readonly ratios: Readonly<Record<Ratio, readonly [Side, Side]>>
  },
): Promise<Record<Ratio, Alternated>> {
  const names = Object.keys(sides) as Side[]
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Side, number[]>
  const warmUp = options.warmUp ?? 0
  for (let round = 0; round < warmUp + options.rounds; round++) {
    const order = round % 2 === 0 ? names : names.toReversed()
    for (const name of order) {
      const value = await sides[name](round)
      if (round >= warmUp) values[name].push(value)
    }
  }
  const ratios = Object.entries(options.ratios) as [Ratio, readonly [Side, Side]][]
  return Object.fromEntries(
    ratios.map(([ratio, [a, b]]) => [
      ratio,
      {
        a: summarize(values[a]),
        b: summarize(values[b]),
        ratio: summarize(values[a].map((value, i) => value / (values[b][i] ?? Number.NaN))),
      },
    ]),
  ) as Record<Ratio, Alternated>
}
