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
      const growth = await measureGrowth(bench, measures)
      results = { ...results, machine, growth: { at: machine.at, points: growth } }
      if (!options.quick) await writeFile(PLOT, plotGrowth(growth))
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
    if (!options.quick) await save(results)
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

/** The same measures at several sizes; what counts is how each side grows. */
async function measureGrowth(bench: Bench, measures: readonly Measure[]): Promise<Growth[]> {
  const found: Growth[] = []
  for (const rows of bench.options.sizes)
    for (const measure of measures) {
      say(`\n${measure.name}, ${rows} rows`)
      for (const { line, unit, a, value } of await measure.run({ ...bench, rows })) {
        if (line === undefined) continue
        found.push({ line, unit, rows, value: a?.median ?? value ?? Number.NaN })
        process.stdout.write(`${line}, ${rows} rows: ${a?.median ?? value} ${unit}\n`)
      }
    }
  return found
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
