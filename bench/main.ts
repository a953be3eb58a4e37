import { readFile, writeFile } from 'node:fs/promises'
import { UsageError } from '../src/lib/errors.ts'
import { orExit } from '../test/support/script.ts'
import { type Bench, type Measure, openBench } from './harness/bench.ts'
import { readMachine } from './harness/machine.ts'
import { type Options, readOptions } from './harness/options.ts'
import { plotGrowth } from './harness/plot.ts'
import { buildResults, describeFigure, type Growth, type Results } from './harness/results.ts'
import { MEASURES } from './measures/all.ts'

const FIGURES = new URL('results.json', import.meta.url)
const PAGE = new URL('RESULTS.md', import.meta.url)
const PLOT = new URL('growth.svg', import.meta.url)

const say = (text: string): void => void process.stderr.write(`${text}\n`)

async function main(options: Options): Promise<void> {
  const measures = choose(options)
  const bench = await openBench(options, say)
  try {
    const machine = await readMachine(bench.url)
    let results = await readResults()
    if (options.growth) {
      await measureGrowth(bench, measures, async (found) => {
        const points = withPoints(results.growth?.points ?? [], found)
        results = { ...results, machine, growth: { at: machine.at, points } }
        if (options.quick) return
        await writeFile(PLOT, plotGrowth(points))
        await save(results)
      })
    } else
      for (const measure of measures) {
        say(`\n${measure.name}: ${measure.title}`)
        const figures = await measure.run(bench)
        for (const figure of figures) process.stdout.write(`${measure.name}: ${describeFigure(figure)}\n`)
        const { name, title, how } = measure
        const rows = measure.rowless ? null : options.rows
        const done = { name, title, how, rows, at: machine.at, figures }
        results = { ...results, machine, measures: { ...results.measures, [name]: done } }
        if (!options.quick) await save(results)
      }
  } finally {
    await bench.close()
  }
}

/** All that are named; throws UsageError for a name that is none. */
function choose({ only, growth }: Options): readonly Measure[] {
  for (const name of only)
    if (!MEASURES.some((measure) => measure.name === name))
      throw new UsageError('bench.measure', `There is no measure ${name}.`, {
        hint: `There are: ${MEASURES.map((measure) => measure.name).join(', ')}.`,
      })
  const chosen = MEASURES.filter(({ name }) => only.length === 0 || only.includes(name))
  return growth ? chosen.filter((measure) => measure.grows) : chosen
}

/** From so many rows on a round takes many minutes, and one tells more than nothing. */
const FEW_ROUNDS_FROM = 5_000_000

/** The same measures at several sizes; what counts is how each side grows. What is found is kept after each. */
async function measureGrowth(
  bench: Bench,
  measures: readonly Measure[],
  keep: (found: readonly Growth[]) => Promise<void>,
): Promise<void> {
  for (const rows of bench.options.sizes)
    for (const measure of measures) {
      say(`\n${measure.name}, ${rows} rows`)
      const found: Growth[] = []
      const options = { ...bench.options, quick: bench.options.quick || rows >= FEW_ROUNDS_FROM }
      for (const { line, unit, a, value } of await measure.run({ ...bench, rows, options })) {
        if (line === undefined) continue
        found.push({ line, unit, rows, value: a?.median ?? value ?? Number.NaN })
        process.stdout.write(`${line}, ${rows} rows: ${a?.median ?? value} ${unit}\n`)
      }
      await keep(found)
    }
}

/** Points of the same line at the same size are replaced. */
function withPoints(points: readonly Growth[], found: readonly Growth[]): Growth[] {
  const isNew = (one: Growth): boolean => found.some(({ line, rows }) => line === one.line && rows === one.rows)
  return [...points.filter((one) => !isNew(one)), ...found]
}

async function readResults(): Promise<Results> {
  try {
    return JSON.parse(await readFile(FIGURES, 'utf8')) as Results
  } catch {
    return { machine: null, measures: {}, growth: null }
  }
}

async function save(results: Results): Promise<void> {
  await writeFile(FIGURES, `${JSON.stringify(results, null, 2)}\n`)
  await writeFile(
    PAGE,
    buildResults(
      results,
      MEASURES.map((measure) => measure.name),
    ),
  )
}

try {
  await main(orExit(() => readOptions(process.argv.slice(2))))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  say(`${error.message} ${error.hint ?? ''}`)
  process.exitCode = 2
}
